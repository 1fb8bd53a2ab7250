/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events for the eye: local time, pid, process, what, on what; one line an event. Nothing an
 * observed process chose reaches the terminal unfiltered: control characters are made visible.
 */
#ifndef PK_SINKS_TEXT_H
#define PK_SINKS_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "stream/stream.h"

/* A sink that writes to `fd` (stays the caller's) whenever 64 KiB wait, and on flush. -ENOMEM. */
int pk_text_sink_new(int fd, bool color, struct pk_sink **ret_sink);

struct pk_text_style {
	struct pk_buf scratch;
	bool color;
	__s64 second;   /* of the cached clock */
	char clock[16]; /* "14:00:00." */
};

/* Appends one event and a newline to `out`. -ENOMEM; then `out` is as before. */
int pk_text_render(struct pk_text_style *style, const struct pk_view *view, struct pk_buf *out);

/* text_system.c: what an event of struct pk_sys_event says of itself. -ENOMEM. */
int pk_text_system(struct pk_buf *out, const struct pk_view *view);

/*
 * Appends `len` bytes with control and other invisible characters as \n, \x1b, \u{202e}; bytes that
 * are not UTF-8 as \xff; quotes and backslashes as they are. -ENOMEM.
 */
int pk_text_visible(struct pk_buf *out, const char *data, size_t len);

#endif
