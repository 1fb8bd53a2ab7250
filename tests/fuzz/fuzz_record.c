/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records from a hostile source: check, tree, mounts and both sinks. The input is records back to
 * back; a size field that does not fit is made to, so that the fuzzer reaches what is behind it.
 */
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "sinks/json.h"
#include "sinks/text.h"
#include "stream/stream.h"

#define MAX_RECORDS 256

struct both_sinks {
	struct pk_sink sink;
	struct pk_json json;
	struct pk_text_style style;
	struct pk_buf out;
};

static int render_both(struct pk_sink *sink, const struct pk_view *view)
{
	struct both_sinks *self = (struct both_sinks *)sink;

	pk_buf_clear(&self->out);
	fuzz_check(pk_json_render(&self->json, view, &self->out) == 0);
	fuzz_check(self->out.len_bytes > 0);
	fuzz_check(fuzz_is_json_lines(self->out.data, self->out.len_bytes));
	pk_buf_clear(&self->out);
	fuzz_check(pk_text_render(&self->style, view, &self->out) == 0);
	fuzz_check(fuzz_is_harmless_text(self->out.data, self->out.len_bytes));
	fuzz_check(memchr(self->out.data, '\n', self->out.len_bytes) ==
		   self->out.data + self->out.len_bytes - 1);
	return 0;
}

static int flush_nothing(struct pk_sink *sink)
{
	return 0;
}

/* Takes one record off the input; a copy of its own, so that sanitizers see its end. */
static size_t feed_one(struct pk_stream *stream, const uint8_t *data, size_t size)
{
	pk_cleanup(pk_free_p) struct pk_event *event = NULL;
	uint32_t len;

	memcpy(&len, data, sizeof(len));
	if (len > size || len < sizeof(*event))
		len = (uint32_t)(size < PK_RECORD_MAX ? size : PK_RECORD_MAX);
	len -= len % 8;
	event = malloc(len);
	fuzz_check(event);
	memcpy(event, data, len);
	if (len >= sizeof(*event))
		event->size_bytes = len;
	pk_stream_feed(stream, event, len);
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pk_sink_ops ops = { .event = render_both, .flush = flush_nothing };
	struct both_sinks sinks = { .sink.ops = &ops };
	struct pk_stream_options options = { .kinds = ~0ull, .sink = &sinks.sink };
	pk_cleanup(pk_stream_free_p) struct pk_stream *stream = NULL;

	pk_json_init(&sinks.json);
	fuzz_check(pk_stream_new(&options, &stream) == 0);
	for (int i = 0; i < MAX_RECORDS && size >= 8; i++) {
		size_t used = feed_one(stream, data, size);

		data += used;
		size -= used;
	}
	pk_json_fini(&sinks.json);
	pk_buf_fini(&sinks.style.scratch);
	pk_buf_fini(&sinks.out);
	return 0;
}
