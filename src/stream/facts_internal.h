/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What facts*.c share. Values are set through put_*(): a text that is built is kept in the ctx's arena.
 */
#ifndef PK_STREAM_FACTS_INTERNAL_H
#define PK_STREAM_FACTS_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "plan/field_id.h"
#include "stream/facts.h"

#define PK_MAX_FACTS_BYTES (4u << 20) /* of texts put together for one event */
#define PK_MAX_ANCESTOR_WALK 64u

struct pk_users;

struct pk_facts_ctx {
	struct pk_view view;
	const char *const *tag_names;
	size_t tag_cnt;
	struct pk_arena arena;
	struct pk_buf buf; /* to build in */
	struct pk_users *users;
	struct pk_hosts *hosts; /* of whoever owns it; NULL: no address has a name */
	uint64_t event_cnt;
	uint64_t first_ns; /* of the first event */
};

/* A process: the one that acts, or an ancestor. */
struct pk_who {
	enum pk_value_state state;  /* MISSING: there is none; UNKNOWN: nothing is known of it */
	const struct pk_node *node; /* NULL: only the event tells */
	bool has_image;             /* what follows is known */
	struct pk_text name;
	struct pk_text exe;
	struct pk_text args;
	struct pk_text script;
	uint32_t exec_flags; /* PK_EXEC_* */
	uint32_t exe_flags;  /* PK_PATH_* */
	uint32_t script_flags;
	uint32_t args_bytes; /* as many as there were; 0: not known */
	uint32_t login_uid, tty, sid, pgid;
	uint64_t exe_ino;
	uint64_t cap_permitted, cap_effective, cap_inheritable;
};

/* facts_who.c */
void pk_facts_own(const struct pk_facts_ctx *ctx, struct pk_who *ret_who);
void pk_facts_parent(const struct pk_facts_ctx *ctx, struct pk_who *ret_who);
/* 0: the process itself, 1: its parent, ... */
void pk_facts_ancestor(const struct pk_facts_ctx *ctx, uint32_t depth, struct pk_who *ret_who);
void pk_facts_by_pid(const struct pk_facts_ctx *ctx, uint32_t pid, struct pk_who *ret_who);

/* facts_value.c */
void pk_facts_put_text(struct pk_value *value, struct pk_text text);
void pk_facts_put_str(struct pk_value *value, const char *text); /* static, or the ctx's */
void pk_facts_put_int(struct pk_value *value, int64_t number);
void pk_facts_put_uint(struct pk_value *value, uint64_t number);
void pk_facts_put_bool(struct pk_value *value, bool is_true);
void pk_facts_put_unknown(struct pk_value *value);
/* What was built in ctx->buf. -ENOMEM */
int pk_facts_put_buf(struct pk_facts_ctx *ctx, struct pk_value *value);
int pk_facts_printf(struct pk_buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A path as its process sees it: parts and what could not be read are told. */
void pk_facts_put_path(struct pk_value *value, struct pk_text text, uint32_t path_flags);

/* facts_text.c */
int pk_facts_text(struct pk_facts_ctx *ctx, const struct pk_field_source *source,
		  const char *field_arg, struct pk_value *value);
/* A text of a process: PK_TEXT_NAME to PK_TEXT_EXELINE. */
int pk_facts_who_text(struct pk_facts_ctx *ctx, const struct pk_who *who, uint32_t text,
		      struct pk_value *value);
void pk_facts_variable(const struct pk_facts_ctx *ctx, const char *name, struct pk_value *value);
void pk_facts_arg(const struct pk_who *who, const char *field_arg, struct pk_value *value);

/* facts_number.c: state and value of a number. */
enum pk_value_state pk_facts_number(const struct pk_facts_ctx *ctx, uint32_t num,
				    uint64_t *ret_number);

/* facts_net.c */
void pk_facts_addr(const struct pk_facts_ctx *ctx, enum pk_source_end end, struct pk_value *value);
int pk_facts_port(struct pk_facts_ctx *ctx, enum pk_source_end end, struct pk_value *value);
int pk_facts_socket_name(struct pk_facts_ctx *ctx, struct pk_value *value);

/* facts_container.c, facts_id.c, facts_proc.c, facts_time.c, facts_user.c: by enum pk_field_id. */
int pk_facts_by_id(struct pk_facts_ctx *ctx, const struct pk_field *field, const char *field_arg,
		   struct pk_value *value);
int pk_facts_proc_by_id(struct pk_facts_ctx *ctx, const struct pk_field *field,
			const char *field_arg, struct pk_value *value);
int pk_facts_time_by_id(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value);
int pk_facts_container_by_id(struct pk_facts_ctx *ctx, const struct pk_field *field,
			     const char *field_arg, struct pk_value *value);
int pk_facts_args(struct pk_facts_ctx *ctx, struct pk_value *value);
/* facts_proc.c: evt.arg.flags of an exec; a user's or group's name, its number where it has none. */
int pk_facts_exe_flags(struct pk_facts_ctx *ctx, struct pk_value *value);
int pk_facts_owner_name(struct pk_facts_ctx *ctx, bool user, uint32_t id, struct pk_value *value);
/* facts_net.c: fd.sip.name and the like. */
int pk_facts_host(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value);

/* facts_user.c: names from the host's databases, remembered. -ENOMEM */
int pk_users_new(struct pk_users **ret_users);
void pk_users_free(struct pk_users *users);
/* `name`, `home`, `shell`: "<NA>" for a user that is not there. Valid until the next call. */
struct pk_user {
	const char *name;
	const char *home;
	const char *shell;
};
int pk_users_get(struct pk_users *users, uint32_t uid, struct pk_user *ret_user);
int pk_users_get_group(struct pk_users *users, uint32_t gid, const char **ret_name);

static inline bool pk_facts_is_file(const struct pk_event *event)
{
	return event->kind >= PK_EVENT_OPEN && event->kind <= PK_EVENT_TRUNCATE;
}

static inline bool pk_facts_is_net(const struct pk_event *event)
{
	return (event->kind >= PK_EVENT_CONNECT && event->kind <= PK_EVENT_SEND) ||
	       event->kind == PK_EVENT_DUP;
}

static inline bool pk_facts_is_sys(const struct pk_event *event)
{
	return event->kind >= PK_EVENT_DO_MOUNT && event->kind < PK_EVENT_SENSOR_MAX &&
	       event->kind != PK_EVENT_DUP;
}

#endif
