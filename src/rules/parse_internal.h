/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two halves of the parser share: parse.c (and, or, not, checks) and parse_expr.c
 * (fields, transformers, values).
 */
#ifndef PK_RULES_PARSE_INTERNAL_H
#define PK_RULES_PARSE_INTERNAL_H

#include "rules/parse.h"

struct pk_rules_parser {
	const struct pk_rules_parse_env *env;
	const struct pk_rules_text *text;
	struct pk_rules_lex lex;
	unsigned int nesting;
	unsigned int mistakes_cnt;
};

/* Notes a mistake at [from, to); past PK_MAX_DIAGS_PER_CONDITION only that there was one. */
void pk_rules_parser_fail(struct pk_rules_parser *parser, size_t from, size_t to,
			  const char *suggestion, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* "expected WHAT, found 'x'" at what is ahead. */
void pk_rules_parser_expected(struct pk_rules_parser *parser, const char *what);

/* One level deeper; false: too deep, said so. Leaving is parser->nesting--. */
bool pk_rules_parser_enter(struct pk_rules_parser *parser);

/* Whether a transformer is ahead: a name with "(" right behind it. */
bool pk_rules_parser_is_transformer(const struct pk_rules_parser *parser);

/* A field or a transformer. `right_side`: val() is one too. NULL: said why not. */
const struct pk_rules_expr *pk_rules_parse_expr(struct pk_rules_parser *parser, bool right_side);

/* One text or number. false: said why not. */
bool pk_rules_parse_number(struct pk_rules_parser *parser, struct pk_rules_values *ret_values);
bool pk_rules_parse_value(struct pk_rules_parser *parser, struct pk_rules_values *ret_values);

/* "(" is ahead: all up to ")". */
bool pk_rules_parse_values(struct pk_rules_parser *parser, struct pk_rules_values *ret_values);

/* Parsed lists: what stands between the parentheses is the key. */
const struct pk_rules_values *pk_rules_values_cache_get(struct pk_rules_values_cache *cache,
							struct pk_rules_pos pos, const char *data,
							size_t len);
void pk_rules_values_cache_add(struct pk_rules_values_cache *cache, struct pk_rules_pos pos,
			       const char *data, size_t len, const struct pk_rules_values *values);

#endif
