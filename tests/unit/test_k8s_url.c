/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What servers are asked: each part in its place, and nothing in it that could become another part.
 */
#include "meta/k8s_url.h"

#include "test.h"

#define PODS "https://a:1/api/v1/pods?fieldSelector=spec.nodeName%3D"

static void assert_url(struct pk_buf *url, int err, const char *expected)
{
	assert_int_equal(err, 0);
	assert_int_equal(url->data[url->len_bytes - 1], '\0');
	assert_string_equal(url->data, expected);
	pk_buf_clear(url);
}

static void urls(void **state)
{
	pk_buf_cleanup struct pk_buf url = PK_BUF_INIT;

	assert_url(&url, pk_k8s_url_page(&url, "https://a:1", "n1", 250, "", false),
		   PODS "n1&limit=250&resourceVersion=0");
	assert_url(&url, pk_k8s_url_page(&url, "https://a:1", "n1", 250, "", true),
		   PODS "n1&limit=250");
	assert_url(&url, pk_k8s_url_page(&url, "https://a:1", "n1", 1, "eyJ2", false),
		   PODS "n1&limit=1&continue=eyJ2");
	assert_url(&url, pk_k8s_url_watch(&url, "https://a:1", "n1", 300, "77"),
		   PODS
		   "n1&watch=1&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=77");
	assert_url(&url, pk_k8s_url_kubelet(&url, "https://b:2"), "https://b:2/pods");
}

static void escapes(void **state)
{
	pk_buf_cleanup struct pk_buf url = PK_BUF_INIT;

	assert_url(&url,
		   pk_k8s_url_page(&url, "https://a:1", "n&limit=1#/?\r\n %", 2, "a+b/c==", true),
		   PODS "n%26limit%3D1%23%2F%3F%0D%0A%20%25&limit=2&continue=a%2Bb%2Fc%3D%3D");
	assert_url(&url, pk_k8s_url_watch(&url, "https://a:1", "a.b-c_D9\xc3\xa9", 1, "1&watch=0"),
		   PODS "a.b-c_D9%C3%A9&watch=1&allowWatchBookmarks=true&timeoutSeconds=1"
			"&resourceVersion=1%26watch%3D0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls),
		cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
