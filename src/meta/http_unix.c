// SPDX-License-Identifier: Apache-2.0
/*
 * libcurl on a Unix socket. The connection is kept for the next request.
 */
#include "meta/http_unix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "meta/curl.h"

#define MAX_URL_BYTES 512u

struct pk_http_unix {
	CURL *curl;
	struct pk_curl_body body; /* of the request under way */
};

int pk_http_unix_new(unsigned int timeout_ms, struct pk_http_unix **ret_http)
{
	pk_cleanup(pk_http_unix_free_p) struct pk_http_unix *http = calloc(1, sizeof(*http));
	int err;

	if (!http)
		return -ENOMEM;
	http->body.max_bytes = PK_MAX_HTTP_BODY_BYTES;
	err = pk_curl_local(timeout_ms, &http->body, &http->curl);
	if (err)
		return err;
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

int pk_http_unix_get(struct pk_http_unix *http, const char *socket, const char *path,
		     struct pk_buf *ret_body, long *ret_status)
{
	char url[MAX_URL_BYTES];
	int len = snprintf(url, sizeof(url), "http://localhost%s", path);
	CURLcode code;

	if (len < 0 || (size_t)len >= sizeof(url))
		return -EPROTO;
	pk_buf_clear(ret_body);
	http->body.buf = ret_body;
	http->body.too_long = false;
	if (pk_curl_get()->easy_setopt(http->curl, CURLOPT_UNIX_SOCKET_PATH, socket) ||
	    pk_curl_get()->easy_setopt(http->curl, CURLOPT_URL, url))
		return -ENOMEM;
	code = pk_curl_get()->easy_perform(http->curl);
	http->body.buf = NULL;
	if (!code)
		pk_curl_get()->easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, ret_status);
	return pk_curl_local_error(&http->body, code);
}
