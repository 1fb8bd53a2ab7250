/* SPDX-License-Identifier: Apache-2.0 */
#include "patterns.h"

#include <ctype.h>

static bool is(enum pk_pattern_kind kind, unsigned int flags, const char *pattern, const char *text)
{
	return matches(kind, flags, pattern, text, strlen(text));
}

static int part(enum pk_pattern_kind kind, unsigned int flags, const char *text, const char *data)
{
	struct pk_pattern *pattern = make_pattern(kind, flags, text);
	int result = pk_pattern_match_part(pattern, data, strlen(data));

	pk_pattern_free(pattern);
	return result;
}

static void literals(void **state)
{
	assert_true(is(PK_PATTERN_EQUAL, 0, "sh", "sh"));
	assert_false(is(PK_PATTERN_EQUAL, 0, "sh", "ash"));
	assert_false(is(PK_PATTERN_EQUAL, 0, "sh", "sha"));
	assert_true(is(PK_PATTERN_CONTAINS, 0, "sh", "bash -c"));
	assert_false(is(PK_PATTERN_CONTAINS, 0, "sh", "SH"));
	assert_true(is(PK_PATTERN_CONTAINS, PK_PATTERN_ICASE, "sH", "BASh"));
	assert_true(is(PK_PATTERN_STARTS, 0, "/etc", "/etc2"));
	assert_false(is(PK_PATTERN_STARTS, 0, "/etc", "//etc"));
	assert_true(is(PK_PATTERN_ENDS, 0, ".so", "x.so.so"));
	assert_false(is(PK_PATTERN_ENDS, 0, ".so", "x.so.1"));
	assert_true(is(PK_PATTERN_ENDS, PK_PATTERN_ICASE, ".SO", "x.so"));
	/* nothing special in them */
	assert_false(is(PK_PATTERN_CONTAINS, 0, "a*", "ab"));
}

static void empty_literals(void **state)
{
	assert_true(is(PK_PATTERN_EQUAL, 0, "", ""));
	assert_false(is(PK_PATTERN_EQUAL, 0, "", "a"));
	for (int kind = PK_PATTERN_CONTAINS; kind <= PK_PATTERN_ENDS; kind++) {
		assert_true(is(kind, 0, "", ""));
		assert_true(is(kind, PK_PATTERN_ICASE, "", "a"));
		assert_int_equal(part(kind, 0, "", ""), 1);
	}
}

static void zero_bytes(void **state)
{
	char error[PK_PATTERN_ERROR_MAX];
	struct pk_pattern *pattern;
	size_t at;

	assert_int_equal(pk_pattern_new(PK_PATTERN_CONTAINS, 0, "a\0b", 3, &pattern, error, &at),
			 0);
	assert_true(pk_pattern_match(pattern, "xa\0b", 4));
	assert_false(pk_pattern_match(pattern, "xa", 2));
	pk_pattern_free(pattern);
	pk_pattern_free(NULL);
}

static void parts(void **state)
{
	assert_int_equal(part(PK_PATTERN_EQUAL, 0, "abc", "abd"), 0);
	assert_int_equal(part(PK_PATTERN_EQUAL, 0, "abc", "ab"), -1);
	assert_int_equal(part(PK_PATTERN_EQUAL, 0, "abc", "abcd"), 0);
	assert_int_equal(part(PK_PATTERN_STARTS, 0, "abc", "abcd"), 1);
	assert_int_equal(part(PK_PATTERN_STARTS, 0, "abc", "abd"), 0);
	assert_int_equal(part(PK_PATTERN_STARTS, 0, "abc", "ab"), -1);
	assert_int_equal(part(PK_PATTERN_CONTAINS, 0, "bc", "abc"), 1);
	assert_int_equal(part(PK_PATTERN_CONTAINS, 0, "bc", "ab"), -1);
	assert_int_equal(part(PK_PATTERN_ENDS, 0, "bc", "abc"), -1);
	assert_int_equal(part(PK_PATTERN_GLOB, 0, "a*", "a"), 1);
	assert_int_equal(part(PK_PATTERN_GLOB, 0, "*b*", "ab"), 1);
	assert_int_equal(part(PK_PATTERN_GLOB, 0, "a*b", "ab"), -1);
	assert_int_equal(part(PK_PATTERN_GLOB, 0, "a*b", "b"), 0);
	assert_int_equal(part(PK_PATTERN_REGEX, 0, "(?s)a.*", "a"), 1);
	assert_int_equal(part(PK_PATTERN_REGEX, 0, "a.*", "a"), -1);
	assert_int_equal(part(PK_PATTERN_REGEX, 0, "a[^b]*", "aab"), 0);
	assert_int_equal(part(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "ab", "xab"), 1);
	assert_int_equal(part(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "ab\\b", "xab"), -1);
	assert_int_equal(part(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "ab\\b", "xab "), 1);
	assert_int_equal(part(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "^ab", "xab "), -1);
}

/* What is settled by a beginning stays so. */
static void parts_hold(void **state)
{
	size_t settled_cnt = 0;
	char pattern_text[8], text[12];

	for (int i = 0; i < 50000; i++) {
		enum pk_pattern_kind kind = pick(PK_PATTERN_GLOB + 1);
		struct pk_pattern *pattern;
		size_t len;
		int settled;

		random_text("ab*?", sizeof(pattern_text) - 1, pattern_text);
		random_text("ab*?", sizeof(text) - 1, text);
		len = pick(strlen(text) + 1);
		pattern = make_pattern(kind, 0, pattern_text);
		settled = pk_pattern_match_part(pattern, text, len);
		if (settled >= 0 && pk_pattern_match(pattern, text, strlen(text)) != settled)
			fail_msg("kind %d '%s', %zu bytes of '%s': %d", (int)kind, pattern_text,
				 len, text, settled);
		settled_cnt += settled >= 0;
		pk_pattern_free(pattern);
	}
	assert_true(settled_cnt > 5000);
}

static bool naive(enum pk_pattern_kind kind, const char *literal, const char *text)
{
	size_t literal_len = strlen(literal);
	size_t len = strlen(text);

	switch (kind) {
	case PK_PATTERN_EQUAL:
		return !strcmp(literal, text);
	case PK_PATTERN_CONTAINS:
		return strstr(text, literal);
	case PK_PATTERN_STARTS:
		return !strncmp(text, literal, literal_len);
	default:
		return len >= literal_len && !strcmp(text + len - literal_len, literal);
	}
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

static void as_string_functions(void **state)
{
	char literal[6], text[12];

	for (int i = 0; i < 50000; i++) {
		enum pk_pattern_kind kind = pick(PK_PATTERN_ENDS + 1);
		unsigned int flags = pick(2) ? PK_PATTERN_ICASE : 0;
		struct pk_pattern *pattern;
		bool result;

		random_text("abB@", sizeof(literal) - 1, literal);
		random_text("aAb`", sizeof(text) - 1, text);
		pattern = make_pattern(kind, flags, literal);
		result = pk_pattern_match(pattern, text, strlen(text));
		if (flags) {
			lower(literal);
			lower(text);
		}
		assert_int_equal(result, naive(kind, literal, text));
		pk_pattern_free(pattern);
	}
}

static bool remembers(enum pk_pattern_kind kind, unsigned int flags, const char *text)
{
	struct pk_pattern *pattern = make_pattern(kind, flags, text);
	bool result = pk_pattern_remembers(pattern);

	pk_pattern_free(pattern);
	return result;
}

static void remembering(void **state)
{
	assert_false(remembers(PK_PATTERN_CONTAINS, 0, "ab"));
	assert_false(remembers(PK_PATTERN_ENDS, 0, "ab"));
	assert_false(remembers(PK_PATTERN_GLOB, 0, "*a?[b]*"));
	assert_false(remembers(PK_PATTERN_GLOB, 0, "a*"));
	assert_true(remembers(PK_PATTERN_GLOB, 0, "a*b"));
	assert_true(remembers(PK_PATTERN_GLOB, 0, "*a*b*"));
	assert_false(remembers(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "a(b|c)?d{2}"));
	assert_false(remembers(PK_PATTERN_REGEX, 0, "(?s).*a.*"));
	assert_true(remembers(PK_PATTERN_REGEX, 0, ".*a.*"));
	assert_true(remembers(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "a.*b"));
}

static bool floats(enum pk_pattern_kind kind, unsigned int flags, const char *text)
{
	struct pk_pattern *pattern = make_pattern(kind, flags, text);
	bool result = pk_pattern_floats(pattern);

	pk_pattern_free(pattern);
	return result;
}

static void floating(void **state)
{
	assert_true(floats(PK_PATTERN_CONTAINS, 0, "ab"));
	assert_true(floats(PK_PATTERN_ENDS, 0, "ab"));
	assert_true(floats(PK_PATTERN_GLOB, 0, "*a*b"));
	assert_true(floats(PK_PATTERN_REGEX, 0, ".*/a"));
	assert_true(floats(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "a"));
	assert_false(floats(PK_PATTERN_EQUAL, 0, "ab"));
	assert_false(floats(PK_PATTERN_STARTS, 0, "ab"));
	assert_false(floats(PK_PATTERN_GLOB, 0, "a*b"));
	assert_false(floats(PK_PATTERN_REGEX, 0, "(a|b).*"));
}

/* A pattern that is any of several is what one of them is. */
static void any_of(void **state)
{
	struct pk_pattern *parts[3] = { make_pattern(PK_PATTERN_STARTS, 0, "/a"),
					make_pattern(PK_PATTERN_CONTAINS, 0, "b"),
					make_pattern(PK_PATTERN_GLOB, 0, "/c*d") };
	struct pk_pattern *any = NULL;

	assert_int_equal(pk_pattern_new_any((const struct pk_pattern *const *)parts, 2, &any), 0);
	assert_true(pk_pattern_floats(any));
	assert_false(pk_pattern_remembers(any));
	pk_pattern_free(any);
	assert_int_equal(pk_pattern_new_any((const struct pk_pattern *const *)parts, 1, &any), 0);
	assert_false(pk_pattern_floats(any));
	pk_pattern_free(any);
	assert_int_equal(pk_pattern_new_any((const struct pk_pattern *const *)parts, 3, &any), 0);
	assert_true(pk_pattern_floats(any));
	assert_true(pk_pattern_remembers(any));
	pk_pattern_free(any);
	for (size_t i = 0; i < 3; i++)
		pk_pattern_free(parts[i]);
}

static void limits(void **state)
{
	char error[PK_PATTERN_ERROR_MAX];
	struct pk_pattern *pattern = NULL;
	char *text = malloc(PK_MAX_PATTERN_STATES);
	size_t at;

	assert_non_null(text);
	memset(text, 'a', PK_MAX_PATTERN_STATES);
	/* two states are always there */
	assert_int_equal(pk_pattern_new(PK_PATTERN_EQUAL, 0, text, PK_MAX_PATTERN_STATES - 2,
					&pattern, error, &at),
			 0);
	assert_int_equal(pk_pattern_state_cnt(pattern), PK_MAX_PATTERN_STATES);
	assert_true(pk_pattern_match(pattern, text, PK_MAX_PATTERN_STATES - 2));
	assert_int_equal(pk_pattern_match_part(pattern, text, PK_MAX_PATTERN_STATES - 2), -1);
	assert_int_equal(pk_pattern_match_part(pattern, text, PK_MAX_PATTERN_STATES - 1), 0);
	pk_pattern_free(pattern);
	pattern = NULL;
	assert_int_equal(pk_pattern_new(PK_PATTERN_EQUAL, 0, text, PK_MAX_PATTERN_STATES - 1,
					&pattern, error, &at),
			 -E2BIG);
	assert_null(pattern);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals),    cmocka_unit_test(empty_literals),
		cmocka_unit_test(zero_bytes),  cmocka_unit_test(parts),
		cmocka_unit_test(parts_hold),  cmocka_unit_test(as_string_functions),
		cmocka_unit_test(remembering), cmocka_unit_test(floating),
		cmocka_unit_test(any_of),      cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
