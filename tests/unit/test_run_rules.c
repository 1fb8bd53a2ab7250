/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What picket run does with rules before a kernel has them: files loaded or refused, what they are
 * about, what there is to watch. tests/cli/rules has the rest, live.
 */
#include "cli/run_rules.h"

#include <errno.h>

#include "scratch_files.h"

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  output: o\n  priority: INFO\n  condition: " condition "\n"

static int make(struct captured *captured, const char *path, struct pk_run_rules **ret_rules)
{
	const struct pk_run_rules_options options = {
		.paths = &path,
		.path_cnt = 1,
		.plan = { .backend = PK_BACKEND_LSM },
		.output = PK_OUTPUT_OPTIONS_INIT,
	};
	int err;

	capture_begin(captured);
	err = pk_run_rules_new(&options, ret_rules);
	capture_end(captured);
	return err;
}

static void taken(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_run_rules_free_p) struct pk_run_rules *rules = NULL;
	struct pk_sink *sink = NULL;

	scratch_file("rules.yaml", RULE("a", "evt.type = open") RULE("b", "evt.type = connect")
					   RULE("c", "evt.type = rmdir") "  enabled: false\n");
	assert_int_equal(make(&captured, "rules.yaml", &rules), 0);
	assert_int_equal(captured.err.len_bytes, 0);
	assert_int_equal(pk_run_rules_cnt(rules), 2);
	assert_int_equal(pk_run_rules_kinds(rules),
			 PK_KIND_BIT(PK_EVENT_OPEN) | PK_KIND_BIT(PK_EVENT_CONNECT));
	assert_true(pk_run_rules_get_done_fd(rules) >= 0);
	assert_true(pk_run_rules_get_files_fd(rules) >= 0);
	assert_int_equal(pk_run_rules_sink(rules, NULL, &sink), 0);
	pk_sink_free(sink);
	/* nothing is being loaded */
	pk_run_rules_stop(rules);
	pk_run_rules_stop(NULL);
	pk_run_rules_free(NULL);
}

static void refused(void **state)
{
	static const char *const texts[] = { RULE("a", "proc.nmae = x"), "- rule: [",
					     RULE("a", "evt.type = connect") "  action: deny\n" };
	struct pk_run_rules *rules = NULL;

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		captured_cleanup struct captured captured;

		scratch_file("wrong.yaml", texts[i]);
		assert_int_equal(make(&captured, "wrong.yaml", &rules), -EBADMSG);
		assert_null(rules);
		assert_has(&captured.err, "wrong.yaml:");
		assert_has(&captured.err, ": error: ");
	}
}

static void unreadable(void **state)
{
	captured_cleanup struct captured captured;
	struct pk_run_rules *rules = NULL;

	assert_int_equal(make(&captured, "nosuch.yaml", &rules), -ENOENT);
	assert_null(rules);
	assert_has(&captured.err, "cannot read 'nosuch.yaml'");
}

static void none(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_run_rules_free_p) struct pk_run_rules *rules = NULL;

	assert_int_equal(mkdir("empty", 0700), 0);
	assert_int_equal(make(&captured, "empty", &rules), 0);
	assert_int_equal(pk_run_rules_cnt(rules), 0);
	assert_int_equal(pk_run_rules_kinds(rules), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(taken),
		cmocka_unit_test(refused),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
