// SPDX-License-Identifier: Apache-2.0
/*
 * Containers as records and back; packed lists.
 */
#include "meta/container.h"

#include "test.h"

#define TEXT(literal) ((struct pk_text){ literal, sizeof(literal) - 1 })
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct pk_record record;

static const struct pk_container sample = {
	.state = PK_CONTAINER_RESOLVED,
	.runtime = PK_RUNTIME_PODMAN,
	.known = PK_CONTAINER_NAME | PK_CONTAINER_LABELS | PK_CONTAINER_MOUNTS,
	.flags = PK_CONTAINER_IS_PRIVILEGED,
	.start_ns = 1700000000000000000ull,
	.id = { ID, 64 },
	.name = { "web", 3 },
	.image = { "docker.io/library/nginx:1.25", 28 },
	.labels = { "app\0web\0tier\0\0", 14 },
	.mounts = { "/a\0/b\0bind\0rw\0rprivate\0/c\0/d\0\0ro\0\0", 35 },
	.pod_ip = { "10.0.0.7", 8 },
	.pod_node = { "node-1", 6 },
	.pod_labels = { "app\0web\0", 8 },
	.pod_owner_kind = { "ReplicaSet", 10 },
	.pod_owner_name = { "web-7d9c5", 9 },
	.pod_deployment = { "web", 3 },
};

static void there_and_back(void **state)
{
	struct pk_container back;
	size_t len = pk_container_to_record(&sample, 77, TEXT("/x/y"), &record);

	assert_int_equal(pk_record_check(&record.u, len), 0);
	assert_int_equal(record.u.event.kind, PK_EVENT_CONTAINER);
	assert_int_equal(record.u.event.cgroup_id, 77);
	assert_text(pk_record_text(&record, record.u.container.cgroup), "/x/y");
	pk_container_from_record(&record.u.container, &back);
	assert_int_equal(back.state, sample.state);
	assert_int_equal(back.runtime, sample.runtime);
	assert_int_equal(back.known, sample.known);
	assert_int_equal(back.flags, sample.flags);
	assert_true(back.start_ns == sample.start_ns);
	assert_text(back.id, ID);
	assert_text(back.name, "web");
	assert_int_equal(back.labels.len, sample.labels.len);
	assert_memory_equal(back.labels.data, sample.labels.data, back.labels.len);
	assert_int_equal(back.tag.len, 0);
	assert_text(back.pod_ip, "10.0.0.7");
	assert_text(back.pod_node, "node-1");
	assert_int_equal(back.pod_labels.len, 8);
	assert_text(back.pod_owner_kind, "ReplicaSet");
	assert_text(back.pod_owner_name, "web-7d9c5");
	assert_text(back.pod_deployment, "web");
	assert_false(pk_container_has_pod(&back));
	back.pod_uid = TEXT("u");
	assert_true(pk_container_has_pod(&back));
	assert_text(pk_container_short_id(&back), "0123456789ab");
}

static void long_texts_are_cut(void **state)
{
	static char text[60000];
	struct pk_container long_one = sample;
	struct pk_container back;
	size_t len;

	memset(text, 'x', sizeof(text));
	long_one.id = long_one.outer_id = long_one.name = long_one.image = long_one.repository =
		long_one.tag = long_one.digest = long_one.image_id = long_one.ip =
			long_one.pod_uid = long_one.pod_name = long_one.pod_namespace =
				long_one.sandbox_id = long_one.labels = long_one.mounts =
					(struct pk_text){ text, sizeof(text) };
	long_one.pod_ip = long_one.pod_node = long_one.pod_labels = long_one.pod_owner_kind =
		long_one.pod_owner_name = long_one.pod_deployment = long_one.labels;
	len = pk_container_to_record(&long_one, 1, long_one.id, &record);
	assert_int_equal(pk_record_check(&record.u, len), 0);
	pk_container_from_record(&record.u.container, &back);
	assert_int_equal(back.id.len, PK_MAX_CONTAINER_ID_BYTES);
	assert_int_equal(back.name.len, PK_MAX_CONTAINER_NAME_BYTES);
	assert_int_equal(back.labels.len, PK_MAX_CONTAINER_LABELS_BYTES);
	assert_int_equal(back.mounts.len, PK_MAX_CONTAINER_MOUNTS_BYTES);
	assert_int_equal(back.pod_labels.len, PK_MAX_CONTAINER_POD_LABELS_BYTES);
	assert_int_equal(back.pod_deployment.len, PK_MAX_CONTAINER_NAME_BYTES);
	long_one.name.len = PK_MAX_CONTAINER_NAME_BYTES;
	pk_container_to_record(&long_one, 1, long_one.name, &record);
	assert_int_equal(record.u.container.name.len, PK_MAX_CONTAINER_NAME_BYTES);
}

static void numbers_of_no_meaning(void **state)
{
	struct pk_container back;

	pk_container_to_record(&sample, 1, TEXT("/"), &record);
	record.u.container.state = 99;
	record.u.container.runtime = 99;
	pk_container_from_record(&record.u.container, &back);
	assert_int_equal(back.state, PK_CONTAINER_UNKNOWN);
	assert_int_equal(back.runtime, PK_RUNTIME_UNKNOWN);
	assert_string_equal(pk_container_runtime_name(99), "unknown");
	assert_string_equal(pk_container_runtime_name(PK_RUNTIME_CRIO), "cri-o");
}

static void lists(void **state)
{
	struct pk_text rest = sample.mounts;
	struct pk_container_mount mount;
	struct pk_text value;

	assert_true(pk_container_next_mount(&rest, &mount));
	assert_text(mount.source, "/a");
	assert_text(mount.mode, "bind");
	assert_text(mount.propagation, "rprivate");
	assert_true(mount.rw);
	assert_true(pk_container_next_mount(&rest, &mount));
	assert_text(mount.destination, "/d");
	assert_false(mount.rw);
	assert_false(pk_container_next_mount(&rest, &mount));
	assert_true(pk_container_label(&sample, "app", &value));
	assert_text(value, "web");
	assert_true(pk_container_label(&sample, "tier", &value));
	assert_int_equal(value.len, 0);
	assert_false(pk_container_label(&sample, "web", &value));
	assert_true(pk_container_find_label(sample.pod_labels, "app", &value));
	assert_text(value, "web");
}

static void joined(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	assert_int_equal(pk_container_join_labels(sample.labels, &buf), 0);
	assert_text(((struct pk_text){ buf.data, buf.len_bytes }), "app:web, tier:");
}

static void broken_lists_end(void **state)
{
	struct pk_text rest = { "a\0b", 3 };
	struct pk_text text;
	struct pk_container_mount mount;

	assert_true(pk_container_next(&rest, &text));
	assert_text(text, "a");
	assert_false(pk_container_next(&rest, &text));
	rest = (struct pk_text){ "a\0b\0c\0rw\0", 9 };
	assert_false(pk_container_next_mount(&rest, &mount));
	rest = (struct pk_text){ NULL, 0 };
	assert_false(pk_container_next(&rest, &text));
}

/* What the newer one knows stays, also that there is none; the rest comes from the older one. */
static void added(void **state)
{
	struct pk_container now = {
		.state = PK_CONTAINER_RESOLVING,
		.known = PK_CONTAINER_LABELS | PK_CONTAINER_IMAGE | PK_CONTAINER_HOST_NS,
		.image = TEXT("b:2"),
		.repository = TEXT("b"),
		.outer_id = TEXT("outer"),
	};
	const struct pk_container before = {
		.state = PK_CONTAINER_RESOLVED,
		.runtime = PK_RUNTIME_DOCKER,
		.known = PK_CONTAINER_NAME | PK_CONTAINER_IMAGE | PK_CONTAINER_LABELS |
			 PK_CONTAINER_MOUNTS | PK_CONTAINER_PRIVILEGED | PK_CONTAINER_START |
			 PK_CONTAINER_POD | PK_CONTAINER_HOST_NS,
		.flags = PK_CONTAINER_IS_PRIVILEGED | PK_CONTAINER_LABELS_CUT |
			 PK_CONTAINER_MOUNTS_CUT | PK_CONTAINER_IN_HOST_PID | PK_CONTAINER_SANDBOX,
		.start_ns = 5,
		.name = TEXT("web"),
		.image = TEXT("a:1"),
		.tag = TEXT("1"),
		.labels = { "k\0v\0", 4 },
		.mounts = { "/a\0/b\0\0rw\0\0", 11 },
		.pod_name = TEXT("pod"),
		.pod_uid = TEXT("uid"),
	};

	pk_container_add(&now, &before);
	assert_int_equal(now.state, PK_CONTAINER_RESOLVING);
	assert_int_equal(now.runtime, PK_RUNTIME_DOCKER);
	assert_int_equal(now.known, before.known);
	assert_int_equal(now.flags, PK_CONTAINER_IS_PRIVILEGED | PK_CONTAINER_MOUNTS_CUT |
					    PK_CONTAINER_SANDBOX);
	assert_text(now.name, "web");
	assert_text(now.image, "b:2");
	assert_int_equal(now.tag.len, 0);
	assert_int_equal(now.labels.len, 0);
	assert_int_equal(now.mounts.len, 11);
	assert_true(now.start_ns == 5);
	assert_text(now.pod_name, "pod");
	assert_text(now.pod_uid, "uid");
	assert_text(now.outer_id, "outer");
	/* what has less changes nothing */
	now.name = (struct pk_text)TEXT("newer");
	pk_container_add(&now, &(struct pk_container){ .name = TEXT("older") });
	assert_text(now.name, "newer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),        cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(numbers_of_no_meaning), cmocka_unit_test(lists),
		cmocka_unit_test(broken_lists_end),      cmocka_unit_test(joined),
		cmocka_unit_test(broken_lists_end),      cmocka_unit_test(added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
