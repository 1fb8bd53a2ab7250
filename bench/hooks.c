// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel's own accounting of BPF programs, and empty programs to hold it against.
 *
 *   hooks stats              runs and ns of each program named pk_... or no_..., one JSON line
 *                            each, since it was loaded (kernel.bpf_stats_enabled must be 1)
 *   hooks empty lsm|tracepoint   `r0 = 0; exit` on the sensors' hooks, named no_ and then like
 *                            the sensor; says "ready" and stays until standard input ends
 *
 * A tail call is accounted to the program that made it: pk_sys_exit has the whole of the
 * tracepoint backend's work at system call exits.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

struct hook {
	const char *name;
	const char *btf_name;
	enum bpf_prog_type type;
	enum bpf_attach_type attach_type;
	__u32 btf_kind;
};

#define TP(sensor, hook)                                                                  \
	{                                                                                 \
		"no_" sensor, "btf_trace_" hook, BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, \
			BTF_KIND_TYPEDEF                                                  \
	}
#define LSM(hook)                                                                          \
	{                                                                                  \
		"no_" hook, "bpf_lsm_" hook, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, BTF_KIND_FUNC \
	}
#define FEXIT(hook)                                                                     \
	{                                                                               \
		"no_" hook, hook, BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, BTF_KIND_FUNC \
	}

static const struct hook hooks_both[] = {
	TP("process_exec", "sched_process_exec"),
	TP("process_fork", "sched_process_fork"),
	TP("process_exit", "sched_process_exit"),
};

static const struct hook hooks_tracepoint[] = {
	TP("sys_exit", "sys_exit"),
};

static const struct hook hooks_lsm[] = {
	{ "no_bprm_check", "bpf_lsm_bprm_check_security", BPF_PROG_TYPE_LSM, BPF_LSM_MAC,
	  BTF_KIND_FUNC },
	LSM("file_open"),
	LSM("path_unlink"),
	LSM("path_rename"),
	LSM("path_chmod"),
	LSM("socket_connect"),
	LSM("socket_sendmsg"),
	LSM("sock_graft"),
	FEXIT("vfs_unlink"),
	FEXIT("vfs_rename"),
	FEXIT("notify_change"),
};

_Noreturn static void die(const char *what, int err)
{
	fprintf(stderr, "hooks: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(EXIT_FAILURE);
}

/* What is attached stays until the process ends. */
static void attach(const struct btf *btf, const struct hook *hooks, size_t cnt)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	for (size_t i = 0; i < cnt; i++) {
		LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = hooks[i].attach_type);
		int id = btf__find_by_name_kind(btf, hooks[i].btf_name, hooks[i].btf_kind);
		char name[BPF_OBJ_NAME_LEN];
		int fd;

		if (id < 0)
			die(hooks[i].btf_name, id);
		opts.attach_btf_id = (__u32)id;
		snprintf(name, sizeof(name), "%.15s", hooks[i].name);
		fd = bpf_prog_load(hooks[i].type, name, "GPL", insns, PK_ARRAY_SIZE(insns), &opts);
		if (fd < 0)
			die(hooks[i].btf_name, fd);
		fd = bpf_raw_tracepoint_open(NULL, fd);
		if (fd < 0)
			die(hooks[i].btf_name, fd);
	}
}

static void empty(bool lsm)
{
	struct btf *btf = btf__load_vmlinux_btf();
	char byte;

	if (!btf)
		die("type information", errno);
	attach(btf, hooks_both, PK_ARRAY_SIZE(hooks_both));
	if (lsm)
		attach(btf, hooks_lsm, PK_ARRAY_SIZE(hooks_lsm));
	else
		attach(btf, hooks_tracepoint, PK_ARRAY_SIZE(hooks_tracepoint));
	btf__free(btf);
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static void stats(void)
{
	__u32 id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		pk_cleanup(pk_close_p) int fd = bpf_prog_get_fd_by_id(id);
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);

		/* it may be gone by now */
		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
			continue;
		if (strncmp(info.name, "pk_", 3) && strncmp(info.name, "no_", 3))
			continue;
		printf("{\"id\":%u,\"program\":\"%s\",\"runs\":%llu,\"ns\":%llu}\n", id, info.name,
		       (unsigned long long)info.run_cnt, (unsigned long long)info.run_time_ns);
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "stats")) {
		stats();
		return EXIT_SUCCESS;
	}
	if (argc == 3 && !strcmp(argv[1], "empty") &&
	    (!strcmp(argv[2], "lsm") || !strcmp(argv[2], "tracepoint"))) {
		empty(argv[2][0] == 'l');
		return EXIT_SUCCESS;
	}
	fprintf(stderr, "usage: hooks stats | empty lsm|tracepoint\n");
	return 2;
}
