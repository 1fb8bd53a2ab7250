/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/utf8.h"

static size_t check(const char *text)
{
	return pk_utf8_check((const unsigned char *)text, strlen(text));
}

static void lengths(void **state)
{
	assert_int_equal(check("a"), 1);
	assert_int_equal(check("\xc2\x80"), 2);
	assert_int_equal(check("\xe0\xa0\x80"), 3);
	assert_int_equal(check("\xed\x9f\xbf"), 3);
	assert_int_equal(check("\xf0\x90\x80\x80"), 4);
	assert_int_equal(check("\xf4\x8f\xbf\xbf"), 4);
}

static void refused(void **state)
{
	assert_int_equal(check("\x80"), 0);             /* continuation alone */
	assert_int_equal(check("\xc1\xbf"), 0);         /* overlong */
	assert_int_equal(check("\xe0\x9f\xbf"), 0);     /* overlong */
	assert_int_equal(check("\xf0\x8f\xbf\xbf"), 0); /* overlong */
	assert_int_equal(check("\xed\xa0\x80"), 0);     /* surrogate */
	assert_int_equal(check("\xf4\x90\x80\x80"), 0); /* above U+10FFFF */
	assert_int_equal(check("\xf5\x80\x80\x80"), 0);
	assert_int_equal(check("\xe2\x82"), 0); /* cut */
	assert_int_equal(check("\xe2\x82x"), 0);
	assert_int_equal(check("\xff"), 0);
}

static void decodes(void **state)
{
	assert_int_equal(pk_utf8_decode((const unsigned char *)"a", 1), 'a');
	assert_int_equal(pk_utf8_decode((const unsigned char *)"\xc3\xa9", 2), 0xe9);
	assert_int_equal(pk_utf8_decode((const unsigned char *)"\xe2\x82\xac", 3), 0x20ac);
	assert_int_equal(pk_utf8_decode((const unsigned char *)"\xf4\x8f\xbf\xbf", 4), 0x10ffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths),
		cmocka_unit_test(refused),
		cmocka_unit_test(decodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
