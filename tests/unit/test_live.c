/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sensors and live source together, on the kernel the tests run on and the backend it allows:
 * real events of commands in their own scope. Skipped, and says so, without the privileges.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cgroup_tree.h"
#include "kernel/probe.h"
#include "kernel/scope.h"
#include "meta/attribution.h"
#include "stream/live.h"

/* A sink that keeps what the tests ask about. */
struct seen {
	struct pk_sink sink;
	unsigned int cnt[PK_KIND_MAX];
	char path[4 * PATH_MAX]; /* of the last open below /tmp/picket-live */
	__u32 path_flags;
	size_t path_bytes;
	__u32 exit_status;
	char parent[32];
};

static int seen_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct seen *seen = (struct seen *)sink;
	const struct pk_event *event = view->event;

	seen->cnt[event->kind]++;
	if (event->kind == PK_EVENT_EXIT)
		seen->exit_status = ((const struct pk_exit_event *)event)->status;
	if (event->kind == PK_EVENT_OPEN) {
		const struct pk_file_event *file = (const struct pk_file_event *)event;
		struct pk_text path = pk_record_path(file, &file->path);

		if ((file->open_flags & O_ACCMODE) != O_WRONLY)
			return 0;
		assert_true(path.len < sizeof(seen->path));
		memcpy(seen->path, path.data, path.len);
		seen->path[path.len] = '\0';
		seen->path_bytes = path.len;
		seen->path_flags = file->path.flags;
	}
	if (event->kind == PK_EVENT_EXEC && view->parent)
		snprintf(seen->parent, sizeof(seen->parent), "%.*s", PK_COMM_LEN,
			 view->parent->comm);
	return 0;
}

static int seen_flush(struct pk_sink *sink)
{
	return 0;
}

static void seen_free(struct pk_sink *sink)
{
}

static const struct pk_sink_ops seen_ops = { seen_event, seen_flush, seen_free };

struct bench {
	struct seen seen;
	struct pk_stream *stream;
	struct pk_scope *scope;
	struct pk_sensors *sensors;
	struct pk_attribution *attribution;
	struct pk_live *live;
};

static void bench_init(struct bench *b, __u32 ring_bytes, char *const *argv)
{
	struct pk_stream_options stream = { .kinds = ~0ull, .sink = &b->seen.sink };
	struct pk_sensors_options options = { .kinds = PK_KINDS_SENSOR, .ring_bytes = ring_bytes };
	char path[PATH_MAX];
	const char *what = NULL;
	__u32 left_out;
	int err;

	memset(b, 0, sizeof(*b));
	b->seen.sink.ops = &seen_ops;
	err = pk_probe_cgroup2_path(path, sizeof(path)) ?: pk_scope_new(path, &b->scope);
	if (err) {
		print_message("SKIPPED: no cgroup can be made: %s\n", strerror(-err));
		skip();
	}
	assert_int_equal(pk_scope_spawn(b->scope, argv), 0);
	options.backend = pk_probe_lsm() ? PK_BACKEND_TRACEPOINT : PK_BACKEND_LSM;
	options.scope_cgroup_id = pk_scope_get_cgroup_id(b->scope);
	options.cgroup_fd = pk_scope_get_cgroup_fd(b->scope);
	err = pk_sensors_new(&options, &b->sensors, &what);
	if (err == -EPERM) {
		pk_scope_free(b->scope);
		print_message("SKIPPED: the kernel refuses '%s': %s\n", what, strerror(-err));
		skip();
	}
	assert_int_equal(err, 0);
	assert_int_equal(pk_stream_new(&stream, &b->stream), 0);
	assert_int_equal(pk_attribution_new(&(struct pk_resolver_options){ 0 }, &b->attribution),
			 0);
	assert_int_equal(pk_live_new(b->sensors, b->stream, b->attribution, &b->live), 0);
	assert_int_equal(pk_live_begin(b->live, options.backend, pk_scope_get_pid(b->scope),
				       &left_out),
			 0);
}

static void bench_fini(struct bench *b)
{
	pk_live_free(b->live);
	pk_attribution_free(b->attribution);
	pk_sensors_free(b->sensors);
	pk_stream_free(b->stream);
	pk_scope_free(b->scope);
}

static void test_command(void **state)
{
	char *const argv[] = { "sh", "-c", "true >/dev/null; exit 5", NULL };
	struct pk_stop_event stop;
	struct bench b;

	bench_init(&b, 0, argv);
	assert_int_equal(pk_scope_release(b.scope), 0);
	assert_int_equal(pk_scope_wait(b.scope), 5);
	assert_int_equal(pk_live_end(b.live, &stop), 0);
	assert_int_equal(b.seen.cnt[PK_EVENT_START], 1);
	assert_int_equal(b.seen.cnt[PK_EVENT_EXEC], 1);
	assert_int_equal(b.seen.cnt[PK_EVENT_EXIT], 1);
	assert_int_equal(b.seen.cnt[PK_EVENT_STOP], 1);
	assert_true(b.seen.cnt[PK_EVENT_OPEN] >= 1);
	assert_string_equal(b.seen.path, "/dev/null");
	assert_int_equal(WEXITSTATUS(b.seen.exit_status), 5);
	assert_string_equal(b.seen.parent, "test_live");
	assert_int_equal(stop.produced_cnt, stop.delivered_cnt + stop.lost_cnt);
	assert_int_equal(stop.lost_cnt, 0);
	bench_fini(&b);
}

#define BOX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A cgroup that is gone again before anybody reads, and in which nothing ever happened. */
static void test_short_container(void **state)
{
	char *const argv[] = { "true", NULL };
	char path[PATH_MAX + 128];
	const struct pk_container *box;
	struct pk_cgroup_tree tree;
	struct pk_stop_event stop;
	struct bench b;

	bench_init(&b, 0, argv);
	assert_int_equal(pk_cgroup_tree_find(&tree), 0);
	snprintf(path, sizeof(path), "%s/docker-" BOX ".scope", tree.path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(pk_scope_release(b.scope), 0);
	assert_int_equal(pk_scope_wait(b.scope), 0);
	assert_int_equal(pk_live_end(b.live, &stop), 0);
	box = pk_containers_find(pk_stream_get_containers(b.stream), (struct pk_text){ BOX, 64 });
	assert_non_null(box);
	assert_int_equal(box->runtime, PK_RUNTIME_DOCKER);
	assert_int_equal(stop.produced_cnt, stop.delivered_cnt + stop.lost_cnt);
	bench_fini(&b);
}

/* Nobody reads: the smallest ring buffer fills, and every event that finds no room is counted. */
static void test_full_ring(void **state)
{
	char *const argv[] = { "sh", "-c",
			       "i=0; while [ $i -lt 4000 ]; do : </dev/null; i=$((i + 1)); done",
			       NULL };
	struct pk_counters counters;
	struct pk_stop_event stop;
	struct bench b;
	__u64 lost = 0;

	bench_init(&b, PK_RING_BYTES_MIN, argv);
	assert_int_equal(pk_scope_release(b.scope), 0);
	assert_int_equal(pk_scope_wait(b.scope), 0);
	assert_int_equal(pk_sensors_read_counters(b.sensors, &counters), 0);
	for (int hook = 0; hook < PK_HOOK_MAX; hook++)
		lost += counters.lost[hook][PK_LOSS_RING];
	assert_true(lost > 1000);
	assert_int_equal(pk_live_end(b.live, &stop), 0);
	assert_true(stop.produced_cnt >= 4000);
	assert_true(stop.lost_cnt >= lost);
	assert_int_equal(stop.produced_cnt, stop.delivered_cnt + stop.lost_cnt);
	assert_true(b.seen.cnt[PK_EVENT_LOST] >= 1);
	bench_fini(&b);
}

/* Directories of 250 bytes inside each other, so deep that no system call takes the path whole. */
static int make_deep(const char *top, unsigned int depth, char *ret_name)
{
	int dir;

	memset(ret_name, 'd', 250);
	ret_name[250] = '\0';
	if (mkdir(top, 0700) || (dir = open(top, O_RDONLY | O_DIRECTORY)) < 0)
		return -errno;
	for (unsigned int i = 0; i < depth; i++) {
		int next;

		if (mkdirat(dir, ret_name, 0700))
			return -errno;
		next = openat(dir, ret_name, O_RDONLY | O_DIRECTORY);
		close(dir);
		dir = next;
	}
	return dir;
}

static void run_deep(unsigned int depth, struct bench *b)
{
	char top[] = "/tmp/picket-live-XXXXXX", name[256];
	char *const argv[] = { "sh", "-c", "echo x >file", NULL };
	char *const remove[] = { "rm", "-rf", top, NULL };
	struct pk_stop_event stop;
	pid_t pid;
	int dir;

	assert_non_null(mkdtemp(top));
	rmdir(top);
	dir = make_deep(top, depth, name);
	assert_true(dir >= 0);
	assert_int_equal(fchdir(dir), 0);
	bench_init(b, 0, argv);
	assert_int_equal(pk_scope_release(b->scope), 0);
	assert_int_equal(pk_scope_wait(b->scope), 0);
	assert_int_equal(pk_live_end(b->live, &stop), 0);
	close(dir);
	assert_int_equal(chdir("/"), 0);
	pid = fork();
	if (!pid) {
		execvp(remove[0], remove);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

static void test_path_of_4096_bytes_and_more(void **state)
{
	struct bench b;

	/* /tmp/picket-live-XXXXXX is 23 bytes, a directory 251, /file 5 */
	run_deep(20, &b);
	assert_int_equal(b.seen.path_bytes, 23 + 20 * 251 + 5);
	assert_true(b.seen.path_bytes > 4096);
	assert_false(b.seen.path_flags & PK_PATH_TRUNCATED);
	assert_memory_equal(b.seen.path, "/tmp/picket-live-", 17);
	bench_fini(&b);
}

static void test_path_past_the_limit(void **state)
{
	struct bench b;

	run_deep(40, &b);
	assert_true(b.seen.path_flags & PK_PATH_TRUNCATED);
	assert_true(b.seen.path_bytes > PK_PATH_MAX - 256);
	assert_true(b.seen.path_bytes <= PK_PATH_MAX);
	assert_string_equal(b.seen.path + b.seen.path_bytes - 5, "/file");
	bench_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_short_container),
		cmocka_unit_test(test_full_ring),
		cmocka_unit_test(test_path_of_4096_bytes_and_more),
		cmocka_unit_test(test_path_past_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
