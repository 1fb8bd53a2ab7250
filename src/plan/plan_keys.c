/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys: of the literals that a rule requires, the one that the fewest other rules share. A rule whose best
 * key is shared by many, or that has none, goes by a fact of the container that it requires.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "plan/plan_internal.h"

#define KEY_CLASSES_MAX 16u
#define KEY_SHARED_MAX 16u /* past it a fact of the container that fewer rules share is better */

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
	uint32_t scopes[PK_MAX_CONTAINER_BITS]; /* ... for each bit of the container's */
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

static bool is_scope(const struct pk_gate *gate)
{
	return gate->kind == PK_GATE_LIT && gate->lit->kind == PK_LIT_BIT &&
	       gate->lit->word >= PK_WORD_CONTAINER;
}

static uint32_t *scope_cnt(struct usage *usage, const struct pk_gate *gate)
{
	return &usage->scopes[(gate->lit->word - PK_WORD_CONTAINER) * 64u + gate->lit->bit];
}

static void count_rule(struct usage *usage, const struct pk_judged *judged)
{
	size_t cnt;
	const struct pk_gate *const *required = pk_gate_required(&judged->gate, &cnt);

	for (size_t i = 0; i < cnt; i++) {
		if (class_cnt(required[i]))
			use(usage, required[i]->lit, 1);
		else if (is_scope(required[i]))
			++*scope_cnt(usage, required[i]);
	}
}

/* The required fact of the container that the fewest rules share; NULL: there is none. */
static const struct pk_lit *choose_scope(struct usage *usage, const struct pk_judged *judged,
					 uint32_t *ret_sum)
{
	size_t cnt;
	const struct pk_gate *const *required = pk_gate_required(&judged->gate, &cnt);
	const struct pk_lit *best = NULL;

	for (size_t i = 0; i < cnt; i++) {
		if (!is_scope(required[i]) || (best && *scope_cnt(usage, required[i]) >= *ret_sum))
			continue;
		best = required[i]->lit;
		*ret_sum = *scope_cnt(usage, required[i]);
	}
	return best;
}

static void choose(struct usage *usage, struct pk_judged *judged)
{
	const struct pk_lit *scope;
	uint32_t scope_sum = 0;
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
	scope = choose_scope(usage, judged, &scope_sum);
	if (scope && (!best || (best_sum > KEY_SHARED_MAX && scope_sum < best_sum / 4)))
		judged->scope = scope;
	else
		judged->key = best;
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
			choose(&usage, &judged[i]);
	}
}
