/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom events concern. A rule that requires something of the process's own texts marks the rows
 * that say so, whose number does not matter to an exec; where no row can be found, since the text
 * is not known, it may be any. What the others leave of their conditions when everything about
 * the event is possible is a circuit that is evaluated at exec and fork. What is left when everything
 * but the container is possible is another, which user space evaluates once a container.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "plan/plan_internal.h"

#define INTEREST_COST_MAX 1500u /* past it every process is of interest */

/* How well a literal's rows tell whom the rule concerns; 0: not at all. */
static int own_rank(const struct pk_gate *gate)
{
	const struct pk_lit *lit = gate->lit;

	if (gate->kind != PK_GATE_LIT || lit->ne)
		return 0;
	switch (pk_index_lit_of(lit)->how) {
	case PK_INDEX_EXACT:
		return lit->slot == PK_SLOT_NAME || (lit->slot >= PK_SLOT_EXACT_OWN &&
						     lit->slot < PK_SLOT_EXACT_PARENT) ?
			       3 :
			       0;
	case PK_INDEX_PREFIX:
		return lit->slot >= PK_SLOT_PREFIX_OWN && lit->slot < PK_SLOT_PREFIX_PARENT ? 2 : 0;
	case PK_INDEX_PATTERN:
		return lit->word < PK_WORD_PARENT ? 1 : 0;
	default:
		return 0;
	}
}

/* Whether rows tell; then they are marked, and *slots has where their class stands. */
static bool mark_rows(struct pk_planner *planner, const struct pk_gate *gate, uint32_t kind,
		      uint64_t *slots)
{
	size_t cnt;
	const struct pk_gate *const *required = pk_gate_required(&gate, &cnt);
	const struct pk_index_lit *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < cnt; i++) {
		int rank = own_rank(required[i]);
		const struct pk_index_lit *lit = pk_index_lit_of(required[i]->lit);

		if (rank > best_rank ||
		    (rank && rank == best_rank && lit->entry_cnt < best->entry_cnt)) {
			best = lit;
			best_rank = rank;
		}
	}
	if (!best)
		return false;
	if (best->how != PK_INDEX_PATTERN)
		*slots |= 1ull << best->lit.slot;
	for (size_t i = 0; i < best->entry_cnt; i++) {
		best->entries[i]->kinds |= 1ull << kind;
		if (best->how == PK_INDEX_PATTERN)
			planner->plan->dfas[best->entries[i]->dfa - 1]->kinds |= 1ull << kind;
	}
	return true;
}

/* Settled by the process's facts, from one exec to the next. */
static bool by_process(const struct pk_lit *lit)
{
	if (lit->kind == PK_LIT_CLS)
		return lit->slot < PK_SLOT_EVENT;
	return lit->kind == PK_LIT_BIT && lit->word < PK_WORD_EVENT;
}

/* Settled by the container's. */
static bool by_container(const struct pk_lit *lit)
{
	return lit->kind == PK_LIT_BIT && lit->word >= PK_WORD_CONTAINER;
}

struct residue {
	bool (*is_settled)(const struct pk_lit *lit);
	struct pk_gates *gates;
	const struct pk_gate **memo; /* by gate */
	size_t cnt;                  /* gates that were there before */
};

/* What the facts that are settled leave of a gate. */
static const struct pk_gate *residue_of(struct residue *residue, const struct pk_gate *gate)
{
	pk_cleanup(pk_free_p) const struct pk_gate **children = NULL;
	const struct pk_gate *result = gate;

	if (gate->id >= residue->cnt)
		return gate;
	if (residue->memo[gate->id])
		return residue->memo[gate->id];
	if (gate->kind == PK_GATE_UNKNOWN ||
	    ((gate->kind == PK_GATE_LIT || gate->kind == PK_GATE_NOT_LIT) &&
	     !residue->is_settled(gate->lit))) {
		result = pk_gates_constant(residue->gates, PK_GATE_TRUE);
	} else if (gate->child_cnt) {
		children = calloc(gate->child_cnt, sizeof(struct pk_gate *));
		if (!children) {
			residue->gates->err = -ENOMEM;
			return NULL;
		}
		for (uint32_t i = 0; i < gate->child_cnt; i++)
			children[i] = residue_of(residue, gate->children[i]);
		result = pk_gates_op(residue->gates, gate->kind, children, gate->child_cnt);
	}
	residue->memo[gate->id] = result;
	return result;
}

/* A class that nothing is in: it can only hold when the text is not known. */
static const struct pk_gate *text_unknown(struct pk_planner *planner, uint16_t slot)
{
	struct pk_index_lit wanted = {
		.lit = { .kind = PK_LIT_CLS, .slot = slot, .slot2 = PK_SLOT_CNT },
	};
	const struct pk_index_lit *lit = pk_index_lit(&planner->index, &wanted);

	if (lit)
		return pk_gates_lit(&planner->gates, &lit->lit, false);
	planner->gates.err = -ENOMEM;
	return NULL;
}

static const struct pk_gate *interest_of(struct pk_planner *planner, struct residue *residue,
					 uint32_t kind)
{
	const struct pk_circuit *circuit = &planner->plan->circuits[kind];
	pk_cleanup(pk_free_p) const struct pk_gate **rest = calloc(circuit->cnt + PK_SLOT_EVENT,
								   sizeof(struct pk_gate *));
	const struct pk_gate *gate;
	uint64_t slots = 0;
	size_t cnt = 0;

	if (!rest) {
		planner->err = -ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < circuit->cnt; i++) {
		if (!mark_rows(planner, circuit->judged[i].gate, kind, &slots))
			rest[cnt++] = residue_of(residue, circuit->judged[i].gate);
	}
	for (uint32_t slot = 0; slot < PK_SLOT_EVENT; slot++) {
		if (slots >> slot & 1)
			rest[cnt++] = text_unknown(planner, (uint16_t)slot);
	}
	gate = pk_gates_op(&planner->gates, PK_GATE_OR, rest, cnt);
	if (gate && gate->cost > INTEREST_COST_MAX)
		gate = pk_gates_constant(&planner->gates, PK_GATE_TRUE);
	return gate;
}

static const struct pk_gate *container_interest_of(struct pk_planner *planner,
						   struct residue *residue, uint32_t kind)
{
	const struct pk_circuit *circuit = &planner->plan->circuits[kind];
	pk_cleanup(pk_free_p) const struct pk_gate **rest = NULL;

	if (circuit->cnt && !(planner->plan->table.container_kinds >> kind & 1))
		return pk_gates_constant(&planner->gates, PK_GATE_TRUE);
	rest = calloc(circuit->cnt + 1, sizeof(struct pk_gate *));
	if (!rest) {
		planner->err = -ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < circuit->cnt; i++)
		rest[i] = residue_of(residue, circuit->judged[i].gate);
	return pk_gates_op(&planner->gates, PK_GATE_OR, rest, circuit->cnt);
}

/* Needs which kinds ask for containers. */
static void find_container_interest(struct pk_planner *planner)
{
	struct residue residue = { by_container, &planner->gates, NULL, planner->gates.cnt };
	struct pk_plan *plan = planner->plan;

	residue.memo = calloc(residue.cnt + 1, sizeof(struct pk_gate *));
	if (!residue.memo)
		planner->err = -ENOMEM;
	for (uint32_t kind = 0; kind < PK_KINDS && !planner->err; kind++) {
		plan->container_interest[kind] = container_interest_of(planner, &residue, kind);
		if (!planner->err && !plan->container_interest[kind])
			planner->err = planner->gates.err;
	}
	free(residue.memo);
}

void pk_planner_interest(struct pk_planner *planner)
{
	struct residue residue = { by_process, &planner->gates, NULL, planner->gates.cnt };
	struct pk_plan *plan = planner->plan;

	residue.memo = calloc(residue.cnt + 1, sizeof(struct pk_gate *));
	if (!residue.memo)
		planner->err = -ENOMEM;
	for (uint32_t kind = 0; kind < PK_KINDS && !planner->err; kind++) {
		plan->interest[kind] = interest_of(planner, &residue, kind);
		if (!planner->err && !plan->interest[kind])
			planner->err = planner->gates.err;
		else if (!planner->err && plan->interest[kind]->kind == PK_GATE_TRUE)
			plan->table.always |= 1ull << kind;
	}
	free(residue.memo);
	if (!planner->err)
		find_container_interest(planner);
	if (!planner->err)
		planner->err = pk_index_write(&planner->index, plan);
}
