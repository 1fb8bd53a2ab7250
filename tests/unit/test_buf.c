/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

static void adds_and_grows(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	for (int i = 0; i < 1000; i++)
		assert_int_equal(pk_buf_add_str(&buf, "abc"), 0);
	assert_int_equal(buf.len_bytes, 3000);
	assert_true(buf.cap_bytes >= 3000);
	assert_memory_equal(buf.data + 2997, "abc", 3);
	assert_int_equal(pk_buf_add_char(&buf, 'x'), 0);
	assert_int_equal(buf.data[3000], 'x');
	assert_int_equal(pk_buf_add(&buf, NULL, 0), 0);
}

static void limit(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	assert_int_equal(pk_buf_reserve(&buf, PK_MAX_BUF_BYTES), 0);
	assert_int_equal(buf.cap_bytes, PK_MAX_BUF_BYTES);
	assert_int_equal(pk_buf_reserve(&buf, (size_t)PK_MAX_BUF_BYTES + 1), -EFBIG);
	assert_int_equal(pk_buf_reserve(&buf, SIZE_MAX), -EFBIG);
	assert_int_equal(buf.cap_bytes, PK_MAX_BUF_BYTES);
}

static void shrinks(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	pk_buf_reserve(&buf, 1000);
	pk_buf_shrink(&buf, 4096);
	assert_non_null(buf.data);
	pk_buf_shrink(&buf, 100);
	assert_null(buf.data);
	assert_int_equal(buf.cap_bytes, 0);
}

static void *drain(void *arg)
{
	char bytes[1000];
	size_t total = 0;
	ssize_t got;

	while ((got = read(*(int *)arg, bytes, sizeof(bytes))) > 0)
		total += (size_t)got;
	return (void *)total;
}

static void writes_to_slow_reader(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	pthread_t thread;
	void *total;
	int fds[2];

	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, 0), 0);
	pk_buf_reserve(&buf, 300000);
	memset(buf.data, 'x', 300000);
	buf.len_bytes = 300000;
	assert_int_equal(pthread_create(&thread, NULL, drain, &fds[0]), 0);
	assert_int_equal(pk_buf_write(&buf, fds[1]), 0);
	close(fds[1]);
	pthread_join(thread, &total);
	close(fds[0]);
	assert_int_equal((size_t)total, 300000);
	assert_int_equal(buf.len_bytes, 0);
}

static void write_error(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	pk_buf_add_str(&buf, "x");
	assert_int_equal(pk_buf_write(&buf, -1), -EBADF);
	assert_int_equal(buf.len_bytes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_and_grows), cmocka_unit_test(limit),
		cmocka_unit_test(shrinks),        cmocka_unit_test(writes_to_slow_reader),
		cmocka_unit_test(write_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
