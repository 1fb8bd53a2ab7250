/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules by the class that their key asks for. In: rules with keys. Out: for each class of a slot
 * the group of rules to look at; classes with the same rules have the same group.
 */
#ifndef PK_EMIT_GROUPS_H
#define PK_EMIT_GROUPS_H

#include "plan/plan.h"

#define PK_MAX_KEY_CLASSES 16u

struct pk_group {
	const uint32_t *items; /* indexes of circuit->judged, ascending */
	size_t cnt;
};

/* Classes lo to hi: look at that group. */
struct pk_group_entry {
	uint32_t lo, hi;
	uint32_t group;
};

struct pk_groups {
	struct pk_group *groups;
	size_t cnt;
	struct pk_group_entry *entries; /* sorted, disjoint */
	size_t entry_cnt;
	uint32_t *items;
};

/* How many classes a literal names. */
uint64_t pk_lit_class_cnt(const struct pk_lit *lit);

/* Groups of the rules at `items` whose key is about `slot`. -ENOMEM */
int pk_groups_make(const struct pk_circuit *circuit, const uint32_t *items, size_t cnt,
		   uint16_t slot, struct pk_groups *ret_groups);
void pk_groups_fini(struct pk_groups *groups);

#endif
