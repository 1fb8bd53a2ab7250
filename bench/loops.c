// SPDX-License-Identifier: Apache-2.0
/*
 * What a program pays for being watched: one system call, or a short sequence, over and over.
 * Static, so that it runs anywhere and its own start costs next to nothing.
 *
 *   loops NAME ROUNDS CALLS   one JSON line: least, median and mean ns a call, over the rounds
 *   loops storm SECONDS       two processes open files as fast as they can: how many
 *   loops crowd PROCS OPENS   so many processes, one after the other: forked, executed, each
 *                             opens so many files and exits
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ROUNDS 10000ul
#define KNOWN_PORT 17999
#define FILE_NAME "/etc/passwd"
#define TMP_NAME "/tmp/picket-loops.file"
#define PROGRAM "/bin/true"

extern char **environ;

static int listener = -1;
static int read_fd = -1;
static struct sockaddr_in address;
static char self[PATH_MAX];

static unsigned long long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + (unsigned long long)ts.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "loops: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* ---- the calls ---- */

static void call_getppid(void)
{
	syscall(SYS_getppid);
}

static void open_close(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	close(fd);
}

static void call_open(void)
{
	open_close(FILE_NAME);
}

/* A file that rules about /etc are not about. */
static void call_open_tmp(void)
{
	open_close(TMP_NAME);
}

/* What a service opens all day, and once in a thousand times what it has no business with. */
static void call_open_mix(void)
{
	static const char *const paths[] = {
		"/etc/passwd", "/etc/hosts", "/etc/nsswitch.conf", "/proc/self/status", TMP_NAME,
		"/dev/null",   "/bin/true",  "/usr/lib",           "/proc/stat",        "/etc",
	};
	static unsigned long cnt;

	if (++cnt % 1000 == 0)
		open_close("/etc/shadow");
	else
		open_close(paths[cnt % (sizeof(paths) / sizeof(paths[0]))]);
}

static void call_read(void)
{
	char byte;

	if (pread(read_fd, &byte, 1, 0) != 1)
		die("read");
}

static void call_stat(void)
{
	struct stat st;

	if (stat(FILE_NAME, &st))
		die("stat");
}

static void run(char *const *argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid) {
		execve(argv[0], argv, environ);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die(argv[0]);
}

static void call_exec(void)
{
	static char *const argv[] = { (char *)PROGRAM, NULL };

	run(argv);
}

/* Ourselves, static: the least that an exec can cost. */
static void call_exec_static(void)
{
	char *const argv[] = { self, (char *)"nothing", NULL };

	run(argv);
}

static void call_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
}

/* A connection to ourselves, reset at once so that none is left waiting. */
static void call_connect(void)
{
	const struct linger reset = { 1, 0 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int peer;

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		die("connect");
	peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (peer < 0)
		die("accept");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	close(peer);
}

/* Only the call: a datagram socket given another peer. */
static void call_udp(void)
{
	if (connect(listener, (struct sockaddr *)&address, sizeof(address)))
		die("connect");
}

/* A datagram with an address, always to the same peer. */
static void call_send(void)
{
	if (sendto(listener, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&address, sizeof(address)) <
		    0 &&
	    errno != ECONNREFUSED && errno != EAGAIN)
		die("sendto");
}

/* A file's life. */
static void call_files(void)
{
	static const char old_name[] = "/tmp/picket-loops.old",
			  new_name[] = "/tmp/picket-loops.new";
	int fd = open(old_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || fchmod(fd, 0644) || close(fd) || rename(old_name, new_name) ||
	    unlink(new_name))
		die(old_name);
}

/* ---- rounds ---- */

static void listen_tcp(void)
{
	socklen_t len = sizeof(address);

	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(listener, 8) || getsockname(listener, (struct sockaddr *)&address, &len))
		die("listen");
}

static void make_tmp(void)
{
	int fd = open(TMP_NAME, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		die(TMP_NAME);
	close(fd);
}

static void open_read(void)
{
	read_fd = open(FILE_NAME, O_RDONLY | O_CLOEXEC);
	if (read_fd < 0)
		die(FILE_NAME);
}

/* The same, at a port that rules can name. */
static void listen_known(void)
{
	address.sin_port = htons(KNOWN_PORT);
	listen_tcp();
}

static void socket_udp(void)
{
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(9);
	listener = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (listener < 0)
		die("socket");
}

static const struct loop {
	const char *name;
	void (*call)(void);
	void (*prepare)(void);
} loops[] = {
	{ "getppid", call_getppid, NULL },
	{ "open", call_open, NULL },
	{ "open-tmp", call_open_tmp, make_tmp },
	{ "open-mix", call_open_mix, make_tmp },
	{ "read", call_read, open_read },
	{ "stat", call_stat, NULL },
	{ "exec", call_exec, NULL },
	{ "exec-static", call_exec_static, NULL },
	{ "fork", call_fork, NULL },
	{ "connect", call_connect, listen_tcp },
	{ "connect-known", call_connect, listen_known },
	{ "udp", call_udp, socket_udp },
	{ "send", call_send, socket_udp },
	{ "files", call_files, NULL },
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const struct loop *loop, unsigned long rounds, unsigned long calls)
{
	static double ns[MAX_ROUNDS];
	double sum = 0;

	if (loop->prepare)
		loop->prepare();
	for (unsigned long i = 0; i < (calls + 9) / 10; i++)
		loop->call();
	for (unsigned long round = 0; round < rounds; round++) {
		unsigned long long begin = now_ns();

		for (unsigned long i = 0; i < calls; i++)
			loop->call();
		ns[round] = (double)(now_ns() - begin) / (double)calls;
		sum += ns[round];
	}
	qsort(ns, rounds, sizeof(ns[0]), compare);
	printf("{\"loop\":\"%s\",\"rounds\":%lu,\"calls\":%lu,\"min_ns\":%.1f,\"median_ns\":%.1f,"
	       "\"mean_ns\":%.1f}\n",
	       loop->name, rounds, calls, ns[0], ns[rounds / 2], sum / (double)rounds);
}

/* ---- the storm ---- */

static unsigned long long open_until(unsigned long long end_ns)
{
	unsigned long long cnt = 0;

	while (now_ns() < end_ns)
		for (int i = 0; i < 64; i++, cnt++)
			call_open();
	return cnt;
}

static void storm(unsigned long seconds)
{
	unsigned long long *cnt = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned long long end_ns = now_ns() + seconds * 1000000000ull;

	if (cnt == MAP_FAILED)
		die("mmap");
	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid) {
			cnt[i] = open_until(end_ns);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	printf("{\"loop\":\"storm\",\"seconds\":%lu,\"opens\":%llu}\n", seconds, cnt[0] + cnt[1]);
}

static void crowd(unsigned long procs, char *opens)
{
	char *const argv[] = { self, (char *)"member", opens, NULL };

	for (unsigned long i = 0; i < procs; i++)
		run(argv);
	printf("{\"loop\":\"crowd\",\"processes\":%lu,\"events\":%lu}\n", procs,
	       procs * (strtoul(opens, NULL, 10) + 3));
}

static int usage(void)
{
	fprintf(stderr,
		"usage: loops NAME ROUNDS CALLS | storm SECONDS | crowd PROCS OPENS; NAME is");
	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++)
		fprintf(stderr, " %s", loops[i].name);
	fprintf(stderr, "\n");
	return 2;
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long ret;

	errno = 0;
	ret = strtoul(text, &end, 10);
	if (errno || end == text || *end || !ret || ret > max)
		exit(usage());
	return ret;
}

int main(int argc, char **argv)
{
	ssize_t len;

	if (argc == 2 && !strcmp(argv[1], "nothing"))
		return EXIT_SUCCESS;
	if (argc == 3 && !strcmp(argv[1], "storm")) {
		storm(number(argv[2], 3600));
		return EXIT_SUCCESS;
	}
	if (argc == 3 && !strcmp(argv[1], "member")) {
		for (unsigned long i = number(argv[2], 1000000); i; i--)
			call_open();
		return EXIT_SUCCESS;
	}
	if (argc != 4)
		return usage();
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (len < 0)
		die("/proc/self/exe");
	self[len] = '\0';
	if (!strcmp(argv[1], "crowd")) {
		number(argv[3], 1000000);
		crowd(number(argv[2], 10000000), argv[3]);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
		if (strcmp(argv[1], loops[i].name))
			continue;
		measure(&loops[i], number(argv[2], MAX_ROUNDS), number(argv[3], 100000000));
		return EXIT_SUCCESS;
	}
	return usage();
}
