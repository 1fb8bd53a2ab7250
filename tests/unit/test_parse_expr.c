/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void fields(void **state)
{
	assert_parses("proc.aname[2] = x", "proc.aname[2] = x");
	assert_parses("a.b[\"x\\\"y\"] exists", "a.b[\"x\\\"y\"] exists");
	assert_fails("a.b[] = x", "expected an argument within []");
	assert_fails("a.b[x = y", "no ']' for this '['");
}

static void transformers(void **state)
{
	assert_parses("b64( toupper( a.b ) ) = x", "b64(toupper(a.b)) = x");
	assert_parses("concat((a.b, '-', c.d)) = x", "concat((a.b, \"-\", c.d)) = x");
	assert_parses("getopt(a.b, 'p')['x'] exists", "getopt(a.b, \"p\")[\"x\"] exists");
	assert_fails("tolowr(a.b) = x", "unknown transformer 'tolowr'; did you mean 'tolower'?");
	assert_fails("val(a.b) = x", "val() only stands alone");
	assert_fails("a.b = val(tolower(a.b))", "val() takes one field");
	assert_fails("join(a.b, c.d) = x", "join() takes a separator and a list");
	assert_fails("tolower('x') = x", "tolower() takes one field");
	assert_fails("tolower(a.b, c.d) = x", "tolower() takes one field");
}

static void values(void **state)
{
	assert_parses("a.b in ()", "a.b in ()");
	assert_parses("a.b in ( x , 'y z' )", "a.b in (x, \"y z\")");
	assert_fails("a.b in (x,)", "expected a value, found ')'");
	assert_fails("a.b in (x", "c:1:8: error: no ')' for this '('");
	assert_fails("a.b in (x y)", "expected ',' or ')' behind a value, found 'y'");
	assert_fails("a.b = 'x", "c:1:7: error: no closing quote for this one");
	assert_fails("a.b = 'x\\qy'", "c:1:9: error: unknown escape");
}

static void string_limit(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	char *word = repeated("x", PK_MAX_STRING_BYTES);

	pk_buf_add_str(&text, "a.b = ");
	pk_buf_add_str(&text, word);
	pk_buf_add_char(&text, '\0');
	assert_parses(text.data, text.data);
	text.len_bytes--;
	pk_buf_add_str(&text, "x");
	pk_buf_add_char(&text, '\0');
	assert_fails(text.data, "text of 4097 bytes; the limit is 4096");
	free(word);
}

static void list_limit(void **state)
{
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf said = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	char *items = repeated(",x", PK_MAX_LIST_ITEMS);

	pk_buf_add_str(&text, "a.b in (");
	pk_buf_add_str(&text, items + 1);
	pk_buf_add_str(&text, ")");
	pk_buf_add_char(&text, '\0');
	parse_alone(text.data, &printed, &said);
	assert_string_equal(text_of(&said), "");
	text.len_bytes -= 2;
	pk_buf_add_str(&text, ",y)");
	pk_buf_add_char(&text, '\0');
	assert_fails(text.data, "more than 65536 values");
	free(items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),     cmocka_unit_test(transformers),
		cmocka_unit_test(values),     cmocka_unit_test(string_limit),
		cmocka_unit_test(list_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
