// SPDX-License-Identifier: Apache-2.0
/*
 * States as runtimes write them, and those that nobody should; facts out of bundles.
 */
#include "meta/oci_state.h"

#include <errno.h>
#include <unistd.h>

#include "rooted.h"
#include "test.h"

static int parse(const char *text, struct pk_oci_state *ret_state)
{
	return pk_oci_state_parse(text, strlen(text), ret_state);
}

static void states(void **state)
{
	struct pk_oci_state oci = { 0 };

	assert_int_equal(
		parse("{\"ociVersion\":\"1.0.2\",\"id\":\"box\",\"status\":\"created\",\"pid\":4242,"
		      "\"bundle\":\"/run/b\",\"annotations\":{\"a\":\"b\"}}",
		      &oci),
		0);
	assert_int_equal(oci.pid, 4242);
	assert_string_equal(oci.id, "box");
	assert_string_equal(oci.bundle, "/run/b");
	assert_int_equal(parse("{\"id\":\"old\",\"pid\":1,\"bundlePath\":\"/b\"}", &oci), 0);
	assert_string_equal(oci.bundle, "/b");
}

static void malformed(void **state)
{
	static const char *const texts[] = {
		"",
		"{}",
		"[]",
		"null",
		"{\"id\":\"box\",\"pid\":1,\"bundle\":\"/b\"",
		"{\"id\":\"box\",\"bundle\":\"/b\"}",
		"{\"id\":\"box\",\"pid\":0,\"bundle\":\"/b\"}",
		"{\"id\":\"box\",\"pid\":-1,\"bundle\":\"/b\"}",
		"{\"id\":\"box\",\"pid\":4294967296,\"bundle\":\"/b\"}",
		"{\"id\":\"box\",\"pid\":\"1\",\"bundle\":\"/b\"}",
		"{\"id\":\"box\",\"pid\":1.5,\"bundle\":\"/b\"}",
		"{\"id\":\"\",\"pid\":1,\"bundle\":\"/b\"}",
		"{\"id\":\"..\",\"pid\":1,\"bundle\":\"/b\"}",
		"{\"id\":\"a/b\",\"pid\":1,\"bundle\":\"/b\"}",
		"{\"id\":7,\"pid\":1,\"bundle\":\"/b\"}",
		"{\"id\":\"box\",\"pid\":1,\"bundle\":\"b\"}",
		"{\"id\":\"box\",\"pid\":1,\"bundle\":[\"/b\"]}",
		"{\"id\":\"box\",\"pid\":1}",
	};
	struct pk_oci_state oci = { .pid = 9 };

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		if (parse(texts[i], &oci) != -EBADMSG)
			fail_msg("taken: %s", texts[i]);
	}
	assert_int_equal(oci.pid, 9);
}

/* Ids and bundles at their limits and one past them; the whole text likewise. */
static void limits(void **state)
{
	static char text[PK_MAX_OCI_STATE_BYTES + 2];
	struct pk_oci_state oci;

	for (int len = PK_MAX_CONTAINER_ID_BYTES; len <= (int)PK_MAX_CONTAINER_ID_BYTES + 1;
	     len++) {
		snprintf(text, sizeof(text), "{\"id\":\"%0*d\",\"pid\":1,\"bundle\":\"/b\"}", len,
			 0);
		assert_int_equal(parse(text, &oci),
				 len <= (int)PK_MAX_CONTAINER_ID_BYTES ? 0 : -EBADMSG);
	}
	for (int len = PATH_MAX - 1; len <= PATH_MAX; len++) {
		snprintf(text, sizeof(text), "{\"id\":\"a\",\"pid\":1,\"bundle\":\"/%0*d\"}",
			 len - 1, 0);
		assert_int_equal(parse(text, &oci), len < PATH_MAX ? 0 : -EBADMSG);
	}
	snprintf(text, sizeof(text), "{\"id\":\"a\",\"pid\":1,\"bundle\":\"/b\"}");
	memset(text + strlen(text), ' ', sizeof(text) - 1 - strlen(text));
	assert_int_equal(pk_oci_state_parse(text, PK_MAX_OCI_STATE_BYTES, &oci), 0);
	assert_int_equal(pk_oci_state_parse(text, PK_MAX_OCI_STATE_BYTES + 1, &oci), -EFBIG);
}

static int facts_of(const char *bundle, struct pk_draft *draft)
{
	struct pk_oci_state oci = { .pid = 1, .id = "abc" };

	snprintf(oci.bundle, sizeof(oci.bundle), "%s", bundle);
	pk_draft_init(draft);
	return pk_oci_state_facts(root, &oci, draft);
}

static void plain(void **state)
{
	struct pk_draft draft;

	write_file(
		"/b/config.json",
		"{\"process\":{},\"mounts\":[{\"source\":\"/etc\",\"destination\":\"/mnt\",\"type\":\"bind\"}]}");
	assert_int_equal(facts_of("/b", &draft), 0);
	assert_text(draft.container.id, "abc");
	assert_int_equal(draft.container.runtime, PK_RUNTIME_UNKNOWN);
	assert_int_equal(draft.container.state, PK_CONTAINER_RESOLVING);
	assert_true(draft.container.known & PK_CONTAINER_MOUNTS);
	assert_true(pk_draft_get(&draft)->mounts.len > 0);
	pk_draft_fini(&draft);
	/* its directory, and what it must not follow */
	assert_int_equal(facts_of("/nosuch", &draft), -ENOENT);
	assert_text(draft.container.id, "abc");
	pk_draft_fini(&draft);
	make_dirs("/l/x");
	{
		char link[256];

		path_of(link, "/l/config.json");
		assert_int_equal(symlink("../b/config.json", link), 0);
	}
	assert_int_equal(facts_of("/l", &draft), -ENOENT);
	pk_draft_fini(&draft);
}

static void runtimes(void **state)
{
	static const char v2[] = "/run/containerd/io.containerd.runtime.v2.task";
	char path[128];
	struct pk_draft draft;

	snprintf(path, sizeof(path), "%s/moby/abc/config.json", v2);
	write_file(path, "{}");
	snprintf(path, sizeof(path), "%s/moby/abc", v2);
	assert_int_equal(facts_of(path, &draft), 0);
	assert_int_equal(draft.container.runtime, PK_RUNTIME_DOCKER);
	pk_draft_fini(&draft);
	snprintf(path, sizeof(path), "%s/k8s.io/abc/config.json", v2);
	write_file(path, "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","
			 "\"io.kubernetes.cri.container-name\":\"web\","
			 "\"io.kubernetes.cri.image-name\":\"docker.io/library/nginx:1.25\"}}");
	snprintf(path, sizeof(path), "%s/k8s.io/abc", v2);
	assert_int_equal(facts_of(path, &draft), 0);
	assert_int_equal(draft.container.runtime, PK_RUNTIME_CONTAINERD);
	assert_text(draft.container.name, "web");
	assert_text(draft.container.repository, "docker.io/library/nginx");
	pk_draft_fini(&draft);
}

/* podman's config has no name and no image: they are beside the bundle. */
static void podman(void **state)
{
	static const char dir[] = "/home/me/storage/overlay-containers";
	char path[128];
	struct pk_draft draft;

	snprintf(path, sizeof(path), "%s/abc/userdata/config.json", dir);
	write_file(path, "{\"annotations\":{\"io.container.manager\":\"libpod\"}}");
	snprintf(path, sizeof(path), "%s/containers.json", dir);
	write_file(path, "[{\"id\":\"abc\",\"names\":[\"web\"],\"metadata\":"
			 "\"{\\\"image-name\\\":\\\"picket.test/tiny:1.5\\\"}\"}]");
	snprintf(path, sizeof(path), "%s/abc/userdata", dir);
	assert_int_equal(facts_of(path, &draft), 0);
	assert_int_equal(draft.container.runtime, PK_RUNTIME_PODMAN);
	assert_text(draft.container.name, "web");
	assert_text(draft.container.repository, "picket.test/tiny");
	assert_text(draft.container.tag, "1.5");
	pk_draft_fini(&draft);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),
		cmocka_unit_test(malformed),
		cmocka_unit_test(limits),
		cmocka_unit_test_setup_teardown(plain, setup, teardown),
		cmocka_unit_test_setup_teardown(runtimes, setup, teardown),
		cmocka_unit_test_setup_teardown(podman, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
