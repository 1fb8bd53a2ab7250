/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparisons of numbers, of names that stand for numbers, and of addresses.
 */
#include "plan/lower.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define LOW32 0xffffffffull

static const struct pk_range anything = { 0, UINT64_MAX };

/* The numbers that a literal stands for with this operator; as signed or as unsigned ones. */
static bool signed_range(enum pk_rules_op op, int64_t with, int64_t *ret_lo, int64_t *ret_hi)
{
	*ret_lo = INT64_MIN;
	*ret_hi = INT64_MAX;
	switch (op) {
	case PK_RULES_OP_LT:
		*ret_hi = with - 1;
		return with > INT64_MIN;
	case PK_RULES_OP_LE:
		*ret_hi = with;
		return true;
	case PK_RULES_OP_GT:
		*ret_lo = with + 1;
		return with < INT64_MAX;
	case PK_RULES_OP_GE:
		*ret_lo = with;
		return true;
	default:
		*ret_lo = *ret_hi = with;
		return true;
	}
}

static bool unsigned_range(enum pk_rules_op op, uint64_t with, struct pk_range *ret_range)
{
	*ret_range = anything;
	switch (op) {
	case PK_RULES_OP_LT:
		ret_range->hi = with - 1;
		return with > 0;
	case PK_RULES_OP_LE:
		ret_range->hi = with;
		return true;
	case PK_RULES_OP_GT:
		ret_range->lo = with + 1;
		return with < UINT64_MAX;
	case PK_RULES_OP_GE:
		ret_range->lo = with;
		return true;
	default:
		ret_range->lo = ret_range->hi = with;
		return true;
	}
}

/* Of the numbers of 32 bits with a sign, as they stand in the low half; at most two ranges. */
static size_t fold_int32(int64_t lo, int64_t hi, struct pk_range *ranges)
{
	size_t cnt = 0;

	if (lo < INT32_MIN)
		lo = INT32_MIN;
	if (hi > INT32_MAX)
		hi = INT32_MAX;
	if (hi >= 0 && lo <= hi)
		ranges[cnt++] = (struct pk_range){ lo > 0 ? (uint64_t)lo : 0, (uint64_t)hi };
	if (lo < 0 && lo <= hi)
		ranges[cnt++] = (struct pk_range){ (uint64_t)lo & LOW32,
						   (uint64_t)(hi < 0 ? hi : -1) & LOW32 };
	return cnt;
}

static size_t literal_ranges(const struct pk_atom *atom, size_t i, bool int32,
			     struct pk_range *ranges)
{
	enum pk_rules_op op = atom->check->op;
	int64_t lo;
	int64_t hi;

	if (!atom->ints)
		return unsigned_range(op, atom->uints[i], ranges);
	if (!signed_range(op, atom->ints[i], &lo, &hi))
		return 0;
	if (int32)
		return fold_int32(lo, hi, ranges);
	if (hi < 0)
		return 0; /* the kernel's number is never negative */
	ranges[0] = (struct pk_range){ lo > 0 ? (uint64_t)lo : 0,
				       hi == INT64_MAX ? UINT64_MAX : (uint64_t)hi };
	return 1;
}

static int by_lo(const void *a, const void *b)
{
	const struct pk_range *x = a;
	const struct pk_range *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

static size_t unite(struct pk_range *ranges, size_t cnt)
{
	size_t kept = 0;

	if (cnt)
		qsort(ranges, cnt, sizeof(*ranges), by_lo);
	for (size_t i = 0; i < cnt; i++) {
		if (!kept ||
		    (ranges[kept - 1].hi != UINT64_MAX && ranges[i].lo > ranges[kept - 1].hi + 1))
			ranges[kept++] = ranges[i];
		else if (ranges[i].hi > ranges[kept - 1].hi)
			ranges[kept - 1].hi = ranges[i].hi;
	}
	return kept;
}

static bool is_number_op(enum pk_rules_op op)
{
	return op <= PK_RULES_OP_GE || op == PK_RULES_OP_IN || op == PK_RULES_OP_INTERSECTS;
}

/* The comparison of one number; "!=" as "=", its ranges to be excluded when `ne`. */
static const struct pk_gate *compare(struct pk_lower *lower, const struct pk_atom *atom,
				     uint32_t num, uint64_t mask, bool int32, bool ne)
{
	pk_cleanup(pk_free_p) struct pk_range *ranges = calloc(2 * atom->cnt + 1, sizeof(*ranges));
	size_t cnt = 0;

	if (!ranges) {
		lower->err = -ENOMEM;
		return NULL;
	}
	if (int32)
		mask = LOW32;
	if (atom->check->op == PK_RULES_OP_EXISTS)
		return pk_lower_num(lower, num, 0, false, &anything, 1);
	for (size_t i = 0; i < atom->cnt; i++)
		cnt += literal_ranges(atom, i, int32, ranges + cnt);
	cnt = unite(ranges, cnt);
	if (cnt)
		return pk_lower_num(lower, num, mask, ne, ranges, cnt);
	if (ne)
		return pk_lower_num(lower, num, 0, false, &anything, 1);
	return pk_gates_constant(lower->gates, PK_GATE_FALSE);
}

/* True when number & mask is one of the symbols' values, or not 0 without symbols. */
static const struct pk_gate *compare_bool(struct pk_lower *lower, const struct pk_atom *atom,
					  const struct pk_field_source *source)
{
	struct pk_range ranges[64] = { { 1, UINT64_MAX } };
	bool wanted[2] = { false, false };
	size_t cnt = 0;

	for (size_t i = 0; i < atom->cnt; i++)
		wanted[(atom->uints[i] != 0) != (atom->check->op == PK_RULES_OP_NE)] = true;
	if (atom->check->op == PK_RULES_OP_EXISTS || (wanted[0] && wanted[1]))
		return pk_lower_num(lower, source->id, 0, false, &anything, 1);
	if (!wanted[0] && !wanted[1])
		return pk_gates_constant(lower->gates, PK_GATE_FALSE);
	for (const struct pk_symbol *s = source->symbols; s && s->name; s++) {
		if (cnt == PK_ARRAY_SIZE(ranges))
			return pk_lower_unknown(lower, "it has too many values");
		ranges[cnt++] = (struct pk_range){ s->value, s->value };
	}
	cnt = source->symbols ? unite(ranges, cnt) : 1;
	return pk_lower_num(lower, source->id, source->mask, wanted[0], ranges, cnt);
}

/* "=" is true when one of two is equal, "!=" when there is one and none is equal. */
static const struct pk_gate *either(struct pk_lower *lower, bool ne,
				    const struct pk_gate *const equal[2],
				    const struct pk_gate *const there[2])
{
	const struct pk_gate *gate = pk_gates_op(lower->gates, PK_GATE_OR, equal, 2);

	if (!ne)
		return gate;
	return pk_gates_op2(lower->gates, PK_GATE_AND,
			    pk_gates_op(lower->gates, PK_GATE_OR, there, 2),
			    pk_gates_not(lower->gates, gate));
}

static const struct pk_gate *compare_port(struct pk_lower *lower, const struct pk_atom *atom,
					  const struct pk_field_source *source)
{
	static const uint32_t nums[] = { PK_NUM_LPORT, PK_NUM_RPORT };
	bool ne = atom->check->op == PK_RULES_OP_NE;
	const struct pk_gate *equal[2];
	const struct pk_gate *there[2];

	if (source->end != PK_END_ANY)
		return compare(lower, atom, nums[source->end == PK_END_REMOTE], 0, false, ne);
	for (int i = 0; i < 2; i++) {
		equal[i] = compare(lower, atom, nums[i], 0, false, false);
		there[i] = pk_lower_num(lower, nums[i], 0, false, &anything, 1);
	}
	return either(lower, ne, equal, there);
}

const struct pk_gate *pk_lower_number(struct pk_lower *lower, const struct pk_atom *atom,
				      const struct pk_field_source *source)
{
	if (!is_number_op(atom->check->op) ||
	    (atom->check->quantor == PK_RULES_QUANTOR_ALLOF && atom->cnt > 1))
		return pk_lower_unknown(lower, "the kernel does not compare numbers so");
	if (source->how == PK_SOURCE_BOOL)
		return compare_bool(lower, atom, source);
	if (source->how == PK_SOURCE_PORT)
		return compare_port(lower, atom, source);
	return compare(lower, atom, source->id, source->mask, source->how == PK_SOURCE_INT32,
		       atom->check->op == PK_RULES_OP_NE);
}

/* ---- names ---- */

/* The name whose value the number is; what no name is for is "<NA>". */
static const struct pk_gate *one_symbol(struct pk_lower *lower, const struct pk_atom *atom,
					const struct pk_field_source *source)
{
	bool others = pk_lower_ask_text(lower, atom, "<NA>") == PK_TRUE;
	struct pk_range ranges[64];
	size_t cnt = 0;

	for (const struct pk_symbol *s = source->symbols; s->name; s++) {
		bool is = pk_lower_ask_text(lower, atom, s->name) == PK_TRUE;

		if (cnt == PK_ARRAY_SIZE(ranges))
			return pk_lower_unknown(lower, "it has too many values");
		if (is != others)
			ranges[cnt++] = (struct pk_range){ s->value, s->value };
	}
	cnt = unite(ranges, cnt);
	if (cnt)
		return pk_lower_num(lower, source->id, source->mask, others, ranges, cnt);
	if (others)
		return pk_lower_num(lower, source->id, 0, false, &anything, 1);
	return pk_gates_constant(lower->gates, PK_GATE_FALSE);
}

static bool may_span_names(const struct pk_atom *atom, const char *between)
{
	for (size_t i = 0; i < atom->cnt; i++) {
		if (!atom->texts[i].len ||
		    memmem(atom->texts[i].data, atom->texts[i].len, between, strlen(between)))
			return true;
	}
	return false;
}

/* Names of all that is set: "contains" is asked of each. */
static const struct pk_gate *symbols_set(struct pk_lower *lower, const struct pk_atom *atom,
					 const struct pk_field_source *source)
{
	enum pk_rules_op op = atom->check->op;
	const struct pk_gate *gate = pk_gates_constant(lower->gates, PK_GATE_FALSE);

	if ((op != PK_RULES_OP_CONTAINS && op != PK_RULES_OP_ICONTAINS) ||
	    may_span_names(atom, source->text) ||
	    (atom->check->quantor == PK_RULES_QUANTOR_ALLOF && atom->cnt > 1))
		return pk_lower_unknown(lower,
					"the kernel only finds single names in a list of names");
	for (const struct pk_symbol *s = source->symbols; s->name && gate; s++) {
		uint64_t mask = s->mask ? s->mask : s->value;
		struct pk_range value = { s->value, s->value };

		if (pk_lower_ask_text(lower, atom, s->name) != PK_TRUE)
			continue;
		if (source->mask && (mask & ~source->mask)) { /* never seen */
			if (s->value & ~source->mask)
				continue;
			mask &= source->mask;
		}
		gate = pk_gates_op2(lower->gates, PK_GATE_OR, gate,
				    pk_lower_num(lower, source->id, mask, false, &value, 1));
	}
	return gate;
}

/* Tags: true of any that the process has; "!=" of none. */
static const struct pk_gate *tags(struct pk_lower *lower, const struct pk_atom *atom,
				  const struct pk_field_source *source)
{
	static const struct pk_range some = { 1, UINT64_MAX };
	bool ne = atom->check->op == PK_RULES_OP_NE;
	const struct pk_gate *any = pk_lower_num(lower, source->id, 0, false, &some, 1);
	const struct pk_gate *gate = pk_gates_constant(lower->gates, PK_GATE_FALSE);
	uint64_t mask = 0;

	if (atom->check->op == PK_RULES_OP_EXISTS)
		return any;
	for (size_t i = 0; i < lower->tag_cnt; i++) {
		bool is = pk_lower_ask_text(lower, atom, lower->tag_names[i]) == PK_TRUE;

		if (is != ne)
			mask |= 1ull << i;
	}
	if (mask)
		gate = pk_lower_num(lower, source->id, mask, false, &some, 1);
	return ne ? pk_gates_op2(lower->gates, PK_GATE_AND, any, pk_gates_not(lower->gates, gate)) :
		    gate;
}

const struct pk_gate *pk_lower_names(struct pk_lower *lower, const struct pk_atom *atom,
				     const struct pk_field_source *source)
{
	if (source->how == PK_SOURCE_TAG)
		return tags(lower, atom, source);
	if (atom->check->op == PK_RULES_OP_EXISTS)
		return pk_lower_num(lower, source->id, 0, false, &anything, 1);
	return source->how == PK_SOURCE_SYMBOL ? one_symbol(lower, atom, source) :
						 symbols_set(lower, atom, source);
}

/* ---- addresses ---- */

static const struct pk_gate *address_there(struct pk_lower *lower, uint16_t slot)
{
	static const struct pk_range any = { 0, PK_MAX_CLS };

	return pk_lower_lit(lower, &(struct pk_index_lit){ .lit = { .kind = PK_LIT_CLS,
								    .slot = slot,
								    .slot2 = PK_SLOT_CNT,
								    .ranges = &any,
								    .range_cnt = 1 } });
}

static const struct pk_gate *in_nets(struct pk_lower *lower, const struct pk_atom *atom,
				     uint16_t slot, bool ne)
{
	pk_cleanup(pk_free_p) struct pk_index_entry **entries =
		calloc(atom->cnt + 1, sizeof(struct pk_index_entry *));

	if (!entries) {
		lower->err = -ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < atom->cnt; i++) {
		entries[i] = pk_index_entry(lower->index,
					    &(struct pk_index_entry){
						    .how = PK_INDEX_NET,
						    .bits = atom->nets[i].bits,
						    .data = (const char *)atom->nets[i].addr,
						    .len = sizeof(atom->nets[i].addr) });
		if (!entries[i])
			return NULL;
	}
	if (!atom->cnt)
		return pk_gates_constant(lower->gates, PK_GATE_FALSE);
	return pk_lower_lit(lower, &(struct pk_index_lit){ .how = PK_INDEX_NET,
							   .entries = entries,
							   .entry_cnt = atom->cnt,
							   .lit = { .kind = PK_LIT_CLS,
								    .ne = ne,
								    .slot = slot,
								    .slot2 = PK_SLOT_CNT } });
}

const struct pk_gate *pk_lower_addr(struct pk_lower *lower, const struct pk_atom *atom,
				    const struct pk_field_source *source)
{
	static const uint16_t slots[] = { PK_SLOT_LOCAL, PK_SLOT_REMOTE };
	uint16_t slot = slots[source->end == PK_END_REMOTE];
	enum pk_rules_op op = atom->check->op;
	bool ne = op == PK_RULES_OP_NE;
	const struct pk_gate *equal[2];
	const struct pk_gate *there[2];

	if (!is_number_op(op) || (atom->check->quantor == PK_RULES_QUANTOR_ALLOF && atom->cnt > 1))
		return pk_lower_unknown(lower, "the kernel does not compare addresses so");
	for (int i = 0; i < 2; i++)
		there[i] = address_there(lower, slots[i]);
	if (op == PK_RULES_OP_EXISTS)
		return source->end == PK_END_ANY ? pk_gates_op(lower->gates, PK_GATE_OR, there, 2) :
						   address_there(lower, slot);
	if (source->end != PK_END_ANY)
		return in_nets(lower, atom, slot, ne);
	for (int i = 0; i < 2; i++)
		equal[i] = in_nets(lower, atom, slots[i], false);
	return either(lower, ne, equal, there);
}
