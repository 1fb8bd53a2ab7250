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

/*
 * load.c: a module or a kernel that is none, from memory or a file, as far as the kernel goes: -ENOEXEC or
 * -EINVAL when it had asked the security modules.
 */
long pk_load_module(const struct pk_sys_way *way);
long pk_load_module_file(const struct pk_sys_way *way, int fd, int flags);
long pk_load_kernel(const struct pk_sys_way *way, unsigned long flags);
long pk_load_kernel_file(const struct pk_sys_way *way, int fd);
void pk_load_group(const struct pk_sys_way *way);

#endif
