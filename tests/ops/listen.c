// SPDX-License-Identifier: Apache-2.0
/* Addresses bound, sockets listening, connections accepted. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "net.h"
#include "ways.h"

/* bind */

static long do_bind(const struct pk_call *c)
{
	return PK_SYS(SYS_bind, c->fd, c->addr, c->addr_len);
}

static void sqe_bind(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = PK_RING_OP_BIND;
	sqe->fd = c->fd;
	sqe->addr = (__u64)c->addr;
	sqe->off = c->addr_len;
}

static long do_bind32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_BIND, c->fd, pk_low(c->addr, c->addr_len), c->addr_len, 0, 0);
}

static long do_bind_socketcall(const struct pk_call *c)
{
	return pk_socketcall(PK_SOCKETCALL_BIND, c->fd, pk_low(c->addr, c->addr_len), c->addr_len,
			     0, 0, 0);
}

static const struct pk_way bind_ways[] = {
	{ .name = "bind", .run = do_bind, .threaded = true },
	{ .name = "BIND", .prepare = sqe_bind },
	{ .name = "bind", .run = do_bind32, .compat = true },
	{ .name = "socketcall", .run = do_bind_socketcall, .compat = true },
};

const struct pk_ways pk_ways_bind = PK_WAYS(bind_ways);

static long bind_variant(struct pk_variant *v, int fd, const struct pk_addr *addr, const char *what)
{
	struct pk_call c = { .fd = fd, .addr = &addr->any, .addr_len = addr->len };
	struct pk_variant named = *v;
	long result = pk_variant_run(&named, &c);
	bool attempt = result == -EADDRINUSE || result == -EADDRNOTAVAIL || result == -EACCES;
	struct pk_addr bound;

	pk_format(named.name, sizeof(named.name), "%s, %s", v->name, what);
	if (!pk_variant_log(&named, "bind", attempt ? 0 : result))
		return result;
	if (result >= 0) {
		bound = pk_addr_local(fd);
		pk_log_addr("bound", &bound.any, bound.len);
	}
	pk_log_attempt(fd, "local", addr, result);
	if (result >= 0)
		pk_log_unix_file(addr, &named);
	return result;
}

static void bind_once(struct pk_variant *v, enum pk_net_kind kind, int type,
		      const struct pk_addr *addr, const char *what)
{
	int fd = pk_socket(kind, type);

	bind_variant(v, fd, addr, what);
	close(fd);
}

static void bind_body(struct pk_variant *v, void *arg)
{
	struct pk_addr addr = pk_addr_fresh(PK_NET_IPV4), taken;
	int fd;

	bind_once(v, PK_NET_IPV4, SOCK_STREAM, &addr, "tcp ipv4");
	bind_once(v, PK_NET_IPV4, SOCK_DGRAM, &addr, "udp ipv4");
	addr.in.sin_addr.s_addr = htonl(INADDR_ANY);
	bind_once(v, PK_NET_IPV4, SOCK_STREAM, &addr, "tcp ipv4, any address");
	addr.in.sin_addr.s_addr = htonl(0xc0000201); /* 192.0.2.1: not ours */
	addr.in.sin_port = htons(4321);
	bind_once(v, PK_NET_IPV4, SOCK_STREAM, &addr, "tcp ipv4, not ours");
	addr = pk_addr_fresh(PK_NET_IPV6);
	bind_once(v, PK_NET_IPV6, SOCK_STREAM, &addr, "tcp ipv6");
	addr.in6.sin6_addr = in6addr_any;
	bind_once(v, PK_NET_IPV6, SOCK_DGRAM, &addr, "udp ipv6, any address");
	addr = pk_addr_fresh(PK_NET_PATH);
	bind_once(v, PK_NET_PATH, SOCK_STREAM, &addr, "unix");
	bind_once(v, PK_NET_PATH, SOCK_STREAM, &addr, "unix, taken");
	addr = pk_addr_fresh(PK_NET_PATH);
	bind_once(v, PK_NET_PATH, SOCK_DGRAM, &addr, "unix dgram");
	addr = pk_addr_fresh(PK_NET_ABSTRACT);
	bind_once(v, PK_NET_ABSTRACT, SOCK_STREAM, &addr, "unix abstract");
	addr.len = offsetof(struct sockaddr_un, sun_path);
	memset(addr.un.sun_path, 0, sizeof(addr.un.sun_path));
	bind_once(v, PK_NET_ABSTRACT, SOCK_STREAM, &addr, "unix, the kernel's choice");

	fd = pk_receiver(PK_NET_IPV4, SOCK_STREAM, &taken);
	bind_once(v, PK_NET_IPV4, SOCK_STREAM, &taken, "tcp ipv4, taken");
	close(fd);
	/* the port alone, free again */
	bind_once(v, PK_NET_IPV4, SOCK_DGRAM, &taken, "udp ipv4, a given port");
}

/* listen */

static long do_listen(const struct pk_call *c)
{
	return PK_SYS(SYS_listen, c->fd, c->backlog);
}

static void sqe_listen(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = PK_RING_OP_LISTEN;
	sqe->fd = c->fd;
	sqe->len = c->backlog;
}

static long do_listen32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_LISTEN, c->fd, c->backlog, 0, 0, 0);
}

static long do_listen_socketcall(const struct pk_call *c)
{
	return pk_socketcall(PK_SOCKETCALL_LISTEN, c->fd, c->backlog, 0, 0, 0, 0);
}

static const struct pk_way listen_ways[] = {
	{ .name = "listen", .run = do_listen, .threaded = true },
	{ .name = "LISTEN", .prepare = sqe_listen },
	{ .name = "listen", .run = do_listen32, .compat = true },
	{ .name = "socketcall", .run = do_listen_socketcall, .compat = true },
};

const struct pk_ways pk_ways_listen = PK_WAYS(listen_ways);

static void listen_variant(struct pk_variant *v, enum pk_net_kind kind, int type)
{
	struct pk_variant plain = { .way = &bind_ways[0], .name = "bind" };
	struct pk_addr addr = pk_addr_fresh(kind);
	struct pk_call c = { .fd = pk_socket(kind, type), .backlog = 7 };
	long result;

	bind_variant(&plain, c.fd, &addr, "to listen");
	result = pk_variant_run(v, &c);
	if (pk_variant_log(v, "listen", result)) {
		addr = pk_addr_local(c.fd);
		pk_log_int("backlog", c.backlog);
		pk_log_attempt(c.fd, "local", &addr, 0);
	}
	close(c.fd);
}

static void listen_body(struct pk_variant *v, void *arg)
{
	listen_variant(v, PK_NET_IPV4, SOCK_STREAM);
	listen_variant(v, PK_NET_IPV6, SOCK_STREAM);
	listen_variant(v, PK_NET_PATH, SOCK_STREAM);
	listen_variant(v, PK_NET_ABSTRACT, SOCK_SEQPACKET);
}

/* accept */

#ifdef SYS_accept
static long do_accept(const struct pk_call *c)
{
	return PK_SYS(SYS_accept, c->fd, NULL, NULL);
}
#endif

static long do_accept4(const struct pk_call *c)
{
	return PK_SYS(SYS_accept4, c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static void sqe_accept(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = IORING_OP_ACCEPT;
	sqe->fd = c->fd;
}

static long do_accept4_32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_ACCEPT4, c->fd, 0, 0, 0, 0);
}

static long do_accept_socketcall(const struct pk_call *c)
{
	return pk_socketcall(PK_SOCKETCALL_ACCEPT, c->fd, 0, 0, 0, 0, 0);
}

static const struct pk_way accept_ways[] = {
#ifdef SYS_accept
	{ .name = "accept", .run = do_accept, .threaded = true },
#endif
	{ .name = "accept4", .run = do_accept4 },
	{ .name = "ACCEPT", .prepare = sqe_accept },
	{ .name = "accept4", .run = do_accept4_32, .compat = true },
	{ .name = "socketcall", .run = do_accept_socketcall, .compat = true },
};

const struct pk_ways pk_ways_accept = PK_WAYS(accept_ways);

struct listener {
	enum pk_net_kind kind;
	int type;
	int fd;
	struct pk_addr addr;
};

static struct listener listeners[] = {
	{ PK_NET_IPV4, SOCK_STREAM },
	{ PK_NET_IPV6, SOCK_STREAM },
	{ PK_NET_PATH, SOCK_STREAM },
	{ PK_NET_ABSTRACT, SOCK_SEQPACKET },
};

static void accept_from(struct pk_variant *v, struct listener *l)
{
	struct pk_addr local, remote = { .len = sizeof(struct sockaddr_un) };
	struct pk_call c = { .fd = l->fd };
	int client;
	long fd;

	if (l->fd < 0)
		return;
	client = pk_socket(l->kind, l->type);
	if (connect(client, &l->addr.any, l->addr.len))
		pk_log_die("cannot connect: %s", strerror(errno));
	pk_log_begin("connect", "prepare");
	pk_log_attempt(client, "remote", &l->addr, 0);
	fd = pk_variant_run(v, &c);
	if (!pk_variant_log(v, "accept", fd)) {
		pk_log_end();
		close(client);
		return;
	}
	local = pk_addr_local(fd);
	if (getpeername(fd, &remote.any, &remote.len))
		pk_log_die("cannot get the peer's address: %s", strerror(errno));
	pk_log_addr("local", &local.any, local.len);
	pk_log_attempt(fd, "remote", &remote, 0);
	close(fd);
	close(client);
}

static void accept_body(struct pk_variant *v, void *arg)
{
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(listeners); i++)
		accept_from(v, &listeners[i]);
}

#define EACH(ways, body) pk_variants_each(ways, PK_ARRAY_SIZE(ways), body, NULL)

void pk_group_listen(void)
{
	size_t i;

	pk_group_enter("listen");
	EACH(bind_ways, bind_body);
	EACH(listen_ways, listen_body);
	for (i = 0; i < PK_ARRAY_SIZE(listeners); i++)
		listeners[i].fd = pk_receiver(listeners[i].kind, listeners[i].type,
					      &listeners[i].addr);
	EACH(accept_ways, accept_body);
	for (i = 0; i < PK_ARRAY_SIZE(listeners); i++) {
		if (listeners[i].fd >= 0)
			close(listeners[i].fd);
	}
	pk_group_leave();
}
