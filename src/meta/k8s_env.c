// SPDX-License-Identifier: Apache-2.0
/*
 * Where the API server is, as Kubernetes tells each pod.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "meta/k8s_client.h"

/* Nothing that would end the host's part of a URL. */
static bool is_host(const char *host)
{
	for (const char *p = host; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr(".:-", *p))
			return false;
	}
	return host[0];
}

static bool is_port(const char *port)
{
	return port[0] && strlen(port) <= 5 && strspn(port, "0123456789") == strlen(port);
}

int pk_k8s_api_url(char *ret_url, size_t bytes)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	bool is_v6;
	int len;

	if (!host || !port)
		return -ENOENT;
	if (!is_host(host) || !is_port(port))
		return -EINVAL;
	is_v6 = strchr(host, ':');
	len = snprintf(ret_url, bytes, "https://%s%s%s:%s", is_v6 ? "[" : "", host,
		       is_v6 ? "]" : "", port);
	return len < 0 || (size_t)len >= bytes ? -EINVAL : 0;
}
