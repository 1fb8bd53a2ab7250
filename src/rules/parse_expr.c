/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sides of a check: fields with their arguments, transformers, texts, numbers, lists.
 */
#include "rules/parse_internal.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "rules/suggest.h"

/* How many arguments each transformer takes, and whether the first is the separator of a join. */
static const struct {
	size_t min_cnt;
	size_t max_cnt;
	const char *takes;
} shapes[PK_RULES_TRANSFORMER_CNT] = {
	[PK_RULES_TRANSFORMER_TOLOWER] = { 1, 1, "one field" },
	[PK_RULES_TRANSFORMER_TOUPPER] = { 1, 1, "one field" },
	[PK_RULES_TRANSFORMER_B64] = { 1, 1, "one field" },
	[PK_RULES_TRANSFORMER_BASENAME] = { 1, 1, "one field" },
	[PK_RULES_TRANSFORMER_LEN] = { 1, 1, "one field" },
	[PK_RULES_TRANSFORMER_JOIN] = { 2, 2, "a separator and a list in parentheses" },
	[PK_RULES_TRANSFORMER_CONCAT] = { 1, 8, "a list in parentheses, or up to 8 arguments" },
	[PK_RULES_TRANSFORMER_GETOPT] = { 2, 3, "two or three arguments" },
	[PK_RULES_TRANSFORMER_VAL] = { 1, 1, "one field" },
};

static struct pk_rules_expr *new_expr(struct pk_rules_parser *parser, enum pk_rules_expr_kind kind,
				      size_t from)
{
	struct pk_rules_expr *expr = pk_rules_alloc(parser->env->ctx, sizeof(*expr));

	if (expr) {
		expr->kind = kind;
		expr->pos = pk_rules_text_pos(parser->text, from);
	}
	return expr;
}

static void end_expr(struct pk_rules_parser *parser, struct pk_rules_expr *expr, size_t from)
{
	expr->span_bytes = pk_rules_text_span(parser->text, from, parser->lex.at);
}

/* A quoted text is ahead. */
static bool parse_quoted(struct pk_rules_parser *parser, const char **ret_data, size_t *ret_len)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	struct pk_rules_lex *lex = &parser->lex;
	size_t start = lex->at;
	int err = pk_rules_lex_quoted(lex, &buf);
	char *copy;

	if (err && err != -EBADMSG) {
		parser->env->ctx->err = err;
		return false;
	}
	if (err && lex->at == start) {
		pk_rules_parser_fail(parser, start, lex->len_bytes, NULL,
				     "no closing quote for this one");
		lex->at = lex->len_bytes; /* what follows is inside or outside: nobody knows */
		return false;
	}
	if (err) {
		pk_rules_parser_fail(parser, lex->at, lex->at + 2, NULL,
				     "unknown escape in a quoted text; a backslash is written \\\\");
		return false;
	}
	copy = pk_rules_copy(parser->env->ctx, buf.data, buf.len_bytes);
	*ret_data = copy;
	*ret_len = buf.len_bytes;
	return copy != NULL;
}

static bool check_length(struct pk_rules_parser *parser, size_t from, size_t len)
{
	if (len <= PK_MAX_STRING_BYTES)
		return true;
	pk_rules_parser_fail(parser, from, parser->lex.at, NULL,
			     "text of %zu bytes; the limit is %u", len, PK_MAX_STRING_BYTES);
	return false;
}

/* A quoted text, or `len` bytes as they are. */
static bool take_value(struct pk_rules_parser *parser, size_t len, struct pk_rules_value *ret)
{
	struct pk_rules_lex *lex = &parser->lex;
	char next = pk_rules_lex_peek(lex);
	struct pk_rules_value value = { .quoted = next == '"' || next == '\'' };
	size_t start = lex->at;

	if (value.quoted) {
		if (!parse_quoted(parser, &value.data, &len))
			return false;
	} else {
		value.data = pk_rules_copy(parser->env->ctx, lex->data + lex->at, len);
		if (!value.data)
			return false;
		lex->at += len;
	}
	value.len_bytes = (uint32_t)len;
	value.pos = pk_rules_text_pos(parser->text, start);
	value.span_bytes = pk_rules_text_span(parser->text, start, lex->at);
	*ret = value;
	return check_length(parser, start, len);
}

static bool set_one(struct pk_rules_parser *parser, const struct pk_rules_value *value,
		    struct pk_rules_values *ret_values)
{
	struct pk_rules_value *items = pk_rules_alloc(parser->env->ctx, sizeof(*items));

	if (!items)
		return false;
	*items = *value;
	ret_values->items = items;
	ret_values->cnt = 1;
	return true;
}

bool pk_rules_parse_number(struct pk_rules_parser *parser, struct pk_rules_values *ret_values)
{
	size_t len = pk_rules_lex_number(&parser->lex);
	struct pk_rules_value value;

	if (!len) {
		pk_rules_parser_expected(parser, "a number or val(field)");
		return false;
	}
	return take_value(parser, len, &value) && set_one(parser, &value, ret_values);
}

static bool is_quote(char c)
{
	return c == '"' || c == '\'';
}

bool pk_rules_parse_value(struct pk_rules_parser *parser, struct pk_rules_values *ret_values)
{
	size_t len = pk_rules_lex_bare(&parser->lex);
	struct pk_rules_value value;

	if (!len && !is_quote(pk_rules_lex_peek(&parser->lex))) {
		pk_rules_parser_expected(parser, "a value");
		return false;
	}
	return take_value(parser, len, &value) && set_one(parser, &value, ret_values);
}

static bool add_item(struct pk_rules_parser *parser, struct pk_buf *items)
{
	size_t len = pk_rules_lex_bare(&parser->lex);
	struct pk_rules_value value;

	if (!len && !is_quote(pk_rules_lex_peek(&parser->lex))) {
		pk_rules_parser_expected(parser, "a value");
		return false;
	}
	if (!take_value(parser, len, &value))
		return false;
	if (items->len_bytes / sizeof(value) >= PK_MAX_LIST_ITEMS) {
		pk_rules_parser_fail(parser, parser->lex.at - 1, parser->lex.at, NULL,
				     "more than %u values", PK_MAX_LIST_ITEMS);
		return false;
	}
	parser->env->ctx->err = pk_buf_add(items, &value, sizeof(value));
	return !parser->env->ctx->err;
}

/* Behind "(": all up to ")" and that. */
static bool add_items(struct pk_rules_parser *parser, size_t open, struct pk_buf *items)
{
	struct pk_rules_lex *lex = &parser->lex;

	pk_rules_lex_blank(lex);
	if (pk_rules_lex_take(lex, ")"))
		return true;
	do {
		pk_rules_lex_blank(lex);
		if (!add_item(parser, items))
			return false;
		pk_rules_lex_blank(lex);
	} while (pk_rules_lex_take(lex, ","));
	if (pk_rules_lex_take(lex, ")"))
		return true;
	if (pk_rules_lex_is_end(lex))
		pk_rules_parser_fail(parser, open, open + 1, NULL, "no ')' for this '('");
	else
		pk_rules_parser_expected(parser, "',' or ')' behind a value");
	return false;
}

/* Where a shared list stands: its first item, which is in the list when it came from one. */
static struct pk_rules_pos list_pos(const struct pk_rules_parser *parser, size_t open)
{
	struct pk_rules_lex lex = parser->lex;

	lex.at = open + 1;
	pk_rules_lex_blank(&lex);
	return pk_rules_text_pos(parser->text, lex.at);
}

/* The end of a list without quoted texts in it; 0: not such a list. */
static size_t plain_list_end(const struct pk_rules_lex *lex, size_t open)
{
	size_t len = strcspn(lex->data + open + 1, "()\"'");

	return lex->data[open + 1 + len] == ')' ? open + 1 + len : 0;
}

bool pk_rules_parse_values(struct pk_rules_parser *parser, struct pk_rules_values *ret_values)
{
	pk_buf_cleanup struct pk_buf items = PK_BUF_INIT;
	struct pk_rules_lex *lex = &parser->lex;
	struct pk_rules_values_cache *cache = parser->env->cache;
	size_t open = lex->at;
	size_t end = cache ? plain_list_end(lex, open) : 0;
	struct pk_rules_pos pos = list_pos(parser, open);
	const struct pk_rules_values *known = NULL;
	struct pk_rules_value *copy;

	if (end)
		known = pk_rules_values_cache_get(cache, pos, lex->data + open, end - open);
	if (known) {
		lex->at = end + 1;
		*ret_values = *known;
		return true;
	}
	lex->at++;
	if (!add_items(parser, open, &items))
		return false;
	copy = pk_rules_alloc(parser->env->ctx, items.len_bytes);
	if (!copy)
		return false;
	if (items.len_bytes)
		memcpy(copy, items.data, items.len_bytes);
	ret_values->items = copy;
	ret_values->cnt = items.len_bytes / sizeof(*copy);
	if (end)
		pk_rules_values_cache_add(cache, pos, lex->data + open, end - open, ret_values);
	return true;
}

/* "[...]" behind a field or a transformer; nothing there is fine. */
static bool parse_index(struct pk_rules_parser *parser, struct pk_rules_expr *expr)
{
	struct pk_rules_lex *lex = &parser->lex;
	size_t open = lex->at;
	size_t len;
	struct pk_rules_value value;

	if (!pk_rules_lex_take(lex, "["))
		return true;
	len = pk_rules_lex_arg(lex);
	if (!len && !is_quote(pk_rules_lex_peek(lex))) {
		pk_rules_parser_expected(parser, "an argument within []");
		return false;
	}
	if (!take_value(parser, len, &value))
		return false;
	if (!pk_rules_lex_take(lex, "]")) {
		pk_rules_parser_fail(parser, open, lex->at, NULL, "no ']' for this '['");
		return false;
	}
	expr->field_arg = value.data;
	expr->arg_quoted = value.quoted;
	return true;
}

static const struct pk_rules_expr *parse_field(struct pk_rules_parser *parser)
{
	const struct pk_rules_parse_env *env = parser->env;
	struct pk_rules_lex *lex = &parser->lex;
	size_t start = lex->at;
	size_t len = pk_rules_lex_field(lex);
	struct pk_rules_expr *expr = new_expr(parser, PK_RULES_EXPR_FIELD, start);

	if (!expr)
		return NULL;
	expr->field = pk_rules_copy(env->ctx, lex->data + start, len);
	lex->at += len;
	if (!expr->field || !check_length(parser, start, len) || !parse_index(parser, expr))
		return NULL;
	end_expr(parser, expr, start);
	if (env->field && !env->field(env->arg, expr)) {
		parser->mistakes_cnt++;
		return NULL;
	}
	return expr;
}

static const struct pk_rules_expr *parse_transformer(struct pk_rules_parser *parser,
						     bool right_side);

static const struct pk_rules_expr *parse_literal(struct pk_rules_parser *parser, size_t len)
{
	size_t start = parser->lex.at;
	struct pk_rules_expr *expr = new_expr(parser, PK_RULES_EXPR_VALUE, start);

	if (!expr || !take_value(parser, len, &expr->value))
		return NULL;
	end_expr(parser, expr, start);
	return expr;
}

static const struct pk_rules_expr *parse_arg(struct pk_rules_parser *parser, bool list_allowed);

static bool add_arg(struct pk_rules_parser *parser, struct pk_buf *args, bool list_allowed)
{
	const struct pk_rules_expr *arg;

	pk_rules_lex_blank(&parser->lex);
	arg = parse_arg(parser, list_allowed);
	if (!arg)
		return false;
	if (args->len_bytes / sizeof(arg) >= PK_MAX_TAGS) {
		pk_rules_parser_fail(parser, parser->lex.at - 1, parser->lex.at, NULL,
				     "more than %u arguments", PK_MAX_TAGS);
		return false;
	}
	parser->env->ctx->err = pk_buf_add(args, &arg, sizeof(arg));
	pk_rules_lex_blank(&parser->lex);
	return !parser->env->ctx->err;
}

/* Behind "(": arguments up to ")" and that. */
static bool parse_args(struct pk_rules_parser *parser, struct pk_rules_expr *expr, size_t open)
{
	pk_buf_cleanup struct pk_buf args = PK_BUF_INIT;
	struct pk_rules_lex *lex = &parser->lex;
	bool is_list = expr->kind == PK_RULES_EXPR_LIST;

	pk_rules_lex_blank(lex);
	if (!is_list || pk_rules_lex_peek(lex) != ')') {
		do {
			if (!add_arg(parser, &args, !is_list))
				return false;
		} while (pk_rules_lex_take(lex, ","));
	}
	if (!pk_rules_lex_take(lex, ")")) {
		if (pk_rules_lex_is_end(lex))
			pk_rules_parser_fail(parser, open, open + 1, NULL, "no ')' for this '('");
		else
			pk_rules_parser_expected(parser, "',' or ')' behind an argument");
		return false;
	}
	expr->args_cnt = args.len_bytes / sizeof(*expr->args);
	expr->args = pk_rules_alloc(parser->env->ctx, args.len_bytes);
	if (!expr->args)
		return false;
	if (args.len_bytes)
		memcpy(expr->args, args.data, args.len_bytes);
	return true;
}

static const struct pk_rules_expr *parse_arg_list(struct pk_rules_parser *parser)
{
	size_t start = parser->lex.at;
	struct pk_rules_expr *expr = new_expr(parser, PK_RULES_EXPR_LIST, start);

	parser->lex.at++;
	if (!expr || !parse_args(parser, expr, start))
		return NULL;
	end_expr(parser, expr, start);
	return expr;
}

static const struct pk_rules_expr *parse_arg(struct pk_rules_parser *parser, bool list_allowed)
{
	const struct pk_rules_lex *lex = &parser->lex;
	size_t number = pk_rules_lex_number(lex);

	if (number || is_quote(pk_rules_lex_peek(lex)))
		return parse_literal(parser, number);
	if (pk_rules_lex_peek(lex) == '(' && list_allowed)
		return parse_arg_list(parser);
	if (pk_rules_parser_is_transformer(parser))
		return parse_transformer(parser, false);
	if (pk_rules_lex_field(lex))
		return parse_field(parser);
	pk_rules_parser_expected(parser, "a field, a transformer, a number or a quoted text");
	return NULL;
}

bool pk_rules_parser_is_transformer(const struct pk_rules_parser *parser)
{
	size_t len = pk_rules_lex_name(&parser->lex);

	return len && parser->lex.data[parser->lex.at + len] == '(';
}

static bool find_transformer(struct pk_rules_parser *parser, bool right_side, size_t len,
			     enum pk_rules_transformer *ret_transformer)
{
	const char *name = parser->lex.data + parser->lex.at;
	struct pk_suggest suggest = PK_SUGGEST_INIT(name, len);

	for (int i = 0; i < PK_RULES_TRANSFORMER_CNT; i++) {
		const char *known = pk_rules_transformer_name((enum pk_rules_transformer)i);

		if (strlen(known) == len && !memcmp(known, name, len)) {
			*ret_transformer = (enum pk_rules_transformer)i;
			if (i != PK_RULES_TRANSFORMER_VAL || right_side)
				return true;
			pk_rules_parser_fail(parser, parser->lex.at, parser->lex.at + len, NULL,
					     "val() only stands alone, on the right of an operator");
			return false;
		}
		pk_suggest_offer(&suggest, known);
	}
	pk_rules_parser_fail(parser, parser->lex.at, parser->lex.at + len, suggest.best,
			     "unknown transformer '%.*s'", (int)len, name);
	return false;
}

/* The kinds of arguments that make sense: text operations want a field or what came of one. */
static bool check_shape(struct pk_rules_parser *parser, const struct pk_rules_expr *expr,
			size_t from)
{
	bool fits = expr->args_cnt >= shapes[expr->transformer].min_cnt &&
		    expr->args_cnt <= shapes[expr->transformer].max_cnt;

	if (fits && shapes[expr->transformer].max_cnt == 1)
		fits = expr->args[0]->kind == PK_RULES_EXPR_FIELD ||
		       expr->args[0]->kind == PK_RULES_EXPR_TRANSFORMER;
	if (fits && expr->transformer == PK_RULES_TRANSFORMER_VAL)
		fits = expr->args[0]->kind == PK_RULES_EXPR_FIELD;
	if (fits && expr->transformer == PK_RULES_TRANSFORMER_JOIN)
		fits = expr->args[1]->kind == PK_RULES_EXPR_LIST;
	if (!fits)
		pk_rules_parser_fail(parser, from, parser->lex.at, NULL, "%s() takes %s",
				     pk_rules_transformer_name(expr->transformer),
				     shapes[expr->transformer].takes);
	return fits;
}

static const struct pk_rules_expr *parse_transformer(struct pk_rules_parser *parser,
						     bool right_side)
{
	struct pk_rules_lex *lex = &parser->lex;
	size_t start = lex->at;
	size_t len = pk_rules_lex_name(lex);
	struct pk_rules_expr *expr = new_expr(parser, PK_RULES_EXPR_TRANSFORMER, start);

	if (!expr || !find_transformer(parser, right_side, len, &expr->transformer))
		return NULL;
	if (!pk_rules_parser_enter(parser))
		return NULL;
	lex->at += len + 1;
	if (!parse_args(parser, expr, start + len))
		return NULL;
	parser->nesting--;
	if (!check_shape(parser, expr, start) || !parse_index(parser, expr))
		return NULL;
	end_expr(parser, expr, start);
	return expr;
}

const struct pk_rules_expr *pk_rules_parse_expr(struct pk_rules_parser *parser, bool right_side)
{
	if (pk_rules_parser_is_transformer(parser))
		return parse_transformer(parser, right_side);
	return parse_field(parser);
}
