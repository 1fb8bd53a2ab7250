// SPDX-License-Identifier: Apache-2.0
/* Processes begun and ended: fork, vfork, clone, clone3; exits by code, by signal, by a thread. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops.h"

#define STACK_BYTES 65536

static void log_fork(const char *variant, long pid, bool compat)
{
	pk_log_begin("fork", variant);
	pk_log_bool("compat", compat);
	pk_log_int("child_pid", pid);
	pk_log_end();
}

int pk_fork(const char *variant)
{
	int pid = fork();

	if (pid < 0)
		pk_log_die("cannot fork: %s", strerror(errno));
	if (!pid) {
		pk_ring_forget();
		return 0;
	}
	log_fork(variant, pid, false);
	return pid;
}

int pk_wait(int pid)
{
	int status = 0;

	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR)
			pk_log_die("cannot wait for %d: %s", pid, strerror(errno));
	}
	pk_log_begin("exit", "waited for");
	pk_log_pid(pid);
	if (WIFSIGNALED(status))
		pk_log_int("signal", WTERMSIG(status));
	else
		pk_log_int("code", WEXITSTATUS(status));
	pk_log_end();
	return status;
}

void pk_exit_logged(int code)
{
	pk_log_begin("exit", "exit");
	pk_log_int("code", code);
	pk_log_end();
	_exit(code);
}

/* Ways to fork. Each returns the child's pid; the child ends with 3. */

static long by_fork(const struct pk_call *c)
{
	int pid = fork();

	if (!pid)
		_exit(3);
	return pid < 0 ? -errno : pid;
}

#ifdef SYS_fork
static long by_fork_call(const struct pk_call *c)
{
	long pid = PK_SYS(SYS_fork);

	if (!pid)
		syscall(SYS_exit_group, 3);
	return pid;
}
#endif

static long by_vfork(const struct pk_call *c)
{
	int pid = vfork();

	if (!pid)
		_exit(3);
	return pid < 0 ? -errno : pid;
}

static int clone_main(void *arg)
{
	return 3;
}

static long clone_with(int flags)
{
	static char stack[STACK_BYTES] __attribute__((aligned(16)));
	int pid = clone(clone_main, stack + sizeof(stack), flags, NULL);

	return pid < 0 ? -errno : pid;
}

static long by_clone(const struct pk_call *c)
{
	return clone_with(SIGCHLD);
}

static long by_clone_vfork(const struct pk_call *c)
{
	return clone_with(CLONE_VM | CLONE_VFORK | SIGCHLD);
}

static long by_clone_files(const struct pk_call *c)
{
	return clone_with(CLONE_FILES | CLONE_FS | SIGCHLD);
}

static long by_clone_no_signal(const struct pk_call *c)
{
	return clone_with(0);
}

static long clone3_with(__u64 flags, __u64 exit_signal)
{
	struct clone_args args = { .flags = flags, .exit_signal = exit_signal };
	long pid = PK_SYS(SYS_clone3, &args, sizeof(args));

	if (!pid)
		syscall(SYS_exit_group, 3);
	return pid;
}

static long by_clone3(const struct pk_call *c)
{
	return clone3_with(0, SIGCHLD);
}

static long by_clone3_no_signal(const struct pk_call *c)
{
	return clone3_with(0, 0);
}

static long by_fork32(const struct pk_call *c)
{
	long pid = pk_int80(PK_NR32_FORK, 0, 0, 0, 0, 0);

	if (!pid)
		syscall(SYS_exit_group, 3);
	return pid;
}

static long by_clone32(const struct pk_call *c)
{
	long pid = pk_int80(PK_NR32_CLONE, SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		syscall(SYS_exit_group, 3);
	return pid;
}

static const struct pk_way fork_ways[] = {
	{ .name = "fork()", .run = by_fork, .threaded = true },
#ifdef SYS_fork
	{ .name = "fork", .run = by_fork_call },
#endif
	{ .name = "vfork", .run = by_vfork, .threaded = true },
	{ .name = "clone", .run = by_clone },
	{ .name = "clone/CLONE_VM|CLONE_VFORK", .run = by_clone_vfork },
	{ .name = "clone/CLONE_FILES|CLONE_FS", .run = by_clone_files },
	{ .name = "clone, no exit signal", .run = by_clone_no_signal },
	{ .name = "clone3", .run = by_clone3 },
	{ .name = "clone3, no exit signal", .run = by_clone3_no_signal },
	{ .name = "fork", .run = by_fork32, .compat = true },
	{ .name = "clone", .run = by_clone32, .compat = true },
};

static void fork_body(struct pk_variant *v, void *arg)
{
	struct pk_call c = {};
	long pid = pk_variant_run(v, &c);

	if (!pk_variant_log(v, "fork", pid))
		return;
	pk_log_int("child_pid", pid);
	pk_log_end();
	pk_wait(pid);
}

/* The child of a child that is not its child: CLONE_PARENT. */
static void clone_parent(void)
{
	int *grandchild = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			       0);
	int pid = pk_fork("before CLONE_PARENT");
	long second;

	if (!pid) {
		second = clone_with(CLONE_PARENT | SIGCHLD);
		if (second > 0) {
			log_fork("clone/CLONE_PARENT", second, false);
			*grandchild = second;
		}
		_exit(0);
	}
	pk_wait(pid);
	if (*grandchild)
		pk_wait(*grandchild);
	munmap(grandchild, 4096);
}

/* A process whose parent is gone opens a file. */
static void orphan(void)
{
	int *grandchild = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			       0);
	int pid, second;

	pk_make_file("orphan", 0644);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = pk_fork("parent of an orphan");
	if (!pid) {
		int parent = getpid();

		second = pk_fork("orphan");
		if (second) {
			*grandchild = second;
			_exit(0);
		}
		while (getppid() == parent)
			usleep(1000);
		close(pk_open_file("orphan", O_RDONLY, "openat by an orphan"));
		_exit(5);
	}
	pk_wait(pid);
	pk_wait(*grandchild);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	munmap(grandchild, 4096);
}

static void exit_codes(void)
{
	static const int codes[] = { 0, 1, 255 };
	static const int signals[] = { SIGKILL, SIGTERM, SIGSEGV, SIGABRT };
	size_t i;
	int pid;

	for (i = 0; i < PK_ARRAY_SIZE(codes); i++) {
		pid = pk_fork("to exit");
		if (!pid)
			_exit(codes[i]);
		pk_wait(pid);
	}
	for (i = 0; i < PK_ARRAY_SIZE(signals); i++) {
		pid = pk_fork("to be killed");
		if (!pid) {
			prctl(PR_SET_DUMPABLE, 0);
			signal(signals[i], SIG_DFL);
			kill(getpid(), signals[i]);
			pause();
		}
		pk_wait(pid);
	}
}

static void *late_thread(void *arg)
{
	usleep(30000);
	close(pk_open_file(arg, O_RDONLY, "openat after the first thread's end"));
	syscall(SYS_exit_group, 7);
	return NULL;
}

static void *ending_thread(void *arg)
{
	usleep(10000);
	return NULL;
}

/* The first thread ends before another: one exit, when the last is gone. */
static void threads_end(void)
{
	pthread_t thread;
	int pid;

	pk_make_file("late", 0644);
	pid = pk_fork("whose first thread ends first");
	if (!pid) {
		pthread_create(&thread, NULL, late_thread, "late");
		syscall(SYS_exit, 0);
	}
	pk_wait(pid);

	pid = pk_fork("whose last thread just ends");
	if (!pid) {
		pthread_create(&thread, NULL, ending_thread, NULL);
		syscall(SYS_exit, 0);
	}
	pk_wait(pid);

	pid = pk_fork("ended by a thread");
	if (!pid) {
		pthread_create(&thread, NULL, late_thread, "late");
		pause();
	}
	pk_wait(pid);
}

void pk_group_process(void)
{
	pk_group_enter("process");
	pk_variants_each(fork_ways, PK_ARRAY_SIZE(fork_ways), fork_body, NULL);
	clone_parent();
	orphan();
	exit_codes();
	threads_end();
	pk_group_leave();
}
