// SPDX-License-Identifier: Apache-2.0
/*
 * Values of k8s.*: told by the runtime, told by the API server, not told, no pod at all.
 */
#include "meta/k8s_value.h"

#include "meta/container_value.h"
#include "plan/field_id.h"
#include "test.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SANDBOX "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static struct pk_arena arena;

static int setup(void **state)
{
	arena = PK_ARENA_INIT(1 << 20);
	return 0;
}

static int teardown(void **state)
{
	pk_arena_fini(&arena);
	return 0;
}

static struct pk_container sample(void)
{
	return (struct pk_container){
		.state = PK_CONTAINER_RESOLVED,
		.runtime = PK_RUNTIME_CONTAINERD,
		.known = PK_CONTAINER_POD | PK_CONTAINER_POD_TOLD,
		.id = { ID, 64 },
		.pod_uid = { "u-1", 3 },
		.pod_name = { "web-7d9c5-x2x", 13 },
		.pod_namespace = { "shop", 4 },
		.sandbox_id = { SANDBOX, 64 },
		.pod_ip = { "10.0.0.7", 8 },
		.pod_node = { "node-1", 6 },
		.pod_labels = { "app\0web\0tier\0\0", 14 },
		.pod_owner_kind = { "ReplicaSet", 10 },
		.pod_owner_name = { "web-7d9c5", 9 },
		.pod_deployment = { "web", 3 },
	};
}

static struct pk_value get(const struct pk_container *container, const char *name, const char *arg)
{
	const struct pk_field *field = pk_field_find(name, arg, NULL);
	struct pk_value value;

	if (!field)
		fail_msg("no field %s", name);
	assert_int_equal(pk_container_value(container, field, arg, 0, &arena, &value), 0);
	return value;
}

static void is_text(const struct pk_container *container, const char *name, const char *arg,
		    const char *expected)
{
	struct pk_value value = get(container, name, arg);

	if (value.state != PK_VALUE_KNOWN || value.text.len != strlen(expected) ||
	    memcmp(value.text.data, expected, value.text.len))
		fail_msg("%s is %d '%.*s', not '%s'", name, value.state, (int)value.text.len,
			 value.text.len ? value.text.data : "", expected);
}

static void is_state(const struct pk_container *container, const char *name, const char *arg,
		     enum pk_value_state expected)
{
	if (get(container, name, arg).state != expected)
		fail_msg("%s is %d", name, get(container, name, arg).state);
}

static void known(void **state)
{
	struct pk_container c = sample();

	is_text(&c, "k8s.ns.name", NULL, "shop");
	is_text(&c, "k8s.pod.name", NULL, "web-7d9c5-x2x");
	is_text(&c, "k8s.pod.uid", NULL, "u-1");
	is_text(&c, "k8s.pod.id", NULL, "u-1");
	is_text(&c, "k8s.pod.sandbox_id", NULL, "fedcba987654");
	is_text(&c, "k8s.pod.full_sandbox_id", NULL, SANDBOX);
	is_text(&c, "k8s.pod.label", "app", "web");
	is_text(&c, "k8s.pod.label", "tier", "");
	is_state(&c, "k8s.pod.label", "ti", PK_VALUE_MISSING);
	is_text(&c, "k8s.pod.labels", NULL, "app:web, tier:");
	is_text(&c, "k8s.pod.ip", NULL, "10.0.0.7");
	is_text(&c, "k8s.rs.name", NULL, "web-7d9c5");
	is_state(&c, "k8s.rc.name", NULL, PK_VALUE_MISSING);
	is_text(&c, "k8s.deployment.name", NULL, "web");
	is_text(&c, "k8s.node.name", NULL, "node-1");
}

static void owners(void **state)
{
	struct pk_container c = sample();

	c.pod_owner_kind = (struct pk_text){ "ReplicationController", 21 };
	c.pod_deployment.len = 0;
	is_text(&c, "k8s.rc.name", NULL, "web-7d9c5");
	is_state(&c, "k8s.rs.name", NULL, PK_VALUE_MISSING);
	is_state(&c, "k8s.deployment.name", NULL, PK_VALUE_MISSING);
	c.pod_owner_kind = (struct pk_text){ "Replica", 7 };
	is_state(&c, "k8s.rs.name", NULL, PK_VALUE_MISSING);
	is_state(&c, "k8s.rc.name", NULL, PK_VALUE_MISSING);
}

/* There will be an address; labels that were left out may be the one. */
static void not_all(void **state)
{
	struct pk_container c = sample();

	c.pod_ip.len = 0;
	is_state(&c, "k8s.pod.ip", NULL, PK_VALUE_UNKNOWN);
	c.flags |= PK_CONTAINER_POD_LABELS_CUT;
	is_text(&c, "k8s.pod.label", "app", "web");
	is_state(&c, "k8s.pod.label", "none", PK_VALUE_UNKNOWN);
	assert_true(get(&c, "k8s.pod.labels", NULL).partial);
	c.pod_labels.len = 0;
	is_state(&c, "k8s.pod.labels", NULL, PK_VALUE_UNKNOWN);
	c.flags = 0;
	is_state(&c, "k8s.pod.labels", NULL, PK_VALUE_MISSING);
}

static void sandbox(void **state)
{
	struct pk_container c = sample();

	c.sandbox_id.len = 0;
	is_state(&c, "k8s.pod.sandbox_id", NULL, PK_VALUE_UNKNOWN);
	c.flags |= PK_CONTAINER_SANDBOX;
	is_text(&c, "k8s.pod.full_sandbox_id", NULL, ID);
}

static const struct {
	const char *name, *arg;
	bool told;
} all[] = {
	{ "k8s.ns.name", NULL, false },
	{ "k8s.pod.name", NULL, false },
	{ "k8s.pod.uid", NULL, false },
	{ "k8s.pod.sandbox_id", NULL, false },
	{ "k8s.pod.full_sandbox_id", NULL, false },
	{ "k8s.pod.label", "app", true },
	{ "k8s.pod.labels", NULL, true },
	{ "k8s.pod.ip", NULL, true },
	{ "k8s.rs.name", NULL, true },
	{ "k8s.rc.name", NULL, true },
	{ "k8s.deployment.name", NULL, true },
	{ "k8s.node.name", NULL, true },
};

/* The runtime has named the pod, and nobody asks the API server. */
static void not_told(void **state)
{
	struct pk_container c = sample();

	c.known = PK_CONTAINER_POD;
	is_text(&c, "k8s.ns.name", NULL, "shop");
	is_text(&c, "k8s.pod.sandbox_id", NULL, "fedcba987654");
	for (size_t i = 0; i < PK_ARRAY_SIZE(all); i++) {
		const struct pk_field *field = pk_field_find(all[i].name, all[i].arg, NULL);

		assert_int_equal(pk_k8s_value_is_told(field), all[i].told);
		if (all[i].told)
			is_state(&c, all[i].name, all[i].arg, PK_VALUE_UNKNOWN);
	}
	assert_false(pk_k8s_value_is_told(pk_field_find("container.id", NULL, NULL)));
	/* by the cgroup's path alone */
	c = (struct pk_container){ .state = PK_CONTAINER_RESOLVING,
				   .id = { ID, 64 },
				   .pod_uid = { "u-1", 3 } };
	is_text(&c, "k8s.pod.uid", NULL, "u-1");
	is_state(&c, "k8s.ns.name", NULL, PK_VALUE_UNKNOWN);
	is_state(&c, "k8s.pod.label", "app", PK_VALUE_UNKNOWN);
	is_state(&c, "k8s.pod.sandbox_id", NULL, PK_VALUE_UNKNOWN);
}

static void no_pod(void **state)
{
	const struct pk_container plain = { .state = PK_CONTAINER_RESOLVED,
					    .known = PK_CONTAINER_POD,
					    .id = { ID, 64 } };
	const struct pk_container resolving = { .state = PK_CONTAINER_RESOLVING, .id = { ID, 64 } };

	for (size_t i = 0; i < PK_ARRAY_SIZE(all); i++) {
		is_state(&plain, all[i].name, all[i].arg, PK_VALUE_MISSING);
		is_state(&pk_container_host, all[i].name, all[i].arg, PK_VALUE_MISSING);
		is_state(&resolving, all[i].name, all[i].arg, PK_VALUE_UNKNOWN);
		is_state(&pk_container_unknown, all[i].name, all[i].arg, PK_VALUE_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(known, setup, teardown),
		cmocka_unit_test_setup_teardown(owners, setup, teardown),
		cmocka_unit_test_setup_teardown(not_all, setup, teardown),
		cmocka_unit_test_setup_teardown(sandbox, setup, teardown),
		cmocka_unit_test_setup_teardown(not_told, setup, teardown),
		cmocka_unit_test_setup_teardown(no_pod, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
