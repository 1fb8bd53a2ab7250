/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

/* Each way to write it in YAML; the wrong word is where the mark is. */
static void place(const char *yaml, const char *expected)
{
	loaded_cleanup struct loaded loaded = load(yaml);

	assert_refused(&loaded, expected);
}

static void plain(void **state)
{
	place("- macro: m\n  condition: a.b ~ c\n", "f0:2:18: error: unknown operator '~'");
	place("- macro: m\n  condition: a.b = c and\n\n    d.e ~ f\n", "f0:4:9: error");
	place("- macro: m\n  condition: a.b = c and   \n   d.e\n    ~ f\n", "f0:4:5: error");
}

static void single_quoted(void **state)
{
	place("- macro: m\n  condition: 'a.b = ''c'' and d.e ~ f'\n", "f0:2:35: error");
	place("- macro: m\n  condition: 'a.b = ''c'' and\n\n\n   d.e ~ f'\n", "f0:5:8: error");
}

static void double_quoted(void **state)
{
	place("- macro: m\n  condition: \"a.b = \\\"c\\\" and d.e ~ f\"\n", "f0:2:35: error");
	place("- macro: m\n  condition: \"a.b = \\u00e4\\x41 and \\\n    d.e ~ f\"\n",
	      "f0:3:9: error");
	place("- macro: m\n  condition: \"a.b = c\n\n    and d.e ~ f\"\n", "f0:4:13: error");
}

static void literal(void **state)
{
	place("- macro: m\n  condition: |\n    a.b = c\n\n      and d.e ~ f\n", "f0:5:15: error");
	place("- macro: m\n  condition: |2-\n       a.b = c\n    and d.e ~ f\n", "f0:4:13: error");
}

static void folded(void **state)
{
	place("- macro: m\n  condition: >\n    a.b = c\n    and d.e ~ f\n", "f0:4:13: error");
	place("- macro: m\n  condition: >-\n\n    a.b = c\n\n\n      and\n    d.e ~ f\n    and x\n",
	      "f0:8:9: error");
	place("- macro: m\n  condition: >\n    a.b = \xc3\xa4 and \xc3\xa4 ~\n", "f0:3:17: error");
	place("- macro: m\n  condition: >\n    a.b = c\n\n      and d.e ~ f\n", "f0:5:15: error");
	place("- macro: m\n  condition: >-\n    (a.b = c\n\n\n     and d.e\n\n       ~ f\n    )\n",
	      "f0:8:8: error");
	place("- macro: m\r\n  condition: >\r\n    a.b = c\r\n    and d.e ~ f\r\n",
	      "f0:4:13: error");
}

static void values(void **state)
{
	place("- rule: r\n  desc: d\n  output: o\n  condition: a.b = c\n  priority: \"IN\\\n    FOO\"\n",
	      "f0:5:14: error: unknown priority 'INFOO'");
	place("- rule: r\n  desc: d\n  output: o\n  condition: a.b = c\n  priority: INFO\n"
	      "  limit: >\n    5\n    pr 1m\n",
	      "f0:8:5: error: expected 'per'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),         cmocka_unit_test(single_quoted),
		cmocka_unit_test(double_quoted), cmocka_unit_test(literal),
		cmocka_unit_test(folded),        cmocka_unit_test(values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
