// SPDX-License-Identifier: Apache-2.0
/*
 * Who a field is about: the process that acts, its parent, ancestors, leaders of its session and group.
 */
#include <string.h>

#include "stream/facts_internal.h"

static void from_node(const struct pk_node *node, struct pk_who *ret_who)
{
	const struct pk_image *image = node->image;

	*ret_who = (struct pk_who){ .state = PK_VALUE_KNOWN,
				    .node = node,
				    .name = pk_node_name(node) };
	if (!image)
		return;
	ret_who->has_image = true;
	ret_who->exe = pk_node_exe(node);
	ret_who->args = pk_node_args(node);
	ret_who->script = pk_node_script(node);
	ret_who->exec_flags = image->exec_flags;
	ret_who->exe_flags = image->exe_flags;
	ret_who->script_flags = image->script_flags;
	ret_who->login_uid = image->login_uid;
	ret_who->tty = image->tty;
	ret_who->sid = image->sid;
	ret_who->pgid = image->pgid;
	ret_who->exe_ino = image->exe_ino;
	ret_who->cap_permitted = image->cap_permitted;
	ret_who->cap_effective = image->cap_effective;
	ret_who->cap_inheritable = image->cap_inheritable;
}

static void from_exec(const struct pk_exec_event *exec, const struct pk_node *node,
		      struct pk_who *ret_who)
{
	*ret_who = (struct pk_who){
		.state = PK_VALUE_KNOWN,
		.node = node,
		.has_image = true,
		.name = pk_record_comm(&exec->head),
		.exe = pk_record_path(exec, &exec->exe),
		.args = pk_record_text(exec, exec->args),
		.script = pk_record_path(exec, &exec->script),
		.exec_flags = exec->exec_flags,
		.exe_flags = exec->exe.flags,
		.script_flags = exec->script.flags,
		.args_bytes = exec->args_bytes,
		.login_uid = exec->login_uid,
		.tty = exec->tty,
		.sid = exec->sid,
		.pgid = exec->pgid,
		.exe_ino = exec->exe_inode.ino,
		.cap_permitted = exec->cap_permitted,
		.cap_effective = exec->cap_effective,
		.cap_inheritable = exec->cap_inheritable,
	};
}

static void from_node_or_unknown(const struct pk_node *node, struct pk_who *ret_who)
{
	if (node)
		from_node(node, ret_who);
	else
		*ret_who = (struct pk_who){ .state = PK_VALUE_UNKNOWN };
}

void pk_facts_own(const struct pk_facts_ctx *ctx, struct pk_who *ret_who)
{
	const struct pk_event *event = ctx->view.event;

	if (event->kind == PK_EVENT_EXEC || event->kind == PK_EVENT_PROC)
		from_exec((const struct pk_exec_event *)event, ctx->view.process, ret_who);
	else
		from_node_or_unknown(ctx->view.process, ret_who);
}

void pk_facts_parent(const struct pk_facts_ctx *ctx, struct pk_who *ret_who)
{
	if (!ctx->view.event->ppid)
		*ret_who = (struct pk_who){ .state = PK_VALUE_MISSING };
	else
		from_node_or_unknown(ctx->view.parent, ret_who);
}

void pk_facts_ancestor(const struct pk_facts_ctx *ctx, uint32_t depth, struct pk_who *ret_who)
{
	const struct pk_node *node;

	if (!depth) {
		pk_facts_own(ctx, ret_who);
		return;
	}
	pk_facts_parent(ctx, ret_who);
	while (--depth && ret_who->state == PK_VALUE_KNOWN) {
		node = ret_who->node;
		if (!node->ppid) {
			*ret_who = (struct pk_who){ .state = PK_VALUE_MISSING };
			return;
		}
		from_node_or_unknown(pk_tree_parent(ctx->view.tree, node), ret_who);
	}
}

void pk_facts_by_pid(const struct pk_facts_ctx *ctx, uint32_t pid, struct pk_who *ret_who)
{
	if (pid == ctx->view.event->pid)
		pk_facts_own(ctx, ret_who);
	else
		from_node_or_unknown(pk_tree_get_pid(ctx->view.tree, pid), ret_who);
}
