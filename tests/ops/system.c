// SPDX-License-Identifier: Apache-2.0
/* The two tables of system calls. */
#include "system.h"

#include <errno.h>

const struct pk_sys_way pk_sys_ways[] = { { "native", false }, { "int80", true }, { NULL, false } };

long pk_sys_call(const struct pk_sys_way *way, long nr, long nr32, long a, long b, long c, long d,
		 long e)
{
	if (!way->compat)
		return PK_SYS(nr, a, b, c, d, e);
	return nr32 < 0 ? -ENOSYS : pk_int80(nr32, a, b, c, d, e);
}

long pk_sys_text(const struct pk_sys_way *way, const char *text)
{
	return way->compat ? (long)pk_low_str(text) : (long)text;
}

long pk_sys_bytes(const struct pk_sys_way *way, const void *bytes, size_t len)
{
	return way->compat ? (long)pk_low(bytes, len) : (long)bytes;
}
