/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/plan_internal.h"

#include "gate_text.h"

#define OPENED "evt.type = open and "

/* The key of the first rule; "none". */
static void key_is(const char *text, const char *expected)
{
	planned_cleanup struct planned planned = plan_text(text);
	const struct pk_judged *judged = judged_of(&planned, PK_EVENT_OPEN, 0);
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	assert_non_null(judged);
	if (judged->key)
		gate_put_lit(&buf, judged->key);
	else
		gate_put(&buf, "none");
	assert_int_equal(pk_buf_add_char(&buf, '\0'), 0);
	assert_string_equal(buf.data, expected);
}

static void test_what_can_be_a_key(void **state)
{
	key_is(RULE("a", OPENED "proc.name = sh"), "c0{1}");
	key_is(RULE("a", OPENED "fd.name startswith /etc and user.uid = 0"), "c44{1}");
	key_is(RULE("a", OPENED "proc.name != sh"), "none");
	key_is(RULE("a", OPENED "not proc.name = sh"), "none");
	key_is(RULE("a", OPENED "proc.name exists"), "none");
	key_is(RULE("a", OPENED "user.uid = 0"), "none");
	key_is(RULE("a", OPENED "fd.name contains x"), "none");
	key_is(RULE("a", OPENED "(proc.name = sh or fd.name = /x)"), "none");
}

static void test_few_classes(void **state)
{
	key_is(RULE("a", OPENED "proc.name in (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)"),
	       "c0{1-16}");
	key_is(RULE("a", OPENED "proc.name in (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q)"),
	       "none");
}

static void test_what_fewest_share(void **state)
{
	/* classes are numbered over all texts: names first, each sorted */
	key_is(RULE("a", OPENED "proc.name = sh and fd.name = /a")
		       RULE("b", OPENED "proc.name = sh and fd.name = /b"),
	       "c36{2}");
	key_is(RULE("a", OPENED "proc.name = sh and fd.name = /a")
		       RULE("b", OPENED "proc.name = cat and fd.name = /a"),
	       "c0{1}");
	/* other kinds of event do not count */
	key_is(RULE("a", OPENED "proc.name = sh and fd.name in (/a, /b)")
		       RULE("b", "evt.type = mkdir and proc.name = sh")
			       RULE("c", "evt.type = mkdir and proc.name = sh and fd.name = /x"),
	       "c0{1}");
}

static void test_required(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", OPENED "proc.name = sh and user.uid = 0")
			RULE("b", OPENED "(proc.name = sh or user.uid = 0)"));
	const struct pk_gate *a = judged_of(&planned, PK_EVENT_OPEN, 0)->gate;
	const struct pk_gate *b = judged_of(&planned, PK_EVENT_OPEN, 1)->gate;
	size_t cnt;

	assert_ptr_equal(pk_gate_required(&a, &cnt), a->children);
	assert_int_equal(cnt, 2);
	assert_ptr_equal(*pk_gate_required(&b, &cnt), b);
	assert_int_equal(cnt, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_can_be_a_key),
		cmocka_unit_test(test_few_classes),
		cmocka_unit_test(test_what_fewest_share),
		cmocka_unit_test(test_required),
	};

	return cmocka_run_group_tests_name("plan_keys", tests, NULL, NULL);
}
