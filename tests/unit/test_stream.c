/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "samples.h"
#include "stream/stream.h"

static struct pk_record record;

/* Remembers what it was given. */
struct spy {
	struct pk_sink sink;
	__u64 kinds;
	__u32 cnt;
	int err;
	struct pk_context context;
	bool had_process;
	bool had_parent;
};

static int spy_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct spy *spy = (struct spy *)sink;

	spy->kinds |= PK_KIND_BIT(view->event->kind);
	spy->cnt++;
	spy->context = *view->context;
	spy->had_process = view->process;
	spy->had_parent = view->parent;
	return spy->err;
}

static int spy_flush(struct pk_sink *sink)
{
	return ((struct spy *)sink)->err;
}

static const struct pk_sink_ops spy_ops = { .event = spy_event, .flush = spy_flush };

static struct pk_stream *new_stream(struct spy *spy, __u64 kinds,
				    struct pk_recording_writer *recording)
{
	struct pk_stream_options options = { .kinds = kinds, .recording = recording };
	struct pk_stream *stream = NULL;

	if (spy) {
		spy->sink.ops = &spy_ops;
		options.sink = &spy->sink;
	}
	assert_int_equal(pk_stream_new(&options, &stream), 0);
	return stream;
}

static void facts_are_never_printed(void **state)
{
	struct spy spy = { 0 };
	pk_cleanup(pk_stream_free_p) struct pk_stream *stream = new_stream(&spy, ~0ull, NULL);

	assert_int_equal(samples_emit(pk_stream_emit, stream), 0);
	assert_true(spy.kinds == (PK_KINDS_SENSOR | PK_KINDS_STREAM));
}

static void filter_does_not_change_what_is_known(void **state)
{
	struct spy spy = { 0 };
	struct pk_stream_stats stats;
	pk_cleanup(pk_stream_free_p) struct pk_stream *stream =
		new_stream(&spy, PK_KIND_BIT(PK_EVENT_EXIT), NULL);

	assert_int_equal(samples_emit(pk_stream_emit, stream), 0);
	assert_true(spy.kinds == PK_KIND_BIT(PK_EVENT_EXIT));
	assert_true(spy.had_process);
	assert_true(spy.had_parent);
	assert_int_equal(pk_mounts_get_cnt(pk_stream_get_mounts(stream)), 2);
	pk_stream_get_stats(stream, &stats);
	assert_int_equal(stats.printed_cnt[PK_EVENT_EXIT], 3);
	assert_int_equal(stats.fed_cnt[PK_EVENT_PROC], 2);
	assert_int_equal(stats.printed_cnt[PK_EVENT_EXEC], 0);
	assert_true(stats.fed_cnt[PK_EVENT_EXEC] > 0);
	assert_int_equal(stats.refused_cnt, 0);
}

static void context_comes_from_start(void **state)
{
	struct spy spy = { 0 };
	pk_cleanup(pk_stream_free_p) struct pk_stream *stream = new_stream(&spy, ~0ull, NULL);

	sample_start(&record);
	assert_int_equal(pk_stream_feed(stream, &record.u, pk_record_finish(&record)), 0);
	assert_int_equal(spy.context.host_mnt_ns, SAMPLE_HOST_MNT_NS);
	assert_int_equal(spy.context.backend, PK_BACKEND_LSM);
	assert_true(spy.context.clock_offset_ns ==
		    (__s64)(SAMPLE_REALTIME_NS - SAMPLE_BOOTTIME_NS));
}

static void malformed_records_are_counted(void **state)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);
	struct pk_recording_writer *writer = NULL;
	struct pk_stream_stats stats;
	struct pk_stream *stream;

	assert_int_equal(pk_recording_writer_new_fd(dup(fd), &writer), 0);
	stream = new_stream(NULL, ~0ull, writer);
	sample_exit(&record, 7, 0);
	pk_record_finish(&record);
	assert_int_equal(pk_stream_feed(stream, &record.u, record.len_bytes), 0);
	record.u.event.kind = 0;
	assert_int_equal(pk_stream_feed(stream, &record.u, record.len_bytes), -EBADMSG);
	pk_stream_get_stats(stream, &stats);
	assert_int_equal(stats.refused_cnt, 1);
	assert_int_equal(pk_stream_flush(stream), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END),
			 sizeof(struct pk_recording_head) + record.len_bytes);
	pk_stream_free(stream);
	pk_recording_writer_free(writer);
	close(fd);
}

static void broken_output_is_an_error(void **state)
{
	struct spy spy = { .err = -EPIPE };
	pk_cleanup(pk_stream_free_p) struct pk_stream *stream = new_stream(&spy, ~0ull, NULL);

	sample_exit(&record, 7, 0);
	assert_int_equal(pk_stream_feed(stream, &record.u, pk_record_finish(&record)), -EPIPE);
	assert_int_equal(pk_stream_flush(stream), -EPIPE);
}

static void broken_recording_is_told_once(void **state)
{
	struct spy spy = { 0 };
	struct pk_recording_writer *writer = NULL;
	struct pk_stream *stream;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pk_recording_writer_new_fd(fds[1], &writer), 0);
	close(fds[0]);
	stream = new_stream(&spy, ~0ull, writer);
	sample_exit(&record, 7, 0);
	assert_int_equal(pk_stream_feed(stream, &record.u, pk_record_finish(&record)), 0);
	assert_int_equal(pk_stream_flush(stream), 0);
	assert_int_equal(pk_stream_take_recording_error(stream), -EPIPE);
	assert_int_equal(pk_stream_take_recording_error(stream), 0);
	assert_int_equal(pk_stream_feed(stream, &record.u, record.len_bytes), 0);
	assert_int_equal(pk_stream_flush(stream), 0);
	assert_int_equal(pk_stream_take_recording_error(stream), 0);
	assert_int_equal(spy.cnt, 2);
	assert_int_equal(pk_recording_writer_get_dropped_cnt(writer), 2);
	pk_stream_free(stream);
	pk_recording_writer_free(writer);
}

static int ignore_sigpipe(void **state)
{
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_never_printed),
		cmocka_unit_test(filter_does_not_change_what_is_known),
		cmocka_unit_test(context_comes_from_start),
		cmocka_unit_test(malformed_records_are_counted),
		cmocka_unit_test(broken_output_is_an_error),
		cmocka_unit_test(broken_recording_is_told_once),
	};

	return cmocka_run_group_tests(tests, ignore_sigpipe, NULL);
}
