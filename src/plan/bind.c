// SPDX-License-Identifier: Apache-2.0
/*
 * Binding: finds the fields of every comparison, checks that its sides can be compared, and makes one
 * atom of comparisons that ask the same. In: a rule set. Out: atoms, and which node asks which.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "plan/bind_internal.h"
#include "rules/limits.h"

#define NODES_CAP_FIRST 256u

/* ---- nodes ---- */

static size_t slot_of(const struct pk_rules_node *node, size_t cap)
{
	uint64_t hash = (uint64_t)(uintptr_t)node * 0x9e3779b97f4a7c15ull;

	return (size_t)(hash >> 32) & (cap - 1);
}

struct pk_bound_node *pk_bound_find_node(const struct pk_bound *bound,
					 const struct pk_rules_node *node)
{
	size_t slot = slot_of(node, bound->nodes_cap);

	while (bound->nodes[slot].node && bound->nodes[slot].node != node)
		slot = (slot + 1) & (bound->nodes_cap - 1);
	return &bound->nodes[slot];
}

static int grow_nodes(struct pk_bound *bound)
{
	struct pk_bound_node *old = bound->nodes;
	size_t old_cap = bound->nodes_cap;
	size_t cap = old_cap ? old_cap * 2 : NODES_CAP_FIRST;

	bound->nodes = calloc(cap, sizeof(*bound->nodes));
	if (!bound->nodes) {
		bound->nodes = old;
		return -ENOMEM;
	}
	bound->nodes_cap = cap;
	for (size_t i = 0; i < old_cap; i++) {
		if (old[i].node)
			*pk_bound_find_node(bound, old[i].node) = old[i];
	}
	free(old);
	return 0;
}

/* 1: it is new. */
static int add_node(struct pk_bound *bound, const struct pk_rules_node *node)
{
	struct pk_bound_node *slot;

	if (bound->nodes_cnt * 2 >= bound->nodes_cap && grow_nodes(bound))
		return -ENOMEM;
	slot = pk_bound_find_node(bound, node);
	if (slot->node)
		return 0;
	slot->node = node;
	bound->nodes_cnt++;
	return 1;
}

/* ---- sides ---- */

static int bind_side(struct pk_bound *bound, const struct pk_rules_expr *expr,
		     const struct pk_side **ret_side);

static int bind_field(struct pk_bound *bound, const struct pk_rules_expr *expr,
		      struct pk_side *side)
{
	const char *suggestion = NULL;

	side->field = pk_field_find(expr->field, expr->field_arg, &suggestion);
	side->field_arg = expr->field_arg;
	if (!side->field) {
		pk_diag_add(&bound->rules->ctx, PK_DIAG_ERROR, expr->pos, expr->span_bytes,
			    suggestion, "unknown field '%.64s'", expr->field);
		return -EBADMSG;
	}
	side->type = side->field->type;
	return 0;
}

static int bind_args(struct pk_bound *bound, const struct pk_rules_expr *expr, struct pk_side *side)
{
	const struct pk_side **args = pk_arena_alloc(&bound->arena,
						     expr->args_cnt * sizeof(struct pk_side *));
	int err = args ? 0 : -ENOMEM;

	for (size_t i = 0; i < expr->args_cnt && !err; i++)
		err = bind_side(bound, expr->args[i], &args[i]);
	side->args = args;
	side->args_cnt = expr->args_cnt;
	return err;
}

static int must_be_text(struct pk_bound *bound, const struct pk_rules_expr *expr,
			const struct pk_side *side)
{
	if (pk_type_is_text(side->args[0]->type))
		return 0;
	pk_diag_add(&bound->rules->ctx, PK_DIAG_ERROR, expr->args[0]->pos,
		    expr->args[0]->span_bytes, NULL, "%s() takes a text, and this is none",
		    pk_rules_transformer_name(expr->transformer));
	return -EBADMSG;
}

/* Arguments behind the first are literals: they are read once. */
static int check_getopt(struct pk_bound *bound, const struct pk_rules_expr *expr)
{
	for (size_t i = 1; i < expr->args_cnt; i++) {
		if (expr->args[i]->kind == PK_RULES_EXPR_VALUE)
			continue;
		pk_diag_add(&bound->rules->ctx, PK_DIAG_ERROR, expr->args[i]->pos,
			    expr->args[i]->span_bytes, NULL,
			    "getopt() takes its options as a quoted text");
		return -EBADMSG;
	}
	return 0;
}

static int bind_transformer(struct pk_bound *bound, const struct pk_rules_expr *expr,
			    struct pk_side *side)
{
	int err = bind_args(bound, expr, side);

	side->transformer = expr->transformer;
	side->field_arg = expr->field_arg;
	side->type = PK_FIELD_TEXT;
	if (err)
		return err;
	switch (expr->transformer) {
	case PK_RULES_TRANSFORMER_VAL:
		side->type = side->args[0]->type;
		return 0;
	case PK_RULES_TRANSFORMER_JOIN:
	case PK_RULES_TRANSFORMER_CONCAT:
		return 0;
	case PK_RULES_TRANSFORMER_LEN:
		side->type = PK_FIELD_UINT;
		return must_be_text(bound, expr, side);
	case PK_RULES_TRANSFORMER_GETOPT:
		side->type = expr->field_arg ? PK_FIELD_TEXT : PK_FIELD_LIST;
		err = check_getopt(bound, expr);
		return err ? err : must_be_text(bound, expr, side);
	default:
		return must_be_text(bound, expr, side);
	}
}

static int bind_side(struct pk_bound *bound, const struct pk_rules_expr *expr,
		     const struct pk_side **ret_side)
{
	struct pk_side *side = pk_arena_alloc(&bound->arena, sizeof(*side));

	if (!side)
		return -ENOMEM;
	*ret_side = side;
	side->kind = expr->kind;
	switch (expr->kind) {
	case PK_RULES_EXPR_FIELD:
		return bind_field(bound, expr, side);
	case PK_RULES_EXPR_TRANSFORMER:
		return bind_transformer(bound, expr, side);
	case PK_RULES_EXPR_LIST:
		side->type = PK_FIELD_LIST;
		return bind_args(bound, expr, side);
	case PK_RULES_EXPR_VALUE:
		side->type = PK_FIELD_TEXT;
		side->text = (struct pk_value_text){ expr->value.data, expr->value.len_bytes };
		return 0;
	}
	return -EBADMSG;
}

/* ---- what can be compared ---- */

static const char *type_word(enum pk_field_type type)
{
	if (pk_type_is_text(type))
		return "a text";
	if (pk_type_is_addr(type))
		return "an address";
	return type == PK_FIELD_BOOL ? "true or false" : "a number";
}

static bool op_fits(enum pk_rules_op op, enum pk_field_type type)
{
	switch (op) {
	case PK_RULES_OP_EXISTS:
	case PK_RULES_OP_EQ:
	case PK_RULES_OP_NE:
	case PK_RULES_OP_IN:
	case PK_RULES_OP_INTERSECTS:
		return true;
	case PK_RULES_OP_LT:
	case PK_RULES_OP_LE:
	case PK_RULES_OP_GT:
	case PK_RULES_OP_GE:
		return type != PK_FIELD_BOOL && !pk_type_is_addr(type);
	default:
		return pk_type_is_text(type);
	}
}

static int check_types(struct pk_bound *bound, const struct pk_rules_check *check,
		       const struct pk_bound_atom *atom)
{
	enum pk_field_type left = atom->left->type;
	struct pk_rules_ctx *ctx = &bound->rules->ctx;

	if (!op_fits(check->op, left)) {
		pk_diag_add(ctx, PK_DIAG_ERROR, check->op_pos, check->op_span_bytes, NULL,
			    "'%s' cannot be asked of %s", pk_rules_op_name(check->op),
			    type_word(left));
		return -EBADMSG;
	}
	if (check->right && atom->right && strcmp(type_word(left), type_word(atom->right->type))) {
		pk_diag_add(ctx, PK_DIAG_ERROR, check->right->pos, check->right->span_bytes, NULL,
			    "this is %s; what it is compared with is %s",
			    type_word(atom->right->type), type_word(left));
		return -EBADMSG;
	}
	return 0;
}

/* Values of which there are several because it is not known which, or because they are a set. */
static bool is_set(const struct pk_side *left)
{
	const struct pk_field_source *source = left->field ? left->field->sources : NULL;

	if (!source)
		return false;
	if (source->how == PK_SOURCE_ADDR || source->how == PK_SOURCE_PORT)
		return source->end == PK_END_ANY;
	return source->how == PK_SOURCE_KIND || source->how == PK_SOURCE_TAG;
}

static int fill_atom(struct pk_bound *bound, const struct pk_rules_check *check,
		     struct pk_bound_atom *atom)
{
	int err = bind_side(bound, check->left, &atom->left);

	atom->atom.check = check;
	if (!err && check->right)
		err = bind_side(bound, check->right, &atom->right);
	if (!err)
		err = check_types(bound, check, atom);
	if (err)
		return err;
	atom->atom.field = atom->left->field;
	atom->atom.field_arg = atom->left->field ? atom->left->field_arg : NULL;
	atom->atom.plain = atom->left->field && !check->right;
	atom->ne_is_none = is_set(atom->left);
	return check->right ? 0 : pk_bind_literals(bound, atom);
}

/* ---- atoms ---- */

static int add_counted(struct pk_buf *key, const char *data, size_t len)
{
	int err = pk_buf_add(key, &len, sizeof(len));

	return err ? err : pk_buf_add(key, data, len);
}

static int add_expr(struct pk_buf *key, const struct pk_rules_expr *expr)
{
	char head[3] = { (char)expr->kind, (char)expr->transformer, expr->field_arg != NULL };
	int err = pk_buf_add(key, head, sizeof(head));

	if (!err && expr->field)
		err = add_counted(key, expr->field, strlen(expr->field));
	if (!err && expr->field_arg)
		err = add_counted(key, expr->field_arg, strlen(expr->field_arg));
	if (!err && expr->kind == PK_RULES_EXPR_VALUE)
		err = add_counted(key, expr->value.data, expr->value.len_bytes);
	if (!err)
		err = pk_buf_add(key, &expr->args_cnt, sizeof(expr->args_cnt));
	for (size_t i = 0; i < expr->args_cnt && !err; i++)
		err = add_expr(key, expr->args[i]);
	return err;
}

/* Bytes that are the same exactly for checks that ask the same. */
static int make_key(const struct pk_rules_check *check, struct pk_buf *key)
{
	char head[3] = { (char)check->op, (char)check->quantor, check->right != NULL };
	int err = pk_buf_add(key, head, sizeof(head));

	if (!err)
		err = add_expr(key, check->left);
	if (!err && check->right)
		return add_expr(key, check->right);
	for (size_t i = 0; i < check->values.cnt && !err; i++)
		err = add_counted(key, check->values.items[i].data,
				  check->values.items[i].len_bytes);
	return err;
}

static int new_atom(struct pk_bound *bound, const struct pk_rules_check *check,
		    const struct pk_buf *key, struct pk_bound_atom **ret_atom)
{
	struct pk_bound_atom *atom = pk_arena_alloc(&bound->arena, sizeof(*atom));
	char *name = pk_arena_copy(&bound->arena, key->data, key->len_bytes);
	int err;

	if (!atom || !name)
		return -ENOMEM;
	err = pk_rules_names_add(&bound->atoms_by_key, &bound->arena, name, key->len_bytes, atom);
	if (err)
		return err;
	*bound->last = atom; /* before it is filled: its patterns are freed with it */
	bound->last = &atom->next;
	err = fill_atom(bound, check, atom);
	if (err == -EBADMSG) {
		atom->failed = true;
		bound->failed = true;
		err = 0;
	}
	bound->atoms_cnt += !atom->failed;
	*ret_atom = atom;
	return err;
}

static int bind_check(struct pk_bound *bound, const struct pk_rules_node *node)
{
	pk_buf_cleanup struct pk_buf key = PK_BUF_INIT;
	int err = make_key(&node->check, &key);
	struct pk_bound_atom *atom;

	if (err)
		return err;
	atom = pk_rules_names_get(&bound->atoms_by_key, key.data, key.len_bytes);
	if (!atom)
		err = new_atom(bound, &node->check, &key, &atom);
	if (!err)
		pk_bound_find_node(bound, node)->atom = atom;
	return err;
}

static int bind_node(struct pk_bound *bound, const struct pk_rules_node *node)
{
	int err = add_node(bound, node);

	if (err <= 0)
		return err;
	if (node->kind == PK_RULES_NODE_CHECK)
		return bind_check(bound, node);
	err = 0;
	for (size_t i = 0; i < node->children_cnt && !err; i++)
		err = bind_node(bound, node->children[i]);
	return err;
}

static int list_atoms(struct pk_bound *bound)
{
	size_t cnt = 0;

	bound->atoms = pk_arena_alloc(&bound->arena, bound->atoms_cnt * sizeof(struct pk_atom *));
	if (!bound->atoms)
		return -ENOMEM;
	for (struct pk_bound_atom *atom = bound->first; atom; atom = atom->next) {
		if (!atom->failed)
			bound->atoms[cnt++] = &atom->atom;
	}
	return 0;
}

PK_DEFINE_CLEANUP(struct pk_bound *, pk_bound_free);

/* Whether all below the node could be bound. Macros are many nodes' children: each is looked at once. */
static bool is_bound(const struct pk_bound *bound, const struct pk_rules_node *node)
{
	struct pk_bound_node *slot = pk_bound_find_node(bound, node);

	if (slot->stamp)
		return slot->memo == PK_TRUE;
	slot->stamp = 1;
	slot->memo = PK_TRUE;
	if (node->kind == PK_RULES_NODE_CHECK && (!slot->atom || slot->atom->failed))
		slot->memo = PK_FALSE;
	for (size_t i = 0; i < node->children_cnt && slot->memo == PK_TRUE; i++) {
		if (!is_bound(bound, node->children[i]))
			slot->memo = PK_FALSE;
	}
	return slot->memo == PK_TRUE;
}

static int bind_all(struct pk_bound *bound, struct pk_rules *rules)
{
	int err;

	bound->rules = rules;
	bound->arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES);
	bound->last = &bound->first;
	err = grow_nodes(bound);
	for (size_t i = 0; i < rules->cnt && !err; i++)
		err = bind_node(bound, rules->items[i]->condition);
	return err ? err : rules->ctx.err;
}

int pk_bound_filter(struct pk_rules *rules)
{
	pk_cleanup(pk_bound_free_p) struct pk_bound *bound = calloc(1, sizeof(*bound));
	const struct pk_rule **items = pk_arena_alloc(&rules->ctx.arena,
						      rules->cnt * sizeof(struct pk_rule *));
	size_t cnt = 0;
	int err;

	if (!bound || !items)
		return -ENOMEM;
	err = bind_all(bound, rules);
	if (err)
		return err;
	for (size_t i = 0; i < rules->cnt; i++) {
		if (is_bound(bound, rules->items[i]->condition))
			items[cnt++] = rules->items[i];
	}
	rules->items = items;
	rules->cnt = cnt;
	return 0;
}

int pk_bound_new(struct pk_rules *rules, struct pk_bound **ret_bound)
{
	pk_cleanup(pk_bound_free_p) struct pk_bound *bound = calloc(1, sizeof(*bound));
	int err;

	if (!bound)
		return -ENOMEM;
	err = bind_all(bound, rules);
	if (!err)
		err = pk_diags_sort(&rules->ctx.diags);
	if (!err && bound->failed)
		err = -EBADMSG;
	if (!err)
		err = list_atoms(bound);
	if (err)
		return err;
	*ret_bound = pk_take_ptr(bound);
	return 0;
}

void pk_bound_free(struct pk_bound *bound)
{
	if (!bound)
		return;
	for (struct pk_bound_atom *atom = bound->first; atom; atom = atom->next) {
		for (size_t i = 0; atom->literals.patterns && i < atom->literals.cnt; i++)
			pk_pattern_free((struct pk_pattern *)atom->literals.patterns[i]);
	}
	pk_arena_fini(&bound->arena);
	free(bound->nodes);
	free(bound);
}

struct pk_atom *pk_bound_atom(const struct pk_bound *bound, const struct pk_rules_node *check)
{
	const struct pk_bound_node *node = pk_bound_find_node(bound, check);

	return node->node && node->atom ? &node->atom->atom : NULL;
}

struct pk_atom *const *pk_bound_atoms(const struct pk_bound *bound, size_t *ret_cnt)
{
	*ret_cnt = bound->atoms_cnt;
	return bound->atoms;
}
