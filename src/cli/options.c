/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options that picket run and picket replay share.
 */
#include "cli/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/commands.h"
#include "sinks/json.h"
#include "sinks/text.h"
#include "stream/names.h"

#define NAME_BYTES 24 /* longer words are nobody's typing mistake */
#define NEAR_EDITS 2

static const struct {
	const char *name;
	__u64 kinds;
} groups[] = {
	{ "all", PK_KINDS_SENSOR },
	{ "process", PK_KINDS_PROCESS },
	{ "file", PK_KINDS_FILE | PK_KINDS_ATTRIBUTE },
	{ "network", PK_KINDS_NETWORK },
	{ "mounts", PK_KINDS_MOUNT },
	{ "privileges", PK_KINDS_PRIVILEGE },
	{ "kernel", PK_KINDS_KERNEL },
	{ "memory", PK_KINDS_MEMORY },
};

/* ---- lists of events ---- */

/* The i-th word that a list may hold, groups last; NULL behind the end, "" for a gap. */
static const char *word_at(size_t i, __u64 *ret_kinds)
{
	if (i < PK_KIND_MAX) {
		*ret_kinds = PK_KIND_BIT(i) & (PK_KINDS_SENSOR | PK_KINDS_STREAM);
		return *ret_kinds ? pk_event_kind_name((__u32)i) : "";
	}
	i -= PK_KIND_MAX;
	if (i >= PK_ARRAY_SIZE(groups))
		return NULL;
	*ret_kinds = groups[i].kinds;
	return groups[i].name;
}

static __u64 kinds_of(const char *word, size_t len)
{
	const char *candidate;
	__u64 kinds;

	for (size_t i = 0; (candidate = word_at(i, &kinds)); i++) {
		if (*candidate && strlen(candidate) == len && memcmp(candidate, word, len) == 0)
			return kinds;
	}
	return 0;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t min = a < b ? a : b;

	return min < c ? min : c;
}

/* Letters to insert, delete or replace (Levenshtein's distance). */
static size_t edits(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t row[NAME_BYTES + 1];

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[b_len];
}

static const char *near_match(const char *word, size_t len)
{
	const char *best = NULL;
	size_t best_edits = NEAR_EDITS + 1;
	const char *candidate;
	__u64 kinds;

	for (size_t i = 0; len <= NAME_BYTES && (candidate = word_at(i, &kinds)); i++) {
		size_t candidate_len = strlen(candidate);
		size_t cnt = edits(word, len, candidate, candidate_len);

		if (candidate_len > NEAR_EDITS && cnt < best_edits && cnt < len) {
			best = candidate;
			best_edits = cnt;
		}
	}
	return best;
}

static void describe(const char *word, size_t len, char *text, size_t text_bytes)
{
	const char *near = near_match(word, len);
	int used = snprintf(text, text_bytes, "no event named '%.*s'", (int)(len < 64 ? len : 64),
			    word);
	const char *separator = "";
	const char *candidate;
	__u64 kinds;

	if (near && used < (int)text_bytes)
		used += snprintf(text + used, text_bytes - (size_t)used, ", did you mean '%s'?",
				 near);
	if (used < (int)text_bytes)
		used += snprintf(text + used, text_bytes - (size_t)used,
				 "%s Events: ", near ? "" : ".");
	for (size_t i = 0; (candidate = word_at(i, &kinds)) && used < (int)text_bytes; i++) {
		if (!*candidate)
			continue;
		used += snprintf(text + used, text_bytes - (size_t)used, "%s%s", separator,
				 candidate);
		separator = ", ";
	}
}

int pk_events_parse(const char *list, __u64 *ret_kinds, char *reterr_text, size_t err_bytes)
{
	__u64 all_kinds = 0;

	for (const char *word = list;;) {
		size_t len = strcspn(word, ",");
		__u64 kinds = kinds_of(word, len);

		if (!kinds) {
			describe(word, len, reterr_text, err_bytes);
			return -EINVAL;
		}
		all_kinds |= kinds;
		if (!word[len])
			break;
		word += len + 1;
	}
	*ret_kinds = all_kinds;
	return 0;
}

__u64 pk_output_options_kinds(const struct pk_output_options *options)
{
	return (options->events | PK_KINDS_STREAM) & ~options->exclude;
}

/* ---- argp ---- */

enum {
	OPTION_EVENTS = 0x1000,
	OPTION_EXCLUDE,
	OPTION_COLOR,
};

static const struct argp_option output_options[] = {
	{ .name = "output", .key = 'o', .arg = "FORMAT", .doc = "text (default) or json" },
	{ .name = "events",
	  .key = OPTION_EVENTS,
	  .arg = "LIST",
	  .doc = "Print only these events: kinds such as exec,open,connect or the groups process, "
		 "file, network, mounts, privileges, kernel, memory, all" },
	{ .name = "exclude", .key = OPTION_EXCLUDE, .arg = "LIST", .doc = "Do not print these" },
	{ .name = "color",
	  .key = OPTION_COLOR,
	  .arg = "WHEN",
	  .doc = "auto (default), always or never" },
	{ 0 },
};

static void parse_events(struct argp_state *state, const char *list, __u64 *ret_kinds)
{
	char text[PK_EVENTS_ERROR_MAX];

	if (pk_events_parse(list, ret_kinds, text, sizeof(text)) < 0)
		argp_failure(state, PK_EXIT_USAGE, 0, "%s", text);
}

/* The index of `word` among the NULL-terminated `words`; ends the program if it is none. */
static int parse_word(struct argp_state *state, const char *option, const char *word,
		      const char *const *words, const char *all)
{
	for (int i = 0; words[i]; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	argp_failure(state, PK_EXIT_USAGE, 0, "--%s: '%s' is not one of %s", option, word, all);
	return 0;
}

static error_t parse_output_option(int key, char *arg, struct argp_state *state)
{
	static const char *const formats[] = { "text", "json", NULL };
	static const char *const colors[] = { "auto", "always", "never", NULL };
	struct pk_output_options *options = state->input;

	switch (key) {
	case 'o':
		options->format = (enum pk_format)parse_word(state, "output", arg, formats,
							     "text, json");
		return 0;
	case OPTION_EVENTS:
		parse_events(state, arg, &options->events);
		options->events_given = true;
		return 0;
	case OPTION_EXCLUDE:
		parse_events(state, arg, &options->exclude);
		return 0;
	case OPTION_COLOR:
		options->color = (enum pk_color)parse_word(state, "color", arg, colors,
							   "auto, always, never");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp pk_output_argp = {
	.options = output_options,
	.parser = parse_output_option,
};

bool pk_output_options_color(const struct pk_output_options *options)
{
	const char *no_color = getenv("NO_COLOR");

	if (options->color != PK_COLOR_AUTO)
		return options->color == PK_COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

int pk_output_options_sink(const struct pk_output_options *options, struct pk_sink **ret_sink)
{
	if (options->format == PK_FORMAT_JSON)
		return pk_json_sink_new(STDOUT_FILENO, ret_sink);
	return pk_text_sink_new(STDOUT_FILENO, pk_output_options_color(options), ret_sink);
}
