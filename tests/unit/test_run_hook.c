// SPDX-License-Identifier: Apache-2.0
/*
 * From a hook's message to what the stream knows, with real cgroups and processes.
 */
#include "cli/run_hook.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/log.h"
#include "hooks.h"
#include "meta/hook_client.h"
#include "meta/pidfd.h"
#include "own_cgroups.h"

struct rig {
	struct pk_sensors *sensors;
	struct pk_stream *stream;
	struct pk_attribution *attribution;
	struct pk_live *live;
	struct pk_run_hook *hook;
	struct own_cgroups own;
};

static int rig_setup(void **state)
{
	const struct pk_resolver_options usual = { .root = "/nonexistent" };
	const struct pk_stream_options stream = { 0 };
	struct rig *rig = calloc(1, sizeof(*rig));
	char path[256];

	assert_non_null(rig);
	assert_int_equal(setup(state), 0);
	rig->sensors = own_cgroups_sensors(false, path);
	if (!rig->sensors) {
		teardown(state);
		free(rig);
		return 0;
	}
	pk_log_set_level(PK_LOG_ERROR);
	own_cgroups_begin(&rig->own, path);
	assert_int_equal(pk_stream_new(&stream, &rig->stream), 0);
	assert_int_equal(pk_attribution_new(&usual, &rig->attribution), 0);
	assert_int_equal(pk_live_new(rig->sensors, rig->stream, rig->attribution, &rig->live), 0);
	assert_int_equal(pk_run_hook_new(socket_path(), rig->attribution, rig->live, &rig->hook),
			 0);
	assert_non_null(rig->hook);
	*state = rig;
	return 0;
}

static int rig_teardown(void **state)
{
	struct rig *rig = *state;

	if (!rig)
		return 0;
	pk_run_hook_free(rig->hook);
	pk_live_free(rig->live);
	pk_attribution_free(rig->attribution);
	pk_sensors_free(rig->sensors);
	pk_stream_free(rig->stream);
	cgroup_unmake(&rig->own, "");
	free(rig);
	return teardown(state);
}

#define NEED_RIG(rig, state)        \
	struct rig *rig = *(state); \
	if (!rig)                   \
	skip()

/* A hook that says that process `pid` is container "box": how it was answered, negated. */
static int tell_of(struct rig *rig, pid_t pid)
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (!child) {
		static struct pk_record record;
		int pidfd = pk_pidfd_open((uint32_t)pid);

		make_record(&record, "box");
		_exit(-pk_hook_client_tell(socket_path(), &record, pidfd, 20000));
	}
	while (!waitpid(child, &status, WNOHANG)) {
		struct pollfd wait = { .fd = pk_run_hook_get_fd(rig->hook), .events = POLLIN };

		if (poll(&wait, 1, 10) == 1)
			pk_run_hook_read(rig->hook);
	}
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* A process in a cgroup of its own. */
static pid_t stand_in(const struct rig *rig, const char *name)
{
	pid_t child = fork();
	char path[640];
	FILE *file;

	assert_true(child >= 0);
	if (!child) {
		pause();
		_exit(0);
	}
	snprintf(path, sizeof(path), "%s/%s/cgroup.procs", rig->own.root, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "%d\n", child);
	assert_int_equal(fclose(file), 0);
	return child;
}

static void told(void **state)
{
	const struct pk_containers *known;
	__u64 id;
	pid_t pid;
	NEED_RIG(rig, state);

	known = pk_stream_get_containers(rig->stream);
	id = cgroup_make(&rig->own, "any");
	pid = stand_in(rig, "any");
	pk_run_hook_tick(rig->hook);
	assert_int_equal(tell_of(rig, pid), 0);
	assert_text(pk_containers_peek(known, id)->id, "box");
	/* what the hook thinks of the cgroup does not count where it can be seen */
	assert_false(pk_containers_has(known, 99));
	/* the hook is in it itself: a container without a cgroup of its own */
	assert_int_equal(tell_of(rig, getpid()), EXDEV);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* no process, no message */
	assert_int_equal(tell_of(rig, pid), EBADF);
	cgroup_unmake(&rig->own, "any");
}

static void places(void **state)
{
	struct pk_run_hook *second = NULL;
	NEED_RIG(rig, state);

	pk_log_set_level(PK_LOG_ERROR - 1);
	assert_int_equal(pk_run_hook_new(socket_path(), rig->attribution, rig->live, &second),
			 -EADDRINUSE);
	assert_null(second);
	assert_int_equal(pk_run_hook_get_fd(NULL), -1);
	pk_run_hook_tick(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(told, rig_setup, rig_teardown),
		cmocka_unit_test_setup_teardown(places, rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests_name("run_hook", tests, NULL, NULL);
}
