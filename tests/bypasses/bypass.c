// SPDX-License-Identifier: Apache-2.0
/*
 * Ways around rules, one after the other.
 *
 *	bypass --list                       their ids
 *	bypass --setup                      makes /bypass and all in it; before rules are in force
 *	bypass --log FILE [--stops] [--events N] [--processes N] [ID]...
 *
 * --stops: rules deny or kill. Prints "ID OUTCOME" for each; the log has a line for each, for check.py: id,
 * rule, object, pid, outcome, effects, "races" or "-"; tabs between. Outcomes:
 *	happened     it had its effect
 *	refused      EPERM, and no effect
 *	killed       by SIGKILL, and no effect
 *	killed-late  by SIGKILL, and it had its effect
 *	skip: WHY    it cannot be tried here
 *	failed: WHY  none of those
 * For throw-away machines only: it is root that does all of this, in the real root directory.
 */
#include "bypass.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHILD_SECONDS 400u

/* Shared with the child. */
struct answer {
	long result;
	int done;
	int pid;
	unsigned int effects;
	int error; /* the ground could not be had */
	char what[96];
};

static const struct pk_bypass_group *const groups[] = {
	&pk_bypass_races, &pk_bypass_traps,  &pk_bypass_delays, &pk_bypass_paths,  &pk_bypass_views,
	&pk_bypass_rings, &pk_bypass_tables, &pk_bypass_mounts, &pk_bypass_execs,  &pk_bypass_names,
	&pk_bypass_fds,   &pk_bypass_nets,   &pk_bypass_creds,  &pk_bypass_floods,
};

static struct answer *answer;
static int pipe_fds[2];
static int receiver = -1;
static bool stops;
static unsigned int flood_events = 5000, flood_processes = 300;
static FILE *log_file;
static unsigned int failed;

/* ---- the child's side ---- */

void pk_bypass_effect(void)
{
	__atomic_add_fetch(&answer->effects, 1, __ATOMIC_SEQ_CST);
}

/* Images have no memory in common with this process: they write a byte. */
static void count_images(void)
{
	char bytes[256];
	ssize_t len;

	while ((len = read(pipe_fds[0], bytes, sizeof(bytes))) > 0)
		__atomic_add_fetch(&answer->effects, (unsigned int)len, __ATOMIC_SEQ_CST);
}

unsigned int pk_bypass_effects(void)
{
	count_images();
	return answer->effects;
}

void pk_bypass_unable(const char *what, int error)
{
	answer->error = error ? error : EIO;
	snprintf(answer->what, sizeof(answer->what), "%s", what);
	_exit(0);
}

long pk_bypass_need(long result, const char *what)
{
	if (result < 0)
		pk_bypass_unable(what, result == -1 ? errno : (int)-result);
	return result;
}

void pk_bypass_is_me(void)
{
	answer->pid = getpid();
}

bool pk_bypass_stops(void)
{
	return stops;
}

unsigned int pk_bypass_flood_events(void)
{
	return flood_events;
}

unsigned int pk_bypass_flood_processes(void)
{
	return flood_processes;
}

__u64 pk_bypass_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (__u64)now.tv_sec * 1000000000ull + (__u64)now.tv_nsec;
}

void pk_bypass_got(const void *bytes, size_t len)
{
	if (len == sizeof(PK_BYPASS_SECRET) - 1 && !memcmp(bytes, PK_BYPASS_SECRET, len))
		pk_bypass_effect();
}

long pk_bypass_read(long fd)
{
	char bytes[64];
	ssize_t len;

	if (fd < 0)
		return fd;
	len = read((int)fd, bytes, sizeof(bytes));
	if (len > 0)
		pk_bypass_got(bytes, (size_t)len);
	close((int)fd);
	return 0;
}

void pk_bypass_own_mounts(void)
{
	pk_bypass_need(unshare(CLONE_NEWNS), "mount namespace");
	pk_bypass_need(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
}

int pk_bypass_receiver(void)
{
	return receiver;
}

struct pk_addr pk_bypass_host(int port)
{
	struct pk_addr addr = { .len = sizeof(addr.in) };

	addr.in.sin_family = AF_INET;
	addr.in.sin_port = htons(port);
	addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return addr;
}

long pk_bypass_connect(int fd, int port)
{
	struct pk_addr addr = pk_bypass_host(port);

	return PK_SYS(SYS_connect, fd, &addr.any, addr.len);
}

int pk_bypass_wait(int pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		pk_bypass_unable("a child", errno);
	if (WIFSIGNALED(status))
		kill(getpid(), WTERMSIG(status));
	return WEXITSTATUS(status);
}

/* ---- the parent's side ---- */

static int receive(const struct pk_bypass *b)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(b->port) };
	int type = b->watch == PK_BYPASS_STREAM ? SOCK_STREAM : SOCK_DGRAM, on = 1;
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    (type == SOCK_STREAM && listen(fd, 512)))
		pk_log_die("no receiver at port %d: %s", b->port, strerror(errno));
	return fd;
}

static void prepare(const struct pk_bypass *b)
{
	if (b->watch == PK_BYPASS_GONE && access(b->path, F_OK))
		pk_bypass_write(b->path, PK_BYPASS_SECRET, 0644);
	else if (b->watch == PK_BYPASS_STREAM || b->watch == PK_BYPASS_DATAGRAM)
		receiver = receive(b);
}

/* What came to the port. */
static unsigned int arrivals(const struct pk_bypass *b, bool expected)
{
	struct pollfd queue = { .fd = receiver, .events = POLLIN };
	unsigned int cnt = 0;
	char byte;

	/* the loopback may be late */
	poll(&queue, 1, expected ? 2000 : 30);
	for (;;) {
		int got = b->watch == PK_BYPASS_STREAM ? accept(receiver, NULL, NULL) :
							 (int)recv(receiver, &byte, 1, 0);

		if (got < 0)
			return cnt;
		if (b->watch == PK_BYPASS_STREAM)
			close(got);
		cnt++;
	}
}

static void look(const struct pk_bypass *b)
{
	struct stat st;

	count_images();
	switch (b->watch) {
	case PK_BYPASS_SAID:
		break;
	case PK_BYPASS_GONE:
		answer->effects += lstat(b->path, &st) != 0;
		/* the same file: rules that are loaded next know it by its number, and would stop this */
		if (b->back && !stops && rename(b->back, b->path) && errno != ENOENT)
			pk_log_die("cannot put '%s' back: %s", b->path, strerror(errno));
		break;
	case PK_BYPASS_MADE:
		answer->effects += !lstat(b->path, &st);
		/* gone before rules are loaded that would know it by its number, which another file may get */
		if (unlink(b->path))
			unlinkat(AT_FDCWD, b->path, AT_REMOVEDIR);
		break;
	case PK_BYPASS_STREAM:
	case PK_BYPASS_DATAGRAM:
		answer->effects += arrivals(b, !stops && answer->done && answer->result >= 0);
		close(receiver);
		receiver = -1;
		break;
	}
}

/* Images exit with the error; bash with 126, and the dynamic linker with 127, where a file cannot be opened. */
static bool exits_as_refused(int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

	return code == EPERM || code == 126 || code == 127;
}

static const char *outcome_of(int status)
{
	static char why[192];

	if (answer->error)
		snprintf(why, sizeof(why), "skip: %s: %s", answer->what, strerror(answer->error));
	else if (answer->done && answer->result == -ENOSYS)
		snprintf(why, sizeof(why), "skip: not in this kernel");
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return answer->effects ? "killed-late" : "killed";
	else if (answer->effects)
		return "happened";
	else if (answer->done ? answer->result == -EPERM : exits_as_refused(status))
		return "refused";
	else if (answer->done)
		snprintf(why, sizeof(why), "failed: result %ld (%s), without effect",
			 answer->result,
			 answer->result < 0 ? strerror((int)-answer->result) : "success");
	else
		snprintf(why, sizeof(why), "failed: status 0x%x", (unsigned int)status);
	return why;
}

__attribute__((noreturn)) static void be_child(const struct pk_bypass *b)
{
	pk_ring_forget();
	alarm(CHILD_SECONDS);
	answer->result = b->run(b);
	answer->done = 1;
	_exit(0);
}

static void try(const struct pk_bypass *b)
{
	const char *outcome;
	int pid, status = 0;
	__u64 began = pk_bypass_now_ns();

	memset(answer, 0, sizeof(*answer));
	prepare(b);
	pid = fork();
	if (pid < 0)
		pk_log_die("cannot fork: %s", strerror(errno));
	if (!pid)
		be_child(b);
	if (waitpid(pid, &status, 0) != pid)
		pk_log_die("cannot wait: %s", strerror(errno));
	if (!answer->pid)
		answer->pid = pid;
	look(b);
	outcome = outcome_of(status);
	failed += !strncmp(outcome, "failed", 6);
	printf("%s %s (%llu ms)\n", b->id, outcome,
	       (unsigned long long)(pk_bypass_now_ns() - began) / 1000000);
	fflush(stdout);
	fprintf(log_file, "%s\t%s\t%s\t%d\t%s\t%u\t%s\n", b->id, b->rule,
		b->object ? b->object : "-", answer->pid, outcome, answer->effects,
		b->races ? "races" : "-");
	fflush(log_file);
}

static bool is_asked_for(const char *id, char *const ids[])
{
	if (!*ids)
		return true;
	for (; *ids; ids++) {
		size_t len = strlen(*ids);

		if (!strcmp(*ids, id) || ((*ids)[len - 1] == '-' && !strncmp(*ids, id, len)))
			return true;
	}
	return false;
}

/* NULL: the ids of all of them. */
static void each(char *const ids[], void (*fn)(const struct pk_bypass *b))
{
	size_t i, k;

	for (i = 0; i < PK_ARRAY_SIZE(groups); i++) {
		for (k = 0; k < groups[i]->cnt; k++) {
			if (is_asked_for(groups[i]->items[k].id, ids))
				fn(&groups[i]->items[k]);
		}
	}
}

static void print_id(const struct pk_bypass *b)
{
	puts(b->id);
}

__attribute__((noreturn)) static void usage(void)
{
	fputs("usage: bypass --list\n"
	      "       bypass --setup\n"
	      "       bypass --log FILE [--stops] [--events N] [--processes N] [ID or PREFIX-]...\n",
	      stderr);
	exit(2);
}

static void get_ready(const char *log)
{
	umask(022);
	signal(SIGPIPE, SIG_IGN);
	log_file = fopen(log, "we");
	answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!log_file || answer == MAP_FAILED || pipe2(pipe_fds, O_NONBLOCK | O_CLOEXEC) ||
	    dup2(pipe_fds[1], PK_BYPASS_PIPE_FD) != PK_BYPASS_PIPE_FD)
		pk_log_die("cannot begin: %s", strerror(errno));
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "list", no_argument, NULL, 'i' },
		{ "setup", no_argument, NULL, 's' },
		{ "log", required_argument, NULL, 'l' },
		{ "stops", no_argument, NULL, 'd' },
		{ "events", required_argument, NULL, 'e' },
		{ "processes", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	const char *log = NULL;
	int option;

	if (argc < 2 || !strncmp(argv[1], PK_BYPASS_IMAGE, sizeof(PK_BYPASS_IMAGE) - 1))
		pk_bypass_image(argc, argv);
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'i') {
			each((char *[]){ NULL }, print_id);
			return 0;
		}
		if (option == 's') {
			pk_bypass_setup();
			return 0;
		}
		if (option == 'l')
			log = optarg;
		else if (option == 'd')
			stops = true;
		else if (option == 'e')
			flood_events = (unsigned int)strtoul(optarg, NULL, 10);
		else if (option == 'p')
			flood_processes = (unsigned int)strtoul(optarg, NULL, 10);
		else
			usage();
	}
	if (!log)
		usage();
	get_ready(log);
	each(argv + optind, try);
	return failed != 0;
}
