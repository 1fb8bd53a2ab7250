/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits: they double, stop growing, keep within their half, and begin anew.
 */
#include "meta/k8s_backoff.h"

#include "test.h"

static void grows(void **state)
{
	static const uint32_t expected[] = { 100, 200, 400, 800, 1000, 1000, 1000 };
	struct pk_k8s_backoff backoff = { .min_ms = 100, .max_ms = 1000 };

	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < PK_ARRAY_SIZE(expected); i++)
			assert_int_equal(pk_k8s_backoff_next(&backoff, 0), expected[i]);
		pk_k8s_backoff_reset(&backoff);
	}
}

static void jitters(void **state)
{
	uint32_t least = UINT32_MAX, most = 0;

	for (uint32_t random = 0; random < 1000; random++) {
		struct pk_k8s_backoff backoff = { .min_ms = 100, .max_ms = 1000 };
		uint32_t ms = pk_k8s_backoff_next(&backoff, random * 2654435761u);

		least = ms < least ? ms : least;
		most = ms > most ? ms : most;
	}
	assert_int_equal(least, 50);
	assert_int_equal(most, 100);
}

static void extremes(void **state)
{
	struct pk_k8s_backoff small = { .min_ms = 1, .max_ms = 1 };
	struct pk_k8s_backoff big = { .min_ms = 1u << 31, .max_ms = UINT32_MAX };
	struct pk_k8s_backoff wrong = { .min_ms = 100, .max_ms = 10 };

	for (int i = 0; i < 4; i++)
		assert_int_equal(pk_k8s_backoff_next(&small, 7), 1);
	assert_int_equal(pk_k8s_backoff_next(&big, 0), 1u << 31);
	assert_int_equal(pk_k8s_backoff_next(&big, 0), UINT32_MAX);
	assert_int_equal(pk_k8s_backoff_next(&big, 0), UINT32_MAX);
	assert_int_equal(pk_k8s_backoff_next(&wrong, 0), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows),
		cmocka_unit_test(jitters),
		cmocka_unit_test(extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
