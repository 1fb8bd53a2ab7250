/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void refuses(const char *exceptions, const char *expected)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	pk_buf_add_str(&text, RULE("r", "a.b exists") "  exceptions:\n");
	pk_buf_add_str(&text, exceptions);
	pk_buf_add_char(&text, '\0');
	{
		loaded_cleanup struct loaded loaded = load(text.data);

		assert_refused(&loaded, expected);
	}
}

static void forms(void **state)
{
	refuses("  - x\n", "an exception is a mapping with a 'name'");
	refuses("  - fields: [a.b]\n", "an exception is a mapping with a 'name'");
	refuses("  - name: n\n", "exception without 'fields'");
	refuses("  - name: n\n    fields: []\n", "'fields' takes a field");
	refuses("  - name: n\n    fields: [[a.b]]\n", "'fields' takes a field");
	refuses("  - name: n\n    fields: [a.b, c.d]\n    comps: [=]\n",
		"as many operators as there are fields: 2");
	refuses("  - name: n\n    fields: [a.b]\n    comps: [startwith]\n",
		"did you mean 'startswith'?");
	refuses("  - name: n\n    fields: a.b\n    values: x\n", "'values' takes a sequence");
}

/* What is wrong with one exception is told at once. */
static void several_mistakes(void **state)
{
	loaded_cleanup struct loaded loaded = load(
		RULE("r", "a.b exists") "  exceptions:\n  - name: n\n    fields: [a.b, c.d]\n"
					"    comps: [eq, ne]\n    values: x\n");

	assert_refused(&loaded, "f0:9:13: error: 'comps' takes comparison operators");
	assert_said(&loaded, "f0:9:17: error: 'comps' takes comparison operators");
	assert_said(&loaded, "f0:10:13: error: 'values' takes a sequence");
}

static void appended(void **state)
{
	loaded_cleanup struct loaded loaded = load(RULE(
		"r",
		"a.b exists") "  exceptions:\n  - {name: n, fields: c.d, values: [x]}\n"
			      "- rule: r\n  exceptions:\n  - {name: n, values: [y]}\n"
			      "  - {name: k, fields: [e.f], values: [[z]]}\n  override: {exceptions: append}\n");

	assert_clean(&loaded);
	assert_condition(&loaded, "r", "(a.b exists and not c.d in (x, y) and not e.f = z)");
}

static void only_values_are_appended(void **state)
{
	refuses("  - {name: n, fields: c.d, values: [x]}\n- rule: r\n  append: true\n"
		"  exceptions:\n  - {name: n, fields: c.d, values: [y]}\n",
		"only 'values' can be appended");
}

static void replaced(void **state)
{
	loaded_cleanup struct loaded loaded = load(
		RULE("r",
		     "a.b exists") "  exceptions:\n  - {name: n, fields: c.d, values: [x]}\n"
				   "- rule: r\n  exceptions:\n  override: {exceptions: replace}\n");

	assert_clean(&loaded);
	assert_condition(&loaded, "r", "a.b exists");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),    cmocka_unit_test(several_mistakes),
		cmocka_unit_test(appended), cmocka_unit_test(only_values_are_appended),
		cmocka_unit_test(replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
