// SPDX-License-Identifier: Apache-2.0
/*
 * "container" of an event in a rule test: the record that it becomes, and mistakes in it.
 */
#include "cli/test_container.h"

#include "meta/container.h"
#include "yaml_node.h"

static struct pk_record record;
static struct pk_container container; /* of `record` */

/* Whether it is one whose mount namespace is the host's. */
static bool read_container(struct yaml *yaml)
{
	bool is_helper;

	assert_true(pk_test_container(yaml->ctx, yaml->root, &record, &is_helper) > 0);
	pk_container_from_record((const struct pk_container_event *)record.u.bytes, &container);
	return is_helper;
}

static void everything(void **state)
{
	yaml_cleanup struct yaml yaml = yaml_read(
		"{id: 0123456789abcdef, name: web, image: 'nginx:1.25', runtime: podman, "
		"privileged: true, host_pid: true, outer_id: host1, helper: true, labels: {app: shop}, "
		"mounts: ['/etc:/host', '/var:/data:ro']}");
	struct pk_container_mount mount;
	struct pk_text value;

	assert_true(read_container(&yaml));
	assert_yaml_clean(&yaml);
	assert_int_equal(container.state, PK_CONTAINER_RESOLVED);
	assert_string_equal(pk_container_runtime_name(container.runtime), "podman");
	assert_text(container.id, "0123456789abcdef");
	assert_text(container.outer_id, "host1");
	assert_text(container.name, "web");
	assert_text(container.repository, "nginx");
	assert_text(container.tag, "1.25");
	assert_true(container.flags & PK_CONTAINER_IS_PRIVILEGED);
	assert_true(container.flags & PK_CONTAINER_IN_HOST_PID);
	assert_false(container.flags & PK_CONTAINER_IN_HOST_NETWORK);
	assert_true(pk_container_label(&container, "app", &value));
	assert_text(value, "shop");
	assert_true(pk_container_next_mount(&container.mounts, &mount));
	assert_text(mount.source, "/etc");
	assert_text(mount.destination, "/host");
	assert_true(mount.rw);
	assert_true(pk_container_next_mount(&container.mounts, &mount));
	assert_text(mount.destination, "/data");
	assert_false(mount.rw);
	assert_false(pk_container_next_mount(&container.mounts, &mount));
}

/* What is not said there is none of; while it is being found out, nobody knows. */
static void unsaid(void **state)
{
	yaml_cleanup struct yaml named = yaml_read("{name: db}");
	yaml_cleanup struct yaml again = yaml_read("{name: db, privileged: true}");
	yaml_cleanup struct yaml other = yaml_read("{name: web}");
	yaml_cleanup struct yaml resolving = yaml_read("{id: abc, resolving: true}");
	__u64 cgroup_id;

	assert_false(read_container(&named));
	assert_text(container.id, "db");
	assert_true(container.known & PK_CONTAINER_LABELS && container.known & PK_CONTAINER_IMAGE);
	assert_int_equal(container.labels.len, 0);
	cgroup_id = record.u.event.cgroup_id;
	read_container(&again);
	assert_true(record.u.event.cgroup_id == cgroup_id);
	read_container(&other);
	assert_true(record.u.event.cgroup_id != cgroup_id);
	read_container(&resolving);
	assert_int_equal(container.known, 0);
}

static void pods(void **state)
{
	yaml_cleanup struct yaml all = yaml_read(
		"{name: a, pod: {uid: u-1, name: web-1, namespace: shop, sandbox_id: s, ip: 10.0.0.7, "
		"node: node-1, labels: {app: web, tier: ''}, owner: ReplicaSet/web-7d9c5, "
		"deployment: web}}");
	yaml_cleanup struct yaml untold = yaml_read("{name: b, pod: {name: web-1, untold: true}}");
	yaml_cleanup struct yaml path_only = yaml_read("{resolving: true, pod: {uid: u-1}}");
	yaml_cleanup struct yaml early = yaml_read("{resolving: true, pod: {labels: {a: b}}}");
	struct pk_text value;

	read_container(&all);
	assert_yaml_clean(&all);
	assert_text(container.pod_uid, "u-1");
	assert_text(container.pod_name, "web-1");
	assert_text(container.pod_namespace, "shop");
	assert_text(container.sandbox_id, "s");
	assert_text(container.pod_ip, "10.0.0.7");
	assert_text(container.pod_node, "node-1");
	assert_text(container.pod_owner_kind, "ReplicaSet");
	assert_text(container.pod_owner_name, "web-7d9c5");
	assert_text(container.pod_deployment, "web");
	assert_true(pk_container_find_label(container.pod_labels, "app", &value));
	assert_text(value, "web");
	assert_true(pk_container_find_label(container.pod_labels, "tier", &value));
	assert_true(container.known & PK_CONTAINER_POD_TOLD);
	read_container(&untold);
	assert_yaml_clean(&untold);
	assert_true(container.known & PK_CONTAINER_POD);
	assert_false(container.known & PK_CONTAINER_POD_TOLD);
	read_container(&path_only);
	assert_int_equal(container.known, 0);
	read_container(&early);
	assert_int_equal(container.known, PK_CONTAINER_POD_TOLD);
}

static void mistakes(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "{nmae: web}", "unknown key 'nmae' in 'container'" },
		{ "{labels: [a]}", "'labels' wants a mapping" },
		{ "{labels: {a: [b]}}", "a label's value" },
		{ "{labels: {a: {b: c}}}", "a label's value" },
		{ "{mounts: /a}", "'mounts' wants a list" },
		{ "{mounts: [[/a]]}", "a mount is" },
		{ "{mounts: [/a]}", "a mount is" },
		{ "{mounts: ['']}", "a mount is" },
		{ "{mounts: ['/a:/b:or']}", "a mount is" },
		{ "{mounts: ['/a:/b:']}", "a mount is" },
		{ "{runtime: dokcer}", "dokcer" },
		{ "{pod: {nmae: web}}", "unknown key 'nmae' in 'pod'" },
		{ "{pod: {labels: a}}", "'labels' wants a mapping" },
		{ "{pod: {labels: {a: [b]}}}", "a label's value" },
		{ "{pod: {owner: web}}", "'owner' is KIND/NAME" },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		yaml_cleanup struct yaml yaml = yaml_read(cases[i].text);

		read_container(&yaml);
		assert_yaml_said(&yaml, cases[i].said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything),
		cmocka_unit_test(unsaid),
		cmocka_unit_test(pods),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
