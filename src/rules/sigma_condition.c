/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions of Sigma:
 *
 *   or    := and { "or" and }      and := not { "and" not }      not := { "not" } check
 *   check := "(" or ")" | NUMBER "of" NAMES | "any of" NAMES | "all of" NAMES | NAME
 *   NAMES := "them" | a name with * in it | the beginning of names
 *
 * A "|" begins what counts several events: left out. "them" is all selections but those that begin
 * with "_".
 */
#include "rules/sigma_internal.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "rules/suggest.h"

#define MAX_OF 256u

struct parser {
	struct pk_sigma_rule *rule;
	const struct pk_yaml_node *at;
	const struct pk_rules_text *text;
	size_t pos;
	unsigned int nesting;
	bool negated; /* a "not" stands right before */
};

static void fail(struct parser *parser, size_t from, size_t to, const char *suggestion,
		 const char *what)
{
	if (pk_sigma_given_up(parser->rule))
		return;
	parser->rule->failed = true;
	pk_diag_add_text(parser->rule->ctx, PK_DIAG_ERROR, parser->text, from,
			 to > from ? to : from + 1, suggestion, "%s", what);
}

static void skip_blanks(struct parser *parser)
{
	while (parser->pos < parser->text->len_bytes &&
	       strchr(" \t\r\n", parser->text->data[parser->pos]))
		parser->pos++;
}

/* Length of the word ahead: up to a blank, a parenthesis or a bar. */
static size_t word(struct parser *parser)
{
	skip_blanks(parser);
	return strcspn(parser->text->data + parser->pos, " \t\r\n()|");
}

static bool is_word(struct parser *parser, const char *text)
{
	size_t len = word(parser);

	return len == strlen(text) && !strncasecmp(parser->text->data + parser->pos, text, len);
}

static bool take(struct parser *parser, const char *text)
{
	if (!is_word(parser, text))
		return false;
	parser->pos += strlen(text);
	return true;
}

/* ---- selections by name ---- */

/* Whether the name is like the pattern, in which * stands for any characters. */
static bool is_like(const char *name, const char *pattern, size_t len)
{
	const char *again = NULL; /* where to go on behind the last star */
	size_t at = 0, behind_star = 0;

	while (*name) {
		if (at < len && pattern[at] == '*') {
			behind_star = ++at;
			again = name;
		} else if (at < len && pattern[at] == *name) {
			at++;
			name++;
		} else if (again) {
			at = behind_star;
			name = ++again;
		} else {
			return false;
		}
	}
	while (at < len && pattern[at] == '*')
		at++;
	return at == len;
}

static bool is_meant(const char *name, const char *pattern, size_t len)
{
	if (*name == '_' && *pattern != '_')
		return false;
	return (len == 4 && !strncasecmp(pattern, "them", 4)) || is_like(name, pattern, len);
}

/* A name without a star that is none is where names begin. */
static bool begins(const char *name, const char *pattern, size_t len)
{
	return *name != '_' && !strncmp(name, pattern, len);
}

static const struct pk_rules_node *parse_name(struct parser *parser, size_t len)
{
	struct pk_sigma_rule *rule = parser->rule;
	const char *name = parser->text->data + parser->pos;
	struct pk_suggest suggest = PK_SUGGEST_INIT(name, len);
	char what[128];

	for (size_t i = 0; i < rule->selections_cnt; i++) {
		struct pk_sigma_selection *selection = &rule->selections[i];

		if (strlen(selection->name) == len && !memcmp(selection->name, name, len)) {
			parser->pos += len;
			return pk_sigma_selection(rule, selection);
		}
		pk_suggest_offer(&suggest, selection->name);
	}
	snprintf(what, sizeof(what), "no selection '%.*s' in 'detection'",
		 (int)(len < 64 ? len : 64), name);
	fail(parser, parser->pos, parser->pos + len, suggest.best, what);
	return NULL;
}

/* ---- so many of them ---- */

/* At least `needed` of items[0..cnt): with the last one, or without. `memo` is [cnt + 1][needed + 1]. */
static const struct pk_rules_node *at_least(struct parser *parser,
					    const struct pk_rules_node *const *items, size_t cnt,
					    size_t needed, size_t width,
					    const struct pk_rules_node **memo)
{
	struct pk_sigma_rule *rule = parser->rule;
	const struct pk_rules_node **slot = &memo[cnt * width + needed];
	const struct pk_rules_node *with[2], *both[2];

	if (!needed)
		return &pk_sigma_true;
	if (needed > cnt)
		return &pk_sigma_false;
	if (*slot)
		return *slot;
	with[0] = items[cnt - 1];
	with[1] = at_least(parser, items, cnt - 1, needed - 1, width, memo);
	if (!with[1])
		return NULL;
	both[0] = pk_sigma_group(rule, PK_RULES_NODE_AND, with, 2, parser->at);
	both[1] = at_least(parser, items, cnt - 1, needed, width, memo);
	if (!both[0] || !both[1])
		return NULL;
	*slot = pk_sigma_group(rule, PK_RULES_NODE_OR, both, 2, parser->at);
	return *slot;
}

static const struct pk_rules_node *
so_many(struct parser *parser, const struct pk_rules_node *const *items, size_t cnt, size_t needed)
{
	pk_cleanup(pk_free_p) const struct pk_rules_node **memo = NULL;
	struct pk_sigma_rule *rule = parser->rule;

	if (needed == 1)
		return pk_sigma_group(rule, PK_RULES_NODE_OR, items, cnt, parser->at);
	if (needed == cnt)
		return pk_sigma_group(rule, PK_RULES_NODE_AND, items, cnt, parser->at);
	if (needed > cnt)
		return &pk_sigma_false;
	memo = calloc((cnt + 1) * (needed + 1), sizeof(struct pk_rules_node *));
	if (!memo) {
		rule->ctx->err = -ENOMEM;
		return NULL;
	}
	return at_least(parser, items, cnt, needed, needed + 1, memo);
}

/* Of no selection: nothing is taken out if it is negated. Otherwise the rule would not mean what it says. */
static const struct pk_rules_node *parse_of_none(struct parser *parser, size_t from, size_t len)
{
	struct pk_sigma_rule *rule = parser->rule;
	const char *names = parser->text->data + from;
	char what[160];

	if (parser->negated) {
		if (rule->view == rule->source->views)
			pk_diag_add_text(rule->ctx, PK_DIAG_WARNING, parser->text, from, from + len,
					 NULL,
					 "no selection in 'detection' is called like '%.*s': "
					 "nothing is taken out by it",
					 (int)(len < 64 ? len : 64), names);
		return &pk_sigma_false;
	}
	snprintf(what, sizeof(what), "no selection in 'detection' is called like '%.*s'",
		 (int)(len < 64 ? len : 64), names);
	fail(parser, from, from + len, NULL, what);
	return NULL;
}

/* Behind "of". `needed` 0: all. */
static const struct pk_rules_node *parse_of(struct parser *parser, size_t needed)
{
	struct pk_sigma_rule *rule = parser->rule;
	const struct pk_rules_node *items[MAX_OF];
	size_t len = word(parser);
	size_t from = parser->pos, cnt = 0;
	const char *names = parser->text->data + from;
	bool exact = false;

	if (!len) {
		fail(parser, from, from + 1, NULL,
		     "'of' is followed by 'them' or by a name with *");
		return NULL;
	}
	parser->pos += len;
	for (size_t i = 0; i < rule->selections_cnt && !exact; i++)
		exact = is_meant(rule->selections[i].name, names, len);
	for (size_t i = 0; i < rule->selections_cnt; i++) {
		const char *name = rule->selections[i].name;

		if (exact ? !is_meant(name, names, len) : !begins(name, names, len))
			continue;
		if (cnt == MAX_OF) {
			fail(parser, from, from + len, NULL, "more than 256 selections are meant");
			return NULL;
		}
		items[cnt] = pk_sigma_selection(rule, &rule->selections[i]);
		if (!items[cnt++])
			return NULL;
	}
	return cnt ? so_many(parser, items, cnt, needed ? needed : cnt) :
		     parse_of_none(parser, from, len);
}

/* "1", "any", "all", "3" before "of": whether it was one; `*ret_needed` 0: all. */
static bool take_of(struct parser *parser, size_t *ret_needed)
{
	size_t start, len = word(parser), needed = 0;
	const char *text = parser->text->data + parser->pos;

	start = parser->pos;
	if (is_word(parser, "any") || is_word(parser, "all")) {
		needed = is_word(parser, "any");
	} else {
		if (!len || len > 4 || strspn(text, "0123456789") < len)
			return false;
		for (size_t i = 0; i < len; i++)
			needed = needed * 10 + (size_t)(text[i] - '0');
		if (!needed)
			return false;
	}
	parser->pos += len;
	if (take(parser, "of")) {
		*ret_needed = needed;
		return true;
	}
	parser->pos = start;
	return false;
}

/* ---- the grammar ---- */

static const struct pk_rules_node *parse_or(struct parser *parser);

static const struct pk_rules_node *parse_nested(struct parser *parser)
{
	const struct pk_rules_node *node;
	size_t open = parser->pos;

	if (parser->nesting == PK_MAX_NESTING) {
		fail(parser, open, open + 1, NULL, "more than 256 parentheses within one another");
		return NULL;
	}
	parser->nesting++;
	parser->negated = false;
	parser->pos++;
	node = parse_or(parser);
	parser->nesting--;
	if (!node)
		return NULL;
	skip_blanks(parser);
	if (parser->text->data[parser->pos] != ')') {
		if (parser->text->data[parser->pos] == '|')
			return node; /* said where the condition ends */
		fail(parser, open, open + 1, NULL, "no ')' for this '('");
		return NULL;
	}
	parser->pos++;
	return node;
}

static const struct pk_rules_node *parse_check(struct parser *parser)
{
	size_t len = word(parser);
	size_t needed;

	if (parser->text->data[parser->pos] == '(')
		return parse_nested(parser);
	if (take_of(parser, &needed))
		return parse_of(parser, needed);
	if (len && !is_word(parser, "and") && !is_word(parser, "or") && !is_word(parser, "of"))
		return parse_name(parser, len);
	fail(parser, parser->pos, parser->pos + (len ? len : 1), NULL,
	     "expected a selection, 'not', '(' or '1 of'");
	return NULL;
}

static const struct pk_rules_node *parse_not(struct parser *parser)
{
	const struct pk_rules_node *child;
	bool negated = false;

	while (take(parser, "not"))
		negated = !negated;
	parser->negated = negated;
	child = parse_check(parser);
	return child && negated ? pk_sigma_not(parser->rule, child, parser->at) : child;
}

static const struct pk_rules_node *parse_group(struct parser *parser, enum pk_rules_node_kind kind)
{
	pk_buf_cleanup struct pk_buf items = PK_BUF_INIT;
	struct pk_sigma_rule *rule = parser->rule;
	bool is_or = kind == PK_RULES_NODE_OR;

	do {
		const struct pk_rules_node *node = is_or ? parse_group(parser, PK_RULES_NODE_AND) :
							   parse_not(parser);

		if (!node)
			return NULL;
		rule->ctx->err = pk_buf_add(&items, &node, sizeof(node));
		if (rule->ctx->err)
			return NULL;
	} while (take(parser, is_or ? "or" : "and"));
	return pk_sigma_group(rule, kind, (const struct pk_rules_node *const *)items.data,
			      items.len_bytes / sizeof(struct pk_rules_node *), parser->at);
}

static const struct pk_rules_node *parse_or(struct parser *parser)
{
	return parse_group(parser, PK_RULES_NODE_OR);
}

/* A bar, or the words that older rules have without one. */
static bool counts(struct parser *parser)
{
	const char *rest = parser->text->data + parser->pos;

	return *rest == '|' || is_word(parser, "near") || is_word(parser, "by");
}

static const struct pk_rules_node *parse_text(struct pk_sigma_rule *rule,
					      const struct pk_yaml_node *node)
{
	struct parser parser = { .rule = rule, .at = node, .text = &node->text };
	const struct pk_rules_node *tree;

	if (node->kind != PK_YAML_SCALAR || pk_yaml_is_null(node) || !node->text.len_bytes) {
		pk_sigma_fail(rule, node, NULL, "a condition is a text");
		return NULL;
	}
	if (strchr(node->text.data, '|')) {
		pk_sigma_leave_out(rule, node,
				   "it counts events (what stands behind '|'), and each event is "
				   "judged alone");
		return NULL;
	}
	tree = parse_or(&parser);
	if (!tree)
		return NULL;
	skip_blanks(&parser);
	if (parser.pos == node->text.len_bytes)
		return tree;
	if (counts(&parser))
		pk_sigma_leave_out(rule, node,
				   "it is about several events, and each is judged alone");
	else
		fail(&parser, parser.pos, parser.pos + word(&parser), NULL,
		     "expected 'and', 'or' or the end");
	return NULL;
}

const struct pk_rules_node *pk_sigma_condition(struct pk_sigma_rule *rule,
					       const struct pk_yaml_node *condition)
{
	pk_buf_cleanup struct pk_buf items = PK_BUF_INIT;

	if (condition->kind != PK_YAML_SEQUENCE)
		return parse_text(rule, condition);
	if (!condition->cnt) {
		pk_sigma_fail(rule, condition, NULL, "a list without conditions");
		return NULL;
	}
	for (const struct pk_yaml_pair *pair = condition->first; pair; pair = pair->next) {
		const struct pk_rules_node *node = parse_text(rule, pair->value);

		if (!node)
			return NULL;
		rule->ctx->err = pk_buf_add(&items, &node, sizeof(node));
		if (rule->ctx->err)
			return NULL;
	}
	return pk_sigma_group(rule, PK_RULES_NODE_OR,
			      (const struct pk_rules_node *const *)items.data,
			      items.len_bytes / sizeof(struct pk_rules_node *), condition);
}
