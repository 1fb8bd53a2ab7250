// SPDX-License-Identifier: Apache-2.0
/*
 * Descriptors of processes, of what has ended, and of what is none.
 */
#include "meta/pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "test.h"

static void there_and_back(void **state)
{
	pid_t child = fork();
	pk_cleanup(pk_close_p) int fd = -1;
	uint32_t pid = 0;

	assert_true(child >= 0);
	if (!child) {
		pause();
		_exit(0);
	}
	fd = pk_pidfd_open((uint32_t)child);
	assert_true(fd >= 0);
	assert_int_equal(pk_pidfd_pid(fd, &pid), 0);
	assert_int_equal(pid, child);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(pk_pidfd_pid(fd, &pid), -ESRCH);
	assert_int_equal(pk_pidfd_open((uint32_t)child), -ESRCH);
}

static void no_process(void **state)
{
	pk_cleanup(pk_close_p) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	uint32_t pid = 7;

	assert_int_equal(pk_pidfd_pid(fd, &pid), -EBADF);
	assert_int_equal(pk_pidfd_pid(-1, &pid), -EBADF);
	assert_int_equal(pid, 7);
	assert_true(pk_pidfd_open(0) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(no_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
