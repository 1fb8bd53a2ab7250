// SPDX-License-Identifier: Apache-2.0
/* Modes, owners, sizes and extended attributes: chmod, chown, truncate, setxattr and their kin. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "ops.h"
#include "ways.h"

/* chmod */

#ifdef SYS_chmod
static long do_chmod(const struct pk_call *c)
{
	return PK_SYS(SYS_chmod, c->path, c->mode);
}
#endif

static long do_fchmod(const struct pk_call *c)
{
	return PK_SYS(SYS_fchmod, c->fd, c->mode);
}

static long do_fchmodat(const struct pk_call *c)
{
	return PK_SYS(SYS_fchmodat, c->dirfd, c->name, c->mode);
}

static long do_fchmodat2(const struct pk_call *c)
{
	return PK_SYS(SYS_fchmodat2, c->dirfd, c->name, c->mode, AT_SYMLINK_NOFOLLOW);
}

static long do_fchmodat2_fd(const struct pk_call *c)
{
	return PK_SYS(SYS_fchmodat2, c->fd, "", c->mode, AT_EMPTY_PATH);
}

static long do_chmod32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_CHMOD, pk_low_str(c->path), c->mode, 0, 0, 0);
}

static long do_fchmod32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_FCHMOD, c->fd, c->mode, 0, 0, 0);
}

static long do_fchmodat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_FCHMODAT, c->dirfd, pk_low_str(c->name), c->mode, 0, 0);
}

static const struct pk_way chmod_ways[] = {
#ifdef SYS_chmod
	{ .name = "chmod", .run = do_chmod, .threaded = true },
#endif
	{ .name = "fchmod", .run = do_fchmod },
	{ .name = "fchmodat", .run = do_fchmodat },
	{ .name = "fchmodat2/AT_SYMLINK_NOFOLLOW", .run = do_fchmodat2 },
	{ .name = "fchmodat2/AT_EMPTY_PATH", .run = do_fchmodat2_fd },
	{ .name = "chmod", .run = do_chmod32, .compat = true },
	{ .name = "fchmod", .run = do_fchmod32, .compat = true },
	{ .name = "fchmodat", .run = do_fchmodat32, .compat = true },
};

const struct pk_ways pk_ways_chmod = PK_WAYS(chmod_ways);

/* A file for one variant, open for writing when the way wants a descriptor. */
static struct pk_call new_file(const struct pk_variant *v, const char *prefix, bool directory)
{
	const char *name = pk_fresh(prefix);
	struct pk_call c = { .dirfd = pk_place.dirfd, .fd = -1, .name = name, .path = pk_at(name) };

	if (directory) {
		pk_make_dir(name, 0755);
		c.fd = pk_open_file(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, "prepare");
	} else {
		pk_make_file(name, 0644);
		c.fd = pk_open_file(name, O_RDWR | O_CLOEXEC, "prepare");
	}
	return c;
}

static void chmod_variant(struct pk_variant *v, bool directory, __u32 mode)
{
	struct pk_call c = new_file(v, "chmod", directory);
	struct stat st;

	c.mode = mode;
	if (pk_variant_log(v, "chmod", pk_variant_run(v, &c))) {
		st = pk_stat(c.name);
		pk_log_path("path", c.path);
		pk_log_int("mode", st.st_mode & 07777);
		pk_log_stat(&st);
		pk_log_end();
	}
	close(c.fd);
}

static void chmod_body(struct pk_variant *v, void *arg)
{
	chmod_variant(v, false, 04755);
	chmod_variant(v, true, 01777);
}

/* The link's file is what changes. */
static void chmod_by_symlink(void)
{
	const char *name = pk_fresh("chmod"), *by = pk_fresh("by");
	struct stat st;

	pk_make_file(name, 0644);
	pk_make_symlink(name, by);
	if (syscall(SYS_fchmodat, AT_FDCWD, by, 0400))
		pk_log_die("cannot change the mode of '%s': %s", by, strerror(errno));
	st = pk_stat(name);
	pk_log_begin("chmod", "fchmodat by a symlink");
	pk_log_path("path", pk_at(name));
	pk_log_str("asked", pk_at(by));
	pk_log_int("mode", st.st_mode & 07777);
	pk_log_stat(&st);
	pk_log_end();
}

/* chown */

#ifdef SYS_chown
static long do_chown(const struct pk_call *c)
{
	return PK_SYS(SYS_chown, c->path, c->uid, c->gid);
}

static long do_lchown(const struct pk_call *c)
{
	return PK_SYS(SYS_lchown, c->path, c->uid, c->gid);
}
#endif

static long do_fchown(const struct pk_call *c)
{
	return PK_SYS(SYS_fchown, c->fd, c->uid, c->gid);
}

static long do_fchownat(const struct pk_call *c)
{
	return PK_SYS(SYS_fchownat, c->dirfd, c->name, c->uid, c->gid, c->flags);
}

static long do_fchownat_fd(const struct pk_call *c)
{
	return PK_SYS(SYS_fchownat, c->fd, "", c->uid, c->gid, AT_EMPTY_PATH);
}

static long do_chown32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_CHOWN, pk_low_str(c->path), c->uid, c->gid, 0, 0);
}

static long do_chown16(const struct pk_call *c)
{
	return pk_int80(PK_NR32_CHOWN16, pk_low_str(c->path), c->uid, c->gid, 0, 0);
}

static long do_lchown32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_LCHOWN, pk_low_str(c->path), c->uid, c->gid, 0, 0);
}

static long do_fchown32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_FCHOWN, c->fd, c->uid, c->gid, 0, 0);
}

static long do_fchownat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_FCHOWNAT, c->dirfd, pk_low_str(c->name), c->uid, c->gid, c->flags);
}

static const struct pk_way chown_ways[] = {
#ifdef SYS_chown
	{ .name = "chown", .run = do_chown, .threaded = true },
	{ .name = "lchown", .run = do_lchown },
#endif
	{ .name = "fchown", .run = do_fchown },
	{ .name = "fchownat", .run = do_fchownat },
	{ .name = "fchownat/AT_EMPTY_PATH", .run = do_fchownat_fd },
	{ .name = "chown32", .run = do_chown32, .compat = true },
	{ .name = "chown", .run = do_chown16, .compat = true },
	{ .name = "lchown32", .run = do_lchown32, .compat = true },
	{ .name = "fchown32", .run = do_fchown32, .compat = true },
	{ .name = "fchownat", .run = do_fchownat32, .compat = true },
};

const struct pk_ways pk_ways_chown = PK_WAYS(chown_ways);

/* On the link itself. */
static const struct pk_way lchown_ways[] = {
#ifdef SYS_chown
	{ .name = "lchown", .run = do_lchown },
#endif
	{ .name = "fchownat/AT_SYMLINK_NOFOLLOW", .run = do_fchownat },
	{ .name = "lchown32", .run = do_lchown32, .compat = true },
};

static void chown_variant(struct pk_variant *v, struct pk_call *c, const char *what)
{
	struct stat before = pk_stat(c->name), after;
	long result = pk_variant_run(v, c);

	strncat(v->name, what, sizeof(v->name) - strlen(v->name) - 1);
	if (!pk_variant_log(v, "chown", result))
		return;
	after = pk_stat(c->name);
	pk_log_path("path", c->path);
	pk_log_int("old_uid", before.st_uid);
	pk_log_int("old_gid", before.st_gid);
	pk_log_int("new_uid", after.st_uid);
	pk_log_int("new_gid", after.st_gid);
	pk_log_stat(&after);
	pk_log_end();
}

static void chown_body(struct pk_variant *v, void *arg)
{
	struct pk_variant again = *v;
	struct pk_call c = new_file(v, "chown", false);

	c.uid = 1000;
	c.gid = 1001;
	chown_variant(v, &c, "");
	c.uid = (__u32)-1;
	c.gid = 5;
	chown_variant(&again, &c, ", the group alone");
	close(c.fd);
}

static void lchown_body(struct pk_variant *v, void *arg)
{
	const char *name = pk_fresh("link");
	struct pk_call c = { .dirfd = pk_place.dirfd,
			     .fd = -1,
			     .name = name,
			     .path = pk_at(name),
			     .uid = 7,
			     .gid = 8,
			     .flags = AT_SYMLINK_NOFOLLOW };

	pk_make_symlink("nowhere", name);
	chown_variant(v, &c, ", a symlink");
}

/* truncate */

static long do_truncate(const struct pk_call *c)
{
	return PK_SYS(SYS_truncate, c->path, c->size);
}

static long do_ftruncate(const struct pk_call *c)
{
	return PK_SYS(SYS_ftruncate, c->fd, c->size);
}

static void sqe_ftruncate(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = PK_RING_OP_FTRUNCATE;
	sqe->fd = c->fd;
	sqe->off = c->size;
}

static long do_truncate32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_TRUNCATE, pk_low_str(c->path), c->size, 0, 0, 0);
}

static long do_ftruncate32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_FTRUNCATE, c->fd, c->size, 0, 0, 0);
}

static long do_truncate64_32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_TRUNCATE64, pk_low_str(c->path), c->size, 0, 0, 0);
}

static long do_ftruncate64_32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_FTRUNCATE64, c->fd, c->size, 0, 0, 0);
}

static const struct pk_way truncate_ways[] = {
	{ .name = "truncate", .run = do_truncate, .threaded = true },
	{ .name = "ftruncate", .run = do_ftruncate },
	{ .name = "FTRUNCATE", .prepare = sqe_ftruncate },
	{ .name = "truncate", .run = do_truncate32, .compat = true },
	{ .name = "ftruncate", .run = do_ftruncate32, .compat = true },
	{ .name = "truncate64", .run = do_truncate64_32, .compat = true },
	{ .name = "ftruncate64", .run = do_ftruncate64_32, .compat = true },
};

const struct pk_ways pk_ways_truncate = PK_WAYS(truncate_ways);

static void truncate_body(struct pk_variant *v, void *arg)
{
	static const off_t sizes[] = { 12345, 1, 1, 0 };
	struct pk_call c = new_file(v, "truncate", false);
	struct stat st;
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(sizes); i++) {
		c.size = sizes[i];
		if (!pk_variant_log(v, "truncate", pk_variant_run(v, &c)))
			continue;
		st = pk_stat(c.name);
		pk_log_path("path", c.path);
		pk_log_int("size", st.st_size);
		pk_log_stat(&st);
		pk_log_end();
	}
	close(c.fd);
}

/* By a descriptor whose file has lost its name. */
static void attrs_of_deleted(void)
{
	const char *name = pk_fresh("gone"), *path = pk_at(name);
	struct stat st;
	int fd;

	pk_make_file(name, 0644);
	fd = pk_open_file(name, O_RDWR | O_CLOEXEC, "prepare");
	pk_remove_file(name);
	if (fchmod(fd, 0600) || fstat(fd, &st))
		pk_log_die("cannot change the mode of a deleted file: %s", strerror(errno));
	pk_log_begin("chmod", "fchmod of a deleted file");
	pk_log_bool("deleted", true);
	pk_log_path("path", path);
	pk_log_int("mode", 0600);
	pk_log_stat(&st);
	pk_log_end();
	if (ftruncate(fd, 10))
		pk_log_die("cannot truncate a deleted file: %s", strerror(errno));
	pk_log_begin("truncate", "ftruncate of a deleted file");
	pk_log_bool("deleted", true);
	pk_log_path("path", path);
	pk_log_int("size", 10);
	pk_log_stat(&st);
	pk_log_end();
	close(fd);
}

/* setxattr, removexattr */

#define ATTRIBUTE "trusted.picket" /* works on a tmpfs too, which long had none of users */
#define VALUE "value"
#define VALUE_BYTES 5
#define NR32_SETXATTR 226
#define NR32_LSETXATTR 227
#define NR32_FSETXATTR 228
#define NR32_REMOVEXATTR 235
#define NR32_LREMOVEXATTR 236
#define NR32_FREMOVEXATTR 237

static long do_setxattr(const struct pk_call *c)
{
	return PK_SYS(SYS_setxattr, c->path, ATTRIBUTE, VALUE, VALUE_BYTES, XATTR_CREATE);
}

static void prepare_setxattr(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	sqe->opcode = IORING_OP_SETXATTR;
	sqe->addr = (__u64)ATTRIBUTE;
	sqe->addr2 = (__u64)VALUE;
	sqe->addr3 = (__u64)c->path;
	sqe->len = VALUE_BYTES;
	sqe->xattr_flags = XATTR_CREATE;
}

static long do_lsetxattr(const struct pk_call *c)
{
	return PK_SYS(SYS_lsetxattr, c->name, ATTRIBUTE, VALUE, VALUE_BYTES, XATTR_CREATE);
}

static long do_fsetxattr(const struct pk_call *c)
{
	return PK_SYS(SYS_fsetxattr, c->fd, ATTRIBUTE, VALUE, VALUE_BYTES, XATTR_CREATE);
}

static void prepare_fsetxattr(struct io_uring_sqe *sqe, const struct pk_call *c)
{
	prepare_setxattr(sqe, c);
	sqe->opcode = IORING_OP_FSETXATTR;
	sqe->addr3 = 0;
	sqe->fd = c->fd;
}

static long do_setxattr32(const struct pk_call *c)
{
	return pk_int80(NR32_SETXATTR, pk_low_str(c->path), pk_low_str(ATTRIBUTE),
			pk_low_str(VALUE), VALUE_BYTES, XATTR_CREATE);
}

static long do_lsetxattr32(const struct pk_call *c)
{
	return pk_int80(NR32_LSETXATTR, pk_low_str(c->path), pk_low_str(ATTRIBUTE),
			pk_low_str(VALUE), VALUE_BYTES, XATTR_CREATE);
}

static long do_fsetxattr32(const struct pk_call *c)
{
	return pk_int80(NR32_FSETXATTR, c->fd, pk_low_str(ATTRIBUTE), pk_low_str(VALUE),
			VALUE_BYTES, XATTR_CREATE);
}

static long do_removexattr(const struct pk_call *c)
{
	return PK_SYS(SYS_removexattr, c->path, ATTRIBUTE);
}

static long do_lremovexattr(const struct pk_call *c)
{
	return PK_SYS(SYS_lremovexattr, c->name, ATTRIBUTE);
}

static long do_fremovexattr(const struct pk_call *c)
{
	return PK_SYS(SYS_fremovexattr, c->fd, ATTRIBUTE);
}

static long do_removexattr32(const struct pk_call *c)
{
	return pk_int80(NR32_REMOVEXATTR, pk_low_str(c->path), pk_low_str(ATTRIBUTE), 0, 0, 0);
}

static long do_lremovexattr32(const struct pk_call *c)
{
	return pk_int80(NR32_LREMOVEXATTR, pk_low_str(c->path), pk_low_str(ATTRIBUTE), 0, 0, 0);
}

static long do_fremovexattr32(const struct pk_call *c)
{
	return pk_int80(NR32_FREMOVEXATTR, c->fd, pk_low_str(ATTRIBUTE), 0, 0, 0);
}

static const struct pk_way setxattr_ways[] = {
	{ .name = "setxattr", .run = do_setxattr, .prepare = prepare_setxattr, .threaded = true },
	{ .name = "lsetxattr", .run = do_lsetxattr },
	{ .name = "fsetxattr", .run = do_fsetxattr, .prepare = prepare_fsetxattr },
	{ .name = "setxattr", .run = do_setxattr32, .compat = true },
	{ .name = "lsetxattr", .run = do_lsetxattr32, .compat = true },
	{ .name = "fsetxattr", .run = do_fsetxattr32, .compat = true },
};

static const struct pk_way removexattr_ways[] = {
	{ .name = "removexattr", .run = do_removexattr, .threaded = true },
	{ .name = "lremovexattr", .run = do_lremovexattr },
	{ .name = "fremovexattr", .run = do_fremovexattr },
	{ .name = "removexattr", .run = do_removexattr32, .compat = true },
	{ .name = "lremovexattr", .run = do_lremovexattr32, .compat = true },
	{ .name = "fremovexattr", .run = do_fremovexattr32, .compat = true },
};

static void log_attribute(const struct pk_call *c, const struct stat *st)
{
	pk_log_path("path", c->path);
	pk_log_str("attribute", ATTRIBUTE);
	pk_log_stat(st);
}

static void log_set(const struct pk_call *c, const struct stat *st)
{
	log_attribute(c, st);
	pk_log_int("size", VALUE_BYTES);
	pk_log_strs("flags", (char *const[]){ "XATTR_CREATE", NULL });
	pk_log_end();
}

static void setxattr_body(struct pk_variant *v, void *arg)
{
	struct pk_call c = new_file(v, "xattr", false);
	struct stat st = pk_stat(c.name);

	if (pk_variant_log(v, "setxattr", pk_variant_run(v, &c)))
		log_set(&c, &st);
	close(c.fd);
}

static void removexattr_body(struct pk_variant *v, void *arg)
{
	struct pk_call c = new_file(v, "xattr", false);
	struct stat st = pk_stat(c.name);

	if (!do_fsetxattr(&c)) {
		pk_log_begin("setxattr", "prepare");
		log_set(&c, &st);
	}
	if (pk_variant_log(v, "removexattr", pk_variant_run(v, &c))) {
		log_attribute(&c, &st);
		pk_log_end();
	}
	close(c.fd);
}

#define EACH(ways, body) pk_variants_each(ways, PK_ARRAY_SIZE(ways), body, NULL)

void pk_group_attrs(void)
{
	pk_group_enter("attrs");
	EACH(chmod_ways, chmod_body);
	chmod_by_symlink();
	EACH(chown_ways, chown_body);
	EACH(lchown_ways, lchown_body);
	EACH(truncate_ways, truncate_body);
	attrs_of_deleted();
	EACH(setxattr_ways, setxattr_body);
	EACH(removexattr_ways, removexattr_body);
	pk_group_leave();
}
