/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files by identity: found where they really are and nowhere else, and looked up again.
 */
#include "bank_object.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static char dir[] = "/tmp/picket-idents-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[4][128];
	static unsigned int next;
	char *ret = path[next++ % 4];

	snprintf(ret, sizeof(path[0]), "%s/%s", dir, name);
	return ret;
}

static void make(const char *name)
{
	int fd = open(in_dir(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static int setup(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = { "a", "b", "link", "hard", "sub/a", "sublink" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(names); i++)
		unlink(in_dir(names[i]));
	rmdir(in_dir("sub"));
	return rmdir(dir);
}

static void test_ident_of(void **state)
{
	struct pk_ident_key key = { 0 }, hard = { 0 };
	struct stat st;

	make("a");
	assert_int_equal(pk_bank_ident_of(in_dir("a"), &key), 0);
	assert_int_equal(stat(in_dir("a"), &st), 0);
	assert_int_equal(key.ino, st.st_ino);
	assert_int_not_equal(key.dev, 0);
	assert_int_equal(link(in_dir("a"), in_dir("hard")), 0);
	assert_int_equal(pk_bank_ident_of(in_dir("hard"), &hard), 0);
	assert_memory_equal(&key, &hard, sizeof(key));
	assert_int_equal(pk_bank_ident_of(in_dir("none"), &key), -ENOENT);
	assert_int_equal(pk_bank_ident_of("", &key), -ENOENT);
}

/* A path through a link is not where a file is, no event has it as its name; the link itself is a file. */
static void test_links_name_themselves(void **state)
{
	struct pk_ident_key key;
	struct stat st;

	make("a");
	assert_int_equal(symlink("a", in_dir("link")), 0);
	assert_int_equal(mkdir(in_dir("sub"), 0700), 0);
	make("sub/a");
	assert_int_equal(symlink("sub", in_dir("sublink")), 0);
	assert_int_equal(pk_bank_ident_of(in_dir("sub/a"), &key), 0);
	assert_int_equal(pk_bank_ident_of(in_dir("link"), &key), 0);
	assert_int_equal(lstat(in_dir("link"), &st), 0);
	assert_int_equal(key.ino, st.st_ino);
	assert_int_equal(pk_bank_ident_of(in_dir("sublink/a"), &key), -ELOOP);
}

/* procfs: the device of the super block is the one in the mount table. */
static void test_other_file_system(void **state)
{
	struct pk_ident_key key;
	struct stat st;

	assert_int_equal(pk_bank_ident_of("/proc/version", &key), 0);
	assert_int_equal(stat("/proc/version", &st), 0);
	assert_int_equal(key.dev, major(st.st_dev) << 20 | minor(st.st_dev));
	assert_int_equal(key.ino, st.st_ino);
}

static __u32 cls_of(int fd, const struct pk_ident_key *key)
{
	struct pk_prefix_value value;

	return bpf_map_lookup_elem(fd, key, &value) ? 0 : value.cls;
}

static void test_fill_and_refresh(void **state)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	struct pk_plan_ident idents[] = { { in_dir("a"), 0, { .cls = 1, .kinds = 16 } },
					  { in_dir("b"), 0, { .cls = 2 } },
					  { in_dir("hard"), 0, { .cls = 3 } } };
	struct pk_plan plan = { .idents = idents, .ident_cnt = PK_ARRAY_SIZE(idents) };
	const struct pk_ident_key learned_key = { .ino = 1, .dev = 1 };
	const struct pk_prefix_value learned = { .cls = 1 };
	struct pk_ident_key old, new;
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "test", sizeof(old), sizeof(learned),
				pk_bank_idents_max(&plan), &opts);

	if (fd == -EPERM)
		skip();
	assert_true(fd >= 0);
	make("a");
	unlink(in_dir("hard"));
	assert_int_equal(link(in_dir("a"), in_dir("hard")), 0);
	assert_int_equal(pk_bank_idents_fill(fd, &plan), 0);
	assert_int_equal(pk_bank_ident_of(in_dir("a"), &old), 0);
	assert_int_equal(cls_of(fd, &old), 1); /* the first of two that name it */
	assert_int_equal(bpf_map_update_elem(fd, &learned_key, &learned, BPF_ANY), 0);

	/* replaced: another file has its name now */
	make("b");
	assert_int_equal(rename(in_dir("b"), in_dir("a")), 0);
	unlink(in_dir("hard"));
	assert_int_equal(pk_bank_ident_of(in_dir("a"), &new), 0);
	assert_int_not_equal(old.ino, new.ino);
	assert_int_equal(pk_bank_idents_fill(fd, &plan), 0);
	assert_int_equal(cls_of(fd, &old), 0);
	assert_int_equal(cls_of(fd, &new), 1);
	assert_int_equal(cls_of(fd, &learned_key), 1); /* the kernel side's own stays */

	unlink(in_dir("a"));
	assert_int_equal(pk_bank_idents_fill(fd, &plan), 0);
	assert_int_equal(cls_of(fd, &new), 0);
	close(fd);
}

static void test_room(void **state)
{
	struct pk_plan plan = { .ident_cnt = 0 };

	assert_int_equal(pk_bank_idents_max(&plan), 0);
	plan.ident_cnt = 10;
	assert_int_equal(pk_bank_idents_max(&plan), 10 * 4 + 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ident_of),
		cmocka_unit_test(test_links_name_themselves),
		cmocka_unit_test(test_other_file_system),
		cmocka_unit_test(test_fill_and_refresh),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests_name("bank_idents", tests, setup, teardown);
}
