// SPDX-License-Identifier: Apache-2.0
/*
 * Letters are those of ASCII, whatever the locale.
 */
#include "meta/k8s_url.h"

#include <stdio.h>
#include <string.h>

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_';
}

static int add_escaped(struct pk_buf *url, const char *text)
{
	int err = 0;

	for (; *text && !err; text++) {
		char code[4];

		if (is_plain(*text)) {
			err = pk_buf_add_char(url, *text);
			continue;
		}
		snprintf(code, sizeof(code), "%%%02X", (unsigned char)*text);
		err = pk_buf_add(url, code, 3);
	}
	return err;
}

static int add_number(struct pk_buf *url, const char *name, uint32_t number)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%u", name, number);
	return pk_buf_add_str(url, text);
}

static int add_param(struct pk_buf *url, const char *name, const char *value)
{
	return pk_buf_add_str(url, name) ?: add_escaped(url, value);
}

static int add_pods(struct pk_buf *url, const char *api, const char *node)
{
	return pk_buf_add_str(url, api) ?:
		       add_param(url, "/api/v1/pods?fieldSelector=spec.nodeName%3D", node);
}

int pk_k8s_url_page(struct pk_buf *url, const char *api, const char *node, uint32_t page_cnt,
		    const char *next, bool exact)
{
	int err = add_pods(url, api, node);

	if (!err)
		err = add_number(url, "&limit=", page_cnt);
	if (!err && next[0])
		err = add_param(url, "&continue=", next);
	else if (!err && !exact)
		err = add_param(url, "&resourceVersion=", "0");
	return err ?: pk_buf_add_char(url, '\0');
}

int pk_k8s_url_watch(struct pk_buf *url, const char *api, const char *node, uint32_t seconds,
		     const char *version)
{
	int err = add_pods(url, api, node);

	if (!err)
		err = pk_buf_add_str(url, "&watch=1&allowWatchBookmarks=true");
	if (!err)
		err = add_number(url, "&timeoutSeconds=", seconds);
	if (!err)
		err = add_param(url, "&resourceVersion=", version);
	return err ?: pk_buf_add_char(url, '\0');
}

int pk_k8s_url_kubelet(struct pk_buf *url, const char *kubelet)
{
	return pk_buf_add_str(url, kubelet) ?: pk_buf_add(url, "/pods", sizeof("/pods"));
}
