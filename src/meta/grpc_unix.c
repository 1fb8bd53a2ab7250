// SPDX-License-Identifier: Apache-2.0
/*
 * gRPC by libcurl: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md. The status stands in a trailer, which libcurl gives
 * to the same callback as headers.
 */
#include "meta/grpc_unix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "meta/curl.h"

#define PREFIX_BYTES 5u
#define STATUS_NONE (-1)
#define STATUS_OK 0
#define STATUS_NOT_FOUND 5
#define STATUS_UNIMPLEMENTED 12

struct pk_grpc_unix {
	CURL *curl;
	struct pk_buf request;
	struct pk_buf answer;
	struct pk_curl_body body; /* `answer` */
	int status;               /* of gRPC */
};

static size_t on_header(char *data, size_t size, size_t cnt, void *arg)
{
	static const char name[] = "grpc-status:";
	struct pk_grpc_unix *grpc = arg;
	size_t len = size * cnt;
	size_t at = sizeof(name) - 1;

	if (len <= at || strncasecmp(data, name, at))
		return len;
	while (at < len && data[at] == ' ')
		at++;
	grpc->status = 0;
	for (; at < len && data[at] >= '0' && data[at] <= '9' && grpc->status < 1000; at++)
		grpc->status = grpc->status * 10 + (data[at] - '0');
	return len;
}

int pk_grpc_unix_new(unsigned int timeout_ms, struct pk_grpc_unix **ret_grpc)
{
	pk_cleanup(pk_grpc_unix_free_p) struct pk_grpc_unix *grpc = calloc(1, sizeof(*grpc));
	int err;

	if (!grpc)
		return -ENOMEM;
	grpc->body = (struct pk_curl_body){ .buf = &grpc->answer, .max_bytes = PK_MAX_GRPC_BYTES };
	err = pk_curl_local(timeout_ms, &grpc->body, &grpc->curl);
	if (err)
		return err;
	if (pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_HTTP_VERSION,
				       (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE))
		return -EOPNOTSUPP;
	/* a second call on one connection fails with libcurl 7.88; connecting costs next to nothing */
	pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_FRESH_CONNECT, 1L);
	pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_FORBID_REUSE, 1L);
	pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_POST, 1L);
	pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_HEADERFUNCTION, on_header);
	pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_HEADERDATA, grpc);
	*ret_grpc = pk_take_ptr(grpc);
	return 0;
}

void pk_grpc_unix_free(struct pk_grpc_unix *grpc)
{
	if (!grpc)
		return;
	if (grpc->curl)
		pk_curl_get()->easy_cleanup(grpc->curl);
	pk_buf_fini(&grpc->request);
	pk_buf_fini(&grpc->answer);
	free(grpc);
}

static int frame(struct pk_grpc_unix *grpc, const struct pk_buf *message)
{
	uint32_t len = htonl((uint32_t)message->len_bytes);
	int err;

	pk_buf_clear(&grpc->request);
	err = pk_buf_add_char(&grpc->request, 0);
	err = err ?: pk_buf_add(&grpc->request, &len, sizeof(len));
	return err ?: pk_buf_add(&grpc->request, message->data, message->len_bytes);
}

int pk_grpc_unframe(struct pk_text body, struct pk_text *ret_message)
{
	uint32_t len;

	if (body.len < PREFIX_BYTES || body.data[0])
		return -EBADMSG;
	memcpy(&len, body.data + 1, sizeof(len));
	len = ntohl(len);
	if (len > body.len - PREFIX_BYTES)
		return -EBADMSG;
	*ret_message = (struct pk_text){ body.data + PREFIX_BYTES, len };
	return 0;
}

static int error_of(const struct pk_grpc_unix *grpc, CURLcode code)
{
	int err = pk_curl_local_error(&grpc->body, code);

	if (err)
		return err;
	if (grpc->status == STATUS_NOT_FOUND || grpc->status == STATUS_UNIMPLEMENTED)
		return -ENOENT;
	return grpc->status == STATUS_OK ? 0 : -EPROTO;
}

static int perform(struct pk_grpc_unix *grpc, const char *socket, const char *url,
		   const char *header)
{
	struct curl_slist *headers = pk_curl_get()->slist_append(NULL,
								 "Content-Type: application/grpc");
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (headers && pk_curl_get()->slist_append(headers, "TE: trailers") &&
	    (!header || pk_curl_get()->slist_append(headers, header)) &&
	    !pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_UNIX_SOCKET_PATH, socket) &&
	    !pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_URL, url) &&
	    !pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_HTTPHEADER, headers) &&
	    !pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_POSTFIELDSIZE,
					(long)grpc->request.len_bytes) &&
	    !pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_POSTFIELDS, grpc->request.data))
		code = pk_curl_get()->easy_perform(grpc->curl);
	pk_curl_get()->easy_setopt(grpc->curl, CURLOPT_HTTPHEADER, NULL);
	pk_curl_get()->slist_free_all(headers);
	return error_of(grpc, code);
}

int pk_grpc_unix_call(struct pk_grpc_unix *grpc, const char *socket, const char *method,
		      const char *header, const struct pk_buf *request, struct pk_text *ret_answer)
{
	char url[256];
	int len = snprintf(url, sizeof(url), "http://localhost%s", method);
	int err = frame(grpc, request);

	if (err)
		return err;
	if (len < 0 || (size_t)len >= sizeof(url))
		return -EPROTO;
	pk_buf_clear(&grpc->answer);
	grpc->body.too_long = false;
	grpc->status = STATUS_NONE;
	err = perform(grpc, socket, url, header);
	if (err)
		return err;
	err = pk_grpc_unframe((struct pk_text){ grpc->answer.data, grpc->answer.len_bytes },
			      ret_answer);
	return err ? -EPROTO : 0;
}
