// SPDX-License-Identifier: Apache-2.0
/*
 * Fields with a number of their own, but for those of processes (facts_proc.c), of containers and
 * pods (facts_container.c) and of time (facts_time.c).
 */
#include <errno.h>
#include <inttypes.h>

#include "stream/facts_internal.h"

static int put_printed(struct pk_facts_ctx *ctx, int err, struct pk_value *value)
{
	return err ? err : pk_facts_put_buf(ctx, value);
}

static int owner(struct pk_facts_ctx *ctx, bool user, struct pk_value *value)
{
	const struct pk_event *event = ctx->view.event;
	const struct pk_file_event *file = (const struct pk_file_event *)event;
	uint32_t id = user ? event->euid : event->egid;

	if (event->kind == PK_EVENT_CHOWN)
		id = user ? file->inode.uid : file->inode.gid;
	if (pk_facts_is_sys(event))
		id = (uint32_t)((const struct pk_sys_event *)event)->arg[1]; /* the effective one */
	return pk_facts_owner_name(ctx, user, id, value);
}

/* What Falco writes for a descriptor. */
static int descriptor(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	struct pk_value type;
	struct pk_value proto = { .state = PK_VALUE_MISSING };
	struct pk_value name;
	int err = pk_facts_get(ctx, pk_field_find("fd.typechar", NULL, NULL), NULL, &type);

	err = err ?: pk_facts_get(ctx, pk_field_find("fd.l4proto", NULL, NULL), NULL, &proto);
	err = err ?: pk_facts_get(ctx, pk_field_find("fd.name", NULL, NULL), NULL, &name);
	if (err)
		return err;
	pk_buf_clear(&ctx->buf);
	err = pk_buf_add_char(&ctx->buf, '<');
	if (!err && type.state == PK_VALUE_KNOWN)
		err = pk_buf_add(&ctx->buf, type.text.data, type.text.len);
	if (!err && proto.state == PK_VALUE_KNOWN && proto.text.len && proto.text.data[0] != '<')
		err = pk_buf_add_char(&ctx->buf, proto.text.data[0]);
	if (!err)
		err = pk_buf_add_char(&ctx->buf, '>');
	if (!err && name.state == PK_VALUE_KNOWN)
		err = pk_buf_add(&ctx->buf, name.text.data, name.text.len);
	return put_printed(ctx, err, value);
}

/* mkdir, and an open that created; chmod and mknod are told by their source. */
static int octal_mode(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	uint64_t mode;

	value->state = pk_facts_number(ctx, PK_NUM_MODE, &mode);
	if (value->state != PK_VALUE_KNOWN)
		return 0;
	pk_buf_clear(&ctx->buf);
	return put_printed(ctx, pk_facts_printf(&ctx->buf, "0%" PRIo64, mode), value);
}

static int device(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const struct pk_file_event *file = (const struct pk_file_event *)ctx->view.event;
	uint32_t dev = file->head.kind == PK_EVENT_MKNOD ? file->inode.rdev : file->inode.dev;

	pk_buf_clear(&ctx->buf);
	return put_printed(ctx, pk_facts_printf(&ctx->buf, "0x%" PRIx32, dev), value);
}

static int number_text(struct pk_facts_ctx *ctx, uint64_t number, struct pk_value *value)
{
	pk_buf_clear(&ctx->buf);
	return put_printed(ctx, pk_facts_printf(&ctx->buf, "%" PRIu64, number), value);
}

static void open_exec(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const struct pk_file_event *file = (const struct pk_file_event *)ctx->view.event;

	pk_facts_put_bool(value, file->file_flags & PK_FILE_CREATED && file->mode & 0111);
}

static void file_number(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	uint64_t number;

	value->state = pk_facts_number(ctx, id == PK_FIELD_FD_INO ? PK_NUM_INO : PK_NUM_DEV,
				       &number);
	if (id == PK_FIELD_FD_DEV_MAJOR)
		number >>= 20;
	if (id == PK_FIELD_FD_DEV_MINOR)
		number &= 0xfffff;
	value->num.i = (int64_t)number;
}

static int argument(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	const struct pk_event *event = ctx->view.event;
	const struct pk_exec_event *exec = (const struct pk_exec_event *)event;

	switch (id) {
	case PK_FIELD_ARG_MODE:
		return octal_mode(ctx, value);
	case PK_FIELD_ARG_UID:
		return owner(ctx, true, value);
	case PK_FIELD_ARG_GID:
		return owner(ctx, false, value);
	case PK_FIELD_ARG_FILENAME:
		pk_facts_put_path(value, pk_record_text(exec, exec->filename), 0);
		return 0;
	case PK_FIELD_ARG_BACKLOG:
		return number_text(ctx, (uint32_t)((const struct pk_net_event *)event)->backlog,
				   value);
	case PK_FIELD_ARG_TUPLE:
		return pk_facts_socket_name(ctx, value);
	case PK_FIELD_ARG_FD:
		return descriptor(ctx, value);
	case PK_FIELD_ARG_EXE_FLAGS:
		return pk_facts_exe_flags(ctx, value);
	case PK_FIELD_ARG_DEV:
		return device(ctx, value);
	case PK_FIELD_ARG_STATUS:
		return number_text(ctx, ((const struct pk_exit_event *)event)->status, value);
	default:
		return number_text(ctx, ((const struct pk_file_event *)event)->size_bytes, value);
	}
}

/* container.id:NAME, of a name that another field gives */
static int in_container(struct pk_facts_ctx *ctx, const char *name, struct pk_value *value)
{
	struct pk_value id, text;
	int err = pk_facts_get(ctx, pk_field_find("container.id", NULL, NULL), NULL, &id);

	if (!err)
		err = pk_facts_get(ctx, pk_field_find(name, NULL, NULL), NULL, &text);
	if (err)
		return err;
	if (id.state != PK_VALUE_KNOWN || text.state != PK_VALUE_KNOWN) {
		value->state = id.state == PK_VALUE_KNOWN ? text.state : id.state;
		return 0;
	}
	pk_buf_clear(&ctx->buf);
	err = pk_buf_add(&ctx->buf, id.text.data, id.text.len);
	if (!err)
		err = pk_buf_add_char(&ctx->buf, ':');
	if (!err)
		err = pk_buf_add(&ctx->buf, text.text.data, text.text.len);
	if (!err)
		err = pk_facts_put_buf(ctx, value);
	value->partial = text.partial;
	return err;
}

static int hostname(const struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const struct pk_context *context = ctx->view.context;

	pk_facts_put_text(value, (struct pk_text){ context->hostname, context->hostname_bytes });
	return 0;
}

int pk_facts_by_id(struct pk_facts_ctx *ctx, const struct pk_field *field, const char *field_arg,
		   struct pk_value *value)
{
	switch (field->id) {
	case PK_FIELD_BY_SOURCE:
		return -EINVAL;
	case PK_FIELD_EVT_NUM:
		pk_facts_put_uint(value, ctx->event_cnt);
		return 0;
	case PK_FIELD_EVT_ARGS:
	case PK_FIELD_EVT_INFO:
		return pk_facts_args(ctx, value);
	case PK_FIELD_EVT_HOSTNAME:
		return hostname(ctx, value);
	case PK_FIELD_FD_CONTAINERNAME:
		return in_container(ctx, "fd.name", value);
	case PK_FIELD_FD_CONTAINERDIRECTORY:
		return in_container(ctx, "fd.directory", value);
	case PK_FIELD_EVT_IS_OPEN_EXEC:
		open_exec(ctx, value);
		return 0;
	case PK_FIELD_FD_CIP_NAME:
	case PK_FIELD_FD_SIP_NAME:
	case PK_FIELD_FD_LIP_NAME:
	case PK_FIELD_FD_RIP_NAME:
		return pk_facts_host(ctx, field->id, value);
	case PK_FIELD_FD_INO:
	case PK_FIELD_FD_DEV:
	case PK_FIELD_FD_DEV_MAJOR:
	case PK_FIELD_FD_DEV_MINOR:
		file_number(ctx, field->id, value);
		return 0;
	default:
		break;
	}
	if (field->id >= PK_FIELD_CONTAINER_ID && field->id < PK_FIELD_K8S_END)
		return pk_facts_container_by_id(ctx, field, field_arg, value);
	if (field->id < PK_FIELD_EVT_ARGS)
		return pk_facts_time_by_id(ctx, field->id, value);
	if (field->id < PK_FIELD_PROC_AEXE)
		return argument(ctx, field->id, value);
	return pk_facts_proc_by_id(ctx, field, field_arg, value);
}
