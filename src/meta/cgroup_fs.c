// SPDX-License-Identifier: Apache-2.0
/*
 * A directory is opened by a handle that is made of its id alone: include/linux/exportfs.h, FILEID_KERNFS
 * (Linux 5.5). Its name is then what the kernel says of the descriptor.
 */
#include "meta/cgroup_fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cgroup_tree.h"
#include "meta/json_read.h"

#define FILEID_KERNFS 0xfe

struct pk_cgroup_fs {
	int mount_fd;
	size_t root_len; /* of tree.path; 0: "/" */
	struct pk_cgroup_tree tree;
};

int pk_cgroup_fs_new(struct pk_cgroup_fs **ret_fs)
{
	pk_cleanup(pk_cgroup_fs_free_p) struct pk_cgroup_fs *fs = calloc(1, sizeof(*fs));
	int err;

	if (!fs)
		return -ENOMEM;
	fs->mount_fd = -1;
	err = pk_cgroup_tree_find(&fs->tree);
	if (err)
		return err;
	fs->root_len = strcmp(fs->tree.path, "/") ? strlen(fs->tree.path) : 0;
	fs->mount_fd = open(fs->tree.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fs->mount_fd < 0)
		return -errno;
	*ret_fs = pk_take_ptr(fs);
	return 0;
}

void pk_cgroup_fs_free(struct pk_cgroup_fs *fs)
{
	if (!fs)
		return;
	pk_close_p(&fs->mount_fd);
	free(fs);
}

static int open_by_id(const struct pk_cgroup_fs *fs, uint64_t cgroup_id)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + sizeof(cgroup_id)];
	} u = { .handle = { .handle_bytes = sizeof(cgroup_id), .handle_type = FILEID_KERNFS } };
	int fd;

	memcpy(u.handle.f_handle, &cgroup_id, sizeof(cgroup_id));
	fd = open_by_handle_at(fs->mount_fd, &u.handle, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* What the kernel writes behind the path of a directory that was removed while it was open. */
static void cut_mark(char *path)
{
	static const char mark[] = " (deleted)";
	size_t len = strlen(path);

	if (len >= sizeof(mark) && !strcmp(path + len - (sizeof(mark) - 1), mark))
		path[len - (sizeof(mark) - 1)] = '\0';
}

int pk_cgroup_fs_path(const struct pk_cgroup_fs *fs, uint64_t cgroup_id, char *ret_path,
		      size_t path_bytes)
{
	pk_cleanup(pk_close_p) int fd = open_by_id(fs, cgroup_id);
	char link[32], path[PATH_MAX];
	const char *below = path;
	ssize_t len;

	if (fd < 0)
		return fd;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path));
	if (len < 0)
		return -errno;
	if (len == (ssize_t)sizeof(path))
		return -ENAMETOOLONG;
	path[len] = '\0';
	if ((size_t)len < fs->root_len || memcmp(path, fs->tree.path, fs->root_len) != 0)
		return -EXDEV;
	cut_mark(path); /* removed just now: what it was called holds */
	below += fs->root_len;
	if (!*below)
		below = "/";
	if (strlen(below) >= path_bytes)
		return -ENAMETOOLONG;
	memcpy(ret_path, below, strlen(below) + 1);
	return 0;
}

int pk_cgroup_fs_id(const struct pk_cgroup_fs *fs, const char *path, uint64_t *ret_cgroup_id)
{
	struct stat st;

	while (*path == '/')
		path++;
	if (fstatat(fs->mount_fd, *path ? path : ".", &st, 0) < 0)
		return -errno;
	*ret_cgroup_id = st.st_ino;
	return 0;
}

int pk_cgroup_fs_of_pid(const struct pk_cgroup_fs *fs, uint32_t pid, uint64_t *ret_cgroup_id)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	char name[64];
	char *path;
	int err;

	snprintf(name, sizeof(name), "/proc/%u/cgroup", pid);
	err = pk_json_slurp(name, 65536, &text);
	if (err)
		return err;
	path = pk_cgroup_tree_parse_proc(&fs->tree, text.data);
	if (!path)
		return -ENOENT;
	/* what is not below the namespace's root is named from there */
	if (!strncmp(path, "/../", 4) || !strcmp(path, "/.."))
		return -EXDEV;
	return pk_cgroup_fs_id(fs, path, ret_cgroup_id);
}
