// SPDX-License-Identifier: Apache-2.0
/*
 * The sensors as a whole: loaded as far as somebody wants them, attached, detached, counted.
 */
#include "kernel/sensors.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/sensor_object.h"

#define K(kind) (1ull << PK_EVENT_##kind)

struct pk_sensors {
	struct pk_sensor_object *objects; /* the latest first */
	struct picket_bpf *skel;          /* of the first one: it has the maps */
	/* By the table's index; NULL: not loaded. Written when rules are loaded again, read by who counts. */
	struct bpf_program *progs[PK_MAX_SENSORS];
	struct bpf_link *links[PK_MAX_SENSORS];
	bool attached[PK_MAX_SENSORS];
	unsigned int cnt;
	struct pk_sensors_options options;
	int cpu_cnt;
	__u64 missing;
	int missing_err;
};

static const struct pk_sensor *sensor_at(size_t i)
{
	size_t cnt;

	return &pk_sensor_table_get(&cnt)[i];
}

static size_t sensor_cnt(void)
{
	size_t cnt;

	pk_sensor_table_get(&cnt);
	return cnt;
}

static struct bpf_program *program_of(const struct pk_sensors *sensors, size_t i)
{
	return __atomic_load_n(&sensors->progs[i], __ATOMIC_ACQUIRE);
}

void pk_sensors_detach(struct pk_sensors *sensors)
{
	for (size_t i = sensor_cnt(); i-- > 0;) {
		bpf_link__destroy(sensors->links[i]);
		sensors->links[i] = NULL;
		sensors->attached[i] = false;
	}
}

void pk_sensors_free(struct pk_sensors *sensors)
{
	if (!sensors)
		return;
	pk_sensors_detach(sensors);
	while (sensors->objects) {
		struct pk_sensor_object *object = sensors->objects;

		sensors->objects = object->next;
		pk_sensor_object_free(object);
	}
	free(sensors);
}

/* The map in a slot of which a program stands that others go on in; NULL: it is attached to a hook. */
static struct bpf_map *slots_of(const struct pk_sensors *sensors, const struct pk_sensor *sensor)
{
	switch (sensor->how) {
	case PK_SENSOR_EXIT_SLOT:
		return sensors->skel->maps.pk_exit_progs;
	case PK_SENSOR_CALL_A:
		return sensors->skel->maps.pk_call_progs_a;
	case PK_SENSOR_CALL_B:
		return sensors->skel->maps.pk_call_progs_b;
	default:
		return NULL;
	}
}

static int attach(struct pk_sensors *sensors, size_t i, int cgroup_fd)
{
	const struct pk_sensor *sensor = sensor_at(i);
	const struct bpf_map *slots = slots_of(sensors, sensor);
	struct bpf_program *prog = program_of(sensors, i);
	int fd = bpf_program__fd(prog);
	__u32 slot = sensor->slot;
	struct bpf_link *link;

	if (slots) {
		int err = bpf_map_update_elem(bpf_map__fd(slots), &slot, &fd, BPF_ANY);

		sensors->attached[i] = !err;
		sensors->cnt += !err;
		return err;
	}
	link = sensor->how == PK_SENSOR_CGROUP ? bpf_program__attach_cgroup(prog, cgroup_fd) :
						 bpf_program__attach(prog);
	if (!link)
		return -errno;
	sensors->links[i] = link;
	sensors->attached[i] = true;
	sensors->cnt++;
	return 0;
}

static void detach(struct pk_sensors *sensors, size_t i)
{
	const struct pk_sensor *sensor = sensor_at(i);
	const struct bpf_map *slots = slots_of(sensors, sensor);
	__u32 slot = sensor->slot;

	if (!sensors->attached[i])
		return;
	if (slots)
		bpf_map_delete_elem(bpf_map__fd(slots), &slot);
	bpf_link__destroy(sensors->links[i]);
	sensors->links[i] = NULL;
	sensors->attached[i] = false;
	sensors->cnt--;
}

/* libbpf's own words, the verifier's among them, only for who asks with PICKET_DEBUG=1. */
static __attribute__((format(printf, 2, 0))) int print_debug(enum libbpf_print_level level,
							     const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG || !getenv("PICKET_DEBUG"))
		return 0;
	return vfprintf(stderr, format, args);
}

/* Attach or detach one, if it is not as it should be. */
static int bring(struct pk_sensors *sensors, size_t i, bool wanted)
{
	const struct pk_sensor *sensor = sensor_at(i);
	int err;

	if (wanted == sensors->attached[i])
		return 0;
	if (!wanted) {
		detach(sensors, i);
		return 0;
	}
	err = attach(sensors, i, sensors->options.cgroup_fd);
	if (err && sensor->how == PK_SENSOR_CGROUP) {
		/* the rest works without: no CAP_NET_ADMIN, or somebody else's cgroup */
		sensors->missing |= sensors->options.kinds & sensor->kinds;
		sensors->missing_err = err;
		return 0;
	}
	return err;
}

/* What rules on events of `kinds` need, if it is not there; what is there stays. */
static int load(struct pk_sensors *sensors, __u64 kinds, const char **reterr_what)
{
	struct pk_sensor_object *object = NULL;
	int err = pk_sensor_object_new(&sensors->options, kinds, sensors->cpu_cnt, sensors->objects,
				       &object, reterr_what);

	if (err)
		return err;
	sensors->objects = object;
	for (size_t i = 0; i < sensor_cnt(); i++)
		if (object->progs[i])
			__atomic_store_n(&sensors->progs[i], object->progs[i], __ATOMIC_RELEASE);
	return 0;
}

int pk_sensors_set_judged(struct pk_sensors *sensors, __u64 kinds, const char **reterr_what)
{
	if (!pk_sensor_object_has(sensors->objects, kinds)) {
		int err = load(sensors, kinds, reterr_what);

		if (err)
			return err;
	}
	for (size_t i = 0; i < sensor_cnt(); i++) {
		int err;

		if (!program_of(sensors, i))
			continue;
		*reterr_what = sensor_at(i)->name;
		err = bring(sensors, i,
			    pk_sensor_wanted(sensor_at(i), sensors->options.kinds, kinds));
		if (err)
			return err;
	}
	return 0;
}

int pk_sensors_new(const struct pk_sensors_options *options, struct pk_sensors **ret_sensors,
		   const char **reterr_what)
{
	pk_cleanup(pk_sensors_free_p) struct pk_sensors *sensors = NULL;
	int err;

	libbpf_set_print(print_debug);
	*reterr_what = "memory";
	sensors = calloc(1, sizeof(*sensors));
	if (!sensors)
		return -ENOMEM;
	sensors->options = *options;
	sensors->options.kinds &= PK_KINDS_OF_SENSORS;
	*reterr_what = "number of CPUs";
	sensors->cpu_cnt = libbpf_num_possible_cpus();
	if (sensors->cpu_cnt <= 0)
		return sensors->cpu_cnt ?: -EINVAL;
	err = load(sensors, options->judged, reterr_what);
	if (err)
		return err;
	sensors->skel = sensors->objects->skel;
	if (options->backend == PK_BACKEND_TRACEPOINT && options->cgroup_fd < 0) {
		sensors->missing = options->kinds & (K(CONNECT) | K(SEND));
		sensors->missing_err = -ENOENT;
	}
	err = pk_sensors_set_judged(sensors, 0, reterr_what);
	if (err)
		return err;
	*reterr_what = NULL;
	*ret_sensors = pk_take_ptr(sensors);
	return 0;
}

__u64 pk_sensors_get_missing(const struct pk_sensors *sensors, int *ret_err)
{
	*ret_err = sensors->missing_err;
	return sensors->missing;
}

int pk_sensors_get_ring_fd(const struct pk_sensors *sensors)
{
	return bpf_map__fd(sensors->skel->maps.pk_ring);
}

struct pk_state *pk_sensors_get_state(const struct pk_sensors *sensors)
{
	return &sensors->skel->bss->pk_state;
}

struct bpf_object *pk_sensors_get_object(const struct pk_sensors *sensors)
{
	return sensors->skel->obj;
}

struct bpf_program *pk_sensors_find_program(const struct pk_sensors *sensors, const char *name)
{
	return pk_sensor_object_find(sensors->objects, name);
}

enum pk_backend pk_sensors_get_backend(const struct pk_sensors *sensors)
{
	return sensors->skel->rodata->pk_config.backend;
}

unsigned int pk_sensors_get_cnt(const struct pk_sensors *sensors)
{
	return sensors->cnt;
}

static void add_counters(struct pk_counters *sum, const struct pk_counters *one)
{
	for (size_t hook = 0; hook < PK_HOOK_MAX; hook++) {
		sum->produced[hook] += one->produced[hook];
		for (size_t reason = 0; reason < PK_LOSS_MAX; reason++)
			sum->lost[hook][reason] += one->lost[hook][reason];
	}
}

static int prog_info(const struct bpf_program *prog, struct bpf_prog_info *ret_info)
{
	__u32 len = sizeof(*ret_info);

	memset(ret_info, 0, len);
	return bpf_obj_get_info_by_fd(bpf_program__fd(prog), ret_info, &len);
}

int pk_sensors_read_counters(const struct pk_sensors *sensors, struct pk_counters *ret_counters)
{
	pk_cleanup(pk_free_p) struct pk_counters *all = NULL;
	__u32 zero = 0;
	int err;

	/* the kernel gives one value a possible CPU, each rounded up to 8 bytes, which it is */
	all = calloc(sensors->cpu_cnt, sizeof(*all));
	if (!all)
		return -ENOMEM;
	err = bpf_map_lookup_elem(bpf_map__fd(sensors->skel->maps.pk_counter_map), &zero, all);
	if (err)
		return err;
	memset(ret_counters, 0, sizeof(*ret_counters));
	for (int cpu = 0; cpu < sensors->cpu_cnt; cpu++)
		add_counters(ret_counters, &all[cpu]);
	for (size_t i = 0; i < sensor_cnt(); i++) {
		const struct bpf_program *prog = program_of(sensors, i);
		struct bpf_prog_info info;

		if (!prog || prog_info(prog, &info))
			continue;
		ret_counters->produced[sensor_at(i)->hook] += info.recursion_misses;
		ret_counters->lost[sensor_at(i)->hook][PK_LOSS_RECURSION] += info.recursion_misses;
	}
	return 0;
}

unsigned int pk_sensors_get_stats(const struct pk_sensors *sensors,
				  struct pk_sensor_stat *ret_stats, unsigned int max)
{
	unsigned int cnt = 0;

	for (size_t i = 0; i < sensor_cnt(); i++) {
		const struct bpf_program *prog = program_of(sensors, i);
		struct bpf_prog_info info;

		if (!prog || prog_info(prog, &info))
			continue;
		if (cnt < max)
			ret_stats[cnt] = (struct pk_sensor_stat){ sensor_at(i)->name, info.run_cnt,
								  info.run_time_ns };
		cnt++;
	}
	return cnt;
}
