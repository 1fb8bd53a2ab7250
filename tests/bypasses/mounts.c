// SPDX-License-Identifier: Apache-2.0
/* Mounts by the old call and by the new ones, and namespaces by way of descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP
#define SPOT TOP "/mnt"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

/* Something is mounted there. */
static bool is_mounted(const char *path)
{
	struct stat st, above;
	char parent[256];

	pk_format(parent, sizeof(parent), "%s/..", path);
	return !stat(path, &st) && !stat(parent, &above) && st.st_dev != above.st_dev;
}

static long judged(long result)
{
	if (is_mounted(SPOT))
		pk_bypass_effect();
	return result;
}

static long by_mount(const struct pk_bypass *b)
{
	(void)b;
	pk_bypass_own_mounts();
	return judged(PK_SYS(SYS_mount, "none", TOP "/links/../mnt", "tmpfs", 0, NULL));
}

static int configured(void)
{
	int fd = (int)syscall(SYS_fsopen, "tmpfs", 0);

	pk_bypass_need(fd, "fsopen");
	if (syscall(SYS_fsconfig, fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	return fd;
}

static long by_move_mount(const struct pk_bypass *b)
{
	int fd, mount_fd;

	(void)b;
	pk_bypass_own_mounts();
	fd = configured();
	pk_bypass_need(fd, "fsconfig");
	mount_fd = (int)syscall(SYS_fsmount, fd, 0, 0);
	pk_bypass_need(mount_fd, "fsmount");
	return judged(
		PK_SYS(SYS_move_mount, mount_fd, "", AT_FDCWD, SPOT, MOVE_MOUNT_F_EMPTY_PATH));
}

static long by_open_tree(const struct pk_bypass *b)
{
	int fd;

	(void)b;
	pk_bypass_own_mounts();
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/proc", OPEN_TREE_CLONE | AT_RECURSIVE);
	pk_bypass_need(fd, "open_tree");
	return judged(PK_SYS(SYS_move_mount, fd, "", AT_FDCWD, SPOT, MOVE_MOUNT_F_EMPTY_PATH));
}

/* Never given a place: used by its descriptor alone. */
static long by_fsmount(const struct pk_bypass *b)
{
	long result;
	int fd;

	(void)b;
	pk_bypass_own_mounts();
	fd = configured();
	pk_bypass_need(fd, "fsconfig");
	result = PK_SYS(SYS_fsmount, fd, 0, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME);
	if (result >= 0 && openat((int)result, "new", O_CREAT | O_WRONLY, 0600) >= 0)
		pk_bypass_effect();
	return result;
}

static long by_fsconfig(const struct pk_bypass *b)
{
	long result;
	int fd;

	(void)b;
	pk_bypass_own_mounts();
	pk_bypass_need(mount("none", TOP "/own", "tmpfs", 0, NULL), "tmpfs");
	fd = (int)syscall(SYS_fspick, AT_FDCWD, TOP "/own", 0);
	pk_bypass_need(fd, "fspick");
	result = PK_SYS(SYS_fsconfig, fd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
	if (result >= 0)
		pk_bypass_effect();
	return result;
}

/* What was mounted to be read only is so no longer. */
static long by_setattr(const struct pk_bypass *b)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };
	long result;

	(void)b;
	pk_bypass_own_mounts();
	pk_bypass_need(mount("none", TOP "/own", "tmpfs", MS_RDONLY, NULL), "tmpfs");
	pk_bypass_need(mount(NULL, TOP "/own", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL),
		       "remount");
	result = PK_SYS(SYS_mount_setattr, AT_FDCWD, TOP "/own", AT_RECURSIVE, &attr, sizeof(attr));
	if (!result)
		pk_bypass_effect();
	return result;
}

/* A child with a namespace of its own; another process goes there by the child's pidfd. */
static long by_pidfd(const struct pk_bypass *b)
{
	struct clone_args args = { .flags = CLONE_NEWUTS | CLONE_PIDFD, .exit_signal = SIGCHLD };
	int pidfd = -1;
	long pid, result;

	(void)b;
	args.pidfd = (__u64)&pidfd;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	pk_bypass_need(pid, "clone3");
	result = PK_SYS(SYS_setns, pidfd, CLONE_NEWUTS);
	if (!result)
		pk_bypass_effect();
	kill((int)pid, SIGKILL);
	waitpid((int)pid, NULL, 0);
	return result;
}

static long user_by_clone3(const struct pk_bypass *b)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	long pid;

	(void)b;
	pk_bypass_need(PK_SYS(SYS_setresgid, -1, PK_BYPASS_USER, -1), "setresgid");
	pid = PK_SYS(SYS_clone3, &args, sizeof(args));
	if (!pid)
		_exit(0);
	if (pid > 0) {
		pk_bypass_effect();
		waitpid((int)pid, NULL, 0);
	}
	return pid;
}

static long user_by_unshare(const struct pk_bypass *b)
{
	long result;

	(void)b;
	pk_bypass_need(PK_SYS(SYS_setresgid, -1, PK_BYPASS_USER, -1), "setresgid");
	result = PK_SYS(SYS_unshare, CLONE_NEWUSER);
	if (!result)
		pk_bypass_effect();
	return result;
}

static const struct pk_bypass table[] = {
	{ "mount-old", "mounted", SPOT, by_mount },
	{ "mount-move", "mounted", SPOT, by_move_mount },
	{ "mount-open-tree", "mounted", SPOT, by_open_tree },
	{ "mount-fsconfig", "file system configured", "FSCONFIG_CMD_RECONFIGURE", by_fsconfig },
	{ "mount-fsmount", "mounted nowhere", NULL, by_fsmount },
	{ "mount-setattr", "mount changed", TOP "/own", by_setattr },
	{ "namespace-pidfd", "namespace entered", "CLONE_NEWUTS", by_pidfd },
	{ "namespace-user-clone3", "user namespace made", NULL, user_by_clone3 },
	{ "namespace-user-unshare", "user namespace made", NULL, user_by_unshare },
};

const struct pk_bypass_group pk_bypass_mounts = PK_BYPASS_GROUP(table);
