/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pods, events and heads of lists from JSON, as it should be and as it should not.
 */
#include "meta/k8s_json.h"

#include <errno.h>

#include "meta/k8s_filter.h"
#include "test.h"

static const char web[] =
	"{\"metadata\":{\"name\":\"web-7d4b-x2\",\"namespace\":\"shop\",\"uid\":\"0a-1\","
	"\"resourceVersion\":\"77\",\"labels\":{\"app\":\"web\",\"pod-template-hash\":\"7d4b\"},"
	"\"ownerReferences\":[{\"kind\":\"Other\",\"name\":\"x\"},"
	"{\"kind\":\"ReplicaSet\",\"name\":\"web-7d4b\",\"controller\":true}]},"
	"\"spec\":{\"nodeName\":\"node-1\",\"containers\":[{\"name\":\"main\"}]},"
	"\"status\":{\"podIP\":\"10.1.2.3\",\"containerStatuses\":[{\"name\":\"main\","
	"\"containerID\":\"containerd://aa11\",\"image\":\"web:1\",\"imageID\":\"web@sha256:1\","
	"\"lastState\":{\"terminated\":{\"containerID\":\"containerd://aa00\"}}},"
	"{\"name\":\"waits\",\"containerID\":\"\"},{\"name\":\"waits too\"}],"
	"\"initContainerStatuses\":[{\"name\":\"init\",\"containerID\":\"cri-o://bb22\"}]}}";

static int setup(void **state)
{
	return pk_k8s_pods_new((struct pk_k8s_pods **)state);
}

static int teardown(void **state)
{
	pk_k8s_pods_free(*state);
	return 0;
}

#define assert_is(a, b)                                     \
	do {                                                \
		struct pk_k8s_text a_ = (a);                \
		assert_string_equal(a_.data, b);            \
		assert_int_equal(a_.len, sizeof(b "") - 1); \
	} while (0)

static int put(struct pk_k8s_pods *pods, const char *text)
{
	return pk_k8s_json_pod(pods, text, strlen(text), 0);
}

static const struct pk_k8s_pod *find(struct pk_k8s_pods *pods, const char *uid)
{
	return pk_k8s_pods_find(pods, uid, strlen(uid));
}

static void whole_pod(void **state)
{
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = NULL, *before = NULL;
	struct pk_k8s_text value;

	assert_int_equal(put(*state, web), 0);
	pod = find(*state, "0a-1");
	assert_non_null(pod);
	assert_is(pod->name, "web-7d4b-x2");
	assert_is(pod->ns, "shop");
	assert_is(pod->ip, "10.1.2.3");
	assert_is(pod->node, "node-1");
	assert_is(pod->owner_kind, "ReplicaSet");
	assert_is(pod->owner_name, "web-7d4b");
	assert_is(pod->deployment, "web");
	assert_is(pod->config_uid, "");
	assert_int_equal(pod->flags, 0);
	assert_int_equal(pk_k8s_pod_label(pod, "app", 3, &value), 0);
	assert_is(value, "web");
	assert_int_equal(pod->container_cnt, 3);
	assert_is(pod->containers[0].name, "main");
	assert_is(pod->containers[0].id, "aa11");
	assert_is(pod->containers[0].runtime, "containerd");
	assert_is(pod->containers[0].image, "web:1");
	assert_is(pod->containers[0].image_id, "web@sha256:1");
	assert_is(pod->containers[1].id, "bb22");
	assert_is(pod->containers[1].runtime, "cri-o");
	before = pk_k8s_pods_find_container(*state, "aa00", 4);
	assert_ptr_equal(before, pod);
	assert_is(pk_k8s_pod_container(pod, "aa00", 4)->name, "main");
}

static void deployments(void **state)
{
	static const struct {
		const char *kind, *owner, *hash, *expected;
	} cases[] = {
		{ "ReplicaSet", "web-7d4b", "7d4b", "web" },
		{ "ReplicaSet", "a-b-7d4b", "7d4b", "a-b" },
		{ "ReplicaSet", "web-7d4b", "7d4", "" },
		{ "ReplicaSet", "web7d4b", "7d4b", "" },
		{ "ReplicaSet", "-7d4b", "7d4b", "" },
		{ "ReplicaSet", "7d4b", "7d4b", "" },
		{ "ReplicaSet", "web-7d4b", "", "" },
		{ "DaemonSet", "web-7d4b", "7d4b", "" },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = NULL;
		char text[512];

		snprintf(
			text, sizeof(text),
			"{\"metadata\":{\"uid\":\"u\",\"labels\":{\"pod-template-hash\":\"%s\"},"
			"\"ownerReferences\":[{\"kind\":\"%s\",\"name\":\"%s\",\"controller\":true}]}}",
			cases[i].hash, cases[i].kind, cases[i].owner);
		assert_int_equal(put(*state, text), 0);
		pod = find(*state, "u");
		assert_string_equal(pod->deployment.data, cases[i].expected);
	}
}

static void static_pod(void **state)
{
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = NULL;

	assert_int_equal(put(*state, "{\"metadata\":{\"uid\":\"u\",\"annotations\":"
				     "{\"kubernetes.io/config.hash\":\"5f3e\"}},"
				     "\"spec\":{\"hostNetwork\":true}}"),
			 0);
	pod = find(*state, "5f3e");
	assert_non_null(pod);
	assert_is(pod->uid, "u");
	assert_int_equal(pod->flags, PK_K8S_HOST_NETWORK);
}

/* Values of types that they should not have are as if they were not there. */
static void other_types(void **state)
{
	static const char *const texts[] = {
		"{\"metadata\":{\"uid\":\"u\",\"name\":5,\"labels\":[1],\"ownerReferences\":{}}}",
		"{\"metadata\":{\"uid\":\"u\",\"labels\":{\"a\":1,\"b\":null},\"annotations\":\"x\"},"
		"\"spec\":[],\"status\":7}",
		"{\"metadata\":{\"uid\":\"u\",\"ownerReferences\":[1,null,{\"controller\":\"true\"},"
		"{\"controller\":false,\"kind\":\"a\"}]}}",
		"{\"metadata\":{\"uid\":\"u\"},\"status\":{\"containerStatuses\":[null,1,[],{},"
		"{\"containerID\":5},{\"containerID\":\"noscheme\"},{\"containerID\":\"x://\"},"
		"{\"lastState\":{\"terminated\":[]}}]}}",
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = NULL;

		assert_int_equal(put(*state, texts[i]), 0);
		pod = find(*state, "u");
		assert_non_null(pod);
		assert_int_equal(pod->name.len + pod->owner_kind.len + pod->node.len, 0);
		assert_int_equal(pod->label_cnt + pod->container_cnt, 0);
	}
}

static void refused(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"1",
		"\"x\"",
		"null",
		"{",
		"{}x",
		"{} {}",
		"{\"a\":}",
		"nonsense",
		"{\"metadata\":{\"uid\":\"u\"}",
		"{\"metadata\":{\"uid\":\"u}}",
	};
	struct pk_k8s_pods_stats stats;

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++)
		assert_int_equal(put(*state, texts[i]), -EBADMSG);
	/* no uid: the store's to count */
	assert_int_equal(put(*state, "{}"), 0);
	assert_int_equal(put(*state, "{\"metadata\":{\"uid\":\"\"}}"), 0);
	pk_k8s_pods_get_stats(*state, &stats);
	assert_int_equal(stats.refused_cnt, 2);
	assert_int_equal(stats.pod_cnt, 0);
}

static int put_deep(struct pk_k8s_pods *pods, int depth)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	pk_buf_add_str(&text, "{\"metadata\":{\"uid\":\"u\"},\"x\":");
	for (int i = 0; i < depth; i++)
		pk_buf_add_char(&text, '[');
	for (int i = 0; i < depth; i++)
		pk_buf_add_char(&text, ']');
	pk_buf_add_str(&text, "}");
	return pk_k8s_json_pod(pods, text.data, text.len_bytes, 0);
}

/* The parser's levels are what is open around a value, and the value. */
static void deep(void **state)
{
	assert_int_equal(put_deep(*state, PK_MAX_K8S_JSON_DEPTH - 2), 0);
	assert_int_equal(put_deep(*state, PK_MAX_K8S_JSON_DEPTH), -EBADMSG);
	assert_int_equal(put_deep(*state, 100000), -EBADMSG);
}

static int put_long(struct pk_k8s_pods *pods, size_t len)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	pk_buf_add_str(&text, "{}");
	while (text.len_bytes < len)
		pk_buf_add_char(&text, ' ');
	return pk_k8s_json_pod(pods, text.data, text.len_bytes, 0);
}

static void too_long(void **state)
{
	assert_int_equal(put_long(*state, PK_MAX_K8S_JSON_BYTES), 0);
	assert_int_equal(put_long(*state, PK_MAX_K8S_JSON_BYTES + 1), -EBADMSG);
}

/* What comes twice counts as it did last; bytes that are no UTF-8 are kept; nothing ends at a NUL. */
static void hostile(void **state)
{
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = NULL;
	struct pk_k8s_text value;

	assert_int_equal(put(*state,
			     "{\"metadata\":{\"uid\":\"no\"},\"metadata\":{\"uid\":\"u\","
			     "\"name\":\"a\",\"name\":\"x\\u0000y\",\"namespace\":\"\xff\xfe\\n\","
			     "\"labels\":{\"k\":\"1\",\"k\":\"2\"}}}"),
			 0);
	assert_null(find(*state, "no"));
	pod = find(*state, "u");
	assert_non_null(pod);
	assert_is(pod->name, "x\xffy");
	assert_is(pod->ns, "\xff\xfe\n");
	assert_int_equal(pod->label_cnt, 1);
	assert_int_equal(pk_k8s_pod_label(pod, "k", 1, &value), 0);
	assert_is(value, "2");
}

/* A list that is longer than the store takes is flagged, also if the filter has cut it already. */
static void cut(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	char status[64];

	pk_buf_add_str(&text, "{\"metadata\":{\"uid\":\"u\"},\"status\":{\"containerStatuses\":[");
	for (unsigned int i = 0; i <= PK_MAX_K8S_CONTAINERS; i++) {
		snprintf(status, sizeof(status), "%s{\"containerID\":\"x://%u\"}", i ? "," : "", i);
		pk_buf_add_str(&text, status);
	}
	pk_buf_add_str(&text, "]}}");
	for (uint32_t flags = 0; flags <= PK_K8S_CUT_LABELS; flags += PK_K8S_CUT_LABELS) {
		pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = NULL;

		assert_int_equal(pk_k8s_json_pod(*state, text.data, text.len_bytes, flags), 0);
		pod = find(*state, "u");
		assert_int_equal(pod->container_cnt, PK_MAX_K8S_CONTAINERS);
		assert_int_equal(pod->flags, PK_K8S_CUT_CONTAINERS | flags);
	}
}

static struct pk_k8s_event event_of(struct pk_k8s_pods *pods, const char *text)
{
	struct pk_k8s_event event;

	assert_int_equal(pk_k8s_json_event(pods, text, strlen(text), 0, &event), 0);
	return event;
}

static void events(void **state)
{
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = NULL;
	struct pk_k8s_pods_stats stats;
	struct pk_k8s_event event;

	event = event_of(*state, "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"uid\":\"u\","
				 "\"name\":\"a\",\"resourceVersion\":\"5\"}}}");
	assert_int_equal(event.kind, PK_K8S_EVENT_PUT);
	assert_string_equal(event.version, "5");
	event = event_of(*state, "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"uid\":\"u\","
				 "\"name\":\"b\",\"resourceVersion\":\"6\"}}}");
	assert_int_equal(event.kind, PK_K8S_EVENT_PUT);
	pod = find(*state, "u");
	assert_is(pod->name, "b");
	event = event_of(*state, "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"uid\":\"u\","
				 "\"resourceVersion\":\"7\"}}}");
	assert_int_equal(event.kind, PK_K8S_EVENT_DELETED);
	assert_string_equal(event.version, "7");
	pk_k8s_pods_get_stats(*state, &stats);
	assert_int_equal(stats.pod_cnt, 0);
	event = event_of(*state, "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\","
				 "\"metadata\":{\"resourceVersion\":\"9\"}}}");
	assert_int_equal(event.kind, PK_K8S_EVENT_BOOKMARK);
	assert_string_equal(event.version, "9");
	event = event_of(*state, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,"
				 "\"message\":\"too old\\nresource\"}}");
	assert_int_equal(event.kind, PK_K8S_EVENT_ERROR);
	assert_int_equal(event.code, 410);
	assert_string_equal(event.reason, "too old resource");
	event = event_of(*state, "{\"type\":\"NEW\",\"object\":{}}");
	assert_int_equal(event.kind, PK_K8S_EVENT_OTHER);
	event = event_of(*state, "{\"type\":\"ADDED\"}");
	assert_int_equal(event.kind, PK_K8S_EVENT_OTHER);
	assert_string_equal(event.version, "");
}

static int version_of(struct pk_k8s_pods *pods, const char *version)
{
	struct pk_k8s_event event;
	char text[512];

	snprintf(text, sizeof(text),
		 "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"%s\"}}}",
		 version);
	return pk_k8s_json_event(pods, text, strlen(text), 0, &event);
}

/* It goes into a URL. */
static void versions(void **state)
{
	char longest[PK_K8S_VERSION_BYTES + 1];

	memset(longest, '9', sizeof(longest));
	longest[PK_K8S_VERSION_BYTES] = '\0';
	assert_int_equal(version_of(*state, longest), -EBADMSG);
	longest[PK_K8S_VERSION_BYTES - 1] = '\0';
	assert_int_equal(version_of(*state, longest), 0);
	assert_int_equal(version_of(*state, "1 2"), -EBADMSG);
	assert_int_equal(version_of(*state, "1\\n2"), -EBADMSG);
	assert_int_equal(version_of(*state, "\xc3\xa9"), -EBADMSG);
}

static void list_heads(void **state)
{
	static struct pk_k8s_list_head head;
	static const char page[] =
		"{\"metadata\":{\"resourceVersion\":\"12\",\"continue\":\"eyJ2=\"}}";
	static const char last[] =
		"{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"12\"}}";

	assert_int_equal(pk_k8s_json_list_head(page, strlen(page), &head), 0);
	assert_string_equal(head.version, "12");
	assert_string_equal(head.next, "eyJ2=");
	assert_int_equal(pk_k8s_json_list_head(last, strlen(last), &head), 0);
	assert_string_equal(head.next, "");
	assert_int_equal(pk_k8s_json_list_head("{}", 2, &head), 0);
	assert_string_equal(head.version, "");
	assert_int_equal(pk_k8s_json_list_head("{", 1, &head), -EBADMSG);
	assert_int_equal(pk_k8s_json_list_head(NULL, 0, &head), -EBADMSG);
}

static void reasons(void **state)
{
	static const char status[] = "{\"kind\":\"Status\",\"message\":\"no \\u001b[1m\"}";
	char reason[PK_K8S_REASON_BYTES] = "";
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	assert_int_equal(pk_k8s_json_reason(status, strlen(status), reason), 0);
	assert_string_equal(reason, "no  [1m");
	assert_int_equal(pk_k8s_json_reason("nope", 4, reason), -EBADMSG);
	pk_buf_add_str(&text, "{\"message\":\"");
	for (int i = 0; i < 1000; i++)
		pk_buf_add_char(&text, 'x');
	pk_buf_add_str(&text, "\"}");
	assert_int_equal(pk_k8s_json_reason(text.data, text.len_bytes, reason), 0);
	assert_int_equal(strlen(reason), PK_K8S_REASON_BYTES - 1);
}

int main(void)
{
#define WITH_STORE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_STORE(whole_pod),   WITH_STORE(deployments), WITH_STORE(static_pod),
		WITH_STORE(other_types), WITH_STORE(refused),     WITH_STORE(deep),
		WITH_STORE(too_long),    WITH_STORE(hostile),     WITH_STORE(cut),
		WITH_STORE(events),      WITH_STORE(versions),    WITH_STORE(list_heads),
		WITH_STORE(reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
