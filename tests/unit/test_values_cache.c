/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void shares_what_is_the_same(void **state)
{
	loaded_cleanup struct loaded loaded = load(
		"- list: l\n  items: [aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb, cccccc]\n" RULE(
			"one", "a.b in (l)") RULE("two", "c.d in (l)")
			RULE("three", "a.b in (aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb, cccccc)"));
	const struct pk_rules_values *one, *two, *three;

	assert_clean(&loaded);
	one = &rule_of(&loaded, "one")->condition->check.values;
	two = &rule_of(&loaded, "two")->condition->check.values;
	three = &rule_of(&loaded, "three")->condition->check.values;
	assert_int_equal(one->cnt, 3);
	assert_ptr_equal(one->items, two->items);
	assert_ptr_not_equal(one->items, three->items); /* stands elsewhere */
	/* a value of a list stands in the list */
	assert_true(one->items[1].pos.offset_bytes < rule_of(&loaded, "one")->pos.offset_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_what_is_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
