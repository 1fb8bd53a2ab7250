/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel's tables hold. In: literals, as conditions ask for them. Out: entries with
 * classes and bits, automata, and literals that know their ranges, words and bits.
 *
 * First every literal is asked for, and equal ones are one; then those that circuits still use
 * are marked; pk_index_finish() numbers what they need. Errors stick.
 */
#ifndef PK_PLAN_INDEX_H
#define PK_PLAN_INDEX_H

#include "plan/plan.h"
#include "plan/set.h"

enum pk_index_how {
	PK_INDEX_FIXED = 0, /* ranges are known beforehand */
	PK_INDEX_EXACT,
	PK_INDEX_PREFIX,
	PK_INDEX_NET,
	PK_INDEX_ANC,
	PK_INDEX_PATTERN,
	PK_INDEX_CONTAINER, /* user space makes the comparison, once a container */
};

/* A row of a table, or a pattern. */
struct pk_index_entry {
	enum pk_index_how how; /* EXACT, PREFIX, NET, PATTERN */
	uint32_t text;         /* enum pk_text_id; NET: 0 */
	uint32_t op;           /* PATTERN: enum pk_rules_op */
	uint32_t bits;         /* NET */
	const char *data;      /* NET: 16 bytes */
	size_t len;
	const struct pk_pattern *pattern;
	uint32_t cls,
		last; /* PREFIX, NET: last class that begins with it. PATTERN: cls is word * 64 + bit */
	uint64_t kinds;
	uint32_t dfa; /* PATTERN: 1 + which */
	uint64_t anc[PK_WORDS_ANC];
	uint64_t signature; /* of the literals that use it */
	bool used;
	bool ident;
};

struct pk_index_lit {
	struct pk_lit lit;          /* first: a gate's literal is one of these */
	const struct pk_atom *atom; /* CONTAINER */
	enum pk_index_how how;
	uint32_t text; /* EXACT, PREFIX, PATTERN, ANC: enum pk_text_id */
	struct pk_index_entry **entries;
	size_t entry_cnt;
	uint64_t kinds;     /* kinds of event whose circuits have it */
	uint64_t pre_kinds; /* the same of rules that deny or kill */
	const char *why;    /* given up: why */
};

struct pk_index {
	struct pk_arena *arena;
	struct pk_set entry_set, lit_set;
	struct pk_index_entry **entries;
	size_t entry_cnt, entry_cap;
	struct pk_index_lit **lits;
	size_t lit_cnt, lit_cap;
	struct pk_pattern **made; /* patterns that only the tables have */
	size_t made_cnt, made_cap;
	uint32_t own_words, event_words;
	int err; /* -ENOMEM */
};

static inline struct pk_index_lit *pk_index_lit_of(const struct pk_lit *lit)
{
	return (struct pk_index_lit *)lit;
}

void pk_index_init(struct pk_index *index, struct pk_arena *arena);
void pk_index_fini(struct pk_index *index);

/* The entry like `wanted`; its data is borrowed. NULL: index->err. */
struct pk_index_entry *pk_index_entry(struct pk_index *index, const struct pk_index_entry *wanted);

/* Keeps a pattern until pk_index_fini(), and takes it over at once. NULL: index->err. */
const struct pk_pattern *pk_index_keep_pattern(struct pk_index *index, struct pk_pattern *pattern);

/* The literal like `wanted`: its entries are sorted and made unique, and copied. NULL:
 * index->err. */
struct pk_index_lit *pk_index_lit(struct pk_index *index, const struct pk_index_lit *wanted);

/*
 * Numbers all that literals with `kinds` need and writes the tables into the plan. What does not
 * fit is given up: its literal's `why` is set, and the caller has to forget it. -ENOMEM.
 */
int pk_index_finish(struct pk_index *index, struct pk_plan *plan);

/* Bits for comparisons of containers' facts: of index_container.c. -ENOMEM */
int pk_index_number_containers(struct pk_index *index, struct pk_plan *plan);

/* Automata: of index_dfa.c. -ENOMEM */
int pk_index_build_dfas(struct pk_index *index, struct pk_plan *plan);

/* The tables' rows, once their `kinds` are settled. -ENOMEM */
int pk_index_write(struct pk_index *index, struct pk_plan *plan);

#endif
