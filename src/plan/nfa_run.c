/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a pattern's automaton: all its states at once, as a set of bits, so time is linear in the
 * text and nothing is allocated. A set holds what its states lead to without taking a byte, but for
 * NEXT states: those are followed when the byte behind is known.
 */
#include <string.h>

#include "plan/nfa.h"

struct run {
	const struct pk_nfa *nfa;
	uint32_t word_cnt;
	uint64_t *now; /* sets */
	uint64_t *then;
	uint64_t sets[2][PK_NFA_WORDS];
	uint64_t todo[PK_NFA_WORDS];            /* in `target`, still to be followed */
	uint64_t todo_words[PK_NFA_WORDS / 64]; /* which words of `todo` are not 0 */
	bool hit;
};

static void put(struct run *run, uint64_t *target, uint32_t idx)
{
	uint64_t bit = 1ull << (idx & 63);

	if (target[idx >> 6] & bit)
		return;
	target[idx >> 6] |= bit;
	run->todo[idx >> 6] |= bit;
	run->todo_words[idx >> 12] |= 1ull << ((idx >> 6) & 63);
}

static bool take_todo(struct run *run, uint32_t *ret_idx)
{
	uint32_t group_cnt = (run->word_cnt + 63) / 64;

	for (uint32_t group = 0; group < group_cnt; group++) {
		uint32_t word;
		uint64_t bits;

		if (!run->todo_words[group])
			continue;
		word = group * 64 + (uint32_t)__builtin_ctzll(run->todo_words[group]);
		bits = run->todo[word];
		*ret_idx = word * 64 + (uint32_t)__builtin_ctzll(bits);
		run->todo[word] = bits & (bits - 1);
		if (!run->todo[word])
			run->todo_words[group] &= run->todo_words[group] - 1;
		return true;
	}
	return false;
}

/* Follows what takes no byte. `next`: kind of the byte behind, 0: not known yet. */
static void follow(struct run *run, uint64_t *target, unsigned int prev, unsigned int next)
{
	uint32_t idx;

	while (take_todo(run, &idx)) {
		const struct pk_nfa_state *state = &run->nfa->states[idx];

		switch (state->kind) {
		case PK_NFA_KIND_HIT:
			run->hit = true;
			break;
		case PK_NFA_KIND_SPLIT:
			put(run, target, state->out);
			put(run, target, state->out2);
			break;
		case PK_NFA_KIND_PREV:
			if (state->arg & prev)
				put(run, target, state->out);
			break;
		case PK_NFA_KIND_NEXT:
			if (state->arg & next)
				put(run, target, state->out);
			break;
		default:
			break;
		}
	}
}

/* The byte behind is known: goes on from the NEXT states of the current set. */
static void look_ahead(struct run *run, unsigned int prev, unsigned int next)
{
	if (!run->nfa->asks_beside)
		return;
	for (uint32_t word = 0; word < run->word_cnt; word++) {
		for (uint64_t bits = run->now[word]; bits; bits &= bits - 1) {
			uint32_t idx = word * 64 + (uint32_t)__builtin_ctzll(bits);
			const struct pk_nfa_state *state = &run->nfa->states[idx];

			if (state->kind == PK_NFA_KIND_NEXT && (state->arg & next))
				put(run, run->now, state->out);
		}
	}
	follow(run, run->now, prev, next);
}

/* Whether any state is left. */
static bool step(struct run *run, uint8_t byte)
{
	uint64_t *swap = run->then;
	uint64_t any = 0;

	memset(run->then, 0, run->word_cnt * sizeof(*run->then));
	for (uint32_t word = 0; word < run->word_cnt; word++) {
		for (uint64_t bits = run->now[word]; bits; bits &= bits - 1) {
			uint32_t idx = word * 64 + (uint32_t)__builtin_ctzll(bits);
			const struct pk_nfa_state *state = &run->nfa->states[idx];

			if (pk_nfa_takes(run->nfa, state, byte))
				put(run, run->then, state->out);
		}
	}
	follow(run, run->then, pk_nfa_beside(byte), 0);
	run->then = run->now;
	run->now = swap;
	for (uint32_t word = 0; word < run->word_cnt; word++)
		any |= run->now[word];
	return any != 0;
}

int pk_nfa_run(const struct pk_nfa *nfa, const char *data, size_t len, bool whole)
{
	unsigned int prev = PK_BESIDE_EDGE;
	struct run run;

	run.nfa = nfa;
	run.word_cnt = (nfa->state_cnt + 63) / 64;
	run.now = run.sets[0];
	run.then = run.sets[1];
	run.hit = false;
	memset(run.now, 0, run.word_cnt * sizeof(*run.now));
	memset(run.todo, 0, run.word_cnt * sizeof(*run.todo));
	memset(run.todo_words, 0, sizeof(run.todo_words));
	put(&run, run.now, nfa->start);
	follow(&run, run.now, prev, 0);
	for (size_t i = 0; i < len && !run.hit; i++) {
		uint8_t byte = (uint8_t)data[i];

		look_ahead(&run, prev, pk_nfa_beside(byte));
		if (run.hit)
			break;
		if (!step(&run, byte))
			return 0;
		prev = pk_nfa_beside(byte);
	}
	if (run.hit)
		return 1;
	if (!whole)
		return -1;
	look_ahead(&run, prev, PK_BESIDE_EDGE);
	return run.hit || (run.now[0] & (1u << PK_NFA_MATCH));
}
