/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries and literals are kept in the order they came, and found by hash.
 */
#include "plan/index.h"

#include <errno.h>
#include <string.h>

void pk_index_init(struct pk_index *index, struct pk_arena *arena)
{
	*index = (struct pk_index){ .arena = arena };
}

void pk_index_fini(struct pk_index *index)
{
	pk_set_fini(&index->entry_set);
	pk_set_fini(&index->lit_set);
	for (size_t i = 0; i < index->made_cnt; i++)
		pk_pattern_free(index->made[i]);
	free(index->made);
	free(index->entries);
	free(index->lits);
	*index = (struct pk_index){ 0 };
}

static void *fail(struct pk_index *index)
{
	if (!index->err)
		index->err = -ENOMEM;
	return NULL;
}

/* Room for one more pointer. */
static bool room(void *items_p, size_t cnt, size_t *cap)
{
	void ***items = items_p;
	size_t bigger_cap = *cap ? *cap * 2 : 64;
	void **bigger;

	if (cnt < *cap)
		return true;
	bigger = reallocarray(*items, bigger_cap, sizeof(*bigger));
	if (!bigger)
		return false;
	*items = bigger;
	*cap = bigger_cap;
	return true;
}

const struct pk_pattern *pk_index_keep_pattern(struct pk_index *index, struct pk_pattern *pattern)
{
	if (!room(&index->made, index->made_cnt, &index->made_cap)) {
		pk_pattern_free(pattern);
		return fail(index);
	}
	return index->made[index->made_cnt++] = pattern;
}

static bool same_entry(const void *item, const void *wanted)
{
	const struct pk_index_entry *a = item;
	const struct pk_index_entry *b = wanted;

	return a->how == b->how && a->text == b->text && a->op == b->op && a->bits == b->bits &&
	       a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len));
}

struct pk_index_entry *pk_index_entry(struct pk_index *index, const struct pk_index_entry *wanted)
{
	uint64_t hash = pk_hash_mix(wanted->how, wanted->text | (uint64_t)wanted->op << 32);
	struct pk_index_entry *entry;

	hash = pk_hash_bytes(hash ^ wanted->bits, wanted->data, wanted->len);
	entry = pk_set_find(&index->entry_set, hash, wanted, same_entry);
	if (entry)
		return entry;
	entry = pk_arena_alloc(index->arena, sizeof(*entry));
	if (!entry || pk_set_reserve(&index->entry_set) ||
	    !room(&index->entries, index->entry_cnt, &index->entry_cap))
		return fail(index);
	*entry = *wanted;
	index->entries[index->entry_cnt++] = entry;
	pk_set_add(&index->entry_set, hash, entry);
	return entry;
}

static bool same_lit(const void *item, const void *wanted)
{
	const struct pk_index_lit *a = item;
	const struct pk_index_lit *b = wanted;

	if (a->how != b->how || a->text != b->text || a->atom != b->atom ||
	    a->lit.kind != b->lit.kind || a->lit.ne != b->lit.ne || a->lit.slot != b->lit.slot ||
	    a->lit.slot2 != b->lit.slot2 || a->lit.word != b->lit.word ||
	    a->lit.num != b->lit.num || a->lit.mask != b->lit.mask ||
	    a->entry_cnt != b->entry_cnt || a->lit.range_cnt != b->lit.range_cnt)
		return false;
	if (a->entry_cnt && memcmp(a->entries, b->entries, a->entry_cnt * sizeof(*a->entries)))
		return false;
	return !a->lit.range_cnt ||
	       !memcmp(a->lit.ranges, b->lit.ranges, a->lit.range_cnt * sizeof(*a->lit.ranges));
}

static uint64_t hash_lit(const struct pk_index_lit *lit)
{
	uint64_t hash = pk_hash_mix(lit->how | (uint64_t)lit->text << 8,
				    lit->lit.kind | (uint64_t)lit->lit.ne << 8 |
					    (uint64_t)lit->lit.slot << 16 |
					    (uint64_t)lit->lit.slot2 << 32 |
					    (uint64_t)lit->lit.num << 48);

	hash = pk_hash_mix(hash, lit->lit.mask ^ ((uint64_t)lit->lit.word << 56));
	hash = pk_hash_mix(hash, (uintptr_t)lit->atom);
	for (size_t i = 0; i < lit->entry_cnt; i++)
		hash = pk_hash_mix(hash, (uintptr_t)lit->entries[i]);
	for (size_t i = 0; i < lit->lit.range_cnt; i++)
		hash = pk_hash_mix(pk_hash_mix(hash, lit->lit.ranges[i].lo), lit->lit.ranges[i].hi);
	return hash;
}

static int by_address(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a;
	uintptr_t y = *(const uintptr_t *)b;

	return (x > y) - (x < y);
}

struct pk_index_lit *pk_index_lit(struct pk_index *index, const struct pk_index_lit *wanted)
{
	struct pk_index_lit *lit = pk_arena_alloc(index->arena, sizeof(*lit));
	struct pk_range *ranges;
	struct pk_index_lit *old;
	uint64_t hash;

	if (!lit || index->err)
		return fail(index);
	*lit = *wanted;
	lit->entries = pk_arena_alloc(index->arena, lit->entry_cnt * sizeof(*lit->entries));
	ranges = pk_arena_alloc(index->arena, lit->lit.range_cnt * sizeof(*ranges));
	if (!lit->entries || !ranges)
		return fail(index);
	lit->entry_cnt = 0;
	if (wanted->entry_cnt) {
		memcpy(lit->entries, wanted->entries, wanted->entry_cnt * sizeof(*lit->entries));
		qsort(lit->entries, wanted->entry_cnt, sizeof(*lit->entries), by_address);
		for (size_t i = 0; i < wanted->entry_cnt; i++) {
			if (!i || lit->entries[i] != lit->entries[lit->entry_cnt - 1])
				lit->entries[lit->entry_cnt++] = lit->entries[i];
		}
	}
	if (wanted->lit.range_cnt)
		memcpy(ranges, wanted->lit.ranges, wanted->lit.range_cnt * sizeof(*ranges));
	lit->lit.ranges = ranges;
	hash = hash_lit(lit);
	old = pk_set_find(&index->lit_set, hash, lit, same_lit);
	if (old)
		return old;
	if (pk_set_reserve(&index->lit_set) || !room(&index->lits, index->lit_cnt, &index->lit_cap))
		return fail(index);
	pk_set_add(&index->lit_set, hash, lit);
	index->lits[index->lit_cnt++] = lit;
	return lit;
}
