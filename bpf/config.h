/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
/*
 * What user space tells the programs, and the little that both write.
 *
 * struct pk_config is filled before the load and frozen: the verifier sees constants and
 * drops what they switch off. struct pk_state is mapped by both sides while running.
 */
#ifndef PK_CONFIG_H
#define PK_CONFIG_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#include "event.h"

#define PK_SCRATCH_SLOTS 3 /* records under construction on one CPU, by nested preemption */

/* Where containers' cgroups are: in cgroup v2, or in the hierarchy of cgroup v1 that has this controller. */
enum pk_cgroup_controller {
	PK_CGROUP_V2 = 0,
	PK_CGROUP_PIDS = 1,
	PK_CGROUP_MEMORY = 2,
	PK_CGROUP_DEVICES = 3,
	PK_CGROUP_CONTROLLER_MAX = 4,
};

struct pk_config {
	__u64 event_mask;      /* bit (1 << kind): this kind is wanted */
	__u64 scope_cgroup_id; /* cgroup v2: only its processes and their descendants; 0: all */
	__u64 wake_bytes;  /* fill of the ring buffer from which on each record wakes the reader */
	__u32 self_pid;    /* the agent: its own actions are no events */
	__u32 host_mnt_ns; /* inode number of the host's mount namespace */
	__u32 cpu_cnt;     /* possible CPUs */
	__u32 backend;     /* enum pk_backend */
	__u32 judging;     /* rules are in use: all kinds may be judged */
	__u32 host_net_ns; /* inode number of the host's network namespace */
	__u32 cgroup_controller; /* enum pk_cgroup_controller */
	__u32 cgroup_hierarchy;  /* id of the hierarchy; 0: cgroup v2 */
};

struct pk_state {
	/* set by the reader before it sleeps without a time limit, cleared by the record that wakes it */
	__u32 reader_idle;
	/* set by the record that wakes the reader because the buffer fills, cleared when it has read */
	__u32 reader_called;
	/* set once a process of the scope was seen outside the scope's cgroup */
	__u32 strays;
	/* which bank (judge.h) is in force: read once an event */
	__u32 bank;
	/* 1 + the bank being built: processes are looked up in its tables too; 0: none */
	__u32 next_bank;
	__u32 generation[2];   /* of each bank's rule set, 0: none */
	__u64 judged_kinds[2]; /* of each bank: 1 << enum pk_event_kind that some rule is about */
	__u64 closed_kinds[2]; /* ... that do so on what is unknown: what cannot be judged is refused */
	__u64 pre_kinds[2];       /* ... that deny or kill, for points where facts are missing */
	__u64 container_kinds[2]; /* ... whose rules ask for facts of the container */
	__u64 escape_kinds[2]; /* ... that ask how a process stands to its container (escape.h) */
	__u64 creds_kinds[2];  /* ... that ask whether credentials are explained (creds.h) */
	__u32 creds_epoch;     /* counts up, from 1: what was kept before is stale */
	__u32 pad0;
	__u32 doomed_cnt; /* processes that are to be killed when a system call of theirs returns */
	__u32 cgroup_lost_cnt; /* notes of cgroups (cgroup.h) that did not fit into their ring buffer */
	__u64 suppressed_cnt; /* events that were not reported because of a limit or as repeats */
};

/* One CPU's counters, by hook. */
struct pk_counters {
	__u64 produced[PK_HOOK_CNT]; /* events made, dropped ones included; index enum pk_hook */
	__u64 lost[PK_HOOK_CNT][8];  /* [enum pk_hook][enum pk_loss] */
};

/*
 * What a system call does, as the tracepoint backend tells them apart at their exit. The table
 * pk_exit_calls holds one for each call number, native and 32-bit.
 */
enum pk_call {
	PK_CALL_NONE = 0,
	PK_CALL_OPEN, /* open family: the result is a file descriptor */
	PK_CALL_CREAT,
	PK_CALL_OPENAT,
	PK_CALL_OPENAT2,
	PK_CALL_OPEN_HANDLE,
	PK_CALL_FCHMOD, /* by file descriptor */
	PK_CALL_FCHOWN,
	PK_CALL_FTRUNCATE,
	PK_CALL_UNLINK, /* by path */
	PK_CALL_UNLINKAT,
	PK_CALL_RMDIR,
	PK_CALL_MKDIR,
	PK_CALL_MKDIRAT,
	PK_CALL_MKNOD,
	PK_CALL_MKNODAT,
	PK_CALL_SYMLINK,
	PK_CALL_SYMLINKAT,
	PK_CALL_LINK,
	PK_CALL_LINKAT,
	PK_CALL_RENAME,
	PK_CALL_RENAMEAT,
	PK_CALL_RENAMEAT2,
	PK_CALL_CHMOD,
	PK_CALL_FCHMODAT,
	PK_CALL_FCHMODAT2,
	PK_CALL_CHOWN,
	PK_CALL_LCHOWN,
	PK_CALL_FCHOWNAT,
	PK_CALL_TRUNCATE,
	PK_CALL_CONNECT, /* sockets */
	PK_CALL_BIND,
	PK_CALL_LISTEN,
	PK_CALL_ACCEPT,
	PK_CALL_SOCKETCALL, /* 32-bit: all of them */
	PK_CALL_SYSTEM,     /* those of struct pk_sys_event begin behind this */
	PK_CALL_MOUNT,
	PK_CALL_UMOUNT,
	PK_CALL_OLDUMOUNT, /* 32-bit: no flags */
	PK_CALL_MOVE_MOUNT,
	PK_CALL_OPEN_TREE,
	PK_CALL_FSMOUNT,
	PK_CALL_FSCONFIG,
	PK_CALL_MOUNT_SETATTR,
	PK_CALL_PIVOT_ROOT,
	PK_CALL_CHROOT,
	PK_CALL_SETUID,
	PK_CALL_SETGID,
	PK_CALL_SETGROUPS,
	PK_CALL_CAPSET,
	PK_CALL_PTRACE,
	PK_CALL_VM_READ,
	PK_CALL_VM_WRITE,
	PK_CALL_PIDFD_GETFD,
	PK_CALL_SETNS,
	PK_CALL_UNSHARE,
	PK_CALL_CLONE, /* of a user namespace */
	PK_CALL_CLONE3,
	PK_CALL_KEYCTL,
	PK_CALL_ADD_KEY,
	PK_CALL_REQUEST_KEY,
	PK_CALL_PRCTL,
	PK_CALL_SECCOMP,
	PK_CALL_INIT_MODULE,
	PK_CALL_FINIT_MODULE,
	PK_CALL_KEXEC_LOAD,
	PK_CALL_KEXEC_FILE,
	PK_CALL_BPF,
	PK_CALL_PERF_EVENT,
	PK_CALL_IO_URING,
	PK_CALL_USERFAULTFD,
	PK_CALL_MEMFD,
	PK_CALL_MMAP,
	PK_CALL_MPROTECT,
	PK_CALL_SOCKET,
	PK_CALL_DUP,   /* of an IPv4 or IPv6 socket */
	PK_CALL_FCNTL, /* F_DUPFD of one */
	PK_CALL_PERSONALITY,
	PK_CALL_SYSLOG,
	PK_CALL_SYSINFO,
	PK_CALL_SETXATTR, /* extended attributes: from here ... */
	PK_CALL_LSETXATTR,
	PK_CALL_FSETXATTR,
	PK_CALL_SETXATTRAT,
	PK_CALL_REMOVEXATTR,
	PK_CALL_LREMOVEXATTR,
	PK_CALL_FREMOVEXATTR,
	PK_CALL_REMOVEXATTRAT, /* ... to here */
	PK_CALL_CLOCK_SETTIME,
	PK_CALL_CLOCK_SETTIME32, /* 32-bit: seconds of 32 bits */
	PK_CALL_SETTIMEOFDAY,
	PK_CALL_STIME, /* 32-bit */
	PK_CALL_ADJTIMEX,
	PK_CALL_CLOCK_ADJTIME,
	PK_CALL_DELETE_MODULE,
	PK_CALL_IOCTL,
	PK_CALL_MAX,
};

/* Slots of the table of programs that the sys_exit program continues in. */
enum pk_exit_prog {
	PK_EXIT_OPEN = 0,
	PK_EXIT_FD = 1,
	PK_EXIT_PATH = 2,
	PK_EXIT_SOCKET = 3,
	PK_EXIT_SYSTEM = 4,
	PK_EXIT_MAX = 5,
};

#define PK_SYSCALL_MAX 512 /* call numbers from here on are not looked at */

#endif
