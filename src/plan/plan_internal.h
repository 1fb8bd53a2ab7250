/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan while it is being made; what plan*.c share.
 */
#ifndef PK_PLAN_PLAN_INTERNAL_H
#define PK_PLAN_PLAN_INTERNAL_H

#include "plan/gate.h"
#include "plan/index.h"
#include "plan/lower.h"

struct pk_planner {
	struct pk_plan *plan;
	struct pk_rules *rules;
	struct pk_bound *bound;
	struct pk_gates gates;
	struct pk_index index;
	struct pk_lower lower;
	const struct pk_gate **rule_gates; /* [rule * PK_KINDS + kind]; NULL: of disabled rules */
	uint8_t *unknown;                  /* by gate: 0 not asked yet, 1 no, 2 yes */
	struct pk_set macros;              /* what macros became, for the kind of event at work */
	int err;
};

static inline const struct pk_gate *pk_planner_gate(const struct pk_planner *planner, size_t rule,
						    uint32_t kind)
{
	return planner->rule_gates[rule * PK_KINDS + kind];
}

/* It denies or kills. */
static inline bool pk_planner_stops(const struct pk_planner *planner, size_t rule)
{
	return planner->rules->items[rule]->action != PK_RULES_ACTION_ALERT;
}

/* Paths that it names are known by their files too. */
static inline enum pk_lower_ident pk_planner_ident(const struct pk_planner *planner, size_t rule,
						   uint32_t kind)
{
	if (!pk_planner_stops(planner, rule))
		return PK_IDENT_NONE;
	if (kind == PK_EVENT_EXEC)
		return PK_IDENT_EXE;
	return PK_FILE_KINDS_WITH_ID >> kind & 1 ? PK_IDENT_FILE : PK_IDENT_NONE;
}

/* Whether user space has to answer a part of it. */
bool pk_planner_unknown(struct pk_planner *planner, const struct pk_gate *gate);

/* The literals that always have to hold when the gate is to be true: itself or children of an
 * AND. */
const struct pk_gate *const *pk_gate_required(const struct pk_gate *const *gate, size_t *ret_cnt);

void pk_planner_lower(struct pk_planner *planner); /* rule_gates */
void pk_planner_check(struct pk_planner *planner); /* plan_rules, entries, refusals */
/* Name of a kind of event, as it is printed. */
const char *pk_planner_kind_name(uint32_t kind);
/* One reason why a rule is never true here; kept with the plan. */
const char *pk_planner_why_never(const struct pk_planner *planner, size_t rule);
/* Tells of comparisons in it that never are. */
void pk_planner_warn_dead(struct pk_planner *planner, size_t rule);
void pk_planner_keys(struct pk_planner *planner);     /* judged[].key */
void pk_planner_interest(struct pk_planner *planner); /* interest, kinds of the tables' rows */
void pk_planner_needs(struct pk_planner *planner);    /* table */
void pk_planner_reads(struct pk_planner *planner);    /* table.reads */
/* What a literal asks of the event's texts. */
void pk_planner_add_texts(const struct pk_index_lit *lit, struct pk_needs *needs);

#endif
