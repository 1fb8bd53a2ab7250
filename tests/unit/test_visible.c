/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "sinks/text.h"

static void expect(const char *data, size_t len, const char *visible)
{
	struct pk_buf out = PK_BUF_INIT;

	assert_int_equal(pk_text_visible(&out, data, len), 0);
	assert_buf(&out, visible);
	pk_buf_fini(&out);
}

static void test_harmless(void **state)
{
	expect("/usr/bin/caf\xc3\xa9 \"x\" \\", 20, "/usr/bin/caf\xc3\xa9 \"x\" \\");
}

static void test_controls(void **state)
{
	expect("a\nb\tc\r", 6, "a\\nb\\tc\\r");
	expect("\033[2J\0\x7f", 6, "\\x1b[2J\\x00\\x7f");
	expect("\xc2\x9b", 2, "\\u{9b}"); /* the one-character form of ESC [ */
}

static void test_hiding(void **state)
{
	expect("\xe2\x80\xae", 3, "\\u{202e}"); /* right-to-left override */
	expect("\xe2\x80\x8b", 3, "\\u{200b}"); /* zero-width space */
	expect("\xef\xbb\xbf", 3, "\\u{feff}");
}

static void test_not_utf8(void **state)
{
	expect("a\xff\xc3", 3, "a\\xff\\xc3");
	expect("\xed\xa0\x80", 3, "\\xed\\xa0\\x80"); /* a surrogate */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_harmless),
		cmocka_unit_test(test_controls),
		cmocka_unit_test(test_hiding),
		cmocka_unit_test(test_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
