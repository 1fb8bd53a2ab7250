/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matches that the kernel counted and did not report (repeats of what a rule stopped, alerts past a
 * limit). It tells a count with the next report of the same rule, process and object; here is taken what
 * no report comes after.
 */
#ifndef PK_KERNEL_HELD_H
#define PK_KERNEL_HELD_H

#include "kernel/sensors.h"

struct pk_held {
	__u64 exec_id; /* of the process */
	__u64 cnt;
	__u32 pid;
	__u32 verdict; /* enum pk_verdict, of the first of them */
	__u32 rule_idx;
	__u32 generation; /* of the rule set */
};

struct pk_held_taker {
	/* for how long after the last report the kernel keeps it */
	__u64 (*wait_ns)(void *arg, const struct pk_held *held);
	/* takes it; an error ends the walk */
	int (*take)(void *arg, const struct pk_held *held);
	void *arg;
};

/* How many were held back so far; grows only. Cheap. */
__u64 pk_held_cnt(const struct pk_sensors *sensors);

/*
 * Takes those whose time has come. `ret_left`: there are others. What is held by an object that is
 * forgotten because there are too many (pk_seen_map) cannot be told. -errno of bpf(), or of `take`.
 */
int pk_held_take(const struct pk_sensors *sensors, const struct pk_held_taker *taker,
		 bool *ret_left);

/* The same of the map `fd`. */
int pk_held_take_from(int fd, const struct pk_held_taker *taker, bool *ret_left);

#endif
