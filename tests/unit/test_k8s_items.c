/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines and lists, cut into parts wherever the pieces end.
 */
#include "meta/k8s_items.h"

#include <errno.h>

#include "test.h"

struct told {
	struct pk_buf text; /* parts, each with a newline behind */
	int err;
};

static int on_part(void *arg, const char *data, size_t len, uint32_t flags)
{
	struct told *told = arg;

	assert_int_equal(pk_buf_add(&told->text, data, len), 0);
	assert_int_equal(pk_buf_add_char(&told->text, '\n'), 0);
	return told->err;
}

typedef int add_fn(struct pk_k8s_parts *parts, const char *data, size_t len);

static int add_in_steps(struct pk_k8s_parts *parts, add_fn *add, const char *text, size_t step)
{
	size_t len = strlen(text);
	int err = 0;

	for (size_t at = 0; at < len && !err; at += step)
		err = add(parts, text + at, step < len - at ? step : len - at);
	return err;
}

/* In pieces of any size. */
static void assert_parts(add_fn *add, const char *text, const char *expected, size_t refused_cnt,
			 const char *expected_head)
{
	for (size_t step = 1; step <= strlen(text) + 1; step++) {
		struct told told = { 0 };
		struct pk_k8s_parts parts;

		pk_k8s_parts_init(&parts, &pk_k8s_want_pod, on_part, &told);
		assert_int_equal(add_in_steps(&parts, add, text, step), 0);
		assert_int_equal(pk_buf_add_char(&told.text, '\0'), 0);
		assert_string_equal(told.text.data, expected);
		assert_int_equal(parts.refused_cnt, refused_cnt);
		if (expected_head)
			assert_buf(&parts.head, expected_head);
		pk_k8s_parts_fini(&parts);
		pk_buf_fini(&told.text);
	}
}

#define A "{\"spec\":{\"nodeName\":\"a\"}}"
#define B "{\"spec\":{\"nodeName\":\"b\\\"}]\"}}"

static void lines(void **state)
{
	assert_parts(pk_k8s_parts_add_lines, A "\n" B "\n", A "\n" B "\n", 0, NULL);
	assert_parts(pk_k8s_parts_add_lines, "\n\n" A "\n\n" B, A "\n", 0, NULL);
	assert_parts(pk_k8s_parts_add_lines, "{\n" A "\r\nnonsense\n{}\n", A "\n{}\n", 2, NULL);
}

static void lists(void **state)
{
	add_fn *add = pk_k8s_parts_add_list;

	assert_parts(add, "{\"items\":[]}", "", 0, "{\"items\":[]}");
	assert_parts(add, "{\"items\":[" A "," B "],\"x\":1}", A "\n" B "\n", 0,
		     "{\"items\":[],\"x\":1}");
	assert_parts(add, "{\"metadata\":{\"items\":[{}]},\"items\" : [ " A " ]}", A "\n", 0,
		     "{\"metadata\":{\"items\":[{}]},\"items\" : []}");
	assert_parts(add, "{\"items\":null}", "", 0, "{\"items\":null}");
	assert_parts(add, "{\"a\":\"items\",\"b\":[1]}", "", 0, "{\"a\":\"items\",\"b\":[1]}");
	assert_parts(add, "{\"a\\\"items\":[1],\"items\":[{\"x\":[}]," A "]}", A "\n", 1, NULL);
}

static void refused_lists(void **state)
{
	static const char *const texts[] = { "{\"items\":[1]}", "{\"items\":[\"x\"]}",
					     "{\"items\":[[]]}" };
	struct told told = { 0 };

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		struct pk_k8s_parts parts;

		pk_k8s_parts_init(&parts, &pk_k8s_want_pod, on_part, &told);
		assert_int_equal(add_in_steps(&parts, pk_k8s_parts_add_list, texts[i], 5),
				 -EBADMSG);
		pk_k8s_parts_fini(&parts);
	}
	assert_int_equal(told.text.len_bytes, 0);
}

static void long_head(void **state)
{
	struct pk_k8s_parts parts;
	struct told told = { 0 };
	int err = 0;

	pk_k8s_parts_init(&parts, &pk_k8s_want_pod, on_part, &told);
	for (size_t i = 0; i < PK_MAX_K8S_HEAD_BYTES && !err; i++)
		err = pk_k8s_parts_add_list(&parts, "[", 1);
	assert_int_equal(err, 0);
	assert_int_equal(pk_k8s_parts_add_list(&parts, "[", 1), -EFBIG);
	pk_k8s_parts_fini(&parts);
}

/* What the receiver makes of a part: nonsense is counted, anything else ends it. */
static void errors(void **state)
{
	for (int list = 0; list < 2; list++) {
		add_fn *add = list ? pk_k8s_parts_add_list : pk_k8s_parts_add_lines;
		const char *text = list ? "{\"items\":[{},{}]}" : "{}\n{}\n";
		struct told told = { .err = -EBADMSG };
		struct pk_k8s_parts parts;

		pk_k8s_parts_init(&parts, &pk_k8s_want_pod, on_part, &told);
		assert_int_equal(add(&parts, text, strlen(text)), 0);
		assert_int_equal(parts.refused_cnt, 2);
		assert_int_equal(parts.part_cnt, 0);
		told.err = -ESTALE;
		pk_k8s_parts_fini(&parts);
		pk_k8s_parts_init(&parts, &pk_k8s_want_pod, on_part, &told);
		assert_int_equal(add(&parts, text, strlen(text)), -ESTALE);
		assert_int_equal(parts.refused_cnt, 0);
		pk_k8s_parts_fini(&parts);
		assert_buf(&told.text, "{}\n{}\n{}\n");
		pk_buf_fini(&told.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),         cmocka_unit_test(lists),
		cmocka_unit_test(refused_lists), cmocka_unit_test(long_head),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
