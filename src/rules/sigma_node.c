/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes of a Sigma rule's tree, and the folding of what is settled.
 */
#include "rules/sigma_internal.h"

#include <string.h>

const struct pk_rules_node pk_sigma_true = { .kind = PK_RULES_NODE_AND, .weight = 1, .depth = 1 };
const struct pk_rules_node pk_sigma_false = { .kind = PK_RULES_NODE_OR, .weight = 1, .depth = 1 };

static struct pk_rules_node *new_node(struct pk_sigma_rule *rule, enum pk_rules_node_kind kind,
				      const struct pk_yaml_node *at)
{
	struct pk_rules_node *node = pk_rules_alloc(rule->ctx, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = kind;
	node->weight = 1;
	node->depth = 1;
	node->pos = at->pos;
	node->span_bytes = at->span_bytes;
	return node;
}

static bool check_size(struct pk_sigma_rule *rule, const struct pk_rules_node *node,
		       uint64_t weight, const struct pk_yaml_node *at)
{
	if (weight > PK_MAX_CONDITION_NODES)
		pk_sigma_fail(rule, at, NULL, "condition of more than %u parts",
			      PK_MAX_CONDITION_NODES);
	else if (node->depth > PK_MAX_CONDITION_DEPTH)
		pk_sigma_fail(rule, at, NULL, "condition nested more than %u deep",
			      PK_MAX_CONDITION_DEPTH);
	else
		return true;
	return false;
}

static const struct pk_rules_node *make_group(struct pk_sigma_rule *rule,
					      enum pk_rules_node_kind kind,
					      const struct pk_rules_node **items, size_t cnt,
					      const struct pk_yaml_node *at)
{
	struct pk_rules_node *node = new_node(rule, kind, at);
	uint64_t weight = 1;

	if (!node)
		return NULL;
	node->children = items;
	node->children_cnt = cnt;
	for (size_t i = 0; i < cnt; i++) {
		weight += items[i]->weight;
		if (items[i]->depth >= node->depth)
			node->depth = items[i]->depth + 1;
	}
	if (!check_size(rule, node, weight, at))
		return NULL;
	node->weight = (uint32_t)weight;
	return node;
}

struct pk_rules_value pk_sigma_value_at(const char *text, size_t len,
					const struct pk_yaml_node *node)
{
	return (struct pk_rules_value){ .data = text,
					.len_bytes = (uint32_t)len,
					.pos = node->pos,
					.span_bytes = node->span_bytes,
					.quoted = true };
}

const struct pk_rules_node *pk_sigma_group(struct pk_sigma_rule *rule, enum pk_rules_node_kind kind,
					   const struct pk_rules_node *const *items, size_t cnt,
					   const struct pk_yaml_node *at)
{
	bool is_and = kind == PK_RULES_NODE_AND;
	const struct pk_rules_node *nothing = is_and ? &pk_sigma_true : &pk_sigma_false;
	const struct pk_rules_node *settled = is_and ? &pk_sigma_false : &pk_sigma_true;
	const struct pk_rules_node **kept = pk_rules_alloc(rule->ctx,
							   cnt * sizeof(struct pk_rules_node *));
	size_t kept_cnt = 0;

	if (!kept)
		return NULL;
	for (size_t i = 0; i < cnt; i++) {
		if (items[i] == settled)
			return settled;
		if (items[i] != nothing)
			kept[kept_cnt++] = items[i];
	}
	if (kept_cnt < 2)
		return kept_cnt ? kept[0] : nothing;
	return make_group(rule, kind, kept, kept_cnt, at);
}

const struct pk_rules_node *pk_sigma_not(struct pk_sigma_rule *rule,
					 const struct pk_rules_node *child,
					 const struct pk_yaml_node *at)
{
	struct pk_rules_node *node;

	if (child == &pk_sigma_true)
		return &pk_sigma_false;
	if (child == &pk_sigma_false)
		return &pk_sigma_true;
	if (child->kind == PK_RULES_NODE_NOT)
		return child->children[0];
	node = new_node(rule, PK_RULES_NODE_NOT, at);
	if (!node)
		return NULL;
	node->children = pk_rules_alloc(rule->ctx, sizeof(*node->children));
	if (!node->children)
		return NULL;
	node->children[0] = child;
	node->children_cnt = 1;
	node->weight += child->weight;
	node->depth += child->depth;
	return check_size(rule, node, node->weight, at) ? node : NULL;
}

static struct pk_rules_expr *new_field(struct pk_sigma_rule *rule, const char *field,
				       const char *arg, const struct pk_yaml_node *at)
{
	struct pk_rules_expr *expr = pk_rules_alloc(rule->ctx, sizeof(*expr));

	if (!expr)
		return NULL;
	expr->kind = PK_RULES_EXPR_FIELD;
	expr->pos = at->pos;
	expr->span_bytes = at->span_bytes;
	expr->field = pk_rules_copy(rule->ctx, field, strlen(field));
	if (arg)
		expr->field_arg = pk_rules_copy(rule->ctx, arg, strlen(arg));
	return expr->field && (!arg || expr->field_arg) ? expr : NULL;
}

static struct pk_rules_expr *transform(struct pk_sigma_rule *rule, struct pk_rules_expr *arg,
				       enum pk_rules_transformer transformer)
{
	struct pk_rules_expr *expr = pk_rules_alloc(rule->ctx, sizeof(*expr));

	if (!expr || !arg)
		return NULL;
	expr->kind = PK_RULES_EXPR_TRANSFORMER;
	expr->pos = arg->pos;
	expr->span_bytes = arg->span_bytes;
	expr->transformer = transformer;
	expr->args = pk_rules_alloc(rule->ctx, sizeof(*expr->args));
	if (!expr->args)
		return NULL;
	expr->args[0] = arg;
	expr->args_cnt = 1;
	return expr;
}

static struct pk_rules_node *new_check(struct pk_sigma_rule *rule, enum pk_rules_op op,
				       const struct pk_rules_expr *left,
				       const struct pk_yaml_node *at)
{
	struct pk_rules_node *node = new_node(rule, PK_RULES_NODE_CHECK, at);

	if (!node || !left)
		return NULL;
	node->check.left = left;
	node->check.op = op;
	node->check.op_pos = at->pos;
	node->check.op_span_bytes = at->span_bytes;
	return node;
}

const struct pk_rules_node *pk_sigma_compare(struct pk_sigma_rule *rule,
					     const struct pk_sigma_field *field,
					     enum pk_rules_op op, enum pk_rules_quantor quantor,
					     const struct pk_rules_value *values, size_t cnt,
					     const struct pk_yaml_node *at)
{
	struct pk_rules_node *node = new_check(rule, op,
					       new_field(rule, field->field, field->arg, at), at);
	struct pk_rules_value *copy = pk_rules_alloc(rule->ctx, cnt * sizeof(*copy));

	if (!node || !copy)
		return NULL;
	if (cnt)
		memcpy(copy, values, cnt * sizeof(*copy));
	node->check.values = (struct pk_rules_values){ copy, cnt };
	if (cnt > 1 && !pk_rules_op_takes_list(op))
		node->check.quantor = quantor ? quantor : PK_RULES_QUANTOR_ANYOF;
	return node;
}

const struct pk_rules_node *pk_sigma_compare_fields(struct pk_sigma_rule *rule,
						    const struct pk_sigma_field *left,
						    const struct pk_sigma_field *right,
						    enum pk_rules_op op, bool icase,
						    const struct pk_yaml_node *at)
{
	enum pk_rules_transformer how = icase ? PK_RULES_TRANSFORMER_TOLOWER :
						PK_RULES_TRANSFORMER_VAL;
	struct pk_rules_expr *one = new_field(rule, left->field, left->arg, at);
	struct pk_rules_expr *other = transform(rule, new_field(rule, right->field, right->arg, at),
						how);
	struct pk_rules_node *node;

	if (icase)
		one = transform(rule, one, how);
	node = new_check(rule, op, one, at);
	if (!node || !other)
		return NULL;
	node->check.right = other;
	return node;
}
