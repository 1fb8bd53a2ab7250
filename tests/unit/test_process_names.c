// SPDX-License-Identifier: Apache-2.0
#include "cli/process_names.h"

#include <string.h>

#include "samples.h"
#include "test.h"

static void feed(struct pk_tree *tree, __u32 pid, const char *name)
{
	static struct pk_record record;

	pk_record_init(&record, PK_EVENT_EXEC);
	record.u.event.pid = record.u.event.tid = pid;
	record.u.event.exec_id = 1000000007ull ^ (__u64)pid << 42;
	strncpy(record.u.event.comm, name, PK_COMM_LEN - 1);
	pk_record_finish(&record);
	pk_tree_update(tree, &record.u.event);
}

static void end(struct pk_tree *tree, __u32 pid)
{
	static struct pk_record record;

	pk_record_init(&record, PK_EVENT_EXIT);
	record.u.event.pid = record.u.event.tid = pid;
	record.u.event.exec_id = 1000000007ull ^ (__u64)pid << 42;
	pk_record_finish(&record);
	pk_tree_update(tree, &record.u.event);
}

/* Living processes by their name at exec; nobody else. The copy does not see what comes later. */
static void test_living_ones(void **state)
{
	struct pk_process_names *names = NULL;
	char name[PK_COMM_LEN] = "untouched";
	struct pk_tree *tree = NULL;

	assert_int_equal(pk_tree_new(&tree), 0);
	for (__u32 pid = 300; pid > 100; pid--)
		feed(tree, pid, pid % 2 ? "odd" : "even");
	end(tree, 205);
	assert_int_equal(pk_process_names_new(tree, &names), 0);
	feed(tree, 400, "late");
	assert_true(pk_process_names_get(names, 104, name));
	assert_string_equal(name, "even");
	assert_true(pk_process_names_get(names, 299, name));
	assert_string_equal(name, "odd");
	assert_false(pk_process_names_get(names, 205, name));
	assert_false(pk_process_names_get(names, 400, name));
	assert_false(pk_process_names_get(NULL, 104, name));
	assert_string_equal(name, "odd");
	pk_process_names_free(names);
	pk_tree_free(tree);
}

static void test_empty(void **state)
{
	struct pk_process_names *names = NULL;
	char name[PK_COMM_LEN];
	struct pk_tree *tree = NULL;

	assert_int_equal(pk_tree_new(&tree), 0);
	assert_int_equal(pk_process_names_new(tree, &names), 0);
	assert_false(pk_process_names_get(names, 1, name));
	pk_process_names_free(names);
	pk_tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_living_ones),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
