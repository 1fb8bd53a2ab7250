// SPDX-License-Identifier: Apache-2.0
/*
 * A plan's circuits as programs: emitted for each point, loaded like the point's second half, put into
 * the slots of one bank. A point whose second half is not loaded has no sensor and gets nothing.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "emit/emit.h"
#include "kernel/bank_internal.h"

#define SCRATCH_MAP "pk_scratch_map"
#define PROGS_PREFIX "pk_p_"
/* While rules change an exec is judged twice, and the kernel follows 33 tail calls, no more. */
#define EXEC_CHUNKS_MAX 15u
#define LOG_BYTES (1u << 20)

/* How the programs of a point are loaded. */
struct load_as {
	enum bpf_prog_type type;
	enum bpf_attach_type attach_type;
	__u32 btf_id;
	char name[BPF_OBJ_NAME_LEN];
};

static __u32 first_slot(const struct pk_point *point, __u32 bank)
{
	return point->group * PK_PROG_SLOTS + bank * PK_CHUNKS;
}

static __u32 finish_slot(const struct pk_point *point)
{
	return point->group * PK_PROG_SLOTS + PK_SLOT_FINISH;
}

bool pk_bank_can_stop(const struct pk_circuit *circuit)
{
	for (size_t i = 0; i < circuit->cnt; i++)
		if (circuit->judged[i].action != PK_RULES_ACTION_ALERT)
			return true;
	return false;
}

/* Is there anything to judge? */
static bool has_rules(const struct pk_point *point, const struct pk_plan *plan)
{
	const struct pk_circuit *circuit = &plan->circuits[point->kind];

	return point->always_finish || (point->pre ? pk_bank_can_stop(circuit) : circuit->cnt > 0);
}

/* The type id of the function that a section names; kernels before 6.0 do not tell it of a program. */
static int section_btf_id(const struct bpf_program *finish)
{
	const char *slash = strchr(bpf_program__section_name(finish), '/');

	if (!slash)
		return -EINVAL;
	return libbpf_find_vmlinux_btf_id(slash + 1, bpf_program__expected_attach_type(finish));
}

static int load_as_init(struct load_as *as, const struct pk_point *point,
			const struct bpf_program *finish)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	int err;

	*as = (struct load_as){
		.type = bpf_program__type(finish),
		.attach_type = bpf_program__expected_attach_type(finish),
	};
	snprintf(as->name, sizeof(as->name), "pk_%s", point->progs + strlen(PROGS_PREFIX));
	if (as->type != BPF_PROG_TYPE_LSM && as->type != BPF_PROG_TYPE_TRACING)
		return 0;
	err = bpf_obj_get_info_by_fd(bpf_program__fd(finish), &info, &len);
	if (err)
		return err;
	as->btf_id = info.attach_btf_id;
	if (!as->btf_id) {
		err = section_btf_id(finish);
		if (err < 0)
			return err;
		as->btf_id = (__u32)err;
	}
	return 0;
}

/* The verifier's words, for who asks with PICKET_DEBUG=1: the same switch as for the sensors. */
static void print_refusal(const struct load_as *as, const struct pk_chunk *chunk,
			  struct bpf_prog_load_opts *opts)
{
	pk_cleanup(pk_free_p) char *log = NULL;
	int fd;

	if (!getenv("PICKET_DEBUG"))
		return;
	log = calloc(1, LOG_BYTES);
	if (!log)
		return;
	opts->log_buf = log;
	opts->log_size = LOG_BYTES;
	opts->log_level = 1;
	fd = bpf_prog_load(as->type, as->name, "GPL", chunk->insns, chunk->cnt, opts);
	pk_close_p(&fd);
	fprintf(stderr, "%s: %zu instructions refused:\n%s", as->name, chunk->cnt, log);
}

static int load_chunk(const struct load_as *as, const struct pk_chunk *chunk)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = as->attach_type,
		    .attach_btf_id = as->btf_id);
	int fd = bpf_prog_load(as->type, as->name, "GPL", chunk->insns, chunk->cnt, &opts);

	if (fd < 0)
		print_refusal(as, chunk, &opts);
	return fd;
}

static int env_init(struct pk_emit_env *env, const struct pk_bank_kernel *kernel,
		    const struct pk_point *point, __u32 bank)
{
	const struct bpf_object *object = kernel->object;
	const struct bpf_map *scratch = bpf_object__find_map_by_name(object, SCRATCH_MAP);
	const struct bpf_map *progs = bpf_object__find_map_by_name(object, point->progs);

	if (!scratch || !progs || bpf_map__fd(scratch) < 0 || bpf_map__fd(progs) < 0)
		return -ENOENT;
	if (bpf_map__max_entries(progs) <= finish_slot(point))
		return -EINVAL;
	*env = (struct pk_emit_env){
		.scratch_fd = bpf_map__fd(scratch),
		.scratch_value_bytes = bpf_map__value_size(scratch),
		.progs_fd = bpf_map__fd(progs),
		.first_slot = first_slot(point, bank),
		.finish_slot = finish_slot(point),
		.pass = point->pass,
		.must_only = point->pre,
		.always_finish = point->always_finish,
		.keyless = kernel->keyless,
	};
	return 0;
}

static void account(struct pk_bank_programs *programs, int fd, size_t insn_cnt)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	programs->program_cnt++;
	programs->insn_cnt += insn_cnt;
	if (!bpf_obj_get_info_by_fd(fd, &info, &len))
		programs->bytes += info.xlated_prog_len + info.jited_prog_len;
}

static int load_point(struct pk_bank_programs *programs, size_t idx,
		      const struct pk_bank_kernel *kernel, const struct pk_point *point,
		      const struct pk_plan *plan, __u32 bank)
{
	const struct bpf_program *finish = pk_bank_program_get(kernel, point->finish);
	pk_cleanup(pk_code_fini) struct pk_code code = { 0 };
	struct pk_emit_env env;
	struct load_as as;
	int err;

	if (!finish || !has_rules(point, plan))
		return 0;
	err = env_init(&env, kernel, point, bank);
	if (err)
		return err;
	err = load_as_init(&as, point, finish);
	if (err)
		return err;
	err = pk_emit(plan, point->kind, &env, &code);
	if (err)
		return err;
	if (point->always_finish && code.cnt > EXEC_CHUNKS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < code.cnt; i++) {
		int fd = load_chunk(&as, &code.chunks[i]);

		if (fd < 0)
			return fd;
		programs->points[idx].fds[i] = fd;
		programs->points[idx].cnt = i + 1;
		account(programs, fd, code.chunks[i].cnt);
	}
	return 0;
}

void pk_bank_programs_fini(struct pk_bank_programs *programs)
{
	for (size_t i = 0; i < PK_MAX_POINTS; i++)
		for (size_t k = 0; k < programs->points[i].cnt; k++)
			close(programs->points[i].fds[k]);
	*programs = (struct pk_bank_programs){ 0 };
}

int pk_bank_programs_load(const struct pk_bank_kernel *kernel, const struct pk_plan *plan,
			  __u32 bank, struct pk_bank_programs *ret_programs,
			  const char **reterr_what)
{
	pk_cleanup(pk_bank_programs_fini) struct pk_bank_programs programs = { 0 };
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		int err;

		if (!(points[i].backends & 1u << kernel->backend))
			continue;
		*reterr_what = points[i].progs;
		err = load_point(&programs, i, kernel, &points[i], plan, bank);
		if (err)
			return err;
	}
	*ret_programs = programs;
	programs = (struct pk_bank_programs){ 0 };
	return 0;
}

/* All slots of a bank; from the last on, so that whoever enters the first finds the others there. */
static int put_point(const struct pk_bank_kernel *kernel, const struct pk_point *point,
		     const int *fds, size_t cnt, __u32 bank)
{
	int progs = pk_bank_map_fd(kernel->object, point->progs);

	if (!(point->backends & 1u << kernel->backend) || progs < 0 ||
	    !pk_bank_program_get(kernel, point->finish))
		return 0;
	for (size_t i = PK_CHUNKS; i-- > 0;) {
		__u32 slot = first_slot(point, bank) + (__u32)i;
		int err;

		if (i < cnt)
			err = bpf_map_update_elem(progs, &slot, &fds[i], BPF_ANY);
		else
			err = bpf_map_delete_elem(progs, &slot);
		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

int pk_bank_programs_put(const struct pk_bank_kernel *kernel,
			 const struct pk_bank_programs *programs, __u32 bank,
			 const char **reterr_what)
{
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		int err;

		*reterr_what = points[i].progs;
		err = put_point(kernel, &points[i], programs->points[i].fds,
				programs->points[i].cnt, bank);
		if (err)
			return err;
	}
	return 0;
}

void pk_bank_programs_clear(const struct pk_bank_kernel *kernel, __u32 bank)
{
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	for (size_t i = 0; i < cnt; i++)
		put_point(kernel, &points[i], NULL, 0, bank);
}
