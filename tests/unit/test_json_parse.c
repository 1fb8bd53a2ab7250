// SPDX-License-Identifier: Apache-2.0
/*
 * Foreign text to a tree: what is refused, and what would take too much memory.
 */
#include "meta/json_parse.h"

#include <errno.h>

#include "test.h"

static int parse(const char *text, size_t len)
{
	pk_json_cleanup struct json_object *object = NULL;

	return pk_json_parse_text(text, len, 8, &object);
}

static void whole_values(void **state)
{
	static const char *const good[] = { "{}", " [1] \r\n", "\"a\"",
					    "{\"a\":\"\\\"b\",\"c\":null} " };
	static const char *const bad[] = { "",          "{",       "{}x",
					   "[1,",       "nul",     "[[[[[[[[[1]]]]]]]]]",
					   "['a']",     "{'a':1}", "/* \" */[]",
					   "[// \"\n1]" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(good); i++) {
		if (parse(good[i], strlen(good[i])))
			fail_msg("refused: %s", good[i]);
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(bad); i++) {
		if (parse(bad[i], strlen(bad[i])) != -EBADMSG)
			fail_msg("taken: %s", bad[i]);
	}
	assert_int_equal(parse("{}\0", 3), -EBADMSG);
}

/* '[' and `cnt` times `item`, then `end`. */
static int parse_many(const char *item, size_t cnt, const char *end)
{
	size_t len = strlen(item);
	pk_cleanup(pk_free_p) char *text = malloc(1 + cnt * len + strlen(end) + 1);
	char *at = text;

	assert_non_null(text);
	*at++ = '[';
	for (size_t i = 0; i < cnt; i++, at += len)
		memcpy(at, item, len);
	memcpy(at, end, strlen(end) + 1);
	return parse(text, strlen(text));
}

static void memory_is_bounded(void **state)
{
	assert_int_equal(parse_many("{},", PK_MAX_JSON_NESTED - 2, "{}]"), 0);
	assert_int_equal(parse_many("{},", PK_MAX_JSON_NESTED - 1, "{}]"), -EFBIG);
	assert_int_equal(parse_many("[],", PK_MAX_JSON_NESTED - 1, "[]]"), -EFBIG);
	assert_int_equal(parse_many("1,", PK_MAX_JSON_VALUES - 2, "1]"), 0);
	assert_int_equal(parse_many("1,", PK_MAX_JSON_VALUES - 1, "1]"), -EFBIG);
	/* in strings they are text */
	assert_int_equal(parse_many("\"{[,\\\"{[,\",", PK_MAX_JSON_NESTED, "1]"), 0);
	assert_int_equal(parse_many("\"\\\\\",{},", PK_MAX_JSON_NESTED, "1]"), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_values),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
