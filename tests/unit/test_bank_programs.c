/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs: loaded where there is something to judge and a second half, of every type that this
 * kernel takes; put into the slots of one bank, with the other bank's left alone.
 */
#include "bank_object.h"

#include <bpf/bpf.h>
#include <errno.h>

#include "emit/emit.h"

#define NEED_OBJECT(object, state)             \
	struct bank_object *object = *(state); \
	if (!object)                           \
	skip()

static bool is_there(const struct bank_object *object, const char *progs, __u32 slot)
{
	__u32 id;

	return !bpf_map_lookup_elem(pk_bank_map_fd(object->kernel.object, progs), &slot, &id);
}

static void load(const struct bank_object *object, __u32 bank, struct pk_bank_programs *programs)
{
	const char *what;

	assert_int_equal(pk_bank_programs_load(&object->kernel, &object->plan, bank, programs,
					       &what),
			 0);
}

static void put(const struct bank_object *object, __u32 bank,
		const struct pk_bank_programs *programs)
{
	const char *what;

	assert_int_equal(pk_bank_programs_put(&object->kernel, programs, bank, &what), 0);
}

/* Processes' points always have a program; a kind without rules has none; opens have their group. */
static void test_where_there_are_rules(void **state)
{
	NEED_OBJECT(object, state);
	const __u32 open_slot = PK_EVENT_OPEN * PK_PROG_SLOTS;
	const __u32 unlink_slot = PK_EVENT_UNLINK * PK_PROG_SLOTS;
	struct pk_judged judged = { .rule_idx = 0 };
	struct pk_bank_programs programs = { 0 };

	load(object, 0, &programs);
	assert_int_equal(programs.program_cnt,
			 2); /* exec and feed: the only ones of theirs loaded */
	put(object, 0, &programs);
	assert_true(is_there(object, "pk_p_exec", 0));
	assert_true(is_there(object, "pk_p_exec", PK_SLOT_FINISH));
	assert_false(is_there(object, "pk_p_exec", PK_CHUNKS));
	assert_false(is_there(object, "pk_p_sys_exit", open_slot));
	pk_bank_programs_fini(&programs);

	object->plan.circuits[PK_EVENT_OPEN] = (struct pk_circuit){ &judged, 1 };
	object->plan.circuits[PK_EVENT_CONNECT] = (struct pk_circuit){ &judged, 1 };
	load(object, 1, &programs);
	assert_int_equal(programs.program_cnt, 5); /* and connect twice: return and cgroup */
	assert_true(programs.bytes > 0);
	assert_true(programs.insn_cnt >= 5);
	put(object, 1, &programs);
	assert_true(is_there(object, "pk_p_sys_exit", open_slot + PK_CHUNKS));
	assert_false(is_there(object, "pk_p_sys_exit", open_slot));
	assert_false(is_there(object, "pk_p_sys_exit", unlink_slot + PK_CHUNKS));
	assert_true(is_there(object, "pk_p_sys_exit", open_slot + PK_SLOT_FINISH));
	assert_true(is_there(object, "pk_p_connect4", PK_CHUNKS));
	pk_bank_programs_fini(&programs);

	pk_bank_programs_clear(&object->kernel, 1);
	assert_false(is_there(object, "pk_p_connect4", PK_CHUNKS));
	assert_false(is_there(object, "pk_p_sys_exit", open_slot + PK_CHUNKS));
	assert_true(is_there(object, "pk_p_exec", 0));
	assert_true(is_there(object, "pk_p_sys_exit", open_slot + PK_SLOT_FINISH));
}

/* The other backend's points are not this one's. */
static void test_other_backend(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_judged judged = { .rule_idx = 0 };
	struct pk_bank_programs programs = { 0 };

	object->plan.circuits[PK_EVENT_CONNECT] = (struct pk_circuit){ &judged, 1 };
	object->kernel.backend = PK_BACKEND_LSM;
	load(object, 1, &programs);
	assert_int_equal(programs.program_cnt, 2);
	put(object, 1, &programs);
	assert_false(is_there(object, "pk_p_connect4", PK_CHUNKS));
	pk_bank_programs_fini(&programs);
}

/* As many chunks as there is room for run one after the other; fewer leave no old ones behind. */
static void test_chunks(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_bank_programs programs = { 0 };

	bank_emit_chunk_cnt =
		15; /* of an exec: the kernel follows 33 tail calls, and it may be judged twice */
	load(object, 0, &programs);
	assert_int_equal(programs.program_cnt, 2 * 15);
	put(object, 0, &programs);
	assert_true(is_there(object, "pk_p_exec", 14));
	pk_bank_programs_fini(&programs);
	assert_int_equal(bank_object_event(object), ~0u); /* judged, but there is no table */

	bank_emit_chunk_cnt = 1;
	load(object, 0, &programs);
	put(object, 0, &programs);
	assert_false(is_there(object, "pk_p_exec", 1));
	pk_bank_programs_fini(&programs);
	pk_bank_programs_clear(&object->kernel, 0);
	assert_int_equal(bank_object_event(object), 0);
}

static void test_errors(void **state)
{
	NEED_OBJECT(object, state);
	struct pk_bank_programs programs = { 0 };
	const char *what = NULL;

	bank_emit_err = -E2BIG;
	assert_int_equal(pk_bank_programs_load(&object->kernel, &object->plan, 0, &programs, &what),
			 -E2BIG);
	assert_string_equal(what, "pk_p_exec");
	assert_int_equal(programs.program_cnt, 0);
}

#define WITH_OBJECT(test) \
	cmocka_unit_test_setup_teardown(test, bank_object_setup, bank_object_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_OBJECT(test_where_there_are_rules),
		WITH_OBJECT(test_other_backend),
		WITH_OBJECT(test_chunks),
		WITH_OBJECT(test_errors),
	};

	return cmocka_run_group_tests_name("bank_programs", tests, NULL, NULL);
}
