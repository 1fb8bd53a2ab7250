/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules on events, in user space: what the kernel would have decided, or could not. In: a view of an
 * event, a bound rule set. Out: which rules are true or unknown. The reference evaluator over the
 * facts of the stream; no kernel involved.
 */
#ifndef PK_STREAM_JUDGE_H
#define PK_STREAM_JUDGE_H

#include "base/cleanup.h"
#include "plan/eval.h"
#include "plan/plan.h"
#include "stream/stream.h"

/* What is judged by; all borrowed. */
struct pk_judge_options {
	const struct pk_rules *rules;
	struct pk_bound *bound;
	const struct pk_plan *plan; /* actions and tags; NULL: actions as written, no tags */
	/* Remember the tags that rules set, and have them instead of those that events bring: for
	 * recordings and tests. Then every event of the stream has to be judged, in order. */
	bool remember_tags;
};

struct pk_finding {
	uint32_t rule_idx;
	enum pk_truth truth; /* PK_TRUE or PK_UNKNOWN */
};

struct pk_judger;

/* -ENOMEM */
int pk_judger_new(const struct pk_judge_options *options, struct pk_judger **ret_judger);
void pk_judger_free(struct pk_judger *judger);

/*
 * Judges one event by all enabled rules, or by those of `rule_idxs` alone (which may have
 * PK_MATCH_UNKNOWN set; indexes of no rule are passed over). Findings are in that order, and valid
 * until the next call. -ENOMEM.
 */
int pk_judge_view(struct pk_judger *judger, const struct pk_view *view, const uint32_t *rule_idxs,
		  size_t cnt, const struct pk_finding **ret_findings, size_t *ret_cnt);

/* What rules that act would have done to the event just judged. */
enum pk_verdict pk_judger_get_verdict(const struct pk_judger *judger);

/* The event just judged: a pk_value_fn's `arg` for pk_facts_get(), and the view it was judged by. Valid until
 * the next call. */
void *pk_judger_get_facts(const struct pk_judger *judger);
const struct pk_view *pk_judger_get_view(const struct pk_judger *judger);

PK_DEFINE_CLEANUP(struct pk_judger *, pk_judger_free);

#endif
