/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
/*
 * The wire between the kernel side and user space: one record an event.
 *
 * Written by the programs in bpf/ (and, for the kinds marked "made in user space", by
 * src/stream/), carried by the ring buffer, kept verbatim in recordings. Fixed-width fields
 * only, explicit padding, native byte order. A record is a struct pk_event, then the body of
 * its kind, then string bytes that struct pk_str fields point at. Unused bytes are zero.
 * The reader treats every record as hostile: see pk_record_check() in src/stream/record.h.
 */
#ifndef PK_EVENT_H
#define PK_EVENT_H

#ifndef __bpf__
#include <assert.h>
#include <linux/types.h>
#endif

/* Version of everything in this file; stands in each recording. */
#define PK_WIRE_VERSION 5

/* Limits, in bytes. A string cut at a limit is flagged, never silently short. */
#define PK_PATH_MAX 8192u /* a resolved path, final NUL not counted */
#define PK_ARGS_MAX 8192u /* all arguments with their NULs */
#define PK_ENV_MAX 8192u  /* the environment with its NULs */
#define PK_NAME_MAX 256u  /* a file name as asked for, a script's name, a link's target: see use */
#define PK_RECORD_MAX 49152u /* a whole record */
#define PK_COMM_LEN 16u

/* Kinds of record. */
enum pk_event_kind {
	PK_EVENT_NONE = 0,
	/* process family */
	PK_EVENT_EXEC = 1,
	PK_EVENT_FORK = 2,
	PK_EVENT_EXIT = 3,
	/* file family */
	PK_EVENT_OPEN = 4,
	PK_EVENT_RENAME = 5,
	PK_EVENT_UNLINK = 6,
	PK_EVENT_LINK = 7,
	PK_EVENT_SYMLINK = 8,
	PK_EVENT_MKDIR = 9,
	PK_EVENT_RMDIR = 10,
	PK_EVENT_MKNOD = 11,
	PK_EVENT_CHMOD = 12,
	PK_EVENT_CHOWN = 13,
	PK_EVENT_TRUNCATE = 14,
	/* network family */
	PK_EVENT_CONNECT = 15,
	PK_EVENT_BIND = 16,
	PK_EVENT_LISTEN = 17,
	PK_EVENT_ACCEPT = 18,
	PK_EVENT_SEND = 19, /* first datagram of a socket to a peer */
	/* mount family */
	PK_EVENT_DO_MOUNT = 20, /* mount() */
	PK_EVENT_UMOUNT = 21,
	PK_EVENT_MOVE_MOUNT = 22,
	PK_EVENT_OPEN_TREE = 23,
	PK_EVENT_FSMOUNT = 24,
	PK_EVENT_FSCONFIG = 25,
	PK_EVENT_MOUNT_SETATTR = 26,
	PK_EVENT_PIVOT_ROOT = 27,
	PK_EVENT_CHROOT = 28,
	/* privilege family */
	PK_EVENT_SETUID = 29,
	PK_EVENT_SETGID = 30,
	PK_EVENT_CAPSET = 31,
	PK_EVENT_PTRACE = 32, /* and other roads into another process */
	PK_EVENT_KILL = 33,   /* to another cgroup or user */
	PK_EVENT_SETNS = 34,
	PK_EVENT_UNSHARE = 35,
	PK_EVENT_USERNS = 36, /* a new user namespace */
	PK_EVENT_KEYCTL = 37,
	PK_EVENT_PRCTL = 38,
	PK_EVENT_SECCOMP = 39,
	/* kernel family */
	PK_EVENT_MODULE = 40,
	PK_EVENT_KEXEC = 41,
	PK_EVENT_BPF = 42,
	PK_EVENT_PERF_EVENT = 43,
	PK_EVENT_IO_URING = 44,
	PK_EVENT_USERFAULTFD = 45,
	PK_EVENT_MEMFD = 46,
	/* memory family */
	PK_EVENT_MMAP = 47,     /* writable and executable */
	PK_EVENT_MPROTECT = 48, /* makes memory executable that was written */
	/* the kernel family again */
	PK_EVENT_SOCKET = 49,         /* of a rare family */
	PK_EVENT_REQUEST_MODULE = 50, /* the kernel loads one because of the process */
	/* the network family again */
	PK_EVENT_DUP = 51, /* another descriptor for an IPv4 or IPv6 socket */
	/* and the kernel family */
	PK_EVENT_PERSONALITY = 52, /* of the process, set */
	PK_EVENT_SYSLOG = 53,      /* the kernel's own log: read, cleared, its console */
	PK_EVENT_SYSINFO = 54,     /* only if a rule or --events asks for it */
	/* the file family again, of struct pk_sys_event */
	PK_EVENT_SETXATTR = 55, /* extended attributes */
	PK_EVENT_REMOVEXATTR = 56,
	/* the kernel family again */
	PK_EVENT_SETTIME = 57, /* the machine's clock is set, not just slowed or hastened */
	PK_EVENT_DELETE_MODULE = 58,
	/* the privilege family again */
	PK_EVENT_SET_NAME = 59, /* prctl(PR_SET_NAME); only if a rule or --events asks for it */
	/* and the file family */
	PK_EVENT_IOCTL = 60,      /* a few of ioctl(); only if a rule or --events asks for it */
	PK_EVENT_SENSOR_MAX = 61, /* masks have a bit for every kind: START has 61 */
	/* made in user space */
	PK_EVENT_START = 61, /* first record of a stream; again when the wall clock was set */
	PK_EVENT_LOST = 62,  /* events or facts that did not make it, per (hook, reason) */
	PK_EVENT_STOP = 63,  /* last record of a stream: totals */
	PK_EVENT_REPEATS =
		64, /* matches of a rule that were counted and not told one by one; has bit 0 */
	/* likewise; never printed, so no mask has a bit for them */
	PK_EVENT_PROC = 65,      /* a process that was alive before the sensors were */
	PK_EVENT_MOUNT = 66,     /* one entry of the host's mount table */
	PK_EVENT_CONTAINER = 67, /* which container a cgroup is; again when more is known of it */
};

/* Where a record was made: one value a BPF program, so that loss has an address. */
enum pk_hook {
	PK_HOOK_NONE = 0,
	PK_HOOK_PROCESS_EXEC = 1, /* tp_btf/sched_process_exec */
	PK_HOOK_PROCESS_FORK = 2, /* tp_btf/sched_process_fork */
	PK_HOOK_PROCESS_EXIT = 3, /* tp_btf/sched_process_exit */
	PK_HOOK_BPRM_CHECK = 4,   /* lsm/bprm_check_security */
	PK_HOOK_FILE_OPEN = 5,    /* lsm/file_open */
	PK_HOOK_PATH_UNLINK = 6,  /* lsm/path_unlink */
	PK_HOOK_PATH_RMDIR = 7,
	PK_HOOK_PATH_MKDIR = 8,
	PK_HOOK_PATH_MKNOD = 9,
	PK_HOOK_PATH_SYMLINK = 10,
	PK_HOOK_PATH_LINK = 11,
	PK_HOOK_PATH_RENAME = 12,
	PK_HOOK_PATH_CHMOD = 13,
	PK_HOOK_PATH_CHOWN = 14,
	PK_HOOK_PATH_TRUNCATE = 15,
	PK_HOOK_VFS_UNLINK = 16, /* fexit/vfs_unlink */
	PK_HOOK_VFS_RMDIR = 17,
	PK_HOOK_VFS_MKDIR = 18,
	PK_HOOK_VFS_MKNOD = 19,
	PK_HOOK_VFS_CREATE = 20,
	PK_HOOK_VFS_SYMLINK = 21,
	PK_HOOK_VFS_LINK = 22,
	PK_HOOK_VFS_RENAME = 23,
	PK_HOOK_NOTIFY_CHANGE = 24,  /* fexit/notify_change: chmod, chown, truncate */
	PK_HOOK_SOCKET_CONNECT = 25, /* lsm/socket_connect */
	PK_HOOK_SOCKET_BIND = 26,
	PK_HOOK_SOCKET_LISTEN = 27,
	PK_HOOK_SOCK_GRAFT = 28, /* lsm/sock_graft: accept */
	PK_HOOK_SOCKET_SENDMSG = 29,
	PK_HOOK_CGROUP_CONNECT = 30, /* cgroup/connect4, connect6 */
	PK_HOOK_CGROUP_SENDMSG = 31, /* cgroup/sendmsg4, sendmsg6 */
	PK_HOOK_EXIT_OPEN = 32,      /* tp_btf/sys_exit of the open calls */
	PK_HOOK_EXIT_PATH = 33,      /* ... of calls that name files by path */
	PK_HOOK_EXIT_FD = 34,        /* ... of fchmod, fchown, ftruncate */
	PK_HOOK_EXIT_SOCKET = 35,    /* ... of connect, bind, listen, accept, send */
	PK_HOOK_USER = 36,           /* the agent itself */
	PK_HOOK_SOCKET_ACCEPT = 37,  /* lsm/socket_accept: denies */
	PK_HOOK_SB_MOUNT = 38,       /* lsm/sb_mount */
	PK_HOOK_SB_UMOUNT = 39,
	PK_HOOK_MOVE_MOUNT = 40,
	PK_HOOK_SB_PIVOTROOT = 41,
	PK_HOOK_PATH_CHROOT = 42,
	PK_HOOK_CAPABLE = 43,     /* lsm/capable: denies calls that have no hook of their own */
	PK_HOOK_EXIT_SYSTEM = 44, /* end of the system calls of struct pk_sys_event */
	PK_HOOK_FIX_SETUID = 45,  /* lsm/task_fix_setuid */
	PK_HOOK_FIX_SETGID = 46,
	PK_HOOK_CAPSET = 47,
	PK_HOOK_PTRACE = 48,    /* lsm/ptrace_access_check, ptrace_traceme */
	PK_HOOK_TASK_KILL = 49, /* lsm/task_kill, tp_btf/signal_generate */
	PK_HOOK_USERNS = 50,    /* lsm/userns_create */
	PK_HOOK_PRCTL = 51,     /* lsm/task_prctl */
	PK_HOOK_KEY = 52,       /* lsm/key_permission: denies */
	PK_HOOK_LOAD = 53,      /* lsm/kernel_read_file, kernel_load_data */
	PK_HOOK_BPF = 54,       /* lsm/bpf */
	PK_HOOK_URING = 55,     /* lsm/uring_override_creds */
	PK_HOOK_PERF = 56,      /* lsm/perf_event_open: denies */
	PK_HOOK_ANON = 57,      /* lsm/inode_init_security_anon: denies */
	PK_HOOK_ALLOC = 58,     /* lsm/file_alloc_security: denies */
	PK_HOOK_MMAP = 59,      /* lsm/mmap_file */
	PK_HOOK_MPROTECT = 60,
	PK_HOOK_CGROUP_MKDIR = 61,   /* tp_btf/cgroup_mkdir: containers */
	PK_HOOK_SOCKET_CREATE = 62,  /* lsm/socket_create */
	PK_HOOK_MODULE_REQUEST = 63, /* lsm/kernel_module_request, tp_btf/module_request */
	PK_HOOK_XATTR = 64,          /* lsm/inode_setxattr, _removexattr, _set_acl, _remove_acl */
	PK_HOOK_SETTIME = 65,        /* lsm/settime */
	PK_HOOK_IOCTL = 66,          /* lsm/file_ioctl, file_ioctl_compat */
	PK_HOOK_MAX = 67,            /* at most PK_HOOK_CNT */
};

#define PK_HOOK_CNT 80u /* there is room for */

/* Why something is missing. The first three lose events, the others lose facts of an event. */
enum pk_loss {
	PK_LOSS_RING = 0,    /* ring buffer full */
	PK_LOSS_SCRATCH = 1, /* all scratch slots of the CPU in use (nested preemption) */
	PK_LOSS_RECURSION =
		2, /* the kernel skipped a program that was already running on the CPU */
	PK_LOSS_EVENT_MAX = 3,
	PK_LOSS_READ = 3,    /* kernel or user memory could not be read */
	PK_LOSS_STORAGE = 4, /* per-task storage could not be had */
	PK_LOSS_MATCHES = 5, /* more rules matched an event than it can name: PK_MAX_MATCHES */
	PK_LOSS_MAX = 6,
};

/* pk_event.flags */
#define PK_FLAG_COMPAT (1u << 0)      /* 32-bit system call */
#define PK_FLAG_IO_URING (1u << 1)    /* done by io_uring, from a worker or inline */
#define PK_FLAG_BACKEND_LSM (1u << 2) /* seen by the lsm backend */
#define PK_FLAG_FACTS_LOST (1u << 3)  /* some fact could not be read; counted under (hook, read) */
/*
 * Facts about leaving a container (escape.h), found only where some rule asks. Two bits each: it is known, and
 * it is so; the second is never set without the first.
 */
#define PK_FLAG_NS_KNOWN (1u << 8)
#define PK_FLAG_NS_ESCAPED (1u << 9)
#define PK_FLAG_FD_KNOWN (1u << 10)
#define PK_FLAG_FD_OUTSIDE (1u << 11)
#define PK_FLAG_CAPS_KNOWN (1u << 12)
#define PK_FLAG_CAPS_GAINED (1u << 13)
#define PK_FLAG_EXE_RUNTIME_KNOWN (1u << 14)
#define PK_FLAG_EXE_RUNTIME (1u << 15)
#define PK_FLAG_FD_RUNTIME_KNOWN (1u << 16)
#define PK_FLAG_FD_RUNTIME (1u << 17)
#define PK_FLAG_CREDS_KNOWN (1u << 18) /* creds.h, of host processes too */
#define PK_FLAG_CREDS_UNEXPLAINED (1u << 19)
#define PK_FLAGS_CREDS 0xc0000u
#define PK_FLAGS_ESCAPE 0x3ff00u
#define PK_FLAGS_ESCAPE_KNOWN 0x15500u
#define PK_FLAGS_FOUND (PK_FLAGS_ESCAPE | PK_FLAGS_CREDS)
#define PK_FLAGS_ESCAPE_SO 0x2aa00u /* any of them is so: whoever acts is a container's, or was */

/* A string inside the record: `len` bytes at `off` from the record's start, no NUL. len 0: none. */
struct pk_str {
	__u16 off;
	__u16 len;
};

/* pk_path.flags */
#define PK_PATH_TRUNCATED (1u << 0) /* longer than PK_PATH_MAX: the beginning is missing */
#define PK_PATH_OUTSIDE (1u << 1)   /* not below the process's root: root_off means nothing */
#define PK_PATH_PSEUDO (1u << 2)    /* on no mount (memfd, pipe): name is not a path */
#define PK_PATH_DELETED (1u << 3)   /* no name left in the file system when it was read */
#define PK_PATH_HOST_NS \
	(1u << 4) /* the process is in the host's mount namespace: name is host path */
#define PK_PATH_ARGUMENT (1u << 5) /* read from the caller's memory after the call, not resolved */
#define PK_PATH_UNREADABLE (1u << 6) /* could not be read at all or in part */

/*
 * Where a file is. `name` is absolute, resolved through all mounts up to the root of the mount
 * namespace. `name` from `root_off` on is what the process sees; `name` from `mnt_off` on is
 * the part inside the file's own mount, and `mnt_root` the part from the file system's root to that mount's
 * root (only filled when the process is not in the host's mount namespace and it is not "/").
 */
struct pk_path {
	struct pk_str name;
	__u16 root_off;
	__u16 mnt_off;
	struct pk_str mnt_root;
	__u32 flags; /* PK_PATH_* */
};

/* Which file it is. All zero when there is none. */
struct pk_inode {
	__u64 ino;
	__u32 dev;  /* of the file system: kernel's encoding, major << 20 | minor */
	__u32 mode; /* type and permissions */
	__u32 uid;  /* owner, in the initial user namespace */
	__u32 gid;
	__u32 nlink;
	__u32 rdev; /* device files: which device, same encoding */
};

/* What became of an event. */
enum pk_verdict {
	PK_VERDICT_ALLOWED = 0,
	PK_VERDICT_DENIED = 1, /* the call failed with EPERM, nothing of it happened */
	PK_VERDICT_KILLED = 2, /* the process was sent SIGKILL before the call returned */
	PK_VERDICT_SPARED =
		3, /* a rule would have denied or killed, but it is init or Picket itself */
	PK_VERDICT_MAX = 4,
};

/* The rules that matched an event. Behind it `match_cnt` numbers: index of the rule in its rule
 * set, with PK_MATCH_UNKNOWN when the kernel could not tell. At most PK_MAX_MATCHES. */
struct pk_judgement {
	__u32 generation; /* of the rule set */
	__u32 match_cnt;
	__u64 tags; /* of the process, before the rules that matched set theirs: bit per tag */
	__u64 container_tags;
	__u64 repeat_cnt; /* like ones of (rule, process, object) since the last that was reported */
};

/* Head of every record. Facts are of the acting process at the time of the event. */
struct pk_event {
	__u32 size_bytes; /* whole record, multiple of 8 */
	__u16 kind;       /* enum pk_event_kind */
	__u16 hook;       /* enum pk_hook */
	__u64 time_ns;    /* CLOCK_BOOTTIME */
	__u64 exec_id; /* the process: start time in ns (CLOCK_BOOTTIME) ^ pid << 42; 0 unknown */
	__u64 parent_exec_id;
	__u64 cgroup_id; /* in the hierarchy that containers are in, usually cgroup v2; of who moved from a
			  * container's to the host's while rules judge: the container's */
	__u32 pid; /* thread group id in the initial pid namespace */
	__u32 tid;
	__u32 ppid;
	__u32 ns_pid; /* thread group id in the process's own pid namespace */
	__u32 uid;
	__u32 gid;
	__u32 euid;
	__u32 egid;
	__u32 mnt_ns;            /* inode number of the mount namespace */
	__u32 flags;             /* PK_FLAG_* */
	struct pk_str judgement; /* a struct pk_judgement; len 0: not judged, or no rule matched */
	__u32 verdict;           /* enum pk_verdict */
	char comm[PK_COMM_LEN];  /* the thread's name; not always NUL-terminated */
};

/* pk_exec_event.exec_flags */
#define PK_EXEC_ARGS_TRUNCATED (1u << 0) /* args holds the first PK_ARGS_MAX of args_bytes */
#define PK_EXEC_ARGS_UNREADABLE (1u << 1)
#define PK_EXEC_MEMFD (1u << 2)         /* the image is on no mount */
#define PK_EXEC_DELETED (1u << 3)       /* the image has no link left */
#define PK_EXEC_SCRIPT (1u << 4)        /* a script (or binfmt_misc file): exe is its interpreter */
#define PK_EXEC_SECURE (1u << 5)        /* AT_SECURE: set-id, capabilities gained */
#define PK_EXEC_UPPER (1u << 6)         /* the image is in an overlay's upper layer */
#define PK_EXEC_LOWER (1u << 7)         /* it is not, or on no overlay; neither bit: not known */
#define PK_EXEC_ENV (1u << 8)           /* env was asked for: it is there, or none was */
#define PK_EXEC_ENV_TRUNCATED (1u << 9) /* env holds the beginning, at most PK_ENV_MAX bytes */
#define PK_EXEC_ENV_UNREADABLE (1u << 10)
#define PK_EXEC_NO_OVERLAY (1u << 11) /* with LOWER: the image is on no overlay */

/*
 * PK_EVENT_EXEC, and PK_EVENT_PROC: the image and who runs it, after the exec. In a PROC read from
 * /proc the start times in exec_id and parent_exec_id are rounded down to 10 ms (a clock tick);
 * src/stream/tree.h says how such an id meets the exact one.
 */
struct pk_exec_event {
	struct pk_event head;
	struct pk_path exe; /* the binary that runs: for a script its interpreter */
	struct pk_inode exe_inode;
	struct pk_path script; /* the script; name empty if not a script */
	struct pk_path cwd;
	struct pk_str filename; /* as asked for in execve(), kernel's copy; at most 4,095 bytes */
	struct pk_str args;     /* argv, each ended by a NUL */
	__u32 args_bytes;       /* their length in the process */
	__u32 exec_flags;       /* PK_EXEC_* */
	__u64 script_ino;
	__u32 script_dev;
	__u32 login_uid; /* audit login uid; ~0 unset */
	__u64 cap_permitted;
	__u64 cap_effective;
	__u64 cap_inheritable;
	__u32 suid;
	__u32 sgid;
	__u32 fsuid;
	__u32 fsgid;
	__u32 session_id; /* audit session; ~0 unset */
	__u32 tty;        /* device of the controlling terminal; 0 none */
	__u32 sid;        /* session leader's pid */
	__u32 pgid;
	__u32 pid_ns; /* inode numbers of the namespaces */
	__u32 net_ns;
	__u32 user_ns;
	__u32 cgroup_ns;
	__u64 exe_ctime_ns; /* of the binary, CLOCK_REALTIME; 0 not known */
	__u64 exe_mtime_ns;
	struct pk_str env; /* NAME=VALUE, each ended by a NUL; only if a rule asks (PK_EXEC_ENV) */
	__u32 pad0;
};

/* PK_EVENT_FORK: head is the caller. Threads are not reported. */
struct pk_fork_event {
	struct pk_event head;
	__u64 child_exec_id;
	__u64 child_parent_exec_id; /* not the caller with CLONE_PARENT */
	__u32 child_pid;
	__u32 child_ns_pid;
	__u32 child_ppid;
	__u32 pad0;
};

/* PK_EVENT_EXIT: the last thread of a process is gone. */
struct pk_exit_event {
	struct pk_event head;
	__u32 status; /* as wait() gives it */
	__u32 pad0;
	__u64 user_ns;
	__u64 system_ns;
	__u64 cpu_ns; /* exact, where user and system may be counted in ticks */
	__u64 max_rss_kib;
	__u64 minor_faults;
	__u64 major_faults;
};

/* pk_file_event.file_flags */
#define PK_FILE_CREATED (1u << 0) /* open: the call created the file */
#define PK_FILE_TMPFILE (1u << 1) /* open: O_TMPFILE, the file has no name */

#define PK_OWNER_UNKNOWN (~0u) /* old_uid, old_gid: the tracepoint backend comes too late to know */

/* All of the file family. Fields a kind does not have are zero. */
struct pk_file_event {
	struct pk_event head;
	struct pk_path path; /* the file; for rename and link the old name */
	struct pk_inode inode;
	struct pk_path path2; /* rename, link: the new name */
	struct pk_str target; /* symlink: what it points to, at most 4,095 bytes */
	__u32 file_flags;     /* PK_FILE_* */
	__u32 open_flags;     /* open: O_* of the open file; rename: RENAME_* */
	__u32 mode;    /* chmod, mkdir, mknod, open that creates: resulting permission bits */
	__u32 old_uid; /* chown: owner before; the owner after is in inode */
	__u32 old_gid;
	__u64 size_bytes;    /* truncate: new size */
	struct pk_str asked; /* open: the path as the caller wrote it, at most 4,095 bytes; only if a
			      * rule asks for it. Of the caller's memory; len 0: none */
	__u32 pad0;
};

/* pk_net_event.net_flags */
#define PK_NET_ABSTRACT (1u << 0) /* Unix: the name is in the abstract namespace */
#define PK_NET_UNNAMED (1u << 1)  /* Unix: the address has no name */
#define PK_NET_HAS_REMOTE (1u << 2)
#define PK_NET_HAS_LOCAL (1u << 3)

/* All of the network family. The local address of a connect or a send is all zero where the kernel has yet to choose it. */
struct pk_net_event {
	struct pk_event head;
	__u32 family;        /* AF_* */
	__u32 sock_type;     /* SOCK_STREAM, ... */
	__u32 protocol;      /* IPPROTO_* */
	__u32 net_flags;     /* PK_NET_* */
	__u8 local_addr[16]; /* IPv4 in the first 4 bytes */
	__u8 remote_addr[16];
	__u16 local_port; /* host byte order */
	__u16 remote_port;
	__u32 net_ns;
	struct pk_str
		sun_path; /* Unix: the name in the address, abstract ones without the leading NUL */
	__s32 backlog;    /* listen */
	struct pk_path path; /* Unix, when the socket's file is known */
	__u64 sock_ino;      /* inode number of the socket */
	__u32 path_dev;      /* Unix: file system of path, as pk_inode.dev */
	__u32 new_fd;        /* dup: the new descriptor */
};

/* pk_sys_event.sys_flags: what could not be known; then it is not merely none. */
#define PK_SYS_TEXT_UNKNOWN (1u << 0)
#define PK_SYS_TEXT2_UNKNOWN (1u << 1)
#define PK_SYS_ARG_UNKNOWN(n) (1u << (8 + (n)))
#define PK_SYS_ARGS 6u

/*
 * Mounts, privileges, the kernel, memory: all kinds from PK_EVENT_DO_MOUNT on. Fields that a kind does not
 * have are zero. `path`, `inode` and `path2` stand where struct pk_file_event has them.
 *
 *                path          path2      text          text2       arg[]
 * DO_MOUNT       mount point              type          source      MS_*
 * UMOUNT         mount point                                        MNT_*
 * MOVE_MOUNT     from          to                                   MOVE_MOUNT_*
 * OPEN_TREE      what                                               OPEN_TREE_*, AT_*
 * FSMOUNT                                 type                      FSMOUNT_*, MOUNT_ATTR_*
 * FSCONFIG                                key           value       FSCONFIG_*, aux
 * MOUNT_SETATTR  where                                              AT_*, MOUNT_ATTR_* set, cleared
 * PIVOT_ROOT     new root      for the old one
 * CHROOT         new root
 * SETUID                                                            real, effective, saved, file system
 * SETGID                                                            the same of groups; PK_SETGID_*, how many
 * CAPSET                                                            effective, permitted, inheritable
 * PTRACE         target                   target's name             PTRACE_*, PK_PTRACE_*
 * KILL           target                   target's name             signal
 * SETNS                                                             CLONE_NEW*, inode of the namespace
 * UNSHARE                                                           CLONE_*
 * USERNS                                                            level of the namespace it is made in
 * KEYCTL                                  type          description KEYCTL_*, key
 * PRCTL                                                             PR_*, the other four
 * SECCOMP                                                           SECCOMP_SET_MODE_*, flags
 * MODULE         file, or none                                      1: from a file, MODULE_INIT_*
 * KEXEC          the same                                           the same, KEXEC_*
 * BPF                                     name                      BPF_*, type of program or map
 * PERF_EVENT                                                        PERF_TYPE_*, config, pid, CPU
 * IO_URING                                                          0 set up, 1 credentials; entries, flags, user
 * USERFAULTFD                                                       flags
 * MEMFD                                   name                      MFD_*
 * MMAP           file, or none                                      address, length, PROT_*, MAP_*
 * MPROTECT       the same                                           address, length, PROT_*, and before
 * SOCKET                                                            AF_*, type, protocol
 * REQUEST_MODULE                          alias
 * PERSONALITY                                                       persona
 * SYSLOG                                                            SYSLOG_ACTION_*, length
 * SYSINFO
 * SETXATTR       file                     attribute                 XATTR_*, bytes of its value
 * REMOVEXATTR    the same
 * SETTIME                                                           PK_SETTIME_*, seconds since 1970, nanoseconds
 * DELETE_MODULE                           name                      O_NONBLOCK, O_TRUNC
 * SET_NAME                                name                      PR_SET_NAME
 * IOCTL          file                                               request, FS_*_FL
 */
/* How another process is reached. */
#define PK_PTRACE_OTHER 0u
#define PK_PTRACE_CALL 1u
#define PK_PTRACE_VM_READ 2u
#define PK_PTRACE_VM_WRITE 3u
#define PK_PTRACE_GETFD 4u
#define PK_PTRACE_MEM 5u /* /proc/PID/mem */
/* SETGID: 0, or */
#define PK_SETGID_GROUPS 1u /* setgroups() */
/* KEYCTL: calls that are no keyctl() */
#define PK_KEYCTL_ADD_KEY 1000u
#define PK_KEYCTL_REQUEST_KEY 1001u
/* SETTIME: the call */
#define PK_SETTIME_CLOCK 0u /* clock_settime() */
#define PK_SETTIME_DAY 1u   /* settimeofday() */
#define PK_SETTIME_STIME 2u
#define PK_SETTIME_STEP 3u /* adjtimex(), clock_adjtime(): ADJ_SETOFFSET; the time is not known */
struct pk_sys_event {
	struct pk_event head;
	struct pk_path path;
	struct pk_inode inode; /* of path */
	struct pk_path path2;
	struct pk_str text;
	struct pk_str text2;
	__u32 sys_flags;  /* PK_SYS_* */
	__u32 target_pid; /* another process that it is done to; 0: none */
	__u64 target_exec_id;
	__u64 target_cgroup_id; /* 0: not known */
	__u32 target_uid;
	__u32 pad0;
	__u64 arg[PK_SYS_ARGS];
	char target_comm[PK_COMM_LEN];
};

/* PK_EVENT_START: made in user space. */
struct pk_start_event {
	struct pk_event head;
	__u64 realtime_ns; /* CLOCK_REALTIME at head.time_ns */
	__u32 host_mnt_ns; /* inode number of the host's mount namespace */
	__u32 wire_version;
	__u32 backend;     /* enum pk_backend */
	__u32 start_flags; /* PK_START_* */
	struct pk_str hostname;
	struct pk_str boot_id;
	struct pk_str kernel;
	struct pk_str version; /* Picket's */
};
#define PK_START_CLOCK (1u << 0) /* not the stream's first: the wall clock was set */

enum pk_backend {
	PK_BACKEND_NONE = 0,
	PK_BACKEND_LSM = 1,
	PK_BACKEND_TRACEPOINT = 2,
};

/* PK_EVENT_MOUNT: made in user space. */
struct pk_mount_event {
	struct pk_event head;
	__u32 dev; /* major << 20 | minor */
	__u32 mount_id;
	__u32 mount_flags; /* PK_MOUNT_* */
	__u32 pad0;
	struct pk_str root;  /* which part of the file system is mounted */
	struct pk_str point; /* where, in the host's mount namespace */
};
#define PK_MOUNT_FIRST (1u << 0) /* the table starts anew with this record */

/* PK_EVENT_LOST: made in user space from the kernel's counters. */
struct pk_lost_event {
	struct pk_event head;
	__u64 cnt; /* since the last record of the same (hook, reason) */
	__u64 total_cnt;
	__u32 lost_hook; /* enum pk_hook */
	__u32 reason;    /* enum pk_loss */
};

/* PK_EVENT_STOP: made in user space. */
struct pk_stop_event {
	struct pk_event head;
	__u64 produced_cnt;   /* events that sensors made or had to drop */
	__u64 delivered_cnt;  /* events read from the ring buffer */
	__u64 lost_cnt;       /* events counted as lost */
	__u64 facts_lost_cnt; /* events with a fact missing */
};

/*
 * PK_EVENT_REPEATS: made in user space from what the kernel counted: matches like one that was reported
 * before, of the same rule, process and object. head.exec_id and head.pid are the process's,
 * head.verdict is what became of them; other facts of the head are not filled.
 */
struct pk_repeats_event {
	struct pk_event head;
	__u64 cnt;          /* since the last that was reported, or the last record like this */
	__u32 rule_idx;     /* in its rule set */
	__u32 generation;   /* of the rule set */
	struct pk_str rule; /* its name; len 0: no longer known */
	__u32 pad0;
};

enum pk_container_runtime {
	PK_RUNTIME_UNKNOWN = 0,
	PK_RUNTIME_DOCKER = 1,
	PK_RUNTIME_CONTAINERD = 2,
	PK_RUNTIME_CRIO = 3,
	PK_RUNTIME_PODMAN = 4,
	PK_RUNTIME_RUNC = 5, /* runc or crun by themselves */
	PK_RUNTIME_LXC = 6,
	PK_RUNTIME_NSPAWN = 7,
	PK_RUNTIME_MAX = 8,
};

enum pk_container_state {
	PK_CONTAINER_UNKNOWN = 0,   /* nobody could tell what the cgroup is */
	PK_CONTAINER_HOST = 1,      /* it belongs to no container */
	PK_CONTAINER_RESOLVING = 2, /* a container; its facts are being asked for */
	PK_CONTAINER_RESOLVED = 3,  /* nobody will tell more */
	PK_CONTAINER_STATE_MAX = 4,
};

/* pk_container_event.known: facts that were told, though they may say "none". The others are unknown. */
#define PK_CONTAINER_NAME (1u << 0)
#define PK_CONTAINER_IMAGE (1u << 1)    /* image, repository, tag */
#define PK_CONTAINER_IMAGE_ID (1u << 2) /* image_id */
#define PK_CONTAINER_DIGEST (1u << 3)   /* image_digest */
#define PK_CONTAINER_LABELS (1u << 4)
#define PK_CONTAINER_MOUNTS (1u << 5)
#define PK_CONTAINER_PRIVILEGED (1u << 6)
#define PK_CONTAINER_START (1u << 7) /* start_ns */
#define PK_CONTAINER_IP (1u << 8)
#define PK_CONTAINER_HOST_NS (1u << 9)   /* IN_HOST_* */
#define PK_CONTAINER_POD (1u << 10)      /* pod_uid, _name, _namespace: empty ones are none */
#define PK_CONTAINER_POD_TOLD (1u << 11) /* what only Kubernetes tells: pod_ip to deployment */

/* pk_container_event.container_flags */
#define PK_CONTAINER_IS_PRIVILEGED (1u << 0)
#define PK_CONTAINER_IN_HOST_PID (1u << 1)
#define PK_CONTAINER_IN_HOST_NETWORK (1u << 2)
#define PK_CONTAINER_IN_HOST_IPC (1u << 3)
#define PK_CONTAINER_LABELS_CUT (1u << 4) /* there are more than fit */
#define PK_CONTAINER_MOUNTS_CUT (1u << 5)
#define PK_CONTAINER_SANDBOX (1u << 6) /* the one that holds a pod's namespaces */
#define PK_CONTAINER_POD_LABELS_CUT (1u << 7)

/*
 * PK_EVENT_CONTAINER: made in user space. head.cgroup_id is the cgroup; other facts of the head but the
 * time are not filled. A later record about the same container replaces what was known of it, but
 * RESOLVING does not replace RESOLVED.
 */
struct pk_container_event {
	struct pk_event head;
	__u64 start_ns;         /* CLOCK_REALTIME */
	__u32 state;            /* enum pk_container_state */
	__u32 runtime;          /* enum pk_container_runtime */
	__u32 known;            /* PK_CONTAINER_NAME, ... */
	__u32 container_flags;  /* PK_CONTAINER_IS_*, IN_*, *_CUT */
	struct pk_str cgroup;   /* path below the cgroup root */
	struct pk_str id;       /* in full; len 0: none */
	struct pk_str outer_id; /* nested: the container around it; len 0: none */
	struct pk_str name;
	struct pk_str image; /* as asked for: repository with tag or digest */
	struct pk_str repository;
	struct pk_str tag;
	struct pk_str digest;   /* "sha256:..." */
	struct pk_str image_id; /* without "sha256:" */
	struct pk_str ip;
	struct pk_str pod_uid;
	struct pk_str pod_name;
	struct pk_str pod_namespace;
	struct pk_str sandbox_id;
	struct pk_str labels; /* key, NUL, value, NUL, ... */
	struct pk_str mounts; /* of each: source, destination, mode, "rw" or "ro", propagation, each
			       * with a NUL behind it */
	struct pk_str pod_ip; /* len 0: none yet */
	struct pk_str pod_node;
	struct pk_str pod_labels;     /* as labels */
	struct pk_str pod_owner_kind; /* "ReplicaSet", ...; len 0: nothing controls the pod */
	struct pk_str pod_owner_name;
	struct pk_str pod_deployment; /* len 0: none */
};

/* A recording: this head, then records back to back. */
#define PK_RECORDING_MAGIC 0x0a4b4350u /* "PCK\n" in little-endian */
struct pk_recording_head {
	__u32 magic;
	__u16 wire_version;
	__u16 head_bytes; /* sizeof(struct pk_recording_head) */
};

static_assert(sizeof(struct pk_str) == 4, "wire");
static_assert(sizeof(struct pk_path) == 16, "wire");
static_assert(sizeof(struct pk_inode) == 32, "wire");
static_assert(sizeof(struct pk_event) == 104, "wire");
static_assert(sizeof(struct pk_judgement) == 32, "wire");
static_assert(sizeof(struct pk_exec_event) == 312, "wire");
static_assert(sizeof(struct pk_fork_event) == 136, "wire");
static_assert(sizeof(struct pk_exit_event) == 160, "wire");
static_assert(sizeof(struct pk_file_event) == 208, "wire");
static_assert(sizeof(struct pk_net_event) == 200, "wire");
static_assert(sizeof(struct pk_sys_event) == 272, "wire");
static_assert(PK_EVENT_SENSOR_MAX <= PK_EVENT_START && PK_EVENT_REPEATS <= 64,
	      "kinds are bits of 64");
static_assert(PK_HOOK_MAX <= PK_HOOK_CNT, "each hook is counted");
static_assert(sizeof(struct pk_start_event) == 144, "wire");
static_assert(sizeof(struct pk_mount_event) == 128, "wire");
static_assert(sizeof(struct pk_lost_event) == 128, "wire");
static_assert(sizeof(struct pk_stop_event) == 136, "wire");
static_assert(sizeof(struct pk_repeats_event) == 128, "wire");
static_assert(sizeof(struct pk_container_event) == 216, "wire");
static_assert(sizeof(struct pk_recording_head) == 8, "wire");

#endif
