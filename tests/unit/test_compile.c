/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void said(const char *text, const char *expected, bool loads)
{
	loaded_cleanup struct loaded loaded = load(text);

	assert_said(&loaded, expected);
	assert_int_equal(loaded.rules != NULL, loads);
}

static void macros_are_shared(void **state)
{
	loaded_cleanup struct loaded loaded = load(
		"- macro: m\n  condition: a.b exists and c.d exists\n" RULE("r", "m and e.f exists")
			RULE("s", "m"));
	const struct pk_rules_node *node = rule_of(&loaded, "r")->condition;

	assert_clean(&loaded);
	assert_ptr_equal(node->children[0], rule_of(&loaded, "s")->condition);
	assert_string_equal(node->children[0]->macro, "m");
	assert_int_equal(node->weight, 5);
	assert_int_equal(node->depth, 3);
}

static void mistakes(void **state)
{
	said("- macro: spawned\n  condition: a.b exists\n" RULE("r", "spawend"),
	     "f0:7:14: error: unknown macro 'spawend'; did you mean 'spawned'?", false);
	said("- list: l\n  items: [x, y]\n" RULE("r", "a.b exists or ll"), "unknown macro 'll'",
	     false);
	said("- macro: a\n  condition: b\n- macro: b\n  condition: c.d exists\n",
	     "defined after this one", false);
	said("- macro: a\n  condition: c.d exists\n- macro: b\n  condition: a\n- macro: a\n  condition: b\n",
	     "contains itself", false);
	said("- macro: a\n  condition: a\n", "contains itself", false);
	said(RULE("r", "a.b in (x) and c.d in lst"), "unknown list 'lst'", false);
	said("- macro: m\n  condition: a.b exists\n- list: l\n  items: []\n",
	     "f0:1:10: note: macro 'm' is used by no rule", true);
}

static char *macro_chain(unsigned int cnt, const char *format)
{
	struct pk_buf text = PK_BUF_INIT;
	char line[96];

	pk_buf_add_str(&text, "- macro: m0\n  condition: a.b exists\n");
	for (unsigned int i = 1; i <= cnt; i++) {
		snprintf(line, sizeof(line), "- macro: m%u\n  condition: ", i);
		pk_buf_add_str(&text, line);
		snprintf(line, sizeof(line), "m%u", i - 1);
		for (const char *c = format; *c; c++)
			*c == '%' ? pk_buf_add_str(&text, line) : pk_buf_add_char(&text, *c);
		pk_buf_add_str(&text, "\n");
	}
	pk_buf_add_char(&text, '\0');
	return text.data;
}

static void macro_depth(void **state)
{
	char *at = macro_chain(PK_MAX_MACRO_DEPTH, "%");
	char *past = macro_chain(PK_MAX_MACRO_DEPTH + 1, "%");

	said(at, "", true);
	said(past, "macros within macros more than 64 deep", false);
	free(at);
	free(past);
}

static void weight(void **state)
{
	char *at = macro_chain(19, "% and %");
	char *past = macro_chain(20, "% and %");

	said(at, "", true); /* 2^20 - 1 */
	said(past, "more than 1048576 parts", false);
	free(at);
	free(past);
}

static bool known(void *arg, struct pk_rules_field_query *query)
{
	query->suggestion = "proc.name";
	return !strncmp(query->name, "a.", 2) && (!query->field_arg || query->field_arg[0] == '1');
}

static void fields(void **state)
{
	static const struct pk_rules_options options = { .field_known = known };
	static const char *const bad[] = {
		"- macro: m\n  condition: x.y exists\n" RULE("r", "m and a.b[2] exists")
			RULE("s", "m")
	};
	static const char *const skipped[] = { "- macro: m\n  condition: x.y exists\n" RULE(
		"r", "m") "  skip-if-unknown-filter: true\n" RULE("s", "a.b[1] exists") };
	static const char *const unused[] = { "- macro: m\n  condition: x.y exists\n" };
	loaded_cleanup struct loaded one = load_files(&options, bad, 1);
	loaded_cleanup struct loaded two = load_files(&options, skipped, 1);
	loaded_cleanup struct loaded three = load_files(&options, unused, 1);

	assert_refused(&one, "f0:2:14: error: unknown field 'x.y'; did you mean 'proc.name'?");
	assert_refused(&one, "f0:7:20: error: unknown field 'a.b[2]'");
	assert_int_equal(pk_rules_loader_get_ctx(one.loader)->diags.errors_cnt, 2);
	assert_said(&two, "warning: rule is left out, as it asks to be");
	assert_int_equal(two.rules->cnt, 1);
	assert_non_null(three.rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macros_are_shared),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(macro_depth),
		cmocka_unit_test(weight),
		cmocka_unit_test(fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
