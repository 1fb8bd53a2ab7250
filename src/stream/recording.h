/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings: struct pk_recording_head, then records as they are on the wire, in stream order.
 * Replaying one gives byte for byte the output of the run that made it.
 */
#ifndef PK_STREAM_RECORDING_H
#define PK_STREAM_RECORDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "event.h"

/* ---- writing ---- */

struct pk_recording_writer;

/*
 * Creates (mode 0600: recordings hold arguments of programs) or empties the file at `path` and
 * writes the head. "-" is standard output. -errno of open() or write().
 */
int pk_recording_writer_new(const char *path, struct pk_recording_writer **ret_writer);

/* The same on a file descriptor, which is the writer's from then on, also on error. */
int pk_recording_writer_new_fd(int fd, struct pk_recording_writer **ret_writer);

/*
 * Adds one checked record; at most 64 KiB wait in memory. The first error (-errno of write(),
 * -ENOSPC most likely) is returned once; from then on records are only counted and 0 returned.
 * After an error a regular file is cut to the last whole record.
 */
int pk_recording_writer_add(struct pk_recording_writer *writer, const void *record, size_t len);

/* Writes what waits. Errors as pk_recording_writer_add(). */
int pk_recording_writer_flush(struct pk_recording_writer *writer);

/* Records taken, and records not written because of an error. */
__u64 pk_recording_writer_get_cnt(const struct pk_recording_writer *writer);
__u64 pk_recording_writer_get_dropped_cnt(const struct pk_recording_writer *writer);

/* Closes the file. Flush first to learn of errors; free flushes too and forgets them. */
void pk_recording_writer_free(struct pk_recording_writer *writer);

/* ---- reading ---- */

struct pk_recording_reader;

/* Longest pk_recording_reader_error() with its NUL. */
#define PK_RECORDING_ERROR_MAX 160

/*
 * Opens the file at `path` ("-": standard input) and checks its head. -errno of open() or
 * read(); -EBADMSG: not a recording; -EPROTONOSUPPORT: of another wire version or byte order.
 * On error `reterr_text` (PK_RECORDING_ERROR_MAX bytes) says why in words.
 */
int pk_recording_reader_new(const char *path, struct pk_recording_reader **ret_reader,
			    char *reterr_text);

/* The same on a file descriptor, which is the reader's from then on, also on error. */
int pk_recording_reader_new_fd(int fd, struct pk_recording_reader **ret_reader, char *reterr_text);

/*
 * The next record, checked, 8-byte aligned, valid until the next call. 1: here it is. 0: the end.
 * -ENODATA: the file ends inside a record. -EBADMSG: not a record. -errno of read().
 * After an error every call returns it again.
 */
int pk_recording_reader_next(struct pk_recording_reader *reader, const void **ret_record,
			     size_t *ret_len);

/* Why the last call failed, with the offset in the file. */
const char *pk_recording_reader_error(const struct pk_recording_reader *reader);

void pk_recording_reader_free(struct pk_recording_reader *reader);

PK_DEFINE_CLEANUP(struct pk_recording_writer *, pk_recording_writer_free);
PK_DEFINE_CLEANUP(struct pk_recording_reader *, pk_recording_reader_free);

#endif
