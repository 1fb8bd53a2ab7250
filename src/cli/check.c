// SPDX-License-Identifier: Apache-2.0
/*
 * picket check: compiles rules without loading them. Exit status: 0 they would be taken; 1 they would be
 * refused, or cannot be read; 2 wrong usage.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/rules_files.h"
#include "cli/rules_fit.h"
#include "stream/names.h"

struct arguments {
	struct pk_plan_options plan;
	struct pk_enforce enforce;
	const char *paths[PK_MAX_RULES_FILES];
	size_t cnt;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->plan;
		state->child_inputs[1] = &arguments->enforce;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->cnt == PK_MAX_RULES_FILES)
			argp_failure(state, PK_EXIT_USAGE, 0, "more than %u files",
				     PK_MAX_RULES_FILES);
		arguments->paths[arguments->cnt++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->cnt)
			argp_failure(state, PK_EXIT_USAGE, 0, "which rules? FILE...");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { .argp = &pk_plan_argp },
					      { .argp = &pk_enforce_argp },
					      { 0 } };

static const struct argp argp = {
	.parser = parse_option,
	.args_doc = "FILE_OR_DIR...",
	.doc = "Say all that is wrong with rules, without loading them.",
	.children = children,
};

static size_t disabled_cnt(const struct pk_rules *rules)
{
	size_t cnt = 0;

	for (size_t i = 0; i < rules->cnt; i++)
		cnt += !rules->items[i]->enabled;
	return cnt;
}

static const char *plural(size_t cnt)
{
	return cnt == 1 ? "" : "s";
}

static void print_summary(const struct pk_ruleset *ruleset, const struct pk_plan_options *plan)
{
	const struct pk_rules *rules = ruleset->rules;
	size_t disabled = disabled_cnt(rules);

	printf("%zu rule%s", rules->cnt, plural(rules->cnt));
	if (disabled)
		printf(" (%zu disabled)", disabled);
	if (rules->left_out_cnt)
		printf(" (%zu not loaded)", rules->left_out_cnt);
	printf(", %zu macro%s, %zu list%s, %zu warning%s: good for %s\n", rules->macros_cnt,
	       plural(rules->macros_cnt), rules->lists_cnt, plural(rules->lists_cnt),
	       rules->ctx.diags.warnings_cnt, plural(rules->ctx.diags.warnings_cnt),
	       plan->backend == PK_BACKEND_LSM ? "lsm" : "tracepoint");
}

static int check_fit(const struct pk_ruleset *ruleset)
{
	uint32_t kind = 0;
	int err = pk_rules_fit(ruleset->plan, &kind);

	if (err == -E2BIG)
		pk_error(
			"rules: the %zu about %s do not fit into the kernel's program: " PK_RULES_FIT_ADVICE,
			ruleset->plan->circuits[kind].cnt, pk_event_kind_name(kind));
	else if (err)
		pk_error("rules: cannot compile: %s", strerror(-err));
	return err;
}

int pk_cmd_check(int argc, char **argv)
{
	static char name[] = "picket check";
	static struct arguments arguments;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	struct pk_ruleset_options options = { .notes = true, .links = true };
	int err;

	arguments = (struct arguments){ .plan = PK_PLAN_OPTIONS_INIT };
	if (argc > 0)
		argv[0] = name;
	if (argp_parse(&argp, argc, argv, 0, NULL, &arguments))
		return PK_EXIT_USAGE;
	options.plan = arguments.plan;
	options.enforce = &arguments.enforce;
	err = pk_ruleset_load(arguments.paths, arguments.cnt, &options, &ruleset);
	if (err || check_fit(ruleset))
		return PK_EXIT_FAILED;
	print_summary(ruleset, &arguments.plan);
	if (fflush(stdout)) {
		pk_error("check: cannot write to standard output: %s", strerror(errno));
		return PK_EXIT_FAILED;
	}
	return PK_EXIT_OK;
}
