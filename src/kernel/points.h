/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where events are judged: one a hook and kind of event. Each has a program array (of the skeleton)
 * and the sensor's second half, whose type and hook the emitted programs share.
 */
#ifndef PK_KERNEL_POINTS_H
#define PK_KERNEL_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"
#include "judge.h"

#define PK_MAX_POINTS 256u

struct pk_point {
	const char *progs;  /* name of its BPF_MAP_TYPE_PROG_ARRAY */
	const char *finish; /* name of the program behind: what emitted programs are loaded like */
	__u32 kind;         /* enum pk_event_kind */
	__u32 group;        /* its slots begin at group * PK_PROG_SLOTS */
	bool pre;           /* facts are missing here, but the event can still be denied */
	bool always_finish; /* the second half has work even when no rule matches */
	bool can_deny;
	bool by_test;          /* only tests load and run it */
	__u32 pass;            /* return value that lets it happen */
	unsigned int backends; /* 1 << enum pk_backend */
};

/* All of them, of both backends. */
const struct pk_point *pk_points_get(size_t *ret_cnt);

#endif
