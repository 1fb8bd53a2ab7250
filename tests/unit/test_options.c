/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/options.h"

static char text[PK_EVENTS_ERROR_MAX];

static int parse(const char *list, __u64 *ret_kinds)
{
	return pk_events_parse(list, ret_kinds, text, sizeof(text));
}

static void lists(void **state)
{
	__u64 kinds = 0;

	assert_int_equal(parse("exec", &kinds), 0);
	assert_true(kinds == PK_KIND_BIT(PK_EVENT_EXEC));
	assert_int_equal(parse("exec,open,connect", &kinds), 0);
	assert_true(kinds == (PK_KIND_BIT(PK_EVENT_EXEC) | PK_KIND_BIT(PK_EVENT_OPEN) |
			      PK_KIND_BIT(PK_EVENT_CONNECT)));
	assert_int_equal(parse("process,send", &kinds), 0);
	assert_true(kinds == (PK_KINDS_PROCESS | PK_KIND_BIT(PK_EVENT_SEND)));
	assert_int_equal(parse("all", &kinds), 0);
	assert_true(kinds == PK_KINDS_SENSOR);
	assert_int_equal(parse("start,stop", &kinds), 0);
}

static void mistakes(void **state)
{
	static const char *const lists[] = { "",        ",",          "exec,",
					     ",exec",   "exec,,open", " exec",
					     "Exec",    "proc",       "mount_entry",
					     "unknown", "exec;open" };
	__u64 kinds = 77;

	for (size_t i = 0; i < PK_ARRAY_SIZE(lists); i++)
		assert_int_equal(parse(lists[i], &kinds), -EINVAL);
	assert_int_equal(kinds, 77);
}

static void messages(void **state)
{
	__u64 kinds;

	assert_int_equal(parse("exec,conect", &kinds), -EINVAL);
	assert_non_null(strstr(text,
			       "no event named 'conect', did you mean 'connect'? Events: exec, "
			       "fork, exit, open, rename, unlink, link, symlink, mkdir, rmdir, "
			       "mknod, chmod, chown, truncate, connect, bind, listen, accept, "
			       "send, mount, umount, "));
	assert_non_null(
		strstr(text, ", start, lost, stop, repeats, all, process, file, network, "));
	assert_int_equal(parse("xyzzy", &kinds), -EINVAL);
	assert_non_null(strstr(text, "no event named 'xyzzy'. Events: exec,"));
	assert_int_equal(parse("proces", &kinds), -EINVAL);
	assert_non_null(strstr(text, "did you mean 'process'?"));
}

static void long_words(void **state)
{
	static char list[100000];
	__u64 kinds;

	memset(list, 'e', sizeof(list) - 1);
	assert_int_equal(parse(list, &kinds), -EINVAL);
	assert_true(strlen(text) < sizeof(text));
	assert_int_equal(pk_events_parse("x", &kinds, text, 10), -EINVAL);
	assert_int_equal(strlen(text), 9);
}

static void kinds_to_print(void **state)
{
	struct pk_output_options options = PK_OUTPUT_OPTIONS_INIT;

	assert_true(pk_output_options_kinds(&options) == (PK_KINDS_DEFAULT | PK_KINDS_STREAM));
	options.events = PK_KIND_BIT(PK_EVENT_EXEC);
	assert_true(pk_output_options_kinds(&options) == (options.events | PK_KINDS_STREAM));
	options.exclude = PK_KIND_BIT(PK_EVENT_START);
	assert_false(pk_output_options_kinds(&options) & PK_KIND_BIT(PK_EVENT_START));
}

/* Exit status of the parser, in a child: mistakes end the program. */
static int status_of(char *option, struct pk_output_options *ret_options)
{
	char name[] = "picket run";
	char *argv[] = { name, option, NULL };
	int status;
	pid_t pid;

	*ret_options = PK_OUTPUT_OPTIONS_INIT;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(99);
		argp_err_exit_status = 2;
		_exit(argp_parse(&pk_output_argp, 2, argv, 0, NULL, ret_options));
	}
	waitpid(pid, &status, 0);
	if (WEXITSTATUS(status) == 0)
		assert_int_equal(argp_parse(&pk_output_argp, 2, argv, 0, NULL, ret_options), 0);
	return WEXITSTATUS(status);
}

static void options(void **state)
{
	struct pk_output_options options;
	char json[] = "-ojson", xml[] = "--output=xml", never[] = "--color=never";
	char bad_color[] = "--color=sometimes", events[] = "--events=exec,exit";
	char bad_events[] = "--events=exce", exclude[] = "--exclude=network";

	assert_int_equal(status_of(json, &options), 0);
	assert_int_equal(options.format, PK_FORMAT_JSON);
	assert_int_equal(status_of(never, &options), 0);
	assert_int_equal(options.color, PK_COLOR_NEVER);
	assert_int_equal(options.format, PK_FORMAT_TEXT);
	assert_int_equal(status_of(events, &options), 0);
	assert_true(options.events == (PK_KIND_BIT(PK_EVENT_EXEC) | PK_KIND_BIT(PK_EVENT_EXIT)));
	assert_int_equal(status_of(exclude, &options), 0);
	assert_true(options.exclude == PK_KINDS_NETWORK);
	assert_int_equal(status_of(xml, &options), 2);
	assert_int_equal(status_of(bad_color, &options), 2);
	assert_int_equal(status_of(bad_events, &options), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),          cmocka_unit_test(mistakes),
		cmocka_unit_test(messages),       cmocka_unit_test(long_words),
		cmocka_unit_test(kinds_to_print), cmocka_unit_test(options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
