// SPDX-License-Identifier: Apache-2.0
/* io_uring: operations without their system calls, by the caller, by a worker thread, and by the ring's own thread. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP
#define RING_OP_SOCKET 45

static long ring(const struct pk_bypass *b, struct io_uring_sqe sqe)
{
	return pk_ring_run((enum pk_how)b->how, &sqe);
}

static long open_by_ring(const struct pk_bypass *b)
{
	return pk_bypass_read(ring(b, (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT,
							     .fd = AT_FDCWD,
							     .addr = (__u64)TOP "/secret/file" }));
}

/* Opened and read by the ring alone: this process has no descriptor of the file. */
static long open_direct(const struct pk_bypass *b)
{
	char bytes[64];
	long result = pk_ring_files((enum pk_how)b->how, 4);

	pk_bypass_need(result, "direct descriptors");
	result = ring(b, (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT,
						.fd = AT_FDCWD,
						.addr = (__u64)TOP "/secret/file",
						.file_index = 1 });
	if (result < 0)
		return result;
	result = ring(b, (struct io_uring_sqe){ .opcode = IORING_OP_READ,
						.flags = IOSQE_FIXED_FILE,
						.fd = 0,
						.addr = (__u64)bytes,
						.len = sizeof(bytes) });
	if (result > 0)
		pk_bypass_got(bytes, (size_t)result);
	return result < 0 ? result : 0;
}

static long connect_by_ring(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return ring(b, (struct io_uring_sqe){ .opcode = IORING_OP_CONNECT,
					      .fd = fd,
					      .addr = (__u64)&addr.any,
					      .off = addr.len });
}

static long send_by_ring(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);
	struct iovec data = { "x", 1 };
	struct msghdr msg = {
		.msg_name = &addr.any, .msg_namelen = addr.len, .msg_iov = &data, .msg_iovlen = 1
	};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return ring(b,
		    (struct io_uring_sqe){
			    .opcode = IORING_OP_SENDMSG, .fd = fd, .addr = (__u64)&msg, .len = 1 });
}

static long rename_by_ring(const struct pk_bypass *b)
{
	return ring(b, (struct io_uring_sqe){ .opcode = IORING_OP_RENAMEAT,
					      .fd = AT_FDCWD,
					      .addr = (__u64)b->path,
					      .len = (__u32)AT_FDCWD,
					      .off = (__u64)TOP "/out/moved" });
}

static long unlink_by_ring(const struct pk_bypass *b)
{
	return ring(b, (struct io_uring_sqe){ .opcode = IORING_OP_UNLINKAT,
					      .fd = AT_FDCWD,
					      .addr = (__u64)b->path });
}

static long link_by_ring(const struct pk_bypass *b)
{
	return ring(b, (struct io_uring_sqe){ .opcode = IORING_OP_LINKAT,
					      .fd = AT_FDCWD,
					      .addr = (__u64)TOP "/names/linked",
					      .len = (__u32)AT_FDCWD,
					      .off = (__u64)b->path });
}

static long symlink_by_ring(const struct pk_bypass *b)
{
	return ring(b, (struct io_uring_sqe){ .opcode = IORING_OP_SYMLINKAT,
					      .fd = AT_FDCWD,
					      .addr = (__u64) "target",
					      .off = (__u64)b->path });
}

static long mkdir_by_ring(const struct pk_bypass *b)
{
	return ring(b, (struct io_uring_sqe){ .opcode = IORING_OP_MKDIRAT,
					      .fd = AT_FDCWD,
					      .addr = (__u64)b->path,
					      .len = 0755 });
}

static long socket_by_ring(const struct pk_bypass *b)
{
	long fd = ring(b, (struct io_uring_sqe){
				  .opcode = RING_OP_SOCKET, .fd = AF_PACKET, .off = SOCK_RAW });

	if (fd >= 0)
		pk_bypass_effect();
	return fd;
}

static long set_up(const struct pk_bypass *b)
{
	struct io_uring_params params = {};
	long result = PK_SYS(SYS_io_uring_setup, 16, &params); /* the others have 8 entries */

	(void)b;
	if (result >= 0)
		pk_bypass_effect();
	return result;
}

/* The same three times. */
#define BY_RING(id, ...)                                                 \
	{ id, __VA_ARGS__, .how = PK_HOW_RING },                         \
		{ id "-worker", __VA_ARGS__, .how = PK_HOW_RING_ASYNC }, \
	{                                                                \
		id "-sqpoll", __VA_ARGS__, .how = PK_HOW_RING_SQPOLL     \
	}

static const struct pk_bypass table[] = {
	{ "uring-setup", "ring made", NULL, set_up },
	BY_RING("uring-open", "secret opened", TOP "/secret/file", open_by_ring),
	BY_RING("uring-open-direct", "secret opened", TOP "/secret/file", open_direct),
	BY_RING("uring-connect", "port reached", "7201", connect_by_ring, PK_BYPASS_STREAM,
		.port = PK_BYPASS_TCP),
	BY_RING("uring-send", "datagram sent", "7211", send_by_ring, PK_BYPASS_DATAGRAM,
		.port = PK_BYPASS_UDP),
	BY_RING("uring-rename", "name moved", TOP "/names/moved", rename_by_ring, PK_BYPASS_GONE,
		TOP "/names/moved"),
	BY_RING("uring-unlink", "name removed", TOP "/names/unlink", unlink_by_ring, PK_BYPASS_GONE,
		TOP "/names/unlink"),
	BY_RING("uring-link", "name linked", TOP "/names/linked", link_by_ring, PK_BYPASS_MADE,
		TOP "/out/linked"),
	BY_RING("uring-symlink", "symlink made", TOP "/names/symlink", symlink_by_ring,
		PK_BYPASS_MADE, TOP "/names/symlink"),
	BY_RING("uring-mkdir", "directory made", TOP "/names/dir", mkdir_by_ring, PK_BYPASS_MADE,
		TOP "/names/dir"),
	BY_RING("uring-socket", "rare socket", "AF_PACKET", socket_by_ring),
};

const struct pk_bypass_group pk_bypass_rings = PK_BYPASS_GROUP(table);
