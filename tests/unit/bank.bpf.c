// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A kernel side of a few lines, for the tests of src/kernel/bank*: the names of the real one, and
 * programs that tell what they find instead of judging. Programs run by BPF_PROG_TEST_RUN; none is
 * attached.
 */
#include "tables.h"

#include <bpf/bpf_helpers.h>

#include "config.h"

#define PROGS(point, groups)                                 \
	struct {                                             \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);       \
		__uint(max_entries, (groups)*PK_PROG_SLOTS); \
		__type(key, __u32);                          \
		__type(value, __u32);                        \
	} pk_p_##point SEC(".maps")

#define FACTS(bank)                                      \
	struct {                                         \
		__uint(type, BPF_MAP_TYPE_TASK_STORAGE); \
		__uint(map_flags, BPF_F_NO_PREALLOC);    \
		__type(key, int);                        \
		__type(value, struct pk_facts);          \
	} pk_facts_##bank SEC(".maps");                  \
	struct {                                         \
		__uint(type, BPF_MAP_TYPE_HASH);         \
		__uint(max_entries, 65536);              \
		__type(key, __u32);                      \
		__type(value, struct pk_facts);          \
	} pk_facts_pid_##bank SEC(".maps")

PROGS(exec, 1);
PROGS(feed, 1);
PROGS(sys_exit, PK_KINDS);
PROGS(connect4, 1);
FACTS(0);
FACTS(1);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pk_feed);
} pk_feed_map SEC(".maps");

/* The emitted programs of the tests write the generation of their plan: exec's first, others' last. */
struct scratch {
	__u32 emitted;
	__u32 table;
	__u32 others;
	__u32 pad0;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} pk_scratch_map SEC(".maps");

struct pk_state pk_state;

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline __u32 generation_of(__u32 bank)
{
	void *plans = bpf_map_lookup_elem(&pk_plans, &bank);
	struct pk_plan_table *table;
	__u32 zero = 0;

	if (!plans)
		return 0;
	table = bpf_map_lookup_elem(plans, &zero);
	return table ? table->generation : 0;
}

static __always_inline struct scratch *scratch(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&pk_scratch_map, &zero);
}

/* Facts tell what came in: how many names, how long the texts, in which state. */
SEC("raw_tp/sched_process_exec")
int pk_feed_run(void *ctx)
{
	__u32 zero = 0;
	struct pk_feed *feed = bpf_map_lookup_elem(&pk_feed_map, &zero);

	if (!feed)
		return 0;
	feed->facts.flags = generation_of(feed->bank);
	feed->facts.interest = feed->name_cnt;
	for (int i = 0; i < PK_TEXT_PROC_CNT; i++) {
		feed->facts.cls[i] = feed->own[i].len_bytes;
		feed->facts.cls[8 + i] = feed->own[i].state;
	}
	__builtin_memcpy(feed->facts.t, feed->names[0], 16);
	__builtin_memcpy(feed->facts.c, feed->names[1], 16);
	bpf_tail_call(ctx, &pk_p_feed, feed->bank * PK_CHUNKS);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int pk_f_feed(void *ctx)
{
	__u32 zero = 0;
	struct pk_feed *feed = bpf_map_lookup_elem(&pk_feed_map, &zero);

	if (feed)
		feed->done = 1;
	return 0;
}

/* An event, judged by the bank in force: 1 + the generation that judged, 0: nobody did; ~0: two banks. */
SEC("raw_tp/sched_process_exec")
int event(void *ctx)
{
	__u32 bank = *(volatile __u32 *)&pk_state.bank & 1;
	struct scratch *s = scratch();

	if (!s)
		return 0;
	s->table = generation_of(bank);
	bpf_tail_call(ctx, &pk_p_exec, bank * PK_CHUNKS);
	return 0;
}

static long wait_step(__u32 i, void *ctx)
{
	return 0;
}

SEC("raw_tp/sched_process_exec")
int pk_f_exec(void *ctx)
{
	struct scratch *s = scratch();

	if (!s)
		return 0;
	/* time for a change of banks to hurt */
	bpf_loop(4000000, wait_step, NULL, 0);
	if (s->table != s->emitted || s->table != generation_of(s->table & 1))
		return ~0;
	return 1 + s->emitted;
}

SEC("tp_btf/sys_exit")
int pk_f_sys_exit(void *ctx)
{
	return 0;
}

SEC("cgroup/connect4")
int pk_f_connect4(void *ctx)
{
	return 1;
}
