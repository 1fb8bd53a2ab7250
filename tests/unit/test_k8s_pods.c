/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of pods: what is put is found, by all its keys; limits; pods that went; readers meanwhile.
 */
#include "meta/k8s_pods.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "test.h"

static struct pk_k8s_text text(const char *data)
{
	return (struct pk_k8s_text){ data, strlen(data) };
}

static bool is(struct pk_k8s_text a, const char *b)
{
	return a.len == strlen(b) && !strcmp(a.data, b);
}

static int setup(void **state)
{
	return pk_k8s_pods_new((struct pk_k8s_pods **)state);
}

static int teardown(void **state)
{
	pk_k8s_pods_free(*state);
	return 0;
}

static struct pk_k8s_pod pod_of(const char *uid, const char *name)
{
	return (struct pk_k8s_pod){ .uid = text(uid), .name = text(name), .ns = text("default") };
}

static const struct pk_k8s_pod *find(struct pk_k8s_pods *pods, const char *uid)
{
	return pk_k8s_pods_find(pods, uid, strlen(uid));
}

static void assert_named(struct pk_k8s_pods *pods, const char *uid, const char *name)
{
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = find(pods, uid);

	if (!name) {
		assert_null(pod);
		return;
	}
	assert_non_null(pod);
	assert_true(is(pod->name, name));
}

static void found(void **state)
{
	struct pk_k8s_label labels[] = { { text("app"), text("web"), false },
					 { text("tier"), text(""), false } };
	struct pk_k8s_container containers[] = {
		{ text("c0ffee"), text("containerd"), text("main"), text("img:1"),
		  text("img@sha256:1") },
		{ text("beef"), text("containerd"), text("side"), text("img:2"), text("") },
	};
	struct pk_k8s_pod pod = pod_of("01-23", "web-1");
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *by_uid = NULL, *by_id = NULL;
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *by_config = NULL,
							       *by_systemd = NULL;
	pk_buf_cleanup struct pk_buf all = PK_BUF_INIT;
	struct pk_k8s_text value;

	pod.config_uid = text("5a5a");
	pod.labels = labels;
	pod.label_cnt = 2;
	pod.containers = containers;
	pod.container_cnt = 2;
	assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
	by_uid = find(*state, "01-23");
	by_config = find(*state, "5a5a");
	by_systemd = find(*state, "01_23");
	by_id = pk_k8s_pods_find_container(*state, "beef", 4);
	assert_non_null(by_uid);
	assert_true(by_uid == by_config && by_uid == by_systemd && by_uid == by_id);
	assert_true(is(by_uid->ns, "default") && is(by_uid->name, "web-1") && is(by_uid->ip, ""));
	assert_true(is(pk_k8s_pod_container(by_id, "beef", 4)->name, "side"));
	assert_true(is(pk_k8s_pod_container(by_id, "c0ffee", 6)->image_id, "img@sha256:1"));
	assert_null(pk_k8s_pod_container(by_id, "bee", 3));
	assert_null(pk_k8s_pod_container(by_id, "", 0));
	assert_int_equal(pk_k8s_pod_label(by_id, "app", 3, &value), 0);
	assert_true(is(value, "web"));
	assert_int_equal(pk_k8s_pod_label(by_id, "tier", 4, &value), 0);
	assert_true(is(value, ""));
	assert_int_equal(pk_k8s_pod_label(by_id, "ap", 2, &value), -ENOENT);
	assert_int_equal(pk_k8s_pod_labels(by_id, &all), 0);
	assert_buf(&all, "app:web,tier:");
	assert_named(*state, "01", NULL);
	assert_named(*state, "", NULL);
	assert_named(*state, "beef", NULL);
	assert_null(pk_k8s_pods_find_container(*state, "01-23", 5));
	assert_null(pk_k8s_pods_find_container(*state, "", 0));
}

/* A pod that somebody holds does not change under them. */
static void replaced(void **state)
{
	struct pk_k8s_pod pod = pod_of("u", "old");
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *held = NULL, *same = NULL;
	struct pk_k8s_pods_stats before, after;

	assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
	held = find(*state, "u");
	pk_k8s_pods_get_stats(*state, &before);
	assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
	same = find(*state, "u");
	assert_ptr_equal(held, same);
	pk_k8s_pods_get_stats(*state, &after);
	assert_int_equal(before.changed_cnt, after.changed_cnt);
	pod.name = text("new");
	assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
	assert_named(*state, "u", "new");
	assert_true(is(held->name, "old"));
	pk_k8s_pods_get_stats(*state, &after);
	assert_int_equal(after.pod_cnt, 1);
	assert_int_not_equal(before.changed_cnt, after.changed_cnt);
}

/* Texts that run into each other are not the same. */
static void not_same(void **state)
{
	struct pk_k8s_pod pod = pod_of("u", "ab");

	pod.ip = text("c");
	assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
	pod.name = text("a");
	pod.ip = text("bc");
	assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
	assert_named(*state, "u", "a");
}

static void lists(void **state)
{
	struct pk_k8s_pod a = pod_of("a", "a"), b = pod_of("b", "b"), c = pod_of("c", "c");
	struct pk_k8s_pods_stats stats;

	pk_k8s_pods_begin(*state);
	pk_k8s_pods_put(*state, &a);
	pk_k8s_pods_put(*state, &b);
	pk_k8s_pods_end(*state);
	pk_k8s_pods_begin(*state);
	pk_k8s_pods_put(*state, &b);
	pk_k8s_pods_put(*state, &c);
	/* broken off */
	pk_k8s_pods_get_stats(*state, &stats);
	assert_int_equal(stats.pod_cnt, 3);
	pk_k8s_pods_begin(*state);
	pk_k8s_pods_put(*state, &c);
	pk_k8s_pods_put(*state, &a);
	pk_k8s_pods_end(*state);
	pk_k8s_pods_get_stats(*state, &stats);
	assert_int_equal(stats.pod_cnt, 2);
	assert_int_equal(stats.gone_cnt, 1);
	assert_named(*state, "b", "b"); /* for a while */
	pk_k8s_pods_put(*state, &b);
	pk_k8s_pods_get_stats(*state, &stats);
	assert_int_equal(stats.pod_cnt, 3);
	assert_int_equal(stats.gone_cnt, 0);
}

static void gone(void **state)
{
	struct pk_k8s_pods_stats stats;
	char uid[16];

	for (unsigned int i = 0; i <= PK_MAX_K8S_GONE; i++) {
		struct pk_k8s_pod pod;

		snprintf(uid, sizeof(uid), "%u", i);
		pod = pod_of(uid, uid);
		assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
		pk_k8s_pods_del(*state, uid, strlen(uid));
		pk_k8s_pods_del(*state, uid, strlen(uid));
	}
	pk_k8s_pods_del(*state, "none", 4);
	pk_k8s_pods_get_stats(*state, &stats);
	assert_int_equal(stats.pod_cnt, 0);
	assert_int_equal(stats.gone_cnt, PK_MAX_K8S_GONE);
	assert_named(*state, "0", NULL);
	assert_named(*state, "1", "1");
	assert_named(*state, uid, uid);
}

/* Another pod cannot take a uid away by calling its configuration so. */
static void same_key(void **state)
{
	struct pk_k8s_pod a = pod_of("a", "a"), b = pod_of("b", "b");

	b.config_uid = text("a");
	assert_int_equal(pk_k8s_pods_put(*state, &a), 0);
	assert_int_equal(pk_k8s_pods_put(*state, &b), 0);
	assert_named(*state, "a", "a");
	pk_k8s_pods_del(*state, "a", 1);
	assert_named(*state, "a", "a");
	a.name = text("a2");
	assert_int_equal(pk_k8s_pods_put(*state, &a), 0);
	assert_named(*state, "a", "a2");
	assert_named(*state, "b", "b");
}

static void many(void **state)
{
	struct pk_k8s_pods_stats stats;
	char uid[16];

	for (unsigned int i = 0; i <= PK_MAX_K8S_PODS; i++) {
		struct pk_k8s_pod pod;

		snprintf(uid, sizeof(uid), "%u", i);
		pod = pod_of(uid, uid);
		assert_int_equal(pk_k8s_pods_put(*state, &pod), i < PK_MAX_K8S_PODS ? 0 : -ENOSPC);
	}
	pk_k8s_pods_get_stats(*state, &stats);
	assert_int_equal(stats.pod_cnt, PK_MAX_K8S_PODS);
	assert_int_equal(stats.refused_cnt, 1);
	assert_named(*state, uid, NULL);
	assert_named(*state, "0", "0");
	{
		struct pk_k8s_pod pod = pod_of("0", "again");

		assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
		pk_k8s_pods_del(*state, "1", 1);
		pod = pod_of("more", "more");
		assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
	}
	assert_named(*state, "0", "again");
	assert_named(*state, "more", "more");
}

static void cut_texts(void **state)
{
	char name[PK_MAX_K8S_TEXT_BYTES + 2], uid[PK_MAX_K8S_TEXT_BYTES + 2];
	struct pk_k8s_pod pod;

	for (size_t len = PK_MAX_K8S_TEXT_BYTES; len <= PK_MAX_K8S_TEXT_BYTES + 1; len++) {
		pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *taken = NULL;

		memset(name, 'n', len);
		name[len] = '\0';
		pod = pod_of("u", name);
		assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
		taken = find(*state, "u");
		assert_int_equal(taken->name.len, PK_MAX_K8S_TEXT_BYTES);
		assert_int_equal(taken->flags, len > PK_MAX_K8S_TEXT_BYTES ? PK_K8S_CUT_TEXT : 0);
		memset(uid, 'u', len);
		uid[len] = '\0';
		pod = pod_of(uid, "x");
		assert_int_equal(pk_k8s_pods_put(*state, &pod),
				 len > PK_MAX_K8S_TEXT_BYTES ? -EINVAL : 0);
	}
	pod = pod_of("", "x");
	assert_int_equal(pk_k8s_pods_put(*state, &pod), -EINVAL);
}

/* A NUL cannot make a longer name look like a shorter one. */
static void nuls(void **state)
{
	struct pk_k8s_pod pod = pod_of("u", "");
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *taken = NULL;

	pod.name = (struct pk_k8s_text){ "a\0b\n\xc3(", 6 };
	assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
	taken = find(*state, "u");
	assert_int_equal(taken->name.len, 6);
	assert_memory_equal(taken->name.data,
			    "a\xff"
			    "b\n\xc3(\0",
			    7);
}

static void cut_labels(void **state)
{
	char key[PK_MAX_K8S_LABEL_KEY_BYTES + 2], value[PK_MAX_K8S_LABEL_VALUE_BYTES + 2];
	struct pk_k8s_label labels[PK_MAX_K8S_LABELS + 1];
	struct pk_k8s_pod pod = pod_of("u", "n");
	struct pk_k8s_text got;

	memset(key, 'k', sizeof(key));
	memset(value, 'v', sizeof(value));
	pod.labels = labels;
	for (unsigned int more = 0; more < 2; more++) {
		pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *taken = NULL;

		labels[0] = (struct pk_k8s_label){ { key, PK_MAX_K8S_LABEL_KEY_BYTES + more },
						   text("v"),
						   0 };
		labels[1] = (struct pk_k8s_label){ text("b"),
						   { value, PK_MAX_K8S_LABEL_VALUE_BYTES + more },
						   0 };
		labels[2] = (struct pk_k8s_label){ text("c"), text("w"), 0 };
		pod.label_cnt = 3;
		assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
		taken = find(*state, "u");
		assert_int_equal(taken->label_cnt, 3 - more);
		assert_int_equal(taken->flags, more ? PK_K8S_CUT_LABELS : 0);
		assert_int_equal(pk_k8s_pod_label(taken, "b", 1, &got), more ? -EOVERFLOW : 0);
		assert_int_equal(pk_k8s_pod_label(taken, "c", 1, &got), 0);
		assert_int_equal(pk_k8s_pod_label(taken, "d", 1, &got),
				 more ? -EOVERFLOW : -ENOENT);
	}
	for (unsigned int i = 0; i <= PK_MAX_K8S_LABELS; i++)
		labels[i] = (struct pk_k8s_label){ { key, i + 1 }, text("v"), 0 };
	for (unsigned int more = 0; more < 2; more++) {
		pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *taken = NULL;

		pod.label_cnt = PK_MAX_K8S_LABELS + more;
		assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
		taken = find(*state, "u");
		assert_int_equal(taken->label_cnt, PK_MAX_K8S_LABELS);
		assert_int_equal(taken->flags, more ? PK_K8S_CUT_LABELS : 0);
	}
}

static void cut_containers(void **state)
{
	struct pk_k8s_container containers[PK_MAX_K8S_CONTAINERS + 1];
	char ids[PK_MAX_K8S_CONTAINERS + 1][8];
	struct pk_k8s_pod pod = pod_of("u", "n");

	pod.containers = containers;
	for (unsigned int i = 0; i <= PK_MAX_K8S_CONTAINERS; i++) {
		snprintf(ids[i], sizeof(ids[i]), "%u", i);
		containers[i] = (struct pk_k8s_container){ .id = text(ids[i]) };
	}
	for (unsigned int more = 0; more < 2; more++) {
		pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *taken = NULL, *none = NULL;

		pod.container_cnt = PK_MAX_K8S_CONTAINERS + more;
		assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
		taken = find(*state, "u");
		assert_int_equal(taken->container_cnt, PK_MAX_K8S_CONTAINERS);
		assert_int_equal(taken->flags, more ? PK_K8S_CUT_CONTAINERS : 0);
		none = pk_k8s_pods_find_container(*state, ids[PK_MAX_K8S_CONTAINERS],
						  strlen(ids[PK_MAX_K8S_CONTAINERS]));
		assert_null(none);
	}
}

/* Big pods fill the store before there are many; those that are gone make room. */
static void bytes(void **state)
{
	char value[PK_MAX_K8S_LABEL_VALUE_BYTES];
	char keys[PK_MAX_K8S_LABELS][8], uid[16];
	struct pk_k8s_label labels[PK_MAX_K8S_LABELS];
	struct pk_k8s_pods_stats stats;
	unsigned int cnt = 0;
	int err = 0;

	memset(value, 'v', sizeof(value));
	for (unsigned int i = 0; i < PK_MAX_K8S_LABELS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%u", i);
		labels[i] = (struct pk_k8s_label){ text(keys[i]), { value, sizeof(value) }, 0 };
	}
	for (; !err && cnt <= PK_MAX_K8S_PODS; cnt++) {
		struct pk_k8s_pod pod;

		snprintf(uid, sizeof(uid), "%u", cnt);
		pod = pod_of(uid, uid);
		pod.labels = labels;
		pod.label_cnt = PK_MAX_K8S_LABELS;
		err = pk_k8s_pods_put(*state, &pod);
		pk_k8s_pods_get_stats(*state, &stats);
		assert_true(stats.bytes <= PK_MAX_K8S_STORE_BYTES);
		if (err) {
			assert_int_equal(err, -ENOSPC);
			pk_k8s_pods_del(*state, "7", 1);
			assert_named(*state, "7", "7");
			assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
			assert_named(*state, "7", NULL);
		}
	}
	assert_int_equal(err, -ENOSPC);
	assert_in_range(cnt, 100, PK_MAX_K8S_PODS - 1);
}

struct race {
	struct pk_k8s_pods *pods;
	_Atomic bool done;
	unsigned long found_cnt, torn_cnt;
};

/* Name and address of a pod always belong together. */
static void *reader(void *arg)
{
	struct race *race = arg;

	while (!race->done) {
		pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = find(race->pods, "3");

		if (!pod)
			continue;
		race->found_cnt++;
		race->torn_cnt += pod->name.len != pod->ip.len ||
				  memcmp(pod->name.data, pod->ip.data, pod->ip.len) != 0;
	}
	return NULL;
}

static void readers(void **state)
{
	struct race races[2] = { { .pods = *state }, { .pods = *state } };
	pthread_t threads[2];
	char uid[16], name[16];

	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, reader, &races[i]), 0);
	for (unsigned int i = 0; i < 20000; i++) {
		struct pk_k8s_pod pod;

		snprintf(uid, sizeof(uid), "%u", i % 7);
		snprintf(name, sizeof(name), "%u", i);
		pod = pod_of(uid, name);
		pod.ip = text(name);
		assert_int_equal(pk_k8s_pods_put(*state, &pod), 0);
		if (i % 3 == 0)
			pk_k8s_pods_del(*state, uid, strlen(uid));
		if (i % 1000 == 0) {
			pk_k8s_pods_begin(*state);
			pk_k8s_pods_end(*state);
		}
	}
	for (int i = 0; i < 2; i++) {
		races[i].done = true;
		pthread_join(threads[i], NULL);
		assert_int_equal(races[i].torn_cnt, 0);
	}
}

int main(void)
{
#define WITH_STORE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_STORE(found),      WITH_STORE(replaced),       WITH_STORE(not_same),
		WITH_STORE(lists),      WITH_STORE(gone),           WITH_STORE(same_key),
		WITH_STORE(many),       WITH_STORE(cut_texts),      WITH_STORE(nuls),
		WITH_STORE(cut_labels), WITH_STORE(cut_containers), WITH_STORE(bytes),
		WITH_STORE(readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
