/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "exec", "fork" and "exit" members of JSON events.
 */
#include "sinks/json_parts.h"

#define UNSET_ID (~0u)

static const struct pk_json_prefix cwd_prefix = { "cwd_", 4 };
static const struct pk_json_prefix interpreter_prefix = { "interpreter_", 12 };

/* ---- exec ---- */

static void put_args(struct pk_jw *w, struct pk_text args)
{
	const char *p = args.data;
	const char *const end = args.data + args.len;
	size_t array;

	pk_jw_lit(w, ",\"args\":");
	array = pk_jw_open(w);
	while (p < end) {
		const char *nul = memchr(p, '\0', (size_t)(end - p));
		const char *stop = nul ? nul : end;

		*w->p++ = ',';
		pk_jw_string(w, p, (size_t)(stop - p));
		p = stop + 1;
	}
	pk_jw_close_array(w, array);
}

/* The script if there is one, else the binary. */
static void put_image(struct pk_json_job *job, const struct pk_exec_event *exec)
{
	bool script = exec->script.name.len > 0;
	const struct pk_path *path = script ? &exec->script : &exec->exe;
	__u32 dev = script ? exec->script_dev : exec->exe_inode.dev;
	__u64 ino = script ? exec->script_ino : exec->exe_inode.ino;
	struct pk_jw *w = &job->w;

	pk_json_path(job, &pk_json_no_prefix, path, dev);
	pk_json_markers(w, &pk_json_no_prefix, path->flags & ~PK_PATH_DELETED);
	if (path->flags & PK_PATH_DELETED || (!script && exec->exec_flags & PK_EXEC_DELETED))
		pk_jw_field_true(w, "deleted");
	if (exec->exec_flags & PK_EXEC_MEMFD)
		pk_jw_field_true(w, "memfd");
	if (ino) {
		pk_jw_field_u64(w, "inode", ino);
		pk_jw_lit(w, ",\"dev\":");
		pk_jw_dev(w, dev);
	}
	if (exec->exe_inode.mode && !script) {
		pk_jw_lit(w, ",\"mode\":");
		pk_jw_mode(w, exec->exe_inode.mode);
	}
	if (script && exec->exe.name.len) {
		pk_jw_field_text(w, "interpreter", pk_record_path(exec, &exec->exe));
		pk_json_markers(w, &interpreter_prefix, exec->exe.flags);
	}
}

static void put_command(struct pk_json_job *job, const struct pk_exec_event *exec)
{
	struct pk_jw *w = &job->w;

	if (exec->filename.len)
		pk_jw_field_text(w, "filename", pk_record_text(exec, exec->filename));
	put_args(w, pk_record_text(exec, exec->args));
	if (exec->exec_flags & PK_EXEC_ARGS_TRUNCATED) {
		pk_jw_field_true(w, "args_truncated");
		pk_jw_field_u64(w, "args_bytes", exec->args_bytes);
	}
	if (exec->exec_flags & PK_EXEC_ARGS_UNREADABLE)
		pk_jw_field_true(w, "args_unreadable");
	if (exec->cwd.name.len)
		pk_jw_field_text(w, "cwd", pk_record_path(exec, &exec->cwd));
	pk_json_markers(w, &cwd_prefix, exec->cwd.flags);
}

static void put_capabilities(struct pk_jw *w, const struct pk_exec_event *exec)
{
	pk_jw_lit(w, ",\"cap_effective\":");
	pk_jw_hex64(w, exec->cap_effective);
	if (exec->cap_permitted != exec->cap_effective) {
		pk_jw_lit(w, ",\"cap_permitted\":");
		pk_jw_hex64(w, exec->cap_permitted);
	}
	if (exec->cap_inheritable) {
		pk_jw_lit(w, ",\"cap_inheritable\":");
		pk_jw_hex64(w, exec->cap_inheritable);
	}
}

static void put_credentials(struct pk_jw *w, const struct pk_exec_event *exec)
{
	if (exec->exec_flags & PK_EXEC_SECURE)
		pk_jw_field_true(w, "secure");
	if (exec->suid != exec->head.euid)
		pk_jw_field_u64(w, "suid", exec->suid);
	if (exec->sgid != exec->head.egid)
		pk_jw_field_u64(w, "sgid", exec->sgid);
	if (exec->fsuid != exec->head.euid)
		pk_jw_field_u64(w, "fsuid", exec->fsuid);
	if (exec->fsgid != exec->head.egid)
		pk_jw_field_u64(w, "fsgid", exec->fsgid);
	if (exec->login_uid != UNSET_ID)
		pk_jw_field_u64(w, "login_uid", exec->login_uid);
	if (exec->session_id != UNSET_ID)
		pk_jw_field_u64(w, "audit_session", exec->session_id);
	put_capabilities(w, exec);
}

static void put_session(struct pk_jw *w, const struct pk_exec_event *exec)
{
	char tty[PK_TTY_NAME_MAX];

	if (exec->tty) {
		pk_tty_name(exec->tty, tty);
		pk_json_field_name(w, "tty", tty);
	}
	pk_jw_field_u64(w, "sid", exec->sid);
	pk_jw_field_u64(w, "pgid", exec->pgid);
}

/* Only outside the host's mount namespace, where they tell one container from another. */
static void put_namespaces(struct pk_json_job *job, const struct pk_exec_event *exec)
{
	struct pk_jw *w = &job->w;
	size_t object;

	if (!exec->head.mnt_ns || exec->head.mnt_ns == job->view->context->host_mnt_ns)
		return;
	pk_jw_lit(w, ",\"namespaces\":");
	object = pk_jw_open(w);
	pk_jw_field_u64(w, "pid", exec->pid_ns);
	pk_jw_field_u64(w, "net", exec->net_ns);
	pk_jw_field_u64(w, "user", exec->user_ns);
	pk_jw_field_u64(w, "cgroup", exec->cgroup_ns);
	pk_jw_close_object(w, object);
}

static void put_ancestors(struct pk_json_job *job)
{
	const struct pk_view *view = job->view;
	const struct pk_node *node = view->process;
	struct pk_jw *w = &job->w;
	size_t array;

	pk_jw_lit(w, ",\"ancestors\":");
	array = pk_jw_open(w);
	for (__u32 i = 0; node && i < PK_MAX_ANCESTORS; i++) {
		node = pk_tree_parent(view->tree, node);
		if (!node)
			break;
		*w->p++ = ',';
		pk_jw_text(w, pk_node_comm(node));
	}
	pk_jw_close_array(w, array);
}

void pk_json_exec(struct pk_json_job *job)
{
	const struct pk_exec_event *exec = (const struct pk_exec_event *)job->view->event;
	struct pk_jw *w = &job->w;
	size_t object;

	pk_jw_lit(w, ",\"exec\":");
	object = pk_jw_open(w);
	put_image(job, exec);
	put_command(job, exec);
	put_credentials(w, exec);
	put_session(w, exec);
	put_namespaces(job, exec);
	put_ancestors(job);
	pk_jw_close_object(w, object);
}

/* ---- fork and exit ---- */

void pk_json_fork(struct pk_json_job *job)
{
	const struct pk_fork_event *fork = (const struct pk_fork_event *)job->view->event;
	struct pk_jw *w = &job->w;
	size_t object;

	pk_jw_lit(w, ",\"fork\":");
	object = pk_jw_open(w);
	if (fork->child_exec_id) {
		pk_jw_lit(w, ",\"child_exec_id\":");
		pk_jw_hex64(w, fork->child_exec_id);
	}
	pk_jw_field_u64(w, "child_pid", fork->child_pid);
	if (fork->child_ns_pid != fork->child_pid)
		pk_jw_field_u64(w, "child_ns_pid", fork->child_ns_pid);
	if (fork->child_ppid != fork->head.pid) {
		pk_jw_field_u64(w, "child_ppid", fork->child_ppid);
		pk_jw_lit(w, ",\"child_parent_exec_id\":");
		pk_jw_hex64(w, fork->child_parent_exec_id);
	}
	pk_jw_close_object(w, object);
}

static void put_status(struct pk_jw *w, __u32 status)
{
	__u32 signal = status & 0x7f;

	if (!signal) {
		pk_jw_field_u64(w, "code", status >> 8 & 0xff);
		return;
	}
	pk_jw_field_u64(w, "signal", signal);
	if (pk_signal_name(signal))
		pk_json_field_name(w, "signal_name", pk_signal_name(signal));
	if (status & 0x80)
		pk_jw_field_true(w, "core_dumped");
}

void pk_json_exit(struct pk_json_job *job)
{
	const struct pk_exit_event *exit = (const struct pk_exit_event *)job->view->event;
	struct pk_jw *w = &job->w;
	size_t object;

	pk_jw_lit(w, ",\"exit\":");
	object = pk_jw_open(w);
	put_status(w, exit->status);
	pk_jw_field_u64(w, "user_ns", exit->user_ns);
	pk_jw_field_u64(w, "system_ns", exit->system_ns);
	pk_jw_field_u64(w, "cpu_ns", exit->cpu_ns);
	pk_jw_field_u64(w, "max_rss_kib", exit->max_rss_kib);
	pk_jw_field_u64(w, "minor_faults", exit->minor_faults);
	pk_jw_field_u64(w, "major_faults", exit->major_faults);
	pk_jw_close_object(w, object);
}
