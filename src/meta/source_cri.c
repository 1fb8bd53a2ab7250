// SPDX-License-Identifier: Apache-2.0
/*
 * Field numbers are those of api.proto (CRI v1) and containers.proto (containerd).
 */
#include "meta/source_cri.h"

#include <errno.h>
#include <string.h>

#include "meta/protobuf.h"

#define MAX_LABEL_BYTES (PK_MAX_CONTAINER_LABEL_BYTES + 1u)

/* Field `number` of a message, the last of several, as the format has it. 0: there is none; -EBADMSG. */
static int find(struct pk_text message, uint32_t number, struct pk_text *ret_bytes)
{
	struct pk_pb_field field;
	int found = 0, more;

	for (uint32_t i = 0; (more = pk_pb_next(&message, &field)) > 0; i++) {
		if (i == PK_MAX_PROTOBUF_FIELDS)
			return -EBADMSG;
		if (field.number != number || !field.is_bytes)
			continue;
		*ret_bytes = field.bytes;
		found = 1;
	}
	return more < 0 ? more : found;
}

static void to_string(struct pk_text text, char *ret_string, size_t string_bytes)
{
	size_t len = text.len < string_bytes ? text.len : string_bytes - 1;

	if (len)
		memcpy(ret_string, text.data, len);
	ret_string[len] = '\0';
}

/* ---- labels ---- */

static const char pod_mark[] = "io.kubernetes.pod.";

/* The kubelet names pod and container in labels. */
static int note_pod(struct pk_draft *draft, const char *key, struct pk_text value)
{
	struct pk_container *c = &draft->container;
	struct pk_text *field = NULL;

	if (strncmp(key, pod_mark, sizeof(pod_mark) - 1))
		return 0;
	key += sizeof(pod_mark) - 1;
	if (!strcmp(key, "name"))
		field = &c->pod_name;
	else if (!strcmp(key, "namespace"))
		field = &c->pod_namespace;
	else if (!strcmp(key, "uid"))
		field = &c->pod_uid;
	if (!field)
		return 0;
	c->known |= PK_CONTAINER_POD;
	return pk_draft_text(draft, field, value.data, value.len);
}

/* An entry of a map: key 1, value 2. */
static int add_label(struct pk_text entry, struct pk_draft *draft)
{
	struct pk_text key = { "", 0 }, value = { "", 0 };
	char name[MAX_LABEL_BYTES + 1];
	int err = find(entry, 1, &key);

	if (err >= 0)
		err = find(entry, 2, &value);
	if (err < 0)
		return err;
	to_string(key, name, sizeof(name));
	err = pk_draft_label(draft, name, value.data, value.len);
	return err ?: note_pod(draft, name, value);
}

/* ---- CRI ---- */

static const char *propagation_name(uint64_t number)
{
	static const char *const names[] = { "rprivate", "rslave", "rshared" };

	return number < PK_ARRAY_SIZE(names) ? names[number] : "";
}

static int add_mount(struct pk_text message, struct pk_draft *draft)
{
	char source[1024] = "", destination[1024] = "";
	uint64_t read_only = 0, propagation = 0;
	struct pk_pb_field field;
	int more;

	while ((more = pk_pb_next(&message, &field)) > 0) {
		if (field.number == 1 && field.is_bytes)
			to_string(field.bytes, destination, sizeof(destination));
		else if (field.number == 2 && field.is_bytes)
			to_string(field.bytes, source, sizeof(source));
		else if (field.number == 3)
			read_only = field.value;
		else if (field.number == 5)
			propagation = field.value;
	}
	if (more < 0)
		return more;
	return pk_draft_mount(draft, source, destination, "", !read_only,
			      propagation_name(propagation));
}

static int add_name(struct pk_text metadata, struct pk_draft *draft)
{
	struct pk_text name = { "", 0 };
	int found = find(metadata, 1, &name);

	if (found <= 0)
		return found;
	draft->container.known |= PK_CONTAINER_NAME;
	return pk_draft_text(draft, &draft->container.name, name.data, name.len);
}

/* The bundle's annotations have the name as it was asked for; of later answers only an id may be left. */
static int add_image(struct pk_text spec, struct pk_draft *draft)
{
	struct pk_text name = { "", 0 };
	int found = find(spec, 18, &name); /* as the user wrote it */

	if (!found)
		found = find(spec, 1, &name);
	if (found <= 0 || !name.len)
		return found;
	if (draft->container.repository.len && memchr(name.data, ':', name.len) == name.data + 6)
		return 0;
	draft->container.known |= PK_CONTAINER_IMAGE;
	return pk_draft_image(draft, name.data, name.len);
}

/* "REPOSITORY@sha256:..." or "sha256:ID". */
static int add_ref(struct pk_text ref, struct pk_draft *draft)
{
	static const char hash[] = "sha256:";
	const char *at = ref.len ? memchr(ref.data, '@', ref.len) : NULL;
	struct pk_container *c = &draft->container;

	if (at) {
		c->known |= PK_CONTAINER_DIGEST;
		return pk_draft_text(draft, &c->digest, at + 1,
				     ref.len - (size_t)(at + 1 - ref.data));
	}
	if (ref.len > sizeof(hash) - 1 && !memcmp(ref.data, hash, sizeof(hash) - 1)) {
		ref.data += sizeof(hash) - 1;
		ref.len -= sizeof(hash) - 1;
	}
	if (!ref.len)
		return 0;
	c->known |= PK_CONTAINER_IMAGE_ID;
	return pk_draft_text(draft, &c->image_id, ref.data, ref.len);
}

static int add_status_field(const struct pk_pb_field *field, struct pk_draft *draft)
{
	struct pk_container *c = &draft->container;

	switch (field->number) {
	case 2:
		return field->is_bytes ? add_name(field->bytes, draft) : 0;
	case 4: /* made; started, if it has been, comes behind */
	case 5:
		if (field->is_bytes || !field->value || field->value > INT64_MAX)
			return 0;
		c->start_ns = field->value;
		c->known |= PK_CONTAINER_START;
		return 0;
	case 8:
		return field->is_bytes ? add_image(field->bytes, draft) : 0;
	case 9:
	case 17:
		return field->is_bytes ? add_ref(field->bytes, draft) : 0;
	case 12:
		return field->is_bytes ? add_label(field->bytes, draft) : 0;
	case 14:
		return field->is_bytes ? add_mount(field->bytes, draft) : 0;
	default:
		return 0;
	}
}

static int each_field(struct pk_text message, struct pk_draft *draft,
		      int (*add)(const struct pk_pb_field *field, struct pk_draft *draft))
{
	struct pk_pb_field field;
	int err = 0, more;

	for (uint32_t i = 0; (more = pk_pb_next(&message, &field)) > 0 && !err; i++) {
		if (i == PK_MAX_PROTOBUF_FIELDS)
			return -EBADMSG;
		err = add(&field, draft);
	}
	return err ? err : more;
}

int pk_source_cri_status(struct pk_text answer, struct pk_draft *draft)
{
	struct pk_text status = { "", 0 };
	int found = find(answer, 1, &status);

	if (found <= 0)
		return found ? found : -EBADMSG;
	pk_draft_clear_labels(draft);
	pk_draft_clear_mounts(draft);
	draft->container.known |= PK_CONTAINER_LABELS | PK_CONTAINER_MOUNTS | PK_CONTAINER_POD;
	return each_field(status, draft, add_status_field);
}

/* ---- containerd ---- */

/* Seconds 1, nanoseconds 2. */
static void add_time(struct pk_text timestamp, struct pk_draft *draft)
{
	struct pk_pb_field field;
	uint64_t seconds = 0, ns = 0;

	while (pk_pb_next(&timestamp, &field) > 0) {
		if (field.number == 1 && !field.is_bytes)
			seconds = field.value;
		else if (field.number == 2 && !field.is_bytes)
			ns = field.value;
	}
	if (!seconds || seconds > UINT32_MAX * UINT64_C(2) || ns >= 1000000000u ||
	    draft->container.known & PK_CONTAINER_START)
		return;
	draft->container.start_ns = seconds * 1000000000u + ns;
	draft->container.known |= PK_CONTAINER_START;
}

static int add_container_field(const struct pk_pb_field *field, struct pk_draft *draft)
{
	struct pk_container *c = &draft->container;

	if (!field->is_bytes)
		return 0;
	switch (field->number) {
	case 2:
		return add_label(field->bytes, draft);
	case 3:
		c->known |= PK_CONTAINER_IMAGE;
		if (c->image.len)
			return 0;
		return pk_draft_image(draft, field->bytes.data, field->bytes.len);
	case 8:
		add_time(field->bytes, draft);
		return 0;
	default:
		return 0;
	}
}

int pk_source_containerd(struct pk_text answer, struct pk_draft *draft)
{
	struct pk_text container = { "", 0 };
	struct pk_container *c = &draft->container;
	int found = find(answer, 1, &container);
	int err;

	if (found <= 0)
		return found ? found : -EBADMSG;
	pk_draft_clear_labels(draft);
	/* its labels name the pod, if there is one */
	c->known |= PK_CONTAINER_LABELS | PK_CONTAINER_IMAGE | PK_CONTAINER_POD;
	err = each_field(container, draft, add_container_field);
	/* it has ids only, unless the kubelet made it */
	if (!err && !c->name.len) {
		c->name = c->id;
		c->known |= PK_CONTAINER_NAME;
	}
	return err;
}
