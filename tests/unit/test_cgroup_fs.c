// SPDX-License-Identifier: Apache-2.0
/*
 * Ids and paths of this machine's cgroups; skipped where they may not be made.
 */
#include "meta/cgroup_fs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cgroup_tree.h"
#include "test.h"

static void there_and_back(void **state)
{
	pk_cleanup(pk_cgroup_fs_free_p) struct pk_cgroup_fs *fs = NULL;
	char path[PATH_MAX + 64], below[64], found[PATH_MAX];
	struct pk_cgroup_tree tree;
	uint64_t id, root_id;
	int err;

	if (pk_cgroup_fs_new(&fs) || pk_cgroup_tree_find(&tree))
		skip();
	snprintf(below, sizeof(below), "/picket-test-%d", getpid());
	snprintf(path, sizeof(path), "%s%s", tree.path, below);
	if (mkdir(path, 0755))
		skip();
	err = pk_cgroup_fs_id(fs, below, &id);
	err = err ?: pk_cgroup_fs_id(fs, "/", &root_id);
	err = err ?: pk_cgroup_fs_path(fs, id, found, sizeof(found));
	rmdir(path);
	if (err == -EPERM)
		skip();
	assert_int_equal(err, 0);
	assert_string_equal(found, below);
	assert_int_equal(pk_cgroup_fs_path(fs, id, found, sizeof(found)), -ESTALE);
	assert_int_equal(pk_cgroup_fs_id(fs, below, &id), -ENOENT);
	assert_int_equal(pk_cgroup_fs_path(fs, root_id, found, sizeof(found)), 0);
	assert_string_equal(found, "/");
	assert_int_equal(pk_cgroup_fs_path(fs, root_id, found, 1), -ENAMETOOLONG);
}

static void of_processes(void **state)
{
	pk_cleanup(pk_cgroup_fs_free_p) struct pk_cgroup_fs *fs = NULL;
	uint64_t id = 7;

	if (pk_cgroup_fs_new(&fs))
		skip();
	assert_int_equal(pk_cgroup_fs_of_pid(fs, 0, &id), -ENOENT);
	assert_int_equal(pk_cgroup_fs_of_pid(fs, 2147483647, &id), -ENOENT);
	assert_int_equal(id, 7);
	if (pk_cgroup_fs_of_pid(fs, (uint32_t)getpid(), &id))
		skip();
	assert_true(id != 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(of_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
