/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

#include "alerts.h"

struct run {
	struct alerted alerted;
	struct pk_alert_sink *sink;
	int pipe[2];
};

static void run_init(struct run *run, enum pk_alert_format format, const char *output)
{
	assert_int_equal(pipe2(run->pipe, O_NONBLOCK | O_CLOEXEC), 0);
	assert_true(fcntl(run->pipe[1], F_SETPIPE_SZ, 1 << 20) >= 1 << 20);
	alerted_init(&run->alerted, false, false, output);
	assert_int_equal(pk_alert_sink_new(run->pipe[1], format, false, &run->sink), 0);
	run->alerted.alert_sink = run->sink;
}

static void run_fini(struct run *run)
{
	pk_alert_sink_free(run->sink);
	alerted_fini(&run->alerted);
	close(run->pipe[0]);
	close(run->pipe[1]);
}

/* What has been written since the last time. */
static size_t read_all(struct run *run, char *data, size_t size)
{
	ssize_t len = read(run->pipe[0], data, size - 1);

	if (len < 0) {
		assert_int_equal(errno, EAGAIN);
		len = 0;
	}
	data[len] = '\0';
	return (size_t)len;
}

static void test_flush(void **state)
{
	char data[4096];
	struct run run;

	run_init(&run, PK_ALERT_TEXT, "hello");
	assert_int_equal(alerted_run(&run.alerted), 0);
	assert_int_equal(alerted_run(&run.alerted), 0);
	assert_int_equal(read_all(&run, data, sizeof(data)), 0);
	assert_int_equal(pk_alert_sink_flush(run.sink), 0);
	read_all(&run, data, sizeof(data));
	assert_non_null(strstr(data, "Read a secret: hello\n"));
	assert_non_null(strstr(strchr(data, '\n'), "Read a secret: hello\n"));
	assert_int_equal(pk_alert_sink_flush(run.sink), 0);
	assert_int_equal(read_all(&run, data, sizeof(data)), 0);
	run_fini(&run);
}

static void test_json(void **state)
{
	char data[4096];
	struct run run;

	run_init(&run, PK_ALERT_JSON, "hello");
	assert_int_equal(alerted_run(&run.alerted), 0);
	assert_int_equal(pk_alert_sink_flush(run.sink), 0);
	read_all(&run, data, sizeof(data));
	assert_memory_equal(data, "{\"uuid\":\"", 9);
	run_fini(&run);
}

/* Much is written without being asked. */
static void test_full(void **state)
{
	static char data[300000];
	struct run run;
	char *large = malloc(70001);

	assert_non_null(large);
	memset(large, 'x', 70000);
	large[70000] = '\0';
	run_init(&run, PK_ALERT_TEXT, "%fd.name");
	give_text(&run.alerted.values, "fd.name", large);
	assert_int_equal(alerted_run(&run.alerted), 0);
	assert_true(read_all(&run, data, sizeof(data)) > 70000);
	run_fini(&run);
	free(large);
}

static void test_broken(void **state)
{
	struct run run;

	run_init(&run, PK_ALERT_TEXT, "x");
	assert_int_equal(alerted_run(&run.alerted), 0);
	close(run.pipe[1]);
	assert_int_equal(pk_alert_sink_flush(run.sink), -EBADF);
	pk_alert_sink_free(NULL);
	run_fini(&run);
}

/* An alert that can not be rendered leaves nothing behind. */
static void test_failed(void **state)
{
	char data[4096];
	struct run run;

	run_init(&run, PK_ALERT_JSON, "%proc.name");
	run.alerted.values.err = -EIO;
	assert_int_equal(alerted_run(&run.alerted), -EIO);
	assert_int_equal(pk_alert_sink_flush(run.sink), 0);
	assert_int_equal(read_all(&run, data, sizeof(data)), 0);
	run_fini(&run);
}

static void test_times(void **state)
{
	static const struct {
		__s64 ns, second;
		__u32 rest;
	} cases[] = {
		{ 0, 0, 0 },
		{ 1999999999, 1, 999999999 },
		{ -1, -1, 999999999 },
		{ -1000000000, -1, 0 },
		{ INT64_MIN, -9223372037, 145224192 },
		{ INT64_MAX, 9223372036, 854775807 },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		__s64 second;
		__u32 rest;

		pk_alert_split_time(cases[i].ns, &second, &rest);
		assert_true(second == cases[i].second && rest == cases[i].rest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flush),  cmocka_unit_test(test_json),
		cmocka_unit_test(test_full),   cmocka_unit_test(test_broken),
		cmocka_unit_test(test_failed), cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
