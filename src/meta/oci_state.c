// SPDX-License-Identifier: Apache-2.0
/*
 * Out of the state come id, process and bundle; the annotations in it are those of the bundle, where they are read.
 */
#include "meta/oci_state.h"

#include <errno.h>
#include <string.h>

#include "meta/disk.h"
#include "meta/json_read.h"

static bool copy(char *to, size_t to_bytes, const char *text)
{
	size_t len = strlen(text);

	if (!len || len >= to_bytes)
		return false;
	memcpy(to, text, len + 1);
	return true;
}

static bool is_safe(const char *id)
{
	return id[0] != '.' && !strchr(id, '/');
}

int pk_oci_state_parse(const char *text, size_t len, struct pk_oci_state *ret_state)
{
	pk_json_cleanup struct json_object *object = NULL;
	struct pk_oci_state state = { 0 };
	struct json_object *pid;
	const char *bundle;
	int err;

	if (len > PK_MAX_OCI_STATE_BYTES)
		return -EFBIG;
	err = pk_json_parse(text, len, &object);
	if (err)
		return err;
	pid = pk_json_get(object, "pid");
	if (!json_object_is_type(pid, json_type_int) || json_object_get_int64(pid) < 1 ||
	    json_object_get_int64(pid) > INT_MAX)
		return -EBADMSG;
	state.pid = (uint32_t)json_object_get_int64(pid);
	bundle = pk_json_text_at(object, "bundle");
	if (!*bundle)
		bundle = pk_json_text_at(object, "bundlePath"); /* before the specification's 1.0 */
	if (!copy(state.id, sizeof(state.id), pk_json_text_at(object, "id")) ||
	    !is_safe(state.id) || *bundle != '/' ||
	    !copy(state.bundle, sizeof(state.bundle), bundle))
		return -EBADMSG;
	*ret_state = state;
	return 0;
}

/* containerd's bundles lie in a directory of their namespace; Docker's is "moby". */
static uint32_t runtime_of(const char *bundle)
{
	static const char *const dirs[] = { "/io.containerd.runtime.v2.task/",
					    "/io.containerd.runtime.v1.linux/" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(dirs); i++) {
		const char *at = strstr(bundle, dirs[i]);

		if (at)
			return strncmp(at + strlen(dirs[i]), "moby/", 5) ? PK_RUNTIME_CONTAINERD :
									   PK_RUNTIME_DOCKER;
	}
	return PK_RUNTIME_UNKNOWN;
}

int pk_oci_state_facts(const char *root, const struct pk_oci_state *state, struct pk_draft *draft)
{
	struct pk_container *c = &draft->container;
	struct pk_question question = { 0 };
	int err = pk_draft_text(draft, &c->id, state->id, strlen(state->id));

	if (err)
		return err;
	memcpy(question.id, state->id, sizeof(question.id));
	c->state = PK_CONTAINER_RESOLVING;
	c->runtime = runtime_of(state->bundle);
	return pk_disk_read_bundle(root, state->bundle, &question, draft);
}
