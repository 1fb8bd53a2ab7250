// SPDX-License-Identifier: Apache-2.0
/*
 * The sink of text: lines wait until there are many, or somebody flushes.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "sinks/text.h"

#define FLUSH_BYTES 65536u
#define KEEP_BYTES (256u << 10) /* memory kept after an unusually long line */

struct text_sink {
	struct pk_sink sink;
	struct pk_text_style style;
	struct pk_buf out;
	int fd;
};

static int sink_flush(struct pk_sink *sink)
{
	struct text_sink *self = (struct text_sink *)sink;
	int err = pk_buf_write(&self->out, self->fd);

	if (!err)
		pk_buf_shrink(&self->out, KEEP_BYTES);
	return err;
}

static int sink_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct text_sink *self = (struct text_sink *)sink;
	int err = pk_text_render(&self->style, view, &self->out);

	if (err || self->out.len_bytes < FLUSH_BYTES)
		return err;
	return sink_flush(sink);
}

static void sink_free(struct pk_sink *sink)
{
	struct text_sink *self = (struct text_sink *)sink;

	pk_buf_fini(&self->style.scratch);
	pk_buf_fini(&self->out);
	free(self);
}

int pk_text_sink_new(int fd, bool use_color, struct pk_sink **ret_sink)
{
	static const struct pk_sink_ops ops = {
		.event = sink_event,
		.flush = sink_flush,
		.free = sink_free,
	};
	struct text_sink *self = calloc(1, sizeof(*self));

	if (!self)
		return -ENOMEM;
	self->sink.ops = &ops;
	self->fd = fd;
	self->style.color = use_color;
	*ret_sink = &self->sink;
	return 0;
}
