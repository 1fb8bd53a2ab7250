// SPDX-License-Identifier: Apache-2.0
/*
 * Comparisons of numbers and addresses. Of an unknown number it may be known between which it lies.
 */
#include <stdlib.h>
#include <string.h>

#include "plan/bind_internal.h"

/* A number of 65 bits: any int64_t and any uint64_t, in order. */
struct number {
	bool negative;
	uint64_t bits;
};

static struct number of_int(int64_t i)
{
	return (struct number){ i < 0, (uint64_t)i };
}

static struct number of_uint(uint64_t u)
{
	return (struct number){ false, u };
}

static int compare(struct number a, struct number b)
{
	if (a.negative != b.negative)
		return a.negative ? -1 : 1;
	return (a.bits > b.bits) - (a.bits < b.bits); /* two's complement: also of negative ones */
}

/* What is left of [lo, hi] and `right`. */
static enum pk_truth less(struct number lo, struct number hi, struct number right, bool or_equal)
{
	if (compare(hi, right) < (or_equal ? 1 : 0))
		return PK_TRUE;
	return compare(lo, right) < (or_equal ? 1 : 0) ? PK_UNKNOWN : PK_FALSE;
}

static enum pk_truth equal(struct number lo, struct number hi, struct number right)
{
	if (compare(right, lo) < 0 || compare(right, hi) > 0)
		return PK_FALSE;
	return compare(lo, hi) ? PK_UNKNOWN : PK_TRUE;
}

static enum pk_truth ask(enum pk_rules_op op, struct number lo, struct number hi,
			 struct number right)
{
	switch (op) {
	case PK_RULES_OP_NE:
		return pk_truth_not(equal(lo, hi, right));
	case PK_RULES_OP_LT:
		return less(lo, hi, right, false);
	case PK_RULES_OP_LE:
		return less(lo, hi, right, true);
	case PK_RULES_OP_GT:
		return pk_truth_not(less(lo, hi, right, true));
	case PK_RULES_OP_GE:
		return pk_truth_not(less(lo, hi, right, false));
	default:
		return equal(lo, hi, right);
	}
}

static struct number operand(const struct pk_operands *right, size_t i)
{
	return right->ints ? of_int(right->ints[i]) : of_uint(right->uints[i]);
}

static enum pk_truth ask_all(const struct pk_bound_atom *atom, enum pk_rules_op op,
			     struct number lo, struct number hi, const struct pk_operands *right)
{
	bool all = atom->atom.check->quantor == PK_RULES_QUANTOR_ALLOF;
	enum pk_truth result = all ? PK_TRUE : PK_FALSE;

	for (size_t i = 0; i < right->cnt; i++) {
		enum pk_truth one = ask(op, lo, hi, operand(right, i));

		if (all ? one < result : one > result)
			result = one;
	}
	if (right->incomplete && result == (all ? PK_TRUE : PK_FALSE))
		return PK_UNKNOWN;
	return result;
}

/* Decimal, as the values of lists stand. */
static struct number of_text(struct pk_value_text text)
{
	uint64_t bits = 0;
	bool negative = text.len && *text.data == '-';

	for (size_t i = negative; i < text.len; i++)
		bits = bits * 10 + (uint64_t)(text.data[i] - '0');
	return (struct number){ negative, negative ? 0 - bits : bits };
}

static enum pk_truth ask_each(const struct pk_bound_atom *atom, enum pk_rules_op op,
			      const struct pk_value *left, const struct pk_operands *right)
{
	enum pk_truth result = PK_FALSE;

	for (uint32_t i = 0; i < left->list_cnt; i++) {
		struct number number = of_text(left->list[i]);
		enum pk_truth one = ask_all(atom, op, number, number, right);

		if (one > result)
			result = one;
	}
	return left->partial && result == PK_FALSE ? PK_UNKNOWN : result;
}

enum pk_truth pk_eval_number(const struct pk_bound_atom *atom, const struct pk_value *left,
			     const struct pk_operands *right)
{
	enum pk_rules_op op = atom->atom.check->op;
	struct number lo;

	if (left->state == PK_VALUE_UNKNOWN)
		return left->ranged ?
			       ask_all(atom, op, of_int(left->min), of_int(left->max), right) :
			       PK_UNKNOWN;
	if (left->list_cnt && op == PK_RULES_OP_NE && atom->ne_is_none)
		return pk_truth_not(ask_each(atom, PK_RULES_OP_EQ, left, right));
	if (left->list_cnt)
		return ask_each(atom, op, left, right);
	lo = left->type == PK_FIELD_INT ? of_int(left->num.i) : of_uint(left->num.u);
	return ask_all(atom, op, lo, lo, right);
}

/* ---- addresses ---- */

static bool in_net(const uint8_t addr[16], const struct pk_net *net)
{
	uint32_t bytes = net->bits / 8;
	uint32_t rest = net->bits % 8;

	if (memcmp(addr, net->addr, bytes) != 0)
		return false;
	return !rest || !((addr[bytes] ^ net->addr[bytes]) >> (8 - rest));
}

static bool any_in(const struct pk_value *left, const struct pk_net *net)
{
	for (uint32_t i = 0; i < left->addr_cnt; i++) {
		if (in_net(left->addr[i], net))
			return true;
	}
	return false;
}

enum pk_truth pk_eval_addr(const struct pk_bound_atom *atom, const struct pk_value *left,
			   const struct pk_operands *right)
{
	bool ne = atom->atom.check->op == PK_RULES_OP_NE;
	bool all = atom->atom.check->quantor == PK_RULES_QUANTOR_ALLOF;
	bool result = all;

	if (left->state == PK_VALUE_UNKNOWN)
		return PK_UNKNOWN;
	for (size_t i = 0; i < right->cnt; i++) {
		bool one = any_in(left, &right->nets[i]) != ne;

		result = all ? result && one : result || one;
	}
	return result ? PK_TRUE : PK_FALSE;
}
