// SPDX-License-Identifier: Apache-2.0
/*
 * Bundles, state files, containers/storage.
 */
#include <errno.h>

#include "drafted.h"
#include "meta/source.h"
#include "test.h"

static struct json_object *parse(const char *text)
{
	struct json_object *object = NULL;

	assert_int_equal(pk_json_parse(text, strlen(text), &object), 0);
	return object;
}

static void config(const char *text)
{
	pk_json_cleanup struct json_object *object = parse(text);

	assert_int_equal(pk_source_oci_config(object, &draft), 0);
}

#define ALL_CAPS "\"CAP_SYS_ADMIN\",\"CAP_SYS_MODULE\",\"CAP_SYS_PTRACE\""

static void mounts_and_rights(void **state)
{
	struct pk_container_mount mount;
	struct pk_text mounts;

	config("{\"process\":{\"capabilities\":{\"bounding\":[" ALL_CAPS "]}},\"mounts\":["
	       "{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	       "{\"destination\":\"/data\",\"type\":\"bind\",\"source\":\"/srv\",\"options\":"
	       "[\"rbind\",\"ro\",\"rslave\",5]},"
	       "{\"destination\":\"/x\",\"source\":\"/y\",\"options\":[\"bind\"]}],"
	       "\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"ipc\",\"path\":\"/proc/1/ns/ipc\"},"
	       "{\"type\":\"mount\"}]}}");
	mounts = pk_draft_get(&draft)->mounts;
	assert_true(pk_container_next_mount(&mounts, &mount));
	assert_text(mount.source, "/srv");
	assert_text(mount.propagation, "rslave");
	assert_false(mount.rw);
	assert_true(pk_container_next_mount(&mounts, &mount));
	assert_text(mount.destination, "/x");
	assert_true(mount.rw);
	assert_false(pk_container_next_mount(&mounts, &mount));
	assert_int_equal(draft.container.flags, PK_CONTAINER_IS_PRIVILEGED |
							PK_CONTAINER_IN_HOST_NETWORK |
							PK_CONTAINER_IN_HOST_IPC);
	/* something is hidden: it is not */
	config("{\"process\":{\"capabilities\":{\"bounding\":[" ALL_CAPS
	       "]}},\"linux\":{\"maskedPaths\":[\"/proc/kcore\"]}}");
	assert_false(draft.container.flags & PK_CONTAINER_IS_PRIVILEGED);
}

static void containerd(void **state)
{
	const struct pk_container *c = &draft.container;

	config("{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","
	       "\"io.kubernetes.cri.container-name\":\"app\","
	       "\"io.kubernetes.cri.image-name\":\"docker.io/library/nginx:1.25\","
	       "\"io.kubernetes.cri.sandbox-id\":\"ff\",\"io.kubernetes.cri.sandbox-name\":\"shop-1\","
	       "\"io.kubernetes.cri.sandbox-namespace\":\"shop\",\"io.kubernetes.cri.sandbox-uid\":\"u\"}}");
	assert_text(c->name, "app");
	assert_text(c->tag, "1.25");
	assert_text(c->sandbox_id, "ff");
	assert_text(c->pod_name, "shop-1");
	assert_text(c->pod_namespace, "shop");
	assert_text(c->pod_uid, "u");
	assert_int_equal(c->runtime, PK_RUNTIME_CONTAINERD);
	assert_false(c->flags & PK_CONTAINER_SANDBOX);
	config("{\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\"}}");
	assert_true(c->flags & PK_CONTAINER_SANDBOX);
}

static void crio(void **state)
{
	const struct pk_container *c = &draft.container;
	struct pk_text label;

	config("{\"annotations\":{\"io.kubernetes.cri-o.ContainerType\":\"container\","
	       "\"io.kubernetes.container.name\":\"app\",\"io.kubernetes.cri-o.ImageName\":\"a/b:2\","
	       "\"io.kubernetes.cri-o.SandboxID\":\"ff\",\"io.kubernetes.pod.name\":\"shop-1\","
	       "\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.pod.uid\":\"u\","
	       "\"io.kubernetes.cri-o.Labels\":\"{\\\"tier\\\":\\\"front\\\",\\\"n\\\":1}\"}}");
	assert_true(pk_container_label(pk_draft_get(&draft), "tier", &label));
	assert_text(label, "front");
	assert_false(pk_container_label(c, "n", &label));
	assert_true(c->known & PK_CONTAINER_LABELS);
	assert_text(c->name, "app");
	assert_text(c->repository, "a/b");
	assert_text(c->pod_namespace, "shop");
	assert_int_equal(c->runtime, PK_RUNTIME_CRIO);
}

/* What is said to be JSON, and is not. */
static void crio_without_labels(void **state)
{
	config("{\"annotations\":{\"io.kubernetes.cri-o.ContainerType\":\"container\","
	       "\"io.kubernetes.container.name\":\"app\",\"io.kubernetes.cri-o.Labels\":\"{\"}}");
	assert_text(draft.container.name, "app");
	assert_false(draft.container.known & PK_CONTAINER_LABELS);
	config("{\"annotations\":{\"io.kubernetes.cri-o.ContainerType\":\"container\","
	       "\"io.kubernetes.cri-o.Labels\":\"[]\"}}");
	assert_false(draft.container.known & PK_CONTAINER_LABELS);
}

static void states(void **state)
{
	pk_json_cleanup struct json_object *runc = parse(
		"{\"id\":\"x\",\"created\":\"2024-05-01T10:11:12Z\",\"config\":{\"labels\":[5,\"bundle=/a\",\"bundle=/b/c\"]}}");
	pk_json_cleanup struct json_object *crun =
		parse("{\"pid\":5,\"bundle\":\"/d/e\",\"created\":\"2024-05-01T10:11:13Z\"}");
	pk_json_cleanup struct json_object *none = parse("[]");

	assert_string_equal(pk_source_runc_state(runc, &draft), "/b/c");
	assert_true(draft.container.start_ns == 1714558272000000000ull);
	assert_string_equal(pk_source_crun_status(crun, &draft), "/d/e");
	assert_true(draft.container.start_ns == 1714558273000000000ull);
	assert_string_equal(pk_source_runc_state(none, &draft), "");
	assert_string_equal(pk_source_crun_status(none, &draft), "");
}

static void storage(void **state)
{
	pk_json_cleanup struct json_object *all = parse(
		"[{\"id\":\"aa\",\"names\":[\"other\"]},7,{\"id\":\"bb\",\"names\":[\"web\"],\"metadata\":"
		"\"{\\\"image-name\\\":\\\"a/b:2\\\",\\\"image-id\\\":\\\"12\\\",\\\"name\\\":\\\"web\\\"}\"},"
		"{\"id\":\"cc\",\"names\":5,\"metadata\":\"{\"}]");
	const struct pk_container *c = &draft.container;

	assert_int_equal(pk_source_storage(all, "dd", &draft), -ENOENT);
	assert_int_equal(pk_source_storage(all, "bb", &draft), 0);
	assert_text(c->name, "web");
	assert_text(c->repository, "a/b");
	assert_text(c->image_id, "12");
	assert_true(c->known & PK_CONTAINER_NAME && c->known & PK_CONTAINER_IMAGE_ID);
	assert_int_equal(pk_source_storage(all, "cc", &draft), 0);
	assert_text(c->name, "web");
}

static void other_shapes(void **state)
{
	static const char *const texts[] = {
		"[]",
		"{\"mounts\":{}}",
		"{\"mounts\":[5,[],{\"options\":5}]}",
		"{\"linux\":5}",
		"{\"linux\":{\"namespaces\":[5,{\"type\":5}]}}",
		"{\"annotations\":[]}",
		"{\"annotations\":{\"io.kubernetes.cri.container-type\":5}}",
		"{\"process\":{\"capabilities\":[]}}",
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++)
		config(texts[i]);
	assert_int_equal(draft.container.name.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(mounts_and_rights, setup, teardown),
		cmocka_unit_test_setup_teardown(containerd, setup, teardown),
		cmocka_unit_test_setup_teardown(crio, setup, teardown),
		cmocka_unit_test_setup_teardown(crio_without_labels, setup, teardown),
		cmocka_unit_test_setup_teardown(states, setup, teardown),
		cmocka_unit_test_setup_teardown(storage, setup, teardown),
		cmocka_unit_test_setup_teardown(other_shapes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
