/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes JSON text into a struct pk_buf without a check for room at every byte: after
 * pk_jw_begin() and after every string there are PK_JW_SLACK_BYTES free, and no run of constants
 * and numbers between two strings is longer than that. When memory runs out the event is dropped:
 * writing starts over in the room there is, and pk_jw_end() says so.
 */
#ifndef PK_SINKS_JSON_WRITER_H
#define PK_SINKS_JSON_WRITER_H

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "event.h"
#include "stream/record.h"

#define PK_JW_SLACK_BYTES 2048u

struct pk_jw {
	struct pk_buf *out;
	char *p; /* next byte to write */
	char *end;
	bool invalid_utf8; /* some string of this event was not UTF-8 */
	bool failed;
};

/* Starts an event behind what `out` holds. -ENOMEM. */
int pk_jw_begin(struct pk_jw *w, struct pk_buf *out);

/* Ends it. -ENOMEM: some string had no room, `out` is as it was before pk_jw_begin(). */
int pk_jw_end(struct pk_jw *w);

/* A string with its quotes; bytes that are not UTF-8 become U+FFFD, one for each. */
void pk_jw_string(struct pk_jw *w, const char *data, size_t len);

void pk_jw_u64(struct pk_jw *w, __u64 number);
void pk_jw_s32(struct pk_jw *w, __s32 number);

/* Sixteen hexadecimal digits, in quotes. */
void pk_jw_hex64(struct pk_jw *w, __u64 number);

/* Four octal digits, in quotes. */
void pk_jw_mode(struct pk_jw *w, __u32 mode);

/* "major:minor" in quotes of major << 20 | minor. */
void pk_jw_dev(struct pk_jw *w, __u32 dev);

/* Dotted IPv4 and RFC 5952 IPv6, in quotes. */
void pk_jw_ipv4(struct pk_jw *w, const __u8 address[4]);
void pk_jw_ipv6(struct pk_jw *w, const __u8 address[16]);

/* `number` as exactly `digits` decimal digits, for dates. Returns the end. */
char *pk_jw_padded(char *p, __u32 number, unsigned int digits);

static inline void pk_jw_raw(struct pk_jw *w, const char *text, size_t len)
{
	memcpy(w->p, text, len);
	w->p += len;
}

/* A constant: the compiler knows its length. */
#define pk_jw_lit(w, text) pk_jw_raw(w, text, sizeof(text) - 1)

static inline void pk_jw_text(struct pk_jw *w, struct pk_text text)
{
	pk_jw_string(w, text.data, text.len);
}

/*
 * Objects and arrays: every member is written with a comma before it, and closing turns the first
 * comma into the bracket. Opening returns what closing wants.
 */
static inline size_t pk_jw_open(struct pk_jw *w)
{
	return (size_t)(w->p - w->out->data);
}

static inline void pk_jw_close(struct pk_jw *w, size_t opened, const char brackets[2])
{
	if (w->failed)
		return;
	if (w->p == w->out->data + opened)
		*w->p++ = brackets[0];
	else
		w->out->data[opened] = brackets[0];
	*w->p++ = brackets[1];
}

#define pk_jw_close_object(w, opened) pk_jw_close(w, opened, "{}")
#define pk_jw_close_array(w, opened) pk_jw_close(w, opened, "[]")

/* Members of an object; `key` is a constant. */
#define pk_jw_field_u64(w, key, number)        \
	do {                                   \
		pk_jw_lit(w, ",\"" key "\":"); \
		pk_jw_u64(w, number);          \
	} while (0)

#define pk_jw_field_text(w, key, text)         \
	do {                                   \
		pk_jw_lit(w, ",\"" key "\":"); \
		pk_jw_text(w, text);           \
	} while (0)

#define pk_jw_field_true(w, key) pk_jw_lit(w, ",\"" key "\":true")

#endif
