/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One judging program while it is being written: its chunks, all open until the last rule is in,
 * since the way out of a chunk depends on those behind it. Registers: r6 context, r7 scratch
 * slot, r8 the class that is being dispatched on; r0 to r5 free.
 */
#ifndef PK_EMIT_PROGRAM_H
#define PK_EMIT_PROGRAM_H

#include "emit/emit.h"
#include "emit/groups.h"
#include "emit/logic.h"

struct pk_program_chunk {
	struct pk_coder coder;
	uint32_t finish;  /* label: all rules were looked at */
	uint32_t give_up; /* label: a tail call failed */
	uint32_t match;   /* label: function that writes a match */
	size_t path_cnt;  /* conditional jumps on the verifier's first way through it */
};

struct pk_program {
	const struct pk_plan *plan;
	const struct pk_circuit *circuit;
	const struct pk_emit_env *env;
	uint32_t kind;
	struct pk_memos memos;
	struct pk_program_chunk chunks[PK_CHUNKS];
	size_t cnt;     /* the last one is being filled */
	bool *done;     /* by index of circuit->judged: stands in an earlier group of this slot */
	bool *prepared; /* by gate: was looked at for parts to compute beforehand */
	int err;
};

static inline struct pk_program_chunk *pk_program_last(struct pk_program *program)
{
	return &program->chunks[program->cnt - 1];
}

/* Opens a chunk. False: there are no more, and err is set. */
bool pk_program_open(struct pk_program *program);

/* Tail call of chunk `idx` from `chunk`. */
void pk_program_tail(const struct pk_program *program, struct pk_program_chunk *chunk, size_t idx);

/* One rule; goes on right behind it. Adds to path_cnt. `memos` may be NULL. */
void pk_program_rule(const struct pk_program *program, struct pk_program_chunk *chunk,
		     struct pk_memos *memos, const struct pk_judged *judged);

/* Whether what was added since keeps the chunk within limits, with `entries` of a search to come. */
bool pk_program_fits(const struct pk_program_chunk *chunk, size_t entry_cnt);

/* Rules of one slot's groups. `last`: nothing comes behind them. */
void pk_program_slot(struct pk_program *program, const struct pk_groups *groups, uint16_t slot,
		     bool last);

/* The rules at `items` (indexes of circuit->judged), each of which has a scope. */
void pk_program_scopes(struct pk_program *program, const uint32_t *items, size_t cnt);

#endif
