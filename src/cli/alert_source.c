// SPDX-License-Identifier: Apache-2.0
/*
 * Alerts of picket run.
 */
#include "cli/alert_source.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "stream/facts.h"
#include "stream/judge.h"
#include "stream/names.h"

#define SETS 4u

struct one_set {
	const struct pk_ruleset *set; /* borrowed */
	struct pk_judger *judger;     /* made when the first event comes */
	uint32_t generation;
};

struct pk_alert_source {
	pthread_mutex_t lock;
	struct one_set sets[SETS];
	bool told_unknown_set;
};

struct alert_sink {
	struct pk_sink sink; /* first */
	struct pk_alert_source *source;
	struct pk_alert_sink *alerts;
	struct pk_sink *events;
	__u64 kinds;
};

int pk_alert_source_new(struct pk_alert_source **ret_source)
{
	struct pk_alert_source *source = calloc(1, sizeof(*source));

	if (!source)
		return -ENOMEM;
	pthread_mutex_init(&source->lock, NULL);
	*ret_source = source;
	return 0;
}

void pk_alert_source_free(struct pk_alert_source *source)
{
	if (!source)
		return;
	for (size_t i = 0; i < SETS; i++)
		pk_judger_free(source->sets[i].judger);
	pthread_mutex_destroy(&source->lock);
	free(source);
}

void pk_alert_source_lock(struct pk_alert_source *source)
{
	pthread_mutex_lock(&source->lock);
}

void pk_alert_source_unlock(struct pk_alert_source *source)
{
	pthread_mutex_unlock(&source->lock);
}

void pk_alert_source_set(struct pk_alert_source *source, uint32_t generation,
			 const struct pk_ruleset *set)
{
	struct one_set *one = &source->sets[generation % SETS];

	pk_judger_free(one->judger);
	*one = (struct one_set){ .set = set, .generation = generation };
}

static int judger_of(struct one_set *one, struct pk_judger **ret_judger)
{
	const struct pk_judge_options options = {
		.rules = one->set->rules,
		.bound = one->set->bound,
		.plan = one->set->plan,
	};
	int err = one->judger ? 0 : pk_judger_new(&options, &one->judger);

	if (!err)
		*ret_judger = one->judger;
	return err;
}

/* One rule that the kernel says matched, or could not tell. */
static int on_match(struct alert_sink *to, const struct one_set *one, struct pk_judger *judger,
		    const struct pk_view *view, const struct pk_judgement *judgement,
		    uint32_t match)
{
	uint32_t idx = match & ~PK_MATCH_UNKNOWN;
	const struct pk_finding *findings;
	struct pk_alert alert = { .view = view, .get = pk_facts_get };
	size_t cnt = 0;
	int err;

	if (idx >= one->set->rules->cnt)
		return 0;
	alert.rule = one->set->rules->items[idx];
	/* the values that the output shows are got from the same event */
	err = pk_judge_view(judger, view, &idx, match & PK_MATCH_UNKNOWN ? 1 : 0, &findings, &cnt);
	if (err)
		return err;
	if ((match & PK_MATCH_UNKNOWN) &&
	    (!cnt ||
	     (findings[0].truth != PK_TRUE && alert.rule->on_unknown != PK_RULES_UNKNOWN_ACT)))
		return 0;
	if (!pk_rules_tells(alert.rule))
		return 0;
	alert.verdict = (enum pk_verdict)view->event->verdict;
	alert.repeat_cnt = judgement->repeat_cnt;
	alert.get_arg = pk_judger_get_facts(judger);
	return pk_alert_sink_add(to->alerts, &alert, one->set->templates[idx]);
}

static int on_judged(struct alert_sink *to, const struct pk_view *view)
{
	struct pk_text text = pk_record_text(view->event, view->event->judgement);
	struct pk_judgement judgement;
	struct pk_judger *judger;
	struct one_set *one;
	int err;

	memcpy(&judgement, text.data, sizeof(judgement));
	one = &to->source->sets[judgement.generation % SETS];
	if (!one->set || one->generation != judgement.generation) {
		if (!to->source->told_unknown_set)
			pk_warning("rules: alerts of rules that are no longer in force came too "
				   "late and are not shown");
		to->source->told_unknown_set = true;
		return 0;
	}
	err = judger_of(one, &judger);
	for (uint32_t i = 0; i < judgement.match_cnt && !err; i++) {
		uint32_t match;

		memcpy(&match, text.data + sizeof(judgement) + i * sizeof(match), sizeof(match));
		err = on_match(to, one, judger, view, &judgement, match);
	}
	return err;
}

static int on_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct alert_sink *to = (struct alert_sink *)sink;
	bool happened = view->event->verdict != PK_VERDICT_DENIED &&
			view->event->verdict != PK_VERDICT_KILLED;
	int err = 0;

	if (view->event->judgement.len) {
		pk_alert_source_lock(to->source);
		err = on_judged(to, view);
		pk_alert_source_unlock(to->source);
	}
	if (err || !to->events || !(PK_KIND_BIT(view->event->kind) & to->kinds))
		return err;
	/* a record of repeats has their verdict, and is no attempt itself */
	if (!happened && view->event->kind != PK_EVENT_EXEC &&
	    view->event->kind != PK_EVENT_REPEATS)
		return 0;
	return to->events->ops->event(to->events, view);
}

static int on_flush(struct pk_sink *sink)
{
	struct alert_sink *to = (struct alert_sink *)sink;
	int err = pk_alert_sink_flush(to->alerts);

	return !err && to->events ? to->events->ops->flush(to->events) : err;
}

static void on_free(struct pk_sink *sink)
{
	struct alert_sink *to = (struct alert_sink *)sink;

	pk_alert_sink_free(to->alerts);
	free(to);
}

int pk_alert_source_sink(struct pk_alert_source *source, const struct pk_output_options *output,
			 struct pk_sink *events, __u64 kinds, struct pk_sink **ret_sink)
{
	static const struct pk_sink_ops ops = { on_event, on_flush, on_free };
	bool json = output->format == PK_FORMAT_JSON;
	struct alert_sink *to = calloc(1, sizeof(*to));
	int err;

	if (!to)
		return -ENOMEM;
	to->sink.ops = &ops;
	to->source = source;
	to->events = events;
	to->kinds = kinds;
	err = pk_alert_sink_new(STDOUT_FILENO, json ? PK_ALERT_JSON : PK_ALERT_TEXT,
				pk_output_options_color(output), &to->alerts);
	if (err) {
		free(to);
		return err;
	}
	*ret_sink = &to->sink;
	return 0;
}
