/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One load of programs: the object of bpf/ opened, of its programs those chosen that are wanted and not there
 * yet, and loaded. The first has maps of its own; what rules want later is loaded by another one, with the
 * first's maps. So a program that nobody wants is never verified, and none twice.
 */
#ifndef PK_KERNEL_SENSOR_OBJECT_H
#define PK_KERNEL_SENSOR_OBJECT_H

#include <bpf/libbpf.h>

#include "kernel/sensor_table.h"
#include "kernel/sensors.h"
#include "config.h"
#include "judge.h"
#include "picket.skel.h"

struct pk_sensor_object {
	struct picket_bpf *skel;
	struct bpf_program *progs[PK_MAX_SENSORS]; /* by the table's index; NULL: not loaded here */
	__u64 judged;                              /* what it was loaded for, for rules */
	struct pk_sensor_object *next;             /* that was loaded before */
};

/*
 * Loads what events of `kinds` need, what their rules need besides (`judged`), and what `first` and the
 * others of the list `before` have not loaded. `before` is NULL for the first; it becomes ret_object's next.
 * Result and `reterr_what` as pk_sensors_new(); nothing is attached.
 */
int pk_sensor_object_new(const struct pk_sensors_options *options, __u64 judged, int cpu_cnt,
			 struct pk_sensor_object *before, struct pk_sensor_object **ret_object,
			 const char **reterr_what);

/* Frees this one, not those before. */
void pk_sensor_object_free(struct pk_sensor_object *object);

/* Is everything loaded, in this one and those before, that rules on events of `judged` need? */
bool pk_sensor_object_has(const struct pk_sensor_object *object, __u64 judged);

/* The first of the list: whose maps they are. */
struct pk_sensor_object *pk_sensor_object_first(struct pk_sensor_object *object);

/* The loaded program of this name; NULL: none of them has it. */
struct bpf_program *pk_sensor_object_find(const struct pk_sensor_object *object, const char *name);

PK_DEFINE_CLEANUP(struct pk_sensor_object *, pk_sensor_object_free);

#endif
