/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcurl, loaded when it is first used: with all that it is linked to it would make the agent, which
 * mostly has nothing to ask, three times as large and its start slower.
 */
#ifndef PK_META_CURL_H
#define PK_META_CURL_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/buf.h"

/* Each member is the function of libcurl called curl_<member>. */
struct pk_curl {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *easy_init;
	__typeof__(curl_easy_setopt) *easy_setopt;
	__typeof__(curl_easy_perform) *easy_perform;
	__typeof__(curl_easy_getinfo) *easy_getinfo;
	__typeof__(curl_easy_strerror) *easy_strerror;
	__typeof__(curl_easy_cleanup) *easy_cleanup;
	__typeof__(curl_multi_init) *multi_init;
	__typeof__(curl_multi_add_handle) *multi_add_handle;
	__typeof__(curl_multi_remove_handle) *multi_remove_handle;
	__typeof__(curl_multi_perform) *multi_perform;
	__typeof__(curl_multi_poll) *multi_poll;
	__typeof__(curl_multi_wakeup) *multi_wakeup;
	__typeof__(curl_multi_info_read) *multi_info_read;
	__typeof__(curl_multi_cleanup) *multi_cleanup;
	__typeof__(curl_slist_append) *slist_append;
	__typeof__(curl_slist_free_all) *slist_free_all;
};

/* From any thread. NULL: there is no libcurl.so.4, or it is older than 7.68; always the same answer. */
const struct pk_curl *pk_curl_get(void);

/* What is read of an answer. */
struct pk_curl_body {
	struct pk_buf *buf; /* the caller's */
	size_t max_bytes;
	bool too_long; /* the last one was */
};

/* A handle for requests to a server on this machine, by no proxy, of `timeout_ms` each; answers go into `body`, which
 * has to stay where it is. -ELIBACC: there is no libcurl; -ENOMEM */
int pk_curl_local(unsigned int timeout_ms, struct pk_curl_body *body, CURL **ret_easy);

/* How such a request ended: 0; -ECONNREFUSED, -ETIMEDOUT, -ENOMEM; -EFBIG: body->max_bytes; -EPROTO: otherwise. */
int pk_curl_local_error(const struct pk_curl_body *body, CURLcode code);

#endif
