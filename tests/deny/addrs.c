// SPDX-License-Identifier: Apache-2.0
/*
 * Addresses that mean another than they say, or the same in another form: mapped ones, IPv4 on IPv6
 * sockets, AF_UNSPEC, 0.0.0.0 and ::; and kinds of sockets that reach the same ports on roads of
 * their own. Ports as in nets.c: 71x1 and 253 are named by rules, 71x2 are neighbours.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../ops/net.h"
#include "attempt.h"

#ifndef AF_SMC
#define AF_SMC 43
#endif
#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN 0x20000000
#endif
#define SMC_IPV4 0
#define SMC_IPV6 1
#define RAW_PROTOCOL 253 /* for experiments; raw sockets take it for their port */

enum op {
	CONNECT,
	SEND,
	SEND_CONNECTS, /* a stream, by its first datum */
	FAST_OPEN,
	BIND,
};

/* What is called with which address. */
struct
try {
	const char *name;
	const char *rule;
	enum op op;
	int family; /* of the socket */
	int type;
	int protocol;
	int as; /* family that the address says */
	const char *host;
	int port;
	const char *from; /* the socket is bound to it before; NULL: it is not */
};

struct run {
	const struct try *try;
	int receivers[2]; /* IPv4, IPv6; -1: none */
};

static const char any_connect[] = "no connect to this host", any_send[] = "no send to this host";
static const char connects[] = "no connect", network[] = "no connect to a network";
static const char sends[] = "no send", raw[] = "no raw send", binds[] = "no bind";

static const struct try tries[] = {
	{ "udp ipv6, an IPv4 address", connects, CONNECT, AF_INET6, SOCK_DGRAM, 0, AF_INET,
	  "127.0.0.1", 7101, NULL },
	{ "udp ipv6, an IPv4 address by itself", network, CONNECT, AF_INET6, SOCK_DGRAM, 0, AF_INET,
	  "127.0.0.9", 7102, NULL },
	{ "udp ipv6, a mapped address", network, CONNECT, AF_INET6, SOCK_DGRAM, 0, AF_INET6,
	  "::ffff:127.0.0.9", 7102, NULL },
	{ "tcp ipv6, a mapped address", network, CONNECT, AF_INET6, SOCK_STREAM, 0, AF_INET6,
	  "::ffff:127.0.0.9", 7102, NULL },
	{ "udp ipv6, an IPv4 address", NULL, CONNECT, AF_INET6, SOCK_DGRAM, 0, AF_INET, "127.0.0.1",
	  7102, NULL },
	{ "tcp ipv6, a mapped address", NULL, CONNECT, AF_INET6, SOCK_STREAM, 0, AF_INET6,
	  "::ffff:127.0.9.1", 7102, NULL },
	{ "udp, AF_UNSPEC with a port that is denied", NULL, CONNECT, AF_INET, SOCK_DGRAM, 0,
	  AF_UNSPEC, "127.0.0.1", 7101, NULL },
	{ "udp ipv6, AF_UNSPEC with a port that is denied", NULL, CONNECT, AF_INET6, SOCK_DGRAM, 0,
	  AF_UNSPEC, "127.0.0.1", 7101, NULL },

	{ "tcp, 0.0.0.0", any_connect, CONNECT, AF_INET, SOCK_STREAM, 0, AF_INET, "0.0.0.0", 7151,
	  NULL },
	{ "tcp, ::", any_connect, CONNECT, AF_INET6, SOCK_STREAM, 0, AF_INET6, "::", 7151, NULL },
	{ "tcp, ::ffff:0.0.0.0", any_connect, CONNECT, AF_INET6, SOCK_STREAM, 0, AF_INET6,
	  "::ffff:0.0.0.0", 7151, NULL },
	{ "udp, 0.0.0.0", any_connect, CONNECT, AF_INET, SOCK_DGRAM, 0, AF_INET, "0.0.0.0", 7151,
	  NULL },
	{ "udp, ::", any_connect, CONNECT, AF_INET6, SOCK_DGRAM, 0, AF_INET6, "::", 7151, NULL },
	{ "udp ipv6, 0.0.0.0", any_connect, CONNECT, AF_INET6, SOCK_DGRAM, 0, AF_INET, "0.0.0.0",
	  7151, NULL },
	{ "tcp, :: from a mapped address", any_connect, CONNECT, AF_INET6, SOCK_STREAM, 0, AF_INET6,
	  "::", 7151, "::ffff:127.0.0.1" },
	{ "tcp, 0.0.0.0 from another address", NULL, CONNECT, AF_INET, SOCK_STREAM, 0, AF_INET,
	  "0.0.0.0", 7151, "127.0.0.5" },
	{ "tcp, 0.0.0.0", NULL, CONNECT, AF_INET, SOCK_STREAM, 0, AF_INET, "0.0.0.0", 7152, NULL },
	{ "udp, ::", NULL, CONNECT, AF_INET6, SOCK_DGRAM, 0, AF_INET6, "::", 7152, NULL },

	{ "smc", connects, CONNECT, AF_SMC, SOCK_STREAM, SMC_IPV4, AF_INET, "127.0.0.1", 7101,
	  NULL },
	{ "smc ipv6", connects, CONNECT, AF_SMC, SOCK_STREAM, SMC_IPV6, AF_INET6, "::1", 7101,
	  NULL },
	{ "smc, MSG_FASTOPEN", connects, FAST_OPEN, AF_SMC, SOCK_STREAM, SMC_IPV4, AF_INET,
	  "127.0.0.1", 7101, NULL },
	{ "smc", NULL, CONNECT, AF_SMC, SOCK_STREAM, SMC_IPV4, AF_INET, "127.0.0.1", 7102, NULL },
	{ "mptcp", connects, CONNECT, AF_INET, SOCK_STREAM, IPPROTO_MPTCP, AF_INET, "127.0.0.1",
	  7101, NULL },
	{ "SCTP", connects, CONNECT, AF_INET, SOCK_STREAM, IPPROTO_SCTP, AF_INET, "127.0.0.1", 7101,
	  NULL },
	{ "SCTP, by sending", connects, SEND_CONNECTS, AF_INET, SOCK_STREAM, IPPROTO_SCTP, AF_INET,
	  "127.0.0.1", 7101, NULL },
	{ "SCTP, by sending", NULL, SEND_CONNECTS, AF_INET, SOCK_STREAM, IPPROTO_SCTP, AF_INET,
	  "127.0.0.1", 7102, NULL },

	{ "udp, AF_UNSPEC", sends, SEND, AF_INET, SOCK_DGRAM, 0, AF_UNSPEC, "127.0.0.1", 7141,
	  NULL },
	{ "udp ipv6, an IPv4 address", sends, SEND, AF_INET6, SOCK_DGRAM, 0, AF_INET, "127.0.0.1",
	  7141, NULL },
	{ "udp ipv6, a mapped address", sends, SEND, AF_INET6, SOCK_DGRAM, 0, AF_INET6,
	  "::ffff:127.0.0.1", 7141, NULL },
	{ "udp, AF_UNSPEC", NULL, SEND, AF_INET, SOCK_DGRAM, 0, AF_UNSPEC, "127.0.0.1", 7142,
	  NULL },
	{ "udp ipv6, an IPv4 address", NULL, SEND, AF_INET6, SOCK_DGRAM, 0, AF_INET, "127.0.0.1",
	  7142, NULL },
	{ "udp, 0.0.0.0", any_send, SEND, AF_INET, SOCK_DGRAM, 0, AF_INET, "0.0.0.0", 7161, NULL },
	{ "udp, AF_UNSPEC and 0.0.0.0", any_send, SEND, AF_INET, SOCK_DGRAM, 0, AF_UNSPEC,
	  "0.0.0.0", 7161, NULL },
	{ "udp, ::", any_send, SEND, AF_INET6, SOCK_DGRAM, 0, AF_INET6, "::", 7161, NULL },
	{ "udp ipv6, 0.0.0.0", any_send, SEND, AF_INET6, SOCK_DGRAM, 0, AF_INET, "0.0.0.0", 7161,
	  NULL },
	{ "udp, 0.0.0.0", NULL, SEND, AF_INET, SOCK_DGRAM, 0, AF_INET, "0.0.0.0", 7162, NULL },
	{ "udp, ::", NULL, SEND, AF_INET6, SOCK_DGRAM, 0, AF_INET6, "::", 7162, NULL },
	{ "RAW ipv4", raw, SEND, AF_INET, SOCK_RAW, RAW_PROTOCOL, AF_INET, "127.0.0.1",
	  RAW_PROTOCOL, NULL },
	{ "RAW ipv4, AF_UNSPEC", raw, SEND, AF_INET, SOCK_RAW, RAW_PROTOCOL, AF_UNSPEC, "127.0.0.1",
	  RAW_PROTOCOL, NULL },
	{ "RAW ipv6", raw, SEND, AF_INET6, SOCK_RAW, RAW_PROTOCOL, AF_INET6, "::1", RAW_PROTOCOL,
	  NULL },
	{ "RAW ipv6, AF_UNSPEC", raw, SEND, AF_INET6, SOCK_RAW, RAW_PROTOCOL, -AF_INET6, "::1",
	  RAW_PROTOCOL, NULL },
	{ "RAW ipv4, AF_UNSPEC", NULL, SEND, AF_INET, SOCK_RAW, RAW_PROTOCOL, AF_UNSPEC,
	  "127.0.0.2", RAW_PROTOCOL, NULL },

	{ "tcp, AF_UNSPEC and 0.0.0.0", binds, BIND, AF_INET, SOCK_STREAM, 0, AF_UNSPEC, "0.0.0.0",
	  7111, NULL },
	{ "udp, AF_UNSPEC and 0.0.0.0", binds, BIND, AF_INET, SOCK_DGRAM, 0, AF_UNSPEC, "0.0.0.0",
	  7111, NULL },
	{ "tcp, a mapped address", binds, BIND, AF_INET6, SOCK_STREAM, 0, AF_INET6,
	  "::ffff:127.0.0.1", 7111, NULL },
	{ "smc", binds, BIND, AF_SMC, SOCK_STREAM, SMC_IPV4, AF_INET, "127.0.0.1", 7111, NULL },
	{ "tcp, AF_UNSPEC and 0.0.0.0", NULL, BIND, AF_INET, SOCK_STREAM, 0, AF_UNSPEC, "0.0.0.0",
	  7112, NULL },
	{ "smc", NULL, BIND, AF_SMC, SOCK_STREAM, SMC_IPV4, AF_INET, "127.0.0.1", 7112, NULL },
};

/* `as`: negative: AF_UNSPEC before what is otherwise an address of that family. */
static struct pk_addr addr_of(int as, const char *host, int port)
{
	struct pk_addr addr = {};

	if (strchr(host, ':')) {
		addr.in6.sin6_family = as < 0 ? AF_UNSPEC : AF_INET6;
		addr.in6.sin6_port = htons(port);
		inet_pton(AF_INET6, host, &addr.in6.sin6_addr);
		addr.len = sizeof(addr.in6);
	} else {
		addr.in.sin_family = as;
		addr.in.sin_port = htons(port);
		inet_pton(AF_INET, host, &addr.in.sin_addr);
		addr.len = as == AF_UNSPEC ? sizeof(addr.in6) : sizeof(addr.in);
	}
	return addr;
}

static int receiver(const struct try *try, int family)
{
	struct pk_addr addr = addr_of(family, family == AF_INET ? "0.0.0.0" : "::", try->port);
	int protocol = try->family == AF_SMC || try->protocol == IPPROTO_MPTCP ? 0 : try->protocol;
	int fd = socket(family, try->type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol), on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &addr.any, addr.len) || (try->type == SOCK_STREAM && listen(fd, 16)))
		fprintf(stderr, "attempt: no receiver at port %d: %s\n", try->port,
			strerror(errno));
	return fd;
}

static long attempt(void *arg)
{
	const struct try *try = ((struct run *)arg)->try;
	struct pk_addr addr = addr_of(try->as, try->host, try->port);
	int fd = socket(try->family, try->type | SOCK_CLOEXEC, try->protocol), on = 1;

	if (fd < 0)
		pk_deny_unable("a socket of that kind", errno);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (try->from) {
		struct pk_addr from = addr_of(try->family, try->from, 0);

		if (bind(fd, &from.any, from.len))
			pk_deny_unable("bind", errno);
	}
	switch (try->op) {
	case CONNECT:
		return PK_SYS(SYS_connect, fd, &addr.any, addr.len);
	case BIND:
		return PK_SYS(SYS_bind, fd, &addr.any, addr.len);
	default:
		return PK_SYS(SYS_sendto, fd, "x", 1, try->op == FAST_OPEN ? MSG_FASTOPEN : 0,
			      &addr.any, addr.len);
	}
}

/* Whether anything came to one of the parent's sockets. A disconnect leads nowhere. */
static bool arrived(void *arg)
{
	struct run *run = arg;
	const struct try *try = run->try;
	bool stops = try->rule && pk_deny_expected() != PK_DENY_ALLOWED, any = false;
	struct pollfd polled[2];
	char bytes[128];

	if (try->op == CONNECT && (try->type != SOCK_STREAM || try->as == AF_UNSPEC))
		return !stops;
	for (int i = 0; i < 2; i++)
		polled[i] = (struct pollfd){ .fd = run->receivers[i], .events = POLLIN };
	poll(polled, 2, stops ? 20 : 2000);
	for (int i = 0; i < 2; i++) {
		int fd = try->type == SOCK_STREAM ? accept(run->receivers[i], NULL, NULL) :
						    (int)recv(run->receivers[i], bytes, 128, 0);

		any = any || fd >= 0;
		if (try->type == SOCK_STREAM && fd >= 0)
			close(fd);
	}
	return any;
}

static void run_try(const struct try *try)
{
	static const char *const names[] = { "connect", "send", "connect", "connect", "bind" };
	struct run run = { .try = try, .receivers = { -1, -1 } };
	struct pk_deny_case c = { .rule = try->rule,
				  .attempt = attempt,
				  .arg = &run,
				  .happened = try->op == BIND ? NULL : arrived };

	pk_format(c.name, sizeof(c.name), "%s%s: address, %s%s", names[try->op],
		  try->rule ? "" : " neighbour", try->name,
		  try->op == FAST_OPEN && !strstr(try->name, "FAST") ? ", MSG_FASTOPEN" : "");
	if (try->op != BIND) {
		run.receivers[0] = receiver(try, AF_INET);
		run.receivers[1] = receiver(try, AF_INET6);
	}
	pk_deny_run(&c);
	for (int i = 0; i < 2; i++) {
		if (run.receivers[i] >= 0)
			close(run.receivers[i]);
	}
}

void pk_deny_group_addrs(void)
{
	for (size_t i = 0; i < PK_ARRAY_SIZE(tries); i++)
		run_try(&tries[i]);
}
