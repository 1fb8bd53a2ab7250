/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void becomes(const char *exceptions, const char *expected)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	pk_buf_add_str(&text, "- list: l\n  items: [p, q]\n" RULE(
				      "r", "a.b exists or l.m exists") "  exceptions:\n");
	pk_buf_add_str(&text, exceptions);
	pk_buf_add_char(&text, '\0');
	{
		loaded_cleanup struct loaded loaded = load(text.data);

		if (loaded.rules)
			assert_condition(&loaded, "r", expected);
		else
			assert_said(&loaded, expected);
	}
}

#define AND "((a.b exists or l.m exists) and not "

static void conditions(void **state)
{
	becomes("  - {name: n, fields: c.d}\n", "(a.b exists or l.m exists)");
	becomes("  - {name: n, fields: c.d, values: []}\n", "(a.b exists or l.m exists)");
	becomes("  - {name: n, fields: c.d, values: [x, y z]}\n", AND "c.d in (x, \"y z\"))");
	becomes("  - {name: n, fields: c.d, comps: pmatch, values: [/x]}\n",
		AND "c.d pmatch (/x))");
	becomes("  - {name: n, fields: [c.d, e.f], values: [[x, y], [v, w]]}\n",
		AND "((c.d = x and e.f = y) or (c.d = v and e.f = w)))");
	becomes("  - {name: n, fields: [c.d, e.f], comps: [in, glob], values: [[[x, y], z*]]}\n",
		AND "(c.d in (x, y) and e.f glob z*))");
	becomes("  - {name: n, fields: [c.d], comps: [in], values: [[l]]}\n", AND "c.d in (p, q))");
	becomes("  - {name: n, fields: [c.d], comps: [in], values: [['(x, l, \"y z\")']]}\n",
		AND "c.d in (x, p, q, \"y z\"))");
}

static void mistakes(void **state)
{
	becomes("  - {name: n, fields: [c.d, e.f], values: [[x]]}\n",
		"f0:9:44: error: expected a sequence of 2 values");
	becomes("  - {name: n, fields: [c.d], values: [x]}\n",
		"f0:9:39: error: expected a sequence of 1 values");
	becomes("  - {name: n, fields: [cd], values: [[x]]}\n", "f0:9:24: error: 'cd' is no field");
	becomes("  - {name: n, fields: c.d, values: [[x]]}\n", "expected a text or a number");
	becomes("  - {name: n, fields: [c.d], values: [['x)or(y']]}\n", "f0:9:");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
