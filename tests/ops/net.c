// SPDX-License-Identifier: Apache-2.0
/* What the three groups of the network family share. */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct pk_addr pk_addr_fresh(enum pk_net_kind kind)
{
	static unsigned int cnt;
	struct pk_addr addr = {};

	switch (kind) {
	case PK_NET_IPV4:
		addr.in.sin_family = AF_INET;
		addr.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		addr.len = sizeof(addr.in);
		break;
	case PK_NET_IPV6:
		addr.in6.sin6_family = AF_INET6;
		addr.in6.sin6_addr = in6addr_loopback;
		addr.len = sizeof(addr.in6);
		break;
	case PK_NET_PATH:
		addr.un.sun_family = AF_UNIX;
		pk_format(addr.un.sun_path, sizeof(addr.un.sun_path), "socket%u", ++cnt);
		addr.len = sizeof(addr.un);
		break;
	case PK_NET_ABSTRACT:
		addr.un.sun_family = AF_UNIX;
		addr.len = offsetof(struct sockaddr_un, sun_path) + 1 +
			   pk_format(addr.un.sun_path + 1, sizeof(addr.un.sun_path) - 1,
				     "picket ops %d %u", (int)getpid(), ++cnt);
		break;
	}
	return addr;
}

struct pk_addr pk_addr_local(int fd)
{
	struct pk_addr addr = { .len = sizeof(struct sockaddr_un) };

	if (getsockname(fd, &addr.any, &addr.len))
		pk_log_die("cannot get a socket's address: %s", strerror(errno));
	return addr;
}

int pk_socket(enum pk_net_kind kind, int type)
{
	static const int domains[] = { AF_INET, AF_INET6, AF_UNIX, AF_UNIX };
	int fd = socket(domains[kind], type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		pk_log_die("cannot make a socket: %s", strerror(errno));
	return fd;
}

void pk_log_attempt(int fd, const char *key, const struct pk_addr *addr, long result)
{
	pk_log_socket(fd);
	pk_log_addr(key, &addr->any, addr->len);
	if (addr->any.sa_family == AF_UNIX && addr->un.sun_path[0] &&
	    addr->len > offsetof(struct sockaddr_un, sun_path))
		pk_log_path("socket_path", addr->un.sun_path[0] == '/' ? addr->un.sun_path :
									 pk_at(addr->un.sun_path));
	pk_log_int("result", result);
	pk_log_end();
}

void pk_log_unix_file(const struct pk_addr *addr, const struct pk_variant *variant)
{
	struct stat st;

	if (addr->any.sa_family != AF_UNIX || !addr->un.sun_path[0])
		return;
	st = pk_stat(addr->un.sun_path);
	pk_log_begin("mknod", "file of a Unix socket");
	pk_log_bool("unix_bind", true);
	pk_log_bool("compat", variant && variant->way->compat);
	pk_log_bool("io_uring", variant && variant->how >= PK_HOW_RING);
	pk_log_path("path", pk_at(addr->un.sun_path));
	pk_log_int("mode", st.st_mode & 07777);
	pk_log_stat(&st);
	pk_log_end();
}

int pk_receiver(enum pk_net_kind kind, int type, struct pk_addr *ret_addr)
{
	struct pk_addr addr = pk_addr_fresh(kind);
	int fd = pk_socket(kind, type);

	if (bind(fd, &addr.any, addr.len)) {
		pk_log_skipped("bind: prepare", errno);
		close(fd);
		return -1;
	}
	*ret_addr = pk_addr_local(fd);
	pk_log_begin("bind", "prepare");
	pk_log_addr("bound", &ret_addr->any, ret_addr->len);
	pk_log_attempt(fd, "local", &addr, 0);
	pk_log_unix_file(&addr, NULL);
	if (type == SOCK_DGRAM)
		return fd;
	if (listen(fd, 16))
		pk_log_die("cannot listen: %s", strerror(errno));
	pk_log_begin("listen", "prepare");
	pk_log_int("backlog", 16);
	pk_log_attempt(fd, "local", ret_addr, 0);
	return fd;
}

void pk_drain_accept(int listener)
{
	struct pk_addr remote = { .len = sizeof(struct sockaddr_un) }, local;
	int fd = accept4(listener, &remote.any, &remote.len, SOCK_CLOEXEC);

	if (fd < 0)
		pk_log_die("cannot accept: %s", strerror(errno));
	local = pk_addr_local(fd);
	pk_log_begin("accept", "accept4");
	pk_log_addr("local", &local.any, local.len);
	pk_log_attempt(fd, "remote", &remote, 0);
	close(fd);
}

long pk_socketcall(int call, long a, long b, long c, long d, long e, long f)
{
	__u32 args[6] = { a, b, c, d, e, f };

	return pk_int80(PK_NR32_SOCKETCALL, call, pk_low(args, sizeof(args)), 0, 0, 0);
}
