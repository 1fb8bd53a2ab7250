/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void precedence(void **state)
{
	assert_parses("a or b and not c or d", "(a or (b and not c) or d)");
	assert_parses("(a or b) and c", "((a or b) and c)");
	assert_parses("not not a", "a");
	assert_parses("not not not a", "not a");
	assert_parses("not(a)and(b)or(c)", "((not a and b) or c)");
	assert_parses("(a and b) and c", "((a and b) and c)");
	assert_parses(" a.b=1\n or\tm ", "(a.b = 1 or m)");
}

static void operators(void **state)
{
	assert_parses("a.b!=c", "a.b != c");
	assert_parses("a.b<=-1", "a.b <= -1");
	assert_parses("a.b in(x,y)", "a.b in (x, y)");
	assert_parses("a.b existsand m", "(a.b exists and m)");
	assert_parses("a.b = not", "a.b = not");
	assert_parses("a.b = oneof", "a.b = oneof");
	assert_parses("a.b != anyof (x, y)", "a.b != anyof (x, y)");
	assert_parses("a.b regex 'x.*'", "a.b regex x.*");
}

static void every_mistake(void **state)
{
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf said = PK_BUF_INIT;

	parse_alone("a.b contain x and (c.d > or e.f ~ g) or b = 1 andd h.i > x and j", &printed,
		    &said);
	assert_non_null(strstr(said.data, "c:1:5: error: unknown operator 'contain'"));
	assert_non_null(strstr(said.data, "error: 'b' is no field"));
	assert_non_null(strstr(said.data, "error: unknown operator '~'"));
}

static void messages(void **state)
{
	assert_fails("", "c:1:1: error: expected a field or a macro, but the condition ends here");
	assert_fails("a and", "c:1:6: error: expected a field or a macro, but");
	assert_fails("and a", "c:1:1: error: expected a field or a macro, found 'and'");
	assert_fails("a)", "c:1:2: error: no '(' for this ')'");
	assert_fails("(a", "c:1:1: error: no ')' for this '('");
	assert_fails("a.b = (x)",
		     "c:1:7: error: '=' takes one value; several are compared with 'in (...)'");
	assert_fails("a.b EXISTS", "did you mean 'exists'?");
	assert_fails("a.b", "c:1:4: error: expected an operator");
	assert_fails("a.b contains", "c:1:13: error: expected a value");
	assert_fails(
		"a adn b",
		"c:1:3: error: expected 'and', 'or' or the end, found 'adn'; did you mean 'and'?");
	assert_fails("a.b > x", "c:1:7: error: expected a number or val(field), found 'x'");
}

static void nesting_limit(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		char *open = repeated("(", PK_MAX_NESTING + over);
		char *close = repeated(")", PK_MAX_NESTING + over);

		pk_buf_add_str(&text, open);
		pk_buf_add_str(&text, "a");
		pk_buf_add_str(&text, close);
		pk_buf_add_char(&text, '\0');
		if (over)
			assert_fails(text.data, "more than 256 parentheses");
		else
			assert_parses(text.data, "a");
		free(open);
		free(close);
	}
}

static void length_limit(void **state)
{
	char *text = repeated(" ", PK_MAX_CONDITION_BYTES + 1);

	text[0] = 'a';
	assert_fails(text, "condition of 1048577 bytes");
	text[PK_MAX_CONDITION_BYTES] = '\0';
	assert_parses(text, "a");
	free(text);
}

static void mistakes_limit(void **state)
{
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf said = PK_BUF_INIT;
	char *text = repeated("a.b and ", 100);
	size_t cnt = 0;

	parse_alone(text, &printed, &said);
	for (const char *at = said.data; (at = strstr(at, ": error: ")); at++)
		cnt++;
	assert_int_equal(cnt, PK_MAX_DIAGS_PER_CONDITION);
	free(text);
}

static void operator_words(void **state)
{
	enum pk_rules_quantor quantor;
	enum pk_rules_op op;

	assert_true(pk_rules_parse_op("  startswith  oneof ", &op, &quantor));
	assert_int_equal(op, PK_RULES_OP_STARTSWITH);
	assert_int_equal(quantor, PK_RULES_QUANTOR_ONEOF);
	assert_true(pk_rules_parse_op("in", &op, &quantor));
	assert_false(pk_rules_parse_op("in oneof", &op, &quantor));
	assert_false(pk_rules_parse_op("exists", &op, &quantor));
	assert_false(pk_rules_parse_op("oneof", &op, &quantor));
	assert_false(pk_rules_parse_op("", &op, &quantor));
	assert_string_equal(pk_rules_suggest_op("startwith", 9), "startswith");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(precedence),     cmocka_unit_test(operators),
		cmocka_unit_test(every_mistake),  cmocka_unit_test(messages),
		cmocka_unit_test(nesting_limit),  cmocka_unit_test(length_limit),
		cmocka_unit_test(mistakes_limit), cmocka_unit_test(operator_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
