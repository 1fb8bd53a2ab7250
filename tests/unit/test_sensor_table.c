/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of sensors: each kind of event has somebody who sees it, and nothing stands in it twice.
 */
#include "test.h"

#include <string.h>

#include "kernel/points.h"
#include "kernel/sensor_table.h"

#define KIND(kind) (1ull << PK_EVENT_##kind)

static bool is_seen(unsigned int backend, __u64 kind)
{
	size_t cnt;
	const struct pk_sensor *table = pk_sensor_table_get(&cnt);

	for (size_t i = 0; i < cnt; i++)
		if ((table[i].backends & 1u << backend) && (table[i].kinds & kind))
			return true;
	return false;
}

static void test_each_kind_is_seen(void **state)
{
	for (__u32 kind = PK_EVENT_EXEC; kind < PK_EVENT_SENSOR_MAX; kind++) {
		assert_true(is_seen(PK_BACKEND_LSM, 1ull << kind));
		assert_true(is_seen(PK_BACKEND_TRACEPOINT, 1ull << kind));
	}
}

static void test_names_are_different(void **state)
{
	size_t cnt;
	const struct pk_sensor *table = pk_sensor_table_get(&cnt);

	assert_true(cnt <= PK_MAX_SENSORS);
	for (size_t i = 0; i < cnt; i++) {
		assert_int_equal(strncmp(table[i].name, "pk_", 3), 0);
		assert_true(table[i].hook > 0 && table[i].hook < PK_HOOK_MAX);
		assert_true((table[i].kinds || table[i].judged) && table[i].backends);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(table[i].name, table[k].name);
	}
}

/* One open rule wants the hooks of opens, and none that is only there for something else. */
static void test_one_kind_wants_little(void **state)
{
	size_t cnt, wanted = 0;
	const struct pk_sensor *table = pk_sensor_table_get(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		bool is_wanted = pk_sensor_wanted(&table[i], 0, KIND(OPEN));

		if (!(table[i].backends & 1u << PK_BACKEND_LSM))
			continue;
		wanted += is_wanted;
		if (!strcmp(table[i].name, "pk_file_open") ||
		    !strcmp(table[i].name, "pk_path_mknod") ||
		    !strcmp(table[i].name, "pk_process_exec"))
			assert_true(is_wanted);
		if (!strcmp(table[i].name, "pk_path_unlink") ||
		    !strcmp(table[i].name, "pk_sb_mount"))
			assert_false(is_wanted);
	}
	assert_in_range(wanted, 8, 12);
}

/* What a rule may want besides the event: only where it is about such an event. */
static void test_hooks_that_rules_want(void **state)
{
	static const struct {
		const char *name;
		__u64 kinds;
	} rows[] = {
		{ "pk_socket_accept", KIND(ACCEPT) },
		{ "pk_capable", KIND(SETNS) },
		{ "pk_capable", KIND(OPEN_TREE) },
		{ "pk_key_permission", KIND(KEYCTL) },
		{ "pk_perf_event_open", KIND(PERF_EVENT) },
		{ "pk_inode_init_security_anon", KIND(USERFAULTFD) },
		{ "pk_inode_init_security_anon", KIND(IO_URING) },
		{ "pk_file_alloc_security", KIND(MEMFD) },
	};
	size_t cnt;
	const struct pk_sensor *table = pk_sensor_table_get(&cnt);

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		size_t found = 0;

		for (size_t i = 0; i < cnt; i++) {
			if (strcmp(table[i].name, rows[row].name))
				continue;
			found++;
			assert_false(pk_sensor_wanted(&table[i], rows[row].kinds, 0));
			assert_true(pk_sensor_wanted(&table[i], 0, rows[row].kinds));
			assert_false(pk_sensor_wanted(&table[i], 0, KIND(OPEN)));
		}
		assert_int_equal(found, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_is_seen),
		cmocka_unit_test(test_names_are_different),
		cmocka_unit_test(test_one_kind_wants_little),
		cmocka_unit_test(test_hooks_that_rules_want),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
