// SPDX-License-Identifier: Apache-2.0
/* Connections asked for: every call to every kind of peer, also where nobody listens. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "ways.h"

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif

static long do_connect(const struct pk_call *c)
{
	return PK_SYS(SYS_connect, c->fd, c->addr, c->addr_len);
}

static void sqe_connect(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = IORING_OP_CONNECT;
	sqe->fd = c->fd;
	sqe->addr = (__u64)c->addr;
	sqe->off = c->addr_len;
}

static long do_connect32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_CONNECT, c->fd, pk_low(c->addr, c->addr_len), c->addr_len, 0, 0);
}

static long do_connect_socketcall(const struct pk_call *c)
{
	return pk_socketcall(PK_SOCKETCALL_CONNECT, c->fd, pk_low(c->addr, c->addr_len),
			     c->addr_len, 0, 0, 0);
}

static const struct pk_way connect_ways[] = {
	{ .name = "connect", .run = do_connect, .threaded = true },
	{ .name = "CONNECT", .prepare = sqe_connect },
	{ .name = "connect", .run = do_connect32, .compat = true },
	{ .name = "socketcall", .run = do_connect_socketcall, .compat = true },
};

const struct pk_ways pk_ways_connect = PK_WAYS(connect_ways);

/* An attempt counts even where nobody answers. (A Unix connect counts once its peer is found.) */
static bool is_attempt(long result)
{
	return result == -ECONNREFUSED || result == -EINPROGRESS;
}

static long connect_variant(struct pk_variant *v, int fd, const struct pk_addr *addr,
			    const char *what)
{
	struct pk_call c = { .fd = fd, .addr = &addr->any, .addr_len = addr->len };
	struct pk_variant named = *v;
	long result = pk_variant_run(&named, &c);

	pk_format(named.name, sizeof(named.name), "%s, %s", v->name, what);
	if (pk_variant_log(&named, "connect", is_attempt(result) ? 0 : result))
		pk_log_attempt(fd, "remote", addr, result);
	return result;
}

struct target {
	const char *name;
	enum pk_net_kind kind;
	int type;
	int fd;
	struct pk_addr addr;
};

static struct target targets[] = {
	{ "tcp ipv4", PK_NET_IPV4, SOCK_STREAM },
	{ "tcp ipv6", PK_NET_IPV6, SOCK_STREAM },
	{ "udp ipv4", PK_NET_IPV4, SOCK_DGRAM },
	{ "udp ipv6", PK_NET_IPV6, SOCK_DGRAM },
	{ "unix stream", PK_NET_PATH, SOCK_STREAM },
	{ "unix stream abstract", PK_NET_ABSTRACT, SOCK_STREAM },
	{ "unix dgram", PK_NET_PATH, SOCK_DGRAM },
	{ "unix dgram abstract", PK_NET_ABSTRACT, SOCK_DGRAM },
	{ "unix seqpacket", PK_NET_PATH, SOCK_SEQPACKET },
	{ "unix seqpacket abstract", PK_NET_ABSTRACT, SOCK_SEQPACKET },
};

static void connect_target(struct pk_variant *v, struct target *t)
{
	int fd;
	long result;

	if (t->fd < 0)
		return;
	fd = pk_socket(t->kind, t->type);
	result = connect_variant(v, fd, &t->addr, t->name);
	if (result >= 0)
		(void)!write(fd, "x", 1); /* no event: where to is known */
	if (result >= 0 && t->type != SOCK_DGRAM)
		pk_drain_accept(t->fd);
	close(fd);
}

static void connect_body(struct pk_variant *v, void *arg)
{
	struct pk_addr addr;
	struct pk_call c = {};
	char byte;
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(targets); i++) {
		connect_target(v, &targets[i]);
		while (targets[i].type == SOCK_DGRAM &&
		       recv(targets[i].fd, &byte, 1, MSG_DONTWAIT) >= 0)
			;
	}
	/* a path where nothing is */
	addr = pk_addr_fresh(PK_NET_PATH);
	c.fd = pk_socket(PK_NET_PATH, SOCK_STREAM);
	c.addr = &addr.any;
	c.addr_len = addr.len;
	pk_log_failed("connect ENOENT", pk_at(addr.un.sun_path), -pk_variant_run(v, &c));
	close(c.fd);
}

/* Ports of sockets that were closed again: nobody answers there. */
static void refused(struct pk_variant *v, void *arg)
{
	static const enum pk_net_kind kinds[] = { PK_NET_IPV4, PK_NET_IPV6 };
	struct pk_addr addr;
	size_t i;
	int fd;

	for (i = 0; i < PK_ARRAY_SIZE(kinds); i++) {
		fd = pk_receiver(kinds[i], SOCK_STREAM, &addr);
		if (fd < 0)
			continue;
		close(fd);
		fd = pk_socket(kinds[i], SOCK_STREAM);
		connect_variant(v, fd, &addr, "refused");
		close(fd);
	}
}

static void nonblocking(struct pk_variant *v, void *arg)
{
	struct target *t = &targets[0];
	struct pollfd poll_fd = { .fd = pk_socket(t->kind, t->type | SOCK_NONBLOCK),
				  .events = POLLOUT };

	connect_variant(v, poll_fd.fd, &t->addr, "nonblocking");
	poll(&poll_fd, 1, 1000);
	pk_drain_accept(t->fd);
	close(poll_fd.fd);
}

/* IPv4 by an IPv6 socket. */
static void mapped(struct pk_variant *v, void *arg)
{
	struct target *t = &targets[0];
	struct pk_addr addr = pk_addr_fresh(PK_NET_IPV6);
	int fd = pk_socket(PK_NET_IPV6, SOCK_STREAM);

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &addr.in6.sin6_addr);
	addr.in6.sin6_port = t->addr.in.sin_port;
	if (connect_variant(v, fd, &addr, "ipv4-mapped") >= 0)
		pk_drain_accept(t->fd);
	close(fd);
}

/* A datagram socket that changes its peer, each a connect. */
static void reconnect(struct pk_variant *v, void *arg)
{
	struct target *t = &targets[2];
	struct pk_addr other;
	int fd = pk_socket(t->kind, t->type), receiver = pk_receiver(t->kind, t->type, &other);

	connect_variant(v, fd, &t->addr, "the first peer");
	connect_variant(v, fd, &other, "another peer");
	close(receiver);
	close(fd);
}

/* Data with the first packet: a connection without connect(). */
static void fast_open(void)
{
	struct target *t = &targets[0];
	int fd = pk_socket(t->kind, t->type);
	long result = PK_SYS(SYS_sendto, fd, "x", 1ul, MSG_FASTOPEN, &t->addr.any, t->addr.len);

	if (result < 0) {
		pk_log_skipped("connect: sendto/MSG_FASTOPEN", -result);
	} else {
		pk_log_begin("connect", "sendto/MSG_FASTOPEN");
		pk_log_bool("fast_open", true);
		pk_log_attempt(fd, "remote", &t->addr, 0);
		pk_drain_accept(t->fd);
	}
	close(fd);
}

/* Connects by an address whose path is a symlink to the socket's file `real`. */
static long connect_named(struct pk_variant *v, int fd, const struct pk_addr *addr,
			  const char *real)
{
	struct pk_addr seen = *addr;
	long result = PK_SYS(SYS_connect, fd, &addr->any, addr->len);

	strcpy(seen.un.sun_path, real);
	if (pk_variant_log(v, "connect", result))
		pk_log_attempt(fd, "remote", &seen, result);
	return result;
}

/* A socket's path by its whole name and by a symlink. */
static void unix_spellings(void)
{
	struct target *t = &targets[4];
	struct pk_variant v = { .way = &connect_ways[0], .name = "connect" };
	struct pk_addr addr = t->addr;
	const char *path = pk_at(t->addr.un.sun_path);
	int fd;

	if (strlen(path) >= sizeof(addr.un.sun_path)) {
		pk_log_skipped("connect: connect, unix, the whole path", ENAMETOOLONG);
		return;
	}
	strcpy(addr.un.sun_path, path);
	addr.len = offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1;
	fd = pk_socket(t->kind, t->type);
	if (connect_variant(&v, fd, &addr, "unix, the whole path") >= 0)
		pk_drain_accept(t->fd);
	close(fd);
	/* by a symlink: the socket's own name is what counts */
	pk_make_symlink(t->addr.un.sun_path, "to-socket");
	addr = t->addr;
	strcpy(addr.un.sun_path, "to-socket");
	addr.len = sizeof(addr.un);
	fd = pk_socket(t->kind, t->type);
	if (connect_named(&v, fd, &addr, t->addr.un.sun_path) >= 0)
		pk_drain_accept(t->fd);
	close(fd);
}

#define EACH(ways, body) pk_variants_each(ways, PK_ARRAY_SIZE(ways), body, NULL)

void pk_group_connect(void)
{
	size_t i;

	pk_group_enter("connect");
	for (i = 0; i < PK_ARRAY_SIZE(targets); i++)
		targets[i].fd = pk_receiver(targets[i].kind, targets[i].type, &targets[i].addr);
	EACH(connect_ways, connect_body);
	EACH(connect_ways, refused);
	EACH(connect_ways, nonblocking);
	EACH(connect_ways, mapped);
	EACH(connect_ways, reconnect);
	fast_open();
	unix_spellings();
	for (i = 0; i < PK_ARRAY_SIZE(targets); i++) {
		if (targets[i].fd >= 0)
			close(targets[i].fd);
	}
	pk_group_leave();
}
