/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a process stands to the container that it comes from: facts that make a way out plain. Found where some
 * rule asks, before it is judged; kept in the record as PK_FLAG_*, so that user space judges by the same.
 *
 * In: pk_scratch.origin, what the process's line began with; the task at hand; pk_scratch.first_mnt, where the
 * event's file is mounted. A namespace is the container's own if it is the one that it began with, or one
 * that was made later and that nobody else began in. It is foreign if it is the host's, older than
 * the container, or one that another container or a service of the host began in.
 */
#ifndef PK_ESCAPE_H
#define PK_ESCAPE_H

#include "gather.h"

#define PK_CGROUP_NS_HOST \
	0xEFFFFFFBu /* inode numbers of the first namespaces, the same everywhere */
#define PK_UTS_NS_HOST 0xEFFFFFFEu
#define PK_IPC_NS_HOST 0xEFFFFFFFu
#define PK_NS_LEVELS 33 /* of user namespaces */

#define PK_OWN 0
#define PK_FOREIGN 1
#define PK_NOT_KNOWN 2

/* A number of a mount namespace that is given once; 0: one that has no place in any (detached mounts). */
static __always_inline __u64 pk_mnt_ns_id(const struct mnt_namespace *ns)
{
	const struct ns_common___id *common = (const void *)ns;

	if (bpf_core_field_exists(ns->seq))
		return BPF_CORE_READ(ns, seq);
	if (bpf_core_field_exists(common->ns_id))
		return BPF_CORE_READ(common, ns_id);
	return BPF_CORE_READ(ns, ns.inum);
}

static __always_inline __u64 pk_net_ns_id(const struct net *net)
{
	if (bpf_core_field_exists(net->net_cookie))
		return BPF_CORE_READ(net, net_cookie);
	return BPF_CORE_READ(net, ns.inum);
}

/* Whose is a namespace that the process's line did not begin with? */
__weak __noinline int pk_ns_owned(struct pk_scratch *s, __u64 id, __u64 type)
{
	struct pk_ns_key key = { .id = id, .type = type };
	struct pk_container_facts *there;
	struct pk_ns_owner *owner;
	__u64 cgroup_id, other;

	if (!s)
		return PK_NOT_KNOWN;
	owner = bpf_map_lookup_elem(&pk_ns_owner_map, &key);
	if (!owner)
		return PK_OWN;
	cgroup_id = owner->cgroup_id;
	/* a container that was made inside of the process's */
	if (cgroup_id == s->origin.cgroup_id || owner->outer_key == s->origin.key)
		return PK_OWN;
	there = pk_container_get(cgroup_id, s->judge.bank);
	if (!there)
		return PK_FOREIGN;
	other = there->key;
	barrier();
	return there->cgroup_id == cgroup_id && other == s->origin.key ? PK_OWN : PK_FOREIGN;
}

/* The mount namespace `ns`, or what a mount has in its place. */
__weak __noinline int pk_mnt_ns_owned(struct pk_scratch *s, __u64 ns)
{
	const struct mnt_namespace *mnt_ns = (const void *)ns;
	__u64 id;

	if (!s)
		return PK_NOT_KNOWN;
	if (!ns)
		return PK_FOREIGN; /* a mount that is mounted nowhere any more */
	if (ns >= (__u64)-4095l)
		return PK_OWN; /* the kernel's own: pipes, sockets, memory */
	id = pk_mnt_ns_id(mnt_ns);
	if (!id)
		return PK_NOT_KNOWN;
	if (id == s->origin.mnt)
		return PK_OWN;
	if (BPF_CORE_READ(mnt_ns, ns.inum) == pk_config.host_mnt_ns)
		return PK_FOREIGN;
	if (id < s->origin.mnt && bpf_core_field_exists(mnt_ns->seq))
		return PK_FOREIGN;
	return pk_ns_owned(s, id, PK_NS_MNT);
}

/* A mount's namespace, by its struct vfsmount. */
static __always_inline __u64 pk_mnt_ns_of(__u64 vfsmount)
{
	struct mount *mnt = (void *)(vfsmount - bpf_core_field_offset(struct mount, mnt));

	return (__u64)BPF_CORE_READ(mnt, mnt_ns);
}

/* Is the user namespace the one that the line began with, or one below it? */
static __always_inline bool pk_user_ns_below(const struct pk_origin *origin,
					     const struct user_namespace *ns)
{
	for (int i = 0; i < PK_NS_LEVELS && ns; i++) {
		__u32 level = BPF_CORE_READ(ns, level);

		if (level <= origin->user_level)
			return level == origin->user_level &&
			       BPF_CORE_READ(ns, ns.inum) == origin->user;
		ns = BPF_CORE_READ(ns, parent);
	}
	return false;
}

static __always_inline bool pk_pid_ns_below(const struct pk_origin *origin,
					    struct task_struct *task)
{
	struct pid *pid = task->thread_pid;
	struct pid_namespace *ns = NULL;

	if (pid->level < origin->pid_level)
		return false;
	bpf_probe_read_kernel(&ns, sizeof(ns), &pid->numbers[origin->pid_level & 31].ns);
	return BPF_CORE_READ(ns, ns.inum) == origin->pid;
}

/* The namespaces that have an owner. Result: PK_OWN, PK_FOREIGN. */
static __always_inline int pk_ns_mounts(struct pk_scratch *s, struct task_struct *task)
{
	struct mnt_namespace *ns = task->nsproxy->mnt_ns;
	__u64 root_ns = pk_mnt_ns_of(pk_scalar(s, task->fs->root.mnt));
	__u64 ns_at = pk_scalar(s, ns);

	if (pk_mnt_ns_owned(s, ns_at) == PK_FOREIGN)
		return PK_FOREIGN;
	return root_ns != ns_at && pk_mnt_ns_owned(s, root_ns) == PK_FOREIGN ? PK_FOREIGN : PK_OWN;
}

static __always_inline int pk_ns_net(struct pk_scratch *s, struct task_struct *task)
{
	struct net *net = task->nsproxy->net_ns;
	__u64 id = pk_net_ns_id(net);

	if (id == s->origin.net)
		return PK_OWN;
	if (net->ns.inum == pk_config.host_net_ns)
		return PK_FOREIGN;
	return pk_ns_owned(s, id, PK_NS_NET);
}

/* Has the task at hand left what its line began with? */
__weak __noinline int pk_ns_escaped(struct pk_scratch *s)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_origin *origin;
	struct nsproxy *nsproxy;
	__u32 inum;

	if (!s)
		return 0;
	origin = &s->origin;
	nsproxy = task->nsproxy;
	inum = nsproxy->cgroup_ns->ns.inum;
	if (inum != origin->cgroup && inum == PK_CGROUP_NS_HOST)
		return 1;
	inum = nsproxy->uts_ns->ns.inum;
	if (inum != origin->uts && inum == PK_UTS_NS_HOST)
		return 1;
	inum = nsproxy->ipc_ns->ns.inum;
	if (inum != origin->ipc && inum == PK_IPC_NS_HOST)
		return 1;
	if (!pk_user_ns_below(origin, task->cred->user_ns) || !pk_pid_ns_below(origin, task))
		return 1;
	return pk_ns_mounts(s, task) == PK_FOREIGN || pk_ns_net(s, task) == PK_FOREIGN;
}

/* What follows for all facts from whose the process is. */
#define PK_IN_NOTHING 0u /* the host's, a helper of the runtime: none of them is so */
#define PK_IN_CONTAINER 1u
#define PK_IN_UNKNOWN 2u

static __always_inline __u32 pk_origin_in(struct pk_scratch *s, __u64 cgroup_id, __u64 home)
{
	struct pk_container_facts *facts;

	if (s->origin.cgroup_id) {
		if (!s->origin.key)
			return PK_IN_UNKNOWN;
		return s->origin.key == PK_ORIGIN_KEY_HOST ? PK_IN_NOTHING : PK_IN_CONTAINER;
	}
	facts = pk_container_get(cgroup_id, s->judge.bank);
	if (!facts)
		return PK_IN_UNKNOWN;
	if ((facts->flags & PK_CONTAINER_FACTS_HOST) ||
	    pk_is_helper(facts, home, s->rec.head.mnt_ns, s->judge.bank))
		return PK_IN_NOTHING;
	return PK_IN_UNKNOWN; /* it was there before Picket */
}

/* Records that have a path have their first one at the same place. */
static_assert(__builtin_offsetof(struct pk_exec_event, exe) ==
		      __builtin_offsetof(struct pk_file_event, path),
	      "below");
static_assert(__builtin_offsetof(struct pk_sys_event, path) ==
		      __builtin_offsetof(struct pk_file_event, path),
	      "below");

static __always_inline __u32 pk_outside_flags(struct pk_scratch *s)
{
	int owned = PK_OWN;
	__u64 ns;

	if (s->first_mnt) {
		ns = pk_mnt_ns_of(s->first_mnt);
		owned = pk_mnt_ns_owned(s, ns);
		/* not below what the mount shows: by a handle, or moved away under a bind mount */
		if (owned == PK_OWN && (s->rec.file.path.flags & PK_PATH_PSEUDO) &&
		    ns < (__u64)-4095l)
			owned = PK_FOREIGN;
	}
	if (owned == PK_NOT_KNOWN)
		return 0;
	return PK_FLAG_FD_KNOWN | (owned == PK_FOREIGN ? PK_FLAG_FD_OUTSIDE : 0);
}

static __always_inline bool pk_is_runtime(__u64 ino, __u32 dev)
{
	struct pk_ident_key key = { .ino = ino, .dev = dev };

	return ino && bpf_map_lookup_elem(&pk_runtime_map, &key);
}

/* Is the program, or for an exec the new one, a runtime's binary on the host? */
static __always_inline bool pk_exe_is_runtime(struct pk_scratch *s)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct inode *inode;

	if (s->rec.head.kind == PK_EVENT_EXEC)
		return pk_is_runtime(s->rec.exec.exe_inode.ino, s->rec.exec.exe_inode.dev);
	inode = BPF_CORE_READ(task, mm, exe_file, f_inode);
	return inode &&
	       pk_is_runtime(BPF_CORE_READ(inode, i_ino), BPF_CORE_READ(inode, i_sb, s_dev));
}

/* Capabilities that nobody in the container can have, or any at all in the user namespace around it. */
static __always_inline bool pk_caps_gained(struct pk_scratch *s)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct cred *cred = task->real_cred;
	struct user_namespace *user_ns = cred->user_ns;
	__u64 effective = 0, permitted = 0;

	bpf_core_read(&effective, 8, &cred->cap_effective);
	bpf_core_read(&permitted, 8, &cred->cap_permitted);
	permitted |= effective;
	if (!pk_user_ns_below(&s->origin, user_ns))
		return permitted != 0;
	/* in a namespace of its own it has all, which are worth nothing outside of it */
	return user_ns->ns.inum == s->origin.user && (permitted & ~s->origin.caps);
}

/*
 * Finds what is asked for (pk_scratch.needs), and how namespaces stand always on an exec, and where the process could
 * be taken for a helper of the runtime. `home`: of the process, as pk_facts.home.
 */
__weak __noinline int pk_escape_find(struct pk_scratch *s, __u64 home)
{
	__u32 flags = 0, in;
	__u64 nums;

	if (!s)
		return 0;
	nums = s->needs.nums;
	in = pk_origin_in(s, pk_cgroup_id(), home);
	if (in == PK_IN_NOTHING)
		flags = PK_FLAGS_ESCAPE_KNOWN;
	if (in == PK_IN_CONTAINER) {
		if ((nums & (1ull << PK_NUM_NS_ESCAPED)) || s->rec.head.kind == PK_EVENT_EXEC ||
		    s->rec.head.mnt_ns == pk_config.host_mnt_ns)
			flags |= PK_FLAG_NS_KNOWN | (pk_ns_escaped(s) ? PK_FLAG_NS_ESCAPED : 0);
		if (nums & (1ull << PK_NUM_FD_OUTSIDE))
			flags |= pk_outside_flags(s);
		if (nums & (1ull << PK_NUM_CAPS_GAINED))
			flags |= PK_FLAG_CAPS_KNOWN | (pk_caps_gained(s) ? PK_FLAG_CAPS_GAINED : 0);
		if (nums & (1ull << PK_NUM_EXE_RUNTIME))
			flags |= PK_FLAG_EXE_RUNTIME_KNOWN |
				 (pk_exe_is_runtime(s) ? PK_FLAG_EXE_RUNTIME : 0);
		if (nums & (1ull << PK_NUM_FD_RUNTIME))
			flags |= PK_FLAG_FD_RUNTIME_KNOWN |
				 (pk_is_runtime(s->rec.file.inode.ino, s->rec.file.inode.dev) ?
					  PK_FLAG_FD_RUNTIME :
					  0);
	}
	s->rec.head.flags = (s->rec.head.flags & ~PK_FLAGS_ESCAPE) | flags;
	return 0;
}

#endif
