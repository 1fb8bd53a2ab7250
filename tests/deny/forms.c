// SPDX-License-Identifier: Apache-2.0
/*
 * Ways to ask for one object. `dir` is the object's directory, absolute and without links, below
 * /deny. Those that change root, mounts or user do so in the child that makes the attempt.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "attempt.h"

#define BELOW_TOP(dir) ((dir) + sizeof(PK_DENY_TOP) - 1)

#define SPELL(out, ...) pk_format((out)->dir, sizeof((out)->dir), __VA_ARGS__)

static void name_is(struct pk_deny_spelling *out, const char *name)
{
	pk_format(out->name, sizeof(out->name), "%s", name);
}

static void go(const char *dir)
{
	if (chdir(dir))
		pk_deny_unable("chdir", errno);
}

static void plain(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, "%s", dir);
	name_is(out, name);
}

static void slashes(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, "//" PK_DENY_TOP "//%s/", BELOW_TOP(dir));
	name_is(out, name);
}

static void dots(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, "/." PK_DENY_TOP "/./.%s/.", BELOW_TOP(dir));
	name_is(out, name);
}

static void parents(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, PK_DENY_TOP "/forms/..%s/../%s", BELOW_TOP(dir), strrchr(dir, '/') + 1);
	name_is(out, name);
}

static void above_root(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, "/../..%s", dir);
	name_is(out, name);
}

static void relative(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	go(dir);
	SPELL(out, ".");
	name_is(out, name);
}

static void relative_up(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	go(PK_DENY_TOP "/forms");
	SPELL(out, "..%s", BELOW_TOP(dir));
	name_is(out, name);
}

static void dir_link(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, PK_DENY_TOP "/forms/up%s", BELOW_TOP(dir));
	name_is(out, name);
}

static void dir_link_absolute(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, PK_DENY_TOP "/forms/top%s", BELOW_TOP(dir));
	name_is(out, name);
}

static void proc_root(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, "/proc/self/root%s", dir);
	name_is(out, name);
}

static void parent_root(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, "/proc/%d/root%s", (int)getppid(), dir);
	name_is(out, name);
}

static void proc_cwd(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	go(dir);
	SPELL(out, "/proc/self/cwd");
	name_is(out, name);
}

static void path_fd_dir(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	int fd = open(dir, O_PATH | O_DIRECTORY);

	if (fd < 0)
		pk_deny_unable("O_PATH of the directory", errno);
	SPELL(out, "/proc/self/fd/%d", fd);
	name_is(out, name);
}

static void new_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		pk_deny_unable("mount namespace", errno);
}

static void mount_namespace(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	new_mounts();
	plain(dir, name, out);
}

static void user_namespace(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		pk_deny_unable("user namespace", errno);
	plain(dir, name, out);
}

static void bind_mount(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, PK_DENY_TOP "/forms/bind%s", BELOW_TOP(dir));
	name_is(out, name);
}

static void own_bind_mount(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	new_mounts();
	if (mount(dir, PK_DENY_TOP "/mnt", NULL, MS_BIND, NULL))
		pk_deny_unable("bind mount", errno);
	SPELL(out, PK_DENY_TOP "/mnt");
	name_is(out, name);
}

/* A directory bound over another one: the path of the one, the file of the other. */
static void detached(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	int fd = syscall(SYS_open_tree, AT_FDCWD, dir, 1 /* OPEN_TREE_CLONE */);

	if (fd < 0)
		pk_deny_unable("open_tree", errno);
	SPELL(out, "/proc/self/fd/%d", fd);
	name_is(out, name);
}

static void chroot_slash(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	if (chroot("/"))
		pk_deny_unable("chroot", errno);
	plain(dir, name, out);
}

static void chroot_above(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	if (chroot(PK_DENY_TOP))
		pk_deny_unable("chroot", errno);
	SPELL(out, "%s", BELOW_TOP(dir));
	name_is(out, name);
}

/* Reached by a directory outside of the root. */
static void chroot_elsewhere(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	go(dir);
	if (chroot(PK_DENY_TOP "/elsewhere"))
		pk_deny_unable("chroot", errno);
	SPELL(out, ".");
	name_is(out, name);
}

/* The last part is another one. */

static void by_link(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, PK_DENY_TOP "/forms");
	pk_format(out->name, sizeof(out->name), "link%s", strrchr(dir, '/') + 1);
}

static void by_links(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, PK_DENY_TOP "/forms");
	pk_format(out->name, sizeof(out->name), "links%s", strrchr(dir, '/') + 1);
}

static void by_hard_link(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, PK_DENY_TOP "/forms");
	name_is(out, strrchr(PK_DENY_LINKED, '/') + 1);
}

static void moved(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	SPELL(out, PK_DENY_TOP "/forms");
	name_is(out, strrchr(PK_DENY_MOVED, '/') + 1);
}

static void path_fd(const char *dir, const char *name, struct pk_deny_spelling *out)
{
	char path[PK_PATH_BYTES];
	int fd;

	pk_format(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_PATH);
	if (fd < 0)
		pk_deny_unable("O_PATH", errno);
	SPELL(out, "/proc/self/fd");
	pk_format(out->name, sizeof(out->name), "%d", fd);
}

#define LAST PK_DENY_FORM_LAST
#define IDENTITY PK_DENY_FORM_IDENTITY

/* The first is the plain one. */
const struct pk_deny_form pk_deny_forms[] = {
	{ "plain", 0, plain },
	{ "by //", 0, slashes },
	{ "by /./", 0, dots },
	{ "by ..", 0, parents },
	{ "by .. above the root", 0, above_root },
	{ "relative", 0, relative },
	{ "relative by ..", 0, relative_up },
	{ "by a directory symlink", 0, dir_link },
	{ "by an absolute directory symlink", 0, dir_link_absolute },
	{ "by /proc/self/root", 0, proc_root },
	{ "by the parent's root", 0, parent_root },
	{ "by /proc/self/cwd", 0, proc_cwd },
	{ "by an O_PATH directory", 0, path_fd_dir },
	{ "in a mount namespace", 0, mount_namespace },
	{ "in a user namespace", PK_DENY_FORM_USERNS, user_namespace },
	{ "in a chroot to /", 0, chroot_slash },
	{ "by a bind mount", IDENTITY, bind_mount },
	{ "by a bind mount in a mount namespace", IDENTITY, own_bind_mount },
	{ "by a detached mount", IDENTITY, detached },
	{ "in a chroot above", IDENTITY, chroot_above },
	{ "from outside of a chroot", 0, chroot_elsewhere },
	{ "by a symlink", LAST, by_link },
	{ "by two symlinks", LAST, by_links },
	{ "by O_PATH and /proc/self/fd", LAST, path_fd },
	{ "by a hard link", LAST | IDENTITY | PK_DENY_FORM_LINKED, by_hard_link },
	{ "after it was moved", LAST | IDENTITY | PK_DENY_FORM_MOVED, moved },
};

const unsigned int pk_deny_form_cnt = PK_ARRAY_SIZE(pk_deny_forms);
