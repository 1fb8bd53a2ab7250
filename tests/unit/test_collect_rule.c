/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void said(const char *text, const char *expected, bool loads)
{
	loaded_cleanup struct loaded loaded = load(text);

	assert_said(&loaded, expected);
	assert_int_equal(loaded.rules != NULL, loads);
}

static void incomplete(void **state)
{
	said("- rule: r\n  condition: a.b ~ c\n", "rule without 'desc'", false);
	said("- rule: r\n  condition: a.b ~ c\n", "f0:2:18: error: unknown operator", false);
	said(RULE("r", "a.b exists") "- rule: r\n  action: deny\n", "name them in 'override'",
	     false);
	said("- rule: r\n  enabled: false\n", "no rule 'r' is defined before", false);
	said("- rule: r\n  condition: and a\n  append: true\n", "no rule 'r' is defined before",
	     false);
}

static void changed_by_the_user(void **state)
{
	static const char *const texts[] = {
		RULE("r", "a.b exists") "  tags: [x]\n" RULE("s", "a.b exists"),
		"- rule: r\n  action: deny\n  tags: [y]\n  desc: more\n  priority: Error\n"
		"  override: {action: replace, tags: append, desc: append, priority: replace}\n"
		"- rule: s\n  enabled: no\n",
	};
	loaded_cleanup struct loaded loaded = load_files(NULL, texts, 2);
	const struct pk_rule *rule = rule_of(&loaded, "r");

	assert_clean(&loaded);
	assert_int_equal(rule->action, PK_RULES_ACTION_DENY);
	assert_int_equal(rule->action_pos.file_idx, 1);
	assert_int_equal(rule->tags_cnt, 2);
	assert_string_equal(rule->desc.data, "d more");
	assert_int_equal(rule->priority, PK_RULES_ERROR);
	assert_true(rule->enabled);
	assert_false(rule_of(&loaded, "s")->enabled);
}

static void redefined(void **state)
{
	loaded_cleanup struct loaded loaded = load(
		RULE("r", "a.b exists") "  action: deny\n" RULE("s", "a.b exists")
			RULE("r", "c.d exists"));

	assert_clean(&loaded);
	assert_int_equal(loaded.rules->cnt, 2);
	assert_string_equal(loaded.rules->items[0]->name, "r");
	assert_int_equal(loaded.rules->items[0]->action, PK_RULES_ACTION_ALERT);
	assert_condition(&loaded, "r", "c.d exists");
}

static void append_reaches_little(void **state)
{
	said(RULE("r",
		  "a.b exists") "- rule: r\n  condition: and c.d exists\n  action: deny\n  append: true\n",
	     "'append' does not reach 'action'", false);
	said(RULE("r", "a.b exists") "- rule: r\n  tags: [x]\n  append: true\n",
	     "needs a 'condition'", false);
}

static void other_sources(void **state)
{
	loaded_cleanup struct loaded loaded =
		load(RULE("r", "ka.verb = x") "  source: k8s_audit\n" RULE("s", "a.b exists"));

	assert_said(&loaded, "warning: rule of source 'k8s_audit' is left out");
	assert_int_equal(loaded.rules->cnt, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(incomplete),    cmocka_unit_test(changed_by_the_user),
		cmocka_unit_test(redefined),     cmocka_unit_test(append_reaches_little),
		cmocka_unit_test(other_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
