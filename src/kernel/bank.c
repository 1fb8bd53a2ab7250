// SPDX-License-Identifier: Apache-2.0
/*
 * A bank is loaded: in what order, and what is undone when a step fails.
 *
 * Order: everything is built before any of it shows; what shows first shows in a bank that no event is
 * judged by; then the sensors compute facts for it too (next_bank), old processes get theirs, and one
 * store puts it in force. next_bank stays until every program that read the old number has ended: a
 * fork that began before the store would otherwise leave a child without facts.
 */
#include "kernel/bank.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "kernel/bank_internal.h"

static __u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (__u64)ts.tv_sec * 1000000000ull + (__u64)ts.tv_nsec;
}

int pk_bank_map_fd(const struct bpf_object *object, const char *name)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(object, name);

	return map && bpf_map__fd(map) >= 0 ? bpf_map__fd(map) : -ENOENT;
}

int pk_bank_program_fd(const struct bpf_object *object, const char *name)
{
	const struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	return program && bpf_program__fd(program) >= 0 ? bpf_program__fd(program) : -ENOENT;
}

const struct bpf_program *pk_bank_program_get(const struct pk_bank_kernel *kernel, const char *name)
{
	const struct bpf_program *program;

	if (kernel->sensors)
		return pk_sensors_find_program(kernel->sensors, name);
	program = bpf_object__find_program_by_name(kernel->object, name);
	return program && bpf_program__fd(program) >= 0 ? program : NULL;
}

static void set_next_bank(struct pk_state *state, __u32 value)
{
	__atomic_store_n(&state->next_bank, value, __ATOMIC_RELEASE);
}

static bool acts_on_unknown(const struct pk_circuit *circuit)
{
	for (size_t i = 0; i < circuit->cnt; i++) {
		if (circuit->judged[i].action != PK_RULES_ACTION_ALERT &&
		    circuit->judged[i].act_on_unknown)
			return true;
	}
	return false;
}

/* What sensors ask before they gather anything. Read by whoever reads that the bank is in force, or
 * the next one. */
static void state_set(struct pk_state *state, __u32 bank, const struct pk_plan *plan)
{
	__u64 judged = 0;
	__u64 stopped = 0;
	__u64 closed = 0;
	__u64 escape = 0;
	__u64 creds = 0;

	for (size_t kind = 0; kind < PK_KINDS; kind++) {
		const struct pk_circuit *circuit = &plan->circuits[kind];

		if (circuit->cnt)
			judged |= 1ull << kind;
		if (pk_bank_can_stop(circuit))
			stopped |= 1ull << kind;
		if (acts_on_unknown(circuit))
			closed |= 1ull << kind;
		if (plan->table.kinds[kind].nums & PK_NUMS_ESCAPE)
			escape |= 1ull << kind;
		if (plan->table.kinds[kind].nums & 1ull << PK_NUM_CREDS)
			creds |= 1ull << kind;
	}
	state->generation[bank] = plan->table.generation;
	state->judged_kinds[bank] = judged;
	state->pre_kinds[bank] = stopped;
	state->closed_kinds[bank] = closed;
	state->container_kinds[bank] = plan->table.container_kinds;
	state->escape_kinds[bank] = escape;
	if (creds && !state->creds_kinds[0] && !state->creds_kinds[1])
		__atomic_fetch_add(&state->creds_epoch, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&state->creds_kinds[bank], creds, __ATOMIC_RELEASE);
}

static void state_clear(struct pk_state *state, __u32 bank)
{
	state->generation[bank] = 0;
	state->judged_kinds[bank] = 0;
	state->pre_kinds[bank] = 0;
	state->closed_kinds[bank] = 0;
	state->container_kinds[bank] = 0;
	state->escape_kinds[bank] = 0;
	state->creds_kinds[bank] = 0;
}

static void clear(const struct pk_bank_kernel *kernel, __u32 bank)
{
	state_clear(kernel->state, bank);
	if (kernel->containers)
		pk_bank_containers_detach(kernel->containers, bank);
	pk_bank_containers_clear(kernel->object, bank);
	pk_bank_programs_clear(kernel, bank);
	pk_bank_tables_clear(kernel->object, bank);
	pk_bank_facts_clear(kernel, bank);
}

/* Everything of the new bank where it belongs; no event is judged by it yet. */
static int put(const struct pk_bank_kernel *kernel, const struct pk_bank_tables *tables,
	       const struct pk_bank_programs *programs, __u32 bank, const char **reterr_what)
{
	int err = pk_bank_tables_put(kernel->object, tables, bank, reterr_what);

	return err ?: pk_bank_programs_put(kernel, programs, bank, reterr_what);
}

/* From here on nothing can fail that matters: the wait can only be shorter than it should. */
static void change_over(const struct pk_bank_kernel *kernel, const struct pk_bank_tables *tables,
			__u32 bank)
{
	__atomic_store_n(&kernel->state->bank, bank, __ATOMIC_RELEASE);
	pk_bank_wait(kernel->object, tables, bank);
	set_next_bank(kernel->state, 0);
	clear(kernel, 1 - bank);
}

static int refresh_runtimes(const struct pk_bank_kernel *kernel, const struct pk_plan *plan)
{
	int map = pk_bank_map_fd(kernel->object, "pk_runtime_map");

	if (!pk_bank_asks_runtimes(plan))
		return 0;
	return map < 0 ? map : pk_bank_runtimes_fill(map);
}

int pk_bank_load_into(const struct pk_bank_kernel *kernel, const struct pk_plan *plan,
		      pk_bank_name_fn *name, void *arg, struct pk_bank_stats *ret_stats,
		      const char **reterr_what)
{
	pk_cleanup(pk_bank_programs_fini) struct pk_bank_programs programs = { 0 };
	pk_cleanup(pk_bank_tables_fini) struct pk_bank_tables tables = PK_BANK_TABLES_NONE;
	__u32 bank = 1 - (kernel->state->bank & 1);
	struct pk_bank_stats stats = { 0 };
	__u64 begin_ns = now_ns();
	int err;

	err = refresh_runtimes(kernel, plan);
	if (err) {
		*reterr_what = "pk_runtime_map";
		return err;
	}
	err = pk_bank_tables_build(plan, &tables, reterr_what);
	if (err)
		return err;
	err = pk_bank_programs_load(kernel, plan, bank, &programs, reterr_what);
	if (err)
		return err;
	err = put(kernel, &tables, &programs, bank, reterr_what);
	if (!err) {
		state_set(kernel->state, bank, plan);
		set_next_bank(kernel->state, 1 + bank);
		/* processes that were between exec and the look at next_bank are among those to be filled */
		pk_bank_wait(kernel->object, &tables, bank);
		*reterr_what = "facts of containers";
		if (kernel->containers)
			err = pk_bank_containers_attach(kernel->containers, kernel->object, bank,
							plan);
	}
	if (!err) {
		err = pk_bank_facts_fill(kernel, plan->table.generation, bank, name, arg,
					 &stats.process_cnt, reterr_what);
	}
	if (err) {
		set_next_bank(kernel->state, 0);
		pk_bank_wait(kernel->object, &tables, bank);
		clear(kernel, bank);
		return err;
	}
	change_over(kernel, &tables, bank);
	stats.program_cnt = programs.program_cnt;
	stats.insn_cnt = programs.insn_cnt;
	stats.program_bytes = programs.bytes;
	stats.map_bytes = pk_bank_tables_bytes(&tables);
	stats.load_ns = now_ns() - begin_ns;
	*reterr_what = NULL;
	*ret_stats = stats;
	return 0;
}

static struct pk_bank_kernel kernel_of(const struct pk_sensors *sensors)
{
	return (struct pk_bank_kernel){
		.object = pk_sensors_get_object(sensors),
		.sensors = sensors,
		.state = pk_sensors_get_state(sensors),
		.backend = pk_sensors_get_backend(sensors),
	};
}

int pk_bank_load_named(struct pk_sensors *sensors, const struct pk_plan *plan,
		       struct pk_bank_containers *containers, pk_bank_name_fn *name, void *arg,
		       struct pk_bank_stats *ret_stats, const char **reterr_what)
{
	struct pk_bank_kernel kernel = kernel_of(sensors);

	kernel.containers = containers;
	return pk_bank_load_into(&kernel, plan, name, arg, ret_stats, reterr_what);
}

int pk_bank_load(struct pk_sensors *sensors, const struct pk_plan *plan,
		 struct pk_bank_stats *ret_stats, const char **reterr_what)
{
	return pk_bank_load_named(sensors, plan, NULL, NULL, NULL, ret_stats, reterr_what);
}

/* The map of the bank in force; inner maps are found by id, which the outer map tells. */
static int idents_in_force(const struct pk_bank_kernel *kernel)
{
	int outer = pk_bank_map_fd(kernel->object, "pk_idents");
	__u32 bank = kernel->state->bank;
	__u32 id;
	int err;

	if (outer < 0)
		return outer;
	err = bpf_map_lookup_elem(outer, &bank, &id);
	return err ? err : bpf_map_get_fd_by_id(id);
}

int pk_bank_refresh_idents(struct pk_sensors *sensors, const struct pk_plan *plan)
{
	struct pk_bank_kernel kernel = kernel_of(sensors);
	pk_cleanup(pk_close_p) int fd = -1;
	int err = refresh_runtimes(&kernel, plan);

	if (err || !plan->ident_cnt)
		return err;
	fd = idents_in_force(&kernel);
	return fd < 0 ? fd : pk_bank_idents_fill(fd, plan);
}
