/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of bpf/event.h in memory: is it well-formed, and building those that user space makes.
 * A record that passed pk_record_check() may be read without further checks.
 */
#ifndef PK_STREAM_RECORD_H
#define PK_STREAM_RECORD_H

#include <stddef.h>

#include "event.h"

/*
 * Checks the `len` bytes at `data` (8-byte aligned, hostile) as one record: size_bytes is `len`, a
 * multiple of 8 and at most PK_RECORD_MAX; the kind is known and its body fits; every string
 * lies between body and end; offsets into paths lie within them.
 * -EBADMSG; then pk_record_error() says why.
 */
int pk_record_check(const void *data, size_t len);

/* Reason of this thread's last failed pk_record_check(); static text, never NULL. */
const char *pk_record_error(void);

/* Bytes of the fixed part of `kind`, 0 if there is no such kind. */
size_t pk_record_body_bytes(__u32 kind);

/* A string inside a checked record: not NUL-terminated. */
struct pk_text {
	const char *data;
	size_t len;
};

static inline struct pk_text pk_record_text(const void *record, struct pk_str str)
{
	return (struct pk_text){ (const char *)record + str.off, str.len };
}

/* The path as the process sees it: from its root on, or whole when it is not below its root. */
static inline struct pk_text pk_record_path(const void *record, const struct pk_path *path)
{
	struct pk_text text = pk_record_text(record, path->name);

	if (!(path->flags & PK_PATH_OUTSIDE) && path->root_off < text.len) {
		text.data += path->root_off;
		text.len -= path->root_off;
	} else if (!(path->flags & PK_PATH_OUTSIDE) && text.len > 0) {
		text = (struct pk_text){ "/", 1 }; /* the root itself */
	}
	return text;
}

/* comm without the NULs behind it. */
struct pk_text pk_record_comm(const struct pk_event *event);

/*
 * Builds one record. Too big for the stack of a small thread: allocate it, or keep it static.
 * The body is at `u.event`; strings are added behind it in any order.
 */
struct pk_record {
	union {
		struct pk_event event;
		struct pk_exec_event exec;
		struct pk_fork_event fork;
		struct pk_exit_event exit;
		struct pk_file_event file;
		struct pk_net_event net;
		struct pk_sys_event sys;
		struct pk_start_event start;
		struct pk_mount_event mount;
		struct pk_lost_event lost;
		struct pk_stop_event stop;
		struct pk_repeats_event repeats;
		struct pk_container_event container;
		char bytes[PK_RECORD_MAX];
		__u64 align;
	} u;
	size_t len_bytes; /* so far; a multiple of 8 after pk_record_finish() */
};

/* Starts a record of `kind` (must be known) with a zeroed body, time_ns set to now
 * (CLOCK_BOOTTIME) and hook PK_HOOK_USER. */
void pk_record_init(struct pk_record *record, __u32 kind);

/* Adds `len` bytes and lets `str` (inside the record's body) point at them. -EMSGSIZE when the
 * record would be longer than PK_RECORD_MAX; then `str` stays empty. */
int pk_record_add(struct pk_record *record, struct pk_str *str, const void *data, size_t len);

/* Pads, sets size_bytes and returns the record's length. The record is at `u.event`. */
size_t pk_record_finish(struct pk_record *record);

/* Where records made in user space go: pk_stream_feed() behind a cast-free wrapper, usually.
 * A negative return stops the maker, which returns it. */
typedef int pk_emit_fn(void *ctx, const void *record, size_t len);

/*
 * Emits a PK_EVENT_START: clocks, host name, boot id, kernel release, version, and the mount
 * namespace of pid 1, or our own if that cannot be asked. `start_flags` are PK_START_*. -errno of
 * what could not be read.
 */
int pk_record_emit_start(enum pk_backend backend, __u32 start_flags, pk_emit_fn *emit, void *ctx);

#endif
