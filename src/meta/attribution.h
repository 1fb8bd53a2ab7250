/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live side of containers: makes PK_EVENT_CONTAINER records. When a cgroup is seen for the first time, at
 * once what its path says; when the resolver has asked around, what it was told. Nothing is polled.
 */
#ifndef PK_META_ATTRIBUTION_H
#define PK_META_ATTRIBUTION_H

#include "meta/cgroup_fs.h"
#include "meta/containers.h"
#include "meta/k8s_pods.h"
#include "meta/resolver.h"

struct pk_attribution;

/* `options` as pk_resolver_new(). Without cgroup v2 every cgroup is unknown. -ENOMEM, -errno of the thread. */
int pk_attribution_new(const struct pk_resolver_options *options,
		       struct pk_attribution **ret_attribution);
void pk_attribution_free(struct pk_attribution *attribution);

/* From now on containers are told with what is known of their pods. `pods` stays the caller's and must outlive it.
 * No `attribution` is fine. */
void pk_attribution_set_pods(struct pk_attribution *attribution, struct pk_k8s_pods *pods);

/*
 * Before an event of this cgroup: emits a record about it unless `known` has one, and has the container
 * looked up. Never waits for a runtime. What `emit` returned.
 */
int pk_attribution_see(struct pk_attribution *attribution, uint64_t cgroup_id,
		       const struct pk_containers *known, pk_emit_fn *emit, void *ctx);

/* The same for a cgroup whose path is known: it has just been made. */
int pk_attribution_see_path(struct pk_attribution *attribution, uint64_t cgroup_id,
			    struct pk_text path, const struct pk_containers *known,
			    pk_emit_fn *emit, void *ctx);

/*
 * A hook says that the processes in this cgroup are container `told`, whose texts may be hostile: emits a record about it,
 * and has looked up what the hook does not know. -EINVAL: the id cannot be one; -ENOENT: there is no cgroup v2; -ESTALE: the
 * cgroup is gone; -EXDEV: it is the root, which everybody is in; what `emit` returned.
 */
int pk_attribution_told(struct pk_attribution *attribution, uint64_t cgroup_id,
			const struct pk_container *told, const struct pk_containers *known,
			pk_emit_fn *emit, void *ctx);

/* Emits what the resolver found out since the last time, with what `known` has besides. What `emit` returned. */
int pk_attribution_take(struct pk_attribution *attribution, const struct pk_containers *known,
			pk_emit_fn *emit, void *ctx);

/* Pods may have changed: emits a record about each container in `known` whose pod is known as another than before. A pod
 * that is not known any more changes nothing. What `emit` returned. */
int pk_attribution_take_pods(struct pk_attribution *attribution, const struct pk_containers *known,
			     pk_emit_fn *emit, void *ctx);

/* Becomes readable when there is something to take. */
int pk_attribution_get_fd(const struct pk_attribution *attribution);

/* The id of the cgroup that process `pid` is in; 0: not to be had. */
uint64_t pk_attribution_cgroup_of(const struct pk_attribution *attribution, uint32_t pid);

struct pk_attribution_stats {
	uint64_t seen_cnt;    /* cgroups introduced */
	uint64_t gone_cnt;    /* of those, gone before their path was read */
	uint64_t told_cnt;    /* containers of which a hook told */
	uint64_t dropped_cnt; /* containers not looked up: too many at once */
};

void pk_attribution_get_stats(const struct pk_attribution *attribution,
			      struct pk_attribution_stats *ret_stats);

PK_DEFINE_CLEANUP(struct pk_attribution *, pk_attribution_free);

#endif
