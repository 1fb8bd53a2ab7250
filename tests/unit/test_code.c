/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/code.h"
#include "test.h"

#include <errno.h>

static void test_distances(void **state)
{
	struct pk_coder coder = { 0 };
	struct bpf_insn *insns = NULL;
	uint32_t end;
	uint32_t back;
	size_t cnt;

	end = pk_coder_label(&coder);
	back = pk_coder_label(&coder);
	pk_coder_bind(&coder, back, true);
	pk_coder_if(&coder, BPF_JEQ, BPF_REG_0, 5, false, end);
	pk_coder_alu(&coder, BPF_MOV, BPF_REG_0, 1);
	pk_coder_if(&coder, BPF_JNE, BPF_REG_0, 1, true, back);
	pk_coder_bind(&coder, end, false);
	pk_coder_exit(&coder);
	assert_int_equal(coder.jump_cnt, 2);
	assert_int_equal(pk_coder_finish(&coder, &insns, &cnt), 0);
	assert_int_equal(cnt, 4);
	assert_int_equal(insns[0].code, BPF_JMP32 | BPF_JEQ | BPF_K);
	assert_int_equal(insns[0].off, 2);
	assert_int_equal(insns[2].code, BPF_JMP | BPF_JNE | BPF_K);
	assert_int_equal(insns[2].off, -3);
	free(insns);
	pk_coder_fini(&coder);
}

static void test_what_nothing_leads_to_is_not_written(void **state)
{
	struct pk_coder coder = { 0 };
	uint32_t used = pk_coder_label(&coder);
	uint32_t unused = pk_coder_label(&coder);

	pk_coder_goto(&coder, used);
	pk_coder_alu(&coder, BPF_MOV, BPF_REG_0, 1);
	pk_coder_bind(&coder, unused, false);
	pk_coder_if(&coder, BPF_JEQ, BPF_REG_0, 1, true, used);
	pk_coder_goto(&coder, used);
	assert_int_equal(coder.cnt, 1);
	assert_int_equal(coder.jump_cnt, 0);
	pk_coder_bind(&coder, used, false);
	pk_coder_exit(&coder);
	assert_int_equal(coder.cnt, 2);
	pk_coder_fini(&coder);
}

static void test_large_numbers_go_by_register(void **state)
{
	struct pk_coder coder = { 0 };
	uint32_t label = pk_coder_label(&coder);

	pk_coder_if(&coder, BPF_JGT, BPF_REG_0, INT32_MAX, true, label);
	assert_int_equal(coder.cnt, 1);
	pk_coder_if(&coder, BPF_JGT, BPF_REG_0, 1ull + INT32_MAX, true, label);
	assert_int_equal(coder.cnt, 4);
	assert_int_equal(coder.insns[3].code, BPF_JMP | BPF_JGT | BPF_X);
	pk_coder_if(&coder, BPF_JGT, BPF_REG_0, UINT32_MAX, false, label);
	assert_int_equal(coder.insns[4].imm, -1);
	pk_coder_fini(&coder);
}

static void test_rewind(void **state)
{
	struct pk_coder coder = { 0 };
	uint32_t label = pk_coder_label(&coder);
	struct pk_coder_mark mark = pk_coder_mark(&coder);

	pk_coder_if(&coder, BPF_JEQ, BPF_REG_0, 1, true, label);
	pk_coder_goto(&coder, label);
	pk_coder_rewind(&coder, mark);
	assert_int_equal(coder.cnt, 0);
	assert_int_equal(coder.jump_cnt, 0);
	assert_int_equal(coder.labels[label].refs, 0);
	assert_false(coder.dead);
	pk_coder_fini(&coder);
}

static void test_too_far(void **state)
{
	for (int more = 0; more < 2; more++) {
		struct pk_coder coder = { 0 };
		struct bpf_insn *insns = NULL;
		uint32_t label = pk_coder_label(&coder);
		size_t cnt;

		pk_coder_if(&coder, BPF_JEQ, BPF_REG_0, 1, true, label);
		for (int i = 0; i < INT16_MAX + more; i++)
			pk_coder_alu(&coder, BPF_MOV, BPF_REG_0, 1);
		pk_coder_bind(&coder, label, false);
		pk_coder_exit(&coder);
		assert_int_equal(pk_coder_finish(&coder, &insns, &cnt), more ? -E2BIG : 0);
		free(insns);
		pk_coder_fini(&coder);
	}
}

static void test_a_call_goes_further_than_a_jump(void **state)
{
	struct pk_coder coder = { 0 };
	struct bpf_insn *insns = NULL;
	uint32_t function = pk_coder_label(&coder);
	size_t cnt;

	pk_coder_call_local(&coder, function);
	for (int i = 0; i < 2 * INT16_MAX; i++)
		pk_coder_alu(&coder, BPF_MOV, BPF_REG_0, 1);
	pk_coder_exit(&coder);
	pk_coder_bind(&coder, function, false);
	pk_coder_exit(&coder);
	assert_int_equal(coder.jump_cnt, 0);
	assert_int_equal(pk_coder_finish(&coder, &insns, &cnt), 0);
	assert_int_equal(cnt, 2 * INT16_MAX + 3);
	assert_int_equal(insns[0].code, BPF_JMP | BPF_CALL);
	assert_int_equal(insns[0].src_reg, BPF_PSEUDO_CALL);
	assert_int_equal(insns[0].imm, 2 * INT16_MAX + 1);
	assert_int_equal(insns[0].off, 0);
	free(insns);
	pk_coder_fini(&coder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distances),
		cmocka_unit_test(test_what_nothing_leads_to_is_not_written),
		cmocka_unit_test(test_large_numbers_go_by_register),
		cmocka_unit_test(test_rewind),
		cmocka_unit_test(test_too_far),
		cmocka_unit_test(test_a_call_goes_further_than_a_jump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
