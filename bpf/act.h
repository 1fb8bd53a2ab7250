/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What follows from a judgement: which of the rules that matched are reported, tags, and the verdict.
 * In: a slot whose judge holds matches. Out: the verdict; the record, with a struct pk_judgement at its
 * end, goes to user space unless nothing of it is to be reported.
 *
 * Picket itself is never judged (the gate passes it over); init is judged and spared.
 */
#ifndef PK_ACT_H
#define PK_ACT_H

#include "judging.h"

#define PK_REPEAT_NS 1000000000ull /* like denials within this span are counted, not reported */

static __always_inline __u64 pk_mix(__u64 h, __u64 v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ (h >> 29);
}

struct pk_hash {
	struct pk_scratch *s;
	__u32 off;
	__u32 len;
	__u64 h;
};

static long pk_hash_step(__u32 i, void *ctx)
{
	struct pk_hash *hash = ctx;
	__u64 word = 0;
	__u32 n = hash->len - i * 8;

	if (n > 8)
		n = 8;
	bpf_probe_read_kernel(&word, n, &hash->s->rec.bytes[(hash->off + i * 8) & 0x7fff]);
	hash->h = pk_mix(hash->h, word);
	return 0;
}

static __always_inline void pk_hash_str(struct pk_hash *hash, const struct pk_str *str)
{
	hash->off = str->off;
	hash->len = str->len;
	bpf_loop((hash->len + 7) >> 3, pk_hash_step, hash, 0);
}

/* What an event is about, as a number: the file (or its path, if it is not there), the peer. */
__weak __noinline int pk_object(struct pk_scratch *s, __u64 *ret_object)
{
	struct pk_hash hash = { .s = s };
	__u32 kind;

	if (!s || !ret_object)
		return 0;
	kind = s->rec.head.kind;
	hash.h = kind;
	if (kind == PK_EVENT_EXEC) {
		hash.h = pk_mix(pk_mix(hash.h, s->rec.exec.exe_inode.ino),
				s->rec.exec.exe_inode.dev);
	} else if (kind >= PK_EVENT_OPEN && kind <= PK_EVENT_TRUNCATE) {
		if (s->rec.file.inode.ino)
			hash.h = pk_mix(pk_mix(hash.h, s->rec.file.inode.ino),
					s->rec.file.inode.dev);
		else
			pk_hash_str(&hash, &s->rec.file.path.name);
	} else if ((kind >= PK_EVENT_CONNECT && kind <= PK_EVENT_SEND) || kind == PK_EVENT_DUP) {
		const __u64 *local = (const __u64 *)s->rec.net.local_addr;
		const __u64 *remote = (const __u64 *)s->rec.net.remote_addr;

		hash.h = pk_mix(pk_mix(hash.h, remote[0]), remote[1]);
		hash.h = pk_mix(pk_mix(hash.h, local[0]), local[1]);
		hash.h = pk_mix(hash.h, (__u64)s->rec.net.remote_port << 32 |
						(kind == PK_EVENT_CONNECT || kind == PK_EVENT_SEND ?
							 0 :
							 s->rec.net.local_port));
		pk_hash_str(&hash, &s->rec.net.sun_path);
	} else if (kind >= PK_EVENT_DO_MOUNT && kind < PK_EVENT_SENSOR_MAX) {
		hash.h = pk_mix(pk_mix(hash.h, s->rec.sys.inode.ino), s->rec.sys.inode.dev);
		hash.h = pk_mix(pk_mix(hash.h, s->rec.sys.arg[0]), s->rec.sys.target_exec_id);
		pk_hash_str(&hash, &s->rec.sys.path.name);
		pk_hash_str(&hash, &s->rec.sys.text);
	}
	*ret_object = hash.h;
	return 0;
}

static __always_inline void pk_tagged_set(struct pk_tagged *tagged,
					  const struct pk_rule_entry *entry, __u64 now)
{
	__u32 bit = (entry->tag - 1) & 63;

	__sync_fetch_and_or(&tagged->bits, 1ull << bit);
	if (entry->tag_scope == 1)
		__sync_fetch_and_or(&tagged->tree, 1ull << bit);
	tagged->until_ns[bit] = entry->tag_ttl_ns ? now + entry->tag_ttl_ns : 0;
}

/* An empty struct pk_tagged, too large for a stack. */
const volatile struct pk_tagged pk_untagged __weak = {};

static __always_inline void pk_tag(struct pk_scratch *s, const struct pk_rule_entry *entry,
				   __u64 now)
{
	struct pk_event *h = &s->rec.head;
	__u64 exec_id = h->exec_id, cgroup_id = h->cgroup_id;
	struct pk_tagged *tagged;

	if (entry->tag_scope == 2) {
		bpf_map_update_elem(&pk_container_tag_map, &cgroup_id, (void *)&pk_untagged,
				    BPF_NOEXIST);
		tagged = bpf_map_lookup_elem(&pk_container_tag_map, &cgroup_id);
	} else {
		bpf_map_update_elem(&pk_tag_map, &exec_id, (void *)&pk_untagged, BPF_NOEXIST);
		tagged = bpf_map_lookup_elem(&pk_tag_map, &exec_id);
	}
	if (tagged)
		pk_tagged_set(tagged, entry, now);
	else
		pk_count_lost(h->hook, PK_LOSS_STORAGE);
}

/* Is a rule's limit spent? */
static __always_inline bool pk_spent(struct pk_scratch *s, const struct pk_rule_entry *entry,
				     __u32 rule)
{
	struct pk_spent_key key = { .rule = rule, .generation = s->judge.generation };
	struct pk_spent fresh = { .since_ns = s->acting.now, .cnt = 1 };
	struct pk_spent *spent = bpf_map_lookup_elem(&pk_spent_map, &key);

	if (!spent || s->acting.now - spent->since_ns >= entry->limit_ns) {
		bpf_map_update_elem(&pk_spent_map, &key, &fresh, BPF_ANY);
		return false;
	}
	return __sync_fetch_and_add(&spent->cnt, 1) >= entry->limit_cnt;
}

/*
 * Is this match to be told? The first of (rule, process, object) always is. Then: of those that a rule
 * stopped, one a second, with the number of the others; of alerts, as many as the rule's limit lets.
 */
static __always_inline bool pk_told(struct pk_scratch *s, const struct pk_rule_entry *entry,
				    __u32 rule, bool stops)
{
	struct pk_acting *a = &s->acting;
	struct pk_seen_key key = {
		.exec_id = s->rec.head.exec_id,
		.object = a->object,
		.rule = rule,
		.generation = s->judge.generation,
	};
	struct pk_seen fresh = {
		.reported_ns = a->now,
		.pid = s->rec.head.pid,
		.verdict = a->verdict,
	};
	struct pk_seen *seen;
	bool spent = false;

	if (!stops && !entry->limit_cnt)
		return true;
	if (!stops && entry->limit_cnt == PK_LIMIT_NONE)
		return false;
	if (!stops)
		spent = pk_spent(s, entry, rule);
	seen = bpf_map_lookup_elem(&pk_seen_map, &key);
	if (!seen) {
		bpf_map_update_elem(&pk_seen_map, &key, &fresh, BPF_ANY);
		return true;
	}
	if (stops ? a->now - seen->reported_ns < PK_REPEAT_NS : spent) {
		__sync_fetch_and_add(&seen->suppressed_cnt, 1);
		__sync_fetch_and_add(&pk_state.suppressed_cnt, 1);
		return false;
	}
	seen->reported_ns = a->now;
	a->repeat_cnt += __sync_lock_test_and_set(&seen->suppressed_cnt, 0);
	return true;
}

/* One match. A global function: what it finds would else be followed through all of pk_act(). */
__weak __noinline int pk_act_match(struct pk_scratch *s, __u32 i)
{
	struct pk_rule_entry *entry;
	__u32 match, rule;
	void *inner;
	bool told = true;

	if (!s)
		return 0;
	match = s->judge.matches[i & (PK_MAX_MATCHES - 1)];
	rule = match & ~PK_MATCH_UNKNOWN;
	inner = pk_inner_get(&pk_rule_entries, s->judge.bank);
	entry = inner ? bpf_map_lookup_elem(inner, &rule) : NULL;
	if (entry) {
		bool unknown = match & PK_MATCH_UNKNOWN;

		if (entry->act_on_unknown && entry->action)
			unknown = false;
		if (entry->tag && !unknown)
			pk_tag(s, entry, s->acting.now);
		if (!unknown)
			told = pk_told(s, entry, rule, entry->action && s->acting.verdict);
	}
	if (told) {
		s->out_matches[s->acting.kept & (PK_MAX_MATCHES - 1)] = match;
		s->acting.kept++;
	}
	return 0;
}

struct pk_act_ctx {
	struct pk_scratch *s;
};

static long pk_act_step(__u32 i, void *ctx)
{
	pk_act_match(((struct pk_act_ctx *)ctx)->s, i);
	return 0;
}

/* Puts the judgement behind the record. */
static __always_inline void pk_judgement_add(struct pk_scratch *s)
{
	const struct pk_acting *a = &s->acting;
	__u32 off = s->data_bytes, bytes = sizeof(struct pk_judgement) + 4 * a->kept;

	s->out.generation = s->judge.generation;
	s->out.match_cnt = a->kept;
	s->out.repeat_cnt = a->repeat_cnt;
	s->out.tags = s->judge.num[PK_NUM_TAGS];
	s->out.container_tags = s->judge.num[PK_NUM_CTAGS];
	barrier_var(off);
	if (off > 512 + PK_DATA_BYTES - 512) {
		pk_fact_lost(&s->rec.head);
		return;
	}
	barrier_var(bytes);
	if (bytes > sizeof(struct pk_judgement) + 4 * PK_MAX_MATCHES)
		return;
	if (bpf_probe_read_kernel(&s->rec.bytes[off], bytes, &s->out))
		return;
	s->rec.head.judgement.off = off;
	s->rec.head.judgement.len = bytes;
	s->data_bytes = off + bytes;
}

#define PK_CAN_DENY 1u /* pk_act(): the hook can */
#define PK_CAN_KILL 2u /* this kind of program can */

/*
 * Acts on the judgement in the slot. Result: enum pk_verdict, and PK_ACT_REPORT when the record is to
 * be sent. The caller does both, and sends the signal.
 */
#define PK_ACT_REPORT 0x100u
__weak __noinline int pk_act(struct pk_scratch *s, __u32 can)
{
	struct pk_act_ctx ctx = { .s = s };
	struct pk_acting *a;
	__u32 actions, cnt;
	bool report;

	if (!s)
		return 0;
	a = &s->acting;
	a->verdict = PK_VERDICT_ALLOWED;
	a->kept = 0;
	a->repeat_cnt = 0;
	actions = s->judge.actions;
	cnt = s->judge.match_cnt;
	if (cnt > PK_MAX_MATCHES) {
		cnt = PK_MAX_MATCHES;
		pk_count_lost(s->rec.head.hook, PK_LOSS_MATCHES);
	}
	if (actions & (PK_WANT_DENY | PK_WANT_KILL)) {
		a->verdict = PK_VERDICT_DENIED;
		if ((actions & PK_WANT_KILL) || !(can & PK_CAN_DENY))
			a->verdict = PK_VERDICT_KILLED;
		/* the end of a process, a child that is there already: too late */
		if (!(can & (PK_CAN_DENY | PK_CAN_KILL)))
			a->verdict = PK_VERDICT_ALLOWED;
		if (s->rec.head.pid == 1)
			a->verdict = PK_VERDICT_SPARED;
	}
	/* what does not happen is no event, but what a rule says of it is */
	report = pk_reported(s->rec.head.kind & 63) &&
		 !((can & PK_CAN_DENY) && a->verdict != PK_VERDICT_ALLOWED &&
		   a->verdict != PK_VERDICT_SPARED);
	if (!cnt) {
		s->rec.head.verdict = a->verdict;
		return a->verdict | (report ? PK_ACT_REPORT : 0);
	}
	a->now = bpf_ktime_get_boot_ns();
	pk_object(s, &a->object);
	bpf_loop(cnt, pk_act_step, &ctx, 0);
	s->rec.head.verdict = a->verdict;
	if (a->kept)
		pk_judgement_add(s);
	return a->verdict | (a->kept || report ? PK_ACT_REPORT : 0);
}

/* Ends an event: reports it and gives the slot back. Result: the verdict. */
static __always_inline __u32 pk_finish(struct pk_scratch *s, __u32 hook, __u32 can)
{
	__u32 act = pk_act(s, can), verdict = act & 0xff;

	if (act & PK_ACT_REPORT)
		pk_emit(s, hook);
	else
		pk_scratch_put(s);
	if (verdict == PK_VERDICT_KILLED && (can & PK_CAN_KILL))
		bpf_send_signal(SIGKILL);
	return verdict;
}

/* verifier: as two constants, and not as something computed, whose range older kernels lose */
static __always_inline int pk_lsm_return(bool deny)
{
	long ret = 0;

	static_assert(EPERM == 1, "below");
	if (deny)
		asm volatile("%0 = -1" : "=r"(ret));
	return (int)ret;
}

/* The same for an LSM hook: its return value. */
static __always_inline int pk_finish_lsm(struct pk_scratch *s, __u32 hook)
{
	__u32 verdict = pk_finish(s, hook, PK_CAN_DENY | PK_CAN_KILL);

	return pk_lsm_return(verdict == PK_VERDICT_DENIED || verdict == PK_VERDICT_KILLED);
}

/* At a point after which the event is judged again: process 1 is spared and told of there, once. */
static __always_inline int pk_finish_pre(struct pk_scratch *s, __u32 hook)
{
	if (s->rec.head.pid == 1) {
		pk_scratch_put(s);
		return 0;
	}
	return pk_finish_lsm(s, hook);
}

/*
 * To the emitted program of the bank that judges, in a group of slots of `progs`. Comes back when there
 * is none: no rule is about this kind of event.
 */
#define pk_judge_call(ctx, s, progs, group)                                                     \
	do {                                                                                    \
		if ((s)->judge.bank)                                                            \
			bpf_tail_call_static(ctx, &(progs), (group)*PK_PROG_SLOTS + PK_CHUNKS); \
		else                                                                            \
			bpf_tail_call_static(ctx, &(progs), (group)*PK_PROG_SLOTS);             \
	} while (0)

/*
 * No slot is free, so an event cannot be judged: that is as unknown as it gets. Is it to be stopped? Rules that
 * act on what is unknown want that (init is spared), the others let it pass.
 */
static __always_inline bool pk_closed(__u32 bank, __u32 kind)
{
	return pk_config.judging && bpf_get_current_pid_tgid() >> 32 != 1 &&
	       (pk_state.closed_kinds[bank & 1] & (1ull << kind));
}

/* The same as the return value of an LSM hook. */
static __always_inline int pk_unjudgeable(const struct pk_actor *actor, __u32 kind)
{
	return pk_lsm_return(pk_closed(actor->bank, kind));
}

/* No program judged the event: it is sent if it was asked for itself. */
static __always_inline void pk_unjudged(struct pk_scratch *s, __u32 kind, __u32 hook)
{
	if (pk_reported(kind))
		pk_emit(s, hook);
	else
		pk_scratch_put(s);
}

/* From a gathered record to its judgement; the usual way. */
#define pk_judge_record(ctx, s, actor, progs, group)                 \
	do {                                                         \
		if (pk_config.judging) {                             \
			if (pk_judge_start(s, actor, 0)) {           \
				pk_judge_event(s);                   \
				pk_judge_call(ctx, s, progs, group); \
			}                                            \
		}                                                    \
	} while (0)

#endif
