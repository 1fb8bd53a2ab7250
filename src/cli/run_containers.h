/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers for the rules of picket run. In: cgroups as they come and go, and what the stream knows of them.
 * Out: what is known of each is told to the rules, those in force and those that are coming.
 */
#ifndef PK_CLI_RUN_CONTAINERS_H
#define PK_CLI_RUN_CONTAINERS_H

#include "base/cleanup.h"
#include "kernel/bank_containers.h"
#include "stream/live.h"

struct pk_run_containers;

/* -ENOMEM */
int pk_run_containers_new(struct pk_run_containers **ret_containers);
void pk_run_containers_free(struct pk_run_containers *containers);

/* For loading rules. */
struct pk_bank_containers *pk_run_containers_get_bank(const struct pk_run_containers *containers);

/* As pk_stream_options.on_container: this is known of a cgroup from now on. Trouble is printed, once. */
void pk_run_containers_tell(void *containers, __u64 cgroup_id,
			    const struct pk_container *container);

/* Introduces all cgroups that there are to `live`, and from then on those that are made. Both stay the
 * caller's. Errors of feeding; -errno of the ring buffer. */
int pk_run_containers_start(struct pk_run_containers *containers, const struct pk_sensors *sensors,
			    struct pk_live *live);

/* Once started: becomes readable when cgroups were made or removed. */
int pk_run_containers_get_fd(const struct pk_run_containers *containers);

/* It is. Errors of feeding. */
int pk_run_containers_read(struct pk_run_containers *containers);

PK_DEFINE_CLEANUP(struct pk_run_containers *, pk_run_containers_free);

#endif
