/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "rules/words.h"

#define REST "  desc: d\n  output: o\n  condition: a.b exists\n"

static void duration_is(const char *text, uint64_t expected)
{
	uint64_t ns = 0;

	assert_int_equal(pk_rules_read_duration(text, strlen(text), &ns), expected != 0);
	assert_int_equal(ns, expected);
}

static void durations(void **state)
{
	duration_is("1ms", 1000000);
	duration_is("500ms", 500000000);
	duration_is("10s", 10000000000);
	duration_is("1m", 60000000000);
	duration_is("2h", 7200000000000);
	duration_is("365d", 31536000000000000);
	duration_is("366d", 0);
	duration_is("0s", 0);
	duration_is("1", 0);
	duration_is("s", 0);
	duration_is("", 0);
	duration_is("1.5s", 0);
	duration_is("-1s", 0);
	duration_is("1 s", 0);
	duration_is("99999999999999999999s", 0);
}

static void ours(void **state)
{
	loaded_cleanup struct loaded loaded = load(
		"- rule: r\n  priority: info\n" REST "  action: kill\n  on_unknown: act\n"
		"  tag: wrote.exe 10m on tree\n  limit: 5 per 1h\n  tags: [a, b, a]\n"
		"- rule: s\n  priority: Debug\n" REST "  tag: x on container\n"
		"- rule: t\n  priority: EMERGENCY\n" REST "  tag: y 1s\n  limit: none\n");
	const struct pk_rule *rule = rule_of(&loaded, "r");

	assert_clean(&loaded);
	assert_int_equal(rule->priority, PK_RULES_INFORMATIONAL);
	assert_int_equal(rule->action, PK_RULES_ACTION_KILL);
	assert_int_equal(rule->on_unknown, PK_RULES_UNKNOWN_ACT);
	assert_string_equal(rule->tag.name, "wrote.exe");
	assert_int_equal(rule->tag.ttl_ns, 600000000000);
	assert_int_equal(rule->tag.scope, PK_RULES_TAG_TREE);
	assert_int_equal(rule->limit.cnt, 5);
	assert_int_equal(rule->limit.duration_ns, 3600000000000);
	assert_int_equal(rule->tags_cnt, 2);
	rule = rule_of(&loaded, "s");
	assert_int_equal(rule->action, PK_RULES_ACTION_ALERT);
	assert_int_equal(rule->tag.scope, PK_RULES_TAG_CONTAINER);
	assert_int_equal(rule->tag.ttl_ns, 0);
	assert_int_equal(rule->limit.cnt, 0);
	assert_true(pk_rules_tells(rule));
	assert_int_equal(rule_of(&loaded, "t")->tag.ttl_ns, 1000000000);
	assert_false(pk_rules_tells(rule_of(&loaded, "t")));
}

static void refuses(const char *line, const char *expected)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	pk_buf_add_str(&text, "- rule: r\n" REST);
	if (!strstr(line, "priority"))
		pk_buf_add_str(&text, "  priority: INFO\n");
	pk_buf_add_str(&text, line);
	pk_buf_add_char(&text, '\0');
	{
		loaded_cleanup struct loaded loaded = load(text.data);

		assert_refused(&loaded, expected);
	}
}

static void mistakes(void **state)
{
	refuses("  action: Deny\n", "'action' is alert, deny or kill; did you mean 'deny'?");
	refuses("  action: [deny]\n", "'action' takes a text, not a sequence");
	refuses("  on_unknown: yes\n", "'on_unknown' is pass or act");
	refuses("  priority: WARNNG\n", "unknown priority 'WARNNG'; did you mean 'Warning'?");
	refuses("  tag: [a]\n", "did you mean 'tags'?");
	refuses("  tag: a!\n", "a tag's name is");
	refuses("  tag: a 10\n", "f0:6:10: error: expected how long");
	refuses("  tag: a on\n", "expected process, tree or container");
	refuses("  tag: a on tre\n", "did you mean 'tree'?");
	refuses("  tag: a on tree x\n", "f0:6:18: error: expected nothing more");
	refuses("  tag: a 1s tree\n", "expected 'on'");
	refuses("  limit: 0 per 1m\n", "expected a number from 1");
	refuses("  limit: 4294967296 per 1m\n", "expected a number from 1");
	refuses("  limit: 4294967295 per 1m\n", "expected a number from 1");
	refuses("  limit: none per 1m\n", "expected nothing more");
	refuses("  limit: 5/1m\n", "expected a number from 1");
	refuses("  limit: 5 per\n", "expected a duration");
	refuses("  limit: 5 per 1m 2\n", "expected nothing more");
	refuses("  enabled: maybe\n", "'enabled' is true or false");
	refuses("  capture_duration: x\n", "'capture_duration' is a number");
	refuses("  tags: a\n", "'tags' takes a sequence");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations),
		cmocka_unit_test(ours),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
