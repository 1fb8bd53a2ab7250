// SPDX-License-Identifier: Apache-2.0
/*
 * What runtimes say: the first byte chooses who, the rest is what. 'p' a cgroup's path, 'd' Docker's API, 'i' an image
 * there, 'o' a bundle, 'r' and 'c' the state of runc and crun, 's' containers/storage, 'k' CRI, 'n' containerd, 't' a time, 'h' the
 * state that a hook is given. Whatever is made of it goes into a well-formed record and comes back out of it.
 */
#include <string.h>

#include "fuzz.h"
#include "meta/cgroup_path.h"
#include "meta/grpc_unix.h"
#include "meta/oci_state.h"
#include "meta/source.h"
#include "meta/source_cri.h"

static void fuzz_path(const char *text, size_t size)
{
	struct pk_cgroup_path parsed;
	const char *end = text + size;

	pk_cgroup_path_parse((struct pk_text){ text, size }, &parsed);
	fuzz_check(parsed.id.len <= PK_MAX_CONTAINER_ID_BYTES);
	fuzz_check(!parsed.id.len ||
		   (parsed.id.data >= text && parsed.id.data + parsed.id.len <= end));
	fuzz_check(!parsed.id.len || !memchr(parsed.id.data, '/', parsed.id.len));
	fuzz_check(!parsed.candidate.len || !parsed.id.len);
	fuzz_check(!parsed.candidate.len ||
		   !memchr(parsed.candidate.data, '/', parsed.candidate.len));
	fuzz_check(parsed.pod_uid_bytes <= PK_MAX_POD_UID_BYTES);
}

static void fuzz_state(const char *text, size_t size)
{
	struct pk_oci_state state;

	if (pk_oci_state_parse(text, size, &state))
		return;
	fuzz_check(state.pid && state.pid <= INT_MAX);
	fuzz_check(state.id[0] && state.id[0] != '.' && !strchr(state.id, '/'));
	fuzz_check(state.bundle[0] == '/');
}

static void take(char who, struct json_object *object, struct pk_draft *draft)
{
	const char *bundle = "";

	switch (who) {
	case 'd':
		pk_source_docker(object, draft);
		break;
	case 'i':
		pk_source_docker_image(object, draft);
		break;
	case 'o':
		pk_source_oci_config(object, draft);
		break;
	case 'r':
		bundle = pk_source_runc_state(object, draft);
		break;
	case 'c':
		bundle = pk_source_crun_status(object, draft);
		break;
	default:
		pk_source_storage(object, "a", draft);
		break;
	}
	fuzz_check(bundle != NULL);
}

static void there_and_back(const struct pk_container *container)
{
	static struct pk_record record;
	struct pk_container back;
	struct pk_container_mount mount;
	struct pk_text key, value, mounts;
	size_t len = pk_container_to_record(container, 1, (struct pk_text){ "/", 1 }, &record);

	fuzz_check(pk_record_check(&record.u, len) == 0);
	pk_container_from_record(&record.u.container, &back);
	fuzz_check(back.labels.len == container->labels.len);
	fuzz_check(back.mounts.len == container->mounts.len);
	while (back.labels.len)
		fuzz_check(pk_container_next(&back.labels, &key) &&
			   pk_container_next(&back.labels, &value));
	for (mounts = back.mounts; mounts.len;)
		fuzz_check(pk_container_next_mount(&mounts, &mount));
}

static void fuzz_message(char who, struct pk_text message)
{
	struct pk_draft draft;
	struct pk_text inner;

	pk_draft_init(&draft);
	if (who == 'k')
		pk_source_cri_status(message, &draft);
	else
		pk_source_containerd(message, &draft);
	there_and_back(pk_draft_get(&draft));
	if (!pk_grpc_unframe(message, &inner))
		fuzz_check(inner.len < message.len);
	pk_draft_fini(&draft);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	pk_cleanup(pk_free_p) char *text = NULL;
	pk_json_cleanup struct json_object *object = NULL;
	struct pk_draft draft;
	uint64_t ns;

	if (!size)
		return 0;
	text = malloc(size);
	fuzz_check(text);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] == 'p') {
		fuzz_path(text, size - 1);
	} else if (data[0] == 't') {
		pk_draft_parse_time(text, &ns);
	} else if (data[0] == 'h') {
		fuzz_state(text, size - 1);
	} else if (data[0] == 'k' || data[0] == 'n') {
		fuzz_message((char)data[0], (struct pk_text){ text, size - 1 });
	} else if (!pk_json_parse(text, size - 1, &object)) {
		pk_draft_init(&draft);
		take((char)data[0], object, &draft);
		there_and_back(pk_draft_get(&draft));
		pk_draft_fini(&draft);
	}
	return 0;
}
