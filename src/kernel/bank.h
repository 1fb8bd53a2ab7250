/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan in the kernel: its tables filled, its programs emitted, loaded and put into place, in the bank
 * that is not in force; then one store makes it the one in force. Every event is judged by one bank
 * from beginning to end. What the old bank held is taken away afterwards.
 */
#ifndef PK_KERNEL_BANK_H
#define PK_KERNEL_BANK_H

#include "kernel/bank_containers.h"
#include "kernel/sensors.h"
#include "plan/plan.h"

struct pk_bank_stats {
	size_t program_cnt;
	size_t insn_cnt;
	size_t map_bytes;     /* as the kernel accounts them (memlock in fdinfo) */
	size_t program_bytes; /* translated and compiled */
	__u64 load_ns;
	__u64 process_cnt; /* processes whose facts were set from /proc */
};

/*
 * Builds `plan` in the bank that is not in force and switches to it. Nothing of the bank in force changes
 * if it fails: `reterr_what` (static) says at what. -E2BIG: the rules do not fit into the kernel's
 * limits; -EPERM; -ENOMEM; -errno of bpf().
 */
int pk_bank_load(struct pk_sensors *sensors, const struct pk_plan *plan,
		 struct pk_bank_stats *ret_stats, const char **reterr_what);

/*
 * What processes are called whose name at exec somebody saw: /proc only tells what they call themselves
 * now. Returns whether `pid` is known, and then its name, zero-padded.
 */
typedef bool pk_bank_name_fn(void *arg, __u32 pid, char ret_name[PK_COMM_LEN]);

/* The same; `name` (may be NULL) is asked for each process, `arg` is its own. `containers` (may be NULL) tells
 * which cgroup belongs to which container, now and from now on; it keeps `plan` until another one is in
 * force. */
int pk_bank_load_named(struct pk_sensors *sensors, const struct pk_plan *plan,
		       struct pk_bank_containers *containers, pk_bank_name_fn *name, void *arg,
		       struct pk_bank_stats *ret_stats, const char **reterr_what);

/* Looks the files up again that literal paths of deny and kill rules name (a file may have been replaced). */
int pk_bank_refresh_idents(struct pk_sensors *sensors, const struct pk_plan *plan);

#endif
