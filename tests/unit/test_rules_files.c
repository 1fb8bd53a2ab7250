// SPDX-License-Identifier: Apache-2.0
#include "cli/rules_files.h"

#include <errno.h>

#include "scratch_files.h"

#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  output: o\n  priority: INFO\n  condition: " condition "\n"

static const struct pk_ruleset_options defaults = {
	.plan = { .backend = PK_BACKEND_LSM, .generation = 1 },
};

/* Loads, or does not, and says so. */
static int load(struct captured *captured, const struct pk_ruleset_options *options,
		const char *const *paths, size_t cnt, struct pk_ruleset **ret_ruleset)
{
	int err;

	capture_begin(captured);
	err = pk_ruleset_load(paths, cnt, options, ret_ruleset);
	capture_end(captured);
	assert_int_equal(captured->out.len_bytes, 0);
	return err;
}

static void assert_condition(const struct pk_ruleset *ruleset, const char *rule, const char *text)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	long idx = pk_ruleset_find(ruleset, rule, NULL);

	assert_true(idx >= 0);
	assert_int_equal(pk_rules_node_print(ruleset->rules->items[idx]->condition, &buf), 0);
	assert_int_equal(pk_buf_add_char(&buf, '\0'), 0);
	assert_string_equal(buf.data, text);
}

/* What is said of a rule without some key is all that there is to say. */
static void incomplete(void **state)
{
	static const char *const files[] = {
		"- rule: r\n  condition: proc.name = a\n",
		"- rule: r\n  desc: d\n  condition: proc.name = a\n  output: \"\"\n  priority: INFO\n",
		"- rule: r\n  desc: d\n  output: o\n  priority: INFO\n",
		"- rule: r\n",
	};
	const char *path = "incomplete.yaml";

	for (size_t i = 0; i < PK_ARRAY_SIZE(files); i++) {
		captured_cleanup struct captured captured;
		pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;

		scratch_file(path, files[i]);
		assert_int_equal(load(&captured, &defaults, &path, 1, &ruleset), -EBADMSG);
		assert_true(captured.err.len_bytes > 0);
	}
}

/* A pipe is read once; to read it again is not to find rules gone. */
static void pipe_again(void **state)
{
	struct pk_ruleset_options options = defaults;
	char path[32];
	const char *paths = path;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
	assert_true(write(fds[1], RULE("r", "proc.name = a"), strlen(RULE("r", "proc.name = a"))) >
		    0);
	close(fds[1]);
	for (options.again = false;; options.again = true) {
		captured_cleanup struct captured captured;
		pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
		int err = load(&captured, &options, &paths, 1, &ruleset);

		assert_int_equal(err, options.again ? -ESPIPE : 0);
		if (options.again)
			break;
		assert_condition(ruleset, "r", "proc.name = a");
	}
	close(fds[0]);
}

static void directory(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	const char *paths[] = { "first.yaml", "rules", "last.yaml" };

	assert_int_equal(mkdir("rules", 0700), 0);
	assert_int_equal(mkdir("rules/below.yaml", 0700), 0);
	scratch_file("first.yaml", RULE("r", "proc.name = first"));
	scratch_file("rules/b.yaml", RULE("r", "proc.name = b") RULE("b", "proc.name = b"));
	scratch_file("rules/a.yml", RULE("r", "proc.name = a") RULE("b", "proc.name = a"));
	scratch_file("rules/.hidden.yaml", "nonsense");
	scratch_file("rules/c.txt", "nonsense");
	scratch_file("rules/below.yaml/x.yaml", "nonsense");
	scratch_file("last.yaml", RULE("r", "proc.name = last"));
	assert_int_equal(load(&captured, &defaults, paths, 3, &ruleset), 0);
	assert_int_equal(ruleset->rules->cnt, 2);
	assert_condition(ruleset, "r", "proc.name = last");
	assert_condition(ruleset, "b", "proc.name = b");
	assert_non_null(ruleset->plan);
	assert_non_null(ruleset->templates[1]);
}

static void unreadable(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	const char *paths[] = { "nosuch.yaml", "nosuch2.yaml" };
	const char *none[] = { "" };

	assert_int_equal(load(&captured, &defaults, paths, 2, &ruleset), -ENOENT);
	assert_has(&captured.err, "cannot read 'nosuch.yaml'");
	assert_has(&captured.err, "cannot read 'nosuch2.yaml'");
	assert_null(ruleset);
	captured_fini(&captured);
	assert_int_equal(load(&captured, &defaults, none, 1, &ruleset), -ENOENT);
}

static void empty_directory(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	const char *path = "empty";

	assert_int_equal(mkdir("empty", 0700), 0);
	assert_int_equal(load(&captured, &defaults, &path, 1, &ruleset), 0);
	assert_has(&captured.err, "no *.yaml or *.yml in 'empty'");
	assert_int_equal(ruleset->rules->cnt, 0);
}

/* They are not read, which must not go unsaid. */
static void directory_in_directory(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	const char *path = "outer";
	const char *both[] = { "outer", "outer/inner/" };

	assert_int_equal(mkdir("outer", 0700), 0);
	assert_int_equal(mkdir("outer/.hidden", 0700), 0);
	scratch_file("outer/a.yaml", "- macro: m\n  condition: proc.pid = 1\n");
	assert_int_equal(load(&captured, &defaults, &path, 1, &ruleset), 0);
	assert_int_equal(captured.err.len_bytes, 0);
	captured_fini(&captured);
	pk_ruleset_free(pk_take_ptr(ruleset));
	assert_int_equal(mkdir("outer/inner", 0700), 0);
	assert_int_equal(load(&captured, &defaults, &path, 1, &ruleset), 0);
	assert_has(&captured.err, "directories in 'outer' are not read, as 'inner'");
	captured_fini(&captured);
	pk_ruleset_free(pk_take_ptr(ruleset));
	scratch_file("outer/inner/b.yaml", "- macro: n\n  condition: proc.pid = 1\n");
	assert_int_equal(load(&captured, &defaults, both, 2, &ruleset), 0);
	assert_int_equal(captured.err.len_bytes, 0);
}

static void enforced(void **state)
{
	static const char text[] =
		"- rule: stops\n  desc: d\n  condition: evt.type = open and fd.name = /x\n"
		"  output: o\n  priority: INFO\n  tags: [a, way]\n"
		"- rule: kills where it cannot deny\n  desc: d\n"
		"  condition: evt.type in (open, seccomp) and proc.name = x\n"
		"  output: o\n  priority: INFO\n  tags: [way]\n"
		"- rule: kills as written\n  desc: d\n  condition: evt.type = open and fd.name = /y\n"
		"  output: o\n  priority: INFO\n  tags: [way]\n  action: kill\n"
		"- rule: other\n  desc: d\n  condition: evt.type = open and fd.name = /z\n"
		"  output: o\n  priority: INFO\n  tags: [ways]\n";
	const struct pk_ruleset_text texts[] = { { "t.yaml", text, sizeof(text) - 1 } };
	struct pk_enforce enforce = { { { "way=deny", 3, PK_RULES_ACTION_DENY } }, 1 };
	struct pk_ruleset_options options = defaults;
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;

	options.texts = texts;
	options.texts_cnt = 1;
	options.enforce = &enforce;
	assert_int_equal(load(&captured, &options, NULL, 0, &ruleset), 0);
	assert_int_equal(ruleset->plan->entries[0].action, PK_RULES_ACTION_DENY);
	assert_int_equal(ruleset->plan->entries[1].action, PK_RULES_ACTION_KILL);
	assert_int_equal(ruleset->plan->entries[2].action, PK_RULES_ACTION_KILL);
	assert_int_equal(ruleset->plan->entries[3].action, PK_RULES_ACTION_ALERT);
}

static void enforced_nothing(void **state)
{
	const struct pk_ruleset_text texts[] = { { "t.yaml", "", 0 } };
	struct pk_enforce enforce = { { { "way", 3, PK_RULES_ACTION_DENY } }, 1 };
	struct pk_ruleset_options options = defaults;
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;

	options.texts = texts;
	options.texts_cnt = 1;
	options.enforce = &enforce;
	assert_int_equal(load(&captured, &options, NULL, 0, &ruleset), -EBADMSG);
	assert_has(&captured.err, "--enforce 'way': no rule has this tag");
}

/* What only the second stage finds, conditions and outputs together. */
/* A mistake that one stage finds does not hide what the next ones would say. Each is told once. */
static void all_stages(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	const char *paths[] = { "a.yaml" };
	static const char *const texts[] = {
		"unknown field 'fd.nam'",       /* loading */
		"expected a field or a macro",  /* parsing */
		"'startswith' cannot be asked", /* binding */
		"unknown field 'proc.nam'",     /* the output */
		"would deny every exec",        /* planning */
	};

	scratch_file(
		"a.yaml",
		"- macro: number\n  condition: proc.pid startswith 3\n" RULE(
			"load", "fd.nam = x and number") RULE("also", "fd.num = 3 and number")
			RULE("parse",
			     "evt.type = open and and") "- rule: out\n  desc: d\n  output: \"%proc.nam\"\n  priority: INFO\n"
							"  condition: evt.type = open\n" RULE(
								"plan",
								"evt.type = execve\n  action: deny"));
	assert_int_equal(load(&captured, &defaults, paths, 1, &ruleset), -EBADMSG);
	assert_null(ruleset);
	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		const char *at = memmem(captured.err.data, captured.err.len_bytes, texts[i],
					strlen(texts[i]));
		size_t rest;

		if (!at)
			fail_msg("not said: %s", texts[i]);
		rest = captured.err.len_bytes - (size_t)(at - captured.err.data) - 1;
		if (i != 1 && memmem(at + 1, rest, texts[i], strlen(texts[i])))
			fail_msg("said twice: %s", texts[i]);
	}
}

static void all_mistakes(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	const char *path = "wrong.yaml";

	scratch_file(path, "- rule: a\n  desc: d\n  priority: INFO\n"
			   "  condition: fd.sport = text\n"
			   "  output: \"%proc.nmae\"\n"
			   "- rule: b\n  desc: d\n  priority: INFO\n"
			   "  condition: fd.snet = nonsense\n"
			   "  output: o\n");
	assert_int_equal(load(&captured, &defaults, &path, 1, &ruleset), -EBADMSG);
	assert_has(&captured.err, "wrong.yaml:4:");
	assert_has(&captured.err, "wrong.yaml:5:");
	assert_has(&captured.err, "wrong.yaml:9:");
	assert_true(strstr(captured.err.data, "wrong.yaml:4:") <
		    strstr(captured.err.data, "wrong.yaml:5:"));
	assert_null(strchr(captured.err.data, '\033')); /* it is no terminal */
}

static void notes(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	struct pk_ruleset_options options = defaults;
	const char *path = "notes.yaml";

	scratch_file(path, "- list: unused\n  items: [a]\n" RULE("r", "proc.name = a"));
	assert_int_equal(load(&captured, &options, &path, 1, &ruleset), 0);
	assert_null(strstr(captured.err.data, ": note: "));
	pk_ruleset_free(pk_take_ptr(ruleset));
	captured_fini(&captured);
	options.notes = true;
	assert_int_equal(load(&captured, &options, &path, 1, &ruleset), 0);
	assert_has(&captured.err, ": note: ");
	assert_int_equal(ruleset->rules->lists_cnt, 1);
	assert_int_equal(ruleset->rules->macros_cnt, 0);
}

/* Fields that no event has: said once each, if notes are asked for. */
static void missing_fields(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	struct pk_ruleset_options options = defaults;
	const char *path = "missing.yaml", *said;

	options.notes = true;
	scratch_file(path, RULE("a", "evt.type = mkdir or evt.cpu = 1")
				   RULE("b", "evt.type = mkdir or evt.cpu = 2"));
	assert_int_equal(load(&captured, &options, &path, 1, &ruleset), 0);
	/* each rule is told of, at its place */
	assert_has(&captured.err,
		   "missing.yaml:5:34: warning: rule 'a' asks for evt.cpu, which is never "
		   "true here, because ");
	said = strstr(captured.err.data, "which is never true here");
	assert_non_null(
		strstr(said + 1, "rule 'b' asks for evt.cpu, which is never true here, because "));
}

static void texts(void **state)
{
	captured_cleanup struct captured captured;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	struct pk_ruleset_options options = defaults;
	const struct pk_ruleset_text text = { "inline", RULE("r", "proc.name = a"),
					      strlen(RULE("r", "proc.name = a")) };
	const char *suggestion = NULL;

	options.texts = &text;
	options.texts_cnt = 1;
	assert_int_equal(load(&captured, &options, NULL, 0, &ruleset), 0);
	assert_int_equal(pk_ruleset_find(ruleset, "r", NULL), 0);
	assert_int_equal(pk_ruleset_find(ruleset, "none", &suggestion), -1);
	assert_null(suggestion);
}

/* As a reload does. */
static void again(void **state)
{
	const char *path = "again.yaml";

	scratch_file(path, RULE("r", "fd.name contains x and proc.name in (a, b)"));
	for (int i = 0; i < 20; i++) {
		captured_cleanup struct captured captured;
		pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;

		assert_int_equal(load(&captured, &defaults, &path, 1, &ruleset), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipe_again),
		cmocka_unit_test(directory),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(empty_directory),
		cmocka_unit_test(directory_in_directory),
		cmocka_unit_test(all_mistakes),
		cmocka_unit_test(all_stages),
		cmocka_unit_test(notes),
		cmocka_unit_test(texts),
		cmocka_unit_test(missing_fields),
		cmocka_unit_test(again),
		cmocka_unit_test(incomplete),
		cmocka_unit_test(enforced),
		cmocka_unit_test(enforced_nothing),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
