// SPDX-License-Identifier: Apache-2.0
/*
 * What a cgroup's path and the state directories say at once.
 */
#include "base/cgroup_tree.h"
#include "meta/attribution.h"

#include <limits.h>
#include <poll.h>

#include "rooted.h"
#include "test.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct pk_containers *table;

static int feed(void *ctx, const void *record, size_t len)
{
	assert_int_equal(pk_record_check(record, len), 0);
	pk_containers_update(table, record);
	return 0;
}

static void see(struct pk_attribution *attribution, uint64_t cgroup_id, const char *path)
{
	assert_int_equal(pk_attribution_see_path(attribution, cgroup_id,
						 (struct pk_text){ path, strlen(path) }, table,
						 feed, NULL),
			 0);
}

static void attribution(void **state)
{
	struct pk_resolver_options options = { .root = root };
	struct pk_attribution *attribution = NULL;
	struct pk_attribution_stats stats;

	write_file("/run/runc/box/x", "");
	write_file("/run/containerd/io.containerd.runtime.v2.task/default/web/x", "");
	write_file("/run/user/1000/crun/mine/x", "");
	assert_int_equal(pk_containers_new(&table), 0);
	assert_int_equal(pk_attribution_new(&options, &attribution), 0);
	see(attribution, 1, "/system.slice/docker-" ID ".scope");
	assert_text(pk_containers_get(table, 1)->id, ID);
	assert_int_equal(pk_containers_get(table, 1)->runtime, PK_RUNTIME_DOCKER);
	see(attribution, 2, "/user.slice/box/deep/below");
	assert_text(pk_containers_get(table, 2)->id, "box");
	assert_int_equal(pk_containers_get(table, 2)->runtime, PK_RUNTIME_RUNC);
	assert_text(pk_containers_get(table, 2)->name, "box");
	see(attribution, 3, "/default/web");
	assert_text(pk_containers_get(table, 3)->id, "web");
	assert_int_equal(pk_containers_get(table, 3)->runtime, PK_RUNTIME_CONTAINERD);
	see(attribution, 4, "/user.slice/user-1000.slice/user@1000.service/mine");
	assert_text(pk_containers_get(table, 4)->id, "mine");
	see(attribution, 5, "/user.slice/user-1001.slice/user@1001.service/mine");
	assert_ptr_equal(pk_containers_get(table, 5), &pk_container_host);
	see(attribution, 6, "/system.slice/crio-conmon-" ID ".scope");
	assert_ptr_equal(pk_containers_get(table, 6), &pk_container_host);
	see(attribution, 7, "/other/web");
	assert_ptr_equal(pk_containers_get(table, 7), &pk_container_host);
	/* not out of the directories */
	see(attribution, 8, "/..");
	assert_ptr_equal(pk_containers_get(table, 8), &pk_container_host);
	see(attribution, 1, "/elsewhere");
	assert_text(pk_containers_get(table, 1)->id, ID);
	pk_attribution_get_stats(attribution, &stats);
	assert_int_equal(stats.seen_cnt, 8);
	pk_attribution_free(attribution);
	pk_containers_free(table);
}

/* Whatever the resolver says within `ms`, up to the end. False: nothing. */
static bool take(struct pk_attribution *attribution, int ms)
{
	struct pollfd wait = { .fd = pk_attribution_get_fd(attribution), .events = POLLIN };

	if (poll(&wait, 1, ms) != 1)
		return false;
	assert_int_equal(pk_attribution_take(attribution, table, feed, NULL), 0);
	return true;
}

/* A container of the same id and other facts. */
static void started_again(void **state)
{
	struct pk_resolver_options options = { .root = root };
	struct pk_attribution *attribution = NULL;

	write_file("/run/runc/box/state.json", "{\"created\":\"2024-05-01T10:11:12Z\"}");
	assert_int_equal(pk_containers_new(&table), 0);
	assert_int_equal(pk_attribution_new(&options, &attribution), 0);
	see(attribution, 1, "/box");
	assert_true(take(attribution, 20000));
	assert_true(pk_containers_get(table, 1)->start_ns == 1714558272000000000ull);
	/* cgroups inside of it are no start */
	see(attribution, 2, "/box/below");
	assert_false(take(attribution, 100));
	write_file("/run/runc/box/state.json", "{\"created\":\"2024-05-01T10:11:13Z\"}");
	see(attribution, 3, "/box");
	assert_true(take(attribution, 20000));
	assert_true(pk_containers_get(table, 3)->start_ns == 1714558273000000000ull);
	pk_attribution_free(attribution);
	pk_containers_free(table);
}

/* A cgroup that is gone when it is asked for stays unknown. */
static void gone(void **state)
{
	struct pk_resolver_options options = { .root = root };
	struct pk_attribution *attribution = NULL;

	assert_int_equal(pk_containers_new(&table), 0);
	assert_int_equal(pk_attribution_new(&options, &attribution), 0);
	assert_int_equal(pk_attribution_see(attribution, 1ull << 60, table, feed, NULL), 0);
	assert_true(pk_containers_has(table, 1ull << 60));
	assert_ptr_equal(pk_containers_get(table, 1ull << 60), &pk_container_unknown);
	assert_int_equal(pk_attribution_see(attribution, 0, table, feed, NULL), 0);
	assert_false(pk_containers_has(table, 0));
	pk_attribution_free(attribution);
	pk_containers_free(table);
}

#define OTHER_ID "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PODS "/kubepods.slice/kubepods-pod"
#define BOX(n) \
	"cri-containerd-" n "123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope"

static struct pk_k8s_pods *pods;

static void put_pod(const char *uid, const char *name, const char *tier)
{
	const struct pk_k8s_text none = { "", 0 };
	const struct pk_k8s_label label = { { "tier", 4 }, { tier, strlen(tier) }, false };
	const struct pk_k8s_pod pod = {
		.uid = { uid, strlen(uid) },
		.config_uid = none,
		.ns = { "shop", 4 },
		.name = { name, strlen(name) },
		.ip = none,
		.node = { "n", 1 },
		.owner_kind = none,
		.owner_name = none,
		.deployment = none,
		.labels = &label,
		.label_cnt = 1,
	};

	assert_int_equal(pk_k8s_pods_put(pods, &pod), 0);
}

static uint32_t record_cnt;

static int feed_counted(void *ctx, const void *record, size_t len)
{
	record_cnt++;
	return feed(ctx, record, len);
}

static uint32_t take_pods(struct pk_attribution *attribution)
{
	record_cnt = 0;
	assert_int_equal(pk_attribution_take_pods(attribution, table, feed_counted, NULL), 0);
	return record_cnt;
}

static void is_tier(uint64_t cgroup_id, const char *expected)
{
	struct pk_text value;

	assert_true(pk_container_find_label(pk_containers_get(table, cgroup_id)->pod_labels, "tier",
					    &value));
	assert_text(value, expected);
}

static void told_of_pods(void **state)
{
	struct pk_resolver_options options = { .root = root };
	struct pk_attribution *attribution = NULL;

	assert_int_equal(pk_containers_new(&table), 0);
	assert_int_equal(pk_k8s_pods_new(&pods), 0);
	assert_int_equal(pk_attribution_new(&options, &attribution), 0);
	see(attribution, 1, PODS "aaaa_bbbb.slice/" BOX("0"));
	assert_text(pk_containers_get(table, 1)->pod_uid, "aaaa-bbbb");
	assert_int_equal(pk_containers_get(table, 1)->known & PK_CONTAINER_POD, 0);
	/* nobody tells of pods */
	assert_int_equal(take_pods(attribution), 0);
	pk_attribution_set_pods(attribution, pods);
	assert_int_equal(take_pods(attribution), 0);
	/* the pod after its container */
	put_pod("aaaa-bbbb", "web", "back");
	assert_int_equal(take_pods(attribution), 1);
	assert_text(pk_containers_get(table, 1)->pod_name, "web");
	assert_true(pk_containers_get(table, 1)->known & PK_CONTAINER_POD_TOLD);
	is_tier(1, "back");
	assert_int_equal(take_pods(attribution), 0);
	/* a container after its pod, with two cgroups */
	put_pod("cccc-dddd", "db", "back");
	assert_int_equal(take_pods(attribution), 0);
	see(attribution, 2, PODS "cccc_dddd.slice/" BOX("1"));
	see(attribution, 3, PODS "cccc_dddd.slice/" BOX("1") "/inside");
	assert_text(pk_containers_get(table, 2)->pod_name, "db");
	is_tier(3, "back");
	/* a label changes: what is known of the other pod's does not */
	put_pod("cccc-dddd", "db", "front");
	assert_int_equal(take_pods(attribution), 1);
	is_tier(2, "front");
	is_tier(3, "front");
	is_tier(1, "back");
	/* a pod that is gone is what it was */
	pk_k8s_pods_del(pods, "cccc-dddd", 9);
	assert_int_equal(take_pods(attribution), 0);
	is_tier(3, "front");
	/* what the resolver says later does not take it away */
	assert_true(take(attribution, 20000));
	is_tier(3, "front");
	pk_attribution_free(attribution);
	pk_k8s_pods_free(pods);
	pk_containers_free(table);
}

/* Containers of users are in no pod, whatever their cgroups are called; nor are those of runtimes that the kubelet
 * does not use. */
static void not_in_pods(void **state)
{
	struct pk_resolver_options options = { .root = root };
	struct pk_attribution *attribution = NULL;

	assert_int_equal(pk_containers_new(&table), 0);
	assert_int_equal(pk_k8s_pods_new(&pods), 0);
	assert_int_equal(pk_attribution_new(&options, &attribution), 0);
	pk_attribution_set_pods(attribution, pods);
	put_pod("aaaa-bbbb", "web", "back");
	see(attribution, 1, "/user.slice/user-1000.slice" PODS "aaaa_bbbb.slice/" BOX("0"));
	see(attribution, 2, "/machine.slice/libpod-" ID ".scope");
	see(attribution, 3, "/machine.slice/systemd-nspawn@box.service/payload");
	see(attribution, 4, "/lxc.payload.box");
	for (uint64_t id = 1; id <= 4; id++) {
		const struct pk_container *container = pk_containers_get(table, id);

		assert_true(pk_container_is_one(container));
		assert_true(container->known & PK_CONTAINER_POD);
		assert_false(pk_container_has_pod(container));
	}
	see(attribution, 5, "/system.slice/docker-" OTHER_ID ".scope");
	assert_false(pk_containers_get(table, 5)->known & PK_CONTAINER_POD);
	pk_attribution_free(attribution);
	pk_k8s_pods_free(pods);
	pk_containers_free(table);
}

/* ---- hooks ---- */

static struct pk_cgroup_tree tree;

/* A cgroup that is there; 0: none can be made. */
static uint64_t make_cgroup(const char *name)
{
	char path[PATH_MAX + 128];
	struct stat st;

	if (pk_cgroup_tree_find(&tree))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", tree.path, name);
	return mkdir(path, 0755) || stat(path, &st) ? 0 : st.st_ino;
}

static void remove_cgroup(const char *name)
{
	char path[PATH_MAX + 128];

	snprintf(path, sizeof(path), "%s/%s", tree.path, name);
	rmdir(path);
}

static int told(struct pk_attribution *attribution, uint64_t cgroup_id, const char *id,
		uint32_t known, const char *name)
{
	const struct pk_container container = { .state = PK_CONTAINER_RESOLVING,
						.known = known,
						.id = { id, strlen(id) },
						.name = { name, strlen(name) } };

	return pk_attribution_told(attribution, cgroup_id, &container, table, feed, NULL);
}

struct scene {
	struct pk_attribution *attribution;
	char name[64], below[96];
	uint64_t id, below_id;
};

/* False: the machine does not allow cgroups to be made and looked up by id. */
static bool scene_begin(struct scene *scene, const char *format)
{
	struct pk_resolver_options options = { .root = root };
	struct pk_cgroup_fs *fs = NULL;
	char path[PATH_MAX];
	int err;

	*scene = (struct scene){ 0 };
	snprintf(scene->name, sizeof(scene->name), "%s-%d", format, getpid());
	snprintf(scene->below, sizeof(scene->below), "%s/below", scene->name);
	scene->id = make_cgroup(scene->name);
	scene->below_id = scene->id ? make_cgroup(scene->below) : 0;
	err = pk_cgroup_fs_new(&fs);
	err = err ?: pk_cgroup_fs_path(fs, scene->id, path, sizeof(path));
	pk_cgroup_fs_free(fs);
	if (!scene->below_id || err) {
		remove_cgroup(scene->name);
		return false;
	}
	assert_int_equal(pk_containers_new(&table), 0);
	assert_int_equal(pk_attribution_new(&options, &scene->attribution), 0);
	return true;
}

static void scene_end(struct scene *scene)
{
	pk_attribution_free(scene->attribution);
	pk_containers_free(table);
	remove_cgroup(scene->below);
	remove_cgroup(scene->name);
}

static void see_below(struct scene *scene)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/%s", scene->below);
	see(scene->attribution, scene->below_id, path);
}

/* Its cgroup may be called anything, and may have been taken for the host's. */
static void hooked(void **state)
{
	struct pk_attribution_stats stats;
	struct scene scene;
	char path[PATH_MAX];

	if (!scene_begin(&scene, "picket-test-any"))
		skip();
	snprintf(path, sizeof(path), "/%s", scene.name);
	see(scene.attribution, scene.id, path);
	assert_ptr_equal(pk_containers_get(table, scene.id), &pk_container_host);
	assert_int_equal(told(scene.attribution, scene.id, "box", PK_CONTAINER_MOUNTS, ""), 0);
	assert_text(pk_containers_get(table, scene.id)->id, "box");
	assert_text(pk_containers_get(table, scene.id)->name, "box");
	assert_int_equal(pk_containers_get(table, scene.id)->runtime, PK_RUNTIME_RUNC);
	assert_true(pk_containers_get(table, scene.id)->known & PK_CONTAINER_MOUNTS);
	/* what is made in it is its */
	see_below(&scene);
	assert_text(pk_containers_get(table, scene.below_id)->id, "box");
	see(scene.attribution, 5, "/elsewhere/below");
	assert_ptr_equal(pk_containers_get(table, 5), &pk_container_host);
	/* nonsense */
	assert_int_equal(told(scene.attribution, scene.id, "../x", 0, ""), -EINVAL);
	assert_int_equal(told(scene.attribution, scene.id, "a/b", 0, ""), -EINVAL);
	assert_int_equal(told(scene.attribution, scene.id, "", 0, ""), -EINVAL);
	assert_int_equal(told(scene.attribution, 1ull << 60, "box", 0, ""), -ESTALE);
	assert_int_equal(told(scene.attribution, 1, "box", 0, ""), -EXDEV);
	assert_text(pk_containers_get(table, scene.id)->id, "box");
	pk_attribution_get_stats(scene.attribution, &stats);
	assert_int_equal(stats.told_cnt, 1);
	scene_end(&scene);
}

/* Whoever comes last, resolver or hook: what either knows is known. */
static void hooked_and_resolved(void **state)
{
	const struct pk_container *container;
	struct scene scene;

	write_file("/run/runc/box/state.json", "{\"created\":\"2024-05-01T10:11:12Z\"}");
	if (!scene_begin(&scene, "picket-test-two"))
		skip();
	assert_int_equal(told(scene.attribution, scene.id, "box", PK_CONTAINER_MOUNTS, ""), 0);
	assert_int_equal(pk_containers_get(table, scene.id)->state, PK_CONTAINER_RESOLVING);
	assert_true(take(scene.attribution, 20000));
	container = pk_containers_get(table, scene.id);
	assert_int_equal(container->state, PK_CONTAINER_RESOLVED);
	assert_true(container->start_ns == 1714558272000000000ull);
	assert_true(container->known & PK_CONTAINER_MOUNTS);
	/* told twice: nobody is asked again */
	assert_int_equal(told(scene.attribution, scene.id, "box", PK_CONTAINER_PRIVILEGED, ""), 0);
	assert_false(take(scene.attribution, 100));
	/* started again, in another cgroup */
	write_file("/run/runc/box/state.json", "{\"created\":\"2024-05-01T10:11:13Z\"}");
	assert_int_equal(told(scene.attribution, scene.below_id, "box", PK_CONTAINER_HOST_NS, ""),
			 0);
	container = pk_containers_get(table, scene.below_id);
	assert_true(container->known & PK_CONTAINER_HOST_NS);
	assert_true(container->known & PK_CONTAINER_PRIVILEGED);
	assert_true(take(scene.attribution, 20000));
	container = pk_containers_get(table, scene.below_id);
	assert_true(container->start_ns == 1714558273000000000ull);
	assert_true(container->known & PK_CONTAINER_HOST_NS);
	scene_end(&scene);
}

static void of_no_process(void **state)
{
	struct pk_resolver_options options = { .root = root };
	struct pk_attribution *attribution = NULL;

	assert_int_equal(pk_attribution_new(&options, &attribution), 0);
	assert_int_equal(pk_attribution_cgroup_of(attribution, 0), 0);
	pk_attribution_free(attribution);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(attribution, setup, teardown),
		cmocka_unit_test_setup_teardown(started_again, setup, teardown),
		cmocka_unit_test_setup_teardown(gone, setup, teardown),
		cmocka_unit_test_setup_teardown(told_of_pods, setup, teardown),
		cmocka_unit_test_setup_teardown(not_in_pods, setup, teardown),
		cmocka_unit_test_setup_teardown(hooked, setup, teardown),
		cmocka_unit_test_setup_teardown(hooked_and_resolved, setup, teardown),
		cmocka_unit_test_setup_teardown(of_no_process, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
