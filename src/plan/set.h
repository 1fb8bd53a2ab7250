/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of pointers, found by what they point to. The caller hashes and compares.
 */
#ifndef PK_PLAN_SET_H
#define PK_PLAN_SET_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct pk_set {
	void **items; /* open addressing */
	uint64_t *hashes;
	size_t place_cnt;
	size_t cnt;
};

typedef bool pk_set_same_fn(const void *item, const void *wanted);

static inline uint64_t pk_hash_mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	return hash ^ (hash >> 29);
}

static inline uint64_t pk_hash_bytes(uint64_t hash, const char *data, size_t len)
{
	hash = pk_hash_mix(hash, len);
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)data[i]) * 0x100000001b3ull;
	return pk_hash_mix(hash, 0);
}

static inline void pk_set_fini(struct pk_set *set)
{
	free(set->items);
	free(set->hashes);
	*set = (struct pk_set){ 0 };
}

static inline void pk_set_clear(struct pk_set *set)
{
	for (size_t i = 0; i < set->place_cnt; i++)
		set->items[i] = NULL;
	set->cnt = 0;
}

static inline size_t pk_set_place(const struct pk_set *set, uint64_t hash, const void *wanted,
				  pk_set_same_fn *same)
{
	size_t at = hash & (set->place_cnt - 1);

	while (set->items[at] &&
	       (set->hashes[at] != hash || !same || !same(set->items[at], wanted)))
		at = (at + 1) & (set->place_cnt - 1);
	return at;
}

/* Room for one more. -ENOMEM */
static inline int pk_set_reserve(struct pk_set *set)
{
	struct pk_set bigger = { .place_cnt = set->place_cnt ? set->place_cnt * 2 : 64,
				 .cnt = set->cnt };

	if (set->cnt * 2 < set->place_cnt)
		return 0;
	bigger.items = calloc(bigger.place_cnt, sizeof(*bigger.items));
	bigger.hashes = calloc(bigger.place_cnt, sizeof(*bigger.hashes));
	if (!bigger.items || !bigger.hashes) {
		pk_set_fini(&bigger);
		return -ENOMEM;
	}
	for (size_t i = 0; i < set->place_cnt; i++) {
		size_t at;

		if (!set->items[i])
			continue;
		at = pk_set_place(&bigger, set->hashes[i], NULL, NULL);
		bigger.items[at] = set->items[i];
		bigger.hashes[at] = set->hashes[i];
	}
	pk_set_fini(set);
	*set = bigger;
	return 0;
}

static inline void *pk_set_find(const struct pk_set *set, uint64_t hash, const void *wanted,
				pk_set_same_fn *same)
{
	return set->place_cnt ? set->items[pk_set_place(set, hash, wanted, same)] : NULL;
}

/* What is not in the set yet; after pk_set_reserve(). */
static inline void pk_set_add(struct pk_set *set, uint64_t hash, void *item)
{
	size_t at = pk_set_place(set, hash, NULL, NULL);

	set->items[at] = item;
	set->hashes[at] = hash;
	set->cnt++;
}

#endif
