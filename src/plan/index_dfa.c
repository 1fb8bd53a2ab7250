/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns to automata: all of one text into one if it can be made, else into parts, and so on.
 * Each text has words of its own in its pool: they become unknown together.
 */
#include "plan/index.h"

#include <errno.h>

#include "base/cleanup.h"

#define PATTERNS_MAX (64u * PK_DFA_WORDS)

struct packer {
	struct pk_index *index;
	struct pk_plan *plan;
	struct pk_index_entry **entries; /* of one text */
	uint32_t text;
	uint32_t bit; /* the next one of its pool; automata of one text share words */
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

static void place(struct packer *packer, struct pk_dfa *dfa, size_t from, size_t cnt)
{
	struct pk_plan *plan = packer->plan;
	uint32_t max;
	uint32_t *words = pool_of(packer, &max);
	uint32_t first = packer->bit / 64;
	uint32_t behind = packer->bit + (uint32_t)cnt;

	dfa->text = (uint16_t)packer->text;
	dfa->word = (uint16_t)first;
	dfa->word_cnt = (uint16_t)((behind + 63) / 64 - first);
	shift_rows(dfa, packer->bit % 64);
	for (size_t i = 0; i < cnt; i++) {
		packer->entries[from + i]->cls = packer->bit + (uint32_t)i;
		packer->entries[from + i]->dfa = (uint32_t)plan->dfa_cnt + 1;
	}
	/* arguments with NULs between are a text with blanks there */
	if (packer->text == PK_TEXT_EXELINE)
		dfa->class_of[0] = dfa->class_of[' '];
	packer->bit = behind;
	*words = (behind + 63) / 64;
	plan->dfas[plan->dfa_cnt++] = dfa;
}

/* Of what does not go into one automaton. */
static size_t first_part(const struct packer *packer, size_t cnt)
{
	size_t room = PATTERNS_MAX - packer->bit % 64;

	return cnt > room ? room : cnt / 2;
}

static int pack(struct packer *packer, size_t from, size_t cnt)
{
	const struct pk_pattern *patterns[PATTERNS_MAX];
	pk_cleanup(pk_free_p) struct pk_dfa *dfa = NULL;
	uint32_t max;
	size_t half;
	int err = -E2BIG;

	pool_of(packer, &max);
	if (packer->plan->dfa_cnt >= PK_MAX_DFAS || packer->bit >= max * 64)
		return 0; /* given up: dfa stays 0 */
	if (cnt > max * 64 - packer->bit)
		cnt = max * 64 - packer->bit;
	if (cnt + packer->bit % 64 <= PATTERNS_MAX) {
		dfa = calloc(1, sizeof(*dfa));
		if (!dfa)
			return -ENOMEM;
		for (size_t i = 0; i < cnt; i++)
			patterns[i] = packer->entries[from + i]->pattern;
		err = pk_dfa_build(patterns, cnt, dfa);
	}
	if (!err) {
		place(packer, pk_take_ptr(dfa), from, cnt);
		return 0;
	}
	if (err != -E2BIG || cnt == 1)
		return err == -E2BIG ? 0 : err;
	half = first_part(packer, cnt);
	err = pack(packer, from, half);
	return err ? err : pack(packer, from + half, cnt - half);
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

int pk_index_build_dfas(struct pk_index *index, struct pk_plan *plan)
{
	pk_cleanup(pk_free_p) struct pk_index_entry **entries =
		calloc(index->entry_cnt + 1, sizeof(struct pk_index_entry *));
	struct packer packer = { .index = index, .plan = plan, .entries = entries };
	uint32_t max;
	int err = 0;

	plan->dfas = calloc(PK_MAX_DFAS, sizeof(struct pk_dfa *));
	if (!entries || !plan->dfas)
		return -ENOMEM;
	for (packer.text = 0; packer.text < PK_TEXT_CNT && !err; packer.text++) {
		size_t cnt = 0;

		for (size_t i = 0; i < index->entry_cnt; i++) {
			if (index->entries[i]->used && index->entries[i]->how == PK_INDEX_PATTERN &&
			    index->entries[i]->text == packer.text)
				entries[cnt++] = index->entries[i];
		}
		plan->table.dfa_first[packer.text] = (__u8)plan->dfa_cnt;
		packer.bit = *pool_of(&packer, &max) * 64;
		if (cnt)
			err = pack(&packer, 0, cnt);
		plan->table.dfa_cnt[packer.text] =
			(__u8)(plan->dfa_cnt - plan->table.dfa_first[packer.text]);
	}
	settle(index);
	plan->table.proc_words = index->own_words;
	plan->table.event_words = index->event_words;
	return err;
}
