/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an API server or a kubelet says. The first byte of the input chooses: 'l' a list, 'w' the lines of a
 * watch, 'p' a pod for the parser alone, anything else a Status. The second byte says in pieces of which
 * size it comes, which must make no difference. What is stored is bounded, and has no NUL in a text; what a container has
 * of it goes into a well-formed record and comes back out of it.
 */
#include <string.h>

#include "fuzz.h"
#include "meta/k8s_items.h"
#include "meta/k8s_json.h"
#include "meta/pod_facts.h"

struct state {
	struct pk_k8s_pods *pods;
	uint64_t event_cnt;
};

static void check_text(struct pk_k8s_text text)
{
	fuzz_check(text.data && text.len <= PK_MAX_K8S_TEXT_BYTES);
	fuzz_check(strlen(text.data) == text.len);
}

static void check_container(const struct pk_k8s_pod *pod, struct pk_text id)
{
	static struct pk_record record;
	struct pk_container container = { .state = PK_CONTAINER_RESOLVING, .id = id };
	pk_buf_cleanup struct pk_buf labels = PK_BUF_INIT;
	struct pk_text key, value;
	size_t len;

	fuzz_check(pk_pod_facts_add(pod, &labels, &container) == 0);
	fuzz_check(container.pod_labels.len <= PK_MAX_CONTAINER_POD_LABELS_BYTES);
	len = pk_container_to_record(&container, 1, (struct pk_text){ "/", 1 }, &record);
	fuzz_check(pk_record_check(&record.u, len) == 0);
	pk_container_from_record(&record.u.container, &container);
	while (container.pod_labels.len)
		fuzz_check(pk_container_next(&container.pod_labels, &key) &&
			   pk_container_next(&container.pod_labels, &value));
}

static void check_pod(struct pk_k8s_pods *pods, const char *uid, size_t len)
{
	const struct pk_k8s_pod *pod = pk_k8s_pods_find(pods, uid, len);

	if (!pod)
		return;
	check_text(pod->uid);
	check_text(pod->config_uid);
	check_text(pod->ns);
	check_text(pod->name);
	check_text(pod->ip);
	check_text(pod->node);
	check_text(pod->owner_kind);
	check_text(pod->owner_name);
	check_text(pod->deployment);
	fuzz_check(pod->label_cnt <= PK_MAX_K8S_LABELS);
	for (uint32_t i = 0; i < pod->label_cnt; i++) {
		struct pk_k8s_text value;

		check_text(pod->labels[i].key);
		check_text(pod->labels[i].value);
		fuzz_check(pk_k8s_pod_label(pod, pod->labels[i].key.data, pod->labels[i].key.len,
					    &value) != -ENOENT);
	}
	fuzz_check(pod->container_cnt <= PK_MAX_K8S_CONTAINERS);
	for (uint32_t i = 0; i < pod->container_cnt; i++) {
		struct pk_k8s_text id = pod->containers[i].id;
		const struct pk_k8s_pod *found;

		check_text(id);
		check_text(pod->containers[i].name);
		found = pk_k8s_pods_find_container(pods, id.data, id.len);
		fuzz_check(found);
		pk_k8s_pod_unref(found);
		check_container(pod, (struct pk_text){ id.data, id.len });
	}
	check_container(pod, (struct pk_text){ "", 0 });
	pk_k8s_pod_unref(pod);
}

static int on_pod(void *arg, const char *data, size_t len, uint32_t flags)
{
	struct state *state = arg;

	fuzz_check(len <= PK_MAX_K8S_KEPT_BYTES);
	return pk_k8s_json_pod(state->pods, data, len, flags);
}

static int on_event(void *arg, const char *data, size_t len, uint32_t flags)
{
	struct state *state = arg;
	struct pk_k8s_event event;
	int err = pk_k8s_json_event(state->pods, data, len, flags, &event);

	if (!err) {
		state->event_cnt++;
		fuzz_check(memchr(event.version, '\0', sizeof(event.version)));
		fuzz_check(memchr(event.reason, '\0', sizeof(event.reason)));
	}
	return err;
}

/* In pieces of `step` bytes: what came of it. */
static void feed(const char *data, size_t len, bool is_list, size_t step, uint64_t result[4])
{
	static struct pk_k8s_list_head head;
	struct pk_k8s_pods_stats stats;
	struct state state = { 0 };
	struct pk_k8s_parts parts;
	int err = 0;

	fuzz_check(pk_k8s_pods_new(&state.pods) == 0);
	pk_k8s_parts_init(&parts, is_list ? &pk_k8s_want_pod : &pk_k8s_want_event,
			  is_list ? on_pod : on_event, &state);
	pk_k8s_pods_begin(state.pods);
	for (size_t at = 0; at < len && !err; at += step) {
		size_t part = step < len - at ? step : len - at;

		err = is_list ? pk_k8s_parts_add_list(&parts, data + at, part) :
				pk_k8s_parts_add_lines(&parts, data + at, part);
	}
	fuzz_check(err != -ENOMEM);
	if (is_list && !err)
		pk_k8s_json_list_head(parts.head.data, parts.head.len_bytes, &head);
	pk_k8s_pods_end(state.pods);
	pk_k8s_pods_get_stats(state.pods, &stats);
	fuzz_check(stats.pod_cnt <= PK_MAX_K8S_PODS && stats.bytes <= PK_MAX_K8S_STORE_BYTES);
	/* the corpus calls its pods so */
	check_pod(state.pods, "a", 1);
	check_pod(state.pods, "b", 1);
	check_pod(state.pods, "5f5f", 4);
	result[0] = stats.pod_cnt;
	result[1] = parts.refused_cnt;
	result[2] = parts.part_cnt;
	result[3] = (uint64_t)-err;
	pk_k8s_parts_fini(&parts);
	pk_k8s_pods_free(state.pods);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	pk_cleanup(pk_free_p) char *text = NULL;
	char reason[PK_K8S_REASON_BYTES] = "";
	uint64_t whole[4], pieces[4];
	struct state state = { 0 };

	if (size < 2)
		return 0;
	text = malloc(size);
	fuzz_check(text);
	memcpy(text, data + 2, size - 2);
	switch (data[0]) {
	case 'l':
	case 'w':
		feed(text, size - 2, data[0] == 'l', size, whole);
		feed(text, size - 2, data[0] == 'l', 1 + data[1] % 64, pieces);
		fuzz_check(!memcmp(whole, pieces, sizeof(whole)));
		break;
	case 'p':
		fuzz_check(pk_k8s_pods_new(&state.pods) == 0);
		pk_k8s_json_pod(state.pods, text, size - 2, 0);
		check_pod(state.pods, "a", 1);
		pk_k8s_pods_free(state.pods);
		break;
	default:
		pk_k8s_json_reason(text, size - 2, reason);
		fuzz_check(memchr(reason, '\0', sizeof(reason)));
		break;
	}
	return 0;
}
