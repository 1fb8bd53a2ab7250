// SPDX-License-Identifier: Apache-2.0
/*
 * The thread that asks: state on disk below a directory of the test's, and a server on a Unix socket that says what
 * runtimes say, nothing, too much, or nothing in time.
 */
#include "meta/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "meta/attribution.h"
#include "meta/disk.h"
#include "test.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PLAIN "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static char root[64];

static void path_of(char path[256], const char *name)
{
	snprintf(path, 256, "%s%s", root, name);
}

static void make_dirs(const char *name)
{
	char path[256];

	path_of(path, name);
	for (char *p = path + strlen(root) + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
}

static void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	make_dirs(name);
	path_of(path, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int setup(void **state)
{
	snprintf(root, sizeof(root), "/tmp/picket-test-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", root);
	return system(command);
}

/* ---- a server ---- */

struct server {
	int fd;
	pthread_t thread;
	const char *answer; /* to the first request of a connection; NULL: none, ever */
	const char *second; /* to others */
	unsigned int request_cnt;
};

/* Until the blank line. False: it hung up. */
static bool read_request(int fd)
{
	char text[4096];
	size_t len = 0;

	while (len < sizeof(text) - 1) {
		ssize_t got = read(fd, text + len, 1);

		if (got <= 0)
			return false;
		len += (size_t)got;
		text[len] = '\0';
		if (strstr(text, "\r\n\r\n"))
			return true;
	}
	return false;
}

static void *serve(void *arg)
{
	struct server *server = arg;
	int fd;

	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		while (read_request(fd)) {
			const char *answer = server->request_cnt++ ? server->second :
								     server->answer;

			if (!answer)
				continue; /* and let it wait */
			if (write(fd, answer, strlen(answer)) < 0)
				break;
			if (!strstr(answer, "Content-Length"))
				break;
		}
		close(fd);
	}
	return NULL;
}

static void start_server(struct server *server, const char *name, const char *answer,
			 const char *second)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	make_dirs(name);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s%s", root, name);
	*server = (struct server){ .answer = answer, .second = second };
	server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(server->fd, 4), 0);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void stop_server(struct server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
}

/* ---- asking ---- */

static struct pk_resolver *start(unsigned int timeout_ms)
{
	struct pk_resolver_options options = { .root = root, .timeout_ms = timeout_ms };
	struct pk_resolver *resolver = NULL;

	assert_int_equal(pk_resolver_new(&options, &resolver), 0);
	return resolver;
}

static void ask(struct pk_resolver *resolver, uint32_t runtime, const char *id)
{
	const struct pk_container known = {
		.known = runtime == PK_RUNTIME_RUNC ? PK_CONTAINER_NAME | PK_CONTAINER_IMAGE : 0,
		.id = { id, strlen(id) },
		.name = { id, runtime == PK_RUNTIME_RUNC ? strlen(id) : 0 },
	};
	struct pk_question question = { .cgroup_id = 7, .runtime = runtime };

	snprintf(question.id, sizeof(question.id), "%s", id);
	assert_int_equal(pk_resolver_ask(resolver, &question, &known, (struct pk_text){ "/x", 2 }),
			 0);
}

/* The next answer, as a container; the record is kept for its texts. */
static struct pk_event *answer(struct pk_resolver *resolver, struct pk_container *ret_container)
{
	struct pollfd wait = { .fd = pk_resolver_get_fd(resolver), .events = POLLIN };
	struct pk_event *record = pk_resolver_take(resolver);

	for (int i = 0; i < 200 && !record; i++) {
		poll(&wait, 1, 100);
		record = pk_resolver_take(resolver);
	}
	assert_non_null(record);
	assert_int_equal(pk_record_check(record, record->size_bytes), 0);
	assert_int_equal(record->cgroup_id, 7);
	pk_container_from_record((struct pk_container_event *)record, ret_container);
	return record;
}

static void is_resolved(struct pk_resolver *resolver, const char *name, const char *repository)
{
	struct pk_container c;
	struct pk_event *record;

	for (;;) {
		record = answer(resolver, &c);
		if (c.state == PK_CONTAINER_RESOLVED)
			break;
		free(record);
	}
	assert_text(c.name, name);
	assert_text(c.repository, repository);
	free(record);
}

static void runc_alone(void **state)
{
	pk_cleanup(pk_resolver_free_p) struct pk_resolver *resolver = start(0);
	struct pk_container c;
	struct pk_event *record;
	char bundle[160];

	snprintf(bundle, sizeof(bundle),
		 "{\"created\":\"2024-05-01T10:11:12Z\",\"config\":{\"labels\":[\"bundle=/b\"]}}");
	write_file("/run/runc/box/state.json", bundle);
	write_file("/b/config.json", "{\"mounts\":[],\"process\":{}}");
	ask(resolver, PK_RUNTIME_RUNC, "box");
	record = answer(resolver, &c);
	assert_int_equal(c.state, PK_CONTAINER_RESOLVED);
	assert_text(c.name, "box");
	assert_true(c.known & PK_CONTAINER_IMAGE && !c.image.len);
	assert_true(c.known & PK_CONTAINER_PRIVILEGED);
	assert_true(c.start_ns == 1714558272000000000ull);
	free(record);
}

static void podman_on_disk(void **state)
{
	pk_cleanup(pk_resolver_free_p) struct pk_resolver *resolver = start(0);

	write_file("/run/crun/" ID "/status",
		   "{\"bundle\":\"/s/overlay-containers/" ID "/userdata\"}");
	write_file("/s/overlay-containers/" ID "/userdata/config.json", "{}");
	write_file("/s/overlay-containers/containers.json",
		   "[{\"id\":\"" ID
		   "\",\"names\":[\"web\"],\"metadata\":\"{\\\"image-name\\\":\\\"a/b:2\\\"}\"}]");
	ask(resolver, PK_RUNTIME_PODMAN, ID);
	is_resolved(resolver, "web", "a/b");
}

static void appears_later(void **state)
{
	pk_cleanup(pk_resolver_free_p) struct pk_resolver *resolver = start(0);

	ask(resolver, PK_RUNTIME_RUNC, "late");
	nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	assert_null(pk_resolver_take(resolver));
	write_file("/run/runc/late/state.json", "{}");
	is_resolved(resolver, "late", "");
}

static void nobody_knows(void **state)
{
	pk_cleanup(pk_resolver_free_p) struct pk_resolver *resolver = start(0);
	struct pk_container c;
	struct pk_event *record;

	ask(resolver, PK_RUNTIME_DOCKER, ID);
	record = answer(resolver, &c);
	assert_int_equal(c.state, PK_CONTAINER_RESOLVED);
	assert_int_equal(c.known, 0);
	free(record);
}

static const char docker_answer[] = PLAIN
	"Content-Length: 76\r\n\r\n"
	"{\"Name\":\"/web\",\"Image\":\"sha256:ab\",\"Config\":{\"Image\":\"nginx:1\",\"Labels\":{}}}";
static const char image_answer[] = PLAIN
	"Content-Length: 36\r\n\r\n{\"RepoDigests\":[\"nginx@sha256:ff\"] }";

static void docker_api(void **state)
{
	struct server server;
	struct pk_resolver *resolver;
	struct pk_container c;
	struct pk_event *record;

	start_server(&server, "/run/docker.sock", docker_answer, image_answer);
	resolver = start(0);
	ask(resolver, PK_RUNTIME_DOCKER, ID);
	record = answer(resolver, &c);
	assert_int_equal(c.state, PK_CONTAINER_RESOLVED);
	assert_text(c.name, "web");
	assert_text(c.tag, "1");
	assert_text(c.digest, "sha256:ff");
	free(record);
	pk_resolver_free(resolver);
	stop_server(&server);
}

static void not_known_at_first(void **state)
{
	struct server server;
	struct pk_resolver *resolver;

	start_server(&server, "/run/docker.sock",
		     "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}", docker_answer);
	resolver = start(0);
	ask(resolver, PK_RUNTIME_DOCKER, ID);
	is_resolved(resolver, "web", "nginx");
	pk_resolver_free(resolver);
	stop_server(&server);
}

static void nonsense(void **state)
{
	static const char *const answers[] = {
		"no HTTP at all\r\n\r\n",
		"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
		PLAIN "Content-Length: 5\r\n\r\n{\"a\":",
		PLAIN "Content-Length: 99999\r\n\r\n{}",
		PLAIN "Content-Length: 2\r\n\r\n{}",
		"",
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(answers); i++) {
		struct server server;
		struct pk_resolver *resolver;

		teardown(NULL);
		setup(NULL);
		start_server(&server, "/run/docker.sock", answers[i], docker_answer);
		resolver = start(300);
		ask(resolver, PK_RUNTIME_DOCKER, ID);
		if (i != 3 && strlen(answers[i])) /* after those it is tried again */
			is_resolved(resolver, "web", "nginx");
		pk_resolver_free(resolver);
		stop_server(&server);
	}
}

/* A runtime that hangs holds up its own containers, and no others. */
static void hangs(void **state)
{
	struct server server;
	struct pk_resolver *resolver;
	struct timespec before, after;

	start_server(&server, "/run/docker.sock", NULL, NULL);
	write_file("/run/runc/box/state.json", "{}");
	resolver = start(1500);
	ask(resolver, PK_RUNTIME_DOCKER, ID);
	ask(resolver, PK_RUNTIME_RUNC, "box");
	clock_gettime(CLOCK_MONOTONIC, &before);
	is_resolved(resolver, "box", "");
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(after.tv_sec - before.tv_sec <= 2);
	pk_resolver_free(resolver);
	stop_server(&server);
}

static void too_many(void **state)
{
	struct server server;
	struct pk_resolver *resolver;
	const struct pk_container known = { .id = { ID, 64 } };
	struct pk_question question = { .runtime = PK_RUNTIME_DOCKER, .id = ID };
	uint32_t taken = 0;
	int err = 0;

	start_server(&server, "/run/docker.sock", NULL, NULL);
	resolver = start(1000);
	while (!err && taken <= PK_MAX_QUESTIONS) {
		err = pk_resolver_ask(resolver, &question, &known, (struct pk_text){ "/", 1 });
		taken += !err;
	}
	assert_int_equal(err, -EAGAIN);
	assert_int_equal(taken, PK_MAX_QUESTIONS);
	pk_resolver_free(resolver);
	stop_server(&server);
}

/* ---- what a path and the state directories say at once ---- */

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(runc_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(podman_on_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(appears_later, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_knows, setup, teardown),
		cmocka_unit_test_setup_teardown(docker_api, setup, teardown),
		cmocka_unit_test_setup_teardown(not_known_at_first, setup, teardown),
		cmocka_unit_test_setup_teardown(nonsense, setup, teardown),
		cmocka_unit_test_setup_teardown(hangs, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(attribution, setup, teardown),
		cmocka_unit_test_setup_teardown(gone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
