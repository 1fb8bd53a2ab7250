/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists put into conditions, as text, before anything is parsed: wherever a list's name stands
 * between blanks, commas, parentheses or "=", outside of quotes. The positions of what is put in
 * are those of the list's items.
 */
#ifndef PK_RULES_EXPAND_H
#define PK_RULES_EXPAND_H

#include "rules/defs.h"

/* Appends [from, to) of `text` with its lists. Stops past PK_MAX_CONDITION_BYTES. */
void pk_rules_expand(struct pk_rules_loader *loader, const struct pk_rules_text *text, size_t from,
		     size_t to, struct pk_rules_draft *draft);

/* What stands for the list in a condition: its items with commas between. NULL: said why not, or
 * ctx->err. */
const struct pk_rules_text *pk_rules_expand_list(struct pk_rules_loader *loader,
						 struct pk_rules_list_def *def);

/* Appends an item of a list or a value of an exception as a condition has it: in quotes where it
 * needs them. */
void pk_rules_expand_item(struct pk_rules_loader *loader, const struct pk_yaml_node *item,
			  struct pk_rules_draft *draft);

#endif
