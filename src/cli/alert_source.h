/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From events with the numbers of the rules that matched to alerts. What the kernel left unknown is
 * judged again here, with all that the stream knows. Rule sets come and go while events of older ones
 * are still on their way: each event says by which it was judged.
 */
#ifndef PK_CLI_ALERT_SOURCE_H
#define PK_CLI_ALERT_SOURCE_H

#include "cli/options.h"
#include "cli/rules_files.h"

struct pk_alert_source;

/* -ENOMEM */
int pk_alert_source_new(struct pk_alert_source **ret_source);
void pk_alert_source_free(struct pk_alert_source *source);

/* Around pk_alert_source_set() and whatever must not change while an event is looked at. */
void pk_alert_source_lock(struct pk_alert_source *source);
void pk_alert_source_unlock(struct pk_alert_source *source);

/* The rule set of a generation, borrowed; NULL: it is no more. What had the same place goes. */
void pk_alert_source_set(struct pk_alert_source *source, uint32_t generation,
			 const struct pk_ruleset *set);

/* A sink for the stream; `events` (may be NULL) gets the events of `kinds` as well. -ENOMEM */
int pk_alert_source_sink(struct pk_alert_source *source, const struct pk_output_options *output,
			 struct pk_sink *events, __u64 kinds, struct pk_sink **ret_sink);

PK_DEFINE_CLEANUP(struct pk_alert_source *, pk_alert_source_free);

#endif
