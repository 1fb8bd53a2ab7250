// SPDX-License-Identifier: Apache-2.0
/*
 * The table of pk_exit_calls. Native numbers come from the build's headers; those of i386 are
 * fixed by its ABI and stand here, since its header cannot be included beside the native one.
 */
#include "kernel/syscalls.h"

#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

struct entry {
	int native; /* -1: not on this architecture */
	int compat; /* i386 */
	enum pk_call call;
};

#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif

#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#define __NR_removexattrat 466
#endif

#ifdef __NR_open
#define NATIVE(name) __NR_##name
#else
#define NATIVE(name) -1
#endif

static const struct entry entries[] = {
	{ NATIVE(open), 5, PK_CALL_OPEN },
	{ NATIVE(creat), 8, PK_CALL_CREAT },
	{ __NR_openat, 295, PK_CALL_OPENAT },
	{ __NR_openat2, 437, PK_CALL_OPENAT2 },
	{ __NR_open_by_handle_at, 342, PK_CALL_OPEN_HANDLE },
	{ __NR_fchmod, 94, PK_CALL_FCHMOD },
	{ __NR_fchown, 95, PK_CALL_FCHOWN },
	{ -1, 207, PK_CALL_FCHOWN },
	{ __NR_ftruncate, 93, PK_CALL_FTRUNCATE },
	{ -1, 194, PK_CALL_FTRUNCATE },
	{ NATIVE(unlink), 10, PK_CALL_UNLINK },
	{ __NR_unlinkat, 301, PK_CALL_UNLINKAT },
	{ NATIVE(rmdir), 40, PK_CALL_RMDIR },
	{ NATIVE(mkdir), 39, PK_CALL_MKDIR },
	{ __NR_mkdirat, 296, PK_CALL_MKDIRAT },
	{ NATIVE(mknod), 14, PK_CALL_MKNOD },
	{ __NR_mknodat, 297, PK_CALL_MKNODAT },
	{ NATIVE(symlink), 83, PK_CALL_SYMLINK },
	{ __NR_symlinkat, 304, PK_CALL_SYMLINKAT },
	{ NATIVE(link), 9, PK_CALL_LINK },
	{ __NR_linkat, 303, PK_CALL_LINKAT },
	{ NATIVE(rename), 38, PK_CALL_RENAME },
#ifdef __NR_renameat
	{ __NR_renameat, 302, PK_CALL_RENAMEAT },
#else
	{ -1, 302, PK_CALL_RENAMEAT },
#endif
	{ __NR_renameat2, 353, PK_CALL_RENAMEAT2 },
	{ NATIVE(chmod), 15, PK_CALL_CHMOD },
	{ __NR_fchmodat, 306, PK_CALL_FCHMODAT },
	{ __NR_fchmodat2, 452, PK_CALL_FCHMODAT2 },
	{ NATIVE(chown), 182, PK_CALL_CHOWN },
	{ -1, 212, PK_CALL_CHOWN },
	{ NATIVE(lchown), 16, PK_CALL_LCHOWN },
	{ -1, 198, PK_CALL_LCHOWN },
	{ __NR_fchownat, 298, PK_CALL_FCHOWNAT },
	{ __NR_truncate, 92, PK_CALL_TRUNCATE },
	{ -1, 193, PK_CALL_TRUNCATE },
	{ __NR_connect, 362, PK_CALL_CONNECT },
	{ __NR_bind, 361, PK_CALL_BIND },
	{ __NR_listen, 363, PK_CALL_LISTEN },
	{ __NR_accept, -1, PK_CALL_ACCEPT },
	{ __NR_accept4, 364, PK_CALL_ACCEPT },
	{ -1, 102, PK_CALL_SOCKETCALL },
	{ __NR_mount, 21, PK_CALL_MOUNT },
	{ __NR_umount2, 52, PK_CALL_UMOUNT },
	{ -1, 22, PK_CALL_OLDUMOUNT },
	{ __NR_move_mount, 429, PK_CALL_MOVE_MOUNT },
	{ __NR_open_tree, 428, PK_CALL_OPEN_TREE },
	{ __NR_fsmount, 432, PK_CALL_FSMOUNT },
	{ __NR_fsconfig, 431, PK_CALL_FSCONFIG },
	{ __NR_mount_setattr, 442, PK_CALL_MOUNT_SETATTR },
	{ __NR_pivot_root, 217, PK_CALL_PIVOT_ROOT },
	{ __NR_chroot, 61, PK_CALL_CHROOT },
	{ __NR_setuid, 213, PK_CALL_SETUID },
	{ -1, 23, PK_CALL_SETUID }, /* of 16 bits, as those below */
	{ __NR_setreuid, 203, PK_CALL_SETUID },
	{ -1, 70, PK_CALL_SETUID },
	{ __NR_setresuid, 208, PK_CALL_SETUID },
	{ -1, 164, PK_CALL_SETUID },
	{ __NR_setfsuid, 215, PK_CALL_SETUID },
	{ -1, 138, PK_CALL_SETUID },
	{ __NR_setgid, 214, PK_CALL_SETGID },
	{ -1, 46, PK_CALL_SETGID },
	{ __NR_setregid, 204, PK_CALL_SETGID },
	{ -1, 71, PK_CALL_SETGID },
	{ __NR_setresgid, 210, PK_CALL_SETGID },
	{ -1, 170, PK_CALL_SETGID },
	{ __NR_setfsgid, 216, PK_CALL_SETGID },
	{ -1, 139, PK_CALL_SETGID },
	{ __NR_setgroups, 206, PK_CALL_SETGROUPS },
	{ -1, 81, PK_CALL_SETGROUPS },
	{ __NR_capset, 185, PK_CALL_CAPSET },
	{ __NR_ptrace, 26, PK_CALL_PTRACE },
	{ __NR_process_vm_readv, 347, PK_CALL_VM_READ },
	{ __NR_process_vm_writev, 348, PK_CALL_VM_WRITE },
	{ __NR_pidfd_getfd, 438, PK_CALL_PIDFD_GETFD },
	{ __NR_setns, 346, PK_CALL_SETNS },
	{ __NR_unshare, 310, PK_CALL_UNSHARE },
	{ __NR_clone, 120, PK_CALL_CLONE },
	{ __NR_clone3, 435, PK_CALL_CLONE3 },
	{ __NR_keyctl, 288, PK_CALL_KEYCTL },
	{ __NR_add_key, 286, PK_CALL_ADD_KEY },
	{ __NR_request_key, 287, PK_CALL_REQUEST_KEY },
	{ __NR_prctl, 172, PK_CALL_PRCTL },
	{ __NR_seccomp, 354, PK_CALL_SECCOMP },
	{ __NR_init_module, 128, PK_CALL_INIT_MODULE },
	{ __NR_finit_module, 350, PK_CALL_FINIT_MODULE },
	{ __NR_kexec_load, 283, PK_CALL_KEXEC_LOAD },
	{ __NR_kexec_file_load, -1, PK_CALL_KEXEC_FILE },
	{ __NR_bpf, 357, PK_CALL_BPF },
	{ __NR_perf_event_open, 336, PK_CALL_PERF_EVENT },
	{ __NR_io_uring_setup, 425, PK_CALL_IO_URING },
	{ __NR_userfaultfd, 374, PK_CALL_USERFAULTFD },
	{ __NR_memfd_create, 356, PK_CALL_MEMFD },
	{ __NR_mmap, 192, PK_CALL_MMAP },
	{ __NR_mprotect, 125, PK_CALL_MPROTECT },
	{ __NR_pkey_mprotect, 380, PK_CALL_MPROTECT },
	{ __NR_socket, 359, PK_CALL_SOCKET },
	{ __NR_dup, 41, PK_CALL_DUP },
	{ NATIVE(dup2), 63, PK_CALL_DUP },
	{ __NR_dup3, 330, PK_CALL_DUP },
	{ __NR_fcntl, 55, PK_CALL_FCNTL },
	{ -1, 221, PK_CALL_FCNTL }, /* fcntl64() */
	{ __NR_personality, 136, PK_CALL_PERSONALITY },
	{ __NR_syslog, 103, PK_CALL_SYSLOG },
	{ __NR_sysinfo, 116, PK_CALL_SYSINFO },
	{ __NR_setxattr, 226, PK_CALL_SETXATTR },
	{ __NR_lsetxattr, 227, PK_CALL_LSETXATTR },
	{ __NR_fsetxattr, 228, PK_CALL_FSETXATTR },
	{ __NR_setxattrat, 463, PK_CALL_SETXATTRAT },
	{ __NR_removexattr, 235, PK_CALL_REMOVEXATTR },
	{ __NR_lremovexattr, 236, PK_CALL_LREMOVEXATTR },
	{ __NR_fremovexattr, 237, PK_CALL_FREMOVEXATTR },
	{ __NR_removexattrat, 466, PK_CALL_REMOVEXATTRAT },
	{ __NR_clock_settime, 404, PK_CALL_CLOCK_SETTIME },
	{ -1, 264, PK_CALL_CLOCK_SETTIME32 },
	{ __NR_settimeofday, 79, PK_CALL_SETTIMEOFDAY },
	{ -1, 25, PK_CALL_STIME },
	{ __NR_adjtimex, 124, PK_CALL_ADJTIMEX },
	{ __NR_clock_adjtime, 405, PK_CALL_CLOCK_ADJTIME },
	{ -1, 343, PK_CALL_CLOCK_ADJTIME },
	{ __NR_delete_module, 129, PK_CALL_DELETE_MODULE },
	{ __NR_ioctl, 54, PK_CALL_IOCTL },
};

void pk_syscalls_fill(__u8 ret_calls[2][PK_SYSCALL_MAX])
{
	memset(ret_calls, 0, sizeof(__u8) * 2 * PK_SYSCALL_MAX);
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		const struct entry *e = &entries[i];

		if (e->native >= 0 && e->native < PK_SYSCALL_MAX)
			ret_calls[0][e->native] = e->call;
		if (e->compat >= 0 && e->compat < PK_SYSCALL_MAX)
			ret_calls[1][e->compat] = e->call;
	}
}
