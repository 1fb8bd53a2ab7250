/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every sensor does around its own facts: is this process looked at, a record to fill,
 * its head, the way out, and the books on what got lost.
 */
#ifndef PK_GATHER_H
#define PK_GATHER_H

#include "container.h"
#include "creds.h"
#include "path.h"

#define PK_NR_IO_URING_ENTER 426    /* the same on every architecture */
#define PK_KERNEL_STACK_BYTES 16384 /* x86-64 */
#define PK_USER_CS 0x33

static __always_inline __u64 pk_exec_id(struct task_struct *leader)
{
	return leader->start_boottime ^ ((__u64)leader->tgid << 42);
}

/*
 * Is nothing to be said of this task? It is the agent, or outside the scope. In scope is who
 * runs in the scope's cgroup, and who descends from one that did: as long as none of those has
 * left the cgroup, the cgroup alone tells, which is a third of the price.
 */
static __always_inline bool pk_skip(struct task_struct *task)
{
	struct pk_proc *proc;

	if ((__u32)task->tgid == pk_config.self_pid)
		return true;
	if (!pk_config.scope_cgroup_id || bpf_get_current_cgroup_id() == pk_config.scope_cgroup_id)
		return false;
	if (!pk_state.strays)
		return true;
	proc = bpf_task_storage_get(&pk_proc_map, task->group_leader, NULL, 0);
	return !proc || !proc->in_scope;
}

/* Is the event itself asked for, whatever rules say? A constant to the verifier where `kind` is one. */
static __always_inline bool pk_reported(__u32 kind)
{
	return pk_config.event_mask & (1ull << kind);
}

static __always_inline bool pk_wanted(__u32 kind)
{
	return pk_config.judging || pk_reported(kind);
}

/* What is known of a process to the rules in force; NULL: nothing. Not for cgroup programs. */
static __always_inline struct pk_facts *pk_facts_get(struct task_struct *leader, __u32 bank)
{
	struct pk_facts *facts = bank ? bpf_task_storage_get(&pk_facts_1, leader, NULL, 0) :
					bpf_task_storage_get(&pk_facts_0, leader, NULL, 0);

	return facts && facts->generation == pk_state.generation[bank & 1] ? facts : NULL;
}

/* The same for cgroup programs. */
static __always_inline struct pk_facts *pk_facts_get_by_pid(__u32 pid, __u32 bank)
{
	struct pk_facts *facts = bank ? bpf_map_lookup_elem(&pk_facts_pid_1, &pid) :
					bpf_map_lookup_elem(&pk_facts_pid_0, &pid);

	return facts && facts->generation == pk_state.generation[bank & 1] ? facts : NULL;
}

/* Who is at a hook, as far as the rules are concerned. */
struct pk_actor {
	struct pk_facts *facts;   /* NULL: nothing is known of the process */
	struct pk_origin *origin; /* NULL: none, or nobody asks */
	__u32 bank;
	__u32 flags; /* PK_FLAGS_CREDS */
};

/* May a rule on events of these kinds be true in the container at hand? */
__weak __noinline int pk_container_concerns(__u32 bank, __u64 kinds, __u64 home)
{
	__u64 cgroup_id = pk_cgroup_kept(home, bank);
	struct pk_container_facts *facts = pk_container_get(cgroup_id, bank);

	if (!facts || (facts->interest & kinds))
		return true;
	if (pk_is_helper(facts, home, bpf_get_current_task_btf()->nsproxy->mnt_ns->ns.inum, bank))
		return true;
	/* the entry was replaced meanwhile, and its memory given to another's: not known */
	barrier();
	return facts->cgroup_id != cgroup_id;
}

/*
 * May a rule on events of this kind be true for a process with these facts, where it is? What most rules
 * ask of the container is that it is a certain one, so one look-up rules out those about all others.
 */
static __always_inline bool pk_concerns(const struct pk_actor *actor, __u32 kind)
{
	__u64 bit = 1ull << kind;

	if (!(pk_state.judged_kinds[actor->bank] & bit))
		return false;
	if (actor->facts && !(actor->facts->interest & bit))
		return false;
	return !(pk_state.container_kinds[actor->bank] & bit) ||
	       pk_container_concerns(actor->bank, bit, actor->facts ? actor->facts->home : 0);
}

/*
 * The gate: is there anything to do for an event of `kind` by this task? The bank is read here, once:
 * an event is judged by one rule set.
 */
static __always_inline bool pk_enter(struct task_struct *task, __u32 kind, struct pk_actor *actor)
{
	actor->facts = NULL;
	actor->origin = NULL;
	actor->bank = 0;
	actor->flags = 0;
	if (pk_skip(task))
		return false;
	if (!pk_config.judging)
		return pk_reported(kind);
	actor->bank = pk_state.bank & 1;
	if (!pk_reported(kind) && !(pk_state.judged_kinds[actor->bank] & (1ull << kind)))
		return false;
	actor->facts = pk_facts_get(task->group_leader, actor->bank);
	if (!pk_reported(kind) && !pk_concerns(actor, kind))
		return false;
	if (pk_state.escape_kinds[actor->bank] & (1ull << kind))
		actor->origin = pk_origin_get(task, actor->bank);
	actor->flags = pk_creds_asked(actor->bank, kind);
	return true;
}

/* A record to fill, its head and body zeroed; NULL when the CPU has none left (counted). */
static __always_inline struct pk_scratch *pk_scratch_get(__u32 hook, __u32 body_bytes)
{
	__u32 first = bpf_get_smp_processor_id() * PK_SCRATCH_SLOTS;
	__u32 owner = (__u32)bpf_get_current_pid_tgid() + 1;

#pragma unroll
	for (__u32 i = 0; i < PK_SCRATCH_SLOTS; i++) {
		__u32 key = first + i;
		struct pk_scratch *s = bpf_map_lookup_elem(&pk_scratch_map, &key);

		if (s && !s->busy && !__sync_val_compare_and_swap(&s->busy, 0, owner)) {
			__builtin_memset(&s->rec, 0, body_bytes);
			s->data_bytes = body_bytes;
			s->slot = key;
			s->later = 0;
			s->first_mnt = 0;
			s->cgroup_id = 0;
			s->origin.cgroup_id = 0;
			return s;
		}
	}
	pk_count_produced(hook);
	pk_count_lost(hook, PK_LOSS_SCRATCH);
	return NULL;
}

/* The slot that this thread took before a tail call. */
static __always_inline struct pk_scratch *pk_scratch_mine(void)
{
	__u32 first = bpf_get_smp_processor_id() * PK_SCRATCH_SLOTS;
	__u32 owner = (__u32)bpf_get_current_pid_tgid() + 1;

#pragma unroll
	for (__u32 i = 0; i < PK_SCRATCH_SLOTS; i++) {
		__u32 key = first + i;
		struct pk_scratch *s = bpf_map_lookup_elem(&pk_scratch_map, &key);

		if (s && s->busy == owner)
			return s;
	}
	return NULL;
}

static __always_inline void pk_scratch_put(struct pk_scratch *s)
{
	__sync_lock_test_and_set(&s->busy, 0);
}

static __always_inline __u32 pk_ns_pid(struct task_struct *leader)
{
	struct pid *pid = leader->thread_pid;
	__u32 level = pid->level;
	__u32 nr = leader->tgid;

	/* verifier: not an else branch, which the compiler would share between two pointer types */
	if (level)
		bpf_probe_read_kernel(&nr, sizeof(nr), &pid->numbers[level & 31].nr);
	return nr;
}

/*
 * Facts about the acting thread. A global function, so that the verifier looks at it once a
 * program, whatever stands around it.
 */
__weak __noinline int pk_head_fill(struct pk_scratch *s, __u32 kind, __u32 hook)
{
	struct task_struct *task, *leader, *parent;
	const struct cred *cred;
	struct pk_event *h;

	if (!s)
		return 0;
	task = bpf_get_current_task_btf();
	leader = task->group_leader;
	parent = leader->real_parent;
	cred = task->cred;
	h = &s->rec.head;
	h->kind = kind;
	h->hook = hook;
	h->time_ns = bpf_ktime_get_boot_ns();
	h->exec_id = pk_exec_id(leader);
	h->parent_exec_id = pk_exec_id(parent->group_leader);
	h->pid = task->tgid;
	h->tid = task->pid;
	h->ppid = parent->tgid;
	h->ns_pid = pk_ns_pid(leader);
	h->uid = cred->uid.val;
	h->gid = cred->gid.val;
	h->euid = cred->euid.val;
	h->egid = cred->egid.val;
	h->mnt_ns = task->nsproxy->mnt_ns->ns.inum;
	h->cgroup_id = s->cgroup_id ? s->cgroup_id : pk_cgroup_id();
	/* a head that is filled late: what was found before stays */
	h->flags &= PK_FLAGS_FOUND;
	if (pk_config.backend == PK_BACKEND_LSM)
		h->flags |= PK_FLAG_BACKEND_LSM;
	if (task->flags & PF_IO_WORKER)
		h->flags |= PK_FLAG_IO_URING;
	if (task->thread_info.status & TS_COMPAT)
		h->flags |= PK_FLAG_COMPAT;
	bpf_probe_read_kernel(h->comm, sizeof(h->comm), task->comm);
	return 0;
}

/*
 * The same where bpf_task_pt_regs() is not allowed. The registers lie at the end of the kernel's
 * stack, on kernels with FRED behind 16 bytes of padding; the code segment tells which.
 */
static __always_inline __attribute__((unused)) void
pk_head_io_uring_by_stack(struct pk_event *h, struct task_struct *task)
{
	__u64 end = (__u64)BPF_CORE_READ(task, stack) + PK_KERNEL_STACK_BYTES;
	struct pt_regs regs;

#pragma unroll
	for (int padding = 0; padding <= 16; padding += 16) {
		if (bpf_probe_read_kernel(&regs, sizeof(regs),
					  (void *)(end - padding - sizeof(regs))))
			return;
		if ((regs.cs & 0xffff) != PK_USER_CS)
			continue;
		if (regs.orig_ax == PK_NR_IO_URING_ENTER && !(h->flags & PK_FLAG_COMPAT))
			h->flags |= PK_FLAG_IO_URING;
		return;
	}
}

/* The operation may be io_uring's, done within the caller's own io_uring_enter(). */
static __always_inline void pk_head_io_uring(struct pk_event *h, struct task_struct *task)
{
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	unsigned long nr = regs->orig_ax;

	if (nr == PK_NR_IO_URING_ENTER && !(h->flags & PK_FLAG_COMPAT))
		h->flags |= PK_FLAG_IO_URING;
}

/* Is the reader to be woken by this record? That costs as much as an event: one does it for all. */
static __always_inline bool pk_wake(void)
{
	if (pk_state.reader_idle)
		return __sync_lock_test_and_set(&pk_state.reader_idle, 0);
	if (pk_state.reader_called ||
	    bpf_ringbuf_query(&pk_ring, BPF_RB_AVAIL_DATA) <= pk_config.wake_bytes)
		return false;
	return !__sync_lock_test_and_set(&pk_state.reader_called, 1);
}

/* Send the record and give the slot back. */
static __always_inline void pk_emit(struct pk_scratch *s, __u32 hook)
{
	__u64 wake = BPF_RB_NO_WAKEUP;
	__u32 bytes = s->data_bytes;

	pk_count_produced(hook);
	if (bytes > 512 + PK_DATA_BYTES - 16)
		bytes = 512 + PK_DATA_BYTES - 16;
	/* stale bytes of an earlier record must not leave as padding */
	__builtin_memset(&s->rec.bytes[bytes], 0, 8);
	bytes = (bytes + 7) & ~7u;
	s->rec.head.size_bytes = bytes;
	if (pk_wake())
		wake = BPF_RB_FORCE_WAKEUP;
	if (bpf_ringbuf_output(&pk_ring, &s->rec, bytes, wake))
		pk_count_lost(hook, PK_LOSS_RING);
	pk_scratch_put(s);
}

/* Note that a fact could not be read: in the record, and in the books. */
static __always_inline void pk_fact_lost(struct pk_event *h)
{
	if (h->flags & PK_FLAG_FACTS_LOST)
		return;
	h->flags |= PK_FLAG_FACTS_LOST;
	pk_count_lost(h->hook, PK_LOSS_READ);
}

static __always_inline void pk_path_check(struct pk_event *h, const struct pk_path *p)
{
	if (p->flags & PK_PATH_UNREADABLE)
		pk_fact_lost(h);
}

#endif
