// SPDX-License-Identifier: Apache-2.0
/*
 * Texts by enum pk_text_id: of processes, and of the files of an event.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stream/facts_internal.h"

/* ---- arguments ---- */

/* The first argument and what is behind it. False: there is none. */
static bool take_arg(struct pk_text *args, struct pk_text *ret_arg, bool *ret_whole)
{
	const char *nul;

	if (!args->len)
		return false;
	nul = memchr(args->data, '\0', args->len);
	*ret_whole = nul;
	*ret_arg = (struct pk_text){ args->data, nul ? (size_t)(nul - args->data) : args->len };
	args->data += ret_arg->len + (nul != NULL);
	args->len -= ret_arg->len + (nul != NULL);
	return true;
}

static bool cut(const struct pk_who *who)
{
	return who->exec_flags & PK_EXEC_ARGS_TRUNCATED;
}

static bool readable(const struct pk_who *who)
{
	return who->has_image && !(who->exec_flags & PK_EXEC_ARGS_UNREADABLE);
}

static void put_arg0(const struct pk_who *who, struct pk_value *value)
{
	struct pk_text args = who->args;
	struct pk_text arg;
	bool whole;

	if (readable(who) && take_arg(&args, &arg, &whole)) {
		pk_facts_put_text(value, arg);
		value->partial = !whole && cut(who);
	} else if (!readable(who) || cut(who)) {
		pk_facts_put_unknown(value);
	} else {
		pk_facts_put_str(value, "");
	}
}

/* Adds the arguments behind the first, a blank before each but the first that is added. */
static int add_args(struct pk_buf *buf, const struct pk_who *who)
{
	struct pk_text args = who->args;
	struct pk_text arg;
	bool whole;
	int err = 0;

	if (!take_arg(&args, &arg, &whole))
		return 0;
	while (!err && take_arg(&args, &arg, &whole)) {
		if (buf->len_bytes)
			err = pk_buf_add_char(buf, ' ');
		if (!err)
			err = pk_buf_add(buf, arg.data, arg.len);
	}
	return err;
}

static int put_line(struct pk_facts_ctx *ctx, const struct pk_who *who, struct pk_text first,
		    struct pk_value *value)
{
	int err;

	if (!who->has_image) {
		pk_facts_put_unknown(value);
		return 0;
	}
	pk_buf_clear(&ctx->buf);
	err = pk_buf_add(&ctx->buf, first.data, first.len);
	if (!err && readable(who))
		err = add_args(&ctx->buf, who);
	if (!err)
		err = pk_facts_put_buf(ctx, value);
	value->partial = cut(who) || !readable(who);
	if (!err && value->partial && !value->text.len)
		pk_facts_put_unknown(value);
	return err;
}

/* All of them, with blanks for the NULs between. */
static int put_exeline(struct pk_facts_ctx *ctx, const struct pk_who *who, struct pk_value *value)
{
	struct pk_text args = who->args;
	int err;

	if (!readable(who)) {
		pk_facts_put_unknown(value);
		return 0;
	}
	if (args.len && !args.data[args.len - 1])
		args.len--;
	pk_buf_clear(&ctx->buf);
	err = pk_buf_add(&ctx->buf, args.data, args.len);
	for (size_t i = 0; i < ctx->buf.len_bytes && !err; i++) {
		if (!ctx->buf.data[i])
			ctx->buf.data[i] = ' ';
	}
	if (!err)
		err = pk_facts_put_buf(ctx, value);
	value->partial = cut(who);
	if (!err && value->partial && !value->text.len)
		pk_facts_put_unknown(value);
	return err;
}

/* proc.args[n] */
void pk_facts_arg(const struct pk_who *who, const char *field_arg, struct pk_value *value)
{
	unsigned long idx = strtoul(field_arg, NULL, 10); /* digits, as the look-up saw */
	struct pk_text args = who->args;
	struct pk_text arg;
	bool whole = true;

	if (!readable(who)) {
		pk_facts_put_unknown(value);
		return;
	}
	for (unsigned long i = 0; i <= idx + 1; i++) {
		if (take_arg(&args, &arg, &whole))
			continue;
		if (cut(who))
			pk_facts_put_unknown(value);
		return;
	}
	pk_facts_put_text(value, arg);
	value->partial = !whole && cut(who);
}

/* ---- processes ---- */

int pk_facts_who_text(struct pk_facts_ctx *ctx, const struct pk_who *who, uint32_t text,
		      struct pk_value *value)
{
	if (who->state != PK_VALUE_KNOWN) {
		value->state = who->state;
		return 0;
	}
	switch (text) {
	case PK_TEXT_NAME:
		pk_facts_put_text(value, who->name);
		return 0;
	case PK_TEXT_EXE:
		put_arg0(who, value);
		return 0;
	case PK_TEXT_EXEPATH:
		pk_facts_put_path(value, who->exe, who->exe_flags);
		return 0;
	case PK_TEXT_CMDLINE:
		return put_line(ctx, who, who->name, value);
	case PK_TEXT_EXELINE:
		return put_exeline(ctx, who, value);
	default:
		return put_line(ctx, who, (struct pk_text){ "", 0 }, value);
	}
}

static int any_ancestor(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	struct pk_who who;

	for (uint32_t depth = 1; depth <= PK_VALUE_LIST_MAX; depth++) {
		pk_facts_ancestor(ctx, depth, &who);
		if (who.state != PK_VALUE_KNOWN)
			break;
		value->list[value->list_cnt++] = (struct pk_value_text){ who.name.data,
									 who.name.len };
	}
	value->partial = who.state != PK_VALUE_MISSING;
	if (value->list_cnt)
		value->state = PK_VALUE_KNOWN;
	else
		value->state = who.state;
	if (value->list_cnt)
		value->text = value->list[0];
	return 0;
}

/* ---- files ---- */

static void directory(struct pk_value *value)
{
	const char *slash = value->text.len ? memrchr(value->text.data, '/', value->text.len) :
					      NULL;

	if (slash == value->text.data)
		value->text.len = slash ? 1 : 0;
	else
		value->text.len = slash ? (size_t)(slash - value->text.data) : 0;
	if (value->partial && !slash)
		pk_facts_put_unknown(value);
}

static void last_part(struct pk_value *value)
{
	const char *slash = value->text.len ? memrchr(value->text.data, '/', value->text.len) :
					      NULL;
	size_t skip = slash ? (size_t)(slash + 1 - value->text.data) : 0;

	value->text.data += skip;
	value->text.len -= skip;
	if (slash)
		value->partial = false;
}

static int cwd(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const struct pk_exec_event *exec = (const struct pk_exec_event *)ctx->view.event;
	struct pk_text path;
	int err;

	if (exec->head.kind != PK_EVENT_EXEC) {
		pk_facts_put_unknown(value); /* it may have changed since the exec */
		return 0;
	}
	path = pk_record_path(exec, &exec->cwd);
	pk_facts_put_path(value, path, exec->cwd.flags);
	if (value->state != PK_VALUE_KNOWN || path.data[path.len - 1] == '/')
		return 0;
	pk_buf_clear(&ctx->buf);
	err = pk_buf_add(&ctx->buf, path.data, path.len);
	if (!err)
		err = pk_buf_add_char(&ctx->buf, '/');
	return err ? err : pk_facts_put_buf(ctx, value);
}

/* Nothing there is missing, unless it could not be read. */
static void sys_path(const struct pk_sys_event *sys, const struct pk_path *path,
		     struct pk_value *value)
{
	if (path->name.len || path->flags & (PK_PATH_TRUNCATED | PK_PATH_UNREADABLE))
		pk_facts_put_path(value, pk_record_path(sys, path), path->flags);
}

static void sys_text(const struct pk_sys_event *sys, struct pk_str text, uint32_t unknown,
		     struct pk_value *value)
{
	if (sys->sys_flags & unknown)
		pk_facts_put_unknown(value);
	else if (text.len)
		pk_facts_put_text(value, pk_record_text(sys, text));
}

static int sys_event_text(const struct pk_sys_event *sys, uint32_t text, struct pk_value *value)
{
	if (text == PK_TEXT_FD_NAME)
		sys_path(sys, &sys->path, value);
	else if (text == PK_TEXT_NAME2 && (sys->path2.name.len || sys->path2.flags))
		sys_path(sys, &sys->path2, value);
	else if (text == PK_TEXT_NAME2)
		sys_text(sys, sys->text2, PK_SYS_TEXT2_UNKNOWN, value);
	else if (text == PK_TEXT_TARGET)
		sys_text(sys, sys->text, PK_SYS_TEXT_UNKNOWN, value);
	return 0;
}

/* NAME=VALUE NAME=VALUE */
static int environment(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const struct pk_exec_event *exec = (const struct pk_exec_event *)ctx->view.event;
	struct pk_text env;
	int err;

	if (exec->head.kind != PK_EVENT_EXEC)
		return 0;
	if (!(exec->exec_flags & PK_EXEC_ENV)) {
		pk_facts_put_unknown(value); /* nobody had asked for it */
		return 0;
	}
	env = pk_record_text(exec, exec->env);
	while (env.len && !env.data[env.len - 1])
		env.len--;
	pk_buf_clear(&ctx->buf);
	err = pk_buf_add(&ctx->buf, env.data, env.len);
	for (size_t i = 0; !err && i < ctx->buf.len_bytes; i++) {
		if (!ctx->buf.data[i])
			ctx->buf.data[i] = ' ';
	}
	if (!err)
		err = pk_facts_put_buf(ctx, value);
	value->partial = exec->exec_flags & (PK_EXEC_ENV_TRUNCATED | PK_EXEC_ENV_UNREADABLE);
	if (!err && value->partial && !value->text.len)
		pk_facts_put_unknown(value);
	return err;
}

/* proc.env[NAME] */
void pk_facts_variable(const struct pk_facts_ctx *ctx, const char *name, struct pk_value *value)
{
	const struct pk_exec_event *exec = (const struct pk_exec_event *)ctx->view.event;
	size_t name_len = name ? strlen(name) : 0;
	struct pk_text env = pk_record_text(exec, exec->env);
	struct pk_text one;
	bool whole;

	if (!name_len)
		return;
	while (exec->exec_flags & PK_EXEC_ENV && take_arg(&env, &one, &whole)) {
		if (one.len <= name_len || memcmp(one.data, name, name_len) ||
		    one.data[name_len] != '=')
			continue;
		pk_facts_put_text(value, (struct pk_text){ one.data + name_len + 1,
							   one.len - name_len - 1 });
		value->partial = !whole && exec->exec_flags & PK_EXEC_ENV_TRUNCATED;
		return;
	}
	if (!(exec->exec_flags & PK_EXEC_ENV) ||
	    exec->exec_flags & (PK_EXEC_ENV_TRUNCATED | PK_EXEC_ENV_UNREADABLE))
		pk_facts_put_unknown(value);
}

/* proc.script of an exec */
static void script(const struct pk_exec_event *exec, struct pk_value *value)
{
	if (exec->script.name.len)
		pk_facts_put_path(value, pk_record_path(exec, &exec->script), exec->script.flags);
	else if (exec->exec_flags & PK_EXEC_SCRIPT)
		pk_facts_put_unknown(value);
}

static int event_text(struct pk_facts_ctx *ctx, uint32_t text, struct pk_value *value)
{
	const struct pk_file_event *file = (const struct pk_file_event *)ctx->view.event;

	if (text == PK_TEXT_CWD)
		return cwd(ctx, value);
	if (text == PK_TEXT_ENV)
		return environment(ctx, value);
	if (ctx->view.event->kind == PK_EVENT_EXEC) {
		script((const struct pk_exec_event *)ctx->view.event, value);
		return 0;
	}
	if (pk_facts_is_net(ctx->view.event))
		return text == PK_TEXT_FD_NAME ? pk_facts_socket_name(ctx, value) : 0;
	if (pk_facts_is_sys(ctx->view.event))
		return sys_event_text((const struct pk_sys_event *)ctx->view.event, text, value);
	if (!pk_facts_is_file(ctx->view.event))
		return 0;
	if (text == PK_TEXT_ASKED) {
		if (file->asked.len)
			pk_facts_put_text(value, pk_record_text(file, file->asked));
		return 0;
	}
	if (text == PK_TEXT_TARGET) {
		pk_facts_put_path(value, pk_record_text(file, file->target), 0);
		return 0;
	}
	if (text == PK_TEXT_NAME2) {
		pk_facts_put_path(value, pk_record_path(file, &file->path2), file->path2.flags);
		return 0;
	}
	pk_facts_put_path(value, pk_record_path(file, &file->path), file->path.flags);
	if (value->state == PK_VALUE_KNOWN && text == PK_TEXT_FD_DIR)
		directory(value);
	else if (value->state == PK_VALUE_KNOWN && text == PK_TEXT_FD_FILE)
		last_part(value);
	return 0;
}

int pk_facts_text(struct pk_facts_ctx *ctx, const struct pk_field_source *source,
		  const char *field_arg, struct pk_value *value)
{
	struct pk_who who;

	switch (source->whose) {
	case PK_WHOSE_EVENT:
		return event_text(ctx, source->id, value);
	case PK_WHOSE_OWN:
		pk_facts_own(ctx, &who);
		break;
	case PK_WHOSE_PARENT:
		pk_facts_parent(ctx, &who);
		break;
	case PK_WHOSE_ANCESTOR:
		if (!field_arg)
			return any_ancestor(ctx, value);
		pk_facts_ancestor(ctx, (uint32_t)strtoul(field_arg, NULL, 10), &who);
		break;
	default:
		return -EINVAL;
	}
	if (source->id != PK_TEXT_ARGV)
		return pk_facts_who_text(ctx, &who, source->id, value);
	if (who.state == PK_VALUE_KNOWN)
		pk_facts_arg(&who, field_arg, value);
	else
		value->state = who.state;
	return 0;
}
