// SPDX-License-Identifier: Apache-2.0
/* One thing among very many: irrelevant events, events that alert too, processes that come and go or stay. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP
#define THREADS 2u
#define STAYING_MAX 5000u /* the test machine has memory for so many */

static long open_it(const char *path)
{
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

struct noise {
	const char *path;
	unsigned int cnt;
	unsigned int cpu;
};

static void *make_noise(void *arg)
{
	const struct noise *noise = arg;
	cpu_set_t set;
	unsigned int i;

	CPU_ZERO(&set);
	CPU_SET(noise->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (i = 0; i < noise->cnt; i++)
		close(open(noise->path, O_RDONLY | O_CLOEXEC));
	return NULL;
}

/* Half of them before, half after it, and some meanwhile, on all processors. */
static long amid(const char *path, unsigned int cnt)
{
	struct noise noise[THREADS];
	pthread_t threads[THREADS];
	unsigned int i;
	long result;

	for (i = 0; i < THREADS; i++) {
		noise[i] = (struct noise){ path, cnt / THREADS, i };
		if (pthread_create(&threads[i], NULL, make_noise, &noise[i]))
			pk_bypass_unable("a thread", EAGAIN);
	}
	/* when about half is done; whenever it is, it is amid them */
	usleep(cnt * 2);
	result = open_it(TOP "/secret/file");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return result;
}

static long amid_irrelevant(const struct pk_bypass *b)
{
	return amid(b->arg, pk_bypass_flood_events());
}

static long amid_alerts(const struct pk_bypass *b)
{
	return amid(b->arg, pk_bypass_flood_events() / 10);
}

/* The same process did the same ten times, of what alerts too. */
static long after_ten(const struct pk_bypass *b)
{
	int i;

	(void)b;
	for (i = 0; i < 10; i++)
		close(open(TOP "/noise/file", O_RDONLY | O_CLOEXEC));
	return open_it(TOP "/secret/file");
}

static void short_lived(unsigned int cnt)
{
	while (cnt--) {
		int pid = fork();

		if (!pid)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

static long amid_short_lived(const struct pk_bypass *b)
{
	long result;

	(void)b;
	short_lived(pk_bypass_flood_processes() / 2);
	result = open_it(TOP "/secret/file");
	short_lived(pk_bypass_flood_processes() / 2);
	return result;
}

/* Who acts is known although thousands were made since. */
static long before_many(const struct pk_bypass *b)
{
	char *args[] = { "imposter", PK_BYPASS_IMAGE, "open", TOP "/only/file", NULL };
	unsigned int cnt = pk_bypass_flood_processes();
	int gate[2], go[2], pid;
	char byte;

	(void)b;
	pk_bypass_need(pipe(gate), "a pipe");
	pk_bypass_need(pipe(go), "a pipe");
	pid = fork();
	if (!pid) {
		pk_bypass_is_me();
		(void)!read(go[0], &byte, 1);
		_exit(PK_SYS(SYS_execve, TOP "/bin/imposter", args, pk_bypass_no_env) == -EPERM ?
			      43 :
			      44);
	}
	if (cnt > STAYING_MAX)
		cnt = STAYING_MAX;
	while (cnt--) {
		int other = fork();

		if (!other) {
			close(gate[1]);
			(void)!read(gate[0], &byte, 1);
			_exit(0);
		}
		if (other < 0)
			break;
	}
	(void)!write(go[1], "x", 1);
	pid = pk_bypass_wait(pid);
	close(gate[1]);
	return pid == EPERM || pid == 43 ? -EPERM : 0;
}

/* It is over before anybody can look it up. */
static long gone_at_once(const struct pk_bypass *b)
{
	int pid = vfork(), status;

	(void)b;
	if (!pid) {
		long result;

		pk_bypass_is_me();
		result = open_it(TOP "/secret/file");
		_exit(result == -EPERM ? 43 : result ? 44 : 0);
	}
	status = pk_bypass_wait(pid);
	return status == 43 ? -EPERM : status ? -ECANCELED : 0;
}

/* Of two forks the first is gone: who it descends from is known. */
static long double_fork(const struct pk_bypass *b)
{
	int fds[2], pid, middle;
	char byte = 0;

	(void)b;
	pk_bypass_need(pipe2(fds, O_CLOEXEC), "a pipe");
	middle = fork();
	if (!middle) {
		pid = fork();
		if (!pid) {
			while (getppid() != 1 && kill(getppid(), 0) == 0 && byte++ < 50)
				usleep(2000);
			pk_bypass_is_me();
			byte = (char)(open_it(TOP "/secret/file") == -EPERM ? 43 : 1);
			(void)!write(fds[1], &byte, 1);
			_exit(0);
		}
		_exit(0);
	}
	waitpid(middle, NULL, 0);
	close(fds[1]);
	byte = 0;
	/* nothing: it was killed */
	if (read(fds[0], &byte, 1) != 1)
		kill(getpid(), SIGKILL);
	return byte == 43 ? -EPERM : 0;
}

/* A process that has the pid of one that may is another one all the same. */
static long same_pid(const struct pk_bypass *b)
{
	char *args[] = { "good", PK_BYPASS_IMAGE, "open", TOP "/only/file", NULL };
	char *other[] = { "imposter", PK_BYPASS_IMAGE, "open", TOP "/only/file", NULL };
	struct clone_args clone = { .exit_signal = SIGCHLD, .set_tid_size = 1 };
	int pid = fork(), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	pid_t same;
	long child;

	(void)b;
	if (!pid) {
		/* what it says is no effect */
		dup2(null, PK_BYPASS_PIPE_FD);
		execve(TOP "/bin/good", args, pk_bypass_no_env);
		_exit(44);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		pk_bypass_unable("a child", errno);
	same = pid;
	clone.set_tid = (__u64)&same;
	child = syscall(SYS_clone3, &clone, sizeof(clone));
	if (!child) {
		pk_bypass_is_me();
		_exit(PK_SYS(SYS_execve, TOP "/bin/imposter", other, pk_bypass_no_env) == -EPERM ?
			      43 :
			      44);
	}
	if (child != pid)
		pk_bypass_unable("a pid again", errno);
	child = pk_bypass_wait((int)child);
	return child == EPERM ? -EPERM : child ? -ECANCELED : 0;
}

/* One forbidden open, by a child: 43 refused, -1 killed, else what it exited with. */
static int forbidden_open(void)
{
	int pid = fork(), status;

	if (!pid) {
		long result = open_it(TOP "/secret/file");

		_exit(result == -EPERM ? 43 : result ? 44 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		pk_bypass_unable("a child", errno);
	return WIFSIGNALED(status) ? -1 : WEXITSTATUS(status);
}

/*
 * While whoever runs this loads the rules anew, again and again: it begins when RELOAD is there, and makes
 * RELOADED when it is enough. What is forbidden never passes, what is allowed always.
 */
static long amid_reloads(const struct pk_bypass *b)
{
	int first = forbidden_open(), next;
	time_t end = time(NULL) + 300;

	(void)b;
	if (!pk_bypass_stops())
		return 0;
	pk_bypass_write(TOP "/out/reload", "", 0644);
	while (access(TOP "/out/reloaded", F_OK)) {
		next = forbidden_open();
		if (next != first)
			return -ECANCELED;
		next = open(TOP "/other/file", O_RDONLY | O_CLOEXEC);
		if (next < 0)
			return -ENOTRECOVERABLE;
		close(next);
		if (time(NULL) > end)
			return -ETIME;
	}
	if (first < 0)
		kill(getpid(), SIGKILL);
	return first == 43 ? -EPERM : -ECANCELED;
}

#define OPENS(id, fn, ...)                                               \
	{                                                                \
		id, "secret opened", TOP "/secret/file", fn, __VA_ARGS__ \
	}

static const struct pk_bypass table[] = {
	OPENS("flood-events", amid_irrelevant, .arg = TOP "/other/file"),
	OPENS("flood-alerts", amid_alerts, .arg = TOP "/noise/file"),
	OPENS("flood-limited", amid_alerts, .arg = TOP "/many/file"),
	OPENS("flood-ten-before", after_ten),
	OPENS("flood-short-lived", amid_short_lived),
	{ "flood-processes", "opened by another program", TOP "/only/file", before_many },
	OPENS("process-gone", gone_at_once),
	OPENS("process-double-fork", double_fork),
	{ "process-same-pid", "opened by another program", TOP "/only/file", same_pid },
	OPENS("reload-open", amid_reloads),
};

const struct pk_bypass_group pk_bypass_floods = PK_BYPASS_GROUP(table);
