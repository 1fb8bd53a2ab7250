// SPDX-License-Identifier: Apache-2.0
/*
 * Containers on the wire: packed lists of labels and mounts, and records.
 */
#include "meta/container.h"

#include <string.h>

#include "base/cleanup.h"

const struct pk_container pk_container_host = { .state = PK_CONTAINER_HOST };
const struct pk_container pk_container_unknown = { .state = PK_CONTAINER_UNKNOWN };

/* Which text is which, and the limit of each. */
static const struct {
	size_t in_container;
	size_t in_record;
	size_t max_bytes;
} texts[] = {
#define TEXT(name, max)                                                                         \
	{                                                                                       \
		offsetof(struct pk_container, name), offsetof(struct pk_container_event, name), \
			max                                                                     \
	}
	TEXT(id, PK_MAX_CONTAINER_ID_BYTES),
	TEXT(outer_id, PK_MAX_CONTAINER_ID_BYTES),
	TEXT(name, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(image, PK_MAX_CONTAINER_IMAGE_BYTES),
	TEXT(repository, PK_MAX_CONTAINER_IMAGE_BYTES),
	TEXT(tag, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(digest, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(image_id, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(ip, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(pod_uid, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(pod_name, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(pod_namespace, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(sandbox_id, PK_MAX_CONTAINER_ID_BYTES),
	TEXT(labels, PK_MAX_CONTAINER_LABELS_BYTES),
	TEXT(mounts, PK_MAX_CONTAINER_MOUNTS_BYTES),
	TEXT(pod_ip, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(pod_node, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(pod_labels, PK_MAX_CONTAINER_POD_LABELS_BYTES),
	TEXT(pod_owner_kind, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(pod_owner_name, PK_MAX_CONTAINER_NAME_BYTES),
	TEXT(pod_deployment, PK_MAX_CONTAINER_NAME_BYTES),
#undef TEXT
};

static_assert(sizeof(struct pk_container_event) + 3 * PK_MAX_CONTAINER_ID_BYTES +
			      13 * PK_MAX_CONTAINER_NAME_BYTES + 2 * PK_MAX_CONTAINER_IMAGE_BYTES +
			      PK_MAX_CONTAINER_LABELS_BYTES + PK_MAX_CONTAINER_MOUNTS_BYTES +
			      PK_MAX_CONTAINER_POD_LABELS_BYTES + PK_MAX_CONTAINER_CGROUP_BYTES +
			      8 <=
		      PK_RECORD_MAX,
	      "all texts fit into a record");

struct pk_text pk_container_short(struct pk_text id)
{
	if (id.len > PK_CONTAINER_SHORT_ID_BYTES)
		id.len = PK_CONTAINER_SHORT_ID_BYTES;
	return id;
}

struct pk_text pk_container_short_id(const struct pk_container *container)
{
	return pk_container_short(container->id);
}

const char *pk_container_runtime_name(uint32_t runtime)
{
	static const char *const names[PK_RUNTIME_MAX] = {
		[PK_RUNTIME_UNKNOWN] = "unknown",
		[PK_RUNTIME_DOCKER] = "docker",
		[PK_RUNTIME_CONTAINERD] = "containerd",
		[PK_RUNTIME_CRIO] = "cri-o",
		[PK_RUNTIME_PODMAN] = "podman",
		[PK_RUNTIME_RUNC] = "runc",
		[PK_RUNTIME_LXC] = "lxc",
		[PK_RUNTIME_NSPAWN] = "nspawn",
	};

	return names[runtime < PK_RUNTIME_MAX ? runtime : PK_RUNTIME_UNKNOWN];
}

void pk_container_from_record(const struct pk_container_event *event,
			      struct pk_container *ret_container)
{
	*ret_container = (struct pk_container){
		.state = event->state < PK_CONTAINER_STATE_MAX ? event->state :
								 PK_CONTAINER_UNKNOWN,
		.runtime = event->runtime < PK_RUNTIME_MAX ? event->runtime : PK_RUNTIME_UNKNOWN,
		.known = event->known,
		.flags = event->container_flags,
		.start_ns = event->start_ns,
	};
	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		struct pk_text *text =
			(struct pk_text *)((char *)ret_container + texts[i].in_container);

		*text = pk_record_text(event, *(const struct pk_str *)((const char *)event +
								       texts[i].in_record));
	}
}

static size_t at_most(size_t len, size_t max)
{
	return len < max ? len : max;
}

size_t pk_container_to_record(const struct pk_container *container, uint64_t cgroup_id,
			      struct pk_text cgroup, struct pk_record *record)
{
	struct pk_container_event *event = &record->u.container;

	pk_record_init(record, PK_EVENT_CONTAINER);
	event->head.cgroup_id = cgroup_id;
	event->start_ns = container->start_ns;
	event->state = container->state;
	event->runtime = container->runtime;
	event->known = container->known;
	event->container_flags = container->flags;
	/* within their limits all of them fit */
	pk_record_add(record, &event->cgroup, cgroup.data,
		      at_most(cgroup.len, PK_MAX_CONTAINER_CGROUP_BYTES));
	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		const struct pk_text *text =
			(const struct pk_text *)((const char *)container + texts[i].in_container);

		pk_record_add(record, (struct pk_str *)((char *)event + texts[i].in_record),
			      text->data, at_most(text->len, texts[i].max_bytes));
	}
	return pk_record_finish(record);
}

static void add_text(struct pk_text *text, struct pk_text before)
{
	if (!text->len)
		*text = before;
}

static void add_image(struct pk_container *container, const struct pk_container *before)
{
	if (container->image.len)
		return;
	container->image = before->image;
	container->repository = before->repository;
	container->tag = before->tag;
}

static void add_pod(struct pk_container *container, const struct pk_container *before)
{
	add_text(&container->pod_uid, before->pod_uid);
	add_text(&container->pod_name, before->pod_name);
	add_text(&container->pod_namespace, before->pod_namespace);
	add_text(&container->sandbox_id, before->sandbox_id);
	container->flags |= before->flags & PK_CONTAINER_SANDBOX;
}

static void add_told_pod(struct pk_container *container, const struct pk_container *before)
{
	container->pod_ip = before->pod_ip;
	container->pod_node = before->pod_node;
	container->pod_labels = before->pod_labels;
	container->pod_owner_kind = before->pod_owner_kind;
	container->pod_owner_name = before->pod_owner_name;
	container->pod_deployment = before->pod_deployment;
	container->flags |= before->flags & PK_CONTAINER_POD_LABELS_CUT;
}

void pk_container_forget_pod(struct pk_container *container)
{
	const struct pk_text none = { "", 0 };

	container->known |= PK_CONTAINER_POD;
	container->pod_uid = container->pod_name = none;
	container->pod_namespace = container->sandbox_id = none;
}

void pk_container_add(struct pk_container *container, const struct pk_container *before)
{
	static const struct {
		uint32_t known, flags;
		size_t text;
	} facts[] = {
		{ PK_CONTAINER_NAME, 0, offsetof(struct pk_container, name) },
		{ PK_CONTAINER_IMAGE_ID, 0, offsetof(struct pk_container, image_id) },
		{ PK_CONTAINER_DIGEST, 0, offsetof(struct pk_container, digest) },
		{ PK_CONTAINER_IP, 0, offsetof(struct pk_container, ip) },
		{ PK_CONTAINER_LABELS, PK_CONTAINER_LABELS_CUT,
		  offsetof(struct pk_container, labels) },
		{ PK_CONTAINER_MOUNTS, PK_CONTAINER_MOUNTS_CUT,
		  offsetof(struct pk_container, mounts) },
		{ PK_CONTAINER_PRIVILEGED, PK_CONTAINER_IS_PRIVILEGED, 0 },
		{ PK_CONTAINER_HOST_NS,
		  PK_CONTAINER_IN_HOST_PID | PK_CONTAINER_IN_HOST_NETWORK |
			  PK_CONTAINER_IN_HOST_IPC,
		  0 },
	};
	const uint32_t lacking = before->known & ~container->known;

	for (size_t i = 0; i < PK_ARRAY_SIZE(facts); i++) {
		if (container->known & facts[i].known)
			continue;
		container->flags |= before->flags & facts[i].flags;
		if (facts[i].text)
			add_text((struct pk_text *)((char *)container + facts[i].text),
				 *(const struct pk_text *)((const char *)before + facts[i].text));
	}
	if (!(container->known & PK_CONTAINER_IMAGE))
		add_image(container, before);
	if (!(container->known & PK_CONTAINER_POD))
		add_pod(container, before);
	if (lacking & PK_CONTAINER_POD_TOLD)
		add_told_pod(container, before);
	if (lacking & PK_CONTAINER_START)
		container->start_ns = before->start_ns;
	add_text(&container->outer_id, before->outer_id);
	if (container->runtime == PK_RUNTIME_UNKNOWN)
		container->runtime = before->runtime;
	container->known |= before->known;
}

bool pk_container_next(struct pk_text *list, struct pk_text *ret_text)
{
	const char *nul = list->len ? memchr(list->data, '\0', list->len) : NULL;

	if (!nul)
		return false;
	*ret_text = (struct pk_text){ list->data, (size_t)(nul - list->data) };
	list->data += ret_text->len + 1;
	list->len -= ret_text->len + 1;
	return true;
}

bool pk_container_next_mount(struct pk_text *mounts, struct pk_container_mount *ret_mount)
{
	struct pk_container_mount mount;
	struct pk_text rw;

	if (!pk_container_next(mounts, &mount.source) ||
	    !pk_container_next(mounts, &mount.destination) ||
	    !pk_container_next(mounts, &mount.mode) || !pk_container_next(mounts, &rw) ||
	    !pk_container_next(mounts, &mount.propagation))
		return false;
	mount.rw = rw.len == 2 && !memcmp(rw.data, "rw", 2);
	*ret_mount = mount;
	return true;
}

bool pk_container_find_label(struct pk_text labels, const char *key, struct pk_text *ret_value)
{
	struct pk_text name;
	struct pk_text value;
	size_t key_len = strlen(key);

	while (pk_container_next(&labels, &name) && pk_container_next(&labels, &value)) {
		if (name.len != key_len || memcmp(name.data, key, key_len))
			continue;
		*ret_value = value;
		return true;
	}
	return false;
}

bool pk_container_label(const struct pk_container *container, const char *key,
			struct pk_text *ret_value)
{
	return pk_container_find_label(container->labels, key, ret_value);
}

int pk_container_join_labels(struct pk_text labels, struct pk_buf *buf)
{
	struct pk_text key, value;
	int err = 0;

	while (!err && pk_container_next(&labels, &key) && pk_container_next(&labels, &value)) {
		if (buf->len_bytes)
			err = pk_buf_add_str(buf, ", ");
		err = err ?: pk_buf_add(buf, key.data, key.len);
		err = err ?: pk_buf_add_char(buf, ':');
		err = err ?: pk_buf_add(buf, value.data, value.len);
	}
	return err;
}
