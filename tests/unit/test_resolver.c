// SPDX-License-Identifier: Apache-2.0
/*
 * The thread that asks: state on disk below a directory of the test's, and a server on a Unix socket that says what
 * runtimes say, nothing, too much, or nothing in time.
 */
#include "meta/resolver.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "rooted.h"
#include "test.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define PLAIN "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

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
	};

	/* whoever asks may have hung up before the server answers */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
