/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void prints(void **state)
{
	assert_parses("a.b  =  c", "a.b = c");
	assert_parses("a.b == \"c d\" or not (x.y exists and m)",
		      "(a.b = \"c d\" or not (x.y exists and m))");
	assert_parses("a.b[ä] in ('x', \"\", y z)", "");
	assert_parses("a.b['x y'] in ('x', \"\", y)", "a.b[\"x y\"] in (x, \"\", y)");
	assert_parses("not (not a)", "not (not a)");
	assert_parses("a.b = 'oneof'", "a.b = \"oneof\"");
	assert_parses("a.b contains oneof (x)", "a.b contains oneof (x)");
	assert_parses("join('-', (a.b, 1)) > val( c.d )", "join(\"-\", (a.b, 1)) > val(c.d)");
}

static void backslash_at_the_end(void **state)
{
	assert_parses("a.b = 'x y\\x5c'", "a.b = \"x y\\x5c\"");
	assert_parses("a.b = \"x y\\x5c\"", "a.b = \"x y\\x5c\"");
	assert_parses("a.b = \"x \\\\ y\"", "a.b = \"x \\\\ y\"");
}

static void names(void **state)
{
	for (int i = 0; i < PK_RULES_OP_CNT; i++)
		assert_non_null(pk_rules_op_name((enum pk_rules_op)i));
	for (int i = 0; i < PK_RULES_TRANSFORMER_CNT; i++)
		assert_non_null(pk_rules_transformer_name((enum pk_rules_transformer)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints),
		cmocka_unit_test(backslash_at_the_end),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
