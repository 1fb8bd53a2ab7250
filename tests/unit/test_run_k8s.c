/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --k8s of picket run: where the API server is found, and what is told of one that is not there.
 */
#include "cli/run_k8s.h"

#include <errno.h>
#include <poll.h>

#include "misused.h"

static void parse(struct pk_run_k8s *run, char **words, int cnt)
{
	assert_int_equal(argp_parse(&pk_run_k8s_argp, cnt, words, ARGP_NO_EXIT | ARGP_NO_ERRS, NULL,
				    run),
			 0);
}

static void parse_word(const void *word)
{
	char *words[] = { (char *)"run", (char *)word };
	struct pk_run_k8s run = { 0 };

	argp_parse(&pk_run_k8s_argp, 2, words, 0, NULL, &run);
}

static void options(void **state)
{
	char *words[] = { "run",
			  "--k8s=n1",
			  "--k8s-api=https://a:1",
			  "--k8s-ca=c",
			  "--k8s-token=t",
			  "--k8s-kubelet=https://b:2",
			  "--k8s-kubelet-ca=d" };
	struct pk_run_k8s run = { 0 };

	parse(&run, words, PK_ARRAY_SIZE(words));
	assert_string_equal(run.options.node, "n1");
	assert_string_equal(run.options.api_url, "https://a:1");
	assert_string_equal(run.options.ca_path, "c");
	assert_string_equal(run.options.token_path, "t");
	assert_string_equal(run.options.kubelet_url, "https://b:2");
	assert_string_equal(run.options.kubelet_ca_path, "d");
}

static void not_asked_for(void **state)
{
	struct pk_run_k8s run = { 0 };
	char text[64] = "x";

	assert_int_equal(pk_run_k8s_start(&run), 0);
	assert_int_equal(pk_run_k8s_get_fd(&run), -1);
	pk_run_k8s_text(&run, text, sizeof(text));
	assert_string_equal(text, "");
	pk_run_k8s_fini(&run);
}

static void no_server(void **state)
{
	struct pk_run_k8s run = { .options = { .node = "n1" } };
	captured_cleanup struct captured captured;

	unsetenv("KUBERNETES_SERVICE_HOST");
	capture_begin(&captured);
	assert_int_equal(pk_run_k8s_start(&run), -ENOENT);
	setenv("KUBERNETES_SERVICE_HOST", "a/b", 1);
	setenv("KUBERNETES_SERVICE_PORT", "443", 1);
	assert_int_equal(pk_run_k8s_start(&run), -EINVAL);
	capture_end(&captured);
	assert_has(&captured.err, "--k8s-api");
	pk_run_k8s_fini(&run);
}

/* Told once, however many attempts there are. */
static void away(void **state)
{
	struct pk_run_k8s run = { .options = {
					  .node = "n1",
					  .token_path = "token",
					  .ca_path = "ca",
					  .backoff_min_ms = 1,
					  .backoff_max_ms = 2,
				  } };
	captured_cleanup struct captured captured;
	char text[512];

	scratch_file("token", "t");
	scratch_file("ca", "");
	setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
	setenv("KUBERNETES_SERVICE_PORT", "1", 1);
	capture_begin(&captured);
	assert_int_equal(pk_run_k8s_start(&run), 0);
	while (run.phase != PK_K8S_AWAY) {
		struct pollfd fd = { .fd = pk_run_k8s_get_fd(&run), .events = POLLIN };

		assert_int_equal(poll(&fd, 1, 30000), 1);
		pk_run_k8s_on_ready(&run);
	}
	pk_run_k8s_on_ready(&run);
	pk_run_k8s_tick(&run);
	capture_end(&captured);
	assert_has(&captured.err, "k8s: cannot ask the API server 'https://127.0.0.1:1': ");
	assert_has(&captured.err, "no pods are known");
	assert_null(strstr(strstr(captured.err.data, "cannot ask") + 1, "cannot ask"));
	assert_null(strstr(captured.err.data, "left out"));
	pk_run_k8s_text(&run, text, sizeof(text));
	assert_non_null(strstr(text, "kubernetes: away, 0 pods, last told never: "));
	pk_run_k8s_fini(&run);
}

/* Each is told with its own reason, once. */
static void neither_answers(void **state)
{
	struct pk_run_k8s run = { .options = {
					  .node = "n1",
					  .api_url = "https://127.0.0.1:1",
					  .kubelet_url = "https://127.0.0.1:2",
					  .token_path = "token",
					  .ca_path = "ca",
					  .kubelet_ca_path = "nosuch",
					  .backoff_min_ms = 1,
					  .backoff_max_ms = 2,
				  } };
	captured_cleanup struct captured captured;
	const char *told;

	scratch_file("token", "t");
	scratch_file("ca", "");
	capture_begin(&captured);
	assert_int_equal(pk_run_k8s_start(&run), 0);
	while (run.phase != PK_K8S_AWAY || !run.kubelet_failed) {
		struct pollfd fd = { .fd = pk_run_k8s_get_fd(&run), .events = POLLIN };

		assert_int_equal(poll(&fd, 1, 30000), 1);
		pk_run_k8s_on_ready(&run);
	}
	pk_run_k8s_on_ready(&run);
	capture_end(&captured);
	pk_run_k8s_fini(&run);
	assert_has(&captured.err, "k8s: cannot ask the API server 'https://127.0.0.1:1': ");
	assert_has(&captured.err, "port 1 ");
	told = strstr(captured.err.data,
		      "k8s: cannot ask the kubelet 'https://127.0.0.1:2': cannot use authorities "
		      "to trust 'nosuch': ");
	assert_non_null(told);
	assert_null(strstr(strchr(told, '\n'), "cannot ask the kubelet"));
}

/* What only says how, without --k8s, would do nothing. */
static void without_node(void **state)
{
	static const char *const given[] = { "--k8s-api=https://a:1", "--k8s-ca=c", "--k8s-token=t",
					     "--k8s-kubelet=https://b:2", "--k8s-kubelet-ca=d" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(given); i++)
		assert_misused(parse_word, given[i], "--k8s NODE");
}

/* Told at the first one, and when they have doubled. */
static void left_out(void **state)
{
	struct pk_run_k8s run = { .options = { .node = "n1", .api_url = "https://127.0.0.1:1" } };
	const struct pk_k8s_pod nameless = { 0 };
	captured_cleanup struct captured captured;
	size_t told_cnt = 0;

	capture_begin(&captured);
	pk_run_k8s_tick(&run); /* not started */
	assert_int_equal(pk_run_k8s_start(&run), 0);
	for (int i = 0; i < 9; i++) {
		pk_run_k8s_tick(&run);
		assert_int_equal(pk_k8s_pods_put(run.pods, &nameless), -EINVAL);
		pk_run_k8s_tick(&run);
	}
	capture_end(&captured);
	pk_run_k8s_fini(&run);
	for (const char *at = captured.err.data; (at = strstr(at, "were left out")); at++)
		told_cnt++;
	assert_int_equal(told_cnt, 4); /* 1, 2, 4, 8 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options),      cmocka_unit_test(not_asked_for),
		cmocka_unit_test(no_server),    cmocka_unit_test(away),
		cmocka_unit_test(left_out),     cmocka_unit_test(neither_answers),
		cmocka_unit_test(without_node),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
