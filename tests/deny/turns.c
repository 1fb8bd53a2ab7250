// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets that are used more than once: a connect that failed or was taken back before, two threads that
 * connect and disconnect one socket at once, a process whose other thread does what is denied.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../ops/net.h"
#include "attempt.h"

#define TOP PK_DENY_TOP
#define RACE_NS 400000000ull
#define DENIED_PORT 7101
#define OTHER_PORT 7102
#define SEND_PORT 7141

static struct pk_addr host(int port)
{
	struct pk_addr addr = { .len = sizeof(addr.in) };

	addr.in.sin_family = AF_INET;
	addr.in.sin_port = htons(port);
	addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return addr;
}

static struct pk_addr path(const char *name)
{
	struct pk_addr addr = {};

	addr.un.sun_family = AF_UNIX;
	pk_format(addr.un.sun_path, sizeof(addr.un.sun_path), "%s%s", TOP, name);
	addr.len = sizeof(addr.un);
	return addr;
}

static long connect_to(int fd, struct pk_addr addr)
{
	return PK_SYS(SYS_connect, fd, &addr.any, addr.len);
}

static long send_to(int fd, struct pk_addr addr)
{
	return PK_SYS(SYS_sendto, fd, "x", 1, 0, &addr.any, addr.len);
}

static long disconnect(int fd)
{
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	return PK_SYS(SYS_connect, fd, &nobody, sizeof(nobody));
}

static int bound(struct pk_addr addr, int type, int backlog)
{
	int fd = socket(addr.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (addr.any.sa_family == AF_UNIX)
		unlinkat(AT_FDCWD, addr.un.sun_path, 0);
	else
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, &addr.any, addr.len) || (type == SOCK_STREAM && listen(fd, backlog)))
		fprintf(stderr, "attempt: no receiver: %s\n", strerror(errno));
	return fd;
}

/* The parent's end of what is denied, or of the neighbour. */
static bool arrived(void *arg)
{
	int fd = *(int *)arg, type = 0, cnt = 0;
	bool wait = pk_deny_expected() == PK_DENY_ALLOWED;
	struct pollfd queue = { .fd = fd, .events = POLLIN };
	socklen_t len = sizeof(type);
	char byte;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	poll(&queue, 1, wait ? 2000 : 50);
	for (;;) {
		int got = type == SOCK_STREAM ? accept(fd, NULL, NULL) : (int)recv(fd, &byte, 1, 0);

		if (got < 0)
			return cnt;
		if (type == SOCK_STREAM)
			close(got);
		cnt++;
	}
}

static void turn(const char *name, const char *rule, long (*run)(void *arg), int receiver)
{
	struct pk_deny_case c = {
		.rule = rule, .attempt = run, .arg = &receiver, .happened = arrived, .repeats = true
	};

	pk_format(c.name, sizeof(c.name), "%s", name);
	pk_deny_run(&c);
	close(receiver);
}

/* One socket, again. */

static long after_disconnect(void *arg)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)arg;
	if (connect_to(fd, host(OTHER_PORT)) || disconnect(fd))
		pk_deny_unable("a connection to take back", errno);
	return connect_to(fd, host(DENIED_PORT));
}

static long datagram_after_another(void *arg)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	long result;

	(void)arg;
	if (connect_to(fd, host(OTHER_PORT)))
		pk_deny_unable("connect", errno);
	result = connect_to(fd, host(DENIED_PORT));
	/* it goes to the first one, which nobody denied, or to the second one */
	send(fd, "x", 1, 0);
	return result;
}

/* Two threads. */

struct race {
	int fd;
	int port;
	bool sends;
	volatile bool over;
};

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (__u64)now.tv_sec * 1000000000ull + (__u64)now.tv_nsec;
}

static void *take_turns(void *arg)
{
	struct race *race = arg;

	while (!race->over) {
		connect_to(race->fd, host(OTHER_PORT));
		disconnect(race->fd);
	}
	return NULL;
}

/*
 * -EPERM: it was refused at least once; what went through all the same is seen where it arrives. (That a connect
 * succeeds says nothing: it also is how a connect of the other thread's is waited for.)
 */
static long insist(struct race *race)
{
	__u64 end = now_ns() + RACE_NS;
	long result, ret = -ECANCELED;
	pthread_t thread;

	if (pthread_create(&thread, NULL, take_turns, race))
		pk_deny_unable("a thread", errno);
	while (now_ns() < end) {
		result = race->sends ? send_to(race->fd, host(SEND_PORT)) :
				       connect_to(race->fd, host(race->port));
		if (result >= 0 || result == -EINPROGRESS) {
			ret = ret == -EPERM ? ret : 0;
			if (!race->sends)
				send(race->fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		} else if (result == -EPERM) {
			ret = -EPERM;
		}
	}
	race->over = true;
	pthread_join(thread, NULL);
	return ret;
}

static long race_stream(void *arg)
{
	struct race race = { .port = DENIED_PORT };
	int other = bound(host(OTHER_PORT), SOCK_STREAM, 4096);

	(void)arg;
	race.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (other < 0 || race.fd < 0)
		pk_deny_unable("a socket", errno);
	return insist(&race);
}

static long race_datagram(void *arg)
{
	struct race race = { .port = DENIED_PORT };

	(void)arg;
	race.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return insist(&race);
}

static long race_send(void *arg)
{
	struct race race = { .sends = true };

	(void)arg;
	race.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return insist(&race);
}

/* Unix datagrams. */

static int unix_datagram(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static long send_after_failed_connect(void *arg)
{
	int fd = unix_datagram();

	(void)arg;
	if (connect_to(fd, path("/send/none")) != -ENOENT)
		pk_deny_unable("a connect that fails", EEXIST);
	return send_to(fd, path("/send/socket"));
}

static long send_neighbour_after_failed_connect(void *arg)
{
	int fd = unix_datagram();

	(void)arg;
	connect_to(fd, path("/send/none"));
	return send_to(fd, path("/connect/dgram"));
}

/* -EPERM if all of them were refused, otherwise what one that was not gave. */
static long of_all(const long *results, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++) {
		if (results[i] != -EPERM)
			return results[i];
	}
	return -EPERM;
}

static long send_after_denied_connect(void *arg)
{
	int fd = unix_datagram();
	long results[4];

	(void)arg;
	results[0] = connect_to(fd, path("/send/both"));
	results[1] = send_to(fd, path("/send/both"));
	results[2] = connect_to(fd, path("/send/both"));
	results[3] = send_to(fd, path("/send/both"));
	if (results[0] != -EPERM)
		return results[0];
	/* it is connected to nobody */
	if (PK_SYS(SYS_sendto, fd, "x", 1, 0, NULL, 0) != -ENOTCONN)
		return 0;
	return of_all(results, 4);
}

static long send_while_connected(void *arg)
{
	int fd = unix_datagram();
	long results[2];

	(void)arg;
	if (connect_to(fd, path("/send/other")))
		pk_deny_unable("connect", errno);
	results[0] = connect_to(fd, path("/send/both"));
	/* its first peer's still */
	if (results[0] == -EPERM && send(fd, "x", 1, 0) != 1)
		return -ECANCELED;
	results[1] = send_to(fd, path("/send/both"));
	return of_all(results, 2);
}

static void unix_turns(void)
{
	static const char rule[] = "no send to a socket", both[] = "no word to a socket";
	int other = bound(path("/send/other"), SOCK_DGRAM, 0);

	turn("send: unix dgram, after a connect that failed", rule, send_after_failed_connect,
	     bound(path("/send/socket"), SOCK_DGRAM, 0));
	turn("send neighbour: unix dgram, after a connect that failed", NULL,
	     send_neighbour_after_failed_connect, bound(path("/connect/dgram"), SOCK_DGRAM, 0));
	turn("send: unix dgram, after a connect that was denied", both, send_after_denied_connect,
	     bound(path("/send/both"), SOCK_DGRAM, 0));
	turn("send: unix dgram, connected to another", both, send_while_connected,
	     bound(path("/send/both"), SOCK_DGRAM, 0));
	close(other);
}

/* Threads and pids. */

static void *connect_in_thread(void *arg)
{
	*(long *)arg = connect_to(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
				  host(DENIED_PORT));
	return NULL;
}

static void *wait_forever(void *arg)
{
	pause();
	return arg;
}

/* The others do not come back from where they wait. */
static long beside_others(void *arg)
{
	long result = -ECANCELED;
	pthread_t threads[2];

	(void)arg;
	if (pthread_create(&threads[0], NULL, wait_forever, NULL) ||
	    pthread_create(&threads[1], NULL, connect_in_thread, &result))
		pk_deny_unable("a thread", errno);
	pthread_join(threads[1], NULL);
	return result;
}

/* A process that gets the pid of one that was killed is another one. 0: it lived. */
static int innocent(pid_t pid)
{
	struct clone_args args = { .exit_signal = SIGCHLD,
				   .set_tid = (__u64)&pid,
				   .set_tid_size = 1 };
	long child = syscall(SYS_clone3, &args, sizeof(args));
	int status;

	if (!child) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		for (int i = 0; i < 100; i++)
			syscall(SYS_getppid);
		_exit(connect_to(fd, host(OTHER_PORT)) ? PK_DENY_EXIT_OTHER : 0);
	}
	if (child != pid || waitpid(pid, &status, 0) != pid)
		pk_deny_unable("a pid again", errno);
	return status;
}

static long then_same_pid(void *arg)
{
	int pid = fork(), status;

	(void)arg;
	if (!pid) {
		long result;

		pk_deny_is_me();
		result = connect_to(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
				    host(DENIED_PORT));
		_exit(result == -EPERM ? PK_DENY_EXIT_EPERM : result ? PK_DENY_EXIT_OTHER : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		pk_deny_unable("a child", errno);
	if (innocent(pid))
		return -ECANCELED;
	if (WIFSIGNALED(status))
		kill(getpid(), WTERMSIG(status));
	_exit(WEXITSTATUS(status));
}

void pk_deny_group_turns(void)
{
	static const char rule[] = "no connect", send_rule[] = "no send";
	int other = bound(host(OTHER_PORT), SOCK_STREAM, 16);
	int other_datagram = bound(host(OTHER_PORT), SOCK_DGRAM, 0);

	turn("connect: tcp, after a disconnect", rule, after_disconnect,
	     bound(host(DENIED_PORT), SOCK_STREAM, 16));
	turn("connect: udp, after another connect", rule, datagram_after_another,
	     bound(host(DENIED_PORT), SOCK_DGRAM, 0));
	turn("connect: by a thread beside others", rule, beside_others,
	     bound(host(DENIED_PORT), SOCK_STREAM, 16));
	turn("connect: then another process has its pid", rule, then_same_pid,
	     bound(host(DENIED_PORT), SOCK_STREAM, 16));
	turn("connect: udp, while a thread disconnects", rule, race_datagram,
	     bound(host(DENIED_PORT), SOCK_DGRAM, 0));
	turn("send: udp, while a thread connects and disconnects", send_rule, race_send,
	     bound(host(SEND_PORT), SOCK_DGRAM, 0));
	close(other);
	turn("connect: tcp, while a thread disconnects", rule, race_stream,
	     bound(host(DENIED_PORT), SOCK_STREAM, 4096));
	close(other_datagram);
	unix_turns();
}
