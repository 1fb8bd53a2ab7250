/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of containers in a plan: which comparisons become bits, what a container makes of them, which kinds
 * of event it leaves possible, which rules go by them, and how many there may be.
 */
#include "plan/plan_internal.h"

#include "plans.h"

#include <errno.h>
#include <stdio.h>

#define OPENED "evt.type in (open, openat) and "

/* A container's facts: id, name; NULL: missing, "?": unknown. */
struct facts {
	const char *id;
	const char *name;
};

static int get(void *arg, const struct pk_field *field, const char *field_arg,
	       struct pk_value *ret_value)
{
	const struct facts *facts = arg;
	const char *text = !strcmp(field->name, "container.id") ? facts->id : facts->name;

	(void)field_arg;
	if (text && !strcmp(text, "!"))
		return -EIO;
	*ret_value = (struct pk_value){ .type = field->type };
	if (!text)
		return 0;
	ret_value->state = strcmp(text, "?") ? PK_VALUE_KNOWN : PK_VALUE_UNKNOWN;
	ret_value->text = (struct pk_value_text){ text, strlen(text) };
	return 0;
}

static struct pk_container_facts eval(const struct planned *planned, const char *id,
				      const char *name)
{
	struct facts facts = { id, name };
	struct pk_container_facts ret;

	assert_int_equal(pk_plan_container_eval(planned->plan, get, &facts, &ret), 0);
	assert_int_equal(ret.generation, planned->plan->table.generation);
	for (size_t i = 0; i < PK_WORDS_CONTAINER; i++)
		assert_int_equal(ret.t[i] & ~ret.c[i], 0);
	return ret;
}

static void test_bits(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", OPENED "container.id = x and container.name startswith web")
			RULE("b", OPENED "not container.id = x")
				RULE("c", OPENED "toupper(container.name) = DB")
					RULE("d", OPENED "container.id = val(container.name)")
						RULE("e",
						     "evt.type = mkdir and container.id exists"));
	struct pk_container_facts facts;

	/* id = x stands in two rules and is one comparison */
	assert_int_equal(planned.plan->container_cnt, 5);
	assert_int_equal(planned.plan->table.container_words, 1);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(planned.plan->plan_rules[i].kinds,
				 planned.plan->plan_rules[i].kernel_kinds);
	facts = eval(&planned, "x", "web-1");
	assert_int_equal(facts.t[0], 0x13);
	assert_int_equal(facts.c[0], 0x13);
	facts = eval(&planned, "db", "db");
	assert_int_equal(facts.t[0], 0x1c);
	facts = eval(&planned, NULL, NULL);
	assert_int_equal(facts.c[0], 0);
	facts = eval(&planned, "x", "?");
	assert_int_equal(facts.t[0], 0x11);
	assert_int_equal(facts.c[0], 0x1f);
	assert_int_equal(pk_plan_container_eval(planned.plan, get, &(struct facts){ "!", NULL },
						&facts),
			 -EIO);
}

static void test_needs(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", OPENED "container.id = x")
			RULE("b", "evt.type = mkdir and fd.name = /x"));
	const struct pk_plan_table *table = &planned.plan->table;

	assert_true(table->kinds[PK_EVENT_OPEN].flags & PK_NEED_CONTAINER);
	assert_false(table->kinds[PK_EVENT_MKDIR].flags & PK_NEED_CONTAINER);
	assert_int_equal(table->container_kinds, 1ull << PK_EVENT_OPEN);
	assert_int_equal(table->kinds[PK_EVENT_OPEN].dfa, 0);
}

static void test_interest(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", OPENED "container.id = x and fd.name = /x")
			RULE("b", "evt.type = mkdir and not container.id = x")
				RULE("c",
				     "evt.type = unlink and (container.id = x or fd.name = /x)")
					RULE("d", "evt.type = rmdir and fd.name = /x"));
	const uint64_t always = 1ull << PK_EVENT_UNLINK | 1ull << PK_EVENT_RMDIR;

	assert_int_equal(eval(&planned, "x", NULL).interest, always | 1ull << PK_EVENT_OPEN);
	assert_int_equal(eval(&planned, "y", NULL).interest, always | 1ull << PK_EVENT_MKDIR);
	assert_int_equal(eval(&planned, "?", NULL).interest,
			 always | 1ull << PK_EVENT_OPEN | 1ull << PK_EVENT_MKDIR);
}

/* Shared parts of parts: walked once each, not once a way. */
static void test_interest_of_nested_parts(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	planned_cleanup struct planned planned = { 0 };
	char line[256];

	assert_int_equal(pk_buf_add_str(&text, "- macro: m0\n  condition: container.id = x\n"), 0);
	for (int i = 1; i < 17; i++) {
		snprintf(line, sizeof(line),
			 "- macro: m%d\n  condition: ((m%d and container.name = a%d) or "
			 "(m%d and container.name = b%d))\n",
			 i, i - 1, i, i - 1, i);
		assert_int_equal(pk_buf_add_str(&text, line), 0);
	}
	assert_int_equal(pk_buf_add_str(&text, RULE("a", OPENED "m16")), 0);
	assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
	planned = plan_text(text.data);
	assert_int_equal(eval(&planned, "x", "?").interest, 1ull << PK_EVENT_OPEN);
	assert_int_equal(eval(&planned, "x", "no").interest, 0);
}

static const struct pk_judged *judged(const struct planned *planned, uint32_t rule)
{
	const struct pk_judged *found = judged_of(planned, PK_EVENT_OPEN, rule);

	assert_non_null(found);
	return found;
}

/* A key that few rules share is better than any fact of the container; one that all share is not. */
static void test_scopes(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	planned_cleanup struct planned few = plan_text(
		RULE("a", OPENED "container.id = x and fd.name = /x")
			RULE("b", OPENED "container.id = x and user.uid = 0")
				RULE("c", OPENED "container.id != x and not container.name = y"));
	planned_cleanup struct planned many = { 0 };
	char rule[256];

	assert_non_null(judged(&few, 0)->key);
	assert_null(judged(&few, 0)->scope);
	assert_non_null(judged(&few, 1)->scope);
	assert_ptr_equal(pk_index_lit_of(judged(&few, 1)->scope)->atom,
			 few.plan->containers[judged(&few, 1)->scope->bit].atom);
	assert_non_null(judged(&few, 2)->scope); /* != is a comparison of its own */
	for (int i = 0; i < 100; i++) {
		snprintf(rule, sizeof(rule),
			 RULE("r%d", OPENED "fd.name = /same and container.id = x%d"), i, i);
		assert_int_equal(pk_buf_add_str(&text, rule), 0);
	}
	assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
	many = plan_text(text.data);
	assert_null(judged(&many, 7)->key);
	assert_int_equal(judged(&many, 7)->scope->bit, 7);
}

static void test_too_many(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	planned_cleanup struct planned planned = { 0 };
	const struct pk_plan_rule *last;
	char rule[256];

	for (unsigned int i = 0; i <= PK_MAX_CONTAINER_BITS; i++) {
		snprintf(rule, sizeof(rule), RULE("r%u", OPENED "container.id = x%u"), i, i);
		assert_int_equal(pk_buf_add_str(&text, rule), 0);
	}
	assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
	planned = plan_text(text.data);
	assert_int_equal(planned.plan->container_cnt, PK_MAX_CONTAINER_BITS);
	assert_int_equal(planned.plan->table.container_words, PK_WORDS_CONTAINER);
	last = &planned.plan->plan_rules[PK_MAX_CONTAINER_BITS];
	assert_int_equal(last->kernel_kinds, 0);
	assert_non_null(strstr(last->notes->text, "more comparisons of containers' facts"));
	assert_int_equal(planned.plan->plan_rules[PK_MAX_CONTAINER_BITS - 1].kernel_kinds,
			 1ull << PK_EVENT_OPEN);
}

/* What denies can go by containers now. */
static void test_deny(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		"- rule: a\n  desc: d\n  output: o\n  priority: INFO\n  action: deny\n"
		"  condition: " OPENED "container.id = x\n");

	assert_true(planned.plan->plan_rules[0].can_deny);
	assert_true(planned.plan->table.pre[PK_EVENT_OPEN].flags & PK_NEED_CONTAINER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bits),     cmocka_unit_test(test_needs),
		cmocka_unit_test(test_interest), cmocka_unit_test(test_interest_of_nested_parts),
		cmocka_unit_test(test_scopes),   cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_deny),
	};

	return cmocka_run_group_tests_name("plan_container", tests, NULL, NULL);
}
