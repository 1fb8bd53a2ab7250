/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
/*
 * What the kernel side tells of cgroups as they come and go: notes in a ring buffer of their own, so that user
 * space can find out which container a cgroup is before much happens in it. No records of the stream.
 * Only of the hierarchy that containers are in (pk_config.cgroup_controller).
 */
#ifndef PK_CGROUP_H
#define PK_CGROUP_H

#ifndef __bpf__
#include <assert.h>
#include <linux/types.h>
#endif

#define PK_CGROUP_MADE 1u
#define PK_CGROUP_REMOVED 2u

/* pk_cgroup_note.flags */
#define PK_CGROUP_INHERITED \
	(1u << 0) /* it has the facts of its parent, in all banks that had them */

#define PK_CGROUP_PATH_BYTES 512u
#define PK_CGROUP_RING_BYTES (512u << 10)

struct pk_cgroup_note {
	__u64 cgroup_id;
	__u64 parent_id;
	__u32 what;       /* PK_CGROUP_MADE, PK_CGROUP_REMOVED */
	__u32 flags;      /* PK_CGROUP_INHERITED */
	__u32 path_bytes; /* 0: longer than PK_CGROUP_PATH_BYTES - 1 */
	__u32 pad0;
	char path[PK_CGROUP_PATH_BYTES]; /* from the root of the hierarchy; behind path_bytes zeros */
};

#ifndef __bpf__
static_assert(sizeof(struct pk_cgroup_note) == 32 + PK_CGROUP_PATH_BYTES, "wire");
#endif

#endif
