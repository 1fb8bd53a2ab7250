/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A byte buffer that grows. The owner is whoever holds the struct; PK_BUF_INIT needs no fini.
 * Always: len_bytes <= cap_bytes, and data is NULL exactly when cap_bytes is 0.
 */
#ifndef PK_BASE_BUF_H
#define PK_BASE_BUF_H

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

#define PK_MAX_BUF_BYTES (64u << 20)

struct pk_buf {
	char *data;
	size_t len_bytes;
	size_t cap_bytes;
};

#define PK_BUF_INIT ((struct pk_buf){ 0 })

/* Frees the bytes and leaves an empty buffer. */
void pk_buf_fini(struct pk_buf *buf);
#define pk_buf_cleanup pk_cleanup(pk_buf_fini)

/* Slow path of pk_buf_reserve(). */
int pk_buf_grow(struct pk_buf *buf, size_t extra_bytes);

/* Empties the buffer and gives memory back if it holds more than `keep_bytes`. */
void pk_buf_shrink(struct pk_buf *buf, size_t keep_bytes);

/* Makes room for `extra_bytes` more. -ENOMEM, or -EFBIG past PK_MAX_BUF_BYTES; then nothing has
 * changed. */
static inline int pk_buf_reserve(struct pk_buf *buf, size_t extra_bytes)
{
	if (buf->cap_bytes - buf->len_bytes >= extra_bytes)
		return 0;
	return pk_buf_grow(buf, extra_bytes);
}

/* Appends `len` bytes. Errors as pk_buf_reserve(). `data` may be NULL when `len` is 0. */
static inline int pk_buf_add(struct pk_buf *buf, const void *data, size_t len)
{
	int err = pk_buf_reserve(buf, len);

	if (err)
		return err;
	if (len)
		memcpy(buf->data + buf->len_bytes, data, len);
	buf->len_bytes += len;
	return 0;
}

static inline int pk_buf_add_str(struct pk_buf *buf, const char *text)
{
	return pk_buf_add(buf, text, strlen(text));
}

static inline int pk_buf_add_char(struct pk_buf *buf, char c)
{
	return pk_buf_add(buf, &c, 1);
}

static inline void pk_buf_clear(struct pk_buf *buf)
{
	buf->len_bytes = 0;
}

/* Writes everything to `fd`, going on after EINTR and short writes, waiting on EAGAIN. What was
 * written is gone from the buffer, also on error. -errno of write(). */
int pk_buf_write(struct pk_buf *buf, int fd);

#endif
