/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names to what they name: rules, macros, lists. Entries live in an arena and are never taken out.
 */
#ifndef PK_RULES_NAMES_H
#define PK_RULES_NAMES_H

#include <stddef.h>

#include "base/arena.h"

#define PK_RULES_NAMES_SLOTS 8192u

struct pk_rules_names {
	struct pk_rules_name *slots[PK_RULES_NAMES_SLOTS];
};

/* What `name` names, or NULL. */
void *pk_rules_names_get(const struct pk_rules_names *names, const char *name, size_t len);

/* The caller knows that the name is new. Borrows the name. -ENOMEM */
int pk_rules_names_add(struct pk_rules_names *names, struct pk_arena *arena, const char *name,
		       size_t len, void *value);

#endif
