// SPDX-License-Identifier: Apache-2.0
/*
 * A container against a plan: its facts go through the reference evaluator, what comes out are bits; then
 * the circuits of interest, each part of them once.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/gate.h"

struct walk {
	const struct pk_judge *judge;
	uint8_t *memo; /* by gate: 0 not asked yet, else 1 + its truth */
};

static enum pk_truth eval_new(struct walk *walk, const struct pk_gate *gate);

static enum pk_truth eval(struct walk *walk, const struct pk_gate *gate)
{
	if (!walk->memo[gate->id])
		walk->memo[gate->id] = (uint8_t)(1 + eval_new(walk, gate));
	return (enum pk_truth)(walk->memo[gate->id] - 1);
}

static enum pk_truth eval_new(struct walk *walk, const struct pk_gate *gate)
{
	enum pk_truth settles = gate->kind == PK_GATE_AND ? PK_FALSE : PK_TRUE;
	enum pk_truth truth = pk_truth_not(settles);

	if (!gate->child_cnt)
		return pk_gate_eval(gate, walk->judge);
	for (uint32_t i = 0; i < gate->child_cnt && truth != settles; i++) {
		enum pk_truth child = eval(walk, gate->children[i]);

		if (settles == PK_FALSE ? child < truth : child > truth)
			truth = child;
	}
	return truth;
}

static int find_interest(const struct pk_plan *plan, struct pk_container_facts *facts)
{
	pk_cleanup(pk_free_p) struct pk_judge *judge = calloc(1, sizeof(*judge));
	pk_cleanup(pk_free_p) uint8_t *memo = calloc(plan->gate_cnt + 1, sizeof(*memo));
	struct walk walk = { judge, memo };

	if (!judge || !memo)
		return -ENOMEM;
	memcpy(&judge->t[PK_WORD_CONTAINER], facts->t, sizeof(facts->t));
	memcpy(&judge->c[PK_WORD_CONTAINER], facts->c, sizeof(facts->c));
	for (uint32_t kind = 0; kind < PK_KINDS; kind++) {
		const struct pk_gate *gate = plan->container_interest[kind];

		if (gate && eval(&walk, gate) != PK_FALSE)
			facts->interest |= 1ull << kind;
	}
	return 0;
}

int pk_plan_container_eval(const struct pk_plan *plan, pk_value_fn *get, void *arg,
			   struct pk_container_facts *ret_facts)
{
	memset(ret_facts, 0, sizeof(*ret_facts));
	ret_facts->generation = plan->table.generation;
	for (size_t i = 0; i < plan->container_cnt; i++) {
		uint32_t bit = plan->containers[i].bit;
		enum pk_truth truth;
		int err = pk_atom_eval(plan->containers[i].atom, get, arg, &truth);

		if (err)
			return err;
		if (truth == PK_TRUE)
			ret_facts->t[bit / 64] |= 1ull << bit % 64;
		if (truth != PK_FALSE)
			ret_facts->c[bit / 64] |= 1ull << bit % 64;
	}
	return find_interest(plan, ret_facts);
}
