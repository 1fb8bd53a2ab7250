/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table with chains.
 */
#include "rules/names.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

struct pk_rules_name {
	struct pk_rules_name *next;
	const char *name;
	size_t len_bytes;
	void *value;
};

/* FNV-1a, its upper half folded in */
static size_t slot_of(const char *name, size_t len)
{
	uint64_t hash = 14695981039346656037ull;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)name[i]) * 1099511628211ull;
	return (hash ^ hash >> 32) % PK_RULES_NAMES_SLOTS;
}

void *pk_rules_names_get(const struct pk_rules_names *names, const char *name, size_t len)
{
	const struct pk_rules_name *entry = names->slots[slot_of(name, len)];

	while (entry && (entry->len_bytes != len || memcmp(entry->name, name, len)))
		entry = entry->next;
	return entry ? entry->value : NULL;
}

int pk_rules_names_add(struct pk_rules_names *names, struct pk_arena *arena, const char *name,
		       size_t len, void *value)
{
	struct pk_rules_name *entry = pk_arena_alloc(arena, sizeof(*entry));
	struct pk_rules_name **slot = &names->slots[slot_of(name, len)];

	if (!entry)
		return -ENOMEM;
	*entry = (struct pk_rules_name){ *slot, name, len, value };
	*slot = entry;
	return 0;
}
