// SPDX-License-Identifier: Apache-2.0
/* Names made, moved and removed: unlink, rmdir, rename, link, symlink, mkdir, mknod. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "ops.h"
#include "ways.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#define RENAME_EXCHANGE (1 << 1)
#endif

/* unlink, rmdir */

#ifdef SYS_unlink
static long do_unlink(const struct pk_call *c)
{
	return PK_SYS(SYS_unlink, c->path);
}

static long do_rmdir(const struct pk_call *c)
{
	return PK_SYS(SYS_rmdir, c->path);
}
#endif

static long do_unlinkat(const struct pk_call *c)
{
	return PK_SYS(SYS_unlinkat, c->dirfd, c->name, c->flags);
}

static long do_unlinkat_cwd(const struct pk_call *c)
{
	return PK_SYS(SYS_unlinkat, AT_FDCWD, c->name, c->flags);
}

static void sqe_unlinkat(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = IORING_OP_UNLINKAT;
	sqe->fd = c->dirfd;
	sqe->addr = (__u64)c->name;
	sqe->unlink_flags = c->flags;
}

static long do_unlink32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_UNLINK, pk_low_str(c->path), 0, 0, 0, 0);
}

static long do_unlinkat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_UNLINKAT, c->dirfd, pk_low_str(c->name), c->flags, 0, 0);
}

static long do_rmdir32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_RMDIR, pk_low_str(c->path), 0, 0, 0, 0);
}

static const struct pk_way unlink_ways[] = {
#ifdef SYS_unlink
	{ .name = "unlink", .run = do_unlink, .threaded = true },
#endif
	{ .name = "unlinkat", .run = do_unlinkat },
	{ .name = "unlinkat/cwd", .run = do_unlinkat_cwd },
	{ .name = "UNLINKAT", .prepare = sqe_unlinkat },
	{ .name = "unlink", .run = do_unlink32, .compat = true },
	{ .name = "unlinkat", .run = do_unlinkat32, .compat = true },
};

const struct pk_ways pk_ways_unlink = PK_WAYS(unlink_ways);

static const struct pk_way rmdir_ways[] = {
#ifdef SYS_unlink
	{ .name = "rmdir", .run = do_rmdir, .threaded = true },
#endif
	{ .name = "unlinkat/AT_REMOVEDIR", .run = do_unlinkat },
	{ .name = "UNLINKAT/AT_REMOVEDIR", .prepare = sqe_unlinkat },
	{ .name = "rmdir", .run = do_rmdir32, .compat = true },
	{ .name = "unlinkat/AT_REMOVEDIR", .run = do_unlinkat32, .compat = true },
};

const struct pk_ways pk_ways_rmdir = PK_WAYS(rmdir_ways);

static void remove_variant(struct pk_variant *v, const char *type, const char *name, int flags)
{
	struct stat st = pk_stat(name);
	struct pk_call c = {
		.dirfd = pk_place.dirfd, .name = name, .path = pk_at(name), .flags = flags
	};

	if (!pk_variant_log(v, type, pk_variant_run(v, &c)))
		return;
	pk_log_path("path", c.path);
	pk_log_stat(&st);
	pk_log_end();
}

static void unlink_body(struct pk_variant *v, void *arg)
{
	const char *name = pk_fresh("unlink");

	pk_make_file(name, 0644);
	remove_variant(v, "unlink", name, 0);
}

static void rmdir_body(struct pk_variant *v, void *arg)
{
	const char *name = pk_fresh("rmdir");

	pk_make_dir(name, 0755);
	remove_variant(v, "rmdir", name, AT_REMOVEDIR);
}

/* rename */

#ifdef SYS_rename
static long do_rename(const struct pk_call *c)
{
	return PK_SYS(SYS_rename, c->path, c->path2);
}
#endif

#ifdef SYS_renameat
static long do_renameat(const struct pk_call *c)
{
	return PK_SYS(SYS_renameat, c->dirfd, c->name, AT_FDCWD, c->path2);
}
#endif

static long do_renameat2(const struct pk_call *c)
{
	return PK_SYS(SYS_renameat2, c->dirfd, c->name, c->dirfd, c->name2, c->flags);
}

static void sqe_renameat(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = IORING_OP_RENAMEAT;
	sqe->fd = c->dirfd;
	sqe->addr = (__u64)c->name;
	sqe->len = c->dirfd;
	sqe->addr2 = (__u64)c->name2;
	sqe->rename_flags = c->flags;
}

static long do_rename32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_RENAME, pk_low_str(c->path), pk_low_str(c->path2), 0, 0, 0);
}

static long do_renameat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_RENAMEAT, c->dirfd, pk_low_str(c->name), c->dirfd,
			pk_low_str(c->name2), 0);
}

static long do_renameat2_32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_RENAMEAT2, c->dirfd, pk_low_str(c->name), c->dirfd,
			pk_low_str(c->name2), c->flags);
}

static const struct pk_way rename_ways[] = {
#ifdef SYS_rename
	{ .name = "rename", .run = do_rename, .threaded = true },
#endif
#ifdef SYS_renameat
	{ .name = "renameat", .run = do_renameat },
#endif
	{ .name = "renameat2", .run = do_renameat2 },
	{ .name = "RENAMEAT", .prepare = sqe_renameat },
	{ .name = "rename", .run = do_rename32, .compat = true },
	{ .name = "renameat", .run = do_renameat32, .compat = true },
	{ .name = "renameat2", .run = do_renameat2_32, .compat = true },
};

const struct pk_ways pk_ways_rename = PK_WAYS(rename_ways);

static const struct pk_way rename_flag_ways[] = {
	{ .name = "renameat2", .run = do_renameat2 },
	{ .name = "RENAMEAT", .prepare = sqe_renameat },
	{ .name = "renameat2", .run = do_renameat2_32, .compat = true },
};

const struct pk_ways pk_ways_rename_flags = PK_WAYS(rename_flag_ways);

static void rename_variant(struct pk_variant *v, const char *from, const char *to, int flags,
			   const char *what)
{
	struct stat st = pk_stat(from);
	struct pk_call c = { .dirfd = pk_place.dirfd,
			     .name = from,
			     .path = pk_at(from),
			     .name2 = to,
			     .path2 = pk_at(to),
			     .flags = flags };
	char *names[3] = { NULL };

	strncat(v->name, what, sizeof(v->name) - strlen(v->name) - 1);
	if (!pk_variant_log(v, "rename", pk_variant_run(v, &c)))
		return;
	pk_log_path("path", c.path);
	pk_log_path("new_path", c.path2);
	if (flags)
		names[0] = flags == RENAME_NOREPLACE ? "RENAME_NOREPLACE" : "RENAME_EXCHANGE";
	pk_log_strs("flags", names);
	pk_log_stat(&st);
	pk_log_end();
}

static void rename_body(struct pk_variant *v, void *arg)
{
	const char *from = pk_fresh("old"), *to = pk_fresh("new");
	struct pk_variant again = *v;

	pk_make_file(from, 0644);
	rename_variant(v, from, to, 0, "");
	/* over a file that is there */
	from = pk_fresh("old");
	to = pk_fresh("taken");
	pk_make_file(from, 0644);
	pk_make_file(to, 0644);
	rename_variant(&again, from, to, 0, ", replaces");
}

static void rename_flags_body(struct pk_variant *v, void *arg)
{
	const char *from = pk_fresh("old"), *to = pk_fresh("new");
	struct pk_variant again = *v;

	pk_make_file(from, 0644);
	rename_variant(v, from, to, RENAME_NOREPLACE, "/NOREPLACE");
	from = pk_fresh("swap");
	to = pk_fresh("swap");
	pk_make_file(from, 0644);
	pk_make_dir(to, 0755);
	rename_variant(&again, from, to, RENAME_EXCHANGE, "/EXCHANGE");
}

/* A directory, and into another directory. */
static void rename_dir_body(struct pk_variant *v, void *arg)
{
	const char *from = pk_fresh("dir"), *into = pk_fresh("into");
	char to[64];

	pk_format(to, sizeof(to), "%s/moved", into);
	pk_make_dir(from, 0755);
	pk_make_dir(into, 0755);
	rename_variant(v, from, to, 0, ", a directory");
}

/* link */

#ifdef SYS_link
static long do_link(const struct pk_call *c)
{
	return PK_SYS(SYS_link, c->path, c->path2);
}
#endif

static long do_linkat(const struct pk_call *c)
{
	return PK_SYS(SYS_linkat, c->dirfd, c->name, c->dirfd, c->name2, c->flags);
}

static long do_linkat_fd(const struct pk_call *c)
{
	return PK_SYS(SYS_linkat, c->fd, "", c->dirfd, c->name2, AT_EMPTY_PATH);
}

static void sqe_linkat(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = IORING_OP_LINKAT;
	sqe->fd = c->dirfd;
	sqe->addr = (__u64)c->name;
	sqe->len = c->dirfd;
	sqe->addr2 = (__u64)c->name2;
	sqe->hardlink_flags = c->flags;
}

static long do_link32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_LINK, pk_low_str(c->path), pk_low_str(c->path2), 0, 0, 0);
}

static long do_linkat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_LINKAT, c->dirfd, pk_low_str(c->name), c->dirfd,
			pk_low_str(c->name2), c->flags);
}

static const struct pk_way link_ways[] = {
#ifdef SYS_link
	{ .name = "link", .run = do_link, .threaded = true },
#endif
	{ .name = "linkat", .run = do_linkat },
	{ .name = "linkat/AT_EMPTY_PATH", .run = do_linkat_fd },
	{ .name = "LINKAT", .prepare = sqe_linkat },
	{ .name = "link", .run = do_link32, .compat = true },
	{ .name = "linkat", .run = do_linkat32, .compat = true },
};

const struct pk_ways pk_ways_link = PK_WAYS(link_ways);

static const struct pk_way link_follow_ways[] = {
	{ .name = "linkat/AT_SYMLINK_FOLLOW", .run = do_linkat },
	{ .name = "LINKAT/AT_SYMLINK_FOLLOW", .prepare = sqe_linkat },
	{ .name = "linkat/AT_SYMLINK_FOLLOW", .run = do_linkat32, .compat = true },
};

/* `name` is what is asked for, `real` the file that gets the name `to`. */
static void link_variant(struct pk_variant *v, const char *name, const char *real, int flags)
{
	const char *to = pk_fresh("link");
	struct stat st = pk_stat(real);
	struct pk_call c = { .dirfd = pk_place.dirfd,
			     .name = name,
			     .path = pk_at(name),
			     .fd = -1,
			     .name2 = to,
			     .path2 = pk_at(to),
			     .flags = flags };
	long result;

	if (!strcmp(v->way->name, "linkat/AT_EMPTY_PATH"))
		c.fd = open(name, O_PATH | O_CLOEXEC);
	result = pk_variant_run(v, &c);
	if (c.fd >= 0)
		close(c.fd);
	if (!pk_variant_log(v, "link", result))
		return;
	pk_log_path("path", pk_at(real));
	if (strcmp(real, name) != 0)
		pk_log_str("asked", c.path);
	pk_log_path("new_path", c.path2);
	pk_log_stat(&st);
	pk_log_end();
}

static void link_body(struct pk_variant *v, void *arg)
{
	const char *name = pk_fresh("file");

	pk_make_file(name, 0644);
	link_variant(v, name, name, 0);
}

static void link_follow_body(struct pk_variant *v, void *arg)
{
	const char *name = pk_fresh("file"), *by = pk_fresh("sym");

	pk_make_file(name, 0644);
	pk_make_symlink(name, by);
	link_variant(v, by, name, AT_SYMLINK_FOLLOW);
}

/* symlink */

#ifdef SYS_symlink
static long do_symlink(const struct pk_call *c)
{
	return PK_SYS(SYS_symlink, c->target, c->path);
}
#endif

static long do_symlinkat(const struct pk_call *c)
{
	return PK_SYS(SYS_symlinkat, c->target, c->dirfd, c->name);
}

static void sqe_symlinkat(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = IORING_OP_SYMLINKAT;
	sqe->fd = c->dirfd;
	sqe->addr = (__u64)c->target;
	sqe->addr2 = (__u64)c->name;
}

static long do_symlink32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_SYMLINK, pk_low_str(c->target), pk_low_str(c->path), 0, 0, 0);
}

static long do_symlinkat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_SYMLINKAT, pk_low_str(c->target), c->dirfd, pk_low_str(c->name), 0,
			0);
}

static const struct pk_way symlink_ways[] = {
#ifdef SYS_symlink
	{ .name = "symlink", .run = do_symlink, .threaded = true },
#endif
	{ .name = "symlinkat", .run = do_symlinkat },
	{ .name = "SYMLINKAT", .prepare = sqe_symlinkat },
	{ .name = "symlink", .run = do_symlink32, .compat = true },
	{ .name = "symlinkat", .run = do_symlinkat32, .compat = true },
};

const struct pk_ways pk_ways_symlink = PK_WAYS(symlink_ways);

static void symlink_body(struct pk_variant *v, void *arg)
{
	const char *name = pk_fresh("symlink");
	struct pk_call c = { .dirfd = pk_place.dirfd,
			     .name = name,
			     .path = pk_at(name),
			     .target = "../no \"such\"\n\xc3\xa9 target" };

	if (!pk_variant_log(v, "symlink", pk_variant_run(v, &c)))
		return;
	pk_log_path("path", c.path);
	pk_log_str("target", c.target);
	pk_log_end();
}

/* mkdir, mknod */

#ifdef SYS_mkdir
static long do_mkdir(const struct pk_call *c)
{
	return PK_SYS(SYS_mkdir, c->path, c->mode);
}

static long do_mknod(const struct pk_call *c)
{
	return PK_SYS(SYS_mknod, c->path, c->mode, c->dev);
}
#endif

static long do_mkdirat(const struct pk_call *c)
{
	return PK_SYS(SYS_mkdirat, c->dirfd, c->name, c->mode);
}

static void sqe_mkdirat(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = IORING_OP_MKDIRAT;
	sqe->fd = c->dirfd;
	sqe->addr = (__u64)c->name;
	sqe->len = c->mode;
}

static long do_mkdir32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_MKDIR, pk_low_str(c->path), c->mode, 0, 0, 0);
}

static long do_mkdirat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_MKDIRAT, c->dirfd, pk_low_str(c->name), c->mode, 0, 0);
}

static long do_mknodat(const struct pk_call *c)
{
	return PK_SYS(SYS_mknodat, c->dirfd, c->name, c->mode, c->dev);
}

static long do_mknod32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_MKNOD, pk_low_str(c->path), c->mode, c->dev, 0, 0);
}

static long do_mknodat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_MKNODAT, c->dirfd, pk_low_str(c->name), c->mode, c->dev, 0);
}

static const struct pk_way mkdir_ways[] = {
#ifdef SYS_mkdir
	{ .name = "mkdir", .run = do_mkdir, .threaded = true },
#endif
	{ .name = "mkdirat", .run = do_mkdirat },
	{ .name = "MKDIRAT", .prepare = sqe_mkdirat },
	{ .name = "mkdir", .run = do_mkdir32, .compat = true },
	{ .name = "mkdirat", .run = do_mkdirat32, .compat = true },
};

const struct pk_ways pk_ways_mkdir = PK_WAYS(mkdir_ways);

static const struct pk_way mknod_ways[] = {
#ifdef SYS_mkdir
	{ .name = "mknod", .run = do_mknod, .threaded = true },
#endif
	{ .name = "mknodat", .run = do_mknodat },
	{ .name = "mknod", .run = do_mknod32, .compat = true },
	{ .name = "mknodat", .run = do_mknodat32, .compat = true },
};

const struct pk_ways pk_ways_mknod = PK_WAYS(mknod_ways);

static void make_variant(struct pk_variant *v, const char *type, __u32 mode, __u32 dev)
{
	const char *name = pk_fresh(type);
	struct pk_call c = {
		.dirfd = pk_place.dirfd, .name = name, .path = pk_at(name), .mode = mode, .dev = dev
	};
	struct stat st;

	if (!pk_variant_log(v, type, pk_variant_run(v, &c)))
		return;
	st = pk_stat(name);
	pk_log_path("path", c.path);
	pk_log_int("mode", st.st_mode & 07777);
	pk_log_int("file_mode", st.st_mode);
	pk_log_stat(&st);
	pk_log_end();
}

static void mkdir_body(struct pk_variant *v, void *arg)
{
	make_variant(v, "mkdir", 0777, 0);
	make_variant(v, "mkdir", 01750, 0);
}

static void mknod_body(struct pk_variant *v, void *arg)
{
	make_variant(v, "mknod", S_IFIFO | 0666, 0);
	make_variant(v, "mknod", S_IFCHR | 0600, makedev(1, 3));
	make_variant(v, "mknod", S_IFREG | 0640, 0);
	make_variant(v, "mknod", 0644, 0); /* no type: regular */
	make_variant(v, "mknod", S_IFSOCK | 0600, 0);
}

#define EACH(ways, body) pk_variants_each(ways, PK_ARRAY_SIZE(ways), body, NULL)

void pk_group_names(void)
{
	pk_group_enter("names");
	EACH(unlink_ways, unlink_body);
	EACH(rmdir_ways, rmdir_body);
	EACH(rename_ways, rename_body);
	EACH(rename_flag_ways, rename_flags_body);
	EACH(rename_ways, rename_dir_body);
	EACH(link_ways, link_body);
	EACH(link_follow_ways, link_follow_body);
	EACH(symlink_ways, symlink_body);
	EACH(mkdir_ways, mkdir_body);
	EACH(mknod_ways, mknod_body);
	pk_group_leave();
}
