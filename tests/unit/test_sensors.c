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

static struct pk_sensors *load_with(struct pk_sensors_options options)
{
	struct pk_sensors *sensors = NULL;
	const char *what = NULL;
	int err;

	options.scope_cgroup_id = ~0ull; /* nobody's: nothing is reported */
	options.cgroup_fd = -1;
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

static struct pk_sensors *load(__u64 kinds, __u32 ring_bytes)
{
	return load_with((struct pk_sensors_options){ .kinds = kinds, .ring_bytes = ring_bytes });
}

/* How many programs are loaded, attached or not. */
static unsigned int loaded(const struct pk_sensors *sensors)
{
	return pk_sensors_get_stats(sensors, NULL, 0);
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

/* What no rule is on is not loaded; rules that come later bring it, and find what they need there. */
static void test_rules_load_what_they_need(void **state)
{
	bool lsm = !pk_probe_lsm();
	const char *open = lsm ? "pk_file_open" : "pk_exit_open";
	const char *unlink = lsm ? "pk_path_unlink" : "pk_exit_path";
	struct pk_sensors *none = load_with((struct pk_sensors_options){ .judging = true });
	struct pk_sensors *sensors =
		load_with((struct pk_sensors_options){ .judging = true, .judged = KIND(OPEN) });
	const char *what = NULL;
	struct pk_counters counters;
	unsigned int before, attached;

	assert_true(loaded(sensors) > loaded(none));
	assert_non_null(pk_sensors_find_program(sensors, open));
	assert_null(pk_sensors_find_program(sensors, unlink));
	assert_non_null(pk_sensors_find_program(sensors, "pk_f_exec"));
	assert_null(pk_sensors_find_program(sensors, "pk_replay_run"));
	assert_non_null(pk_sensors_find_program(sensors, lsm ? "pk_f_file_open" : "pk_f_sys_exit"));
	assert_null(pk_sensors_find_program(none, lsm ? "pk_f_file_open" : "pk_f_sys_exit"));
	before = loaded(sensors);
	assert_int_equal(pk_sensors_set_judged(sensors, KIND(OPEN), &what), 0);
	assert_int_equal(loaded(sensors), before);
	attached = pk_sensors_get_cnt(sensors);

	assert_int_equal(pk_sensors_set_judged(sensors, KIND(OPEN) | KIND(UNLINK), &what), 0);
	assert_true(loaded(sensors) > before);
	assert_true(pk_sensors_get_cnt(sensors) > attached);
	assert_non_null(pk_sensors_find_program(sensors, open));
	assert_non_null(pk_sensors_find_program(sensors, unlink));
	before = loaded(sensors);

	/* rules go and come again: detached, attached, and never loaded twice */
	assert_int_equal(pk_sensors_set_judged(sensors, KIND(OPEN), &what), 0);
	assert_int_equal(pk_sensors_get_cnt(sensors), attached);
	assert_int_equal(pk_sensors_set_judged(sensors, KIND(UNLINK), &what), 0);
	assert_int_equal(loaded(sensors), before);
	assert_int_equal(pk_sensors_read_counters(sensors, &counters), 0);
	pk_sensors_free(sensors);
	pk_sensors_free(none);
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
		cmocka_unit_test(test_rules_load_what_they_need),
		cmocka_unit_test(test_missing_is_told),
		cmocka_unit_test(test_gated_and_detached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
