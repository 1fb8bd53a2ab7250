// SPDX-License-Identifier: Apache-2.0
/*
 * The file by another name, or another file by its name: links, mounts, roots, layers. What a process sees is
 * another path then; who the file is does not change.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

static long open_it(const char *path)
{
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

static long by_hard_link(const struct pk_bypass *b)
{
	(void)b;
	return open_it(TOP "/links/hard");
}

static long making_hard_link(const struct pk_bypass *b)
{
	return PK_SYS(SYS_linkat, AT_FDCWD, TOP "/names/linked", AT_FDCWD, b->path, 0);
}

/* A child opens it: whoever is killed does not put the directory back. */
static long in_moved_directory(const struct pk_bypass *b)
{
	int pid, status = 0;
	long result;

	(void)b;
	pk_bypass_need(rename(TOP "/secret", TOP "/out/secret"), "rename");
	pid = fork();
	if (!pid) {
		pk_bypass_is_me();
		result = open_it(TOP "/out/secret/file");
		_exit(result == -EPERM ? 43 : result ? 44 : 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		pk_bypass_unable("a child", errno);
	pk_bypass_need(rename(TOP "/out/secret", TOP "/secret"), "rename");
	if (WIFSIGNALED(status))
		kill(getpid(), WTERMSIG(status));
	return WEXITSTATUS(status) == 43 ? -EPERM : WEXITSTATUS(status) ? -ECANCELED : 0;
}

static void bind_over(const char *from, const char *to)
{
	pk_bypass_own_mounts();
	pk_bypass_need(mount(from, to, NULL, MS_BIND, NULL), "bind mount");
}

static long by_bind_mount(const struct pk_bypass *b)
{
	(void)b;
	bind_over(TOP "/secret", TOP "/mnt");
	return open_it(TOP "/mnt/file");
}

static long mounted_over_decoy(const struct pk_bypass *b)
{
	(void)b;
	bind_over(TOP "/secret/file", TOP "/other/file");
	return open_it(TOP "/other/file");
}

/* Something is mounted over it; below, it is still there for who has the directory. */
static long below_a_mount(const struct pk_bypass *b)
{
	int dir = open(TOP "/secret", O_PATH | O_DIRECTORY);

	(void)b;
	pk_bypass_own_mounts();
	pk_bypass_need(mount("none", TOP "/secret", "tmpfs", 0, NULL), "tmpfs");
	return pk_bypass_read(PK_SYS(SYS_openat, dir, "file", O_RDONLY | O_CLOEXEC));
}

static long in_user_namespace(const struct pk_bypass *b)
{
	(void)b;
	pk_bypass_need(unshare(CLONE_NEWUSER | CLONE_NEWNS), "user namespace");
	pk_bypass_need(mount(TOP "/secret", TOP "/mnt", NULL, MS_BIND, NULL), "bind mount");
	return open_it(TOP "/mnt/file");
}

static long in_mount_namespace(const struct pk_bypass *b)
{
	(void)b;
	pk_bypass_own_mounts();
	return open_it(TOP "/secret/file");
}

static long by_detached_mount(const struct pk_bypass *b)
{
	char path[64];
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, TOP "/secret", OPEN_TREE_CLONE);

	(void)b;
	pk_bypass_need(fd, "open_tree");
	pk_format(path, sizeof(path), "/proc/self/fd/%d/file", fd);
	return open_it(path);
}

static long in_chroot(const struct pk_bypass *b)
{
	(void)b;
	pk_bypass_need(chroot(TOP), "chroot");
	pk_bypass_need(chdir("/"), "chdir");
	return open_it("/secret/file");
}

/* The whole tree below another root. */
static long after_pivot(const struct pk_bypass *b)
{
	(void)b;
	pk_bypass_own_mounts();
	pk_bypass_need(mount(TOP, TOP "/mnt", NULL, MS_BIND, NULL), "bind mount");
	pk_bypass_need(syscall(SYS_pivot_root, TOP "/mnt", TOP "/mnt/root"), "pivot_root");
	pk_bypass_need(chdir("/"), "chdir");
	return open_it("/secret/file");
}

static void overlay(void)
{
	pk_bypass_own_mounts();
	/* no overlay's upper layer can be on another overlay */
	pk_bypass_need(mount("none", TOP "/upper", "tmpfs", 0, NULL), "tmpfs");
	pk_bypass_need(mkdir(TOP "/upper/up", 0755), "mkdir");
	pk_bypass_need(mkdir(TOP "/upper/work", 0755), "mkdir");
	pk_bypass_need(mount("overlay", TOP "/mnt", "overlay", 0,
			     "lowerdir=" TOP "/secret,upperdir=" TOP "/upper/up,workdir=" TOP
			     "/upper/work"),
		       "overlay");
}

static long below_an_overlay(const struct pk_bypass *b)
{
	(void)b;
	overlay();
	return open_it(TOP "/mnt/file");
}

/* The copy in the upper layer is another file. */
static long copied_up(const struct pk_bypass *b)
{
	(void)b;
	overlay();
	pk_bypass_need(chmod(TOP "/mnt/file", 0600), "chmod");
	return open_it(TOP "/upper/up/file");
}

/* The same place, and the overlay's path is the secret's. */
static long overlaid(const struct pk_bypass *b)
{
	(void)b;
	pk_bypass_own_mounts();
	pk_bypass_need(mount("overlay", TOP "/secret", "overlay", 0,
			     "lowerdir=" TOP "/secret:" TOP "/other"),
		       "overlay");
	return open_it(TOP "/secret/file");
}

static int id_mapping(void)
{
	char path[64];
	int fds[2], pid, fd;
	char byte;

	pk_bypass_need(pipe(fds), "a pipe");
	pid = fork();
	if (!pid) {
		close(fds[1]);
		if (unshare(CLONE_NEWUSER))
			_exit(1);
		(void)!read(fds[0], &byte, 1);
		_exit(0);
	}
	for (int i = 0; i < 200; i++) {
		struct stat own, other;

		pk_format(path, sizeof(path), "/proc/%d/ns/user", pid);
		if (!stat("/proc/self/ns/user", &own) && !stat(path, &other) &&
		    own.st_ino != other.st_ino)
			break;
		usleep(5000);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	pk_format(path, sizeof(path), "/proc/%d/uid_map", pid);
	pk_bypass_write(path, "0 100000 65536\n", 0644);
	pk_format(path, sizeof(path), "/proc/%d/gid_map", pid);
	pk_bypass_write(path, "0 100000 65536\n", 0644);
	close(fds[1]);
	return fd;
}

static long by_idmapped_mount(const struct pk_bypass *b)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	char path[64];
	int tree;

	(void)b;
	attr.userns_fd = (__u64)id_mapping();
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, TOP "/secret", OPEN_TREE_CLONE);
	pk_bypass_need(tree, "open_tree");
	pk_bypass_need(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)),
		       "a mount that maps ids");
	pk_format(path, sizeof(path), "/proc/self/fd/%d/file", tree);
	return open_it(path);
}

/* The rule's program by its path, and another file. */
static long program_bound_over(const struct pk_bypass *b)
{
	char *args[] = { "good", PK_BYPASS_IMAGE, "open", TOP "/only/file", NULL };

	(void)b;
	bind_over(TOP "/bin/imposter", TOP "/bin/good");
	return PK_SYS(SYS_execve, TOP "/bin/good", args, pk_bypass_no_env);
}

#define OPENS(id, fn)                                       \
	{                                                   \
		id, "secret opened", TOP "/secret/file", fn \
	}

static const struct pk_bypass table[] = {
	OPENS("view-hardlink", by_hard_link),
	{ "view-hardlink-made", "name linked", TOP "/names/linked", making_hard_link,
	  PK_BYPASS_MADE, TOP "/out/linked" },
	OPENS("view-moved-dir", in_moved_directory),
	OPENS("view-bind", by_bind_mount),
	OPENS("view-bind-over", mounted_over_decoy),
	OPENS("view-below-mount", below_a_mount),
	OPENS("view-mount-namespace", in_mount_namespace),
	OPENS("view-user-namespace", in_user_namespace),
	OPENS("view-detached", by_detached_mount),
	OPENS("view-idmapped", by_idmapped_mount),
	OPENS("view-chroot", in_chroot),
	OPENS("view-pivot-root", after_pivot),
	OPENS("view-overlay", below_an_overlay),
	OPENS("view-overlay-copied-up", copied_up),
	OPENS("view-overlay-in-place", overlaid),
	{ "view-program-bound-over", "opened by another program", TOP "/only/file",
	  program_bound_over },
};

const struct pk_bypass_group pk_bypass_views = PK_BYPASS_GROUP(table);
