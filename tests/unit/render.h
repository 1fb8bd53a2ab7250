/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream whose sink renders into memory, for tests of the sinks.
 */
#ifndef PK_TESTS_RENDER_H
#define PK_TESTS_RENDER_H

#include "sinks/json.h"
#include "sinks/text.h"
#include "stream/stream.h"

struct render {
	struct pk_sink sink; /* first */
	struct pk_stream *stream;
	struct pk_json json;
	struct pk_text_style style;
	bool text;
	struct pk_buf out;
};

static int render_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct render *render = (struct render *)sink;

	return render->text ? pk_text_render(&render->style, view, &render->out) :
			      pk_json_render(&render->json, view, &render->out);
}

static int render_flush(struct pk_sink *sink)
{
	return 0;
}

static inline int render_init(struct render *render, bool text, bool color)
{
	static const struct pk_sink_ops ops = { .event = render_event, .flush = render_flush };
	struct pk_stream_options options = { .kinds = ~0ull, .sink = &render->sink };

	*render = (struct render){ .sink = { &ops }, .text = text };
	pk_json_init(&render->json);
	render->style.color = color;
	return pk_stream_new(&options, &render->stream);
}

static inline void render_fini(struct render *render)
{
	pk_stream_free(render->stream);
	pk_json_fini(&render->json);
	pk_buf_fini(&render->style.scratch);
	pk_buf_fini(&render->out);
}

/* Only what this record gives is in `out` afterwards. */
static inline int render_record(struct render *render, struct pk_record *record)
{
	pk_buf_clear(&render->out);
	return pk_stream_feed(render->stream, &record->u, pk_record_finish(record));
}

#endif
