/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sensors: the BPF programs of bpf/, chosen by what is wanted, loaded and attached.
 *
 * In: which events, which backend, whose. Out: a ring buffer of records and the counters.
 * Nothing is pinned: what is attached ends with pk_sensors_free() or with the process.
 */
#ifndef PK_KERNEL_SENSORS_H
#define PK_KERNEL_SENSORS_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "config.h"
#include "event.h"

/* Mapped twice by the reader, so counted twice in its resident memory. */
#define PK_RING_BYTES_DEFAULT (4u << 20)
#define PK_RING_BYTES_MIN (256u << 10)
#define PK_RING_BYTES_MAX (1u << 30)

struct pk_sensors_options {
	enum pk_backend backend; /* PK_BACKEND_LSM or PK_BACKEND_TRACEPOINT */
	__u64 kinds;             /* 1 << enum pk_event_kind; exec, fork and exit are always added */
	__u32 ring_bytes;        /* rounded up to a power of two; 0: PK_RING_BYTES_DEFAULT */
	__u64 scope_cgroup_id;   /* 0: everything */
	bool judging;            /* rules will be put in (kernel/bank.h) */
	__u64 judged; /* ... on these kinds: what they need is loaded together with what `kinds` need, and
			 attached by pk_sensors_set_judged() */
	int cgroup_fd; /* tracepoint backend: where network hooks go; -1: none, see ret_missing */
};

struct pk_sensors;
struct bpf_object;
struct bpf_program;

/*
 * Loads and attaches. On error `reterr_what` names the program or step that failed (static or
 * owned by libbpf's object: valid until the next call). -EPERM: not privileged, or the kernel
 * refuses; -ENOENT: the kernel lacks a hook; -errno of bpf().
 */
int pk_sensors_new(const struct pk_sensors_options *options, struct pk_sensors **ret_sensors,
		   const char **reterr_what);

/*
 * With `judging`: attaches what events of `kinds` need, besides those that are reported, and detaches what
 * nobody needs any more; programs that no rule wanted so far are loaded before, and stay loaded. Before a
 * bank with rules on more kinds is built, and after they have gone. As pk_sensors_new(): if it fails, what was
 * attached is.
 */
int pk_sensors_set_judged(struct pk_sensors *sensors, __u64 kinds, const char **reterr_what);

/* Detaches everything: no more records; counters and ring buffer stay. */
void pk_sensors_detach(struct pk_sensors *sensors);

/* Detaches and unloads everything. */
void pk_sensors_free(struct pk_sensors *sensors);

/* Kinds that were asked for and that the backend as attached cannot give. `ret_err`: -ENOENT there
 * is no cgroup to attach to, or -errno of attaching. */
__u64 pk_sensors_get_missing(const struct pk_sensors *sensors, int *ret_err);

/* File descriptor of the ring buffer; stays the sensors'. */
int pk_sensors_get_ring_fd(const struct pk_sensors *sensors);

/* What both sides write, mapped. */
struct pk_state *pk_sensors_get_state(const struct pk_sensors *sensors);

/* The maps, to find by name; the sensors' own. Programs: pk_sensors_find_program(). */
struct bpf_object *pk_sensors_get_object(const struct pk_sensors *sensors);

/* The loaded program of this name; NULL: it is not loaded. The sensors' own. */
struct bpf_program *pk_sensors_find_program(const struct pk_sensors *sensors, const char *name);

enum pk_backend pk_sensors_get_backend(const struct pk_sensors *sensors);

/* Number of programs attached. */
unsigned int pk_sensors_get_cnt(const struct pk_sensors *sensors);

/* All CPUs' counters added up; recursion misses are under lost[..][PK_LOSS_RECURSION] and in
 * produced. -errno of bpf(). */
int pk_sensors_read_counters(const struct pk_sensors *sensors, struct pk_counters *ret_counters);

/* One attached program, for measuring. */
struct pk_sensor_stat {
	const char *name;
	__u64 run_cnt;
	__u64 run_ns; /* both 0 unless kernel.bpf_stats_enabled */
};

/* Fills up to `max` entries, returns how many there are. */
unsigned int pk_sensors_get_stats(const struct pk_sensors *sensors,
				  struct pk_sensor_stat *ret_stats, unsigned int max);

PK_DEFINE_CLEANUP(struct pk_sensors *, pk_sensors_free);

#endif
