/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole events as JSON. That every member is described and valid is the schema's test; here are
 * exact texts, and the rules of what is left out.
 */
#include "test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "render.h"
#include "samples.h"
#include "sinks/json_writer.h"

static struct pk_record record;
static struct render render;

static int setup(void **state)
{
	int err = render_init(&render, false, false);

	if (err)
		return err;
	sample_start(&record);
	return render_record(&render, &record);
}

static int teardown(void **state)
{
	render_fini(&render);
	return 0;
}

static void show(void)
{
	assert_int_equal(render_record(&render, &record), 0);
}

static void exec_exactly(void **state)
{
	sample_exec(&record, 20, 10, "/bin/sh", "sh\0", 3);
	show();
	sample_exec(&record, 21, 20, "/bin/ls", "ls\0-l\0", 6);
	show();
	assert_buf(
		&render.out,
		"{\"time\":\"2026-11-23T14:00:00.123456789Z\",\"type\":\"exec\",\"process\":{"
		"\"exec_id\":\"000054000c845881\",\"pid\":21,\"tid\":21,\"ppid\":20,\"name\":\"ls\","
		"\"exe\":\"/bin/ls\",\"uid\":1000,\"gid\":1000,\"cgroup_id\":4711},\"parent\":{"
		"\"exec_id\":\"000050000bebc201\",\"pid\":20,\"name\":\"sh\",\"exe\":\"/bin/sh\"},"
		"\"exec\":{\"path\":\"/bin/ls\",\"inode\":262145,\"dev\":\"8:1\","
		"\"mode\":\"0755\",\"filename\":\"/bin/ls\",\"args\":[\"ls\",\"-l\"],"
		"\"cwd\":\"/home/user\",\"login_uid\":1000,\"audit_session\":3,"
		"\"cap_effective\":\"0000000000000000\",\"tty\":\"pts/2\",\"sid\":1200,"
		"\"pgid\":21,\"ancestors\":[\"sh\"]}}\n");
}

static void open_exactly(void **state)
{
	sample_file(&record, PK_EVENT_OPEN, 20, "/etc/passwd");
	record.u.file.open_flags = O_WRONLY | O_APPEND;
	record.u.event.parent_exec_id = 0;
	show();
	assert_buf(&render.out,
		   "{\"time\":\"2026-11-23T14:00:00.123456789Z\",\"type\":\"open\",\"process\":{"
		   "\"exec_id\":\"000050000bebc201\",\"pid\":20,\"tid\":20,\"ppid\":1,"
		   "\"name\":\"bash\",\"uid\":1000,\"gid\":1000,\"cgroup_id\":4711},\"parent\":{"
		   "\"pid\":1},\"file\":{\"path\":\"/etc/passwd\",\"inode\":262145,\"dev\":\"8:1\","
		   "\"type\":\"regular\",\"mode\":\"0644\",\"uid\":0,\"gid\":0,\"nlink\":1,"
		   "\"flags\":[\"O_WRONLY\",\"O_APPEND\"]}}\n");
}

static void times(void **state)
{
	sample_exit(&record, 20, 0);
	record.u.event.time_ns = SAMPLE_BOOTTIME_NS + 999999999;
	show();
	assert_true(buf_has(&render.out, "\"time\":\"2026-11-23T14:00:01.123456788Z\""));
	record.u.event.time_ns = 0;
	show();
	assert_true(buf_has(&render.out, "\"time\":\"2026-11-23T13:59:55.123456789Z\""));
	record.u.event.time_ns = 0 - (SAMPLE_REALTIME_NS - SAMPLE_BOOTTIME_NS) - 1;
	show();
	assert_true(buf_has(&render.out, "\"time\":\"1969-12-31T23:59:59.999999999Z\""));
	record.u.event.time_ns = (1ull << 63) - (SAMPLE_REALTIME_NS - SAMPLE_BOOTTIME_NS);
	show();
	assert_true(buf_has(&render.out, "\"time\":\"1677-09-21T00:12:43.145224192Z\""));
	record.u.event.time_ns--;
	show();
	assert_true(buf_has(&render.out, "\"time\":\"2262-04-11T23:47:16.854775807Z\""));
}

static void clock_set_moves_time(void **state)
{
	sample_start(&record);
	record.u.start.realtime_ns = 1000000000;
	record.u.start.start_flags = PK_START_CLOCK;
	show();
	assert_true(buf_has(&render.out, "\"clock_set\":true"));
	sample_exit(&record, 20, 0);
	show();
	assert_true(buf_has(&render.out, "\"time\":\"1970-01-01T00:00:01.000000000Z\""));
}

static void ids_that_differ(void **state)
{
	sample_exit(&record, 20, 0);
	record.u.event.euid = 0;
	record.u.event.egid = 0;
	record.u.event.ns_pid = 3;
	record.u.event.mnt_ns = 77;
	show();
	assert_true(buf_has(&render.out, "\"ns_pid\":3,"));
	assert_true(buf_has(&render.out, "\"euid\":0,\"egid\":0,"));
	assert_true(buf_has(&render.out, "\"mnt_ns\":77}"));
}

static void eight_ancestors_at_most(void **state)
{
	for (__u32 pid = 10; pid < 30; pid++) {
		sample_exec(&record, pid, pid - 1, "/bin/sh", "", 0);
		show();
	}
	assert_true(buf_has(&render.out, "\"ancestors\":[\"sh\",\"sh\",\"sh\",\"sh\",\"sh\",\"sh\","
					 "\"sh\",\"sh\"]"));
}

/* Records may claim that two processes are each other's parent. */
static void circular_ancestry(void **state)
{
	sample_exec(&record, 10, 11, "/bin/a", "", 0);
	show();
	sample_exec(&record, 11, 10, "/bin/b", "", 0);
	show();
	assert_true(buf_has(&render.out, "\"ancestors\":[\"a\",\"b\",\"a\",\"b\",\"a\",\"b\",\"a\","
					 "\"b\"]"));
}

static void arguments(void **state)
{
	sample_exec(&record, 20, 10, "/bin/sh", "\0\0a", 3);
	show();
	assert_true(buf_has(&render.out, "\"args\":[\"\",\"\",\"a\"]"));
	sample_exec(&record, 20, 10, "/bin/sh", "", 0);
	show();
	assert_true(buf_has(&render.out, "\"args\":[]"));
}

static void exit_statuses(void **state)
{
	sample_exit(&record, 20, 255u << 8);
	show();
	assert_true(buf_has(&render.out, "\"exit\":{\"code\":255,"));
	sample_exit(&record, 20, 9);
	show();
	assert_true(
		buf_has(&render.out, "\"exit\":{\"signal\":9,\"signal_name\":\"SIGKILL\",\"user"));
	sample_exit(&record, 20, 6 | 0x80);
	show();
	assert_true(buf_has(&render.out, "\"core_dumped\":true"));
	sample_exit(&record, 20, 64);
	show();
	assert_true(buf_has(&render.out, "\"exit\":{\"signal\":64,\"user_ns\""));
}

static void paths_of_other_namespaces(void **state)
{
	sample_mount(&record, SAMPLE_DEV_BOX, "/", "/box", PK_MOUNT_FIRST);
	show();
	sample_file(&record, PK_EVENT_OPEN, 20, "/etc/x");
	record.u.file.inode.dev = SAMPLE_DEV_BOX;
	record.u.file.path.flags = 0;
	show();
	assert_true(buf_has(&render.out, "\"path\":\"/etc/x\",\"host_path\":\"/box/etc/x\","));
	record.u.file.inode.dev = 3;
	show();
	assert_true(buf_has(&render.out, "\"path\":\"/etc/x\",\"inode\""));
}

static void invalid_utf8_is_told_per_event(void **state)
{
	sample_file(&record, PK_EVENT_OPEN, 20, "/x\xff");
	show();
	assert_true(buf_has(&render.out, "\"path\":\"/x\\ufffd\""));
	assert_true(buf_has(&render.out, ",\"invalid_utf8\":true}\n"));
	sample_file(&record, PK_EVENT_OPEN, 20, "/x");
	show();
	assert_false(buf_has(&render.out, "invalid_utf8"));
}

/* Every fixed member of an event at its longest, before and after strings: the slack holds. */
static void longest_numbers(void **state)
{
	static const __u32 kinds[] = { PK_EVENT_EXEC,    PK_EVENT_FORK,    PK_EVENT_EXIT,
				       PK_EVENT_OPEN,    PK_EVENT_CHOWN,   PK_EVENT_MKNOD,
				       PK_EVENT_LISTEN,  PK_EVENT_START,   PK_EVENT_LOST,
				       PK_EVENT_STOP,    PK_EVENT_REPEATS, PK_EVENT_MOVE_MOUNT,
				       PK_EVENT_DO_MOUNT };

	for (size_t i = 0; i < PK_ARRAY_SIZE(kinds); i++) {
		size_t body_bytes = pk_record_body_bytes(kinds[i]);
		struct pk_event *event = &record.u.event;

		pk_record_init(&record, kinds[i]);
		memset(record.u.bytes + 8, 0xff, body_bytes - 8);
		event->pid = event->ppid = 1;
		event->judgement = (struct pk_str){ 0 };
		event->verdict = PK_VERDICT_ALLOWED;
		if (kinds[i] == PK_EVENT_EXEC) {
			record.u.exec.exe = record.u.exec.script = record.u.exec.cwd =
				(struct pk_path){ .flags = ~0u };
			record.u.exec.filename = record.u.exec.args = record.u.exec.env =
				(struct pk_str){ 0 };
		} else if (kinds[i] == PK_EVENT_LISTEN) {
			record.u.net.sun_path = (struct pk_str){ 0 };
			record.u.net.path = (struct pk_path){ 0 };
			record.u.net.family = AF_INET6;
		} else if (kinds[i] == PK_EVENT_REPEATS) {
			record.u.repeats.rule = (struct pk_str){ 0 };
		} else if (kinds[i] == PK_EVENT_START) {
			memset(&record.u.start.hostname, 0, 4 * sizeof(struct pk_str));
		} else if (kinds[i] >= PK_EVENT_DO_MOUNT && kinds[i] < PK_EVENT_SENSOR_MAX) {
			record.u.sys.path = record.u.sys.path2 = (struct pk_path){ .flags = ~0u };
			record.u.sys.text = record.u.sys.text2 = (struct pk_str){ 0 };
			record.u.sys.sys_flags = 0;
		} else if (body_bytes == sizeof(struct pk_file_event)) {
			record.u.file.path = record.u.file.path2 = (struct pk_path){ .flags = ~0u };
			record.u.file.target = record.u.file.asked = (struct pk_str){ 0 };
		}
		show();
		assert_true(render.out.len_bytes > 0 && render.out.len_bytes < PK_JW_SLACK_BYTES);
	}
}

static void sink_writes_and_flushes(void **state)
{
	int fd = memfd_create("out", MFD_CLOEXEC);
	struct pk_sink *sink = NULL;
	struct pk_stream *stream = NULL;
	struct pk_stream_options options = { .kinds = ~0ull };
	off_t size;

	assert_int_equal(pk_json_sink_new(fd, &sink), 0);
	options.sink = sink;
	assert_int_equal(pk_stream_new(&options, &stream), 0);
	sample_exit(&record, 20, 0);
	assert_int_equal(pk_stream_feed(stream, &record.u, pk_record_finish(&record)), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
	assert_int_equal(pk_stream_flush(stream), 0);
	size = lseek(fd, 0, SEEK_END);
	assert_true(size > 0);
	for (int i = 0; i < 1000; i++)
		pk_stream_feed(stream, &record.u, record.len_bytes);
	assert_true(lseek(fd, 0, SEEK_END) >= 65536);
	pk_stream_flush(stream);
	assert_int_equal(lseek(fd, 0, SEEK_END), size * 1001);
	pk_stream_free(stream);
	pk_sink_free(sink);
	close(fd);
}

static void pods(void **state)
{
	struct pk_container untold;

	pk_container_to_record(&sample_box, 77, (struct pk_text){ "/b", 2 }, &record);
	show();
	sample_file(&record, PK_EVENT_OPEN, 20, "/x");
	record.u.event.cgroup_id = 77;
	show();
	assert_true(
		buf_has(&render.out,
			"\"k8s\":{\"namespace\":\"shop\",\"pod\":\"web-7d9c5-x2x\",\"uid\":"
			"\"4c1f0a52-0d3c-4d6e-9f57-2b8d1d3f7a10\",\"ip\":\"10.88.0.7\",\"node\":"
			"\"node-1\",\"owner\":{\"kind\":\"ReplicaSet\",\"name\":\"web-7d9c5\"},"
			"\"deployment\":\"web\"},"));
	/* what is not known is left out */
	untold = (struct pk_container){ .state = PK_CONTAINER_RESOLVING,
					.id = { "abc", 3 },
					.pod_uid = { "u-1", 3 } };
	pk_container_to_record(&untold, 78, (struct pk_text){ "/c", 2 }, &record);
	show();
	sample_file(&record, PK_EVENT_OPEN, 20, "/x");
	record.u.event.cgroup_id = 78;
	show();
	assert_true(buf_has(&render.out, "\"k8s\":{\"uid\":\"u-1\"},"));
	untold.id = (struct pk_text){ "def", 3 };
	untold.pod_uid.len = 0;
	pk_container_to_record(&untold, 78, (struct pk_text){ "/c", 2 }, &record);
	show();
	sample_file(&record, PK_EVENT_OPEN, 20, "/x");
	record.u.event.cgroup_id = 78;
	show();
	assert_true(buf_has(&render.out, "\"container\":{\"id\":\"def\""));
	assert_false(buf_has(&render.out, "k8s"));
}

int main(void)
{
#define json_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		json_test(exec_exactly),
		json_test(open_exactly),
		json_test(times),
		json_test(clock_set_moves_time),
		json_test(ids_that_differ),
		json_test(eight_ancestors_at_most),
		json_test(circular_ancestry),
		json_test(arguments),
		json_test(exit_statuses),
		json_test(paths_of_other_namespaces),
		json_test(invalid_utf8_is_told_per_event),
		json_test(pods),
		json_test(longest_numbers),
		json_test(sink_writes_and_flushes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
