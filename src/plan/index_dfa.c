/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns to automata. Each automaton that is run costs something for each byte of each text that is judged, so few are
 * wanted: all patterns of a text in one if it can be made. Else they go by what multiplies states when it stands together
 * (enum family), a family into one or, halved and halved again, into several; and then neighbours that fit into one after
 * all are put together. Each text has words of its own in its pool: they become unknown together.
 */
#include "plan/index.h"

#include <errno.h>

#include "base/cleanup.h"

#define PATTERNS_MAX (64u * PK_DFA_WORDS)

/* pk_pattern_floats(), pk_pattern_remembers() */
enum family {
	FAMILY_FLOATING = 0, /* one automaton as a rule: it ends with the text */
	FAMILY_ANCHORED,     /* ends where the text is no more like any of them */
	FAMILY_REMEMBERING,
	FAMILY_CNT,
};

/* Entries [from, from + cnt) and what was made of them. */
struct part {
	size_t from;
	size_t cnt;
	struct pk_dfa *dfa;
};

struct packer {
	struct pk_index *index;
	struct pk_plan *plan;
	struct pk_index_entry **entries; /* of one text */
	uint32_t text;
	uint32_t bit; /* the next one of its pool; automata of one text share words */
	size_t room;  /* for so many more patterns */
	struct part parts[PK_MAX_DFAS];
	size_t part_cnt;
};

static uint32_t *pool_of(struct packer *packer, uint32_t *ret_max)
{
	*ret_max = packer->text < PK_TEXT_PROC_CNT ? PK_WORDS_PROC : PK_WORDS_EVENT;
	return packer->text < PK_TEXT_PROC_CNT ? &packer->index->own_words :
						 &packer->index->event_words;
}

/* Moves the bits of all rows up: those below are another automaton's. */
static void shift_rows(struct pk_dfa *dfa, uint32_t by)
{
	for (uint32_t row = 1; row < dfa->row_cnt && by; row++) {
		for (size_t word = PK_DFA_WORDS; word-- > 0;) {
			uint64_t below = word ? dfa->rows[row][word - 1] >> (64 - by) : 0;

			dfa->rows[row][word] = dfa->rows[row][word] << by | below;
		}
	}
}

static void place(struct packer *packer, struct part *part)
{
	struct pk_plan *plan = packer->plan;
	struct pk_dfa *dfa = pk_take_ptr(part->dfa);
	uint32_t max;
	uint32_t *words = pool_of(packer, &max);
	uint32_t first = packer->bit / 64;
	uint32_t behind = packer->bit + (uint32_t)part->cnt;

	dfa->text = (uint16_t)packer->text;
	dfa->word = (uint16_t)first;
	dfa->word_cnt = (uint16_t)((behind + 63) / 64 - first);
	shift_rows(dfa, packer->bit % 64);
	for (size_t i = 0; i < part->cnt; i++) {
		packer->entries[part->from + i]->cls = packer->bit + (uint32_t)i;
		packer->entries[part->from + i]->dfa = (uint32_t)plan->dfa_cnt + 1;
	}
	/* arguments with NULs between are a text with blanks there */
	if (packer->text == PK_TEXT_EXELINE)
		dfa->class_of[0] = dfa->class_of[' '];
	packer->bit = behind;
	*words = (behind + 63) / 64;
	plan->dfas[plan->dfa_cnt++] = dfa;
}

/* -E2BIG: it does not fit into one; -ENOMEM. */
static int make(const struct packer *packer, struct part *part)
{
	const struct pk_pattern *patterns[PATTERNS_MAX];
	pk_cleanup(pk_free_p) struct pk_dfa *dfa = NULL;
	int err;

	part->dfa = NULL;
	/* its first bit may be any of a word */
	if (part->cnt + 63 > PATTERNS_MAX)
		return -E2BIG;
	dfa = calloc(1, sizeof(*dfa));
	if (!dfa)
		return -ENOMEM;
	for (size_t i = 0; i < part->cnt; i++)
		patterns[i] = packer->entries[part->from + i]->pattern;
	err = pk_dfa_build(patterns, part->cnt, dfa);
	if (!err)
		part->dfa = pk_take_ptr(dfa);
	return err;
}

static int halve(struct packer *packer, size_t from, size_t cnt)
{
	struct part part = { .from = from, .cnt = cnt };
	int err;

	if (packer->plan->dfa_cnt + packer->part_cnt >= PK_MAX_DFAS)
		return 0; /* given up: dfa stays 0 */
	err = make(packer, &part);
	if (!err)
		packer->parts[packer->part_cnt++] = part;
	if (err != -E2BIG || cnt == 1)
		return err == -E2BIG ? 0 : err;
	err = halve(packer, from, cnt / 2);
	return err ? err : halve(packer, from + cnt / 2, cnt - cnt / 2);
}

/* Puts together what stands side by side, as far as it fits. */
static int join(struct packer *packer)
{
	size_t last = 0;

	for (size_t i = 1; i < packer->part_cnt; i++) {
		struct part *left = &packer->parts[last];
		struct part *right = &packer->parts[i];
		struct part both = { .from = left->from, .cnt = left->cnt + right->cnt };
		/* what was given up stands between */
		int err = left->from + left->cnt == right->from ? make(packer, &both) : -E2BIG;

		if (err && err != -E2BIG)
			return err;
		if (err) {
			packer->parts[++last] = *right;
			if (last != i)
				right->dfa = NULL;
			continue;
		}
		free(left->dfa);
		free(right->dfa);
		right->dfa = NULL;
		*left = both;
	}
	packer->part_cnt = packer->part_cnt ? last + 1 : 0;
	return 0;
}

static void settle(struct pk_index *index)
{
	for (size_t i = 0; i < index->lit_cnt; i++) {
		struct pk_index_lit *lit = index->lits[i];

		if (!lit->kinds || lit->how != PK_INDEX_PATTERN)
			continue;
		if (!lit->entries[0]->dfa) {
			lit->why = "its pattern does not fit into the kernel's automata";
			continue;
		}
		/* word was the pool's first */
		lit->lit.word = (uint16_t)(lit->lit.word + lit->entries[0]->cls / 64);
		lit->lit.bit = (uint16_t)(lit->entries[0]->cls % 64);
	}
}

static enum family family_of(const struct pk_pattern *pattern)
{
	if (!pk_pattern_floats(pattern))
		return FAMILY_ANCHORED;
	return pk_pattern_remembers(pattern) ? FAMILY_REMEMBERING : FAMILY_FLOATING;
}

/* The text's patterns to packer->entries, families one after the other: where each begins, and the last ends. */
static void collect(struct packer *packer, size_t ret_begins[FAMILY_CNT + 1])
{
	const struct pk_index *index = packer->index;
	size_t cnt = 0;

	for (int family = 0; family < FAMILY_CNT; family++) {
		ret_begins[family] = cnt;
		for (size_t i = 0; i < index->entry_cnt && cnt < packer->room; i++) {
			struct pk_index_entry *entry = index->entries[i];

			if (entry->used && entry->how == PK_INDEX_PATTERN &&
			    entry->text == packer->text &&
			    family_of(entry->pattern) == (enum family)family)
				packer->entries[cnt++] = entry;
		}
	}
	ret_begins[FAMILY_CNT] = cnt;
}

/* The patterns of one text. */
static int pack(struct packer *packer)
{
	size_t begins[FAMILY_CNT + 1];
	struct part all = { 0 };
	uint32_t max;
	int err;

	packer->bit = *pool_of(packer, &max) * 64;
	packer->room = max * 64 - packer->bit;
	packer->part_cnt = 0;
	collect(packer, begins);
	all.cnt = begins[FAMILY_CNT];
	if (!all.cnt || packer->plan->dfa_cnt >= PK_MAX_DFAS)
		return 0;
	err = make(packer, &all);
	if (!err)
		packer->parts[packer->part_cnt++] = all;
	if (err != -E2BIG)
		return err;
	err = 0;
	for (int family = 0; family < FAMILY_CNT && !err; family++) {
		if (begins[family] < begins[family + 1])
			err = halve(packer, begins[family], begins[family + 1] - begins[family]);
	}
	return err ? err : join(packer);
}

int pk_index_build_dfas(struct pk_index *index, struct pk_plan *plan)
{
	pk_cleanup(pk_free_p) struct pk_index_entry **entries =
		calloc(index->entry_cnt + 1, sizeof(struct pk_index_entry *));
	struct packer packer = { .index = index, .plan = plan, .entries = entries };
	int err = 0;

	plan->dfas = calloc(PK_MAX_DFAS, sizeof(struct pk_dfa *));
	if (!entries || !plan->dfas)
		return -ENOMEM;
	for (packer.text = 0; packer.text < PK_TEXT_CNT && !err; packer.text++) {
		plan->table.dfa_first[packer.text] = (__u8)plan->dfa_cnt;
		err = pack(&packer);
		for (size_t i = 0; i < packer.part_cnt; i++) {
			if (!err)
				place(&packer, &packer.parts[i]);
			free(packer.parts[i].dfa);
		}
		plan->table.dfa_cnt[packer.text] =
			(__u8)(plan->dfa_cnt - plan->table.dfa_first[packer.text]);
	}
	settle(index);
	plan->table.proc_words = index->own_words;
	plan->table.event_words = index->event_words;
	return err;
}
