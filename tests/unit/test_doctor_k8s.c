/* SPDX-License-Identifier: Apache-2.0 */
/*
 * picket doctor --k8s, where nobody answers; and how the report says so. tests/cli/health has a server.
 */
#include "cli/doctor_k8s.h"

#include <errno.h>

#include "cli/doctor.h"
#include "scratch_files.h"

static void nobody(void **state)
{
	struct pk_run_k8s run = { .options = { .node = "n1",
					       .token_path = "token",
					       .ca_path = "ca",
					       .api_url = "https://127.0.0.1:1" } };
	struct pk_doctor_k8s k8s = { 0 };

	scratch_file("token", "t");
	scratch_file("ca", "");
	assert_int_equal(pk_doctor_ask_k8s(&run, 30000, &k8s), 0);
	assert_false(k8s.status.synced);
	assert_int_equal(k8s.status.phase, PK_K8S_AWAY);
	assert_int_not_equal(strlen(k8s.status.reason), 0);
	assert_string_equal(k8s.node, "n1");
	assert_int_equal(k8s.pod_cnt, 0);
	pk_run_k8s_fini(&run);
}

/* Each of the two has its own reason. */
static void neither(void **state)
{
	struct pk_run_k8s run = { .options = { .node = "n1",
					       .token_path = "token",
					       .ca_path = "ca",
					       .kubelet_ca_path = "nosuch",
					       .kubelet_url = "https://127.0.0.1:2",
					       .api_url = "https://127.0.0.1:1" } };
	struct pk_doctor_k8s k8s = { 0 };

	scratch_file("token", "t");
	scratch_file("ca", "");
	assert_int_equal(pk_doctor_ask_k8s(&run, 30000, &k8s), 0);
	assert_int_equal(k8s.status.phase, PK_K8S_AWAY);
	assert_null(strstr(k8s.status.reason, "nosuch"));
	assert_non_null(strstr(k8s.status.kubelet_reason, "'nosuch'"));
	pk_run_k8s_fini(&run);
}

static void no_patience(void **state)
{
	struct pk_run_k8s run = { .options = { .node = "n1", .api_url = "https://127.0.0.1:1" } };
	struct pk_doctor_k8s k8s = { 0 };

	assert_int_equal(pk_doctor_ask_k8s(&run, 0, &k8s), 0);
	assert_false(k8s.status.synced);
	pk_run_k8s_fini(&run);
}

static void no_server(void **state)
{
	struct pk_run_k8s run = { .options = { .node = "n1" } };
	captured_cleanup struct captured captured;
	struct pk_doctor_k8s k8s = { 0 };

	unsetenv("KUBERNETES_SERVICE_HOST");
	capture_begin(&captured);
	assert_int_equal(pk_doctor_ask_k8s(&run, 0, &k8s), -ENOENT);
	capture_end(&captured);
	assert_has(&captured.err, "--k8s-api");
	pk_run_k8s_fini(&run);
}

static void print(const struct pk_doctor_k8s *k8s, bool json, struct captured *captured)
{
	static struct pk_probe probe;
	struct pk_doctor doctor = { .probe = &probe, .reason = "none", .k8s = k8s };

	capture_begin(captured);
	if (json)
		pk_doctor_print_json(&doctor);
	else
		pk_doctor_print_text(&doctor);
	capture_end(captured);
}

static void assert_report(const struct pk_doctor_k8s *k8s, const char *text, const char *json)
{
	captured_cleanup struct captured as_text, as_json;

	print(k8s, false, &as_text);
	if (text)
		assert_has(&as_text.out, text);
	else
		assert_null(strstr(as_text.out.data, "Kubernetes"));
	print(k8s, true, &as_json);
	assert_has(&as_json.out, json);
}

static void reports(void **state)
{
	struct pk_doctor_k8s k8s = { .node = "n1", .api_url = "https://a:1" };

	assert_report(NULL, NULL, ",\"kubernetes\":null,");
	assert_report(
		&k8s, "no answer in time",
		"\"kubernetes\":{\"node\":\"n1\",\"api\":\"https://a:1\",\"phase\":\"starting\","
		"\"pods\":null,\"reason\":null,\"kubelet_reason\":null}");
	k8s.status.phase = PK_K8S_AWAY;
	memcpy(k8s.status.reason, "no\033[1m", sizeof("no\033[1m"));
	assert_report(&k8s, "https://a:1: no?[1m",
		      "\"phase\":\"away\",\"pods\":null,\"reason\":\"no\\u001b[1m\"");
	memcpy(k8s.status.kubelet_reason, "out", sizeof("out"));
	assert_report(&k8s, "  warning  kubelet              out\n", "\"kubelet_reason\":\"out\"}");
	k8s.status.synced = true;
	k8s.status.kubelet_cnt = 1;
	k8s.pod_cnt = 3;
	assert_report(&k8s, "answers in its place", "\"pods\":3");
	k8s.status.list_cnt = 1;
	assert_report(&k8s, "3 on this node", "\"pods\":3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody),      cmocka_unit_test(neither),
		cmocka_unit_test(no_patience), cmocka_unit_test(no_server),
		cmocka_unit_test(reports),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
