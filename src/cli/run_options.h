/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of picket run.
 */
#ifndef PK_CLI_RUN_OPTIONS_H
#define PK_CLI_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/enforce.h"
#include "cli/options.h"
#include "cli/rules_files.h"
#include "cli/run_k8s.h"
#include "kernel/probe.h"
#include "rules/limits.h"

/* Texts are those of argv. */
struct pk_run_options {
	struct pk_output_options output;
	const char *record_path; /* NULL: none */
	const char *rules_paths[PK_MAX_RULES_FILES];
	size_t rules_cnt;
	struct pk_enforce enforce;
	bool degrade_deny_to_kill;
	bool i_know;
	bool no_containers;
	enum pk_backend backend;   /* PK_BACKEND_NONE: choose */
	__u32 ring_bytes;          /* 0: the default */
	const char *health_listen; /* NULL: nobody asks */
	const char *hook_socket;   /* NULL: the default */
	struct pk_run_k8s k8s;
	char *const *command; /* NULL: the whole machine */
};

#define PK_RUN_OPTIONS_INIT ((struct pk_run_options){ .output = PK_OUTPUT_OPTIONS_INIT })

/* Mistakes end the program with a message and exit status 2. -errno: argp failed. */
int pk_run_options_parse(int argc, char **argv, struct pk_run_options *ret_options);

/* Events that are printed: with rules, besides alerts, those that were asked for by name. */
__u64 pk_run_options_kinds(const struct pk_run_options *given);

#endif
