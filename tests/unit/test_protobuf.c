// SPDX-License-Identifier: Apache-2.0
/*
 * The wire format of protocol buffers.
 */
#include "meta/protobuf.h"

#include <errno.h>

#include "test.h"

static void wire(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int result;
	} rows[] = {
		{ "", 0, 0 },
		{ "\x08\x96\x01", 3, 1 },
		{ "\x12\x02hi", 4, 1 },
		{ "\x12\x03hi", 4, -EBADMSG },
		{ "\x0d\1\2\3\4", 5, 1 },
		{ "\x09\1\2\3\4\5\6\7\10", 9, 1 },
		{ "\x09\1\2\3", 4, -EBADMSG },
		{ "\x0b", 1, -EBADMSG },
		{ "\x00\x01", 2, -EBADMSG },
		{ "\x08", 1, -EBADMSG },
		{ "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13, -EBADMSG },
		{ "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, -EBADMSG },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(rows); i++) {
		struct pk_text message = { rows[i].bytes, rows[i].len };
		struct pk_pb_field field;

		if (pk_pb_next(&message, &field) != rows[i].result)
			fail_msg("row %zu", i);
	}
}

static void there_and_back(void **state)
{
	static char text[300];
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	struct pk_text message;
	struct pk_pb_field field;

	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(pk_pb_add_text(&buf, 1, "hi"), 0);
	assert_int_equal(pk_pb_add_text(&buf, 2000, text), 0);
	message = (struct pk_text){ buf.data, buf.len_bytes };
	assert_int_equal(pk_pb_next(&message, &field), 1);
	assert_int_equal(field.number, 1);
	assert_text(field.bytes, "hi");
	assert_int_equal(pk_pb_next(&message, &field), 1);
	assert_int_equal(field.number, 2000);
	assert_int_equal(field.bytes.len, sizeof(text) - 1);
	assert_int_equal(pk_pb_next(&message, &field), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wire),
		cmocka_unit_test(there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
