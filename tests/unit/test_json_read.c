// SPDX-License-Identifier: Apache-2.0
/*
 * Foreign JSON: what is refused, and what is as if it were not there.
 */
#include "meta/json_read.h"

#include <errno.h>

#include "test.h"

static int parse(const char *text, struct json_object **ret_object)
{
	return pk_json_parse(text, strlen(text), ret_object);
}

static void refused(void **state)
{
	static const char *const texts[] = {
		"", " ", "{", "{}x", "[1,", "\"a", "{\"a\":1,}}", "nul"
	};
	struct json_object *object = NULL;
	char deep[2 * PK_MAX_CONTAINER_JSON_DEPTH + 3];

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		if (parse(texts[i], &object) != -EBADMSG)
			fail_msg("taken: %s", texts[i]);
	}
	memset(deep, '[', PK_MAX_CONTAINER_JSON_DEPTH + 1);
	memset(deep + PK_MAX_CONTAINER_JSON_DEPTH + 1, ']', PK_MAX_CONTAINER_JSON_DEPTH + 1);
	deep[2 * PK_MAX_CONTAINER_JSON_DEPTH + 2] = '\0';
	assert_int_equal(parse(deep, &object), -EBADMSG);
	assert_int_equal(pk_json_parse("{}", PK_MAX_CONTAINER_JSON_BYTES + 1, &object), -EFBIG);
}

static void looked_up(void **state)
{
	pk_json_cleanup struct json_object *object = NULL;
	size_t len;

	assert_int_equal(parse("{\"a\":{\"b.c\":\"d\",\"e\":[1],\"f\":true},\"g\":\"h\\u0000i\"} \n",
			       &object),
			 0);
	assert_string_equal(pk_json_text(pk_json_get(pk_json_at(object, "a"), "b.c"), &len), "d");
	assert_string_equal(pk_json_text_at(object, "a.b"), "");
	assert_string_equal(pk_json_text_at(object, "a.e"), "");
	assert_string_equal(pk_json_text_at(object, "a.e.x"), "");
	assert_true(pk_json_is_true(pk_json_at(object, "a.f")));
	assert_false(pk_json_is_true(pk_json_at(object, "g")));
	pk_json_text(pk_json_get(object, "g"), &len);
	assert_int_equal(len, 3);
	assert_null(pk_json_at(object, "x"));
	assert_null(pk_json_at(NULL, "x"));
	assert_null(pk_json_text(NULL, &len));
	assert_null(pk_json_at(object,
			       "0123456789012345678901234567890123456789012345678901234567890123"));
}

static void labels(void **state)
{
	pk_json_cleanup struct json_object *object = NULL;
	struct pk_draft draft;
	struct pk_text value;

	pk_draft_init(&draft);
	assert_int_equal(parse("{\"a\":\"b\",\"c\":1,\"d\":null,\"e\":\"f\"}", &object), 0);
	assert_int_equal(pk_json_draft_labels(&draft, object), 0);
	assert_true(pk_container_label(pk_draft_get(&draft), "e", &value));
	assert_false(pk_container_label(pk_draft_get(&draft), "c", &value));
	assert_int_equal(pk_json_draft_labels(&draft, NULL), 0);
	pk_draft_fini(&draft);
}

static void files(void **state)
{
	pk_json_cleanup struct json_object *object = NULL;
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	assert_int_equal(pk_json_read_file("/nonexistent", &object), -ENOENT);
	assert_int_equal(pk_json_read_file("/dev/null", &object), -EINVAL);
	assert_int_equal(pk_json_read_file("/proc", &object), -EINVAL);
	/* whatever it leads to */
	assert_int_equal(pk_json_read_file("/proc/self/exe", &object), -ELOOP);
	assert_int_equal(pk_json_slurp("/proc/self/status", 10, &text), -EFBIG);
	assert_int_equal(pk_json_slurp("/proc/self/status", 100000, &text), 0);
	assert_int_equal(text.data[text.len_bytes], '\0');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(looked_up),
		cmocka_unit_test(labels),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
