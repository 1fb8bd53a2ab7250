/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Definitions to trees: each macro once, each rule with its macros, lists and exceptions put in.
 */
#ifndef PK_RULES_COMPILE_H
#define PK_RULES_COMPILE_H

#include "rules/defs.h"

/* All macros and rules; diagnostics tell what is wrong. Says what is never used. */
void pk_rules_compile(struct pk_rules_loader *loader);

/* Whose condition is being parsed. */
struct pk_rules_owner {
	struct pk_rules_loader *loader;
	struct pk_rules_macro_def *macro; /* NULL: a rule's */
	struct pk_rules_unknown *unknown; /* fields nobody knows */
	uint32_t depth;                   /* of macros within it */
};

/* Lists are put in and the whole is parsed. NULL: said why. */
const struct pk_rules_node *pk_rules_compile_text(struct pk_rules_owner *owner,
						  const struct pk_rules_text *text);

/*
 * [condition] and not [exception] and not ...; the condition itself when no exception has values.
 * NULL: said why.
 */
const struct pk_rules_node *pk_rules_compile_exceptions(struct pk_rules_owner *owner,
							const struct pk_rules_rule_def *def,
							const struct pk_rules_node *condition);

#endif
