/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of src/kernel/bank*: the small kernel side of bank.bpf.c, loaded; plans by hand; and
 * pk_emit() as it suits them: programs that write the plan's generation into the scratch map.
 */
#ifndef PK_TESTS_BANK_OBJECT_H
#define PK_TESTS_BANK_OBJECT_H

#include "kernel/bank_internal.h"
#include "test.h"

/* How many chunks pk_emit() makes of each circuit; what it returns instead, if not 0. */
extern size_t bank_emit_chunk_cnt;
extern int bank_emit_err;

/* Loads it once a test; skips the test where the kernel refuses. */
int bank_object_setup(void **state);
int bank_object_teardown(void **state);

struct bank_object {
	struct pk_bank_kernel kernel;
	void *skeleton;
	struct pk_rules rules;
	struct pk_plan plan; /* two rules, no literals */
};

/* 1 + the generation of the plan that judged; 0: none; ~0: more than one. */
__u32 bank_object_event(const struct bank_object *object);

#endif
