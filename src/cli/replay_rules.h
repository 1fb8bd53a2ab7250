/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sink that judges events by rules and prints alerts in their place: what picket replay -r shows. All
 * events of the stream have to come to it, since rules remember (tags).
 */
#ifndef PK_CLI_REPLAY_RULES_H
#define PK_CLI_REPLAY_RULES_H

#include "cli/options.h"
#include "cli/rules_files.h"

/* `ruleset` is borrowed. Alerts about events of `kinds` only are printed, on standard output. A rule that
 * comes out unknown alerts only if it says so (on_unknown: act). -ENOMEM */
int pk_rules_sink_new(const struct pk_ruleset *ruleset, const struct pk_output_options *options,
		      __u64 kinds, struct pk_sink **ret_sink);

#endif
