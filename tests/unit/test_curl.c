// SPDX-License-Identifier: Apache-2.0
/* libcurl is found, and all of its functions that are in use. */
#include "meta/curl.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
