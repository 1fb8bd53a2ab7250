/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of values already parsed, by their text and by where their first value stands. The texts
 * are copied, since the condition that held one is gone when the next is looked up.
 */
#include "rules/parse_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_CNT 4096u
#define SHORTEST_BYTES 32u /* below that looking it up costs what parsing costs */

struct entry {
	struct entry *next;
	struct pk_rules_pos pos;
	uint64_t hash;
	size_t len_bytes;
	struct pk_rules_values values;
	char data[];
};

struct pk_rules_values_cache {
	struct entry *slots[SLOTS_CNT];
};

int pk_rules_values_cache_new(struct pk_rules_values_cache **ret_cache)
{
	struct pk_rules_values_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	*ret_cache = cache;
	return 0;
}

void pk_rules_values_cache_free(struct pk_rules_values_cache *cache)
{
	for (size_t i = 0; cache && i < SLOTS_CNT; i++) {
		struct entry *next;

		for (struct entry *entry = cache->slots[i]; entry; entry = next) {
			next = entry->next;
			free(entry);
		}
	}
	free(cache);
}

/* FNV-1a */
static uint64_t hash_of(struct pk_rules_pos pos, const char *data, size_t len)
{
	uint64_t hash = 14695981039346656037ull ^ pos.file_idx ^ (uint64_t)pos.offset_bytes << 32;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)data[i]) * 1099511628211ull;
	return hash;
}

const struct pk_rules_values *pk_rules_values_cache_get(struct pk_rules_values_cache *cache,
							struct pk_rules_pos pos, const char *data,
							size_t len)
{
	uint64_t hash;

	if (len < SHORTEST_BYTES)
		return NULL;
	hash = hash_of(pos, data, len);
	for (struct entry *entry = cache->slots[hash % SLOTS_CNT]; entry; entry = entry->next) {
		if (entry->hash == hash && entry->len_bytes == len &&
		    entry->pos.file_idx == pos.file_idx &&
		    entry->pos.offset_bytes == pos.offset_bytes && !memcmp(entry->data, data, len))
			return &entry->values;
	}
	return NULL;
}

/* Without memory the list is not shared, which is all. */
void pk_rules_values_cache_add(struct pk_rules_values_cache *cache, struct pk_rules_pos pos,
			       const char *data, size_t len, const struct pk_rules_values *values)
{
	struct entry *entry = len < SHORTEST_BYTES ? NULL : malloc(sizeof(*entry) + len);
	struct entry **slot;

	if (!entry)
		return;
	entry->pos = pos;
	entry->hash = hash_of(pos, data, len);
	entry->len_bytes = len;
	entry->values = *values;
	memcpy(entry->data, data, len);
	slot = &cache->slots[entry->hash % SLOTS_CNT];
	entry->next = *slot;
	*slot = entry;
}
