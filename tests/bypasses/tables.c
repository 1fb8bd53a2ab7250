// SPDX-License-Identifier: Apache-2.0
/* Other tables of system calls: 32-bit ones out of a 64-bit program, and x32. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP
#define X32 0x40000000l

static long open_32(const struct pk_bypass *b)
{
	(void)b;
	return pk_bypass_read(pk_int80(PK_NR32_OPEN, pk_low_str(TOP "/secret/file"), 0, 0, 0, 0));
}

static long unlink_32(const struct pk_bypass *b)
{
	return pk_int80(PK_NR32_UNLINK, pk_low_str(b->path), 0, 0, 0, 0);
}

static long rename_32(const struct pk_bypass *b)
{
	return pk_int80(PK_NR32_RENAME, pk_low_str(b->path), pk_low_str(TOP "/out/moved"), 0, 0, 0);
}

static long connect_32(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return pk_int80(PK_NR32_CONNECT, fd, pk_low(&addr.in, addr.len), addr.len, 0, 0);
}

static long socketcall_32(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	__u32 args[3] = { (__u32)fd, pk_low(&addr.in, addr.len), addr.len };

	return pk_int80(PK_NR32_SOCKETCALL, PK_SOCKETCALL_CONNECT, pk_low(args, sizeof(args)), 0, 0,
			0);
}

static long exec_32(const struct pk_bypass *b)
{
	__u32 args[4] = { pk_low_str("x"), pk_low_str(PK_BYPASS_IMAGE), pk_low_str("run") };

	(void)b;
	return pk_int80(PK_NR32_EXECVE, pk_low_str(TOP "/bin/f"), pk_low(args, sizeof(args)), 0, 0,
			0);
}

static long open_x32(const struct pk_bypass *b)
{
	(void)b;
	return pk_bypass_read(PK_SYS(X32 | SYS_openat, AT_FDCWD, TOP "/secret/file", O_RDONLY));
}

static long unlink_x32(const struct pk_bypass *b)
{
	return PK_SYS(X32 | SYS_unlinkat, AT_FDCWD, b->path, 0);
}

static long connect_x32(const struct pk_bypass *b)
{
	struct pk_addr addr = pk_bypass_host(b->port);

	return PK_SYS(X32 | SYS_connect, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), &addr.any,
		      addr.len);
}

static const struct pk_bypass table[] = {
	{ "int80-open", "secret opened", TOP "/secret/file", open_32 },
	{ "int80-unlink", "name removed", TOP "/names/unlink", unlink_32, PK_BYPASS_GONE,
	  TOP "/names/unlink" },
	{ "int80-rename", "name moved", TOP "/names/moved", rename_32, PK_BYPASS_GONE,
	  TOP "/names/moved" },
	{ "int80-connect", "port reached", "7201", connect_32, PK_BYPASS_STREAM,
	  .port = PK_BYPASS_TCP },
	{ "int80-socketcall", "port reached", "7201", socketcall_32, PK_BYPASS_STREAM,
	  .port = PK_BYPASS_TCP },
	{ "int80-exec", "program run", TOP "/bin/f", exec_32 },
	{ "x32-open", "secret opened", TOP "/secret/file", open_x32 },
	{ "x32-unlink", "name removed", TOP "/names/unlink", unlink_x32, PK_BYPASS_GONE,
	  TOP "/names/unlink" },
	{ "x32-connect", "port reached", "7201", connect_x32, PK_BYPASS_STREAM,
	  .port = PK_BYPASS_TCP },
};

const struct pk_bypass_group pk_bypass_tables = PK_BYPASS_GROUP(table);
