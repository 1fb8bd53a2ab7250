/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP over a Unix socket, for runtimes' APIs. Bounded in time and size. One handle a thread.
 */
#ifndef PK_META_HTTP_UNIX_H
#define PK_META_HTTP_UNIX_H

#include "base/buf.h"

#define PK_MAX_HTTP_BODY_BYTES (4u << 20)

struct pk_http_unix;

/* `timeout_ms` for a whole request. -ELIBACC: there is no libcurl; -ENOMEM */
int pk_http_unix_new(unsigned int timeout_ms, struct pk_http_unix **ret_http);
void pk_http_unix_free(struct pk_http_unix *http);

/*
 * GET `path` of the server at `socket`. 0: it answered, with `ret_status` and the body. -ECONNREFUSED: nobody
 * listens; -ETIMEDOUT; -EFBIG: the answer is longer than PK_MAX_HTTP_BODY_BYTES; -EPROTO: something else.
 */
int pk_http_unix_get(struct pk_http_unix *http, const char *socket, const char *path,
		     struct pk_buf *ret_body, long *ret_status);

PK_DEFINE_CLEANUP(struct pk_http_unix *, pk_http_unix_free);

#endif
