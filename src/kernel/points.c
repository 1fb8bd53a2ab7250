// SPDX-License-Identifier: Apache-2.0
/*
 * The table of points. A hook that stands for several kinds of event has a line for each, with one
 * group of slots of the same array.
 */
#include "kernel/points.h"

#include "base/cleanup.h"

#define LSM (1u << PK_BACKEND_LSM)
#define TP (1u << PK_BACKEND_TRACEPOINT)
#define BOTH (LSM | TP)

#define HOOK(name) .progs = "pk_p_" #name, .finish = "pk_f_" #name
#define KIND(k) .kind = PK_EVENT_##k

/* The process's sensors have work behind the rules: facts, interest, tags. */
#define ALWAYS(name, k)                                                      \
	{                                                                    \
		HOOK(name), KIND(k), .always_finish = true, .backends = BOTH \
	}
/* Before it happens; the hook's return value can refuse it. */
#define GUARD(name, k)                                                 \
	{                                                              \
		HOOK(name), KIND(k), .can_deny = true, .backends = LSM \
	}
#define GUARD_GROUP(name, k, n)                                                      \
	{                                                                            \
		HOOK(name), KIND(k), .group = (n), .can_deny = true, .backends = LSM \
	}
/* Before its facts are complete: only what must be true counts. */
#define GUARD_PRE(name, k)                                                          \
	{                                                                           \
		HOOK(name), KIND(k), .pre = true, .can_deny = true, .backends = LSM \
	}
#define GUARD_GROUPS(name, k) GUARD_GROUP(name, k, PK_EVENT_##k)
/* The same for calls without a hook of their own, where the kernel asks for a capability. */
#define GUARD_CALL(name, k)                                                                \
	{                                                                                  \
		HOOK(name), KIND(k), .group = PK_EVENT_##k, .pre = true, .can_deny = true, \
				     .backends = LSM                                       \
	}
/* When such a call returns; two prototypes, see bpf/system.h. */
#define CALL(k)                                                               \
	{ HOOK(call_a), KIND(k), .group = PK_EVENT_##k, .backends = LSM },    \
	{                                                                     \
		HOOK(call_b), KIND(k), .group = PK_EVENT_##k, .backends = LSM \
	}
/* When the system call returns: all kinds in one array, by kind. */
#define RETURN(k)                                                              \
	{                                                                      \
		HOOK(sys_exit), KIND(k), .group = PK_EVENT_##k, .backends = TP \
	}
/* Run by tests: a record is judged without an event. */
#define REPLAY(k)                                                                    \
	{                                                                            \
		HOOK(replay), KIND(k), .group = PK_EVENT_##k, .always_finish = true, \
				       .by_test = true, .backends = BOTH             \
	}
/* cgroup programs: 1 lets it happen. */
#define CGROUP(name, k)                                                          \
	{                                                                        \
		HOOK(name), KIND(k), .can_deny = true, .pass = 1, .backends = TP \
	}

static const struct pk_point points[] = {
	ALWAYS(exec, EXEC),
	ALWAYS(fork, FORK),
	ALWAYS(exit, EXIT),
	ALWAYS(feed, EXEC),

	GUARD_PRE(bprm, EXEC),
	/* a file that an open would make, before it is made */
	GUARD_PRE(open_create, OPEN),
	GUARD(file_open, OPEN),
	GUARD(path_unlink, UNLINK),
	GUARD(path_rmdir, RMDIR),
	GUARD(path_mkdir, MKDIR),
	GUARD(path_mknod, MKNOD),
	GUARD(path_symlink, SYMLINK),
	GUARD(path_link, LINK),
	GUARD(path_rename, RENAME),
	GUARD(path_chmod, CHMOD),
	GUARD(path_chown, CHOWN),
	GUARD(path_truncate, TRUNCATE),
	GUARD(file_truncate, TRUNCATE),
	GUARD(socket_connect, CONNECT),
	GUARD(unix_stream_connect, CONNECT),
	GUARD_GROUP(unix_may_send, CONNECT, 0),
	GUARD_GROUP(unix_may_send, SEND, 1),
	GUARD(socket_bind, BIND),
	GUARD(socket_listen, LISTEN),
	GUARD_PRE(socket_accept, ACCEPT),
	/* the socket is there already, and the hook returns nothing */
	{ HOOK(sock_graft), KIND(ACCEPT), .backends = LSM },
	GUARD_GROUP(socket_sendmsg, SEND, 0),
	GUARD_GROUP(socket_sendmsg, CONNECT, 1),
	GUARD(sb_mount, DO_MOUNT),
	GUARD(sb_umount, UMOUNT),
	GUARD(move_mount, MOVE_MOUNT),
	GUARD(sb_pivotroot, PIVOT_ROOT),
	GUARD(path_chroot, CHROOT),
	GUARD_CALL(capable, OPEN_TREE),
	GUARD_CALL(capable, FSMOUNT),
	GUARD_CALL(capable, FSCONFIG),
	GUARD_CALL(capable, MOUNT_SETATTR),
	CALL(OPEN_TREE),
	CALL(FSMOUNT),
	CALL(FSCONFIG),
	CALL(MOUNT_SETATTR),
	GUARD(task_fix_setuid, SETUID),
	GUARD(task_fix_setgid, SETGID),
	GUARD(task_fix_setgroups, SETGID),
	GUARD(capset, CAPSET),
	GUARD(ptrace_access_check, PTRACE),
	GUARD(ptrace_traceme, PTRACE),
	GUARD(task_kill, KILL),
	GUARD(userns_create, USERNS),
	GUARD(task_prctl, PRCTL),
	GUARD_CALL(capable, SETNS),
	GUARD_CALL(capable, UNSHARE),
	GUARD_CALL(capable, DELETE_MODULE),
	GUARD_CALL(key_permission, KEYCTL),
	CALL(SETNS),
	CALL(UNSHARE),
	CALL(KEYCTL),
	CALL(SECCOMP),
	GUARD_GROUPS(kernel_read_file, MODULE),
	GUARD_GROUPS(kernel_read_file, KEXEC),
	GUARD_GROUPS(kernel_load_data, MODULE),
	GUARD_GROUPS(kernel_load_data, KEXEC),
	GUARD(bpf, BPF),
	GUARD(uring_override_creds, IO_URING),
	GUARD_CALL(perf_event_open, PERF_EVENT),
	GUARD_CALL(inode_init_security_anon, IO_URING),
	GUARD_CALL(inode_init_security_anon, USERFAULTFD),
	GUARD_CALL(file_alloc_security, MEMFD),
	CALL(PERF_EVENT),
	CALL(IO_URING),
	CALL(USERFAULTFD),
	CALL(MEMFD),
	CALL(DUP),
	CALL(PERSONALITY),
	CALL(SYSLOG),
	CALL(SYSINFO),
	GUARD(inode_setxattr, SETXATTR),
	GUARD(inode_set_acl, SETXATTR),
	GUARD(inode_removexattr, REMOVEXATTR),
	GUARD(inode_remove_acl, REMOVEXATTR),
	GUARD(settime, SETTIME),
	CALL(SETTIME),
	CALL(DELETE_MODULE),
	GUARD(set_name, SET_NAME),
	GUARD(file_ioctl, IOCTL),
	GUARD(file_ioctl_compat, IOCTL),
	GUARD(mmap_file, MMAP),
	GUARD(file_mprotect, MPROTECT),
	GUARD(socket_create, SOCKET),
	GUARD(kernel_module_request, REQUEST_MODULE),
	/* the tracepoint backend's: the signal is on its way */
	{ HOOK(signal_generate), KIND(KILL), .backends = TP },
	{ HOOK(module_request), KIND(REQUEST_MODULE), .backends = TP },

	RETURN(OPEN),
	RETURN(RENAME),
	RETURN(UNLINK),
	RETURN(LINK),
	RETURN(SYMLINK),
	RETURN(MKDIR),
	RETURN(RMDIR),
	RETURN(MKNOD),
	RETURN(CHMOD),
	RETURN(CHOWN),
	RETURN(TRUNCATE),
	RETURN(CONNECT),
	RETURN(BIND),
	RETURN(LISTEN),
	RETURN(ACCEPT),
	RETURN(DO_MOUNT),
	RETURN(UMOUNT),
	RETURN(MOVE_MOUNT),
	RETURN(OPEN_TREE),
	RETURN(FSMOUNT),
	RETURN(FSCONFIG),
	RETURN(MOUNT_SETATTR),
	RETURN(PIVOT_ROOT),
	RETURN(CHROOT),
	RETURN(SETUID),
	RETURN(SETGID),
	RETURN(CAPSET),
	RETURN(PTRACE),
	RETURN(SETNS),
	RETURN(UNSHARE),
	RETURN(USERNS),
	RETURN(KEYCTL),
	RETURN(PRCTL),
	RETURN(SECCOMP),
	RETURN(MODULE),
	RETURN(KEXEC),
	RETURN(BPF),
	RETURN(PERF_EVENT),
	RETURN(IO_URING),
	RETURN(USERFAULTFD),
	RETURN(MEMFD),
	RETURN(MMAP),
	RETURN(MPROTECT),
	RETURN(SOCKET),
	RETURN(DUP),
	RETURN(PERSONALITY),
	RETURN(SYSLOG),
	RETURN(SYSINFO),
	RETURN(SETXATTR),
	RETURN(REMOVEXATTR),
	RETURN(SETTIME),
	RETURN(DELETE_MODULE),
	RETURN(SET_NAME),
	RETURN(IOCTL),
	CGROUP(connect4, CONNECT),
	CGROUP(connect6, CONNECT),
	CGROUP(sendmsg4, SEND),
	CGROUP(sendmsg6, SEND),

	REPLAY(EXEC),
	REPLAY(FORK),
	REPLAY(EXIT),
	REPLAY(OPEN),
	REPLAY(RENAME),
	REPLAY(UNLINK),
	REPLAY(LINK),
	REPLAY(SYMLINK),
	REPLAY(MKDIR),
	REPLAY(RMDIR),
	REPLAY(MKNOD),
	REPLAY(CHMOD),
	REPLAY(CHOWN),
	REPLAY(TRUNCATE),
	REPLAY(CONNECT),
	REPLAY(BIND),
	REPLAY(LISTEN),
	REPLAY(ACCEPT),
	REPLAY(SEND),
	REPLAY(DO_MOUNT),
	REPLAY(UMOUNT),
	REPLAY(MOVE_MOUNT),
	REPLAY(OPEN_TREE),
	REPLAY(FSMOUNT),
	REPLAY(FSCONFIG),
	REPLAY(MOUNT_SETATTR),
	REPLAY(PIVOT_ROOT),
	REPLAY(CHROOT),
	REPLAY(SETUID),
	REPLAY(SETGID),
	REPLAY(CAPSET),
	REPLAY(PTRACE),
	REPLAY(KILL),
	REPLAY(SETNS),
	REPLAY(UNSHARE),
	REPLAY(USERNS),
	REPLAY(KEYCTL),
	REPLAY(PRCTL),
	REPLAY(SECCOMP),
	REPLAY(MODULE),
	REPLAY(KEXEC),
	REPLAY(BPF),
	REPLAY(PERF_EVENT),
	REPLAY(IO_URING),
	REPLAY(USERFAULTFD),
	REPLAY(MEMFD),
	REPLAY(MMAP),
	REPLAY(MPROTECT),
	REPLAY(SOCKET),
	REPLAY(REQUEST_MODULE),
	REPLAY(DUP),
	REPLAY(PERSONALITY),
	REPLAY(SYSLOG),
	REPLAY(SYSINFO),
	REPLAY(SETXATTR),
	REPLAY(REMOVEXATTR),
	REPLAY(SETTIME),
	REPLAY(DELETE_MODULE),
	REPLAY(SET_NAME),
	REPLAY(IOCTL),
};

static_assert(PK_ARRAY_SIZE(points) <= PK_MAX_POINTS, "what holds one thing a point has room");

const struct pk_point *pk_points_get(size_t *ret_cnt)
{
	*ret_cnt = PK_ARRAY_SIZE(points);
	return points;
}
