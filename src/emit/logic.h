/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Circuits to jumps. A circuit is asked one of two plain questions, "must it be true" and "can it
 * be true", and the answer is where control goes. Uses r0 and r1; r7 is the scratch slot.
 */
#ifndef PK_EMIT_LOGIC_H
#define PK_EMIT_LOGIC_H

#include "emit/code.h"
#include "plan/plan.h"

#define PK_JUDGE_OFF(member) (PK_SCRATCH_JUDGE_OFF + offsetof(struct pk_judge, member))
#define PK_MAX_MEMOS (PK_MEMO_WORDS * 32u)
#define PK_MEMO_COST 4u /* what costs less is computed again */

/* Which parts are remembered within an event, in memo[]. */
struct pk_memos {
	uint32_t *refs; /* by gate id: uses in the circuits that are asked one after the other */
	uint16_t (*ids)[2]; /* by gate id: 1 + place of the answer to "can" and "must"; 0: none */
	size_t gate_cnt;
	bool (*ready)[2]; /* by gate: computed before whatever is being written */
	size_t cnt;
};

int pk_memos_init(struct pk_memos *memos, size_t gate_cnt); /* -ENOMEM */
void pk_memos_fini(struct pk_memos *memos);
void pk_memos_count(struct pk_memos *memos, const struct pk_gate *gate); /* one more use of it */

/*
 * Computes a part now and remembers the answer, so that what follows only looks it up. False:
 * there is no place left to remember it, and nothing was written. Whoever takes the code away
 * again clears `ready`.
 */
bool pk_logic_prepare(struct pk_coder *coder, struct pk_memos *memos, const struct pk_gate *gate,
		      bool must);

/*
 * Goes to `yes` or `no`, which the caller binds. `next` is the one of them that stands right
 * behind, or PK_LABEL_NONE. `memos` may be NULL.
 */
void pk_logic_gate(struct pk_coder *coder, struct pk_memos *memos, const struct pk_gate *gate,
		   bool must, uint32_t yes, uint32_t no, uint32_t next);

/* The same for "r0 lies in ranges" (sorted, disjoint); `wide`: 64 bits. */
void pk_logic_ranges(struct pk_coder *coder, const struct pk_range *ranges, size_t cnt, bool wide,
		     uint32_t yes, uint32_t no, uint32_t next);

/* cls[slot] lies in the ranges or is unknown. */
void pk_logic_class(struct pk_coder *coder, const struct pk_lit *lit, uint16_t slot, uint32_t yes,
		    uint32_t no, uint32_t next);

#endif
