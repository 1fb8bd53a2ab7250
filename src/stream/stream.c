/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream ties the parts together. Every record updates what is known (tree, mounts, clock)
 * before the event filter is asked, so that a filter never changes how other events look.
 */
#include "stream/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stream/home.h"

struct pk_stream {
	struct pk_stream_options options;
	struct pk_tree *tree;
	struct pk_mounts *mounts;
	struct pk_containers *containers;
	struct pk_context context;
	struct pk_stream_stats stats;
	int recording_err;
};

int pk_stream_new(const struct pk_stream_options *options, struct pk_stream **ret_stream)
{
	pk_cleanup(pk_stream_free_p) struct pk_stream *stream = calloc(1, sizeof(*stream));
	int err;

	if (!stream)
		return -ENOMEM;
	stream->options = *options;
	stream->options.kinds &= PK_KINDS_SENSOR | PK_KINDS_STREAM;
	err = pk_tree_new(&stream->tree);
	if (!err)
		err = pk_mounts_new(&stream->mounts);
	if (!err)
		err = pk_containers_new(&stream->containers);
	if (err)
		return err;
	*ret_stream = pk_take_ptr(stream);
	return 0;
}

void pk_stream_free(struct pk_stream *stream)
{
	if (!stream)
		return;
	pk_tree_free(stream->tree);
	pk_mounts_free(stream->mounts);
	pk_containers_free(stream->containers);
	free(stream);
}

static void note_recording_error(struct pk_stream *stream, int err)
{
	if (err && !stream->recording_err)
		stream->recording_err = err;
}

static void update_context(struct pk_context *context, const struct pk_start_event *start)
{
	struct pk_text hostname = pk_record_text(start, start->hostname);

	/* Both are hostile: the difference may wrap, the sum in a sink wraps back. */
	context->clock_offset_ns = (__s64)(start->realtime_ns - start->head.time_ns);
	context->host_mnt_ns = start->host_mnt_ns;
	context->backend = start->backend;
	context->hostname_bytes = (__u32)(hostname.len < PK_HOSTNAME_MAX ? hostname.len :
									   PK_HOSTNAME_MAX);
	memcpy(context->hostname, hostname.data, context->hostname_bytes);
}

/* What is run there, for as long as it runs, lives there: but in the host's mount namespace nothing does. */
static void set_home(struct pk_stream *stream, const struct pk_event *event)
{
	const struct pk_container *container = pk_containers_get(stream->containers,
								 event->cgroup_id);
	__u64 home = pk_container_key(container);

	if (pk_container_is_one(container) && pk_home_is_host(&stream->context, event))
		home = PK_CONTAINER_KEY_HOST;
	pk_tree_set_home(stream->tree, event, home);
}

static void update(struct pk_stream *stream, const struct pk_event *event)
{
	/* the old image is still there */
	if (event->kind == PK_EVENT_EXEC && event->hook == PK_HOOK_BPRM_CHECK)
		return;
	switch (event->kind) {
	case PK_EVENT_START:
		update_context(&stream->context, (const struct pk_start_event *)event);
		break;
	case PK_EVENT_MOUNT:
		pk_mounts_update(stream->mounts, (const struct pk_mount_event *)event);
		break;
	case PK_EVENT_CONTAINER:
		pk_containers_update(stream->containers, (const struct pk_container_event *)event);
		break;
	case PK_EVENT_EXEC:
	case PK_EVENT_PROC:
		pk_tree_update(stream->tree, event);
		set_home(stream, event);
		break;
	default:
		pk_tree_update(stream->tree, event);
		break;
	}
}

static int print(struct pk_stream *stream, const struct pk_event *event)
{
	struct pk_view view = {
		.event = event,
		.process = pk_tree_get(stream->tree, event->exec_id, event->pid),
		.parent = pk_tree_get(stream->tree, event->parent_exec_id, event->ppid),
		.tree = stream->tree,
		.mounts = stream->mounts,
		.context = &stream->context,
		.container = pk_containers_get(stream->containers, event->cgroup_id),
	};

	view.is_helper = pk_home_is_helper(&view);
	stream->stats.printed_cnt[event->kind]++;
	return stream->options.sink->ops->event(stream->options.sink, &view);
}

int pk_stream_feed(struct pk_stream *stream, const void *record, size_t len)
{
	const struct pk_event *event = record;

	if (pk_record_check(record, len) < 0) {
		stream->stats.refused_cnt++;
		return -EBADMSG;
	}
	if (stream->options.recording)
		note_recording_error(stream, pk_recording_writer_add(stream->options.recording,
								     record, len));
	stream->stats.fed_cnt[event->kind]++;
	update(stream, event);
	if (!stream->options.sink || !(stream->options.kinds & PK_KIND_BIT(event->kind)))
		return 0;
	return print(stream, event);
}

int pk_stream_emit(void *ctx, const void *record, size_t len)
{
	return pk_stream_feed(ctx, record, len);
}

int pk_stream_flush(struct pk_stream *stream)
{
	if (stream->options.recording)
		note_recording_error(stream, pk_recording_writer_flush(stream->options.recording));
	return stream->options.sink ? stream->options.sink->ops->flush(stream->options.sink) : 0;
}

int pk_stream_take_recording_error(struct pk_stream *stream)
{
	int err = stream->recording_err;

	stream->recording_err = 0;
	return err;
}

const struct pk_tree *pk_stream_get_tree(const struct pk_stream *stream)
{
	return stream->tree;
}

const struct pk_mounts *pk_stream_get_mounts(const struct pk_stream *stream)
{
	return stream->mounts;
}

const struct pk_containers *pk_stream_get_containers(const struct pk_stream *stream)
{
	return stream->containers;
}

void pk_stream_get_stats(const struct pk_stream *stream, struct pk_stream_stats *ret_stats)
{
	*ret_stats = stream->stats;
}
