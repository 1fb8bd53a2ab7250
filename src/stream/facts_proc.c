// SPDX-License-Identifier: Apache-2.0
/*
 * Fields of processes and users that the kernel side does not answer.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stream/facts_internal.h"

/* ---- ancestors ---- */

static uint32_t text_of_id(uint32_t id)
{
	switch (id) {
	case PK_FIELD_PROC_AEXE:
	case PK_FIELD_PROC_SID_EXE:
	case PK_FIELD_PROC_PGID_EXE:
		return PK_TEXT_EXE;
	case PK_FIELD_PROC_AEXEPATH:
	case PK_FIELD_PROC_SID_EXEPATH:
	case PK_FIELD_PROC_PGID_EXEPATH:
		return PK_TEXT_EXEPATH;
	case PK_FIELD_PROC_ACMDLINE:
		return PK_TEXT_CMDLINE;
	case PK_FIELD_PROC_AARGS:
		return PK_TEXT_ARGS;
	default:
		return PK_TEXT_NAME;
	}
}

static int pid_text(struct pk_facts_ctx *ctx, const struct pk_who *who, struct pk_value *value)
{
	pk_buf_clear(&ctx->buf);
	if (pk_facts_printf(&ctx->buf, "%" PRIu32, who->node->pid))
		return -ENOMEM;
	return pk_facts_put_buf(ctx, value);
}

static int one_ancestor(struct pk_facts_ctx *ctx, uint32_t id, const struct pk_who *who,
			struct pk_value *value)
{
	if (id == PK_FIELD_PROC_APID && who->state == PK_VALUE_KNOWN)
		return pid_text(ctx, who, value);
	return pk_facts_who_text(ctx, who, text_of_id(id), value);
}

/* Without index: the values of all that are known. One that is cut or not known leaves the list open. */
static int all_ancestors(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	struct pk_who who = { .state = PK_VALUE_UNKNOWN };

	for (uint32_t depth = 1; depth <= PK_MAX_ANCESTOR_WALK; depth++) {
		struct pk_value one = { .state = PK_VALUE_MISSING };
		int err;

		pk_facts_ancestor(ctx, depth, &who);
		if (who.state != PK_VALUE_KNOWN || value->list_cnt == PK_VALUE_LIST_MAX)
			break;
		err = one_ancestor(ctx, id, &who, &one);
		if (err)
			return err;
		if (one.state != PK_VALUE_KNOWN || one.partial)
			value->partial = true;
		else
			value->list[value->list_cnt++] = one.text;
	}
	value->partial |= who.state != PK_VALUE_MISSING;
	if (value->list_cnt) {
		value->state = PK_VALUE_KNOWN;
		value->text = value->list[0];
	} else {
		value->state = value->partial ? PK_VALUE_UNKNOWN : PK_VALUE_MISSING;
	}
	return 0;
}

static int ancestor(struct pk_facts_ctx *ctx, uint32_t id, const char *field_arg,
		    struct pk_value *value)
{
	uint32_t depth;
	struct pk_who who;

	if (!field_arg)
		return all_ancestors(ctx, id, value);
	depth = (uint32_t)strtoul(field_arg, NULL, 10);
	if (id == PK_FIELD_PROC_APID && !depth) {
		pk_facts_put_int(value, ctx->view.event->pid);
		return 0;
	}
	pk_facts_ancestor(ctx, depth, &who);
	if (id != PK_FIELD_PROC_APID)
		return pk_facts_who_text(ctx, &who, text_of_id(id), value);
	value->state = who.state;
	if (who.state == PK_VALUE_KNOWN)
		value->num.i = who.node->pid;
	return 0;
}

/* ---- leaders ---- */

static int leader(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	bool session = id == PK_FIELD_PROC_SNAME || id == PK_FIELD_PROC_SID_EXE ||
		       id == PK_FIELD_PROC_SID_EXEPATH;
	struct pk_who who;
	struct pk_who lead;

	pk_facts_own(ctx, &who);
	if (!who.has_image) {
		pk_facts_put_unknown(value);
		return 0;
	}
	if (!(session ? who.sid : who.pgid))
		return 0;
	pk_facts_by_pid(ctx, session ? who.sid : who.pgid, &lead);
	return pk_facts_who_text(ctx, &lead, text_of_id(id), value);
}

static void leads(struct pk_facts_ctx *ctx, bool session, struct pk_value *value)
{
	struct pk_who who;

	pk_facts_own(ctx, &who);
	if (!who.has_image)
		pk_facts_put_unknown(value);
	else
		pk_facts_put_bool(value, (session ? who.sid : who.pgid) == ctx->view.event->pid);
}

/* ---- times ---- */

static void parent_time(const struct pk_facts_ctx *ctx, bool age, struct pk_value *value)
{
	const struct pk_event *event = ctx->view.event;
	uint64_t start_ns = event->parent_exec_id ^ (uint64_t)event->ppid << 42;

	if (!event->ppid)
		return;
	if (!event->parent_exec_id)
		pk_facts_put_unknown(value);
	else if (age)
		pk_facts_put_uint(value, event->time_ns > start_ns ? event->time_ns - start_ns : 0);
	else
		pk_facts_put_uint(value, start_ns + (uint64_t)ctx->view.context->clock_offset_ns);
}

static void start_time(const struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const struct pk_event *event = ctx->view.event;
	uint64_t start_ns = event->exec_id ^ (uint64_t)event->pid << 42;

	if (!event->exec_id)
		pk_facts_put_unknown(value);
	else
		pk_facts_put_uint(value, start_ns + (uint64_t)ctx->view.context->clock_offset_ns);
}

/* ---- the process itself ---- */

static void count_args(const struct pk_who *who, bool bytes, struct pk_value *value)
{
	uint64_t cnt = 0;
	uint64_t len = 0;
	const char *nul;

	if (!who->has_image ||
	    who->exec_flags & (PK_EXEC_ARGS_TRUNCATED | PK_EXEC_ARGS_UNREADABLE)) {
		pk_facts_put_unknown(value);
		return;
	}
	nul = who->args.len ? memchr(who->args.data, '\0', who->args.len) : NULL;
	for (const char *p = nul ? nul + 1 : NULL; p && p < who->args.data + who->args.len;) {
		size_t one = strnlen(p, (size_t)(who->args.data + who->args.len - p));

		cnt++;
		len += one;
		p += one + 1;
	}
	pk_facts_put_uint(value, bytes ? len : cnt);
}

static void script(const struct pk_who *who, struct pk_value *value)
{
	if (who->has_image && who->script.len)
		pk_facts_put_path(value, who->script, who->script_flags);
	else if (!who->has_image || (who->exec_flags & PK_EXEC_SCRIPT))
		pk_facts_put_unknown(value);
}

static void parent_vpid(const struct pk_facts_ctx *ctx, struct pk_value *value)
{
	struct pk_who who;

	pk_facts_parent(ctx, &who);
	value->state = who.state;
	if (who.state != PK_VALUE_KNOWN)
		return;
	if (who.node->ns_pid)
		pk_facts_put_int(value, who.node->ns_pid);
	else
		pk_facts_put_unknown(value);
}

/* ---- the binary ---- */

#define CAP_DAC_OVERRIDE (1ull << 1)
#define CAP_FOWNER (1ull << 3)

/* May who executes write what is executed? */
static bool writable(const struct pk_exec_event *exec)
{
	uint32_t mode = exec->exe_inode.mode;

	if (exec->cap_effective & (CAP_DAC_OVERRIDE | CAP_FOWNER) ||
	    exec->fsuid == exec->exe_inode.uid)
		return true;
	if (exec->fsgid == exec->exe_inode.gid)
		return mode & 0020;
	return mode & 0002;
}

int pk_facts_exe_flags(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const struct pk_exec_event *exec = (const struct pk_exec_event *)ctx->view.event;
	const struct {
		bool so;
		const char *name;
	} flags[] = {
		{ writable(exec), "EXE_WRITABLE" },
		{ exec->exec_flags & PK_EXEC_UPPER, "EXE_UPPER_LAYER" },
		{ exec->exec_flags & PK_EXEC_MEMFD, "EXE_FROM_MEMFD" },
		{ exec->exec_flags & PK_EXEC_LOWER && !(exec->exec_flags & PK_EXEC_NO_OVERLAY),
		  "EXE_LOWER_LAYER" },
	};
	int err = 0;

	pk_buf_clear(&ctx->buf);
	for (size_t i = 0; i < PK_ARRAY_SIZE(flags) && !err; i++) {
		if (!flags[i].so)
			continue;
		if (ctx->buf.len_bytes)
			err = pk_buf_add_char(&ctx->buf, '|');
		if (!err)
			err = pk_buf_add_str(&ctx->buf, flags[i].name);
	}
	if (!err && !ctx->buf.len_bytes)
		err = pk_buf_add_char(&ctx->buf, '0');
	return err ? err : pk_facts_put_buf(ctx, value);
}

static void exe_time(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	const struct pk_exec_event *exec = (const struct pk_exec_event *)ctx->view.event;
	uint64_t start_ns = (exec->head.exec_id ^ (uint64_t)exec->head.pid << 42) +
			    (uint64_t)ctx->view.context->clock_offset_ns;
	uint64_t time_ns = id == PK_FIELD_PROC_EXE_MTIME ? exec->exe_mtime_ns : exec->exe_ctime_ns;

	if (!time_ns || (id == PK_FIELD_PROC_EXE_CTIME_TO_START && !exec->head.exec_id))
		pk_facts_put_unknown(value);
	else if (id != PK_FIELD_PROC_EXE_CTIME_TO_START)
		pk_facts_put_uint(value, time_ns);
	else if (start_ns > time_ns)
		pk_facts_put_uint(value, start_ns - time_ns);
}

static void lower_layer(const struct pk_who *who, struct pk_value *value)
{
	if (!who->has_image || !(who->exec_flags & (PK_EXEC_UPPER | PK_EXEC_LOWER)))
		pk_facts_put_unknown(value);
	else
		pk_facts_put_bool(value, who->exec_flags & PK_EXEC_LOWER &&
						 !(who->exec_flags & PK_EXEC_NO_OVERLAY));
}

static int own(struct pk_facts_ctx *ctx, uint32_t id, const char *field_arg, struct pk_value *value)
{
	struct pk_who who;

	pk_facts_own(ctx, &who);
	switch (id) {
	case PK_FIELD_PROC_ARG:
		pk_facts_arg(&who, field_arg, value);
		return 0;
	case PK_FIELD_PROC_CMDNARGS:
	case PK_FIELD_PROC_CMDLENARGS:
		count_args(&who, id == PK_FIELD_PROC_CMDLENARGS, value);
		return 0;
	case PK_FIELD_PROC_SCRIPT:
		script(&who, value);
		return 0;
	case PK_FIELD_PROC_EXE_CTIME:
	case PK_FIELD_PROC_EXE_MTIME:
	case PK_FIELD_PROC_EXE_CTIME_TO_START:
		exe_time(ctx, id, value);
		return 0;
	case PK_FIELD_PROC_EXE_WRITABLE:
		pk_facts_put_bool(value, writable((const struct pk_exec_event *)ctx->view.event));
		return 0;
	case PK_FIELD_PROC_EXE_LOWER:
		lower_layer(&who, value);
		return 0;
	case PK_FIELD_PROC_ENV:
		pk_facts_variable(ctx, field_arg, value);
		return 0;
	case PK_FIELD_PROC_PGID:
	case PK_FIELD_PROC_EXE_INO:
		if (!who.has_image)
			pk_facts_put_unknown(value);
		else
			pk_facts_put_int(value, id == PK_FIELD_PROC_PGID ? who.pgid :
									   (int64_t)who.exe_ino);
		return 0;
	default:
		return 0;
	}
}

/* ---- users ---- */

static int user(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	uint64_t uid = ctx->view.event->euid;
	struct pk_user found;
	int err;

	if (id == PK_FIELD_USER_LOGINNAME) {
		value->state = pk_facts_number(ctx, PK_NUM_LOGINUID, &uid);
		if (value->state != PK_VALUE_KNOWN)
			return 0;
	}
	err = pk_users_get(ctx->users, (uint32_t)uid, &found);
	if (err)
		return err;
	pk_buf_clear(&ctx->buf);
	if (id == PK_FIELD_USER_HOMEDIR)
		err = pk_buf_add_str(&ctx->buf, found.home);
	else if (id == PK_FIELD_USER_SHELL)
		err = pk_buf_add_str(&ctx->buf, found.shell);
	else
		err = pk_buf_add_str(&ctx->buf, found.name);
	return err ? err : pk_facts_put_buf(ctx, value);
}

static int group(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const char *name;
	int err = pk_users_get_group(ctx->users, ctx->view.event->egid, &name);

	pk_buf_clear(&ctx->buf);
	if (!err)
		err = pk_buf_add_str(&ctx->buf, name);
	return err ? err : pk_facts_put_buf(ctx, value);
}

int pk_facts_owner_name(struct pk_facts_ctx *ctx, bool is_user, uint32_t id, struct pk_value *value)
{
	const char *name = NULL;
	struct pk_user found;
	int err = is_user ? pk_users_get(ctx->users, id, &found) :
			    pk_users_get_group(ctx->users, id, &name);

	if (err)
		return err;
	if (is_user)
		name = found.name;
	pk_buf_clear(&ctx->buf);
	err = name[0] == '<' ? pk_facts_printf(&ctx->buf, "%" PRIu32, id) :
			       pk_buf_add_str(&ctx->buf, name);
	return err ? err : pk_facts_put_buf(ctx, value);
}

static void thread(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	const struct pk_event *event = ctx->view.event;

	if (id == PK_FIELD_THREAD_ISMAIN)
		pk_facts_put_bool(value, event->pid == event->tid);
	else if (event->pid == event->tid)
		pk_facts_put_int(value, event->ns_pid);
	else
		pk_facts_put_unknown(value);
}

int pk_facts_proc_by_id(struct pk_facts_ctx *ctx, const struct pk_field *field,
			const char *field_arg, struct pk_value *value)
{
	switch (field->id) {
	case PK_FIELD_PROC_AEXE:
	case PK_FIELD_PROC_AEXEPATH:
	case PK_FIELD_PROC_ACMDLINE:
	case PK_FIELD_PROC_AARGS:
	case PK_FIELD_PROC_APID:
		return ancestor(ctx, field->id, field_arg, value);
	case PK_FIELD_PROC_SNAME:
	case PK_FIELD_PROC_SID_EXE:
	case PK_FIELD_PROC_SID_EXEPATH:
	case PK_FIELD_PROC_PGID_NAME:
	case PK_FIELD_PROC_PGID_EXE:
	case PK_FIELD_PROC_PGID_EXEPATH:
		return leader(ctx, field->id, value);
	case PK_FIELD_PROC_IS_SID_LEADER:
	case PK_FIELD_PROC_IS_PGID_LEADER:
		leads(ctx, field->id == PK_FIELD_PROC_IS_SID_LEADER, value);
		return 0;
	case PK_FIELD_PROC_PPID_DURATION:
	case PK_FIELD_PROC_PPID_TS:
		parent_time(ctx, field->id == PK_FIELD_PROC_PPID_DURATION, value);
		return 0;
	case PK_FIELD_PROC_PID_TS:
		start_time(ctx, value);
		return 0;
	case PK_FIELD_PROC_PVPID:
		parent_vpid(ctx, value);
		return 0;
	case PK_FIELD_THREAD_ISMAIN:
	case PK_FIELD_THREAD_VTID:
		thread(ctx, field->id, value);
		return 0;
	case PK_FIELD_USER_NAME:
	case PK_FIELD_USER_HOMEDIR:
	case PK_FIELD_USER_SHELL:
	case PK_FIELD_USER_LOGINNAME:
		return user(ctx, field->id, value);
	case PK_FIELD_GROUP_NAME:
		return group(ctx, value);
	default:
		return own(ctx, field->id, field_arg, value);
	}
}
