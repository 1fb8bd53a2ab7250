/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options that picket run and picket replay share: which events, in what format, in colour or not.
 */
#ifndef PK_CLI_OPTIONS_H
#define PK_CLI_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "event.h"
#include "stream/stream.h"

enum pk_format {
	PK_FORMAT_TEXT = 0,
	PK_FORMAT_JSON = 1,
};

enum pk_color {
	PK_COLOR_AUTO = 0, /* if standard output is a terminal and NO_COLOR is not set */
	PK_COLOR_ALWAYS = 1,
	PK_COLOR_NEVER = 2,
};

struct pk_output_options {
	enum pk_format format;
	enum pk_color color;
	__u64 events;      /* of --events; the default is PK_KINDS_DEFAULT */
	__u64 exclude;     /* of --exclude */
	bool events_given; /* --events was there */
};

#define PK_OUTPUT_OPTIONS_INIT       \
	((struct pk_output_options){ \
		.format = PK_FORMAT_TEXT, .color = PK_COLOR_AUTO, .events = PK_KINDS_DEFAULT })

/* Longest error text of pk_events_parse() with its NUL. */
#define PK_EVENTS_ERROR_MAX 1024

/*
 * Reads a comma-separated list of event kinds ("exec,open") and groups ("process", "file",
 * "network", "all") into PK_KIND_BIT()s. -EINVAL: empty, or a name that is not known; then
 * `reterr_text` (`err_bytes`, PK_EVENTS_ERROR_MAX is enough) has the near match and all names.
 */
int pk_events_parse(const char *list, __u64 *ret_kinds, char *reterr_text, size_t err_bytes);

/* The kinds to print: events without exclude, and PK_KINDS_STREAM unless excluded by name. */
__u64 pk_output_options_kinds(const struct pk_output_options *options);

/*
 * -o/--output, --events, --exclude, --color as an argp child. Its input (argp_state.input, which
 * the parent sets in child_inputs[]) is a struct pk_output_options. Mistakes end the program
 * with a message and exit status 2.
 */
extern const struct argp pk_output_argp;

/* Whether what goes to standard output is to be coloured. */
bool pk_output_options_color(const struct pk_output_options *options);

/* The sink the options ask for, on standard output. -ENOMEM. */
int pk_output_options_sink(const struct pk_output_options *options, struct pk_sink **ret_sink);

#endif
