// SPDX-License-Identifier: Apache-2.0
/* Roads to a file that are no way of spelling its path, and what is no open of it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "attempt.h"

#define TOP PK_DENY_TOP

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

static void need(long result, const char *what)
{
	if (result < 0)
		pk_deny_unable(what, errno);
}

static void own_mounts(void)
{
	need(unshare(CLONE_NEWNS), "mount namespace");
	need(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
}

static long do_open(const char *path, int flags)
{
	return PK_SYS(SYS_openat, AT_FDCWD, path, flags, 0600);
}

static long by_handle(void *arg)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} h = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount_id;

	need(name_to_handle_at(AT_FDCWD, TOP "/open/file", &h.handle, &mount_id, 0), "a handle");
	return PK_SYS(SYS_open_by_handle_at, open(TOP, O_RDONLY | O_DIRECTORY), &h.handle,
		      O_RDONLY);
}

static long cached(void *arg)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_CACHED };

	(void)!access(TOP "/open/file", F_OK);
	return PK_SYS(SYS_openat2, AT_FDCWD, TOP "/open/file", &how, sizeof(how));
}

/* Into the ring's own table: no descriptor comes of it. */
static long direct_descriptor(void *arg)
{
	const enum pk_how *how = arg;
	struct io_uring_sqe sqe = { .opcode = IORING_OP_OPENAT,
				    .fd = AT_FDCWD,
				    .addr = (__u64)TOP "/open/file",
				    .open_flags = O_RDONLY,
				    .file_index = 1 };
	long result = pk_ring_files(*how, 4);

	return result < 0 ? result : pk_ring_run(*how, &sqe);
}

static long open_it(void *arg)
{
	return do_open(arg, O_RDONLY);
}

static long path_only(void *arg)
{
	return do_open(arg, O_PATH);
}

static long look_at(void *arg)
{
	struct stat st;

	return stat(arg, &st) || access(arg, R_OK) ? -errno : 0;
}

static long tmpfile_in(void *arg)
{
	return do_open(arg, O_TMPFILE | O_RDWR);
}

static long open_dir(void *arg)
{
	return do_open(arg, O_RDONLY | O_DIRECTORY);
}

static long other_file_bound_over(void *arg)
{
	own_mounts();
	need(mount(TOP "/elsewhere/file", TOP "/open/file", NULL, MS_BIND, NULL), "bind mount");
	return do_open(TOP "/open/file", O_RDONLY);
}

static long bound_over_other_file(void *arg)
{
	own_mounts();
	need(mount(TOP "/open/file", TOP "/elsewhere/file", NULL, MS_BIND, NULL), "bind mount");
	return do_open(TOP "/elsewhere/file", O_RDONLY);
}

static long other_directory_bound_over(void *arg)
{
	own_mounts();
	need(mount(TOP "/elsewhere", TOP "/open", NULL, MS_BIND, NULL), "bind mount");
	return do_open(TOP "/open/file", O_RDONLY);
}

static long in_other_root(void *arg)
{
	need(chroot(TOP "/root"), "chroot");
	need(chdir("/"), "chdir");
	return do_open(TOP "/open/file", O_RDONLY);
}

/* The file system below is opened by the overlay for itself: another file to the process. */
static long on_overlay(void *arg)
{
	own_mounts();
	need(mount("overlay", TOP "/mnt", "overlay", 0, "lowerdir=" TOP "/open:" TOP "/elsewhere"),
	     "overlay");
	return do_open(TOP "/mnt/file", O_RDONLY);
}

/* A name for the file by way of a descriptor. */
static long link_by_proc(void *arg)
{
	char path[64];

	pk_format(path, sizeof(path), "/proc/self/fd/%d", open(TOP "/link/file", O_PATH));
	return PK_SYS(SYS_linkat, AT_FDCWD, path, AT_FDCWD, TOP "/link/new", AT_SYMLINK_FOLLOW);
}

static long chmod_by_proc(void *arg)
{
	char path[64];

	pk_format(path, sizeof(path), "/proc/self/fd/%d", open(TOP "/chmod/file", O_PATH));
	return PK_SYS(SYS_fchmodat, AT_FDCWD, path, 0600);
}

static long other_user(void *arg)
{
	need(PK_SYS(SYS_setresgid, PK_NOBODY, PK_NOBODY, PK_NOBODY), "setresgid");
	need(PK_SYS(SYS_setresuid, PK_NOBODY, PK_NOBODY, PK_NOBODY), "setresuid");
	return do_open(arg, O_RDONLY);
}

static void single(const char *name, const char *rule, long (*run)(void *arg), void *arg)
{
	struct pk_deny_case c = { .rule = rule, .attempt = run, .arg = arg };

	pk_format(c.name, sizeof(c.name), "%s", name);
	pk_deny_run(&c);
}

static void changing(const char *name, const char *rule, long (*run)(void *arg), const char *path,
		     enum pk_deny_object what, const char *protected)
{
	struct pk_deny_case c = {
		.rule = rule, .attempt = run, .watched = { path, protected }, .changes = true
	};

	pk_format(c.name, sizeof(c.name), "%s", name);
	pk_deny_make(path, what);
	pk_deny_run(&c);
	pk_deny_make(path, what);
}

static void must_rename(const char *from, const char *to)
{
	if (rename(from, to))
		pk_log_die("cannot rename '%s' to '%s': %s", from, to, strerror(errno));
}

/* Another file takes the protected name; the protected one has another name then. */
static void replaced(void)
{
	pk_deny_make(TOP "/elsewhere/new", PK_DENY_FILE);
	must_rename(TOP "/swap/file", TOP "/swap/old");
	must_rename(TOP "/elsewhere/new", TOP "/swap/file");
	single("open: another file of the protected name", "no open", open_it, TOP "/swap/file");
	single("open: the file that had the protected name", "no open", open_it, TOP "/swap/old");
	must_rename(TOP "/swap/file", TOP "/elsewhere/new");
	single("open: after the name went away again", "no open", open_it, TOP "/swap/old");
	must_rename(TOP "/swap/old", TOP "/swap/file");
	single("open: after the file came back", "no open", open_it, TOP "/swap/file");
	single("open neighbour: after it had the protected name", NULL, open_it,
	       TOP "/elsewhere/new");
}

static void parent_moved(void)
{
	must_rename(TOP "/open", TOP "/forms/open");
	single("open: in a directory that was moved", "no open", open_it, TOP "/forms/open/file");
	must_rename(TOP "/forms/open", TOP "/open");
	must_rename(TOP "/vault/a", TOP "/forms/a");
	single("beyond open in the vault: in a directory that was moved", NULL, open_it,
	       TOP "/forms/a/file");
	must_rename(TOP "/forms/a", TOP "/vault/a");
}

static void roads(void)
{
	static enum pk_how ring = PK_HOW_RING, async = PK_HOW_RING_ASYNC;

	single("open: open_by_handle_at", "no open", by_handle, NULL);
	single("open: openat2/RESOLVE_CACHED", "no open", cached, NULL);
	single("open: io_uring/OPENAT direct", "no open", direct_descriptor, &ring);
	single("open: io_uring async/OPENAT direct", "no open", direct_descriptor, &async);
	single("open: by another user", "no open", other_user, TOP "/open/file");
	single("open: another file bound over it", "no open", other_file_bound_over, NULL);
	single("open: bound over another file", "no open", bound_over_other_file, NULL);
	single("open: another directory bound over its own", "no open", other_directory_bound_over,
	       NULL);
	single("open: the same path in another root", "no open", in_other_root, NULL);
	single("open neighbour: that file by its path on the host", NULL, open_it,
	       TOP "/root" TOP "/open/file");
	single("open neighbour: O_PATH opens nothing", NULL, path_only, TOP "/open/file");
	single("open neighbour: stat and access", NULL, look_at, TOP "/open/file");
	single("open neighbour: its directory", NULL, open_dir, TOP "/open");
	single("beyond open: as the lower layer of an overlay", NULL, on_overlay, NULL);
}

void pk_deny_group_more(void)
{
	roads();
	replaced();
	parent_moved();
	single("open in the vault: O_TMPFILE", "no open in the vault", tmpfile_in, TOP "/vault/a");
	single("open in the vault: a directory", "no open in the vault", open_dir, TOP "/vault/a");
	single("open in the vault neighbour: the directory itself", NULL, open_dir, TOP "/vault");
	single("open in the vault neighbour: a longer name", NULL, open_it, TOP "/vaults/file");
	changing("link: linkat/AT_SYMLINK_FOLLOW of O_PATH", "no link", link_by_proc,
		 TOP "/link/new", PK_DENY_NOTHING, TOP "/link/file");
	changing("chmod: fchmodat of O_PATH by /proc/self/fd", "no chmod", chmod_by_proc,
		 TOP "/chmod/file", PK_DENY_FILE, NULL);
}
