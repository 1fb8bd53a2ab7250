/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Texts and addresses to classes and bits: the tables of the bank that judges. In: a text in kernel
 * memory or in the scratch slot. Out: pk_judge.cls, .t and .c, and in pk_scratch.interest the kinds of
 * event that rules about such a text are about.
 *
 * Global functions throughout, so that the verifier sees each once a program.
 */
#ifndef PK_LOOKUPS_H
#define PK_LOOKUPS_H

#include "gather.h"

/* How a text is there; as pk_feed_text.state. */
#define PK_STATE_KNOWN 0u
#define PK_STATE_MISSING 1u
#define PK_STATE_UNKNOWN 2u

static __always_inline __u32 pk_no_cls(__u32 state)
{
	return state == PK_STATE_MISSING ? PK_CLS_MISSING : PK_CLS_UNKNOWN;
}

/* verifier: the bound must be seen on the register that is used */
static __always_inline void pk_cls_set(struct pk_scratch *s, __u32 slot, __u32 cls)
{
	barrier_var(slot);
	if (slot < PK_SLOT_CNT)
		s->judge.cls[slot] = cls;
}

/* The bank's table in a map of maps. verifier: the key on the stack, see pk_key_map */
#define pk_inner_get(outer, bank_)                      \
	({                                              \
		__u32 bank_key_ = (bank_);              \
		bpf_map_lookup_elem(outer, &bank_key_); \
	})

static __always_inline struct pk_text_key *pk_key_get(const struct pk_scratch *s)
{
	__u32 slot = s->slot;

	return bpf_map_lookup_elem(&pk_key_map, &slot);
}

/* Put a text into the key buffer, zero-padded to the size of its map. */
static __always_inline int pk_key_fill(struct pk_text_key *key, __u64 data, __u32 len)
{
	__u64 *words = (__u64 *)key->data;

	words[0] = words[1] = words[2] = 0;
	if (len > 24) {
#pragma unroll
		for (int i = 3; i < 7; i++)
			words[i] = 0;
	}
	if (len > 56) {
#pragma unroll
		for (int i = 7; i < 15; i++)
			words[i] = 0;
	}
	if (len > 120) {
#pragma unroll
		for (int i = 15; i < 31; i++)
			words[i] = 0;
	}
	/* verifier: the bound must be seen on the register that is passed on */
	barrier_var(len);
	if (len > PK_EXACT_BYTES_MAX)
		len = PK_EXACT_BYTES_MAX;
	return len ? bpf_probe_read_kernel(key->data, len, (void *)data) : 0;
}

#define PK_EXACT_GET(outer, bank, key)                                 \
	({                                                             \
		void *inner_ = bpf_map_lookup_elem(&(outer), bank);    \
		inner_ ? bpf_map_lookup_elem(inner_, key) : (void *)0; \
	})

/* The class of the text in the key buffer, `len` bytes, among literals it may be equal to. */
static __always_inline struct pk_exact_value *pk_exact_get(struct pk_text_key *key, __u32 bank,
							   __u32 text, __u32 len)
{
	key->first = text;
	key->second = len;
	if (len <= 24)
		return PK_EXACT_GET(pk_exact32, &bank, key);
	if (len <= 56)
		return PK_EXACT_GET(pk_exact64, &bank, key);
	if (len <= 120)
		return PK_EXACT_GET(pk_exact128, &bank, key);
	if (len <= PK_EXACT_BYTES_MAX)
		return PK_EXACT_GET(pk_exact256, &bank, key);
	return NULL;
}

/* The class of the longest literal that the text in the key buffer begins with. */
static __always_inline struct pk_prefix_value *pk_prefix_get(struct pk_text_key *key, __u32 bank,
							     __u32 text, __u32 len)
{
	void *inner = bpf_map_lookup_elem(&pk_prefixes, &bank);

	if (!inner)
		return NULL;
	key->first = 32 + 8 * (len < PK_PREFIX_BYTES_MAX ? len : PK_PREFIX_BYTES_MAX);
	key->second = text;
	return bpf_map_lookup_elem(inner, key);
}

/* Where the answers about a text go. */
struct pk_slots {
	__u32 exact;  /* slot, or PK_SLOT_CNT: do not ask */
	__u32 prefix; /* the same */
	__u32 pool;   /* first word of its patterns' pool, or PK_WORD_CNT: do not ask */
	__u32 text;   /* enum pk_text_id */
};

/* verifier: words are masked, not compared: it would follow each outcome of each comparison */
static_assert((PK_WORD_CNT & (PK_WORD_CNT - 1)) == 0, "a mask");

/* One automaton over pk_scratch.text. */
struct pk_dfa_run {
	struct pk_scratch *s;
	struct pk_dfa *dfa;
};

static __always_inline void pk_dfa_row(struct pk_dfa_run *run, __u32 row)
{
	const __u64 *words = run->dfa->rows[row & (PK_DFA_ROWS - 1)];

#pragma unroll
	for (__u32 i = 0; i < PK_DFA_WORDS; i++)
		run->s->dfa_bits[i] |= words[i];
}

static long pk_dfa_step(__u32 i, void *ctx)
{
	struct pk_dfa_run *run = ctx;
	struct pk_dfa *dfa = run->dfa;
	__u32 at = (run->s->dfa_off + i) & (2 * PK_TEXT_BYTES - 1);
	__u32 cell = run->s->dfa_state * dfa->class_cnt + dfa->class_of[(__u8)run->s->text[at]];
	__u32 next = dfa->next[cell & (PK_DFA_CELLS - 1)];

	run->s->dfa_state = next & (PK_DFA_STATES - 1);
	if (next & PK_DFA_HIT)
		pk_dfa_row(run, dfa->hit[next & (PK_DFA_STATES - 1)]);
	return !(next & (PK_DFA_STATES - 1));
}

/* Run automaton `idx` over `len` bytes at `off` of pk_scratch.text. */
static __always_inline void pk_dfa_one(struct pk_scratch *s, __u32 idx, __u64 span, __u32 pool)
{
	struct pk_dfa_run run = {};
	void *inner;
	__u32 len = (__u32)span, word;
	__u64 any = 0;

	inner = pk_inner_get(&pk_dfas, s->judge.bank);
	if (!inner)
		return;
	run.dfa = bpf_map_lookup_elem(inner, &idx);
	if (!run.dfa)
		return;
	run.s = s;
	s->dfa_off = span >> 32;
	s->dfa_state = 1;
#pragma unroll
	for (__u32 i = 0; i < PK_DFA_WORDS; i++)
		s->dfa_bits[i] = 0;
	if (len > PK_TEXT_BYTES)
		len = PK_TEXT_BYTES;
	bpf_loop(len, pk_dfa_step, &run, 0);
	pk_dfa_row(&run, run.dfa->final[s->dfa_state & (PK_DFA_STATES - 1)]);
	word = pool + run.dfa->word;
#pragma unroll
	for (__u32 i = 0; i < PK_DFA_WORDS; i++) {
		__u32 w = (word + i) & (PK_WORD_CNT - 1);

		if (i < run.dfa->word_cnt) {
			s->judge.t[w] |= s->dfa_bits[i];
			s->judge.c[w] |= s->dfa_bits[i];
		}
		any |= s->dfa_bits[i];
	}
	if (any)
		s->interest |= run.dfa->kinds;
}

/* The patterns of automaton `idx` are unknown. */
static __always_inline void pk_dfa_unknown(struct pk_scratch *s, __u32 idx, __u32 pool)
{
	void *inner = pk_inner_get(&pk_dfas, s->judge.bank);
	struct pk_dfa *dfa = inner ? bpf_map_lookup_elem(inner, &idx) : NULL;

	if (!dfa)
		return;
#pragma unroll
	for (__u32 i = 0; i < PK_DFA_WORDS; i++) {
		__u32 w = (pool + dfa->word + i) & (PK_WORD_CNT - 1);

		if (i < dfa->word_cnt)
			s->judge.c[w] = ~0ull;
	}
	s->interest |= dfa->kinds;
}

/* The automata of one text. */
struct pk_dfa_runs {
	struct pk_scratch *s;
	__u64 span;
	__u32 first;
	__u32 pool;
	__u32 state;
};

static long pk_dfa_runs_step(__u32 i, void *ctx)
{
	struct pk_dfa_runs *runs = ctx;

	if (runs->state == PK_STATE_KNOWN)
		pk_dfa_one(runs->s, runs->first + i, runs->span, runs->pool);
	else
		pk_dfa_unknown(runs->s, runs->first + i, runs->pool);
	return 0;
}

/* `len` bytes at `off` of pk_scratch.text, or a text that is unknown, through its automata. */
__weak __noinline int pk_dfa_all(struct pk_scratch *s, __u64 span, __u32 pool, __u32 text_state)
{
	struct pk_dfa_runs runs = { .s = s, .span = span, .pool = pool, .state = text_state >> 4 };
	struct pk_plan_table *plan;
	__u32 text = text_state & 15, cnt, zero = 0;
	void *inner;

	if (!s)
		return 0;
	inner = pk_inner_get(&pk_plans, s->judge.bank);
	if (!inner)
		return 0;
	plan = bpf_map_lookup_elem(inner, &zero);
	if (!plan)
		return 0;
	runs.first = plan->dfa_first[text];
	cnt = plan->dfa_cnt[text];
	bpf_loop(cnt, pk_dfa_runs_step, &runs, 0);
	return 0;
}

/*
 * Looks a text up in all tables that `slots` asks for. `data`: kernel address; `len_state`: length,
 * and << 32 a PK_STATE_*. A text in pk_scratch.text stays there; another is copied there for automata.
 */
__weak __noinline int pk_text_look(struct pk_scratch *s, struct pk_slots *slots, __u64 data,
				   __u64 len_state)
{
	__u32 len = (__u32)len_state, state = len_state >> 32, n;
	struct pk_exact_value *exact;
	struct pk_prefix_value *prefix;
	struct pk_text_key *key;
	__u64 at;

	if (!s || !slots)
		return 0;
	key = pk_key_get(s);
	if (!key)
		return 0;
	s->interest = 0;
	if (state == PK_STATE_KNOWN &&
	    (slots->exact < PK_SLOT_CNT || slots->prefix < PK_SLOT_CNT) &&
	    pk_key_fill(key, data, len))
		state = PK_STATE_UNKNOWN;
	if (slots->exact < PK_SLOT_CNT) {
		pk_cls_set(s, slots->exact, pk_no_cls(state));
		if (state == PK_STATE_KNOWN) {
			exact = pk_exact_get(key, s->judge.bank, slots->text, len);
			pk_cls_set(s, slots->exact, exact ? exact->cls : PK_CLS_OTHER);
			if (exact)
				s->interest |= exact->kinds;
		}
	}
	if (slots->prefix < PK_SLOT_CNT) {
		pk_cls_set(s, slots->prefix, pk_no_cls(state));
		if (state == PK_STATE_KNOWN) {
			prefix = pk_prefix_get(key, s->judge.bank, slots->text, len);
			pk_cls_set(s, slots->prefix, prefix ? prefix->cls : PK_CLS_OTHER);
			if (prefix)
				s->interest |= prefix->kinds;
		}
	}
	if (slots->pool >= PK_WORD_CNT || state == PK_STATE_MISSING)
		return 0;
	at = data - pk_scalar(s, s->text);
	if (state == PK_STATE_KNOWN && at >= sizeof(s->text)) {
		n = len;
		barrier_var(n);
		if (n > PK_TEXT_BYTES)
			n = PK_TEXT_BYTES;
		at = 0;
		if (bpf_probe_read_kernel(s->text, n, (void *)data))
			state = PK_STATE_UNKNOWN;
	}
	if (len > PK_TEXT_BYTES)
		state = PK_STATE_UNKNOWN;
	return pk_dfa_all(s, at << 32 | len, slots->pool, (slots->text & 15) | state << 4);
}

/* A name of the process or of an ancestor: its class, and its bits for descendants. */
__weak __noinline int pk_name_look(struct pk_scratch *s, struct pk_name *name, __u32 slot)
{
	struct pk_exact_value *exact;
	struct pk_text_key *key;
	__u32 len;

	if (!s || !name || slot >= PK_NAME_DEPTH)
		return 0;
	key = pk_key_get(s);
	if (!key)
		return 0;
	name->anc[0] = name->anc[1] = 0;
	*(__u64 *)&key->data[0] = 0;
	*(__u64 *)&key->data[8] = 0;
	*(__u64 *)&key->data[16] = 0;
	len = bpf_probe_read_kernel_str(key->data, 16, name->text);
	if (len < 1 || len > 16)
		return 0;
	exact = pk_exact_get(key, s->judge.bank, PK_TEXT_NAME, len - 1);
	pk_cls_set(s, slot, exact ? exact->cls : PK_CLS_OTHER);
	s->interest = exact ? exact->kinds : 0;
	if (exact) {
		name->anc[0] = exact->anc[0];
		name->anc[1] = exact->anc[1];
	}
	return 0;
}

/* IPv4 or IPv6 address (the first 4 bytes, or all 16) to its network's class. */
static __always_inline void pk_addr_look(struct pk_scratch *s, const __u8 *addr, bool ipv4,
					 __u32 slot)
{
	void *inner = pk_inner_get(&pk_networks, s->judge.bank);
	struct pk_addr_key key = { .prefix_bits = 128 };
	struct pk_prefix_value *value;

	s->judge.cls[slot] = PK_CLS_OTHER;
	if (!inner)
		return;
	if (ipv4) {
		key.addr[10] = 0xff;
		key.addr[11] = 0xff;
		__builtin_memcpy(key.addr + 12, addr, 4);
	} else {
		__builtin_memcpy(key.addr, addr, 16);
	}
	value = bpf_map_lookup_elem(inner, &key);
	if (value)
		s->judge.cls[slot] = value->cls;
}

/* A file by its device and inode: the class of the literal path that named it. */
static __always_inline void pk_ident_look(struct pk_scratch *s, const struct pk_inode *inode,
					  __u32 text)
{
	void *inner = pk_inner_get(&pk_idents, s->judge.bank);
	struct pk_ident_key key = { .ino = inode->ino, .dev = inode->dev, .text = text };
	struct pk_prefix_value *value;

	s->judge.cls[PK_SLOT_ID] = PK_CLS_MISSING;
	if (!inner || !inode->ino)
		return;
	value = bpf_map_lookup_elem(inner, &key);
	if (value)
		s->judge.cls[PK_SLOT_ID] = value->cls;
}

#endif
