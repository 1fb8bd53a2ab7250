/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left of a pod's JSON: what is wanted, however the text is cut into pieces, and no more of it than
 * the limits say.
 */
#include "meta/k8s_filter.h"

#include <errno.h>
#include <stdio.h>

#include "meta/k8s_pods.h"
#include "test.h"

/* The same in one piece and byte by byte. */
static void assert_filtered(const struct pk_k8s_want *want, const char *text, const char *expected)
{
	size_t len = strlen(text);
	const size_t steps[] = { 1, len + 1 };

	for (size_t i = 0; i < PK_ARRAY_SIZE(steps); i++) {
		struct pk_k8s_filter filter = PK_K8S_FILTER_INIT(want);
		size_t step = steps[i];

		for (size_t at = 0; at < len; at += step)
			pk_k8s_filter_add(&filter, text + at, step < len - at ? step : len - at);
		if (expected) {
			assert_int_equal(pk_k8s_filter_end(&filter), 0);
			assert_buf(&filter.out, expected);
			assert_int_equal(filter.flags, 0);
		} else {
			assert_int_equal(pk_k8s_filter_end(&filter), -EBADMSG);
		}
		pk_k8s_filter_fini(&filter);
	}
}

static void keeps(void **state)
{
	const struct pk_k8s_want *pod = &pk_k8s_want_pod;

	assert_filtered(pod, "{}", "{}");
	assert_filtered(pod, " { } ", "{}");
	assert_filtered(pod,
			"{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"x\":1,\"uid\":\"u\"}}",
			"{\"metadata\":{\"name\":\"a\",\"uid\":\"u\"}}");
	assert_filtered(pod, "{ \"metadata\" : { \"x\" : [ 1 , {} ] , \"name\" : \"a\" } }",
			"{\"metadata\":{\"name\":\"a\"}}");
	assert_filtered(pod,
			"{\"spec\":{\"containers\":[{\"name\":\"}\\\"]\"}],\"nodeName\":\"n\"}}",
			"{\"spec\":{\"nodeName\":\"n\"}}");
	assert_filtered(pod, "{\"metadata\":{\"labels\":{\"a\":\"b\",\"c\\\"d\":\"e\\\\\"}}}",
			"{\"metadata\":{\"labels\":{\"a\":\"b\",\"c\\\"d\":\"e\\\\\"}}}");
	assert_filtered(
		pod,
		"{\"metadata\":{\"annotations\":{\"k\":\"v\",\"kubernetes.io/config.hash\":\"h\"}}}",
		"{\"metadata\":{\"annotations\":{\"kubernetes.io/config.hash\":\"h\"}}}");
	assert_filtered(pod,
			"{\"status\":{\"containerStatuses\":[{\"a\":[1, 2]}],\"hostIP\":\"x\"}}",
			"{\"status\":{\"containerStatuses\":[{\"a\":[1, 2]}]}}");
	assert_filtered(pod, "{\"spec\":{\"hostNetwork\":true}}",
			"{\"spec\":{\"hostNetwork\":true}}");
	/* other types than they should be */
	assert_filtered(pod, "{\"metadata\":5,\"spec\":\"x\",\"status\":[{}]}",
			"{\"metadata\":null,\"spec\":null,\"status\":null}");
	assert_filtered(
		&pk_k8s_want_event,
		"{\"type\":\"ERROR\",\"object\":{\"status\":\"Failure\",\"code\":410,\"details\":{}}}",
		"{\"type\":\"ERROR\",\"object\":{\"status\":null,\"code\":410}}");
}

/* A key's NUL would end it for the parser. */
static void nuls(void **state)
{
	assert_filtered(&pk_k8s_want_pod,
			"{\"metadata\":{\"labels\":{\"a\\u0000b\":\"\\\\u0000\"}}}",
			"{\"metadata\":{\"labels\":{\"a\\ufffdb\":\"\\\\u0000\"}}}");
}

static void malformed(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"{\"a\"",
		"{\"a\":",
		"{\"a\":1",
		"{\"a\":1}}",
		"[]",
		"\"\"",
		"1",
		"{]",
		"{\"a\" 1}",
		"{1:2}",
		"{\"metadata\":}",
		"{} {}",
		"x{}",
		"{\"a\":\"",
		"{\"spec\":{\"nodeName\":,}}",
		"{\"a\":1 2}",
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++)
		assert_filtered(&pk_k8s_want_pod, texts[i], NULL);
}

static void add_str(struct pk_k8s_filter *filter, const char *text)
{
	pk_k8s_filter_add(filter, text, strlen(text));
}

static void add_many(struct pk_k8s_filter *filter, const char *text, size_t cnt)
{
	while (cnt--)
		add_str(filter, text);
}

/* The value of one member, of `cnt` bytes with its quotes. */
static uint32_t leaf_of(size_t cnt, const char *expected_end)
{
	struct pk_k8s_filter filter = PK_K8S_FILTER_INIT(&pk_k8s_want_pod);
	uint32_t flags;

	add_str(&filter, "{\"metadata\":{\"uid\":\"u\",\"name\":\"");
	add_many(&filter, "x", cnt - 2);
	add_str(&filter, "\"}}");
	assert_int_equal(pk_k8s_filter_end(&filter), 0);
	assert_memory_equal(filter.out.data + filter.out.len_bytes - strlen(expected_end),
			    expected_end, strlen(expected_end));
	assert_true(buf_has(&filter.out, "\"uid\":\"u\""));
	flags = filter.flags;
	pk_k8s_filter_fini(&filter);
	return flags;
}

static void long_leaf(void **state)
{
	assert_int_equal(leaf_of(PK_MAX_K8S_LEAF_BYTES, "x\"}}"), 0);
	assert_int_equal(leaf_of(PK_MAX_K8S_LEAF_BYTES + 1, ",\"name\":null}}"), PK_K8S_CUT_TEXT);
}

/* What nobody asks for may be long, and is not kept. */
static void long_text(void **state)
{
	struct pk_k8s_filter filter = PK_K8S_FILTER_INIT(&pk_k8s_want_pod);
	char *block = malloc(1u << 20);

	assert_non_null(block);
	memset(block, '[', 1u << 20);
	add_str(&filter, "{\"spec\":{\"nodeName\":\"n\",\"x\":\"");
	for (int i = 0; i < 15; i++)
		pk_k8s_filter_add(&filter, block, 1u << 20);
	add_str(&filter, "\"}}");
	assert_int_equal(pk_k8s_filter_end(&filter), 0);
	assert_buf(&filter.out, "{\"spec\":{\"nodeName\":\"n\"}}");
	assert_true(filter.out.cap_bytes < 65536);
	pk_k8s_filter_reset(&filter);
	for (int i = 0; i < 16; i++)
		pk_k8s_filter_add(&filter, block, 1u << 20);
	assert_int_not_equal(pk_k8s_filter_end(&filter), 0);
	pk_k8s_filter_reset(&filter);
	memset(block, ' ', 1u << 20);
	for (int i = 0; i < 16; i++)
		pk_k8s_filter_add(&filter, block, 1u << 20);
	assert_int_equal(filter.err, 0);
	add_str(&filter, " ");
	assert_int_equal(pk_k8s_filter_end(&filter), -EFBIG);
	/* and it can be used again */
	pk_k8s_filter_reset(&filter);
	add_str(&filter, "{}");
	assert_int_equal(pk_k8s_filter_end(&filter), 0);
	pk_k8s_filter_fini(&filter);
	free(block);
}

/* A list of statuses as long as it may be, and one byte longer. */
static void long_array(void **state)
{
	for (size_t more = 0; more < 2; more++) {
		struct pk_k8s_filter filter = PK_K8S_FILTER_INIT(&pk_k8s_want_pod);

		add_str(&filter, "{\"status\":{\"containerStatuses\":[");
		add_many(&filter, " ", PK_MAX_K8S_ARRAY_BYTES - 2 + more);
		add_str(&filter, "],\"podIP\":\"1\"}}");
		assert_int_equal(pk_k8s_filter_end(&filter), 0);
		assert_true(buf_has(&filter.out, "\"podIP\":\"1\""));
		assert_int_equal(buf_has(&filter.out, "null"), more);
		assert_int_equal(filter.flags, more ? PK_K8S_CUT_CONTAINERS : 0);
		pk_k8s_filter_fini(&filter);
	}
}

/* The worst that a pod can come to without repeating itself still has room. */
static void worst(void **state)
{
	struct pk_k8s_filter filter = PK_K8S_FILTER_INIT(&pk_k8s_want_pod);
	static const char *const arrays[] = { "containerStatuses", "initContainerStatuses",
					      "ephemeralContainerStatuses" };

	add_str(&filter, "{\"metadata\":{\"ownerReferences\":[");
	add_many(&filter, " ", PK_MAX_K8S_ARRAY_BYTES - 2);
	add_str(&filter, "],\"labels\":{");
	for (unsigned int i = 0; i < PK_MAX_K8S_LABELS; i++) {
		add_str(&filter, i ? ",\"" : "\"");
		add_many(&filter, "k", PK_K8S_FILTER_KEY_BYTES);
		add_str(&filter, "\":\"");
		add_many(&filter, "v", PK_MAX_K8S_LABEL_BYTES - 2);
		add_str(&filter, "\"");
	}
	add_str(&filter, "}},\"status\":{\"podIP\":\"1\"");
	for (size_t i = 0; i < PK_ARRAY_SIZE(arrays); i++) {
		add_str(&filter, ",\"");
		add_str(&filter, arrays[i]);
		add_str(&filter, "\":[");
		add_many(&filter, " ", PK_MAX_K8S_ARRAY_BYTES - 2);
		add_str(&filter, "]");
	}
	add_str(&filter, "}}");
	assert_int_equal(pk_k8s_filter_end(&filter), 0);
	assert_int_equal(filter.flags, 0);
	assert_true(filter.out.len_bytes + 9 * PK_MAX_K8S_LEAF_BYTES < PK_MAX_K8S_KEPT_BYTES);
	pk_k8s_filter_fini(&filter);
}

static uint32_t labels_of(unsigned int cnt, unsigned int *ret_left)
{
	struct pk_k8s_filter filter = PK_K8S_FILTER_INIT(&pk_k8s_want_pod);
	uint32_t flags;
	char text[64];

	add_str(&filter, "{\"metadata\":{\"labels\":{");
	for (unsigned int i = 0; i < cnt; i++) {
		snprintf(text, sizeof(text), "%s\"l%u\":\"v\"", i ? "," : "", i);
		add_str(&filter, text);
	}
	add_str(&filter, "},\"name\":\"n\"}}");
	assert_int_equal(pk_k8s_filter_end(&filter), 0);
	assert_true(buf_has(&filter.out, "\"name\":\"n\""));
	*ret_left = 0;
	for (size_t i = 0; i < filter.out.len_bytes; i++)
		*ret_left += filter.out.data[i] == ',';
	flags = filter.flags;
	pk_k8s_filter_fini(&filter);
	return flags;
}

static void many_labels(void **state)
{
	unsigned int left;

	assert_int_equal(labels_of(PK_MAX_K8S_LABELS, &left), 0);
	assert_int_equal(left, PK_MAX_K8S_LABELS);
	assert_int_equal(labels_of(PK_MAX_K8S_LABELS + 1, &left), PK_K8S_CUT_LABELS);
	assert_int_equal(left, PK_MAX_K8S_LABELS);
	assert_int_equal(labels_of(100000, &left), PK_K8S_CUT_LABELS);
	assert_int_equal(left, PK_MAX_K8S_LABELS);
}

static void long_key(void **state)
{
	for (size_t len = PK_K8S_FILTER_KEY_BYTES; len <= PK_K8S_FILTER_KEY_BYTES + 1; len++) {
		struct pk_k8s_filter filter = PK_K8S_FILTER_INIT(&pk_k8s_want_pod);

		add_str(&filter, "{\"metadata\":{\"labels\":{\"");
		add_many(&filter, "k", len);
		add_str(&filter, "\":\"v\",\"l\":\"w\"}}}");
		assert_int_equal(pk_k8s_filter_end(&filter), 0);
		assert_true(buf_has(&filter.out, "\"l\":\"w\""));
		assert_int_equal(buf_has(&filter.out, "kkk"), len == PK_K8S_FILTER_KEY_BYTES);
		assert_int_equal(filter.flags,
				 len == PK_K8S_FILTER_KEY_BYTES ? 0 : PK_K8S_CUT_LABELS);
		pk_k8s_filter_fini(&filter);
	}
}

/* A member that comes again and again adds up. */
static void repeated(void **state)
{
	struct pk_k8s_filter filter = PK_K8S_FILTER_INIT(&pk_k8s_want_pod);

	add_str(&filter, "{\"spec\":{}");
	add_many(&filter, ",\"spec\":{\"nodeName\":\"nnnnnnnn\"}", 50000);
	add_str(&filter, "}");
	assert_int_equal(pk_k8s_filter_end(&filter), -EFBIG);
	assert_true(filter.out.len_bytes <= PK_MAX_K8S_KEPT_BYTES);
	pk_k8s_filter_fini(&filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps),      cmocka_unit_test(nuls),
		cmocka_unit_test(malformed),  cmocka_unit_test(long_leaf),
		cmocka_unit_test(long_array), cmocka_unit_test(worst),
		cmocka_unit_test(long_text),  cmocka_unit_test(many_labels),
		cmocka_unit_test(long_key),   cmocka_unit_test(repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
