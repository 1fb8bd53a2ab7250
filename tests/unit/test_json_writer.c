/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "sinks/json_writer.h"

static struct pk_buf out;
static struct pk_jw w;

static int setup(void **state)
{
	return pk_jw_begin(&w, &out);
}

static int teardown(void **state)
{
	pk_buf_fini(&out);
	return 0;
}

static void expect(const char *expected)
{
	assert_int_equal(pk_jw_end(&w), 0);
	assert_buf(&out, expected);
	pk_buf_clear(&out);
	assert_int_equal(pk_jw_begin(&w, &out), 0);
}

static void expect_text(const char *text, size_t len, const char *expected)
{
	pk_jw_string(&w, text, len);
	expect(expected);
}

static void escapes(void **state)
{
	expect_text("", 0, "\"\"");
	expect_text("a\"b\\c", 5, "\"a\\\"b\\\\c\"");
	expect_text("\b\t\n\f\r", 5, "\"\\b\\t\\n\\f\\r\"");
	expect_text("\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\"");
	expect_text("\xc2\x9b\xc2\xa0", 4, "\"\\u009b\xc2\xa0\"");
	expect_text("h\xc3\xa9\xf0\x9f\x98\x80", 7, "\"h\xc3\xa9\xf0\x9f\x98\x80\"");
}

static void invalid_utf8(void **state)
{
	pk_jw_string(&w, "ok", 2);
	assert_false(w.invalid_utf8);
	pk_jw_string(&w, "a\xff\xe2\x82z", 5);
	assert_true(w.invalid_utf8);
	expect("\"ok\"\"a\\ufffd\\ufffd\\ufffdz\"");
	expect_text("\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\"");
	expect_text("\xe2\x82", 2, "\"\\ufffd\\ufffd\"");
}

/* A byte that needs escaping at every place of strings of every length around a word's. */
static void every_offset(void **state)
{
	static const char odd[] = { '"', '\\', '\n', 0x1f, 0x7f, (char)0x80, (char)0xff };

	for (size_t len = 1; len < 70; len++) {
		for (size_t at = 0; at < len; at++) {
			char text[70];
			size_t rest = len - at - 1;

			memset(text, 'x', len);
			text[at] = odd[(len + at) % sizeof(odd)];
			pk_jw_string(&w, text, len);
			assert_int_equal(pk_jw_end(&w), 0);
			assert_memory_equal(out.data + 1, text, at);
			assert_int_equal(out.data[1 + at], '\\');
			assert_memory_equal(out.data + out.len_bytes - 1 - rest, text + at + 1,
					    rest);
			pk_buf_clear(&out);
			assert_int_equal(pk_jw_begin(&w, &out), 0);
		}
	}
}

static void clean_strings_of_every_length(void **state)
{
	for (size_t len = 0; len < 100; len++) {
		char text[100];

		for (size_t i = 0; i < len; i++)
			text[i] = (char)('A' + i % 26);
		pk_jw_string(&w, text, len);
		assert_int_equal(pk_jw_end(&w), 0);
		assert_int_equal(out.len_bytes, len + 2);
		assert_memory_equal(out.data + 1, text, len);
		pk_buf_clear(&out);
		assert_int_equal(pk_jw_begin(&w, &out), 0);
	}
}

static void numbers(void **state)
{
	__u64 number = 1;
	char expected[32];

	for (int i = 0; i < 64; i++, number = number * 3 + 1) {
		snprintf(expected, sizeof(expected), "%" PRIu64, (uint64_t)number);
		pk_jw_u64(&w, number);
		expect(expected);
		snprintf(expected, sizeof(expected), "\"%016" PRIx64 "\"", (uint64_t)number);
		pk_jw_hex64(&w, number);
		expect(expected);
	}
	pk_jw_u64(&w, ~0ull);
	expect("18446744073709551615");
	pk_jw_u64(&w, 0);
	pk_jw_lit(&w, " ");
	pk_jw_u64(&w, 9);
	pk_jw_u64(&w, 10);
	pk_jw_u64(&w, 99);
	pk_jw_u64(&w, 100);
	expect("0 91099100");
	pk_jw_s32(&w, INT32_MIN);
	pk_jw_s32(&w, 7);
	expect("-21474836487");
	pk_jw_mode(&w, 0104755);
	pk_jw_dev(&w, ~0u);
	expect("\"4755\"\"4095:1048575\"");
}

static void addresses(void **state)
{
	static const char *const texts[] = {
		"::",
		"::1",
		"1::",
		"2001:db8::1",
		"2001:db8::1:0:0:1",
		"1:0:2::3",
		"fe80::1:2:3:4",
		"1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:0:8",
		"::ffff:192.0.2.1",
		"::ffff:0:0.0.0.0",
		"ff02::1:ff00:0",
		"0:1::",
		"1::8",
	};
	char expected[INET6_ADDRSTRLEN + 2];
	__u8 address[16];

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		if (inet_pton(AF_INET6, texts[i], address) != 1)
			continue;
		expected[0] = '"';
		inet_ntop(AF_INET6, address, expected + 1, INET6_ADDRSTRLEN);
		strcat(expected, "\"");
		pk_jw_ipv6(&w, address);
		expect(expected);
	}
	inet_pton(AF_INET, "10.0.255.1", address);
	pk_jw_ipv4(&w, address);
	expect("\"10.0.255.1\"");
}

/* Random groups, many of them zero, as the C library writes them. */
static void random_addresses(void **state)
{
	char expected[INET6_ADDRSTRLEN + 2];
	unsigned int seed = 1;
	__u8 address[16];

	for (int i = 0; i < 20000; i++) {
		for (int j = 0; j < 16; j++)
			address[j] = rand_r(&seed) % 3 ? 0 : (__u8)rand_r(&seed);
		if (!memcmp(address, (__u8[12]){ 0 }, 12))
			continue; /* the C library writes ::1.2.3.4, RFC 5952 does not ask for it */
		expected[0] = '"';
		inet_ntop(AF_INET6, address, expected + 1, INET6_ADDRSTRLEN);
		strcat(expected, "\"");
		pk_jw_ipv6(&w, address);
		expect(expected);
	}
}

static void brackets(void **state)
{
	size_t object = pk_jw_open(&w);
	size_t array;

	pk_jw_field_u64(&w, "a", 1);
	pk_jw_lit(&w, ",\"b\":");
	array = pk_jw_open(&w);
	pk_jw_close_array(&w, array);
	pk_jw_field_true(&w, "c");
	pk_jw_close_object(&w, object);
	expect("{\"a\":1,\"b\":[],\"c\":true}");
}

static void long_strings_grow_the_buffer(void **state)
{
	size_t len = 300000;
	char *text = malloc(len);

	memset(text, 1, len);
	pk_jw_lit(&w, "before");
	pk_jw_string(&w, text, len);
	pk_jw_string(&w, "after", 5);
	assert_int_equal(pk_jw_end(&w), 0);
	assert_int_equal(out.len_bytes, 6 + 6 * len + 2 + 7);
	assert_memory_equal(out.data, "before\"\\u0001", 13);
	free(text);
}

/* What does not fit is dropped as a whole; what stood in the buffer stays. */
static void no_room(void **state)
{
	size_t len = PK_MAX_BUF_BYTES / 6;
	char *text = calloc(1, len);
	size_t object;

	pk_jw_lit(&w, "line\n");
	assert_int_equal(pk_jw_end(&w), 0);
	assert_int_equal(pk_jw_begin(&w, &out), 0);
	object = pk_jw_open(&w);
	pk_jw_field_true(&w, "a");
	pk_jw_string(&w, text, len);
	for (int i = 0; i < 1000; i++)
		pk_jw_field_text(&w, "key", ((struct pk_text){ "value", 5 }));
	pk_jw_close_object(&w, object);
	assert_int_equal(pk_jw_end(&w), -ENOMEM);
	assert_buf(&out, "line\n");
	free(text);
}

int main(void)
{
#define writer_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		writer_test(escapes),
		writer_test(invalid_utf8),
		writer_test(every_offset),
		writer_test(clean_strings_of_every_length),
		writer_test(numbers),
		writer_test(addresses),
		writer_test(random_addresses),
		writer_test(brackets),
		writer_test(long_strings_grow_the_buffer),
		writer_test(no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
