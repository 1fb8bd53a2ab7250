// SPDX-License-Identifier: Apache-2.0
/* Datagrams sent: one event for a socket and a peer, however often and in whatever order. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "net.h"
#include "ways.h"

static char datagram[] = "datagram";

static struct msghdr message(const struct pk_call *c)
{
	static struct iovec part = { .iov_base = datagram, .iov_len = sizeof(datagram) };

	return (struct msghdr){ .msg_name = (void *)c->addr,
				.msg_namelen = c->addr_len,
				.msg_iov = &part,
				.msg_iovlen = 1 };
}

static long do_sendto(const struct pk_call *c)
{
	return PK_SYS(SYS_sendto, c->fd, datagram, sizeof(datagram), 0, c->addr, c->addr_len);
}

static long do_sendmsg(const struct pk_call *c)
{
	struct msghdr msg = message(c);

	return PK_SYS(SYS_sendmsg, c->fd, &msg, 0);
}

static long do_sendmmsg(const struct pk_call *c)
{
	struct mmsghdr msgs = { .msg_hdr = message(c) };

	return PK_SYS(SYS_sendmmsg, c->fd, &msgs, 1, 0);
}

static void sqe_sendmsg_with(struct io_uring_sqe *sqe, const struct pk_call *c, int op)
{
	static struct msghdr msg;

	msg = message(c);
	sqe->opcode = op;
	sqe->fd = c->fd;
	sqe->addr = (__u64)&msg;
	sqe->len = 1;
}

static void sqe_sendmsg(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe_sendmsg_with(sqe, c, IORING_OP_SENDMSG);
}

static void sqe_sendmsg_zc(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe_sendmsg_with(sqe, c, PK_RING_OP_SENDMSG_ZC);
}

static void sqe_send_with(struct io_uring_sqe *sqe, const struct pk_call *c, int op)
{
	sqe->opcode = op;
	sqe->fd = c->fd;
	sqe->addr = (__u64)datagram;
	sqe->len = sizeof(datagram);
	sqe->addr2 = (__u64)c->addr;
	sqe->addr_len = c->addr_len;
}

static void sqe_send(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe_send_with(sqe, c, IORING_OP_SEND);
}

static void sqe_send_zc(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe_send_with(sqe, c, PK_RING_OP_SEND_ZC);
}

static long do_sendto_socketcall(const struct pk_call *c)
{
	return pk_socketcall(PK_SOCKETCALL_SENDTO, c->fd, pk_low(datagram, sizeof(datagram)),
			     sizeof(datagram), 0, pk_low(c->addr, c->addr_len), c->addr_len);
}

/* struct msghdr of a 32-bit program. */
static __u32 message32(const struct pk_call *c)
{
	__u32 part[2] = { pk_low(datagram, sizeof(datagram)), sizeof(datagram) };
	__u32 msg[7] = { pk_low(c->addr, c->addr_len), c->addr_len, pk_low(part, sizeof(part)), 1 };

	return pk_low(msg, sizeof(msg));
}

static long do_sendmsg32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_SENDMSG, c->fd, message32(c), 0, 0, 0);
}

static long do_sendmsg_socketcall(const struct pk_call *c)
{
	return pk_socketcall(PK_SOCKETCALL_SENDMSG, c->fd, message32(c), 0, 0, 0, 0);
}

static const struct pk_way send_ways[] = {
	{ .name = "sendto", .run = do_sendto, .threaded = true },
	{ .name = "sendmsg", .run = do_sendmsg },
	{ .name = "sendmmsg", .run = do_sendmmsg },
	{ .name = "SENDMSG", .prepare = sqe_sendmsg },
	{ .name = "SENDMSG_ZC", .prepare = sqe_sendmsg_zc },
	{ .name = "SEND", .prepare = sqe_send },
	{ .name = "SEND_ZC", .prepare = sqe_send_zc },
	{ .name = "socketcall sendto", .run = do_sendto_socketcall, .compat = true },
	{ .name = "sendmsg", .run = do_sendmsg32, .compat = true },
	{ .name = "socketcall sendmsg", .run = do_sendmsg_socketcall, .compat = true },
};

const struct pk_ways pk_ways_send = PK_WAYS(send_ways);

/* Two peers of each kind. */
struct peers {
	const char *name;
	enum pk_net_kind kind;
	int fds[2];
	struct pk_addr addrs[2];
};

static struct peers peers[] = {
	{ "udp ipv4", PK_NET_IPV4 },
	{ "udp ipv6", PK_NET_IPV6 },
	{ "unix dgram", PK_NET_PATH },
	{ "unix dgram abstract", PK_NET_ABSTRACT },
};

static void drain(const struct peers *p)
{
	char byte;
	int i;

	for (i = 0; i < 2; i++)
		while (recv(p->fds[i], &byte, 1, MSG_DONTWAIT) >= 0)
			;
}

/* Sends one; logs it when it is the first to that peer. False: there is no such way here. */
static bool send_one(struct pk_variant *v, int fd, const struct peers *p, int peer, bool first)
{
	const struct pk_addr *addr = &p->addrs[peer];
	struct pk_call c = { .fd = fd, .addr = &addr->any, .addr_len = addr->len };
	struct pk_variant named = *v;
	long result = pk_variant_run(&named, &c);

	if (!first && result >= 0)
		return true;
	pk_format(named.name, sizeof(named.name), "%s, %s", v->name, p->name);
	if (!pk_variant_log(&named, "send", result))
		return false;
	pk_log_attempt(fd, "remote", addr, 0);
	return true;
}

static void send_body(struct pk_variant *v, void *arg)
{
	const struct peers *p;
	int fd;

	for (p = peers; p < peers + PK_ARRAY_SIZE(peers); p++) {
		if (p->fds[0] < 0 || p->fds[1] < 0)
			continue;
		fd = pk_socket(p->kind, SOCK_DGRAM);
		if (send_one(v, fd, p, 0, true)) {
			send_one(v, fd, p, 0, false);
			send_one(v, fd, p, 1, true);
			send_one(v, fd, p, 1, false);
			send_one(v, fd, p, 0, false);
		}
		drain(p);
		close(fd);
	}
}

/* One call, two peers, each twice. */
static void to_two(const struct peers *p)
{
	struct mmsghdr msgs[4];
	int fd, i;
	long result;

	if (p->fds[0] < 0 || p->fds[1] < 0)
		return;
	fd = pk_socket(p->kind, SOCK_DGRAM);
	for (i = 0; i < 4; i++) {
		struct pk_call c = { .addr = &p->addrs[i % 2].any,
				     .addr_len = p->addrs[i % 2].len };

		msgs[i] = (struct mmsghdr){ .msg_hdr = message(&c) };
	}
	result = PK_SYS(SYS_sendmmsg, fd, msgs, 4, 0);
	if (result < 0)
		pk_log_skipped("send: sendmmsg to two", -result);
	for (i = 0; i < 2 && result == 4; i++) {
		pk_log_begin("send", "sendmmsg to two");
		pk_log_attempt(fd, "remote", &p->addrs[i], 0);
	}
	drain(p);
	close(fd);
}

/* A connected socket: its peer is known, another one is not. */
static void while_connected(const struct peers *p)
{
	int fd;

	if (p->fds[0] < 0 || p->fds[1] < 0)
		return;
	fd = pk_socket(p->kind, SOCK_DGRAM);
	if (connect(fd, &p->addrs[0].any, p->addrs[0].len))
		pk_log_die("cannot connect: %s", strerror(errno));
	pk_log_begin("connect", "prepare");
	pk_log_attempt(fd, "remote", &p->addrs[0], 0);
	(void)!write(fd, "x", 1);
	(void)!send(fd, "x", 1, 0);
	if (sendto(fd, "x", 1, 0, &p->addrs[1].any, p->addrs[1].len) == 1) {
		pk_log_begin("send", "sendto of a connected socket to another peer");
		pk_log_attempt(fd, "remote", &p->addrs[1], 0);
	}
	drain(p);
	close(fd);
}

/* A stream socket has its peer already: the address given is not looked at. */
static void stream_with_address(void)
{
	struct pk_addr addr, other = pk_addr_fresh(PK_NET_IPV4);
	int listener = pk_receiver(PK_NET_IPV4, SOCK_STREAM, &addr), fd;

	if (listener < 0)
		return;
	fd = pk_socket(PK_NET_IPV4, SOCK_STREAM);
	if (connect(fd, &addr.any, addr.len))
		pk_log_die("cannot connect: %s", strerror(errno));
	pk_log_begin("connect", "prepare");
	pk_log_attempt(fd, "remote", &addr, 0);
	pk_drain_accept(listener);
	other.in.sin_port = htons(9);
	pk_log_failed("send: an address given to a connected stream socket", "127.0.0.1:9",
		      EISCONN);
	(void)!sendto(fd, "x", 1, MSG_NOSIGNAL, &other.any, other.len);
	close(fd);
	close(listener);
}

void pk_group_send(void)
{
	struct peers *p;
	int i;

	pk_group_enter("send");
	for (p = peers; p < peers + PK_ARRAY_SIZE(peers); p++)
		for (i = 0; i < 2; i++)
			p->fds[i] = pk_receiver(p->kind, SOCK_DGRAM, &p->addrs[i]);
	pk_variants_each(send_ways, PK_ARRAY_SIZE(send_ways), send_body, NULL);
	for (p = peers; p < peers + PK_ARRAY_SIZE(peers); p++) {
		to_two(p);
		while_connected(p);
		for (i = 0; i < 2; i++)
			if (p->fds[i] >= 0)
				close(p->fds[i]);
	}
	stream_with_address();
	pk_group_leave();
}
