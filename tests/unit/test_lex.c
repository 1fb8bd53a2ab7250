/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static struct pk_rules_lex lex_of(const char *text)
{
	return (struct pk_rules_lex){ .data = text, .len_bytes = strlen(text) };
}

static void lengths(void **state)
{
	static const struct {
		const char *text;
		size_t name, field, number, bare;
	} cases[] = {
		{ "proc.name=x", 4, 9, 0, 9 }, { "proc.", 4, 0, 0, 5 },  { "a.b.9", 1, 3, 0, 5 },
		{ "-1.5e+3x", 0, 0, 7, 8 },    { "0x1Fg", 0, 0, 4, 5 },  { "0xg", 0, 0, 1, 3 },
		{ "1e5", 0, 0, 1, 3 },         { "", 0, 0, 0, 0 },       { "+", 0, 0, 0, 1 },
		{ "1e+", 0, 0, 1, 3 },         { "a_b2-c", 4, 0, 0, 6 }, { "(", 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		struct pk_rules_lex lex = lex_of(cases[i].text);

		assert_int_equal(pk_rules_lex_name(&lex), cases[i].name);
		assert_int_equal(pk_rules_lex_field(&lex), cases[i].field);
		assert_int_equal(pk_rules_lex_number(&lex), cases[i].number);
		assert_int_equal(pk_rules_lex_bare(&lex), cases[i].bare);
	}
}

static void quoted_is(const char *text, const char *expected, size_t at)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	struct pk_rules_lex lex = lex_of(text);
	int err = pk_rules_lex_quoted(&lex, &buf);

	assert_int_equal(err, expected ? 0 : -EBADMSG);
	assert_int_equal(lex.at, at);
	if (expected)
		assert_buf(&buf, expected);
}

static void quoted(void **state)
{
	quoted_is("\"a'b\" c", "a'b", 5);
	quoted_is("'a\"b'", "a\"b", 5);
	quoted_is("'\\b\\f\\n\\r\\t\\\\\\/\\x41'", "\b\f\n\r\t\\/A", 20);
	quoted_is("\"a\\ b\"", "a\\b", 6);
	quoted_is("'\\'", NULL, 0);
	quoted_is("'\\\"'", NULL, 1);
	quoted_is("\"\\q\"", NULL, 1);
	quoted_is("\"\\x4\"", NULL, 1);
	quoted_is("\"\\x00\"", NULL, 1);
	quoted_is("'\\\\''", "\\'", 5); /* behind a backslash a quote never closes */
	quoted_is("\"", NULL, 0);
}

static void recovers(void **state)
{
	static const struct {
		const char *text;
		size_t at;
	} cases[] = {
		{ "x and y", 2 },  { "(x and y) or", 10 }, { "\"and\" or", 6 },
		{ "band or", 5 },  { "x) and", 1 },        { "x", 1 },
		{ "'x and y", 3 },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		struct pk_rules_lex lex = lex_of(cases[i].text);

		pk_rules_lex_recover(&lex);
		assert_int_equal(lex.at, cases[i].at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		cmocka_unit_test(quoted),
		cmocka_unit_test(recovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
