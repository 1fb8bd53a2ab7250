// SPDX-License-Identifier: Apache-2.0
/*
 * One table says, for each program, which events need it on which backend; everything else
 * follows from it.
 */
#include "kernel/sensors.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/points.h"
#include "kernel/syscalls.h"
#include "picket.skel.h"

#define K(kind) (1ull << PK_EVENT_##kind)
#define LSM (1u << PK_BACKEND_LSM)
#define TP (1u << PK_BACKEND_TRACEPOINT)
#define BOTH (LSM | TP)

/*
 * Not kinds of event: what stands for a hook that only rules want. On accept (a hook of its own can deny it),
 * on send (who is to be killed is killed at the call's end), on open (what creates a file passes another
 * hook first), on calls that are denied where CAP_SYS_ADMIN is asked for, on keys.
 */
#define PK_EVENT_JUDGED_ACCEPT 63
#define PK_EVENT_JUDGED_SEND 62
#define PK_EVENT_JUDGED_OPEN 61
#define PK_EVENT_JUDGED_GUARDED 60
#define PK_EVENT_JUDGED_KEYCTL 59
#define PK_EVENT_JUDGED_PERF 58
#define PK_EVENT_JUDGED_ANON 57
#define PK_EVENT_JUDGED_MEMFD 56

#define KINDS_ALWAYS (K(EXEC) | K(FORK) | K(EXIT))
#define KINDS_CHANGE (K(CHMOD) | K(CHOWN) | K(TRUNCATE))
#define KINDS_PATH                                                                       \
	(K(RENAME) | K(UNLINK) | K(LINK) | K(SYMLINK) | K(MKDIR) | K(RMDIR) | K(MKNOD) | \
	 KINDS_CHANGE)
#define KINDS_GUARDED \
	(K(OPEN_TREE) | K(FSMOUNT) | K(FSCONFIG) | K(MOUNT_SETATTR) | K(SETNS) | K(UNSHARE))
#define KINDS_SENSOR ((1ull << PK_EVENT_SENSOR_MAX) - 1)
#define KINDS_SYSTEM (KINDS_SENSOR & ~(K(DO_MOUNT) - 1)) /* of struct pk_sys_event */
#define KINDS_SOCKET (K(CONNECT) | K(BIND) | K(LISTEN) | K(ACCEPT))

enum how {
	ATTACH,    /* to the hook in the program's section */
	CGROUP,    /* to the cgroup */
	EXIT_SLOT, /* to a slot of pk_exit_progs */
	CALL_A,    /* to pk_call_progs_a, _b: the slot that fexit programs go on in */
	CALL_B,
	IN_A, /* an fexit program that does: only if the call's BTF prototype is of that group */
	IN_B,
};

struct sensor {
	const char *name;
	enum pk_hook hook;
	__u64 kinds; /* needed when one of these is wanted */
	unsigned int backends;
	enum how how;
	unsigned int slot;
	bool optional; /* older kernels have no such hook, and need none */
};

/* Seen at the end of the call itself on the lsm backend. */
#define KINDS_CALL                                                                            \
	(K(OPEN_TREE) | K(FSMOUNT) | K(FSCONFIG) | K(MOUNT_SETATTR) | K(SETNS) | K(UNSHARE) | \
	 K(KEYCTL) | K(SECCOMP) | K(PERF_EVENT) | K(IO_URING) | K(USERFAULTFD) | K(MEMFD))
#define CALL(name, kind)                                                                  \
	{ "pk_a_x64_" #name, PK_HOOK_EXIT_SYSTEM, K(kind), LSM, IN_A, 0, true },          \
		{ "pk_b_x64_" #name, PK_HOOK_EXIT_SYSTEM, K(kind), LSM, IN_B, 0, true },  \
		{ "pk_a_ia32_" #name, PK_HOOK_EXIT_SYSTEM, K(kind), LSM, IN_A, 0, true }, \
	{                                                                                 \
		"pk_b_ia32_" #name, PK_HOOK_EXIT_SYSTEM, K(kind), LSM, IN_B, 0, true      \
	}

static const struct sensor sensors_table[] = {
	{ "pk_process_fork", PK_HOOK_PROCESS_FORK, K(FORK), BOTH, ATTACH, 0, false },
	{ "pk_cgroup_attach", PK_HOOK_PROCESS_FORK, K(FORK), BOTH, ATTACH, 0, false },
	{ "pk_container_mkdir", PK_HOOK_CGROUP_MKDIR, K(FORK), BOTH, ATTACH, 0, false },
	{ "pk_container_rmdir", PK_HOOK_CGROUP_MKDIR, K(FORK), BOTH, ATTACH, 0, false },
	{ "pk_cgroup_mkdir", PK_HOOK_CGROUP_MKDIR, K(FORK), BOTH, ATTACH, 0, false },
	{ "pk_process_exec", PK_HOOK_PROCESS_EXEC, K(EXEC), BOTH, ATTACH, 0, false },
	{ "pk_process_exit", PK_HOOK_PROCESS_EXIT, K(EXIT), BOTH, ATTACH, 0, false },
	{ "pk_bprm_check", PK_HOOK_BPRM_CHECK, K(EXEC), LSM, ATTACH, 0, false },
	{ "pk_file_open", PK_HOOK_FILE_OPEN, K(OPEN), LSM, ATTACH, 0, false },
	{ "pk_path_unlink", PK_HOOK_PATH_UNLINK, K(UNLINK), LSM, ATTACH, 0, false },
	{ "pk_path_rmdir", PK_HOOK_PATH_RMDIR, K(RMDIR), LSM, ATTACH, 0, false },
	{ "pk_path_mkdir", PK_HOOK_PATH_MKDIR, K(MKDIR), LSM, ATTACH, 0, false },
	{ "pk_path_mknod", PK_HOOK_PATH_MKNOD, K(MKNOD) | K(JUDGED_OPEN), LSM, ATTACH, 0, false },
	{ "pk_path_symlink", PK_HOOK_PATH_SYMLINK, K(SYMLINK), LSM, ATTACH, 0, false },
	{ "pk_path_link", PK_HOOK_PATH_LINK, K(LINK), LSM, ATTACH, 0, false },
	{ "pk_path_rename", PK_HOOK_PATH_RENAME, K(RENAME), LSM, ATTACH, 0, false },
	{ "pk_path_chmod", PK_HOOK_PATH_CHMOD, K(CHMOD), LSM, ATTACH, 0, false },
	{ "pk_path_chown", PK_HOOK_PATH_CHOWN, K(CHOWN), LSM, ATTACH, 0, false },
	{ "pk_path_truncate", PK_HOOK_PATH_TRUNCATE, K(TRUNCATE), LSM, ATTACH, 0, false },
	{ "pk_file_truncate", PK_HOOK_PATH_TRUNCATE, K(TRUNCATE), LSM, ATTACH, 0, true },
	{ "pk_vfs_unlink", PK_HOOK_VFS_UNLINK, K(UNLINK), LSM, ATTACH, 0, false },
	{ "pk_vfs_rmdir", PK_HOOK_VFS_RMDIR, K(RMDIR), LSM, ATTACH, 0, false },
	{ "pk_vfs_mkdir", PK_HOOK_VFS_MKDIR, K(MKDIR), LSM, ATTACH, 0, false },
	{ "pk_vfs_mknod", PK_HOOK_VFS_MKNOD, K(MKNOD), LSM, ATTACH, 0, false },
	{ "pk_vfs_create", PK_HOOK_VFS_CREATE, K(MKNOD), LSM, ATTACH, 0, false },
	{ "pk_vfs_symlink", PK_HOOK_VFS_SYMLINK, K(SYMLINK), LSM, ATTACH, 0, false },
	{ "pk_vfs_link", PK_HOOK_VFS_LINK, K(LINK), LSM, ATTACH, 0, false },
	{ "pk_vfs_rename", PK_HOOK_VFS_RENAME, K(RENAME), LSM, ATTACH, 0, false },
	{ "pk_change_begin", PK_HOOK_NOTIFY_CHANGE, KINDS_CHANGE, LSM, ATTACH, 0, false },
	{ "pk_notify_change", PK_HOOK_NOTIFY_CHANGE, KINDS_CHANGE, LSM, ATTACH, 0, false },
	{ "pk_socket_connect", PK_HOOK_SOCKET_CONNECT, K(CONNECT) | K(SEND), LSM, ATTACH, 0,
	  false },
	{ "pk_unix_stream_connect", PK_HOOK_SOCKET_CONNECT, K(CONNECT), LSM, ATTACH, 0, false },
	{ "pk_unix_may_send", PK_HOOK_SOCKET_SENDMSG, K(CONNECT) | K(SEND), LSM, ATTACH, 0, false },
	{ "pk_socket_bind", PK_HOOK_SOCKET_BIND, K(BIND), LSM, ATTACH, 0, false },
	{ "pk_socket_listen", PK_HOOK_SOCKET_LISTEN, K(LISTEN), LSM, ATTACH, 0, false },
	{ "pk_socket_accept", PK_HOOK_SOCKET_ACCEPT, K(JUDGED_ACCEPT), LSM, ATTACH, 0, false },
	{ "pk_sock_graft", PK_HOOK_SOCK_GRAFT, K(ACCEPT), LSM, ATTACH, 0, false },
	{ "pk_socket_sendmsg", PK_HOOK_SOCKET_SENDMSG, K(SEND) | K(CONNECT), LSM, ATTACH, 0,
	  false },
	{ "pk_connect4", PK_HOOK_CGROUP_CONNECT, K(CONNECT), TP, CGROUP, 0, false },
	{ "pk_connect6", PK_HOOK_CGROUP_CONNECT, K(CONNECT), TP, CGROUP, 0, false },
	{ "pk_sendmsg4", PK_HOOK_CGROUP_SENDMSG, K(SEND), TP, CGROUP, 0, false },
	{ "pk_sendmsg6", PK_HOOK_CGROUP_SENDMSG, K(SEND), TP, CGROUP, 0, false },
	{ "pk_exit_open", PK_HOOK_EXIT_OPEN, K(OPEN), TP, EXIT_SLOT, PK_EXIT_OPEN, false },
	{ "pk_exit_fd", PK_HOOK_EXIT_FD, KINDS_CHANGE, TP, EXIT_SLOT, PK_EXIT_FD, false },
	{ "pk_exit_path", PK_HOOK_EXIT_PATH, KINDS_PATH, TP, EXIT_SLOT, PK_EXIT_PATH, false },
	{ "pk_exit_socket", PK_HOOK_EXIT_SOCKET, KINDS_SOCKET, TP, EXIT_SLOT, PK_EXIT_SOCKET,
	  false },
	{ "pk_exit_system", PK_HOOK_EXIT_SYSTEM, KINDS_SYSTEM, TP, EXIT_SLOT, PK_EXIT_SYSTEM,
	  false },
	{ "pk_sys_exit", PK_HOOK_EXIT_OPEN,
	  K(OPEN) | KINDS_PATH | KINDS_SOCKET | K(JUDGED_SEND) | KINDS_SYSTEM, TP, ATTACH, 0,
	  false },
	{ "pk_sb_mount", PK_HOOK_SB_MOUNT, K(DO_MOUNT), LSM, ATTACH, 0, false },
	{ "pk_sb_umount", PK_HOOK_SB_UMOUNT, K(UMOUNT), LSM, ATTACH, 0, false },
	{ "pk_move_mount", PK_HOOK_MOVE_MOUNT, K(MOVE_MOUNT), LSM, ATTACH, 0, false },
	{ "pk_sb_pivotroot", PK_HOOK_SB_PIVOTROOT, K(PIVOT_ROOT), LSM, ATTACH, 0, false },
	{ "pk_path_chroot", PK_HOOK_PATH_CHROOT, K(CHROOT), LSM, ATTACH, 0, false },
	{ "pk_capable", PK_HOOK_CAPABLE, K(JUDGED_GUARDED), LSM, ATTACH, 0, false },
	{ "pk_call_a", PK_HOOK_EXIT_SYSTEM, KINDS_CALL, LSM, CALL_A, 0, false },
	{ "pk_call_b", PK_HOOK_EXIT_SYSTEM, KINDS_CALL, LSM, CALL_B, 0, true },
	CALL(open_tree, OPEN_TREE),
	CALL(fsmount, FSMOUNT),
	CALL(fsconfig, FSCONFIG),
	CALL(mount_setattr, MOUNT_SETATTR),
	{ "pk_task_fix_setuid", PK_HOOK_FIX_SETUID, K(SETUID), LSM, ATTACH, 0, false },
	{ "pk_task_fix_setgid", PK_HOOK_FIX_SETGID, K(SETGID), LSM, ATTACH, 0, false },
	{ "pk_capset", PK_HOOK_CAPSET, K(CAPSET), LSM, ATTACH, 0, false },
	{ "pk_ptrace_access_check", PK_HOOK_PTRACE, K(PTRACE), LSM, ATTACH, 0, false },
	{ "pk_ptrace_traceme", PK_HOOK_PTRACE, K(PTRACE), LSM, ATTACH, 0, false },
	{ "pk_task_kill", PK_HOOK_TASK_KILL, K(KILL), LSM, ATTACH, 0, false },
	{ "pk_signal_generate", PK_HOOK_TASK_KILL, K(KILL), TP, ATTACH, 0, false },
	{ "pk_userns_create", PK_HOOK_USERNS, K(USERNS), LSM, ATTACH, 0, true },
	{ "pk_task_prctl", PK_HOOK_PRCTL, K(PRCTL), LSM, ATTACH, 0, false },
	{ "pk_key_permission", PK_HOOK_KEY, K(JUDGED_KEYCTL), LSM, ATTACH, 0, false },
	CALL(setns, SETNS),
	CALL(unshare, UNSHARE),
	CALL(keyctl, KEYCTL),
	CALL(add_key, KEYCTL),
	CALL(request_key, KEYCTL),
	CALL(seccomp, SECCOMP),
	{ "pk_kernel_read_file", PK_HOOK_LOAD, K(MODULE) | K(KEXEC), LSM, ATTACH, 0, false },
	{ "pk_kernel_load_data", PK_HOOK_LOAD, K(MODULE) | K(KEXEC), LSM, ATTACH, 0, false },
	{ "pk_bpf", PK_HOOK_BPF, K(BPF), LSM, ATTACH, 0, false },
	{ "pk_uring_override_creds", PK_HOOK_URING, K(IO_URING), LSM, ATTACH, 0, true },
	{ "pk_perf_event_open", PK_HOOK_PERF, K(JUDGED_PERF), LSM, ATTACH, 0, true },
	{ "pk_inode_init_security_anon", PK_HOOK_ANON, K(JUDGED_ANON), LSM, ATTACH, 0, true },
	{ "pk_file_alloc_security", PK_HOOK_ALLOC, K(JUDGED_MEMFD), LSM, ATTACH, 0, true },
	CALL(perf_event_open, PERF_EVENT),
	CALL(io_uring_setup, IO_URING),
	CALL(userfaultfd, USERFAULTFD),
	CALL(memfd_create, MEMFD),
	{ "pk_mmap_file", PK_HOOK_MMAP, K(MMAP), LSM, ATTACH, 0, false },
	{ "pk_file_mprotect", PK_HOOK_MPROTECT, K(MPROTECT), LSM, ATTACH, 0, false },
};

#define SENSOR_CNT (sizeof(sensors_table) / sizeof(sensors_table[0]))

struct pk_sensors {
	struct picket_bpf *skel;
	struct bpf_program *progs[SENSOR_CNT]; /* NULL: not in use */
	struct bpf_link *links[SENSOR_CNT];
	bool attached[SENSOR_CNT];
	unsigned int cnt;
	struct pk_sensors_options options;
	int cpu_cnt;
	__u64 missing;
	int missing_err;
	const char *group_b; /* a function of the second group of calls; NULL: there is none */
	__u32 group_b_proto;
};

void pk_sensors_detach(struct pk_sensors *sensors)
{
	for (size_t i = SENSOR_CNT; i-- > 0;) {
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
	picket_bpf__destroy(sensors->skel);
	free(sensors);
}

/*
 * "lsm/file_open" is the kernel function bpf_lsm_file_open; "fexit/vfs_unlink" is vfs_unlink. Its number in
 * BTF; 0: there is none; -1: the program has no such hook.
 */
static int hook_btf_id(const struct btf *vmlinux, const struct bpf_program *prog)
{
	const char *section = bpf_program__section_name(prog);
	const char *slash = strchr(section, '/');
	char function[128];
	int id;

	if (!slash || (strncmp(section, "lsm/", 4) && strncmp(section, "fexit/", 6) &&
		       strncmp(section, "fentry/", 7)))
		return -1;
	snprintf(function, sizeof(function), "%s%s", section[0] == 'l' ? "bpf_lsm_" : "",
		 slash + 1);
	id = btf__find_by_name_kind(vmlinux, function, BTF_KIND_FUNC);
	return id > 0 ? id : 0;
}

/* Group a is what the call that pk_call_a names has, group b the other prototype. */
static __u32 proto_of(const struct btf *vmlinux, const struct bpf_program *prog)
{
	int id = hook_btf_id(vmlinux, prog);

	return id > 0 ? btf__type_by_id(vmlinux, (__u32)id)->type : 0;
}

/* Whether an fexit program is the one of its two that fits; the first of group b stands for it. */
static bool fits_group(struct pk_sensors *sensors, const struct sensor *sensor,
		       const struct bpf_program *prog, const struct btf *vmlinux)
{
	__u32 proto = proto_of(vmlinux, prog);
	__u32 first = proto_of(vmlinux, sensors->skel->progs.pk_call_a);

	if (sensor->how == IN_A)
		return proto == first;
	if (proto == first)
		return false;
	if (!sensors->group_b) {
		sensors->group_b = strchr(bpf_program__section_name(prog), '/') + 1;
		sensors->group_b_proto = proto;
	}
	return proto == sensors->group_b_proto;
}

/* Can it be of use with these options? */
static bool sensor_possible(const struct sensor *sensor, const struct pk_sensors_options *options)
{
	if (!(sensor->backends & (1u << options->backend)))
		return false;
	return sensor->how != CGROUP || options->cgroup_fd >= 0;
}

static bool sensor_wanted(const struct sensor *sensor, __u64 kinds)
{
	return sensor->kinds & (kinds | KINDS_ALWAYS);
}

/* What stands for the second group of calls is loaded as one of them, if there are any. */
static int choose_group_b(struct pk_sensors *sensors)
{
	struct bpf_program *const progs[] = { sensors->skel->progs.pk_call_b,
					      sensors->skel->progs.pk_f_call_b };
	int err = 0;

	for (size_t i = 0; i < SENSOR_CNT; i++) {
		if (sensors->progs[i] != progs[0] || sensors->group_b)
			continue;
		bpf_program__set_autoload(progs[0], false);
		sensors->progs[i] = NULL;
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(progs) && sensors->group_b && !err; i++)
		err = bpf_program__set_attach_target(progs[i], 0, sensors->group_b);
	return err;
}

/* Decide which programs are loaded at all. */
static int choose(struct pk_sensors *sensors, const struct pk_sensors_options *options,
		  const struct btf *vmlinux, const char **reterr_what)
{
	int err;

	for (size_t i = 0; i < SENSOR_CNT; i++) {
		const struct sensor *sensor = &sensors_table[i];
		struct bpf_program *prog = bpf_object__find_program_by_name(sensors->skel->obj,
									    sensor->name);
		bool wanted = sensor_possible(sensor, options) &&
			      (options->judging || sensor_wanted(sensor, options->kinds));

		*reterr_what = sensor->name;
		if (!prog)
			return -ENOENT;
		if (wanted && !hook_btf_id(vmlinux, prog)) {
			if (!sensor->optional)
				return -ENOENT;
			wanted = false;
		}
		if (wanted && (sensor->how == IN_A || sensor->how == IN_B))
			wanted = fits_group(sensors, sensor, prog, vmlinux);
		bpf_program__set_autoload(prog, wanted);
		if (wanted)
			sensors->progs[i] = prog;
	}
	err = choose_group_b(sensors);
	if (err)
		return err;
	if (options->backend == PK_BACKEND_TRACEPOINT && options->cgroup_fd < 0) {
		sensors->missing = options->kinds & (K(CONNECT) | K(SEND));
		sensors->missing_err = -ENOENT;
	}
	return 0;
}

/* The first half of a point: "pk_f_file_open" is the second of "pk_file_open". */
static bool has_first_half(const struct pk_sensors *sensors, const char *finish)
{
	char name[64];

	snprintf(name, sizeof(name), "pk_%s", finish + strlen("pk_f_"));
	for (size_t i = 0; i < SENSOR_CNT; i++)
		if (!strcmp(sensors_table[i].name, name))
			return sensors->progs[i] != NULL;
	return true; /* of several programs, or run by hand */
}

/* Second halves, and programs that are run by hand: for rules only. */
static int choose_judging(struct pk_sensors *sensors, const struct pk_sensors_options *options,
			  const char **reterr_what)
{
	struct bpf_object *object = sensors->skel->obj;
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	bpf_program__set_autoload(bpf_object__find_program_by_name(object, "pk_feed_run"),
				  options->judging);
	bpf_program__set_autoload(bpf_object__find_program_by_name(object, "pk_replay_run"), false);
	bpf_program__set_autoload(bpf_object__find_program_by_name(object, "pk_escape_run"), false);
	for (size_t i = 0; i < cnt; i++) {
		struct bpf_program *finish = bpf_object__find_program_by_name(object,
									      points[i].finish);

		*reterr_what = points[i].finish;
		if (!finish)
			return -ENOENT;
		bpf_program__set_autoload(finish,
					  options->judging && !points[i].by_test &&
						  (points[i].backends & (1u << options->backend)) &&
						  has_first_half(sensors, points[i].finish));
	}
	return 0;
}

/* Puts the second halves where the emitted programs find them. */
static int put_finishes(struct pk_sensors *sensors, const char **reterr_what)
{
	struct bpf_object *object = sensors->skel->obj;
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		int fd =
			bpf_program__fd(bpf_object__find_program_by_name(object, points[i].finish));
		__u32 slot = points[i].group * PK_PROG_SLOTS + PK_SLOT_FINISH;
		int err;

		if (fd < 0)
			continue;
		*reterr_what = points[i].finish;
		err = bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, points[i].progs),
					  &slot, &fd, BPF_ANY);
		if (err)
			return err;
	}
	return 0;
}

/* Inode numbers of the first process's namespaces; of the agent's own where that one is not to be seen. */
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
static void shrink(struct picket_bpf *skel)
{
	bpf_map__set_max_entries(skel->maps.pk_container_tag_map, 1);
	bpf_map__set_max_entries(skel->maps.pk_seen_map, 1);
	bpf_map__set_max_entries(skel->maps.pk_spent_map, 1);
	bpf_map__set_max_entries(skel->maps.pk_doomed_map, 1);
}

static int configure(struct pk_sensors *sensors, const struct pk_sensors_options *options)
{
	struct picket_bpf *skel = sensors->skel;
	__u32 ring = round_up_pow2(options->ring_bytes ?: PK_RING_BYTES_DEFAULT);
	struct pk_config *config = (struct pk_config *)&skel->rodata->pk_config;
	int err;

	config->event_mask = (options->kinds & KINDS_SENSOR) | KINDS_ALWAYS;
	config->scope_cgroup_id = options->scope_cgroup_id;
	config->wake_bytes = ring / 4 < (512u << 10) ? ring / 4 : 512u << 10;
	config->self_pid = getpid();
	config->host_mnt_ns = host_mnt_ns();
	config->host_net_ns = host_net_ns();
	config->cpu_cnt = sensors->cpu_cnt;
	config->backend = options->backend;
	config->judging = options->judging;
	pk_syscalls_fill((__u8(*)[PK_SYSCALL_MAX])skel->rodata->pk_exit_calls);
	err = bpf_map__set_max_entries(skel->maps.pk_ring, ring);
	if (err)
		return err;
	if (!options->judging)
		shrink(sensors->skel);
	err = bpf_map__set_max_entries(skel->maps.pk_key_map,
				       (__u32)sensors->cpu_cnt * PK_SCRATCH_SLOTS);
	if (err)
		return err;
	return bpf_map__set_max_entries(skel->maps.pk_scratch_map,
					(__u32)sensors->cpu_cnt * PK_SCRATCH_SLOTS);
}

/* The map in a slot of which a program stands that others go on in; NULL: it is attached to a hook. */
static struct bpf_map *slots_of(const struct pk_sensors *sensors, const struct sensor *sensor)
{
	switch (sensor->how) {
	case EXIT_SLOT:
		return sensors->skel->maps.pk_exit_progs;
	case CALL_A:
		return sensors->skel->maps.pk_call_progs_a;
	case CALL_B:
		return sensors->skel->maps.pk_call_progs_b;
	default:
		return NULL;
	}
}

static int attach(struct pk_sensors *sensors, size_t i, int cgroup_fd)
{
	const struct sensor *sensor = &sensors_table[i];
	const struct bpf_map *slots = slots_of(sensors, sensor);
	struct bpf_program *prog = sensors->progs[i];
	int fd = bpf_program__fd(prog);
	__u32 slot = sensor->slot;
	struct bpf_link *link;

	if (slots) {
		int err = bpf_map_update_elem(bpf_map__fd(slots), &slot, &fd, BPF_ANY);

		sensors->attached[i] = !err;
		sensors->cnt += !err;
		return err;
	}
	link = sensor->how == CGROUP ? bpf_program__attach_cgroup(prog, cgroup_fd) :
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
	const struct bpf_map *slots = slots_of(sensors, &sensors_table[i]);
	__u32 slot = sensors_table[i].slot;

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
	const struct sensor *sensor = &sensors_table[i];
	int err;

	if (wanted == sensors->attached[i])
		return 0;
	if (!wanted) {
		detach(sensors, i);
		return 0;
	}
	err = attach(sensors, i, sensors->options.cgroup_fd);
	if (err && sensor->how == CGROUP) {
		/* the rest works without: no CAP_NET_ADMIN, or somebody else's cgroup */
		sensors->missing |= sensors->options.kinds & sensor->kinds;
		sensors->missing_err = err;
		return 0;
	}
	return err;
}

int pk_sensors_set_judged(struct pk_sensors *sensors, __u64 kinds, const char **reterr_what)
{
	__u64 all = sensors->options.kinds | kinds;

	if (kinds & K(ACCEPT))
		all |= K(JUDGED_ACCEPT);
	if (kinds & K(OPEN))
		all |= K(JUDGED_OPEN);
	if (kinds & K(SEND))
		all |= K(JUDGED_SEND);
	if (kinds & K(PERF_EVENT))
		all |= K(JUDGED_PERF);
	if (kinds & (K(IO_URING) | K(USERFAULTFD)))
		all |= K(JUDGED_ANON);
	if (kinds & K(MEMFD))
		all |= K(JUDGED_MEMFD);
	if (kinds & K(KEYCTL))
		all |= K(JUDGED_KEYCTL);
	if (kinds & KINDS_GUARDED)
		all |= K(JUDGED_GUARDED);
	for (size_t i = 0; i < SENSOR_CNT; i++) {
		int err;

		if (!sensors->progs[i])
			continue;
		*reterr_what = sensors_table[i].name;
		err = bring(sensors, i, sensor_wanted(&sensors_table[i], all));
		if (err)
			return err;
	}
	return 0;
}

int pk_sensors_new(const struct pk_sensors_options *options, struct pk_sensors **ret_sensors,
		   const char **reterr_what)
{
	pk_cleanup(pk_sensors_free_p) struct pk_sensors *sensors = NULL;
	struct btf *vmlinux;
	int err;

	libbpf_set_print(print_debug);
	*reterr_what = "memory";
	sensors = calloc(1, sizeof(*sensors));
	if (!sensors)
		return -ENOMEM;
	sensors->options = *options;
	sensors->options.kinds &= KINDS_SENSOR;
	*reterr_what = "number of CPUs";
	sensors->cpu_cnt = libbpf_num_possible_cpus();
	if (sensors->cpu_cnt <= 0)
		return sensors->cpu_cnt ?: -EINVAL;
	*reterr_what = "built-in object";
	sensors->skel = picket_bpf__open();
	if (!sensors->skel)
		return -errno;
	*reterr_what = "kernel type information (BTF)";
	vmlinux = btf__load_vmlinux_btf();
	if (!vmlinux)
		return -errno;
	err = choose(sensors, options, vmlinux, reterr_what);
	btf__free(vmlinux);
	if (err)
		return err;
	err = choose_judging(sensors, options, reterr_what);
	if (err)
		return err;
	*reterr_what = "configuration";
	err = configure(sensors, options);
	if (err)
		return err;
	*reterr_what = "BPF programs";
	err = picket_bpf__load(sensors->skel);
	if (err)
		return err;
	err = put_finishes(sensors, reterr_what);
	if (!err)
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
	for (size_t i = 0; i < SENSOR_CNT; i++) {
		struct bpf_prog_info info;

		if (!sensors->progs[i] || prog_info(sensors->progs[i], &info))
			continue;
		ret_counters->produced[sensors_table[i].hook] += info.recursion_misses;
		ret_counters->lost[sensors_table[i].hook][PK_LOSS_RECURSION] +=
			info.recursion_misses;
	}
	return 0;
}

unsigned int pk_sensors_get_stats(const struct pk_sensors *sensors,
				  struct pk_sensor_stat *ret_stats, unsigned int max)
{
	unsigned int cnt = 0;

	for (size_t i = 0; i < SENSOR_CNT; i++) {
		struct bpf_prog_info info;

		if (!sensors->progs[i] || prog_info(sensors->progs[i], &info))
			continue;
		if (cnt < max)
			ret_stats[cnt] = (struct pk_sensor_stat){ sensors_table[i].name,
								  info.run_cnt, info.run_time_ns };
		cnt++;
	}
	return cnt;
}
