/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions to conditions: as text first, so that what may stand in a value is what may stand in
 * a condition, and mistakes are found where the value is.
 */
#include "rules/compile.h"
#include "rules/expand.h"

#include <string.h>

/* Text of ours, said to stand where `node` does. */
static void add(struct pk_rules_draft *draft, const struct pk_yaml_node *node, const char *text)
{
	pk_rules_draft_mark(draft, node->pos, node->span_bytes);
	pk_rules_draft_add(draft, text, strlen(text));
}

static void add_values(struct pk_rules_owner *owner, const struct pk_yaml_node *values,
		       struct pk_rules_draft *draft)
{
	bool first = true;

	for (const struct pk_yaml_pair *pair = values->first; pair; pair = pair->next) {
		if (!first)
			add(draft, pair->value, ", ");
		pk_rules_expand_item(owner->loader, pair->value, draft);
		first = false;
	}
}

static bool all_texts(struct pk_rules_owner *owner, const struct pk_yaml_node *values)
{
	for (const struct pk_yaml_pair *pair = values->first; pair; pair = pair->next) {
		if (pair->value->kind == PK_YAML_SCALAR)
			continue;
		pk_yaml_diag(&owner->loader->ctx, PK_DIAG_ERROR, pair->value, NULL,
			     "expected a text or a number");
		return false;
	}
	return true;
}

/* The right side of one field: a value, or several in parentheses. */
static bool add_right(struct pk_rules_owner *owner, const struct pk_yaml_node *value, bool list,
		      struct pk_rules_draft *draft)
{
	bool wrap = value->kind == PK_YAML_SEQUENCE ||
		    (list && (value->kind != PK_YAML_SCALAR || value->text.data[0] != '('));

	if (value->kind == PK_YAML_MAPPING ||
	    (value->kind == PK_YAML_SEQUENCE && !all_texts(owner, value))) {
		if (value->kind == PK_YAML_MAPPING)
			pk_yaml_diag(&owner->loader->ctx, PK_DIAG_ERROR, value, NULL,
				     "expected a text or a sequence of texts");
		return false;
	}
	if (wrap)
		add(draft, value, "(");
	if (value->kind == PK_YAML_SEQUENCE)
		add_values(owner, value, draft);
	else if (list && !wrap) /* has its own parentheses */
		pk_rules_expand(owner->loader, &value->text, 0, value->text.len_bytes, draft);
	else
		pk_rules_expand_item(owner->loader, value, draft);
	if (wrap)
		add(draft, value, ")");
	return true;
}

/* The operator in its plain form, and whether it takes values in parentheses. */
static bool add_op(const struct pk_yaml_node *comp, const struct pk_yaml_node *near,
		   const char *fallback, struct pk_rules_draft *draft)
{
	enum pk_rules_quantor quantor = PK_RULES_QUANTOR_NONE;
	enum pk_rules_op op = PK_RULES_OP_EQ;

	pk_rules_parse_op(comp ? comp->text.data : fallback, &op, &quantor);
	add(draft, comp ? comp : near, " ");
	pk_rules_draft_add(draft, pk_rules_op_name(op), strlen(pk_rules_op_name(op)));
	pk_rules_draft_add(draft, " ", 1);
	if (quantor) {
		const char *name = pk_rules_quantor_name(quantor);

		pk_rules_draft_add(draft, name, strlen(name));
		pk_rules_draft_add(draft, " ", 1);
	}
	return quantor || pk_rules_op_takes_list(op);
}

/* field op value and field op value ... */
static bool add_tuple(struct pk_rules_owner *owner, const struct pk_rules_exception *exception,
		      const struct pk_yaml_node *tuple, struct pk_rules_draft *draft)
{
	const struct pk_yaml_pair *field = exception->fields->first;
	const struct pk_yaml_pair *comp = exception->comps ? exception->comps->first : NULL;

	if (tuple->kind != PK_YAML_SEQUENCE || tuple->cnt != exception->fields->cnt) {
		pk_yaml_diag(&owner->loader->ctx, PK_DIAG_ERROR, tuple, NULL,
			     "expected a sequence of %zu values, one for each field of exception "
			     "'%.64s'",
			     exception->fields->cnt, exception->name);
		return false;
	}
	for (const struct pk_yaml_pair *pair = tuple->first; pair; pair = pair->next) {
		bool list;

		if (pair != tuple->first)
			add(draft, pair->value, " and ");
		pk_rules_draft_add_text(draft, &field->value->text, 0,
					field->value->text.len_bytes);
		list = add_op(comp ? comp->value : NULL, field->value, "=", draft);
		if (!add_right(owner, pair->value, list, draft))
			return false;
		field = field->next;
		comp = comp ? comp->next : NULL;
	}
	return true;
}

static bool add_tuples(struct pk_rules_owner *owner, const struct pk_rules_exception *exception,
		       struct pk_rules_draft *draft)
{
	bool fine = true;
	bool first = true;

	for (const struct pk_rules_part *part = exception->values; part; part = part->next) {
		for (const struct pk_yaml_pair *pair = part->node->first; pair; pair = pair->next) {
			if (!first)
				add(draft, pair->value, " or ");
			if (!add_tuple(owner, exception, pair->value, draft))
				fine = false;
			first = false;
		}
	}
	return fine;
}

/* One field against all values at once. */
static bool add_flat(struct pk_rules_owner *owner, const struct pk_rules_exception *exception,
		     struct pk_rules_draft *draft)
{
	const struct pk_rules_text *field = &exception->fields->text;
	bool first = true;

	pk_rules_draft_add_text(draft, field, 0, field->len_bytes);
	add_op(exception->comps, exception->fields, "in", draft);
	add(draft, exception->fields, "(");
	for (const struct pk_rules_part *part = exception->values; part; part = part->next) {
		if (!all_texts(owner, part->node))
			return false;
		if (!first && part->node->cnt)
			add(draft, part->node, ", ");
		add_values(owner, part->node, draft);
		first = first && !part->node->cnt;
	}
	add(draft, exception->fields, ")");
	return true;
}

static bool has_values(const struct pk_rules_exception *exception)
{
	for (const struct pk_rules_part *part = exception->values; part; part = part->next) {
		if (part->node->cnt)
			return true;
	}
	return false;
}

static const struct pk_rules_node *compile_one(struct pk_rules_owner *owner,
					       const struct pk_rules_exception *exception)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	struct pk_rules_ctx *ctx = &owner->loader->ctx;
	struct pk_rules_text text;
	bool fine;
	int err;

	add(&draft, exception->name_node, "not (");
	if (exception->fields->kind == PK_YAML_SCALAR)
		fine = add_flat(owner, exception, &draft);
	else
		fine = add_tuples(owner, exception, &draft);
	add(&draft, exception->name_node, ")");
	if (!fine)
		return NULL;
	err = pk_rules_draft_finish(&draft, &ctx->arena, &text);
	if (err) {
		ctx->err = err;
		return NULL;
	}
	return pk_rules_compile_text(owner, &text);
}

static const struct pk_rules_node *add_exception(struct pk_rules_owner *owner,
						 struct pk_rules_node *node,
						 const struct pk_rules_exception *exception)
{
	const struct pk_rules_node *child = compile_one(owner, exception);

	if (!child)
		return NULL;
	node->children[node->children_cnt++] = child;
	node->weight += child->weight;
	if (child->depth >= node->depth)
		node->depth = child->depth + 1;
	if (node->weight <= PK_MAX_CONDITION_NODES && node->depth <= PK_MAX_CONDITION_DEPTH)
		return child;
	pk_yaml_diag(&owner->loader->ctx, PK_DIAG_ERROR, exception->name_node, NULL,
		     "condition of more than %u parts, or nested more than %u deep",
		     PK_MAX_CONDITION_NODES, PK_MAX_CONDITION_DEPTH);
	return NULL;
}

const struct pk_rules_node *pk_rules_compile_exceptions(struct pk_rules_owner *owner,
							const struct pk_rules_rule_def *def,
							const struct pk_rules_node *condition)
{
	struct pk_rules_ctx *ctx = &owner->loader->ctx;
	const struct pk_rules_exception *exception;
	struct pk_rules_node *node;
	size_t cnt = 1;
	bool fine = condition != NULL;

	for (exception = def->exceptions; exception; exception = exception->next)
		cnt += has_values(exception);
	if (cnt == 1)
		return condition;
	node = pk_rules_alloc(ctx, sizeof(*node));
	if (!node)
		return NULL;
	node->children = pk_rules_alloc(ctx, cnt * sizeof(*node->children));
	if (!node->children)
		return NULL;
	node->kind = PK_RULES_NODE_AND;
	node->pos = pk_rules_text_pos(&def->rule.condition_text, 0);
	node->span_bytes = 1;
	node->weight = 1 + (condition ? condition->weight : 0);
	node->depth = 1 + (condition ? condition->depth : 0);
	node->children[node->children_cnt++] = condition;
	for (exception = def->exceptions; exception; exception = exception->next) {
		if (has_values(exception) && !add_exception(owner, node, exception))
			fine = false;
	}
	return fine ? node : NULL;
}
