/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hierarchy of cgroups that containers are in (base/cgroup_tree.h): from the id that events carry to the cgroup's path, and from a process to the id.
 * An id is the inode number of the cgroup's directory, and is not used again until the next boot.
 */
#ifndef PK_META_CGROUP_FS_H
#define PK_META_CGROUP_FS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct pk_cgroup_fs;

/* -ENOENT: none is mounted. -ENOMEM, -errno of opening it. */
int pk_cgroup_fs_new(struct pk_cgroup_fs **ret_fs);
void pk_cgroup_fs_free(struct pk_cgroup_fs *fs);

/*
 * The path from the root of the hierarchy, "/" for the root, ended by a NUL. -ESTALE: the cgroup is gone. -EXDEV:
 * it is not below what is mounted. -EPERM:
 * CAP_DAC_READ_SEARCH is missing. -ENAMETOOLONG; other -errno.
 */
int pk_cgroup_fs_path(const struct pk_cgroup_fs *fs, uint64_t cgroup_id, char *ret_path,
		      size_t path_bytes);

/* The id of the cgroup at `path`. -errno of stat(). */
int pk_cgroup_fs_id(const struct pk_cgroup_fs *fs, const char *path, uint64_t *ret_cgroup_id);

/* The id of the cgroup that process `pid` is in. -EXDEV: it is outside of this cgroup namespace; -ENOENT: it is in none;
 * -errno of looking. */
int pk_cgroup_fs_of_pid(const struct pk_cgroup_fs *fs, uint32_t pid, uint64_t *ret_cgroup_id);

PK_DEFINE_CLEANUP(struct pk_cgroup_fs *, pk_cgroup_fs_free);

#endif
