// SPDX-License-Identifier: Apache-2.0
/*
 * Privileges, and reaching into other processes, by both tables of system calls. Each in a child that logs all
 * of these operations: compare.py takes those of other processes for ground.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
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

#include "system.h"

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Begins a line; false: it was logged as skipped. */
static bool begin(const struct pk_sys_way *way, const char *type, const char *what, long result)
{
	char variant[128];

	pk_format(variant, sizeof(variant), "%s, %s", way->name, what);
	if (result < 0) {
		pk_format(variant, sizeof(variant), "%s: %s, %s", type, way->name, what);
		pk_log_skipped(variant, -result);
		return false;
	}
	pk_log_begin(type, variant);
	pk_log_bool("compat", way->compat);
	return true;
}

static void names(const char *key, const char *const *list)
{
	pk_log_strs(key, (char *const *)list);
}

/* The log's uid is the one after; the event's is the one before on the lsm backend. */
static void ids(const struct pk_sys_way *way, const char *type, const char *what, long result,
		const char *const *keys, int real, int effective, int saved)
{
	if (!begin(way, type, what, result))
		return;
	pk_log_int(keys[0], real);
	pk_log_int(keys[1], effective);
	pk_log_int(keys[2], saved);
	pk_log_end();
}

static void set_ids(const struct pk_sys_way *way)
{
	static const char *const gids[] = { "gid", "egid", "sgid" };
	static const char *const uids[] = { "uid_now", "euid", "suid" };
	const __u32 groups[] = { 41, 42, 43 };
	long result;

	result = pk_sys_call(way, SYS_setresgid, 210, 11, 12, 13, 0, 0);
	ids(way, "setgid", "setresgid", result, gids, 11, 12, 13);
	result = pk_sys_call(way, SYS_setregid, 204, 21, 22, 0, 0, 0);
	ids(way, "setgid", "setregid", result, gids, 21, 22, 22);
	result = pk_sys_call(way, SYS_setgid, 214, 31, 0, 0, 0, 0);
	ids(way, "setgid", "setgid", result, gids, 31, 31, 31);
	result = pk_sys_call(way, SYS_setgroups, 206, 3, pk_sys_bytes(way, groups, sizeof(groups)),
			     0, 0, 0);
	if (begin(way, "setgid", "setgroups", result)) {
		pk_log_str("operation", "setgroups");
		pk_log_int("egid", 31);
		pk_log_int("groups", 3);
		pk_log_end();
	}
	result = pk_sys_call(way, SYS_setresuid, 208, -1, 14, -1, 0, 0);
	ids(way, "setuid", "setresuid", result, uids, 0, 14, 0);
	result = pk_sys_call(way, SYS_setreuid, 203, -1, 0, 0, 0, 0);
	ids(way, "setuid", "setreuid", result, uids, 0, 0, 0);
}

static void caps(const struct pk_sys_way *way)
{
	const struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	const struct __user_cap_data_struct data[2] = { { 0xff, 0xfff, 0xf }, { 0, 1, 0 } };
	long result = pk_sys_call(way, SYS_capset, 185, pk_sys_bytes(way, &head, sizeof(head)),
				  pk_sys_bytes(way, data, sizeof(data)), 0, 0, 0);

	if (!begin(way, "capset", "fewer", result))
		return;
	pk_log_str("effective", "00000000000000ff");
	pk_log_str("permitted", "0000000100000fff");
	pk_log_str("inheritable", "000000000000000f");
	pk_log_end();
}

static void prctls(const struct pk_sys_way *way)
{
	long result = pk_sys_call(way, SYS_prctl, 172, PR_SET_DUMPABLE, 0, 0, 0, 0);

	if (begin(way, "prctl", "dumpable", result)) {
		pk_log_str("option", "PR_SET_DUMPABLE");
		pk_log_str("arg2", "0x0");
		pk_log_end();
	}
	result = pk_sys_call(way, SYS_prctl, 172, PR_CAPBSET_DROP, 7, 0, 0, 0);
	if (begin(way, "prctl", "bounding set", result)) {
		pk_log_str("option", "PR_CAPBSET_DROP");
		pk_log_str("arg2", "0x7");
		pk_log_end();
	}
	/* not one that counts */
	pk_sys_call(way, SYS_prctl, 172, PR_GET_DUMPABLE, 0, 0, 0, 0);
	result = pk_sys_call(way, SYS_prctl, 172, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (begin(way, "prctl", "no new privileges", result)) {
		pk_log_str("option", "PR_SET_NO_NEW_PRIVS");
		pk_log_str("arg2", "0x1");
		pk_log_end();
	}
}

static void filters(const struct pk_sys_way *way)
{
	static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog program = { 1, (struct sock_filter *)&allow };
	struct {
		__u16 len;
		__u16 pad;
		__u32 filter;
	} program32 = { 1, 0, pk_low(&allow, sizeof(allow)) };
	long result = pk_sys_call(way, SYS_seccomp, 354, SECCOMP_SET_MODE_FILTER,
				  SECCOMP_FILTER_FLAG_LOG,
				  way->compat ? (long)pk_low(&program32, sizeof(program32)) :
						(long)&program,
				  0, 0);

	if (!begin(way, "seccomp", "a filter", result))
		return;
	pk_log_str("operation", "SECCOMP_SET_MODE_FILTER");
	names("flags", NAMES("SECCOMP_FILTER_FLAG_LOG"));
	pk_log_end();
}

static void namespaces(const struct pk_sys_way *way)
{
	int fd = PK_SYS(SYS_pidfd_open, getppid(), 0);
	long result;

	result = pk_sys_call(way, SYS_unshare, 310, CLONE_NEWUTS | CLONE_NEWIPC, 0, 0, 0, 0);
	if (begin(way, "unshare", "two", result)) {
		names("flags", NAMES("CLONE_NEWUTS", "CLONE_NEWIPC"));
		pk_log_end();
	}
	if (fd < 0)
		return;
	result = pk_sys_call(way, SYS_setns, 346, fd, CLONE_NEWUTS, 0, 0, 0);
	if (begin(way, "setns", "by a descriptor", result)) {
		names("types", NAMES("CLONE_NEWUTS"));
		pk_log_end();
	}
	close(fd);
}

static void keys(const struct pk_sys_way *way)
{
	long key = pk_sys_call(way, SYS_add_key, 286, pk_sys_text(way, "user"),
			       pk_sys_text(way, "picket:test"), pk_sys_text(way, "x"), 1,
			       KEY_SPEC_PROCESS_KEYRING);
	long result;

	if (begin(way, "keyctl", "add_key", key)) {
		pk_log_str("operation", "add_key");
		pk_log_str("key_type", "user");
		pk_log_str("description", "picket:test");
		pk_log_int("key", KEY_SPEC_PROCESS_KEYRING);
		pk_log_end();
	}
	if (key < 0)
		return;
	result = pk_sys_call(way, SYS_keyctl, 288, KEYCTL_REVOKE, key, 0, 0, 0);
	if (begin(way, "keyctl", "revoke", result)) {
		pk_log_str("operation", "KEYCTL_REVOKE");
		pk_log_int("key", key);
		pk_log_end();
	}
}

static char victim_memory[8];

static void touch(const struct pk_sys_way *way, int pid)
{
	const __u32 vec32[2] = { (__u32)(unsigned long)victim_memory, 8 };
	struct iovec local = { victim_memory, 8 }, remote = local;
	__u32 low = pk_low(victim_memory, 8);
	const __u32 local32[2] = { low, 8 };
	long result;

	result = way->compat ? pk_int80(348, pid, pk_low(local32, 8), 1, pk_low(vec32, 8), 1) :
			       PK_SYS(SYS_process_vm_writev, pid, &local, 1, &remote, 1, 0);
	if (way->compat && result < 0)
		return; /* where this program is, 32 bits do not reach */
	if (begin(way, "ptrace", "process_vm_writev", result)) {
		pk_log_str("operation", "process_vm_writev");
		pk_log_int("target", pid);
		pk_log_end();
	}
}

static void into_processes(const struct pk_sys_way *way)
{
	int pid = pk_fork("to be reached"), status;
	long result;

	if (!pid) {
		for (;;)
			pause();
	}
	if (!way->compat)
		touch(way, pid);
	result = pk_sys_call(way, SYS_ptrace, 26, PTRACE_ATTACH, pid, 0, 0, 0);
	if (begin(way, "ptrace", "attach", result)) {
		pk_log_str("operation", "ptrace");
		pk_log_str("request", "PTRACE_ATTACH");
		pk_log_int("target", pid);
		pk_log_end();
		waitpid(pid, &status, 0);
		pk_sys_call(way, SYS_ptrace, 26, PTRACE_DETACH, pid, 0, 0, 0);
	}
	kill(pid, SIGKILL); /* the same user and cgroup: no event */
	pk_wait(pid);
}

/* To a process of another user. */
static void signals(const struct pk_sys_way *way)
{
	int ready[2], pid;
	char byte = 0;
	long result;

	if (pipe(ready))
		pk_log_die("cannot make a pipe: %s", strerror(errno));
	pid = pk_fork("to be signalled");
	if (!pid) {
		long changed = pk_sys_call(way, SYS_setresuid, 208, PK_NOBODY, PK_NOBODY, PK_NOBODY,
					   0, 0);
		static const char *const uids[] = { "uid_now", "euid", "suid" };

		ids(way, "setuid", "nobody", changed, uids, PK_NOBODY, PK_NOBODY, PK_NOBODY);
		(void)!write(ready[1], &byte, 1);
		for (;;)
			pause();
	}
	(void)!read(ready[0], &byte, 1);
	pk_sys_call(way, SYS_kill, 37, pid, 0, 0, 0, 0); /* no signal */
	result = pk_sys_call(way, SYS_kill, 37, pid, SIGURG, 0, 0, 0);
	if (begin(way, "kill", "kill", result)) {
		pk_log_str("signal", "SIGURG");
		pk_log_int("target", pid);
		pk_log_end();
	}
	result = pk_sys_call(way, SYS_tgkill, 270, pid, pid, SIGKILL, 0, 0);
	if (begin(way, "kill", "tgkill", result)) {
		pk_log_str("signal", "SIGKILL");
		pk_log_int("target", pid);
		pk_log_end();
	}
	pk_wait(pid);
	close(ready[0]);
	close(ready[1]);
}

static void in_child(const struct pk_sys_way *way, const char *what,
		     void (*run)(const struct pk_sys_way *way))
{
	int pid = pk_fork(what);

	if (pid) {
		pk_wait(pid);
		return;
	}
	run(way);
	_exit(0);
}

void pk_group_privileges(void)
{
	static const struct {
		const char *what;
		void (*run)(const struct pk_sys_way *way);
	} parts[] = {
		{ "to change its users", set_ids },
		{ "to drop capabilities", caps },
		{ "to set options", prctls },
		{ "to filter", filters },
		{ "to change namespaces", namespaces },
		{ "to have keys", keys },
		{ "to reach processes", into_processes },
		{ "to send signals", signals },
	};
	const struct pk_sys_way *way;
	size_t i;

	pk_group_enter("privileges");
	for (way = pk_sys_ways; way->name; way++) {
		if (way->compat && !pk_has_int80())
			continue;
		for (i = 0; i < PK_ARRAY_SIZE(parts); i++)
			in_child(way, parts[i].what, parts[i].run);
	}
	pk_group_leave();
}
