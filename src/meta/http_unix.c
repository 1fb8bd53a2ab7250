// SPDX-License-Identifier: Apache-2.0
/*
 * libcurl on a Unix socket. The connection is kept for the next request.
 */
#include "meta/http_unix.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "meta/curl.h"

#define MAX_URL_BYTES 512u

struct pk_http_unix {
	CURL *curl;
	struct pk_buf *body; /* of the request under way */
	bool too_long;
};

static size_t on_body(char *data, size_t size, size_t cnt, void *arg)
{
	struct pk_http_unix *http = arg;

	if (http->body->len_bytes + size * cnt > PK_MAX_HTTP_BODY_BYTES) {
		http->too_long = true;
		return 0;
	}
	return pk_buf_add(http->body, data, size * cnt) ? 0 : size * cnt;
}

int pk_http_unix_new(unsigned int timeout_ms, struct pk_http_unix **ret_http)
{
	pk_cleanup(pk_http_unix_free_p) struct pk_http_unix *http = calloc(1, sizeof(*http));

	if (!pk_curl_get())
		return -ELIBACC;
	if (http)
		http->curl = pk_curl_get()->easy_init();
	if (!http || !http->curl)
		return -ENOMEM;
	pk_curl_get()->easy_setopt(http->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	pk_curl_get()->easy_setopt(http->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
	pk_curl_get()->easy_setopt(http->curl, CURLOPT_NOSIGNAL, 1L);
	pk_curl_get()->easy_setopt(http->curl, CURLOPT_NOPROXY, "*");
	pk_curl_get()->easy_setopt(http->curl, CURLOPT_FOLLOWLOCATION, 0L);
	pk_curl_get()->easy_setopt(http->curl, CURLOPT_USERAGENT, "picket/" PK_VERSION);
	pk_curl_get()->easy_setopt(http->curl, CURLOPT_WRITEFUNCTION, on_body);
	pk_curl_get()->easy_setopt(http->curl, CURLOPT_WRITEDATA, http);
	*ret_http = pk_take_ptr(http);
	return 0;
}

void pk_http_unix_free(struct pk_http_unix *http)
{
	if (!http)
		return;
	if (http->curl)
		pk_curl_get()->easy_cleanup(http->curl);
	free(http);
}

static int error_of(const struct pk_http_unix *http, CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return 0;
	case CURLE_COULDNT_CONNECT:
		return -ECONNREFUSED;
	case CURLE_OPERATION_TIMEDOUT:
		return -ETIMEDOUT;
	case CURLE_OUT_OF_MEMORY:
		return -ENOMEM;
	case CURLE_WRITE_ERROR:
		return http->too_long ? -EFBIG : -ENOMEM;
	default:
		return -EPROTO;
	}
}

int pk_http_unix_get(struct pk_http_unix *http, const char *socket, const char *path,
		     struct pk_buf *ret_body, long *ret_status)
{
	char url[MAX_URL_BYTES];
	int len = snprintf(url, sizeof(url), "http://localhost%s", path);
	CURLcode code;

	if (len < 0 || (size_t)len >= sizeof(url))
		return -EPROTO;
	pk_buf_clear(ret_body);
	http->body = ret_body;
	http->too_long = false;
	if (pk_curl_get()->easy_setopt(http->curl, CURLOPT_UNIX_SOCKET_PATH, socket) ||
	    pk_curl_get()->easy_setopt(http->curl, CURLOPT_URL, url))
		return -ENOMEM;
	code = pk_curl_get()->easy_perform(http->curl);
	http->body = NULL;
	if (!code)
		pk_curl_get()->easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, ret_status);
	return error_of(http, code);
}
