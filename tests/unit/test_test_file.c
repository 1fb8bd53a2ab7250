// SPDX-License-Identifier: Apache-2.0
#include "cli/test_file.h"

#include <errno.h>

#include "scratch_files.h"

#define RULE "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  condition: proc.name = a\n"

static const struct pk_plan_options plan = { .backend = PK_BACKEND_LSM, .generation = 1 };

static int read_file(const char *text, struct captured *captured, struct pk_test_file **ret_file)
{
	int err;

	scratch_file("t.yaml", text);
	capture_begin(captured);
	err = pk_test_file_new("t.yaml", &plan, NULL, ret_file);
	capture_end(captured);
	return err;
}

static void refused(const char *text, const char *said)
{
	captured_cleanup struct captured captured;
	struct pk_test_file *file = NULL;

	assert_int_equal(read_file(text, &captured, &file), -EBADMSG);
	assert_has(&captured.err, said);
	assert_null(file);
}

static void paths(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_test_file_free_p) struct pk_test_file *file = NULL;
	int err;

	mkdir("sub", 0700);
	scratch_file("r.yaml", RULE);
	scratch_file("sub/t.yaml", "rules: ../r.yaml\ntests: []\n");
	capture_begin(&captured);
	err = pk_test_file_new("sub/t.yaml", &plan, NULL, &file);
	capture_end(&captured);
	assert_int_equal(err, 0);
	assert_int_equal(file->ruleset->rules->cnt, 1);
	assert_int_equal(file->tests->cnt, 0);
}

static void inline_rules(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_test_file_free_p) struct pk_test_file *file = NULL;

	scratch_file("r.yaml", RULE);
	assert_int_equal(read_file("rules:\n"
				   "  - r.yaml\n"
				   "  - |\n"
				   "    - rule: s\n"
				   "      desc: d\n"
				   "      condition: proc.name = b\n"
				   "      output: o\n"
				   "      priority: INFO\n"
				   "tests: []\n",
				   &captured, &file),
			 0);
	assert_int_equal(file->ruleset->rules->cnt, 2);
}

/* A mistake in rules within the test file is found where it stands there. */
static void places(void **state)
{
	refused("rules: |\n"
		"  - rule: s\n"
		"    desc: d\n"
		"    condition: proc.nmae = b\n"
		"    output: o\n"
		"    priority: INFO\n"
		"tests: []\n",
		"t.yaml:4:16: error");
}

static void mistakes(void **state)
{
	scratch_file("r.yaml", RULE);
	refused("", "is empty");
	refused("[]", "'test file' wants keys");
	refused("tests: []\n", "which 'rules'?");
	refused("rules: r.yaml\n", "'tests' wants a list");
	refused("rules: r.yaml\ntests: {}\n", "'tests' wants a list");
	refused("rules: {}\ntests: []\n", "'rules' wants");
	refused("rules: [r.yaml, {}]\ntests: []\n", "'rules' wants");
	refused("rules: r.yaml\ntest: []\n", "did you mean 'tests'");
	refused("rules: r.yaml\ntests: []\n---\nrules: r.yaml\n", "one document");
	refused("rules: r.yaml\ntests: [\n", "t.yaml:");
}

static void unreadable(void **state)
{
	captured_cleanup struct captured captured;
	struct pk_test_file *file = NULL;
	int err;

	capture_begin(&captured);
	err = pk_test_file_new("nosuch.yaml", &plan, NULL, &file);
	capture_end(&captured);
	assert_int_equal(err, -ENOENT);
	assert_has(&captured.err, "cannot read 'nosuch.yaml'");
	captured_fini(&captured);
	assert_int_equal(read_file("rules: nosuch.yaml\ntests: []\n", &captured, &file), -ENOENT);
	assert_has(&captured.err, "cannot read 'nosuch.yaml'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),      cmocka_unit_test(inline_rules),
		cmocka_unit_test(places),     cmocka_unit_test(mistakes),
		cmocka_unit_test(unreadable),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
