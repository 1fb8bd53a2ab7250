// SPDX-License-Identifier: Apache-2.0
/*
 * Names and uid come from whoever knows them first: the cgroup's path, the runtime, the API server. The rest
 * only the API server tells (PK_CONTAINER_POD_TOLD).
 */
#include "meta/k8s_value.h"

#include "base/buf.h"
#include "meta/container_put.h"
#include "plan/field_id.h"

static void put_name(const struct pk_container *c, struct pk_text text, struct pk_value *value)
{
	if (text.len)
		pk_container_put(value, text);
	else
		value->state = c->known & PK_CONTAINER_POD ? PK_VALUE_MISSING : PK_VALUE_UNKNOWN;
}

/* Of the sandbox itself it is the container's own id. */
static void put_sandbox(const struct pk_container *c, bool in_full, struct pk_value *value)
{
	struct pk_text id = c->sandbox_id;

	if (!id.len && c->flags & PK_CONTAINER_SANDBOX)
		id = c->id;
	if (id.len)
		pk_container_put(value, in_full ? id : pk_container_short(id));
	else
		value->state = PK_VALUE_UNKNOWN;
}

static void put_owner(const struct pk_container *c, const char *kind, struct pk_value *value)
{
	if (c->pod_owner_kind.len == strlen(kind) &&
	    !memcmp(c->pod_owner_kind.data, kind, c->pod_owner_kind.len) && c->pod_owner_name.len)
		pk_container_put(value, c->pod_owner_name);
}

static int put_labels(const struct pk_container *c, struct pk_arena *arena, struct pk_value *value)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	int err = pk_container_join_labels(c->pod_labels, &buf);

	bool cut = c->flags & PK_CONTAINER_POD_LABELS_CUT;

	if (err || !buf.len_bytes) {
		value->state = cut ? PK_VALUE_UNKNOWN : PK_VALUE_MISSING;
		return err;
	}
	value->partial = cut;
	return pk_container_put_buf(value, &buf, arena);
}

static void put_label(const struct pk_container *c, const char *key, struct pk_value *value)
{
	struct pk_text label;

	if (pk_container_find_label(c->pod_labels, key, &label))
		pk_container_put(value, label);
	else if (c->flags & PK_CONTAINER_POD_LABELS_CUT)
		value->state = PK_VALUE_UNKNOWN;
}

/* A pod that has no address yet will get one. */
static void put_ip(const struct pk_container *c, struct pk_value *value)
{
	if (c->pod_ip.len)
		pk_container_put(value, c->pod_ip);
	else
		value->state = PK_VALUE_UNKNOWN;
}

/* What the API server has told. */
static int put_told(const struct pk_container *c, const struct pk_field *field,
		    const char *field_arg, struct pk_arena *arena, struct pk_value *value)
{
	switch (field->id) {
	case PK_FIELD_K8S_POD_LABEL:
		put_label(c, field_arg ? field_arg : "", value);
		return 0;
	case PK_FIELD_K8S_POD_LABELS:
		return put_labels(c, arena, value);
	case PK_FIELD_K8S_POD_IP:
		put_ip(c, value);
		return 0;
	case PK_FIELD_K8S_RS_NAME:
		put_owner(c, "ReplicaSet", value);
		return 0;
	case PK_FIELD_K8S_RC_NAME:
		put_owner(c, "ReplicationController", value);
		return 0;
	case PK_FIELD_K8S_DEPLOYMENT_NAME:
		if (c->pod_deployment.len)
			pk_container_put(value, c->pod_deployment);
		return 0;
	default:
		if (c->pod_node.len)
			pk_container_put(value, c->pod_node);
		return 0;
	}
}

bool pk_k8s_value_is_told(const struct pk_field *field)
{
	return field->id >= PK_FIELD_K8S_POD_LABEL && field->id < PK_FIELD_K8S_END;
}

int pk_k8s_value(const struct pk_container *container, const struct pk_field *field,
		 const char *field_arg, struct pk_arena *arena, struct pk_value *value)
{
	/* it is known that it belongs to none */
	if (container->known & PK_CONTAINER_POD && !pk_container_has_pod(container))
		return 0;
	switch (field->id) {
	case PK_FIELD_K8S_NS_NAME:
		put_name(container, container->pod_namespace, value);
		return 0;
	case PK_FIELD_K8S_POD_NAME:
		put_name(container, container->pod_name, value);
		return 0;
	case PK_FIELD_K8S_POD_UID:
		put_name(container, container->pod_uid, value);
		return 0;
	case PK_FIELD_K8S_POD_SANDBOX_ID:
	case PK_FIELD_K8S_POD_FULL_SANDBOX_ID:
		put_sandbox(container, field->id == PK_FIELD_K8S_POD_FULL_SANDBOX_ID, value);
		return 0;
	default:
		break;
	}
	if (container->known & PK_CONTAINER_POD_TOLD)
		return put_told(container, field, field_arg, arena, value);
	value->state = PK_VALUE_UNKNOWN;
	return 0;
}
