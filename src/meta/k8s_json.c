// SPDX-License-Identifier: Apache-2.0
/*
 * One text becomes one json-c tree, is read and is freed.
 */
#include "meta/k8s_json.h"

#include <errno.h>
#include <string.h>

#include "meta/json_parse.h"

/* Labels and containers beyond what the store takes are still read up to here, so that it can flag that. */
#define LABELS_READ (PK_MAX_K8S_LABELS + 1)
#define CONTAINERS_READ (PK_MAX_K8S_CONTAINERS + 1)

struct reading {
	struct pk_k8s_pod pod;
	struct pk_k8s_label labels[LABELS_READ];
	struct pk_k8s_container containers[CONTAINERS_READ];
};

PK_DEFINE_CLEANUP(struct reading *, free);

/* ---- json-c ---- */

/* An object. -EBADMSG, -ENOMEM. */
static int parse(const char *data, size_t len, struct json_object **ret_object)
{
	pk_json_cleanup struct json_object *object = NULL;
	int err;

	if (len > PK_MAX_K8S_JSON_BYTES)
		return -EBADMSG;
	err = pk_json_parse_text(data, len, PK_MAX_K8S_JSON_DEPTH, &object);
	if (err)
		return err == -ENOMEM ? err : -EBADMSG;
	if (!json_object_is_type(object, json_type_object))
		return -EBADMSG;
	*ret_object = pk_take_ptr(object);
	return 0;
}

/* The member of that name and type, or NULL; `object` may be NULL. */
static struct json_object *member(struct json_object *object, const char *name, enum json_type type)
{
	struct json_object *value = NULL;

	if (!object || !json_object_object_get_ex(object, name, &value) ||
	    !json_object_is_type(value, type))
		return NULL;
	return value;
}

static struct json_object *object_of(struct json_object *object, const char *name)
{
	return member(object, name, json_type_object);
}

static struct pk_k8s_text text_value(struct json_object *value)
{
	return (struct pk_k8s_text){ json_object_get_string(value),
				     (size_t)json_object_get_string_len(value) };
}

static struct pk_k8s_text text_of(struct json_object *object, const char *name)
{
	struct json_object *value = member(object, name, json_type_string);

	return value ? text_value(value) : (struct pk_k8s_text){ "", 0 };
}

static bool is_text(struct pk_k8s_text text, const char *wanted)
{
	return text.len == strlen(wanted) && !memcmp(text.data, wanted, text.len);
}

/* ---- a pod ---- */

static void read_labels(struct reading *reading, struct json_object *metadata)
{
	struct json_object *labels = object_of(metadata, "labels");

	if (!labels)
		return;
	json_object_object_foreach(labels, key, value)
	{
		if (reading->pod.label_cnt == LABELS_READ)
			return;
		if (!json_object_is_type(value, json_type_string))
			continue;
		reading->labels[reading->pod.label_cnt++] = (struct pk_k8s_label){
			.key = { key, strlen(key) },
			.value = text_value(value),
		};
	}
}

/* "containerd://0123..." */
static void add_container(struct reading *reading, struct json_object *status,
			  struct pk_k8s_text uri)
{
	const char *end = memmem(uri.data, uri.len, "://", 3);
	struct pk_k8s_container *container;

	if (!end || reading->pod.container_cnt == CONTAINERS_READ)
		return;
	container = &reading->containers[reading->pod.container_cnt];
	container->runtime = (struct pk_k8s_text){ uri.data, (size_t)(end - uri.data) };
	container->id = (struct pk_k8s_text){ end + 3, uri.len - container->runtime.len - 3 };
	if (!container->id.len)
		return;
	container->name = text_of(status, "name");
	container->image = text_of(status, "image");
	container->image_id = text_of(status, "imageID");
	reading->pod.container_cnt++;
}

/* Containers as they are, then those that ran before them. */
static void read_containers(struct reading *reading, struct json_object *statuses, bool before)
{
	size_t cnt = statuses ? json_object_array_length(statuses) : 0;

	for (size_t i = 0; i < cnt; i++) {
		struct json_object *status = json_object_array_get_idx(statuses, i);
		struct json_object *from = status;

		if (!json_object_is_type(status, json_type_object))
			continue;
		if (before)
			from = object_of(object_of(status, "lastState"), "terminated");
		if (from)
			add_container(reading, status, text_of(from, "containerID"));
	}
}

static void read_statuses(struct reading *reading, struct json_object *status)
{
	static const char *const lists[] = {
		"containerStatuses",
		"initContainerStatuses",
		"ephemeralContainerStatuses",
	};

	for (int before = 0; before < 2; before++) {
		for (size_t i = 0; i < PK_ARRAY_SIZE(lists); i++)
			read_containers(reading, member(status, lists[i], json_type_array), before);
	}
}

static void read_owner(struct pk_k8s_pod *pod, struct json_object *metadata)
{
	struct json_object *owners = member(metadata, "ownerReferences", json_type_array);
	size_t cnt = owners ? json_object_array_length(owners) : 0;

	for (size_t i = 0; i < cnt; i++) {
		struct json_object *owner = json_object_array_get_idx(owners, i);
		struct json_object *controller;

		if (!json_object_is_type(owner, json_type_object))
			continue;
		controller = member(owner, "controller", json_type_boolean);
		if (!controller || !json_object_get_boolean(controller))
			continue;
		pod->owner_kind = text_of(owner, "kind");
		pod->owner_name = text_of(owner, "name");
		return;
	}
}

/* A Deployment calls its ReplicaSets NAME-HASH, and tells their pods the hash. */
static void find_deployment(struct pk_k8s_pod *pod, struct json_object *metadata)
{
	struct pk_k8s_text hash = text_of(object_of(metadata, "labels"), "pod-template-hash");
	struct pk_k8s_text name = pod->owner_name;

	if (!is_text(pod->owner_kind, "ReplicaSet") || !hash.len || name.len < hash.len + 2)
		return;
	name.len -= hash.len;
	if (memcmp(name.data + name.len, hash.data, hash.len) != 0 ||
	    name.data[name.len - 1] != '-')
		return;
	name.len--;
	pod->deployment = name;
}

static void read_pod(struct reading *reading, struct json_object *object)
{
	struct json_object *metadata = object_of(object, "metadata");
	struct json_object *spec = object_of(object, "spec");
	struct json_object *status = object_of(object, "status");
	struct json_object *host_network = member(spec, "hostNetwork", json_type_boolean);
	struct pk_k8s_pod *pod = &reading->pod;

	pod->uid = text_of(metadata, "uid");
	pod->config_uid = text_of(object_of(metadata, "annotations"), "kubernetes.io/config.hash");
	pod->ns = text_of(metadata, "namespace");
	pod->name = text_of(metadata, "name");
	pod->ip = text_of(status, "podIP");
	pod->node = text_of(spec, "nodeName");
	pod->labels = reading->labels;
	pod->containers = reading->containers;
	pod->owner_kind = pod->owner_name = pod->deployment = (struct pk_k8s_text){ "", 0 };
	if (host_network && json_object_get_boolean(host_network))
		pod->flags |= PK_K8S_HOST_NETWORK;
	read_labels(reading, metadata);
	read_statuses(reading, status);
	read_owner(pod, metadata);
	find_deployment(pod, metadata);
}

static int put_pod(struct pk_k8s_pods *pods, struct json_object *object, uint32_t flags)
{
	pk_cleanup(free_p) struct reading *reading = calloc(1, sizeof(*reading));

	if (!reading)
		return -ENOMEM;
	reading->pod.flags = flags;
	read_pod(reading, object);
	/* a pod that has no room is the store's to count: those after it may have some */
	return pk_k8s_pods_put(pods, &reading->pod) == -ENOMEM ? -ENOMEM : 0;
}

int pk_k8s_json_pod(struct pk_k8s_pods *pods, const char *data, size_t len, uint32_t flags)
{
	pk_json_cleanup struct json_object *object = NULL;
	int err = parse(data, len, &object);

	return err ?: put_pod(pods, object, flags);
}

/* ---- around pods ---- */

/* Copies what is to go into a URL: it has to be printable ASCII, and all of it. */
static int copy_token(struct pk_k8s_text text, char *to, size_t bytes)
{
	if (text.len >= bytes)
		return -EBADMSG;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] <= ' ' || text.data[i] > '~')
			return -EBADMSG;
	}
	memcpy(to, text.data, text.len);
	to[text.len] = '\0';
	return 0;
}

/* Copies a message for people, cut at its end. */
static void copy_reason(struct pk_k8s_text text, char to[PK_K8S_REASON_BYTES])
{
	size_t len = text.len < PK_K8S_REASON_BYTES ? text.len : PK_K8S_REASON_BYTES - 1;

	for (size_t i = 0; i < len; i++)
		to[i] = (unsigned char)text.data[i] < ' ' ? ' ' : text.data[i];
	to[len] = '\0';
}

static enum pk_k8s_event_kind kind_of(struct pk_k8s_text type, struct json_object *object)
{
	static const struct {
		const char *type;
		enum pk_k8s_event_kind kind;
	} kinds[] = {
		{ "ADDED", PK_K8S_EVENT_PUT },       { "MODIFIED", PK_K8S_EVENT_PUT },
		{ "DELETED", PK_K8S_EVENT_DELETED }, { "BOOKMARK", PK_K8S_EVENT_BOOKMARK },
		{ "ERROR", PK_K8S_EVENT_ERROR },
	};

	for (size_t i = 0; object && i < PK_ARRAY_SIZE(kinds); i++) {
		if (is_text(type, kinds[i].type))
			return kinds[i].kind;
	}
	return PK_K8S_EVENT_OTHER;
}

int pk_k8s_json_event(struct pk_k8s_pods *pods, const char *data, size_t len, uint32_t flags,
		      struct pk_k8s_event *ret_event)
{
	pk_json_cleanup struct json_object *line = NULL;
	struct json_object *object, *metadata, *code;
	int err = parse(data, len, &line);
	struct pk_k8s_text uid;

	if (err)
		return err;
	*ret_event = (struct pk_k8s_event){ 0 };
	object = object_of(line, "object");
	metadata = object_of(object, "metadata");
	ret_event->kind = kind_of(text_of(line, "type"), object);
	if (ret_event->kind == PK_K8S_EVENT_ERROR) {
		code = member(object, "code", json_type_int);
		ret_event->code = code ? json_object_get_int(code) : 0;
		copy_reason(text_of(object, "message"), ret_event->reason);
		return 0;
	}
	err = copy_token(text_of(metadata, "resourceVersion"), ret_event->version,
			 sizeof(ret_event->version));
	if (err)
		return err;
	if (ret_event->kind == PK_K8S_EVENT_PUT)
		return put_pod(pods, object, flags);
	if (ret_event->kind == PK_K8S_EVENT_DELETED) {
		uid = text_of(metadata, "uid");
		pk_k8s_pods_del(pods, uid.data, uid.len);
	}
	return 0;
}

int pk_k8s_json_list_head(const char *data, size_t len, struct pk_k8s_list_head *ret_head)
{
	pk_json_cleanup struct json_object *object = NULL;
	struct json_object *metadata;
	int err = parse(data, len, &object);

	if (err)
		return err;
	metadata = object_of(object, "metadata");
	err = copy_token(text_of(metadata, "resourceVersion"), ret_head->version,
			 sizeof(ret_head->version));
	return err   ?:
		       copy_token(text_of(metadata, "continue"), ret_head->next,
				  sizeof(ret_head->next));
}

int pk_k8s_json_reason(const char *data, size_t len, char ret_reason[PK_K8S_REASON_BYTES])
{
	pk_json_cleanup struct json_object *object = NULL;
	int err = parse(data, len, &object);

	if (!err)
		copy_reason(text_of(object, "message"), ret_reason);
	return err;
}
