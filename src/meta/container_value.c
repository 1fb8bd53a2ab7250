// SPDX-License-Identifier: Apache-2.0
/*
 * Values of fields of containers. A text that is empty is missing if its bit in `known` is set, and unknown
 * otherwise; on the host all but id, name and type are missing.
 */
#include "meta/container_value.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "meta/container_put.h"
#include "meta/k8s_value.h"
#include "plan/field_id.h"

static void put_static(struct pk_value *value, const char *text)
{
	pk_container_put(value, (struct pk_text){ text, strlen(text) });
}

/* Of something that there may be: `bit` says whether it was asked for. */
static void put_text(const struct pk_container *container, struct pk_text text, uint32_t bit,
		     struct pk_value *value)
{
	if (text.len)
		pk_container_put(value, text);
	else
		value->state = container->known & bit ? PK_VALUE_MISSING : PK_VALUE_UNKNOWN;
}

static void put_flag(const struct pk_container *container, uint32_t bit, uint32_t flag,
		     struct pk_value *value)
{
	value->state = container->known & bit ? PK_VALUE_KNOWN : PK_VALUE_UNKNOWN;
	value->num.u = (container->flags & flag) != 0;
}

/* ---- labels ---- */

static int add_text(struct pk_buf *buf, struct pk_text text)
{
	return pk_buf_add(buf, text.data, text.len);
}

static int put_labels(const struct pk_container *container, struct pk_arena *arena,
		      struct pk_value *value)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	int err = pk_container_join_labels(container->labels, &buf);

	put_text(container, container->labels, PK_CONTAINER_LABELS, value);
	if (err || value->state != PK_VALUE_KNOWN)
		return err;
	value->partial = container->flags & PK_CONTAINER_LABELS_CUT;
	return pk_container_put_buf(value, &buf, arena);
}

static void put_label(const struct pk_container *container, const char *key, struct pk_value *value)
{
	struct pk_text label;

	if (pk_container_label(container, key, &label))
		pk_container_put(value, label);
	else if (!(container->known & PK_CONTAINER_LABELS) ||
		 container->flags & PK_CONTAINER_LABELS_CUT)
		value->state = PK_VALUE_UNKNOWN;
}

/* ---- mounts ---- */

static int add_mount(struct pk_buf *buf, const struct pk_container_mount *mount)
{
	int err = add_text(buf, mount->source);

	err = err ?: pk_buf_add_char(buf, ':');
	err = err ?: add_text(buf, mount->destination);
	err = err ?: pk_buf_add_char(buf, ':');
	err = err ?: add_text(buf, mount->mode);
	err = err ?: pk_buf_add_str(buf, mount->rw ? ":true:" : ":false:");
	return err ?: add_text(buf, mount->propagation);
}

static int put_mounts(const struct pk_container *container, struct pk_arena *arena,
		      struct pk_value *value)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	struct pk_text rest = container->mounts;
	struct pk_container_mount mount;
	int err = 0;

	put_text(container, rest, PK_CONTAINER_MOUNTS, value);
	while (!err && pk_container_next_mount(&rest, &mount)) {
		if (buf.len_bytes)
			err = pk_buf_add_char(&buf, ',');
		err = err ?: add_mount(&buf, &mount);
	}
	if (err || value->state != PK_VALUE_KNOWN)
		return err;
	value->partial = container->flags & PK_CONTAINER_MOUNTS_CUT;
	return pk_container_put_buf(value, &buf, arena);
}

/* The key is no number: a glob over the source, or of container.mount.source over the destination. */
static bool fits(const struct pk_field *field, const char *key,
		 const struct pk_container_mount *mount)
{
	struct pk_text text = field->id == PK_FIELD_CONTAINER_MOUNT_SOURCE ? mount->destination :
									     mount->source;

	return !fnmatch(key, text.data, 0); /* a NUL stands behind it */
}

static bool find_mount(const struct pk_container *container, const struct pk_field *field,
		       const char *key, struct pk_container_mount *ret_mount)
{
	bool by_number = *key && !key[strspn(key, "0123456789")];
	unsigned long left = by_number ? strtoul(key, NULL, 10) : 0;
	struct pk_text rest = container->mounts;

	while (pk_container_next_mount(&rest, ret_mount)) {
		if (by_number ? left-- == 0 : fits(field, key, ret_mount))
			return true;
	}
	return false;
}

static int put_mount(const struct pk_container *container, const struct pk_field *field,
		     const char *key, struct pk_arena *arena, struct pk_value *value)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	struct pk_container_mount mount;
	int err;

	if (!find_mount(container, field, key, &mount)) {
		bool all = container->known & PK_CONTAINER_MOUNTS &&
			   !(container->flags & PK_CONTAINER_MOUNTS_CUT);

		value->state = all ? PK_VALUE_MISSING : PK_VALUE_UNKNOWN;
		return 0;
	}
	switch (field->id) {
	case PK_FIELD_CONTAINER_MOUNT_SOURCE:
		pk_container_put(value, mount.source);
		return 0;
	case PK_FIELD_CONTAINER_MOUNT_DEST:
		pk_container_put(value, mount.destination);
		return 0;
	case PK_FIELD_CONTAINER_MOUNT_MODE:
		pk_container_put(value, mount.mode);
		return 0;
	case PK_FIELD_CONTAINER_MOUNT_RDWR:
		put_static(value, mount.rw ? "true" : "false");
		return 0;
	case PK_FIELD_CONTAINER_MOUNT_PROPAGATION:
		pk_container_put(value, mount.propagation);
		return 0;
	default:
		err = add_mount(&buf, &mount);
		return err ?: pk_container_put_buf(value, &buf, arena);
	}
}

/* ---- all of them ---- */

static int put_info(struct pk_text id, struct pk_text name, struct pk_arena *arena,
		    struct pk_value *value)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	int err = pk_buf_add_str(&buf, "container_id=");

	err = err ?: add_text(&buf, id);
	err = err ?: pk_buf_add_str(&buf, " container_name=");
	err = err ?: add_text(&buf, name);
	return err ?: pk_container_put_buf(value, &buf, arena);
}

static int host_value(const struct pk_field *field, struct pk_arena *arena, struct pk_value *value)
{
	static const struct pk_text host = { "host", 4 };

	switch (field->id) {
	case PK_FIELD_CONTAINER_ID:
	case PK_FIELD_CONTAINER_FULL_ID:
	case PK_FIELD_CONTAINER_NAME:
	case PK_FIELD_CONTAINER_TYPE:
		pk_container_put(value, host);
		return 0;
	case PK_FIELD_CONTAINER_INFO:
		return put_info(host, host, arena, value);
	default:
		return 0;
	}
}

static void put_time(const struct pk_container *container, uint64_t now_ns, bool duration,
		     struct pk_value *value)
{
	if (!(container->known & PK_CONTAINER_START) || (duration && !container->start_ns)) {
		value->state = PK_VALUE_UNKNOWN;
		return;
	}
	value->state = PK_VALUE_KNOWN;
	value->num.u = container->start_ns;
	if (duration)
		value->num.u = now_ns > container->start_ns ? now_ns - container->start_ns : 0;
}

/* Texts that stand in the container as they are. False: the field is another. */
static bool plain_text(const struct pk_container *c, const struct pk_field *field,
		       struct pk_value *value)
{
	switch (field->id) {
	case PK_FIELD_CONTAINER_ID:
		pk_container_put(value, pk_container_short_id(c));
		return true;
	case PK_FIELD_CONTAINER_FULL_ID:
		pk_container_put(value, c->id);
		return true;
	case PK_FIELD_CONTAINER_TYPE:
		put_static(value, pk_container_runtime_name(c->runtime));
		if (c->runtime == PK_RUNTIME_UNKNOWN)
			value->state = PK_VALUE_UNKNOWN;
		return true;
	case PK_FIELD_CONTAINER_NAME:
		put_text(c, c->name, PK_CONTAINER_NAME, value);
		return true;
	case PK_FIELD_CONTAINER_IMAGE:
		put_text(c, c->image, PK_CONTAINER_IMAGE, value);
		return true;
	case PK_FIELD_CONTAINER_IMAGE_ID:
		put_text(c, c->image_id, PK_CONTAINER_IMAGE_ID, value);
		return true;
	case PK_FIELD_CONTAINER_IMAGE_REPOSITORY:
		put_text(c, c->repository, PK_CONTAINER_IMAGE, value);
		return true;
	case PK_FIELD_CONTAINER_IMAGE_TAG:
		put_text(c, c->tag, PK_CONTAINER_IMAGE, value);
		return true;
	case PK_FIELD_CONTAINER_IMAGE_DIGEST:
		put_text(c, c->digest, PK_CONTAINER_DIGEST, value);
		return true;
	case PK_FIELD_CONTAINER_IP:
		put_text(c, c->ip, PK_CONTAINER_IP, value);
		return true;
	default:
		return false;
	}
}

static int container_value(const struct pk_container *c, const struct pk_field *field,
			   const char *field_arg, uint64_t now_ns, struct pk_arena *arena,
			   struct pk_value *value)
{
	switch (field->id) {
	case PK_FIELD_CONTAINER_PRIVILEGED:
		put_flag(c, PK_CONTAINER_PRIVILEGED, PK_CONTAINER_IS_PRIVILEGED, value);
		return 0;
	case PK_FIELD_CONTAINER_HOST_PID:
		put_flag(c, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_PID, value);
		return 0;
	case PK_FIELD_CONTAINER_HOST_NETWORK:
		put_flag(c, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_NETWORK, value);
		return 0;
	case PK_FIELD_CONTAINER_HOST_IPC:
		put_flag(c, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_IPC, value);
		return 0;
	case PK_FIELD_CONTAINER_START_TS:
	case PK_FIELD_CONTAINER_DURATION:
		put_time(c, now_ns, field->id == PK_FIELD_CONTAINER_DURATION, value);
		return 0;
	case PK_FIELD_CONTAINER_LABEL:
		put_label(c, field_arg ? field_arg : "", value);
		return 0;
	case PK_FIELD_CONTAINER_LABELS:
		return put_labels(c, arena, value);
	case PK_FIELD_CONTAINER_MOUNTS:
		return put_mounts(c, arena, value);
	case PK_FIELD_CONTAINER_INFO:
		return put_info(pk_container_short_id(c), c->name, arena, value);
	default:
		return put_mount(c, field, field_arg ? field_arg : "", arena, value);
	}
}

static bool is_ours(uint32_t id)
{
	return (id >= PK_FIELD_CONTAINER_ID && id <= PK_FIELD_CONTAINER_INFO) ||
	       (id >= PK_FIELD_K8S_NS_NAME && id < PK_FIELD_K8S_END);
}

int pk_container_value(const struct pk_container *container, const struct pk_field *field,
		       const char *field_arg, uint64_t now_ns, struct pk_arena *arena,
		       struct pk_value *ret_value)
{
	*ret_value = (struct pk_value){ .state = PK_VALUE_MISSING, .type = field->type };
	if (!is_ours(field->id))
		return -EINVAL;
	if (container->state == PK_CONTAINER_HOST)
		return host_value(field, arena, ret_value);
	if (!pk_container_is_one(container)) {
		ret_value->state = PK_VALUE_UNKNOWN;
		return 0;
	}
	if (field->id >= PK_FIELD_K8S_NS_NAME)
		return pk_k8s_value(container, field, field_arg, arena, ret_value);
	if (plain_text(container, field, ret_value))
		return 0;
	return container_value(container, field, field_arg, now_ns, arena, ret_value);
}
