// SPDX-License-Identifier: Apache-2.0
/*
 * Each comparison of facts of containers has a bit of its own: user space makes it, with the reference
 * evaluator, once a container and not once an event.
 */
#include <errno.h>

#include "plan/index.h"

static bool is_used(const struct pk_index_lit *lit)
{
	return lit->how == PK_INDEX_CONTAINER && lit->kinds;
}

int pk_index_number_containers(struct pk_index *index, struct pk_plan *plan)
{
	uint32_t cnt = 0;

	for (size_t i = 0; i < index->lit_cnt; i++)
		cnt += is_used(index->lits[i]);
	if (cnt > PK_MAX_CONTAINER_BITS)
		cnt = PK_MAX_CONTAINER_BITS;
	plan->containers = pk_arena_alloc(index->arena, cnt * sizeof(*plan->containers));
	if (!plan->containers)
		return -ENOMEM;
	for (size_t i = 0; i < index->lit_cnt; i++) {
		struct pk_index_lit *lit = index->lits[i];
		uint32_t bit = (uint32_t)plan->container_cnt;

		if (!is_used(lit))
			continue;
		if (bit == cnt) {
			lit->why =
				"there are more comparisons of containers' facts than the kernel "
				"has bits for";
			continue;
		}
		lit->lit.word = (uint16_t)(PK_WORD_CONTAINER + bit / 64);
		lit->lit.bit = (uint16_t)(bit % 64);
		plan->containers[plan->container_cnt++] = (struct pk_plan_container){ lit->atom,
										      bit };
	}
	plan->table.container_words = (cnt + 63) / 64;
	return 0;
}
