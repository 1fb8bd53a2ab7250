// SPDX-License-Identifier: Apache-2.0
#include "cli/explain.h"

#include "scratch_files.h"

static struct pk_ruleset *load(const char *text)
{
	const struct pk_ruleset_text file = { "r.yaml", text, strlen(text) };
	const struct pk_ruleset_options options = {
		.plan = { .backend = PK_BACKEND_LSM, .generation = 1 },
		.texts = &file,
		.texts_cnt = 1,
	};
	struct pk_ruleset *ruleset = NULL;

	assert_int_equal(pk_ruleset_load(NULL, 0, &options, &ruleset), 0);
	return ruleset;
}

static void explained(const char *text, bool json, struct pk_buf *buf)
{
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = load(text);
	pk_cleanup(pk_explain_free_p) struct pk_explain *explain = NULL;

	assert_int_equal(pk_explain_new(ruleset, 0, &explain), 0);
	assert_int_equal(json ? pk_explain_json(explain, buf) : pk_explain_text(explain, buf), 0);
	assert_int_equal(pk_buf_add_char(buf, '\0'), 0);
}

#define DENY                                                                        \
	"- rule: Guard\n  desc: d\n  output: o\n  priority: INFO\n  action: deny\n" \
	"  condition: evt.type in (open, unlink) and fd.name in (/etc/passwd, /etc/shadow)\n"

static void facts(void **state)
{
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = load(DENY);
	pk_cleanup(pk_explain_free_p) struct pk_explain *explain = NULL;

	assert_int_equal(pk_explain_new(ruleset, 0, &explain), 0);
	assert_string_equal(explain->path, "r.yaml");
	assert_int_equal(explain->line, 1);
	assert_int_equal(explain->kinds_cnt, 2);
	assert_string_equal(explain->kinds[0].name, "open");
	assert_string_equal(explain->kinds[1].name, "unlink");
	assert_true(explain->kinds[0].hooks_cnt > 0);
	assert_true(explain->kinds[0].kernel);
	assert_true(explain->kinds[0].can_deny);
	assert_true(explain->kinds[0].insns_cnt > 0);
	assert_true(explain->planned->can_deny);
	assert_true(explain->tables & PK_EXPLAIN_EXACT);
	assert_false(explain->tables & PK_EXPLAIN_AUTOMATA);
}

static void text(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	explained(DENY, false, &buf);
	assert_has(&buf, "Guard (r.yaml:1)\n");
	assert_has(&buf, "  action   deny, where it is unknown: not\n");
	assert_has(&buf, "  open     at open_create, file_open; decided in the kernel; ");
	assert_has(&buf, "  unlink   at path_unlink; decided in the kernel; ");
	assert_has(&buf, "  deny     could\n");
	assert_has(&buf, "exact");
}

static void json(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	explained(DENY, true, &buf);
	assert_has(&buf, "{\"rule\":\"Guard\",\"file\":\"r.yaml\",\"line\":1,\"enabled\":true,"
			 "\"action\":\"deny\",\"never\":false,\"can_deny\":true,\"events\":["
			 "{\"event\":\"open\",\"hooks\":[\"open_create\",\"file_open\"]");
	assert_true(buf.data[buf.len_bytes - 2] == '\n');
}

static void left_to_user_space(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	explained("- rule: Named\n  desc: d\n  output: o\n  priority: INFO\n"
		  "  condition: evt.type = mkdir and user.name = nobody\n",
		  false, &buf);
	assert_has(&buf, "finished in user space");
	assert_has(&buf, "user.name = nobody: ");
	assert_has(&buf, "  deny     could not\n");
}

/* Of an exec the text of the file is the script's path. */
static void script(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	explained("- rule: Dropped\n  desc: d\n  output: o\n  priority: INFO\n"
		  "  condition: evt.type = execve and proc.script startswith /tmp/\n",
		  false, &buf);
	assert_has(&buf, "decided in the kernel");
	assert_has(&buf, "only when proc.script begins with /tmp/");
	assert_has(&buf, "  deny     could\n");
}

/* What a container is known for chooses the rules that are looked at. */
static void of_containers(void **state)
{
	static const char rule[] = "- rule: Web\n  desc: d\n  output: o\n  priority: INFO\n"
				   "  condition: evt.type = mkdir and "
				   "container.image.repository = nginx\n";
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = load(rule);
	pk_cleanup(pk_explain_free_p) struct pk_explain *explain = NULL;
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	assert_int_equal(pk_explain_new(ruleset, 0, &explain), 0);
	assert_int_equal(explain->tables, PK_EXPLAIN_CONTAINERS);
	assert_string_equal(pk_explain_table_name(6), "containers");
	assert_string_equal(explain->kinds[0].key, "container.image.repository = nginx");
	explained(rule, false, &buf);
	assert_has(&buf, "container.image.repository = nginx");
}

static void never(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	explained("- rule: Never\n  desc: d\n  output: o\n  priority: INFO\n"
		  "  condition: evt.type = mkdir and evt.dir = >\n",
		  false, &buf);
	assert_has(&buf, "  events   none: it is never true here\n");
	pk_buf_clear(&buf);
	explained("- rule: Never\n  desc: d\n  output: o\n  priority: INFO\n"
		  "  condition: evt.type = mkdir and evt.cpu = 1 and evt.cpu < 3\n",
		  false, &buf);
	assert_has(&buf, "  note     evt.cpu: not part of an event\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts),  cmocka_unit_test(text),
		cmocka_unit_test(json),   cmocka_unit_test(left_to_user_space),
		cmocka_unit_test(script), cmocka_unit_test(of_containers),
		cmocka_unit_test(never),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
