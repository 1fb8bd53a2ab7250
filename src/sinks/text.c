/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events for the eye. Columns: local time, pid, process name, event, what it was done to. Every
 * string that an observed process could choose goes through pk_text_visible().
 */
#include "sinks/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "sinks/json_writer.h"
#include "stream/names.h"

#define NAME_COLUMNS 15
#define KIND_COLUMNS 8

#define DIM "2"
#define BOLD "1"
#define RED "31"
#define LOUD "1;31"
#define GREEN "32"
#define YELLOW "33"
#define CYAN "36"
#define MAGENTA "35"

/* One line being built; the first error sticks and the line is dropped. */
struct line {
	struct pk_buf *out;
	struct pk_text_style *style;
	const struct pk_view *view;
	int err;
};

static void put(struct line *line, const char *text)
{
	if (!line->err)
		line->err = pk_buf_add_str(line->out, text);
}

static void __attribute__((format(printf, 2, 3))) putf(struct line *line, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(line, text);
}

static void put_visible(struct line *line, struct pk_text text)
{
	if (!line->err)
		line->err = pk_text_visible(line->out, text.data, text.len);
}

static void color(struct line *line, const char *code)
{
	if (line->style->color)
		putf(line, "\033[%sm", code);
}

static void plain(struct line *line)
{
	color(line, "0");
}

/* ---- strings of observed processes ---- */

static bool needs_quotes(struct pk_text arg)
{
	for (size_t i = 0; i < arg.len; i++) {
		if (strchr(" \t\n'\"\\$`*?;&|<>(){}[]#!~", arg.data[i]) && arg.data[i])
			return true;
	}
	return arg.len == 0;
}

/* As one would type it in a shell; a single quote inside becomes '\''. */
static void put_arg(struct line *line, struct pk_text arg)
{
	const char *const end = arg.data + arg.len;

	if (!needs_quotes(arg)) {
		put_visible(line, arg);
		return;
	}
	put(line, "'");
	for (const char *p = arg.data; p < end;) {
		const char *quote = memchr(p, '\'', (size_t)(end - p));
		const char *stop = quote ? quote : end;

		put_visible(line, (struct pk_text){ p, (size_t)(stop - p) });
		if (quote)
			put(line, "'\\''");
		p = quote ? quote + 1 : end;
	}
	put(line, "'");
}

/* ---- paths ---- */

static void put_note(struct line *line, bool condition, const char *note)
{
	if (!condition)
		return;
	color(line, DIM);
	putf(line, " [%s]", note);
	plain(line);
}

static void put_path_notes(struct line *line, __u32 flags)
{
	put_note(line, flags & PK_PATH_OUTSIDE, "outside root");
	put_note(line, flags & PK_PATH_DELETED, "deleted");
	put_note(line, flags & PK_PATH_ARGUMENT, "unresolved");
	put_note(line, flags & PK_PATH_UNREADABLE, "unreadable");
}

static void put_path(struct line *line, const struct pk_path *path)
{
	struct pk_text name = pk_record_path(line->view->event, path);

	if (path->flags & PK_PATH_TRUNCATED)
		put(line, "...");
	if (name.len)
		put_visible(line, name);
	else
		put(line, "?");
	put_path_notes(line, path->flags);
}

/* ---- process events ---- */

/* All arguments but the first, for which the path stands. */
static void put_args(struct line *line, struct pk_text args)
{
	const char *p = args.data;
	const char *const end = args.data + args.len;

	for (int i = 0; p < end; i++) {
		const char *nul = memchr(p, '\0', (size_t)(end - p));
		const char *stop = nul ? nul : end;

		if (i) {
			put(line, " ");
			put_arg(line, (struct pk_text){ p, (size_t)(stop - p) });
		}
		p = stop + 1;
	}
}

static struct pk_text base_name(struct pk_text path)
{
	const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;

	if (!slash)
		return path;
	return (struct pk_text){ slash + 1, path.len - (size_t)(slash + 1 - path.data) };
}

/* The name that a program was called by, when it is another than its file's: busybox, spoofing. */
static void put_called(struct line *line, const struct pk_exec_event *exec)
{
	struct pk_text args = pk_record_text(exec, exec->args);
	struct pk_text called = { args.data, strnlen(args.data, args.len) };
	struct pk_text file = base_name(pk_record_text(exec, exec->exe.name));
	struct pk_text name = base_name(called);

	if (name.len == file.len && !memcmp(name.data, file.data, name.len))
		return;
	if (!called.len)
		return;
	put(line, " (");
	put_visible(line, called);
	put(line, ")");
}

static void put_exec(struct line *line)
{
	const struct pk_exec_event *exec = (const struct pk_exec_event *)line->view->event;
	bool script = exec->script.name.len > 0;

	put_path(line, script ? &exec->script : &exec->exe);
	if (!script)
		put_called(line, exec);
	put_args(line, pk_record_text(exec, exec->args));
	if (exec->exec_flags & PK_EXEC_ARGS_TRUNCATED)
		put(line, " ...");
	put_note(line, exec->exec_flags & PK_EXEC_ARGS_UNREADABLE, "arguments unreadable");
	put_note(line, exec->exec_flags & PK_EXEC_MEMFD, "memfd");
	put_note(line,
		 exec->exec_flags & PK_EXEC_DELETED && !script &&
			 !(exec->exe.flags & PK_PATH_DELETED),
		 "deleted");
	put_note(line, exec->exec_flags & PK_EXEC_SECURE, "secure");
}

static void put_fork(struct line *line)
{
	const struct pk_fork_event *fork = (const struct pk_fork_event *)line->view->event;

	putf(line, "child %u", fork->child_pid);
	if (fork->child_ppid != fork->head.pid)
		putf(line, " of %u", fork->child_ppid);
}

static void put_exit(struct line *line)
{
	const struct pk_exit_event *exit = (const struct pk_exit_event *)line->view->event;
	__u32 signal = exit->status & 0x7f;

	if (exit->status)
		color(line, RED);
	if (!signal)
		putf(line, "code %u", exit->status >> 8 & 0xff);
	else if (pk_signal_name(signal))
		putf(line, "killed by %s", pk_signal_name(signal));
	else
		putf(line, "killed by signal %u", signal);
	if (signal && exit->status & 0x80)
		put(line, ", core dumped");
	if (exit->status)
		plain(line);
}

/* ---- file events ---- */

static void put_flag_names(struct line *line, __u32 flags, const struct pk_flag_name *names,
			   const char *separator)
{
	for (; names->name; names++) {
		if ((flags & names->bits) != names->bits)
			continue;
		putf(line, "%s%s", separator, names->name);
		separator = "|";
		flags &= ~names->bits;
	}
}

static void put_open(struct line *line, const struct pk_file_event *file)
{
	color(line, DIM);
	putf(line, " %s", pk_open_access_name(file->open_flags));
	put_flag_names(line, file->open_flags, pk_open_flag_names, "|");
	plain(line);
	put_note(line, file->file_flags & PK_FILE_CREATED, "created");
}

static void put_mknod(struct line *line, const struct pk_file_event *file)
{
	putf(line, " %s", pk_file_type_name(file->inode.mode));
	if (S_ISCHR(file->inode.mode) || S_ISBLK(file->inode.mode))
		putf(line, " %u:%u", file->inode.rdev >> 20, file->inode.rdev & 0xfffff);
}

static void put_file(struct line *line)
{
	const struct pk_file_event *file = (const struct pk_file_event *)line->view->event;

	put_path(line, &file->path);
	switch (file->head.kind) {
	case PK_EVENT_OPEN:
		put_open(line, file);
		break;
	case PK_EVENT_RENAME:
	case PK_EVENT_LINK:
		put(line, " -> ");
		put_path(line, &file->path2);
		put_flag_names(line, file->open_flags, pk_rename_flag_names, " ");
		break;
	case PK_EVENT_SYMLINK:
		put(line, " -> ");
		put_visible(line, pk_record_text(file, file->target));
		break;
	case PK_EVENT_MKNOD:
		put_mknod(line, file);
		break;
	case PK_EVENT_MKDIR:
	case PK_EVENT_CHMOD:
		putf(line, " %04o", file->mode & 07777);
		break;
	case PK_EVENT_CHOWN:
		if (file->old_uid != PK_OWNER_UNKNOWN)
			putf(line, " %u:%u ->", file->old_uid, file->old_gid);
		putf(line, " %u:%u", file->inode.uid, file->inode.gid);
		break;
	case PK_EVENT_TRUNCATE:
		putf(line, " to %llu bytes", (unsigned long long)file->size_bytes);
		break;
	default:
		break;
	}
}

/* ---- network events ---- */

static void put_address(struct line *line, __u32 family, const __u8 address[16], __u16 port)
{
	struct pk_jw w;

	/* The JSON writer knows addresses; its quotes become brackets, or nothing. */
	if (line->err)
		return;
	pk_buf_clear(&line->style->scratch);
	line->err = pk_jw_begin(&w, &line->style->scratch);
	if (line->err)
		return;
	if (family == AF_INET)
		pk_jw_ipv4(&w, address);
	else
		pk_jw_ipv6(&w, address);
	line->err = pk_jw_end(&w);
	if (!line->err)
		putf(line, family == AF_INET ? "%.*s:%u" : "[%.*s]:%u",
		     (int)(line->style->scratch.len_bytes - 2), line->style->scratch.data + 1,
		     port);
}

static void put_inet(struct line *line, const struct pk_net_event *net)
{
	bool local = net->net_flags & PK_NET_HAS_LOCAL;
	bool remote = net->net_flags & PK_NET_HAS_REMOTE;

	if (pk_protocol_name(net->protocol))
		putf(line, "%s ", pk_protocol_name(net->protocol));
	else
		putf(line, "protocol %u ", net->protocol);
	if (local)
		put_address(line, net->family, net->local_addr, net->local_port);
	if (remote)
		putf(line, "%s%s ", local ? " " : "",
		     net->head.kind == PK_EVENT_ACCEPT ? "<-" : "->");
	if (remote)
		put_address(line, net->family, net->remote_addr, net->remote_port);
}

static void put_unix(struct line *line, const struct pk_net_event *net)
{
	struct pk_text name = pk_record_text(net, net->sun_path);

	put(line, "unix ");
	if (net->net_flags & PK_NET_ABSTRACT)
		put(line, "@");
	if (net->net_flags & PK_NET_UNNAMED)
		put(line, "unnamed");
	else if (net->path.name.len && !(net->net_flags & PK_NET_ABSTRACT))
		put_path(line, &net->path);
	else
		put_visible(line, name);
}

static void put_net(struct line *line)
{
	const struct pk_net_event *net = (const struct pk_net_event *)line->view->event;

	if (net->family == AF_INET || net->family == AF_INET6)
		put_inet(line, net);
	else if (net->family == AF_UNIX)
		put_unix(line, net);
	else if (pk_family_name(net->family))
		put(line, pk_family_name(net->family));
	else
		putf(line, "family %u", net->family);
	if (net->head.kind == PK_EVENT_LISTEN)
		putf(line, " backlog %d", net->backlog);
	if (net->head.kind == PK_EVENT_DUP)
		putf(line, " as %u", net->new_fd);
}

/* ---- lines ---- */

static void put_clock(struct line *line)
{
	struct pk_text_style *style = line->style;
	__s64 ns =
		(__s64)(line->view->event->time_ns + (__u64)line->view->context->clock_offset_ns);
	__s64 second = ns / 1000000000;
	__s64 rest = ns % 1000000000;

	if (rest < 0) {
		rest += 1000000000;
		second--;
	}
	if (second != style->second || !style->clock[0]) {
		time_t time = (time_t)second;
		struct tm tm = { 0 };

		localtime_r(&time, &tm);
		snprintf(style->clock, sizeof(style->clock), "%02u:%02u:%02u",
			 (unsigned int)tm.tm_hour % 100, (unsigned int)tm.tm_min % 100,
			 (unsigned int)tm.tm_sec % 100);
		style->second = second;
	}
	color(line, DIM);
	putf(line, "%s.%03d", style->clock, (int)(rest / 1000000));
	plain(line);
}

/* Columns are counted in code points, which is close enough for names of 15 bytes. */
static void put_name(struct line *line, struct pk_text name)
{
	size_t start = line->out->len_bytes;
	int columns = 0;

	put_visible(line, name);
	for (size_t i = start; i < line->out->len_bytes; i++)
		columns += (line->out->data[i] & 0xc0) != 0x80;
	putf(line, "%*s", columns < NAME_COLUMNS ? NAME_COLUMNS - columns : 0, "");
}

static const char *kind_color(__u32 kind)
{
	if (PK_KIND_BIT(kind) & PK_KINDS_PROCESS)
		return GREEN;
	if (PK_KIND_BIT(kind) & PK_KINDS_SYSTEM)
		return MAGENTA;
	return PK_KIND_BIT(kind) & PK_KINDS_NETWORK ? CYAN : YELLOW;
}

static void put_detail(struct line *line)
{
	__u32 kind = line->view->event->kind;

	if (PK_KIND_BIT(kind) & PK_KINDS_FILE)
		put_file(line);
	else if (PK_KIND_BIT(kind) & PK_KINDS_NETWORK)
		put_net(line);
	else if (PK_KIND_BIT(kind) & PK_KINDS_SYSTEM && !line->err)
		line->err = pk_text_system(line->out, line->view);
	else if (kind == PK_EVENT_EXEC)
		put_exec(line);
	else if (kind == PK_EVENT_FORK)
		put_fork(line);
	else if (kind == PK_EVENT_EXIT)
		put_exit(line);
}

static void put_pod(struct line *line, const struct pk_container *container)
{
	if (!container->pod_name.len)
		return;
	put(line, " ");
	put_visible(line, container->pod_namespace);
	put(line, "/");
	put_visible(line, container->pod_name);
}

/* Where it happened, if in a container: its short id, its name and its pod, as far as known. */
static void put_container(struct line *line)
{
	const struct pk_container *container = line->view->container;

	if (!container || !pk_container_is_one(container))
		return;
	color(line, DIM);
	put(line, " [");
	put_visible(line, pk_container_short_id(container));
	if (container->name.len) {
		put(line, " ");
		put_visible(line, container->name);
	}
	put_pod(line, container);
	put(line, line->view->is_helper ? ", its runtime]" : "]");
	plain(line);
}

static void put_event(struct line *line)
{
	const struct pk_event *event = line->view->event;

	put_clock(line);
	putf(line, " %7u ", event->pid);
	color(line, BOLD);
	put_name(line, pk_record_comm(event));
	plain(line);
	put(line, " ");
	color(line, kind_color(event->kind));
	putf(line, "%-*s", KIND_COLUMNS, pk_event_kind_name(event->kind));
	plain(line);
	put(line, " ");
	put_detail(line);
	put_note(line, event->flags & PK_FLAG_IO_URING, "io_uring");
	put_note(line, event->flags & PK_FLAG_FACTS_LOST, "facts lost");
	put_container(line);
}

static void put_start(struct line *line)
{
	const struct pk_start_event *start = (const struct pk_start_event *)line->view->event;

	color(line, DIM);
	if (start->start_flags & PK_START_CLOCK) {
		put(line, "# the clock was set");
	} else {
		put(line, "# picket ");
		put_visible(line, pk_record_text(start, start->version));
		put(line, " on ");
		put_visible(line, pk_record_text(start, start->hostname));
		put(line, ", Linux ");
		put_visible(line, pk_record_text(start, start->kernel));
		putf(line, ", backend %s", pk_backend_name(start->backend));
	}
	plain(line);
}

/* The first reasons lose events, the others only facts of events that are there, or alerts. */
static void put_lost(struct line *line)
{
	const struct pk_lost_event *lost = (const struct pk_lost_event *)line->view->event;
	bool events = lost->reason < PK_LOSS_EVENT_MAX;
	const char *what = events ? "events" : "facts";

	if (lost->reason == PK_LOSS_MATCHES)
		what = "events' further alerts";
	put_clock(line);
	color(line, events ? LOUD : RED);
	putf(line, " *** LOST: %llu %s at %s (%s), %llu in all ***", (unsigned long long)lost->cnt,
	     what, pk_hook_name(lost->lost_hook), pk_loss_name(lost->reason),
	     (unsigned long long)lost->total_cnt);
	plain(line);
}

static void put_stop(struct line *line)
{
	const struct pk_stop_event *stop = (const struct pk_stop_event *)line->view->event;

	color(line, stop->lost_cnt ? LOUD : DIM);
	putf(line, "# %llu events, %llu lost, %llu with facts missing",
	     (unsigned long long)stop->delivered_cnt, (unsigned long long)stop->lost_cnt,
	     (unsigned long long)stop->facts_lost_cnt);
	plain(line);
}

static void put_repeats(struct line *line)
{
	const struct pk_repeats_event *repeats = (const struct pk_repeats_event *)line->view->event;

	color(line, DIM);
	putf(line, "# %llu more of ", (unsigned long long)repeats->cnt);
	if (repeats->rule.len)
		put_visible(line, pk_record_text(repeats, repeats->rule));
	else
		putf(line, "rule %u", repeats->rule_idx);
	putf(line, " by process %u, %s", repeats->head.pid, pk_verdict_name(repeats->head.verdict));
	plain(line);
}

int pk_text_render(struct pk_text_style *style, const struct pk_view *view, struct pk_buf *out)
{
	struct line line = { .out = out, .style = style, .view = view };
	size_t start = out->len_bytes;

	switch (view->event->kind) {
	case PK_EVENT_START:
		put_start(&line);
		break;
	case PK_EVENT_LOST:
		put_lost(&line);
		break;
	case PK_EVENT_STOP:
		put_stop(&line);
		break;
	case PK_EVENT_REPEATS:
		put_repeats(&line);
		break;
	default:
		put_event(&line);
		break;
	}
	put(&line, "\n");
	if (line.err)
		out->len_bytes = start;
	return line.err;
}
