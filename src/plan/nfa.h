/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nondeterministic automaton of one pattern, inside src/plan/. It is built from its end: whoever
 * adds a state names the one behind it. Always: states[PK_NFA_MATCH] and states[PK_NFA_HIT] are there
 * once pk_nfa_init() was called, and each `out` is less than state_cnt.
 */
#ifndef PK_PLAN_NFA_H
#define PK_PLAN_NFA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/pattern.h"

#define PK_NFA_MATCH 0u /* matches if the text ends here */
#define PK_NFA_HIT 1u   /* matches whatever follows */
#define PK_NFA_WORDS (PK_MAX_PATTERN_STATES / 64u)

enum pk_nfa_kind {
	PK_NFA_KIND_MATCH = 0,
	PK_NFA_KIND_HIT,
	PK_NFA_KIND_BYTE,  /* takes the byte `arg` */
	PK_NFA_KIND_SET,   /* takes a byte of sets[set] */
	PK_NFA_KIND_SPLIT, /* goes on at out and at out2 */
	PK_NFA_KIND_PREV,  /* goes on at out if the kind of the byte before is in `arg` */
	PK_NFA_KIND_NEXT,  /* ... of the byte behind */
};

/* What stands beside a place in the text. */
#define PK_BESIDE_EDGE 1u /* nothing: it begins or ends there */
#define PK_BESIDE_NEWLINE 2u
#define PK_BESIDE_WORD 4u /* an ASCII letter, digit or _ */
#define PK_BESIDE_OTHER 8u

struct pk_byte_set {
	uint64_t bits[4];
};

struct pk_nfa_state {
	uint8_t kind; /* enum pk_nfa_kind */
	uint8_t arg;
	uint16_t set;
	uint32_t out;
	uint32_t out2;
};

struct pk_nfa {
	struct pk_nfa_state *states;
	struct pk_byte_set *sets;
	uint32_t state_cnt;
	uint32_t state_cap;
	uint32_t set_cnt;
	uint32_t set_cap;
	uint32_t start;
	bool asks_beside; /* has PREV or NEXT */
	int err;          /* the first error of pk_nfa_add_*(); later ones add nothing */
};

static inline bool pk_byte_set_has(const struct pk_byte_set *set, unsigned int byte)
{
	return (set->bits[byte >> 6] >> (byte & 63)) & 1;
}

static inline void pk_byte_set_add(struct pk_byte_set *set, unsigned int byte)
{
	set->bits[byte >> 6] |= 1ull << (byte & 63);
}

void pk_byte_set_add_range(struct pk_byte_set *set, unsigned int first, unsigned int last);
void pk_byte_set_invert(struct pk_byte_set *set);
/* Adds the other case of each ASCII letter. */
void pk_byte_set_fold(struct pk_byte_set *set);
bool pk_byte_set_is_full(const struct pk_byte_set *set);
/* Adds a POSIX class of ASCII (or "word"). False: there is no class of this name. */
bool pk_byte_set_add_class(struct pk_byte_set *set, const char *name, size_t len);

/* -ENOMEM */
int pk_nfa_init(struct pk_nfa *nfa);
void pk_nfa_fini(struct pk_nfa *nfa);

/* Each gives the new state's number; 0 after an error, which nfa->err tells: -E2BIG or -ENOMEM. */
uint32_t pk_nfa_add_byte(struct pk_nfa *nfa, uint8_t byte, uint32_t out);
uint32_t pk_nfa_add_set(struct pk_nfa *nfa, const struct pk_byte_set *set, uint32_t out);
uint32_t pk_nfa_add_split(struct pk_nfa *nfa, uint32_t out, uint32_t out2);
uint32_t pk_nfa_add_beside(struct pk_nfa *nfa, enum pk_nfa_kind kind, uint8_t mask, uint32_t out);
/* Any bytes, then `out`. Begins with a SPLIT whose out takes any byte and comes back to it. */
uint32_t pk_nfa_add_anything(struct pk_nfa *nfa, uint32_t out);
/* A byte, or with `icase` its letter in either case. */
uint32_t pk_nfa_add_char(struct pk_nfa *nfa, uint8_t byte, bool icase, uint32_t out);

/* PK_BESIDE_* of a byte. */
unsigned int pk_nfa_beside(uint8_t byte);

/* Whether it takes this byte: BYTE and SET only. */
static inline bool pk_nfa_takes(const struct pk_nfa *nfa, const struct pk_nfa_state *state,
				uint8_t byte)
{
	if (state->kind == PK_NFA_KIND_BYTE)
		return state->arg == byte;
	return state->kind == PK_NFA_KIND_SET && pk_byte_set_has(&nfa->sets[state->set], byte);
}

/* 1: matches (`whole`: the text ends behind `len` bytes; else whatever follows); 0: it cannot match;
 * -1, not if `whole`: depends on what follows. About 24 KiB of stack. */
int pk_nfa_run(const struct pk_nfa *nfa, const char *data, size_t len, bool whole);

/* pattern.c: a pattern's automaton, borrowed. */
const struct pk_nfa *pk_pattern_nfa(const struct pk_pattern *pattern);

/* pattern.c: a pattern of an automaton, which it takes over, also on error. The automaton's error, -ENOMEM. */
int pk_pattern_of_nfa(struct pk_nfa *nfa, struct pk_pattern **ret_pattern);

/* glob.c: a glob to states. As pk_pattern_new(). */
int pk_glob_compile(struct pk_nfa *nfa, unsigned int flags, const char *text, size_t len,
		    const char **reterr_reason, size_t *reterr_at);

#endif
