// SPDX-License-Identifier: Apache-2.0
/* Stays loaded to the end: it has state of its own, and so have the libraries below it. */
#include "meta/curl.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

#define SONAME "libcurl.so.4"

#define MEMBER(name)                                          \
	{                                                     \
		"curl_" #name, offsetof(struct pk_curl, name) \
	}

static const struct {
	const char *name;
	size_t at;
} members[] = {
	MEMBER(global_init),         MEMBER(easy_init),       MEMBER(easy_setopt),
	MEMBER(easy_perform),        MEMBER(easy_getinfo),    MEMBER(easy_strerror),
	MEMBER(easy_cleanup),        MEMBER(multi_init),      MEMBER(multi_add_handle),
	MEMBER(multi_remove_handle), MEMBER(multi_perform),   MEMBER(multi_poll),
	MEMBER(multi_wakeup),        MEMBER(multi_info_read), MEMBER(multi_cleanup),
	MEMBER(slist_append),        MEMBER(slist_free_all),
};

static_assert(PK_ARRAY_SIZE(members) == sizeof(struct pk_curl) / sizeof(void *), "each is loaded");

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct pk_curl curl;
static bool loaded;

static void load(void)
{
	void *library = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return;
	for (size_t i = 0; i < PK_ARRAY_SIZE(members); i++) {
		void *symbol = dlsym(library, members[i].name);

		if (!symbol)
			return;
		memcpy((char *)&curl + members[i].at, &symbol, sizeof(symbol));
	}
	loaded = !curl.global_init(CURL_GLOBAL_DEFAULT);
}

const struct pk_curl *pk_curl_get(void)
{
	pthread_once(&once, load);
	return loaded ? &curl : NULL;
}

/* ---- servers on this machine ---- */

static size_t on_body(char *data, size_t size, size_t cnt, void *arg)
{
	struct pk_curl_body *body = arg;

	if (body->buf->len_bytes + size * cnt > body->max_bytes) {
		body->too_long = true;
		return 0;
	}
	return pk_buf_add(body->buf, data, size * cnt) ? 0 : size * cnt;
}

int pk_curl_local(unsigned int timeout_ms, struct pk_curl_body *body, CURL **ret_easy)
{
	const struct pk_curl *c = pk_curl_get();
	CURL *easy = c ? c->easy_init() : NULL;

	if (!easy)
		return c ? -ENOMEM : -ELIBACC;
	c->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	c->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)timeout_ms);
	c->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	c->easy_setopt(easy, CURLOPT_NOPROXY, "*");
	c->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	c->easy_setopt(easy, CURLOPT_USERAGENT, "picket/" PK_VERSION);
	c->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	c->easy_setopt(easy, CURLOPT_WRITEDATA, body);
	*ret_easy = easy;
	return 0;
}

int pk_curl_local_error(const struct pk_curl_body *body, CURLcode code)
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
		return body->too_long ? -EFBIG : -ENOMEM;
	default:
		return -EPROTO;
	}
}
