/* SPDX-License-Identifier: Apache-2.0 */
#include "patterns.h"

#include <time.h>

#define SET_MAX (64 * PK_DFA_WORDS)

struct set {
	struct pk_pattern *patterns[SET_MAX + 1];
	size_t cnt;
	struct pk_dfa *dfa;
};

static void set_begin(struct set *set)
{
	set->cnt = 0;
	set->dfa = malloc(sizeof(*set->dfa));
	assert_non_null(set->dfa);
}

static void set_add(struct set *set, enum pk_pattern_kind kind, unsigned int flags,
		    const char *text)
{
	assert_true(set->cnt <= SET_MAX);
	set->patterns[set->cnt++] = make_pattern(kind, flags, text);
}

static int set_build(struct set *set)
{
	return pk_dfa_build((const struct pk_pattern *const *)set->patterns, set->cnt, set->dfa);
}

static void set_end(struct set *set)
{
	for (size_t i = 0; i < set->cnt; i++)
		pk_pattern_free(set->patterns[i]);
	free(set->dfa);
}

/* What the kernel's program relies on. */
static void check_dfa(const struct pk_dfa *dfa)
{
	assert_in_range(dfa->state_cnt, 2, PK_DFA_STATES);
	assert_in_range(dfa->class_cnt, 1, 256);
	assert_in_range(dfa->row_cnt, 1, PK_DFA_ROWS);
	assert_true(dfa->state_cnt * dfa->class_cnt <= PK_DFA_CELLS);
	assert_int_equal(dfa->hit[0], 0);
	assert_int_equal(dfa->final[0], 0);
	for (size_t i = 0; i < 256; i++)
		assert_true(dfa->class_of[i] < dfa->class_cnt);
	for (size_t i = 0; i < dfa->state_cnt * dfa->class_cnt; i++) {
		uint32_t target = dfa->next[i] & ~PK_DFA_HIT;

		assert_true(target < dfa->state_cnt && (i >= dfa->class_cnt || target == 0));
		assert_int_equal(!!(dfa->next[i] & PK_DFA_HIT), dfa->hit[target] != 0);
	}
	for (size_t i = 0; i < dfa->state_cnt; i++)
		assert_true(dfa->hit[i] < dfa->row_cnt && dfa->final[i] < dfa->row_cnt);
	for (size_t i = 0; i < PK_DFA_WORDS; i++)
		assert_true(dfa->rows[0][i] == 0);
	for (size_t row = 1; row < dfa->row_cnt; row++) {
		for (size_t i = dfa->word_cnt; i < PK_DFA_WORDS; i++)
			assert_true(dfa->rows[row][i] == 0);
	}
}

static void check_text(const struct set *set, const char *text, size_t len)
{
	uint64_t bits[PK_DFA_WORDS] = { 0 };

	pk_dfa_run(set->dfa, text, len, bits);
	for (size_t i = 0; i < set->cnt; i++) {
		bool expected = pk_pattern_match(set->patterns[i], text, len);

		if (((bits[i / 64] >> (i % 64)) & 1) != expected)
			fail_msg("pattern %zu on '%s': expected %d", i, text, expected);
	}
}

static void each_kind(void **state)
{
	struct set set;

	set_begin(&set);
	set_add(&set, PK_PATTERN_CONTAINS, 0, "pass");
	set_add(&set, PK_PATTERN_STARTS, 0, "/etc/");
	set_add(&set, PK_PATTERN_ENDS, 0, "wd");
	set_add(&set, PK_PATTERN_EQUAL, 0, "/etc/passwd");
	set_add(&set, PK_PATTERN_GLOB, 0, "/etc/*wd");
	set_add(&set, PK_PATTERN_REGEX, 0, "/[a-z]+/pass.*");
	set_add(&set, PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "a(s){2}w\\b|d$");
	set_add(&set, PK_PATTERN_CONTAINS, PK_PATTERN_ICASE, "PASS");
	set_add(&set, PK_PATTERN_CONTAINS, 0, "");
	set_add(&set, PK_PATTERN_EQUAL, 0, "");
	assert_int_equal(set_build(&set), 0);
	check_dfa(set.dfa);
	assert_int_equal(set.dfa->word_cnt, 1);
	check_text(&set, "/etc/passwd", 11);
	check_text(&set, "/etc/", 5);
	check_text(&set, "", 0);
	check_text(&set, "x", 1);
	check_text(&set, "/etc/PASSWD", 11);
	check_text(&set, "assw", 4);
	set_end(&set);
}

static void nothing(void **state)
{
	uint64_t bits[PK_DFA_WORDS] = { 0 };
	struct set set;

	set_begin(&set);
	assert_int_equal(set_build(&set), 0);
	assert_int_equal(set.dfa->word_cnt, 0);
	pk_dfa_run(set.dfa, "abc", 3, bits);
	assert_int_equal(bits[0], 0);
	set_end(&set);
}

static void most_patterns(void **state)
{
	struct set set;
	char text[16];

	set_begin(&set);
	for (unsigned int i = 0; i < SET_MAX; i++) {
		snprintf(text, sizeof(text), "p%03u", i);
		set_add(&set, i % 2 ? PK_PATTERN_CONTAINS : PK_PATTERN_ENDS, 0, text);
	}
	assert_int_equal(set_build(&set), 0);
	check_dfa(set.dfa);
	assert_int_equal(set.dfa->word_cnt, PK_DFA_WORDS);
	check_text(&set, "p255p001p127p254", 16);
	check_text(&set, "p254p", 5);
	set_add(&set, PK_PATTERN_CONTAINS, 0, "one past it");
	assert_int_equal(set_build(&set), -E2BIG);
	set_end(&set);
}

static void too_big(void **state)
{
	struct set set;
	char text[32];

	/* states */
	set_begin(&set);
	set_add(&set, PK_PATTERN_REGEX, 0, "[ab]*a[ab]{10}");
	assert_int_equal(set_build(&set), 0);
	check_dfa(set.dfa);
	set_end(&set);
	set_begin(&set);
	set_add(&set, PK_PATTERN_REGEX, 0, "[ab]*a[ab]{12}");
	assert_int_equal(set_build(&set), -E2BIG);
	set_end(&set);
	/* each word doubles what is to be remembered */
	set_begin(&set);
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "*<%d>*[%d]*", i, i);
		set_add(&set, PK_PATTERN_GLOB, 0, text);
	}
	assert_int_equal(set_build(&set), -E2BIG);
	set_end(&set);
	/* work */
	set_begin(&set);
	set_add(&set, PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "([^a]{1,1000}x){30}");
	assert_int_equal(set_build(&set), -E2BIG);
	set_end(&set);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* As many words as a large rule set looks for: no more states than bytes, and quick. */
static void many_words(void **state)
{
	struct set set;
	char text[32];
	uint64_t start_ns;

	set_begin(&set);
	for (int i = 0; i < 60; i++) {
		size_t len = 6 + pick(12);

		for (size_t at = 0; at < len; at++)
			text[at] = "abcdefghijklmnopqrstuvwxyz/-._ 0123456789"[pick(41)];
		text[len] = '\0';
		set_add(&set, PK_PATTERN_CONTAINS, 0, text);
	}
	set_add(&set, PK_PATTERN_GLOB, 0, "*.so.[0-9]");
	set_add(&set, PK_PATTERN_GLOB, 0, "/tmp/?x*");
	set_add(&set, PK_PATTERN_GLOB, PK_PATTERN_ICASE, "*/.ssh/*");
	start_ns = now_ns();
	assert_int_equal(set_build(&set), 0);
	print_message("%u states, %u classes, %u rows, %lu us\n", set.dfa->state_cnt,
		      set.dfa->class_cnt, set.dfa->row_cnt,
		      (unsigned long)((now_ns() - start_ns) / 1000));
	/* ten times what it takes, for sanitizers */
	assert_true(now_ns() - start_ns < 500000000u);
	check_dfa(set.dfa);
	check_text(&set, "/home/a/.ssh/bin/x.sh", 21);
	set_end(&set);
}

static void random_pattern(struct set *set)
{
	static const char *const regexes[] = {
		"a|b",      "(ab)*",     "a+b?",      ".*b",    "[^a]*",     "(a|bc)*c",
		"^ab",      "b$",        "\\ba",      "a\\b",   "\\Bb",      "(?m)^b",
		"(?m)a$",   "(?s).*a.*", "(?i)AB",    "a{2,3}", "(a*b*)*",   "(?m)b$\\n^a",
		"\\b\\b.*", "(|a)b",     "(?s)a.+",   "^",      "$",         "(?m)$",
		"a$|^b",    "\\B",       "(?m)^$",    "(a|^)b", "a(b|$)",    "[[:^alpha:]]+a",
		"(?s)b.",   "$^",        "(?m)$\\n^", "\\b\\b", "(a|b)*abb", "c(a?){3}a{3}",
	};
	enum pk_pattern_kind kind = pick(6);
	unsigned int flags = pick(4) ? 0 : PK_PATTERN_ICASE;
	char text[8];

	if (kind == PK_PATTERN_REGEX) {
		flags |= pick(2) ? 0 : PK_PATTERN_SEARCH;
		set_add(set, kind, flags, regexes[pick(PK_ARRAY_SIZE(regexes))]);
		return;
	}
	random_text(kind == PK_PATTERN_GLOB ? "ab*?c" : "abc\n", 5, text);
	set_add(set, kind, flags, text);
}

/* Sets of patterns: each bit is what the pattern alone says. */
static void as_patterns(void **state)
{
	size_t built_cnt = 0;
	char text[16];

	for (int i = 0; i < 4000; i++) {
		size_t cnt = 1 + pick(pick(8) ? 6 : 80);
		struct set set;
		int err;

		set_begin(&set);
		while (set.cnt < cnt)
			random_pattern(&set);
		err = set_build(&set);
		assert_true(err == 0 || err == -E2BIG);
		for (int texts = 0; !err && texts < 40; texts++) {
			random_text("abcAB\n d", sizeof(text) - 1, text);
			check_text(&set, text, strlen(text));
		}
		if (!err && i % 8 == 0)
			check_dfa(set.dfa);
		built_cnt += !err;
		set_end(&set);
	}
	print_message("%zu of 4000 sets built\n", built_cnt);
	assert_true(built_cnt > 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind),     cmocka_unit_test(nothing),
		cmocka_unit_test(most_patterns), cmocka_unit_test(too_big),
		cmocka_unit_test(many_words),    cmocka_unit_test(as_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
