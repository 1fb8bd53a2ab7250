// SPDX-License-Identifier: Apache-2.0
/*
 * Why a rule, or a comparison in it, is never true here. In: conditions that have been lowered for each kind of
 * event. Out: findings at their places, and one reason a rule.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/field_id.h"
#include "plan/plan_internal.h"

#define TRIED_MAX 16u     /* comparisons of a rule that are tried as the reason */
#define WEIGHT_MAX 20000u /* nodes of a condition that is looked into */
#define REASON_BYTES 512u
#define DEAD_MAX 8u /* comparisons that are told of one rule */

struct look {
	const struct pk_planner *planner;
	size_t rule;
	uint32_t kind;
	const struct pk_rules_node *free; /* taken for unknown */
	bool only_types;                  /* all but the types of events are */
	const struct pk_rules_node *tried[TRIED_MAX];
	size_t tried_cnt;
};

static bool is_type(const struct pk_atom *atom)
{
	return atom->field && (!strcmp(atom->field->name, "evt.type") ||
			       !strcmp(atom->field->name, "syscall.type"));
}

static enum pk_truth truth_of_gate(const struct pk_gate *gate)
{
	return gate->kind == PK_GATE_TRUE  ? PK_TRUE :
	       gate->kind == PK_GATE_FALSE ? PK_FALSE :
					     PK_UNKNOWN;
}

/* What the kind of event settles of a comparison. */
static enum pk_truth check_value(const struct look *look, const struct pk_rules_node *node)
{
	const struct pk_atom *atom = pk_bound_atom(look->planner->bound, node);
	const struct pk_field_source *source = NULL;
	bool ident = pk_planner_ident(look->planner, look->rule, look->kind);

	if (!atom || node == look->free || (look->only_types && !is_type(atom)))
		return PK_UNKNOWN;
	if (atom->field) {
		source = pk_field_source(atom->field, look->kind);
		if (!source)
			return PK_FALSE;
	}
	for (const struct pk_lowered *l = atom->user; l; l = l->next) {
		if (l->source == source && l->ident == ident)
			return truth_of_gate(l->gate);
	}
	return PK_UNKNOWN;
}

static enum pk_truth value(const struct look *look, const struct pk_rules_node *node)
{
	bool is_and = node->kind == PK_RULES_NODE_AND;
	enum pk_truth settles = is_and ? PK_FALSE : PK_TRUE;
	enum pk_truth ret = is_and ? PK_TRUE : PK_FALSE;

	if (node->kind == PK_RULES_NODE_CHECK)
		return check_value(look, node);
	if (node->kind == PK_RULES_NODE_NOT) {
		ret = value(look, node->children[0]);
		return ret == PK_UNKNOWN ? ret : ret == PK_TRUE ? PK_FALSE : PK_TRUE;
	}
	for (size_t i = 0; i < node->children_cnt; i++) {
		enum pk_truth one = value(look, node->children[i]);

		if (one == settles)
			return one;
		if (one == PK_UNKNOWN)
			ret = PK_UNKNOWN;
	}
	return ret;
}

/* Comparisons that the kind settles, but for the types of events. */
static void collect(struct look *look, const struct pk_rules_node *node)
{
	const struct pk_atom *atom;

	if (node->kind == PK_RULES_NODE_CHECK) {
		atom = pk_bound_atom(look->planner->bound, node);
		if (atom && !is_type(atom) && look->tried_cnt < TRIED_MAX &&
		    check_value(look, node) != PK_UNKNOWN)
			look->tried[look->tried_cnt++] = node;
		return;
	}
	for (size_t i = 0; i < node->children_cnt; i++)
		collect(look, node->children[i]);
}

/* The one comparison that keeps the rule from being true on this kind; NULL: there is no single one. */
static const struct pk_rules_node *culprit(struct look *look, const struct pk_rules_node *condition)
{
	look->tried_cnt = 0;
	look->free = NULL;
	collect(look, condition);
	for (size_t i = 0; i < look->tried_cnt; i++) {
		look->free = look->tried[i];
		if (value(look, condition) != PK_FALSE)
			return look->tried[i];
	}
	return NULL;
}

/* ---- types that no event has ---- */

static bool type_is_known(const struct pk_field *field, const struct pk_value_text *text)
{
	for (uint32_t kind = 0; kind < PK_KINDS; kind++) {
		const struct pk_field_source *source = pk_field_source(field, kind);

		for (const struct pk_symbol *s = source ? source->symbols : NULL; s && s->name;
		     s++) {
			if (strlen(s->name) == text->len && !memcmp(s->name, text->data, text->len))
				return true;
		}
	}
	return false;
}

/* The first type that a comparison asks for and that no event has; -1: none. */
static int unknown_type(const struct pk_atom *atom)
{
	if (!is_type(atom) || !atom->plain || !atom->texts ||
	    (atom->check->op != PK_RULES_OP_EQ && atom->check->op != PK_RULES_OP_IN &&
	     atom->check->op != PK_RULES_OP_INTERSECTS))
		return -1;
	for (size_t i = 0; i < atom->cnt; i++) {
		if (!type_is_known(atom->field, &atom->texts[i]))
			return (int)i;
	}
	return -1;
}

static const struct pk_atom *find_unknown_type(const struct pk_planner *planner,
					       const struct pk_rules_node *node)
{
	const struct pk_atom *atom;

	if (node->kind == PK_RULES_NODE_CHECK) {
		atom = pk_bound_atom(planner->bound, node);
		return atom && unknown_type(atom) >= 0 ? atom : NULL;
	}
	for (size_t i = 0; i < node->children_cnt; i++) {
		atom = find_unknown_type(planner, node->children[i]);
		if (atom)
			return atom;
	}
	return NULL;
}

/* ---- reasons ---- */

static void say_atom(const struct look *look, const struct pk_atom *atom, char *reason)
{
	const char *kind = pk_planner_kind_name(look->kind);
	const char *name = atom->field ? atom->field->name : "what is computed";
	const struct pk_field_source *source = atom->field ?
						       pk_field_source(atom->field, look->kind) :
						       NULL;

	if (atom->field && atom->field->why_not)
		snprintf(reason, REASON_BYTES, "no event has %s: %s", name, atom->field->why_not);
	else if (atom->field && !source)
		snprintf(reason, REASON_BYTES, "an event '%s' has no %s", kind, name);
	else if (!atom->cnt && atom->check->op != PK_RULES_OP_EXISTS)
		snprintf(reason, REASON_BYTES, "the list that %s is compared with is empty", name);
	else if (source && source->how == PK_SOURCE_CONST)
		snprintf(reason, REASON_BYTES, "of an event '%s' %s is always %s", kind, name,
			 source->text);
	else
		snprintf(reason, REASON_BYTES, "of an event '%s' what is asked of %s is never so",
			 kind, name);
}

const char *pk_planner_why_never(const struct pk_planner *planner, size_t rule)
{
	const struct pk_rules_node *condition = planner->rules->items[rule]->condition;
	const char *unsaid = "no event that Picket sees has all it asks for";
	struct look look = { .planner = planner, .rule = rule };
	const struct pk_rules_node *node = NULL;
	const struct pk_atom *atom;
	char reason[REASON_BYTES];
	bool any = false;
	char *copy;

	if (condition->weight > WEIGHT_MAX)
		return unsaid;
	for (look.kind = PK_EVENT_EXEC; look.kind < PK_KINDS && !node; look.kind++) {
		look.free = NULL;
		look.only_types = true;
		if (value(&look, condition) == PK_FALSE)
			continue;
		any = true;
		look.only_types = false;
		node = culprit(&look, condition);
		if (node)
			break;
	}
	atom = any ? NULL : find_unknown_type(planner, condition);
	if (node)
		say_atom(&look, pk_bound_atom(planner->bound, node), reason);
	else if (atom)
		snprintf(reason, sizeof(reason), "no event is of the type '%.64s'",
			 atom->texts[unknown_type(atom)].data);
	else
		return unsaid;
	copy = pk_arena_copy(&planner->plan->arena, reason, strlen(reason));
	return copy ? copy : unsaid;
}

/* ---- comparisons ---- */

static bool same_pointer(const void *item, const void *wanted)
{
	return item == wanted;
}

static bool warn_check(struct pk_planner *planner, const struct pk_rule *rule,
		       const struct pk_rules_node *node)
{
	const struct pk_atom *atom = pk_bound_atom(planner->bound, node);
	const struct pk_rules_expr *left = node->check.left;
	int type;

	if (atom && atom->field && atom->field->why_not) {
		pk_diag_add(&planner->rules->ctx, PK_DIAG_WARNING, left->pos, left->span_bytes,
			    NULL, "rule '%.64s' asks for %s, which is never true here, because %s",
			    rule->name, atom->field->name, atom->field->why_not);
		return true;
	}
	type = atom ? unknown_type(atom) : -1;
	if (type < 0)
		return false;
	pk_diag_add(&planner->rules->ctx, PK_DIAG_WARNING, left->pos, left->span_bytes, NULL,
		    "rule '%.64s' asks for the type '%.64s', which is never true here, because no "
		    "event is of it",
		    rule->name, atom->texts[type].data);
	return true;
}

static void warn_node(struct pk_planner *planner, const struct pk_rule *rule, struct pk_set *seen,
		      const struct pk_rules_node *node, size_t *told)
{
	uint64_t hash = pk_hash_mix(1, (uintptr_t)node);

	if (*told == DEAD_MAX || pk_set_find(seen, hash, node, same_pointer))
		return;
	if (pk_set_reserve(seen)) {
		planner->err = -ENOMEM;
		return;
	}
	pk_set_add(seen, hash, (void *)node);
	for (size_t i = 0; i < node->children_cnt; i++)
		warn_node(planner, rule, seen, node->children[i], told);
	if (node->kind == PK_RULES_NODE_CHECK && warn_check(planner, rule, node))
		(*told)++;
}

/* Alternatives that never are, because of what every event has: calls that failed, for one. */
static bool is_settled(const struct look *look, const struct pk_rules_node *node)
{
	const struct pk_atom *atom = pk_bound_atom(look->planner->bound, node);
	const struct pk_field_source *source = atom && atom->field ?
						       pk_field_source(atom->field, look->kind) :
						       NULL;

	return source && atom->field->id != PK_FIELD_EVT_NUM &&
	       (source->how == PK_SOURCE_CONST || source->how == PK_SOURCE_RANGE);
}

static void note_alternative(struct look *look, const struct pk_rules_node *node)
{
	const struct pk_rule *rule = look->planner->rules->items[look->rule];
	const struct pk_rules_expr *left;
	char reason[REASON_BYTES];

	look->tried_cnt = 0;
	look->free = NULL;
	collect(look, node);
	for (size_t i = 0; i < look->tried_cnt; i++) {
		if (!is_settled(look, look->tried[i]) ||
		    check_value(look, look->tried[i]) != PK_FALSE)
			continue;
		say_atom(look, pk_bound_atom(look->planner->bound, look->tried[i]), reason);
		left = look->tried[i]->check.left;
		pk_diag_add(&look->planner->rules->ctx, PK_DIAG_NOTE, left->pos, left->span_bytes,
			    NULL, "rule '%.64s': this alternative is never true here, because %s",
			    rule->name, reason);
		return;
	}
}

/* On every kind of event that the rule can be true of it is false, and no other one is true. */
static bool is_dead(struct look *look, const struct pk_rules_node *node, size_t idx, uint64_t kinds)
{
	look->free = NULL;
	for (look->kind = 0; look->kind < PK_KINDS; look->kind++) {
		if (!(kinds >> look->kind & 1))
			continue;
		for (size_t i = 0; i < node->children_cnt; i++) {
			enum pk_truth one = value(look, node->children[i]);

			if (i == idx ? one != PK_FALSE : one == PK_TRUE)
				return false;
		}
	}
	return true;
}

static void note_alternatives(struct look *look, const struct pk_rules_node *node, uint64_t kinds)
{
	for (size_t i = 0; i < node->children_cnt; i++) {
		if (node->kind == PK_RULES_NODE_OR && node->children[i]->children_cnt &&
		    is_dead(look, node, i, kinds)) {
			look->kind = (uint32_t)__builtin_ctzll(kinds);
			note_alternative(look, node->children[i]);
		} else if (node->kind != PK_RULES_NODE_NOT) {
			note_alternatives(look, node->children[i], kinds);
		}
	}
}

void pk_planner_warn_dead(struct pk_planner *planner, size_t rule)
{
	const struct pk_rules_node *condition = planner->rules->items[rule]->condition;
	struct look look = { .planner = planner, .rule = rule };
	struct pk_set seen = { 0 };
	size_t told = 0;

	if (condition->weight <= WEIGHT_MAX)
		note_alternatives(&look, condition, planner->plan->plan_rules[rule].kinds);

	warn_node(planner, planner->rules->items[rule], &seen,
		  planner->rules->items[rule]->condition, &told);
	pk_set_fini(&seen);
}
