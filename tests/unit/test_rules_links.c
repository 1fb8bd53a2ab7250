// SPDX-License-Identifier: Apache-2.0
#include "cli/rules_links.h"

#include "cli/rules_files.h"
#include "scratch_files.h"

#define RULE_OF(condition, action)                                                    \
	"- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  action: " action "\n" \
	"  condition: " condition "\n"

/* scratch_dir/real/file, link -> real, real/alias -> file */
static int setup(void **state)
{
	if (scratch_setup(state) || mkdir("real", 0755) || symlink("real", "link") ||
	    symlink("file", "real/alias"))
		return -1;
	scratch_file("real/file", "x");
	return 0;
}

/* What is said of a rule; @ is the directory. */
static void said(const char *rule, struct captured *captured)
{
	const struct pk_ruleset_options options = {
		.plan = { .backend = PK_BACKEND_LSM, .generation = 1 },
		.links = true,
	};
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	const char *path = "r.yaml";

	for (; *rule; rule++)
		assert_int_equal(*rule == '@' ? pk_buf_add_str(&text, scratch_dir) :
						pk_buf_add_char(&text, *rule),
				 0);
	assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
	scratch_file(path, text.data);
	capture_begin(captured);
	assert_int_equal(pk_ruleset_load(&path, 1, &options, &ruleset), 0);
	capture_end(captured);
}

static void warns(const char *rule, const char *suggested)
{
	captured_cleanup struct captured captured;
	char wanted[256];

	said(rule, &captured);
	snprintf(wanted, sizeof(wanted), "did you mean '%s/%s'?", scratch_dir, suggested);
	assert_has(&captured.err, ": warning: on this host '");
	assert_has(&captured.err, wanted);
}

static void quiet(const char *rule)
{
	captured_cleanup struct captured captured;

	said(rule, &captured);
	if (captured.err.len_bytes > 1)
		fail_msg("%s", captured.err.data);
}

static void through_a_link(void **state)
{
	warns(RULE_OF("evt.type = open and fd.name = @/link/file", "deny"), "real/file");
	warns(RULE_OF("evt.type = open and fd.name in (/a, @/link/file)", "kill"), "real/file");
	warns(RULE_OF("evt.type = open and fd.name startswith @/link/", "deny"), "real/");
	warns(RULE_OF("evt.type = connect and fd.name = @/link/file", "deny"), "real/file");
	warns(RULE_OF("evt.type = execve and proc.exepath = @/link/file", "deny"), "real/file");
	warns(RULE_OF("evt.type = unlink and fd.name = @/link/file", "deny"), "real/file");
}

/* A link is opened as what it leads to, and removed as itself. */
static void the_link_itself(void **state)
{
	warns(RULE_OF("evt.type = open and fd.name = @/real/alias", "deny"), "real/file");
	quiet(RULE_OF("evt.type = unlink and fd.name = @/real/alias", "deny"));
	warns(RULE_OF("evt.type = unlink and fd.name = @/link/alias", "deny"), "real/file");
}

static void nothing_to_say(void **state)
{
	quiet(RULE_OF("evt.type = open and fd.name = @/link/file", "alert"));
	quiet(RULE_OF("evt.type = open and fd.name = @/real/file", "deny"));
	quiet(RULE_OF("evt.type = open and fd.name = @/link/none", "deny"));
	quiet(RULE_OF("evt.type = open and fd.name startswith @/link/fi", "deny"));
	quiet(RULE_OF("evt.type = open and fd.name != @/link/file and fd.name = /x", "deny"));
	quiet(RULE_OF("evt.type = open and fd.name = real/file", "deny"));
	quiet(RULE_OF("evt.type = open and fd.name = /", "deny"));
	quiet(RULE_OF("evt.type = open and fd.name = @/link/file", "deny") "  enabled: false\n");
}

/* Shared parts are spoken of once. */
static void once(void **state)
{
	captured_cleanup struct captured captured;
	const char *first;

	said("- macro: m\n  condition: evt.type = open and fd.name = @/link/file\n"
	     "- rule: a\n  desc: d\n  output: o\n  priority: INFO\n  action: deny\n  condition: m\n"
	     "- rule: b\n  desc: d\n  output: o\n  priority: INFO\n  action: kill\n"
	     "  condition: m and proc.name = x\n",
	     &captured);
	first = strstr(captured.err.data, ": warning: on this host");
	assert_non_null(first);
	assert_null(strstr(first + 1, ": warning: on this host"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(through_a_link),
		cmocka_unit_test(the_link_itself),
		cmocka_unit_test(nothing_to_say),
		cmocka_unit_test(once),
	};

	return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
