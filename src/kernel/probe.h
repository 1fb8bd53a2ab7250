/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this kernel lets Picket do, found out by trying.
 *
 * In: /proc, /sys and the bpf() system call. Out: struct pk_probe, plain facts that own nothing,
 * and the backend that follows from them. Each fact is known, or carries the errno that says why
 * it is not. Nothing stays behind: what is loaded, attached or made is gone on return.
 */
#ifndef PK_KERNEL_PROBE_H
#define PK_KERNEL_PROBE_H

#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "event.h"

/* Limits, in bytes with the final NUL. */
#define PK_PROBE_NAME_MAX 65u  /* a field of uname() */
#define PK_PROBE_LSMS_MAX 512u /* the list of active security modules */

#define PK_PROBE_HOOKS_MAX 48u /* entries of pk_probe_hooks, its end included */

/* What one trial found. */
enum pk_probe_state {
	PK_PROBE_UNKNOWN = 0, /* could not be tried; `err` says why */
	PK_PROBE_OK = 1,
	PK_PROBE_REFUSED = 2, /* `stage` refused with `err` */
};

/* How far a trial came. */
enum pk_probe_stage {
	PK_PROBE_STAGE_NONE = 0,
	PK_PROBE_STAGE_FIND = 1,   /* the kernel's type information does not have the hook */
	PK_PROBE_STAGE_CREATE = 2, /* making a map */
	PK_PROBE_STAGE_LOAD = 3,   /* loading a program */
	PK_PROBE_STAGE_ATTACH = 4,
	PK_PROBE_STAGE_RUN = 5, /* in place, but it is never called or does not do what it should */
	PK_PROBE_STAGE_MAX = 6,
};

struct pk_probe_result {
	enum pk_probe_state state;
	enum pk_probe_stage stage;
	int err; /* positive errno; 0 if ok */
};

/* What is tried. */
enum pk_probe_feature {
	PK_PROBE_RAW_TP = 0,       /* raw_tp/sched_process_exec, attached */
	PK_PROBE_TP_BTF = 1,       /* tp_btf/sched_process_exec, attached */
	PK_PROBE_FENTRY = 2,       /* fentry/vfs_unlink, attached */
	PK_PROBE_FEXIT = 3,        /* fexit/vfs_unlink, attached */
	PK_PROBE_LSM = 4,          /* lsm/file_open, attached and seen to be called */
	PK_PROBE_CGROUP = 5,       /* cgroup/connect4, attached to an empty cgroup of its own */
	PK_PROBE_READ_KERNEL = 6,  /* a tp_btf program that calls bpf_probe_read_kernel, loaded */
	PK_PROBE_RINGBUF = 7,      /* the map, made */
	PK_PROBE_TASK_STORAGE = 8, /* the map and a tp_btf program that uses it, loaded */
	PK_PROBE_SK_STORAGE = 9,   /* the map, made */
	PK_PROBE_TAIL_CALL = 10,   /* from one raw_tp program to another through a map, run */
	PK_PROBE_LOOP = 11,        /* the helper bpf_loop, run */
	PK_PROBE_ITER_TASK = 12,   /* iter/task, attached */
	PK_PROBE_SYSCALL = 13,     /* a program of type syscall, run */
	PK_PROBE_FEATURE_MAX = 14,
};

/* A number, or why it is not known. */
struct pk_probe_number {
	int err; /* 0: known; else positive errno */
	uint64_t value;
};

/* Where a file system is mounted; ENOENT: nowhere. */
struct pk_probe_path {
	int err; /* 0: known; else positive errno */
	char path[PATH_MAX];
};

enum pk_probe_lockdown {
	PK_PROBE_LOCKDOWN_NONE = 0,
	PK_PROBE_LOCKDOWN_INTEGRITY = 1,
	PK_PROBE_LOCKDOWN_CONFIDENTIALITY = 2,
};

/* Active security modules, comma-separated and in the kernel's order. */
struct pk_probe_lsms {
	int err; /* 0: known; else positive errno */
	char list[PK_PROBE_LSMS_MAX];
};

struct pk_probe {
	/* kernel */
	char release[PK_PROBE_NAME_MAX];
	char arch[PK_PROBE_NAME_MAX];
	struct pk_probe_number btf_bytes; /* size of the kernel's type information; ENOENT: none */
	struct pk_probe_number jit;       /* net.core.bpf_jit_enable */
	struct pk_probe_number unprivileged_bpf_disabled; /* kernel.unprivileged_bpf_disabled */
	struct pk_probe_number bpf_stats;                 /* kernel.bpf_stats_enabled */
	struct pk_probe_path cgroup2;
	struct pk_probe_path tracefs;
	struct pk_probe_path securityfs;
	/* privileges of this process */
	struct pk_probe_number caps_effective;  /* bit set, as in /proc/self/status */
	struct pk_probe_number seccomp;         /* 0 off, 1 strict, 2 filter */
	struct pk_probe_number user_ns_initial; /* 1: in the initial user namespace */
	struct pk_probe_number pid_ns_initial;  /* 1: in the initial pid namespace */
	/* security modules */
	struct pk_probe_lsms lsms;
	struct pk_probe_number lockdown; /* enum pk_probe_lockdown */
	/* hooks */
	int hooks_err;                         /* 0: hook_missing is known; else positive errno */
	bool hook_missing[PK_PROBE_HOOKS_MAX]; /* index of pk_probe_hooks: not in this kernel */
	struct pk_probe_result features[PK_PROBE_FEATURE_MAX];
};

/* A capability that Picket has a use for. */
struct pk_probe_cap {
	unsigned int number;
	const char *name;
	bool needed; /* without it there is no backend (CAP_SYS_ADMIN stands in for all of them) */
	const char *use;
};

/* Ends with an entry that has no name. */
extern const struct pk_probe_cap pk_probe_caps[];

/*
 * The hooks that a backend cannot do without, one for each kernel function or tracepoint, as
 * "lsm/file_open", "fexit/vfs_unlink", "tp_btf/sys_exit". Ends with NULL.
 */
extern const char *const pk_probe_hooks[];

/*
 * Asks everything. Programs that do nothing are attached for some microseconds, and an empty
 * cgroup is made and removed. libbpf's messages are off meanwhile: not for threaded use.
 *
 * @ret: written on success; about 13 KiB, owns nothing.
 * Returns 0, or -errno of uname(). What cannot be found out is a fact, not an error.
 */
int pk_probe_run(struct pk_probe *ret);

/*
 * Which backend the facts allow.
 *
 * @ret_reason: a static string: for the tracepoint backend why it is not lsm, for none what
 *              is in the way.
 */
enum pk_backend pk_probe_backend(const struct pk_probe *probe, const char **ret_reason);

/*
 * Whether the hooks of the lsm backend work: an LSM program is loaded, attached to file_open, and
 * seen to be called; a fexit program is attached; and the kernel has all the hooks of the backend.
 *
 * Returns 0; -ENOENT if the kernel has no BPF LSM, lacks a hook, or has no type information;
 * -EOPNOTSUPP if the program attaches but is never called ("bpf" is not among the active security
 * modules); else -errno of loading or attaching, -EPERM without the privileges.
 */
int pk_probe_lsm(void);

/*
 * Whether the process is known to be in a pid namespace that is not the initial one. Events have the initial
 * one's pids: there neither /proc nor getpid() would fit them, so no backend can be used.
 */
bool pk_probe_pid_ns_differs(void);

/*
 * The mount point of the cgroup v2 hierarchy, the only one or that of a hybrid layout.
 *
 * @size: of @buf in bytes, PATH_MAX fits all.
 * Returns 0; -ENOENT if it is not mounted; -ENAMETOOLONG if @buf is too small; or -errno of
 * reading /proc/self/mountinfo.
 */
int pk_probe_cgroup2_path(char *buf, size_t size);

/*
 * Whether the process has a capability, or CAP_SYS_ADMIN in the place of CAP_BPF, CAP_PERFMON
 * or CAP_NET_ADMIN as bpf() takes it (Linux 5.8 and later). False if not known.
 */
bool pk_probe_has_cap(const struct pk_probe *probe, unsigned int cap);

/* "tp_btf", "ring buffer", ...; never NULL. */
const char *pk_probe_feature_name(enum pk_probe_feature feature);

/* The parsers of the kernel's text; they take any bytes. */

/*
 * The number after "@key:" at the start of a line of /proc/PID/status, in @base 10 or 16.
 * Returns 0, -ENOENT without such a line, -EINVAL if no number or more than one follows.
 */
int pk_probe_parse_status(const char *text, const char *key, int base, uint64_t *ret);

/* Whether the comma-separated @list has the word @name. */
bool pk_probe_list_has(const char *list, const char *name);

/*
 * The word in brackets in /sys/kernel/security/lockdown, "none [integrity] confidentiality".
 * Returns 0 or -EINVAL.
 */
int pk_probe_parse_lockdown(const char *text, enum pk_probe_lockdown *ret);

/*
 * Mount point of the first file system of the type @fs_type in text like /proc/self/mountinfo;
 * one whose root is mounted goes before one of which only a part is. Octal escapes are undone.
 * Lines that make no sense are passed over.
 *
 * Returns 0, -ENOENT if there is none, -ENAMETOOLONG if it does not fit @size bytes, or -errno
 * of reading.
 */
int pk_probe_parse_mounts(FILE *mountinfo, const char *fs_type, char *buf, size_t size);

#endif
