/* SPDX-License-Identifier: Apache-2.0 */
#include "bank_object.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>

#include "bank.skel.h"
#include "emit/emit.h"

#define INSN(c, d, s, o, i) \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })

/* The only point whose programs write: others run at the same time. */
static int writing_progs_fd = -1;

size_t bank_emit_chunk_cnt = 1;
int bank_emit_err;

/* scratch = generation; tail call into `slot`; return pass */
static int emit_chunk(const struct pk_plan *plan, const struct pk_emit_env *env, __u32 slot,
		      struct pk_chunk *ret_chunk)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_LD | BPF_IMM | BPF_DW, 2, BPF_PSEUDO_MAP_VALUE, 0, env->scratch_fd),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ST | BPF_MEM | BPF_W, 2, 0, env->progs_fd == writing_progs_fd ? 0 : 8,
		     (int)plan->table.generation),
		INSN(BPF_LD | BPF_IMM | BPF_DW, 2, BPF_PSEUDO_MAP_FD, 0, env->progs_fd),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 3, 0, 0, (int)slot),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_tail_call),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, (int)env->pass),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};

	ret_chunk->insns = malloc(sizeof(insns));
	if (!ret_chunk->insns)
		return -ENOMEM;
	memcpy(ret_chunk->insns, insns, sizeof(insns));
	ret_chunk->cnt = PK_ARRAY_SIZE(insns);
	return 0;
}

int pk_emit(const struct pk_plan *plan, uint32_t kind, const struct pk_emit_env *env,
	    struct pk_code *ret_code)
{
	struct pk_code code = { .cnt = bank_emit_chunk_cnt };

	if (bank_emit_err)
		return bank_emit_err;
	for (size_t i = 0; i < code.cnt; i++) {
		__u32 slot = i + 1 < code.cnt ? env->first_slot + (__u32)i + 1 : env->finish_slot;

		if (emit_chunk(plan, env, slot, &code.chunks[i]))
			return -ENOMEM;
	}
	*ret_code = code;
	return 0;
}

void pk_code_fini(struct pk_code *code)
{
	for (size_t i = 0; i < code->cnt; i++)
		free(code->chunks[i].insns);
	*code = (struct pk_code){ 0 };
}

static void plan_init(struct bank_object *object)
{
	static struct pk_rule_entry entries[2] = { { .action = 1 }, { .limit_cnt = 7 } };

	object->rules.cnt = PK_ARRAY_SIZE(entries);
	object->plan = (struct pk_plan){
		.rules = &object->rules,
		.entries = entries,
		.table = { .generation = 1, .rule_cnt = PK_ARRAY_SIZE(entries) },
	};
}

/* The sensors' part: second halves are there before any bank is. */
static int put_finishes(const struct bpf_object *object)
{
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);
	int err = 0;

	for (size_t i = 0; !err && i < cnt; i++) {
		__u32 slot = points[i].group * PK_PROG_SLOTS + PK_SLOT_FINISH;
		int fd = pk_bank_program_fd(object, points[i].finish);

		if (fd >= 0)
			err = bpf_map_update_elem(pk_bank_map_fd(object, points[i].progs), &slot,
						  &fd, BPF_ANY);
	}
	return err;
}

int bank_object_setup(void **state)
{
	struct bank_object *object = calloc(1, sizeof(*object));
	struct bank_bpf *skeleton = bank_bpf__open();
	int err;

	*state = NULL;
	bank_emit_chunk_cnt = 1;
	bank_emit_err = 0;
	if (!object || !skeleton)
		return -1;
	err = bank_bpf__load(skeleton);
	if (err) {
		print_message("SKIPPED: the kernel refuses BPF: %s\n", strerror(-err));
		bank_bpf__destroy(skeleton);
		free(object);
		return err == -EPERM ? 0 : -1;
	}
	object->skeleton = skeleton;
	object->kernel = (struct pk_bank_kernel){
		.object = skeleton->obj,
		.state = (struct pk_state *)&skeleton->bss->pk_state,
		.backend = PK_BACKEND_TRACEPOINT,
	};
	writing_progs_fd = bpf_map__fd(skeleton->maps.pk_p_exec);
	plan_init(object);
	*state = object;
	return put_finishes(skeleton->obj);
}

int bank_object_teardown(void **state)
{
	struct bank_object *object = *state;

	if (object)
		bank_bpf__destroy(object->skeleton);
	free(object);
	return 0;
}

__u32 bank_object_event(const struct bank_object *object)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	assert_int_equal(bpf_prog_test_run_opts(pk_bank_program_fd(object->kernel.object, "event"),
						&opts),
			 0);
	return opts.retval;
}
