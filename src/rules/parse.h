/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Condition text to syntax tree, by the grammar of Falco's engine:
 *
 *   or    := and { "or" and }           and := not { "and" not }      not := { "not" } check
 *   check := "(" or ")" | MACRO | expr "exists" | expr NUMBER-OP (number | expr)
 *          | expr TEXT-OP (text | expr | ("oneof"|"anyof"|"allof") values) | expr LIST-OP (values | expr)
 *   expr  := field ["[" argument "]"] | transformer "(" args ")" ["[" argument "]"] | "val(" field ")"
 *
 * In: a text with positions. Out: a tree, or every mistake in it as a diagnostic.
 */
#ifndef PK_RULES_PARSE_H
#define PK_RULES_PARSE_H

#include "rules/diag.h"
#include "rules/lex.h"
#include "rules/tree.h"

struct pk_rules_values_cache;

/* Whose condition it is and what names mean there. Callbacks may be NULL. */
struct pk_rules_parse_env {
	struct pk_rules_ctx *ctx;
	struct pk_rules_values_cache *cache; /* NULL: no list of values is shared */
	void *arg;

	/* The condition of a macro, or NULL after saying why not. Without the callback a macro
	 * becomes a node of kind MACRO. [from, to) is the name. */
	const struct pk_rules_node *(*macro)(void *arg, const struct pk_rules_text *text,
					     size_t from, size_t to);

	/* The values of a list that stands without parentheses behind "in". As above, false: said
	 * why not. Without the callback the name is one value. */
	bool (*list)(void *arg, const struct pk_rules_text *text, size_t from, size_t to,
		     struct pk_rules_values *ret_values);

	/* A field was read; false: said why it will not do, the condition fails. */
	bool (*field)(void *arg, const struct pk_rules_expr *field);
};

/*
 * The tree, in the arena of env->ctx; NULL when there was a mistake (diagnostics tell) or no
 * memory (ctx->err tells). Never NULL without one of the two.
 */
const struct pk_rules_node *pk_rules_parse(const struct pk_rules_parse_env *env,
					   const struct pk_rules_text *text);

/* Equal lists of values from the same place are kept once, so that a list in 10,000 conditions
 * costs one. -ENOMEM */
int pk_rules_values_cache_new(struct pk_rules_values_cache **ret_cache);
void pk_rules_values_cache_free(struct pk_rules_values_cache *cache);

/* Whether `text` is an operator that a check may have between an expression and values, with
 * blanks around and a quantor behind it allowed: "in", " startswith  oneof ". */
bool pk_rules_parse_op(const char *text, enum pk_rules_op *ret_op,
		       enum pk_rules_quantor *ret_quantor);

/* The nearest operator to a misspelt one; NULL: none. */
const char *pk_rules_suggest_op(const char *word, size_t len);

#endif
