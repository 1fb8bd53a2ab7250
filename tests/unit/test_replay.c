/* SPDX-License-Identifier: Apache-2.0 */
/*
 * picket replay in a child process: its output, messages and exit status. The promise that
 * matters: it prints byte for byte what the run that made the recording printed.
 */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "samples.h"
#include "sinks/json.h"
#include "sinks/text.h"
#include "stream/stream.h"

static char recording[] = "/tmp/picket-test-XXXXXX";

struct run {
	struct pk_buf out;
	struct pk_buf err;
	int status;
};

static void run_fini(struct run *run)
{
	pk_buf_fini(&run->out);
	pk_buf_fini(&run->err);
}

static void slurp(int fd, struct pk_buf *buf)
{
	off_t size = lseek(fd, 0, SEEK_END);

	assert_int_equal(pk_buf_reserve(buf, (size_t)size + 1), 0);
	assert_int_equal(pread(fd, buf->data, (size_t)size, 0), size);
	buf->len_bytes = (size_t)size;
	close(fd);
}

/* Runs `picket replay` with up to three arguments; standard input is `in_fd` unless negative. */
static void replay(struct run *run, int in_fd, const char *a, const char *b, const char *c)
{
	const char *argv[] = { "replay", a, b, c, NULL };
	int out_fd = memfd_create("out", MFD_CLOEXEC);
	int err_fd = memfd_create("err", MFD_CLOEXEC);
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (in_fd >= 0)
			dup2(in_fd, STDIN_FILENO);
		dup2(out_fd, STDOUT_FILENO);
		dup2(err_fd, STDERR_FILENO);
		status = pk_cmd_replay(1 + !!a + !!b + !!c, (char **)argv);
		fflush(NULL);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	*run = (struct run){ .status = WEXITSTATUS(status) };
	slurp(out_fd, &run->out);
	slurp(err_fd, &run->err);
}

/* What a live run prints, which records at the same time if asked to. */
static void live_run(struct pk_buf *out, bool json, struct pk_recording_writer *writer)
{
	int fd = memfd_create("live", MFD_CLOEXEC);
	struct pk_sink *sink = NULL;
	struct pk_stream *stream = NULL;
	struct pk_stream_options options = { .kinds = PK_KINDS_DEFAULT | PK_KINDS_STREAM,
					     .recording = writer };

	assert_int_equal(json ? pk_json_sink_new(fd, &sink) : pk_text_sink_new(fd, false, &sink),
			 0);
	options.sink = sink;
	assert_int_equal(pk_stream_new(&options, &stream), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(samples_emit(pk_stream_emit, stream), 0);
	assert_int_equal(pk_stream_flush(stream), 0);
	pk_stream_free(stream);
	pk_sink_free(sink);
	slurp(fd, out);
}

static int make_recording(void **state)
{
	pk_cleanup(pk_recording_writer_free_p) struct pk_recording_writer *writer = NULL;
	pk_buf_cleanup struct pk_buf out = PK_BUF_INIT;
	int fd = mkstemp(recording);

	if (fd < 0 || pk_recording_writer_new_fd(fd, &writer) < 0)
		return -1;
	live_run(&out, true, writer);
	return 0;
}

static int remove_recording(void **state)
{
	return unlink(recording);
}

static void same_bytes(void **state)
{
	pk_buf_cleanup struct pk_buf json = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	pk_cleanup(run_fini) struct run run = { 0 };

	live_run(&json, true, NULL);
	replay(&run, -1, "-ojson", recording, NULL);
	assert_int_equal(run.status, 0);
	assert_int_equal(run.err.len_bytes, 0);
	assert_int_equal(run.out.len_bytes, json.len_bytes);
	assert_memory_equal(run.out.data, json.data, json.len_bytes);
	run_fini(&run);
	live_run(&text, false, NULL);
	replay(&run, -1, recording, NULL, NULL);
	assert_int_equal(run.out.len_bytes, text.len_bytes);
	assert_memory_equal(run.out.data, text.data, text.len_bytes);
}

static void from_standard_input(void **state)
{
	pk_cleanup(run_fini) struct run run = { 0 };
	pk_cleanup(pk_close_p) int fd = open(recording, O_RDONLY);

	replay(&run, fd, "--events=exit", "--exclude=start,stop,lost", "-");
	assert_int_equal(run.status, 0);
	assert_true(buf_has(&run.out, " exit "));
	assert_false(buf_has(&run.out, " exec "));
	assert_false(buf_has(&run.out, "LOST"));
}

static void truncated_recording(void **state)
{
	pk_cleanup(run_fini) struct run run = { 0 };
	pk_cleanup(pk_close_p) int fd = memfd_create("cut", MFD_CLOEXEC);
	static char bytes[5001];
	int from = open(recording, O_RDONLY);

	assert_int_equal(read(from, bytes, sizeof(bytes)), sizeof(bytes));
	close(from);
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	lseek(fd, 0, SEEK_SET);
	replay(&run, fd, "-ojson", "-", NULL);
	assert_int_equal(run.status, 1);
	assert_true(buf_has(&run.out, "\"type\":\"exec\""));
	assert_true(
		buf_has(&run.err, "picket: replay: cannot read '-': incomplete record at offset"));
}

static void unreadable(void **state)
{
	pk_cleanup(run_fini) struct run run = { 0 };

	replay(&run, -1, "/nonexistent", NULL, NULL);
	assert_int_equal(run.status, 1);
	assert_buf(&run.err, "picket: replay: cannot read '/nonexistent': No such file or "
			     "directory\n");
	assert_int_equal(run.out.len_bytes, 0);
}

#define RULE(name, condition)                                              \
	"- rule: " name "\n  desc: d\n  output: \"%proc.name %fd.name\"\n" \
	"  priority: INFO\n  condition: " condition "\n"

/* Runs a replay of the recording by the rules of a text. */
static void replay_rules(struct run *run, const char *rules, const char *option)
{
	char path[] = "/tmp/picket-test-XXXXXX";
	char argument[64];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, rules, strlen(rules)), strlen(rules));
	close(fd);
	snprintf(argument, sizeof(argument), "-r%s", path);
	replay(run, -1, argument, option, recording);
	unlink(path);
}

static size_t lines_of(const struct pk_buf *buf)
{
	size_t cnt = 0;

	for (size_t i = 0; i < buf->len_bytes; i++)
		cnt += buf->data[i] == '\n';
	return cnt;
}

/* The samples are recorded twenty times. */
static void rules(void **state)
{
	pk_cleanup(run_fini) struct run run = { 0 };

	replay_rules(&run, RULE("passwd", "evt.type = open and fd.name = /etc/passwd"), "-ojson");
	assert_int_equal(run.status, 0);
	assert_int_equal(run.err.len_bytes, 0);
	assert_int_equal(lines_of(&run.out), 20);
	assert_true(buf_has(&run.out, "\"rule\":\"passwd\""));
	run_fini(&run);
	replay_rules(&run, RULE("passwd", "evt.type = open and fd.name = /etc/passwd"),
		     "--exclude=open");
	assert_int_equal(run.out.len_bytes, 0);
	run_fini(&run);
	replay_rules(&run, RULE("passwd", "evt.type = opne and fd.nmae = /etc/passwd"), "-ojson");
	assert_int_equal(run.status, 1);
	assert_int_equal(run.out.len_bytes, 0);
	assert_true(buf_has(&run.err, ": error: "));
}

/* A tag comes of events that are not to be printed, too. */
static void rules_remember(void **state)
{
	pk_cleanup(run_fini) struct run run = { 0 };

	replay_rules(
		&run,
		RULE("renames", "evt.type = rename and fd.name = /tmp/a") "  tag: renamer\n" RULE(
			"then", "evt.type = unlink and proc.tag = renamer"),
		"--events=unlink");
	assert_int_equal(run.status, 0);
	assert_int_equal(lines_of(&run.out), 20);
	assert_true(buf_has(&run.out, "then"));
	assert_false(buf_has(&run.out, "renames"));
}

static void usage(void **state)
{
	pk_cleanup(run_fini) struct run run = { 0 };

	replay(&run, -1, "--events=opn", recording, NULL);
	assert_int_equal(run.status, 2);
	assert_true(buf_has(&run.err, "did you mean 'open'?"));
	run_fini(&run);
	replay(&run, -1, NULL, NULL, NULL);
	assert_int_equal(run.status, 2);
	run_fini(&run);
	replay(&run, -1, "a", "b", NULL);
	assert_int_equal(run.status, 2);
	run_fini(&run);
	replay(&run, -1, "--help", NULL, NULL);
	assert_int_equal(run.status, 0);
	assert_true(buf_has(&run.out, "Usage: picket replay [OPTION...] FILE"));
}

/* Exit status with standard output on `fd`, which is closed afterwards. */
static int status_with_output(int fd)
{
	const char *argv[] = { "replay", "-ojson", recording, NULL };
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(fd, STDOUT_FILENO);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		_exit(pk_cmd_replay(3, (char **)argv));
	}
	close(fd);
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void output_that_breaks(void **state)
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(status_with_output(fds[1]), 0);
	assert_int_equal(status_with_output(open("/dev/full", O_WRONLY)), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_bytes),
		cmocka_unit_test(from_standard_input),
		cmocka_unit_test(truncated_recording),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(rules),
		cmocka_unit_test(rules_remember),
		cmocka_unit_test(usage),
		cmocka_unit_test(output_that_breaks),
	};

	return cmocka_run_group_tests(tests, make_recording, remove_recording);
}
