// SPDX-License-Identifier: Apache-2.0
/*
 * Containers of tests. What is not said of one is known to be none; with "resolved: false" it is not known.
 */
#include "cli/test_container.h"

#include <errno.h>
#include <string.h>

#define KNOWN_ALL ((PK_CONTAINER_POD << 1) - 1)

static int take_text(struct pk_keys *keys, const char *name, uint32_t known, struct pk_draft *draft,
		     struct pk_text *field)
{
	struct pk_text text;

	if (!pk_keys_text(keys, name, &text))
		return 0;
	draft->container.known |= known;
	return pk_draft_text(draft, field, text.data, text.len);
}

static int take_image(struct pk_keys *keys, struct pk_draft *draft)
{
	struct pk_text text;

	if (!pk_keys_text(keys, "image", &text))
		return 0;
	draft->container.known |= PK_CONTAINER_IMAGE | PK_CONTAINER_DIGEST;
	return pk_draft_image(draft, text.data, text.len);
}

static void take_flag(struct pk_keys *keys, const char *name, uint32_t known, uint32_t flag,
		      struct pk_draft *draft)
{
	if (keys->map && pk_yaml_get(keys->map, name))
		pk_draft_flag(draft, known, flag, pk_keys_flag(keys, name));
	else
		pk_keys_take(keys, name);
}

static int take_labels(struct pk_keys *keys, struct pk_draft *draft)
{
	const struct pk_yaml_node *node = pk_keys_take(keys, "labels");
	int err = 0;

	if (!node)
		return 0;
	if (node->kind != PK_YAML_MAPPING) {
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, NULL,
			     "'labels' wants keys and values");
		return -EBADMSG;
	}
	draft->container.known |= PK_CONTAINER_LABELS;
	for (const struct pk_yaml_pair *pair = node->first; pair && !err; pair = pair->next) {
		if (pair->key->kind != PK_YAML_SCALAR || pair->value->kind != PK_YAML_SCALAR) {
			pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, pair->key, NULL,
				     "a label has one value");
			return -EBADMSG;
		}
		err = pk_draft_label(draft, pair->key->text.data, pair->value->text.data,
				     pair->value->text.len_bytes);
	}
	return err;
}

static int take_texts(struct pk_keys *keys, struct pk_draft *draft)
{
	struct pk_container *c = &draft->container;
	int err = take_text(keys, "id", 0, draft, &c->id);

	err = err ?: take_text(keys, "outer_id", 0, draft, &c->outer_id);
	err = err ?: take_text(keys, "name", PK_CONTAINER_NAME, draft, &c->name);
	err = err ?: take_image(keys, draft);
	err = err ?: take_text(keys, "image_id", PK_CONTAINER_IMAGE_ID, draft, &c->image_id);
	err = err ?: take_text(keys, "ip", PK_CONTAINER_IP, draft, &c->ip);
	err = err ?: take_text(keys, "pod_name", PK_CONTAINER_POD, draft, &c->pod_name);
	err = err ?: take_text(keys, "pod_namespace", PK_CONTAINER_POD, draft, &c->pod_namespace);
	err = err ?: take_text(keys, "pod_uid", PK_CONTAINER_POD, draft, &c->pod_uid);
	return err ?: take_labels(keys, draft);
}

static int take_mapping(struct pk_keys *keys, struct pk_draft *draft, bool *ret_helper)
{
	struct pk_container *c = &draft->container;
	bool resolved = !(keys->map && pk_yaml_get(keys->map, "resolved"));
	int err = take_texts(keys, draft);

	if (!resolved)
		resolved = pk_keys_flag(keys, "resolved");
	take_flag(keys, "privileged", PK_CONTAINER_PRIVILEGED, PK_CONTAINER_IS_PRIVILEGED, draft);
	take_flag(keys, "host_pid", PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_PID, draft);
	take_flag(keys, "host_network", PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_NETWORK, draft);
	take_flag(keys, "host_ipc", PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_IPC, draft);
	pk_keys_word(keys, "runtime", pk_container_runtime_name, PK_RUNTIME_MAX, &c->runtime);
	*ret_helper = pk_keys_flag(keys, "helper");
	c->state = resolved ? PK_CONTAINER_RESOLVED : PK_CONTAINER_RESOLVING;
	if (resolved)
		c->known = KNOWN_ALL;
	return err;
}

int pk_test_container(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
		      struct pk_draft *draft, bool *ret_helper)
{
	size_t errors_cnt = ctx->diags.errors_cnt;
	struct pk_keys keys;
	int err;

	*ret_helper = false;
	if (pk_yaml_is(node, "host") || pk_yaml_is(node, "unknown")) {
		draft->container = pk_yaml_is(node, "host") ? pk_container_host :
							      pk_container_unknown;
		return 0;
	}
	pk_keys_init(&keys, ctx, node, "container");
	err = take_mapping(&keys, draft, ret_helper);
	if (!err && keys.map && !draft->container.id.len)
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL,
			     "a container wants an 'id'; else it is 'host' or 'unknown'");
	pk_keys_end(&keys);
	if (err)
		return err;
	return ctx->diags.errors_cnt == errors_cnt ? 0 : -EBADMSG;
}
