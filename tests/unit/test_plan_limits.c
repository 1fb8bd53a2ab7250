/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel's tables have room for, at the limit and one past it: past it the comparison is left to
 * user space, and a rule that would have to deny by it is refused with the reason.
 */
#include "plans.h"

#define DENY "  action: deny\n"
#define OPEN PK_FIELD_KIND(PK_EVENT_OPEN)

static void add(struct pk_buf *buf, const char *text)
{
	assert_int_equal(pk_buf_add_str(buf, text), 0);
}

static void add_rule(struct pk_buf *buf, size_t i, const char *condition, const char *more)
{
	char line[64];

	snprintf(line, sizeof(line), "- rule: r%zu\n", i);
	add(buf, line);
	add(buf, "  desc: d\n  output: o\n  priority: INFO\n  condition: ");
	add(buf, condition);
	add(buf, "\n");
	add(buf, more);
}

static struct planned plan_lsm(struct pk_buf *text)
{
	assert_int_equal(pk_buf_add_char(text, '\0'), 0);
	return plan_with(text->data, (struct pk_plan_options){ .backend = PK_BACKEND_LSM });
}

/* A rule that alerts by this condition, and one that denies. `why` NULL: the kernel decides. */
static void decided(const char *condition, const char *why)
{
	pk_buf_cleanup struct pk_buf alert = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf deny = PK_BUF_INIT;

	add_rule(&alert, 0, condition, "");
	add_rule(&deny, 0, condition, DENY);
	{
		planned_cleanup struct planned alerting = plan_lsm(&alert);
		planned_cleanup struct planned denying = plan_lsm(&deny);

		assert_int_equal(alerting.err, 0);
		assert_int_equal(alerting.plan->plan_rules[0].kernel_kinds, why ? 0 : OPEN);
		assert_int_equal(denying.err, why ? -EBADMSG : 0);
		if (!why)
			return;
		assert_string_equal(alerting.plan->plan_rules[0].notes->text, why);
		assert_planned_said(&denying, why);
		assert_planned_said(&denying, "rule 'r0' cannot deny: what it does must be decided "
					      "in the kernel, and this is not: ");
	}
}

/* ---- texts ---- */

static void test_length_of_texts(void **state)
{
	static const char *const ops[] = { "=", "in", "startswith" };

	for (size_t len = PK_EXACT_BYTES_MAX; len <= PK_EXACT_BYTES_MAX + 1; len++) {
		char *name = repeated("x", len - 1);

		for (size_t i = 0; i < PK_ARRAY_SIZE(ops); i++) {
			char condition[512];

			snprintf(condition, sizeof(condition),
				 "evt.type = open and fd.name %s %s/%s%s", ops[i],
				 i == 1 ? "(" : "", name, i == 1 ? ")" : "");
			decided(condition, len > PK_EXACT_BYTES_MAX ?
						   "a text is longer than the kernel compares" :
						   NULL);
		}
		free(name);
	}
}

static void test_distant_ancestors(void **state)
{
	decided("evt.type = open and proc.aname[7] = sh", NULL);
	decided("evt.type = open and proc.aname[8] = sh",
		"so distant an ancestor is not looked at");
}

/* ---- sets of ancestors' names ---- */

static void test_sets_of_ancestors(void **state)
{
	const size_t fit = 64 * PK_WORDS_ANC;

	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		char condition[96];

		for (size_t i = 0; i < fit + over; i++) {
			snprintf(condition, sizeof(condition),
				 "evt.type = open and proc.aname = n%zu", i);
			add_rule(&text, i, condition, i + 1 == fit + over ? DENY : "");
		}
		{
			planned_cleanup struct planned planned = plan_lsm(&text);

			assert_int_equal(planned.err, over ? -EBADMSG : 0);
			if (over)
				assert_planned_said(&planned,
						    "rule 'r128' cannot deny: what it does must be "
						    "decided in the kernel, and this is not: there "
						    "are more sets of ancestors' names than the "
						    "kernel has bits for");
		}
	}
}

/* ---- patterns ---- */

/* `cnt` patterns of one field that go together well; how many the kernel decides. */
static size_t patterns_of(const char *field, size_t cnt, const char *last)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	size_t found = 0;

	for (size_t i = 0; i < cnt; i++) {
		char condition[96];

		snprintf(condition, sizeof(condition), "evt.type = open and %s endswith .%03zu",
			 field, i);
		add_rule(&text, i, condition, i + 1 == cnt ? last : "");
	}
	{
		planned_cleanup struct planned planned = plan_lsm(&text);

		if (planned.err) {
			assert_int_equal(planned.err, -EBADMSG);
			assert_planned_said(&planned, "this is not: its pattern does not fit into "
						      "the kernel's automata");
			return 0;
		}
		for (size_t i = 0; i < cnt; i++) {
			const struct pk_plan_rule *rule = &planned.plan->plan_rules[i];

			found += rule->kernel_kinds == OPEN;
			if (rule->kernel_kinds != OPEN)
				assert_string_equal(rule->notes->text,
						    "its pattern does not fit into the kernel's "
						    "automata");
		}
		assert_in_range(planned.plan->dfa_cnt, 1, PK_MAX_DFAS);
		assert_in_range(planned.plan->table.proc_words, 0, PK_WORDS_PROC);
		assert_in_range(planned.plan->table.event_words, 0, PK_WORDS_EVENT);
	}
	return found;
}

static void test_words_of_patterns(void **state)
{
	const size_t own = 64 * PK_WORDS_PROC, event = 64 * PK_WORDS_EVENT;

	assert_int_equal(patterns_of("proc.name", own, DENY), own);
	assert_int_equal(patterns_of("proc.name", own + 1, ""), own);
	assert_int_equal(patterns_of("proc.name", own + 1, DENY), 0);
	assert_int_equal(patterns_of("fd.name", event, DENY), event);
	assert_int_equal(patterns_of("fd.name", event + 1, ""), event);
	assert_int_equal(patterns_of("fd.name", event + 1, DENY), 0);
}

/* Patterns that remember go alone if together they are too large; automata of one text share its words. */
static void test_automata_are_bounded(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	size_t decided_cnt = 0;
	const size_t cnt = 80;

	for (size_t i = 0; i < cnt; i++) {
		char condition[128];

		snprintf(condition, sizeof(condition),
			 "evt.type = open and %s glob '*a%zub*c%zud*e%zuf*g%zuh*'",
			 i % 2 ? "fd.name" : "fd.filename", i, i + 7, i + 3, i + 5);
		add_rule(&text, i, condition, "");
	}
	{
		planned_cleanup struct planned planned = plan_lsm(&text);

		assert_int_equal(planned.err, 0);
		assert_in_range(planned.plan->dfa_cnt, 1, PK_MAX_DFAS);
		assert_in_range(planned.plan->table.event_words, 1, PK_WORDS_EVENT);
		for (size_t i = 0; i < cnt; i++)
			decided_cnt += planned.plan->plan_rules[i].kernel_kinds == OPEN;
		assert_in_range(decided_cnt, 3 * PK_WORDS_EVENT, cnt);
	}
}

/* ---- tags ---- */

static void test_tags(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		char tag[64];

		for (size_t i = 0; i < PK_MAX_TAGS_SET + over + 1; i++) {
			/* the last one is set a second time */
			snprintf(tag, sizeof(tag), "  tag: t%zu\n",
				 i < PK_MAX_TAGS_SET + over ? i : i - 1);
			add_rule(&text, i, "evt.type = open and proc.name = x", tag);
		}
		{
			planned_cleanup struct planned planned = plan_lsm(&text);

			assert_int_equal(planned.err, over ? -EBADMSG : 0);
			if (over)
				assert_planned_said(&planned,
						    "tag 't63' is one too many: rules can "
						    "set 63 different ones");
			else
				assert_int_equal(planned.plan->entries[62].tag, 63);
		}
	}
}

/* ---- comparisons ---- */

/* Of one rule set, in sixteen rules. */
static void test_comparisons(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		char part[64];

		for (size_t i = 0; i < PK_MAX_ATOMS + over; i++) {
			bool first = i % (PK_MAX_ATOMS / 16) == 0 && i < PK_MAX_ATOMS;

			snprintf(part, sizeof(part), "\n- rule: r%zu\n", i);
			add(&text, first ? part : "");
			add(&text,
			    first ? "  desc: d\n  output: o\n  priority: INFO\n  condition:" :
				    " or");
			snprintf(part, sizeof(part), " proc.pid = %zu", i);
			add(&text, part);
		}
		add(&text, "\n");
		{
			planned_cleanup struct planned planned = plan_lsm(&text);

			assert_int_equal(planned.err, over ? -E2BIG : 0);
			if (over)
				assert_planned_said(&planned, "more than 262144 different "
							      "comparisons");
			else
				assert_int_equal(planned.plan->atom_cnt, PK_MAX_ATOMS);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_length_of_texts),
		cmocka_unit_test(test_distant_ancestors),
		cmocka_unit_test(test_sets_of_ancestors),
		cmocka_unit_test(test_words_of_patterns),
		cmocka_unit_test(test_automata_are_bounded),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_comparisons),
	};

	return cmocka_run_group_tests_name("plan limits", tests, NULL, NULL);
}
