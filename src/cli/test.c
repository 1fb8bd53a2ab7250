// SPDX-License-Identifier: Apache-2.0
/*
 * picket test: rule tests. Exit status: 0 all passed; 1 some failed, or a file or its rules are wrong;
 * 2 wrong usage.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/rules_files.h"
#include "cli/test_run.h"

#define MAX_FILES 4096u

struct arguments {
	struct pk_test_options options;
	const char *paths[MAX_FILES];
	size_t cnt;
};

static const struct argp_option options[] = {
	{ .name = "quiet", .key = 'q', .doc = "Print only tests that fail, and the totals" },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->options.plan;
		state->child_inputs[1] = &arguments->options.enforce;
		return 0;
	case 'q':
		arguments->options.quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->cnt == MAX_FILES)
			argp_failure(state, PK_EXIT_USAGE, 0, "more than %u files", MAX_FILES);
		arguments->paths[arguments->cnt++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->cnt)
			argp_failure(state, PK_EXIT_USAGE, 0, "which tests? FILE...");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { .argp = &pk_plan_argp },
					      { .argp = &pk_enforce_argp },
					      { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "FILE...",
	.doc = "Run rule tests: rules, events, and which rules are to match.",
	.children = children,
};

int pk_cmd_test(int argc, char **argv)
{
	static char name[] = "picket test";
	static struct arguments arguments;
	struct pk_test_counts counts = { 0 };
	size_t wrong_cnt = 0;

	arguments = (struct arguments){ .options.plan = PK_PLAN_OPTIONS_INIT };
	if (argc > 0)
		argv[0] = name;
	if (argp_parse(&argp, argc, argv, 0, NULL, &arguments))
		return PK_EXIT_USAGE;
	for (size_t i = 0; i < arguments.cnt; i++)
		wrong_cnt += pk_test_run(arguments.paths[i], &arguments.options, &counts) != 0;
	printf("%zu passed, %zu failed", counts.passed_cnt, counts.failed_cnt);
	if (wrong_cnt)
		printf(", %zu of %zu files could not be run", wrong_cnt, arguments.cnt);
	printf("\n");
	if (fflush(stdout)) {
		pk_error("test: cannot write to standard output: %s", strerror(errno));
		return PK_EXIT_FAILED;
	}
	return wrong_cnt || counts.failed_cnt ? PK_EXIT_FAILED : PK_EXIT_OK;
}
