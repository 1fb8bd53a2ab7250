/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes that were alive before the sensors, read from /proc, as PK_EVENT_PROC records.
 * /proc knows start times in ticks only, so exec ids are rounded: see stream/tree.h.
 * Everything read is what processes wrote about themselves: hostile, bounded, cut and flagged.
 */
#ifndef PK_STREAM_PROCFS_H
#define PK_STREAM_PROCFS_H

#include "event.h"
#include "stream/record.h"

/* Emits every process, kernel threads too (no exe), oldest first. Those that go away meanwhile
 * are left out. -errno of reading /proc; what `emit` returned. */
int pk_procfs_snapshot(pk_emit_fn *emit, void *ctx);

/*
 * Emits process `pid` if it is still the one with `exec_id` (0: whichever is there), with that
 * exec_id. -ESRCH: gone, or the pid is somebody else's now. What `emit` returned.
 */
int pk_procfs_one(__u32 pid, __u64 exec_id, pk_emit_fn *emit, void *ctx);

/* What of /proc/PID/stat is used. */
struct pk_procfs_stat {
	char comm[PK_COMM_LEN];
	__u32 ppid;
	__u32 pgid;
	__u32 sid;
	__u32 tty; /* major << 20 | minor */
	__u64 start_ticks;
};

/* Reads the `len` bytes of a /proc/PID/stat. -EBADMSG. */
int pk_procfs_parse_stat(const char *text, size_t len, struct pk_procfs_stat *ret_stat);

#endif
