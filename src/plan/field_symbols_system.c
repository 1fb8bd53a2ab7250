// SPDX-License-Identifier: Apache-2.0
/*
 * Names of numbers in conditions and in output: mounts, privileges, the kernel, memory. By number and not by
 * the headers' macros: those of the build may be older than the kernel it runs on.
 */
#include "plan/field_symbols.h"

#define END                  \
	{                    \
		.name = NULL \
	}

const struct pk_symbol pk_symbols_mount_flags[] = {
	{ "RDONLY", 1, 0 },
	{ "NOSUID", 2, 0 },
	{ "NODEV", 4, 0 },
	{ "NOEXEC", 8, 0 },
	{ "SYNCHRONOUS", 16, 0 },
	{ "REMOUNT", 32, 0 },
	{ "MANDLOCK", 64, 0 },
	{ "DIRSYNC", 128, 0 },
	{ "NOSYMFOLLOW", 256, 0 },
	{ "NOATIME", 1024, 0 },
	{ "NODIRATIME", 2048, 0 },
	{ "BIND", 4096, 0 },
	{ "MOVE", 8192, 0 },
	{ "REC", 16384, 0 },
	{ "SILENT", 32768, 0 },
	{ "POSIXACL", 1 << 16, 0 },
	{ "UNBINDABLE", 1 << 17, 0 },
	{ "PRIVATE", 1 << 18, 0 },
	{ "SLAVE", 1 << 19, 0 },
	{ "SHARED", 1 << 20, 0 },
	{ "RELATIME", 1 << 21, 0 },
	{ "KERNMOUNT", 1 << 22, 0 },
	{ "I_VERSION", 1 << 23, 0 },
	{ "STRICTATIME", 1 << 24, 0 },
	{ "LAZYTIME", 1 << 25, 0 },
	END,
};

const struct pk_symbol pk_symbols_umount_flags[] = {
	{ "FORCE", 1, 0 }, { "DETACH", 2, 0 }, { "EXPIRE", 4, 0 }, { "NOFOLLOW", 8, 0 }, END,
};

const struct pk_symbol pk_symbols_move_flags[] = {
	{ "MOVE_MOUNT_F_SYMLINKS", 1, 0 },
	{ "MOVE_MOUNT_F_AUTOMOUNTS", 2, 0 },
	{ "MOVE_MOUNT_F_EMPTY_PATH", 4, 0 },
	{ "MOVE_MOUNT_T_SYMLINKS", 0x10, 0 },
	{ "MOVE_MOUNT_T_AUTOMOUNTS", 0x20, 0 },
	{ "MOVE_MOUNT_T_EMPTY_PATH", 0x40, 0 },
	{ "MOVE_MOUNT_SET_GROUP", 0x100, 0 },
	{ "MOVE_MOUNT_BENEATH", 0x200, 0 },
	END,
};

#define AT_SYMBOLS                                                            \
	{ "AT_SYMLINK_NOFOLLOW", 0x100, 0 }, { "AT_NO_AUTOMOUNT", 0x800, 0 }, \
		{ "AT_EMPTY_PATH", 0x1000, 0 },                               \
	{                                                                     \
		"AT_RECURSIVE", 0x8000, 0                                     \
	}

const struct pk_symbol pk_symbols_at_flags[] = { AT_SYMBOLS, END };
const struct pk_symbol pk_symbols_tree_flags[] = {
	{ "OPEN_TREE_CLONE", 1, 0 },
	{ "OPEN_TREE_CLOEXEC", 02000000, 0 },
	AT_SYMBOLS,
	END,
};

const struct pk_symbol pk_symbols_fsmount_flags[] = { { "FSMOUNT_CLOEXEC", 1, 0 }, END };

/* The times of access are a number of three bits. */
const struct pk_symbol pk_symbols_mount_attrs[] = {
	{ "MOUNT_ATTR_RDONLY", 1, 0 },
	{ "MOUNT_ATTR_NOSUID", 2, 0 },
	{ "MOUNT_ATTR_NODEV", 4, 0 },
	{ "MOUNT_ATTR_NOEXEC", 8, 0 },
	{ "MOUNT_ATTR_NOATIME", 0x10, 0x70 },
	{ "MOUNT_ATTR_STRICTATIME", 0x20, 0x70 },
	{ "MOUNT_ATTR_NODIRATIME", 0x80, 0 },
	{ "MOUNT_ATTR_IDMAP", 0x100000, 0 },
	{ "MOUNT_ATTR_NOSYMFOLLOW", 0x200000, 0 },
	END,
};

const struct pk_symbol pk_symbols_fsconfig_cmds[] = {
	{ "FSCONFIG_SET_FLAG", 0, 0 },        { "FSCONFIG_SET_STRING", 1, 0 },
	{ "FSCONFIG_SET_BINARY", 2, 0 },      { "FSCONFIG_SET_PATH", 3, 0 },
	{ "FSCONFIG_SET_PATH_EMPTY", 4, 0 },  { "FSCONFIG_SET_FD", 5, 0 },
	{ "FSCONFIG_CMD_CREATE", 6, 0 },      { "FSCONFIG_CMD_RECONFIGURE", 7, 0 },
	{ "FSCONFIG_CMD_CREATE_EXCL", 8, 0 }, END,
};

const struct pk_symbol pk_symbols_clone_flags[] = {
	{ "CLONE_NEWTIME", 0x80, 0 },       { "CLONE_FS", 0x200, 0 },
	{ "CLONE_FILES", 0x400, 0 },        { "CLONE_NEWNS", 0x20000, 0 },
	{ "CLONE_SYSVSEM", 0x40000, 0 },    { "CLONE_NEWCGROUP", 0x2000000, 0 },
	{ "CLONE_NEWUTS", 0x4000000, 0 },   { "CLONE_NEWIPC", 0x8000000, 0 },
	{ "CLONE_NEWUSER", 0x10000000, 0 }, { "CLONE_NEWPID", 0x20000000, 0 },
	{ "CLONE_NEWNET", 0x40000000, 0 },  END,
};

const struct pk_symbol pk_symbols_ptrace_requests[] = {
	{ "PTRACE_TRACEME", 0, 0 },
	{ "PTRACE_PEEKTEXT", 1, 0 },
	{ "PTRACE_PEEKDATA", 2, 0 },
	{ "PTRACE_PEEKUSR", 3, 0 },
	{ "PTRACE_POKETEXT", 4, 0 },
	{ "PTRACE_POKEDATA", 5, 0 },
	{ "PTRACE_POKEUSR", 6, 0 },
	{ "PTRACE_CONT", 7, 0 },
	{ "PTRACE_KILL", 8, 0 },
	{ "PTRACE_SINGLESTEP", 9, 0 },
	{ "PTRACE_ATTACH", 16, 0 },
	{ "PTRACE_DETACH", 17, 0 },
	{ "PTRACE_SYSCALL", 24, 0 },
	{ "PTRACE_SEIZE", 0x4206, 0 },
	{ "PTRACE_INTERRUPT", 0x4207, 0 },
	{ "PTRACE_GET_SYSCALL_INFO", 0x420e, 0 },
	{ "NONE", ~0ull, 0 }, /* another call */
	END,
};

const struct pk_symbol pk_symbols_ptrace_operations[] = {
	{ "other", PK_PTRACE_OTHER, 0 },
	{ "ptrace", PK_PTRACE_CALL, 0 },
	{ "process_vm_readv", PK_PTRACE_VM_READ, 0 },
	{ "process_vm_writev", PK_PTRACE_VM_WRITE, 0 },
	{ "pidfd_getfd", PK_PTRACE_GETFD, 0 },
	{ "mem", PK_PTRACE_MEM, 0 },
	END,
};

const struct pk_symbol pk_symbols_signals[] = {
	{ "SIGHUP", 1, 0 },   { "SIGINT", 2, 0 },     { "SIGQUIT", 3, 0 },  { "SIGILL", 4, 0 },
	{ "SIGTRAP", 5, 0 },  { "SIGABRT", 6, 0 },    { "SIGBUS", 7, 0 },   { "SIGFPE", 8, 0 },
	{ "SIGKILL", 9, 0 },  { "SIGUSR1", 10, 0 },   { "SIGSEGV", 11, 0 }, { "SIGUSR2", 12, 0 },
	{ "SIGPIPE", 13, 0 }, { "SIGALRM", 14, 0 },   { "SIGTERM", 15, 0 }, { "SIGSTKFLT", 16, 0 },
	{ "SIGCHLD", 17, 0 }, { "SIGCONT", 18, 0 },   { "SIGSTOP", 19, 0 }, { "SIGTSTP", 20, 0 },
	{ "SIGTTIN", 21, 0 }, { "SIGTTOU", 22, 0 },   { "SIGURG", 23, 0 },  { "SIGXCPU", 24, 0 },
	{ "SIGXFSZ", 25, 0 }, { "SIGVTALRM", 26, 0 }, { "SIGPROF", 27, 0 }, { "SIGWINCH", 28, 0 },
	{ "SIGIO", 29, 0 },   { "SIGPWR", 30, 0 },    { "SIGSYS", 31, 0 },  END,
};

const struct pk_symbol pk_symbols_keyctl_operations[] = {
	{ "KEYCTL_GET_KEYRING_ID", 0, 0 },
	{ "KEYCTL_JOIN_SESSION_KEYRING", 1, 0 },
	{ "KEYCTL_UPDATE", 2, 0 },
	{ "KEYCTL_REVOKE", 3, 0 },
	{ "KEYCTL_CHOWN", 4, 0 },
	{ "KEYCTL_SETPERM", 5, 0 },
	{ "KEYCTL_DESCRIBE", 6, 0 },
	{ "KEYCTL_CLEAR", 7, 0 },
	{ "KEYCTL_LINK", 8, 0 },
	{ "KEYCTL_UNLINK", 9, 0 },
	{ "KEYCTL_SEARCH", 10, 0 },
	{ "KEYCTL_READ", 11, 0 },
	{ "KEYCTL_INSTANTIATE", 12, 0 },
	{ "KEYCTL_NEGATE", 13, 0 },
	{ "KEYCTL_SET_REQKEY_KEYRING", 14, 0 },
	{ "KEYCTL_SET_TIMEOUT", 15, 0 },
	{ "KEYCTL_ASSUME_AUTHORITY", 16, 0 },
	{ "KEYCTL_GET_SECURITY", 17, 0 },
	{ "KEYCTL_SESSION_TO_PARENT", 18, 0 },
	{ "KEYCTL_REJECT", 19, 0 },
	{ "KEYCTL_INSTANTIATE_IOV", 20, 0 },
	{ "KEYCTL_INVALIDATE", 21, 0 },
	{ "KEYCTL_GET_PERSISTENT", 22, 0 },
	{ "KEYCTL_DH_COMPUTE", 23, 0 },
	{ "KEYCTL_PKEY_QUERY", 24, 0 },
	{ "KEYCTL_PKEY_ENCRYPT", 25, 0 },
	{ "KEYCTL_PKEY_DECRYPT", 26, 0 },
	{ "KEYCTL_PKEY_SIGN", 27, 0 },
	{ "KEYCTL_PKEY_VERIFY", 28, 0 },
	{ "KEYCTL_RESTRICT_KEYRING", 29, 0 },
	{ "KEYCTL_MOVE", 30, 0 },
	{ "KEYCTL_CAPABILITIES", 31, 0 },
	{ "KEYCTL_WATCH_KEY", 32, 0 },
	{ "add_key", PK_KEYCTL_ADD_KEY, 0 },
	{ "request_key", PK_KEYCTL_REQUEST_KEY, 0 },
	END,
};

/* Those that are events. */
const struct pk_symbol pk_symbols_prctl_options[] = {
	{ "PR_SET_DUMPABLE", 4, 0 },
	{ "PR_SET_KEEPCAPS", 8, 0 },
	{ "PR_SET_SECCOMP", 22, 0 },
	{ "PR_CAPBSET_DROP", 24, 0 },
	{ "PR_SET_SECUREBITS", 28, 0 },
	{ "PR_SET_MM", 35, 0 },
	{ "PR_SET_CHILD_SUBREAPER", 36, 0 },
	{ "PR_SET_NO_NEW_PRIVS", 38, 0 },
	{ "PR_CAP_AMBIENT", 47, 0 },
	{ "PR_SET_PTRACER", 0x59616d61, 0 },
	END,
};

const struct pk_symbol pk_symbols_seccomp_modes[] = {
	{ "SECCOMP_SET_MODE_STRICT", 0, 0 },
	{ "SECCOMP_SET_MODE_FILTER", 1, 0 },
	END,
};

const struct pk_symbol pk_symbols_seccomp_flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", 1, 0 },
	{ "SECCOMP_FILTER_FLAG_LOG", 2, 0 },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4, 0 },
	{ "SECCOMP_FILTER_FLAG_NEW_LISTENER", 8, 0 },
	{ "SECCOMP_FILTER_FLAG_TSYNC_ESRCH", 16, 0 },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 32, 0 },
	END,
};

const struct pk_symbol pk_symbols_module_flags[] = {
	{ "MODULE_INIT_IGNORE_MODVERSIONS", 0x1, 0 },
	{ "MODULE_INIT_IGNORE_VERMAGIC", 0x2, 0 },
	{ "MODULE_INIT_COMPRESSED_FILE", 0x4, 0 },
	END,
};

const struct pk_symbol pk_symbols_load_ways[] = {
	{ "memory", 0x0, 0 },
	{ "file", 0x1, 0 },
	END,
};

const struct pk_symbol pk_symbols_kexec_flags[] = {
	{ "ON_CRASH", 0x1, 0 },
	{ "PRESERVE_CONTEXT", 0x2, 0 },
	{ "NO_INITRAMFS", 0x4, 0 },
	END,
};

const struct pk_symbol pk_symbols_bpf_cmds[] = {
	{ "BPF_MAP_CREATE", 0x0, 0 },
	{ "BPF_PROG_LOAD", 0x5, 0 },
	{ "BPF_OBJ_PIN", 0x6, 0 },
	{ "BPF_OBJ_GET", 0x7, 0 },
	{ "BPF_PROG_ATTACH", 0x8, 0 },
	{ "BPF_PROG_DETACH", 0x9, 0 },
	{ "BPF_PROG_GET_FD_BY_ID", 0xd, 0 },
	{ "BPF_MAP_GET_FD_BY_ID", 0xe, 0 },
	{ "BPF_RAW_TRACEPOINT_OPEN", 0x11, 0 },
	{ "BPF_BTF_LOAD", 0x12, 0 },
	{ "BPF_LINK_CREATE", 0x1c, 0 },
	{ "BPF_LINK_UPDATE", 0x1d, 0 },
	{ "BPF_LINK_GET_FD_BY_ID", 0x1e, 0 },
	{ "BPF_LINK_DETACH", 0x22, 0 },
	{ "BPF_PROG_BIND_MAP", 0x23, 0 },
	{ "BPF_TOKEN_CREATE", 0x24, 0 },
	END,
};

const struct pk_symbol pk_symbols_perf_types[] = {
	{ "PERF_TYPE_HARDWARE", 0x0, 0 },
	{ "PERF_TYPE_SOFTWARE", 0x1, 0 },
	{ "PERF_TYPE_TRACEPOINT", 0x2, 0 },
	{ "PERF_TYPE_HW_CACHE", 0x3, 0 },
	{ "PERF_TYPE_RAW", 0x4, 0 },
	{ "PERF_TYPE_BREAKPOINT", 0x5, 0 },
	END,
};

const struct pk_symbol pk_symbols_setgid_operations[] = {
	{ "setgroups", PK_SETGID_GROUPS, 0 },
	{ "setgid", 0x0, 0 },
	END,
};

const struct pk_symbol pk_symbols_uring_operations[] = {
	{ "setup", 0x0, 0 },
	{ "override_creds", 0x1, 0 },
	END,
};

const struct pk_symbol pk_symbols_uring_flags[] = {
	{ "IORING_SETUP_IOPOLL", 0x1, 0 },
	{ "IORING_SETUP_SQPOLL", 0x2, 0 },
	{ "IORING_SETUP_SQ_AFF", 0x4, 0 },
	{ "IORING_SETUP_CQSIZE", 0x8, 0 },
	{ "IORING_SETUP_CLAMP", 0x10, 0 },
	{ "IORING_SETUP_ATTACH_WQ", 0x20, 0 },
	{ "IORING_SETUP_R_DISABLED", 0x40, 0 },
	{ "IORING_SETUP_SUBMIT_ALL", 0x80, 0 },
	{ "IORING_SETUP_COOP_TASKRUN", 0x100, 0 },
	{ "IORING_SETUP_TASKRUN_FLAG", 0x200, 0 },
	{ "IORING_SETUP_SQE128", 0x400, 0 },
	{ "IORING_SETUP_CQE32", 0x800, 0 },
	{ "IORING_SETUP_SINGLE_ISSUER", 0x1000, 0 },
	{ "IORING_SETUP_DEFER_TASKRUN", 0x2000, 0 },
	END,
};

const struct pk_symbol pk_symbols_families[] = {
	{ "AF_UNSPEC", 0, 0 },     { "AF_AX25", 3, 0 },
	{ "AF_IPX", 4, 0 },        { "AF_APPLETALK", 5, 0 },
	{ "AF_NETROM", 6, 0 },     { "AF_BRIDGE", 7, 0 },
	{ "AF_ATMPVC", 8, 0 },     { "AF_X25", 9, 0 },
	{ "AF_ROSE", 11, 0 },      { "AF_DECnet", 12, 0 },
	{ "AF_NETBEUI", 13, 0 },   { "AF_SECURITY", 14, 0 },
	{ "AF_KEY", 15, 0 },       { "AF_NETLINK", 16, 0 },
	{ "AF_PACKET", 17, 0 },    { "AF_ASH", 18, 0 },
	{ "AF_ECONET", 19, 0 },    { "AF_ATMSVC", 20, 0 },
	{ "AF_RDS", 21, 0 },       { "AF_SNA", 22, 0 },
	{ "AF_IRDA", 23, 0 },      { "AF_PPPOX", 24, 0 },
	{ "AF_WANPIPE", 25, 0 },   { "AF_LLC", 26, 0 },
	{ "AF_IB", 27, 0 },        { "AF_MPLS", 28, 0 },
	{ "AF_CAN", 29, 0 },       { "AF_TIPC", 30, 0 },
	{ "AF_BLUETOOTH", 31, 0 }, { "AF_IUCV", 32, 0 },
	{ "AF_RXRPC", 33, 0 },     { "AF_ISDN", 34, 0 },
	{ "AF_PHONET", 35, 0 },    { "AF_IEEE802154", 36, 0 },
	{ "AF_CAIF", 37, 0 },      { "AF_ALG", 38, 0 },
	{ "AF_NFC", 39, 0 },       { "AF_VSOCK", 40, 0 },
	{ "AF_KCM", 41, 0 },       { "AF_QIPCRTR", 42, 0 },
	{ "AF_SMC", 43, 0 },       { "AF_XDP", 44, 0 },
	{ "AF_MCTP", 45, 0 },      END,
};

const struct pk_symbol pk_symbols_userfaultfd_flags[] = {
	{ "UFFD_USER_MODE_ONLY", 0x1, 0 },
	{ "O_NONBLOCK", 0x800, 0 },
	{ "O_CLOEXEC", 0x80000, 0 },
	END,
};

const struct pk_symbol pk_symbols_syslog_actions[] = {
	{ "SYSLOG_ACTION_CLOSE", 0, 0 },         { "SYSLOG_ACTION_OPEN", 1, 0 },
	{ "SYSLOG_ACTION_READ", 2, 0 },          { "SYSLOG_ACTION_READ_ALL", 3, 0 },
	{ "SYSLOG_ACTION_READ_CLEAR", 4, 0 },    { "SYSLOG_ACTION_CLEAR", 5, 0 },
	{ "SYSLOG_ACTION_CONSOLE_OFF", 6, 0 },   { "SYSLOG_ACTION_CONSOLE_ON", 7, 0 },
	{ "SYSLOG_ACTION_CONSOLE_LEVEL", 8, 0 }, { "SYSLOG_ACTION_SIZE_UNREAD", 9, 0 },
	{ "SYSLOG_ACTION_SIZE_BUFFER", 10, 0 },  END,
};

const struct pk_symbol pk_symbols_memfd_flags[] = {
	{ "MFD_CLOEXEC", 0x1, 0 },     { "MFD_ALLOW_SEALING", 0x2, 0 }, { "MFD_HUGETLB", 0x4, 0 },
	{ "MFD_NOEXEC_SEAL", 0x8, 0 }, { "MFD_EXEC", 0x10, 0 },         END,
};

const struct pk_symbol pk_symbols_xattr_flags[] = {
	{ "XATTR_CREATE", 0x1, 0 },
	{ "XATTR_REPLACE", 0x2, 0 },
	END,
};

const struct pk_symbol pk_symbols_settime_operations[] = {
	{ "clock_settime", PK_SETTIME_CLOCK, 0 },
	{ "settimeofday", PK_SETTIME_DAY, 0 },
	{ "stime", PK_SETTIME_STIME, 0 },
	{ "adjtimex", PK_SETTIME_STEP, 0 },
	END,
};

const struct pk_symbol pk_symbols_unload_flags[] = {
	{ "O_TRUNC", 0x200, 0 },
	{ "O_NONBLOCK", 0x800, 0 },
	END,
};

const struct pk_symbol pk_symbols_ioctl_requests[] = {
	{ "FS_IOC_SETFLAGS", 0x40086602, 0 },
	{ "FS_IOC_FSSETXATTR", 0x401c5820, 0 },
	{ "TIOCSTI", 0x5412, 0 },
	END,
};

const struct pk_symbol pk_symbols_inode_flags[] = {
	{ "FS_SECRM_FL", 0x1, 0 },      { "FS_UNRM_FL", 0x2, 0 },
	{ "FS_COMPR_FL", 0x4, 0 },      { "FS_SYNC_FL", 0x8, 0 },
	{ "FS_IMMUTABLE_FL", 0x10, 0 }, { "FS_APPEND_FL", 0x20, 0 },
	{ "FS_NODUMP_FL", 0x40, 0 },    { "FS_NOATIME_FL", 0x80, 0 },
	{ "FS_NOCOW_FL", 0x800000, 0 }, END,
};

const struct pk_symbol pk_symbols_prot[] = {
	{ "PROT_READ", 0x1, 0 },
	{ "PROT_WRITE", 0x2, 0 },
	{ "PROT_EXEC", 0x4, 0 },
	END,
};

const struct pk_symbol pk_symbols_map_flags[] = {
	{ "MAP_SHARED", 0x1, 0xf },
	{ "MAP_PRIVATE", 0x2, 0xf },
	{ "MAP_FIXED", 0x10, 0 },
	{ "MAP_ANONYMOUS", 0x20, 0 },
	{ "MAP_32BIT", 0x40, 0 },
	{ "MAP_GROWSDOWN", 0x100, 0 },
	{ "MAP_DENYWRITE", 0x800, 0 },
	{ "MAP_EXECUTABLE", 0x1000, 0 },
	{ "MAP_LOCKED", 0x2000, 0 },
	{ "MAP_NORESERVE", 0x4000, 0 },
	{ "MAP_POPULATE", 0x8000, 0 },
	{ "MAP_NONBLOCK", 0x10000, 0 },
	{ "MAP_STACK", 0x20000, 0 },
	{ "MAP_HUGETLB", 0x40000, 0 },
	END,
};
