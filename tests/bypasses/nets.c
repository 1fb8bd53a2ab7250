// SPDX-License-Identifier: Apache-2.0
/* Connections and datagrams by other calls, protocols, addresses, namespaces and processes. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static int tcp(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long plainly(const struct pk_bypass *b)
{
	return pk_bypass_connect(tcp(), b->port);
}

static long by_fast_open(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);

	return PK_SYS(SYS_sendto, tcp(), "x", 1, MSG_FASTOPEN, &addr.any, addr.len);
}

static struct msghdr message(struct pk_addr *addr)
{
	static struct iovec data = { "x", 1 };

	return (struct msghdr){
		.msg_name = &addr->any, .msg_namelen = addr->len, .msg_iov = &data, .msg_iovlen = 1
	};
}

static long by_fast_open_sendmsg(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);
	struct msghdr msg = message(&addr);

	return PK_SYS(SYS_sendmsg, tcp(), &msg, MSG_FASTOPEN);
}

/* connect() says it is done; the first word makes the connection. */
static long by_fast_open_option(const struct pk_bypass *b)
{
	int fd = tcp(), on = 1;
	long result;

	pk_bypass_need(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &on, sizeof(on)),
		       "TCP_FASTOPEN_CONNECT");
	result = pk_bypass_connect(fd, b->port);
	if (!result)
		send(fd, "x", 1, MSG_NOSIGNAL);
	return result;
}

static long mapped(const struct pk_bypass *b)
{
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6, .sin6_port = htons(b->port) };
	int fd = socket(AF_INET6, (b->how ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &addr.sin6_addr);
	if (b->how)
		return PK_SYS(SYS_sendto, fd, "x", 1, 0, &addr, sizeof(addr));
	return PK_SYS(SYS_connect, fd, &addr, sizeof(addr));
}

/* 0.0.0.0 is this host. */
static long to_nowhere(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);

	addr.in.sin_addr.s_addr = htonl(INADDR_ANY);
	return PK_SYS(SYS_connect, tcp(), &addr.any, addr.len);
}

static long by_protocol(const struct pk_bypass *b)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, b->how);

	pk_bypass_need(fd, "a socket of the protocol");
	return pk_bypass_connect(fd, b->port);
}

/* SCTP has its own receiver: whether it got there is whether connect() says so. */
static long by_sctp(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);
	int to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
	long result;

	pk_bypass_need(to, "SCTP");
	pk_bypass_need(bind(to, &addr.any, addr.len), "bind");
	pk_bypass_need(listen(to, 4), "listen");
	result = pk_bypass_connect(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP),
				   b->port);
	if (!result)
		pk_bypass_effect();
	return result;
}

/* By what the kernel is asked for as an option. */
static long by_sctp_connectx(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);
	int to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP);
	long result;

	pk_bypass_need(to, "SCTP");
	pk_bypass_need(bind(to, &addr.any, addr.len), "bind");
	pk_bypass_need(listen(to, 4), "listen");
	result = PK_SYS(SYS_setsockopt, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP),
			IPPROTO_SCTP, 110 /* SCTP_SOCKOPT_CONNECTX */, &addr.in, addr.len);
	if (result >= 0)
		pk_bypass_effect();
	return result;
}

static int udp(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static long without_connect(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);
	struct msghdr msg = message(&addr);

	return PK_SYS(SYS_sendmsg, udp(), &msg, 0);
}

static long several_at_once(const struct pk_bypass *b)
{
	struct pk_addr other = pk_bypass_host(PK_BYPASS_UDP_FREE), addr = pk_bypass_host(b->port);
	struct mmsghdr msgs[2] = { { .msg_hdr = message(&other) }, { .msg_hdr = message(&addr) } };
	int fd = udp();
	long result = PK_SYS(SYS_sendmmsg, fd, msgs, 2, 0);

	/* the second is refused: that one was sent is all that is said */
	return result == 1 ? PK_SYS(SYS_sendmsg, fd, &msgs[1].msg_hdr, 0) : result;
}

/* More peers than the socket's memory of them, then back to the first one. */
static long many_peers(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port), other = addr;
	int fd = udp(), i;

	for (i = 1; i < 40; i++) {
		other.in.sin_port = htons(b->port + i);
		sendto(fd, "x", 1, 0, &other.any, other.len);
	}
	return PK_SYS(SYS_sendto, fd, "x", 1, 0, &addr.any, addr.len);
}

static void loopback_up(void)
{
	struct ifreq request = { .ifr_flags = IFF_UP };

	strcpy(request.ifr_name, "lo");
	pk_bypass_need(ioctl(udp(), SIOCSIFFLAGS, &request), "the loopback");
}

static long in_net_namespace(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);
	long result;
	int to;

	pk_bypass_need(unshare(CLONE_NEWNET), "network namespace");
	loopback_up();
	to = tcp();
	pk_bypass_need(bind(to, &addr.any, addr.len), "bind");
	pk_bypass_need(listen(to, 4), "listen");
	result = pk_bypass_connect(tcp(), b->port);
	if (!result)
		pk_bypass_effect();
	return result;
}

/* Made by the one, connected by the other. */
static long by_heir(const struct pk_bypass *b)
{
	int fd = tcp(), pid = fork(), status;

	if (!pid) {
		long result;

		pk_bypass_is_me();
		result = pk_bypass_connect(fd, b->port);
		_exit(result == -EPERM ? 43 : result ? 44 : 0);
	}
	status = pk_bypass_wait(pid);
	return status == 43 ? -EPERM : status ? -ECANCELED : 0;
}

/* Connected again after the first peer, who is nobody's. */
static long again(const struct pk_bypass *b)
{
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	int fd = udp();
	long result;

	pk_bypass_need(pk_bypass_connect(fd, PK_BYPASS_UDP_FREE), "connect");
	connect(fd, &nobody, sizeof(nobody));
	result = pk_bypass_connect(fd, b->port);
	if (!result)
		pk_bypass_effect();
	return result;
}

/* Not who listens takes it. */
static long accepted_by_another(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);
	int to = tcp(), from = tcp(), on = 1, pid, status;

	setsockopt(to, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	pk_bypass_need(bind(to, &addr.any, addr.len), "bind");
	pk_bypass_need(listen(to, 4), "listen");
	pk_bypass_need(connect(from, &addr.any, addr.len), "connect");
	pid = fork();
	if (!pid) {
		long result;

		pk_bypass_is_me();
		result = PK_SYS(SYS_accept4, to, NULL, NULL, 0);
		if (result >= 0 && send((int)result, "x", 1, MSG_NOSIGNAL) == 1)
			pk_bypass_effect();
		_exit(result == -EPERM ? 43 : result < 0 ? 44 : 0);
	}
	status = pk_bypass_wait(pid);
	return status == 43 ? -EPERM : status ? -ECANCELED : 0;
}

/* Below IP: what goes out is the caller's own making. */
static long packet_socket(const struct pk_bypass *b)
{
	long fd = PK_SYS(SYS_socket, AF_PACKET, SOCK_RAW, 0);

	(void)b;
	if (fd >= 0)
		pk_bypass_effect();
	return fd;
}

static long vsock_socket(const struct pk_bypass *b)
{
	long fd = PK_SYS(SYS_socket, AF_VSOCK, SOCK_STREAM, 0);

	(void)b;
	if (fd == -EAFNOSUPPORT)
		pk_bypass_unable("vsock", EAFNOSUPPORT);
	if (fd >= 0)
		pk_bypass_effect();
	return fd;
}

/* A whole IP packet of one's own: to the UDP port, without a UDP socket. */
static long by_raw_packet(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(0);
	unsigned char packet[9] = {
		0x30, 0x39, (unsigned char)(b->port >> 8), (unsigned char)b->port, 0, 9, 0, 0, 'x'
	};
	int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_UDP);

	pk_bypass_need(fd, "a raw socket");
	return PK_SYS(SYS_sendto, fd, packet, sizeof(packet), 0, &addr.any, addr.len);
}

#define CONNECTS(id, fn, ...)                                                            \
	{                                                                                \
		id, "port reached", "7201", fn, PK_BYPASS_STREAM, .port = PK_BYPASS_TCP, \
								  __VA_ARGS__            \
	}
#define SENDS(id, fn, ...)                                                                  \
	{                                                                                   \
		id, "datagram sent", "7211", fn, PK_BYPASS_DATAGRAM, .port = PK_BYPASS_UDP, \
								     __VA_ARGS__            \
	}

static const struct pk_bypass table[] = {
	CONNECTS("net-connect", plainly),
	CONNECTS("net-fastopen", by_fast_open),
	CONNECTS("net-fastopen-sendmsg", by_fast_open_sendmsg),
	CONNECTS("net-fastopen-option", by_fast_open_option),
	CONNECTS("net-mapped", mapped),
	CONNECTS("net-any-address", to_nowhere),
	CONNECTS("net-mptcp", by_protocol, .how = IPPROTO_MPTCP),
	{ "net-sctp", "port reached", "7201", by_sctp, .port = PK_BYPASS_TCP },
	{ "net-sctp-connectx", "port reached", "7201", by_sctp_connectx, .port = PK_BYPASS_TCP },
	{ "net-namespace", "port reached", "7201", in_net_namespace, .port = PK_BYPASS_TCP },
	CONNECTS("net-heir", by_heir),
	{ "net-udp-again", "port reached", "7201", again, .port = PK_BYPASS_TCP },
	SENDS("net-sendmsg", without_connect),
	SENDS("net-sendmmsg", several_at_once),
	SENDS("net-send-mapped", mapped, .how = 1),
	SENDS("net-many-peers", many_peers),
	SENDS("net-raw-packet", by_raw_packet),
	{ "net-packet-socket", "rare socket", "AF_PACKET", packet_socket },
	{ "net-vsock", "rare socket", "AF_VSOCK", vsock_socket },
	{ "net-accept-elsewhere", "connection taken", "7231", accepted_by_another,
	  .port = PK_BYPASS_ACCEPT },
};

const struct pk_bypass_group pk_bypass_nets = PK_BYPASS_GROUP(table);
