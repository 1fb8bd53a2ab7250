/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API server's address from the environment: IPv4, IPv6, names, and what is none of them.
 */
#include <errno.h>

#include "meta/k8s_client.h"
#include "test.h"

static void assert_url(const char *host, const char *port, int expected_err, const char *expected)
{
	char url[64] = "";

	setenv("KUBERNETES_SERVICE_HOST", host, 1);
	setenv("KUBERNETES_SERVICE_PORT", port, 1);
	assert_int_equal(pk_k8s_api_url(url, sizeof(url)), expected_err);
	if (!expected_err)
		assert_string_equal(url, expected);
}

static void urls(void **state)
{
	assert_url("10.96.0.1", "443", 0, "https://10.96.0.1:443");
	assert_url("fd00::1", "6443", 0, "https://[fd00::1]:6443");
	assert_url("api.cluster-1.example", "443", 0, "https://api.cluster-1.example:443");
}

static void wrong(void **state)
{
	static const char *const hosts[] = {
		"", "a/b", "a@b", "a b", "a?b", "a#b", "a\nb", "[::1]"
	};
	static const char *const ports[] = { "", "x", "44x", "-1", "123456", "443/" };
	char url[64];

	for (size_t i = 0; i < PK_ARRAY_SIZE(hosts); i++)
		assert_url(hosts[i], "443", -EINVAL, NULL);
	for (size_t i = 0; i < PK_ARRAY_SIZE(ports); i++)
		assert_url("10.0.0.1", ports[i], -EINVAL, NULL);
	assert_url("a-name-that-is-longer-than-the-room-there-is-for-the-whole-of-the-url", "443",
		   -EINVAL, NULL);
	unsetenv("KUBERNETES_SERVICE_PORT");
	assert_int_equal(pk_k8s_api_url(url, sizeof(url)), -ENOENT);
	unsetenv("KUBERNETES_SERVICE_HOST");
	assert_int_equal(pk_k8s_api_url(url, sizeof(url)), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls),
		cmocka_unit_test(wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
