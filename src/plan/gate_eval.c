/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A circuit's value in user space. Written for being read, not for speed: emitted programs are held
 * against it.
 */
#include "plan/gate.h"

#include <assert.h>

static bool holds(const struct pk_lit *lit, uint64_t value)
{
	for (size_t i = 0; i < lit->range_cnt; i++) {
		if (value >= lit->ranges[i].lo && value <= lit->ranges[i].hi)
			return true;
	}
	return false;
}

static enum pk_truth of_bool(bool value)
{
	return value ? PK_TRUE : PK_FALSE;
}

static enum pk_truth eval_cls(const struct pk_lit *lit, const struct pk_judge *judge)
{
	uint32_t cls = judge->cls[lit->slot];
	uint32_t cls2 = lit->slot2 < PK_SLOT_CNT ? judge->cls[lit->slot2] : PK_CLS_MISSING;
	enum pk_truth truth;

	if (cls == PK_CLS_MISSING)
		return PK_FALSE;
	truth = cls == PK_CLS_UNKNOWN ? PK_UNKNOWN : of_bool(holds(lit, cls));
	if (cls2 == PK_CLS_UNKNOWN && truth == PK_FALSE)
		truth = PK_UNKNOWN;
	else if (cls2 < PK_CLS_MISSING && holds(lit, cls2))
		truth = PK_TRUE;
	return lit->ne ? pk_truth_not(truth) : truth;
}

static enum pk_truth eval_bit(const struct pk_lit *lit, const struct pk_judge *judge)
{
	uint64_t bit = 1ull << lit->bit;

	if (judge->t[lit->word] & bit)
		return PK_TRUE;
	return judge->c[lit->word] & bit ? PK_UNKNOWN : PK_FALSE;
}

static enum pk_truth eval_num(const struct pk_lit *lit, const struct pk_judge *judge)
{
	uint64_t bit = 1ull << lit->num;
	uint64_t value = judge->num[lit->num];

	if (!(judge->num_present & bit))
		return judge->num_unknown & bit ? PK_UNKNOWN : PK_FALSE;
	if (lit->mask)
		value &= lit->mask;
	return of_bool(holds(lit, value) != lit->ne);
}

enum pk_truth pk_lit_eval(const struct pk_lit *lit, const struct pk_judge *judge)
{
	switch (lit->kind) {
	case PK_LIT_CLS:
		return eval_cls(lit, judge);
	case PK_LIT_BIT:
		return eval_bit(lit, judge);
	case PK_LIT_NUM:
		return eval_num(lit, judge);
	}
	assert(!"kind of literal");
	return PK_UNKNOWN;
}

static enum pk_truth eval_children(const struct pk_gate *gate, const struct pk_judge *judge)
{
	enum pk_truth settles = gate->kind == PK_GATE_AND ? PK_FALSE : PK_TRUE;
	enum pk_truth truth = pk_truth_not(settles);

	for (uint32_t i = 0; i < gate->child_cnt && truth != settles; i++) {
		enum pk_truth child = pk_gate_eval(gate->children[i], judge);

		if (settles == PK_FALSE ? child < truth : child > truth)
			truth = child;
	}
	return truth;
}

enum pk_truth pk_gate_eval(const struct pk_gate *gate, const struct pk_judge *judge)
{
	switch (gate->kind) {
	case PK_GATE_FALSE:
		return PK_FALSE;
	case PK_GATE_TRUE:
		return PK_TRUE;
	case PK_GATE_UNKNOWN:
		return PK_UNKNOWN;
	case PK_GATE_LIT:
		return pk_lit_eval(gate->lit, judge);
	case PK_GATE_NOT_LIT:
		return pk_truth_not(pk_lit_eval(gate->lit, judge));
	default:
		return eval_children(gate, judge);
	}
}
