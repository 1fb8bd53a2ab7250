// SPDX-License-Identifier: Apache-2.0
/*
 * picket explain: for each rule where it is judged, what of it stands in the kernel, and what it costs. Exit status:
 * 0 explained; 1 the rules are wrong, or there is no such rule; 2 wrong usage.
 */
#include "cli/explain.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/commands.h"

struct arguments {
	struct pk_plan_options plan;
	struct pk_enforce enforce;
	bool json;
	const char *rule;
	const char *paths[PK_MAX_RULES_FILES];
	size_t cnt;
};

static const struct argp_option options[] = {
	{ .name = "rule", .key = 'R', .arg = "NAME", .doc = "Only this rule" },
	{ .name = "output", .key = 'o', .arg = "FORMAT", .doc = "text (default) or json" },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->plan;
		state->child_inputs[1] = &arguments->enforce;
		return 0;
	case 'R':
		arguments->rule = arg;
		return 0;
	case 'o':
		if (strcmp(arg, "text") != 0 && strcmp(arg, "json") != 0)
			argp_failure(state, PK_EXIT_USAGE, 0,
				     "--output: '%s' is not one of text, json", arg);
		arguments->json = !strcmp(arg, "json");
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
	.options = options,
	.parser = parse_option,
	.args_doc = "FILE_OR_DIR... [RULE]",
	.doc = "Say of each rule where it is judged, what the kernel decides, what is left to "
	       "user space and why, whether it could deny, and what it costs.\v"
	       "A last argument that is no file is the name of the rule to explain.",
	.children = children,
};

/* "FILE RULE": the last one names no file. */
static void find_rule_argument(struct arguments *arguments)
{
	struct stat st;

	if (arguments->rule || arguments->cnt < 2)
		return;
	if (!stat(arguments->paths[arguments->cnt - 1], &st) ||
	    strchr(arguments->paths[arguments->cnt - 1], '/'))
		return;
	arguments->rule = arguments->paths[--arguments->cnt];
}

static int explain_one(const struct pk_ruleset *ruleset, uint32_t rule_idx, bool json,
		       struct pk_buf *out)
{
	pk_cleanup(pk_explain_free_p) struct pk_explain *explain = NULL;
	int err = pk_explain_new(ruleset, rule_idx, &explain);

	if (!err)
		err = json ? pk_explain_json(explain, out) : pk_explain_text(explain, out);
	if (!err)
		err = pk_buf_write(out, STDOUT_FILENO);
	return err;
}

static int explain_all(const struct pk_ruleset *ruleset, const struct arguments *arguments)
{
	pk_buf_cleanup struct pk_buf out = PK_BUF_INIT;
	const char *suggestion = NULL;
	int err = 0;

	if (arguments->rule) {
		long idx = pk_ruleset_find(ruleset, arguments->rule, &suggestion);

		if (idx < 0) {
			pk_error("explain: there is no rule '%s'%s%s%s", arguments->rule,
				 suggestion ? "; did you mean '" : "", suggestion ? suggestion : "",
				 suggestion ? "'?" : "");
			return PK_EXIT_FAILED;
		}
		err = explain_one(ruleset, (uint32_t)idx, arguments->json, &out);
	} else {
		for (size_t i = 0; i < ruleset->rules->cnt && !err; i++)
			err = explain_one(ruleset, (uint32_t)i, arguments->json, &out);
	}
	if (err == -EPIPE)
		return PK_EXIT_OK;
	if (err) {
		pk_error("explain: cannot write to standard output: %s", strerror(-err));
		return PK_EXIT_FAILED;
	}
	return PK_EXIT_OK;
}

int pk_cmd_explain(int argc, char **argv)
{
	static char name[] = "picket explain";
	static struct arguments arguments;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	struct pk_ruleset_options load = { 0 };

	arguments = (struct arguments){ .plan = PK_PLAN_OPTIONS_INIT };
	if (argc > 0)
		argv[0] = name;
	if (argp_parse(&argp, argc, argv, 0, NULL, &arguments))
		return PK_EXIT_USAGE;
	find_rule_argument(&arguments);
	load.plan = arguments.plan;
	load.enforce = &arguments.enforce;
	if (pk_ruleset_load(arguments.paths, arguments.cnt, &load, &ruleset))
		return PK_EXIT_FAILED;
	signal(SIGPIPE, SIG_IGN);
	return explain_all(ruleset, &arguments);
}
