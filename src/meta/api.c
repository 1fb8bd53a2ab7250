// SPDX-License-Identifier: Apache-2.0
/*
 * Which socket to ask. One that did not answer in time is let be for a while, so that a runtime that hangs does
 * not hold up the containers of the others.
 */
#include "meta/api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>

#include "meta/http_unix.h"
#include "meta/source.h"

#define TIMEOUT_MS 2000u
#define SULK_S 10 /* how long a socket that hung is not asked */

struct server {
	uint32_t runtime;
	char socket[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	time_t again; /* CLOCK_MONOTONIC, seconds */
};

enum {
	DOCKER,
	PODMAN,
	SERVERS
};

struct pk_api {
	struct server servers[SERVERS];
	struct pk_http_unix *http;
	struct pk_buf body;
};

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static int set_server(struct server *server, uint32_t runtime, const char *root, const char *given,
		      const char *usual)
{
	int len = given ? snprintf(server->socket, sizeof(server->socket), "%s", given) :
			  snprintf(server->socket, sizeof(server->socket), "%s%s", root, usual);

	server->runtime = runtime;
	return len < 0 || (size_t)len >= sizeof(server->socket) ? -ENAMETOOLONG : 0;
}

int pk_api_new(const struct pk_resolver_options *options, struct pk_api **ret_api)
{
	struct pk_api *api = calloc(1, sizeof(*api));
	const char *root = options->root ? options->root : "";
	int err;

	if (!api)
		return -ENOMEM;
	err = set_server(&api->servers[DOCKER], PK_RUNTIME_DOCKER, root, options->docker_socket,
			 "/run/docker.sock");
	err = err   ?:
		      set_server(&api->servers[PODMAN], PK_RUNTIME_PODMAN, root,
				 options->podman_socket, "/run/podman/podman.sock");
	err = err   ?:
		      pk_http_unix_new(options->timeout_ms ? options->timeout_ms : TIMEOUT_MS,
				       &api->http);
	if (err) {
		pk_api_free(api);
		return err;
	}
	*ret_api = api;
	return 0;
}

void pk_api_free(struct pk_api *api)
{
	if (!api)
		return;
	pk_http_unix_free(api->http);
	pk_buf_fini(&api->body);
	free(api);
}

/* A runtime that the path did not tell may be Docker's: its containers below the kubelet's cgroups. */
static struct server *server_of(struct pk_api *api, uint32_t runtime)
{
	if (runtime == PK_RUNTIME_UNKNOWN)
		runtime = PK_RUNTIME_DOCKER;
	for (size_t i = 0; i < SERVERS; i++) {
		if (api->servers[i].runtime == runtime)
			return &api->servers[i];
	}
	return NULL;
}

bool pk_api_knows(struct pk_api *api, uint32_t runtime)
{
	const struct server *server = server_of(api, runtime);

	return server && now_s() >= server->again && !access(server->socket, F_OK);
}

static int get(struct pk_api *api, struct server *server, const char *path,
	       struct json_object **ret_object)
{
	long status = 0;
	int err = pk_http_unix_get(api->http, server->socket, path, &api->body, &status);

	if (err == -ETIMEDOUT)
		server->again = now_s() + SULK_S;
	if (err)
		return err;
	if (status == 404)
		return -ENOENT;
	if (status != 200)
		return -EPROTO;
	return pk_json_parse(api->body.data, api->body.len_bytes, ret_object);
}

/* The image only adds its digest: without an answer that stays unknown. */
static int ask_image(struct pk_api *api, struct server *server, struct pk_draft *draft)
{
	pk_json_cleanup struct json_object *answer = NULL;
	struct pk_text id = draft->container.image_id;
	char path[320];
	int err;

	if (!id.len || strspn(id.data, "0123456789abcdef") < id.len)
		return 0;
	snprintf(path, sizeof(path), "/v1.24/images/sha256:%.*s/json", (int)id.len, id.data);
	err = get(api, server, path, &answer);
	return err ? 0 : pk_source_docker_image(answer, draft);
}

int pk_api_ask(struct pk_api *api, const struct pk_question *question, struct pk_draft *draft)
{
	struct server *server = server_of(api, draft->container.runtime);
	pk_json_cleanup struct json_object *answer = NULL;
	char path[256];
	int err;

	if (!server)
		return -ENOENT;
	snprintf(path, sizeof(path), "/v1.24/containers/%s/json", question->id);
	err = get(api, server, path, &answer);
	err = err ?: pk_source_docker(answer, draft);
	if (err)
		return err;
	if (!draft->container.runtime)
		draft->container.runtime = server->runtime;
	return draft->container.digest.len ? 0 : ask_image(api, server, draft);
}
