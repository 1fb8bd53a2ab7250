/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys: of the literals that a rule requires, the one that the fewest other rules share.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "plan/plan_internal.h"

#define KEY_CLASSES_MAX 16u

const struct pk_gate *const *pk_gate_required(const struct pk_gate *const *gate, size_t *ret_cnt)
{
	if ((*gate)->kind == PK_GATE_AND) {
		*ret_cnt = (*gate)->child_cnt;
		return (*gate)->children;
	}
	*ret_cnt = 1;
	return gate;
}

/* How many classes; 0: it cannot be a key. */
static uint64_t class_cnt(const struct pk_gate *gate)
{
	uint64_t cnt = 0;

	if (gate->kind != PK_GATE_LIT || gate->lit->kind != PK_LIT_CLS || gate->lit->ne ||
	    pk_index_lit_of(gate->lit)->how == PK_INDEX_FIXED)
		return 0;
	for (size_t i = 0; i < gate->lit->range_cnt; i++)
		cnt += gate->lit->ranges[i].hi - gate->lit->ranges[i].lo + 1;
	return cnt <= KEY_CLASSES_MAX ? cnt : 0;
}

/* How many rules ask for each class, by slot. */
struct usage {
	uint32_t *cnt[PK_SLOT_CNT];
	size_t class_cnt;
};

static void usage_fini(struct usage *usage)
{
	for (size_t i = 0; i < PK_SLOT_CNT; i++)
		free(usage->cnt[i]);
}

/* Adds `more` to the classes' counts, and sums them up. */
static uint64_t use(struct usage *usage, const struct pk_lit *lit, uint32_t more)
{
	uint32_t **cnt = &usage->cnt[lit->slot];
	uint64_t sum = 0;

	if (!*cnt)
		*cnt = calloc(usage->class_cnt, sizeof(**cnt));
	if (!*cnt)
		return 0; /* keys are chosen less well */
	for (size_t i = 0; i < lit->range_cnt; i++) {
		for (uint64_t cls = lit->ranges[i].lo; cls <= lit->ranges[i].hi; cls++) {
			(*cnt)[cls] += more;
			sum += (*cnt)[cls];
		}
	}
	return sum;
}

static void count_rule(struct usage *usage, const struct pk_judged *judged)
{
	size_t cnt;
	const struct pk_gate *const *required = pk_gate_required(&judged->gate, &cnt);

	for (size_t i = 0; i < cnt; i++) {
		if (class_cnt(required[i]))
			use(usage, required[i]->lit, 1);
	}
}

static const struct pk_lit *choose(struct usage *usage, const struct pk_judged *judged)
{
	size_t cnt;
	const struct pk_gate *const *required = pk_gate_required(&judged->gate, &cnt);
	const struct pk_lit *best = NULL;
	uint64_t best_sum = UINT64_MAX;

	for (size_t i = 0; i < cnt; i++) {
		uint64_t sum;

		if (!class_cnt(required[i]))
			continue;
		sum = use(usage, required[i]->lit, 0);
		if (sum < best_sum) {
			best = required[i]->lit;
			best_sum = sum;
		}
	}
	return best;
}

void pk_planner_keys(struct pk_planner *planner)
{
	for (uint32_t kind = 0; kind < PK_KINDS; kind++) {
		const struct pk_circuit *circuit = &planner->plan->circuits[kind];
		struct pk_judged *judged = (struct pk_judged *)circuit->judged;
		pk_cleanup(usage_fini) struct usage usage = {
			.class_cnt = planner->index.entry_cnt + 1,
		};

		for (size_t i = 0; i < circuit->cnt; i++)
			count_rule(&usage, &judged[i]);
		for (size_t i = 0; i < circuit->cnt; i++)
			judged[i].key = choose(&usage, &judged[i]);
	}
}
