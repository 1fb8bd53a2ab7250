/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Credentials that have grown, and nothing explains it: the mark of a fault in the kernel that overwrote struct cred,
 * or made the kernel commit another one.
 *
 * Whatever a system call makes of credentials follows from those before: calls never add permitted capabilities or
 * widen the bounding set, take ids other than the thread's own only with CAP_SETUID or CAP_SETGID, and enter user
 * namespaces only downwards, where there are all capabilities, which are worth nothing above, and the ids that are mapped
 * there. An exec adds what the file's mode and capabilities say. So no call need be watched to tell what is in order:
 * kept is what a thread was last seen to have (struct pk_creds), and what it has now must be possible after that.
 * The looks make it sharp: the more often, the less of what it could have had once is still granted. They are at
 *
 *   fork             the child begins with what its parent has
 *   commit_creds()   lsm backend, fentry: right when credentials change, before and after
 *   sys_exit         tracepoint backend, of the calls that change credentials
 *   exec             lsm/bprm_committed_creds, or sched_process_exec on the tracepoint backend
 *   events           of kinds that some rule asks on
 *
 * A look that is missed (no memory, a program that the kernel skipped) makes it less sharp, and never wrong. That of an exec
 * has hooks that the kernel never skips; where the thread's storage is not to be had there, all that is kept of
 * anybody is void.
 *
 * Looked at is real_cred. cred differs from it while the kernel acts for somebody else: overlays, io_uring with another's
 * credentials, core dumps. Credentials of kernel threads are in order by the same rules.
 */
#ifndef PK_CREDS_H
#define PK_CREDS_H

#include "counters.h"

#define PK_CAP_SETGID (1ull << 6)
#define PK_CAP_SETUID (1ull << 7)
#define PK_CREDS_UIDS 0x55u /* of pk_creds.ids */
#define PK_CREDS_GIDS 0xaau
#define PK_CREDS_LEVELS 33 /* of user namespaces */

/* Does any rule, of either bank, ask? */
static __always_inline bool pk_creds_watched(void)
{
	return pk_state.creds_kinds[0] | pk_state.creds_kinds[1];
}

static __always_inline void pk_creds_read(struct pk_creds *to, const struct cred *cred)
{
	bpf_core_read(&to->user_ns, 8, &cred->user_ns);
	bpf_core_read(&to->groups, 8, &cred->group_info);
	bpf_core_read(&to->permitted, 8, &cred->cap_permitted);
	bpf_core_read(&to->effective, 8, &cred->cap_effective);
	bpf_core_read(&to->bound, 8, &cred->cap_bset);
	to->ids[0] = cred->uid.val;
	to->ids[1] = cred->gid.val;
	to->ids[2] = cred->suid.val;
	to->ids[3] = cred->sgid.val;
	to->ids[4] = cred->euid.val;
	to->ids[5] = cred->egid.val;
	to->ids[6] = cred->fsuid.val;
	to->ids[7] = cred->fsgid.val;
	to->user_level = cred->user_ns->level;
	to->epoch = pk_state.creds_epoch;
	to->unexplained = 0;
	to->pad0 = 0;
}

static __always_inline bool pk_creds_same(const struct pk_creds *a, const struct pk_creds *b)
{
	__u64 differs = a->user_ns ^ b->user_ns;

	differs |= a->groups ^ b->groups;
	differs |= a->permitted ^ b->permitted;
	differs |= a->effective ^ b->effective;
	differs |= a->bound ^ b->bound;
#pragma unroll
	for (int i = 0; i < (int)PK_CREDS_IDS; i++)
		differs |= a->ids[i] ^ b->ids[i];
	return !differs;
}

/* Which of the ids in `mask` have a place in a map? More extents than fit into it: any may have. */
static __always_inline __u32 pk_creds_in_map(struct pk_creds_walk *w, const struct uid_gid_map *map,
					     __u32 mask)
{
	__u32 ret = 0, cnt = 0;

	bpf_core_read(&cnt, sizeof(cnt), &map->nr_extents);
	if (cnt > PK_CREDS_EXTENTS)
		return mask;
	bpf_core_read(w->extents, sizeof(w->extents), &map->extent);
#pragma unroll
	for (int i = 0; i < (int)PK_CREDS_EXTENTS; i++) {
		__u32 first = w->extents[3 * i + 1], extent_cnt = w->extents[3 * i + 2];

#pragma unroll
		for (int id = 0; id < (int)PK_CREDS_IDS; id++) {
			if (i < (int)cnt && (mask & (1u << id)) && w->ids[id] - first < extent_cnt)
				ret |= 1u << id;
		}
	}
	return ret;
}

/* Who may take any id takes only those that the namespace has. */
static __always_inline void pk_creds_explain(struct pk_creds_walk *w,
					     const struct user_namespace *ns, __u32 mask)
{
	w->open &= ~pk_creds_in_map(w, &ns->uid_map, mask & PK_CREDS_UIDS);
	w->open &= ~pk_creds_in_map(w, &ns->gid_map, mask & PK_CREDS_GIDS);
}

/* verifier: a callback is given what is on the stack */
struct pk_creds_climb {
	struct pk_creds_walk *w;
};

static long pk_creds_step(__u32 i, void *ctx)
{
	struct pk_creds_walk *w = ((struct pk_creds_climb *)ctx)->w;
	const struct user_namespace *ns = (void *)w->ns;

	if (w->ns == w->base_ns)
		return 1;
	if (!w->ns || (__u32)BPF_CORE_READ(ns, level) <= w->base_level) {
		w->ns = 0;
		return 1;
	}
	if (w->open)
		pk_creds_explain(w, ns, w->open);
	w->ns = (__u64)BPF_CORE_READ(ns, parent);
	return 0;
}

/* Ids that the thread did not have: a bit for each. */
static __always_inline __u32 pk_creds_new_ids(const struct pk_creds *base,
					      const struct pk_creds *now)
{
	__u32 ret = 0;

#pragma unroll
	for (int i = 0; i < (int)PK_CREDS_IDS; i++) {
		int kind = i & 1;

		if (now->ids[i] != base->ids[kind] && now->ids[i] != base->ids[kind + 2] &&
		    now->ids[i] != base->ids[kind + 4] && now->ids[i] != base->ids[kind + 6])
			ret |= 1u << i;
	}
	return ret;
}

/*
 * Can a thread that had `base` not have come to `now`? `how`: 0 by calls; PK_CREDS_* by an exec, which leaves the real
 * ids alone whatever the file's mode.
 */
__weak __noinline int pk_creds_grown(struct pk_creds_pair *pair, __u32 how)
{
	const struct pk_creds *base, *now;
	struct pk_creds_climb climb;
	struct pk_creds_walk *w;
	__u32 any = 0;

	if (!pair)
		return 0;
	base = &pair->base;
	now = &pair->now;
	w = &pair->walk;
	w->ns = now->user_ns;
	w->base_ns = base->user_ns;
	w->base_level = base->user_level;
	w->open = pk_creds_new_ids(base, now);
	if (how & PK_CREDS_SETUID)
		w->open &= ~(PK_CREDS_UIDS & ~1u);
	if (how & PK_CREDS_SETGID)
		w->open &= ~(PK_CREDS_GIDS & ~2u);
	__builtin_memcpy(w->ids, now->ids, sizeof(w->ids));
	if (w->ns != w->base_ns) {
		climb.w = w;
		bpf_loop(PK_CREDS_LEVELS, pk_creds_step, &climb, 0);
		if (w->ns != w->base_ns)
			return 1;
	}
	if (base->permitted & PK_CAP_SETUID)
		any |= PK_CREDS_UIDS;
	if (base->permitted & PK_CAP_SETGID)
		any |= PK_CREDS_GIDS;
	if (w->open & any)
		pk_creds_explain(w, (void *)w->base_ns, w->open & any);
	if (w->open)
		return 1;
	if (now->user_ns != base->user_ns)
		return 0;
	if (now->groups != base->groups && !(base->permitted & PK_CAP_SETGID))
		return 1;
	if (!(how & PK_CREDS_CAPS) &&
	    ((now->permitted | now->effective) & ~(base->permitted | base->effective)))
		return 1;
	return (now->bound & ~base->bound) != 0;
}

/* Before they are what an exec makes of them: not to be told yet. */
#define PK_CREDS_COMING (1u << 31)

/* Once pair->now is read: kept if it is in order. Result: 1 if it is not, or once was not. */
static __always_inline bool pk_creds_weigh(struct pk_creds_pair *pair, __u32 how)
{
	if (pair->base.epoch != pair->now.epoch) {
		/* nothing was kept: it was there before */
		pair->base = pair->now;
		return false;
	}
	if (pair->base.unexplained)
		return true;
	if (pk_creds_same(&pair->base, &pair->now))
		return false;
	if (!pk_creds_grown(pair, how & ~PK_CREDS_COMING)) {
		pair->base = pair->now;
		return false;
	}
	if (!(how & PK_CREDS_COMING))
		pair->base.unexplained = 1;
	return true;
}

/* What is kept of a thread, for a look at it; to be given back by pk_creds_put(). NULL: not to be had. */
static __always_inline struct pk_creds_pair *pk_creds_take(struct task_struct *task, __u32 hook)
{
	struct pk_creds_pair *pair = bpf_task_storage_get(&pk_creds_map, task, NULL,
							  BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!pair)
		pk_count_lost(hook, PK_LOSS_STORAGE);
	else if (__sync_lock_test_and_set(&pair->busy, 1))
		return NULL;
	return pair;
}

static __always_inline void pk_creds_put(struct pk_creds_pair *pair)
{
	__sync_lock_test_and_set(&pair->busy, 0);
}

/* The thread at hand as it is. Result: PK_FLAGS_CREDS; 0: not known. Not for cgroup programs. */
__weak __noinline int pk_creds_flags(__u32 hook)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_creds_pair *pair;
	bool so;

	if (task->flags & PF_IO_WORKER) {
		/* its credentials may be those that the ring was made with: what is known of the process */
		pair = bpf_task_storage_get(&pk_creds_map, task->group_leader, NULL, 0);
		so = pair && pair->base.epoch == pk_state.creds_epoch && pair->base.unexplained;
	} else {
		pair = pk_creds_take(task, hook);
		if (!pair)
			return 0;
		pk_creds_read(&pair->now, task->real_cred);
		so = pk_creds_weigh(pair, 0);
		pk_creds_put(pair);
	}
	return PK_FLAG_CREDS_KNOWN | (so ? PK_FLAG_CREDS_UNEXPLAINED : 0);
}

/* The same if some rule in force asks on events of this kind. */
static __always_inline __u32 pk_creds_asked(__u32 bank, __u32 kind)
{
	if (!(pk_state.creds_kinds[bank & 1] & (1ull << kind)))
		return 0;
	return pk_creds_flags(0);
}

/* A child, or a thread. */
static __always_inline void pk_creds_fork(struct task_struct *child, __u32 hook)
{
	struct pk_creds_pair *from, *to;

	if (!pk_creds_watched() || !pk_creds_flags(hook))
		return;
	from = bpf_task_storage_get(&pk_creds_map, bpf_get_current_task_btf(), NULL, 0);
	if (!from)
		return;
	to = pk_creds_take(child, hook);
	if (!to)
		return;
	to->base = from->base;
	pk_creds_put(to);
}

/* What is about to be committed. */
static __always_inline void pk_creds_coming(const struct cred *new, __u32 hook)
{
	struct pk_creds_pair *pair = pk_creds_take(bpf_get_current_task_btf(), hook);

	if (!pair)
		return;
	pk_creds_read(&pair->now, new);
	pk_creds_weigh(pair, PK_CREDS_COMING);
	pk_creds_put(pair);
}

/* What the exec of such a file may do. */
static __always_inline __u32 pk_creds_exec_may(const struct pk_creds *now,
					       const struct linux_binprm *bprm)
{
	__u32 mode = bprm->file->f_inode->i_mode, how = 0;

	/* binfmt_misc can have the credentials taken from the file instead of its interpreter */
	mode |= BPF_CORE_READ(bprm, executable, f_inode, i_mode);
	if (mode & 04000)
		how |= PK_CREDS_SETUID;
	if (mode & 02000)
		how |= PK_CREDS_SETGID;
	/* root, in whatever namespace, or a file with capabilities */
	if (now->user_level || !now->ids[0] || !now->ids[4] ||
	    BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec))
		how |= PK_CREDS_CAPS;
	return how;
}

/* An exec has put its credentials in place. */
static __always_inline void pk_creds_exec(struct task_struct *task, const struct linux_binprm *bprm,
					  __u32 hook)
{
	struct pk_creds_pair *pair;

	if (!pk_creds_watched())
		return;
	pair = pk_creds_take(task, hook);
	if (!pair) {
		__sync_fetch_and_add(&pk_state.creds_epoch, 1);
		return;
	}
	pk_creds_read(&pair->now, task->real_cred);
	pk_creds_weigh(pair, pk_creds_exec_may(&pair->now, bprm));
	pk_creds_put(pair);
}

/* Nobody looks at this task now: what is kept of it will not be true any more. */
static __always_inline void pk_creds_forget(struct task_struct *task)
{
	struct pk_creds_pair *pair;

	if (!pk_creds_watched())
		return;
	pair = bpf_task_storage_get(&pk_creds_map, task, NULL, 0);
	if (pair)
		pair->base.epoch = 0;
}

#endif
