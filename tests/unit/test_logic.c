/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each kind of literal, ranges at their edges, and what is remembered, run instruction by instruction.
 */
#include "emit/logic.h"

#include "bpf_machine.h"
#include "plan/gate.h"

/* Where control went: next stands behind what is written. */
enum next {
	NEXT_NONE,
	NEXT_YES,
	NEXT_NO,
};

struct question {
	struct pk_coder coder;
	uint32_t yes, no, next;
};

static void begin(struct question *q, enum next next)
{
	*q = (struct question){ 0 };
	q->yes = pk_coder_label(&q->coder);
	q->no = pk_coder_label(&q->coder);
	q->next = next == NEXT_YES ? q->yes : next == NEXT_NO ? q->no : PK_LABEL_NONE;
}

/* r0: 1 yes, 2 no. Consumes the question. */
static void finish(struct question *q, struct bpf_insn **ret_insns, size_t *ret_cnt)
{
	uint32_t order[2] = { q->yes, q->no };
	bool no_first = q->next == q->no;

	for (int i = 0; i < 2; i++) {
		bool no = (i != 0) != no_first;

		pk_coder_bind(&q->coder, order[no], false);
		pk_coder_alu(&q->coder, BPF_MOV, BPF_REG_0, no ? 2 : 1);
		pk_coder_exit(&q->coder);
	}
	assert_int_equal(pk_coder_finish(&q->coder, ret_insns, ret_cnt), 0);
	pk_coder_fini(&q->coder);
}

/* ---- ranges ---- */

static bool in(const struct pk_range *ranges, size_t cnt, uint64_t value)
{
	for (size_t i = 0; i < cnt; i++)
		if (value >= ranges[i].lo && value <= ranges[i].hi)
			return true;
	return false;
}

static void ranges_agree(const struct pk_range *ranges, size_t cnt, bool wide)
{
	for (enum next next = NEXT_NONE; next <= NEXT_NO; next++) {
		struct bpf_insn *insns;
		struct question q;
		size_t insn_cnt;

		begin(&q, next);
		pk_logic_ranges(&q.coder, ranges, cnt, wide, q.yes, q.no, q.next);
		finish(&q, &insns, &insn_cnt);
		for (size_t i = 0; i < 6 * (cnt + 1); i++) {
			uint64_t edge = i / 6 == cnt ? (wide ? UINT64_MAX - 1 : UINT32_MAX - 1) :
					i % 6 < 3    ? ranges[i / 6].lo :
						       ranges[i / 6].hi;
			struct machine m = { 0 };

			edge += i % 3 - 1;
			if (!wide)
				edge = (uint32_t)edge;
			m.r[0] = edge;
			assert_int_equal(machine_run(&m, insns, insn_cnt),
					 in(ranges, cnt, edge) ? 1 : 2);
		}
		free(insns);
	}
}

static void test_ranges(void **state)
{
	static const struct pk_range some[] = { { 0, 0 },
						{ 2, 2 },
						{ 4, 9 },
						{ 11, 11 },
						{ 100, 200 },
						{ 0x7fffffff, 0x7fffffff },
						{ 0x80000000, 0x80000001 } };
	static const struct pk_range wide[] = { { 1, 1 },
						{ 0x80000000, 0x80000000 },
						{ 0xffffffff, 0x100000000 },
						{ 0x123456789abc, 0x123456789abd },
						{ UINT64_MAX - 5, UINT64_MAX } };
	static const struct pk_range all = { 0, UINT64_MAX }, all32 = { 0, UINT32_MAX };

	for (size_t from = 0; from < PK_ARRAY_SIZE(some); from++) {
		for (size_t cnt = 0; from + cnt <= PK_ARRAY_SIZE(some); cnt++) {
			ranges_agree(some + from, cnt, false);
			ranges_agree(some + from, cnt, true);
		}
	}
	for (size_t from = 0; from < PK_ARRAY_SIZE(wide); from++)
		ranges_agree(wide + from, PK_ARRAY_SIZE(wide) - from, true);
	ranges_agree(&all, 1, true);
	ranges_agree(&all32, 1, false);
}

/* ---- gates ---- */

/* Both questions, as they are with these facts. */
static void gate_agrees(const struct pk_gate *gate, const struct pk_judge *judge)
{
	enum pk_truth truth = pk_gate_eval(gate, judge);

	for (int must = 0; must < 2; must++) {
		for (enum next next = NEXT_NONE; next <= NEXT_NO; next++) {
			struct machine m = { .slot.judge = *judge };
			struct bpf_insn *insns;
			struct question q;
			size_t cnt;

			begin(&q, next);
			pk_logic_gate(&q.coder, NULL, gate, must, q.yes, q.no, q.next);
			finish(&q, &insns, &cnt);
			m.r[7] = (uint64_t)&m.slot;
			assert_int_equal(machine_run(&m, insns, cnt),
					 (must ? truth == PK_TRUE : truth != PK_FALSE) ? 1 : 2);
			free(insns);
		}
	}
}

struct bed {
	struct pk_arena arena;
	struct pk_gates gates;
};

static void start(struct bed *bed)
{
	bed->arena = PK_ARENA_INIT(16u << 20);
	assert_int_equal(pk_gates_init(&bed->gates, &bed->arena), 0);
}

static void end(struct bed *bed)
{
	pk_gates_fini(&bed->gates);
	pk_arena_fini(&bed->arena);
}

static const struct pk_range five = { 5, 6 };

static void test_class_literals(void **state)
{
	static const uint32_t values[] = {
		PK_CLS_OTHER, 4, 5, 6, 7, PK_CLS_MISSING, PK_CLS_UNKNOWN
	};
	struct bed bed;

	start(&bed);
	for (int form = 0; form < 4; form++) {
		const struct pk_lit lit = { .kind = PK_LIT_CLS,
					    .ne = form & 1,
					    .slot = PK_SLOT_EXACT,
					    .slot2 = form & 2 ? PK_SLOT_ID : PK_SLOT_CNT,
					    .ranges = &five,
					    .range_cnt = 1 };
		const struct pk_gate *gates[] = { pk_gates_lit(&bed.gates, &lit, false),
						  pk_gates_lit(&bed.gates, &lit, true) };

		for (size_t i = 0; i < PK_ARRAY_SIZE(values) * PK_ARRAY_SIZE(values); i++) {
			struct pk_judge judge = { 0 };

			judge.cls[PK_SLOT_EXACT] = values[i % PK_ARRAY_SIZE(values)];
			judge.cls[PK_SLOT_ID] = values[i / PK_ARRAY_SIZE(values)];
			gate_agrees(gates[0], &judge);
			gate_agrees(gates[1], &judge);
		}
	}
	end(&bed);
}

static void test_bits_and_numbers(void **state)
{
	static const uint64_t masks[] = { 0, 7, 0x80000000, 0xff00000000000005 };
	struct bed bed;

	start(&bed);
	for (uint16_t bit = 0; bit < 64; bit += 9) {
		const struct pk_lit lit = {
			.kind = PK_LIT_BIT, .slot2 = PK_SLOT_CNT, .word = 19, .bit = bit
		};

		for (int value = 0; value < 3; value++) {
			struct pk_judge judge = { 0 };

			judge.t[19] = value == 2 ? 1ull << bit : ~(1ull << bit);
			judge.c[19] = value ? 1ull << bit : 0;
			gate_agrees(pk_gates_lit(&bed.gates, &lit, false), &judge);
			gate_agrees(pk_gates_lit(&bed.gates, &lit, true), &judge);
		}
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(masks) * 2; i++) {
		const struct pk_lit lit = { .kind = PK_LIT_NUM,
					    .ne = i % 2,
					    .slot2 = PK_SLOT_CNT,
					    .num = i < 4 ? PK_NUM_UID : PK_NUM_FILE_FLAGS,
					    .mask = masks[i / 2],
					    .ranges = &five,
					    .range_cnt = 1 };

		for (int value = 0; value < 12; value++) {
			struct pk_judge judge = { 0 };

			judge.num_present = value < 10 ? 1ull << lit.num : 0;
			judge.num_unknown = value == 10 ? 1ull << lit.num : 0;
			judge.num[lit.num] = (uint64_t)value | (value % 2 ? 0xab00000080000000 : 0);
			gate_agrees(pk_gates_lit(&bed.gates, &lit, false), &judge);
			gate_agrees(pk_gates_lit(&bed.gates, &lit, true), &judge);
		}
	}
	gate_agrees(pk_gates_constant(&bed.gates, PK_GATE_TRUE), &(struct pk_judge){ 0 });
	gate_agrees(pk_gates_constant(&bed.gates, PK_GATE_FALSE), &(struct pk_judge){ 0 });
	gate_agrees(pk_gates_constant(&bed.gates, PK_GATE_UNKNOWN), &(struct pk_judge){ 0 });
	end(&bed);
}

/* ---- what is remembered ---- */

/* (l0 & l1 & ... & l5), all of bits of a word. */
static const struct pk_gate *part_of(struct bed *bed, struct pk_lit lits[6])
{
	const struct pk_gate *children[6];

	for (uint16_t i = 0; i < 6; i++) {
		lits[i] = (struct pk_lit){
			.kind = PK_LIT_BIT, .slot2 = PK_SLOT_CNT, .word = 20, .bit = i
		};
		children[i] = pk_gates_lit(&bed->gates, &lits[i], false);
	}
	return pk_gates_op(&bed->gates, PK_GATE_AND, children, 6);
}

static void test_prepared_parts_are_looked_up(void **state)
{
	struct bpf_insn *insns[2];
	struct pk_memos memos;
	struct pk_lit lits[6];
	struct question q;
	const struct pk_gate *part;
	size_t cnts[2];
	struct bed bed;

	start(&bed);
	part = part_of(&bed, lits);
	assert_int_equal(pk_memos_init(&memos, bed.gates.cnt), 0);
	begin(&q, NEXT_NONE);
	pk_memos_count(&memos, part);
	assert_false(pk_logic_prepare(&q.coder, &memos, part, true)); /* used once only */
	assert_int_equal(q.coder.cnt, 0);
	pk_memos_count(&memos, part);
	assert_int_equal(memos.refs[part->id], 2);
	assert_int_equal(memos.refs[part->children[0]->id],
			 1); /* of one part, however often that is used */
	assert_true(pk_logic_prepare(&q.coder, &memos, part, true));
	finish(&q, &insns[0], &cnts[0]);
	begin(&q, NEXT_NONE);
	pk_logic_gate(&q.coder, &memos, part, true, q.yes, q.no, q.next);
	finish(&q, &insns[1], &cnts[1]);
	assert_true(cnts[1] < cnts[0]);
	for (int holds = 0; holds < 2; holds++) {
		struct machine m = { 0 };

		m.slot.judge.t[20] = holds ? 63 : 62;
		m.r[7] = (uint64_t)&m.slot;
		machine_run(&m, insns[0], cnts[0]);
		assert_int_not_equal(m.slot.judge.memo[0], 0);
		m.slot.judge.t[20] = 0; /* not looked at again */
		assert_int_equal(machine_run(&m, insns[1], cnts[1]), holds ? 1 : 2);
	}
	free(insns[0]);
	free(insns[1]);
	pk_memos_fini(&memos);
	end(&bed);
}

/* One more than there is room for is computed each time. */
static void test_room_for_memos(void **state)
{
	struct pk_memos memos;
	struct pk_lit lits[6];
	struct question q;
	const struct pk_gate *part;
	struct bed bed;

	start(&bed);
	part = part_of(&bed, lits);
	assert_int_equal(pk_memos_init(&memos, bed.gates.cnt), 0);
	pk_memos_count(&memos, part);
	pk_memos_count(&memos, part);
	begin(&q, NEXT_NONE);
	memos.cnt = PK_MAX_MEMOS - 1;
	assert_true(pk_logic_prepare(&q.coder, &memos, part, true));
	assert_int_equal(memos.cnt, PK_MAX_MEMOS);
	assert_false(pk_logic_prepare(&q.coder, &memos, part, false));
	pk_coder_fini(&q.coder);
	pk_memos_fini(&memos);
	end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_class_literals),
		cmocka_unit_test(test_bits_and_numbers),
		cmocka_unit_test(test_prepared_parts_are_looked_up),
		cmocka_unit_test(test_room_for_memos),
	};

	return cmocka_run_group_tests_name("logic", tests, NULL, NULL);
}
