/* SPDX-License-Identifier: Apache-2.0 */
#include "patterns.h"

#include <fnmatch.h>

static bool glob(const char *pattern, const char *text)
{
	return matches(PK_PATTERN_GLOB, 0, pattern, text, strlen(text));
}

static bool iglob(const char *pattern, const char *text)
{
	return matches(PK_PATTERN_GLOB, PK_PATTERN_ICASE, pattern, text, strlen(text));
}

static void wildcards(void **state)
{
	assert_true(glob("/etc/*", "/etc/ssl/x"));
	assert_true(glob("/etc/*", "/etc/"));
	assert_false(glob("/etc/*", "/etc"));
	assert_true(glob("/etc/*.conf", "/etc/a/.conf"));
	assert_false(glob("/etc/*.conf", "/etc/a.conf2"));
	assert_true(glob("?at", "/at"));
	assert_false(glob("?at", "at"));
	assert_true(glob("", ""));
	assert_false(glob("", "a"));
	assert_true(glob("*", ""));
	assert_true(glob("**", "anything"));
	assert_true(matches(PK_PATTERN_GLOB, 0, "a?b*", "a\0b\0", 4));
}

static void sets(void **state)
{
	assert_true(glob("[a-c]x", "bx"));
	assert_false(glob("[!a-c]x", "bx"));
	assert_true(glob("[^a-c]x", "dx"));
	assert_true(glob("[]]", "]"));
	assert_true(glob("[!]]", "a"));
	assert_true(glob("[a-]", "-"));
	assert_true(glob("[\\]]", "]"));
	assert_true(glob("[a", "[a"));
	assert_true(glob("[[:digit:]_]", "7"));
	assert_true(glob("[[:digit:]_]", "_"));
	assert_false(glob("[[:digit:]_]", "d"));
	assert_true(glob("[[:upper:]]", "A"));
	assert_false(glob("[[:upper:]]", "a"));
}

static void either_case(void **state)
{
	assert_true(iglob("*/PassWD", "/etc/passwd"));
	assert_true(iglob("[a-c]", "B"));
	assert_true(iglob("[A-C]", "b"));
	assert_false(iglob("[!A-C]", "b"));
	assert_true(iglob("[[:upper:]]", "a"));
	assert_false(iglob("\xc4", "\xe4"));
}

static void refused(void **state)
{
	char error[PK_PATTERN_ERROR_MAX];
	struct pk_pattern *pattern;
	size_t at;

	assert_int_equal(pk_pattern_new(PK_PATTERN_GLOB, 0, "ab\\", 3, &pattern, error, &at),
			 -EINVAL);
	assert_string_equal(error, "there is nothing behind the last backslash");
	assert_int_equal(at, 2);
	assert_int_equal(pk_pattern_new(PK_PATTERN_GLOB, 0, "a[[:foo:]]", 10, &pattern, error, &at),
			 -EINVAL);
	assert_string_equal(error, "there is no class of this name");
	assert_int_equal(at, 2);
	assert_null(try_pattern(PK_PATTERN_GLOB, 0, "[[=a=]]"));
}

/* The C library's fnmatch() in the C locale says the same. No '.' where sets are: it takes "[." for the
 * beginning of a name, end or no end. */
static void as_fnmatch(void **state)
{
	size_t matching_cnt = 0;
	char pattern_text[12], text[10];

	for (int i = 0; i < 200000; i++) {
		unsigned int flags = pick(3) ? 0 : PK_PATTERN_ICASE;
		struct pk_pattern *pattern;
		bool expected;

		random_text(pick(2) ? "abA*?[]!-\\^/" : "abB*?/.", sizeof(pattern_text) - 1,
			    pattern_text);
		random_text("abAB/.]-", sizeof(text) - 1, text);
		expected = !fnmatch(pattern_text, text, flags ? FNM_CASEFOLD : 0);
		pattern = try_pattern(PK_PATTERN_GLOB, flags, pattern_text);
		if (pattern ? pk_pattern_match(pattern, text, strlen(text)) != expected : expected)
			fail_msg("'%s' on '%s', flags %u: fnmatch() %d", pattern_text, text, flags,
				 expected);
		matching_cnt += expected;
		pk_pattern_free(pattern);
	}
	assert_in_range(matching_cnt, 5000, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wildcards),   cmocka_unit_test(sets),
		cmocka_unit_test(either_case), cmocka_unit_test(refused),
		cmocka_unit_test(as_fnmatch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
