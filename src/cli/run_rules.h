/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of picket run: loaded, put into the kernel, and again whenever their files change or
 * somebody asks. A thread compiles and loads, so that events are read meanwhile; rules that are wrong
 * change nothing. Alerts are a sink: events come with the numbers of the rules that matched.
 *
 *   pk_run_rules_new -> pk_run_rules_sink (the stream's) -> sensors -> pk_run_rules_start
 *   -> pk_run_rules_on_ready whenever one of the file descriptors is -> pk_run_rules_free
 */
#ifndef PK_CLI_RUN_RULES_H
#define PK_CLI_RUN_RULES_H

#include "cli/options.h"
#include "cli/rules_files.h"
#include "kernel/bank.h"
#include "kernel/sensors.h"

struct pk_run_rules_options {
	const char *const *paths;
	size_t path_cnt;
	struct pk_plan_options plan; /* generation is ours */
	const struct pk_enforce *enforce;
	struct pk_output_options output;       /* how alerts look */
	__u64 event_kinds;                     /* events that are printed besides: PK_KIND_BIT()s */
	struct pk_bank_containers *containers; /* the caller's; NULL: containers stay unknown */
	bool pods_told; /* somebody asks the API server; else it is said which fields stay unknown */
};

struct pk_run_rules;

/* Loads and compiles the files. -EBADMSG and other errors have been printed. */
int pk_run_rules_new(const struct pk_run_rules_options *options, struct pk_run_rules **ret_rules);
void pk_run_rules_free(struct pk_run_rules *rules);

/* Waits for a load that is under way. Before the sensors are freed. NULL is fine. */
void pk_run_rules_stop(struct pk_run_rules *rules);

/* Kinds of event that the rules in force are about. */
__u64 pk_run_rules_kinds(const struct pk_run_rules *rules);

/* The stream's sink: alerts, and the events that are printed besides go to `events` (stays the
 * caller's; NULL: none). -ENOMEM */
int pk_run_rules_sink(struct pk_run_rules *rules, struct pk_sink *events,
		      struct pk_sink **ret_sink);

/* Puts the rules into the kernel. `tree` (stays the stream's) knows what the processes that are there
 * were called when they were executed. Errors have been printed. */
int pk_run_rules_start(struct pk_run_rules *rules, struct pk_sensors *sensors,
		       const struct pk_tree *tree);

/* To be watched for input; the second may be -1: files cannot be watched. */
int pk_run_rules_get_done_fd(const struct pk_run_rules *rules);
int pk_run_rules_get_files_fd(const struct pk_run_rules *rules);

/* One of them is ready. */
void pk_run_rules_on_ready(struct pk_run_rules *rules, int fd);

/* Loads the files again; while that goes on already: once more afterwards. */
void pk_run_rules_reload(struct pk_run_rules *rules);

/* Once a second: what rules held back is fed to `stream`, files of literal paths are looked up again.
 * Errors of feeding. */
int pk_run_rules_tick(struct pk_run_rules *rules, struct pk_stream *stream);

/* After the sensors were detached: feeds all that is still held back. Errors of feeding. */
int pk_run_rules_end(struct pk_run_rules *rules, struct pk_stream *stream);

size_t pk_run_rules_cnt(const struct pk_run_rules *rules); /* enabled ones */

PK_DEFINE_CLEANUP(struct pk_run_rules *, pk_run_rules_free);

#endif
