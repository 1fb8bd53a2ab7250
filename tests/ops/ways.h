/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of ways (call.h) that other programs run too: tests/deny. What a way needs of struct
 * pk_call stands in the functions of its table. */
#ifndef PK_OPS_WAYS_H
#define PK_OPS_WAYS_H

#include "call.h"

struct pk_ways {
	const struct pk_way *items;
	size_t cnt;
};

#define PK_WAYS(table)                      \
	{                                   \
		table, PK_ARRAY_SIZE(table) \
	}

extern const struct pk_ways pk_ways_open; /* open.c */
extern const struct pk_ways pk_ways_creat;
extern const struct pk_ways pk_ways_unlink; /* names.c */
extern const struct pk_ways pk_ways_rmdir;  /* flags: AT_REMOVEDIR */
extern const struct pk_ways pk_ways_rename;
extern const struct pk_ways pk_ways_rename_flags;
extern const struct pk_ways pk_ways_link;
extern const struct pk_ways pk_ways_symlink;
extern const struct pk_ways pk_ways_mkdir;
extern const struct pk_ways pk_ways_mknod;
extern const struct pk_ways pk_ways_chmod; /* attrs.c */
extern const struct pk_ways pk_ways_chown;
extern const struct pk_ways pk_ways_truncate;
extern const struct pk_ways pk_ways_connect; /* connect.c */
extern const struct pk_ways pk_ways_bind;    /* listen.c */
extern const struct pk_ways pk_ways_listen;
extern const struct pk_ways pk_ways_accept;
extern const struct pk_ways pk_ways_send; /* send.c */

#endif
