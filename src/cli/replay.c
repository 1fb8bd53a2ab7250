/* SPDX-License-Identifier: Apache-2.0 */
/*
 * picket replay: prints a recording as the run that made it would have, event by event; with rules,
 * the alerts that they would have given instead.
 * Exit status: 0 printed, or the reader of the output went away; 1 the recording cannot be read
 * or is damaged (what comes before is printed), or the rules are wrong; 2 wrong usage.
 */
#include "cli/commands.h"

#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/options.h"
#include "cli/replay_rules.h"
#include "stream/recording.h"
#include "stream/stream.h"

struct arguments {
	struct pk_output_options output;
	struct pk_plan_options plan;
	struct pk_enforce enforce;
	const char *path;
	const char *rules_paths[PK_MAX_RULES_FILES];
	size_t rules_cnt;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->output;
		state->child_inputs[1] = &arguments->plan;
		state->child_inputs[2] = &arguments->enforce;
		return 0;
	case 'r':
		if (arguments->rules_cnt == PK_MAX_RULES_FILES)
			argp_failure(state, PK_EXIT_USAGE, 0, "more than %u files of rules",
				     PK_MAX_RULES_FILES);
		arguments->rules_paths[arguments->rules_cnt++] = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->path)
			argp_failure(state, PK_EXIT_USAGE, 0, "one recording at a time");
		arguments->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (arguments->enforce.cnt && !arguments->rules_cnt)
			argp_failure(state, PK_EXIT_USAGE, 0,
				     "--enforce: no rules are given; -r FILE_OR_DIR");
		if (!arguments->path)
			argp_failure(state, PK_EXIT_USAGE, 0,
				     "which recording? FILE, or - for "
				     "standard input");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option replay_options[] = {
	{ .name = "rules",
	  .key = 'r',
	  .arg = "FILE_OR_DIR",
	  .doc = "Judge by these rules and print alerts; can be given several times" },
	{ 0 },
};

static const struct argp_child children[] = {
	{ .argp = &pk_output_argp },
	{ .argp = &pk_plan_argp },
	{ .argp = &pk_enforce_argp },
	{ 0 },
};

static const struct argp replay_argp = {
	.options = replay_options,
	.parser = parse_option,
	.args_doc = "FILE",
	.doc = "Print the events of a recording, or the alerts that rules would give. FILE - is "
	       "standard input.",
	.children = children,
};

/* 0, or the sink's -errno. What is wrong with the recording is told and put in ret_status. */
static int feed_all(struct pk_recording_reader *reader, struct pk_stream *stream, const char *path,
		    int *ret_status)
{
	const void *record;
	size_t len;
	int got;

	while ((got = pk_recording_reader_next(reader, &record, &len)) > 0) {
		int err = pk_stream_feed(stream, record, len);

		if (err)
			return err;
	}
	if (got < 0) {
		pk_stream_flush(stream);
		pk_error("replay: cannot read '%s': %s", path, pk_recording_reader_error(reader));
		*ret_status = PK_EXIT_FAILED;
	}
	return pk_stream_flush(stream);
}

/* The sink and which events it is to get. */
static int make_sink(const struct arguments *arguments, const struct pk_ruleset *ruleset,
		     struct pk_stream_options *options, struct pk_sink **ret_sink)
{
	options->kinds = pk_output_options_kinds(&arguments->output);
	if (!ruleset)
		return pk_output_options_sink(&arguments->output, ret_sink);
	return pk_rules_sink_new(ruleset, &arguments->output, options->kinds, ret_sink);
}

static int load_rules(const struct arguments *arguments, struct pk_ruleset **ret_ruleset)
{
	const struct pk_ruleset_options options = { .plan = arguments->plan,
						    .enforce = &arguments->enforce };

	if (!arguments->rules_cnt)
		return 0;
	return pk_ruleset_load(arguments->rules_paths, arguments->rules_cnt, &options, ret_ruleset);
}

static int replay(const struct arguments *arguments)
{
	pk_cleanup(pk_recording_reader_free_p) struct pk_recording_reader *reader = NULL;
	pk_cleanup(pk_ruleset_free_p) struct pk_ruleset *ruleset = NULL;
	pk_cleanup(pk_sink_free_p) struct pk_sink *sink = NULL;
	pk_cleanup(pk_stream_free_p) struct pk_stream *stream = NULL;
	struct pk_stream_options options = { 0 };
	char reason[PK_RECORDING_ERROR_MAX];
	int status = PK_EXIT_OK;
	int err;

	if (load_rules(arguments, &ruleset))
		return PK_EXIT_FAILED;
	err = pk_recording_reader_new(arguments->path, &reader, reason);
	if (err) {
		pk_error("replay: cannot read '%s': %s", arguments->path, reason);
		return PK_EXIT_FAILED;
	}
	err = make_sink(arguments, ruleset, &options, &sink);
	options.sink = sink;
	if (ruleset)
		options.kinds =
			PK_KINDS_SENSOR; /* tags come of events that are not asked for, too */
	if (!err)
		err = pk_stream_new(&options, &stream);
	if (!err)
		err = feed_all(reader, stream, arguments->path, &status);
	if (err == -EPIPE)
		return PK_EXIT_OK;
	if (err) {
		pk_error("replay: cannot write to standard output: %s", strerror(-err));
		return PK_EXIT_FAILED;
	}
	return status;
}

int pk_cmd_replay(int argc, char **argv)
{
	static char name[] = "picket replay";
	static struct arguments arguments;

	arguments = (struct arguments){
		.output = PK_OUTPUT_OPTIONS_INIT,
		.plan = PK_PLAN_OPTIONS_INIT,
	};

	if (argc > 0)
		argv[0] = name; /* as it stands in messages */
	argp_err_exit_status = PK_EXIT_USAGE;
	if (argp_parse(&replay_argp, argc, argv, 0, NULL, &arguments))
		return PK_EXIT_USAGE;
	signal(SIGPIPE, SIG_IGN);
	return replay(&arguments);
}
