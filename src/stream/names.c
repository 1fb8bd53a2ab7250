/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables from numbers on the wire to the words in output, and back for event kinds.
 */
#include "stream/names.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"

/* In UAPI headers newer than the ones Picket builds with. */
#ifndef AF_XDP
#define AF_XDP 44
#endif
#ifndef AF_MCTP
#define AF_MCTP 45
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define OPEN_FMODE_EXEC 0x20u /* the kernel's own, on files opened to be executed */

static const char *const kind_names[PK_KIND_MAX] = {
	[PK_EVENT_EXEC] = "exec",
	[PK_EVENT_FORK] = "fork",
	[PK_EVENT_EXIT] = "exit",
	[PK_EVENT_OPEN] = "open",
	[PK_EVENT_RENAME] = "rename",
	[PK_EVENT_UNLINK] = "unlink",
	[PK_EVENT_LINK] = "link",
	[PK_EVENT_SYMLINK] = "symlink",
	[PK_EVENT_MKDIR] = "mkdir",
	[PK_EVENT_RMDIR] = "rmdir",
	[PK_EVENT_MKNOD] = "mknod",
	[PK_EVENT_CHMOD] = "chmod",
	[PK_EVENT_CHOWN] = "chown",
	[PK_EVENT_TRUNCATE] = "truncate",
	[PK_EVENT_CONNECT] = "connect",
	[PK_EVENT_BIND] = "bind",
	[PK_EVENT_LISTEN] = "listen",
	[PK_EVENT_ACCEPT] = "accept",
	[PK_EVENT_SEND] = "send",
	[PK_EVENT_DO_MOUNT] = "mount",
	[PK_EVENT_UMOUNT] = "umount",
	[PK_EVENT_MOVE_MOUNT] = "move_mount",
	[PK_EVENT_OPEN_TREE] = "open_tree",
	[PK_EVENT_FSMOUNT] = "fsmount",
	[PK_EVENT_FSCONFIG] = "fsconfig",
	[PK_EVENT_MOUNT_SETATTR] = "mount_setattr",
	[PK_EVENT_PIVOT_ROOT] = "pivot_root",
	[PK_EVENT_CHROOT] = "chroot",
	[PK_EVENT_SETUID] = "setuid",
	[PK_EVENT_SETGID] = "setgid",
	[PK_EVENT_CAPSET] = "capset",
	[PK_EVENT_PTRACE] = "ptrace",
	[PK_EVENT_KILL] = "kill",
	[PK_EVENT_SETNS] = "setns",
	[PK_EVENT_UNSHARE] = "unshare",
	[PK_EVENT_USERNS] = "userns_create",
	[PK_EVENT_KEYCTL] = "keyctl",
	[PK_EVENT_PRCTL] = "prctl",
	[PK_EVENT_SECCOMP] = "seccomp",
	[PK_EVENT_MODULE] = "module",
	[PK_EVENT_KEXEC] = "kexec",
	[PK_EVENT_BPF] = "bpf",
	[PK_EVENT_PERF_EVENT] = "perf_event_open",
	[PK_EVENT_IO_URING] = "io_uring",
	[PK_EVENT_USERFAULTFD] = "userfaultfd",
	[PK_EVENT_MEMFD] = "memfd_create",
	[PK_EVENT_MMAP] = "mmap",
	[PK_EVENT_MPROTECT] = "mprotect",
	[PK_EVENT_SOCKET] = "socket",
	[PK_EVENT_REQUEST_MODULE] = "request_module",
	[PK_EVENT_DUP] = "dup",
	[PK_EVENT_PERSONALITY] = "personality",
	[PK_EVENT_SYSLOG] = "syslog",
	[PK_EVENT_SYSINFO] = "sysinfo",
	[PK_EVENT_SETXATTR] = "setxattr",
	[PK_EVENT_REMOVEXATTR] = "removexattr",
	[PK_EVENT_SETTIME] = "clock_settime",
	[PK_EVENT_DELETE_MODULE] = "delete_module",
	[PK_EVENT_SET_NAME] = "set_name",
	[PK_EVENT_IOCTL] = "ioctl",
	[PK_EVENT_START] = "start",
	[PK_EVENT_PROC] = "proc",
	[PK_EVENT_MOUNT] = "mount_entry",
	[PK_EVENT_LOST] = "lost",
	[PK_EVENT_STOP] = "stop",
	[PK_EVENT_REPEATS] = "repeats",
	[PK_EVENT_CONTAINER] = "container",
};

static const char *const hook_names[PK_HOOK_MAX] = {
	[PK_HOOK_NONE] = "none",
	[PK_HOOK_PROCESS_EXEC] = "process_exec",
	[PK_HOOK_PROCESS_FORK] = "process_fork",
	[PK_HOOK_PROCESS_EXIT] = "process_exit",
	[PK_HOOK_BPRM_CHECK] = "bprm_check",
	[PK_HOOK_FILE_OPEN] = "file_open",
	[PK_HOOK_PATH_UNLINK] = "path_unlink",
	[PK_HOOK_PATH_RMDIR] = "path_rmdir",
	[PK_HOOK_PATH_MKDIR] = "path_mkdir",
	[PK_HOOK_PATH_MKNOD] = "path_mknod",
	[PK_HOOK_PATH_SYMLINK] = "path_symlink",
	[PK_HOOK_PATH_LINK] = "path_link",
	[PK_HOOK_PATH_RENAME] = "path_rename",
	[PK_HOOK_PATH_CHMOD] = "path_chmod",
	[PK_HOOK_PATH_CHOWN] = "path_chown",
	[PK_HOOK_PATH_TRUNCATE] = "path_truncate",
	[PK_HOOK_VFS_UNLINK] = "vfs_unlink",
	[PK_HOOK_VFS_RMDIR] = "vfs_rmdir",
	[PK_HOOK_VFS_MKDIR] = "vfs_mkdir",
	[PK_HOOK_VFS_MKNOD] = "vfs_mknod",
	[PK_HOOK_VFS_CREATE] = "vfs_create",
	[PK_HOOK_VFS_SYMLINK] = "vfs_symlink",
	[PK_HOOK_VFS_LINK] = "vfs_link",
	[PK_HOOK_VFS_RENAME] = "vfs_rename",
	[PK_HOOK_NOTIFY_CHANGE] = "notify_change",
	[PK_HOOK_SOCKET_CONNECT] = "socket_connect",
	[PK_HOOK_SOCKET_BIND] = "socket_bind",
	[PK_HOOK_SOCKET_LISTEN] = "socket_listen",
	[PK_HOOK_SOCK_GRAFT] = "sock_graft",
	[PK_HOOK_SOCKET_SENDMSG] = "socket_sendmsg",
	[PK_HOOK_CGROUP_CONNECT] = "cgroup_connect",
	[PK_HOOK_CGROUP_SENDMSG] = "cgroup_sendmsg",
	[PK_HOOK_EXIT_OPEN] = "exit_open",
	[PK_HOOK_EXIT_PATH] = "exit_path",
	[PK_HOOK_EXIT_FD] = "exit_fd",
	[PK_HOOK_EXIT_SOCKET] = "exit_socket",
	[PK_HOOK_USER] = "user",
	[PK_HOOK_SOCKET_ACCEPT] = "socket_accept",
	[PK_HOOK_SB_MOUNT] = "sb_mount",
	[PK_HOOK_SB_UMOUNT] = "sb_umount",
	[PK_HOOK_MOVE_MOUNT] = "move_mount",
	[PK_HOOK_SB_PIVOTROOT] = "sb_pivotroot",
	[PK_HOOK_PATH_CHROOT] = "path_chroot",
	[PK_HOOK_CAPABLE] = "capable",
	[PK_HOOK_EXIT_SYSTEM] = "exit_system",
	[PK_HOOK_FIX_SETUID] = "task_fix_setuid",
	[PK_HOOK_FIX_SETGID] = "task_fix_setgid",
	[PK_HOOK_CAPSET] = "capset",
	[PK_HOOK_PTRACE] = "ptrace",
	[PK_HOOK_TASK_KILL] = "task_kill",
	[PK_HOOK_USERNS] = "userns_create",
	[PK_HOOK_PRCTL] = "task_prctl",
	[PK_HOOK_KEY] = "key_permission",
	[PK_HOOK_LOAD] = "kernel_load",
	[PK_HOOK_BPF] = "bpf",
	[PK_HOOK_URING] = "uring_override_creds",
	[PK_HOOK_PERF] = "perf_event_open",
	[PK_HOOK_ANON] = "inode_init_security_anon",
	[PK_HOOK_ALLOC] = "file_alloc_security",
	[PK_HOOK_MMAP] = "mmap_file",
	[PK_HOOK_MPROTECT] = "file_mprotect",
	[PK_HOOK_CGROUP_MKDIR] = "cgroup_mkdir",
	[PK_HOOK_SOCKET_CREATE] = "socket_create",
	[PK_HOOK_MODULE_REQUEST] = "module_request",
	[PK_HOOK_XATTR] = "inode_setxattr",
	[PK_HOOK_SETTIME] = "settime",
	[PK_HOOK_IOCTL] = "file_ioctl",
};

static const char *const loss_names[PK_LOSS_MAX] = {
	[PK_LOSS_RING] = "ring", [PK_LOSS_SCRATCH] = "scratch", [PK_LOSS_RECURSION] = "recursion",
	[PK_LOSS_READ] = "read", [PK_LOSS_STORAGE] = "storage", [PK_LOSS_MATCHES] = "matches",
};

static const char *const signal_names[] = {
	[SIGHUP] = "SIGHUP",       [SIGINT] = "SIGINT",       [SIGQUIT] = "SIGQUIT",
	[SIGILL] = "SIGILL",       [SIGTRAP] = "SIGTRAP",     [SIGABRT] = "SIGABRT",
	[SIGBUS] = "SIGBUS",       [SIGFPE] = "SIGFPE",       [SIGKILL] = "SIGKILL",
	[SIGUSR1] = "SIGUSR1",     [SIGSEGV] = "SIGSEGV",     [SIGUSR2] = "SIGUSR2",
	[SIGPIPE] = "SIGPIPE",     [SIGALRM] = "SIGALRM",     [SIGTERM] = "SIGTERM",
	[SIGSTKFLT] = "SIGSTKFLT", [SIGCHLD] = "SIGCHLD",     [SIGCONT] = "SIGCONT",
	[SIGSTOP] = "SIGSTOP",     [SIGTSTP] = "SIGTSTP",     [SIGTTIN] = "SIGTTIN",
	[SIGTTOU] = "SIGTTOU",     [SIGURG] = "SIGURG",       [SIGXCPU] = "SIGXCPU",
	[SIGXFSZ] = "SIGXFSZ",     [SIGVTALRM] = "SIGVTALRM", [SIGPROF] = "SIGPROF",
	[SIGWINCH] = "SIGWINCH",   [SIGIO] = "SIGIO",         [SIGPWR] = "SIGPWR",
	[SIGSYS] = "SIGSYS",
};

static const char *const family_names[] = {
	[AF_UNSPEC] = "unspec",
	[AF_UNIX] = "unix",
	[AF_INET] = "ipv4",
	[AF_INET6] = "ipv6",
	[AF_NETLINK] = "netlink",
	[AF_PACKET] = "packet",
	[AF_BLUETOOTH] = "bluetooth",
	[AF_CAN] = "can",
	[AF_TIPC] = "tipc",
	[AF_ALG] = "alg",
	[AF_VSOCK] = "vsock",
	[AF_XDP] = "xdp",
	[AF_QIPCRTR] = "qipcrtr",
	[AF_RDS] = "rds",
	[AF_KEY] = "key",
	[AF_SMC] = "smc",
	[AF_MCTP] = "mctp",
};

static const char *const socket_type_names[] = {
	[SOCK_STREAM] = "stream", [SOCK_DGRAM] = "dgram",         [SOCK_RAW] = "raw",
	[SOCK_RDM] = "rdm",       [SOCK_SEQPACKET] = "seqpacket", [SOCK_DCCP] = "dccp",
	[SOCK_PACKET] = "packet",
};

const struct pk_flag_name pk_open_flag_names[] = {
	{ O_CREAT, "O_CREAT" },
	{ O_EXCL, "O_EXCL" },
	{ O_NOCTTY, "O_NOCTTY" },
	{ O_TRUNC, "O_TRUNC" },
	{ O_APPEND, "O_APPEND" },
	{ O_NONBLOCK, "O_NONBLOCK" },
	{ O_SYNC, "O_SYNC" },
	{ O_DSYNC, "O_DSYNC" },
	{ O_ASYNC, "O_ASYNC" },
	{ O_DIRECT, "O_DIRECT" },
	{ O_TMPFILE, "O_TMPFILE" },
	{ O_DIRECTORY, "O_DIRECTORY" },
	{ O_NOFOLLOW, "O_NOFOLLOW" },
	{ O_NOATIME, "O_NOATIME" },
	{ O_CLOEXEC, "O_CLOEXEC" },
	{ O_PATH, "O_PATH" },
	{ OPEN_FMODE_EXEC, "FMODE_EXEC" },
	{ 0, NULL },
};

const struct pk_flag_name pk_rename_flag_names[] = {
	{ RENAME_NOREPLACE, "RENAME_NOREPLACE" },
	{ RENAME_EXCHANGE, "RENAME_EXCHANGE" },
	{ RENAME_WHITEOUT, "RENAME_WHITEOUT" },
	{ 0, NULL },
};

static const char *lookup(const char *const *names, size_t names_cnt, __u32 number,
			  const char *otherwise)
{
	if (number >= names_cnt || !names[number])
		return otherwise;
	return names[number];
}

#define LOOKUP(names, number, otherwise) lookup(names, PK_ARRAY_SIZE(names), number, otherwise)

const char *pk_event_kind_name(__u32 kind)
{
	return LOOKUP(kind_names, kind, "unknown");
}

__u32 pk_event_kind_from_name(const char *name, size_t len)
{
	for (__u32 kind = 0; kind < PK_ARRAY_SIZE(kind_names); kind++) {
		const char *candidate = kind_names[kind];

		if (candidate && strlen(candidate) == len && memcmp(candidate, name, len) == 0)
			return kind;
	}
	return PK_EVENT_NONE;
}

const char *pk_hook_name(__u32 hook)
{
	return LOOKUP(hook_names, hook, "unknown");
}

const char *pk_loss_name(__u32 reason)
{
	return LOOKUP(loss_names, reason, "unknown");
}

const char *pk_verdict_name(__u32 verdict)
{
	static const char *const names[PK_VERDICT_MAX] = {
		[PK_VERDICT_ALLOWED] = "allowed",
		[PK_VERDICT_DENIED] = "denied",
		[PK_VERDICT_KILLED] = "killed",
		[PK_VERDICT_SPARED] = "spared",
	};

	return LOOKUP(names, verdict, "unknown");
}

const char *pk_backend_name(__u32 backend)
{
	static const char *const names[] = {
		[PK_BACKEND_NONE] = "none",
		[PK_BACKEND_LSM] = "lsm",
		[PK_BACKEND_TRACEPOINT] = "tracepoint",
	};

	return LOOKUP(names, backend, "unknown");
}

const char *pk_file_type_name(__u32 mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "regular";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symlink";
	case S_IFCHR:
		return "char_device";
	case S_IFBLK:
		return "block_device";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "unknown";
	}
}

const char *pk_signal_name(__u32 signal)
{
	return LOOKUP(signal_names, signal, NULL);
}

const char *pk_family_name(__u32 family)
{
	return LOOKUP(family_names, family, NULL);
}

const char *pk_socket_type_name(__u32 type)
{
	return LOOKUP(socket_type_names, type, NULL);
}

const char *pk_protocol_name(__u32 protocol)
{
	switch (protocol) {
	case IPPROTO_IP:
		return "ip";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_DCCP:
		return "dccp";
	case IPPROTO_ICMPV6:
		return "icmpv6";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_UDPLITE:
		return "udplite";
	case IPPROTO_RAW:
		return "raw";
	case IPPROTO_MPTCP:
		return "mptcp";
	default:
		return NULL;
	}
}

const char *pk_open_access_name(__u32 open_flags)
{
	static const char *const names[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_NOACCESS" };

	return names[open_flags & O_ACCMODE];
}

/* Appends `number` in decimal; printf() is too slow for something every exec has. */
static char *put_number(char *p, __u32 number)
{
	char digits[10];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	memcpy(p, digits + i, sizeof(digits) - i);
	return p + sizeof(digits) - i;
}

/* Device numbers: Documentation/admin-guide/devices.txt of the kernel. */
void pk_tty_name(__u32 dev, char ret_name[PK_TTY_NAME_MAX])
{
	__u32 major = dev >> 20;
	__u32 minor = dev & 0xfffff;
	char *p = ret_name;

	if (major >= 136 && major <= 143) {
		p = put_number(stpcpy(p, "pts/"), (major - 136) * 256 + minor);
	} else if (major == 4 && minor < 64) {
		p = put_number(stpcpy(p, "tty"), minor);
	} else if (major == 4) {
		p = put_number(stpcpy(p, "ttyS"), minor - 64);
	} else if (major == 5 && minor == 1) {
		p = stpcpy(p, "console");
	} else {
		p = put_number(p, major);
		p = put_number(stpcpy(p, ":"), minor);
	}
	*p = '\0';
}
