/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What counts as a change of rule files: written, replaced, taken away, put back; and what does not.
 */
#include "cli/rules_watch.h"

#include <poll.h>

#include "scratch_files.h"

static struct pk_rules_watch *watch_of(const char *const *paths, size_t cnt)
{
	struct pk_rules_watch *watch = NULL;

	assert_int_equal(pk_rules_watch_new(paths, cnt, &watch), 0);
	assert_non_null(watch);
	assert_false(pk_rules_watch_changed(watch));
	return watch;
}

/* Told once, and the file descriptor was readable. */
static void assert_changed(struct pk_rules_watch *watch)
{
	struct pollfd fd = { .fd = pk_rules_watch_get_fd(watch), .events = POLLIN };

	assert_int_equal(poll(&fd, 1, 0), 1);
	assert_true(pk_rules_watch_changed(watch));
	assert_false(pk_rules_watch_changed(watch));
	assert_int_equal(poll(&fd, 1, 0), 0);
}

static void one_file(void **state)
{
	const char *path = "rules.yaml";
	pk_cleanup(pk_rules_watch_free_p) struct pk_rules_watch *watch = NULL;

	scratch_file(path, "a");
	watch = watch_of(&path, 1);
	scratch_file(path, "b");
	assert_changed(watch);
	scratch_file("other.yaml", "b");
	scratch_file("rules.yaml.swp", "b");
	assert_false(pk_rules_watch_changed(watch));
	assert_int_equal(rename("other.yaml", path), 0);
	assert_changed(watch);
	assert_int_equal(remove(path), 0);
	assert_changed(watch);
	scratch_file(path, "c");
	assert_changed(watch);
	assert_int_equal(rename(path, "away"), 0);
	assert_changed(watch);
	assert_int_equal(symlink("away", path), 0);
	assert_changed(watch);
	fclose(fopen(path, "r"));
	assert_false(pk_rules_watch_changed(watch));
}

static void directory(void **state)
{
	const char *path = "dir/";
	pk_cleanup(pk_rules_watch_free_p) struct pk_rules_watch *watch = NULL;

	assert_int_equal(mkdir("dir", 0700), 0);
	watch = watch_of(&path, 1);
	scratch_file("dir/a.yaml", "a");
	assert_changed(watch);
	scratch_file("dir/a.yml", "a");
	assert_changed(watch);
	scratch_file("dir/README", "a");
	scratch_file("dir/a.yaml~", "a");
	scratch_file("dir/yaml", "a");
	assert_false(pk_rules_watch_changed(watch));
	assert_int_equal(remove("dir/a.yaml"), 0);
	assert_changed(watch);
}

/* Several in one directory, and one elsewhere. */
static void several(void **state)
{
	const char *paths[] = { "several/a", "several/b", "several2/c" };
	pk_cleanup(pk_rules_watch_free_p) struct pk_rules_watch *watch = NULL;

	assert_int_equal(mkdir("several", 0700), 0);
	assert_int_equal(mkdir("several2", 0700), 0);
	watch = watch_of(paths, PK_ARRAY_SIZE(paths));
	for (size_t i = 0; i < PK_ARRAY_SIZE(paths); i++) {
		scratch_file(paths[i], "a");
		assert_changed(watch);
	}
	scratch_file("several/c", "a");
	scratch_file("several2/a", "a");
	assert_false(pk_rules_watch_changed(watch));
}

/* The files are links into ..data, which is a link that is replaced. */
static void config_map(void **state)
{
	const char *paths[] = { "map", "map/rules.yaml" };

	assert_int_equal(mkdir("map", 0700), 0);
	assert_int_equal(mkdir("map/..1", 0700), 0);
	assert_int_equal(mkdir("map/..2", 0700), 0);
	scratch_file("map/..1/rules.yaml", "a");
	scratch_file("map/..2/rules.yaml", "a");
	assert_int_equal(symlink("..data/rules.yaml", "map/rules.yaml"), 0);
	for (size_t i = 0; i < PK_ARRAY_SIZE(paths); i++) {
		pk_cleanup(pk_rules_watch_free_p) struct pk_rules_watch *watch = NULL;

		remove("map/..data");
		assert_int_equal(symlink("..1", "map/..data"), 0);
		watch = watch_of(&paths[i], 1);
		assert_int_equal(symlink("..2", "map/..tmp"), 0);
		assert_false(pk_rules_watch_changed(watch));
		assert_int_equal(rename("map/..tmp", "map/..data"), 0);
		assert_changed(watch);
	}
}

static void what_is_not_there(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_rules_watch_free_p) struct pk_rules_watch *watch = NULL;
	const char *paths[] = { "nowhere/rules.yaml", "later.yaml" };

	capture_begin(&captured);
	watch = watch_of(paths, PK_ARRAY_SIZE(paths));
	capture_end(&captured);
	assert_has(&captured.err, "cannot watch 'nowhere/rules.yaml'");
	assert_has(&captured.err, "SIGHUP");
	/* the others are watched all the same */
	scratch_file("later.yaml", "a");
	assert_changed(watch);
	pk_rules_watch_free(NULL);
}

/* More changes than are remembered: one of them may have been ours. */
static void overflow(void **state)
{
	const char *path = "overflow/rules.yaml";
	pk_cleanup(pk_rules_watch_free_p) struct pk_rules_watch *watch = NULL;
	unsigned int max = 0;
	FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%u", &max), 1);
	fclose(file);
	if (max > 100000)
		skip();
	assert_int_equal(mkdir("overflow", 0700), 0);
	watch = watch_of(&path, 1);
	for (unsigned int i = 0; i <= max; i++) {
		/* two names: equal events that follow each other are one */
		close(open(i % 2 ? "overflow/a" : "overflow/b", O_CREAT | O_WRONLY, 0600));
	}
	assert_changed(watch);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_file), cmocka_unit_test(directory),
		cmocka_unit_test(several),  cmocka_unit_test(config_map),
		cmocka_unit_test(overflow), cmocka_unit_test(what_is_not_there),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
