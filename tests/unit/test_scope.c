/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands in cgroups of their own. Skipped, and says so, where no cgroup can be made.
 */
#include "test.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/probe.h"
#include "kernel/scope.h"

static struct pk_scope *scope_or_skip(void)
{
	struct pk_scope *scope = NULL;
	char path[PATH_MAX];
	int err = pk_probe_cgroup2_path(path, sizeof(path));

	if (!err)
		err = pk_scope_new(path, &scope);
	if (err) {
		print_message("SKIPPED: no cgroup can be made: %s\n", strerror(-err));
		skip();
	}
	return scope;
}

static int run(char *const *argv, int *ret_release)
{
	struct pk_scope *scope = scope_or_skip();
	char path[PATH_MAX];
	struct stat st;
	int status;

	snprintf(path, sizeof(path), "%s", pk_scope_get_path(scope));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_ino, pk_scope_get_cgroup_id(scope));
	assert_int_equal(pk_scope_spawn(scope, argv), 0);
	*ret_release = pk_scope_release(scope);
	status = pk_scope_wait(scope);
	pk_scope_free(scope);
	assert_int_equal(stat(path, &st), -1);
	return status;
}

static void test_status(void **state)
{
	char *const seven[] = { "sh", "-c", "exit 7", NULL };
	char *const term[] = { "sh", "-c", "kill -TERM $$", NULL };
	int release;

	assert_int_equal(run(seven, &release), 7);
	assert_int_equal(release, 0);
	assert_int_equal(run(term, &release), 128 + SIGTERM);
	assert_int_equal(release, 0);
}

static void test_command_that_cannot_run(void **state)
{
	char *const missing[] = { "/nowhere/at/all", NULL };
	char *const no_program[] = { "/etc/passwd", NULL };
	int release;

	assert_int_equal(run(missing, &release), 127);
	assert_int_equal(release, -ENOENT);
	assert_int_equal(run(no_program, &release), 126);
	assert_int_equal(release, -EACCES);
}

/* A command that is never let go ends with its scope, and has not run. */
static void test_never_released(void **state)
{
	struct pk_scope *scope = scope_or_skip();
	char file[] = "/tmp/picket-scope-XXXXXX";
	char *const argv[] = { "rm", file, NULL };
	int fd = mkstemp(file);
	pid_t pid;

	assert_true(fd >= 0);
	assert_int_equal(pk_scope_spawn(scope, argv), 0);
	pid = pk_scope_get_pid(scope);
	pk_scope_free(scope);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(access(file, F_OK), 0);
	unlink(file);
	close(fd);
}

/* What the command leaves running is moved out, so that the cgroup can go; it is not ended. */
static void test_left_running(void **state)
{
	struct pk_scope *scope = scope_or_skip();
	char file[] = "/tmp/picket-scope-XXXXXX";
	char command[128], path[PATH_MAX];
	int fd = mkstemp(file);
	char *const argv[] = { "sh", "-c", command, NULL };
	struct stat st;
	pid_t left = 0;
	FILE *in;

	assert_true(fd >= 0);
	snprintf(command, sizeof(command), "sleep 30 >/dev/null 2>&1 & echo $! >%s", file);
	snprintf(path, sizeof(path), "%s", pk_scope_get_path(scope));
	assert_int_equal(pk_scope_spawn(scope, argv), 0);
	assert_int_equal(pk_scope_release(scope), 0);
	assert_int_equal(pk_scope_wait(scope), 0);
	pk_scope_free(scope);
	assert_int_equal(stat(path, &st), -1);
	in = fdopen(fd, "r");
	assert_int_equal(fscanf(in, "%d", &left), 1);
	assert_int_equal(kill(left, 0), 0);
	kill(left, SIGKILL);
	fclose(in);
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_command_that_cannot_run),
		cmocka_unit_test(test_never_released),
		cmocka_unit_test(test_left_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
