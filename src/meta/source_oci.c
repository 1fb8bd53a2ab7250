// SPDX-License-Identifier: Apache-2.0
/*
 * The OCI runtimes' files: config.json as the runtime specification has it, state.json of runc, status of crun.
 */
#include <errno.h>
#include <string.h>

#include "meta/source.h"

/* ---- mounts ---- */

/* "rw,rbind,rprivate" to what a mount is made of. */
static int add_mount(struct json_object *mount, struct pk_draft *draft)
{
	static const char *const propagations[] = { "rprivate",    "private",   "rslave",
						    "slave",       "rshared",   "shared",
						    "runbindable", "unbindable" };
	struct json_object *options = pk_json_get(mount, "options");
	size_t cnt = json_object_is_type(options, json_type_array) ?
			     json_object_array_length(options) :
			     0;
	const char *propagation = "";
	bool rw = true, bind = !strcmp(pk_json_text_at(mount, "type"), "bind");
	const char *source = pk_json_text_at(mount, "source");

	for (size_t i = 0; i < cnt && i < PK_MAX_CONTAINER_JSON_ITEMS; i++) {
		size_t len;
		const char *option = pk_json_text(json_object_array_get_idx(options, i), &len);

		if (!option)
			continue;
		if (!strcmp(option, "ro"))
			rw = false;
		if (!strcmp(option, "bind") || !strcmp(option, "rbind"))
			bind = true;
		for (size_t p = 0; p < PK_ARRAY_SIZE(propagations); p++) {
			if (!strcmp(option, propagations[p]))
				propagation = propagations[p];
		}
	}
	/* /proc, /dev and the like are no doors to the host */
	if (!bind)
		return 0;
	return pk_draft_mount(draft, source, pk_json_text_at(mount, "destination"), "", rw,
			      propagation);
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
	if (cnt > PK_MAX_CONTAINER_JSON_ITEMS) {
		cnt = PK_MAX_CONTAINER_JSON_ITEMS;
		draft->container.flags |= PK_CONTAINER_MOUNTS_CUT;
	}
	for (size_t i = 0; i < cnt && !err; i++)
		err = add_mount(json_object_array_get_idx(mounts, i), draft);
	return err;
}

/* ---- rights ---- */

static bool has_item(struct json_object *array, const char *word)
{
	size_t cnt = json_object_is_type(array, json_type_array) ? json_object_array_length(array) :
								   0;

	for (size_t i = 0; i < cnt && i < PK_MAX_CONTAINER_JSON_ITEMS; i++) {
		size_t len;
		const char *text = pk_json_text(json_object_array_get_idx(array, i), &len);

		if (text && !strcmp(text, word))
			return true;
	}
	return false;
}

static bool is_empty(struct json_object *array)
{
	return !json_object_is_type(array, json_type_array) || !json_object_array_length(array);
}

/* What runtimes do for --privileged: all capabilities, nothing of /proc and /sys hidden or read-only. */
static void add_privileged(struct json_object *config, struct pk_draft *draft)
{
	struct json_object *bounding = pk_json_at(config, "process.capabilities.bounding");
	bool all = has_item(bounding, "CAP_SYS_ADMIN") && has_item(bounding, "CAP_SYS_MODULE") &&
		   has_item(bounding, "CAP_SYS_PTRACE") &&
		   is_empty(pk_json_at(config, "linux.maskedPaths")) &&
		   is_empty(pk_json_at(config, "linux.readonlyPaths"));

	if (pk_json_get(config, "process"))
		pk_draft_flag(draft, PK_CONTAINER_PRIVILEGED, PK_CONTAINER_IS_PRIVILEGED, all);
}

/* A namespace that is not made anew and not joined is the host's. */
static bool shares(struct json_object *namespaces, const char *type)
{
	size_t cnt = json_object_array_length(namespaces);

	for (size_t i = 0; i < cnt && i < PK_MAX_CONTAINER_JSON_ITEMS; i++) {
		struct json_object *one = json_object_array_get_idx(namespaces, i);

		if (strcmp(pk_json_text_at(one, "type"), type))
			continue;
		return !strncmp(pk_json_text_at(one, "path"), "/proc/1/", 8);
	}
	return true;
}

static void add_namespaces(struct json_object *namespaces, struct pk_draft *draft)
{
	if (!json_object_is_type(namespaces, json_type_array))
		return;
	pk_draft_flag(draft, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_PID,
		      shares(namespaces, "pid"));
	pk_draft_flag(draft, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_NETWORK,
		      shares(namespaces, "network"));
	pk_draft_flag(draft, PK_CONTAINER_HOST_NS, PK_CONTAINER_IN_HOST_IPC,
		      shares(namespaces, "ipc"));
}

/* ---- annotations ---- */

static int text_of(struct json_object *annotations, const char *key, struct pk_draft *draft,
		   struct pk_text *field)
{
	size_t len;
	const char *text = pk_json_text(pk_json_get(annotations, key), &len);

	return text && *text ? pk_draft_text(draft, field, text, len) : 0;
}

static int image_of(struct json_object *annotations, const char *key, struct pk_draft *draft)
{
	size_t len;
	const char *text = pk_json_text(pk_json_get(annotations, key), &len);

	if (!text || !*text)
		return 0;
	draft->container.known |= PK_CONTAINER_IMAGE;
	return pk_draft_image(draft, text, len);
}

/* The container's own name; a sandbox has none. */
static int name_of(struct json_object *annotations, const char *key, struct pk_draft *draft)
{
	int err = text_of(annotations, key, draft, &draft->container.name);

	if (draft->container.name.len)
		draft->container.known |= PK_CONTAINER_NAME;
	return err;
}

static int add_containerd(struct json_object *annotations, struct pk_draft *draft)
{
	struct pk_container *c = &draft->container;
	const char *kind =
		pk_json_text(pk_json_get(annotations, "io.kubernetes.cri.container-type"),
			     &(size_t){ 0 });
	int err;

	if (!kind)
		return 0;
	c->known |= PK_CONTAINER_POD;
	if (!c->runtime)
		c->runtime = PK_RUNTIME_CONTAINERD;
	if (!strcmp(kind, "sandbox"))
		c->flags |= PK_CONTAINER_SANDBOX;
	err = name_of(annotations, "io.kubernetes.cri.container-name", draft);
	err = err ?: image_of(annotations, "io.kubernetes.cri.image-name", draft);
	err = err ?: text_of(annotations, "io.kubernetes.cri.sandbox-id", draft, &c->sandbox_id);
	err = err ?: text_of(annotations, "io.kubernetes.cri.sandbox-name", draft, &c->pod_name);
	if (!err)
		err = text_of(annotations, "io.kubernetes.cri.sandbox-namespace", draft,
			      &c->pod_namespace);
	return err ?: text_of(annotations, "io.kubernetes.cri.sandbox-uid", draft, &c->pod_uid);
}

/* JSON in a text, all of them. */
static int add_crio_labels(struct json_object *annotations, struct pk_draft *draft)
{
	pk_json_cleanup struct json_object *labels = NULL;
	size_t len;
	const char *text = pk_json_text(pk_json_get(annotations, "io.kubernetes.cri-o.Labels"),
					&len);
	int err = text ? pk_json_parse(text, len, &labels) : -ENOENT;

	if (err || !json_object_is_type(labels, json_type_object))
		return err == -ENOMEM ? err : 0;
	pk_draft_clear_labels(draft);
	draft->container.known |= PK_CONTAINER_LABELS;
	return pk_json_draft_labels(draft, labels);
}

static int add_crio(struct json_object *annotations, struct pk_draft *draft)
{
	struct pk_container *c = &draft->container;
	const char *kind =
		pk_json_text(pk_json_get(annotations, "io.kubernetes.cri-o.ContainerType"),
			     &(size_t){ 0 });
	int err;

	if (!kind)
		return 0;
	c->known |= PK_CONTAINER_POD;
	c->runtime = PK_RUNTIME_CRIO;
	if (!strcmp(kind, "sandbox"))
		c->flags |= PK_CONTAINER_SANDBOX;
	err = name_of(annotations, "io.kubernetes.container.name", draft);
	err = err ?: image_of(annotations, "io.kubernetes.cri-o.ImageName", draft);
	err = err ?: text_of(annotations, "io.kubernetes.cri-o.SandboxID", draft, &c->sandbox_id);
	err = err ?: text_of(annotations, "io.kubernetes.pod.name", draft, &c->pod_name);
	err = err ?: text_of(annotations, "io.kubernetes.pod.namespace", draft, &c->pod_namespace);
	err = err ?: text_of(annotations, "io.kubernetes.pod.uid", draft, &c->pod_uid);
	return err ?: add_crio_labels(annotations, draft);
}

int pk_source_oci_config(struct json_object *config, struct pk_draft *draft)
{
	struct json_object *annotations = pk_json_get(config, "annotations");
	size_t len;
	const char *manager = pk_json_text(pk_json_get(annotations, "io.container.manager"), &len);
	int err = add_mounts(pk_json_get(config, "mounts"), draft);

	if (manager && !strcmp(manager, "libpod"))
		draft->container.runtime = PK_RUNTIME_PODMAN;
	add_privileged(config, draft);
	add_namespaces(pk_json_at(config, "linux.namespaces"), draft);
	err = err ?: add_containerd(annotations, draft);
	return err ?: add_crio(annotations, draft);
}

/* ---- the runtimes' own files ---- */

static void add_start(struct json_object *object, struct pk_draft *draft)
{
	if (!pk_draft_parse_time(pk_json_text_at(object, "created"), &draft->container.start_ns))
		draft->container.known |= PK_CONTAINER_START;
}

/* Among its labels the last one that says "bundle=/path" is runc's; those before it are annotations, which anybody wrote. */
const char *pk_source_runc_state(struct json_object *state, struct pk_draft *draft)
{
	struct json_object *labels = pk_json_at(state, "config.labels");
	size_t cnt = json_object_is_type(labels, json_type_array) ?
			     json_object_array_length(labels) :
			     0;
	const char *bundle = "";

	add_start(state, draft);
	for (size_t i = 0; i < cnt && i < PK_MAX_CONTAINER_JSON_ITEMS; i++) {
		size_t len;
		const char *label = pk_json_text(json_object_array_get_idx(labels, i), &len);

		if (label && !strncmp(label, "bundle=", 7))
			bundle = label + 7;
	}
	return bundle;
}

const char *pk_source_crun_status(struct json_object *status, struct pk_draft *draft)
{
	add_start(status, draft);
	return pk_json_text_at(status, "bundle");
}

/* ---- containers/storage ---- */

/* `metadata` is JSON in a text. */
static int add_metadata(struct json_object *container, struct pk_draft *draft)
{
	pk_json_cleanup struct json_object *metadata = NULL;
	size_t len;
	const char *text = pk_json_text(pk_json_get(container, "metadata"), &len);
	const char *image;
	int err;

	if (!text)
		return 0;
	err = pk_json_parse(text, len, &metadata);
	if (err)
		return err == -ENOMEM ? err : 0;
	image = pk_json_text_at(metadata, "image-name");
	if (*image) {
		draft->container.known |= PK_CONTAINER_IMAGE;
		err = pk_draft_image(draft, image, strlen(image));
	}
	if (!err && *pk_json_text_at(metadata, "image-id")) {
		draft->container.known |= PK_CONTAINER_IMAGE_ID;
		err = pk_json_draft_text(draft, &draft->container.image_id, metadata, "image-id");
	}
	if (!err && !draft->container.name.len) {
		err = pk_json_draft_text(draft, &draft->container.name, metadata, "name");
		draft->container.known |= PK_CONTAINER_NAME;
	}
	return err;
}

static int add_stored(struct json_object *container, struct pk_draft *draft)
{
	struct json_object *names = pk_json_get(container, "names");
	size_t len;
	const char *name = json_object_is_type(names, json_type_array) ?
				   pk_json_text(json_object_array_get_idx(names, 0), &len) :
				   NULL;
	int err = 0;

	/* CRI-O's are made of pod and container, whose name the annotations told */
	if (name && *name && !draft->container.name.len) {
		err = pk_draft_text(draft, &draft->container.name, name, len);
		draft->container.known |= PK_CONTAINER_NAME;
	}
	return err ? err : add_metadata(container, draft);
}

int pk_source_storage(struct json_object *containers, const char *id, struct pk_draft *draft)
{
	size_t cnt = json_object_is_type(containers, json_type_array) ?
			     json_object_array_length(containers) :
			     0;

	for (size_t i = 0; i < cnt && i < PK_MAX_CONTAINER_JSON_ITEMS; i++) {
		struct json_object *one = json_object_array_get_idx(containers, i);

		if (!strcmp(pk_json_text_at(one, "id"), id))
			return add_stored(one, draft);
	}
	return -ENOENT;
}
