// SPDX-License-Identifier: Apache-2.0
/*
 * The table of sensors. A kind of event that has no line is seen by nobody.
 */
#include "kernel/sensor_table.h"

#include <assert.h>

#include "base/cleanup.h"
#include "config.h"

#define K(kind) (1ull << PK_EVENT_##kind)
#define LSM (1u << PK_BACKEND_LSM)
#define TP (1u << PK_BACKEND_TRACEPOINT)
#define BOTH (LSM | TP)

#define ATTACH PK_SENSOR_ATTACH
#define CGROUP PK_SENSOR_CGROUP
#define EXIT_SLOT PK_SENSOR_EXIT_SLOT
#define CALL_A PK_SENSOR_CALL_A
#define CALL_B PK_SENSOR_CALL_B
#define IN_A PK_SENSOR_IN_A
#define IN_B PK_SENSOR_IN_B

static_assert(PK_EVENT_SENSOR_MAX <= 63, "PK_KINDS_CREDS is none of them");

#define KINDS_CHANGE (K(CHMOD) | K(CHOWN) | K(TRUNCATE))
#define KINDS_PATH                                                                       \
	(K(RENAME) | K(UNLINK) | K(LINK) | K(SYMLINK) | K(MKDIR) | K(RMDIR) | K(MKNOD) | \
	 KINDS_CHANGE)
#define KINDS_GUARDED                                                                         \
	(K(OPEN_TREE) | K(FSMOUNT) | K(FSCONFIG) | K(MOUNT_SETATTR) | K(SETNS) | K(UNSHARE) | \
	 K(DELETE_MODULE))
#define KINDS_SYSTEM (PK_KINDS_OF_SENSORS & ~(K(DO_MOUNT) - 1)) /* of struct pk_sys_event */
#define KINDS_SOCKET (K(CONNECT) | K(BIND) | K(LISTEN) | K(ACCEPT))

/* Seen at the end of the call itself on the lsm backend. */
#define KINDS_CALL                                                                            \
	(K(OPEN_TREE) | K(FSMOUNT) | K(FSCONFIG) | K(MOUNT_SETATTR) | K(SETNS) | K(UNSHARE) | \
	 K(KEYCTL) | K(SECCOMP) | K(PERF_EVENT) | K(IO_URING) | K(USERFAULTFD) | K(MEMFD) |   \
	 K(DUP) | K(PERSONALITY) | K(SYSLOG) | K(SYSINFO) | K(SETTIME) | K(DELETE_MODULE))
#define CALL(name, kind)                                                                  \
	{ "pk_a_x64_" #name, PK_HOOK_EXIT_SYSTEM, K(kind), LSM, IN_A, 0, true },          \
		{ "pk_b_x64_" #name, PK_HOOK_EXIT_SYSTEM, K(kind), LSM, IN_B, 0, true },  \
		{ "pk_a_ia32_" #name, PK_HOOK_EXIT_SYSTEM, K(kind), LSM, IN_A, 0, true }, \
	{                                                                                 \
		"pk_b_ia32_" #name, PK_HOOK_EXIT_SYSTEM, K(kind), LSM, IN_B, 0, true      \
	}

/*
 * The last member: hooks that only rules want. On accept (a hook of its own can deny it), on send (who is to be
 * killed is killed at the call's end), on open (what creates a file passes another hook first), on calls that are
 * denied where CAP_SYS_ADMIN or CAP_SYS_MODULE is asked for, on keys.
 */
static const struct pk_sensor table[] = {
	{ "pk_process_fork", PK_HOOK_PROCESS_FORK, K(FORK), BOTH, ATTACH, 0, false },
	{ "pk_cgroup_attach", PK_HOOK_PROCESS_FORK, K(FORK), BOTH, ATTACH, 0, false },
	{ "pk_container_mkdir", PK_HOOK_CGROUP_MKDIR, K(FORK), BOTH, ATTACH, 0, false },
	{ "pk_container_rmdir", PK_HOOK_CGROUP_MKDIR, K(FORK), BOTH, ATTACH, 0, false },
	{ "pk_cgroup_mkdir", PK_HOOK_CGROUP_MKDIR, K(FORK), BOTH, ATTACH, 0, false },
	{ "pk_process_exec", PK_HOOK_PROCESS_EXEC, K(EXEC), BOTH, ATTACH, 0, false },
	{ "pk_process_exit", PK_HOOK_PROCESS_EXIT, K(EXIT), BOTH, ATTACH, 0, false },
	{ "pk_creds_exec_committed", PK_HOOK_PROCESS_EXEC, PK_KINDS_CREDS, LSM, ATTACH, 0, false },
	{ "pk_creds_commit", PK_HOOK_CAPSET, PK_KINDS_CREDS, LSM, ATTACH, 0, true },
	{ "pk_bprm_check", PK_HOOK_BPRM_CHECK, K(EXEC), LSM, ATTACH, 0, false },
	{ "pk_file_open", PK_HOOK_FILE_OPEN, K(OPEN), LSM, ATTACH, 0, false },
	{ "pk_path_unlink", PK_HOOK_PATH_UNLINK, K(UNLINK), LSM, ATTACH, 0, false },
	{ "pk_path_rmdir", PK_HOOK_PATH_RMDIR, K(RMDIR), LSM, ATTACH, 0, false },
	{ "pk_path_mkdir", PK_HOOK_PATH_MKDIR, K(MKDIR), LSM, ATTACH, 0, false },
	{ "pk_path_mknod", PK_HOOK_PATH_MKNOD, K(MKNOD), LSM, ATTACH, 0, false, K(OPEN) },
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
	{ "pk_socket_accept", PK_HOOK_SOCKET_ACCEPT, 0, LSM, ATTACH, 0, false, K(ACCEPT) },
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
	  K(OPEN) | KINDS_PATH | KINDS_SOCKET | KINDS_SYSTEM | PK_KINDS_CREDS, TP, ATTACH, 0, false,
	  K(SEND) },
	{ "pk_sb_mount", PK_HOOK_SB_MOUNT, K(DO_MOUNT), LSM, ATTACH, 0, false },
	{ "pk_sb_umount", PK_HOOK_SB_UMOUNT, K(UMOUNT), LSM, ATTACH, 0, false },
	{ "pk_move_mount", PK_HOOK_MOVE_MOUNT, K(MOVE_MOUNT), LSM, ATTACH, 0, false },
	{ "pk_sb_pivotroot", PK_HOOK_SB_PIVOTROOT, K(PIVOT_ROOT), LSM, ATTACH, 0, false },
	{ "pk_path_chroot", PK_HOOK_PATH_CHROOT, K(CHROOT), LSM, ATTACH, 0, false },
	{ "pk_capable", PK_HOOK_CAPABLE, 0, LSM, ATTACH, 0, false, KINDS_GUARDED },
	{ "pk_call_a", PK_HOOK_EXIT_SYSTEM, KINDS_CALL, LSM, CALL_A, 0, false },
	{ "pk_call_b", PK_HOOK_EXIT_SYSTEM, KINDS_CALL, LSM, CALL_B, 0, true },
	CALL(open_tree, OPEN_TREE),
	CALL(fsmount, FSMOUNT),
	CALL(fsconfig, FSCONFIG),
	CALL(mount_setattr, MOUNT_SETATTR),
	{ "pk_task_fix_setuid", PK_HOOK_FIX_SETUID, K(SETUID), LSM, ATTACH, 0, false },
	{ "pk_task_fix_setgid", PK_HOOK_FIX_SETGID, K(SETGID), LSM, ATTACH, 0, false },
	{ "pk_task_fix_setgroups", PK_HOOK_FIX_SETGID, K(SETGID), LSM, ATTACH, 0, true },
	{ "pk_capset", PK_HOOK_CAPSET, K(CAPSET), LSM, ATTACH, 0, false },
	{ "pk_ptrace_access_check", PK_HOOK_PTRACE, K(PTRACE), LSM, ATTACH, 0, false },
	{ "pk_ptrace_traceme", PK_HOOK_PTRACE, K(PTRACE), LSM, ATTACH, 0, false },
	{ "pk_task_kill", PK_HOOK_TASK_KILL, K(KILL), LSM, ATTACH, 0, false },
	{ "pk_signal_generate", PK_HOOK_TASK_KILL, K(KILL), TP, ATTACH, 0, false },
	{ "pk_userns_create", PK_HOOK_USERNS, K(USERNS), LSM, ATTACH, 0, true },
	{ "pk_task_prctl", PK_HOOK_PRCTL, K(PRCTL), LSM, ATTACH, 0, false },
	{ "pk_key_permission", PK_HOOK_KEY, 0, LSM, ATTACH, 0, false, K(KEYCTL) },
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
	{ "pk_perf_event_open", PK_HOOK_PERF, 0, LSM, ATTACH, 0, true, K(PERF_EVENT) },
	{ "pk_inode_init_security_anon", PK_HOOK_ANON, 0, LSM, ATTACH, 0, true,
	  K(IO_URING) | K(USERFAULTFD) },
	{ "pk_file_alloc_security", PK_HOOK_ALLOC, 0, LSM, ATTACH, 0, true, K(MEMFD) },
	CALL(perf_event_open, PERF_EVENT),
	CALL(io_uring_setup, IO_URING),
	CALL(userfaultfd, USERFAULTFD),
	CALL(memfd_create, MEMFD),
	CALL(dup, DUP),
	CALL(dup2, DUP),
	CALL(dup3, DUP),
	CALL(fcntl, DUP),
	CALL(personality, PERSONALITY),
	CALL(syslog, SYSLOG),
	CALL(sysinfo, SYSINFO),
	{ "pk_inode_setxattr", PK_HOOK_XATTR, K(SETXATTR), LSM, ATTACH, 0, false },
	{ "pk_inode_set_acl", PK_HOOK_XATTR, K(SETXATTR), LSM, ATTACH, 0, true },
	{ "pk_inode_removexattr", PK_HOOK_XATTR, K(REMOVEXATTR), LSM, ATTACH, 0, false },
	{ "pk_inode_remove_acl", PK_HOOK_XATTR, K(REMOVEXATTR), LSM, ATTACH, 0, true },
	{ "pk_settime", PK_HOOK_SETTIME, K(SETTIME), LSM, ATTACH, 0, false },
	CALL(adjtimex, SETTIME),
	CALL(clock_adjtime, SETTIME),
	{ "pk_a_ia32_clock_adjtime32", PK_HOOK_EXIT_SYSTEM, K(SETTIME), LSM, IN_A, 0, true },
	{ "pk_b_ia32_clock_adjtime32", PK_HOOK_EXIT_SYSTEM, K(SETTIME), LSM, IN_B, 0, true },
	CALL(delete_module, DELETE_MODULE),
	{ "pk_set_name", PK_HOOK_PRCTL, K(SET_NAME), LSM, ATTACH, 0, false },
	{ "pk_file_ioctl", PK_HOOK_IOCTL, K(IOCTL), LSM, ATTACH, 0, false },
	{ "pk_file_ioctl_compat", PK_HOOK_IOCTL, K(IOCTL), LSM, ATTACH, 0, true },
	{ "pk_mmap_file", PK_HOOK_MMAP, K(MMAP), LSM, ATTACH, 0, false },
	{ "pk_file_mprotect", PK_HOOK_MPROTECT, K(MPROTECT), LSM, ATTACH, 0, false },
	{ "pk_socket_create", PK_HOOK_SOCKET_CREATE, K(SOCKET), LSM, ATTACH, 0, false },
	{ "pk_kernel_module_request", PK_HOOK_MODULE_REQUEST, K(REQUEST_MODULE), LSM, ATTACH, 0,
	  true },
	{ "pk_module_request", PK_HOOK_MODULE_REQUEST, K(REQUEST_MODULE), TP, ATTACH, 0, true },
};

static_assert(PK_ARRAY_SIZE(table) <= PK_MAX_SENSORS, "what holds one thing a sensor has room");

const struct pk_sensor *pk_sensor_table_get(size_t *ret_cnt)
{
	*ret_cnt = PK_ARRAY_SIZE(table);
	return table;
}

bool pk_sensor_wanted(const struct pk_sensor *sensor, __u64 kinds, __u64 judged)
{
	return (sensor->kinds & (kinds | judged | PK_KINDS_ALWAYS)) || (sensor->judged & judged);
}
