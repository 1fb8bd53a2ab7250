/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds circuits. In: literals and what is to be made of them. Out: gates in negation normal
 * form; equal ones are one node, and constants are folded as far as Kleene's logic allows: "x and
 * not x" is not false, since x may be unknown. Gates live in an arena. Errors stick: a NULL gate
 * means that `err` is set, and NULL goes in anywhere.
 */
#ifndef PK_PLAN_GATE_H
#define PK_PLAN_GATE_H

#include "base/arena.h"
#include "plan/plan.h"

struct pk_gates {
	struct pk_arena *arena;
	struct pk_gate **slots; /* open addressing */
	uint32_t slot_cnt;
	uint32_t cnt;
	const struct pk_gate *constants[3]; /* by enum pk_gate_kind: FALSE, TRUE, UNKNOWN */
	const struct pk_gate **scratch;     /* children being put together, a stack */
	size_t scratch_cnt, scratch_cap;
	int err; /* -ENOMEM; -E2BIG past PK_MAX_CIRCUIT */
};

/* -ENOMEM. `arena` must outlive what is built. */
int pk_gates_init(struct pk_gates *gates, struct pk_arena *arena);
void pk_gates_fini(struct pk_gates *gates);

const struct pk_gate *pk_gates_constant(struct pk_gates *gates, enum pk_gate_kind kind);

/* Literals are told apart by their address; `lit` is borrowed. */
const struct pk_gate *pk_gates_lit(struct pk_gates *gates, const struct pk_lit *lit, bool negated);

/* AND or OR of all children. Nested ones of the same kind are put in, duplicates dropped. */
const struct pk_gate *pk_gates_op(struct pk_gates *gates, enum pk_gate_kind kind,
				  const struct pk_gate *const *children, size_t cnt);
const struct pk_gate *pk_gates_op2(struct pk_gates *gates, enum pk_gate_kind kind,
				   const struct pk_gate *a, const struct pk_gate *b);

/* Negations are pushed down to the literals. For small gates: walks them as trees. */
const struct pk_gate *pk_gates_not(struct pk_gates *gates, const struct pk_gate *gate);

/* One literal's value. */
enum pk_truth pk_lit_eval(const struct pk_lit *lit, const struct pk_judge *judge);

/* The literal becomes one that user space has to answer: it and its negation are UNKNOWN from now
 * on. No gate is folded again. */
void pk_gates_forget(struct pk_gates *gates, const struct pk_lit *lit);

#endif
