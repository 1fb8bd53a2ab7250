// SPDX-License-Identifier: Apache-2.0
/*
 * What runtimes keep on disk, below a directory of the test's.
 */
#include "meta/disk.h"

#include <errno.h>

#include "rooted.h"
#include "test.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct pk_draft draft;

static int look(uint32_t runtime, const char *id, const char *space, uint32_t uid)
{
	struct pk_question question = { .runtime = runtime, .uid = uid };

	pk_draft_init(&draft);
	draft.container.runtime = runtime;
	snprintf(question.id, sizeof(question.id), "%s", id);
	snprintf(question.space, sizeof(question.space), "%s", space);
	return pk_disk_read(root, &question, &draft);
}

static const char named[] = "{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","
			    "\"io.kubernetes.cri.container-name\":\"app\"}}";

static void nothing(void **state)
{
	assert_int_equal(look(PK_RUNTIME_DOCKER, ID, "", 0), -ENOENT);
	pk_draft_fini(&draft);
	/* not to be understood is not there */
	write_file("/run/runc/box/state.json", "{");
	assert_int_equal(look(PK_RUNTIME_RUNC, "box", "", 0), -ENOENT);
	pk_draft_fini(&draft);
}

static void containerd(void **state)
{
	write_file("/run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json",
		   named);
	assert_int_equal(look(PK_RUNTIME_CONTAINERD, ID, "", 0), 0);
	assert_text(draft.container.name, "app");
	pk_draft_fini(&draft);
	write_file("/run/containerd/io.containerd.runtime.v2.task/mine/box/config.json", named);
	assert_int_equal(look(PK_RUNTIME_CONTAINERD, "box", "", 0), -ENOENT);
	pk_draft_fini(&draft);
	assert_int_equal(look(PK_RUNTIME_CONTAINERD, "box", "mine", 0), 0);
	pk_draft_fini(&draft);
}

/* podman that was not started as root keeps its things with the user's. */
static void rootless(void **state)
{
	write_file("/run/user/1000/crun/" ID "/status",
		   "{\"bundle\":\"/home/u/overlay-containers/" ID "/userdata\"}");
	write_file("/home/u/overlay-containers/" ID "/userdata/config.json", "{}");
	write_file("/home/u/overlay-containers/containers.json",
		   "[{\"id\":\"" ID "\",\"names\":[\"mine\"]}]");
	assert_int_equal(look(PK_RUNTIME_PODMAN, ID, "", 0), -ENOENT);
	pk_draft_fini(&draft);
	assert_int_equal(look(PK_RUNTIME_PODMAN, ID, "", 1000), 0);
	assert_text(draft.container.name, "mine");
	pk_draft_fini(&draft);
}

/* Of pods only those are told that Kubernetes' runtimes tell of. */
static void no_pods_of_users(void **state)
{
	char path[256];

	static const char claims[] =
		"{\"annotations\":{\"io.kubernetes.cri.container-type\":\"container\","
		"\"io.kubernetes.cri.sandbox-name\":\"p\",\"io.kubernetes.cri.sandbox-uid\":\"u\","
		"\"io.kubernetes.cri.sandbox-id\":\"s\",\"io.kubernetes.cri.sandbox-namespace\":\"prod\"}}";

	write_file("/run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json",
		   claims);
	assert_int_equal(look(PK_RUNTIME_CONTAINERD, ID, "", 0), 0);
	assert_text(draft.container.pod_namespace, "prod");
	pk_draft_fini(&draft);
	write_file("/var/lib/containers/storage/overlay-containers/" ID "/userdata/config.json",
		   claims);
	path_of(path, "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(look(PK_RUNTIME_PODMAN, ID, "", 0), 0);
	assert_false(pk_container_has_pod(&draft.container));
	assert_int_equal(draft.container.pod_namespace.len, 0);
	assert_int_equal(draft.container.sandbox_id.len, 0);
	assert_true(draft.container.known & PK_CONTAINER_POD);
	pk_draft_fini(&draft);
	write_file("/run/user/1000/crun/" ID "/status", "{\"bundle\":\"/home/u/b\"}");
	write_file("/home/u/b/config.json", claims);
	assert_int_equal(look(PK_RUNTIME_RUNC, ID, "", 1000), 0);
	assert_int_equal(draft.container.pod_namespace.len, 0);
	assert_true(draft.container.known & PK_CONTAINER_POD);
	pk_draft_fini(&draft);
}

static void is_one(void **state)
{
	struct pk_question question = { .id = "box", .space = "default" };

	assert_false(pk_disk_has(root, &question));
	write_file("/run/crun/box/x", "");
	assert_true(pk_disk_has(root, &question));
	assert_int_equal(question.runtime, PK_RUNTIME_RUNC);
	write_file("/run/containerd/io.containerd.runtime.v2.task/default/box/x", "");
	assert_true(pk_disk_has(root, &question));
	assert_int_equal(question.runtime, PK_RUNTIME_CONTAINERD);
}

/* Nothing but the one that was named. */
static void one_bundle(void **state)
{
	struct pk_question question = { .id = "abc" };
	char long_one[PATH_MAX + 1];

	write_file("/run/runc/abc/state.json", "{\"created\":\"2024-05-01T10:11:12Z\"}");
	write_file("/b/config.json", "{\"mounts\":[]}");
	write_file("/bad/config.json", "{\"mounts\":[}");
	pk_draft_init(&draft);
	assert_int_equal(pk_disk_read_bundle(root, "/b", &question, &draft), 0);
	assert_int_equal(draft.container.known, PK_CONTAINER_MOUNTS);
	assert_int_equal(pk_disk_read_bundle(root, "/bad", &question, &draft), -ENOENT);
	assert_int_equal(pk_disk_read_bundle(root, "/nosuch", &question, &draft), -ENOENT);
	memset(long_one, 'a', sizeof(long_one));
	long_one[PATH_MAX] = '\0';
	assert_int_equal(pk_disk_read_bundle(root, long_one, &question, &draft), -ENAMETOOLONG);
	pk_draft_fini(&draft);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(containerd, setup, teardown),
		cmocka_unit_test_setup_teardown(rootless, setup, teardown),
		cmocka_unit_test_setup_teardown(no_pods_of_users, setup, teardown),
		cmocka_unit_test_setup_teardown(one_bundle, setup, teardown),
		cmocka_unit_test_setup_teardown(is_one, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
