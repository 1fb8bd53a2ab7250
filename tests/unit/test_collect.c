/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void said(const char *text, const char *expected, bool loads)
{
	loaded_cleanup struct loaded loaded = load(text);

	assert_said(&loaded, expected);
	assert_int_equal(loaded.rules != NULL, loads);
}

static void versions(void **state)
{
	said("- required_engine_version: 63\n", "", true);
	said("- required_engine_version: 64\n", "need engine 0.64.0", false);
	said("- required_engine_version: 0.63.9\n", "", true);
	said("- required_engine_version: 1.0.0\n", "need engine 1.0.0", false);
	said("- required_engine_version: 0.5.0-rc1\n", "", true);
	said("- required_engine_version: 0.5\n", "a version is", false);
	said("- required_engine_version: x\n", "a version is", false);
	said("- required_plugin_versions:\n  - name: container\n    version: 0.4.0\n", "", true);
	said("- required_plugin_versions:\n  - name: json\n    version: 0.4.0\n",
	     "warning: there are no plugins", true);
	said("- required_plugin_versions:\n  - name: json\n", "has a 'name' and a 'version'",
	     false);
	said("- required_plugin_versions: x\n", "takes a sequence", false);
}

static void macros_and_lists(void **state)
{
	said("- macro: m\n", "macro without 'condition'", false);
	said("- list: l\n", "list without 'items'", false);
	said("- list: l\n  items: x\n", "'items' takes a sequence", false);
	said("- list: l\n  items: [[x]]\n", "an item of a list is a text", false);
	said("- list: l\n  items: [x]\n  append: true\n", "no list 'l' is defined before", false);
	said("- macro: m-x\n  condition: a.b exists\n", "warning: a macro's name is", true);
}

static void item_length(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		char *item = repeated("x", PK_MAX_STRING_BYTES + over);

		pk_buf_add_str(&text, "- list: l\n  items:\n  - ");
		pk_buf_add_str(&text, item);
		pk_buf_add_str(&text, "\n" RULE("r", "a.b in (l)"));
		pk_buf_add_char(&text, '\0');
		said(text.data, over ? "item of 4097 bytes" : "", !over);
		free(item);
	}
}

static void several_files(void **state)
{
	static const char *const texts[] = {
		"- list: l\n  items: [x]\n- macro: m\n  condition: a.b in (l)\n" RULE("r", "m"),
		"- list: l\n  items: [y]\n  append: true\n- macro: m\n  condition: or c.d exists\n"
		"  override: {condition: append}\n",
	};
	loaded_cleanup struct loaded loaded = load_files(NULL, texts, 2);

	assert_clean(&loaded);
	assert_condition(&loaded, "r", "(a.b in (x, y) or c.d exists)");
}

static void mistake_in_appended_part(void **state)
{
	static const char *const texts[] = {
		"- macro: m\n  condition: a.b exists\n",
		"- macro: m\n  condition: or c.d ~ x\n  append: true\n",
	};
	loaded_cleanup struct loaded loaded = load_files(NULL, texts, 2);

	assert_refused(&loaded, "f1:2:21: error: unknown operator '~'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions),
		cmocka_unit_test(macros_and_lists),
		cmocka_unit_test(item_length),
		cmocka_unit_test(several_files),
		cmocka_unit_test(mistake_in_appended_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
