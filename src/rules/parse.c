/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions: and, or, not, parentheses, macros, checks. After a mistake the parser goes on behind
 * the next "and" or "or", so that one run finds all of them.
 */
#include "rules/parse_internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "rules/suggest.h"

/* Longer before shorter where one starts with the other. */
static const struct {
	const char *text;
	enum pk_rules_op op;
} operators[] = {
	{ "==", PK_RULES_OP_EQ },
	{ "=", PK_RULES_OP_EQ },
	{ "!=", PK_RULES_OP_NE },
	{ "<=", PK_RULES_OP_LE },
	{ "<", PK_RULES_OP_LT },
	{ ">=", PK_RULES_OP_GE },
	{ ">", PK_RULES_OP_GT },
	{ "contains", PK_RULES_OP_CONTAINS },
	{ "icontains", PK_RULES_OP_ICONTAINS },
	{ "bcontains", PK_RULES_OP_BCONTAINS },
	{ "startswith", PK_RULES_OP_STARTSWITH },
	{ "bstartswith", PK_RULES_OP_BSTARTSWITH },
	{ "endswith", PK_RULES_OP_ENDSWITH },
	{ "glob", PK_RULES_OP_GLOB },
	{ "iglob", PK_RULES_OP_IGLOB },
	{ "regex", PK_RULES_OP_REGEX },
	{ "intersects", PK_RULES_OP_INTERSECTS },
	{ "in", PK_RULES_OP_IN },
	{ "pmatch", PK_RULES_OP_PMATCH },
	{ "exists", PK_RULES_OP_EXISTS },
};

void pk_rules_parser_fail(struct pk_rules_parser *parser, size_t from, size_t to,
			  const char *suggestion, const char *format, ...)
{
	char message[512];
	va_list args;

	if (parser->mistakes_cnt++ >= PK_MAX_DIAGS_PER_CONDITION)
		return;
	if (to > parser->text->len_bytes)
		to = parser->text->len_bytes;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	pk_diag_add_text(parser->env->ctx, PK_DIAG_ERROR, parser->text, from, to, suggestion, "%s",
			 message);
}

void pk_rules_parser_expected(struct pk_rules_parser *parser, const char *what)
{
	struct pk_rules_lex *lex = &parser->lex;
	size_t len = pk_rules_lex_found(lex);

	if (len)
		pk_rules_parser_fail(parser, lex->at, lex->at + len, NULL,
				     "expected %s, found '%.*s'", what, (int)(len < 64 ? len : 64),
				     lex->data + lex->at);
	else
		pk_rules_parser_fail(parser, lex->at, lex->at, NULL,
				     "expected %s, but the condition ends here", what);
}

bool pk_rules_parser_enter(struct pk_rules_parser *parser)
{
	if (parser->nesting >= PK_MAX_NESTING) {
		pk_rules_parser_fail(parser, parser->lex.at, parser->lex.at + 1, NULL,
				     "more than %u parentheses within one another", PK_MAX_NESTING);
		/* nothing behind this can be understood */
		parser->lex.at = parser->lex.len_bytes;
		return false;
	}
	parser->nesting++;
	return true;
}

const char *pk_rules_suggest_op(const char *word, size_t len)
{
	struct pk_suggest suggest = PK_SUGGEST_INIT(word, len);

	for (size_t i = 0; i < PK_ARRAY_SIZE(operators); i++)
		pk_suggest_offer(&suggest, operators[i].text);
	return suggest.best;
}

static bool take_operator(struct pk_rules_lex *lex, enum pk_rules_op *ret_op)
{
	for (size_t i = 0; i < PK_ARRAY_SIZE(operators); i++) {
		struct pk_rules_lex ahead = *lex;
		enum pk_rules_op op = operators[i].op;
		char c;

		if (!pk_rules_lex_take(&ahead, operators[i].text))
			continue;
		c = pk_rules_lex_peek(&ahead);
		/* words end somewhere; "exists" is taken as it is, whatever follows */
		if (op >= PK_RULES_OP_CONTAINS && !pk_rules_lex_is_blank(c) &&
		    !(pk_rules_op_takes_list(op) && c == '('))
			continue;
		*lex = ahead;
		*ret_op = op;
		return true;
	}
	return false;
}

static enum pk_rules_quantor take_quantor_word(struct pk_rules_lex *lex)
{
	for (int i = PK_RULES_QUANTOR_ONEOF; i <= PK_RULES_QUANTOR_ALLOF; i++) {
		if (pk_rules_lex_take(lex, pk_rules_quantor_name((enum pk_rules_quantor)i)))
			return (enum pk_rules_quantor)i;
	}
	return PK_RULES_QUANTOR_NONE;
}

static bool is_and_or(const struct pk_rules_lex *lex)
{
	return pk_rules_lex_is_word(lex, "and") || pk_rules_lex_is_word(lex, "or");
}

/* Takes the quantor only when a list or a name follows: "= oneof" alone compares with a word. */
static enum pk_rules_quantor take_quantor(struct pk_rules_lex *lex)
{
	struct pk_rules_lex ahead = *lex;
	enum pk_rules_quantor quantor = take_quantor_word(&ahead);

	if (!quantor || !pk_rules_lex_blank(&ahead))
		return PK_RULES_QUANTOR_NONE;
	if (pk_rules_lex_peek(&ahead) != '(' && (!pk_rules_lex_name(&ahead) || is_and_or(&ahead)))
		return PK_RULES_QUANTOR_NONE;
	*lex = ahead;
	return quantor;
}

bool pk_rules_parse_op(const char *text, enum pk_rules_op *ret_op,
		       enum pk_rules_quantor *ret_quantor)
{
	char copy[64];
	int len = snprintf(copy, sizeof(copy), "%s ", text);
	struct pk_rules_lex lex = { .data = copy, .len_bytes = (size_t)len };
	enum pk_rules_op op;
	enum pk_rules_quantor quantor = PK_RULES_QUANTOR_NONE;

	if (len < 0 || (size_t)len >= sizeof(copy))
		return false;
	pk_rules_lex_blank(&lex);
	if (!take_operator(&lex, &op) || op == PK_RULES_OP_EXISTS)
		return false;
	if (pk_rules_lex_blank(&lex) && pk_rules_op_takes_quantor(op))
		quantor = take_quantor_word(&lex);
	pk_rules_lex_blank(&lex);
	if (!pk_rules_lex_is_end(&lex))
		return false;
	*ret_op = op;
	*ret_quantor = quantor;
	return true;
}

static void fail_operator(struct pk_rules_parser *parser)
{
	struct pk_rules_lex *lex = &parser->lex;
	const char *word = lex->data + lex->at;
	size_t len = pk_rules_lex_bare(lex);

	if (!len || is_and_or(lex)) {
		pk_rules_parser_expected(parser, "an operator, such as = or in");
		return;
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(operators); i++) {
		if (strlen(operators[i].text) == len && !memcmp(operators[i].text, word, len)) {
			lex->at += len;
			pk_rules_parser_expected(parser, "a value");
			return;
		}
	}
	pk_rules_parser_fail(parser, lex->at, lex->at + len, pk_rules_suggest_op(word, len),
			     "unknown operator '%.*s'", (int)(len < 64 ? len : 64), word);
}

/* A list by its name, without parentheses. */
static bool parse_list_name(struct pk_rules_parser *parser, struct pk_rules_values *ret_values)
{
	const struct pk_rules_parse_env *env = parser->env;
	size_t start = parser->lex.at;
	size_t len = pk_rules_lex_name(&parser->lex);

	if (!len) {
		pk_rules_parser_expected(parser, "values in parentheses");
		return false;
	}
	if (!env->list)
		return pk_rules_parse_value(parser, ret_values);
	parser->lex.at += len;
	if (env->list(env->arg, parser->text, start, start + len, ret_values))
		return true;
	parser->mistakes_cnt++;
	return false;
}

static bool parse_right_list(struct pk_rules_parser *parser, struct pk_rules_check *check)
{
	pk_rules_lex_blank(&parser->lex);
	if (pk_rules_lex_peek(&parser->lex) == '(')
		return pk_rules_parse_values(parser, &check->values);
	return parse_list_name(parser, &check->values);
}

/* What stands behind the operator. */
static bool parse_right(struct pk_rules_parser *parser, struct pk_rules_check *check)
{
	struct pk_rules_lex *lex = &parser->lex;
	bool blank = pk_rules_lex_blank(lex);

	if (pk_rules_op_takes_quantor(check->op) && blank)
		check->quantor = take_quantor(lex);
	if (check->quantor)
		return parse_right_list(parser, check);
	if (pk_rules_parser_is_transformer(parser)) {
		check->right = pk_rules_parse_expr(parser, true);
		return check->right != NULL;
	}
	if (pk_rules_op_takes_list(check->op))
		return parse_right_list(parser, check);
	if (pk_rules_op_takes_quantor(check->op)) {
		if (pk_rules_lex_peek(lex) != '(')
			return pk_rules_parse_value(parser, &check->values);
		pk_rules_parser_fail(parser, lex->at, lex->at + 1, NULL,
				     "'%s' takes one value; several are compared with '%s'",
				     pk_rules_op_name(check->op),
				     check->op <= PK_RULES_OP_NE ? "in (...)" : "anyof (...)");
		return false;
	}
	return pk_rules_parse_number(parser, &check->values);
}

static struct pk_rules_node *new_node(struct pk_rules_parser *parser, enum pk_rules_node_kind kind,
				      size_t from)
{
	struct pk_rules_node *node = pk_rules_alloc(parser->env->ctx, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = kind;
	node->weight = 1;
	node->depth = 1;
	node->pos = pk_rules_text_pos(parser->text, from);
	node->span_bytes = pk_rules_text_span(parser->text, from, parser->lex.at);
	return node;
}

static const struct pk_rules_node *parse_comparison(struct pk_rules_parser *parser)
{
	struct pk_rules_check check = { 0 };
	struct pk_rules_lex *lex = &parser->lex;
	size_t start = lex->at;
	size_t op_start;
	struct pk_rules_node *node;

	check.left = pk_rules_parse_expr(parser, false);
	if (!check.left)
		return NULL;
	pk_rules_lex_blank(lex);
	op_start = lex->at;
	if (!take_operator(lex, &check.op)) {
		fail_operator(parser);
		return NULL;
	}
	check.op_pos = pk_rules_text_pos(parser->text, op_start);
	check.op_span_bytes = pk_rules_text_span(parser->text, op_start, lex->at);
	if (check.op != PK_RULES_OP_EXISTS && !parse_right(parser, &check))
		return NULL;
	node = new_node(parser, PK_RULES_NODE_CHECK, start);
	if (node)
		node->check = check;
	return node;
}

/* A name that an operator follows was meant as a field. */
static bool looks_like_field(const struct pk_rules_parser *parser, size_t len)
{
	struct pk_rules_lex ahead = parser->lex;
	enum pk_rules_op op;

	ahead.at += len;
	pk_rules_lex_blank(&ahead);
	return take_operator(&ahead, &op);
}

static const struct pk_rules_node *parse_macro(struct pk_rules_parser *parser, size_t len)
{
	const struct pk_rules_parse_env *env = parser->env;
	struct pk_rules_lex *lex = &parser->lex;
	size_t start = lex->at;
	const struct pk_rules_node *found;
	struct pk_rules_node *node;

	if (looks_like_field(parser, len)) {
		pk_rules_parser_fail(parser, start, start + len, NULL,
				     "'%.*s' is no field: fields have a dot, as in proc.name",
				     (int)(len < 64 ? len : 64), lex->data + start);
		return NULL;
	}
	lex->at += len;
	if (env->macro) {
		found = env->macro(env->arg, parser->text, start, start + len);
		if (!found)
			parser->mistakes_cnt++;
		return found;
	}
	node = new_node(parser, PK_RULES_NODE_MACRO, start);
	if (node)
		node->macro = pk_rules_copy(env->ctx, lex->data + start, len);
	return node && node->macro ? node : NULL;
}

static const struct pk_rules_node *parse_or(struct pk_rules_parser *parser);

static const struct pk_rules_node *parse_nested(struct pk_rules_parser *parser)
{
	struct pk_rules_lex *lex = &parser->lex;
	size_t open = lex->at;
	const struct pk_rules_node *node;

	if (!pk_rules_parser_enter(parser))
		return NULL;
	lex->at++;
	node = parse_or(parser);
	parser->nesting--;
	if (pk_rules_lex_take(lex, ")"))
		return node;
	if (!parser->mistakes_cnt)
		pk_rules_parser_fail(parser, open, open + 1, NULL, "no ')' for this '('");
	return NULL;
}

static const struct pk_rules_node *parse_check(struct pk_rules_parser *parser)
{
	struct pk_rules_lex *lex = &parser->lex;
	size_t len;

	pk_rules_lex_blank(lex);
	if (pk_rules_lex_peek(lex) == '(')
		return parse_nested(parser);
	if (pk_rules_parser_is_transformer(parser) || pk_rules_lex_field(lex))
		return parse_comparison(parser);
	len = pk_rules_lex_name(lex);
	if (len && !is_and_or(lex) && !pk_rules_lex_is_word(lex, "not"))
		return parse_macro(parser, len);
	pk_rules_parser_expected(parser, "a field or a macro");
	return NULL;
}

/* Any number of "not", which cancel in pairs. */
static const struct pk_rules_node *parse_not(struct pk_rules_parser *parser)
{
	struct pk_rules_lex *lex = &parser->lex;
	const struct pk_rules_node *child;
	struct pk_rules_node *node;
	bool negated = false;
	size_t start;

	pk_rules_lex_blank(lex);
	start = lex->at;
	while (pk_rules_lex_take_word(lex, "not")) {
		negated = !negated;
		pk_rules_lex_blank(lex);
	}
	child = parse_check(parser);
	if (!child) {
		pk_rules_lex_recover(lex);
		return NULL;
	}
	if (!negated)
		return child;
	node = new_node(parser, PK_RULES_NODE_NOT, start);
	if (!node)
		return NULL;
	node->children = pk_rules_alloc(parser->env->ctx, sizeof(*node->children));
	if (!node->children)
		return NULL;
	node->children[0] = child;
	node->children_cnt = 1;
	node->weight += child->weight;
	node->depth += child->depth;
	return node;
}

static bool check_size(struct pk_rules_parser *parser, const struct pk_rules_node *node,
		       uint64_t weight, size_t from)
{
	if (weight > PK_MAX_CONDITION_NODES)
		pk_rules_parser_fail(parser, from, parser->lex.at, NULL,
				     "condition of more than %u parts, macros put in",
				     PK_MAX_CONDITION_NODES);
	else if (node->depth > PK_MAX_CONDITION_DEPTH)
		pk_rules_parser_fail(parser, from, parser->lex.at, NULL,
				     "condition nested more than %u deep, macros put in",
				     PK_MAX_CONDITION_DEPTH);
	else
		return true;
	return false;
}

/* One child is itself; more become a node. */
static const struct pk_rules_node *make_group(struct pk_rules_parser *parser,
					      enum pk_rules_node_kind kind,
					      const struct pk_buf *children, size_t from)
{
	const struct pk_rules_node **items = (const struct pk_rules_node **)children->data;
	size_t cnt = children->len_bytes / sizeof(*items);
	struct pk_rules_node *node;
	uint64_t weight = 1;

	if (cnt == 1)
		return items[0];
	node = new_node(parser, kind, from);
	if (!node)
		return NULL;
	node->children = pk_rules_alloc(parser->env->ctx, children->len_bytes);
	if (!node->children)
		return NULL;
	memcpy(node->children, items, children->len_bytes);
	node->children_cnt = cnt;
	for (size_t i = 0; i < cnt; i++) {
		weight += items[i]->weight;
		if (items[i]->depth >= node->depth)
			node->depth = items[i]->depth + 1;
	}
	if (!check_size(parser, node, weight, from))
		return NULL;
	node->weight = (uint32_t)weight;
	return node;
}

/* Behind a check: nothing but and, or, ")" or the end may follow. */
static void expect_next(struct pk_rules_parser *parser)
{
	struct pk_rules_lex *lex = &parser->lex;
	size_t len;
	const char *word;
	struct pk_suggest suggest;

	pk_rules_lex_blank(lex);
	if (pk_rules_lex_is_end(lex) || pk_rules_lex_peek(lex) == ')' || is_and_or(lex))
		return;
	word = lex->data + lex->at;
	len = pk_rules_lex_found(lex);
	suggest = PK_SUGGEST_INIT(word, len);
	pk_suggest_offer(&suggest, "and");
	pk_suggest_offer(&suggest, "or");
	pk_rules_parser_fail(parser, lex->at, lex->at + len, suggest.best,
			     "expected 'and', 'or' or the end, found '%.*s'",
			     (int)(len < 64 ? len : 64), word);
	pk_rules_lex_recover(lex);
}

static const struct pk_rules_node *parse_group(struct pk_rules_parser *parser,
					       enum pk_rules_node_kind kind)
{
	pk_buf_cleanup struct pk_buf children = PK_BUF_INIT;
	struct pk_rules_ctx *ctx = parser->env->ctx;
	struct pk_rules_lex *lex = &parser->lex;
	const char *word = kind == PK_RULES_NODE_AND ? "and" : "or";
	bool failed = false;
	size_t start;

	pk_rules_lex_blank(lex);
	start = lex->at;
	do {
		const struct pk_rules_node *child = kind == PK_RULES_NODE_OR ?
							    parse_group(parser, PK_RULES_NODE_AND) :
							    parse_not(parser);

		if (ctx->err)
			return NULL;
		if (child)
			ctx->err = pk_buf_add(&children, &child, sizeof(child));
		else
			failed = true;
		expect_next(parser);
	} while (!ctx->err && parser->mistakes_cnt <= PK_MAX_DIAGS_PER_CONDITION &&
		 pk_rules_lex_take_word(lex, word));
	if (failed || ctx->err)
		return NULL;
	return make_group(parser, kind, &children, start);
}

static const struct pk_rules_node *parse_or(struct pk_rules_parser *parser)
{
	return parse_group(parser, PK_RULES_NODE_OR);
}

const struct pk_rules_node *pk_rules_parse(const struct pk_rules_parse_env *env,
					   const struct pk_rules_text *text)
{
	struct pk_rules_parser parser = {
		.env = env,
		.text = text,
		.lex = { .data = text->data, .len_bytes = text->len_bytes },
	};
	const struct pk_rules_node *node;

	if (text->len_bytes > PK_MAX_CONDITION_BYTES) {
		pk_rules_parser_fail(&parser, 0, 1, NULL,
				     "condition of %zu bytes, lists put in; the limit is %u",
				     text->len_bytes, PK_MAX_CONDITION_BYTES);
		return NULL;
	}
	node = parse_or(&parser);
	if (env->ctx->err)
		return NULL;
	if (!pk_rules_lex_is_end(&parser.lex) && !parser.mistakes_cnt)
		pk_rules_parser_fail(&parser, parser.lex.at, parser.lex.at + 1, NULL,
				     "no '(' for this ')'");
	return parser.mistakes_cnt ? NULL : node;
}
