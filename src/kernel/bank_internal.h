/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of loading a bank: tables, programs, files by identity, facts of processes. Each part is
 * built on its own (nothing of it shows), then put into a bank, and can be cleared from a bank. What is
 * built is owned by file descriptors; a part that was never put goes away with its _fini().
 */
#ifndef PK_KERNEL_BANK_INTERNAL_H
#define PK_KERNEL_BANK_INTERNAL_H

#include <bpf/libbpf.h>

#include "kernel/bank.h"
#include "kernel/bank_containers.h"
#include "kernel/points.h"

/* Where a bank is loaded to. */
struct pk_bank_kernel {
	struct bpf_object *object;
	const struct pk_sensors *sensors; /* whose programs they are; NULL: all are the object's */
	struct pk_state *state;
	enum pk_backend backend;
	bool keyless;                          /* to measure: as pk_emit_env.keyless */
	struct pk_bank_containers *containers; /* NULL: whoever tests puts them in */
};

/* pk_bank_load() for an object of any origin. */
int pk_bank_load_into(const struct pk_bank_kernel *kernel, const struct pk_plan *plan,
		      pk_bank_name_fn *name, void *arg, struct pk_bank_stats *ret_stats,
		      const char **reterr_what);

/* A loaded program; NULL: there is none of this name. */
const struct bpf_program *pk_bank_program_get(const struct pk_bank_kernel *kernel,
					      const char *name);

/* File descriptor of the object's map or program; -ENOENT: there is none, or it is not loaded. */
int pk_bank_map_fd(const struct bpf_object *object, const char *name);
int pk_bank_program_fd(const struct bpf_object *object, const char *name);

/* ---- tables ---- */

enum pk_bank_table {
	PK_BANK_EXACT32 = 0, /* the four sizes stand in a row */
	PK_BANK_EXACT64,
	PK_BANK_EXACT128,
	PK_BANK_EXACT256,
	PK_BANK_PREFIXES,
	PK_BANK_NETWORKS,
	PK_BANK_IDENTS,
	PK_BANK_DFAS,
	PK_BANK_PLANS,
	PK_BANK_RULE_ENTRIES,
	PK_BANK_TABLE_CNT,
};

struct pk_bank_tables {
	int fds[PK_BANK_TABLE_CNT]; /* -1: nothing of the kind */
};
#define PK_BANK_TABLES_NONE ((struct pk_bank_tables){ { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 } })
static_assert(PK_BANK_TABLE_CNT == 10, "PK_BANK_TABLES_NONE");

/* -E2BIG: a literal is longer than any key; -errno of bpf(). */
int pk_bank_tables_build(const struct pk_plan *plan, struct pk_bank_tables *ret_tables,
			 const char **reterr_what);
void pk_bank_tables_fini(struct pk_bank_tables *tables);

/* As the kernel accounts them. */
size_t pk_bank_tables_bytes(const struct pk_bank_tables *tables);

/* Fills the outer maps' slots of `bank`, also those that stay empty. */
int pk_bank_tables_put(const struct bpf_object *object, const struct pk_bank_tables *tables,
		       __u32 bank, const char **reterr_what);
void pk_bank_tables_clear(const struct bpf_object *object, __u32 bank);

/*
 * Returns when every program that was running has ended. The kernel waits for them (an RCU grace
 * period) before an update of a map of maps returns, so that who takes an inner map away knows that
 * nobody reads it any more; the plan's table is put once more where it is.
 */
int pk_bank_wait(const struct bpf_object *object, const struct pk_bank_tables *tables, __u32 bank);

/* ---- programs ---- */

struct pk_bank_programs {
	struct {
		int fds[PK_CHUNKS];
		size_t cnt; /* 0: nothing to judge here */
	} points[PK_MAX_POINTS];
	size_t program_cnt;
	size_t insn_cnt;
	size_t bytes; /* translated and compiled */
};

/* Is there a rule that denies or kills? */
bool pk_bank_can_stop(const struct pk_circuit *circuit);

/* Emits and loads. -E2BIG: too much for the kernel; -ENOMEM; -errno of bpf(). */
int pk_bank_programs_load(const struct pk_bank_kernel *kernel, const struct pk_plan *plan,
			  __u32 bank, struct pk_bank_programs *ret_programs,
			  const char **reterr_what);
void pk_bank_programs_fini(struct pk_bank_programs *programs);
int pk_bank_programs_put(const struct pk_bank_kernel *kernel,
			 const struct pk_bank_programs *programs, __u32 bank,
			 const char **reterr_what);
void pk_bank_programs_clear(const struct pk_bank_kernel *kernel, __u32 bank);

/* ---- files by identity ---- */

/* Marks entries of ours in pk_prefix_value.kinds (kinds are below PK_KINDS): the kernel side adds its own. */
#define PK_BANK_IDENT_OURS (1ull << 63)

/* Room for `plan`'s files, and for what the kernel side learns. */
__u32 pk_bank_idents_max(const struct pk_plan *plan);

/*
 * Brings the map `fd` to what the paths name now: adds, and removes what user space had put there and
 * is no longer so. A path that does not exist, or leads through a symbolic link (it is not where a
 * file really is), names nothing; one that ends at a link names the link. -errno of bpf() and of reading the mount table.
 */
int pk_bank_idents_fill(int fd, const struct pk_plan *plan);

/* bank_runtimes.c: binaries of container runtimes, as they are now, into pk_runtime_map. */
bool pk_bank_asks_runtimes(const struct pk_plan *plan);
int pk_bank_runtimes_fill(int map);

/* Device and inode number as the kernel side sees them. -ENOENT, -ELOOP, -errno of openat2(). */
int pk_bank_ident_of(const char *path, struct pk_ident_key *ret_key);

/* ---- processes ---- */

/* Gives each process without facts in `bank` those that follow from /proc. */
int pk_bank_facts_fill(const struct pk_bank_kernel *kernel, __u32 generation, __u32 bank,
		       pk_bank_name_fn *name, void *arg, __u64 *ret_process_cnt,
		       const char **reterr_what);
/* One process's, where none are: 1: stored; 0: the sensor was faster, or the process is gone; -errno of bpf(). */
int pk_bank_facts_store(int map, const void *key, const struct pk_facts *facts);
/* Takes the facts of `bank` away from every process. */
void pk_bank_facts_clear(const struct pk_bank_kernel *kernel, __u32 bank);

/* ---- containers ---- */

/* One cgroup's facts in a bank's map. -ENOSPC: it is full; -errno of bpf(). */
int pk_bank_set_container(int map, const struct pk_container_facts *facts);
void pk_bank_forget_container(int map, __u64 cgroup_id);

/* From now on `bank` holds `plan`: all that is known is put into it, and all that is told. -ENOMEM; -errno of
 * bpf(); what the value function returned. Where the kernel's map is full cgroups stay unknown. */
int pk_bank_containers_attach(struct pk_bank_containers *containers,
			      const struct bpf_object *object, __u32 bank,
			      const struct pk_plan *plan);

/* The bank's plan is not used any more. */
void pk_bank_containers_detach(struct pk_bank_containers *containers, __u32 bank);

/* Takes everything out of the bank's map. */
void pk_bank_containers_clear(const struct bpf_object *object, __u32 bank);

#endif
