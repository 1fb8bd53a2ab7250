// SPDX-License-Identifier: Apache-2.0
/*
 * From pods to containers.
 */
#include "meta/pod_facts.h"

#include <string.h>

#include "meta/draft.h"

const struct pk_k8s_pod *pk_pod_facts_find(struct pk_k8s_pods *pods,
					   const struct pk_container *container)
{
	const struct pk_k8s_pod *pod = NULL;

	if (container->pod_uid.len)
		pod = pk_k8s_pods_find(pods, container->pod_uid.data, container->pod_uid.len);
	if (!pod)
		pod = pk_k8s_pods_find_container(pods, container->id.data, container->id.len);
	return pod;
}

static int add_label(const struct pk_k8s_label *label, struct pk_buf *labels)
{
	int err = pk_buf_add(labels, label->key.data, label->key.len);

	err = err ?: pk_buf_add_char(labels, '\0');
	err = err ?: pk_buf_add(labels, label->value.data, label->value.len);
	return err ?: pk_buf_add_char(labels, '\0');
}

/* ret_cut: some are left out. */
static int add_labels(const struct pk_k8s_pod *pod, struct pk_buf *labels, bool *ret_cut)
{
	int err = 0;

	pk_buf_clear(labels);
	*ret_cut = pod->flags & PK_K8S_CUT_LABELS;
	for (uint32_t i = 0; i < pod->label_cnt && !err; i++) {
		const struct pk_k8s_label *label = &pod->labels[i];
		size_t bytes = label->key.len + label->value.len + 2;

		if (label->cut || labels->len_bytes + bytes > PK_MAX_CONTAINER_POD_LABELS_BYTES)
			*ret_cut = true;
		else
			err = add_label(label, labels);
	}
	return err;
}

static struct pk_text text_of(struct pk_k8s_text text)
{
	return (struct pk_text){ text.data, text.len };
}

/* The pod's word counts less than the runtime's own. */
static void add_container(const struct pk_k8s_container *told, struct pk_container *container)
{
	const char *at = told->image_id.len ? memchr(told->image_id.data, '@', told->image_id.len) :
					      NULL;

	if (told->name.len && !(container->known & PK_CONTAINER_NAME)) {
		container->known |= PK_CONTAINER_NAME;
		container->name = text_of(told->name);
	}
	if (at && !(container->known & PK_CONTAINER_DIGEST)) {
		container->known |= PK_CONTAINER_DIGEST;
		container->digest = (struct pk_text){
			at + 1, (size_t)(told->image_id.data + told->image_id.len - at - 1)
		};
	}
	if (told->image.len && !(container->known & PK_CONTAINER_IMAGE)) {
		container->known |= PK_CONTAINER_IMAGE;
		container->image = text_of(told->image);
		pk_draft_split_image(container);
	}
}

int pk_pod_facts_add(const struct pk_k8s_pod *pod, struct pk_buf *labels,
		     struct pk_container *container)
{
	const struct pk_k8s_container *told = pk_k8s_pod_container(pod, container->id.data,
								   container->id.len);
	bool cut;
	int err = add_labels(pod, labels, &cut);

	if (err)
		return err;
	container->known |= PK_CONTAINER_POD | PK_CONTAINER_POD_TOLD;
	container->flags &= ~PK_CONTAINER_POD_LABELS_CUT;
	if (cut)
		container->flags |= PK_CONTAINER_POD_LABELS_CUT;
	if (!container->pod_uid.len)
		container->pod_uid = text_of(pod->uid);
	container->pod_name = text_of(pod->name);
	container->pod_namespace = text_of(pod->ns);
	container->pod_ip = text_of(pod->ip);
	container->pod_node = text_of(pod->node);
	container->pod_labels = (struct pk_text){ labels->data, labels->len_bytes };
	container->pod_owner_kind = text_of(pod->owner_kind);
	container->pod_owner_name = text_of(pod->owner_name);
	container->pod_deployment = text_of(pod->deployment);
	if (told)
		add_container(told, container);
	return 0;
}

static bool same_text(struct pk_text a, struct pk_text b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

bool pk_pod_facts_same(const struct pk_container *a, const struct pk_container *b)
{
	const uint32_t known = PK_CONTAINER_POD | PK_CONTAINER_POD_TOLD | PK_CONTAINER_NAME |
			       PK_CONTAINER_IMAGE | PK_CONTAINER_DIGEST;

	return (a->known & known) == (b->known & known) &&
	       (a->flags & PK_CONTAINER_POD_LABELS_CUT) ==
		       (b->flags & PK_CONTAINER_POD_LABELS_CUT) &&
	       same_text(a->pod_uid, b->pod_uid) && same_text(a->pod_name, b->pod_name) &&
	       same_text(a->pod_namespace, b->pod_namespace) && same_text(a->pod_ip, b->pod_ip) &&
	       same_text(a->pod_node, b->pod_node) && same_text(a->pod_labels, b->pod_labels) &&
	       same_text(a->pod_owner_kind, b->pod_owner_kind) &&
	       same_text(a->pod_owner_name, b->pod_owner_name) &&
	       same_text(a->pod_deployment, b->pod_deployment) && same_text(a->name, b->name) &&
	       same_text(a->image, b->image) && same_text(a->digest, b->digest);
}
