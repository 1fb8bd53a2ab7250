/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of picket run: what right ones become, where the command begins, and that wrong ones end.
 * tests/cli/usage has more of them.
 */
#include "cli/run_options.h"

#include "misused.h"

#define MAX_WORDS ((int)PK_MAX_RULES_FILES + 3)

/* Of "picket run" and what follows, NULL behind the last; `options` points into `words`. */
static void parse(struct pk_run_options *options, const char *const *words)
{
	static char *argv[MAX_WORDS];
	int argc = 0;

	argv[argc++] = (char *)"picket run";
	while (*words && argc < MAX_WORDS - 1)
		argv[argc++] = (char *)*words++;
	argv[argc] = NULL;
	*options = PK_RUN_OPTIONS_INIT;
	assert_int_equal(pk_run_options_parse(argc, argv, options), 0);
}

static void nothing(void **state)
{
	struct pk_run_options options;

	parse(&options, (const char *const[]){ NULL });
	assert_int_equal(options.backend, PK_BACKEND_NONE);
	assert_int_equal(options.output.events, PK_KINDS_DEFAULT);
	assert_int_equal(options.rules_cnt, 0);
	assert_int_equal(options.ring_bytes, 0);
	assert_false(options.degrade_deny_to_kill || options.i_know || options.no_containers);
	assert_null(options.record_path);
	assert_null(options.health_listen);
	assert_null(options.hook_socket);
	assert_null(options.k8s.options.node);
	assert_null(options.command);
}

static void everything(void **state)
{
	struct pk_run_options options;

	parse(&options, (const char *const[]){ "-r", "a", "--rules=b", "--degrade=deny=kill",
					       "--i-know", "--record", "c", "--backend=tracepoint",
					       "--no-containers", "--ring=64", "--health=[::1]:80",
					       "--k8s=n1", "--hook-socket=/s", "-o", "json",
					       "--enforce=esc", "--enforce", "b=kill", NULL });
	assert_int_equal(options.rules_cnt, 2);
	assert_string_equal(options.rules_paths[0], "a");
	assert_string_equal(options.rules_paths[1], "b");
	assert_true(options.degrade_deny_to_kill && options.i_know && options.no_containers);
	assert_int_equal(options.enforce.cnt, 2);
	assert_int_equal(options.enforce.items[0].tag_bytes, 3);
	assert_int_equal(options.enforce.items[0].action, PK_RULES_ACTION_DENY);
	assert_memory_equal(options.enforce.items[1].tag, "b=", 2);
	assert_int_equal(options.enforce.items[1].tag_bytes, 1);
	assert_int_equal(options.enforce.items[1].action, PK_RULES_ACTION_KILL);
	assert_string_equal(options.record_path, "c");
	assert_int_equal(options.backend, PK_BACKEND_TRACEPOINT);
	assert_int_equal(options.ring_bytes, 64u << 20);
	assert_string_equal(options.health_listen, "[::1]:80");
	assert_string_equal(options.hook_socket, "/s");
	assert_string_equal(options.k8s.options.node, "n1");
	assert_int_equal(options.output.format, PK_FORMAT_JSON);
	assert_null(options.command);
}

/* The command's options are its own. */
static void kinds(void **state)
{
	const __u64 exec = 1ull << PK_EVENT_EXEC;
	struct pk_run_options options;

	parse(&options, (const char *const[]){ NULL });
	assert_true(pk_run_options_kinds(&options) == (PK_KINDS_DEFAULT | PK_KINDS_STREAM));
	parse(&options, (const char *const[]){ "--events=exec,open", "--exclude=open", NULL });
	assert_true((pk_run_options_kinds(&options) & PK_KINDS_SENSOR) == exec);
	/* with rules those that were asked for by name */
	parse(&options, (const char *const[]){ "-r", "a", NULL });
	assert_true(pk_run_options_kinds(&options) == PK_KINDS_STREAM);
	parse(&options,
	      (const char *const[]){ "-r", "a", "--events=exec,open", "--exclude=open", NULL });
	assert_true(pk_run_options_kinds(&options) == (exec | PK_KINDS_STREAM));
}

static void commands(void **state)
{
	struct pk_run_options options;

	parse(&options, (const char *const[]){ "--i-know", "ls", "--ring=x", "-r", NULL });
	assert_string_equal(options.command[0], "ls");
	assert_string_equal(options.command[1], "--ring=x");
	assert_string_equal(options.command[2], "-r");
	assert_null(options.command[3]);
	assert_int_equal(options.rules_cnt, 0);
	parse(&options, (const char *const[]){ "--", "--odd", NULL });
	assert_string_equal(options.command[0], "--odd");
}

static void parse_words(const void *words)
{
	struct pk_run_options options;

	parse(&options, words);
}

static void wrong(void **state)
{
	static const char *const words[] = {
		"--ring=0",          "--ring=-1",     "--ring=1x",  "--ring=",
		"--ring=99999",      "--backend=bpf", "--health=x", "--health=",
		"--degrade=kill",    "--k8s=",        "--enforce=", "--enforce==kill",
		"--enforce=a=alert", "--enforce=a"
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(words); i++) {
		pk_cleanup(pk_free_p) char *part = strndup(words[i], strcspn(words[i], "="));

		assert_misused(parse_words, (const char *const[]){ words[i], NULL }, part);
	}
	assert_misused(parse_words, (const char *const[]){ "--k8s-ca=c", NULL }, "--k8s NODE");
}

static void too_many_rules(void **state)
{
	const char *words[PK_MAX_RULES_FILES + 2] = { NULL };
	struct pk_run_options options;

	for (size_t i = 0; i < PK_MAX_RULES_FILES; i++)
		words[i] = "-ra";
	parse(&options, words);
	assert_int_equal(options.rules_cnt, PK_MAX_RULES_FILES);
	words[PK_MAX_RULES_FILES] = "-ra";
	assert_misused(parse_words, words, "-r: more than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),        cmocka_unit_test(everything),
		cmocka_unit_test(commands),       cmocka_unit_test(wrong),
		cmocka_unit_test(too_many_rules), cmocka_unit_test(kinds),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
