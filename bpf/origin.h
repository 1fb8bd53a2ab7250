/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where processes come from (struct pk_origin): set when the first program of a line is executed in a container,
 * handed on to every child and thread, and kept whatever the process does.
 *
 * The runtime sets all namespaces up before it executes the container's program: so what that exec finds is the
 * container's own. Which cgroups are containers may not be known yet; therefore any program that is executed
 * outside of the host's mount namespace gets one, unless its cgroup is known to be the host's, and what it
 * is worth is found out later, by the cgroup (pk_origin_get()).
 */
#ifndef PK_ORIGIN_H
#define PK_ORIGIN_H

#include "escape.h"

/* Who begins in a namespace first owns it. */
static __always_inline void pk_ns_own(__u64 id, __u64 type, const struct pk_origin *origin,
				      __u64 outer_key)
{
	struct pk_ns_owner owner = { .cgroup_id = origin->cgroup_id, .outer_key = outer_key };
	struct pk_ns_key key = { .id = id, .type = type };

	if (!bpf_map_lookup_elem(&pk_ns_owner_map, &key))
		bpf_map_update_elem(&pk_ns_owner_map, &key, &owner, BPF_NOEXIST);
}

static __always_inline void pk_origin_fill(struct pk_origin *origin, struct task_struct *task,
					   __u64 cgroup_id)
{
	const struct cred *cred = task->cred;
	struct pid *pid = task->thread_pid;
	struct pid_namespace *pid_ns = NULL;
	__u32 level = pid->level;
	__u64 permitted = 0, bound = 0;

	origin->cgroup_id = cgroup_id;
	origin->key = 0;
	origin->mnt = pk_mnt_ns_id(task->nsproxy->mnt_ns);
	origin->net = pk_net_ns_id(task->nsproxy->net_ns);
	bpf_core_read(&permitted, 8, &cred->cap_permitted);
	bpf_core_read(&bound, 8, &cred->cap_bset);
	origin->caps = permitted | bound;
	origin->user = cred->user_ns->ns.inum;
	origin->user_level = cred->user_ns->level;
	bpf_probe_read_kernel(&pid_ns, sizeof(pid_ns), &pid->numbers[level & 31].ns);
	origin->pid = BPF_CORE_READ(pid_ns, ns.inum);
	origin->pid_level = level;
	origin->cgroup = task->nsproxy->cgroup_ns->ns.inum;
	origin->uts = task->nsproxy->uts_ns->ns.inum;
	origin->ipc = task->nsproxy->ipc_ns->ns.inum;
	origin->pad0 = 0;
}

/*
 * A program of a container's line begins: is it the first of a container inside? Then it begins a line of
 * its own, unless it got there by leaving its own container.
 */
static __always_inline bool pk_origin_nested(struct pk_scratch *s, const struct pk_origin *origin,
					     __u64 cgroup_id, __u32 bank)
{
	struct pk_container_facts *facts;
	__u64 key;

	if (cgroup_id == origin->cgroup_id)
		return false;
	facts = pk_container_get(cgroup_id, bank);
	if (!facts || (facts->flags & PK_CONTAINER_FACTS_HOST))
		return false;
	key = facts->key;
	barrier();
	if (facts->cgroup_id != cgroup_id || key == origin->key)
		return false;
	s->origin = *origin;
	s->judge.bank = bank;
	return !pk_ns_escaped(s);
}

/*
 * At an exec, when the new program is in place: where the process comes from, into pk_scratch.origin.
 * `task` is the one at hand.
 */
static __always_inline void pk_origin_exec(struct pk_scratch *s, struct task_struct *task,
					   __u32 bank, __u32 hook)
{
	struct pk_origin *origin = pk_origin_get(task, bank);
	__u64 cgroup_id = pk_cgroup_id(), outer_key = 0;
	struct pk_container_facts *facts;
	struct mnt_namespace *mnt_ns = task->nsproxy->mnt_ns;

	if (origin && origin->key > PK_ORIGIN_KEY_HOST) {
		if (!pk_origin_nested(s, origin, cgroup_id, bank)) {
			s->origin = *origin;
			return;
		}
		outer_key = origin->key;
	}
	s->origin.cgroup_id = 0;
	if (mnt_ns->ns.inum == pk_config.host_mnt_ns)
		return;
	facts = pk_container_get(cgroup_id, bank);
	if (facts && (facts->flags & PK_CONTAINER_FACTS_HOST)) {
		/* a service of the host: nobody of a container's has lost anything there */
		struct pk_origin host = { .cgroup_id = cgroup_id };

		pk_ns_own(pk_mnt_ns_id(mnt_ns), PK_NS_MNT, &host, 0);
		pk_ns_own(pk_net_ns_id(task->nsproxy->net_ns), PK_NS_NET, &host, 0);
		return;
	}
	origin = bpf_task_storage_get(&pk_origin_map, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!origin) {
		pk_count_lost(hook, PK_LOSS_STORAGE);
		return;
	}
	pk_origin_fill(origin, task, cgroup_id);
	pk_ns_own(origin->mnt, PK_NS_MNT, origin, outer_key);
	pk_ns_own(origin->net, PK_NS_NET, origin, outer_key);
	origin = pk_origin_get(task, bank);
	if (origin)
		s->origin = *origin;
}

/* A child, or a thread: a thread that executes becomes the process. */
static __always_inline void pk_origin_fork(struct task_struct *parent, struct task_struct *child,
					   __u32 hook)
{
	struct pk_origin *from = bpf_task_storage_get(&pk_origin_map, parent, NULL, 0);
	struct pk_origin *to;

	if (!from || !from->cgroup_id)
		return;
	to = bpf_task_storage_get(&pk_origin_map, child, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (to)
		*to = *from;
	else
		pk_count_lost(hook, PK_LOSS_STORAGE);
}

#endif
