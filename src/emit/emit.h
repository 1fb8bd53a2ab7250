/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Circuits to eBPF instructions: one judging program a hook, in chunks that a kernel will take.
 * No compiler, no BTF: plain instructions that read and write a struct pk_judge.
 *
 * What an emitted program does: finds the scratch slot that its task holds; for EXEC and FORK
 * computes interest; evaluates the rules of its kind (those with a key only when the key's class
 * is there); writes matches, match_cnt and actions; then: nothing matched: gives the slot back
 * and returns `pass` (the sensor sets PK_WANT_REPORT in actions beforehand when the event itself
 * is wanted: that counts as a match); else tail-calls finish_slot of its own array.
 */
#ifndef PK_EMIT_EMIT_H
#define PK_EMIT_EMIT_H

#include <linux/bpf.h>

#include "plan/plan.h"

#define PK_MAX_CHUNK_INSNS 30000u /* jumps have 16 bits */
#define PK_MAX_CHUNK_JUMPS \
	6000u /* the verifier keeps one state a conditional jump on a path: 8,192 */

struct pk_emit_env {
	int scratch_fd; /* pk_scratch_map, an array; PK_SCRATCH_SLOTS entries a CPU */
	uint32_t scratch_value_bytes;
	int progs_fd; /* the hook's program array; -1: none (tests): finishing is returning 2 */
	uint32_t first_slot;  /* chunk i stands in slot first_slot + i of it */
	uint32_t finish_slot; /* the sensor's second half */
	uint32_t pass;        /* return value when nothing matched: 0, or 1 for cgroup programs */
	bool must_only; /* a `pre` point: what is unknown does not count, only deny and kill rules */
	bool always_finish; /* EXEC, FORK, EXIT, and tests: go on to finish_slot even without a match */
	bool keyless;       /* measure: ignore keys, every rule in turn */
};

struct pk_chunk {
	struct bpf_insn *insns;
	size_t cnt;
};

struct pk_code {
	struct pk_chunk chunks[PK_CHUNKS]; /* the first is entered; the others by tail call */
	size_t cnt;
};

/* -E2BIG: does not fit into PK_CHUNKS; -ENOMEM. */
int pk_emit(const struct pk_plan *plan, uint32_t kind, const struct pk_emit_env *env,
	    struct pk_code *ret_code);
void pk_code_fini(struct pk_code *code);

/* Instructions of one rule on one kind: what explain calls its cost. */
size_t pk_emit_rule_cost(const struct pk_plan *plan, uint32_t kind, uint32_t rule_idx);

#endif
