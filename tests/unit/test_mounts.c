/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>

#include "samples.h"
#include "stream/mounts.h"

static struct pk_record record;
static struct pk_mounts *mounts;
static struct pk_buf scratch;

static int setup(void **state)
{
	return pk_mounts_new(&mounts);
}

static int teardown(void **state)
{
	pk_mounts_free(mounts);
	pk_buf_fini(&scratch);
	return 0;
}

static void add(__u32 dev, const char *root, const char *point, __u32 flags)
{
	sample_mount(&record, dev, root, point, flags);
	assert_int_equal(pk_record_check(&record.u, pk_record_finish(&record)), 0);
	pk_mounts_update(mounts, &record.u.mount);
}

/* A file at `name` of a mount at name[0, mnt_off) that shows `mnt_root` of file system `dev`. */
static int ask(__u32 dev, const char *name, __u16 mnt_off, const char *mnt_root, __u32 flags,
	       struct pk_text *ret_path)
{
	struct pk_path *path = &record.u.file.path;

	sample_init(&record, PK_EVENT_OPEN, 7);
	sample_str(&record, &path->name, name);
	sample_str(&record, &path->mnt_root, mnt_root);
	path->mnt_off = mnt_off;
	path->flags = flags;
	assert_int_equal(pk_record_check(&record.u, pk_record_finish(&record)), 0);
	return pk_mounts_host_path(mounts, &record.u.event, path, dev, &scratch, ret_path);
}

#define assert_host_path(dev, name, mnt_off, mnt_root, expected)                   \
	do {                                                                       \
		struct pk_text host_;                                              \
		assert_int_equal(ask(dev, name, mnt_off, mnt_root, 0, &host_), 1); \
		assert_text(host_, expected);                                      \
	} while (0)

static void whole_file_system(void **state)
{
	add(47, "/", "/var/lib/box/merged", PK_MOUNT_FIRST);
	assert_host_path(47, "/etc/passwd", 0, "", "/var/lib/box/merged/etc/passwd");
	assert_host_path(47, "/etc/passwd", 0, "/", "/var/lib/box/merged/etc/passwd");
	assert_host_path(47, "/", 0, "", "/var/lib/box/merged");
	assert_host_path(47, "/mnt/x", 4, "", "/var/lib/box/merged/x");
	assert_host_path(47, "/mnt", 4, "", "/var/lib/box/merged");
}

static void bind_mount_of_a_directory(void **state)
{
	add(1, "/", "/", PK_MOUNT_FIRST);
	assert_host_path(1, "/data/x", 5, "/srv/data", "/srv/data/x");
	assert_host_path(1, "/data", 5, "/srv/data", "/srv/data");
	assert_host_path(1, "/", 0, "/", "/");
	assert_host_path(1, "/etc/resolv.conf", 16, "/run/box/resolv.conf", "/run/box/resolv.conf");
}

static void longest_root_wins(void **state)
{
	add(1, "/a", "/mnt/a", PK_MOUNT_FIRST);
	add(1, "/a/b/c", "/mnt/c", 0);
	add(1, "/a/b", "/mnt/b", 0);
	assert_host_path(1, "/a/b/c/d", 0, "", "/mnt/c/d");
	assert_host_path(1, "/a/b/x", 0, "", "/mnt/b/x");
	assert_host_path(1, "/a/bc", 0, "", "/mnt/a/bc");
	assert_host_path(1, "/a/b", 0, "", "/mnt/b");
}

static void first_of_equal_roots_wins(void **state)
{
	add(1, "/", "/first", PK_MOUNT_FIRST);
	add(1, "/", "/second", 0);
	assert_host_path(1, "/x", 0, "", "/first/x");
	assert_int_equal(pk_mounts_get_cnt(mounts), 2);
}

static void unknown_paths(void **state)
{
	struct pk_text path;

	add(1, "/a", "/mnt", PK_MOUNT_FIRST);
	assert_int_equal(ask(2, "/a/x", 0, "", 0, &path), 0);
	assert_int_equal(ask(1, "/b", 0, "", 0, &path), 0);
	assert_int_equal(ask(1, "/ab", 0, "", 0, &path), 0);
	assert_int_equal(ask(1, "", 0, "", 0, &path), 0);
	assert_int_equal(ask(1, "/a/x", 0, "", PK_PATH_PSEUDO, &path), 0);
	assert_int_equal(ask(1, "/a/x", 0, "", PK_PATH_ARGUMENT | PK_PATH_HOST_NS, &path), 0);
	assert_int_equal(ask(1, "/a/x", 0, "", PK_PATH_TRUNCATED, &path), 0);
}

static void host_namespace_needs_no_table(void **state)
{
	struct pk_text path;

	assert_int_equal(ask(9, "/jail/x", 0, "", PK_PATH_HOST_NS, &path), 1);
	assert_text(path, "/jail/x");
}

static void table_starts_anew(void **state)
{
	struct pk_text path;

	add(1, "/", "/old", PK_MOUNT_FIRST);
	add(2, "/", "/other", 0);
	add(1, "/", "/new", PK_MOUNT_FIRST);
	assert_host_path(1, "/x", 0, "", "/new/x");
	assert_int_equal(ask(2, "/x", 0, "", 0, &path), 0);
	assert_int_equal(pk_mounts_get_cnt(mounts), 1);
}

static void entries_at_and_past_the_limit(void **state)
{
	struct pk_text path;

	for (__u32 i = 0; i < PK_MAX_MOUNTS; i++)
		add(i, "/", "/m", i ? 0 : PK_MOUNT_FIRST);
	assert_int_equal(pk_mounts_get_cnt(mounts), PK_MAX_MOUNTS);
	assert_int_equal(pk_mounts_get_refused_cnt(mounts), 0);
	assert_host_path(PK_MAX_MOUNTS - 1, "/x", 0, "", "/m/x");
	add(PK_MAX_MOUNTS, "/", "/m", 0);
	assert_int_equal(pk_mounts_get_refused_cnt(mounts), 1);
	assert_int_equal(ask(PK_MAX_MOUNTS, "/x", 0, "", 0, &path), 0);
	add(1, "/", "/", PK_MOUNT_FIRST);
	assert_int_equal(pk_mounts_get_refused_cnt(mounts), 0);
}

static void bytes_at_and_past_the_limit(void **state)
{
	static char point[32769];
	__u32 fit = PK_MAX_MOUNTS_BYTES / (sizeof(point) - 1);

	memset(point, 'p', sizeof(point) - 1);
	for (__u32 i = 0; i < fit; i++)
		add(i, "/", point, i ? 0 : PK_MOUNT_FIRST);
	assert_int_equal(pk_mounts_get_refused_cnt(mounts), 0);
	add(fit, "/", "/", 0);
	assert_int_equal(pk_mounts_get_refused_cnt(mounts), 0); /* "/" needs no bytes */
	add(fit + 1, "/", "/x", 0);
	assert_int_equal(pk_mounts_get_refused_cnt(mounts), 1);
}

/* ---- mountinfo ---- */

struct parsed {
	__u32 cnt;
	struct pk_mount_event first;
	char root[64];
	char point[64];
};

static int keep(void *ctx, const void *data, size_t len)
{
	struct parsed *parsed = ctx;
	const struct pk_mount_event *mount = data;

	assert_int_equal(pk_record_check(data, len), 0);
	if (!parsed->cnt++) {
		parsed->first = *mount;
		snprintf(parsed->root, sizeof(parsed->root), "%.*s", mount->root.len,
			 pk_record_text(mount, mount->root).data);
		snprintf(parsed->point, sizeof(parsed->point), "%.*s", mount->point.len,
			 pk_record_text(mount, mount->point).data);
	}
	return 0;
}

static int parse(const char *text, struct parsed *parsed)
{
	char copy[512];
	__u32 left_out;

	*parsed = (struct parsed){ 0 };
	snprintf(copy, sizeof(copy), "%s", text);
	return pk_mounts_parse(copy, strlen(copy), keep, parsed, &left_out);
}

static void lines(void **state)
{
	struct parsed parsed;

	assert_int_equal(parse("36 35 98:12 /mnt1 /mnt2\\040a\\134 rw,noatime master:1 - ext3 "
			       "/dev/root rw\n37 35 0:47 / /x rw - overlay overlay rw\n",
			       &parsed),
			 0);
	assert_int_equal(parsed.cnt, 2);
	assert_int_equal(parsed.first.mount_id, 36);
	assert_int_equal(parsed.first.dev, 98u << 20 | 12);
	assert_int_equal(parsed.first.mount_flags, PK_MOUNT_FIRST);
	assert_string_equal(parsed.root, "/mnt1");
	assert_string_equal(parsed.point, "/mnt2 a\\");
}

static void odd_lines(void **state)
{
	struct parsed parsed;

	assert_int_equal(parse("", &parsed), 0);
	assert_int_equal(parse("1 2 3:4 / /", &parsed), -EBADMSG); /* no newline: cut */
	assert_int_equal(parse("1 2 3:4 /\n", &parsed), -EBADMSG);
	assert_int_equal(parse("1 2 3 / /\n", &parsed), -EBADMSG);
	assert_int_equal(parse("1 2 3:9999999 / /\n", &parsed), -EBADMSG);
	assert_int_equal(parse("\n", &parsed), -EBADMSG);
	assert_int_equal(parse("1 2 3:4 /\\9 /\\04\n", &parsed), 0);
	assert_string_equal(parsed.point, "/\\04");
}

static int count(void *ctx, const void *data, size_t len)
{
	++*(__u32 *)ctx;
	return 0;
}

static void mountinfo_at_and_past_the_limit(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	__u32 cnt = 0;
	__u32 left_out;

	for (__u32 i = 0; i < PK_MAX_MOUNTS; i++)
		pk_buf_add_str(&text, "1 2 3:4 / / rw\n");
	assert_int_equal(pk_mounts_parse(text.data, text.len_bytes, count, &cnt, &left_out), 0);
	assert_int_equal(cnt, PK_MAX_MOUNTS);
	assert_int_equal(left_out, 0);
	pk_buf_clear(&text);
	for (__u32 i = 0; i < PK_MAX_MOUNTS + 3; i++)
		pk_buf_add_str(&text, "1 2 3:4 / / rw\n");
	cnt = 0;
	assert_int_equal(pk_mounts_parse(text.data, text.len_bytes, count, &cnt, &left_out), 0);
	assert_int_equal(cnt, PK_MAX_MOUNTS);
	assert_int_equal(left_out, 3);
}

static void this_machine(void **state)
{
	struct parsed parsed = { 0 };
	__u32 left_out;

	assert_int_equal(pk_mounts_read(0, keep, &parsed, &left_out), 0);
	assert_true(parsed.cnt > 0);
	assert_int_equal(pk_mounts_read(4194304, keep, &parsed, &left_out), -ENOENT);
}

int main(void)
{
#define mounts_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		mounts_test(whole_file_system),
		mounts_test(bind_mount_of_a_directory),
		mounts_test(longest_root_wins),
		mounts_test(first_of_equal_roots_wins),
		mounts_test(unknown_paths),
		mounts_test(host_namespace_needs_no_table),
		mounts_test(table_starts_anew),
		mounts_test(entries_at_and_past_the_limit),
		mounts_test(bytes_at_and_past_the_limit),
		cmocka_unit_test(lines),
		cmocka_unit_test(odd_lines),
		cmocka_unit_test(mountinfo_at_and_past_the_limit),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
