/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/gate.h"
#include "test.h"

#include <errno.h>

static const struct pk_range seven = { 7, 7 };
static const struct pk_lit a = { .slot = 0, .slot2 = PK_SLOT_CNT, .ranges = &seven, .range_cnt = 1 };
static const struct pk_lit b = { .slot = 1, .slot2 = PK_SLOT_CNT, .ranges = &seven, .range_cnt = 1 };

struct fixture {
	struct pk_arena arena;
	struct pk_gates gates;
};

static void start(struct fixture *f)
{
	f->arena = PK_ARENA_INIT(64u << 20);
	assert_int_equal(pk_gates_init(&f->gates, &f->arena), 0);
}

static void end(struct fixture *f)
{
	pk_gates_fini(&f->gates);
	pk_arena_fini(&f->arena);
}

static const struct pk_gate *both(struct fixture *f, enum pk_gate_kind kind,
				  const struct pk_gate *x, const struct pk_gate *y)
{
	return pk_gates_op2(&f->gates, kind, x, y);
}

static void test_equal_gates_are_one(void **state)
{
	struct fixture f;
	const struct pk_gate *x;
	const struct pk_gate *y;

	start(&f);
	x = pk_gates_lit(&f.gates, &a, false);
	y = pk_gates_lit(&f.gates, &b, true);
	assert_ptr_equal(x, pk_gates_lit(&f.gates, &a, false));
	assert_ptr_not_equal(x, pk_gates_lit(&f.gates, &a, true));
	assert_ptr_equal(both(&f, PK_GATE_AND, x, y), both(&f, PK_GATE_AND, y, x));
	assert_ptr_not_equal(both(&f, PK_GATE_AND, x, y), both(&f, PK_GATE_OR, x, y));
	assert_ptr_equal(both(&f, PK_GATE_OR, x, x), x);
	assert_int_equal(both(&f, PK_GATE_AND, both(&f, PK_GATE_AND, x, y), y)->child_cnt, 2);
	end(&f);
}

static void test_constants_are_folded(void **state)
{
	struct fixture f;
	const struct pk_gate *no;
	const struct pk_gate *yes;
	const struct pk_gate *unknown;
	const struct pk_gate *x;

	start(&f);
	no = pk_gates_constant(&f.gates, PK_GATE_FALSE);
	yes = pk_gates_constant(&f.gates, PK_GATE_TRUE);
	unknown = pk_gates_constant(&f.gates, PK_GATE_UNKNOWN);
	x = pk_gates_lit(&f.gates, &a, false);
	assert_ptr_equal(both(&f, PK_GATE_AND, x, no), no);
	assert_ptr_equal(both(&f, PK_GATE_AND, x, yes), x);
	assert_ptr_equal(both(&f, PK_GATE_OR, x, yes), yes);
	assert_ptr_equal(both(&f, PK_GATE_OR, x, no), x);
	assert_ptr_equal(both(&f, PK_GATE_OR, unknown, yes), yes);
	assert_int_equal(both(&f, PK_GATE_OR, unknown, x)->kind, PK_GATE_OR);
	assert_ptr_equal(pk_gates_op(&f.gates, PK_GATE_AND, NULL, 0), yes);
	assert_ptr_equal(pk_gates_op(&f.gates, PK_GATE_OR, NULL, 0), no);
	/* x may be unknown: then so is this */
	assert_int_equal(both(&f, PK_GATE_AND, x, pk_gates_not(&f.gates, x))->kind, PK_GATE_AND);
	end(&f);
}

static void test_negation_goes_down(void **state)
{
	struct fixture f;
	const struct pk_gate *gate;
	const struct pk_gate *negated;

	start(&f);
	gate = both(&f, PK_GATE_AND, pk_gates_lit(&f.gates, &a, false),
		    both(&f, PK_GATE_OR, pk_gates_lit(&f.gates, &b, true),
			 pk_gates_constant(&f.gates, PK_GATE_UNKNOWN)));
	negated = pk_gates_not(&f.gates, gate);
	assert_int_equal(negated->kind, PK_GATE_OR);
	assert_ptr_equal(pk_gates_not(&f.gates, negated), gate);
	for (uint32_t i = 0; i < 9; i++) {
		static const uint32_t values[] = { 7, 0, PK_CLS_UNKNOWN };
		struct pk_judge judge = { 0 };

		judge.cls[0] = values[i % 3];
		judge.cls[1] = values[i / 3];
		assert_int_equal(pk_gate_eval(negated, &judge),
				 pk_truth_not(pk_gate_eval(gate, &judge)));
	}
	end(&f);
}

static void test_forgotten_literals_are_unknown(void **state)
{
	struct pk_judge judge = { 0 };
	struct fixture f;
	const struct pk_gate *gate;

	start(&f);
	gate = both(&f, PK_GATE_OR, pk_gates_lit(&f.gates, &a, false),
		    pk_gates_lit(&f.gates, &b, false));
	judge.cls[0] = 0;
	assert_int_equal(pk_gate_eval(gate, &judge), PK_FALSE);
	pk_gates_forget(&f.gates, &a);
	assert_int_equal(pk_gate_eval(gate, &judge), PK_UNKNOWN);
	judge.cls[1] = 7;
	assert_int_equal(pk_gate_eval(gate, &judge), PK_TRUE);
	end(&f);
}

static void test_too_many_gates(void **state)
{
	struct fixture f;
	const struct pk_gate *x;
	const struct pk_gate *y;

	start(&f);
	x = pk_gates_lit(&f.gates, &a, false);
	y = pk_gates_lit(&f.gates, &b, false);
	f.gates.cnt = PK_MAX_CIRCUIT - 1;
	assert_non_null(both(&f, PK_GATE_AND, x, y));
	assert_null(both(&f, PK_GATE_OR, x, y));
	assert_int_equal(f.gates.err, -E2BIG);
	end(&f);
}

/* ---- literals ---- */

static void test_missing_and_unknown_classes(void **state)
{
	struct pk_lit lit = a;
	struct pk_judge judge = { 0 };
	const struct {
		uint32_t cls, cls2;
		enum pk_truth is, is_not;
	} cases[] = {
		{ 7, PK_CLS_MISSING, PK_TRUE, PK_FALSE },
		{ 6, PK_CLS_MISSING, PK_FALSE, PK_TRUE },
		{ 6, 7, PK_TRUE, PK_FALSE },
		{ 6, PK_CLS_UNKNOWN, PK_UNKNOWN, PK_UNKNOWN },
		{ PK_CLS_UNKNOWN, 7, PK_TRUE, PK_FALSE },
		{ PK_CLS_UNKNOWN, 6, PK_UNKNOWN, PK_UNKNOWN },
		{ PK_CLS_MISSING, 7, PK_FALSE, PK_FALSE },
		{ PK_CLS_MISSING, PK_CLS_UNKNOWN, PK_FALSE, PK_FALSE },
	};

	lit.slot = PK_SLOT_EXACT;
	lit.slot2 = PK_SLOT_ID;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		judge.cls[PK_SLOT_EXACT] = cases[i].cls;
		judge.cls[PK_SLOT_ID] = cases[i].cls2;
		lit.ne = false;
		assert_int_equal(pk_lit_eval(&lit, &judge), cases[i].is);
		lit.ne = true;
		assert_int_equal(pk_lit_eval(&lit, &judge), cases[i].is_not);
	}
}

static void test_numbers_and_bits(void **state)
{
	struct pk_lit num = { .kind = PK_LIT_NUM, .num = 3, .ranges = &seven, .range_cnt = 1 };
	struct pk_lit bit = { .kind = PK_LIT_BIT, .word = 2, .bit = 40 };
	struct pk_judge judge = { .num = { [3] = 0x17 } };

	assert_int_equal(pk_lit_eval(&num, &judge), PK_FALSE);
	judge.num_unknown = 8;
	assert_int_equal(pk_lit_eval(&num, &judge), PK_UNKNOWN);
	judge.num_present = 8;
	assert_int_equal(pk_lit_eval(&num, &judge), PK_FALSE);
	num.mask = 0xf;
	assert_int_equal(pk_lit_eval(&num, &judge), PK_TRUE);
	num.ne = true;
	assert_int_equal(pk_lit_eval(&num, &judge), PK_FALSE);
	assert_int_equal(pk_lit_eval(&bit, &judge), PK_FALSE);
	judge.c[2] = 1ull << 40;
	assert_int_equal(pk_lit_eval(&bit, &judge), PK_UNKNOWN);
	judge.t[2] = 1ull << 40;
	assert_int_equal(pk_lit_eval(&bit, &judge), PK_TRUE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_gates_are_one),
		cmocka_unit_test(test_constants_are_folded),
		cmocka_unit_test(test_negation_goes_down),
		cmocka_unit_test(test_forgotten_literals_are_unknown),
		cmocka_unit_test(test_too_many_gates),
		cmocka_unit_test(test_missing_and_unknown_classes),
		cmocka_unit_test(test_numbers_and_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
