// SPDX-License-Identifier: Apache-2.0
/*
 * Which hierarchy it is on machines with cgroup v2, v1 and both; what a process is in there.
 */
#include "base/cgroup_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "test.h"

#define V2 "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate 0 0\n"
#define HYBRID_V2 "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n"
#define PIDS "cgroup /sys/fs/cgroup/pids cgroup rw,relatime,pids 0 0\n"
#define MEMORY "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n"
#define TOGETHER "cgroup /mnt/all\\040of\\040it cgroup rw,relatime,cpu,cpuacct,devices,pids 0 0\n"
#define OTHERS                                                           \
	"tmpfs /sys/fs/cgroup tmpfs ro,pids 0 0\n"                       \
	"cgroup /sys/fs/cgroup/net_cls cgroup rw,net_cls,net_prio 0 0\n" \
	"cgroup /sys/fs/cgroup/systemd cgroup rw,xattr,name=systemd 0 0\n"
#define PROC_V1 "12:pids:/a\n4:cpu,cpuacct,devices:/b\n3:memory:/c\n1:name=systemd:/d\n0::/e\n"

static int pick(const char *mounts, const char *proc, struct pk_cgroup_tree *ret_tree)
{
	/* fmemopen() takes no empty text */
	FILE *file = fmemopen((void *)mounts, strlen(mounts), "r");
	int err;

	assert_non_null(file);
	err = pk_cgroup_tree_pick(file, proc, ret_tree);
	fclose(file);
	return err;
}

static void picked(const char *mounts, const char *proc, const char *path,
		   enum pk_cgroup_controller controller, unsigned int id)
{
	struct pk_cgroup_tree tree;

	assert_int_equal(pick(mounts, proc, &tree), 0);
	assert_string_equal(tree.path, path);
	assert_int_equal(tree.id, id);
	assert_int_equal(tree.controller, controller);
}

static void kinds_of_machines(void **state)
{
	struct pk_cgroup_tree tree;

	picked(V2, "0::/x\n", "/sys/fs/cgroup", PK_CGROUP_V2, 0);
	picked(OTHERS PIDS MEMORY HYBRID_V2, PROC_V1, "/sys/fs/cgroup/pids", PK_CGROUP_PIDS, 12);
	picked(HYBRID_V2 MEMORY PIDS OTHERS, PROC_V1, "/sys/fs/cgroup/pids", PK_CGROUP_PIDS, 12);
	picked(MEMORY HYBRID_V2, PROC_V1, "/sys/fs/cgroup/memory", PK_CGROUP_MEMORY, 3);
	picked(TOGETHER MEMORY, "7:cpu,cpuacct,devices,pids:/\n3:memory:/\n", "/mnt/all of it",
	       PK_CGROUP_PIDS, 7);
	picked(TOGETHER, "9:devices:/\n", "/mnt/all of it", PK_CGROUP_DEVICES, 9);
	/* v1 for something that no runtime needs */
	picked(OTHERS V2, "2:net_cls,net_prio:/\n1:name=systemd:/\n0::/x\n", "/sys/fs/cgroup",
	       PK_CGROUP_V2, 0);
	/* the first of several */
	picked(V2 HYBRID_V2, "0::/x\n", "/sys/fs/cgroup", PK_CGROUP_V2, 0);
	assert_int_equal(pick(OTHERS, PROC_V1, &tree), -ENOENT);
	assert_int_equal(pick("\n", PROC_V1, &tree), -ENOENT);
	/* mounted, but what the processes are in cannot be told */
	picked(PIDS HYBRID_V2, "", "/sys/fs/cgroup/unified", PK_CGROUP_V2, 0);
	picked(PIDS HYBRID_V2, "12\n:pids:/\nx:pids:/\n99999999999999:pids:/\n5:pids\n",
	       "/sys/fs/cgroup/unified", PK_CGROUP_V2, 0);
	picked(PIDS HYBRID_V2, "5:pid,pidsx:/\n", "/sys/fs/cgroup/unified", PK_CGROUP_V2, 0);
}

static void is_parsed(unsigned int id, const char *text, const char *expected)
{
	struct pk_cgroup_tree tree = { .id = id };
	char copy[256];
	const char *path;

	snprintf(copy, sizeof(copy), "%s", text);
	path = pk_cgroup_tree_parse_proc(&tree, copy);
	if (!expected)
		assert_null(path);
	else
		assert_string_equal(path, expected);
}

static void proc_text(void **state)
{
	is_parsed(0, "0::/user.slice\n", "/user.slice");
	is_parsed(0, "12:cpu:/a\n1:name=systemd:/b\n0::/c/d\n", "/c/d");
	is_parsed(0, "0::/x", "/x");
	is_parsed(0, "10::/x\n", NULL);
	is_parsed(0, "1:name=systemd:/b\n", NULL);
	is_parsed(0, "", NULL);
	is_parsed(0, "0::", NULL);
	is_parsed(0, "0::\n", NULL);
	is_parsed(0, ":x:/a\n", NULL);
	is_parsed(12, PROC_V1, "/a");
	is_parsed(3, PROC_V1, "/c");
	is_parsed(4, PROC_V1, "/b");
	is_parsed(1, PROC_V1, "/d");
	is_parsed(2, PROC_V1, NULL);
	is_parsed(1, "12:pids:/a\n11:x:/b", NULL);
	is_parsed(3, "3:memory:/a:b/c\n", "/a:b/c");
}

/* What is found is there, and what this process is in is below it. */
static void this_machine(void **state)
{
	char text[16384], path[2 * PATH_MAX];
	struct pk_cgroup_tree tree;
	const char *below;
	struct stat st;
	FILE *file;

	if (pk_cgroup_tree_find(&tree))
		skip();
	file = fopen("/proc/self/cgroup", "re");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	below = pk_cgroup_tree_parse_proc(&tree, text);
	assert_non_null(below);
	if (!strncmp(below, "/..", 3))
		skip();
	snprintf(path, sizeof(path), "%s%s/cgroup.procs", tree.path, below);
	assert_int_equal(stat(path, &st), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_of_machines),
		cmocka_unit_test(proc_text),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
