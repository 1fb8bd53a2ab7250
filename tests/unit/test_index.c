/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/index.h"
#include "test.h"

#include <stdio.h>

struct fixture {
	struct pk_plan plan;
	struct pk_index index;
};

static void start(struct fixture *f)
{
	*f = (struct fixture){ 0 };
	f->plan.arena = PK_ARENA_INIT(64u << 20);
	pk_index_init(&f->index, &f->plan.arena);
}

static void end(struct fixture *f)
{
	for (size_t i = 0; i < f->plan.dfa_cnt; i++)
		free(f->plan.dfas[i]);
	free(f->plan.dfas);
	pk_index_fini(&f->index);
	pk_arena_fini(&f->plan.arena);
}

static struct pk_index_entry *entry(struct fixture *f, enum pk_index_how how, const char *text)
{
	return pk_index_entry(&f->index, &(struct pk_index_entry){ .how = how,
								   .text = PK_TEXT_FD_NAME,
								   .data = text,
								   .len = strlen(text) });
}

static struct pk_index_lit *lit(struct fixture *f, enum pk_index_how how, const char *const *texts,
				size_t cnt)
{
	struct pk_index_entry *entries[64];
	struct pk_index_lit *result;

	for (size_t i = 0; i < cnt; i++)
		entries[i] = entry(f, how, texts[i]);
	result = pk_index_lit(&f->index, &(struct pk_index_lit){ .how = how,
								 .text = PK_TEXT_FD_NAME,
								 .entries = entries,
								 .entry_cnt = cnt });
	assert_non_null(result);
	result->kinds = 1u << PK_EVENT_OPEN;
	return result;
}

static void test_equal_ones_are_one(void **state)
{
	static const char *const ab[] = { "a", "b" };
	static const char *const bab[] = { "b", "a", "b" };
	struct fixture f;

	start(&f);
	assert_ptr_equal(entry(&f, PK_INDEX_EXACT, "a"), entry(&f, PK_INDEX_EXACT, "a"));
	assert_ptr_not_equal(entry(&f, PK_INDEX_EXACT, "a"), entry(&f, PK_INDEX_PREFIX, "a"));
	assert_ptr_equal(lit(&f, PK_INDEX_EXACT, ab, 2), lit(&f, PK_INDEX_EXACT, bab, 3));
	assert_ptr_not_equal(lit(&f, PK_INDEX_EXACT, ab, 2), lit(&f, PK_INDEX_EXACT, ab, 1));
	end(&f);
}

/* Lists that overlap: each is few ranges, whatever the order of the texts. */
static void test_lists_are_few_ranges(void **state)
{
	static const char *const all[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	static const char *const odd[] = { "a", "c", "e", "g" };
	struct pk_index_lit *every;
	struct pk_index_lit *some;
	struct fixture f;

	start(&f);
	every = lit(&f, PK_INDEX_EXACT, all, 8);
	some = lit(&f, PK_INDEX_EXACT, odd, 4);
	assert_int_equal(pk_index_finish(&f.index, &f.plan), 0);
	assert_int_equal(every->lit.range_cnt, 1);
	assert_int_equal(every->lit.ranges[0].lo, 1);
	assert_int_equal(every->lit.ranges[0].hi, 8);
	assert_int_equal(some->lit.range_cnt, 1);
	assert_int_equal(some->lit.ranges[0].hi - some->lit.ranges[0].lo, 3);
	end(&f);
}

static void test_what_is_not_used_gets_no_number(void **state)
{
	static const char *const a[] = { "a" };
	static const char *const b[] = { "b" };
	struct fixture f;

	start(&f);
	lit(&f, PK_INDEX_EXACT, a, 1)->kinds = 0;
	lit(&f, PK_INDEX_EXACT, b, 1);
	assert_int_equal(pk_index_finish(&f.index, &f.plan), 0);
	assert_int_equal(pk_index_write(&f.index, &f.plan), 0);
	assert_int_equal(f.plan.exact_cnt, 1);
	assert_string_equal(f.plan.exact[0].data, "b");
	assert_int_equal(f.plan.exact[0].value.cls, 1);
	end(&f);
}

static void test_prefixes_are_a_forest(void **state)
{
	static const char *const texts[] = { "/a", "/a/b", "/a/bc", "/a/b/c", "/b", "" };
	struct pk_index_lit *lits[6];
	/* in the order of bytes: "", /a, /a/b, /a/b/c, /a/bc, /b */
	static const uint64_t lo[] = { 2, 3, 5, 4, 6, 1 };
	static const uint64_t hi[] = { 5, 5, 5, 4, 6, 6 };
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < 6; i++)
		lits[i] = lit(&f, PK_INDEX_PREFIX, &texts[i], 1);
	assert_int_equal(pk_index_finish(&f.index, &f.plan), 0);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(lits[i]->lit.range_cnt, 1);
		assert_int_equal(lits[i]->lit.ranges[0].lo, lo[i]);
		assert_int_equal(lits[i]->lit.ranges[0].hi, hi[i]);
	}
	end(&f);
}

static void test_networks_are_a_forest(void **state)
{
	static const char ten[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff', 10 };
	static const char ten_one[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff', 10, 1 };
	const struct pk_index_entry wanted[] = {
		{ .how = PK_INDEX_NET, .data = ten_one, .len = 16, .bits = 96 + 15 },
		{ .how = PK_INDEX_NET, .data = ten, .len = 16, .bits = 96 + 8 },
		{ .how = PK_INDEX_NET, .data = ten, .len = 16, .bits = 96 + 16 },
	};
	struct pk_index_lit *lits[3];
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < 3; i++) {
		struct pk_index_entry *e = pk_index_entry(&f.index, &wanted[i]);

		lits[i] = pk_index_lit(&f.index, &(struct pk_index_lit){ .how = PK_INDEX_NET,
									 .entries = &e,
									 .entry_cnt = 1 });
		lits[i]->kinds = 1;
	}
	assert_int_equal(pk_index_finish(&f.index, &f.plan), 0);
	assert_int_equal(lits[1]->lit.ranges[0].lo, 1);
	assert_int_equal(lits[1]->lit.ranges[0].hi, 3);
	assert_int_equal(lits[2]->lit.ranges[0].hi, lits[2]->lit.ranges[0].lo);
	end(&f);
}

static void test_ancestors_bits(void **state)
{
	char names[PK_WORDS_ANC * 64 + 1][8];
	struct pk_index_lit *lits[PK_WORDS_ANC * 64 + 1];
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < PK_WORDS_ANC * 64 + 1; i++) {
		struct pk_index_entry *e;

		snprintf(names[i], sizeof(names[i]), "n%zu", i);
		e = entry(&f, PK_INDEX_EXACT, names[i]);
		lits[i] = pk_index_lit(&f.index,
				       &(struct pk_index_lit){ .how = PK_INDEX_ANC,
							       .lit = { .kind = PK_LIT_BIT },
							       .entries = &e,
							       .entry_cnt = 1 });
		lits[i]->kinds = 1;
	}
	assert_int_equal(pk_index_finish(&f.index, &f.plan), 0);
	for (size_t i = 0; i < PK_WORDS_ANC * 64; i++) {
		assert_null(lits[i]->why);
		assert_int_equal(lits[i]->lit.word, PK_WORD_ANC + i / 64);
		assert_true(lits[i]->entries[0]->anc[i / 64] >> (i % 64) & 1);
	}
	assert_non_null(lits[PK_WORDS_ANC * 64]->why);
	end(&f);
}

/* ---- automata ---- */

#define PATTERNS (64 * PK_WORDS_EVENT + 1)

static void test_patterns_fill_the_words(void **state)
{
	static struct pk_pattern *patterns[PATTERNS];
	static struct pk_index_lit *lits[PATTERNS];
	static char texts[PATTERNS][8];
	char why[PK_PATTERN_ERROR_MAX];
	size_t placed = 0;
	size_t at;
	struct fixture f;

	start(&f);
	for (size_t i = 0; i < PATTERNS; i++) {
		struct pk_index_entry *e;

		snprintf(texts[i], sizeof(texts[i]), "x%zu", i);
		assert_int_equal(pk_pattern_new(PK_PATTERN_ENDS, 0, texts[i], strlen(texts[i]),
						&patterns[i], why, &at),
				 0);
		e = pk_index_entry(&f.index, &(struct pk_index_entry){ .how = PK_INDEX_PATTERN,
								       .text = PK_TEXT_FD_NAME,
								       .data = texts[i],
								       .len = strlen(texts[i]),
								       .pattern = patterns[i] });
		lits[i] = pk_index_lit(&f.index,
				       &(struct pk_index_lit){
					       .how = PK_INDEX_PATTERN,
					       .text = PK_TEXT_FD_NAME,
					       .lit = { .kind = PK_LIT_BIT, .word = PK_WORD_EVENT },
					       .entries = &e,
					       .entry_cnt = 1 });
		lits[i]->kinds = 1;
	}
	assert_int_equal(pk_index_finish(&f.index, &f.plan), 0);
	for (size_t i = 0; i < PATTERNS; i++) {
		const struct pk_index_lit *l = lits[i];
		uint64_t bits[PK_DFA_WORDS] = { 0 };
		const struct pk_dfa *dfa;

		if (l->why)
			continue;
		placed++;
		dfa = f.plan.dfas[l->entries[0]->dfa - 1];
		assert_in_range(l->lit.word, PK_WORD_EVENT, PK_WORD_CNT - 1);
		pk_dfa_run(dfa, texts[i], strlen(texts[i]), bits);
		assert_true(bits[l->lit.word - PK_WORD_EVENT - dfa->word] >> l->lit.bit & 1);
	}
	assert_in_range(placed, PATTERNS / 2, PATTERNS - 1);
	assert_in_range(f.plan.table.event_words, PK_WORDS_EVENT / 2, PK_WORDS_EVENT);
	assert_int_equal(f.plan.table.dfa_cnt[PK_TEXT_FD_NAME], f.plan.dfa_cnt);
	for (size_t i = 0; i < PATTERNS; i++)
		pk_pattern_free(patterns[i]);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal_ones_are_one),
		cmocka_unit_test(test_lists_are_few_ranges),
		cmocka_unit_test(test_what_is_not_used_gets_no_number),
		cmocka_unit_test(test_prefixes_are_a_forest),
		cmocka_unit_test(test_networks_are_a_forest),
		cmocka_unit_test(test_ancestors_bits),
		cmocka_unit_test(test_patterns_fill_the_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
