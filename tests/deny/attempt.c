// SPDX-License-Identifier: Apache-2.0
/*
 * Attempts to get past rules that deny or kill: each operation by every system call that does it,
 * on a protected object spelled in every way, and on neighbours that no rule covers.
 *
 *	attempt --setup                     makes /deny and all in it; before rules are in force
 *	attempt --expect allowed|denied|killed|killed-after [--log FILE] [--quick] [--only TEXT]...
 *		[--but TEXT]...
 *	attempt --verify                    the protected files are as they were; without rules
 *
 * allowed is for a run without rules: every attempt must succeed, which proves that it is one. killed-after
 * is for a backend that kills at the end of the call: the process never sees what came of it.
 * Cases whose name holds a TEXT of --only are tried, unless it holds one of --but.
 * Prints "ok NAME", "FAIL NAME: why" or "skip NAME: reason" for each case and "N passed, N failed,
 * N skipped" at the end; exits with 1 if any failed. The log has a line a case for check.py: name,
 * what was expected, pid, rule, alerts ("1" or "1+"), and ok, FAIL or skip; tabs between.
 * For throw-away machines only: it is root that does all of this, in the real root directory.
 */
#include "attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORDS 16u
#define CHILD_SECONDS 30u

/* Shared with the child. */
struct answer {
	long result;
	int done;
	int pid;
	int error; /* the ground could not be had */
	char what[96];
};

/* Of a watched path. */
struct state {
	bool there;
	struct stat st;
};

static struct answer *answer;
static enum pk_deny_expect expect;
static bool after; /* the kill comes when it has happened */
static struct words {
	const char *items[MAX_WORDS];
	unsigned int cnt;
} only, but;
static FILE *log_file;
static unsigned int passed, failed, skipped;
static int pid_pipe[2];
static bool quick;

enum pk_deny_expect pk_deny_expected(void)
{
	return expect;
}

bool pk_deny_quick(void)
{
	return quick;
}

void pk_deny_unable(const char *what, int error)
{
	answer->error = error ? error : EIO;
	snprintf(answer->what, sizeof(answer->what), "%s", what);
	_exit(0);
}

void pk_deny_is_me(void)
{
	answer->pid = getpid();
}

static struct state look(const char *path)
{
	struct state state = {};

	state.there = path && !lstat(path, &state.st);
	return state;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* All but the time of the last read. */
static bool same(const struct state *a, const struct state *b)
{
	if (a->there != b->there)
		return false;
	return !a->there || (a->st.st_ino == b->st.st_ino && a->st.st_mode == b->st.st_mode &&
			     a->st.st_uid == b->st.st_uid && a->st.st_gid == b->st.st_gid &&
			     a->st.st_size == b->st.st_size && a->st.st_nlink == b->st.st_nlink &&
			     same_time(&a->st.st_mtim, &b->st.st_mtim) &&
			     same_time(&a->st.st_ctim, &b->st.st_ctim));
}

static bool is_among(const struct words *words, const char *name)
{
	unsigned int i;

	for (i = 0; i < words->cnt; i++) {
		if (strstr(name, words->items[i]))
			return true;
	}
	return false;
}

static bool is_selected(const char *name)
{
	return (!only.cnt || is_among(&only, name)) && !is_among(&but, name);
}

static enum pk_deny_expect expected_of(const struct pk_deny_case *c)
{
	if (!c->rule || expect == PK_DENY_ALLOWED)
		return PK_DENY_ALLOWED;
	return c->always_kills ? PK_DENY_KILLED : expect;
}

static void tell(const struct pk_deny_case *c, const char *word, const char *why)
{
	static const char *const names[] = { "allowed", "denied", "killed" };

	if (!strcmp(word, "ok"))
		printf("ok %s\n", c->name);
	else
		printf("%s %s: %s\n", word, c->name, why);
	fflush(stdout);
	if (!log_file)
		return;
	fprintf(log_file, "%s\t%s\t%d\t%s\t%s\t%s\n", c->name, names[expected_of(c)], answer->pid,
		c->rule ? c->rule : "-", c->repeats ? "1+" : "1", word);
	fflush(log_file);
}

/* What became of the child: the result of the attempt, in the way of system calls. */
static long result_of(int status, bool *ret_killed)
{
	*ret_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	if (answer->done)
		return answer->result;
	/* an image: ours, or another program that ends well */
	if (WIFEXITED(status) && (WEXITSTATUS(status) == PK_EXIT_CHILD || WEXITSTATUS(status) == 0))
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == PK_DENY_EXIT_EPERM)
		return -EPERM;
	return -ECANCELED;
}

/* NULL: as expected. */
static const char *judge(const struct pk_deny_case *c, int status, bool happened)
{
	static char why[256];
	bool killed;
	long result = result_of(status, &killed);

	switch (expected_of(c)) {
	case PK_DENY_ALLOWED:
		if (result >= 0 && !killed && happened)
			return NULL;
		break;
	case PK_DENY_DENIED:
		if (result == -EPERM && !killed && !happened)
			return NULL;
		break;
	case PK_DENY_KILLED:
		if (killed && (after || !happened) && !answer->done)
			return NULL;
		break;
	}
	if (killed)
		snprintf(why, sizeof(why), "killed%s%s", answer->done ? ", after it was done" : "",
			 happened && c->changes ? ", and it happened" : "");
	else if (result == -ECANCELED)
		snprintf(why, sizeof(why), "the child ended with status 0x%x", status);
	else
		snprintf(why, sizeof(why), "result %ld (%s), %s", result,
			 result < 0 ? strerror(-result) : "success",
			 !c->changes && !c->happened ? "which is all there is to see" :
			 happened                    ? "it happened" :
						       "nothing happened");
	return why;
}

/* What this kernel or file system does not have. */
static const char *missing(const struct pk_deny_case *c)
{
	static char why[160];

	if (answer->error) {
		snprintf(why, sizeof(why), "%s: %s", answer->what, strerror(answer->error));
		return why;
	}
	if (answer->done && (answer->result == -ENOSYS || answer->result == -EOPNOTSUPP ||
			     (answer->result == -EINVAL && strstr(c->name, "io_uring")))) {
		snprintf(why, sizeof(why), "not in this kernel: %s", strerror(-answer->result));
		return why;
	}
	return NULL;
}

static void be_child(const struct pk_deny_case *c)
{
	pk_ring_forget();
	alarm(CHILD_SECONDS);
	answer->result = c->attempt(c->arg);
	answer->done = 1;
	_exit(0);
}

/* An image that was executed tells by the pipe which process made the attempt. */
static void read_pid(int pid)
{
	int told;

	if (!answer->pid)
		answer->pid = pid;
	while (read(pid_pipe[0], &told, sizeof(told)) == sizeof(told))
		answer->pid = told;
}

void pk_deny_run(const struct pk_deny_case *c)
{
	struct state before[2], now[2];
	int pid, status = 0, i;
	const char *why;
	bool happened;

	if (!is_selected(c->name))
		return;
	memset(answer, 0, sizeof(*answer));
	for (i = 0; i < 2; i++)
		before[i] = look(c->watched[i]);
	pid = fork();
	if (pid < 0)
		pk_log_die("cannot fork: %s", strerror(errno));
	if (!pid)
		be_child(c);
	if (waitpid(pid, &status, 0) != pid)
		pk_log_die("cannot wait: %s", strerror(errno));
	read_pid(pid);
	for (i = 0; i < 2; i++)
		now[i] = look(c->watched[i]);
	happened = !same(&before[0], &now[0]) || !same(&before[1], &now[1]);
	if (c->happened)
		happened = c->happened(c->arg);
	else if (!c->changes && expected_of(c) == PK_DENY_ALLOWED)
		happened = true; /* nothing to see: the result tells */
	why = missing(c);
	if (why) {
		skipped++;
		tell(c, "skip", why);
		return;
	}
	why = judge(c, status, happened);
	if (why)
		failed++;
	else
		passed++;
	tell(c, why ? "FAIL" : "ok", why);
}

__attribute__((noreturn)) static void usage(void)
{
	fputs("usage: attempt --setup\n"
	      "       attempt --expect allowed|denied|killed|killed-after [--log FILE] [--quick]\n"
	      "               [--only TEXT]... [--but TEXT]...\n"
	      "       attempt --verify\n",
	      stderr);
	exit(2);
}

static int run_all(void)
{
	if (pipe2(pid_pipe, O_NONBLOCK | O_CLOEXEC) ||
	    dup2(pid_pipe[1], PK_DENY_PID_FD) != PK_DENY_PID_FD)
		pk_log_die("cannot make a pipe: %s", strerror(errno));
	pk_deny_group_files();
	pk_deny_group_more();
	pk_deny_group_exec();
	pk_deny_group_setid();
	pk_deny_group_nets();
	pk_deny_group_addrs();
	pk_deny_group_turns();
	pk_deny_group_facts();
	pk_deny_group_mounts();
	pk_deny_group_privileges();
	pk_deny_group_kernel();
	pk_deny_group_attributes();
	printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
	return failed != 0;
}

static void set_expect(const char *word)
{
	if (!strcmp(word, "allowed"))
		expect = PK_DENY_ALLOWED;
	else if (!strcmp(word, "denied"))
		expect = PK_DENY_DENIED;
	else if (!strcmp(word, "killed") || !strcmp(word, "killed-after"))
		expect = PK_DENY_KILLED;
	else
		usage();
	after = !strcmp(word, "killed-after");
}

static void add_word(struct words *words, const char *word)
{
	if (words->cnt == MAX_WORDS)
		usage();
	words->items[words->cnt++] = word;
}

static void open_log(const char *path)
{
	log_file = fopen(path, "we");
	if (!log_file)
		pk_log_die("cannot create '%s': %s", path, strerror(errno));
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "setup", no_argument, NULL, 's' },        { "verify", no_argument, NULL, 'v' },
		{ "expect", required_argument, NULL, 'e' }, { "log", required_argument, NULL, 'l' },
		{ "only", required_argument, NULL, 'o' },   { "but", required_argument, NULL, 'b' },
		{ "quick", no_argument, NULL, 'q' },        { NULL, 0, NULL, 0 },
	};
	int option, expects = 0;

	if (argc >= 2 && !strncmp(argv[1], "--image", 7))
		pk_deny_image(argc, argv);
	umask(022);
	signal(SIGPIPE, SIG_IGN);
	answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answer == MAP_FAILED)
		pk_log_die("cannot map memory: %s", strerror(errno));
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 's') {
			pk_deny_setup();
			return 0;
		}
		if (option == 'v')
			return pk_deny_verify() != 0;
		if (option == 'e' && ++expects)
			set_expect(optarg);
		else if (option == 'q')
			quick = true;
		else if (option == 'l')
			open_log(optarg);
		else if (option == 'o')
			add_word(&only, optarg);
		else if (option == 'b')
			add_word(&but, optarg);
		else
			usage();
	}
	if (!expects || optind != argc)
		usage();
	return run_all();
}
