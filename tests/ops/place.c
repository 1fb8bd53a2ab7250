// SPDX-License-Identifier: Apache-2.0
/* Directories to work in, and the four kinds of ground: host, mount namespace, chroot, overlay. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "ops.h"

#define NAME_SLOTS 16u

struct pk_place pk_place = { .dirfd = -1 };

static char *name_slot(void)
{
	static char slots[NAME_SLOTS][PK_PATH_BYTES];
	static unsigned int next;

	return slots[next++ % NAME_SLOTS];
}

const char *pk_at(const char *name)
{
	char *slot = name_slot();

	pk_format(slot, PK_PATH_BYTES, "%s/%s", pk_place.dir, name);
	return slot;
}

const char *pk_fresh(const char *prefix)
{
	static unsigned int cnt;
	char *slot = name_slot();

	pk_format(slot, PK_PATH_BYTES, "%s%u", prefix, ++cnt);
	return slot;
}

struct stat pk_stat(const char *name)
{
	struct stat st;

	if (lstat(name, &st))
		memset(&st, 0, sizeof(st));
	return st;
}

void pk_log_opened(int fd, const char *path, int flags, bool created)
{
	struct stat st;

	pk_log_path("path", path);
	pk_log_open_flags(flags);
	pk_log_bool("created", created);
	if (!fstat(fd, &st)) {
		if (created)
			pk_log_int("mode", st.st_mode & 07777);
		pk_log_stat(&st);
	}
}

/* The absolute path of a name that is absolute or in the group's directory. */
static const char *absolute(const char *name)
{
	return name[0] == '/' ? name : pk_at(name);
}

void pk_make_file(const char *name, unsigned int mode)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	int fd = syscall(SYS_openat, AT_FDCWD, name, flags, mode);

	if (fd < 0)
		pk_log_die("cannot create '%s': %s", name, strerror(errno));
	pk_log_begin("open", "prepare");
	pk_log_opened(fd, absolute(name), flags, true);
	pk_log_end();
	close(fd);
}

void pk_make_dir(const char *name, unsigned int mode)
{
	struct stat st;

	if (mkdir(name, mode))
		pk_log_die("cannot make the directory '%s': %s", name, strerror(errno));
	st = pk_stat(name);
	pk_log_begin("mkdir", "prepare");
	pk_log_path("path", absolute(name));
	pk_log_int("mode", st.st_mode & 07777);
	pk_log_stat(&st);
	pk_log_end();
}

void pk_make_symlink(const char *target, const char *name)
{
	if (symlink(target, name))
		pk_log_die("cannot make the link '%s': %s", name, strerror(errno));
	pk_log_begin("symlink", "prepare");
	pk_log_path("path", absolute(name));
	pk_log_str("target", target);
	pk_log_end();
}

static void remove_logged(const char *name, const char *type, int flags)
{
	struct stat st = pk_stat(name);

	if (syscall(SYS_unlinkat, AT_FDCWD, name, flags))
		pk_log_die("cannot remove '%s': %s", name, strerror(errno));
	pk_log_begin(type, "clean up");
	pk_log_path("path", absolute(name));
	pk_log_stat(&st);
	pk_log_end();
}

void pk_remove_file(const char *name)
{
	remove_logged(name, "unlink", 0);
}

void pk_remove_dir(const char *name)
{
	remove_logged(name, "rmdir", AT_REMOVEDIR);
}

int pk_open_file(const char *name, int flags, const char *variant)
{
	int fd = syscall(SYS_openat, AT_FDCWD, name, flags, 0);

	if (fd < 0)
		pk_log_die("cannot open '%s': %s", name, strerror(errno));
	pk_log_begin("open", variant);
	pk_log_opened(fd, absolute(name), flags, false);
	pk_log_end();
	return fd;
}

struct dir_entry {
	__u64 ino;
	__s64 off;
	unsigned short entry_bytes;
	unsigned char type;
	char name[];
};

/* Removes all that is in the directory `path`. */
static void empty_dir(const char *path)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	char entries[8192] __attribute__((aligned(8)));
	char child[PK_PATH_BYTES];
	int fd = pk_open_file(path, flags, "clean up");
	long len, at;

	for (;;) {
		len = syscall(SYS_getdents64, fd, entries, sizeof(entries));
		if (len <= 0)
			break;
		for (at = 0; at < len;) {
			struct dir_entry *entry = (void *)(entries + at);

			at += entry->entry_bytes;
			if (!strcmp(entry->name, ".") || !strcmp(entry->name, ".."))
				continue;
			pk_format(child, sizeof(child), "%s/%s", path, entry->name);
			if (S_ISDIR(pk_stat(child).st_mode)) {
				empty_dir(child);
				pk_remove_dir(child);
			} else {
				pk_remove_file(child);
			}
		}
	}
	close(fd);
}

static void go(const char *dir)
{
	struct statfs fs;

	if (dir != pk_place.dir)
		pk_format(pk_place.dir, sizeof(pk_place.dir), "%s", dir);
	if (chdir(dir))
		pk_log_die("cannot go to '%s': %s", dir, strerror(errno));
	if (pk_place.dirfd >= 0)
		close(pk_place.dirfd);
	pk_place.dirfd = syscall(SYS_openat, AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	pk_log_inodes(fstatfs(pk_place.dirfd, &fs) || fs.f_type != OVERLAYFS_SUPER_MAGIC);
}

void pk_group_enter(const char *name)
{
	pk_make_dir(name, 0755);
	go(pk_at(name));
}

void pk_group_leave(void)
{
	char dir[PK_PATH_BYTES], *slash;

	pk_format(dir, sizeof(dir), "%s", pk_place.dir);
	empty_dir(dir);
	slash = strrchr(pk_place.dir, '/');
	*slash = '\0';
	if (!pk_place.dir[0]) {
		go("/");
		pk_place.dir[0] = '\0';
	} else {
		go(pk_place.dir);
	}
	pk_remove_dir(dir);
}

/* Copies this program (or the 32-bit one) to `to`, logged. False: there is nothing to copy. */
static bool copy_program(const char *from, const char *to)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
	char real[PK_PATH_BYTES];
	struct stat st;
	int in, out;

	if (!realpath(from, real) || stat(real, &st))
		return false;
	in = syscall(SYS_openat, AT_FDCWD, from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return false;
	pk_log_begin("open", "prepare: program");
	pk_log_opened(in, real, O_RDONLY | O_CLOEXEC, false);
	pk_log_end();
	out = syscall(SYS_openat, AT_FDCWD, to, flags, 0755);
	if (out < 0)
		pk_log_die("cannot create '%s': %s", to, strerror(errno));
	pk_log_begin("open", "prepare: copy");
	pk_log_opened(out, absolute(to), flags, true);
	pk_log_end();
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
	close(in);
	close(out);
	return true;
}

/* Makes the place in the directory where we are: the programs, then what the groups make. */
static void settle(const char *self_dir, pk_groups_fn groups)
{
	pk_format(pk_place.self, sizeof(pk_place.self), "%s/ops", self_dir);
	pk_format(pk_place.self32, sizeof(pk_place.self32), "%s/ops32", self_dir);
	if (access(pk_place.self32, X_OK))
		pk_place.self32[0] = '\0';
	groups();
}

/* `self32`: where the 32-bit program would be, beside this one. */
static void program_paths(char *self32)
{
	ssize_t len = readlink("/proc/self/exe", self32, PK_PATH_BYTES - 3);

	if (len < 0)
		len = 0;
	strcpy(self32 + len, len ? "32" : "");
}

static void make_sandbox(const char *dir, char *ret_path)
{
	char real[PK_PATH_BYTES], name[PK_PATH_BYTES + 64], self32[PK_PATH_BYTES];

	if (!realpath(dir, real))
		pk_log_die("cannot resolve the directory '%s': %s", dir, strerror(errno));
	pk_format(name, sizeof(name), "%s/ops.%d", strcmp(real, "/") ? real : "", getpid());
	pk_make_dir(name, 0755);
	go(name);
	program_paths(self32);
	if (!copy_program("/proc/self/exe", "ops"))
		pk_log_die("cannot copy this program: is /proc mounted?");
	copy_program(self32, "ops32");
	strcpy(ret_path, pk_place.dir);
}

static void remove_sandbox(const char *dir)
{
	if (chdir("/"))
		pk_log_die("cannot go to the root: %s", strerror(errno));
	empty_dir(dir);
	pk_remove_dir(dir);
}

void pk_place_host(const char *dir, pk_groups_fn groups)
{
	char sandbox[PK_PATH_BYTES];

	make_sandbox(dir, sandbox);
	settle(sandbox, groups);
	remove_sandbox(sandbox);
}

static void mount_or_die(const char *source, const char *target, const char *type,
			 unsigned long flags, const char *data)
{
	if (mount(source, target, type, flags, data))
		pk_log_die("cannot mount '%s' (%s): %s", target, type ? type : "bind",
			   strerror(errno));
}

static void private_mounts(void)
{
	if (unshare(CLONE_NEWNS))
		pk_log_die("cannot have a mount namespace: %s", strerror(errno));
	mount_or_die("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* A tmpfs that only this process has, and in it a bind mount of a directory that the host has. */
static void mntns_child(const char *sandbox, pk_groups_fn groups)
{
	char dir[PK_PATH_BYTES], bind[PK_PATH_BYTES], host[PK_PATH_BYTES];

	private_mounts();
	pk_format(dir, sizeof(dir), "%s/tmpfs", sandbox);
	mount_or_die("tmpfs", dir, "tmpfs", 0, "mode=755");
	pk_log_map_paths(dir, NULL);
	go(dir);
	pk_make_dir("work", 0755);
	go(pk_at("work"));
	settle(sandbox, groups);

	go(dir);
	pk_make_dir("bind", 0755);
	pk_format(bind, sizeof(bind), "%s/bind", dir);
	pk_format(host, sizeof(host), "%s/source", sandbox);
	mount_or_die(host, bind, NULL, MS_BIND, NULL);
	pk_log_map_paths(bind, host);
	go(bind);
	settle(sandbox, groups);
	_exit(0);
}

void pk_place_mntns(const char *dir, pk_groups_fn groups)
{
	char sandbox[PK_PATH_BYTES];
	int pid;

	make_sandbox(dir, sandbox);
	pk_make_dir("tmpfs", 0755);
	pk_make_dir("source", 0755);
	pid = pk_fork("prepare");
	if (!pid)
		mntns_child(sandbox, groups);
	pk_wait(pid);
	remove_sandbox(sandbox);
}

static void chroot_child(const char *sandbox, pk_groups_fn groups)
{
	if (chroot(sandbox))
		pk_log_die("cannot change the root to '%s': %s", sandbox, strerror(errno));
	pk_log_map_paths("", sandbox);
	go("/");
	pk_place.dir[0] = '\0';
	settle("", groups);
	_exit(0);
}

void pk_place_chroot(const char *dir, pk_groups_fn groups)
{
	char sandbox[PK_PATH_BYTES];
	int pid;

	make_sandbox(dir, sandbox);
	pk_make_dir("proc", 0755);
	if (mount("proc", "proc", "proc", 0, NULL))
		pk_log_note("no /proc in the chroot", strerror(errno));
	pid = pk_fork("prepare");
	if (!pid)
		chroot_child(sandbox, groups);
	pk_wait(pid);
	umount2(pk_at("proc"), MNT_DETACH);
	remove_sandbox(sandbox);
}

/* An overlay on a tmpfs, since not every file system can carry one. */
static void overlay_child(const char *sandbox, pk_groups_fn groups)
{
	char tmpfs[PK_PATH_BYTES], options[3 * PK_PATH_BYTES];

	private_mounts();
	pk_format(tmpfs, sizeof(tmpfs), "%s/tmpfs", sandbox);
	mount_or_die("tmpfs", tmpfs, "tmpfs", 0, "mode=755");
	pk_log_map_paths(tmpfs, NULL);
	go(tmpfs);
	pk_make_dir("lower", 0755);
	pk_make_dir("upper", 0755);
	pk_make_dir("work", 0755);
	pk_make_dir("merged", 0755);
	pk_make_dir("lower/old", 0755);
	pk_make_dir("lower/old/dir", 0755);
	pk_make_file("lower/old/read", 0644);
	pk_make_file("lower/old/written", 0644);
	pk_make_file("lower/old/mode", 0644);
	pk_make_file("lower/old/owner", 0644);
	pk_make_file("lower/old/size", 0644);
	pk_make_file("lower/old/unlinked", 0644);
	pk_make_file("lower/old/renamed", 0644);
	pk_make_file("lower/old/linked", 0644);
	if (!copy_program("/proc/self/exe", "lower/old/program"))
		pk_log_die("cannot copy this program");
	pk_format(options, sizeof(options), "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work",
		  tmpfs, tmpfs, tmpfs);
	if (mount("overlay", pk_at("merged"), "overlay", 0, options)) {
		pk_log_skipped("overlay", errno);
		_exit(0);
	}
	pk_place.lower = "old";
	go(pk_at("merged"));
	settle(sandbox, groups);
	_exit(0);
}

void pk_place_overlay(const char *dir, pk_groups_fn groups)
{
	char sandbox[PK_PATH_BYTES];
	int pid;

	make_sandbox(dir, sandbox);
	pk_make_dir("tmpfs", 0755);
	pid = pk_fork("prepare");
	if (!pid)
		overlay_child(sandbox, groups);
	pk_wait(pid);
	remove_sandbox(sandbox);
}
