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
	__u64 dfas;   /* pk_needs.dfas */
};

/* verifier: words are masked, not compared: it would follow each outcome of each comparison */
static_assert((PK_WORD_CNT & (PK_WORD_CNT - 1)) == 0, "a mask");

/* The automata of a text, the one that runs, and pk_scratch.dfa_*. */
struct pk_dfa_run {
	struct pk_scratch *s;
	void *dfas; /* the bank's */
	struct pk_dfa *dfa;
};

static __always_inline void pk_dfa_row(struct pk_scratch *s, const struct pk_dfa *dfa, __u32 row)
{
	const __u64 *words = dfa->rows[row & (PK_DFA_ROWS - 1)];

#pragma unroll
	for (__u32 i = 0; i < PK_DFA_WORDS; i++)
		s->dfa_bits[i] |= words[i];
	s->dfa_found = 1;
}

/* One byte. A macro, since clang does not unroll a loop that is left in two ways. */
#define PK_DFA_BYTE(at)                                                                 \
	do {                                                                            \
		__u32 next_;                                                            \
                                                                                        \
		if ((at) >= left)                                                       \
			goto out;                                                       \
		next_ = dfa->next[(state * class_cnt + dfa->class_of[(__u8)text[at]]) & \
				  (PK_DFA_CELLS - 1)];                                  \
		state = next_ & (PK_DFA_STATES - 1);                                    \
		if (next_ & PK_DFA_HIT)                                                 \
			pk_dfa_row(s, dfa, dfa->hit[state]);                            \
		if (!state)                                                             \
			goto out;                                                       \
	} while (0)

/* PK_TEXT_STEP bytes: to begin another step costs as much as two or three of them. */
static long pk_dfa_step(__u32 i, void *ctx)
{
	struct pk_dfa_run *run = ctx;
	struct pk_dfa *dfa = run->dfa;
	struct pk_scratch *s = run->s;
	__u32 done = i * PK_TEXT_STEP;
	const char *text = &s->text[(s->dfa_off + done) & (2 * PK_TEXT_BYTES - 1)];
	__u32 left = s->dfa_len - done;
	__u32 state = s->dfa_state;
	__u32 class_cnt = dfa->class_cnt;

	static_assert(PK_TEXT_STEP == 8, "one line each");
	PK_DFA_BYTE(0);
	PK_DFA_BYTE(1);
	PK_DFA_BYTE(2);
	PK_DFA_BYTE(3);
	PK_DFA_BYTE(4);
	PK_DFA_BYTE(5);
	PK_DFA_BYTE(6);
	PK_DFA_BYTE(7);
out:
	s->dfa_state = state;
	return !state;
}

/* Run the automaton over the text that is in pk_scratch.text. */
static __always_inline void pk_dfa_one(struct pk_dfa_run *run)
{
	struct pk_scratch *s = run->s;
	__u32 word = s->dfa_pool + run->dfa->word, row;

	s->dfa_state = 1;
	s->dfa_found = 0;
#pragma unroll
	for (__u32 i = 0; i < PK_DFA_WORDS; i++)
		s->dfa_bits[i] = 0;
	bpf_loop((s->dfa_len + PK_TEXT_STEP - 1) / PK_TEXT_STEP, pk_dfa_step, run, 0);
	row = run->dfa->final[s->dfa_state & (PK_DFA_STATES - 1)];
	if (row)
		pk_dfa_row(s, run->dfa, row);
	if (!s->dfa_found)
		return;
#pragma unroll
	for (__u32 i = 0; i < PK_DFA_WORDS; i++) {
		__u32 w = (word + i) & (PK_WORD_CNT - 1);

		if (i < run->dfa->word_cnt) {
			s->judge.t[w] |= s->dfa_bits[i];
			s->judge.c[w] |= s->dfa_bits[i];
		}
	}
	s->interest |= run->dfa->kinds;
}

/* The automaton's patterns are unknown. */
static __always_inline void pk_dfa_unknown(struct pk_dfa_run *run)
{
#pragma unroll
	for (__u32 i = 0; i < PK_DFA_WORDS; i++) {
		__u32 w = (run->s->dfa_pool + run->dfa->word + i) & (PK_WORD_CNT - 1);

		if (i < run->dfa->word_cnt)
			run->s->judge.c[w] = ~0ull;
	}
	run->s->interest |= run->dfa->kinds;
}

static long pk_dfa_each(__u32 i, void *ctx)
{
	struct pk_dfa_run *run = ctx;
	struct pk_scratch *s = run->s;
	__u32 idx = s->dfa_first + i;

	if (!(s->dfa_wanted >> (idx & (PK_MAX_DFAS - 1)) & 1))
		return 0;
	run->dfa = bpf_map_lookup_elem(run->dfas, &idx);
	if (!run->dfa)
		return 0;
	if (s->dfa_text_state == PK_STATE_KNOWN)
		pk_dfa_one(run);
	else
		pk_dfa_unknown(run);
	return 0;
}

/* The automata of the text that pk_scratch.dfa_* tells of: `text` is its enum pk_text_id. */
__weak __noinline int pk_dfa_all(struct pk_scratch *s, __u32 text)
{
	struct pk_dfa_run run = { .s = s };
	struct pk_plan_table *plan;
	__u32 zero = 0;
	void *inner;

	if (!s)
		return 0;
	inner = pk_inner_get(&pk_plans, s->judge.bank);
	run.dfas = pk_inner_get(&pk_dfas, s->judge.bank);
	if (!inner || !run.dfas)
		return 0;
	plan = bpf_map_lookup_elem(inner, &zero);
	if (!plan)
		return 0;
	s->dfa_first = plan->dfa_first[text & 15];
	bpf_loop(plan->dfa_cnt[text & 15], pk_dfa_each, &run, 0);
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
	s->dfa_wanted = slots->dfas;
	s->dfa_pool = slots->pool;
	s->dfa_text_state = state;
	s->dfa_off = at;
	s->dfa_len = len < PK_TEXT_BYTES ? len : PK_TEXT_BYTES;
	return pk_dfa_all(s, slots->text);
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
