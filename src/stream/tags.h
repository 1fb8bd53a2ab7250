/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags that rules put on processes and containers, remembered in user space: for recordings and rule tests,
 * where no kernel does it. In: events in stream order, and which tags rules set. Out: the tags of who
 * acts. A tag on a process stays through its execs; one on its tree is had by children forked from
 * then on; one on a container by all of its cgroup.
 */
#ifndef PK_STREAM_TAGS_H
#define PK_STREAM_TAGS_H

#include "base/cleanup.h"
#include "event.h"
#include "rules/rules.h"

#define PK_MAX_TAGGED 16384u /* processes and containers with a tag; further ones are counted */
#define PK_TAG_BITS 64u

struct pk_tags;

/* -ENOMEM */
int pk_tags_new(struct pk_tags **ret_tags);
void pk_tags_free(struct pk_tags *tags);

/* Sets tag `bit` on who acts in `event`, for ttl_ns (0: for good). What cannot be kept is counted. */
void pk_tags_set(struct pk_tags *tags, const struct pk_event *event, unsigned int bit,
		 enum pk_rules_tag_scope scope, uint64_t ttl_ns);

/* Tags of who acts, at the event's time: of the process, and of its container. */
__u64 pk_tags_get(const struct pk_tags *tags, const struct pk_event *event,
		  __u64 *ret_container_tags);

/* After the event was judged: children inherit, those that exited are forgotten. */
void pk_tags_update(struct pk_tags *tags, const struct pk_event *event);

/* How many were not kept: PK_MAX_TAGGED, or no memory. */
uint64_t pk_tags_get_refused_cnt(const struct pk_tags *tags);

PK_DEFINE_CLEANUP(struct pk_tags *, pk_tags_free);

#endif
