/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void underlines(void **state)
{
	loaded_cleanup struct loaded loaded =
		load("# \xc3\xa4\n" RULE("r", "a.b contain \"\xc3\xa4\""));

	assert_refused(&loaded,
		       "f0:6:18: error: unknown operator 'contain'; did you mean 'contains'?\n"
		       "    6 |   condition: a.b contain \"\xc3\xa4\"\n"
		       "      |                  ^~~~~~~\n");
}

static void controls_do_not_reach_the_terminal(void **state)
{
	loaded_cleanup struct loaded loaded =
		load("- macro: \"\\e[31m\"\n  condition: \"a.b \\e c\"\n");

	assert_refused(&loaded, "error");
	assert_null(strchr(loaded.said.data, '\033'));
}

static void long_lines_are_cut(void **state)
{
	char *blanks = repeated("\xc3\xa4", 1000);
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	pk_buf_add_str(&text, "- macro: m\n  condition: a.b = ");
	pk_buf_add_str(&text, blanks);
	pk_buf_add_str(&text, " andd c\n");
	pk_buf_add_char(&text, '\0');
	{
		loaded_cleanup struct loaded loaded = load(text.data);

		assert_refused(&loaded, "f0:2:1021: error: ");
		assert_true(loaded.said.len_bytes < 600);
	}
	free(blanks);
}

static void many_are_counted(void **state)
{
	char *text = repeated("- rul: x\n", PK_MAX_DIAGS + 10);
	loaded_cleanup struct loaded loaded = load(text);
	const struct pk_rules_ctx *ctx = pk_rules_loader_get_ctx(loaded.loader);

	assert_int_equal(ctx->diags.cnt, PK_MAX_DIAGS);
	assert_int_equal(ctx->diags.errors_cnt, PK_MAX_DIAGS + 10);
	free(text);
}

static void are_in_order(void **state)
{
	static const char *const texts[] = { RULE("a", "m") "- rul: x\n", "- lst: y\n" };
	loaded_cleanup struct loaded loaded = load_files(NULL, texts, 2);
	const char *first = strstr(loaded.said.data, "f0:5:14: error");
	const char *second = strstr(loaded.said.data, "f0:6:3: error");
	const char *third = strstr(loaded.said.data, "f1:1:3: error");

	assert_true(first && second && third && first < second && second < third);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(underlines),
		cmocka_unit_test(controls_do_not_reach_the_terminal),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(many_are_counted),
		cmocka_unit_test(are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
