/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The live source: from the sensors' ring buffer into a stream, with what has to be added from /proc
 * and from the kernel's counters so that the stream is complete in itself.
 */
#ifndef PK_STREAM_LIVE_H
#define PK_STREAM_LIVE_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "kernel/sensors.h"
#include "stream/stream.h"

struct pk_live;
struct pk_attribution;

/* All stay the caller's and must outlive it. `attribution` NULL: containers stay unknown. -ENOMEM, -errno of the
 * ring buffer. */
int pk_live_new(struct pk_sensors *sensors, struct pk_stream *stream,
		struct pk_attribution *attribution, struct pk_live **ret_live);
void pk_live_free(struct pk_live *live);

/* Feeds what a stream starts with: clock, mounts, the processes there are. `scope_pid`: that one
 * and its ancestors instead of all; 0: all. `ret_mounts_left_out` as pk_mounts_read(). */
int pk_live_begin(struct pk_live *live, enum pk_backend backend, __u32 scope_pid,
		  __u32 *ret_mounts_left_out);

/* Becomes readable when records wait. */
int pk_live_get_fd(const struct pk_live *live);

/*
 * Feeds all records that wait and flushes the stream. Number of records; -errno of the sink.
 */
int pk_live_consume(struct pk_live *live);

/*
 * Before the reader sleeps without a time limit: from now on the next record wakes it. Consume once
 * more between this and the sleep. False: single records need not wake it.
 */
void pk_live_set_idle(struct pk_live *live, bool idle);

/* Feeds lost events counted since the last time, a new clock if it was set. -errno of the sink. */
int pk_live_tick(struct pk_live *live);

/* A cgroup was made: feeds at once what its path (len 0: not known) says of it. */
int pk_live_cgroup(struct pk_live *live, __u64 cgroup_id, struct pk_text path);

/* Feeds what was found out about containers. */
int pk_live_containers(struct pk_live *live);

/* Feeds all records that wait, then what is new of the pods of containers. */
int pk_live_pods(struct pk_live *live);
/* A hook says which container a cgroup is: feeds it. As pk_attribution_told(). */
int pk_live_told(struct pk_live *live, __u64 cgroup_id, const struct pk_container *told);

/* Feeds the mount table again. */
int pk_live_mounts(struct pk_live *live);

/* Detaches the sensors and feeds what they left, once. What is to stand before PK_EVENT_STOP is fed
 * between this and pk_live_end(). Errors as pk_live_tick(). */
int pk_live_detach(struct pk_live *live);

/* Detaches the sensors if that was not done, feeds the last counts and PK_EVENT_STOP. `ret_stop`: the
 * totals; its head is not filled. Errors as pk_live_tick(). */
int pk_live_end(struct pk_live *live, struct pk_stop_event *ret_stop);

PK_DEFINE_CLEANUP(struct pk_live *, pk_live_free);

#endif
