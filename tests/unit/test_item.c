/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void said(const char *text, const char *expected, bool loads)
{
	loaded_cleanup struct loaded loaded = load(text);

	assert_said(&loaded, expected);
	assert_int_equal(loaded.rules != NULL, loads);
}

static void keys(void **state)
{
	said(RULE("r", "a.b exists") "  prioritty: x\n",
	     "warning: unknown key 'prioritty' in a rule; did you mean 'priority'?", true);
	said(RULE("r", "a.b exists") "  acton: deny\n",
	     "error: unknown key 'acton' in a rule; did you mean 'action'?", false);
	said(RULE("r", "a.b exists") "  on-unknown: act\n", "error: unknown key", false);
	said(RULE("r", "a.b exists") "  items: [x]\n", "warning: 'items' means nothing in a rule",
	     true);
	said("- list: l\n  items: []\n  action: deny\n", "error: 'action' means nothing in a list",
	     false);
	said(RULE("r", "a.b exists") "  macro: x\n", "error: 'macro' means nothing in a rule",
	     false);
	said("- ruel: x\n", "error: no rule, macro, list", false);
	said("- foo: x\n", "warning: no rule, macro, list", true);
	said("- {}\n", "warning: empty entry", true);
	said("- x\n", "error: expected a rule, a macro or a list", false);
	said("- rule:\n", "error: 'rule' is empty", false);
}

static void overrides(void **state)
{
	said("- list: l\n  items: []\n  override: {items: apend}\n", "did you mean 'append'?",
	     false);
	said("- list: l\n  items: []\n  override: {item: append}\n",
	     "'item' cannot be overridden in a list; did you mean 'items'?", false);
	said("- list: l\n  items: []\n  override: append\n", "'override' takes a mapping", false);
	said(RULE("r", "a.b exists") "- rule: r\n  action: deny\n  override: {action: append}\n",
	     "'action' can be overridden with replace only", false);
}

static void name_limit(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		char *name = repeated("x", PK_MAX_RULE_NAME_BYTES + over);

		pk_buf_add_str(&text, "- macro: ");
		pk_buf_add_str(&text, name);
		pk_buf_add_str(&text, "\n  condition: a.b exists\n");
		pk_buf_add_char(&text, '\0');
		said(text.data, over ? "name of 1025 bytes" : "", !over);
		free(name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(overrides),
		cmocka_unit_test(name_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
