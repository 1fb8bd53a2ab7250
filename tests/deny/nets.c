// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets: connect, bind, listen, accept, datagrams, on the loopback. Rules name ports 71x1 and
 * sockets below /deny; ports 71x2 are neighbours. The parent has the other end, and looks there for
 * what arrived.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../ops/net.h"
#include "attempt.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

#define TOP PK_DENY_TOP

/* An end of a connection, as text: "127.0.0.1" with a port, "::1", or a path. */
struct end {
	const char *name;
	const char *host;
	int port;
	int type;
	const char *rule;
};

struct job {
	struct pk_variant *variant;
	const struct end *end;
	int fd;     /* the parent's end; -1: none */
	int client; /* accept: who waits to be accepted */
	long (*run)(struct job *job);
};

static struct pk_addr addr_of(const char *host, int port)
{
	struct pk_addr addr = {};

	if (host[0] == '/' || host[0] == '@') {
		addr.un.sun_family = AF_UNIX;
		pk_format(addr.un.sun_path, sizeof(addr.un.sun_path), "%s", host);
		addr.len = offsetof(struct sockaddr_un, sun_path) + strlen(host) + 1;
		if (host[0] == '@') {
			addr.un.sun_path[0] = '\0';
			addr.len--;
		}
	} else if (strchr(host, ':')) {
		addr.in6.sin6_family = AF_INET6;
		addr.in6.sin6_port = htons(port);
		inet_pton(AF_INET6, host, &addr.in6.sin6_addr);
		addr.len = sizeof(addr.in6);
	} else {
		addr.in.sin_family = AF_INET;
		addr.in.sin_port = htons(port);
		inet_pton(AF_INET, host, &addr.in.sin_addr);
		addr.len = sizeof(addr.in);
	}
	return addr;
}

static int socket_of(const struct end *end, int flags)
{
	struct pk_addr addr = addr_of(end->host, end->port);
	int on = 1;
	int fd = socket(addr.any.sa_family, end->type | SOCK_CLOEXEC | flags, 0);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	return fd;
}

/* The parent's end of it: bound, and listening if it can. An IPv6 one takes IPv4 too. */
static int receiver(const struct end *end)
{
	struct pk_addr addr = addr_of(end->host, end->port);
	int fd = socket_of(end, SOCK_NONBLOCK);

	if (addr.any.sa_family == AF_UNIX && addr.un.sun_path[0])
		unlinkat(AT_FDCWD, addr.un.sun_path, 0);
	if (!strncmp(end->host, "::ffff:", 7))
		addr.in6.sin6_addr = in6addr_any;
	if (fd < 0 || bind(fd, &addr.any, addr.len) ||
	    (end->type != SOCK_DGRAM && listen(fd, 16))) {
		fprintf(stderr, "attempt: no receiver at %s:%d: %s\n", end->host, end->port,
			strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static long run_job(void *arg)
{
	struct job *job = arg;

	return job->run(job);
}

static void run(const char *family, struct job *job, bool (*happened)(void *arg))
{
	const char *how = job->variant ? job->variant->name : "";
	struct pk_deny_case c = {
		.rule = job->end->rule, .attempt = run_job, .arg = job, .happened = happened
	};

	pk_format(c.name, sizeof(c.name), "%s%s: %s%s%s", family,
		  job->end->rule ? "" : " neighbour", how, how[0] ? ", " : "", job->end->name);
	pk_deny_run(&c);
}

/* connect */

static const struct end connect_ends[] = {
	{ "tcp ipv4", "127.0.0.1", 7101, SOCK_STREAM, "no connect" },
	{ "tcp ipv6", "::1", 7101, SOCK_STREAM, "no connect" },
	{ "tcp ipv4-mapped", "::ffff:127.0.0.1", 7101, SOCK_STREAM, "no connect" },
	{ "udp ipv4", "127.0.0.1", 7101, SOCK_DGRAM, "no connect" },
	{ "udp ipv6", "::1", 7101, SOCK_DGRAM, "no connect" },
	{ "unix stream", TOP "/connect/stream", 0, SOCK_STREAM, "no connect to a socket" },
	{ "unix seqpacket", TOP "/connect/seqpacket", 0, SOCK_SEQPACKET, "no connect to a socket" },
	{ "unix dgram", TOP "/connect/dgram", 0, SOCK_DGRAM, "no connect to a socket" },
	{ "tcp to an address", "127.0.0.9", 7102, SOCK_STREAM, "no connect to a network" },
	{ "tcp to a network", "127.0.8.200", 7102, SOCK_STREAM, "no connect to a network" },
	{ "udp to a network", "127.0.8.1", 7102, SOCK_DGRAM, "no connect to a network" },
	{ "tcp ipv4-mapped to a network", "::ffff:127.0.8.7", 7103, SOCK_STREAM,
	  "no connect to a network" },
	{ "tcp ipv4", "127.0.0.1", 7102, SOCK_STREAM, NULL },
	{ "tcp ipv6", "::1", 7102, SOCK_STREAM, NULL },
	{ "udp ipv4", "127.0.0.1", 7102, SOCK_DGRAM, NULL },
	{ "unix stream", TOP "/connect/other", 0, SOCK_STREAM, NULL },
	{ "unix dgram", TOP "/connect/other dgram", 0, SOCK_DGRAM, NULL },
	{ "tcp beside the network", "127.0.9.1", 7102, SOCK_STREAM, NULL },
};

static long run_connect(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, job->end->port);
	struct pk_call c = { .fd = socket_of(job->end, 0),
			     .addr = &addr.any,
			     .addr_len = addr.len };

	return pk_variant_run(job->variant, &c);
}

/* By a name for its path. */
static long run_connect_link(struct job *job)
{
	struct pk_addr addr = addr_of(TOP "/forms/socket", 0);

	return PK_SYS(SYS_connect, socket_of(job->end, 0), &addr.any, addr.len);
}

static long run_connect_relative(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, 0);

	if (chdir(TOP "/connect"))
		pk_deny_unable("chdir", errno);
	strcpy(addr.un.sun_path, strrchr(job->end->host, '/') + 1);
	addr.len = sizeof(addr.un);
	return PK_SYS(SYS_connect, socket_of(job->end, 0), &addr.any, addr.len);
}

static struct msghdr message(const struct pk_addr *addr)
{
	static struct iovec part = { .iov_base = "x", .iov_len = 1 };

	return (struct msghdr){ .msg_name = (void *)&addr->any,
				.msg_namelen = addr->len,
				.msg_iov = &part,
				.msg_iovlen = 1 };
}

static long run_fast_open_sendto(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, job->end->port);

	return PK_SYS(SYS_sendto, socket_of(job->end, 0), "x", 1, MSG_FASTOPEN, &addr.any,
		      addr.len);
}

static long run_fast_open_sendmsg(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, job->end->port);
	struct msghdr msg = message(&addr);

	return PK_SYS(SYS_sendmsg, socket_of(job->end, 0), &msg, MSG_FASTOPEN);
}

static long run_fast_open_ring(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, job->end->port);
	struct msghdr msg = message(&addr);
	struct io_uring_sqe sqe = { .opcode = IORING_OP_SENDMSG,
				    .fd = socket_of(job->end, 0),
				    .addr = (__u64)&msg,
				    .len = 1,
				    .msg_flags = MSG_FASTOPEN };

	long result = pk_ring_run(PK_HOW_RING, &sqe);

	return result == -EINPROGRESS ? 0 : result; /* the ring does not wait for the answer */
}

static long run_fast_open_connect(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, job->end->port);
	int fd = socket_of(job->end, 0), on = 1;
	long result;

	if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)))
		pk_deny_unable("TCP_FASTOPEN_CONNECT", errno);
	result = PK_SYS(SYS_connect, fd, &addr.any, addr.len);
	return result < 0 ? result : PK_SYS(SYS_write, fd, "x", 1);
}

static long run_connect_nonblocking(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, job->end->port);
	long result = PK_SYS(SYS_connect, socket_of(job->end, SOCK_NONBLOCK), &addr.any, addr.len);

	usleep(100000);
	return result == -EINPROGRESS ? 0 : result;
}

/* Whether a connection reached the parent. */
static bool connected(void *arg)
{
	struct job *job = arg;
	int fd = accept4(job->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static void connect_variant(struct pk_variant *v, void *arg)
{
	const struct end *end;

	for (end = connect_ends; end < connect_ends + PK_ARRAY_SIZE(connect_ends); end++) {
		struct job job = { .variant = v, .end = end, .run = run_connect };

		job.fd = receiver(end);
		run("connect", &job, end->type == SOCK_DGRAM ? NULL : connected);
		close(job.fd);
	}
}

static void connect_special(const char *name, const struct end *end, long (*fn)(struct job *job))
{
	struct job job = { .end = end, .run = fn };
	char family[128];

	pk_format(family, sizeof(family), "connect: %s", name);
	job.fd = receiver(end);
	run(family, &job, connected);
	close(job.fd);
}

static void connect_specials(void)
{
	const struct end *tcp = &connect_ends[0], *stream = &connect_ends[5];
	const struct end *others[] = { &connect_ends[12], tcp };
	size_t i;

	for (i = 0; i < 2; i++) {
		connect_special("sendto/MSG_FASTOPEN", others[i], run_fast_open_sendto);
		connect_special("sendmsg/MSG_FASTOPEN", others[i], run_fast_open_sendmsg);
		connect_special("io_uring/SENDMSG/MSG_FASTOPEN", others[i], run_fast_open_ring);
		connect_special("TCP_FASTOPEN_CONNECT", others[i], run_fast_open_connect);
		connect_special("nonblocking", others[i], run_connect_nonblocking);
	}
	if (symlink("../connect/stream", TOP "/forms/socket"))
		fprintf(stderr, "attempt: cannot make a link: %s\n", strerror(errno));
	connect_special("by a symlink", stream, run_connect_link);
	unlinkat(AT_FDCWD, TOP "/forms/socket", 0);
	connect_special("by a relative path", stream, run_connect_relative);
}

/* bind, listen */

static const struct end bind_ends[] = {
	{ "tcp ipv4", "127.0.0.1", 7111, SOCK_STREAM, "no bind" },
	{ "tcp ipv4, any address", "0.0.0.0", 7111, SOCK_STREAM, "no bind" },
	{ "tcp ipv6", "::1", 7111, SOCK_STREAM, "no bind" },
	{ "udp ipv4", "127.0.0.1", 7111, SOCK_DGRAM, "no bind" },
	{ "udp ipv6, any address", "::", 7111, SOCK_DGRAM, "no bind" },
	{ "tcp ipv4", "127.0.0.1", 7112, SOCK_STREAM, NULL },
	{ "udp ipv6", "::1", 7112, SOCK_DGRAM, NULL },
	{ "unix", TOP "/bind/other", 0, SOCK_STREAM, NULL },
};

/* An absolute path, and a name in the working directory. */
static const struct end bind_paths[] = {
	{ "unix stream", TOP "/bind/socket", 0, SOCK_STREAM, "no bind of a socket" },
	{ "unix dgram", TOP "/bind/socket", 0, SOCK_DGRAM, "no bind of a socket" },
};

static long run_bind(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, job->end->port);
	struct pk_call c = { .fd = socket_of(job->end, 0),
			     .addr = &addr.any,
			     .addr_len = addr.len };

	return pk_variant_run(job->variant, &c);
}

static bool bound_file(void *arg)
{
	const struct job *job = arg;
	bool there = !access(job->end->host, F_OK);

	if (there)
		unlinkat(AT_FDCWD, job->end->host, 0);
	return there;
}

static void bind_variant(struct pk_variant *v, void *arg)
{
	const struct end *end;

	for (end = bind_ends; end < bind_ends + PK_ARRAY_SIZE(bind_ends); end++) {
		struct job job = { .variant = v, .end = end, .run = run_bind };

		run("bind", &job, end->host[0] == '/' ? bound_file : NULL);
	}
	for (end = bind_paths; end < bind_paths + PK_ARRAY_SIZE(bind_paths); end++) {
		struct job job = { .variant = v, .end = end, .run = run_bind };

		run("bind", &job, bound_file);
	}
}

static const struct end listen_ends[] = {
	{ "tcp ipv4", "127.0.0.1", 7121, SOCK_STREAM, "no listen" },
	{ "tcp ipv6", "::1", 7121, SOCK_STREAM, "no listen" },
	{ "unix", TOP "/listen/socket", 0, SOCK_STREAM, "no listen on a socket" },
	{ "tcp ipv4", "127.0.0.1", 7122, SOCK_STREAM, NULL },
	{ "unix", TOP "/listen/other", 0, SOCK_STREAM, NULL },
};

static long run_listen(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, job->end->port);
	struct pk_call c = { .fd = socket_of(job->end, 0), .backlog = 7 };

	if (addr.any.sa_family == AF_UNIX)
		unlinkat(AT_FDCWD, addr.un.sun_path, 0);
	if (bind(c.fd, &addr.any, addr.len))
		pk_deny_unable("bind", errno);
	return pk_variant_run(job->variant, &c);
}

static void listen_variant(struct pk_variant *v, void *arg)
{
	const struct end *end;

	for (end = listen_ends; end < listen_ends + PK_ARRAY_SIZE(listen_ends); end++) {
		struct job job = { .variant = v, .end = end, .run = run_listen };

		run("listen", &job, NULL);
	}
}

/* accept */

static const struct end accept_ends[] = {
	{ "tcp ipv4", "127.0.0.1", 7131, SOCK_STREAM, "no accept" },
	{ "tcp ipv6", "::1", 7131, SOCK_STREAM, "no accept" },
	{ "unix", TOP "/accept/socket", 0, SOCK_STREAM, "no accept on a socket" },
	{ "tcp ipv4", "127.0.0.1", 7132, SOCK_STREAM, NULL },
	{ "unix", TOP "/accept/other", 0, SOCK_STREAM, NULL },
};

static long run_accept(struct job *job)
{
	struct pk_call c = { .fd = job->fd };

	return pk_variant_run(job->variant, &c);
}

/* What was accepted does not wait any more. */
static bool accepted(void *arg)
{
	const struct job *job = arg;
	struct pollfd queue = { .fd = job->fd, .events = POLLIN };

	return poll(&queue, 1, 0) == 0;
}

static void accept_variant(struct pk_variant *v, void *arg)
{
	const struct end *end;
	struct pk_addr addr;

	for (end = accept_ends; end < accept_ends + PK_ARRAY_SIZE(accept_ends); end++) {
		struct job job = { .variant = v, .end = end, .run = run_accept };

		addr = addr_of(end->host, end->port);
		job.fd = receiver(end);
		if (job.fd < 0)
			continue;
		fcntl(job.fd, F_SETFL, 0);
		job.client = socket_of(end, 0);
		if (connect(job.client, &addr.any, addr.len))
			fprintf(stderr, "attempt: cannot connect: %s\n", strerror(errno));
		run("accept", &job, accepted);
		close(job.client);
		close(job.fd);
	}
}

/* datagrams */

static const struct end send_ends[] = {
	{ "udp ipv4", "127.0.0.1", 7141, SOCK_DGRAM, "no send" },
	{ "udp ipv6", "::1", 7141, SOCK_DGRAM, "no send" },
	{ "unix dgram", TOP "/send/socket", 0, SOCK_DGRAM, "no send to a socket" },
	{ "udp ipv4", "127.0.0.1", 7142, SOCK_DGRAM, NULL },
	{ "udp ipv6", "::1", 7142, SOCK_DGRAM, NULL },
	{ "unix dgram", TOP "/send/other", 0, SOCK_DGRAM, NULL },
};

static long run_send(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, job->end->port);
	struct pk_call c = { .fd = socket_of(job->end, 0),
			     .addr = &addr.any,
			     .addr_len = addr.len };

	return pk_variant_run(job->variant, &c);
}

/* The same again and again by one socket: the first refusal says nothing about the others. */
static long run_send_often(struct job *job)
{
	struct pk_addr addr = addr_of(job->end->host, job->end->port);
	struct pk_call c = { .fd = socket_of(job->end, 0),
			     .addr = &addr.any,
			     .addr_len = addr.len };
	long result = 0;
	int i;

	for (i = 0; i < 5; i++) {
		result = pk_variant_run(job->variant, &c);
		if (result >= 0 && job->end->rule && pk_deny_expected() != PK_DENY_ALLOWED)
			return result;
	}
	return result;
}

/* After another peer was sent to. */
static long run_send_second(struct job *job)
{
	struct pk_addr other = addr_of(send_ends[3].host, send_ends[3].port);
	struct pk_addr addr = addr_of(job->end->host, job->end->port);
	int fd = socket_of(job->end, 0);
	struct mmsghdr msgs[2] = { { .msg_hdr = message(&other) }, { .msg_hdr = message(&addr) } };
	long result = PK_SYS(SYS_sendmmsg, fd, msgs, 2, 0);

	/* the second message is refused: one was sent */
	if (result == 1)
		return PK_SYS(SYS_sendto, fd, "x", 1, 0, &addr.any, addr.len);
	return result;
}

static bool received(void *arg)
{
	const struct job *job = arg;
	bool stops = job->end->rule && pk_deny_expected() != PK_DENY_ALLOWED;
	struct pollfd queue = { .fd = job->fd, .events = POLLIN };
	bool any = false;
	char byte;

	/* the loopback may be late */
	poll(&queue, 1, stops ? 10 : 2000);
	while (recv(job->fd, &byte, 1, MSG_DONTWAIT) >= 0)
		any = true;
	return any;
}

static void send_variant(struct pk_variant *v, void *arg)
{
	const struct end *end;

	for (end = send_ends; end < send_ends + PK_ARRAY_SIZE(send_ends); end++) {
		struct job job = { .variant = v, .end = end, .run = run_send };

		job.fd = receiver(end);
		run("send", &job, received);
		close(job.fd);
	}
}

static void send_special(const char *name, const struct end *end, long (*fn)(struct job *job))
{
	static const struct pk_ways *ways = &pk_ways_send;
	struct pk_variant v = { .way = &ways->items[0], .how = PK_HOW_DIRECT };
	struct job job = { .variant = &v, .end = end, .run = fn };
	struct pk_deny_case c = { .rule = end->rule,
				  .attempt = run_job,
				  .arg = &job,
				  .repeats = true,
				  .happened = received };

	pk_format(c.name, sizeof(c.name), "send%s: %s, %s", end->rule ? "" : " neighbour", name,
		  end->name);
	job.fd = receiver(end);
	pk_deny_run(&c);
	close(job.fd);
}

static void each(const struct pk_ways *ways, pk_variant_fn body)
{
	pk_variants_each(ways->items, ways->cnt, body, NULL);
}

void pk_deny_group_nets(void)
{
	size_t i;

	each(&pk_ways_connect, connect_variant);
	connect_specials();
	each(&pk_ways_bind, bind_variant);
	each(&pk_ways_listen, listen_variant);
	each(&pk_ways_accept, accept_variant);
	each(&pk_ways_send, send_variant);
	for (i = 0; i < PK_ARRAY_SIZE(send_ends); i++)
		send_special("5 times", &send_ends[i], run_send_often);
	for (i = 0; i < 1; i++)
		send_special("the second of sendmmsg", &send_ends[i], run_send_second);
}
