/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs of bpf/ there are: for each, which kinds of event need it, on which backend, and how it comes
 * into place. One table says it; everything else follows from it.
 */
#ifndef PK_KERNEL_SENSOR_TABLE_H
#define PK_KERNEL_SENSOR_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"

#define PK_MAX_SENSORS 192u

#define PK_KINDS_OF_SENSORS ((1ull << PK_EVENT_SENSOR_MAX) - 1)
#define PK_KINDS_ALWAYS (1ull << PK_EVENT_EXEC | 1ull << PK_EVENT_FORK | 1ull << PK_EVENT_EXIT)

/* Not a kind of event: rules of any kind ask whether credentials are explained. */
#define PK_KINDS_CREDS (1ull << 63)

enum pk_sensor_how {
	PK_SENSOR_ATTACH,    /* to the hook in the program's section */
	PK_SENSOR_CGROUP,    /* to the cgroup */
	PK_SENSOR_EXIT_SLOT, /* to a slot of pk_exit_progs */
	PK_SENSOR_CALL_A,    /* to pk_call_progs_a, _b: the slot that fexit programs go on in */
	PK_SENSOR_CALL_B,
	PK_SENSOR_IN_A, /* an fexit program that does: only if the call's BTF prototype is of that group */
	PK_SENSOR_IN_B,
};

struct pk_sensor {
	const char *name;
	enum pk_hook hook;
	__u64 kinds;           /* needed when one of these is wanted */
	unsigned int backends; /* 1 << enum pk_backend */
	enum pk_sensor_how how;
	unsigned int slot;
	bool optional; /* older kernels have no such hook, and need none */
	__u64 judged;  /* needed besides when rules are on one of these */
};

/* All of them, of both backends. */
const struct pk_sensor *pk_sensor_table_get(size_t *ret_cnt);

/* Is it needed for events of `kinds`, and for rules on those of `judged`? Those of processes always are. */
bool pk_sensor_wanted(const struct pk_sensor *sensor, __u64 kinds, __u64 judged);

#endif
