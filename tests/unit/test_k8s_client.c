/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What needs no server: options, nobody who answers, ending at any time. The rest is tested against a
 * server: tests/k8s.
 */
#include "meta/k8s_client.h"

#include <errno.h>
#include <poll.h>

#include "scratch_files.h"

static struct pk_k8s_options options_of(const char *url, const char *node)
{
	return (struct pk_k8s_options){
		.api_url = url,
		.node = node,
		.token_path = "token",
		.ca_path = "ca",
		.backoff_min_ms = 1,
		.backoff_max_ms = 4,
		.connect_ms = 1000,
	};
}

static void options(void **state)
{
	static const char *const urls[] = { NULL, "", "http://127.0.0.1:1", "https://",
					    "127.0.0.1" };
	pk_cleanup(pk_k8s_pods_free_p) struct pk_k8s_pods *pods = NULL;
	struct pk_k8s *k8s = NULL;
	struct pk_k8s_options wrong;

	assert_int_equal(pk_k8s_pods_new(&pods), 0);
	for (size_t i = 0; i < PK_ARRAY_SIZE(urls); i++) {
		wrong = options_of(urls[i], "node");
		assert_int_equal(pk_k8s_new(&wrong, pods, &k8s), -EINVAL);
	}
	wrong = options_of("https://127.0.0.1:1", "");
	assert_int_equal(pk_k8s_new(&wrong, pods, &k8s), -EINVAL);
	wrong.node = NULL;
	assert_int_equal(pk_k8s_new(&wrong, pods, &k8s), -EINVAL);
	wrong.node = "node";
	wrong.kubelet_url = "http://127.0.0.1:10250";
	assert_int_equal(pk_k8s_new(&wrong, pods, &k8s), -EINVAL);
	pk_k8s_free(NULL);
}

/* Port 1 of this machine: nobody is there. */
static void away(void **state)
{
	struct pk_k8s_options wanted = options_of("https://127.0.0.1:1", "node");
	pk_cleanup(pk_k8s_pods_free_p) struct pk_k8s_pods *pods = NULL;
	pk_cleanup(pk_k8s_free_p) struct pk_k8s *k8s = NULL;
	struct pk_k8s_status status = { 0 };

	scratch_file("token", "t");
	scratch_file("ca", "");
	assert_int_equal(pk_k8s_pods_new(&pods), 0);
	assert_int_equal(pk_k8s_new(&wanted, pods, &k8s), 0);
	for (int i = 0; i < 100 && status.phase != PK_K8S_AWAY; i++) {
		struct pollfd fd = { .fd = pk_k8s_get_fd(k8s), .events = POLLIN };

		assert_int_equal(poll(&fd, 1, 30000), 1);
		assert_true(pk_k8s_take_change(k8s));
		pk_k8s_get_status(k8s, &status);
	}
	assert_int_equal(status.phase, PK_K8S_AWAY);
	assert_false(status.synced);
	assert_int_not_equal(status.error, 0);
	assert_int_not_equal(status.error_ns, 0);
	assert_int_equal(status.contact_ns, 0);
	assert_int_not_equal(strlen(status.reason), 0);
}

/* At whatever moment. */
static void ends(void **state)
{
	struct pk_k8s_options wanted = options_of("https://127.0.0.1:1", "node");
	pk_cleanup(pk_k8s_pods_free_p) struct pk_k8s_pods *pods = NULL;

	wanted.backoff_min_ms = wanted.backoff_max_ms = 3600000;
	assert_int_equal(pk_k8s_pods_new(&pods), 0);
	for (int i = 0; i < 50; i++) {
		struct pk_k8s *k8s = NULL;

		assert_int_equal(pk_k8s_new(&wanted, pods, &k8s), 0);
		usleep((useconds_t)i * 100);
		pk_k8s_free(k8s);
	}
}

static void names(void **state)
{
	assert_string_equal(pk_k8s_phase_name(PK_K8S_STARTING), "starting");
	assert_string_equal(pk_k8s_phase_name(PK_K8S_WATCHING), "watching");
	assert_string_equal(pk_k8s_phase_name(PK_K8S_KUBELET), "kubelet");
	assert_string_equal(pk_k8s_phase_name(PK_K8S_AWAY), "away");
	assert_string_equal(pk_k8s_phase_name((enum pk_k8s_phase)77), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options),
		cmocka_unit_test(away),
		cmocka_unit_test(ends),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
