/* SPDX-License-Identifier: Apache-2.0 */
#include "gate_text.h"

#define OPEN PK_EVENT_OPEN
#define OPENED "evt.type = open and "
#define BIT (1u << PK_EVENT_OPEN)

/* What is asked of a process at exec whether opens by it concern rules. */
static void interest_is(const char *text, const char *expected)
{
	planned_cleanup struct planned planned = plan_text(text);

	assert_gate(planned.plan->interest[OPEN], expected);
	assert_int_equal(planned.plan->table.always & BIT, strcmp(expected, "yes") ? 0 : BIT);
}

/* The kinds that stand in the row of an exact text. */
static uint32_t row_of(const struct planned *planned, uint32_t text, const char *data)
{
	for (size_t i = 0; i < planned->plan->exact_cnt; i++) {
		const struct pk_plan_exact *exact = &planned->plan->exact[i];

		if (exact->text == text && exact->len == strlen(data) &&
		    !memcmp(exact->data, data, exact->len))
			return exact->value.kinds;
	}
	fail_msg("no row '%s'", data);
	return 0;
}

static void test_nobody_and_everybody(void **state)
{
	interest_is(RULE("a", "evt.type = mkdir"), "no");
	interest_is(RULE("a", "evt.type = open"), "yes");
	interest_is(RULE("a", OPENED "fd.name = /x"), "yes");
	interest_is(RULE("a", OPENED "user.uid = 0"), "yes"); /* changes without an exec */
	interest_is(RULE("a", OPENED "proc.tag = x") "  tag: x\n", "yes");
	interest_is(RULE("a", OPENED "user.name = root"), "yes");
}

/* Rows tell; only if the text is not known may it be anyone. */
static void test_own_texts_stand_in_rows(void **state)
{
	interest_is(RULE("a", OPENED "proc.name = sh"), "c0{}");
	interest_is(RULE("a", OPENED "proc.exepath startswith /x"), "c22{}");
	interest_is(RULE("a", OPENED "proc.cmdline contains x"),
		    "no"); /* a bit that is unknown is set */
	interest_is(RULE("a", OPENED "proc.name = sh and fd.name = /x"), "c0{}");
}

static void test_the_best_row(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", OPENED "proc.name in (a, b) and proc.exepath = /x and "
				 "proc.exepath startswith /p and proc.cmdline contains q"));

	assert_int_equal(row_of(&planned, PK_TEXT_EXEPATH, "/x"), BIT); /* fewest texts */
	assert_int_equal(row_of(&planned, PK_TEXT_NAME, "a"), 0);
	assert_int_equal(planned.plan->prefix[0].value.kinds, 0);
	assert_int_equal(planned.plan->dfas[0]->kinds, 0);
}

/* Of a parent or an ancestor: the circuit is asked. */
static void test_what_is_left(void **state)
{
	interest_is(RULE("a", OPENED "proc.pname = sh and fd.name = /x"), "c1{1}");
	interest_is(RULE("a", OPENED "proc.aname = sh"), "b32.0");
	interest_is(RULE("a", OPENED "not proc.name = sh and fd.name = /x"), "not c0{1}");
	interest_is(RULE("a", OPENED "(proc.name = sh or proc.pname = sh)"), "(c0{1} | c1{1})");
	interest_is(RULE("a", OPENED "(proc.name = sh or fd.name = /x)"), "yes");
}

/* Past 1,500 literals everyone is of interest. */
static void test_large_circuits(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

		for (size_t i = 0; i < 1500 + over; i++)
			gate_put(&text,
				 "- rule: r%zu\n  desc: d\n  output: o\n  priority: INFO\n"
				 "  condition: " OPENED "proc.pname = n%zu\n",
				 i, i);
		assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
		{
			planned_cleanup struct planned planned = plan_text(text.data);

			assert_int_equal(planned.plan->interest[OPEN]->kind,
					 over ? PK_GATE_TRUE : PK_GATE_OR);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_and_everybody),
		cmocka_unit_test(test_own_texts_stand_in_rows),
		cmocka_unit_test(test_the_best_row),
		cmocka_unit_test(test_what_is_left),
		cmocka_unit_test(test_large_circuits),
	};

	return cmocka_run_group_tests_name("plan_interest", tests, NULL, NULL);
}
