/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's mount table, and the host's name of a file that a process in another mount namespace
 * named. In: PK_EVENT_MOUNT records. Out: paths in the host's mount namespace.
 * A mount that another one hides is not told apart: its files get the name they would have.
 */
#ifndef PK_STREAM_MOUNTS_H
#define PK_STREAM_MOUNTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "event.h"
#include "stream/record.h"

#define PK_MAX_MOUNTS 16384u
#define PK_MAX_MOUNTS_BYTES (4u << 20) /* of roots and mount points together */

struct pk_mounts;

/* -ENOMEM */
int pk_mounts_new(struct pk_mounts **ret_mounts);
void pk_mounts_free(struct pk_mounts *mounts);

/* Takes in one checked PK_EVENT_MOUNT. Entries past a limit are left out and counted. */
void pk_mounts_update(struct pk_mounts *mounts, const struct pk_mount_event *event);

/* Entries in the table, and entries left out since it last started anew. */
__u32 pk_mounts_get_cnt(const struct pk_mounts *mounts);
__u32 pk_mounts_get_refused_cnt(const struct pk_mounts *mounts);

/*
 * The path in the host's mount namespace of a file that `event` names with `path` and that is on
 * file system `dev`: the mount whose root is the longest prefix, of several the first listed.
 * 1 and the text (in `scratch` or in the record, valid until either changes), or 0: not known
 * (the file is on no mount of the host, or the record does not say where). -ENOMEM.
 */
int pk_mounts_host_path(const struct pk_mounts *mounts, const struct pk_event *event,
			const struct pk_path *path, __u32 dev, struct pk_buf *scratch,
			struct pk_text *ret_path);

/*
 * Reads /proc/PID/mountinfo (pid 0: "self") and emits one PK_EVENT_MOUNT an entry, the first with
 * PK_MOUNT_FIRST. `ret_left_out` counts entries past PK_MAX_MOUNTS: tell the user.
 * -errno of reading; -EBADMSG for a line that is not understood; what `emit` returned.
 */
int pk_mounts_read(__u32 pid, pk_emit_fn *emit, void *ctx, __u32 *ret_left_out);

/* The same from text already read: `text` is changed in place. */
int pk_mounts_parse(char *text, size_t len, pk_emit_fn *emit, void *ctx, __u32 *ret_left_out);

#endif
