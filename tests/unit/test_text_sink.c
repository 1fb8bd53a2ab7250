// SPDX-License-Identifier: Apache-2.0
/*
 * When the sink of text writes, and that an error of writing is told.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "samples.h"
#include "sinks/text.h"
#include "test.h"

static struct pk_record record;

static struct pk_stream *start(int fd, struct pk_sink **ret_sink)
{
	struct pk_stream_options options = { .kinds = ~0ull };
	struct pk_stream *stream = NULL;

	assert_int_equal(pk_text_sink_new(fd, false, ret_sink), 0);
	options.sink = *ret_sink;
	assert_int_equal(pk_stream_new(&options, &stream), 0);
	sample_exit(&record, 20, 0);
	pk_record_finish(&record);
	return stream;
}

static void writes_and_flushes(void **state)
{
	pk_cleanup(pk_close_p) int fd = memfd_create("out", MFD_CLOEXEC);
	struct pk_sink *sink = NULL;
	struct pk_stream *stream = start(fd, &sink);
	off_t size;

	assert_int_equal(pk_stream_feed(stream, &record.u, record.len_bytes), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
	assert_int_equal(pk_stream_flush(stream), 0);
	size = lseek(fd, 0, SEEK_END);
	assert_true(size > 0);
	for (off_t i = 0; i < 65536 / size; i++)
		assert_int_equal(pk_stream_feed(stream, &record.u, record.len_bytes), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), size);
	assert_int_equal(pk_stream_feed(stream, &record.u, record.len_bytes), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), size * (65536 / size + 2));
	pk_stream_free(stream);
	pk_sink_free(sink);
}

static void errors(void **state)
{
	pk_cleanup(pk_close_p) int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct pk_sink *sink = NULL;
	struct pk_stream *stream = start(fd, &sink);

	assert_int_equal(pk_stream_feed(stream, &record.u, record.len_bytes), 0);
	assert_int_equal(pk_stream_flush(stream), -ENOSPC);
	pk_stream_free(stream);
	pk_sink_free(sink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_and_flushes),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
