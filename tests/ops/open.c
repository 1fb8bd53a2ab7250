// SPDX-License-Identifier: Apache-2.0
/* Files opened: every call, every flag that matters, and every way to spell a path. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ops.h"
#include "ways.h"

#ifdef SYS_open
static long do_open(const struct pk_call *c)
{
	return PK_SYS(SYS_open, c->path, c->flags, c->mode);
}
#endif

static long do_openat(const struct pk_call *c)
{
	return PK_SYS(SYS_openat, c->dirfd, c->name, c->flags, c->mode);
}

static long do_openat_cwd(const struct pk_call *c)
{
	return PK_SYS(SYS_openat, AT_FDCWD, c->name, c->flags, c->mode);
}

static struct open_how how_of(const struct pk_call *c, __u64 resolve)
{
	struct open_how how = { .flags = c->flags, .resolve = resolve };

	if (c->flags & O_CREAT || (c->flags & O_TMPFILE) == O_TMPFILE)
		how.mode = c->mode;
	return how;
}

static long openat2_with(const struct pk_call *c, const char *name, __u64 resolve)
{
	struct open_how how = how_of(c, resolve);

	return PK_SYS(SYS_openat2, c->dirfd, name, &how, sizeof(how));
}

static long do_openat2(const struct pk_call *c)
{
	return openat2_with(c, c->name, 0);
}

static long do_openat2_beneath(const struct pk_call *c)
{
	return openat2_with(c, c->name, RESOLVE_BENEATH);
}

static long do_openat2_strict(const struct pk_call *c)
{
	return openat2_with(c, c->name,
			    RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
}

/* "/../name" stays in the directory. */
static long do_openat2_in_root(const struct pk_call *c)
{
	char name[PK_PATH_BYTES];

	pk_format(name, sizeof(name), "/../%s", c->name);
	return openat2_with(c, name, RESOLVE_IN_ROOT);
}

static void sqe_openat(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = IORING_OP_OPENAT;
	sqe->fd = c->dirfd;
	sqe->addr = (__u64)c->name;
	sqe->len = c->mode;
	sqe->open_flags = c->flags;
}

static void sqe_openat2(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	static struct open_how how;

	how = how_of(c, RESOLVE_BENEATH);
	sqe->opcode = IORING_OP_OPENAT2;
	sqe->fd = c->dirfd;
	sqe->addr = (__u64)c->name;
	sqe->len = sizeof(how);
	sqe->off = (__u64)&how;
}

static long do_open32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_OPEN, pk_low_str(c->path), c->flags, c->mode, 0, 0);
}

static long do_openat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_OPENAT, c->dirfd, pk_low_str(c->name), c->flags, c->mode, 0);
}

static long do_openat2_32(const struct pk_call *c)
{
	struct open_how how = how_of(c, RESOLVE_BENEATH);

	return pk_int80(PK_NR32_OPENAT2, c->dirfd, pk_low_str(c->name), pk_low(&how, sizeof(how)),
			sizeof(how), 0);
}

#if defined(__x86_64__)
static long do_open_x32(const struct pk_call *c)
{
	return PK_SYS(0x40000000 + SYS_open, c->path, c->flags, c->mode);
}
#endif

static const struct pk_way open_ways[] = {
#ifdef SYS_open
	{ .name = "open", .run = do_open, .threaded = true },
#endif
	{ .name = "openat", .run = do_openat, .threaded = true },
	{ .name = "openat/cwd", .run = do_openat_cwd },
	{ .name = "openat2", .run = do_openat2 },
	{ .name = "openat2/RESOLVE_BENEATH", .run = do_openat2_beneath },
	{ .name = "openat2/RESOLVE_IN_ROOT", .run = do_openat2_in_root },
	{ .name = "openat2/RESOLVE_NO_*", .run = do_openat2_strict },
	{ .name = "OPENAT", .prepare = sqe_openat },
	{ .name = "OPENAT2", .prepare = sqe_openat2 },
	{ .name = "open", .run = do_open32, .compat = true },
	{ .name = "openat", .run = do_openat32, .compat = true },
	{ .name = "openat2", .run = do_openat2_32, .compat = true },
#if defined(__x86_64__)
	{ .name = "x32 open", .run = do_open_x32 },
#endif
};

const struct pk_ways pk_ways_open = PK_WAYS(open_ways);

#ifdef SYS_creat
static long do_creat(const struct pk_call *c)
{
	return PK_SYS(SYS_creat, c->path, c->mode);
}
#endif

static long do_creat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_CREAT, pk_low_str(c->path), c->mode, 0, 0, 0);
}

static const struct pk_way creat_ways[] = {
#ifdef SYS_creat
	{ .name = "creat", .run = do_creat, .threaded = true },
#endif
	{ .name = "creat", .run = do_creat32, .compat = true },
};

const struct pk_ways pk_ways_creat = PK_WAYS(creat_ways);

static void open_variant(struct pk_variant *v, const char *name, int flags, __u32 mode,
			 const char *what)
{
	struct pk_call c = { .dirfd = pk_place.dirfd,
			     .name = name,
			     .path = pk_at(name),
			     .flags = flags,
			     .mode = mode };
	const char *real = strcmp(name, ".") ? c.path : pk_place.dir;
	bool created = !pk_stat(name).st_ino;
	struct pk_variant named = *v;
	long fd = pk_variant_run(&named, &c);

	pk_format(named.name, sizeof(named.name), "%s%s", v->name, what);
	if (!pk_variant_log(&named, "open", fd))
		return;
	pk_log_opened(fd, real, flags, created);
	pk_log_end();
	close(fd);
}

static void open_body(struct pk_variant *v, void *arg)
{
	const char *name = pk_fresh("open");

	open_variant(v, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666, ", new");
	if (pk_stat(name).st_ino)
		open_variant(v, name, O_RDONLY, 0, "");
	else
		pk_make_file(name, 0644);
	open_variant(v, name, O_RDWR | O_CREAT, 0600, ", O_CREAT but there");
	open_variant(v, name, O_WRONLY | O_TRUNC | O_APPEND, 0, ", O_TRUNC");
	open_variant(v, name, O_RDWR | O_SYNC | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0, ", flags");
	open_variant(v, ".", O_RDONLY | O_DIRECTORY, 0, ", directory");
}

static void creat_body(struct pk_variant *v, void *arg)
{
	const char *name = pk_fresh("creat");

	open_variant(v, name, O_WRONLY | O_CREAT | O_TRUNC, 06755, ", new");
	open_variant(v, name, O_WRONLY | O_CREAT | O_TRUNC, 0600, ", there");
}

/* O_TMPFILE, then a name for it by linkat(). */
static void link_tmpfile(int fd, const char *dir, bool by_proc)
{
	const char *name = pk_fresh("named");
	char proc[64], gone[64];
	struct stat st;
	long result;

	pk_format(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (by_proc)
		result = PK_SYS(SYS_linkat, AT_FDCWD, proc, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
	else
		result = PK_SYS(SYS_linkat, fd, "", AT_FDCWD, name, AT_EMPTY_PATH);
	if (result < 0 || fstat(fd, &st)) {
		pk_log_skipped("link: linkat of O_TMPFILE", -result);
		return;
	}
	pk_format(gone, sizeof(gone), "#%lu", (unsigned long)st.st_ino);
	pk_log_begin("link", by_proc ? "linkat/AT_SYMLINK_FOLLOW of O_TMPFILE" :
				       "linkat/AT_EMPTY_PATH of O_TMPFILE");
	pk_log_bool("tmpfile", true);
	pk_log_path("path", pk_at(gone));
	if (by_proc)
		pk_log_str("asked", proc);
	pk_log_path("new_path", pk_at(name));
	pk_log_stat(&st);
	pk_log_end();
}

static void tmpfile_body(struct pk_variant *v, void *arg)
{
	const int flags = O_TMPFILE | O_RDWR | O_CLOEXEC;
	struct pk_call c = { .dirfd = pk_place.dirfd,
			     .name = ".",
			     .path = pk_place.dir,
			     .flags = flags,
			     .mode = 0640 };
	struct pk_variant named = *v;
	struct stat st;
	char gone[64];
	long fd;

	pk_format(named.name, sizeof(named.name), "%s/O_TMPFILE", v->name);
	fd = pk_variant_run(&named, &c);
	if (!pk_variant_log(&named, "open", fd))
		return;
	fstat(fd, &st);
	pk_format(gone, sizeof(gone), "#%lu", (unsigned long)st.st_ino);
	pk_log_bool("tmpfile", true);
	pk_log_opened(fd, pk_at(gone), flags, true);
	pk_log_end();
	link_tmpfile(fd, c.path, v->how == PK_HOW_DIRECT && v->first);
	close(fd);
}

/* A path spelled in some way; the file is always the same. */
static void open_spelled(const char *variant, const char *spelling, const char *real, int flags)
{
	const struct {
		const char *name;
		long (*run)(const struct pk_call *c);
	} calls[] = { { "openat", do_openat_cwd }, { "openat2", do_openat2 } };
	struct pk_call c = { .dirfd = AT_FDCWD, .name = spelling, .flags = flags };
	char name[128];
	size_t i;
	long fd;

	for (i = 0; i < PK_ARRAY_SIZE(calls); i++) {
		pk_format(name, sizeof(name), "%s %s", calls[i].name, variant);
		fd = calls[i].run(&c);
		if (fd < 0) {
			pk_log_skipped(name, -fd);
			continue;
		}
		pk_log_begin("open", name);
		pk_log_opened(fd, real, flags, false);
		pk_log_end();
		close(fd);
	}
}

static void spellings(void)
{
	char s[3 * PK_PATH_BYTES], real[PK_PATH_BYTES];
	int dir = pk_place.dirfd, fd;

	pk_make_dir("sub", 0755);
	pk_make_file("sub/file", 0644);
	pk_make_symlink("sub", "to-dir");
	pk_make_symlink("to-dir/file", "to-file");
	pk_make_symlink(pk_at("to-file"), "absolute");
	strcpy(real, pk_at("sub/file"));
	open_spelled("by a symlink", "to-file", real, O_RDONLY);
	open_spelled("by two symlinks", "absolute", real, O_RDONLY);
	open_spelled("by a directory symlink", "to-dir/file", real, O_RDONLY);
	open_spelled("by ..", "sub/../sub/./../to-dir/../sub/file", real, O_RDONLY);
	pk_format(s, sizeof(s), "/%s//sub///file", pk_place.dir);
	open_spelled("by //", s, real, O_RDONLY);
	pk_format(s, sizeof(s), "/../..%s/sub/file", pk_place.dir);
	open_spelled("by /..", s, real, O_RDONLY);
	pk_format(s, sizeof(s), "/proc/self/root%s/sub/file", pk_place.dir);
	open_spelled("by /proc/self/root", s, real, O_RDONLY);
	open_spelled("by /proc/self/cwd", "/proc/self/cwd/sub/file", real, O_RDONLY);
	pk_format(s, sizeof(s), "/proc/self/fd/%d/sub/file", dir);
	open_spelled("by /proc/self/fd of the directory", s, real, O_RDONLY);
	pk_format(s, sizeof(s), "/proc/self/task/%d/root%s/sub/file", (int)getpid(), pk_place.dir);
	open_spelled("by /proc/self/task", s, real, O_RDONLY);
	fd = open("sub/file", O_PATH | O_CLOEXEC);
	pk_format(s, sizeof(s), "/proc/self/fd/%d", fd);
	open_spelled("by /proc/self/fd of O_PATH", s, real, O_RDWR);
	close(fd);
	open_spelled("of the root", "/", "/", O_RDONLY | O_DIRECTORY);
}

/* Names that a reader or a printer may stumble on. */
static void odd_names(void)
{
	static const char *const names[] = {
		" ",
		"a b",
		"quote\"",
		"back\\slash",
		"new\nline",
		"tab\t",
		"\x1b[31mred",
		"\x01",
		"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80",
		"not-utf8-\xff\xfe",
		"half-utf8-\xc3",
		"two-thirds-\xe4\xb8-utf8",
		"overlong-\xc0\xaf",
		"surrogate-\xed\xa0\x80",
		"\xe2\x80\xaereversed",
		"{}",
		"%s%n",
		"null\\u0000",
		"#1234",
		"x (deleted)",
	};
	char longest[256];
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(names); i++) {
		pk_make_file(names[i], 0644);
		close(pk_open_file(names[i], O_RDONLY, "an odd name"));
	}
	memset(longest, 'n', 255);
	longest[255] = '\0';
	pk_make_file(longest, 0644);
	close(pk_open_file(longest, O_RDONLY, "the longest name"));
}

static void special_files(void)
{
	const char *fifo = "fifo", *null = "null";
	struct stat st;

	if (mknod(fifo, S_IFIFO | 0600, 0) || mknod(null, S_IFCHR | 0666, makedev(1, 3))) {
		pk_log_skipped("open: special files", errno);
		return;
	}
	st = pk_stat(fifo);
	pk_log_begin("mknod", "prepare");
	pk_log_path("path", pk_at(fifo));
	pk_log_int("mode", 0600);
	pk_log_stat(&st);
	pk_log_end();
	st = pk_stat(null);
	pk_log_begin("mknod", "prepare");
	pk_log_path("path", pk_at(null));
	pk_log_int("mode", st.st_mode & 07777);
	pk_log_stat(&st);
	pk_log_end();
	close(pk_open_file(fifo, O_RDWR | O_NONBLOCK, "a fifo"));
	open_spelled("a device", null, pk_at(null), O_RDWR);
}

/* Files that are on no mount, or that have no name left. */
static void nameless_files(void)
{
	char proc[64];
	struct stat st;
	int memfd = memfd_create("a memfd", 0), fd, again;

	pk_format(proc, sizeof(proc), "/proc/self/fd/%d", memfd);
	again = open(proc, O_RDONLY);
	if (again >= 0) {
		pk_log_begin("open", "openat of a memfd");
		pk_log_bool("pseudo", true);
		pk_log_opened(again, "memfd:a memfd", O_RDONLY, false);
		pk_log_end();
		close(again);
	}
	close(memfd);

	pk_make_file("deleted", 0644);
	fd = pk_open_file("deleted", O_RDWR, "prepare");
	pk_remove_file("deleted");
	pk_format(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	again = open(proc, O_RDONLY);
	if (again >= 0) {
		fstat(again, &st);
		pk_log_begin("open", "openat of a deleted file");
		pk_log_bool("deleted", true);
		pk_log_opened(again, pk_at("deleted"), O_RDONLY, false);
		pk_log_end();
		close(again);
	}
	close(fd);
}

static void by_handle(void)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} h = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount_id, mount_fd;
	long fd;

	pk_make_file("handle", 0644);
	if (name_to_handle_at(AT_FDCWD, "handle", &h.handle, &mount_id, 0)) {
		pk_log_skipped("open: name_to_handle_at", errno);
		return;
	}
	mount_fd = pk_open_file(pk_place.dir, O_RDONLY | O_DIRECTORY, "prepare");
	fd = PK_SYS(SYS_open_by_handle_at, mount_fd, &h.handle, O_RDWR);
	if (fd < 0) {
		pk_log_skipped("open: open_by_handle_at", -fd);
	} else {
		pk_log_begin("open", "open_by_handle_at");
		pk_log_opened(fd, pk_at("handle"), O_RDWR, false);
		pk_log_end();
		close(fd);
	}
	close(mount_fd);
}

/* Into the ring's own table of files: no descriptor comes of it. */
static void direct_descriptor(void)
{
	static const enum pk_how hows[] = { PK_HOW_RING, PK_HOW_RING_ASYNC };
	const int flags = O_RDONLY;
	struct io_uring_sqe sqe;
	struct stat st;
	size_t i;
	long result;

	pk_make_file("direct", 0644);
	result = pk_ring_files(PK_HOW_RING, 4);
	if (result == -EBUSY) /* done before */
		result = 0;
	for (i = 0; i < PK_ARRAY_SIZE(hows); i++) {
		sqe = (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT,
					     .fd = AT_FDCWD,
					     .addr = (__u64) "direct",
					     .open_flags = flags,
					     .file_index = 1 };
		if (result >= 0)
			result = pk_ring_run(hows[i], &sqe);
		if (result < 0) {
			pk_log_skipped("open: io_uring/OPENAT direct", -result);
			continue;
		}
		st = pk_stat("direct");
		pk_log_begin("open", i ? "io_uring async/OPENAT direct" : "io_uring/OPENAT direct");
		pk_log_bool("io_uring", true);
		pk_log_path("path", pk_at("direct"));
		pk_log_open_flags(flags);
		pk_log_bool("created", false);
		pk_log_stat(&st);
		pk_log_end();
	}
}

#define EACH(ways, body) pk_variants_each(ways, PK_ARRAY_SIZE(ways), body, NULL)

void pk_group_open(void)
{
	pk_group_enter("open");
	EACH(open_ways, open_body);
	EACH(creat_ways, creat_body);
	EACH(open_ways, tmpfile_body);
	spellings();
	odd_names();
	special_files();
	nameless_files();
	by_handle();
	direct_descriptor();
	pk_group_leave();
}
