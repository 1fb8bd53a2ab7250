// SPDX-License-Identifier: Apache-2.0
/* Stays loaded to the end: it has state of its own, and so have the libraries below it. */
#include "meta/curl.h"

#include <assert.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
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
