// SPDX-License-Identifier: Apache-2.0
/*
 * Values of container.*: known, missing, unknown; on the host; labels and mounts by key.
 */
#include "meta/container_value.h"

#include "plan/field_id.h"
#include "test.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define START_NS 1700000000000000000ull
#define ALL_KNOWN 0xffffu

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
		.runtime = PK_RUNTIME_DOCKER,
		.known = ALL_KNOWN,
		.flags = PK_CONTAINER_IS_PRIVILEGED,
		.start_ns = START_NS,
		.id = { ID, 64 },
		.name = { "web", 3 },
		.image = { "nginx:1.25", 10 },
		.repository = { "nginx", 5 },
		.tag = { "1.25", 4 },
		.labels = { "app\0web\0tier\0front\0", 19 },
		.mounts = { "/var/run\0/run\0z\0rw\0rprivate\0/etc\0/host\0\0ro\0rslave\0", 51 },
	};
}

static struct pk_value get(const struct pk_container *container, const char *name, const char *arg)
{
	const struct pk_field *field = pk_field_find(name, arg, NULL);
	struct pk_value value;

	if (!field)
		fail_msg("no field %s", name);
	assert_int_equal(pk_container_value(container, field, arg, START_NS + 5, &arena, &value),
			 0);
	assert_int_equal(value.type, field->type);
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

	is_text(&c, "container.id", NULL, "0123456789ab");
	is_text(&c, "container.full_id", NULL, ID);
	is_text(&c, "container.name", NULL, "web");
	is_text(&c, "container.type", NULL, "docker");
	is_text(&c, "container.image", NULL, "nginx:1.25");
	is_text(&c, "container.image.repository", NULL, "nginx");
	is_text(&c, "container.image.tag", NULL, "1.25");
	is_state(&c, "container.image.digest", NULL, PK_VALUE_MISSING);
	is_text(&c, "container.info", NULL, "container_id=0123456789ab container_name=web");
	assert_true(get(&c, "container.privileged", NULL).num.u == 1);
	assert_true(get(&c, "container.host_pid", NULL).num.u == 0);
	assert_true(get(&c, "container.start_ts", NULL).num.u == START_NS);
	assert_true(get(&c, "container.duration", NULL).num.u == 5);
}

static void labels(void **state)
{
	struct pk_container c = sample();

	is_text(&c, "container.labels", NULL, "app:web, tier:front");
	is_text(&c, "container.label", "tier", "front");
	is_state(&c, "container.label", "none", PK_VALUE_MISSING);
	c.flags |= PK_CONTAINER_LABELS_CUT;
	is_state(&c, "container.label", "none", PK_VALUE_UNKNOWN);
	assert_true(get(&c, "container.labels", NULL).partial);
	c.labels.len = 0;
	is_state(&c, "container.labels", NULL, PK_VALUE_MISSING);
}

static void mounts(void **state)
{
	struct pk_container c = sample();

	is_text(&c, "container.mounts", NULL,
		"/var/run:/run:z:true:rprivate,/etc:/host::false:rslave");
	is_text(&c, "container.mount", "0", "/var/run:/run:z:true:rprivate");
	is_text(&c, "container.mount", "/etc", "/etc:/host::false:rslave");
	is_text(&c, "container.mount.dest", "/et*", "/host");
	is_text(&c, "container.mount.source", "/host", "/etc");
	is_text(&c, "container.mount.source", "1", "/etc");
	is_text(&c, "container.mount.mode", "/var/run", "z");
	is_text(&c, "container.mount.rdwr", "/etc", "false");
	is_text(&c, "container.mount.propagation", "1", "rslave");
	is_state(&c, "container.mount", "2", PK_VALUE_MISSING);
	is_state(&c, "container.mount.dest", "/host", PK_VALUE_MISSING);
	c.flags |= PK_CONTAINER_MOUNTS_CUT;
	is_state(&c, "container.mount", "2", PK_VALUE_UNKNOWN);
}

static void until_resolved(void **state)
{
	struct pk_container c = { .state = PK_CONTAINER_RESOLVING, .id = { ID, 64 } };
	static const char *const names[] = {
		"container.type",       "container.name",     "container.image",
		"container.image.tag",  "container.labels",   "container.mounts",
		"container.privileged", "container.host_ipc", "container.start_ts",
		"container.duration",   "container.ip",       "container.image.id",
	};

	is_text(&c, "container.id", NULL, "0123456789ab");
	for (size_t i = 0; i < PK_ARRAY_SIZE(names); i++)
		is_state(&c, names[i], NULL, PK_VALUE_UNKNOWN);
	is_state(&c, "container.label", "app", PK_VALUE_UNKNOWN);
	is_state(&c, "container.mount", "0", PK_VALUE_UNKNOWN);
	is_state(&pk_container_unknown, "container.id", NULL, PK_VALUE_UNKNOWN);
}

static void host(void **state)
{
	static const char *const names[] = { "container.id", "container.full_id", "container.name",
					     "container.type" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(names); i++)
		is_text(&pk_container_host, names[i], NULL, "host");
	is_state(&pk_container_host, "container.image", NULL, PK_VALUE_MISSING);
	is_state(&pk_container_host, "container.privileged", NULL, PK_VALUE_MISSING);
	is_state(&pk_container_host, "container.label", "x", PK_VALUE_MISSING);
	is_state(&pk_container_host, "container.duration", NULL, PK_VALUE_MISSING);
}

static void every_field_has_a_value(void **state)
{
	size_t cnt;
	const struct pk_field *fields = pk_fields_get(&cnt);
	struct pk_container c = sample();
	struct pk_value value;

	for (size_t i = 0; i < cnt; i++) {
		bool ours = (fields[i].id >= PK_FIELD_CONTAINER_ID &&
			     fields[i].id <= PK_FIELD_CONTAINER_INFO) ||
			    (fields[i].id >= PK_FIELD_K8S_NS_NAME &&
			     fields[i].id < PK_FIELD_K8S_END);

		assert_int_equal(pk_container_value(&c, &fields[i], "0", 0, &arena, &value),
				 ours ? 0 : -EINVAL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(known, setup, teardown),
		cmocka_unit_test_setup_teardown(labels, setup, teardown),
		cmocka_unit_test_setup_teardown(mounts, setup, teardown),
		cmocka_unit_test_setup_teardown(until_resolved, setup, teardown),
		cmocka_unit_test_setup_teardown(host, setup, teardown),
		cmocka_unit_test_setup_teardown(every_field_has_a_value, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
