// SPDX-License-Identifier: Apache-2.0
/*
 * GET /containers/ID/json, of Docker and of Podman's API that is like it.
 */
#include <errno.h>
#include <string.h>

#include "meta/source.h"

static int add_name(struct json_object *answer, struct pk_draft *draft)
{
	const char *name = pk_json_text_at(answer, "Name");

	if (*name == '/')
		name++;
	draft->container.known |= PK_CONTAINER_NAME;
	return pk_draft_text(draft, &draft->container.name, name, strlen(name));
}

static int add_image(struct json_object *answer, struct pk_draft *draft)
{
	const char *name = pk_json_text_at(answer, "Config.Image");
	const char *id = pk_json_text_at(answer, "Image");
	const char *digest = pk_json_text_at(answer, "ImageDigest"); /* Podman's */
	int err;

	/* Podman: Image is the id, ImageName the name */
	if (!*name)
		name = pk_json_text_at(answer, "ImageName");
	draft->container.known |= PK_CONTAINER_IMAGE | PK_CONTAINER_IMAGE_ID;
	err = pk_draft_image(draft, name, strlen(name));
	if (err)
		return err;
	if (*digest) {
		draft->container.known |= PK_CONTAINER_DIGEST;
		err = pk_draft_text(draft, &draft->container.digest, digest, strlen(digest));
	}
	if (!strncmp(id, "sha256:", 7))
		id += 7;
	return err ?: pk_draft_text(draft, &draft->container.image_id, id, strlen(id));
}

static int add_mounts(struct json_object *mounts, struct pk_draft *draft)
{
	size_t cnt;
	int err = 0;

	if (!json_object_is_type(mounts, json_type_array))
		return 0;
	pk_draft_clear_mounts(draft);
	draft->container.known |= PK_CONTAINER_MOUNTS;
	cnt = json_object_array_length(mounts);
	for (size_t i = 0; i < cnt && !err; i++) {
		struct json_object *mount = json_object_array_get_idx(mounts, i);

		if (i == PK_MAX_CONTAINER_JSON_ITEMS) {
			draft->container.flags |= PK_CONTAINER_MOUNTS_CUT;
			break;
		}
		err = pk_draft_mount(draft, pk_json_text_at(mount, "Source"),
				     pk_json_text_at(mount, "Destination"),
				     pk_json_text_at(mount, "Mode"),
				     pk_json_is_true(pk_json_get(mount, "RW")),
				     pk_json_text_at(mount, "Propagation"));
	}
	return err;
}

/* The container's own, or the first that one of its networks gave it. */
static int add_ip(struct json_object *answer, struct pk_draft *draft)
{
	struct json_object *networks = pk_json_at(answer, "NetworkSettings.Networks");
	const char *ip = pk_json_text_at(answer, "NetworkSettings.IPAddress");

	if (!pk_json_get(answer, "NetworkSettings"))
		return 0;
	if (!*ip && json_object_is_type(networks, json_type_object)) {
		json_object_object_foreach(networks, key, network)
		{
			(void)key;
			ip = pk_json_text_at(network, "IPAddress");
			if (*ip)
				break;
		}
	}
	draft->container.known |= PK_CONTAINER_IP;
	return pk_draft_text(draft, &draft->container.ip, ip, strlen(ip));
}

static void add_rights(struct json_object *host, struct pk_draft *draft)
{
	if (!host)
		return;
	pk_draft_flag(draft, PK_CONTAINER_PRIVILEGED, PK_CONTAINER_IS_PRIVILEGED,
		      pk_json_is_true(pk_json_get(host, "Privileged")));
	pk_draft_flag(draft, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_PID,
		      !strcmp(pk_json_text_at(host, "PidMode"), "host"));
	pk_draft_flag(draft, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_NETWORK,
		      !strcmp(pk_json_text_at(host, "NetworkMode"), "host"));
	pk_draft_flag(draft, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_IPC,
		      !strcmp(pk_json_text_at(host, "IpcMode"), "host"));
}

static int add_pod(struct json_object *labels, struct pk_draft *draft)
{
	static const char pod[] = "io.kubernetes.pod.";
	struct pk_container *c = &draft->container;
	const struct {
		const char *key;
		struct pk_text *field;
	} fields[] = {
		{ "name", &c->pod_name },
		{ "namespace", &c->pod_namespace },
		{ "uid", &c->pod_uid },
	};
	int err = 0;

	for (size_t i = 0; i < PK_ARRAY_SIZE(fields) && !err; i++) {
		char key[64];
		size_t len;
		const char *text;

		snprintf(key, sizeof(key), "%s%s", pod, fields[i].key);
		text = pk_json_text(pk_json_get(labels, key), &len);
		if (text && *text)
			err = pk_draft_text(draft, fields[i].field, text, len);
	}
	c->known |= PK_CONTAINER_POD;
	return err;
}

static void add_start(struct json_object *answer, struct pk_draft *draft)
{
	uint64_t *start_ns = &draft->container.start_ns;

	if (!pk_draft_parse_time(pk_json_text_at(answer, "State.StartedAt"), start_ns) ||
	    !pk_draft_parse_time(pk_json_text_at(answer, "Created"), start_ns))
		draft->container.known |= PK_CONTAINER_START;
}

int pk_source_docker(struct json_object *answer, struct pk_draft *draft)
{
	struct json_object *labels = pk_json_at(answer, "Config.Labels");
	int err;

	if (!pk_json_get(answer, "Name") || !pk_json_get(answer, "Config"))
		return -EBADMSG;
	add_rights(pk_json_get(answer, "HostConfig"), draft);
	add_start(answer, draft);
	err = add_name(answer, draft);
	err = err ?: add_image(answer, draft);
	err = err ?: add_mounts(pk_json_get(answer, "Mounts"), draft);
	err = err ?: add_ip(answer, draft);
	pk_draft_clear_labels(draft);
	draft->container.known |= PK_CONTAINER_LABELS;
	err = err ?: pk_json_draft_labels(draft, labels);
	return err ?: add_pod(labels, draft);
}

/* "RepoDigests": ["nginx@sha256:..."]; of several the one of the container's repository. */
int pk_source_docker_image(struct json_object *answer, struct pk_draft *draft)
{
	struct json_object *digests = pk_json_get(answer, "RepoDigests");
	struct pk_text repository = draft->container.repository;
	const char *best = NULL;
	size_t cnt = json_object_is_type(digests, json_type_array) ?
			     json_object_array_length(digests) :
			     0;

	for (size_t i = 0; i < cnt && i < PK_MAX_CONTAINER_JSON_ITEMS; i++) {
		size_t len;
		const char *text = pk_json_text(json_object_array_get_idx(digests, i), &len);
		const char *at = text ? strchr(text, '@') : NULL;

		if (!at)
			continue;
		if (!best || ((size_t)(at - text) == repository.len &&
			      !memcmp(text, repository.data, repository.len)))
			best = at + 1;
	}
	draft->container.known |= PK_CONTAINER_DIGEST;
	return best ? pk_draft_text(draft, &draft->container.digest, best, strlen(best)) : 0;
}
