/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void becomes(const char *text, const char *expected)
{
	loaded_cleanup struct loaded loaded = load(text);

	assert_clean(&loaded);
	assert_condition(&loaded, "r", expected);
}

#define LISTS                                                                            \
	"- list: one\n  items: [x]\n- list: two\n  items: [one, 'y z']\n- list: three\n" \
	"  items: [two, w]\n- list: none\n  items: []\n"

static void put_in(void **state)
{
	becomes(LISTS RULE("r", "a.b in (two)"), "a.b in (x, \"y z\")");
	becomes(LISTS RULE("r", "a.b in (three)"), "a.b in (x, \"y z\", w)");
	becomes(LISTS RULE("r", "a.b in three"), "a.b in (x, \"y z\", w)");
	becomes(LISTS RULE("r", "a.b = one"), "a.b = x");
	becomes(LISTS RULE("r", "a.b contains anyof two"), "a.b contains anyof (x, \"y z\")");
	becomes(LISTS RULE("r", "a.b in (\"one\", ' one ', onex, one)"),
		"a.b in (one, \" one \", onex, x)");
}

static void empty_lists(void **state)
{
	becomes(LISTS RULE("r", "a.b in (none)"), "a.b in ()");
	becomes(LISTS RULE("r", "a.b in (none, k)"), "a.b in (k)");
	becomes(LISTS RULE("r", "a.b in (k, none)"), "a.b in (k)");
	becomes(LISTS RULE("r", "a.b in (k, none, l)"), "a.b in (k, l)");
	becomes(LISTS "- list: m\n  items: [none, k, none]\n" RULE("r", "a.b in (m)"),
		"a.b in (k)");
}

static void items_with_quotes(void **state)
{
	becomes("- list: l\n  items: ['\"(x)\"', 'a \"b\"', '']\n" RULE("r", "a.b in (l)"),
		"a.b in (\"(x)\", \"a \\\"b\\\"\", \"\")");
	becomes("- list: l\n  items: [l, x]\n" RULE("r", "a.b in (l)"), "a.b in (l, x)");
}

static void mistakes(void **state)
{
	loaded_cleanup struct loaded circle =
		load("- list: a\n  items: [b]\n- list: b\n  items: [a]\n");
	loaded_cleanup struct loaded item =
		load("- list: l\n  items: [x, 'y\"z']\n" RULE("r", "a.b in (l)"));
	loaded_cleanup struct loaded near =
		load("- list: my_shells\n  items: [x]\n" RULE("r", "a.b in (my_shels)"));

	assert_refused(&circle, "contain each other");
	assert_refused(&item, "f0:2:16: error: ");
	assert_said(
		&near,
		"warning: 'my_shels' is no list and is taken as it is; did you mean 'my_shells'?");
	assert_non_null(near.rules);
}

static void deep_lists(void **state)
{
	for (unsigned int over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		char line[64];

		for (unsigned int i = 0; i < PK_MAX_MACRO_DEPTH + over; i++) {
			snprintf(line, sizeof(line), "- list: l%u\n  items: [l%u]\n", i, i + 1);
			pk_buf_add_str(&text, line);
		}
		pk_buf_add_char(&text, '\0');
		{
			loaded_cleanup struct loaded loaded = load(text.data);

			assert_int_equal(loaded.rules != NULL, !over);
		}
	}
}

static void growth_is_bounded(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	char line[128];

	pk_buf_add_str(&text, "- list: l0\n  items: [xxxxxxxxxxxxxxxxxxxx]\n");
	for (int i = 1; i < 30; i++) {
		snprintf(line, sizeof(line), "- list: l%d\n  items: [l%d, l%d, l%d, l%d]\n", i,
			 i - 1, i - 1, i - 1, i - 1);
		pk_buf_add_str(&text, line);
	}
	pk_buf_add_str(&text, RULE("r", "a.b in (l29)"));
	pk_buf_add_char(&text, '\0');
	{
		loaded_cleanup struct loaded loaded = load(text.data);

		assert_refused(&loaded, "lists put in; the limit is");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_in),
		cmocka_unit_test(empty_lists),
		cmocka_unit_test(items_with_quotes),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(deep_lists),
		cmocka_unit_test(growth_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
