/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of the families that are reported, with addresses on the loopback or in our directory. */
#ifndef PK_OPS_NET_H
#define PK_OPS_NET_H

#include <netinet/in.h>
#include <sys/un.h>

#include "ops.h"

struct pk_addr {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len;
};

/* Of socketcall(). */
enum pk_socketcall {
	PK_SOCKETCALL_BIND = 2,
	PK_SOCKETCALL_CONNECT = 3,
	PK_SOCKETCALL_LISTEN = 4,
	PK_SOCKETCALL_ACCEPT = 5,
	PK_SOCKETCALL_SENDTO = 11,
	PK_SOCKETCALL_SENDMSG = 16,
};

enum pk_net_kind {
	PK_NET_IPV4 = 0,
	PK_NET_IPV6 = 1,
	PK_NET_PATH = 2,
	PK_NET_ABSTRACT = 3,
};

/* An address of the kind, not in use: port 0 on the loopback, or a fresh name. */
struct pk_addr pk_addr_fresh(enum pk_net_kind kind);
/* getsockname() */
struct pk_addr pk_addr_local(int fd);
int pk_socket(enum pk_net_kind kind, int type);
/* A bound socket, listening too when it can; both logged. The address to reach it in *ret_addr. */
int pk_receiver(enum pk_net_kind kind, int type, struct pk_addr *ret_addr);
/* Takes one connection off the queue, logged. */
void pk_drain_accept(int listener);

/* The rest of a line and its end: the socket, and the address as `key`; `result` of the attempt. */
void pk_log_attempt(int fd, const char *key, const struct pk_addr *addr, long result);
/* A bind of a path makes a file: the line of that. `variant` as the bind was, NULL: plain. */
void pk_log_unix_file(const struct pk_addr *addr, const struct pk_variant *variant);

long pk_socketcall(int call, long a, long b, long c, long d, long e, long f);

#endif
