/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that change mounts, privileges, the kernel or memory: by the native table of system calls and by the
 * 32-bit one.
 */
#ifndef PK_OPS_SYSTEM_H
#define PK_OPS_SYSTEM_H

#include "ops.h"

struct pk_sys_way {
	const char *name; /* NULL ends a table */
	bool compat;
};

extern const struct pk_sys_way pk_sys_ways[];

/* -errno. `nr32` is its number in the other table, -1: it has none (-ENOSYS). */
long pk_sys_call(const struct pk_sys_way *way, long nr, long nr32, long a, long b, long c, long d,
		 long e);
/* A text or bytes as an argument of such a call. */
long pk_sys_text(const struct pk_sys_way *way, const char *text);
long pk_sys_bytes(const struct pk_sys_way *way, const void *bytes, size_t len);

#endif
