/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET over TLS with a bearer token, for one thread, which another one can stop. The server's certificate is
 * checked against one file of authorities and no other; redirections are not followed and no proxy is
 * asked, so that the token goes to whom it is meant for.
 */
#ifndef PK_META_K8S_HTTP_H
#define PK_META_K8S_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "meta/k8s_json.h"

#define PK_MAX_K8S_TOKEN_BYTES (16u << 10)
#define PK_MAX_K8S_RETRY_AFTER_S 60u

struct pk_k8s_http;

struct pk_k8s_request {
	const char *url; /* https: */
	const char *token_path;
	const char *ca_path;
	/* Milliseconds; 0: no limit. */
	uint32_t connect_ms; /* until the connection stands */
	uint32_t silence_ms; /* without a byte */
	uint32_t total_ms;
	/* Of status 200 only. Errors end the request. */
	void (*on_begin)(void *arg); /* the head has come */
	int (*on_body)(void *arg, const char *data, size_t len);
	void *arg;
};

struct pk_k8s_response {
	int status; /* 0: none came */
	uint32_t retry_after_s;
	char reason[PK_K8S_REASON_BYTES]; /* why it failed, for people */
};

/* -ELIBACC: no libcurl (curl.h); -ENOMEM */
int pk_k8s_http_new(struct pk_k8s_http **ret_http);
void pk_k8s_http_free(struct pk_k8s_http *http);

/* Ends the request under way, and all to come, with -ECANCELED. From any thread. */
void pk_k8s_http_stop(struct pk_k8s_http *http);

/*
 * 0: status 200, and the body came whole. Else ret_response has the reason, and the error is
 * -EPROTO: another status; -EKEYREJECTED: no certificate to trust; -ECONNREFUSED: no connection;
 * -EPIPE: it broke off; -ETIMEDOUT; -ECANCELED; -ENOMEM; -errno of the token's or authorities' file,
 * -EBADMSG: no token in it; what on_body returned.
 */
int pk_k8s_http_get(struct pk_k8s_http *http, const struct pk_k8s_request *request,
		    struct pk_k8s_response *ret_response);

/* Whether the file has another token than the one sent last. */
bool pk_k8s_http_token_changed(struct pk_k8s_http *http, const char *token_path);

PK_DEFINE_CLEANUP(struct pk_k8s_http *, pk_k8s_http_free);

#endif
