/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single calls of gRPC over a Unix socket: HTTP/2 without TLS, one message there and one back. Bounded in time and
 * size. One handle a thread.
 */
#ifndef PK_META_GRPC_UNIX_H
#define PK_META_GRPC_UNIX_H

#include "base/buf.h"
#include "stream/record.h"

#define PK_MAX_GRPC_BYTES (4u << 20)

struct pk_grpc_unix;

/* `timeout_ms` for a whole call. -ELIBACC: there is no libcurl; -EOPNOTSUPP: it has no HTTP/2; -ENOMEM */
int pk_grpc_unix_new(unsigned int timeout_ms, struct pk_grpc_unix **ret_grpc);
void pk_grpc_unix_free(struct pk_grpc_unix *grpc);

/*
 * Calls `method` ("/package.Service/Method") with the message `request`; `header` ("name: value", may be NULL) goes
 * with it. The answer is valid until the next call. -ENOENT: the server does not know the thing (NOT_FOUND) or the
 * method (UNIMPLEMENTED); -ECONNREFUSED, -ETIMEDOUT, -EFBIG; -EPROTO: anything else.
 */
int pk_grpc_unix_call(struct pk_grpc_unix *grpc, const char *socket, const char *method,
		      const char *header, const struct pk_buf *request, struct pk_text *ret_answer);

/* The message out of an answer's body: a zero byte, its length in 4 bytes, itself. -EBADMSG */
int pk_grpc_unframe(struct pk_text body, struct pk_text *ret_message);

PK_DEFINE_CLEANUP(struct pk_grpc_unix *, pk_grpc_unix_free);

#endif
