/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading and attaching on the kernel the tests run on. Skipped, and says so, without the privileges.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>

#include "kernel/probe.h"
#include "kernel/sensors.h"

#define KIND(kind) (1ull << PK_EVENT_##kind)

static struct pk_sensors *load(__u64 kinds, __u32 ring_bytes)
{
	struct pk_sensors_options options = {
		.kinds = kinds,
		.ring_bytes = ring_bytes,
		.scope_cgroup_id = ~0ull, /* nobody's: nothing is reported */
		.cgroup_fd = -1,
	};
	struct pk_sensors *sensors = NULL;
	const char *what = NULL;
	int err;

	options.backend = pk_probe_lsm() ? PK_BACKEND_TRACEPOINT : PK_BACKEND_LSM;
	err = pk_sensors_new(&options, &sensors, &what);
	if (err == -EPERM) {
		print_message("SKIPPED: the kernel refuses '%s': %s\n", what, strerror(-err));
		skip();
	}
	assert_int_equal(err, 0);
	assert_null(what);
	return sensors;
}

/* Hooks are attached only for what is wanted; those of processes always are. */
static void test_only_what_is_wanted(void **state)
{
	struct pk_sensors *none = load(0, 0), *opens = load(KIND(OPEN), 0);
	struct pk_sensors *all = load(~0ull, 0);

	assert_true(pk_sensors_get_cnt(none) >= 3);
	assert_true(pk_sensors_get_cnt(opens) > pk_sensors_get_cnt(none));
	assert_true(pk_sensors_get_cnt(all) > pk_sensors_get_cnt(opens));
	pk_sensors_free(none);
	pk_sensors_free(opens);
	pk_sensors_free(all);
}

/* Without a cgroup the tracepoint backend has no connects, and does not keep it to itself. */
static void test_missing_is_told(void **state)
{
	struct pk_sensors *sensors = load(KIND(CONNECT) | KIND(SEND) | KIND(OPEN), 0);
	int err = 0;
	__u64 missing = pk_sensors_get_missing(sensors, &err);

	if (pk_probe_lsm()) {
		assert_int_equal(missing, KIND(CONNECT) | KIND(SEND));
		assert_int_equal(err, -ENOENT);
	} else {
		assert_int_equal(missing, 0);
	}
	pk_sensors_free(sensors);
}

/* Out of scope: programs run, produce nothing, and stop running once detached. */
static void test_gated_and_detached(void **state)
{
	struct pk_sensors *sensors = load(KIND(OPEN), PK_RING_BYTES_MIN);
	struct pk_counters counters;
	FILE *file;

	for (int i = 0; i < 100; i++) {
		file = fopen("/dev/null", "re");
		assert_non_null(file);
		fclose(file);
	}
	assert_int_equal(pk_sensors_read_counters(sensors, &counters), 0);
	for (int hook = 0; hook < PK_HOOK_MAX; hook++)
		assert_int_equal(counters.produced[hook] - counters.lost[hook][PK_LOSS_RECURSION],
				 0);
	pk_sensors_detach(sensors);
	pk_sensors_detach(sensors);
	assert_int_equal(pk_sensors_read_counters(sensors, &counters), 0);
	pk_sensors_free(sensors);
	pk_sensors_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_is_wanted),
		cmocka_unit_test(test_missing_is_told),
		cmocka_unit_test(test_gated_and_detached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
