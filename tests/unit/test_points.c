/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of points: no slot is used twice, and what it promises hangs together.
 */
#include "test.h"

#include <stdio.h>

#include "kernel/points.h"

static void test_no_slot_twice(void **state)
{
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	for (size_t i = 0; i < cnt; i++)
		for (size_t k = 0; k < i; k++) {
			if (strcmp(points[i].progs, points[k].progs))
				continue;
			assert_int_not_equal(points[i].group, points[k].group);
			assert_string_equal(points[i].finish, points[k].finish);
			assert_int_equal(points[i].backends, points[k].backends);
		}
}

static void test_hangs_together(void **state)
{
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	assert_true(cnt <= PK_MAX_POINTS);
	for (size_t i = 0; i < cnt; i++) {
		const struct pk_point *point = &points[i];

		assert_memory_equal(point->progs, "pk_p_", 5);
		assert_memory_equal(point->finish, "pk_f_", 5);
		assert_string_equal(point->progs + 5, point->finish + 5);
		assert_true(point->kind > PK_EVENT_NONE && point->kind < PK_KINDS);
		assert_true(point->group < PK_KINDS);
		assert_int_not_equal(point->backends, 0);
		/* what is refused must be told so beforehand: a pre point that cannot is no use */
		if (point->pre)
			assert_true(point->can_deny);
		if (point->pass)
			assert_int_equal(point->backends, 1u << PK_BACKEND_TRACEPOINT);
	}
}

/* Each kind of event is judged on both backends, each kind but exits, forks, seccomp filters, duplicated sockets and
 * calls without a security hook can be denied on one. */
static void test_every_kind(void **state)
{
	const __u64 all = (1ull << PK_EVENT_SENSOR_MAX) - 2;
	const __u64 never_denied = 1ull << PK_EVENT_FORK | 1ull << PK_EVENT_EXIT |
				   1ull << PK_EVENT_SECCOMP | 1ull << PK_EVENT_DUP |
				   1ull << PK_EVENT_PERSONALITY | 1ull << PK_EVENT_SYSLOG |
				   1ull << PK_EVENT_SYSINFO;
	__u64 judged[3] = { 0 }, denied[3] = { 0 };
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	for (size_t i = 0; i < cnt; i++)
		for (unsigned int backend = 1; backend <= 2; backend++) {
			if (!(points[i].backends & 1u << backend))
				continue;
			judged[backend] |= 1ull << points[i].kind;
			if (points[i].can_deny)
				denied[backend] |= 1ull << points[i].kind;
		}
	assert_int_equal(judged[PK_BACKEND_LSM], all);
	assert_int_equal(judged[PK_BACKEND_TRACEPOINT], all);
	assert_int_equal(denied[PK_BACKEND_LSM], all & ~never_denied);
	assert_int_equal(denied[PK_BACKEND_TRACEPOINT],
			 1ull << PK_EVENT_CONNECT | 1ull << PK_EVENT_SEND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_slot_twice),
		cmocka_unit_test(test_hangs_together),
		cmocka_unit_test(test_every_kind),
	};

	return cmocka_run_group_tests_name("points", tests, NULL, NULL);
}
