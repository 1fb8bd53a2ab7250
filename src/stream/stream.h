/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream: record in, line out, and nothing else influences the line.
 *
 *   record -> check -> [recording] -> tree, mounts, containers, clock -> [event filter] -> sink
 *
 * Live runs and replays use the same stream, so a replay prints what the run printed.
 */
#ifndef PK_STREAM_STREAM_H
#define PK_STREAM_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"
#include "meta/containers.h"
#include "stream/mounts.h"
#include "stream/names.h"
#include "stream/record.h"
#include "stream/recording.h"
#include "stream/tree.h"

#define PK_HOSTNAME_MAX 64u /* the kernel's own limit */

/* Facts about the stream as a whole, from its PK_EVENT_START. */
struct pk_context {
	__s64 clock_offset_ns; /* CLOCK_REALTIME - CLOCK_BOOTTIME */
	__u32 host_mnt_ns;     /* 0 before the first PK_EVENT_START */
	__u32 backend;
	__u32 hostname_bytes;
	char hostname[PK_HOSTNAME_MAX]; /* not NUL-terminated; may be any bytes */
};

/* One event with what is known around it: what a sink gets. Valid during the call. */
struct pk_view {
	const struct pk_event *event;
	const struct pk_node *process; /* NULL unknown; after an exec the new image */
	const struct pk_node *parent;  /* NULL unknown */
	const struct pk_tree *tree;
	const struct pk_mounts *mounts;
	const struct pk_context *context;
	const struct pk_container *container; /* of the process's cgroup; NULL: unknown */
	bool is_helper; /* in a container's cgroup, but the runtime's and not the container's */
};

struct pk_sink;

struct pk_sink_ops {
	/* Takes one event. -errno of writing; -ENOMEM. */
	int (*event)(struct pk_sink *sink, const struct pk_view *view);
	/* Writes what waits. -errno of writing. */
	int (*flush)(struct pk_sink *sink);
	void (*free)(struct pk_sink *sink);
};

/* First member of every sink. */
struct pk_sink {
	const struct pk_sink_ops *ops;
};

static inline void pk_sink_free(struct pk_sink *sink)
{
	if (sink)
		sink->ops->free(sink);
}

struct pk_stream_options {
	__u64 kinds;          /* PK_KIND_BIT()s to print; PROC, MOUNT and CONTAINER never are */
	struct pk_sink *sink; /* stays the caller's; NULL: print nothing */
	struct pk_recording_writer *recording; /* stays the caller's; NULL: none */
};

struct pk_stream;

/* -ENOMEM */
int pk_stream_new(const struct pk_stream_options *options, struct pk_stream **ret_stream);
void pk_stream_free(struct pk_stream *stream);

/*
 * Takes one record (8-byte aligned, hostile). -EBADMSG: refused and counted, pk_record_error()
 * says why, go on. Other errors are the sink's: output is broken, stop.
 * A failed recording is no error here: see pk_stream_take_recording_error().
 */
int pk_stream_feed(struct pk_stream *stream, const void *record, size_t len);

/* pk_stream_feed() as a pk_emit_fn: `ctx` is the stream. */
int pk_stream_emit(void *ctx, const void *record, size_t len);

/* Writes what waits in sink and recording. Errors as pk_stream_feed(). */
int pk_stream_flush(struct pk_stream *stream);

/* -errno of the recording, once; 0 if it is well or was already told. */
int pk_stream_take_recording_error(struct pk_stream *stream);

/* Tree to ask pk_tree_has() before an event is fed. Stays the stream's. */
const struct pk_tree *pk_stream_get_tree(const struct pk_stream *stream);
const struct pk_mounts *pk_stream_get_mounts(const struct pk_stream *stream);
const struct pk_containers *pk_stream_get_containers(const struct pk_stream *stream);

struct pk_stream_stats {
	__u64 fed_cnt[PK_KIND_MAX];     /* well-formed records by kind */
	__u64 printed_cnt[PK_KIND_MAX]; /* of those, handed to the sink */
	__u64 refused_cnt;              /* malformed records */
};

void pk_stream_get_stats(const struct pk_stream *stream, struct pk_stream_stats *ret_stats);

PK_DEFINE_CLEANUP(struct pk_sink *, pk_sink_free);
PK_DEFINE_CLEANUP(struct pk_stream *, pk_stream_free);

#endif
