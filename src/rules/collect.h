/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of rule files, in order, to definitions: defined, redefined, appended to, overridden.
 */
#ifndef PK_RULES_COLLECT_H
#define PK_RULES_COLLECT_H

#include "rules/defs.h"
#include "rules/item.h"

/* Takes in one document: a sequence of entries, or nothing. */
void pk_rules_collect(struct pk_rules_loader *loader, const struct pk_yaml_node *root);

/* One entry of each kind; collect.c has macros, lists and versions, collect_rule.c rules. */
void pk_rules_collect_rule(struct pk_rules_loader *loader, const struct pk_rules_item *item);

/* A new rule with this name, which none has; `at` is where to complain. NULL: said why. */
struct pk_rules_rule_def *pk_rules_add_rule(struct pk_rules_loader *loader,
					    const struct pk_yaml_node *at, const char *name);

/* [first] + blank + [second]; `first` without bytes: `second` alone. */
bool pk_rules_join(struct pk_rules_ctx *ctx, const struct pk_rules_text *first,
		   const struct pk_rules_text *second, struct pk_rules_text *ret_text);

/* Takes in "exceptions"; `change` NONE or REPLACE: in place of those there are. */
bool pk_rules_collect_exceptions(struct pk_rules_loader *loader, struct pk_rules_rule_def *def,
				 const struct pk_yaml_node *node, enum pk_rules_change change);

#endif
