/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of what a condition is made of, and the condition as text.
 */
#include "rules/tree.h"

#include <string.h>

static const char *const op_names[PK_RULES_OP_CNT] = {
	[PK_RULES_OP_EXISTS] = "exists",
	[PK_RULES_OP_EQ] = "=",
	[PK_RULES_OP_NE] = "!=",
	[PK_RULES_OP_LT] = "<",
	[PK_RULES_OP_LE] = "<=",
	[PK_RULES_OP_GT] = ">",
	[PK_RULES_OP_GE] = ">=",
	[PK_RULES_OP_CONTAINS] = "contains",
	[PK_RULES_OP_ICONTAINS] = "icontains",
	[PK_RULES_OP_BCONTAINS] = "bcontains",
	[PK_RULES_OP_STARTSWITH] = "startswith",
	[PK_RULES_OP_BSTARTSWITH] = "bstartswith",
	[PK_RULES_OP_ENDSWITH] = "endswith",
	[PK_RULES_OP_IEQ] = "iequals",
	[PK_RULES_OP_ISTARTSWITH] = "istartswith",
	[PK_RULES_OP_IENDSWITH] = "iendswith",
	[PK_RULES_OP_SEARCH] = "search",
	[PK_RULES_OP_GLOB] = "glob",
	[PK_RULES_OP_IGLOB] = "iglob",
	[PK_RULES_OP_REGEX] = "regex",
	[PK_RULES_OP_IN] = "in",
	[PK_RULES_OP_INTERSECTS] = "intersects",
	[PK_RULES_OP_PMATCH] = "pmatch",
};

static const char *const quantor_names[] = {
	[PK_RULES_QUANTOR_NONE] = "",
	[PK_RULES_QUANTOR_ONEOF] = "oneof",
	[PK_RULES_QUANTOR_ANYOF] = "anyof",
	[PK_RULES_QUANTOR_ALLOF] = "allof",
};

static const char *const transformer_names[PK_RULES_TRANSFORMER_CNT] = {
	[PK_RULES_TRANSFORMER_TOLOWER] = "tolower", [PK_RULES_TRANSFORMER_TOUPPER] = "toupper",
	[PK_RULES_TRANSFORMER_B64] = "b64",         [PK_RULES_TRANSFORMER_BASENAME] = "basename",
	[PK_RULES_TRANSFORMER_LEN] = "len",         [PK_RULES_TRANSFORMER_JOIN] = "join",
	[PK_RULES_TRANSFORMER_CONCAT] = "concat",   [PK_RULES_TRANSFORMER_GETOPT] = "getopt",
	[PK_RULES_TRANSFORMER_VAL] = "val",
};

const char *pk_rules_op_name(enum pk_rules_op op)
{
	return op_names[op];
}

const char *pk_rules_quantor_name(enum pk_rules_quantor quantor)
{
	return quantor_names[quantor];
}

const char *pk_rules_transformer_name(enum pk_rules_transformer transformer)
{
	return transformer_names[transformer];
}

bool pk_rules_op_takes_list(enum pk_rules_op op)
{
	return op == PK_RULES_OP_IN || op == PK_RULES_OP_INTERSECTS || op == PK_RULES_OP_PMATCH;
}

bool pk_rules_op_takes_quantor(enum pk_rules_op op)
{
	return op == PK_RULES_OP_EQ || op == PK_RULES_OP_NE ||
	       (op >= PK_RULES_OP_CONTAINS && op <= PK_RULES_OP_REGEX);
}

static int print_quoted(struct pk_buf *buf, const char *data, size_t len)
{
	int err = pk_buf_add_char(buf, '"');

	for (size_t i = 0; i < len && !err; i++) {
		if (data[i] == '\\' && i + 1 == len) {
			err = pk_buf_add_str(buf, "\\x5c"); /* the quote would not close */
			continue;
		}
		if (data[i] == '"' || data[i] == '\\')
			err = pk_buf_add_char(buf, '\\');
		if (!err)
			err = pk_buf_add_char(buf, data[i]);
	}
	return err ? err : pk_buf_add_char(buf, '"');
}

static int print_value(struct pk_buf *buf, const struct pk_rules_value *value, bool force_quotes)
{
	bool bare = value->len_bytes &&
		    strcspn(value->data, "()\"' \t\n\r\f\v\b=,") == value->len_bytes;

	if (bare && !(force_quotes && value->quoted))
		return pk_buf_add(buf, value->data, value->len_bytes);
	return print_quoted(buf, value->data, value->len_bytes);
}

static int print_values(struct pk_buf *buf, const struct pk_rules_values *values)
{
	int err = pk_buf_add_char(buf, '(');

	for (size_t i = 0; i < values->cnt && !err; i++) {
		if (i)
			err = pk_buf_add_str(buf, ", ");
		if (!err)
			err = print_value(buf, &values->items[i], false);
	}
	return err ? err : pk_buf_add_char(buf, ')');
}

static int print_expr(struct pk_buf *buf, const struct pk_rules_expr *expr);

static int print_args(struct pk_buf *buf, const struct pk_rules_expr *expr)
{
	int err = pk_buf_add_char(buf, '(');

	for (size_t i = 0; i < expr->args_cnt && !err; i++) {
		if (i)
			err = pk_buf_add_str(buf, ", ");
		if (!err)
			err = print_expr(buf, expr->args[i]);
	}
	return err ? err : pk_buf_add_char(buf, ')');
}

static int print_index(struct pk_buf *buf, const struct pk_rules_expr *expr)
{
	int err;

	if (!expr->field_arg)
		return 0;
	err = pk_buf_add_char(buf, '[');
	if (!err && expr->arg_quoted)
		err = print_quoted(buf, expr->field_arg, strlen(expr->field_arg));
	else if (!err)
		err = pk_buf_add_str(buf, expr->field_arg);
	return err ? err : pk_buf_add_char(buf, ']');
}

static int print_expr(struct pk_buf *buf, const struct pk_rules_expr *expr)
{
	int err = 0;

	switch (expr->kind) {
	case PK_RULES_EXPR_FIELD:
		err = pk_buf_add_str(buf, expr->field);
		break;
	case PK_RULES_EXPR_TRANSFORMER:
		err = pk_buf_add_str(buf, pk_rules_transformer_name(expr->transformer));
		if (!err)
			err = print_args(buf, expr);
		break;
	case PK_RULES_EXPR_VALUE:
		return print_value(buf, &expr->value, true);
	case PK_RULES_EXPR_LIST:
		return print_args(buf, expr);
	}
	return err ? err : print_index(buf, expr);
}

/* Words that would read as something else behind the operator. */
static bool reads_otherwise(const struct pk_rules_check *check, const struct pk_rules_value *value)
{
	bool named = !strcmp(value->data, "oneof") || !strcmp(value->data, "anyof") ||
		     !strcmp(value->data, "allof");

	return value->quoted && named && pk_rules_op_takes_quantor(check->op);
}

static int print_check(struct pk_buf *buf, const struct pk_rules_check *check)
{
	int err = print_expr(buf, check->left);

	if (!err)
		err = pk_buf_add_char(buf, ' ');
	if (!err)
		err = pk_buf_add_str(buf, pk_rules_op_name(check->op));
	if (err || check->op == PK_RULES_OP_EXISTS)
		return err;
	err = pk_buf_add_char(buf, ' ');
	if (err)
		return err;
	if (check->right)
		return print_expr(buf, check->right);
	if (check->quantor) {
		err = pk_buf_add_str(buf, pk_rules_quantor_name(check->quantor));
		if (!err)
			err = pk_buf_add_char(buf, ' ');
	}
	if (err)
		return err;
	if (check->quantor || pk_rules_op_takes_list(check->op))
		return print_values(buf, &check->values);
	return print_value(buf, &check->values.items[0],
			   reads_otherwise(check, &check->values.items[0]));
}

static int print_children(struct pk_buf *buf, const struct pk_rules_node *node, const char *word)
{
	int err = pk_buf_add_char(buf, '(');

	for (size_t i = 0; i < node->children_cnt && !err; i++) {
		if (i)
			err = pk_buf_add_str(buf, word);
		if (!err)
			err = pk_rules_node_print(node->children[i], buf);
	}
	return err ? err : pk_buf_add_char(buf, ')');
}

/* "not not" would cancel. */
static int print_not(struct pk_buf *buf, const struct pk_rules_node *child)
{
	bool twice = child->kind == PK_RULES_NODE_NOT;
	int err = pk_buf_add_str(buf, twice ? "not (" : "not ");

	if (!err)
		err = pk_rules_node_print(child, buf);
	return err || !twice ? err : pk_buf_add_char(buf, ')');
}

int pk_rules_node_print(const struct pk_rules_node *node, struct pk_buf *buf)
{
	switch (node->kind) {
	case PK_RULES_NODE_AND:
		return print_children(buf, node, " and ");
	case PK_RULES_NODE_OR:
		return print_children(buf, node, " or ");
	case PK_RULES_NODE_NOT:
		return print_not(buf, node->children[0]);
	case PK_RULES_NODE_MACRO:
		return pk_buf_add_str(buf, node->macro);
	case PK_RULES_NODE_CHECK:
		break;
	}
	return print_check(buf, &node->check);
}
