/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

#define BODY \
	"logsource: {category: process_creation}\ndetection:\n    s:\n        Image: /a\n    condition: s\n"

static void levels(void **state)
{
	static const struct {
		const char *level;
		enum pk_rules_priority priority;
	} levels[] = { { "level: critical\n", PK_RULES_CRITICAL },
		       { "level: High\n", PK_RULES_ERROR },
		       { "level: medium\n", PK_RULES_WARNING },
		       { "level: low\n", PK_RULES_NOTICE },
		       { "level: informational\n", PK_RULES_INFORMATIONAL },
		       { "", PK_RULES_NOTICE } };

	for (size_t i = 0; i < PK_ARRAY_SIZE(levels); i++) {
		char text[512];

		snprintf(text, sizeof(text), "title: T\n%s" BODY, levels[i].level);
		{
			loaded_cleanup struct loaded loaded = load(text);

			assert_clean(&loaded);
			assert_int_equal(loaded.rules->items[0]->priority, levels[i].priority);
		}
	}
	assert_mistake("title: T\nlevel: hihg\n" BODY,
		       "unknown level 'hihg'; did you mean 'high'?");
}

static void ours(void **state)
{
	loaded_cleanup struct loaded loaded = load(
		"title: T\ntags: [attack.t1059]\naction: kill\non_unknown: act\ntag: x 5m on tree\n"
		"limit: 1 per 1m\n" BODY);
	const struct pk_rule *rule;

	assert_clean(&loaded);
	rule = loaded.rules->items[0];
	assert_int_equal(rule->action, PK_RULES_ACTION_KILL);
	assert_int_equal(rule->on_unknown, PK_RULES_UNKNOWN_ACT);
	assert_string_equal(rule->tag.name, "x");
	assert_int_equal(rule->limit.cnt, 1);
	assert_int_equal(rule->tags_cnt, 1);
	assert_string_equal(rule->tags[0], "attack.t1059");
	assert_mistake("title: T\naction: explode\n" BODY, "explode");
}

static void wrong(void **state)
{
	assert_mistake("title: T\n", "a Sigma rule has a 'logsource'");
	assert_mistake("logsource: {category: process_creation}\n", "a Sigma rule has a 'title'");
	assert_mistake("title: [a]\n" BODY, "'title' takes a text");
	assert_mistake("title: T\nlogsource: {category: process_creation}\n", "has a 'detection'");
	assert_mistake("title: T\nlogsource: {category: process_creation}\ndetection: x\n",
		       "has a 'detection'");
	assert_mistake(
		"title: T\nlogsource: {category: process_creation}\ndetection: {s: {Image: a}}\n",
		"'detection' has no 'condition'");
	assert_mistake(
		"title: T\nlogsource: {category: process_creation}\ndetection: {condition: s}\n",
		"'detection' has no selection");
	assert_mistake("title: T\nauthor: [a]\n" BODY, "'author' takes a text");
	/* no YAML, and none of ours */
	assert_mistake("title: \"T\n", "error: ");
	assert_mistake("x: y\n", "rules are a sequence");
}

/* Documents that are none by themselves. */
static void no_rules(void **state)
{
	assert_left_out("title: T\ncorrelation: {type: event_count}\n", "correlations are about");
	assert_left_out("title: T\nlogsource: {product: linux}\nfilter: {rules: [a]}\n",
			"filters for rules of others");
	assert_left_out("action: global\ntitle: T\n", "documents that others of the file build on");
	{
		loaded_cleanup struct loaded loaded = load("action: global\ntitle: T\n---\n" BODY
							   "---\n" BODY);

		assert_int_equal(loaded.rules->cnt, 0);
		assert_int_equal(loaded.rules->left_out_cnt, 3);
		assert_said(&loaded, "it builds on the document with 'action: global' above");
	}
}

static void documents(void **state)
{
	loaded_cleanup struct loaded loaded = load("title: T\n" BODY "---\ntitle: U\n" BODY
						   "---\n" RULE("f", "a.b exists"));

	assert_clean(&loaded);
	assert_int_equal(loaded.rules->cnt, 3);
	assert_null(loaded.rules->items[2]->sigma);
}

/* One that is left out does not keep others from being loaded. */
static void others_go_on(void **state)
{
	loaded_cleanup struct loaded loaded = load("title: T\n" BODY
						   "---\ntitle: U\nlogsource: {service: sshd}\n");

	assert_int_equal(loaded.rules->cnt, 1);
	assert_int_equal(loaded.rules->left_out_cnt, 1);
}

static void unused(void **state)
{
	loaded_cleanup struct loaded loaded = load(
		"title: T\nlogsource: {category: process_creation}\ndetection:\n    s:\n"
		"        Image: /a\n    t:\n        Image: /b\n    condition: s\n");

	assert_clean(&loaded);
	assert_said(&loaded, "selection 't' is used by no condition");
}

static void never(void **state)
{
	loaded_cleanup struct loaded loaded = load(
		"title: T\nlogsource: {service: auditd}\ndetection:\n    s:\n        type: EXECVE\n"
		"    t:\n        type: TTY\n    condition: 1 of *\n");

	assert_said(&loaded, "never true: no event of the kernel is behind records of type 'TTY'");
	assert_int_equal(loaded.rules->cnt, 1);
}

static void title_limit(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		char title[PK_MAX_RULE_NAME_BYTES + 2];
		char text[PK_MAX_RULE_NAME_BYTES + 512];

		memset(title, 't', sizeof(title));
		title[PK_MAX_RULE_NAME_BYTES + over] = '\0';
		snprintf(text, sizeof(text), "title: %s\n" BODY, title);
		if (over) {
			assert_mistake(text, "title of 1025 bytes; the limit is 1024");
		} else {
			loaded_cleanup struct loaded loaded = load(text);

			assert_clean(&loaded);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),      cmocka_unit_test(ours),
		cmocka_unit_test(wrong),       cmocka_unit_test(no_rules),
		cmocka_unit_test(documents),   cmocka_unit_test(others_go_on),
		cmocka_unit_test(unused),      cmocka_unit_test(never),
		cmocka_unit_test(title_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
