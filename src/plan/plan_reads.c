/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most opens neither write nor create, and many rules are about those that do. Which literals can
 * still decide something when an open only reads: the texts of the others need not be looked up then, nor need
 * automata be run for them. Whatever stands for their values, no rule comes out otherwise.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "plan/plan_internal.h"

/* What a gate comes to when an open only reads. */
enum left {
	LEFT_NOT_ASKED = 0,
	LEFT_FALSE,
	LEFT_TRUE,
	LEFT_ASKS, /* depends on literals */
};

struct reads {
	uint8_t *left; /* enum left, by gate */
	bool *seen;
	struct pk_plan_table *table;
};

/* Bits of the number that are 0 then. */
static uint64_t zero_bits(uint16_t num)
{
	if (num == PK_NUM_FLAGS)
		return PK_OPEN_CHANGES;
	return num == PK_NUM_FILE_FLAGS ? PK_FILE_CREATED : 0;
}

static enum left left_of_lit(const struct pk_lit *lit)
{
	static const struct pk_judge reading = { .num_present = 1ull << PK_NUM_FLAGS |
								1ull << PK_NUM_FILE_FLAGS };

	if (lit->kind != PK_LIT_NUM || !lit->mask || (lit->mask & ~zero_bits(lit->num)))
		return LEFT_ASKS;
	return pk_lit_eval(lit, &reading) == PK_TRUE ? LEFT_TRUE : LEFT_FALSE;
}

static enum left left_of(struct reads *reads, const struct pk_gate *gate);

static enum left left_of_children(struct reads *reads, const struct pk_gate *gate)
{
	enum left settles = gate->kind == PK_GATE_AND ? LEFT_FALSE : LEFT_TRUE;
	enum left result = gate->kind == PK_GATE_AND ? LEFT_TRUE : LEFT_FALSE;

	for (uint32_t i = 0; i < gate->child_cnt; i++) {
		enum left child = left_of(reads, gate->children[i]);

		if (child == settles)
			return settles;
		if (child == LEFT_ASKS)
			result = LEFT_ASKS;
	}
	return result;
}

static enum left left_of(struct reads *reads, const struct pk_gate *gate)
{
	enum left left = (enum left)reads->left[gate->id];

	if (left != LEFT_NOT_ASKED)
		return left;
	switch (gate->kind) {
	case PK_GATE_FALSE:
		left = LEFT_FALSE;
		break;
	case PK_GATE_TRUE:
		left = LEFT_TRUE;
		break;
	case PK_GATE_UNKNOWN:
		left = LEFT_ASKS;
		break;
	case PK_GATE_LIT:
		left = left_of_lit(gate->lit);
		break;
	case PK_GATE_NOT_LIT:
		left = left_of_lit(gate->lit);
		if (left != LEFT_ASKS)
			left = left == LEFT_TRUE ? LEFT_FALSE : LEFT_TRUE;
		break;
	default:
		left = left_of_children(reads, gate);
		break;
	}
	reads->left[gate->id] = (uint8_t)left;
	return left;
}

static void add_texts(struct reads *reads, const struct pk_gate *gate)
{
	if (left_of(reads, gate) != LEFT_ASKS || reads->seen[gate->id])
		return;
	reads->seen[gate->id] = true;
	if (gate->kind == PK_GATE_LIT || gate->kind == PK_GATE_NOT_LIT)
		pk_planner_add_texts(pk_index_lit_of(gate->lit), &reads->table->reads);
	for (uint32_t i = 0; i < gate->child_cnt; i++)
		add_texts(reads, gate->children[i]);
}

void pk_planner_reads(struct pk_planner *planner)
{
	const struct pk_circuit *circuit = &planner->plan->circuits[PK_EVENT_OPEN];
	pk_cleanup(pk_free_p) uint8_t *left = calloc(planner->gates.cnt + 1, sizeof(*left));
	pk_cleanup(pk_free_p) bool *seen = calloc(planner->gates.cnt + 1, sizeof(*seen));
	struct reads reads = { .left = left, .seen = seen, .table = &planner->plan->table };

	if (!left || !seen) {
		planner->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < circuit->cnt; i++)
		add_texts(&reads, circuit->judged[i].gate);
}
