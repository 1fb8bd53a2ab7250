/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kind of event settles; what is left to user space whatever the field.
 */
#include "gate_text.h"

static void test_the_kind_settles(void **state)
{
	assert_lowered(PK_EVENT_OPEN, "evt.type = openat", "yes");
	assert_lowered(PK_EVENT_UNLINK, "evt.type = openat", "none");
	assert_lowered(PK_EVENT_UNLINK, "evt.type = unlinkat", "yes");
	assert_lowered(PK_EVENT_RMDIR, "evt.type = unlinkat", "yes");
	assert_lowered(PK_EVENT_RMDIR, "evt.type = unlink", "none");
	/* true of any of an operation's names, "!=" if none is equal */
	assert_lowered(PK_EVENT_OPEN, "evt.type != open", "none");
	assert_lowered(PK_EVENT_OPEN, "evt.type != execve", "yes");
	assert_lowered(PK_EVENT_OPEN, "evt.type startswith open", "yes");
}

static void test_constants_and_ranges(void **state)
{
	assert_lowered(PK_EVENT_OPEN, "evt.dir = <", "yes");
	assert_lowered(PK_EVENT_OPEN, "evt.dir = >", "none");
	assert_lowered(PK_EVENT_OPEN, "evt.failed = false", "yes");
	assert_lowered(PK_EVENT_OPEN, "fd.num >= 0", "yes");
	assert_lowered(PK_EVENT_OPEN, "fd.num < 0", "none");
	assert_lowered(PK_EVENT_OPEN, "fd.num = 3", "?");
	assert_lowered(PK_EVENT_OPEN, "fd.num exists", "yes");
	assert_left("evt.type = open and fd.num = 3", "the kernel only knows a range for it");
}

static void test_fields_that_an_event_lacks(void **state)
{
	assert_lowered(PK_EVENT_OPEN, "fd.sport = 80", "none");
	assert_lowered(PK_EVENT_OPEN, "fd.sport != 80", "none");
	assert_lowered(PK_EVENT_OPEN, "not fd.sport = 80", "yes");
}

static void test_left_to_user_space(void **state)
{
	assert_left("user.name = root", "the kernel side does not have this field");
	assert_left("tolower(proc.name) = sh",
		    "what is compared is computed, which the kernel does not do");
	assert_left("proc.name = val(proc.pname)",
		    "what is compared is computed, which the kernel does not do");
	assert_lowered(PK_EVENT_OPEN, "user.name = root", "?");
	assert_lowered(PK_EVENT_OPEN, "user.name = root or evt.type = open", "yes");
	assert_lowered(PK_EVENT_OPEN, "user.name = root and evt.type = unlink", "none");
}

/* Rules share what is alike, written twice or not. */
static void test_equal_comparisons_are_one(void **state)
{
	planned_cleanup struct planned planned = plan_text(
		RULE("a", "proc.name in (x, y) and user.uid = 0")
			RULE("b", "proc.name in (y, x, y) and user.uid = 1"));
	const struct pk_gate *a = judged_of(&planned, PK_EVENT_OPEN, 0)->gate;
	const struct pk_gate *b = judged_of(&planned, PK_EVENT_OPEN, 1)->gate;
	size_t shared = 0;

	for (uint32_t i = 0; i < 4; i++)
		shared += a->children[i / 2] == b->children[i % 2];
	assert_int_equal(shared, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_kind_settles),
		cmocka_unit_test(test_constants_and_ranges),
		cmocka_unit_test(test_fields_that_an_event_lacks),
		cmocka_unit_test(test_left_to_user_space),
		cmocka_unit_test(test_equal_comparisons_are_one),
	};

	return cmocka_run_group_tests_name("lower", tests, NULL, NULL);
}
