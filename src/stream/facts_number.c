// SPDX-License-Identifier: Apache-2.0
/*
 * Numbers by enum pk_num.
 */
#include <string.h>

#include "stream/facts_internal.h"

static enum pk_value_state known(uint64_t number, uint64_t *ret_number)
{
	*ret_number = number;
	return PK_VALUE_KNOWN;
}

static enum pk_value_state of_head(const struct pk_facts_ctx *ctx, uint32_t num,
				   uint64_t *ret_number)
{
	const struct pk_event *event = ctx->view.event;

	switch (num) {
	case PK_NUM_UID:
		return known(event->euid, ret_number);
	case PK_NUM_GID:
		return known(event->egid, ret_number);
	case PK_NUM_RUID:
		return known(event->uid, ret_number);
	case PK_NUM_RGID:
		return known(event->gid, ret_number);
	case PK_NUM_PID:
		return known(event->pid, ret_number);
	case PK_NUM_TID:
		return known(event->tid, ret_number);
	case PK_NUM_PPID:
		return known(event->ppid, ret_number);
	case PK_NUM_VPID:
		return known(event->ns_pid, ret_number);
	case PK_NUM_EVENT_FLAGS:
		return known(event->flags, ret_number);
	default:
		if (!ctx->view.context->host_mnt_ns)
			return PK_VALUE_UNKNOWN;
		return known(event->mnt_ns == ctx->view.context->host_mnt_ns, ret_number);
	}
}

/* Two bits of the head: it is known, it is so. */
static enum pk_value_state of_flags(const struct pk_facts_ctx *ctx, uint32_t known_bit,
				    uint64_t *ret_number)
{
	uint32_t flags = ctx->view.event->flags;

	if (!(flags & known_bit))
		return PK_VALUE_UNKNOWN;
	return known((flags & known_bit << 1) != 0, ret_number);
}

static enum pk_value_state of_escape(const struct pk_facts_ctx *ctx, uint32_t num,
				     uint64_t *ret_number)
{
	switch (num) {
	case PK_NUM_NS_ESCAPED:
		return of_flags(ctx, PK_FLAG_NS_KNOWN, ret_number);
	case PK_NUM_FD_OUTSIDE:
		return of_flags(ctx, PK_FLAG_FD_KNOWN, ret_number);
	case PK_NUM_CAPS_GAINED:
		return of_flags(ctx, PK_FLAG_CAPS_KNOWN, ret_number);
	case PK_NUM_EXE_RUNTIME:
		return of_flags(ctx, PK_FLAG_EXE_RUNTIME_KNOWN, ret_number);
	case PK_NUM_CREDS:
		return of_flags(ctx, PK_FLAG_CREDS_KNOWN, ret_number);
	default:
		return of_flags(ctx, PK_FLAG_FD_RUNTIME_KNOWN, ret_number);
	}
}

/* Since the exec a process may have changed all of these; nobody tells. */
static enum pk_value_state of_process(const struct pk_facts_ctx *ctx, uint32_t num,
				      uint64_t *ret_number)
{
	struct pk_who who;

	pk_facts_own(ctx, &who);
	if (!who.has_image)
		return PK_VALUE_UNKNOWN;
	switch (num) {
	case PK_NUM_LOGINUID:
		return known(who.login_uid, ret_number);
	case PK_NUM_SID:
		return known(who.sid, ret_number);
	case PK_NUM_TTY:
		return known(who.tty, ret_number);
	case PK_NUM_CAP_EFFECTIVE:
		return known(who.cap_effective, ret_number);
	case PK_NUM_CAP_PERMITTED:
		return known(who.cap_permitted, ret_number);
	case PK_NUM_CAP_INHERITABLE:
		return known(who.cap_inheritable, ret_number);
	case PK_NUM_EXE_UPPER:
		if (!(who.exec_flags & (PK_EXEC_UPPER | PK_EXEC_LOWER)))
			return PK_VALUE_UNKNOWN;
		return known((who.exec_flags & PK_EXEC_UPPER) != 0, ret_number);
	default:
		return known(who.exec_flags, ret_number);
	}
}

static enum pk_value_state age(const struct pk_facts_ctx *ctx, uint64_t *ret_number)
{
	const struct pk_event *event = ctx->view.event;
	uint64_t start_ns = event->exec_id ^ (uint64_t)event->pid << 42;

	if (!event->exec_id)
		return PK_VALUE_UNKNOWN;
	return known(event->time_ns > start_ns ? event->time_ns - start_ns : 0, ret_number);
}

static enum pk_value_state tags(const struct pk_facts_ctx *ctx, uint32_t num, uint64_t *ret_number)
{
	const struct pk_event *event = ctx->view.event;
	struct pk_judgement judgement;

	if (event->judgement.len < sizeof(judgement))
		return PK_VALUE_UNKNOWN;
	memcpy(&judgement, (const char *)event + event->judgement.off, sizeof(judgement));
	return known(num == PK_NUM_TAGS ? judgement.tags : judgement.container_tags, ret_number);
}

static enum pk_value_state mode(const struct pk_file_event *file, uint64_t *ret_number)
{
	switch (file->head.kind) {
	case PK_EVENT_OPEN:
		if (!(file->file_flags & (PK_FILE_CREATED | PK_FILE_TMPFILE)))
			return PK_VALUE_MISSING;
		break;
	case PK_EVENT_MKDIR:
	case PK_EVENT_MKNOD:
	case PK_EVENT_CHMOD:
		break;
	default:
		return PK_VALUE_MISSING;
	}
	return known(file->mode, ret_number);
}

static enum pk_value_state of_file(const struct pk_facts_ctx *ctx, uint32_t num,
				   uint64_t *ret_number)
{
	const struct pk_file_event *file = (const struct pk_file_event *)ctx->view.event;
	bool has_inode = file->inode.ino || file->inode.mode;

	switch (num) {
	case PK_NUM_FLAGS:
		if (file->head.kind != PK_EVENT_OPEN && file->head.kind != PK_EVENT_RENAME)
			return PK_VALUE_MISSING;
		return known(file->open_flags, ret_number);
	case PK_NUM_MODE:
		return mode(file, ret_number);
	case PK_NUM_FILE_FLAGS:
		return known(file->file_flags, ret_number);
	default:
		break;
	}
	if (!has_inode)
		return PK_VALUE_UNKNOWN;
	switch (num) {
	case PK_NUM_FILE_MODE:
		return known(file->inode.mode, ret_number);
	case PK_NUM_FILE_UID:
		return known(file->inode.uid, ret_number);
	case PK_NUM_INO:
		return known(file->inode.ino, ret_number);
	case PK_NUM_DEVICE:
		return known(pk_char_device(file->inode.mode, file->inode.rdev), ret_number);
	default:
		return known(file->inode.dev, ret_number);
	}
}

static enum pk_value_state of_socket(const struct pk_facts_ctx *ctx, uint32_t num,
				     uint64_t *ret_number)
{
	const struct pk_net_event *net = (const struct pk_net_event *)ctx->view.event;

	switch (num) {
	case PK_NUM_FAMILY:
		return known(net->family, ret_number);
	case PK_NUM_SOCK_TYPE:
		return known(net->sock_type, ret_number);
	default:
		return known(net->protocol, ret_number);
	}
}

static enum pk_value_state of_system(const struct pk_facts_ctx *ctx, uint32_t num,
				     uint64_t *ret_number)
{
	const struct pk_sys_event *sys = (const struct pk_sys_event *)ctx->view.event;

	if (ctx->view.event->kind == PK_EVENT_DUP && num == PK_NUM_ARG0)
		return known(((const struct pk_net_event *)sys)->new_fd, ret_number);
	if (!pk_facts_is_sys(ctx->view.event))
		return PK_VALUE_MISSING;
	if (num == PK_NUM_TARGET_PID || num == PK_NUM_TARGET_UID) {
		if (!sys->target_pid)
			return PK_VALUE_MISSING;
		return known(num == PK_NUM_TARGET_PID ? sys->target_pid : sys->target_uid,
			     ret_number);
	}
	if (sys->sys_flags & PK_SYS_ARG_UNKNOWN(num - PK_NUM_ARG0))
		return PK_VALUE_UNKNOWN;
	return known(sys->arg[num - PK_NUM_ARG0], ret_number);
}

enum pk_value_state pk_facts_number(const struct pk_facts_ctx *ctx, uint32_t num,
				    uint64_t *ret_number)
{
	*ret_number = 0;
	switch (num) {
	case PK_NUM_LOGINUID:
	case PK_NUM_SID:
	case PK_NUM_TTY:
	case PK_NUM_CAP_EFFECTIVE:
	case PK_NUM_CAP_PERMITTED:
	case PK_NUM_CAP_INHERITABLE:
	case PK_NUM_EXE_FLAGS:
	case PK_NUM_EXE_UPPER:
		return of_process(ctx, num, ret_number);
	case PK_NUM_NS_ESCAPED:
	case PK_NUM_FD_OUTSIDE:
	case PK_NUM_CAPS_GAINED:
	case PK_NUM_EXE_RUNTIME:
	case PK_NUM_FD_RUNTIME:
	case PK_NUM_CREDS:
		return of_escape(ctx, num, ret_number);
	case PK_NUM_AGE_NS:
		return age(ctx, ret_number);
	case PK_NUM_TAGS:
	case PK_NUM_CTAGS:
		return tags(ctx, num, ret_number);
	case PK_NUM_FLAGS:
	case PK_NUM_MODE:
	case PK_NUM_FILE_MODE:
	case PK_NUM_FILE_UID:
	case PK_NUM_INO:
	case PK_NUM_DEV:
	case PK_NUM_DEVICE:
	case PK_NUM_FILE_FLAGS:
		return pk_facts_is_file(ctx->view.event) ? of_file(ctx, num, ret_number) :
							   PK_VALUE_MISSING;
	case PK_NUM_FAMILY:
	case PK_NUM_SOCK_TYPE:
	case PK_NUM_PROTO:
		return pk_facts_is_net(ctx->view.event) ? of_socket(ctx, num, ret_number) :
							  PK_VALUE_MISSING;
	case PK_NUM_ARG0:
	case PK_NUM_ARG1:
	case PK_NUM_ARG2:
	case PK_NUM_ARG3:
	case PK_NUM_ARG4:
	case PK_NUM_ARG5:
	case PK_NUM_TARGET_PID:
	case PK_NUM_TARGET_UID:
		return of_system(ctx, num, ret_number);
	case PK_NUM_LPORT:
	case PK_NUM_RPORT:
		return PK_VALUE_MISSING; /* pk_facts_port() */
	default:
		return of_head(ctx, num, ret_number);
	}
}
