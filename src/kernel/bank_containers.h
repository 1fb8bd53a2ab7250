/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which container each cgroup belongs to, told to the banks. In: facts of a container, or that there is
 * none, by cgroup id. Out: what they are to the rules in force, and to those that are coming, in the
 * kernel's maps. Nothing here knows what a container is: values of fields come from a function.
 *
 * What is known is kept, so that a rule set that is loaded later finds it. Cgroups that nobody told of
 * are unknown to the rules. All functions may be called while rules are loaded in another thread.
 */
#ifndef PK_KERNEL_BANK_CONTAINERS_H
#define PK_KERNEL_BANK_CONTAINERS_H

#include "base/cleanup.h"
#include "kernel/sensors.h"
#include "plan/field.h"

#define PK_CONTAINER_HOST_KEY 1u

struct pk_bank_containers_options {
	/* Gives the value of a field with PK_LIFE_CONTAINER; its `arg` is a container's facts, as
	 * they were given to set(), or `host`. Called by whatever thread, never by two at once. */
	pk_value_fn *get;
	void *host; /* the facts of the host; stay the caller's */
	void (*evaluated)(
		void *facts); /* the values that `get` gave are not used any more; or NULL */
	void (*release)(void *facts); /* they are not needed any more; or NULL */
};

struct pk_bank_containers;

/* -ENOMEM */
int pk_bank_containers_new(const struct pk_bank_containers_options *options,
			   struct pk_bank_containers **ret_containers);

/* Releases all facts; the kernel's maps stay as they are. */
void pk_bank_containers_free(struct pk_bank_containers *containers);

/*
 * The cgroup belongs to the container with these facts. `key`: the same for all cgroups of a container,
 * another one for others, neither 0 nor PK_CONTAINER_HOST_KEY. Takes `facts` over, also when it fails; they
 * must not change any more: what is new comes as a new one, and is true of all cgroups of the container. The
 * rules in force have it when this returns.
 *
 * -ENOSPC: the kernel's map is full (PK_MAX_CONTAINER_CGROUPS): the cgroup stays unknown to the rules;
 * -ENOMEM; -errno of bpf(); what `get` returned.
 */
int pk_bank_containers_set(struct pk_bank_containers *containers, __u64 cgroup_id, __u64 key,
			   void *facts);

/* The cgroup belongs to no container. As above. */
int pk_bank_containers_set_host(struct pk_bank_containers *containers, __u64 cgroup_id);

/*
 * A cgroup was made below another one. 1: it belongs to what that one belongs to, since that is a container, or
 * since `inherited` (PK_CGROUP_INHERITED of the note) says that the kernel side knows it; 0: somebody has
 * to say what it is. Errors as set().
 */
int pk_bank_containers_made(struct pk_bank_containers *containers, __u64 cgroup_id, __u64 parent_id,
			    bool inherited);

/* The cgroup is gone. What is told of it later is passed over, but what is new of its container is true of the
 * container's other cgroups. */
void pk_bank_containers_forget(struct pk_bank_containers *containers, __u64 cgroup_id);

/*
 * For when it was lost that cgroups were removed: forgets all of which `is_gone` says so. It is called without a
 * lock. Number of them; -ENOMEM.
 */
int pk_bank_containers_sweep(struct pk_bank_containers *containers,
			     bool (*is_gone)(void *arg, __u64 cgroup_id), void *arg);

/* Is something known of the cgroup? */
bool pk_bank_containers_has(struct pk_bank_containers *containers, __u64 cgroup_id);

struct pk_bank_containers_stats {
	size_t cgroup_cnt; /* known now */
	__u64 full_cnt;    /* times that the kernel's map was full */
};

void pk_bank_containers_get_stats(struct pk_bank_containers *containers,
				  struct pk_bank_containers_stats *ret_stats);

PK_DEFINE_CLEANUP(struct pk_bank_containers *, pk_bank_containers_free);

#endif
