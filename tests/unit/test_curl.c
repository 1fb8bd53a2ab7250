// SPDX-License-Identifier: Apache-2.0
/* libcurl is found, and all of its functions that are in use; answers are bounded. */
#include "meta/curl.h"

#include <errno.h>

#include "test.h"

static void test_loaded(void **state)
{
	const struct pk_curl *curl = pk_curl_get();
	CURL *easy;

	assert_non_null(curl);
	assert_ptr_equal(curl, pk_curl_get());
	easy = curl->easy_init();
	assert_non_null(easy);
	assert_int_equal(curl->easy_setopt(easy, CURLOPT_URL, "file:///nosuch/file"), CURLE_OK);
	assert_int_equal(curl->easy_perform(easy), CURLE_FILE_COULDNT_READ_FILE);
	assert_non_null(curl->easy_strerror(CURLE_FILE_COULDNT_READ_FILE));
	curl->easy_cleanup(easy);
}

static void test_bounded(void **state)
{
	const struct pk_curl *curl = pk_curl_get();
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	struct pk_curl_body body = { .buf = &buf, .max_bytes = 100 };
	CURL *easy = NULL;

	assert_int_equal(pk_curl_local(10000, &body, &easy), 0);
	assert_int_equal(curl->easy_setopt(easy, CURLOPT_URL, "file:///proc/self/exe"), CURLE_OK);
	assert_int_equal(pk_curl_local_error(&body, curl->easy_perform(easy)), -EFBIG);
	assert_true(buf.len_bytes <= 100);
	assert_int_equal(curl->easy_setopt(easy, CURLOPT_URL, "file:///nosuch"), CURLE_OK);
	assert_int_equal(pk_curl_local_error(&body, curl->easy_perform(easy)), -EPROTO);
	assert_int_equal(pk_curl_local_error(&body, CURLE_OK), 0);
	curl->easy_cleanup(easy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loaded),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
