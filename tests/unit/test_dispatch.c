/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules by the class of their key, run instruction by instruction: which are looked at, and how much
 * that takes.
 */
#include "bpf_machine.h"
#include "emit/emit.h"
#include "plan/gate.h"

#define KIND PK_EVENT_OPEN

static const struct pk_emit_env env = { .progs_fd = 0,
					.first_slot = 0,
					.finish_slot = PK_SLOT_FINISH };

struct bed {
	struct pk_plan plan;
	struct pk_gates gates;
	struct pk_judged *judged;
	struct pk_lit *lits;
	struct pk_range *ranges;
	struct pk_code code;
	size_t cnt;
};

/* Rule i asks for classes lo(i) to hi(i) of NAME, and nothing else. */
static void start(struct bed *bed, size_t cnt, uint64_t (*lo)(size_t), uint64_t width)
{
	*bed = (struct bed){ .cnt = cnt };
	bed->plan.arena = PK_ARENA_INIT(256u << 20);
	assert_int_equal(pk_gates_init(&bed->gates, &bed->plan.arena), 0);
	bed->judged = calloc(cnt, sizeof(*bed->judged));
	bed->lits = calloc(cnt, sizeof(*bed->lits));
	bed->ranges = calloc(cnt, sizeof(*bed->ranges));
	assert_true(bed->judged && bed->lits && bed->ranges);
	for (size_t i = 0; i < cnt; i++) {
		bed->ranges[i] = (struct pk_range){ lo(i), lo(i) + width - 1 };
		bed->lits[i] = (struct pk_lit){ .kind = PK_LIT_CLS,
						.slot = PK_SLOT_NAME,
						.slot2 = PK_SLOT_CNT,
						.ranges = &bed->ranges[i],
						.range_cnt = 1 };
		bed->judged[i] = (struct pk_judged){
			.rule_idx = (uint32_t)i,
			.gate = pk_gates_lit(&bed->gates, &bed->lits[i], false),
			.key = &bed->lits[i],
		};
	}
	bed->plan.circuits[KIND] = (struct pk_circuit){ bed->judged, cnt };
}

static void emit(struct bed *bed)
{
	pk_code_fini(&bed->code);
	bed->plan.gate_cnt = bed->gates.cnt;
	assert_int_equal(pk_emit(&bed->plan, KIND, &env, &bed->code), 0);
}

static void end(struct bed *bed)
{
	pk_code_fini(&bed->code);
	pk_gates_fini(&bed->gates);
	pk_arena_fini(&bed->plan.arena);
	free(bed->judged);
	free(bed->lits);
	free(bed->ranges);
}

/* Steps taken; the matches are those that the circuits say. */
static size_t steps_of(struct bed *bed, uint32_t cls)
{
	struct pk_judge judge = { .cls = { [PK_SLOT_NAME] = cls } };
	struct pk_judge before = judge;
	struct machine m;
	bool seen[PK_MAX_MATCHES] = { false };
	uint32_t expected = 0;
	bool finished;

	finished = machine_judge(&m, &bed->code, &env, &judge);
	assert_int_equal(finished, judge.match_cnt != 0);
	for (size_t i = 0; i < bed->cnt; i++)
		expected += pk_gate_eval(bed->judged[i].gate, &before) != PK_FALSE;
	assert_int_equal(judge.match_cnt, expected);
	assert_int_equal(m.slot.busy, judge.match_cnt ? MACHINE_TASK + 1 : 0);
	for (uint32_t i = 0; i < judge.match_cnt && i < PK_MAX_MATCHES; i++) {
		uint32_t rule = judge.matches[i] & ~PK_MATCH_UNKNOWN;

		assert_int_equal((judge.matches[i] & PK_MATCH_UNKNOWN) != 0, cls == PK_CLS_UNKNOWN);
		assert_true(rule < bed->cnt);
		if (bed->cnt > PK_MAX_MATCHES)
			continue;
		assert_false(seen[rule]); /* each once */
		seen[rule] = true;
	}
	return m.steps;
}

static uint64_t own_class(size_t i)
{
	return i + 1;
}

static uint64_t third_class(size_t i)
{
	return 1 + i / 3;
}

static uint64_t same_class(size_t i)
{
	return 7;
}

static void test_few_are_looked_at(void **state)
{
	struct bed bed;

	start(&bed, 1000, own_class, 1);
	emit(&bed);
	for (uint32_t cls = 0; cls <= 1002; cls++)
		assert_true(steps_of(&bed, cls) < 150);
	assert_true(steps_of(&bed, PK_CLS_MISSING) < 150);
	steps_of(&bed, PK_CLS_UNKNOWN);
	end(&bed);
}

static void test_ranges_overlap(void **state)
{
	struct bed bed;

	start(&bed, 60, third_class, 5);
	emit(&bed);
	for (uint32_t cls = 0; cls < 30; cls++)
		steps_of(&bed, cls);
	steps_of(&bed, PK_CLS_MISSING);
	steps_of(&bed, PK_CLS_UNKNOWN);
	end(&bed);
}

/* The class is found without going through the chunks before it. */
static void test_chunks_are_passed_by(void **state)
{
	struct bed bed;

	start(&bed, 12000, own_class, 1);
	emit(&bed);
	assert_true(bed.code.cnt > 3);
	for (uint32_t cls = 1; cls <= 12000; cls += 997)
		assert_true(steps_of(&bed, cls) < 400);
	steps_of(&bed, 12001);
	steps_of(&bed, PK_CLS_UNKNOWN);
	end(&bed);
}

static void test_group_of_several_chunks(void **state)
{
	struct bed bed;

	start(&bed, 5000, same_class, 1);
	emit(&bed);
	assert_true(bed.code.cnt > 1);
	assert_true(steps_of(&bed, 6) < 150);
	steps_of(&bed, 7);
	steps_of(&bed, 8);
	steps_of(&bed, PK_CLS_UNKNOWN);
	end(&bed);
}

/* What is beyond 64 is not named; what it wants done is done. */
static void test_matches_are_bounded(void **state)
{
	for (size_t cnt = PK_MAX_MATCHES; cnt <= PK_MAX_MATCHES + 1; cnt++) {
		struct pk_judge judge = { .cls = { [PK_SLOT_NAME] = 7 } };
		struct machine m;
		struct bed bed;

		judge.memo[0] = 0x1234;
		start(&bed, cnt, same_class, 1);
		bed.judged[cnt - 1].action = PK_RULES_ACTION_DENY;
		emit(&bed);
		assert_true(machine_judge(&m, &bed.code, &env, &judge));
		assert_int_equal(judge.match_cnt, cnt);
		assert_int_equal(judge.actions, PK_WANT_REPORT | PK_WANT_DENY);
		assert_int_equal(judge.matches[PK_MAX_MATCHES - 1], PK_MAX_MATCHES - 1);
		assert_int_equal(judge.memo[0], 0); /* cleared, and not written over */
		end(&bed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_are_looked_at),
		cmocka_unit_test(test_ranges_overlap),
		cmocka_unit_test(test_chunks_are_passed_by),
		cmocka_unit_test(test_group_of_several_chunks),
		cmocka_unit_test(test_matches_are_bounded),
	};

	return cmocka_run_group_tests_name("dispatch", tests, NULL, NULL);
}
