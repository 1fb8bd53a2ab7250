/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The slow paths of the growing byte buffer: more memory, less memory, and writing it out.
 */
#include "base/buf.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define MIN_CAP_BYTES 256u

void pk_buf_fini(struct pk_buf *buf)
{
	free(buf->data);
	*buf = PK_BUF_INIT;
}

int pk_buf_grow(struct pk_buf *buf, size_t extra_bytes)
{
	size_t cap_bytes = buf->cap_bytes ? buf->cap_bytes : MIN_CAP_BYTES;
	char *data;

	if (extra_bytes > PK_MAX_BUF_BYTES - buf->len_bytes)
		return -EFBIG;
	while (cap_bytes < buf->len_bytes + extra_bytes)
		cap_bytes *= 2;
	data = realloc(buf->data, cap_bytes);
	if (!data)
		return -ENOMEM;
	buf->data = data;
	buf->cap_bytes = cap_bytes;
	return 0;
}

void pk_buf_shrink(struct pk_buf *buf, size_t keep_bytes)
{
	buf->len_bytes = 0;
	if (buf->cap_bytes > keep_bytes)
		pk_buf_fini(buf);
}

static int wait_writable(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };

	if (poll(&pollfd, 1, -1) < 0 && errno != EINTR)
		return -errno;
	return 0;
}

/* One write(); how much went, or -errno, or 0 to try again. */
static ssize_t write_some(int fd, const char *data, size_t len)
{
	ssize_t written = write(fd, data, len);

	if (written >= 0)
		return written;
	if (errno == EINTR)
		return 0;
	if (errno == EAGAIN)
		return wait_writable(fd);
	return -errno;
}

int pk_buf_write(struct pk_buf *buf, int fd)
{
	size_t done = 0;
	ssize_t written = 0;

	while (done < buf->len_bytes && written >= 0) {
		written = write_some(fd, buf->data + done, buf->len_bytes - done);
		if (written > 0)
			done += (size_t)written;
	}
	if (done && done < buf->len_bytes)
		memmove(buf->data, buf->data + done, buf->len_bytes - done);
	buf->len_bytes -= done;
	return written < 0 ? (int)written : 0;
}
