/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc to PK_EVENT_PROC records. Each file of a process may be gone, or refused to us, the moment
 * we ask: stat decides whether there is a process, everything else is filled in if it can be.
 */
#include "stream/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "stream/tree.h"

#define DELETED_SUFFIX " (deleted)"
#define MAX_PID 4194304u /* PID_MAX_LIMIT of 64-bit kernels */

/* Reads at most `text_bytes` - 1 bytes and ends them with a NUL; how many, or -errno. */
static ssize_t read_file_at(int dir_fd, const char *name, char *text, size_t text_bytes)
{
	pk_cleanup(pk_close_p) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	if (fd < 0)
		return -errno;
	while (len < text_bytes - 1) {
		ssize_t got = read(fd, text + len, text_bytes - 1 - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	text[len] = '\0';
	return (ssize_t)len;
}

/* tty_nr of stat has the minor in bits 31-20 and 7-0, the major in 15-8. */
static __u32 tty_from_stat(__u32 number)
{
	return (number >> 8 & 0xff) << 20 | (number >> 20 << 8) | (number & 0xff);
}

int pk_procfs_parse_stat(const char *text, size_t len, struct pk_procfs_stat *ret_stat)
{
	struct pk_procfs_stat stat = { 0 };
	const char *open = memchr(text, '(', len);
	const char *close = memrchr(text, ')', len);
	char rest[512];
	size_t comm_bytes;
	size_t rest_bytes;
	int tty;

	if (!open || !close || close < open)
		return -EBADMSG;
	comm_bytes = (size_t)(close - open - 1);
	memcpy(stat.comm, open + 1, comm_bytes < PK_COMM_LEN ? comm_bytes : PK_COMM_LEN - 1);
	rest_bytes = len - (size_t)(close + 1 - text);
	if (rest_bytes >= sizeof(rest))
		rest_bytes = sizeof(rest) - 1;
	memcpy(rest, close + 1, rest_bytes);
	rest[rest_bytes] = '\0';
	if (sscanf(rest,
		   " %*c %u %u %u %d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
		   &stat.ppid, &stat.pgid, &stat.sid, &tty, &stat.start_ticks) != 5)
		return -EBADMSG;
	stat.tty = tty_from_stat((__u32)tty);
	*ret_stat = stat;
	return 0;
}

static int read_stat(int dir_fd, struct pk_procfs_stat *ret_stat)
{
	char text[1024];
	ssize_t len = read_file_at(dir_fd, "stat", text, sizeof(text));

	return len < 0 ? (int)len : pk_procfs_parse_stat(text, (size_t)len, ret_stat);
}

static int open_proc(__u32 pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u", pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_stat_of(__u32 pid, struct pk_procfs_stat *ret_stat)
{
	pk_cleanup(pk_close_p) int dir_fd = open_proc(pid);

	return dir_fd < 0 ? dir_fd : read_stat(dir_fd, ret_stat);
}

/* ---- filling in one record ---- */

static __u64 rounded_exec_id(__u32 pid, __u64 start_ticks)
{
	return start_ticks * PK_TICK_NS ^ (__u64)pid << 42;
}

static const char *status_line(const char *status, const char *key)
{
	const char *line = strstr(status, key);

	return line ? line + strlen(key) : NULL;
}

static __u64 status_hex(const char *status, const char *key)
{
	const char *line = status_line(status, key);
	unsigned long long value;

	return line && sscanf(line, "%llx", &value) == 1 ? value : 0;
}

/* The number in the innermost pid namespace is the last one of the line. */
static __u32 innermost_pid(const char *line)
{
	__u32 pid = 0;
	int used;

	while (sscanf(line, "%*[\t ]%u%n", &pid, &used) == 1)
		line += used;
	return pid;
}

/* Keys are looked for behind a newline: the name in the first line has its newlines escaped. */
static void fill_status(int dir_fd, struct pk_exec_event *proc)
{
	char status[4096];
	const char *line;

	if (read_file_at(dir_fd, "status", status, sizeof(status)) < 0)
		return;
	line = status_line(status, "\nUid:");
	if (line)
		sscanf(line, "%u %u %u %u", &proc->head.uid, &proc->head.euid, &proc->suid,
		       &proc->fsuid);
	line = status_line(status, "\nGid:");
	if (line)
		sscanf(line, "%u %u %u %u", &proc->head.gid, &proc->head.egid, &proc->sgid,
		       &proc->fsgid);
	line = status_line(status, "\nNSpid:");
	if (line)
		proc->head.ns_pid = innermost_pid(line);
	proc->cap_inheritable = status_hex(status, "\nCapInh:");
	proc->cap_permitted = status_hex(status, "\nCapPrm:");
	proc->cap_effective = status_hex(status, "\nCapEff:");
}

static __u32 read_number(int dir_fd, const char *name, __u32 otherwise)
{
	char text[32];
	unsigned int number;

	if (read_file_at(dir_fd, name, text, sizeof(text)) < 0 || sscanf(text, "%u", &number) != 1)
		return otherwise;
	return number;
}

static __u32 ns_inode(int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, 0) < 0 ? 0 : (__u32)st.st_ino;
}

static void fill_namespaces(int dir_fd, struct pk_exec_event *proc)
{
	proc->head.mnt_ns = ns_inode(dir_fd, "ns/mnt");
	proc->pid_ns = ns_inode(dir_fd, "ns/pid");
	proc->net_ns = ns_inode(dir_fd, "ns/net");
	proc->user_ns = ns_inode(dir_fd, "ns/user");
	proc->cgroup_ns = ns_inode(dir_fd, "ns/cgroup");
}

/* Links of /proc are resolved up to the root of the process's mount namespace. */
static size_t read_link(int dir_fd, const char *name, char *text, size_t text_bytes)
{
	ssize_t len = readlinkat(dir_fd, name, text, text_bytes);

	return len < 0 ? 0 : (size_t)len;
}

static size_t strip_deleted(const char *text, size_t len)
{
	const size_t suffix = sizeof(DELETED_SUFFIX) - 1;

	if (len > suffix && memcmp(text + len - suffix, DELETED_SUFFIX, suffix) == 0)
		return len - suffix;
	return len;
}

static void set_root_off(struct pk_path *path, const char *name, size_t len, const char *root,
			 size_t root_len)
{
	if (root_len <= 1)
		return;
	if (len >= root_len && memcmp(name, root, root_len) == 0 &&
	    (len == root_len || name[root_len] == '/'))
		path->root_off = (__u16)root_len;
	else
		path->flags |= PK_PATH_OUTSIDE;
}

static void fill_path(int dir_fd, const char *link, struct pk_record *record, struct pk_path *path)
{
	char root[PATH_MAX];
	char name[PATH_MAX];
	size_t root_len = read_link(dir_fd, "root", root, sizeof(root));
	size_t len = read_link(dir_fd, link, name, sizeof(name));
	size_t kept = strip_deleted(name, len);

	if (!len)
		return;
	if (kept < len)
		path->flags |= PK_PATH_DELETED;
	set_root_off(path, name, kept, root, root_len);
	pk_record_add(record, &path->name, name, kept);
}

static void fill_exe(int dir_fd, struct pk_record *record)
{
	struct pk_exec_event *proc = &record->u.exec;
	struct stat st;

	fill_path(dir_fd, "exe", record, &proc->exe);
	if (!proc->exe.name.len || fstatat(dir_fd, "exe", &st, 0) < 0)
		return;
	proc->exe_inode = (struct pk_inode){
		.ino = st.st_ino,
		.dev = major(st.st_dev) << 20 | minor(st.st_dev),
		.mode = st.st_mode,
		.uid = st.st_uid,
		.gid = st.st_gid,
		.nlink = (__u32)st.st_nlink,
	};
	if (!st.st_nlink)
		proc->exec_flags |= PK_EXEC_DELETED;
}

static void fill_args(int dir_fd, struct pk_record *record)
{
	struct pk_exec_event *proc = &record->u.exec;
	char args[PK_ARGS_MAX + 2];
	ssize_t len = read_file_at(dir_fd, "cmdline", args, sizeof(args));

	if (len <= 0)
		return;
	proc->args_bytes = (__u32)len;
	if (len > (ssize_t)PK_ARGS_MAX) {
		len = PK_ARGS_MAX;
		proc->exec_flags |= PK_EXEC_ARGS_TRUNCATED;
	}
	pk_record_add(record, &proc->args, args, (size_t)len);
}

static void fill_parent(struct pk_exec_event *proc, __u32 ppid)
{
	struct pk_procfs_stat parent;

	proc->head.ppid = ppid;
	if (ppid && read_stat_of(ppid, &parent) == 0)
		proc->head.parent_exec_id = rounded_exec_id(ppid, parent.start_ticks);
}

static void fill_record(int dir_fd, __u32 pid, const struct pk_procfs_stat *stat,
			struct pk_record *record)
{
	struct pk_exec_event *proc = &record->u.exec;

	pk_record_init(record, PK_EVENT_PROC);
	proc->head.exec_id = rounded_exec_id(pid, stat->start_ticks);
	proc->head.pid = pid;
	proc->head.tid = pid;
	proc->head.ns_pid = pid;
	memcpy(proc->head.comm, stat->comm, sizeof(proc->head.comm));
	proc->pgid = stat->pgid;
	proc->sid = stat->sid;
	proc->tty = stat->tty;
	fill_parent(proc, stat->ppid);
	fill_status(dir_fd, proc);
	fill_namespaces(dir_fd, proc);
	proc->login_uid = read_number(dir_fd, "loginuid", ~0u);
	proc->session_id = read_number(dir_fd, "sessionid", ~0u);
	fill_exe(dir_fd, record);
	fill_path(dir_fd, "cwd", record, &proc->cwd);
	fill_args(dir_fd, record);
}

/* The exec_id in question is the one that /proc can tell, or the exact one of that process. */
static int check_exec_id(__u64 exec_id, __u32 pid, const struct pk_procfs_stat *stat)
{
	__u64 start = exec_id ^ (__u64)pid << 42;

	if (exec_id && start / PK_TICK_NS != stat->start_ticks)
		return -ESRCH;
	return 0;
}

static int emit_proc(__u32 pid, __u64 exec_id, struct pk_record *record, pk_emit_fn *emit,
		     void *ctx)
{
	pk_cleanup(pk_close_p) int dir_fd = open_proc(pid);
	struct pk_procfs_stat before;

	if (dir_fd < 0)
		return dir_fd == -ENOENT ? -ESRCH : dir_fd;
	/* The directory stays with its process: a new one with the same pid makes reads fail. */
	if (read_stat(dir_fd, &before) < 0 || check_exec_id(exec_id, pid, &before) < 0)
		return -ESRCH;
	fill_record(dir_fd, pid, &before, record);
	if (exec_id)
		record->u.event.exec_id = exec_id;
	return emit(ctx, &record->u, pk_record_finish(record));
}

int pk_procfs_one(__u32 pid, __u64 exec_id, pk_emit_fn *emit, void *ctx)
{
	pk_cleanup(pk_free_p) struct pk_record *record = malloc(sizeof(*record));

	return record ? emit_proc(pid, exec_id, record, emit, ctx) : -ENOMEM;
}

/* ---- all of them ---- */

struct found {
	__u64 start_ticks;
	__u32 pid;
	__u32 pad0;
};

static int older_first(const void *a, const void *b)
{
	const struct found *x = a;
	const struct found *y = b;

	if (x->start_ticks != y->start_ticks)
		return x->start_ticks < y->start_ticks ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static __u32 parse_pid(const char *name)
{
	__u32 pid = 0;

	for (; *name >= '0' && *name <= '9' && pid <= MAX_PID; name++)
		pid = pid * 10 + (__u32)(*name - '0');
	return *name || pid > MAX_PID ? 0 : pid;
}

/* Fills `ret_list` with struct found, parents before children. */
static int list_processes(struct pk_buf *ret_list)
{
	pk_cleanup(pk_closedir_p) DIR *dir = opendir("/proc");
	const struct dirent *entry;

	if (!dir)
		return -errno;
	while ((errno = 0, entry = readdir(dir))) {
		struct found found = { .pid = parse_pid(entry->d_name) };
		struct pk_procfs_stat stat;
		int err;

		if (!found.pid || read_stat_of(found.pid, &stat) < 0)
			continue;
		found.start_ticks = stat.start_ticks;
		err = pk_buf_add(ret_list, &found, sizeof(found));
		if (err)
			return err;
	}
	if (errno)
		return -errno;
	if (ret_list->len_bytes)
		qsort(ret_list->data, ret_list->len_bytes / sizeof(struct found),
		      sizeof(struct found), older_first);
	return 0;
}

int pk_procfs_snapshot(pk_emit_fn *emit, void *ctx)
{
	pk_cleanup(pk_free_p) struct pk_record *record = malloc(sizeof(*record));
	pk_buf_cleanup struct pk_buf list = PK_BUF_INIT;
	int err;

	if (!record)
		return -ENOMEM;
	err = list_processes(&list);
	for (size_t i = 0; !err && i < list.len_bytes / sizeof(struct found); i++) {
		const struct found *found = (const struct found *)list.data + i;

		err = emit_proc(found->pid, rounded_exec_id(found->pid, found->start_ticks), record,
				emit, ctx);
		if (err == -ESRCH || err == -EACCES)
			err = 0;
	}
	return err;
}
