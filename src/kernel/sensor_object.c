// SPDX-License-Identifier: Apache-2.0
/*
 * Which programs are loaded, and how they are configured before they are.
 */
#include "kernel/sensor_object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cgroup_tree.h"
#include "kernel/points.h"
#include "kernel/syscalls.h"

/* What is to be loaded. */
struct choice {
	const struct pk_sensors_options *options;
	const struct btf *vmlinux;
	const struct pk_sensor_object *before;
	__u64 judged;        /* rules are on these */
	const char *group_b; /* a function of the second group of calls; NULL: there is none */
	__u32 proto_a, proto_b;
};

void pk_sensor_object_free(struct pk_sensor_object *object)
{
	if (!object)
		return;
	picket_bpf__destroy(object->skel);
	free(object);
}

struct pk_sensor_object *pk_sensor_object_first(struct pk_sensor_object *object)
{
	while (object->next)
		object = object->next;
	return object;
}

struct bpf_program *pk_sensor_object_find(const struct pk_sensor_object *object, const char *name)
{
	for (; object; object = object->next) {
		struct bpf_program *prog = bpf_object__find_program_by_name(object->skel->obj,
									    name);

		if (prog && bpf_program__fd(prog) >= 0)
			return prog;
	}
	return NULL;
}

bool pk_sensor_object_has(const struct pk_sensor_object *object, __u64 judged)
{
	__u64 all = 0;

	for (; object; object = object->next)
		all |= object->judged;
	return !(judged & ~all);
}

/*
 * "lsm/file_open" is the kernel function bpf_lsm_file_open; "fexit/vfs_unlink" is vfs_unlink; "tp_btf/sys_exit" is
 * the type btf_trace_sys_exit. Its number in BTF; 0: there is none; -1: the program has no such hook.
 */
static int hook_btf_id(const struct btf *vmlinux, const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);
	const char *slash = strchr(section, '/');
	char function[128];
	int id;

	if (!strncmp(section, "tp_btf/", 7)) {
		snprintf(function, sizeof(function), "btf_trace_%s", section + 7);
		id = btf__find_by_name_kind(vmlinux, function, BTF_KIND_TYPEDEF);
		return id > 0 ? id : 0;
	}
	if (!slash || (strncmp(section, "lsm/", 4) && strncmp(section, "fexit/", 6) &&
		       strncmp(section, "fentry/", 7)))
		return -1;
	snprintf(function, sizeof(function), "%s%s", section[0] == 'l' ? "bpf_lsm_" : "",
		 slash + 1);
	id = btf__find_by_name_kind(vmlinux, function, BTF_KIND_FUNC);
	return id > 0 ? id : 0;
}

static __u32 proto_of(const struct btf *vmlinux, const struct bpf_program *prog)
{
	int id = hook_btf_id(vmlinux, prog);

	return id > 0 ? btf__type_by_id(vmlinux, (__u32)id)->type : 0;
}

/*
 * Group a is what the call that pk_call_a names has. The first call of the table with another prototype
 * stands for group b, whatever is loaded: it has to be the same one for all objects.
 */
static void find_groups(struct choice *choice, const struct picket_bpf *skel)
{
	size_t cnt;
	const struct pk_sensor *table = pk_sensor_table_get(&cnt);

	choice->proto_a = proto_of(choice->vmlinux, skel->progs.pk_call_a);
	for (size_t i = 0; i < cnt && !choice->group_b; i++) {
		const struct bpf_program *prog;
		__u32 proto;

		if (table[i].how != PK_SENSOR_IN_B)
			continue;
		prog = bpf_object__find_program_by_name(skel->obj, table[i].name);
		proto = prog ? proto_of(choice->vmlinux, prog) : 0;
		if (!proto || proto == choice->proto_a)
			continue;
		choice->group_b = strchr(bpf_program__section_name(prog), '/') + 1;
		choice->proto_b = proto;
	}
}

/* Of the programs for a call and what they go on in: those of the group that fits this kernel. */
static bool fits_group(const struct choice *choice, const struct pk_sensor *sensor,
		       const struct bpf_program *prog)
{
	switch (sensor->how) {
	case PK_SENSOR_IN_A:
		return proto_of(choice->vmlinux, prog) == choice->proto_a;
	case PK_SENSOR_IN_B:
		return choice->group_b && proto_of(choice->vmlinux, prog) == choice->proto_b;
	case PK_SENSOR_CALL_B:
		return choice->group_b;
	default:
		return true;
	}
}

/* Can it be of use with these options? */
static bool is_possible(const struct pk_sensor *sensor, const struct pk_sensors_options *options)
{
	if (!(sensor->backends & (1u << options->backend)))
		return false;
	return sensor->how != PK_SENSOR_CGROUP || options->cgroup_fd >= 0;
}

static int choose_sensors(struct pk_sensor_object *object, const struct choice *choice,
			  const char **reterr_what)
{
	size_t cnt;
	const struct pk_sensor *table = pk_sensor_table_get(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		struct bpf_program *prog = bpf_object__find_program_by_name(object->skel->obj,
									    table[i].name);
		bool wanted = is_possible(&table[i], choice->options) &&
			      pk_sensor_wanted(&table[i], choice->options->kinds, choice->judged) &&
			      !pk_sensor_object_find(choice->before, table[i].name);

		*reterr_what = table[i].name;
		if (!prog)
			return -ENOENT;
		if (wanted && !hook_btf_id(choice->vmlinux, prog)) {
			if (!table[i].optional)
				return -ENOENT;
			wanted = false;
		}
		wanted = wanted && fits_group(choice, &table[i], prog);
		bpf_program__set_autoload(prog, wanted);
		if (wanted)
			object->progs[i] = prog;
	}
	return 0;
}

/* Nothing goes on in a program that is for calls none of which is wanted. */
static void drop_unused(struct pk_sensor_object *object, enum pk_sensor_how head,
			enum pk_sensor_how call)
{
	size_t cnt;
	const struct pk_sensor *table = pk_sensor_table_get(&cnt);
	bool used = false;

	for (size_t i = 0; i < cnt; i++)
		used = used || (table[i].how == call && object->progs[i]);
	for (size_t i = 0; i < cnt && !used; i++) {
		if (table[i].how != head || !object->progs[i])
			continue;
		bpf_program__set_autoload(object->progs[i], false);
		object->progs[i] = NULL;
	}
}

/* The first half of a point: "pk_f_file_open" is the second of "pk_file_open". Is it loaded here? */
static bool has_first_half(const struct pk_sensor_object *object, const struct pk_point *point,
			   __u64 kinds)
{
	size_t cnt;
	const struct pk_sensor *table = pk_sensor_table_get(&cnt);
	char name[64];

	snprintf(name, sizeof(name), "pk_%s", point->finish + strlen("pk_f_"));
	for (size_t i = 0; i < cnt; i++)
		if (!strcmp(table[i].name, name))
			return object->progs[i];
	/* of several programs, or run by hand */
	return (kinds | PK_KINDS_ALWAYS) & 1ull << point->kind;
}

/* Second halves, and programs that are run by hand: for rules only. */
static int choose_finishes(struct pk_sensor_object *object, const struct choice *choice,
			   const char **reterr_what)
{
	const struct pk_sensors_options *options = choice->options;
	const struct picket_bpf *skel = object->skel;
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	bpf_program__set_autoload(skel->progs.pk_feed_run, options->judging && !choice->before);
	bpf_program__set_autoload(skel->progs.pk_replay_run, false);
	bpf_program__set_autoload(skel->progs.pk_escape_run, false);
	bpf_program__set_autoload(skel->progs.pk_creds_run, false);
	for (size_t i = 0; i < cnt; i++) {
		struct bpf_program *finish = bpf_object__find_program_by_name(skel->obj,
									      points[i].finish);

		*reterr_what = points[i].finish;
		if (!finish)
			return -ENOENT;
		bpf_program__set_autoload(finish, false);
	}
	for (size_t i = 0; i < cnt; i++) {
		if (!options->judging || points[i].by_test ||
		    !(points[i].backends & (1u << options->backend)) ||
		    !has_first_half(object, &points[i], choice->options->kinds | choice->judged) ||
		    pk_sensor_object_find(choice->before, points[i].finish))
			continue;
		bpf_program__set_autoload(bpf_object__find_program_by_name(skel->obj,
									   points[i].finish),
					  true);
	}
	return 0;
}

/* What stands for the second group of calls is loaded as one of them. */
static int choose_group_b(const struct picket_bpf *skel, const struct choice *choice)
{
	int err;

	if (!choice->group_b)
		return 0;
	err = bpf_program__set_attach_target(skel->progs.pk_call_b, 0, choice->group_b);
	return err ?: bpf_program__set_attach_target(skel->progs.pk_f_call_b, 0, choice->group_b);
}

/* Decide which programs are loaded at all. */
static int choose(struct pk_sensor_object *object, struct choice *choice, const char **reterr_what)
{
	int err;

	find_groups(choice, object->skel);
	err = choose_sensors(object, choice, reterr_what);
	if (err)
		return err;
	drop_unused(object, PK_SENSOR_CALL_A, PK_SENSOR_IN_A);
	drop_unused(object, PK_SENSOR_CALL_B, PK_SENSOR_IN_B);
	err = choose_finishes(object, choice, reterr_what);
	return err ?: choose_group_b(object->skel, choice);
}

static __u32 host_mnt_ns(void)
{
	struct stat st;

	if (stat("/proc/1/ns/mnt", &st) && stat("/proc/self/ns/mnt", &st))
		return 0;
	return st.st_ino;
}

static __u32 host_net_ns(void)
{
	struct stat st;

	if (stat("/proc/1/ns/net", &st) && stat("/proc/self/ns/net", &st))
		return 0;
	return st.st_ino;
}

static __u32 round_up_pow2(__u32 n)
{
	__u32 ret = PK_RING_BYTES_MIN;

	while (ret < n && ret < PK_RING_BYTES_MAX)
		ret <<= 1;
	return ret;
}

/* Without rules their maps stay empty: those that are allocated at once are made small. */
static void shrink(const struct picket_bpf *skel)
{
	bpf_map__set_max_entries(skel->maps.pk_container_tag_map, 1);
	bpf_map__set_max_entries(skel->maps.pk_seen_map, 1);
	bpf_map__set_max_entries(skel->maps.pk_spent_map, 1);
	bpf_map__set_max_entries(skel->maps.pk_doomed_map, 1);
}

static int configure(const struct picket_bpf *skel, const struct pk_sensors_options *options,
		     int cpu_cnt)
{
	__u32 ring = round_up_pow2(options->ring_bytes ?: PK_RING_BYTES_DEFAULT);
	struct pk_config *config = (struct pk_config *)&skel->rodata->pk_config;
	__u32 slots = (__u32)cpu_cnt * PK_SCRATCH_SLOTS;
	struct pk_cgroup_tree tree;
	int err;

	config->event_mask = (options->kinds & PK_KINDS_OF_SENSORS) | PK_KINDS_ALWAYS;
	config->scope_cgroup_id = options->scope_cgroup_id;
	config->wake_bytes = ring / 4 < (512u << 10) ? ring / 4 : 512u << 10;
	config->self_pid = getpid();
	config->host_mnt_ns = host_mnt_ns();
	config->host_net_ns = host_net_ns();
	config->cpu_cnt = cpu_cnt;
	config->backend = options->backend;
	if (!pk_cgroup_tree_find(&tree)) {
		config->cgroup_controller = tree.controller;
		config->cgroup_hierarchy = tree.id;
	}
	config->judging = options->judging;
	pk_syscalls_fill((__u8(*)[PK_SYSCALL_MAX])skel->rodata->pk_exit_calls);
	if (!options->judging)
		shrink(skel);
	err = bpf_map__set_max_entries(skel->maps.pk_ring, ring);
	if (!err)
		err = bpf_map__set_max_entries(skel->maps.pk_key_map, slots);
	return err ?: bpf_map__set_max_entries(skel->maps.pk_scratch_map, slots);
}

/* All maps are the first one's: its configuration, which is read-only, and its state too. */
static int share_maps(const struct picket_bpf *skel, const struct picket_bpf *first)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, skel->obj)
	{
		const struct bpf_map *shared = bpf_object__find_map_by_name(first->obj,
									    bpf_map__name(map));
		int err = shared ? bpf_map__reuse_fd(map, bpf_map__fd(shared)) : -ENOENT;

		if (err)
			return err;
	}
	return 0;
}

/* Puts the second halves where the emitted programs find them. */
static int put_finishes(const struct pk_sensor_object *object, const char **reterr_what)
{
	struct bpf_object *bpf = object->skel->obj;
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		int fd = bpf_program__fd(bpf_object__find_program_by_name(bpf, points[i].finish));
		__u32 slot = points[i].group * PK_PROG_SLOTS + PK_SLOT_FINISH;
		int err;

		if (fd < 0)
			continue;
		*reterr_what = points[i].finish;
		err = bpf_map_update_elem(bpf_object__find_map_fd_by_name(bpf, points[i].progs),
					  &slot, &fd, BPF_ANY);
		if (err)
			return err;
	}
	return 0;
}

static int load(struct pk_sensor_object *object, struct choice *choice, int cpu_cnt,
		const char **reterr_what)
{
	struct pk_sensor_object *before = object->next;
	int err = choose(object, choice, reterr_what);

	if (err)
		return err;
	*reterr_what = "configuration";
	err = before ? share_maps(object->skel, pk_sensor_object_first(before)->skel) :
		       configure(object->skel, choice->options, cpu_cnt);
	if (err)
		return err;
	*reterr_what = "BPF programs";
	err = picket_bpf__load(object->skel);
	return err ?: put_finishes(object, reterr_what);
}

int pk_sensor_object_new(const struct pk_sensors_options *options, __u64 judged, int cpu_cnt,
			 struct pk_sensor_object *before, struct pk_sensor_object **ret_object,
			 const char **reterr_what)
{
	pk_cleanup(pk_sensor_object_free_p) struct pk_sensor_object *object = NULL;
	struct choice choice = {
		.options = options,
		.before = before,
		.judged = judged,
	};
	struct btf *vmlinux;
	int err;

	*reterr_what = "memory";
	object = calloc(1, sizeof(*object));
	if (!object)
		return -ENOMEM;
	object->judged = judged;
	object->next = before;
	*reterr_what = "built-in object";
	object->skel = picket_bpf__open();
	if (!object->skel)
		return -errno;
	*reterr_what = "kernel type information (BTF)";
	vmlinux = btf__load_vmlinux_btf();
	if (!vmlinux)
		return -errno;
	choice.vmlinux = vmlinux;
	err = load(object, &choice, cpu_cnt, reterr_what);
	btf__free(vmlinux);
	if (err)
		return err;
	*ret_object = pk_take_ptr(object);
	return 0;
}
