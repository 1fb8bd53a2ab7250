/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of the JSON sink: json.c (the event, its process, the stream's own events),
 * json_process.c (exec, fork, exit) and json_object.c (paths, files, network).
 */
#ifndef PK_SINKS_JSON_PARTS_H
#define PK_SINKS_JSON_PARTS_H

#include "sinks/json.h"
#include "sinks/json_writer.h"
#include "stream/names.h"

/* One event being rendered. */
struct pk_json_job {
	struct pk_jw w;
	struct pk_json *json;
	const struct pk_view *view;
};

/* "" or "new_": which of several paths a member belongs to. */
struct pk_json_prefix {
	const char *text;
	size_t len;
};

extern const struct pk_json_prefix pk_json_no_prefix;

/* A name from our own tables, in quotes: nothing in it needs escaping. */
static inline void pk_json_name(struct pk_jw *w, const char *name)
{
	*w->p++ = '"';
	pk_jw_raw(w, name, strlen(name));
	*w->p++ = '"';
}

#define pk_json_field_name(w, key, name)       \
	do {                                   \
		pk_jw_lit(w, ",\"" key "\":"); \
		pk_json_name(w, name);         \
	} while (0)

/* When the event happened, in quotes: "2026-11-23T14:00:00.123456789Z". */
void pk_json_time(struct pk_json_job *job);

/* "path" and "host_path", without markers. */
void pk_json_path(struct pk_json_job *job, const struct pk_json_prefix *prefix,
		  const struct pk_path *path, __u32 dev);

/* "truncated" and so on, for the PK_PATH_* that are set. */
void pk_json_markers(struct pk_jw *w, const struct pk_json_prefix *prefix, __u32 flags);

/* The member that all kinds of one family have: "exec", "fork", "exit", "file", "network". */
void pk_json_exec(struct pk_json_job *job);
void pk_json_fork(struct pk_json_job *job);
void pk_json_exit(struct pk_json_job *job);
void pk_json_file(struct pk_json_job *job);
void pk_json_net(struct pk_json_job *job);
void pk_json_system(struct pk_json_job *job); /* json_system.c: "mount", ... */

#endif
