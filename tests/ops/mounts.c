// SPDX-License-Identifier: Apache-2.0
/*
 * Changes of the file tree: mount() and its younger relatives, by both tables of system calls. In a child with
 * a mount namespace of its own, which logs all of them: compare.py takes those of other processes for ground.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "system.h"

/* Newer than the oldest headers. */
enum {
	NR_OPEN_TREE = 428,
	NR_MOVE_MOUNT = 429,
	NR_FSOPEN = 430,
	NR_FSCONFIG = 431,
	NR_FSMOUNT = 432,
	NR_MOUNT_SETATTR = 442,
};
#define TREE_CLONE 1
#define TREE_CLOEXEC 02000000
#define TREE_EMPTY 0x1000

static void log_flags(const char *key, const char *const *names)
{
	if (names && names[0])
		pk_log_strs(key, (char *const *)names);
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NO_NAMES NULL

/* `path`: where it is on the way of the log; NULL: none. */
static bool begin(const struct pk_sys_way *way, const char *type, const char *what, long result,
		  const char *path)
{
	char variant[128];

	pk_format(variant, sizeof(variant), "%s, %s", way->name, what);
	if (result < 0) {
		pk_format(variant, sizeof(variant), "%s: %s, %s", type, way->name, what);
		pk_log_skipped(variant, -result);
		return false;
	}
	pk_log_begin(type, variant);
	pk_log_bool("compat", way->compat);
	if (path)
		pk_log_path("path", path);
	return true;
}

static void mount_one(const struct pk_sys_way *way, const char *source, const char *point,
		      const char *type, unsigned long flags, const char *const *names)
{
	char what[64];
	long result;

	result = pk_sys_call(way, SYS_mount, 21, pk_sys_text(way, source),
			     pk_sys_text(way, pk_at(point)), type ? pk_sys_text(way, type) : 0,
			     flags, 0);
	pk_format(what, sizeof(what), "%s at %s", type ? type : "no type", point);
	if (!begin(way, "mount", what, result, pk_at(point)))
		return;
	pk_log_str("source", source);
	if (type)
		pk_log_str("fs_type", type);
	log_flags("flags", names);
	pk_log_end();
}

static void umount_one(const struct pk_sys_way *way, const char *point, int flags,
		       const char *const *names)
{
	long result = pk_sys_call(way, SYS_umount2, 52, pk_sys_text(way, pk_at(point)), flags, 0, 0,
				  0);

	if (!begin(way, "umount", point, result, pk_at(point)))
		return;
	log_flags("flags", names);
	pk_log_end();
}

static void old_calls(const struct pk_sys_way *way)
{
	long result;

	mount_one(way, "picket test", "one", "tmpfs", MS_NOSUID | MS_NODEV,
		  NAMES("NOSUID", "NODEV"));
	mount_one(way, pk_at("one"), "two", NULL, MS_BIND, NAMES("BIND"));
	mount_one(way, "none", "two", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY,
		  NAMES("RDONLY", "REMOUNT", "BIND"));
	mount_one(way, "none", "one", "none", MS_SHARED, NAMES("SHARED"));
	umount_one(way, "two", MNT_DETACH, NAMES("DETACH"));
	if (way->compat) {
		result = pk_int80(22, pk_low_str(pk_at("one")), 0x7777, 0, 0, 0);
		if (begin(way, "umount", "without flags", result, pk_at("one")))
			pk_log_end();
		return;
	}
	umount_one(way, "one", 0, NO_NAMES);
}

static void config_one(const struct pk_sys_way *way, int fd, int command, const char *name,
		       const char *key, const char *value)
{
	long result = pk_sys_call(way, NR_FSCONFIG, NR_FSCONFIG, fd, command,
				  key ? pk_sys_text(way, key) : 0,
				  value ? pk_sys_text(way, value) : 0, 0);

	if (!begin(way, "fsconfig", name, result, NULL))
		return;
	pk_log_str("command", name);
	if (key)
		pk_log_str("key", key);
	if (value)
		pk_log_str("value", value);
	pk_log_end();
}

static int detached(const struct pk_sys_way *way)
{
	long fd = pk_sys_call(way, NR_FSOPEN, NR_FSOPEN, pk_sys_text(way, "tmpfs"), 1, 0, 0, 0);
	long mount;

	if (fd < 0) {
		pk_log_skipped("fsopen", -fd);
		return -1;
	}
	config_one(way, fd, 1, "FSCONFIG_SET_STRING", "size", "1m");
	config_one(way, fd, 0, "FSCONFIG_SET_FLAG", "ro", NULL);
	config_one(way, fd, 6, "FSCONFIG_CMD_CREATE", NULL, NULL);
	mount = pk_sys_call(way, NR_FSMOUNT, NR_FSMOUNT, fd, 1, 2 | 8, 0, 0);
	if (begin(way, "fsmount", "tmpfs", mount, NULL)) {
		pk_log_str("fs_type", "tmpfs");
		log_flags("flags", NAMES("FSMOUNT_CLOEXEC"));
		log_flags("attributes", NAMES("MOUNT_ATTR_NOSUID", "MOUNT_ATTR_NOEXEC"));
		pk_log_end();
	}
	close(fd);
	return mount;
}

static void move_one(const struct pk_sys_way *way, int fd, const char *point)
{
	long result = pk_sys_call(way, NR_MOVE_MOUNT, NR_MOVE_MOUNT, fd, pk_sys_text(way, ""),
				  AT_FDCWD, pk_sys_text(way, pk_at(point)), 4);

	/* what is moved has no place yet: the paths differ by backend, and are not held against it */
	if (!begin(way, "move_mount", point, result, NULL))
		return;
	pk_log_path("new_path", pk_at(point));
	log_flags("flags", NAMES("MOVE_MOUNT_F_EMPTY_PATH"));
	pk_log_end();
}

static void tree_one(const struct pk_sys_way *way, const char *name, const char *to)
{
	long fd = pk_sys_call(way, NR_OPEN_TREE, NR_OPEN_TREE, AT_FDCWD,
			      pk_sys_text(way, pk_at(name)), TREE_CLONE | TREE_CLOEXEC, 0, 0);

	if (!begin(way, "open_tree", name, fd, pk_at(name)))
		return;
	log_flags("flags", NAMES("OPEN_TREE_CLONE", "OPEN_TREE_CLOEXEC"));
	pk_log_end();
	move_one(way, fd, to);
	close(fd);
}

static void setattr_one(const struct pk_sys_way *way, const char *name)
{
	const __u64 attr[4] = { 4, 2 };
	long result = pk_sys_call(way, NR_MOUNT_SETATTR, NR_MOUNT_SETATTR, AT_FDCWD,
				  pk_sys_text(way, pk_at(name)), 0x8000,
				  pk_sys_bytes(way, attr, sizeof(attr)), sizeof(attr));

	if (!begin(way, "mount_setattr", name, result, pk_at(name)))
		return;
	log_flags("flags", NAMES("AT_RECURSIVE"));
	log_flags("attributes", NAMES("MOUNT_ATTR_NODEV"));
	log_flags("cleared", NAMES("MOUNT_ATTR_NOSUID"));
	pk_log_end();
}

static void new_calls(const struct pk_sys_way *way)
{
	int mount = detached(way);

	if (mount < 0)
		return;
	move_one(way, mount, "one");
	close(mount);
	tree_one(way, "one", "two");
	setattr_one(way, "two");
	umount_one(way, "two", MNT_DETACH, NAMES("DETACH"));
	umount_one(way, "one", MNT_DETACH, NAMES("DETACH"));
}

static void in_child(const struct pk_sys_way *way, const char *what,
		     void (*run)(const struct pk_sys_way *way))
{
	int pid = pk_fork(what);

	if (pid) {
		pk_wait(pid);
		return;
	}
	run(way);
	_exit(0);
}

static void change_root(const struct pk_sys_way *way)
{
	char path[PK_PATH_BYTES];
	long result;

	pk_format(path, sizeof(path), "%s", pk_at("one"));
	result = pk_sys_call(way, SYS_chroot, 61, pk_sys_text(way, path), 0, 0, 0, 0);
	/* afterwards it is another place for this process: its own path is not held against it */
	if (begin(way, "chroot", "a directory", result, NULL))
		pk_log_end();
}

/* In a chroot whose root is no mount there is no making it private: then there are no mounts to try. */
static void own_namespace(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		pk_log_skipped("mount: a namespace of its own", errno);
		_exit(0);
	}
	pk_log_begin("unshare", "prepare");
	pk_log_strs("flags", (char *const *)NAMES("CLONE_NEWNS"));
	pk_log_end();
	pk_log_begin("mount", "prepare");
	pk_log_path("path", "/");
	pk_log_str("source", "none");
	log_flags("flags", NAMES("REC", "PRIVATE"));
	pk_log_end();
}

static void pivot(const struct pk_sys_way *way)
{
	static char point[PK_PATH_BYTES];
	long result;

	own_namespace(); /* all that had the old root get the new one */
	pk_format(point, sizeof(point), "%s", pk_at("one"));
	mount_one(way, "picket test", "one", "tmpfs", 0, NO_NAMES);
	pk_log_map_paths(point, NULL); /* nothing of it is on a mount of the host */
	if (mkdir(pk_at("one/old"), 0755))
		pk_log_die("cannot make a directory: %s", strerror(errno));
	pk_log_begin("mkdir", "prepare");
	pk_log_path("path", pk_at("one/old"));
	pk_log_int("mode", 0755);
	pk_log_end();
	result = pk_sys_call(way, SYS_pivot_root, 217, pk_sys_text(way, pk_at("one")),
			     pk_sys_text(way, pk_at("one/old")), 0, 0, 0);
	if (begin(way, "pivot_root", "a tmpfs", result, NULL))
		pk_log_end();
}

static void all_of_them(const struct pk_sys_way *way)
{
	old_calls(way);
	new_calls(way);
}

void pk_group_mounts(void)
{
	const struct pk_sys_way *way;
	int pid;

	pk_group_enter("mounts");
	pk_make_dir("one", 0755);
	pk_make_dir("two", 0755);
	pid = pk_fork("a mount namespace of its own");
	if (!pid) {
		own_namespace();
		for (way = pk_sys_ways; way->name; way++) {
			if (way->compat && !pk_has_int80())
				continue;
			in_child(way, "to mount", all_of_them);
			in_child(way, "to change its root", change_root);
			in_child(way, "to pivot", pivot);
		}
		_exit(0);
	}
	pk_wait(pid);
	pk_group_leave();
}
