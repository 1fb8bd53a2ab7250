// SPDX-License-Identifier: Apache-2.0
/*
 * Agents that answer, that do not, that answer with something else; and none.
 */
#include "meta/hook_client.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>

#include "hooks.h"
#include "meta/pidfd.h"
#include "test.h"

/* An agent of one connection: sends `len` bytes back once it has been told; 0: nothing, until the other side goes. Its
 * status is the number of bytes that it got, in eights. */
static pid_t play(const void *answer, size_t len)
{
	struct sockaddr_un address = socket_address();
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	pid_t child;

	make_dirs("/run/agent.sock");
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		static char bytes[PK_MAX_HOOK_BYTES];
		int fd = accept(listener, NULL, NULL);
		ssize_t got = recv(fd, bytes, sizeof(bytes), 0);

		if (len)
			send(fd, answer, len, MSG_NOSIGNAL);
		else
			recv(fd, bytes, sizeof(bytes), 0);
		_exit((int)got / 8);
	}
	close(listener);
	return child;
}

static int tell(uint32_t timeout_ms, const struct pk_record *record)
{
	pk_cleanup(pk_close_p) int pidfd = pk_pidfd_open((uint32_t)getpid());

	return pk_hook_client_tell(socket_path(), record, pidfd, timeout_ms);
}

static void gets(const void *answer, size_t len, int expected)
{
	static struct pk_record record;
	pid_t agent = play(answer, len);
	int status;

	make_record(&record, "box");
	assert_int_equal(tell(len ? 20000 : 100, &record), expected);
	assert_int_equal(waitpid(agent, &status, 0), agent);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), (sizeof(struct pk_hook_head) + record.len_bytes) / 8);
	assert_int_equal(unlink(socket_path()), 0);
}

static void answers(void **state)
{
	struct pk_hook_answer answer = { .magic = PK_HOOK_MAGIC };

	gets(&answer, sizeof(answer), 0);
	answer.err = -EXDEV;
	gets(&answer, sizeof(answer), -EXDEV);
	answer.err = 1;
	gets(&answer, sizeof(answer), -EPROTO);
	answer = (struct pk_hook_answer){ .magic = 1 };
	gets(&answer, sizeof(answer), -EPROTO);
	gets(&answer, 4, -EPROTO);
	gets(NULL, 0, -ETIMEDOUT);
}

static void nobody(void **state)
{
	struct sockaddr_un address = socket_address();
	static struct pk_record record;
	char path[200];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	make_record(&record, "box");
	assert_int_equal(tell(100, &record), -ENOENT);
	make_dirs("/run/agent.sock");
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(tell(100, &record), -ECONNREFUSED);
	close(fd);
	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(pk_hook_client_tell(path, &record, 0, 100), -ENAMETOOLONG);
}

/* Its queue is full: that takes the time that there is, and no more. */
static void overrun(void **state)
{
	struct sockaddr_un address = socket_address();
	static struct pk_record record;
	struct timespec before, after;
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int err = 0, waiting[8], cnt = 0;

	make_dirs("/run/agent.sock");
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 0), 0);
	for (; cnt < 8 && !err; cnt++) {
		waiting[cnt] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		err = connect(waiting[cnt], (struct sockaddr *)&address, sizeof(address));
	}
	assert_true(err);
	make_record(&record, "box");
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_int_equal(tell(200, &record), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(after.tv_sec - before.tv_sec < 20);
	while (cnt--)
		close(waiting[cnt]);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(overrun, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
