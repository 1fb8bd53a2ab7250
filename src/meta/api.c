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

#include "meta/grpc_unix.h"
#include "meta/http_unix.h"
#include "meta/protobuf.h"
#include "meta/source.h"
#include "meta/source_cri.h"

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
	CONTAINERD,
	CRIO,
	SERVERS
};

struct pk_api {
	struct server servers[SERVERS];
	unsigned int timeout_ms;
	struct pk_http_unix *http; /* NULL: nothing was asked yet */
	struct pk_grpc_unix *grpc; /* NULL: libcurl has no HTTP/2 */
	struct pk_buf request;
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

static int set_servers(struct pk_api *api, const struct pk_resolver_options *options)
{
	const struct {
		uint32_t runtime;
		const char *given, *usual;
	} all[SERVERS] = {
		[DOCKER] = { PK_RUNTIME_DOCKER, options->docker_socket, "/run/docker.sock" },
		[PODMAN] = { PK_RUNTIME_PODMAN, options->podman_socket, "/run/podman/podman.sock" },
		[CONTAINERD] = { PK_RUNTIME_CONTAINERD, options->containerd_socket,
				 "/run/containerd/containerd.sock" },
		[CRIO] = { PK_RUNTIME_CRIO, options->crio_socket, "/run/crio/crio.sock" },
	};
	int err = 0;

	for (size_t i = 0; i < SERVERS && !err; i++)
		err = set_server(&api->servers[i], all[i].runtime,
				 options->root ? options->root : "", all[i].given, all[i].usual);
	return err;
}

/* When something is first asked: most machines run no container that only its runtime knows. */
static int need_clients(struct pk_api *api)
{
	int err;

	if (api->http)
		return 0;
	err = pk_http_unix_new(api->timeout_ms, &api->http);
	if (!err)
		err = pk_grpc_unix_new(api->timeout_ms, &api->grpc);
	return err == -EOPNOTSUPP ? 0 : err;
}

int pk_api_new(const struct pk_resolver_options *options, struct pk_api **ret_api)
{
	struct pk_api *api = calloc(1, sizeof(*api));
	int err;

	if (!api)
		return -ENOMEM;
	api->timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_MS;
	err = set_servers(api, options);
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
	pk_grpc_unix_free(api->grpc);
	pk_buf_fini(&api->body);
	pk_buf_fini(&api->request);
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

	return server && !access(server->socket, F_OK);
}

static void note_timeout(struct server *server, int err)
{
	if (err == -ETIMEDOUT)
		server->again = now_s() + SULK_S;
}

static int get(struct pk_api *api, struct server *server, const char *path,
	       struct json_object **ret_object)
{
	long status = 0;
	int err = pk_http_unix_get(api->http, server->socket, path, &api->body, &status);

	note_timeout(server, err);
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

static int call(struct pk_api *api, struct server *server, const char *method, const char *header,
		const char *id, struct pk_text *ret_answer)
{
	int err;

	pk_buf_clear(&api->request);
	err = pk_pb_add_text(&api->request, 1, id);
	if (err)
		return err;
	err = pk_grpc_unix_call(api->grpc, server->socket, method, header, &api->request,
				ret_answer);
	note_timeout(server, err);
	return err;
}

static int ask_cri(struct pk_api *api, struct server *server, const struct pk_question *question,
		   struct pk_draft *draft)
{
	struct pk_text answer;
	int err = call(api, server, "/runtime.v1.RuntimeService/ContainerStatus", NULL,
		       question->id, &answer);

	return err ? err : pk_source_cri_status(answer, draft);
}

/* containerd knows containers that its CRI plugin does not: of ctr, nerdctl. */
static int ask_containerd(struct pk_api *api, struct server *server,
			  const struct pk_question *question, struct pk_draft *draft)
{
	const char *spaces[] = { question->space, "default", "k8s.io" };
	char header[PK_MAX_NAMESPACE_BYTES + 32];
	struct pk_text answer;
	int err = -ENOENT;

	for (size_t i = 0; i < PK_ARRAY_SIZE(spaces) && err == -ENOENT; i++) {
		if (!spaces[i][0] || strpbrk(spaces[i], "\r\n"))
			continue;
		snprintf(header, sizeof(header), "containerd-namespace: %s", spaces[i]);
		err = call(api, server, "/containerd.services.containers.v1.Containers/Get", header,
			   question->id, &answer);
	}
	return err ? err : pk_source_containerd(answer, draft);
}

static int ask_grpc(struct pk_api *api, struct server *server, const struct pk_question *question,
		    struct pk_draft *draft)
{
	int err = -ENOENT;

	if (!api->grpc)
		return -ENOENT;
	/* a namespace that is not Kubernetes' is known: CRI does not know those */
	if (!question->space[0] || server->runtime == PK_RUNTIME_CRIO)
		err = ask_cri(api, server, question, draft);
	if (err == -ENOENT && server->runtime == PK_RUNTIME_CONTAINERD)
		err = ask_containerd(api, server, question, draft);
	return err;
}

int pk_api_ask(struct pk_api *api, const struct pk_question *question, struct pk_draft *draft)
{
	struct server *server = server_of(api, draft->container.runtime);
	pk_json_cleanup struct json_object *answer = NULL;
	char path[256];
	int err;

	if (!server)
		return -ENOENT;
	if (now_s() < server->again)
		return -EBUSY;
	err = need_clients(api);
	if (err)
		return err;
	if (server->runtime == PK_RUNTIME_CONTAINERD || server->runtime == PK_RUNTIME_CRIO)
		return ask_grpc(api, server, question, draft);
	snprintf(path, sizeof(path), "/v1.24/containers/%s/json", question->id);
	err = get(api, server, path, &answer);
	err = err ?: pk_source_docker(answer, draft);
	if (err)
		return err;
	if (!draft->container.runtime)
		draft->container.runtime = server->runtime;
	return draft->container.digest.len ? 0 : ask_image(api, server, draft);
}
