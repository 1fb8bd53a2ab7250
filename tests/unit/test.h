/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every unit test includes: cmocka with the headers it forgets, and a few comparisons.
 */
#ifndef PK_TESTS_TEST_H
#define PK_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "stream/record.h"

#define assert_text(text, expected)                                   \
	do {                                                          \
		struct pk_text text_ = (text);                        \
		assert_int_equal(text_.len, strlen(expected));        \
		assert_memory_equal(text_.data, expected, text_.len); \
	} while (0)

/* Whether the bytes in `buf` hold `part`. */
static inline int buf_has(const struct pk_buf *buf, const char *part)
{
	return memmem(buf->data, buf->len_bytes, part, strlen(part)) != NULL;
}

static inline void assert_buf(const struct pk_buf *buf, const char *expected)
{
	assert_int_equal(buf->len_bytes, strlen(expected));
	assert_memory_equal(buf->data, expected, buf->len_bytes);
}

#endif
