// SPDX-License-Identifier: Apache-2.0
/*
 * Answers of Docker's API and Podman's.
 */
#include <errno.h>

#include "drafted.h"
#include "meta/source.h"
#include "test.h"

static int take(const char *text)
{
	pk_json_cleanup struct json_object *answer = NULL;
	int err = pk_json_parse(text, strlen(text), &answer);

	return err ? err : pk_source_docker(answer, &draft);
}

static const char docker[] =
	"{\"Id\":\"aa\",\"Created\":\"2024-05-01T10:11:00Z\",\"Name\":\"/web\",\"Image\":\"sha256:12ab\","
	"\"State\":{\"StartedAt\":\"2024-05-01T10:11:12.5Z\"},"
	"\"Config\":{\"Image\":\"nginx:1.25\",\"Labels\":{\"app\":\"shop\",\"n\":7,"
	"\"io.kubernetes.pod.name\":\"shop-1\",\"io.kubernetes.pod.uid\":\"u\"}},"
	"\"HostConfig\":{\"Privileged\":true,\"PidMode\":\"host\",\"NetworkMode\":\"bridge\"},"
	"\"Mounts\":[{\"Source\":\"/srv\",\"Destination\":\"/data\",\"Mode\":\"ro\",\"RW\":false,"
	"\"Propagation\":\"rprivate\"},5,{}],"
	"\"NetworkSettings\":{\"IPAddress\":\"\",\"Networks\":{\"a\":{\"IPAddress\":\"\"},"
	"\"b\":{\"IPAddress\":\"172.17.0.2\"}}}}";

static void complete(void **state)
{
	const struct pk_container *c;
	struct pk_container_mount mount;
	struct pk_text mounts, value;

	assert_int_equal(take(docker), 0);
	c = pk_draft_get(&draft);
	assert_text(c->name, "web");
	assert_text(c->repository, "nginx");
	assert_text(c->tag, "1.25");
	assert_text(c->image_id, "12ab");
	assert_text(c->ip, "172.17.0.2");
	assert_text(c->pod_name, "shop-1");
	assert_true(c->start_ns == 1714558272500000000ull);
	assert_true(pk_container_label(c, "app", &value));
	mounts = c->mounts;
	assert_true(pk_container_next_mount(&mounts, &mount));
	assert_text(mount.destination, "/data");
	assert_false(mount.rw);
	assert_int_equal(c->flags, PK_CONTAINER_IS_PRIVILEGED | PK_CONTAINER_IN_HOST_PID);
	assert_false(c->known & PK_CONTAINER_DIGEST);
}

static void podman(void **state)
{
	assert_int_equal(
		take("{\"Name\":\"web\",\"Config\":{\"Image\":\"\"},\"ImageName\":\"a/b:2\","
		     "\"ImageDigest\":\"sha256:77\",\"Created\":\"2024-05-01T12:11:12+02:00\"}"),
		0);
	assert_text(draft.container.name, "web");
	assert_text(draft.container.repository, "a/b");
	assert_text(draft.container.digest, "sha256:77");
	assert_true(draft.container.start_ns == 1714558272000000000ull);
	assert_false(draft.container.known & PK_CONTAINER_IP);
}

static void other_shapes(void **state)
{
	static const char *const texts[] = { "[]", "{}", "5", "\"x\"", "{\"Name\":\"/a\"}" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++)
		assert_int_equal(take(texts[i]), -EBADMSG);
	assert_int_equal(take("{\"Name\":[],\"Config\":[],\"Mounts\":{},\"HostConfig\":5,"
			      "\"NetworkSettings\":[],\"State\":7,\"Image\":{}}"),
			 0);
	assert_int_equal(draft.container.name.len, 0);
	assert_int_equal(draft.container.flags, 0);
}

static void digest_of_the_image(void **state)
{
	static const char text[] =
		"{\"RepoDigests\":[\"other@sha256:1\",\"nginx@sha256:2\",\"x\",5]}";
	pk_json_cleanup struct json_object *answer = NULL;

	assert_int_equal(pk_json_parse(text, strlen(text), &answer), 0);
	pk_draft_image(&draft, "nginx:1", 7);
	assert_int_equal(pk_source_docker_image(answer, &draft), 0);
	assert_text(draft.container.digest, "sha256:2");
	draft.container.digest.len = 0;
	pk_draft_image(&draft, "third:1", 7);
	assert_int_equal(pk_source_docker_image(answer, &draft), 0);
	assert_text(draft.container.digest, "sha256:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(complete, setup, teardown),
		cmocka_unit_test_setup_teardown(podman, setup, teardown),
		cmocka_unit_test_setup_teardown(other_shapes, setup, teardown),
		cmocka_unit_test_setup_teardown(digest_of_the_image, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
