/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recording files. The writer collects whole records and writes them in one go, so that a file is
 * cut inside a record only by a kill or a full disk during that write. The reader trusts nothing.
 */
#include "stream/recording.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "stream/record.h"

#define WRITE_BYTES 65536u
#define READ_BYTES 131072u

static_assert(READ_BYTES >= 2 * PK_RECORD_MAX, "a record fits after the rest of the one before");

/* ---- writing ---- */

struct pk_recording_writer {
	struct pk_buf pending; /* whole records */
	__u64 cnt;
	__u64 pending_cnt;
	__u64 dropped_cnt;
	int fd;
	bool failed;
};

/* Takes back the last `bytes` that a failed write() left of a record, if the file lets us. */
static void cut_tail(int fd, size_t bytes)
{
	off_t position = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	if (position < (off_t)bytes || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (ftruncate(fd, position - (off_t)bytes) < 0)
		return; /* the reader tells the user about the incomplete record */
}

/* What was written of `bytes`: only whole records count. */
static size_t whole_records(const char *data, size_t bytes)
{
	size_t whole = 0;

	while (bytes - whole >= sizeof(struct pk_event)) {
		const struct pk_event *event = (const struct pk_event *)(data + whole);

		if (event->size_bytes > bytes - whole)
			break;
		whole += event->size_bytes;
	}
	return whole;
}

static __u64 count_records(const char *data, size_t bytes)
{
	__u64 cnt = 0;

	for (size_t off = 0; off < bytes; cnt++)
		off += ((const struct pk_event *)(data + off))->size_bytes;
	return cnt;
}

/* Writes `bytes` of `data`; how many went, and -errno in `ret_err` if not all did. */
static size_t write_all(int fd, const char *data, size_t bytes, int *ret_err)
{
	size_t done = 0;

	*ret_err = 0;
	while (done < bytes && !*ret_err) {
		ssize_t written = write(fd, data + done, bytes - done);

		if (written >= 0)
			done += (size_t)written;
		else if (errno != EINTR)
			*ret_err = -errno;
	}
	return done;
}

int pk_recording_writer_flush(struct pk_recording_writer *writer)
{
	size_t done, whole;
	int err;

	if (writer->failed || !writer->pending.len_bytes)
		return 0;
	done = write_all(writer->fd, writer->pending.data, writer->pending.len_bytes, &err);
	if (!err) {
		writer->pending_cnt = 0;
		pk_buf_clear(&writer->pending);
		return 0;
	}
	whole = whole_records(writer->pending.data, done);
	writer->dropped_cnt += writer->pending_cnt - count_records(writer->pending.data, whole);
	writer->failed = true;
	cut_tail(writer->fd, done - whole);
	pk_buf_fini(&writer->pending);
	return err;
}

int pk_recording_writer_add(struct pk_recording_writer *writer, const void *record, size_t len)
{
	int err = 0;

	assert(len <= PK_RECORD_MAX);
	writer->cnt++;
	if (!writer->failed && writer->pending.len_bytes + len > WRITE_BYTES)
		err = pk_recording_writer_flush(writer);
	if (writer->failed) {
		writer->dropped_cnt++;
		return err;
	}
	err = pk_buf_add(&writer->pending, record, len);
	if (err) {
		writer->dropped_cnt++;
		writer->failed = true;
		return err;
	}
	writer->pending_cnt++;
	return 0;
}

static int write_head(struct pk_recording_writer *writer)
{
	const struct pk_recording_head head = {
		.magic = PK_RECORDING_MAGIC,
		.wire_version = PK_WIRE_VERSION,
		.head_bytes = sizeof(head),
	};
	int err;

	write_all(writer->fd, (const char *)&head, sizeof(head), &err);
	return err;
}

int pk_recording_writer_new_fd(int fd, struct pk_recording_writer **ret_writer)
{
	pk_cleanup(pk_close_p) int owned_fd = fd;
	pk_cleanup(pk_recording_writer_free_p) struct pk_recording_writer *writer =
		calloc(1, sizeof(*writer));
	int err;

	if (!writer)
		return -ENOMEM;
	writer->fd = pk_take_fd(owned_fd);
	err = pk_buf_reserve(&writer->pending, WRITE_BYTES);
	if (!err)
		err = write_head(writer);
	if (err)
		return err;
	*ret_writer = pk_take_ptr(writer);
	return 0;
}

int pk_recording_writer_new(const char *path, struct pk_recording_writer **ret_writer)
{
	int fd;

	if (strcmp(path, "-") == 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
	return fd < 0 ? -errno : pk_recording_writer_new_fd(fd, ret_writer);
}

__u64 pk_recording_writer_get_cnt(const struct pk_recording_writer *writer)
{
	return writer->cnt;
}

__u64 pk_recording_writer_get_dropped_cnt(const struct pk_recording_writer *writer)
{
	return writer->dropped_cnt;
}

void pk_recording_writer_free(struct pk_recording_writer *writer)
{
	if (!writer)
		return;
	pk_recording_writer_flush(writer);
	pk_buf_fini(&writer->pending);
	if (writer->fd >= 0)
		close(writer->fd);
	free(writer);
}

/* ---- reading ---- */

struct pk_recording_reader {
	__u64 offset; /* in the file, of `start` */
	size_t start; /* in bytes: the next record */
	size_t end;
	int fd;
	int err;
	bool at_end;
	char error[PK_RECORDING_ERROR_MAX];
	__u64 bytes[READ_BYTES / sizeof(__u64)]; /* aligned for records */
};

static int __attribute__((format(printf, 3, 4)))
fail(struct pk_recording_reader *reader, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reader->error, sizeof(reader->error), format, args);
	va_end(args);
	reader->err = err;
	return err;
}

static const char *at(struct pk_recording_reader *reader)
{
	return (const char *)reader->bytes + reader->start;
}

/* Reads until `bytes` are there or the file ends. Moves what is there to the front first. */
static int fill(struct pk_recording_reader *reader, size_t bytes)
{
	char *const data = (char *)reader->bytes;

	if (reader->end - reader->start >= bytes || reader->at_end)
		return 0;
	memmove(data, data + reader->start, reader->end - reader->start);
	reader->end -= reader->start;
	reader->start = 0;
	while (reader->end < bytes && !reader->at_end) {
		ssize_t got = read(reader->fd, data + reader->end, READ_BYTES - reader->end);

		if (got < 0 && errno != EINTR)
			return fail(reader, -errno, "cannot read at offset %llu: %m",
				    (unsigned long long)(reader->offset + reader->end));
		reader->at_end = got == 0;
		if (got > 0)
			reader->end += (size_t)got;
	}
	return 0;
}

static void advance(struct pk_recording_reader *reader, size_t bytes)
{
	reader->start += bytes;
	reader->offset += bytes;
}

static int check_head(struct pk_recording_reader *reader)
{
	struct pk_recording_head head;
	int err = fill(reader, sizeof(head));

	if (err)
		return err;
	if (reader->end < sizeof(head))
		return fail(reader, -EBADMSG, "not a recording: too short");
	memcpy(&head, at(reader), sizeof(head));
	if (head.magic == __builtin_bswap32(PK_RECORDING_MAGIC))
		return fail(reader, -EPROTONOSUPPORT,
			    "recorded on a machine of the other byte order");
	if (head.magic != PK_RECORDING_MAGIC)
		return fail(reader, -EBADMSG, "not a recording");
	if (head.wire_version != PK_WIRE_VERSION)
		return fail(reader, -EPROTONOSUPPORT,
			    "recorded with wire version %u, this picket reads version %u",
			    head.wire_version, PK_WIRE_VERSION);
	if (head.head_bytes != sizeof(head))
		return fail(reader, -EBADMSG, "head damaged");
	advance(reader, sizeof(head));
	return 0;
}

/* There is less than a record's head, or than the record's size says. */
static int truncated(struct pk_recording_reader *reader)
{
	size_t left = reader->end - reader->start;

	if (!left)
		return 0;
	return fail(reader, -ENODATA,
		    "incomplete record at offset %llu: the file ends %zu bytes on",
		    (unsigned long long)reader->offset, left);
}

static int bad_record(struct pk_recording_reader *reader, const char *why)
{
	return fail(reader, -EBADMSG, "damaged record at offset %llu: %s",
		    (unsigned long long)reader->offset, why);
}

int pk_recording_reader_next(struct pk_recording_reader *reader, const void **ret_record,
			     size_t *ret_len)
{
	const struct pk_event *event;
	size_t len;
	int err = reader->err ? reader->err : fill(reader, sizeof(*event));

	if (err)
		return err;
	if (reader->end - reader->start < sizeof(*event))
		return truncated(reader);
	event = (const struct pk_event *)at(reader);
	len = event->size_bytes;
	if (len < sizeof(*event) || len > PK_RECORD_MAX || len % 8)
		return bad_record(reader, "its size field is wrong");
	err = fill(reader, len);
	if (err)
		return err;
	if (reader->end - reader->start < len)
		return truncated(reader);
	if (pk_record_check(at(reader), len) < 0)
		return bad_record(reader, pk_record_error());
	*ret_record = at(reader);
	*ret_len = len;
	advance(reader, len);
	return 1;
}

int pk_recording_reader_new_fd(int fd, struct pk_recording_reader **ret_reader, char *reterr_text)
{
	pk_cleanup(pk_recording_reader_free_p) struct pk_recording_reader *reader =
		calloc(1, sizeof(*reader));
	int err;

	if (!reader) {
		close(fd);
		snprintf(reterr_text, PK_RECORDING_ERROR_MAX, "out of memory");
		return -ENOMEM;
	}
	reader->fd = fd;
	err = check_head(reader);
	if (err) {
		snprintf(reterr_text, PK_RECORDING_ERROR_MAX, "%s", reader->error);
		return err;
	}
	*ret_reader = pk_take_ptr(reader);
	return 0;
}

int pk_recording_reader_new(const char *path, struct pk_recording_reader **ret_reader,
			    char *reterr_text)
{
	int fd;

	if (strcmp(path, "-") == 0)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		int err = -errno;

		snprintf(reterr_text, PK_RECORDING_ERROR_MAX, "%s", strerror(-err));
		return err;
	}
	return pk_recording_reader_new_fd(fd, ret_reader, reterr_text);
}

const char *pk_recording_reader_error(const struct pk_recording_reader *reader)
{
	return reader->error;
}

void pk_recording_reader_free(struct pk_recording_reader *reader)
{
	if (!reader)
		return;
	if (reader->fd >= 0)
		close(reader->fd);
	free(reader);
}
