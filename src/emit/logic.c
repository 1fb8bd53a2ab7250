/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short circuits: an AND goes to "no" at its first child that says so, an OR to "yes". What
 * several rules share is computed by the first that asks, and remembered in two bits: computed,
 * true. They stand in the map and not on the stack, so that the verifier does not follow their
 * values.
 */
#include "emit/logic.h"

#include <errno.h>
#include <stdlib.h>

#define LINEAR_MAX 3u

int pk_memos_init(struct pk_memos *memos, size_t gate_cnt)
{
	*memos = (struct pk_memos){ .gate_cnt = gate_cnt };
	memos->refs = calloc(gate_cnt + 1, sizeof(*memos->refs));
	memos->ids = calloc(gate_cnt + 1, sizeof(*memos->ids));
	memos->ready = calloc(gate_cnt + 1, sizeof(*memos->ready));
	if (memos->refs && memos->ids && memos->ready)
		return 0;
	pk_memos_fini(memos);
	return -ENOMEM;
}

void pk_memos_fini(struct pk_memos *memos)
{
	free(memos->refs);
	free(memos->ids);
	free(memos->ready);
	*memos = (struct pk_memos){ 0 };
}

void pk_memos_count(struct pk_memos *memos, const struct pk_gate *gate)
{
	if (memos->refs[gate->id]++)
		return;
	for (uint32_t i = 0; i < gate->child_cnt; i++)
		pk_memos_count(memos, gate->children[i]);
}

static void go(struct pk_coder *coder, uint32_t label, uint32_t next)
{
	if (label != next)
		pk_coder_goto(coder, label);
}

/* One range, the last of its list: what is above `min` was not excluded yet. */
static void last_range(struct pk_coder *coder, const struct pk_range *range, bool wide,
		       uint32_t yes, uint32_t no, uint32_t next)
{
	uint64_t top = wide ? UINT64_MAX : UINT32_MAX;

	if (range->lo == range->hi) {
		if (next == yes) {
			pk_coder_if(coder, BPF_JNE, BPF_REG_0, range->lo, wide, no);
			return;
		}
		pk_coder_if(coder, BPF_JEQ, BPF_REG_0, range->lo, wide, yes);
		go(coder, no, next);
		return;
	}
	if (range->lo)
		pk_coder_if(coder, BPF_JLT, BPF_REG_0, range->lo, wide, no);
	if (range->hi >= top) {
		go(coder, yes, next);
		return;
	}
	if (next == yes) {
		pk_coder_if(coder, BPF_JGT, BPF_REG_0, range->hi, wide, no);
		return;
	}
	pk_coder_if(coder, BPF_JLE, BPF_REG_0, range->hi, wide, yes);
	go(coder, no, next);
}

void pk_logic_ranges(struct pk_coder *coder, const struct pk_range *ranges, size_t cnt, bool wide,
		     uint32_t yes, uint32_t no, uint32_t next)
{
	if (!cnt) {
		go(coder, no, next);
		return;
	}
	if (cnt > LINEAR_MAX) {
		uint32_t right = pk_coder_label(coder);
		size_t half = cnt / 2;

		pk_coder_if(coder, BPF_JGT, BPF_REG_0, ranges[half - 1].hi, wide, right);
		pk_logic_ranges(coder, ranges, half, wide, yes, no, PK_LABEL_NONE);
		pk_coder_bind(coder, right, false);
		pk_logic_ranges(coder, ranges + half, cnt - half, wide, yes, no, next);
		return;
	}
	for (; cnt > 1; ranges++, cnt--) {
		if (ranges->lo == ranges->hi) {
			pk_coder_if(coder, BPF_JEQ, BPF_REG_0, ranges->lo, wide, yes);
			continue;
		}
		if (ranges->lo)
			pk_coder_if(coder, BPF_JLT, BPF_REG_0, ranges->lo, wide, no);
		pk_coder_if(coder, BPF_JLE, BPF_REG_0, ranges->hi, wide, yes);
	}
	last_range(coder, ranges, wide, yes, no, next);
}

static void load_cls(struct pk_coder *coder, uint16_t slot)
{
	pk_coder_load(coder, BPF_W, BPF_REG_0, BPF_REG_7,
		      PK_JUDGE_OFF(cls) + slot * sizeof(uint32_t));
}

/* r0 lies in the literal's ranges, or is unknown where that counts. */
static void class_in(struct pk_coder *coder, const struct pk_lit *lit, bool or_unknown,
		     uint32_t yes, uint32_t no, uint32_t next)
{
	if (or_unknown)
		pk_coder_if(coder, BPF_JEQ, BPF_REG_0, PK_CLS_UNKNOWN, false, yes);
	pk_logic_ranges(coder, lit->ranges, lit->range_cnt, false, yes, no, next);
}

void pk_logic_class(struct pk_coder *coder, const struct pk_lit *lit, uint16_t slot, uint32_t yes,
		    uint32_t no, uint32_t next)
{
	load_cls(coder, slot);
	class_in(coder, lit, true, yes, no, next);
}

static void cls_lit(struct pk_coder *coder, const struct pk_lit *lit, bool must, uint32_t yes,
		    uint32_t no, uint32_t next)
{
	bool two = lit->slot2 < PK_SLOT_CNT;
	/* "must it not be" asks whether it can be */
	bool or_unknown = must == lit->ne;
	uint32_t in = lit->ne ? no : yes;
	uint32_t out = lit->ne ? yes : no;
	uint32_t second;

	load_cls(coder, lit->slot);
	if (two || lit->ne)
		pk_coder_if(coder, BPF_JEQ, BPF_REG_0, PK_CLS_MISSING, false, no);
	if (!two) {
		class_in(coder, lit, or_unknown, in, out, next);
		return;
	}
	second = pk_coder_label(coder);
	class_in(coder, lit, or_unknown, in, second, second);
	pk_coder_bind(coder, second, false);
	load_cls(coder, lit->slot2);
	class_in(coder, lit, or_unknown, in, out, next);
}

/* The half of a 64-bit word that a bit is in, and its mask there. */
static size_t half_of(uint32_t bit, uint32_t *ret_mask)
{
	*ret_mask = 1u << (bit % 32);
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		return bit < 32 ? 4 : 0;
	return bit < 32 ? 0 : 4;
}

/* r0 has a bit of the mask. */
static void any_bit(struct pk_coder *coder, uint32_t mask, uint32_t yes, uint32_t no, uint32_t next)
{
	if (next == yes) {
		pk_coder_alu32(coder, BPF_AND, BPF_REG_0, (int32_t)mask);
		pk_coder_if(coder, BPF_JEQ, BPF_REG_0, 0, false, no);
		return;
	}
	pk_coder_if(coder, BPF_JSET, BPF_REG_0, mask, false, yes);
	go(coder, no, next);
}

static void bit_lit(struct pk_coder *coder, const struct pk_lit *lit, bool must, uint32_t yes,
		    uint32_t no, uint32_t next)
{
	uint32_t mask;
	size_t off = half_of(lit->bit, &mask) + lit->word * sizeof(uint64_t);

	pk_coder_load(coder, BPF_W, BPF_REG_0, BPF_REG_7, PK_JUDGE_OFF(t) + off);
	if (!must) {
		pk_coder_load(coder, BPF_W, BPF_REG_1, BPF_REG_7, PK_JUDGE_OFF(c) + off);
		pk_coder_alu_reg(coder, BPF_OR, BPF_REG_0, BPF_REG_1);
	}
	any_bit(coder, mask, yes, no, next);
}

static void num_lit(struct pk_coder *coder, const struct pk_lit *lit, bool must, uint32_t yes,
		    uint32_t no, uint32_t next)
{
	uint32_t present = pk_coder_label(coder);
	uint32_t in = lit->ne ? no : yes;
	uint32_t out = lit->ne ? yes : no;
	uint32_t mask;
	size_t off = half_of(lit->num, &mask);

	pk_coder_load(coder, BPF_W, BPF_REG_0, BPF_REG_7, PK_JUDGE_OFF(num_present) + off);
	if (must) {
		any_bit(coder, mask, present, no, present);
	} else {
		pk_coder_if(coder, BPF_JSET, BPF_REG_0, mask, false, present);
		pk_coder_load(coder, BPF_W, BPF_REG_0, BPF_REG_7, PK_JUDGE_OFF(num_unknown) + off);
		any_bit(coder, mask, yes, no, PK_LABEL_NONE);
	}
	pk_coder_bind(coder, present, false);
	pk_coder_load(coder, BPF_DW, BPF_REG_0, BPF_REG_7,
		      PK_JUDGE_OFF(num) + lit->num * sizeof(uint64_t));
	if (lit->mask && lit->mask <= INT32_MAX) {
		pk_coder_alu(coder, BPF_AND, BPF_REG_0, (int32_t)lit->mask);
	} else if (lit->mask) {
		pk_coder_imm64(coder, BPF_REG_1, 0, lit->mask);
		pk_coder_alu_reg(coder, BPF_AND, BPF_REG_0, BPF_REG_1);
	}
	pk_logic_ranges(coder, lit->ranges, lit->range_cnt, true, in, out, next);
}

static void lit_gate(struct pk_coder *coder, const struct pk_lit *lit, bool must, uint32_t yes,
		     uint32_t no, uint32_t next)
{
	if (lit->kind == PK_LIT_CLS)
		cls_lit(coder, lit, must, yes, no, next);
	else if (lit->kind == PK_LIT_BIT)
		bit_lit(coder, lit, must, yes, no, next);
	else
		num_lit(coder, lit, must, yes, no, next);
}

static void children(struct pk_coder *coder, struct pk_memos *memos, const struct pk_gate *gate,
		     bool must, uint32_t yes, uint32_t no, uint32_t next)
{
	for (uint32_t i = 0; i + 1 < gate->child_cnt; i++) {
		uint32_t more = pk_coder_label(coder);

		if (gate->kind == PK_GATE_AND)
			pk_logic_gate(coder, memos, gate->children[i], must, more, no, more);
		else
			pk_logic_gate(coder, memos, gate->children[i], must, yes, more, more);
		pk_coder_bind(coder, more, false);
	}
	pk_logic_gate(coder, memos, gate->children[gate->child_cnt - 1], must, yes, no, next);
}

/* Its place in memo[], from 1; 0: not worth one, or no place left. */
static uint32_t memo_of(struct pk_memos *memos, const struct pk_gate *gate, bool must)
{
	uint16_t *id;

	if (!memos || memos->refs[gate->id] < 2 || gate->cost < PK_MEMO_COST)
		return 0;
	id = &memos->ids[gate->id][must];
	if (!*id && memos->cnt < PK_MAX_MEMOS)
		*id = (uint16_t)++memos->cnt;
	return *id;
}

static void remember(struct pk_coder *coder, size_t off, int32_t bits)
{
	pk_coder_load(coder, BPF_B, BPF_REG_0, BPF_REG_7, off);
	pk_coder_alu(coder, BPF_OR, BPF_REG_0, bits);
	pk_coder_store(coder, BPF_B, BPF_REG_7, off, BPF_REG_0);
}

static void remembered(struct pk_coder *coder, struct pk_memos *memos, const struct pk_gate *gate,
		       bool must, uint32_t memo, uint32_t yes, uint32_t no, uint32_t next)
{
	size_t off = PK_JUDGE_OFF(memo) + (memo - 1) / 4;
	uint32_t computed = 1u << ((memo - 1) % 4 * 2);
	uint32_t is = pk_coder_label(coder);
	uint32_t is_not = pk_coder_label(coder);

	pk_coder_load(coder, BPF_B, BPF_REG_0, BPF_REG_7, off);
	if (memos->ready[gate->id][must]) {
		any_bit(coder, computed << 1, yes, no, next);
		return;
	}
	pk_coder_if(coder, BPF_JSET, BPF_REG_0, computed << 1, false, yes);
	pk_coder_if(coder, BPF_JSET, BPF_REG_0, computed, false, no);
	children(coder, memos, gate, must, is, is_not, is);
	pk_coder_bind(coder, is, false);
	remember(coder, off, (int32_t)(computed * 3));
	pk_coder_goto(coder, yes);
	pk_coder_bind(coder, is_not, false);
	remember(coder, off, (int32_t)computed);
	go(coder, no, next);
}

bool pk_logic_prepare(struct pk_coder *coder, struct pk_memos *memos, const struct pk_gate *gate,
		      bool must)
{
	uint32_t memo = memo_of(memos, gate, must);
	uint32_t end;

	if (!memo)
		return false;
	end = pk_coder_label(coder);
	remembered(coder, memos, gate, must, memo, end, end, end);
	pk_coder_bind(coder, end, false);
	memos->ready[gate->id][must] = true;
	return true;
}

void pk_logic_gate(struct pk_coder *coder, struct pk_memos *memos, const struct pk_gate *gate,
		   bool must, uint32_t yes, uint32_t no, uint32_t next)
{
	uint32_t memo;

	switch (gate->kind) {
	case PK_GATE_FALSE:
		go(coder, no, next);
		return;
	case PK_GATE_TRUE:
		go(coder, yes, next);
		return;
	case PK_GATE_UNKNOWN:
		go(coder, must ? no : yes, next);
		return;
	case PK_GATE_LIT:
		lit_gate(coder, gate->lit, must, yes, no, next);
		return;
	case PK_GATE_NOT_LIT: /* it must be false when it cannot be true */
		lit_gate(coder, gate->lit, !must, no, yes, next);
		return;
	default:
		memo = memo_of(memos, gate, must);
		if (memo)
			remembered(coder, memos, gate, must, memo, yes, no, next);
		else
			children(coder, memos, gate, must, yes, no, next);
	}
}
