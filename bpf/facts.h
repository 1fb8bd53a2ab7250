/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Facts of processes: what their texts are to the rules. Found at exec, passed on at fork, kept in task
 * storage (and by pid for cgroup programs), once for each bank that holds rules.
 */
#ifndef PK_FACTS_H
#define PK_FACTS_H

#include "judging.h"

/* The parent's and ancestors' part of a process's facts, from the facts of its parent. */
static __always_inline void pk_facts_inherit(__u32 *cls, __u64 *t, __u64 *c,
					     const struct pk_facts *parent)
{
#pragma unroll
	for (int i = 1; i < (int)PK_NAME_DEPTH; i++)
		cls[PK_SLOT_NAME + i] = parent->cls[PK_SLOT_NAME + i - 1];
#pragma unroll
	for (int i = 0; i < (int)PK_TEXT_PROC_CNT - 1; i++)
		cls[PK_SLOT_EXACT_PARENT + i] = parent->cls[PK_SLOT_EXACT_OWN + i];
#pragma unroll
	for (int i = 0; i < (int)PK_TEXT_PROC_CNT; i++)
		cls[PK_SLOT_PREFIX_PARENT + i] = parent->cls[PK_SLOT_PREFIX_OWN + i];
#pragma unroll
	for (int i = 0; i < (int)PK_WORDS_PROC; i++) {
		t[PK_WORD_PARENT + i] = parent->t[PK_WORD_OWN + i];
		c[PK_WORD_PARENT + i] = parent->c[PK_WORD_OWN + i];
	}
#pragma unroll
	for (int i = 0; i < (int)PK_WORDS_ANC; i++) {
		t[PK_WORD_ANC + i] = parent->t[PK_WORD_ANC + i] | parent->own_anc[i];
		c[PK_WORD_ANC + i] = parent->c[PK_WORD_ANC + i] | parent->own_anc[i];
	}
}

/* Nothing is known of the parent: of what begins there. */
static __always_inline void pk_facts_orphan(__u32 *cls, __u64 *t, __u64 *c)
{
#pragma unroll
	for (int i = 1; i < (int)PK_NAME_DEPTH; i++)
		cls[PK_SLOT_NAME + i] = PK_CLS_UNKNOWN;
#pragma unroll
	for (int i = 0; i < (int)PK_TEXT_PROC_CNT - 1; i++)
		cls[PK_SLOT_EXACT_PARENT + i] = PK_CLS_UNKNOWN;
#pragma unroll
	for (int i = 0; i < (int)PK_TEXT_PROC_CNT; i++)
		cls[PK_SLOT_PREFIX_PARENT + i] = PK_CLS_UNKNOWN;
#pragma unroll
	for (int i = PK_WORD_PARENT; i < (int)PK_WORD_EVENT; i++) {
		t[i] = 0;
		c[i] = ~0ull;
	}
}

/* The same on a judgement; `parent` may be NULL. */
__weak __noinline int pk_judge_parent(struct pk_scratch *s, struct pk_facts *parent)
{
	if (!s)
		return 0;
	if (parent)
		pk_facts_inherit(s->judge.cls, s->judge.t, s->judge.c, parent);
	else
		pk_facts_orphan(s->judge.cls, s->judge.t, s->judge.c);
	return 0;
}

/* One of the process's own texts. `of_parent`: the parent's, of old processes. */
__weak __noinline int pk_judge_own(struct pk_scratch *s, __u32 text_of, __u64 data, __u64 len_state)
{
	__u32 text = text_of & 15, bit = 1u << text;
	bool of_parent = text_of & 16;
	struct pk_slots slots;

	if (!s || text >= PK_TEXT_PROC_CNT)
		return 0;
	slots.text = text;
	slots.exact = PK_SLOT_CNT;
	if (text != PK_TEXT_NAME && (s->needs.exact & bit))
		slots.exact = (of_parent ? PK_SLOT_EXACT_PARENT : PK_SLOT_EXACT_OWN) + text -
			      PK_TEXT_EXE;
	slots.prefix = PK_SLOT_CNT;
	if (s->needs.prefix & bit)
		slots.prefix = (of_parent ? PK_SLOT_PREFIX_PARENT : PK_SLOT_PREFIX_OWN) + text;
	slots.pool = PK_WORD_CNT;
	if (s->needs.dfa & bit)
		slots.pool = of_parent ? PK_WORD_PARENT : PK_WORD_OWN;
	slots.dfas = s->needs.dfas;
	pk_text_look(s, &slots, data, len_state);
	if (!of_parent)
		s->judge.interest |= s->interest;
	return 0;
}

/* verifier: where it stands is kept in the slot: what is on the stack is enumerated */
struct pk_args {
	struct pk_scratch *s;
};

/* One argument behind the others, with a blank where its NUL was. */
static long pk_args_step(__u32 i, void *ctx)
{
	struct pk_args *args = ctx;
	__u32 from = args->s->args_from, to = args->s->args_to;
	long n;

	if (from >= args->s->args_end || to >= PK_TEXT_BYTES)
		return 1;
	n = bpf_probe_read_kernel_str(&args->s->text[PK_TEXT_ARGS_AT + (to & (PK_TEXT_BYTES - 1))],
				      PK_TEXT_BYTES, &args->s->rec.bytes[from & 0x7fff]);
	if (n <= 0)
		return 1;
	args->s->args_from = from + n;
	args->s->args_to = to + n;
	if (to + n <= PK_TEXT_BYTES)
		args->s->text[PK_TEXT_ARGS_AT + ((to + n - 1) & (PK_TEXT_BYTES - 1))] = ' ';
	return 0;
}

/*
 * ARGS and CMDLINE: the arguments go to pk_scratch.text from PK_TEXT_ARGS_AT on, the name and a blank
 * right before them.
 */
__weak __noinline int pk_judge_args(struct pk_scratch *s)
{
	struct pk_exec_event *e;
	struct pk_args args = {};
	__u32 len, name_bytes, first, state;
	long n;

	if (!s)
		return 0;
	e = &s->rec.exec;
	args.s = s;
	s->args_from = e->args.off;
	s->args_end = e->args.off + e->args.len;
	s->args_to = 0;
	state = s->pre || (e->exec_flags & (PK_EXEC_ARGS_TRUNCATED | PK_EXEC_ARGS_UNREADABLE)) ?
			PK_STATE_UNKNOWN :
			PK_STATE_KNOWN;
	/* argv[0], and what stands behind it */
	n = bpf_probe_read_kernel_str(s->text, PK_TEXT_BYTES, &s->rec.bytes[s->args_from & 0x7fff]);
	if (!e->args.len || n <= 0)
		n = 1;
	/* cut or unreadable: the first argument may still be whole */
	pk_judge_own(s, PK_TEXT_EXE, pk_scalar(s, s->text),
		     (__u64)(s->pre || (state != PK_STATE_KNOWN && n - 1 >= e->args.len) ?
				     PK_STATE_UNKNOWN :
				     PK_STATE_KNOWN)
				     << 32 |
			     (__u32)(n - 1));
	/* as the record has them: a NUL behind each, the last one left out */
	len = e->args.len ? e->args.len - 1 : 0;
	pk_judge_own(s, PK_TEXT_EXELINE, pk_scalar(s, s->rec.bytes) + e->args.off,
		     (__u64)state << 32 | len);
	pk_judge_own(s, PK_TEXT_ARGV, pk_scalar(s, s->rec.bytes) + e->args.off,
		     (__u64)state << 32 | len);
	if (!((s->needs.exact | s->needs.prefix | s->needs.dfa) &
	      (1u << PK_TEXT_ARGS | 1u << PK_TEXT_CMDLINE)))
		return 0;
	s->args_from += n;
	if (!s->pre)
		bpf_loop(PK_ARGS_MAX, pk_args_step, &args, 0);
	len = s->args_to ? s->args_to - 1 : 0; /* without the last blank */
	name_bytes = s->name_bytes & 15;
	pk_judge_own(s, PK_TEXT_ARGS, pk_scalar(s, s->text) + PK_TEXT_ARGS_AT,
		     (__u64)state << 32 | len);
	first = PK_TEXT_ARGS_AT - 1 - name_bytes;
	barrier_var(first);
	if (first > PK_TEXT_ARGS_AT - 1)
		return 0;
	bpf_probe_read_kernel(&s->text[first], name_bytes & 15, s->name.text);
	s->text[PK_TEXT_ARGS_AT - 1] = ' ';
	return pk_judge_own(s, PK_TEXT_CMDLINE, pk_scalar(s, s->text) + first,
			    (__u64)state << 32 | (name_bytes + (s->args_to ? 1 + len : 0)));
}

/* ENV: as ARGS, from its first entry on; put together where no text of the process is needed any more. */
__weak __noinline int pk_judge_env(struct pk_scratch *s)
{
	struct pk_exec_event *e;
	struct pk_slots slots;
	struct pk_args args = {};
	__u32 state = PK_STATE_KNOWN;

	if (!s)
		return 0;
	e = &s->rec.exec;
	args.s = s;
	s->args_from = e->env.off;
	s->args_end = e->env.off + e->env.len;
	s->args_to = 0;
	if (s->pre || !(e->exec_flags & PK_EXEC_ENV) ||
	    (e->exec_flags & (PK_EXEC_ENV_TRUNCATED | PK_EXEC_ENV_UNREADABLE)))
		state = PK_STATE_UNKNOWN;
	else
		bpf_loop(PK_ENV_MAX, pk_args_step, &args, 0);
	pk_slots_event(s, &slots, PK_TEXT_ENV);
	return pk_text_look(s, &slots, pk_scalar(s, s->text) + PK_TEXT_ARGS_AT,
			    (__u64)state << 32 | (s->args_to ? s->args_to - 1 : 0));
}

/* FD_NAME of an exec: the script, if it is one. */
__weak __noinline int pk_judge_script(struct pk_scratch *s)
{
	struct pk_exec_event *e;
	__u32 off, len, state;

	if (!s)
		return 0;
	e = &s->rec.exec;
	pk_path_seen(&e->script, &off, &len, &state);
	if (state == PK_STATE_MISSING && (e->exec_flags & PK_EXEC_SCRIPT))
		state = PK_STATE_UNKNOWN;
	pk_judge_text(s, PK_TEXT_FD_NAME, off, len, state);
	return 0;
}

/* The process's own texts, from the record of its exec; its name is in pk_scratch.name. */
__weak __noinline int pk_judge_exec(struct pk_scratch *s)
{
	struct pk_exec_event *e;
	struct pk_plan_table *plan;
	__u32 off, len, state, exact, prefix, dfa;
	__u64 dfas;
	long n;

	if (!s)
		return 0;
	plan = pk_plan_get(s->judge.bank);
	if (!plan)
		return 0;
	e = &s->rec.exec;
	/* everything that any rule asks of a process, and not just what rules about execs do */
	exact = s->needs.exact;
	prefix = s->needs.prefix;
	dfa = s->needs.dfa;
	dfas = s->needs.dfas;
	s->needs.exact |= plan->process.exact;
	s->needs.prefix |= plan->process.prefix;
	s->needs.dfa |= plan->process.dfa;
	s->needs.dfas |= plan->process.dfas;
#pragma unroll
	for (int i = 0; i < (int)PK_WORDS_PROC; i++) {
		s->judge.t[PK_WORD_OWN + i] = 0;
		s->judge.c[PK_WORD_OWN + i] = 0;
	}
	s->judge.interest |= plan->always;
	pk_name_look(s, &s->name, 0);
	s->own_anc[0] = s->name.anc[0];
	s->own_anc[1] = s->name.anc[1];
	s->judge.interest |= s->interest;
	n = bpf_probe_read_kernel_str(s->text, 16, s->name.text);
	s->name_bytes = n > 0 ? n - 1 : 0;
	pk_judge_own(s, PK_TEXT_NAME, pk_scalar(s, s->text), s->name_bytes);
	pk_path_seen(&e->exe, &off, &len, &state);
	pk_judge_own(s, PK_TEXT_EXEPATH, pk_scalar(s, s->rec.bytes) + off,
		     (__u64)state << 32 | len);
	if (s->needs.flags & PK_NEED_IDENT)
		pk_ident_look(s, &e->exe_inode, PK_TEXT_EXEPATH);
	pk_judge_args(s);
	pk_judge_exe(&s->judge, e->exec_flags);
	s->needs.exact = exact;
	s->needs.prefix = prefix;
	s->needs.dfa = dfa;
	s->needs.dfas = dfas;
	if (s->rec.head.kind == PK_EVENT_EXEC && pk_needs_text(s, PK_TEXT_ENV))
		pk_judge_env(s);
	if (s->rec.head.kind == PK_EVENT_EXEC && pk_needs_text(s, PK_TEXT_FD_NAME))
		pk_judge_script(s);
	return 0;
}

/* What a judgement found, as facts to keep. */
static __always_inline void pk_facts_fill(struct pk_facts *facts, const struct pk_scratch *s)
{
	const struct pk_judge *j = &s->judge;

	facts->generation = j->generation;
	facts->flags = j->num[PK_NUM_EXE_FLAGS];
	facts->interest = j->interest;
	__builtin_memcpy(facts->t, j->t, sizeof(facts->t));
	__builtin_memcpy(facts->c, j->c, sizeof(facts->c));
	__builtin_memcpy(facts->cls, j->cls, sizeof(facts->cls));
	facts->home = s->rec.head.mnt_ns == pk_config.host_mnt_ns ? PK_HOME_HOST :
								    s->rec.head.cgroup_id;
	facts->own_anc[0] = s->own_anc[0];
	facts->own_anc[1] = s->own_anc[1];
}

/* Where they are kept. Not for cgroup programs. */
static __always_inline struct pk_facts *pk_facts_make(struct task_struct *leader, __u32 bank,
						      __u32 hook)
{
	struct pk_facts *facts = bank ? bpf_task_storage_get(&pk_facts_1, leader, NULL,
							     BPF_LOCAL_STORAGE_GET_F_CREATE) :
					bpf_task_storage_get(&pk_facts_0, leader, NULL,
							     BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (!facts)
		pk_count_lost(hook, PK_LOSS_STORAGE);
	return facts;
}

/* What cgroup programs know of a process: nothing any more. */
static __always_inline void pk_facts_withdraw(__u32 pid, __u32 bank)
{
	if (pk_config.backend != PK_BACKEND_TRACEPOINT)
		return;
	if (bank)
		bpf_map_delete_elem(&pk_facts_pid_1, &pid);
	else
		bpf_map_delete_elem(&pk_facts_pid_0, &pid);
}

/* For cgroup programs too, where there are any. */
static __always_inline void pk_facts_publish(const struct pk_facts *facts, __u32 pid, __u32 bank,
					     __u32 hook)
{
	long err;

	if (pk_config.backend != PK_BACKEND_TRACEPOINT)
		return;
	err = bank ? bpf_map_update_elem(&pk_facts_pid_1, &pid, facts, BPF_ANY) :
		     bpf_map_update_elem(&pk_facts_pid_0, &pid, facts, BPF_ANY);
	if (err)
		pk_count_lost(hook, PK_LOSS_STORAGE);
}

#endif
