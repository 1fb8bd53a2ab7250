/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions to circuits: once for each kind of event, for what the kind settles is folded away.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "plan/plan_internal.h"

/* A macro's condition, in one of its forms, for the kind of event at work. */
struct macro {
	const struct pk_rules_node *node;
	bool negated;
	enum pk_lower_ident ident;
	const struct pk_gate *gate;
};

struct walk {
	struct pk_planner *planner;
	uint32_t kind;
	enum pk_lower_ident ident;
};

static const struct pk_gate *lower_node(struct walk *walk, const struct pk_rules_node *node,
					bool negated);

static const struct pk_gate *lower_check(struct walk *walk, const struct pk_rules_node *node,
					 bool negated)
{
	struct pk_planner *planner = walk->planner;
	struct pk_atom *atom = pk_bound_atom(planner->bound, node);
	const struct pk_field_source *source = NULL;
	const struct pk_gate *gate;
	const struct pk_lowered *lowered;

	if (!atom) {
		planner->err = -EINVAL;
		return NULL;
	}
	if (atom->field) {
		source = pk_field_source(atom->field, walk->kind);
		if (!source) /* missing: every comparison is false */
			return pk_gates_constant(&planner->gates,
						 negated ? PK_GATE_TRUE : PK_GATE_FALSE);
	}
	lowered = pk_lower_atom(&planner->lower, atom, source, walk->ident);
	if (!lowered)
		return NULL;
	gate = lowered->gate;
	return negated ? pk_gates_not(&planner->gates, gate) : gate;
}

static const struct pk_gate *lower_children(struct walk *walk, const struct pk_rules_node *node,
					    bool negated)
{
	struct pk_gates *gates = &walk->planner->gates;
	bool is_and = (node->kind == PK_RULES_NODE_AND) != negated;
	enum pk_gate_kind settles = is_and ? PK_GATE_FALSE : PK_GATE_TRUE;
	pk_cleanup(pk_free_p) const struct pk_gate **children = calloc(node->children_cnt,
								       sizeof(struct pk_gate *));

	if (!children) {
		walk->planner->err = -ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < node->children_cnt; i++) {
		children[i] = lower_node(walk, node->children[i], negated);
		if (!children[i])
			return NULL;
		if (children[i]->kind == settles)
			return children[i];
	}
	return pk_gates_op(gates, is_and ? PK_GATE_AND : PK_GATE_OR, children, node->children_cnt);
}

static const struct pk_gate *lower_any(struct walk *walk, const struct pk_rules_node *node,
				       bool negated)
{
	switch (node->kind) {
	case PK_RULES_NODE_CHECK:
		return lower_check(walk, node, negated);
	case PK_RULES_NODE_NOT:
		return lower_node(walk, node->children[0], !negated);
	case PK_RULES_NODE_AND:
	case PK_RULES_NODE_OR:
		return lower_children(walk, node, negated);
	case PK_RULES_NODE_MACRO:
		break;
	}
	walk->planner->err = -EINVAL;
	return NULL;
}

static bool same_macro(const void *item, const void *wanted)
{
	const struct macro *a = item;
	const struct macro *b = wanted;

	return a->node == b->node && a->negated == b->negated && a->ident == b->ident;
}

/* Macros are shared by many: each is lowered once. */
static const struct pk_gate *lower_node(struct walk *walk, const struct pk_rules_node *node,
					bool negated)
{
	struct pk_planner *planner = walk->planner;
	struct macro wanted = { node, negated, walk->ident, NULL };
	struct macro *macro;
	uint64_t hash;

	if (!node->macro || node->kind == PK_RULES_NODE_CHECK)
		return lower_any(walk, node, negated);
	hash = pk_hash_mix((uintptr_t)node, (uint64_t)negated * 4 + walk->ident);
	macro = pk_set_find(&planner->macros, hash, &wanted, same_macro);
	if (macro)
		return macro->gate;
	wanted.gate = lower_any(walk, node, negated);
	if (!wanted.gate)
		return NULL;
	macro = pk_arena_alloc(&planner->plan->arena, sizeof(*macro));
	if (!macro || pk_set_reserve(&planner->macros)) {
		planner->err = -ENOMEM;
		return NULL;
	}
	*macro = wanted;
	pk_set_add(&planner->macros, hash, macro);
	return macro->gate;
}

static int first_error(const struct pk_planner *planner)
{
	if (planner->err)
		return planner->err;
	if (planner->gates.err)
		return planner->gates.err;
	if (planner->index.err)
		return planner->index.err;
	return planner->lower.err ? planner->lower.err : -ENOMEM;
}

void pk_planner_lower(struct pk_planner *planner)
{
	const struct pk_rules *rules = planner->rules;

	for (uint32_t kind = PK_EVENT_EXEC; kind < PK_KINDS; kind++) {
		pk_set_clear(&planner->macros);
		for (size_t i = 0; i < rules->cnt; i++) {
			struct walk walk = { planner, kind, pk_planner_ident(planner, i, kind) };
			const struct pk_gate *gate;

			if (!rules->items[i]->enabled)
				continue;
			gate = lower_node(&walk, rules->items[i]->condition, false);
			if (!gate) {
				planner->err = first_error(planner);
				return;
			}
			planner->rule_gates[i * PK_KINDS + kind] = gate;
		}
	}
}
