/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cgroups (v2) as they are, come and go: notes of the sensors, and before them one of each cgroup that is there.
 */
#ifndef PK_KERNEL_CGROUPS_H
#define PK_KERNEL_CGROUPS_H

#include "base/cleanup.h"
#include "cgroup.h"
#include "kernel/sensors.h"

#define PK_MAX_CGROUP_DEPTH 64u

/* Told of one cgroup; parents before their children, some twice. Its path ends with a NUL. Not 0: stop, and
 * return that. */
typedef int pk_cgroups_fn(void *arg, const struct pk_cgroup_note *note);

struct pk_cgroups;

/* Reads the notes of `sensors`, which must outlive it. -ENOMEM, -errno of the ring buffer. */
int pk_cgroups_new(const struct pk_sensors *sensors, pk_cgroups_fn *fn, void *arg,
		   struct pk_cgroups **ret_cgroups);
void pk_cgroups_free(struct pk_cgroups *cgroups);

/* Becomes readable when there are notes. */
int pk_cgroups_get_fd(const struct pk_cgroups *cgroups);

/* Tells of all notes that wait; if some were lost, of all cgroups that there are. What `fn` returned. */
int pk_cgroups_read(struct pk_cgroups *cgroups);

/* Tells of all cgroups that there are, as if they had just been made. -ENOENT: no cgroup v2 is mounted;
 * -errno of reading it; what `fn` returned. */
int pk_cgroups_walk(const struct pk_cgroups *cgroups);

/* Times that notes were lost. */
__u64 pk_cgroups_get_lost_cnt(const struct pk_cgroups *cgroups);

PK_DEFINE_CLEANUP(struct pk_cgroups *, pk_cgroups_free);

#endif
