/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which container each cgroup is, built from PK_EVENT_CONTAINER records alone, so that a replay knows what
 * the run knew. Several cgroups may belong to one container. Bounded: the cgroups that were asked for the
 * longest ago are forgotten; the live source then introduces them anew.
 */
#ifndef PK_META_CONTAINERS_H
#define PK_META_CONTAINERS_H

#include "base/cleanup.h"
#include "meta/container.h"

#define PK_MAX_CGROUPS 16384u
#define PK_MAX_CONTAINERS_BYTES (32u << 20) /* of what is known of all of them */

struct pk_containers;

/* -ENOMEM */
int pk_containers_new(struct pk_containers **ret_containers);
void pk_containers_free(struct pk_containers *containers);

/*
 * Takes in one checked record. What knows less of a container than is known replaces nothing, but the cgroup
 * belongs to it from now on. Out of memory: the cgroup, or what is new of its container, stays unknown, and is counted.
 */
void pk_containers_update(struct pk_containers *containers, const struct pk_container_event *event);

/* Of a cgroup: its container, pk_container_host, or pk_container_unknown; never NULL. Valid until the next
 * update. Counts as a use of the cgroup. */
const struct pk_container *pk_containers_get(struct pk_containers *containers, uint64_t cgroup_id);

/* The same, but counts as no use. */
const struct pk_container *pk_containers_peek(const struct pk_containers *containers,
					      uint64_t cgroup_id);

/* Whether some record was about this cgroup, and is still remembered. Counts as no use. */
bool pk_containers_has(const struct pk_containers *containers, uint64_t cgroup_id);

/* Of each container one cgroup, the one used last: at most `max`. Number of them. Not from two threads at once. */
size_t pk_containers_list(const struct pk_containers *containers, uint64_t *ret_cgroup_ids,
			  size_t max);

/* The record that what is known of the cgroup's container is from; NULL: it has none. Valid until the next update. */
const struct pk_container_event *pk_containers_record(const struct pk_containers *containers,
						      uint64_t cgroup_id);

/* The container with this full id, or NULL. */
const struct pk_container *pk_containers_find(const struct pk_containers *containers,
					      struct pk_text id);

/* A number for a container, the same wherever its id is: 0 unknown, 1 the host. */
#define PK_CONTAINER_KEY_HOST 1u
uint64_t pk_container_key(const struct pk_container *container);

struct pk_containers_stats {
	uint32_t cgroup_cnt;
	uint32_t container_cnt;
	size_t bytes;
	uint64_t forgotten_cnt; /* cgroups for a limit, records for lack of memory */
};

void pk_containers_get_stats(const struct pk_containers *containers,
			     struct pk_containers_stats *ret_stats);

PK_DEFINE_CLEANUP(struct pk_containers *, pk_containers_free);

#endif
