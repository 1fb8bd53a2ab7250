/* SPDX-License-Identifier: Apache-2.0 */
#include "patterns.h"

#include <regex.h>

#include "plan/regex.h"

static bool is(const char *regex, const char *text)
{
	return matches(PK_PATTERN_REGEX, 0, regex, text, strlen(text));
}

static bool finds(const char *regex, const char *text)
{
	return matches(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, regex, text, strlen(text));
}

static void refuse(const char *regex, size_t expected_at, const char *reason)
{
	char error[PK_PATTERN_ERROR_MAX] = "";
	struct pk_pattern *pattern = NULL;
	size_t at = SIZE_MAX;
	int err = pk_pattern_new(PK_PATTERN_REGEX, 0, regex, strlen(regex), &pattern, error, &at);

	if (err != -EINVAL || !strstr(error, reason) || at != expected_at)
		fail_msg("%s: %d, at %zu: '%s'", regex, err, at, error);
}

static void whole_text(void **state)
{
	assert_true(is("abc", "abc"));
	assert_false(is("abc", "xabc"));
	assert_false(is("abc", "abcx"));
	assert_true(is("", ""));
	assert_false(is("", "a"));
	assert_true(finds("b", "abc"));
	assert_true(finds("", "abc"));
	assert_false(finds("^b", "abc"));
	assert_true(is("a|bc", "bc"));
	assert_false(is("a|bc", "ac"));
	assert_true(is("a|", ""));
	assert_true(is("()", ""));
}

static void repetition(void **state)
{
	assert_true(is("ab*", "a"));
	assert_true(is("ab*", "abbb"));
	assert_false(is("ab+", "a"));
	assert_true(is("(ab)?c", "abc"));
	assert_true(is("a{2}", "aa"));
	assert_false(is("a{2}", "aaa"));
	assert_true(is("a{2,}", "aaaa"));
	assert_false(is("a{2,3}", "aaaa"));
	assert_true(is("a{0}", ""));
	assert_true(is("a{,2}", "a{,2}"));
	assert_true(is("a{x", "a{x"));
	assert_true(is("(a*)*", "aaa"));
	assert_true(is("(a|b)*?c", "abac"));
	assert_true(is("a??b+?c{1,2}?", "bbcc"));
	assert_true(is("(?:ab){2}", "abab"));
	assert_true(is("\xc3\xa9+", "\xc3\xa9\xc3\xa9"));
}

static void dots_and_sets(void **state)
{
	assert_true(is(".", "a"));
	assert_true(is(".", "\xff"));
	assert_false(is(".", "\n"));
	assert_true(is("(?s).", "\n"));
	assert_false(is(".", "\xc3\xa9"));
	assert_true(is("..", "\xc3\xa9"));
	assert_true(is("[a-c]+", "abc"));
	assert_true(is("[^a-c]", "\n"));
	assert_true(is("[]a]+", "]a"));
	assert_true(is("[^]a]", "b"));
	assert_true(is("[a-]+", "a-"));
	assert_true(is("[-a]+", "a-"));
	assert_true(is("[a\\-z]+", "a-z"));
	assert_false(is("[a\\-z]", "b"));
	assert_true(is("[\\d_]+", "1_2"));
	assert_true(is("[^\\D]", "1"));
	assert_true(is("[[:alpha:]]+", "aZ"));
	assert_true(is("[[:^alpha:]]", "1"));
	assert_true(is("[[:word:].]+", "a_1."));
	assert_true(is("[\\x41-\\x43]", "B"));
	assert_true(is("[\xc3\xa9x]+", "x\xc3\xa9"));
	assert_false(is("[\xc3\xa9x]", "\xc3"));
	assert_true(is("[^\\x00-\\x7f]", "\xc3"));
	assert_true(is("[^\\x00-\\x{10ffff}]|a", "a"));
	assert_false(is("[\\x{80}-\\x{10ffff}]", "a"));
	assert_true(is("\\C\\C", "\n\xff"));
}

static void escapes(void **state)
{
	assert_true(is("\\d\\D\\s\\S\\w\\W", "1a b_-"));
	assert_false(is("\\s", "\v"));
	assert_true(is("[[:space:]]", "\v"));
	assert_true(is("\\a\\f\\n\\r\\t\\v", "\a\f\n\r\t\v"));
	assert_true(is("\\x41\\x{42}\\103\\.", "ABC."));
	assert_true(is("\\x{e9}", "\xc3\xa9"));
	assert_true(is("\\x{20ac}\\x{1f600}", "\xe2\x82\xac\xf0\x9f\x98\x80"));
	assert_true(matches(PK_PATTERN_REGEX, 0, "a\\0b", "a\0b", 3));
	assert_true(is("\\Qa.b*\\E+", "a.b**"));
	assert_true(is("\\Qa.b", "a.b"));
	assert_false(is("\\Qa.b", "axb"));
	assert_true(is("\\Qa\\Eb\\Qc)\\E", "abc)"));
}

static void anchors(void **state)
{
	assert_true(is("^a$", "a"));
	assert_true(is("\\Aa\\z", "a"));
	assert_false(finds("a$", "a\n"));
	assert_true(finds("(?m)a$", "a\nb"));
	assert_true(finds("(?m)^b", "a\nb"));
	assert_false(finds("(?m)\\Ab", "a\nb"));
	assert_false(finds("^b", "a\nb"));
	assert_true(finds("\\bsh\\b", "ba sh-c"));
	assert_false(finds("\\bsh\\b", "bash -c"));
	assert_true(finds("\\Bsh\\b", "bash -c"));
	assert_true(is("\\bab\\b", "ab"));
	assert_false(is("a\\bb", "ab"));
	assert_true(is("a\\b \\bb", "a b"));
	assert_true(is("\\B", ""));
	assert_false(is("\\b", ""));
	assert_true(is("(^a|b)+", "ab"));
	assert_false(is("(^a|b)+", "ba"));
	assert_true(is("^*a", "a"));
}

static void flags(void **state)
{
	assert_true(is("(?i)AbC", "aBc"));
	assert_true(is("a(?i)b", "aB"));
	assert_false(is("a(?i)b", "AB"));
	assert_true(is("(a(?i)b)c", "aBc"));
	assert_false(is("(a(?i)b)c", "aBC"));
	assert_true(is("(?i:a)b", "Ab"));
	assert_false(is("(?i:a)b", "AB"));
	assert_true(is("(?i)a(?-i)b", "Ab"));
	assert_false(is("(?i)a(?-i)b", "AB"));
	assert_true(is("(?i)[a-c][^x]", "Bx") == false);
	assert_true(is("(?i)[A-C]", "b"));
	assert_true(is("(?U)a+(?s-i:.)", "a\n"));
	assert_true(is("(?P<x>a)(?<y>b)", "ab"));
	assert_true(matches(PK_PATTERN_REGEX, PK_PATTERN_ICASE, "a[b]", "AB", 2));
	assert_false(is("(?i)\xc3\xa9", "\xc3\x89"));
}

static void refused(void **state)
{
	refuse("a(b", 1, "not closed");
	refuse("ab)", 2, "closes nothing");
	refuse("a[b", 1, "not closed");
	refuse("*a", 0, "nothing to repeat");
	refuse("a|*", 2, "nothing to repeat");
	refuse("a**", 2, "repeated");
	refuse("a*+", 2, "repeated");
	refuse("a{2}{3}", 4, "repeated");
	refuse("a{3,2}", 1, "at least");
	refuse("a{1001}", 1, "1000");
	refuse("a{99999999999999999999}", 1, "1000");
	refuse("(a)\\1", 4, "backreferences");
	refuse("a(?=b)", 3, "look-around");
	refuse("a(?<!b)", 3, "look-around");
	refuse("(?>a)", 2, "atomic");
	refuse("(?x)a", 2, "flags");
	refuse("(?i-)a", 2, "flags");
	refuse("(?", 2, "flags");
	refuse("(?P<>a)", 4, "name");
	refuse("(?P<a-b>a)", 4, "name");
	refuse("(?P<a>a)(?<a>b)", 11, "another group");
	refuse("\\pL", 1, "Unicode");
	refuse("[\\p{Greek}]", 2, "Unicode");
	refuse("\\Z", 1, "anchor");
	refuse("a\\", 1, "nothing behind");
	refuse("\\y", 1, "no such escape");
	refuse("[\\b]", 2, "no such escape");
	refuse("\\x1", 2, "two hexadecimal");
	refuse("\\x{110000}", 3, "no such character");
	refuse("\\x{d800}", 3, "no such character");
	refuse("\\x{}", 3, "expected");
	refuse("[b-a]", 1, "wrong way");
	refuse("[[:foo:]]", 1, "class");
	refuse("[\xc3\xa0-\xc3\xa9]", 1, "ranges beyond");
	refuse("[^\xc3\xa9]", 2, "negated");
	refuse("[\xff]", 1, "UTF-8");
}

static void limits(void **state)
{
	char error[PK_PATTERN_ERROR_MAX];
	struct pk_pattern *pattern = NULL;
	char text[2 * (PK_MAX_REGEX_DEPTH + 1) + 1];
	size_t at;

	memset(text, '(', PK_MAX_REGEX_DEPTH + 1);
	memset(text + PK_MAX_REGEX_DEPTH + 1, ')', PK_MAX_REGEX_DEPTH + 1);
	text[sizeof(text) - 1] = '\0';
	refuse(text, PK_MAX_REGEX_DEPTH, "nested");
	text[sizeof(text) - 2] = '\0';
	assert_true(is(text + 1, ""));
	assert_int_equal(pk_pattern_new(PK_PATTERN_REGEX, 0, "(a{1000}){1000}", 15, &pattern, error,
					&at),
			 -E2BIG);
	assert_int_equal(pk_pattern_new(PK_PATTERN_REGEX, 0, "(((){1000}){1000}){1000}", 24,
					&pattern, error, &at),
			 -E2BIG);
	assert_null(pattern);
	pattern = make_pattern(PK_PATTERN_REGEX, 0, "a{1000}");
	assert_int_equal(pk_pattern_state_cnt(pattern), 1002);
	pk_pattern_free(pattern);
}

/* Where a backtracking matcher takes longer than anybody waits. */
static void linear(void **state)
{
	struct pk_pattern *pattern = make_pattern(PK_PATTERN_REGEX, 0,
						  "(x+x+)+(a?){60}a{60}((b*)*)*(c|c)*y");
	char text[4096];

	memset(text, 'x', sizeof(text));
	assert_false(pk_pattern_match(pattern, text, sizeof(text)));
	pk_pattern_free(pattern);
}

/* An expression that means the same to POSIX. Appends to `text`, which has room. */
static void random_regex(char *text, int depth)
{
	static const char *const atoms[] = { "a", "b", "c", ".", "[ab]", "[^b]", "[a-c]", "\\." };
	static const char *const repeats[] = { "*", "+", "?", "{2}", "{0,2}", "{1,}" };
	size_t cnt = 1 + pick(3);

	for (size_t i = 0; i < cnt; i++) {
		if (depth > 0 && pick(3) == 0) {
			strcat(text, "(");
			random_regex(text, depth - 1);
			if (pick(2)) {
				strcat(text, "|");
				random_regex(text, depth - 1);
			}
			strcat(text, ")");
		} else {
			strcat(text, atoms[pick(PK_ARRAY_SIZE(atoms))]);
		}
		if (pick(3) == 0)
			strcat(text, repeats[pick(PK_ARRAY_SIZE(repeats))]);
	}
}

/* The C library's regexec() says the same. */
static void as_regexec(void **state)
{
	size_t matching_cnt = 0;
	char regex_text[512], anchored[520], text[12];

	for (int i = 0; i < 8000; i++) {
		bool search = pick(2);
		bool icase = pick(4) == 0;
		struct pk_pattern *pattern;
		regex_t regex;

		regex_text[0] = '\0';
		random_regex(regex_text, 2);
		snprintf(anchored, sizeof(anchored), search ? "%s" : "^(%s)$", regex_text);
		assert_int_equal(regcomp(&regex, anchored,
					 REG_EXTENDED | REG_NOSUB | (icase ? REG_ICASE : 0)),
				 0);
		pattern = make_pattern(PK_PATTERN_REGEX,
				       (search ? PK_PATTERN_SEARCH : 0) |
					       (icase ? PK_PATTERN_ICASE : 0),
				       regex_text);
		for (int texts = 0; texts < 20; texts++) {
			bool expected;

			random_text("abcA.", sizeof(text) - 1, text);
			expected = regexec(&regex, text, 0, NULL, 0) == 0;
			if (pk_pattern_match(pattern, text, strlen(text)) != expected)
				fail_msg("'%s' on '%s': regexec() %d", anchored, text, expected);
			matching_cnt += expected;
		}
		pk_pattern_free(pattern);
		regfree(&regex);
	}
	assert_in_range(matching_cnt, 10000, 150000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_text),    cmocka_unit_test(repetition),
		cmocka_unit_test(dots_and_sets), cmocka_unit_test(escapes),
		cmocka_unit_test(anchors),       cmocka_unit_test(flags),
		cmocka_unit_test(refused),       cmocka_unit_test(limits),
		cmocka_unit_test(linear),        cmocka_unit_test(as_regexec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
