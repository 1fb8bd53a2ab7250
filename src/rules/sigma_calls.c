/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of system calls, as auditd's records have them where nothing interprets them: those of the
 * architecture that this is built for. Only calls that are events; any other number is of none.
 */
#include "rules/sigma_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"

struct call {
	long number;
	const char *name;
};

#define CALL(name)                  \
	{                           \
		__NR_##name, #name, \
	}

static const struct call calls[] = {
	CALL(execve),
	CALL(execveat),
	CALL(clone),
	CALL(clone3),
	CALL(openat),
	CALL(openat2),
	CALL(open_by_handle_at),
	CALL(renameat),
	CALL(renameat2),
	CALL(unlinkat),
	CALL(linkat),
	CALL(symlinkat),
	CALL(mkdirat),
	CALL(mknodat),
	CALL(fchmod),
	CALL(fchmodat),
	CALL(fchown),
	CALL(fchownat),
	CALL(truncate),
	CALL(ftruncate),
	CALL(connect),
	CALL(bind),
	CALL(listen),
	CALL(accept),
	CALL(accept4),
	CALL(sendto),
	CALL(sendmsg),
	CALL(sendmmsg),
	CALL(mount),
	CALL(umount2),
	CALL(move_mount),
	CALL(open_tree),
	CALL(fsmount),
	CALL(fsconfig),
	CALL(mount_setattr),
	CALL(pivot_root),
	CALL(chroot),
	CALL(setuid),
	CALL(setreuid),
	CALL(setresuid),
	CALL(setfsuid),
	CALL(setgid),
	CALL(setregid),
	CALL(setresgid),
	CALL(setfsgid),
	CALL(setgroups),
	CALL(capset),
	CALL(ptrace),
	CALL(process_vm_readv),
	CALL(process_vm_writev),
	CALL(pidfd_getfd),
	CALL(kill),
	CALL(tkill),
	CALL(tgkill),
	CALL(rt_sigqueueinfo),
	CALL(rt_tgsigqueueinfo),
	CALL(pidfd_send_signal),
	CALL(setns),
	CALL(unshare),
	CALL(keyctl),
	CALL(add_key),
	CALL(request_key),
	CALL(prctl),
	CALL(seccomp),
	CALL(finit_module),
	CALL(init_module),
	CALL(kexec_load),
	CALL(kexec_file_load),
	CALL(bpf),
	CALL(perf_event_open),
	CALL(io_uring_setup),
	CALL(userfaultfd),
	CALL(memfd_create),
	CALL(mmap),
	CALL(mprotect),
	CALL(pkey_mprotect),
	CALL(dup),
	CALL(dup3),
	CALL(fcntl),
	CALL(personality),
	CALL(syslog),
	CALL(sysinfo),
	CALL(setxattr),
	CALL(lsetxattr),
	CALL(fsetxattr),
	CALL(removexattr),
	CALL(lremovexattr),
	CALL(fremovexattr),
	CALL(clock_settime),
	CALL(settimeofday),
	CALL(adjtimex),
	CALL(clock_adjtime),
	CALL(delete_module),
	CALL(ioctl),
	CALL(socket),
	{ 452, "fchmodat2" },
#ifdef __NR_open /* newer architectures have the calls with "at" alone */
	CALL(fork),
	CALL(vfork),
	CALL(open),
	CALL(creat),
	CALL(rename),
	CALL(unlink),
	CALL(link),
	CALL(symlink),
	CALL(mkdir),
	CALL(rmdir),
	CALL(mknod),
	CALL(chmod),
	CALL(chown),
	CALL(lchown),
	CALL(dup2),
#endif
};

const char *pk_sigma_call(const char *text)
{
	size_t len = strlen(text);
	long number;

	if (!len || len > 4 || strspn(text, "0123456789") < len)
		return NULL;
	number = atol(text);
	for (size_t i = 0; i < PK_ARRAY_SIZE(calls); i++) {
		if (calls[i].number == number)
			return calls[i].name;
	}
	return NULL;
}
