// SPDX-License-Identifier: Apache-2.0
/*
 * Privileges, and reaching into other processes: by numbers and flags that nothing else here uses.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../ops/system.h"
#include "attempt.h"

struct job {
	const struct pk_sys_way *way;
	bool neighbour;
};

#define CALL(nr, nr32, ...) pk_sys_call(job->way, nr, nr32, __VA_ARGS__)

static void need(long result, const char *what)
{
	if (result < 0)
		pk_deny_unable(what, result == -1 ? errno : (int)-result);
}

static long do_setuid(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_setresuid, 208, -1, job->neighbour ? 4248 : 4247, -1, 0, 0);
}

static long do_setgid(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_setresgid, 210, -1, job->neighbour ? 4248 : 4247, -1, 0, 0);
}

static long do_setgroups(void *arg)
{
	const struct job *job = arg;
	const __u32 groups[] = { 4251, 4252, 4253, 4254, 4255 };

	return CALL(SYS_setgroups, 206, job->neighbour ? 4 : 5,
		    pk_sys_bytes(job->way, groups, sizeof(groups)), 0, 0, 0);
}

static long do_capset(void *arg)
{
	const struct job *job = arg;
	const struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	const struct __user_cap_data_struct data[2] = { { 0xff, 0xfff, job->neighbour ? 0 : 0xf },
							{ 0, 1, 0 } };

	return CALL(SYS_capset, 185, pk_sys_bytes(job->way, &head, sizeof(head)),
		    pk_sys_bytes(job->way, data, sizeof(data)), 0, 0, 0);
}

/* A child of the child, of another user unless it is a neighbour. */
static int other(bool neighbour)
{
	int ready[2], pid;
	char byte = 0;

	need(pipe(ready), "a pipe");
	pid = fork();
	need(pid, "a process");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!neighbour)
			(void)!setresuid(4249, 4249, 4249);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)!write(ready[1], &byte, 1);
		for (;;)
			pause();
	}
	(void)!read(ready[0], &byte, 1);
	return pid;
}

static long do_ptrace(void *arg)
{
	const struct job *job = arg;
	int pid = other(job->neighbour);
	long result = CALL(SYS_ptrace, 26, PTRACE_ATTACH, pid, 0, 0, 0);

	return result;
}

static long do_traceme(void *arg)
{
	const struct job *job = arg;
	gid_t gid = job->neighbour ? 4257 : 4256;

	need(setresgid(gid, gid, gid), "a group");
	return CALL(SYS_ptrace, 26, PTRACE_TRACEME, 0, 0, 0, 0);
}

/* pidfd_getfd(), by the same numbers in both tables. */
static long do_getfd(void *arg)
{
	const struct job *job = arg;
	long fd = CALL(SYS_pidfd_open, 434, other(job->neighbour), 0, 0, 0, 0);

	need(fd, "a pidfd");
	return CALL(SYS_pidfd_getfd, 438, fd, 1, 0, 0, 0);
}

static char memory[8];

/* In 32 bits, another process of this program is out of reach. */
static long do_vm_write(void *arg)
{
	const struct job *job = arg;
	const struct iovec vec = { memory, sizeof(memory) };

	if (job->way->compat)
		pk_deny_unable("memory below 4 GiB", ENOSYS);
	return PK_SYS(SYS_process_vm_writev, other(job->neighbour), &vec, 1, &vec, 1, 0);
}

/* The kernel makes EACCES of what the hook says. */
static long do_mem(void *arg)
{
	const struct job *job = arg;
	char path[64];
	long fd;

	pk_format(path, sizeof(path), "/proc/%d/mem", other(job->neighbour));
	fd = CALL(SYS_openat, 295, AT_FDCWD, pk_sys_text(job->way, path), O_RDWR, 0, 0);
	return fd == -EACCES ? -EPERM : fd;
}

static long do_kill(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_kill, 37, other(job->neighbour), SIGURG, 0, 0, 0);
}

static long do_unshare(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_unshare, 310, job->neighbour ? CLONE_NEWIPC : CLONE_NEWIPC | CLONE_NEWUTS,
		    0, 0, 0, 0);
}

static long do_setns(void *arg)
{
	const struct job *job = arg;
	int fd = open(job->neighbour ? "/proc/self/ns/ipc" : "/proc/self/ns/uts", O_RDONLY);

	need(fd, "a namespace");
	return CALL(SYS_setns, 346, fd, job->neighbour ? CLONE_NEWIPC : CLONE_NEWUTS, 0, 0, 0);
}

static long do_userns(void *arg)
{
	const struct job *job = arg;

	need(setresgid(4247 + 3, 4247 + 3, 4247 + 3), "a group");
	return CALL(SYS_unshare, 310, job->neighbour ? CLONE_FS : CLONE_NEWUSER, 0, 0, 0, 0);
}

static long do_keyctl(void *arg)
{
	const struct job *job = arg;

	if (job->neighbour)
		return CALL(SYS_keyctl, 288, KEYCTL_DESCRIBE, KEY_SPEC_USER_KEYRING, 0, 0, 0);
	return CALL(SYS_keyctl, 288, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1, 0, 0);
}

static long do_prctl(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_prctl, 172, PR_CAPBSET_DROP, job->neighbour ? 8 : 9, 0, 0, 0);
}

static const struct {
	const char *name;
	const char *rule;
	long (*attempt)(void *arg);
} attempts[] = {
	{ "setuid", "no setuid", do_setuid },
	{ "setgid", "no setgid", do_setgid },
	{ "setgroups", "no groups", do_setgroups },
	{ "capset", "no capset", do_capset },
	{ "ptrace", "no ptrace", do_ptrace },
	{ "traceme", "no traceme", do_traceme },
	{ "kill", "no kill", do_kill },
	{ "unshare", "no unshare", do_unshare },
	{ "setns", "no setns", do_setns },
	{ "userns_create", "no user namespace", do_userns },
	{ "pidfd_getfd", "no reach", do_getfd },
	{ "process_vm_writev", "no reach", do_vm_write },
	{ "mem", "no reach", do_mem },
	{ "keyctl", "no keyctl", do_keyctl },
	{ "prctl", "no prctl", do_prctl },
};

void pk_deny_group_privileges(void)
{
	const struct pk_sys_way *way;
	unsigned int i;

	for (way = pk_sys_ways; way->name; way++) {
		if (way->compat && !pk_has_int80())
			continue;
		for (i = 0; i < 2 * PK_ARRAY_SIZE(attempts); i++) {
			struct job job = { .way = way, .neighbour = i & 1 };
			struct pk_deny_case c = { .rule = job.neighbour ? NULL :
									  attempts[i / 2].rule,
						  .attempt = attempts[i / 2].attempt,
						  .arg = &job };

			pk_format(c.name, sizeof(c.name), "%s%s: %s", attempts[i / 2].name,
				  job.neighbour ? " neighbour" : "", way->name);
			pk_deny_run(&c);
		}
	}
}
