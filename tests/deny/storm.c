// SPDX-License-Identifier: Apache-2.0
/*
 * Denied and allowed operations as fast as they can be, by many processes and threads at once, while
 * rules are loaded anew: no denied one may succeed, no allowed one fail.
 *
 *	storm --expect denied|allowed [--seconds S] [--until FILE] [--workers N]
 *	storm --forkbomb N [--depth D] --expect denied|allowed
 *
 * On the objects that `attempt --setup` makes. Every third worker is a process, the others are
 * threads of one. Some change the path, or a symbolic link in it, while the kernel reads it: what is
 * opened then must not be the protected file. forkbomb: N processes, at most D below each other, each
 * opens the protected file. Prints what was done; exits with 1 if a rule was got past or a
 * neighbour failed, 3 if nothing was tried. It goes on for S seconds, and until FILE is there, or for ten
 * minutes.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"

#define TOP PK_DENY_TOP
#define MAX_WORKERS 256
#define MAX_FORKS 100000
#define MAX_DEPTH 64
#define MAX_UNTIL_SECONDS 600

/* Kinds of what workers try. */
enum kind {
	KIND_DENIED_OPEN = 0,
	KIND_OPEN,
	KIND_DENIED_EXEC,
	KIND_EXEC,
	KIND_RACED_PATH,
	KIND_RACED_LINK,
	KIND_FORK,
	KIND_CNT,
};

static const char *const kind_names[] = { "denied open", "open",       "denied exec", "exec",
					  "raced path",  "raced link", "fork" };

struct counts {
	unsigned long tried[KIND_CNT];
	unsigned long done[KIND_CNT];  /* succeeded; raced: the protected file was opened */
	unsigned long wrong[KIND_CNT]; /* failed in another way than EPERM */
	unsigned long left;            /* forkbomb: processes to make */
	int stop;
	int error; /* the last of the wrong ones */
};

static struct counts *counts; /* shared by all */
static ino_t protected_ino;
static char raced_path[] = TOP "/open/file.other";
static const size_t raced_at = sizeof(TOP "/open/file") - 1; /* '.' or the end */

static bool stopped(void)
{
	return __atomic_load_n(&counts->stop, __ATOMIC_RELAXED);
}

static void add(unsigned long *cnt)
{
	__atomic_add_fetch(cnt, 1, __ATOMIC_RELAXED);
}

static void count(enum kind kind, bool done, int error)
{
	add(&counts->tried[kind]);
	if (done) {
		add(&counts->done[kind]);
	} else if (error != EPERM) {
		add(&counts->wrong[kind]);
		__atomic_store_n(&counts->error, error, __ATOMIC_RELAXED);
	}
}

static void try_open(enum kind kind, const char *path)
{
	int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);

	count(kind, fd >= 0, errno);
	if (fd >= 0)
		close(fd);
}

/* It is what was opened that counts, not how the path read before or after. */
static void try_raced(enum kind kind, const char *path)
{
	int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	count(kind, fd >= 0 && !fstat(fd, &st) && st.st_ino == protected_ino,
	      fd >= 0 ? EPERM : errno);
	if (fd >= 0)
		close(fd);
}

static void try_exec(enum kind kind, const char *path)
{
	char *args[] = { "x", "--image-exit", NULL }, *env[] = { NULL };
	int pid = vfork(), status;

	if (!pid) {
		syscall(SYS_execve, path, args, env);
		_exit(errno == EPERM ? PK_DENY_EXIT_EPERM : PK_DENY_EXIT_OTHER);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return;
	count(kind, WIFEXITED(status) && WEXITSTATUS(status) == PK_EXIT_CHILD,
	      WIFEXITED(status) && WEXITSTATUS(status) == PK_DENY_EXIT_EPERM ? EPERM : EIO);
}

static void work(unsigned int idx)
{
	while (!stopped()) {
		switch (idx % 3) {
		case 0:
			try_exec(KIND_DENIED_EXEC, TOP "/exec/prog");
			try_exec(KIND_EXEC, TOP "/exec/prog.other");
			break;
		case 1:
			try_raced(KIND_RACED_PATH, raced_path);
			try_raced(KIND_RACED_LINK, TOP "/elsewhere/raced");
			break;
		}
		try_open(KIND_DENIED_OPEN, TOP "/open/file");
		try_open(KIND_OPEN, TOP "/open/file.other");
	}
}

static void *work_thread(void *arg)
{
	work((unsigned int)(unsigned long)arg / 2);
	return NULL;
}

/* Changes one byte of the path, and where the link points to. */
static void *race(void *arg)
{
	unsigned long i;

	for (i = 0; !stopped(); i++) {
		__atomic_store_n(&raced_path[raced_at], i % 2 ? '.' : '\0', __ATOMIC_RELAXED);
		if (i % 64)
			continue;
		if (!symlink(i % 128 ? TOP "/open/file" : TOP "/open/file.other",
			     TOP "/elsewhere/raced.new"))
			rename(TOP "/elsewhere/raced.new", TOP "/elsewhere/raced");
	}
	return NULL;
}

static void be_process(unsigned int idx)
{
	pthread_t racer;

	pthread_create(&racer, NULL, race, NULL);
	work(idx);
	pthread_join(racer, NULL);
	_exit(0);
}

static int report(enum pk_deny_expect expect)
{
	int status = 3, kind;

	for (kind = 0; kind < KIND_CNT; kind++) {
		bool stops = kind != KIND_OPEN && kind != KIND_EXEC;
		unsigned long done = counts->done[kind], tried = counts->tried[kind];

		if (!tried)
			continue;
		printf("%s: %lu tried, %lu succeeded, %lu failed otherwise\n", kind_names[kind],
		       tried, done, counts->wrong[kind]);
		if (status == 3)
			status = 0;
		if (counts->wrong[kind] || (stops && expect == PK_DENY_DENIED ? done : false) ||
		    (!stops && done != tried))
			status = 1;
		/* without rules it must be seen that the races are races */
		if (stops && expect == PK_DENY_ALLOWED && !done)
			status = 1;
	}
	if (counts->error)
		printf("the last other error: %s\n", strerror(counts->error));
	printf("%s\n", status ? "FAILED" : "passed");
	return status;
}

/* Result: seconds that it took. */
static unsigned int wait_for(unsigned int seconds, const char *until)
{
	unsigned int past;

	for (past = 0; past < seconds || (until && access(until, F_OK) && past < MAX_UNTIL_SECONDS);
	     past++)
		sleep(1);
	return past;
}

static int storm(unsigned int workers, unsigned int seconds, const char *until,
		 enum pk_deny_expect expect)
{
	pthread_t threads[MAX_WORKERS], racer;
	unsigned int i, thread_cnt = 0, process_cnt = 0;

	unlink(TOP "/elsewhere/raced");
	if (symlink(TOP "/open/file.other", TOP "/elsewhere/raced"))
		pk_log_die("cannot make a link: %s", strerror(errno));
	for (i = 2; i < workers; i += 3) { /* first: a process with threads forks badly */
		int pid = fork();

		if (!pid)
			be_process(i / 3);
		process_cnt += pid > 0;
	}
	for (i = 0; i < workers; i++) {
		if (i % 3 != 2 && !pthread_create(&threads[thread_cnt], NULL, work_thread,
						  (void *)(unsigned long)i))
			thread_cnt++;
	}
	pthread_create(&racer, NULL, race, NULL);
	seconds = wait_for(seconds, until);
	__atomic_store_n(&counts->stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < thread_cnt; i++)
		pthread_join(threads[i], NULL);
	pthread_join(racer, NULL);
	while (wait(NULL) > 0)
		;
	unlink(TOP "/elsewhere/raced");
	unlink(TOP "/elsewhere/raced.new");
	printf("%u threads and %u processes, %u s\n", thread_cnt, process_cnt, seconds);
	return report(expect);
}

/* Takes one of what is left; false: none. */
static bool take(void)
{
	unsigned long left = __atomic_load_n(&counts->left, __ATOMIC_RELAXED);

	while (left) {
		if (__atomic_compare_exchange_n(&counts->left, &left, left - 1, false,
						__ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/* Each makes two at a time, so that there are never more than 2^depth and a few. */
static void bomb(int depth)
{
	int i, pid;

	try_open(KIND_DENIED_OPEN, TOP "/open/file");
	while (depth > 0 && __atomic_load_n(&counts->left, __ATOMIC_RELAXED)) {
		for (i = 0; i < 2 && take(); i++) {
			pid = fork();
			if (!pid) {
				bomb(depth - 1);
				_exit(0);
			}
			if (pid < 0)
				add(&counts->left); /* for later: the table is full */
			else
				count(KIND_FORK, false, EPERM);
		}
		while (wait(NULL) > 0)
			;
	}
}

static int forkbomb(unsigned long forks, int depth, enum pk_deny_expect expect)
{
	unsigned long made;

	counts->left = forks;
	bomb(depth);
	made = counts->tried[KIND_FORK];
	counts->tried[KIND_FORK] = 0;
	printf("%lu processes\n", made);
	if (counts->tried[KIND_DENIED_OPEN] != made + 1) {
		printf("FAILED: %lu opens were tried\n", counts->tried[KIND_DENIED_OPEN]);
		return 1;
	}
	return report(expect);
}

__attribute__((noreturn)) static void usage(void)
{
	fputs("usage: storm --expect denied|allowed [--seconds S] [--until FILE] [--workers N]\n"
	      "       storm --expect denied|allowed --forkbomb N [--depth D]\n",
	      stderr);
	exit(2);
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || !value || value > max)
		usage();
	return value;
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "expect", required_argument, NULL, 'e' },
		{ "seconds", required_argument, NULL, 's' },
		{ "until", required_argument, NULL, 'u' },
		{ "workers", required_argument, NULL, 'w' },
		{ "forkbomb", required_argument, NULL, 'f' },
		{ "depth", required_argument, NULL, 'd' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned long seconds = 5, workers = 12, forks = 0, depth = 6;
	const char *expect = NULL, *until = NULL;
	enum pk_deny_expect expected;
	struct stat st;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'e')
			expect = optarg;
		else if (option == 's')
			seconds = number(optarg, 3600);
		else if (option == 'u')
			until = optarg;
		else if (option == 'w')
			workers = number(optarg, MAX_WORKERS);
		else if (option == 'f')
			forks = number(optarg, MAX_FORKS);
		else if (option == 'd')
			depth = number(optarg, MAX_DEPTH);
		else
			usage();
	}
	if (!expect || optind != argc || (strcmp(expect, "denied") && strcmp(expect, "allowed")))
		usage();
	expected = !strcmp(expect, "denied") ? PK_DENY_DENIED : PK_DENY_ALLOWED;
	if (stat(TOP "/open/file", &st))
		pk_log_die("no %s/open/file: run attempt --setup first", TOP);
	protected_ino = st.st_ino;
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (counts == MAP_FAILED)
		pk_log_die("cannot map memory: %s", strerror(errno));
	return forks ? forkbomb(forks, (int)depth, expected) :
		       storm(workers, seconds, until, expected);
}
