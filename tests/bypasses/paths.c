// SPDX-License-Identifier: Apache-2.0
/* Ways to spell one path: the kernel arrives at the same file by all of them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP

static long open_text(const struct pk_bypass *b)
{
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, b->arg, O_RDONLY | O_CLOEXEC));
}

static long open_from_dir(const struct pk_bypass *b)
{
	pk_bypass_need(chdir(TOP "/secret"), "chdir");
	return open_text(b);
}

static long open_by_dev_fd(const struct pk_bypass *b)
{
	char path[64];
	int fd = open(TOP "/secret", O_PATH | O_DIRECTORY);

	(void)b;
	pk_bypass_need(fd, "the directory");
	/* as /dev/fd where that link is not there */
	pk_format(path, sizeof(path), "%s/%d/file",
		  access("/dev/fd", F_OK) ? "/proc/self/fd" : "/dev/fd", fd);
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

static long open_again(const struct pk_bypass *b)
{
	char path[64];
	int fd = open(TOP "/secret/file", O_PATH);

	(void)b;
	pk_bypass_need(fd, "O_PATH");
	pk_format(path, sizeof(path), "/proc/self/fd/%d", fd);
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

static long open_chain(const struct pk_bypass *b)
{
	static const char *const steps[] = { "links", "..",     "..", "bypass",
					     ".",     "secret", "..", "secret" };
	int fd = open("/bypass", O_PATH | O_DIRECTORY);
	size_t i;

	(void)b;
	for (i = 0; i < PK_ARRAY_SIZE(steps); i++) {
		fd = openat(fd, steps[i], O_PATH | O_DIRECTORY);
		pk_bypass_need(fd, steps[i]);
	}
	return pk_bypass_read(PK_SYS(SYS_openat, fd, "file", O_RDONLY | O_CLOEXEC));
}

/* 4,095 bytes, the longest that a call takes. */
static long open_longest(const struct pk_bypass *b)
{
	static char path[4096];
	size_t len = 0;

	(void)b;
	while (len + 2 < sizeof(path) - sizeof(TOP "/secret/file"))
		len += (size_t)pk_format(path + len, sizeof(path) - len, "/.");
	while (len < sizeof(path) - sizeof(TOP "/secret/file"))
		path[len++] = '/';
	pk_format(path + len, sizeof(path) - len, "%s", TOP "/secret/file");
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

/* Goes down, making what is missing, `cnt` times `name`. Returns the last directory. */
static int descend(int fd, const char *name, unsigned int cnt)
{
	int next;

	while (cnt--) {
		if (mkdirat(fd, name, 0755) && errno != EEXIST)
			pk_bypass_unable("mkdir", errno);
		next = openat(fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		pk_bypass_need(next, "a directory");
		close(fd);
		fd = next;
	}
	return fd;
}

static void put_secret(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	/* rules forbid it: it is there from the run in which they only told */
	if (fd < 0 && errno == EPERM)
		return;
	pk_bypass_need(fd, "a secret");
	if (write(fd, PK_BYPASS_SECRET, sizeof(PK_BYPASS_SECRET) - 1) < 0)
		pk_bypass_unable("a secret", errno);
	close(fd);
}

/* Deeper than a path that can be asked for, in names of 255 bytes or of one. */
static long open_deep(const struct pk_bypass *b)
{
	char name[256];
	int dir = open(b->arg, O_PATH | O_DIRECTORY);

	pk_bypass_need(dir, "the vault");
	memset(name, 'n', sizeof(name) - 1);
	name[b->how] = '\0';
	dir = descend(dir, name, b->how == 255 ? 20 : 300);
	if (faccessat(dir, "file", F_OK, 0))
		put_secret(dir, "file");
	return pk_bypass_read(PK_SYS(SYS_openat, dir, "file", O_RDONLY | O_CLOEXEC));
}

static long open_resolved(const struct pk_bypass *b)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = (__u64)b->how };
	int dir = open(TOP, O_PATH | O_DIRECTORY);

	return pk_bypass_read(PK_SYS(SYS_openat2, dir, b->arg, &how, sizeof(how)));
}

static long open_handle(const struct pk_bypass *b)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} h = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount_id;

	(void)b;
	pk_bypass_need(name_to_handle_at(AT_FDCWD, TOP "/race/s", &h.handle, &mount_id, 0),
		       "a handle");
	return pk_bypass_read(PK_SYS(SYS_open_by_handle_at, open("/", O_RDONLY | O_DIRECTORY),
				     &h.handle, O_RDONLY | O_CLOEXEC));
}

static long open_creat(const struct pk_bypass *b)
{
	return PK_SYS(SYS_creat, b->arg, 0600);
}

/* Without a name at first, then put where nothing must be. */
static long link_nameless(const struct pk_bypass *b)
{
	char path[64];
	int fd = open(TOP "/names", O_TMPFILE | O_RDWR, 0600);

	pk_bypass_need(fd, "O_TMPFILE");
	pk_format(path, sizeof(path), "/proc/self/fd/%d", fd);
	return PK_SYS(SYS_linkat, AT_FDCWD, path, AT_FDCWD, b->path, AT_SYMLINK_FOLLOW);
}

static long unlink_text(const struct pk_bypass *b)
{
	return PK_SYS(SYS_unlinkat, AT_FDCWD, b->arg, 0);
}

static long rename_from_dir(const struct pk_bypass *b)
{
	int dir = open(TOP "/names", O_PATH | O_DIRECTORY);

	(void)b;
	return PK_SYS(SYS_renameat, dir, "./../names/moved", dir, "../out/moved");
}

static long rename_exchanged(const struct pk_bypass *b)
{
	pk_bypass_write(TOP "/names/new-one", "new\n", 0600);
	unlink(TOP "/out/moved");
	/* away and another in its place, in one call; then out of the way */
	if (syscall(SYS_renameat2, AT_FDCWD, TOP "/names/new-one", AT_FDCWD, b->path, 2))
		return -errno;
	return PK_SYS(SYS_renameat2, AT_FDCWD, TOP "/names/moved", AT_FDCWD, TOP "/out/moved", 0);
}

#define OPENS(id, text)                                                           \
	{                                                                         \
		id, "secret opened", TOP "/secret/file", open_text, .arg = (text) \
	}

static const struct pk_bypass table[] = {
	OPENS("path-dots", "/./bypass//secret/.././secret/./file"),
	OPENS("path-above-root", "/../../bypass/secret/file"),
	OPENS("path-proc-root", "/proc/self/root/bypass/secret/file"),
	OPENS("path-proc-thread", "/proc/thread-self/root/bypass/secret/file"),
	{ "path-proc-cwd", "secret opened", TOP "/secret/file", open_from_dir,
	  .arg = "/proc/self/cwd/file" },
	{ "path-relative", "secret opened", TOP "/secret/file", open_from_dir, .arg = "file" },
	{ "path-dev-fd", "secret opened", TOP "/secret/file", open_by_dev_fd },
	OPENS("path-link-dotdot", "/bypass/links/dir/../secret/file"),
	OPENS("path-symlink", "/bypass/links/file"),
	OPENS("path-symlink-twice", "/bypass/links/twice"),
	OPENS("path-symlink-dir", "/bypass/links/dir/file"),
	{ "path-opath", "secret opened", TOP "/secret/file", open_again },
	{ "path-openat-chain", "secret opened", TOP "/secret/file", open_chain },
	{ "path-4096", "secret opened", TOP "/secret/file", open_longest },
	{ "path-deep", "vault opened", NULL, open_deep, .arg = TOP "/vault", .how = 1 },
	{ "path-deep-255", "vault opened", NULL, open_deep, .arg = TOP "/vault", .how = 255 },
	{ "path-openat2-beneath", "secret opened", TOP "/secret/file", open_resolved,
	  .arg = "links/../secret/file", .how = RESOLVE_BENEATH },
	{ "path-openat2-in-root", "secret opened", TOP "/secret/file", open_resolved,
	  .arg = "/../secret/file", .how = RESOLVE_IN_ROOT },
	{ "path-openat2-no-symlinks", "secret opened", TOP "/secret/file", open_resolved,
	  .arg = "secret/file", .how = RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV },
	{ "path-handle", "secret opened", TOP "/race/s", open_handle },
	{ "path-creat", "name made", TOP "/names/creat", open_creat, PK_BYPASS_MADE,
	  TOP "/names/creat", .arg = TOP "/links/../names/creat" },
	{ "path-nameless", "put in place", TOP "/names/new", link_nameless, PK_BYPASS_MADE,
	  TOP "/names/new" },
	{ "path-unlink-dots", "name removed", TOP "/names/unlink", unlink_text, PK_BYPASS_GONE,
	  TOP "/names/unlink", .arg = "/bypass/links/dir/../names/./unlink" },
	{ "path-unlink-proc", "name removed", TOP "/names/unlink", unlink_text, PK_BYPASS_GONE,
	  TOP "/names/unlink", .arg = "/proc/self/root/bypass/names/unlink" },
	{ "path-rename-dirfd", "name moved", TOP "/names/moved", rename_from_dir, PK_BYPASS_GONE,
	  TOP "/names/moved" },
	{ "path-rename-exchange", "name moved", TOP "/names/moved", rename_exchanged,
	  PK_BYPASS_GONE, TOP "/names/moved" },
};

const struct pk_bypass_group pk_bypass_paths = PK_BYPASS_GROUP(table);
