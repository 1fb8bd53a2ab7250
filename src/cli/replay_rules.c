// SPDX-License-Identifier: Apache-2.0
/*
 * Events in, alerts out.
 */
#include "cli/replay_rules.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "stream/facts.h"
#include "stream/judge.h"
#include "stream/names.h"

struct rules_sink {
	struct pk_sink sink; /* first */
	const struct pk_ruleset *ruleset;
	__u64 kinds;
	struct pk_judger *judger;
	struct pk_alert_sink *alerts;
};

static bool tells(const struct rules_sink *to, const struct pk_finding *finding)
{
	const struct pk_rule *rule = to->ruleset->rules->items[finding->rule_idx];

	return pk_rules_tells(rule) &&
	       (finding->truth == PK_TRUE || rule->on_unknown == PK_RULES_UNKNOWN_ACT);
}

static int on_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct rules_sink *to = (struct rules_sink *)sink;
	const struct pk_finding *findings;
	size_t cnt;
	int err;

	if (!(PK_KIND_BIT(view->event->kind) & PK_KINDS_SENSOR))
		return 0;
	err = pk_judge_view(to->judger, view, NULL, 0, &findings, &cnt);
	if (err || !(PK_KIND_BIT(view->event->kind) & to->kinds))
		return err;
	for (size_t i = 0; i < cnt && !err; i++) {
		const struct pk_alert alert = {
			.rule = to->ruleset->rules->items[findings[i].rule_idx],
			.view = pk_judger_get_view(to->judger),
			.verdict = pk_judger_get_verdict(to->judger),
			.get = pk_facts_get,
			.get_arg = pk_judger_get_facts(to->judger),
		};

		if (tells(to, &findings[i]))
			err = pk_alert_sink_add(to->alerts, &alert,
						to->ruleset->templates[findings[i].rule_idx]);
	}
	return err;
}

static int on_flush(struct pk_sink *sink)
{
	return pk_alert_sink_flush(((struct rules_sink *)sink)->alerts);
}

static void on_free(struct pk_sink *sink)
{
	struct rules_sink *to = (struct rules_sink *)sink;

	pk_alert_sink_free(to->alerts);
	pk_judger_free(to->judger);
	free(to);
}

static const struct pk_sink_ops ops = { on_event, on_flush, on_free };

int pk_rules_sink_new(const struct pk_ruleset *ruleset, const struct pk_output_options *options,
		      __u64 kinds, struct pk_sink **ret_sink)
{
	const struct pk_judge_options judge = {
		.rules = ruleset->rules,
		.bound = ruleset->bound,
		.plan = ruleset->plan,
		.remember_tags = true,
	};
	bool json = options->format == PK_FORMAT_JSON;
	struct rules_sink *to = calloc(1, sizeof(*to));
	int err;

	if (!to)
		return -ENOMEM;
	to->sink.ops = &ops;
	to->ruleset = ruleset;
	to->kinds = kinds;
	err = pk_judger_new(&judge, &to->judger);
	if (!err)
		err = pk_alert_sink_new(STDOUT_FILENO, json ? PK_ALERT_JSON : PK_ALERT_TEXT,
					pk_output_options_color(options), &to->alerts);
	if (err) {
		on_free(&to->sink);
		return err;
	}
	*ret_sink = &to->sink;
	return 0;
}
