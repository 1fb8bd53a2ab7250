/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers. Literals of an exact index are numbered so that those which the same conditions name
 * stand together: a list is then few ranges. Prefixes and networks are numbered in the order of
 * their bytes: what begins with one stands right behind it.
 */
#include "plan/index.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

static int by_bytes(const struct pk_index_entry *x, const struct pk_index_entry *y)
{
	size_t len = x->len < y->len ? x->len : y->len;
	int order = len ? memcmp(x->data, y->data, len) : 0;

	if (order)
		return order;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return (x->bits > y->bits) - (x->bits < y->bits);
}

static int by_class(const void *a, const void *b)
{
	const struct pk_index_entry *x = *(struct pk_index_entry *const *)a;
	const struct pk_index_entry *y = *(struct pk_index_entry *const *)b;

	if (x->how != y->how)
		return x->how < y->how ? -1 : 1;
	if (x->text != y->text)
		return x->text < y->text ? -1 : 1;
	if (x->how == PK_INDEX_EXACT && x->signature != y->signature)
		return x->signature < y->signature ? -1 : 1;
	return by_bytes(x, y);
}

static bool same_bits(const char *a, const char *b, uint32_t bits)
{
	uint32_t bytes = bits / 8;

	if (bytes && memcmp(a, b, bytes) != 0)
		return false;
	return !(bits % 8) ||
	       !(((unsigned char)a[bytes] ^ (unsigned char)b[bytes]) >> (8 - bits % 8));
}

/* Whether what `inner` names begins with `outer`. */
static bool contains(const struct pk_index_entry *outer, const struct pk_index_entry *inner)
{
	if (outer->how != inner->how || outer->text != inner->text)
		return false;
	if (outer->how == PK_INDEX_NET)
		return outer->bits <= inner->bits &&
		       same_bits(outer->data, inner->data, outer->bits);
	return outer->len <= inner->len &&
	       (!outer->len || !memcmp(outer->data, inner->data, outer->len));
}

static void mark_used(struct pk_index *index)
{
	for (size_t i = 0; i < index->lit_cnt; i++) {
		struct pk_index_lit *lit = index->lits[i];

		if (!lit->kinds)
			continue;
		for (size_t e = 0; e < lit->entry_cnt; e++) {
			lit->entries[e]->used = true;
			lit->entries[e]->signature = pk_hash_mix(lit->entries[e]->signature, i);
			if (lit->lit.slot2 == PK_SLOT_ID)
				lit->entries[e]->ident = true;
		}
	}
}

/* Entries of one index and text, sorted. The way down the forest is kept on a stack, by `last`. */
static void number(struct pk_index_entry **all, size_t cnt, struct pk_index_entry **stack)
{
	size_t depth = 0;

	for (size_t i = 0; i < cnt; i++) {
		all[i]->cls = all[i]->last = (uint32_t)i + 1;
		if (all[i]->how == PK_INDEX_EXACT)
			continue;
		while (depth && !contains(stack[depth - 1], all[i]))
			depth--;
		for (size_t d = 0; d < depth; d++)
			stack[d]->last = all[i]->cls;
		stack[depth++] = all[i];
	}
}

static int number_all(struct pk_index *index)
{
	pk_cleanup(pk_free_p) struct pk_index_entry **all = calloc(index->entry_cnt + 1,
								   sizeof(struct pk_index_entry *));
	pk_cleanup(pk_free_p) struct pk_index_entry **stack =
		calloc(index->entry_cnt + 1, sizeof(struct pk_index_entry *));
	size_t cnt = 0;

	if (!all || !stack)
		return -ENOMEM;
	for (size_t i = 0; i < index->entry_cnt; i++) {
		if (index->entries[i]->used && index->entries[i]->how != PK_INDEX_PATTERN)
			all[cnt++] = index->entries[i];
	}
	qsort(all, cnt, sizeof(struct pk_index_entry *), by_class);
	for (size_t from = 0, to; from < cnt; from = to) {
		for (to = from;
		     to < cnt && all[to]->how == all[from]->how && all[to]->text == all[from]->text;
		     to++)
			;
		number(all + from, to - from, stack);
	}
	/* from now on in the order of their numbers */
	for (size_t i = 0, rest = cnt; i < index->entry_cnt; i++) {
		if (!index->entries[i]->used || index->entries[i]->how == PK_INDEX_PATTERN)
			all[rest++] = index->entries[i];
	}
	if (index->entry_cnt)
		memcpy(index->entries, all, index->entry_cnt * sizeof(struct pk_index_entry *));
	return 0;
}

static int by_lo(const void *a, const void *b)
{
	const struct pk_range *x = a;
	const struct pk_range *y = b;

	return (x->lo > y->lo) - (x->lo < y->lo);
}

static int set_ranges(struct pk_index *index, struct pk_index_lit *lit)
{
	struct pk_range *ranges = pk_arena_alloc(index->arena, lit->entry_cnt * sizeof(*ranges));
	size_t cnt = 0;

	if (!ranges)
		return -ENOMEM;
	for (size_t i = 0; i < lit->entry_cnt; i++)
		ranges[i] = (struct pk_range){ lit->entries[i]->cls, lit->entries[i]->last };
	qsort(ranges, lit->entry_cnt, sizeof(*ranges), by_lo);
	for (size_t i = 0; i < lit->entry_cnt; i++) {
		if (!cnt || ranges[i].lo > ranges[cnt - 1].hi + 1)
			ranges[cnt++] = ranges[i];
		else if (ranges[i].hi > ranges[cnt - 1].hi)
			ranges[cnt - 1].hi = ranges[i].hi;
	}
	lit->lit.ranges = ranges;
	lit->lit.range_cnt = cnt;
	return 0;
}

static void set_anc(struct pk_index_lit *lit, uint32_t *cnt)
{
	uint32_t word = *cnt / 64;
	uint32_t bit = *cnt % 64;

	if (word >= PK_WORDS_ANC) {
		lit->why = "there are more sets of ancestors' names than the kernel has bits for";
		return;
	}
	(*cnt)++;
	lit->lit.word = (uint16_t)(PK_WORD_ANC + word);
	lit->lit.bit = (uint16_t)bit;
	for (size_t i = 0; i < lit->entry_cnt; i++)
		lit->entries[i]->anc[word] |= 1ull << bit;
}

static int settle_lits(struct pk_index *index)
{
	uint32_t anc_cnt = 0;
	int err = 0;

	for (size_t i = 0; i < index->lit_cnt && !err; i++) {
		struct pk_index_lit *lit = index->lits[i];

		if (!lit->kinds)
			continue;
		if (lit->how == PK_INDEX_ANC)
			set_anc(lit, &anc_cnt);
		else if (lit->how == PK_INDEX_EXACT || lit->how == PK_INDEX_PREFIX ||
			 lit->how == PK_INDEX_NET)
			err = set_ranges(index, lit);
	}
	return err;
}

int pk_index_finish(struct pk_index *index, struct pk_plan *plan)
{
	int err;

	if (index->err)
		return index->err;
	mark_used(index);
	err = number_all(index);
	if (!err)
		err = settle_lits(index);
	if (!err)
		err = pk_index_number_containers(index, plan);
	if (!err)
		err = pk_index_build_dfas(index, plan);
	return err;
}

static void write_entry(struct pk_plan *plan, const struct pk_index_entry *entry, uint64_t kinds)
{
	struct pk_prefix_value value = { .cls = entry->cls, .kinds = kinds };

	if (entry->how == PK_INDEX_PREFIX) {
		plan->prefix[plan->prefix_cnt++] =
			(struct pk_plan_prefix){ entry->text, entry->data, entry->len, value };
	} else if (entry->how == PK_INDEX_NET) {
		struct pk_plan_net *net = &plan->nets[plan->net_cnt++];

		memcpy(net->net.addr, entry->data, sizeof(net->net.addr));
		net->net.bits = entry->bits;
		net->value = value;
	} else if (entry->how == PK_INDEX_EXACT) {
		struct pk_plan_exact *exact = &plan->exact[plan->exact_cnt++];

		*exact = (struct pk_plan_exact){ .text = entry->text,
						 .data = entry->data,
						 .len = entry->len,
						 .value = { .cls = entry->cls, .kinds = kinds } };
		memcpy(exact->value.anc, entry->anc, sizeof(entry->anc));
		if (entry->ident && entry->len && entry->data[0] == '/')
			plan->idents[plan->ident_cnt++] =
				(struct pk_plan_ident){ entry->data, entry->text, value };
	}
}

int pk_index_write(struct pk_index *index, struct pk_plan *plan)
{
	size_t cnt = index->entry_cnt;
	pk_cleanup(pk_free_p) const struct pk_index_entry **stack =
		calloc(cnt + 1, sizeof(struct pk_index_entry *));
	pk_cleanup(pk_free_p) uint64_t *kinds = calloc(cnt + 1, sizeof(*kinds));
	size_t depth = 0;

	plan->exact = pk_arena_alloc(index->arena, cnt * sizeof(*plan->exact));
	plan->prefix = pk_arena_alloc(index->arena, cnt * sizeof(*plan->prefix));
	plan->nets = pk_arena_alloc(index->arena, cnt * sizeof(*plan->nets));
	plan->idents = pk_arena_alloc(index->arena, cnt * sizeof(*plan->idents));
	if (!stack || !kinds || !plan->exact || !plan->prefix || !plan->nets || !plan->idents)
		return -ENOMEM;
	for (size_t i = 0; i < cnt && index->entries[i]->used; i++) {
		const struct pk_index_entry *entry = index->entries[i];

		if (entry->how == PK_INDEX_PATTERN)
			continue;
		while (depth && !contains(stack[depth - 1], entry))
			depth--;
		if (entry->how == PK_INDEX_EXACT)
			depth = 0;
		/* a longer prefix concerns whom the shorter ones concern */
		kinds[depth + 1] = kinds[depth] | entry->kinds;
		stack[depth++] = entry;
		write_entry(plan, entry, kinds[depth]);
	}
	return 0;
}
