/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "rules/suggest.h"

static const char *const words[] = { "contains", "icontains", "startswith", "in", "or", "and" };

static void is(const char *word, const char *expected)
{
	const char *got = pk_suggest_from(word, strlen(word), words, PK_ARRAY_SIZE(words));

	if (expected)
		assert_string_equal(got ? got : "(nothing)", expected);
	else
		assert_null(got);
}

static void nearest(void **state)
{
	is("contain", "contains");
	is("icontain", "icontains");
	is("conatins", "contains");
	is("CONTAINS", "contains");
	is("starts_with", "startswith");
	is("adn", "and");
	is("IN", "in");
}

static void unfinished(void **state)
{
	static const char *const fields[] = { "fd.num", "fd.name", "fd.nam0" };

	assert_string_equal(pk_suggest_from("fd.nam", 6, fields, 3), "fd.name");
	assert_string_equal(pk_suggest_from("fd.nm", 5, fields, 1), "fd.num");
}

static void nothing_near(void **state)
{
	is("contains", "icontains"); /* the word itself is no suggestion */
	is("is", "in");
	is("xy", NULL);
	is("", NULL);
	is("something else", NULL);
}

static void long_words(void **state)
{
	char *word = repeated("a", PK_MAX_SUGGEST_BYTES + 1);
	char *name = repeated("a", PK_MAX_SUGGEST_BYTES - 1);
	struct pk_suggest suggest = PK_SUGGEST_INIT(word, PK_MAX_SUGGEST_BYTES);

	pk_suggest_offer(&suggest, name);
	assert_ptr_equal(suggest.best, name);
	suggest = PK_SUGGEST_INIT(word, PK_MAX_SUGGEST_BYTES + 1);
	pk_suggest_offer(&suggest, name);
	assert_null(suggest.best);
	free(word);
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nearest),
		cmocka_unit_test(unfinished),
		cmocka_unit_test(nothing_near),
		cmocka_unit_test(long_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
