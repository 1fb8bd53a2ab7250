/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "plan/pattern.h"

static struct pk_pattern *make(enum pk_pattern_kind kind, unsigned int flags, const char *text)
{
	struct pk_pattern *pattern = NULL;
	char why[PK_PATTERN_ERROR_MAX];
	size_t at;

	assert_int_equal(pk_pattern_new(kind, flags, text, strlen(text), &pattern, why, &at), 0);
	return pattern;
}

/* By itself, and in an automaton. */
static bool found(const struct pk_pattern *pattern, const char *text, size_t len)
{
	static struct pk_dfa dfa;
	uint64_t bits[PK_DFA_WORDS] = { 0 };
	bool matches = pk_pattern_match(pattern, text, len);

	assert_int_equal(pk_dfa_build(&pattern, 1, &dfa), 0);
	pk_dfa_run(&dfa, text, len, bits);
	assert_int_equal(bits[0] & 1, matches);
	return matches;
}

static bool has(const struct pk_pattern *pattern, const char *text)
{
	return found(pattern, text, strlen(text));
}

static void any(void **state)
{
	struct pk_pattern *parts[] = {
		make(PK_PATTERN_CONTAINS, PK_PATTERN_ICASE, "wget"),
		make(PK_PATTERN_ENDS, 0, "/sh"),
		make(PK_PATTERN_STARTS, 0, "curl"),
		make(PK_PATTERN_EQUAL, PK_PATTERN_ICASE, "nc"),
		make(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "a[0-9]b"),
	};
	struct pk_pattern *one = NULL;

	assert_int_equal(pk_pattern_new_any((const struct pk_pattern *const *)parts, 5, &one), 0);
	for (size_t i = 0; i < 5; i++)
		pk_pattern_free(parts[i]);
	assert_true(has(one, "x WGET y"));
	assert_true(has(one, "/bin/sh"));
	assert_true(has(one, "curl x"));
	assert_true(has(one, "NC"));
	assert_true(has(one, "-a7b-"));
	assert_false(has(one, "/bin/sh2"));
	assert_false(has(one, "xcurl"));
	assert_false(has(one, "ncx"));
	assert_false(has(one, ""));
	pk_pattern_free(one);
}

static void of_nothing(void **state)
{
	struct pk_pattern *one = make(PK_PATTERN_EQUAL, 0, "a");
	struct pk_pattern *any_of = NULL;

	assert_int_equal(pk_pattern_new_any((const struct pk_pattern *const *)&one, 1, &any_of), 0);
	assert_true(has(any_of, "a"));
	assert_false(has(any_of, "ab"));
	pk_pattern_free(any_of);
	pk_pattern_free(one);
}

#define PARTS(text) text, sizeof(text) - 1

static void part(void **state)
{
	struct pk_pattern *inner = make(PK_PATTERN_EQUAL, PK_PATTERN_ICASE, "-x");
	struct pk_pattern *second = NULL;

	assert_int_equal(pk_pattern_new_part(inner, 1, &second), 0);
	assert_true(found(second, PARTS("tar\0-X")));
	assert_true(found(second, PARTS("tar\0-x\0y")));
	assert_false(found(second, PARTS("tar\0-xy")));
	assert_false(found(second, PARTS("-x\0tar")));
	assert_false(found(second, PARTS("-x")));
	assert_false(found(second, PARTS("tar\0y\0-x")));
	assert_false(found(second, PARTS("")));
	pk_pattern_free(second);
	pk_pattern_free(inner);
}

/* Wildcards stay within it. */
static void within_a_part(void **state)
{
	struct pk_pattern *inner = make(PK_PATTERN_GLOB, 0, "*a*b");
	struct pk_pattern *contained = make(PK_PATTERN_CONTAINS, 0, "ab");
	struct pk_pattern *third = NULL;

	assert_int_equal(pk_pattern_new_part(inner, 2, &third), 0);
	assert_true(found(third, PARTS("0\0001\0xaxb\0z")));
	assert_false(found(third, PARTS("0\0001\0xa\0b")));
	pk_pattern_free(third);
	assert_int_equal(pk_pattern_new_part(contained, 0, &third), 0);
	assert_true(found(third, PARTS("xabx\0y")));
	assert_false(found(third, PARTS("x\0ab")));
	pk_pattern_free(third);
	pk_pattern_free(contained);
	pk_pattern_free(inner);
}

static void empty_parts(void **state)
{
	struct pk_pattern *inner = make(PK_PATTERN_EQUAL, 0, "");
	struct pk_pattern *second = NULL, *there = NULL;

	assert_int_equal(pk_pattern_new_part(inner, 1, &second), 0);
	assert_int_equal(pk_pattern_new_part(NULL, 1, &there), 0);
	assert_true(found(second, PARTS("a\0")));
	assert_true(found(second, PARTS("a\0\0b")));
	assert_false(found(second, PARTS("a\0b")));
	assert_false(found(second, PARTS("a")));
	assert_true(found(there, PARTS("a\0")));
	assert_true(found(there, PARTS("a\0b\0c")));
	assert_false(found(there, PARTS("a")));
	pk_pattern_free(there);
	pk_pattern_free(second);
	pk_pattern_free(inner);
}

/* What stands beside a place is another thing in a part. */
static void beside(void **state)
{
	struct pk_pattern *inner = make(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, "^a");
	struct pk_pattern *one = NULL;

	assert_int_equal(pk_pattern_new_part(inner, 1, &one), -ENOTSUP);
	assert_null(one);
	pk_pattern_free(inner);
}

/* Many of the kind that may begin anywhere: as many states as letters, not their product. */
static void many(void **state)
{
	static struct pk_pattern *parts[200];
	static struct pk_dfa dfa;
	const struct pk_pattern *one;
	struct pk_pattern *any_of = NULL;
	char text[16];

	for (size_t i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "x%zuy", i);
		parts[i] = make(PK_PATTERN_CONTAINS, PK_PATTERN_ICASE, text);
	}
	assert_int_equal(pk_pattern_new_any((const struct pk_pattern *const *)parts, 200, &any_of),
			 0);
	one = any_of;
	assert_int_equal(pk_dfa_build(&one, 1, &dfa), 0);
	assert_in_range(dfa.state_cnt, 200, 1000);
	assert_true(has(any_of, "--X199Y--"));
	assert_false(has(any_of, "--x200y--"));
	pk_pattern_free(any_of);
	for (size_t i = 0; i < 200; i++)
		pk_pattern_free(parts[i]);
}

static void known(void **state)
{
	char why[PK_PATTERN_ERROR_MAX] = "";

	assert_true(pk_pattern_regex_known(NULL, "a[0-9]+", 7, why));
	assert_false(pk_pattern_regex_known(NULL, "a(?=b)", 6, why));
	assert_true(why[0] != '\0');
	assert_false(pk_pattern_regex_known(NULL, "((x{900}){900}){900}", 20, why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any),         cmocka_unit_test(of_nothing),
		cmocka_unit_test(part),        cmocka_unit_test(within_a_part),
		cmocka_unit_test(empty_parts), cmocka_unit_test(beside),
		cmocka_unit_test(many),        cmocka_unit_test(known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
