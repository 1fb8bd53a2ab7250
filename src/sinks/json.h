/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as JSON, one object a line, as docs/events.md and docs/event.schema.json say. Always valid
 * UTF-8 JSON: bytes that are not UTF-8 become U+FFFD and the event says "invalid_utf8".
 */
#ifndef PK_SINKS_JSON_H
#define PK_SINKS_JSON_H

#include "base/buf.h"
#include "stream/stream.h"

/* A sink that writes to `fd` (stays the caller's) whenever 64 KiB wait, and on flush. -ENOMEM. */
int pk_json_sink_new(int fd, struct pk_sink **ret_sink);

/* Scratch memory of pk_json_render(), and the date of the last second rendered. */
struct pk_json {
	struct pk_buf scratch;
	__s64 second;
	char date[20]; /* "2026-11-23T14:00:00." */
};

void pk_json_init(struct pk_json *json);
void pk_json_fini(struct pk_json *json);

/* Appends one event and a newline to `out`. -ENOMEM; then `out` is as before. */
int pk_json_render(struct pk_json *json, const struct pk_view *view, struct pk_buf *out);

#endif
