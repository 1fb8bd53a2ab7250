// SPDX-License-Identifier: Apache-2.0
/*
 * From a pod to its container: which pod, what is added, labels at and past their limit, what is the same.
 */
#include "meta/pod_facts.h"

#include <stdio.h>

#include "test.h"

#define POD_TEXT(literal) ((struct pk_k8s_text){ literal, sizeof(literal) - 1 })
#define TEXT(literal) ((struct pk_text){ literal, sizeof(literal) - 1 })

static struct pk_k8s_pods *pods;
static struct pk_buf labels;

static int setup(void **state)
{
	return pk_k8s_pods_new(&pods);
}

static int teardown(void **state)
{
	pk_k8s_pods_free(pods);
	pk_buf_fini(&labels);
	labels = (struct pk_buf)PK_BUF_INIT;
	return 0;
}

static struct pk_k8s_pod pod_of(const char *uid)
{
	static const struct pk_k8s_container container = { .id = { "c1", 2 },
							   .runtime = { "containerd", 10 },
							   .name = { "main", 4 },
							   .image = { "reg:5000/nginx:1.25", 19 },
							   .image_id = { "reg:5000/nginx@sha256:77",
									 24 } };
	static const struct pk_k8s_label label = { { "app", 3 }, { "web", 3 }, false };

	return (struct pk_k8s_pod){
		.uid = { uid, strlen(uid) },
		.config_uid = POD_TEXT(""),
		.ns = POD_TEXT("shop"),
		.name = POD_TEXT("web-1"),
		.ip = POD_TEXT("10.0.0.7"),
		.node = POD_TEXT("node-1"),
		.owner_kind = POD_TEXT("ReplicaSet"),
		.owner_name = POD_TEXT("web-7d9c5"),
		.deployment = POD_TEXT("web"),
		.labels = &label,
		.containers = &container,
		.label_cnt = 1,
		.container_cnt = 1,
	};
}

static bool is_found(struct pk_text uid, struct pk_text id)
{
	const struct pk_container container = { .state = PK_CONTAINER_RESOLVING,
						.pod_uid = uid,
						.id = id };
	const struct pk_k8s_pod *pod = pk_pod_facts_find(pods, &container);

	pk_k8s_pod_unref(pod);
	return pod;
}

static void found(void **state)
{
	struct pk_k8s_pod pod = pod_of("u-1");

	assert_false(is_found(TEXT("u-1"), TEXT("c1")));
	assert_int_equal(pk_k8s_pods_put(pods, &pod), 0);
	assert_true(is_found(TEXT("u-1"), TEXT("other")));
	assert_true(is_found(TEXT(""), TEXT("c1")));
	assert_true(is_found(TEXT("other"), TEXT("c1")));
	assert_false(is_found(TEXT(""), TEXT("other")));
	assert_false(is_found(TEXT(""), TEXT("")));
}

static void added(void **state)
{
	struct pk_container c = { .state = PK_CONTAINER_RESOLVED,
				  .known = PK_CONTAINER_NAME,
				  .flags = PK_CONTAINER_IS_PRIVILEGED,
				  .pod_name = TEXT("said otherwise") };
	struct pk_container before = c;
	struct pk_k8s_pod pod = pod_of("u-1");

	assert_int_equal(pk_pod_facts_add(&pod, &labels, &c), 0);
	assert_int_equal(c.known, PK_CONTAINER_NAME | PK_CONTAINER_POD | PK_CONTAINER_POD_TOLD);
	assert_int_equal(c.flags, PK_CONTAINER_IS_PRIVILEGED);
	assert_text(c.pod_uid, "u-1");
	assert_text(c.pod_name, "web-1");
	assert_text(c.pod_namespace, "shop");
	assert_text(c.pod_ip, "10.0.0.7");
	assert_text(c.pod_node, "node-1");
	assert_text(c.pod_owner_kind, "ReplicaSet");
	assert_text(c.pod_owner_name, "web-7d9c5");
	assert_text(c.pod_deployment, "web");
	assert_int_equal(c.pod_labels.len, 8);
	assert_memory_equal(c.pod_labels.data, "app\0web", 8);
	assert_false(pk_pod_facts_same(&before, &c));
	/* a static pod's is the kubelet's */
	c.pod_uid = TEXT("config");
	before = c;
	assert_int_equal(pk_pod_facts_add(&pod, &labels, &c), 0);
	assert_text(c.pod_uid, "config");
	assert_true(pk_pod_facts_same(&before, &c));
}

/* Where no runtime is there to be asked, the pod names its containers. */
static void containers(void **state)
{
	struct pk_k8s_pod pod = pod_of("u-1");
	struct pk_container c = { .state = PK_CONTAINER_RESOLVED, .id = TEXT("c1") };
	struct pk_container other = { .state = PK_CONTAINER_RESOLVED, .id = TEXT("c2") };
	struct pk_container said = {
		.state = PK_CONTAINER_RESOLVED,
		.known = PK_CONTAINER_NAME | PK_CONTAINER_IMAGE | PK_CONTAINER_DIGEST,
		.id = TEXT("c1"),
		.name = TEXT("said"),
	};

	assert_int_equal(pk_pod_facts_add(&pod, &labels, &c), 0);
	assert_int_equal(c.known & (PK_CONTAINER_NAME | PK_CONTAINER_IMAGE | PK_CONTAINER_DIGEST),
			 said.known);
	assert_text(c.name, "main");
	assert_text(c.image, "reg:5000/nginx:1.25");
	assert_text(c.repository, "reg:5000/nginx");
	assert_text(c.tag, "1.25");
	assert_text(c.digest, "sha256:77");
	assert_int_equal(pk_pod_facts_add(&pod, &labels, &said), 0);
	assert_text(said.name, "said");
	assert_int_equal(said.image.len, 0);
	assert_int_equal(said.digest.len, 0);
	assert_int_equal(pk_pod_facts_add(&pod, &labels, &other), 0);
	assert_int_equal(other.known, PK_CONTAINER_POD | PK_CONTAINER_POD_TOLD);
}

/* Every fact counts. */
static void same(void **state)
{
	struct pk_k8s_pod pod = pod_of("u-1");
	struct pk_container c = { .state = PK_CONTAINER_RESOLVED };
	struct pk_text *texts[] = { &c.pod_uid,        &c.pod_name,       &c.pod_namespace,
				    &c.pod_ip,         &c.pod_node,       &c.pod_labels,
				    &c.pod_owner_kind, &c.pod_owner_name, &c.pod_deployment,
				    &c.name,           &c.image,          &c.digest };
	struct pk_container before;

	assert_int_equal(pk_pod_facts_add(&pod, &labels, &c), 0);
	before = c;
	for (size_t i = 0; i < PK_ARRAY_SIZE(texts); i++) {
		*texts[i] = TEXT("x");
		assert_false(pk_pod_facts_same(&before, &c));
		c = before;
	}
	c.flags |= PK_CONTAINER_POD_LABELS_CUT;
	assert_false(pk_pod_facts_same(&before, &c));
	c = before;
	c.known &= ~PK_CONTAINER_POD_TOLD;
	assert_false(pk_pod_facts_same(&before, &c));
	c = before;
	c.image_id = TEXT("x");
	assert_true(pk_pod_facts_same(&before, &c));
}

static void cut(void **state)
{
	struct pk_k8s_label list[] = { { { "a", 1 }, { "1", 1 }, false },
				       { { "b", 1 }, { "2", 1 }, true },
				       { { "c", 1 }, { "3", 1 }, false } };
	struct pk_k8s_pod pod = pod_of("u-1");
	struct pk_container c = { .state = PK_CONTAINER_RESOLVED };

	pod.labels = list;
	pod.label_cnt = 3;
	assert_int_equal(pk_pod_facts_add(&pod, &labels, &c), 0);
	assert_true(c.flags & PK_CONTAINER_POD_LABELS_CUT);
	assert_int_equal(c.pod_labels.len, 8);
	assert_memory_equal(c.pod_labels.data, "a\0001\0c\0003", 8);
	/* and whole again */
	list[1].cut = false;
	assert_int_equal(pk_pod_facts_add(&pod, &labels, &c), 0);
	assert_false(c.flags & PK_CONTAINER_POD_LABELS_CUT);
	/* the store has left some out */
	pod.flags = PK_K8S_CUT_LABELS;
	assert_int_equal(pk_pod_facts_add(&pod, &labels, &c), 0);
	assert_true(c.flags & PK_CONTAINER_POD_LABELS_CUT);
}

#define LABELS 28u /* of 256 bytes each, what they are packed in */
static_assert(LABELS * 256 == PK_MAX_CONTAINER_POD_LABELS_BYTES, "just fit");

static void limit(void **state)
{
	static char key[251];
	struct pk_k8s_label list[LABELS];
	struct pk_k8s_pod pod = pod_of("u-1");
	struct pk_container c = { .state = PK_CONTAINER_RESOLVED };

	memset(key, 'k', sizeof(key));
	for (size_t i = 0; i < LABELS; i++)
		list[i] = (struct pk_k8s_label){ { key, sizeof(key) }, { "abc", 3 }, false };
	pod.labels = list;
	pod.label_cnt = LABELS;
	assert_int_equal(pk_pod_facts_add(&pod, &labels, &c), 0);
	assert_int_equal(c.pod_labels.len, PK_MAX_CONTAINER_POD_LABELS_BYTES);
	assert_false(c.flags & PK_CONTAINER_POD_LABELS_CUT);
	list[LABELS - 1].value = POD_TEXT("abcd");
	assert_int_equal(pk_pod_facts_add(&pod, &labels, &c), 0);
	assert_int_equal(c.pod_labels.len, PK_MAX_CONTAINER_POD_LABELS_BYTES - 256);
	assert_true(c.flags & PK_CONTAINER_POD_LABELS_CUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(found, setup, teardown),
		cmocka_unit_test_setup_teardown(added, setup, teardown),
		cmocka_unit_test_setup_teardown(containers, setup, teardown),
		cmocka_unit_test_setup_teardown(same, setup, teardown),
		cmocka_unit_test_setup_teardown(cut, setup, teardown),
		cmocka_unit_test_setup_teardown(limit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
