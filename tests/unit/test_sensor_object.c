/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading in parts: the second part has the maps of the first, and only what the first has not. Skipped, and
 * says so, without the privileges.
 */
#include "test.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "kernel/probe.h"
#include "kernel/sensor_object.h"

#define KIND(kind) (1ull << PK_EVENT_##kind)

static struct pk_sensors_options options(void)
{
	return (struct pk_sensors_options){
		.backend = pk_probe_lsm() ? PK_BACKEND_TRACEPOINT : PK_BACKEND_LSM,
		.judging = true,
		.cgroup_fd = -1,
	};
}

static struct pk_sensor_object *load(__u64 judged, struct pk_sensor_object *before)
{
	const struct pk_sensors_options wanted = options();
	struct pk_sensor_object *object = NULL;
	const char *what = NULL;
	int err = pk_sensor_object_new(&wanted, judged, libbpf_num_possible_cpus(), before, &object,
				       &what);

	if (err == -EPERM) {
		print_message("SKIPPED: the kernel refuses '%s': %s\n", what, strerror(-err));
		skip();
	}
	assert_int_equal(err, 0);
	return object;
}

static size_t cnt_of(const struct pk_sensor_object *object)
{
	size_t cnt = 0;

	for (size_t i = 0; i < PK_MAX_SENSORS; i++)
		cnt += object->progs[i] != NULL;
	return cnt;
}

static __u32 map_id(const struct bpf_map *map)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	assert_int_equal(bpf_obj_get_info_by_fd(bpf_map__fd(map), &info, &len), 0);
	return info.id;
}

static void test_second_part_shares_maps(void **state)
{
	struct pk_sensor_object *first = load(KIND(OPEN), NULL),
				*second = load(KIND(UNLINK), first);
	const char *fork = "pk_process_fork";
	struct bpf_map *map;

	assert_ptr_equal(second->next, first);
	assert_ptr_equal(pk_sensor_object_first(second), first);
	bpf_object__for_each_map(map, second->skel->obj)
		assert_int_equal(map_id(map),
				 map_id(bpf_object__find_map_by_name(first->skel->obj,
								     bpf_map__name(map))));
	/* one memory: what one writes the other reads */
	first->skel->bss->pk_state.generation[1] = 4711;
	assert_int_equal(second->skel->bss->pk_state.generation[1], 4711);
	assert_int_equal(second->skel->rodata->pk_config.self_pid, getpid());

	assert_true(cnt_of(first) > cnt_of(second));
	assert_true(cnt_of(second) > 0);
	for (size_t i = 0; i < PK_MAX_SENSORS; i++)
		assert_false(first->progs[i] && second->progs[i]);
	assert_ptr_equal(pk_sensor_object_find(second, fork), pk_sensor_object_find(first, fork));
	assert_null(pk_sensor_object_find(second, "pk_no_such"));
	assert_true(pk_sensor_object_has(second, KIND(OPEN) | KIND(UNLINK)));
	assert_false(pk_sensor_object_has(first, KIND(UNLINK)));
	pk_sensor_object_free(second);
	pk_sensor_object_free(first);
	pk_sensor_object_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second_part_shares_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
