// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * raw_tp programs that are never attached: user space runs them with BPF_PROG_TEST_RUN.
 *
 * pk_feed_run    what rules ask of a process that was there before them, from what /proc knows of it;
 *                goes through the emitted program of EXEC for its interest, then pk_f_feed
 * pk_replay_run  judges a record that user space has put into pk_replay_map, as a hook would: tests
 *                hold that against the reference
 * pk_escape_run  how the running task stands to an origin that user space has put into pk_escape_map: tests
 * pk_creds_run   two credentials that user space has put into pk_creds_trial_map, held against each other: tests
 */
#include "act.h"
#include "facts.h"
#include "origin.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

PK_POINT(pk_p_feed, 1);
PK_POINT(pk_p_replay, PK_KINDS);

static __always_inline struct pk_feed *feed_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&pk_feed_map, &zero);
}

struct feeding {
	struct pk_scratch *s;
	struct pk_feed *feed;
	struct pk_name name;
	__u64 anc[PK_WORDS_ANC];
};

/* One ancestor: its class if it is near enough, its bits either way. */
static long feed_name(__u32 i, void *ctx)
{
	struct feeding *f = ctx;
	__u32 at = i & (PK_FEED_NAMES - 1);

	__builtin_memcpy(f->name.text, f->feed->names[at], sizeof(f->name.text));
	pk_name_look(f->s, &f->name, i < PK_NAME_DEPTH ? i : PK_NAME_DEPTH - 1);
	if (!i) {
		f->s->own_anc[0] = f->name.anc[0];
		f->s->own_anc[1] = f->name.anc[1];
		f->s->judge.interest |= f->s->interest;
		return 0;
	}
	f->anc[0] |= f->name.anc[0];
	f->anc[1] |= f->name.anc[1];
	return 0;
}

static __always_inline void feed_names(struct pk_scratch *s, struct pk_feed *feed)
{
	struct feeding f = { .s = s, .feed = feed };
	__u32 cnt = feed->name_cnt, keep;

	if (cnt > PK_FEED_NAMES)
		cnt = PK_FEED_NAMES;
	/* from the farthest on: those beyond PK_NAME_DEPTH leave their class in its last slot */
	bpf_loop(cnt, feed_name, &f, 0);
	keep = PK_NAME_DEPTH - 1;
	if (cnt > PK_NAME_DEPTH) {
		__builtin_memcpy(f.name.text, feed->names[keep], sizeof(f.name.text));
		pk_name_look(s, &f.name, keep);
	}
#pragma unroll
	for (int i = 0; i < (int)PK_NAME_DEPTH; i++)
		if (i >= (int)cnt)
			s->judge.cls[PK_SLOT_NAME + i] = PK_CLS_MISSING;
#pragma unroll
	for (int i = 0; i < (int)PK_WORDS_ANC; i++) {
		s->judge.t[PK_WORD_ANC + i] = f.anc[i];
		/* there may be more ancestors than fit */
		s->judge.c[PK_WORD_ANC + i] = cnt == PK_FEED_NAMES ? ~0ull : f.anc[i];
	}
}

static __always_inline void feed_texts(struct pk_scratch *s, struct pk_feed *feed)
{
	pk_judge_own(s, PK_TEXT_NAME, pk_scalar(s, feed->names[0]),
		     (__u64)feed->own[PK_TEXT_NAME].state << 32 |
			     feed->own[PK_TEXT_NAME].len_bytes);
	pk_judge_own(s, PK_TEXT_NAME | 16, pk_scalar(s, feed->names[1]),
		     (__u64)feed->parent[PK_TEXT_NAME].state << 32 |
			     feed->parent[PK_TEXT_NAME].len_bytes);
	for (__u32 i = PK_TEXT_EXE; i < PK_TEXT_PROC_CNT; i++) {
		pk_judge_own(s, i, pk_scalar(s, feed->own[i].data),
			     (__u64)feed->own[i].state << 32 | feed->own[i].len_bytes);
		pk_judge_own(s, i | 16, pk_scalar(s, feed->parent[i].data),
			     (__u64)feed->parent[i].state << 32 | feed->parent[i].len_bytes);
	}
}

SEC("raw_tp/sched_process_exec")
int pk_feed_run(struct bpf_raw_tracepoint_args *ctx)
{
	struct pk_feed *feed = feed_get();
	struct pk_plan_table *plan;
	struct pk_scratch *s;

	if (!feed)
		return 0;
	s = pk_scratch_get(PK_HOOK_USER, sizeof(struct pk_exec_event));
	if (!s)
		return 0;
	feed->done = 0;
	s->rec.head.kind = PK_EVENT_EXEC;
	s->judge.bank = feed->bank & 1;
	plan = pk_plan_get(s->judge.bank);
	if (!plan || !pk_judge_begin(s, NULL, PK_BEGIN_FED)) {
		pk_scratch_put(s);
		return 0;
	}
	s->needs.exact = plan->process.exact;
	s->needs.prefix = plan->process.prefix;
	s->needs.dfa = plan->process.dfa;
	s->needs.dfas = plan->process.dfas;
#pragma unroll
	for (int i = 0; i < (int)PK_WORD_EVENT; i++) {
		s->judge.t[i] = 0;
		s->judge.c[i] = 0;
	}
	s->judge.interest = plan->always;
	feed_names(s, feed);
	feed_texts(s, feed);
	pk_judge_exe(&s->judge, feed->exec_flags);
	pk_judge_call(ctx, s, pk_p_feed, 0);
	pk_scratch_put(s);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int pk_f_feed(struct bpf_raw_tracepoint_args *ctx)
{
	struct pk_scratch *s = pk_scratch_mine();
	struct pk_feed *feed = feed_get();

	if (s && feed) {
		pk_facts_fill(&feed->facts, s);
		feed->done = 1;
	}
	if (s)
		pk_scratch_put(s);
	return 0;
}

static __always_inline struct pk_replay *replay_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&pk_replay_map, &zero);
}

SEC("raw_tp/sched_process_exec")
int pk_replay_run(struct bpf_raw_tracepoint_args *ctx)
{
	struct pk_replay *replay = replay_get();
	struct pk_scratch *s;
	__u32 bytes, kind;

	if (!replay)
		return 0;
	replay->done = 0;
	s = pk_scratch_get(PK_HOOK_USER, sizeof(struct pk_event));
	if (!s)
		return 0;
	bytes = replay->record_bytes;
	barrier_var(bytes);
	if (bytes > PK_REPLAY_BYTES || bpf_probe_read_kernel(s->rec.bytes, bytes, replay->record)) {
		pk_scratch_put(s);
		return 0;
	}
	s->data_bytes = bytes;
	s->judge.bank = replay->bank & 1;
	if (!pk_judge_begin(s, replay->has_facts ? &replay->facts : NULL, PK_BEGIN_FED)) {
		pk_scratch_put(s);
		return 0;
	}
	kind = s->rec.head.kind;
	pk_judge_event(s);
	if (kind == PK_EVENT_EXEC) {
		if (replay->parent.generation)
			pk_judge_parent(s, &replay->parent);
		__builtin_memcpy(s->name.text, s->rec.head.comm, sizeof(s->name.text));
		pk_judge_exec(s);
	}
	bpf_tail_call(ctx, &pk_p_replay, kind * PK_PROG_SLOTS + s->judge.bank * PK_CHUNKS);
	pk_scratch_put(s);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int pk_f_replay(struct bpf_raw_tracepoint_args *ctx)
{
	struct pk_scratch *s = pk_scratch_mine();
	struct pk_replay *replay = replay_get();

	if (s && replay) {
		bpf_probe_read_kernel(&replay->judge, sizeof(replay->judge), &s->judge);
		replay->done = 1;
	}
	if (s)
		pk_scratch_put(s);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int pk_escape_run(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_escape_trial *trial;
	struct pk_scratch *s;
	__u32 zero = 0;

	trial = bpf_map_lookup_elem(&pk_escape_map, &zero);
	if (!trial)
		return 0;
	trial->done = 1;
	if (!trial->origin.cgroup_id) {
		pk_origin_fill(&trial->origin, task, 1);
		return 0;
	}
	s = pk_scratch_get(PK_HOOK_USER, sizeof(struct pk_file_event));
	if (!s)
		return 0;
	s->judge.bank = trial->bank & 1;
	s->origin = trial->origin;
	s->needs.nums = PK_NUMS_ESCAPE;
	s->rec.head.kind = trial->kind;
	s->rec.head.mnt_ns = task->nsproxy->mnt_ns->ns.inum;
	s->first_mnt = pk_scalar(s, task->fs->root.mnt);
	pk_escape_find(s, 0);
	trial->flags = s->rec.head.flags;
	pk_scratch_put(s);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int pk_creds_run(struct bpf_raw_tracepoint_args *ctx)
{
	struct pk_creds_trial *trial;
	__u32 zero = 0;

	trial = bpf_map_lookup_elem(&pk_creds_trial_map, &zero);
	if (!trial)
		return 0;
	trial->done = 1;
	if (!trial->pair.now.user_ns)
		pk_creds_read(&trial->pair.now, bpf_get_current_task_btf()->real_cred);
	else
		trial->grown = pk_creds_grown(&trial->pair, trial->how);
	return 0;
}
