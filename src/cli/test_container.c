// SPDX-License-Identifier: Apache-2.0
/*
 * Containers of rule tests. The id, or without one the name, makes the cgroup.
 */
#include "cli/test_container.h"

#include <string.h>

#include "meta/containers.h"
#include "meta/draft.h"

#define ALL_KNOWN                                                                               \
	(PK_CONTAINER_NAME | PK_CONTAINER_IMAGE | PK_CONTAINER_IMAGE_ID | PK_CONTAINER_DIGEST | \
	 PK_CONTAINER_LABELS | PK_CONTAINER_MOUNTS | PK_CONTAINER_PRIVILEGED |                  \
	 PK_CONTAINER_START | PK_CONTAINER_IP | PK_CONTAINER_HOST_NS | PK_CONTAINER_POD |       \
	 PK_CONTAINER_POD_TOLD)

struct job {
	struct pk_draft draft;
	struct pk_buf pod_labels;
};

static void job_fini(struct job *job)
{
	pk_draft_fini(&job->draft);
	pk_buf_fini(&job->pod_labels);
}

static int take_text(struct pk_keys *keys, const char *key, struct pk_draft *draft,
		     struct pk_text *field, uint32_t known)
{
	struct pk_text text;

	if (!pk_keys_text(keys, key, &text))
		return 0;
	draft->container.known |= known;
	return pk_draft_text(draft, field, text.data, text.len);
}

static int take_image(struct pk_keys *keys, struct pk_draft *draft)
{
	struct pk_text text;

	if (!pk_keys_text(keys, "image", &text))
		return 0;
	draft->container.known |= PK_CONTAINER_IMAGE;
	return pk_draft_image(draft, text.data, text.len);
}

typedef int add_label_fn(struct job *job, const char *key, const char *value, size_t len);

static int add_label(struct job *job, const char *key, const char *value, size_t len)
{
	return pk_draft_label(&job->draft, key, value, len);
}

static int add_pod_label(struct job *job, const char *key, const char *value, size_t len)
{
	struct pk_buf *labels = &job->pod_labels;
	size_t key_len = strlen(key);
	int err;

	len = strnlen(value, len);
	if (labels->len_bytes + key_len + len + 2 > PK_MAX_CONTAINER_POD_LABELS_BYTES) {
		job->draft.container.flags |= PK_CONTAINER_POD_LABELS_CUT;
		return 0;
	}
	err = pk_buf_add(labels, key, key_len + 1);
	err = err ?: pk_buf_add(labels, value, len);
	return err ?: pk_buf_add_char(labels, '\0');
}

static int take_labels(struct pk_keys *keys, struct job *job, add_label_fn *add)
{
	const struct pk_yaml_node *map = pk_keys_take(keys, "labels");
	int err = 0;

	if (map && map->kind != PK_YAML_MAPPING) {
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, map, NULL, "'labels' wants a mapping");
		return 0;
	}
	for (const struct pk_yaml_pair *item = map ? map->first : NULL; item && !err;
	     item = item->next) {
		const struct pk_yaml_node *value = item->value;

		if (value->kind == PK_YAML_SCALAR)
			err = add(job, item->key->text.data, value->text.data,
				  value->text.len_bytes);
		else
			pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, value, NULL,
				     "a label's value is a text");
	}
	return err;
}

static int take_mount(struct pk_keys *keys, const struct pk_yaml_node *node, struct pk_draft *draft)
{
	char text[1024] = "";
	char *destination, *options;

	if (node->kind == PK_YAML_SCALAR && node->text.len_bytes < sizeof(text))
		memcpy(text, node->text.data, node->text.len_bytes);
	destination = strchr(text, ':');
	options = destination ? strchr(destination + 1, ':') : NULL;
	if (!destination || (options && strcmp(options, ":ro"))) {
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, NULL,
			     "a mount is SOURCE:DESTINATION or SOURCE:DESTINATION:ro");
		return 0;
	}
	*destination++ = '\0';
	if (options)
		*options = '\0';
	return pk_draft_mount(draft, text, destination, "", !options, "rprivate");
}

static int take_mounts(struct pk_keys *keys, struct pk_draft *draft)
{
	const struct pk_yaml_node *list = pk_keys_take(keys, "mounts");
	int err = 0;

	if (list && list->kind != PK_YAML_SEQUENCE)
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, list, NULL, "'mounts' wants a list");
	else if (list)
		for (const struct pk_yaml_pair *item = list->first; item && !err; item = item->next)
			err = take_mount(keys, item->value, draft);
	return err;
}

/* ---- its pod ---- */

static int take_owner(struct pk_keys *keys, struct pk_draft *draft)
{
	struct pk_container *c = &draft->container;
	struct pk_text text;
	const char *slash;
	int err;

	if (!pk_keys_text(keys, "owner", &text))
		return 0;
	slash = memchr(text.data, '/', text.len);
	if (!slash) {
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, pk_keys_take(keys, "owner"), NULL,
			     "'owner' is KIND/NAME");
		return 0;
	}
	err = pk_draft_text(draft, &c->pod_owner_kind, text.data, (size_t)(slash - text.data));
	return err   ?:
		       pk_draft_text(draft, &c->pod_owner_name, slash + 1,
				     text.len - (size_t)(slash + 1 - text.data));
}

static int take_pod_texts(struct pk_keys *keys, struct job *job)
{
	struct pk_draft *draft = &job->draft;
	struct pk_container *c = &draft->container;
	int err = take_text(keys, "uid", draft, &c->pod_uid, 0);

	err = err ?: take_text(keys, "sandbox_id", draft, &c->sandbox_id, 0);
	err = err ?: take_text(keys, "name", draft, &c->pod_name, PK_CONTAINER_POD);
	err = err ?: take_text(keys, "namespace", draft, &c->pod_namespace, PK_CONTAINER_POD);
	err = err ?: take_text(keys, "ip", draft, &c->pod_ip, PK_CONTAINER_POD_TOLD);
	err = err ?: take_text(keys, "node", draft, &c->pod_node, PK_CONTAINER_POD_TOLD);
	err = err   ?:
		      take_text(keys, "deployment", draft, &c->pod_deployment,
				PK_CONTAINER_POD_TOLD);
	err = err ?: take_owner(keys, draft);
	return err ?: take_labels(keys, job, add_pod_label);
}

static int take_pod(struct pk_keys *keys, struct job *job)
{
	const struct pk_yaml_node *map = pk_keys_take(keys, "pod");
	struct pk_container *c = &job->draft.container;
	struct pk_keys pod;
	int err;

	if (!map)
		return 0;
	pk_keys_init(&pod, keys->ctx, map, "pod");
	err = take_pod_texts(&pod, job);
	c->pod_labels = (struct pk_text){ job->pod_labels.data, job->pod_labels.len_bytes };
	if (c->pod_labels.len || c->pod_owner_name.len)
		c->known |= PK_CONTAINER_POD_TOLD;
	if (pk_keys_flag(&pod, "untold"))
		c->known &= ~PK_CONTAINER_POD_TOLD;
	pk_keys_end(&pod);
	return err;
}

/* ---- all of it ---- */

static void take_rights(struct pk_keys *keys, struct pk_draft *draft)
{
	if (pk_keys_flag(keys, "privileged"))
		pk_draft_flag(draft, PK_CONTAINER_PRIVILEGED, PK_CONTAINER_IS_PRIVILEGED, true);
	if (pk_keys_flag(keys, "host_pid"))
		pk_draft_flag(draft, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_PID, true);
	if (pk_keys_flag(keys, "host_network"))
		pk_draft_flag(draft, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_NETWORK, true);
	if (pk_keys_flag(keys, "host_ipc"))
		pk_draft_flag(draft, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_IPC, true);
}

static int take_all(struct pk_keys *keys, struct job *job)
{
	struct pk_draft *draft = &job->draft;
	struct pk_container *c = &draft->container;
	uint32_t runtime = PK_RUNTIME_DOCKER;
	int err;

	c->state = PK_CONTAINER_RESOLVED;
	pk_keys_word(keys, "runtime", pk_container_runtime_name, PK_RUNTIME_MAX, &runtime);
	c->runtime = runtime;
	if (!pk_keys_flag(keys, "resolving"))
		c->known = ALL_KNOWN;
	take_rights(keys, draft);
	err = take_text(keys, "id", draft, &c->id, 0);
	err = err ?: take_text(keys, "name", draft, &c->name, PK_CONTAINER_NAME);
	err = err ?: take_text(keys, "outer_id", draft, &c->outer_id, 0);
	err = err ?: take_image(keys, draft);
	err = err ?: take_labels(keys, job, add_label);
	err = err ?: take_mounts(keys, draft);
	err = err ?: take_pod(keys, job);
	if (!c->id.len)
		c->id = c->name.len ? c->name : (struct pk_text){ "0123456789ab", 12 };
	return err;
}

int pk_test_container(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
		      struct pk_record *record, bool *ret_is_helper)
{
	pk_cleanup(job_fini) struct job job = { .pod_labels = PK_BUF_INIT };
	struct pk_keys keys;
	size_t len;
	int err;

	pk_draft_init(&job.draft);
	pk_keys_init(&keys, ctx, node, "container");
	err = take_all(&keys, &job);
	*ret_is_helper = pk_keys_flag(&keys, "helper");
	pk_keys_end(&keys);
	if (err)
		return err;
	len = pk_container_to_record(pk_draft_get(&job.draft),
				     pk_container_key(&job.draft.container),
				     (struct pk_text){ "/test", 5 }, record);
	return (int)len;
}
