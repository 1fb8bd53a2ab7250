/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairs of class and rule, sorted; a run of one class is its list of rules, and equal lists are
 * found by hash.
 */
#include "emit/groups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct pair {
	uint32_t cls;
	uint32_t item;
};

uint64_t pk_lit_class_cnt(const struct pk_lit *lit)
{
	uint64_t cnt = 0;

	for (size_t i = 0; i < lit->range_cnt; i++)
		cnt += lit->ranges[i].hi - lit->ranges[i].lo + 1;
	return cnt;
}

static int by_class(const void *a, const void *b)
{
	const struct pair *x = a;
	const struct pair *y = b;

	if (x->cls != y->cls)
		return x->cls < y->cls ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

static bool is_about(const struct pk_lit *key, uint16_t slot)
{
	return key->slot == slot || key->slot2 == slot;
}

static size_t list_pairs(const struct pk_circuit *circuit, const uint32_t *items, size_t cnt,
			 uint16_t slot, struct pair *pairs)
{
	size_t pair_cnt = 0;

	for (size_t i = 0; i < cnt; i++) {
		const struct pk_lit *key = circuit->judged[items[i]].key;

		if (!is_about(key, slot))
			continue;
		for (size_t r = 0; r < key->range_cnt; r++) {
			for (uint64_t c = key->ranges[r].lo; c <= key->ranges[r].hi; c++) {
				if (pairs)
					pairs[pair_cnt] = (struct pair){ (uint32_t)c, items[i] };
				pair_cnt++;
			}
		}
	}
	return pair_cnt;
}

static uint64_t hash_items(const uint32_t *items, size_t cnt)
{
	uint64_t hash = cnt;

	for (size_t i = 0; i < cnt; i++) {
		hash = (hash ^ items[i]) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
	}
	return hash;
}

/* The group with these items, a new one if there is none. `table`: 1 + group, size a power of
 * two. */
static uint32_t find_group(struct pk_groups *groups, uint32_t *table, size_t table_cnt,
			   const uint32_t *items, size_t cnt)
{
	size_t at = hash_items(items, cnt) & (table_cnt - 1);

	for (; table[at]; at = (at + 1) & (table_cnt - 1)) {
		const struct pk_group *group = &groups->groups[table[at] - 1];

		if (group->cnt == cnt && !memcmp(group->items, items, cnt * sizeof(*items)))
			return table[at] - 1;
	}
	groups->groups[groups->cnt] = (struct pk_group){ items, cnt };
	table[at] = (uint32_t)++groups->cnt;
	return table[at] - 1;
}

static void add_entry(struct pk_groups *groups, uint32_t cls, uint32_t group)
{
	struct pk_group_entry *next = &groups->entries[groups->entry_cnt];

	if (groups->entry_cnt && next[-1].group == group && next[-1].hi + 1 == cls) {
		next[-1].hi = cls;
		return;
	}
	*next = (struct pk_group_entry){ cls, cls, group };
	groups->entry_cnt++;
}

int pk_groups_make(const struct pk_circuit *circuit, const uint32_t *items, size_t cnt,
		   uint16_t slot, struct pk_groups *ret_groups)
{
	size_t pair_cnt = list_pairs(circuit, items, cnt, slot, NULL);
	struct pk_groups groups = { 0 };
	pk_cleanup(pk_free_p) struct pair *pairs = calloc(pair_cnt + 1, sizeof(*pairs));
	pk_cleanup(pk_free_p) uint32_t *table = NULL;
	size_t table_cnt = 16;

	while (table_cnt < pair_cnt * 2)
		table_cnt *= 2;
	table = calloc(table_cnt, sizeof(*table));
	groups.groups = calloc(pair_cnt + 1, sizeof(*groups.groups));
	groups.entries = calloc(pair_cnt + 1, sizeof(*groups.entries));
	groups.items = calloc(pair_cnt + 1, sizeof(*groups.items));
	if (!pairs || !table || !groups.groups || !groups.entries || !groups.items) {
		pk_groups_fini(&groups);
		return -ENOMEM;
	}
	list_pairs(circuit, items, cnt, slot, pairs);
	qsort(pairs, pair_cnt, sizeof(*pairs), by_class);
	for (size_t i = 0; i < pair_cnt; i++)
		groups.items[i] = pairs[i].item;
	for (size_t i = 0, end; i < pair_cnt; i = end) {
		for (end = i; end < pair_cnt && pairs[end].cls == pairs[i].cls; end++)
			;
		add_entry(&groups, pairs[i].cls,
			  find_group(&groups, table, table_cnt, groups.items + i, end - i));
	}
	*ret_groups = groups;
	return 0;
}

void pk_groups_fini(struct pk_groups *groups)
{
	free(groups->groups);
	free(groups->entries);
	free(groups->items);
	*groups = (struct pk_groups){ 0 };
}
