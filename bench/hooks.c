// SPDX-License-Identifier: Apache-2.0
/*
 * What each hook costs, by the kernel's own accounting (BPF_STATS_RUN_TIME): programs are
 * attached in this process, a child makes them run, and ns a run is read back for each.
 *
 *   hooks lsm|tracepoint LOOPS PERCENT
 *
 * LOOPS is the path of the loops program, PERCENT scales how often it calls. Three states, in
 * turn, each PASSES times:
 *   empty     `r0 = 0; exit` on the same hooks: what the call and the accounting itself cost
 *   gated     the sensors, scoped to a cgroup that nobody is in: nothing to do
 *   reported  the sensors, for everything; what they report is read and thrown away
 *
 * One JSON line a state, loop and program that ran: the least ns a run over the passes. A tail
 * call is accounted to the program that made it, so pk_sys_exit has the whole tracepoint backend's
 * work at system call exits.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/probe.h"
#include "kernel/sensors.h"

#define MAX_PROGS 64u
#define PASSES 3u
#define NOBODY (~0ull) /* no cgroup has this id */
#define SLICE_NS 2000000

struct hook {
	const char *name; /* of the sensor */
	const char *btf_name;
	__u32 backends;
	enum bpf_prog_type type;
	enum bpf_attach_type attach_type;
	__u32 btf_kind;
	int prog_fd;
	int link_fd;
};

#define LSM (1u << PK_BACKEND_LSM)
#define TRACEPOINT (1u << PK_BACKEND_TRACEPOINT)
#define HOOK_TP(sensor, hook, backends)                                                         \
	{ sensor, "btf_trace_" hook, backends, BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP,         \
	  BTF_KIND_TYPEDEF, -1, -1 }
#define HOOK_LSM(sensor, hook)                                                                  \
	{ sensor, "bpf_lsm_" hook, LSM, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, BTF_KIND_FUNC, -1, -1 }
#define HOOK_FEXIT(sensor, hook)                                                                \
	{ sensor, hook, LSM, BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, BTF_KIND_FUNC, -1, -1 }

static struct hook hooks[] = {
	HOOK_TP("pk_process_exec", "sched_process_exec", LSM | TRACEPOINT),
	HOOK_TP("pk_process_fork", "sched_process_fork", LSM | TRACEPOINT),
	HOOK_TP("pk_process_exit", "sched_process_exit", LSM | TRACEPOINT),
	HOOK_TP("pk_sys_exit", "sys_exit", TRACEPOINT),
	HOOK_LSM("pk_bprm_check", "bprm_check_security"),
	HOOK_LSM("pk_file_open", "file_open"),
	HOOK_LSM("pk_path_unlink", "path_unlink"),
	HOOK_LSM("pk_path_rename", "path_rename"),
	HOOK_LSM("pk_path_chmod", "path_chmod"),
	HOOK_LSM("pk_socket_connect", "socket_connect"),
	HOOK_LSM("pk_socket_sendmsg", "socket_sendmsg"),
	HOOK_LSM("pk_sock_graft", "sock_graft"),
	HOOK_FEXIT("pk_vfs_unlink", "vfs_unlink"),
	HOOK_FEXIT("pk_vfs_rename", "vfs_rename"),
	HOOK_FEXIT("pk_notify_change", "notify_change"),
};

static const struct {
	const char *name;
	unsigned int calls;
} loops[] = {
	{ "getppid", 20000 }, { "open", 5000 },	   { "exec", 100 },
	{ "connect", 500 },   { "send", 5000 },	   { "files", 500 },
};

enum state { EMPTY, GATED, REPORTED, STATE_MAX };

static const char *const state_names[] = { "empty", "gated", "reported" };

/* What one program did in one loop; ns: the least of the passes. */
struct cost {
	const char *name;
	__u64 runs;
	double ns;
};

struct bench {
	enum pk_backend backend;
	const char *loops_path;
	unsigned int percent;
	int cgroup_fd;
	struct cost costs[STATE_MAX][PK_ARRAY_SIZE(loops)][MAX_PROGS];
};

_Noreturn static void die(const char *what, int err)
{
	fprintf(stderr, "hooks: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(EXIT_FAILURE);
}

/* ---- the empty programs ---- */

static void hooks_attach(enum pk_backend backend, const struct btf *btf)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(hooks); i++) {
		struct hook *hook = &hooks[i];
		LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = hook->attach_type);
		int id;

		if (!(hook->backends & 1u << backend))
			continue;
		id = btf__find_by_name_kind(btf, hook->btf_name, hook->btf_kind);
		if (id < 0)
			die(hook->btf_name, id);
		opts.attach_btf_id = (__u32)id;
		hook->prog_fd = bpf_prog_load(hook->type, "empty", "GPL", insns,
					      PK_ARRAY_SIZE(insns), &opts);
		if (hook->prog_fd < 0)
			die(hook->btf_name, hook->prog_fd);
		hook->link_fd = bpf_raw_tracepoint_open(NULL, hook->prog_fd);
		if (hook->link_fd < 0)
			die(hook->btf_name, hook->link_fd);
	}
}

static void hooks_detach(void)
{
	for (size_t i = 0; i < PK_ARRAY_SIZE(hooks); i++) {
		pk_close_p(&hooks[i].link_fd);
		pk_close_p(&hooks[i].prog_fd);
	}
}

static unsigned int hooks_get_stats(struct pk_sensor_stat *ret_stats)
{
	unsigned int cnt = 0;

	for (size_t i = 0; i < PK_ARRAY_SIZE(hooks); i++) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		if (hooks[i].prog_fd < 0)
			continue;
		if (bpf_obj_get_info_by_fd(hooks[i].prog_fd, &info, &len))
			die("program statistics", errno);
		ret_stats[cnt++] = (struct pk_sensor_stat){ hooks[i].name, info.run_cnt,
							    info.run_time_ns };
	}
	return cnt;
}

/* ---- running ---- */

static int discard(void *ctx, void *data, size_t len)
{
	return 0;
}

/* Runs a loop to its end, reading what is reported meanwhile. */
static void run_loop(const struct bench *bench, size_t loop, struct ring_buffer *ring)
{
	unsigned int calls = loops[loop].calls * bench->percent / 100;
	char text[16];
	int status;
	pid_t pid;

	snprintf(text, sizeof(text), "%u", calls ? calls : 1);
	pid = fork();
	if (pid < 0)
		die("fork", errno);
	if (!pid) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(null, STDOUT_FILENO);
		execl(bench->loops_path, "loops", loops[loop].name, "1", text, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (ring)
			ring_buffer__consume(ring);
		nanosleep(&(struct timespec){ .tv_nsec = SLICE_NS }, NULL);
	}
	if (status)
		die(loops[loop].name, EIO);
	if (ring)
		ring_buffer__consume(ring);
}

static unsigned int get_stats(const struct pk_sensors *sensors, struct pk_sensor_stat *ret_stats)
{
	unsigned int cnt = sensors ? pk_sensors_get_stats(sensors, ret_stats, MAX_PROGS) :
				     hooks_get_stats(ret_stats);

	return cnt < MAX_PROGS ? cnt : MAX_PROGS;
}

static void note(struct cost *cost, const struct pk_sensor_stat *before,
		 const struct pk_sensor_stat *after)
{
	__u64 runs = after->run_cnt - before->run_cnt;
	double ns = runs ? (double)(after->run_ns - before->run_ns) / (double)runs : 0;

	if (!runs || (cost->runs && cost->ns <= ns))
		return;
	*cost = (struct cost){ after->name, runs, ns };
}

static void run_loops(struct bench *bench, enum state state, const struct pk_sensors *sensors,
		      struct ring_buffer *ring)
{
	struct pk_sensor_stat before[MAX_PROGS], after[MAX_PROGS];

	for (size_t loop = 0; loop < PK_ARRAY_SIZE(loops); loop++) {
		unsigned int cnt = get_stats(sensors, before);

		run_loop(bench, loop, ring);
		get_stats(sensors, after);
		for (unsigned int i = 0; i < cnt; i++)
			note(&bench->costs[state][loop][i], &before[i], &after[i]);
	}
}

static void run_sensors(struct bench *bench, enum state state)
{
	struct pk_sensors_options options = {
		.backend = bench->backend,
		.kinds = (1ull << PK_EVENT_SENSOR_MAX) - 2,
		.scope_cgroup_id = state == GATED ? NOBODY : 0,
		.cgroup_fd = bench->cgroup_fd,
	};
	pk_cleanup(pk_sensors_free_p) struct pk_sensors *sensors = NULL;
	struct ring_buffer *ring;
	const char *what = NULL;
	int err = pk_sensors_new(&options, &sensors, &what);

	if (err)
		die(what, err);
	ring = ring_buffer__new(pk_sensors_get_ring_fd(sensors), discard, NULL, NULL);
	if (!ring)
		die("ring buffer", errno);
	for (unsigned int pass = 0; pass < PASSES; pass++)
		run_loops(bench, state, sensors, ring);
	ring_buffer__free(ring);
}

static void print(const struct bench *bench)
{
	for (size_t state = 0; state < STATE_MAX; state++) {
		for (size_t loop = 0; loop < PK_ARRAY_SIZE(loops); loop++) {
			for (unsigned int i = 0; i < MAX_PROGS; i++) {
				const struct cost *cost = &bench->costs[state][loop][i];

				if (!cost->runs)
					continue;
				printf("{\"state\":\"%s\",\"loop\":\"%s\",\"program\":\"%s\","
				       "\"runs\":%llu,\"ns\":%.1f}\n",
				       state_names[state], loops[loop].name, cost->name,
				       (unsigned long long)cost->runs, cost->ns);
			}
		}
	}
}

int main(int argc, char **argv)
{
	static struct bench bench = { .cgroup_fd = -1 };
	char cgroup[4096];
	struct btf *btf;
	int stats_fd;

	bench.percent = argc == 4 ? (unsigned int)atoi(argv[3]) : 0;
	if (!bench.percent || (strcmp(argv[1], "lsm") && strcmp(argv[1], "tracepoint"))) {
		fprintf(stderr, "usage: hooks lsm|tracepoint LOOPS PERCENT\n");
		return 2;
	}
	bench.backend = argv[1][0] == 'l' ? PK_BACKEND_LSM : PK_BACKEND_TRACEPOINT;
	bench.loops_path = argv[2];
	if (!pk_probe_cgroup2_path(cgroup, sizeof(cgroup)))
		bench.cgroup_fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (stats_fd < 0)
		die("statistics", stats_fd);
	btf = btf__load_vmlinux_btf();
	if (!btf)
		die("type information", errno);
	hooks_attach(bench.backend, btf);
	btf__free(btf);
	for (unsigned int pass = 0; pass < PASSES; pass++)
		run_loops(&bench, EMPTY, NULL, NULL);
	hooks_detach();
	run_sensors(&bench, GATED);
	run_sensors(&bench, REPORTED);
	print(&bench);
	close(stats_fd);
	return EXIT_SUCCESS;
}
