// SPDX-License-Identifier: Apache-2.0
/*
 * Judging in user space.
 */
#include "stream/judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream/facts.h"
#include "stream/hosts.h"
#include "stream/tags.h"

struct pk_judger {
	struct pk_judge_options options;
	struct pk_facts_ctx *facts;
	struct pk_hosts *hosts;   /* NULL: no rule asks for names */
	struct pk_tags *tags;     /* NULL: those of the events */
	struct pk_record *record; /* the event with our tags in it */
	struct pk_view view;
	struct pk_finding *findings; /* room for one a rule */
	size_t cnt;
};

int pk_judger_new(const struct pk_judge_options *options, struct pk_judger **ret_judger)
{
	pk_cleanup(pk_judger_free_p) struct pk_judger *judger = calloc(1, sizeof(*judger));
	int err;

	if (!judger)
		return -ENOMEM;
	judger->options = *options;
	judger->findings = calloc(options->rules->cnt + 1, sizeof(*judger->findings));
	if (!judger->findings)
		return -ENOMEM;
	err = pk_facts_ctx_new(&judger->facts) ?: pk_hosts_new(options->bound, &judger->hosts);
	if (!err)
		pk_facts_ctx_set_hosts(judger->facts, judger->hosts);
	if (!err && options->remember_tags && options->plan && options->plan->tag_cnt) {
		judger->record = malloc(sizeof(*judger->record));
		err = judger->record ? pk_tags_new(&judger->tags) : -ENOMEM;
	}
	if (err)
		return err;
	*ret_judger = pk_take_ptr(judger);
	return 0;
}

void pk_judger_free(struct pk_judger *judger)
{
	if (!judger)
		return;
	pk_tags_free(judger->tags);
	pk_facts_ctx_free(judger->facts);
	pk_hosts_free(judger->hosts);
	free(judger->record);
	free(judger->findings);
	free(judger);
}

/* A copy of the event that brings the tags remembered here. An event without room for them keeps its own:
 * 32 bytes below the longest record. */
static void bring_tags(struct pk_judger *judger)
{
	const struct pk_event *event = judger->view.event;
	struct pk_judgement judgement = { 0 };
	struct pk_str where = { 0 };

	judgement.tags = pk_tags_get(judger->tags, event, &judgement.container_tags);
	memcpy(judger->record->u.bytes, event, event->size_bytes);
	judger->record->len_bytes = event->size_bytes; /* a multiple of 8 */
	if (pk_record_add(judger->record, &where, &judgement, sizeof(judgement)))
		return;
	judger->record->u.event.judgement = where;
	pk_record_finish(judger->record);
	judger->view.event = &judger->record->u.event;
}

/* What the plan says of kinds is not asked: here it is checked, by recordings and tests. */
static int judge_rule(struct pk_judger *judger, uint32_t rule_idx)
{
	const struct pk_rules *rules = judger->options.rules;
	enum pk_truth truth = PK_FALSE;
	int err;

	if (rule_idx >= rules->cnt || !rules->items[rule_idx]->enabled)
		return 0;
	err = pk_bound_eval(judger->options.bound, rules->items[rule_idx]->condition, pk_facts_get,
			    judger->facts, &truth);
	if (!err && truth != PK_FALSE && judger->cnt < judger->options.rules->cnt)
		judger->findings[judger->cnt++] = (struct pk_finding){ rule_idx, truth };
	return err;
}

static bool acts(const struct pk_judger *judger, const struct pk_finding *finding)
{
	const struct pk_rule *rule = judger->options.rules->items[finding->rule_idx];

	return finding->truth == PK_TRUE || rule->on_unknown == PK_RULES_UNKNOWN_ACT;
}

static void remember(struct pk_judger *judger)
{
	const struct pk_plan *plan = judger->options.plan;
	const struct pk_event *event = judger->view.event;

	for (size_t i = 0; plan && i < judger->cnt; i++) {
		const struct pk_rule_entry *entry = &plan->entries[judger->findings[i].rule_idx];

		if (entry->tag && acts(judger, &judger->findings[i]))
			pk_tags_set(judger->tags, event, entry->tag - 1u,
				    (enum pk_rules_tag_scope)entry->tag_scope, entry->tag_ttl_ns);
	}
	pk_tags_update(judger->tags, event);
}

int pk_judge_view(struct pk_judger *judger, const struct pk_view *view, const uint32_t *rule_idxs,
		  size_t cnt, const struct pk_finding **ret_findings, size_t *ret_cnt)
{
	const struct pk_plan *plan = judger->options.plan;
	size_t all = rule_idxs ? cnt : judger->options.rules->cnt;
	int err = 0;

	judger->view = *view;
	judger->cnt = 0;
	if (judger->tags)
		bring_tags(judger);
	pk_facts_ctx_set(judger->facts, &judger->view, plan ? plan->tag_names : NULL,
			 plan ? plan->tag_cnt : 0);
	for (size_t i = 0; i < all && !err; i++)
		err = judge_rule(judger,
				 rule_idxs ? rule_idxs[i] & ~PK_MATCH_UNKNOWN : (uint32_t)i);
	if (err)
		return err;
	if (judger->tags)
		remember(judger);
	*ret_findings = judger->findings;
	*ret_cnt = judger->cnt;
	return 0;
}

enum pk_verdict pk_judger_get_verdict(const struct pk_judger *judger)
{
	const struct pk_plan *plan = judger->options.plan;
	uint8_t most = PK_RULES_ACTION_ALERT;

	for (size_t i = 0; i < judger->cnt; i++) {
		uint32_t rule_idx = judger->findings[i].rule_idx;
		uint8_t action = plan ? plan->entries[rule_idx].action :
					(uint8_t)judger->options.rules->items[rule_idx]->action;

		if (acts(judger, &judger->findings[i]) && action > most)
			most = action;
	}
	if (most == PK_RULES_ACTION_ALERT)
		return PK_VERDICT_ALLOWED;
	if (judger->view.event && judger->view.event->pid == 1)
		return PK_VERDICT_SPARED;
	return most == PK_RULES_ACTION_KILL ? PK_VERDICT_KILLED : PK_VERDICT_DENIED;
}

void *pk_judger_get_facts(const struct pk_judger *judger)
{
	return judger->facts;
}

const struct pk_view *pk_judger_get_view(const struct pk_judger *judger)
{
	return &judger->view;
}
