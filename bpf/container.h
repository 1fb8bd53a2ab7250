/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which container a cgroup is, to the rules, and whether a process in it is the container's.
 */
#ifndef PK_CONTAINER_H
#define PK_CONTAINER_H

#include "maps.h"

/*
 * The cgroup of a task, as far as containers are concerned. In a hierarchy of cgroup v1 a controller is in
 * each cgroup, so the controller's state names it. Branches that pk_config rules out are not verified.
 */
static __always_inline __u64 pk_cgroup_id_of(struct task_struct *task)
{
	struct cgroup_subsys_state *css = NULL;
	struct css_set *set;
	__u32 at = 0;

	if (pk_config.cgroup_controller == PK_CGROUP_V2)
		return BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
	if (pk_config.cgroup_controller == PK_CGROUP_PIDS)
		at = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
	else if (pk_config.cgroup_controller == PK_CGROUP_MEMORY)
		at = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
	else if (pk_config.cgroup_controller == PK_CGROUP_DEVICES)
		at = bpf_core_enum_value(enum cgroup_subsys_id, devices_cgrp_id);
	set = BPF_CORE_READ(task, cgroups);
	if (bpf_probe_read_kernel(&css, sizeof(css),
				  (void *)set + bpf_core_field_offset(struct css_set, subsys) +
					  sizeof(css) * at))
		return 0;
	return BPF_CORE_READ(css, cgroup, kn, id);
}

/* Of the task at hand. */
static __always_inline __u64 pk_cgroup_id(void)
{
	if (pk_config.cgroup_controller == PK_CGROUP_V2)
		return bpf_get_current_cgroup_id();
	return pk_cgroup_id_of(bpf_get_current_task_btf());
}

/* Is it in the hierarchy that containers are looked for in? */
static __always_inline bool pk_cgroup_matters(struct cgroup *cgroup)
{
	return BPF_CORE_READ(cgroup, root, hierarchy_id) == (int)pk_config.cgroup_hierarchy;
}

/* What a cgroup's container is to the rules; NULL: not known. */
static __always_inline struct pk_container_facts *pk_container_get(__u64 cgroup_id, __u32 bank)
{
	struct pk_container_facts *facts = bank ? bpf_map_lookup_elem(&pk_containers_1,
								      &cgroup_id) :
						  bpf_map_lookup_elem(&pk_containers_0, &cgroup_id);

	return facts && facts->generation == pk_state.generation[bank & 1] ? facts : NULL;
}

/*
 * Is a process that is in a container's cgroup not the container's? `home`: as pk_facts.home. The caller looks
 * behind it whether the entry is still the cgroup's.
 */
static __always_inline bool pk_is_helper(const struct pk_container_facts *container, __u64 home,
					 __u32 mnt_ns, __u32 bank)
{
	__u64 cgroup_id = container->cgroup_id;
	struct pk_container_facts *there;
	__u64 key;

	if (container->flags & PK_CONTAINER_FACTS_HOST)
		return false;
	if (mnt_ns == pk_config.host_mnt_ns || home == PK_HOME_HOST)
		return true;
	if (!home || home == cgroup_id)
		return false;
	there = pk_container_get(home, bank);
	if (!there)
		return false;
	key = there->key;
	barrier();
	return there->cgroup_id == home && key != container->key;
}

/*
 * Is the one of a process's program (`home`) a container's, and is the cgroup that it is in now not one? What is not known
 * of is none: cgroups that are made inside of a container's are known at once.
 */
__weak __noinline int pk_cgroup_left(__u64 cgroup_id, __u64 home, __u32 bank)
{
	struct pk_container_facts *there = pk_container_get(cgroup_id, bank);
	__u32 flags;

	if (there) {
		flags = there->flags;
		barrier();
		if (there->cgroup_id == cgroup_id && !(flags & PK_CONTAINER_FACTS_HOST))
			return false;
	}
	there = pk_container_get(home, bank);
	if (!there)
		return false;
	flags = there->flags;
	barrier();
	return there->cgroup_id == home && !(flags & PK_CONTAINER_FACTS_HOST);
}

/*
 * The cgroup that the task at hand is judged in, and told with: its own. Who has moved from a container's to one of the
 * host's, as a privileged container can, stays the container's. `home`: as pk_facts.home.
 */
static __always_inline __u64 pk_cgroup_kept(__u64 home, __u32 bank)
{
	__u64 cgroup_id = pk_cgroup_id();

	if (home > PK_HOME_HOST && home != cgroup_id && pk_cgroup_left(cgroup_id, home, bank))
		return home;
	return cgroup_id;
}

/*
 * Where a thread comes from; NULL: no line of a container's, as far as is known. Not for cgroup programs.
 * Of which container is looked up once; an origin whose cgroup went away before stays unknown.
 */
static __always_inline struct pk_origin *pk_origin_get(struct task_struct *task, __u32 bank)
{
	struct pk_origin *origin = bpf_task_storage_get(&pk_origin_map, task, NULL, 0);
	struct pk_container_facts *there;
	__u64 key;

	if (!origin || !origin->cgroup_id)
		return NULL;
	if (origin->key)
		return origin;
	there = pk_container_get(origin->cgroup_id, bank);
	if (!there)
		return origin;
	key = there->key;
	barrier();
	if (there->cgroup_id == origin->cgroup_id)
		origin->key = key;
	return origin;
}

#endif
