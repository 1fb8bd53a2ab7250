/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns made of patterns: any of several, so that a list needs one bit; and one about a part of a
 * text, such as one argument.
 */
#include "plan/nfa.h"

#include <errno.h>

/* Where a state of the copied automaton is: the first two are everybody's. */
struct copied {
	uint32_t base;
	uint32_t match, hit; /* what stands for them */
	bool in_part;        /* no NUL is taken */
};

static uint32_t place(const struct copied *copied, uint32_t state)
{
	if (state == PK_NFA_MATCH)
		return copied->match;
	if (state == PK_NFA_HIT)
		return copied->hit;
	return copied->base + state - 2;
}

/* Adds all states of `from`; gives where it begins. */
static uint32_t copy(struct pk_nfa *nfa, const struct pk_nfa *from, struct copied *copied)
{
	copied->base = nfa->state_cnt;
	for (uint32_t i = 2; i < from->state_cnt && !nfa->err; i++) {
		const struct pk_nfa_state *state = &from->states[i];
		uint32_t out = place(copied, state->out);
		struct pk_byte_set set;

		switch (state->kind) {
		case PK_NFA_KIND_BYTE:
			pk_nfa_add_byte(nfa, state->arg, out);
			break;
		case PK_NFA_KIND_SET:
			set = from->sets[state->set];
			if (copied->in_part)
				set.bits[0] &= ~1ull;
			pk_nfa_add_set(nfa, &set, out);
			break;
		case PK_NFA_KIND_SPLIT:
			pk_nfa_add_split(nfa, out, place(copied, state->out2));
			break;
		default:
			pk_nfa_add_beside(nfa, (enum pk_nfa_kind)state->kind, state->arg, out);
			break;
		}
	}
	return place(copied, from->start);
}

int pk_pattern_new_any(const struct pk_pattern *const *patterns, size_t cnt,
		       struct pk_pattern **ret_pattern)
{
	struct pk_nfa nfa;
	int err = pk_nfa_init(&nfa);

	if (err)
		return err;
	for (size_t i = 0; i < cnt && !nfa.err; i++) {
		struct copied copied = { .match = PK_NFA_MATCH, .hit = PK_NFA_HIT };
		uint32_t start = copy(&nfa, pk_pattern_nfa(patterns[i]), &copied);

		nfa.start = i ? pk_nfa_add_split(&nfa, start, nfa.start) : start;
	}
	return pk_pattern_of_nfa(&nfa, ret_pattern);
}

/* Bytes up to a NUL, the NUL, then `out`. */
static uint32_t add_skip(struct pk_nfa *nfa, uint32_t out)
{
	struct pk_byte_set others = { 0 };
	uint32_t nul = pk_nfa_add_byte(nfa, 0, out);
	uint32_t loop = nfa->state_cnt;

	pk_byte_set_invert(&others);
	others.bits[0] &= ~1ull;
	pk_nfa_add_set(nfa, &others, loop + 1);
	return pk_nfa_add_split(nfa, loop, nul);
}

int pk_pattern_new_part(const struct pk_pattern *pattern, unsigned int idx,
			struct pk_pattern **ret_pattern)
{
	struct copied copied = { .hit = PK_NFA_HIT, .in_part = true };
	struct pk_nfa nfa;
	int err;

	if (pattern && pk_pattern_nfa(pattern)->asks_beside)
		return -ENOTSUP;
	err = pk_nfa_init(&nfa);
	if (err)
		return err;
	nfa.start = PK_NFA_HIT;
	if (pattern) {
		/* the part ends where the text does, or before a NUL */
		copied.match = pk_nfa_add_split(&nfa, pk_nfa_add_byte(&nfa, 0, PK_NFA_HIT),
						PK_NFA_MATCH);
		nfa.start = copy(&nfa, pk_pattern_nfa(pattern), &copied);
	}
	for (unsigned int i = 0; i < idx && !nfa.err; i++)
		nfa.start = add_skip(&nfa, nfa.start);
	return pk_pattern_of_nfa(&nfa, ret_pattern);
}
