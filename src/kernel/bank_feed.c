// SPDX-License-Identifier: Apache-2.0
/*
 * /proc to struct pk_feed. Texts are put together as the exec sensor does: the command line is the
 * name and the arguments without the first, blanks between.
 */
#include "kernel/bank_feed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

enum state {
	KNOWN = 0,
	MISSING = 1,
	UNKNOWN = 2,
};

#define DELETED_SUFFIX " (deleted)"
#define MEMFD_PREFIX "/memfd:"
#define MAX_PROCS 4194304u /* PID_MAX_LIMIT of 64-bit kernels */
#define AUXV_WORDS 128u

/* Reads at most `max` bytes; how many, or -errno. */
static ssize_t read_file(int dir_fd, const char *name, void *data, size_t max)
{
	pk_cleanup(pk_close_p) int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	if (fd < 0)
		return -errno;
	while (len < max) {
		ssize_t got = read(fd, (char *)data + len, max - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

static int open_proc(__u32 pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u", pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* ---- who is there ---- */

int pk_bank_parse_stat(const char *text, size_t len, struct pk_bank_proc *ret_proc)
{
	const char *open = memchr(text, '(', len);
	const char *close = memrchr(text, ')', len);
	struct pk_bank_proc proc = { 0 };
	char rest[64] = "";
	size_t name_bytes, rest_bytes;

	if (!open || !close || close < open)
		return -EBADMSG;
	name_bytes = (size_t)(close - open - 1);
	memcpy(proc.name, open + 1, name_bytes < PK_COMM_LEN ? name_bytes : PK_COMM_LEN - 1);
	rest_bytes = len - (size_t)(close + 1 - text);
	memcpy(rest, close + 1, rest_bytes < sizeof(rest) ? rest_bytes : sizeof(rest) - 1);
	if (sscanf(rest, " %*c %u", &proc.ppid) != 1)
		return -EBADMSG;
	*ret_proc = proc;
	return 0;
}

static int read_proc(__u32 pid, struct pk_bank_proc *ret_proc)
{
	char path[32];
	char text[512];
	ssize_t len;
	int err;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	len = read_file(AT_FDCWD, path, text, sizeof(text));
	if (len < 0)
		return (int)len;
	err = pk_bank_parse_stat(text, (size_t)len, ret_proc);
	ret_proc->pid = pid;
	return err;
}

static int add_proc(struct pk_bank_procs *procs, const struct pk_bank_proc *proc)
{
	if (procs->cnt == procs->cap) {
		size_t cap = procs->cap ? procs->cap * 2 : 1024;
		struct pk_bank_proc *items;

		if (cap > MAX_PROCS)
			return -ENOMEM;
		items = realloc(procs->items, cap * sizeof(*items));
		if (!items)
			return -ENOMEM;
		procs->items = items;
		procs->cap = cap;
	}
	procs->items[procs->cnt++] = *proc;
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const struct pk_bank_proc *x = a;
	const struct pk_bank_proc *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

void pk_bank_procs_fini(struct pk_bank_procs *procs)
{
	free(procs->items);
	*procs = (struct pk_bank_procs){ 0 };
}

int pk_bank_procs_read(pk_bank_name_fn *name, void *arg, struct pk_bank_procs *ret_procs)
{
	pk_cleanup(pk_bank_procs_fini) struct pk_bank_procs procs = { 0 };
	pk_cleanup(pk_closedir_p) DIR *dir = opendir("/proc");
	const struct dirent *entry;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		struct pk_bank_proc proc = { 0 };
		char *end;
		unsigned long pid = strtoul(entry->d_name, &end, 10);

		if (*end || !pid || pid > MAX_PROCS || read_proc((__u32)pid, &proc))
			continue;
		if (name)
			name(arg, proc.pid, proc.name);
		proc.name[PK_COMM_LEN - 1] = '\0';
		if (add_proc(&procs, &proc))
			return -ENOMEM;
	}
	if (procs.cnt)
		qsort(procs.items, procs.cnt, sizeof(*procs.items), by_pid);
	*ret_procs = procs;
	procs = (struct pk_bank_procs){ 0 };
	return 0;
}

const struct pk_bank_proc *pk_bank_procs_find(const struct pk_bank_procs *procs, __u32 pid)
{
	const struct pk_bank_proc key = { .pid = pid };

	return procs->cnt ? bsearch(&key, procs->items, procs->cnt, sizeof(key), by_pid) : NULL;
}

/* ---- what they are ---- */

static void text_set(struct pk_feed_text *text, enum state state)
{
	text->state = state;
	text->len_bytes = 0;
}

/* Appends; what does not fit makes the text unknown. */
static void text_add(struct pk_feed_text *text, const char *data, size_t len)
{
	size_t room = sizeof(text->data) - text->len_bytes;

	if (len > room) {
		len = room;
		text->state = UNKNOWN;
	}
	memcpy(text->data + text->len_bytes, data, len);
	text->len_bytes += (__u32)len;
}

static enum state state_of(ssize_t err)
{
	return err == -ENOENT || err == -ESRCH ? MISSING : UNKNOWN;
}

/* The image, as its process sees it: without the root that it is confined to. */
static void fill_exepath(int dir_fd, struct pk_feed_text *text)
{
	const size_t suffix = sizeof(DELETED_SUFFIX) - 1;
	char path[PATH_MAX];
	char root[PATH_MAX];
	ssize_t len = readlinkat(dir_fd, "exe", path, sizeof(path));
	ssize_t root_len;
	size_t begin = 0;

	text_set(text, KNOWN);
	if (len <= 0 || len == sizeof(path)) {
		text->state = len < 0 ? state_of(-errno) : UNKNOWN;
		return;
	}
	if ((size_t)len > suffix && !memcmp(path + len - suffix, DELETED_SUFFIX, suffix))
		len -= (ssize_t)suffix;
	root_len = readlinkat(dir_fd, "root", root, sizeof(root));
	if (root_len > 1 && len > root_len && !memcmp(path, root, (size_t)root_len) &&
	    path[root_len] == '/')
		begin = (size_t)root_len;
	text_add(text, path + begin, (size_t)len - begin);
}

/* argv[0], then the rest with blanks between. Whether there is a rest, be it empty. */
static bool split_args(char *args, size_t len, struct pk_feed_text *exe, struct pk_feed_text *rest)
{
	size_t first = strnlen(args, len);

	text_add(exe, args, first);
	if (first + 1 >= len)
		return false;
	if (args[len - 1] == '\0')
		len--;
	for (size_t i = first + 1; i < len; i++)
		if (args[i] == '\0')
			args[i] = ' ';
	text_add(rest, args + first + 1, len - first - 1);
	return true;
}

static void fill_args(int dir_fd, const char *name, struct pk_feed_text *texts)
{
	struct pk_feed_text *exe = &texts[PK_TEXT_EXE];
	struct pk_feed_text *rest = &texts[PK_TEXT_ARGS];
	struct pk_feed_text *line = &texts[PK_TEXT_CMDLINE];
	struct pk_feed_text *all = &texts[PK_TEXT_EXELINE];
	struct pk_feed_text *argv = &texts[PK_TEXT_ARGV];
	char args[PK_ARGS_MAX + 1];
	ssize_t len = read_file(dir_fd, "cmdline", args, sizeof(args));
	bool has_rest;

	text_set(exe, len > 0 ? KNOWN : len ? state_of(len) : MISSING);
	text_set(rest, (enum state)exe->state);
	text_set(line, len < 0 ? (enum state)exe->state : KNOWN);
	text_set(all, (enum state)exe->state);
	text_set(argv, (enum state)exe->state);
	if (len < 0)
		return;
	text_add(line, name, strlen(name));
	if (!len)
		return;
	text_add(all, args, (size_t)len - !args[len - 1]);
	text_add(argv, args, (size_t)len - !args[len - 1]);
	has_rest = split_args(args, (size_t)len, exe, rest);
	if (len > (ssize_t)PK_ARGS_MAX) {
		rest->state = UNKNOWN;
		line->state = UNKNOWN;
		all->state = UNKNOWN;
		argv->state = UNKNOWN;
		if (exe->len_bytes > PK_ARGS_MAX - 1)
			exe->state = UNKNOWN;
	}
	if (has_rest) {
		text_add(line, " ", 1);
		text_add(line, rest->data, rest->len_bytes);
	}
}

static void fill_texts(const struct pk_bank_proc *proc, int dir_fd, struct pk_feed_text *texts)
{
	fill_exepath(dir_fd, &texts[PK_TEXT_EXEPATH]);
	fill_args(dir_fd, proc->name, texts);
	text_set(&texts[PK_TEXT_NAME], KNOWN);
	text_add(&texts[PK_TEXT_NAME], proc->name, strlen(proc->name));
}

static bool is_secure(int dir_fd)
{
	unsigned long auxv[AUXV_WORDS] = { 0 };
	ssize_t len = read_file(dir_fd, "auxv", auxv, sizeof(auxv));

	for (ssize_t i = 0; (i + 2) * (ssize_t)sizeof(auxv[0]) <= len && auxv[i] != AT_NULL; i += 2)
		if (auxv[i] == AT_SECURE)
			return auxv[i + 1];
	return false;
}

static __u32 exec_flags(int dir_fd)
{
	char path[sizeof(MEMFD_PREFIX) - 1];
	ssize_t len = readlinkat(dir_fd, "exe", path, sizeof(path));
	__u32 flags = is_secure(dir_fd) ? PK_EXEC_SECURE : 0;
	struct stat st;

	if (len <= 0 || fstatat(dir_fd, "exe", &st, 0))
		return flags;
	if (!st.st_nlink)
		flags |= PK_EXEC_DELETED;
	if (!st.st_nlink && len == (ssize_t)sizeof(path) &&
	    !memcmp(path, MEMFD_PREFIX, sizeof(path)))
		flags |= PK_EXEC_MEMFD;
	return flags;
}

static void fill_names(struct pk_feed *feed, const struct pk_bank_procs *procs,
		       const struct pk_bank_proc *proc)
{
	while (proc && feed->name_cnt < PK_FEED_NAMES) {
		memcpy(feed->names[feed->name_cnt++], proc->name, sizeof(proc->name));
		proc = proc->ppid ? pk_bank_procs_find(procs, proc->ppid) : NULL;
	}
}

static void all_missing(struct pk_feed_text *texts)
{
	for (size_t i = 0; i < PK_TEXT_PROC_CNT; i++)
		text_set(&texts[i], MISSING);
}

void pk_bank_feed_fill(struct pk_feed *ret_feed, const struct pk_bank_procs *procs,
		       const struct pk_bank_proc *proc)
{
	const struct pk_bank_proc *parent = pk_bank_procs_find(procs, proc->ppid);
	pk_cleanup(pk_close_p) int dir_fd = open_proc(proc->pid);
	pk_cleanup(pk_close_p) int parent_fd = parent ? open_proc(parent->pid) : -ESRCH;

	memset(ret_feed, 0, sizeof(*ret_feed));
	fill_names(ret_feed, procs, proc);
	all_missing(ret_feed->own);
	all_missing(ret_feed->parent);
	if (dir_fd >= 0) {
		fill_texts(proc, dir_fd, ret_feed->own);
		ret_feed->exec_flags = exec_flags(dir_fd);
	}
	if (parent_fd >= 0)
		fill_texts(parent, parent_fd, ret_feed->parent);
}
