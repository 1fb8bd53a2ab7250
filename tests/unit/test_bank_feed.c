/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc as the kernel side takes it: processes made for the test, and texts at their limits.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/bank_feed.h"

enum {
	KNOWN,
	MISSING,
	UNKNOWN
};

static void assert_feed_text(const struct pk_feed_text *text, __u32 text_state,
			     const char *expected)
{
	assert_int_equal(text->state, text_state);
	assert_int_equal(text->len_bytes, strlen(expected));
	assert_memory_equal(text->data, expected, text->len_bytes);
}

static int input_fd = -1;

/* A child that runs `path` with these arguments and waits for input. */
static pid_t start(const char *path, char *const argv[])
{
	int ready[2], input[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(input[0], 0);
		execv(path, argv);
		_exit(1);
	}
	assert_true(pid > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0); /* closed by the exec */
	close(ready[0]);
	close(input[0]);
	input_fd = input[1];
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(input_fd);
}

static struct pk_feed *feed_of(pid_t pid, pk_bank_name_fn *name)
{
	struct pk_bank_procs procs;
	const struct pk_bank_proc *proc;
	struct pk_feed *feed = malloc(sizeof(*feed));

	assert_non_null(feed);
	assert_int_equal(pk_bank_procs_read(name, NULL, &procs), 0);
	proc = pk_bank_procs_find(&procs, (__u32)pid);
	assert_non_null(proc);
	pk_bank_feed_fill(feed, &procs, proc);
	pk_bank_procs_fini(&procs);
	return feed;
}

static void test_texts(void **state)
{
	char *argv[] = { (char *)"zero", (char *)"1000", (char *)"1000", NULL };
	pid_t pid = start("/bin/sleep", argv);
	struct pk_feed *feed = feed_of(pid, NULL);
	char self[4096] = "";

	assert_string_equal(feed->names[0], "sleep");
	assert_string_equal(feed->names[1], "test_bank_feed");
	assert_true(feed->name_cnt >= 2);
	assert_feed_text(&feed->own[PK_TEXT_NAME], KNOWN, "sleep");
	assert_feed_text(&feed->own[PK_TEXT_EXE], KNOWN, "zero");
	assert_feed_text(&feed->own[PK_TEXT_ARGS], KNOWN, "1000 1000");
	assert_feed_text(&feed->own[PK_TEXT_CMDLINE], KNOWN, "sleep 1000 1000");
	assert_int_equal(feed->own[PK_TEXT_EXEPATH].state, KNOWN);
	assert_memory_equal(feed->own[PK_TEXT_EXEPATH].data + feed->own[PK_TEXT_EXEPATH].len_bytes -
				    10,
			    "/bin/sleep", 10);
	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_feed_text(&feed->parent[PK_TEXT_EXEPATH], KNOWN, self);
	assert_int_equal(feed->exec_flags, 0);
	assert_int_equal(feed->done, 0);
	stop(pid);
	free(feed);
}

/* No arguments, and one that is empty: the command line shows the difference, as at exec. */
static void test_empty_arguments(void **state)
{
	static const struct {
		char *argv[5];
		const char *exe, *args, *line;
	} cases[] = {
		{ { (char *)"sh", NULL }, "sh", "", "sh" },
		{ { (char *)"sh", (char *)"-s", (char *)"", NULL }, "sh", "-s ", "sh -s " },
		{ { (char *)"", (char *)"-s", NULL }, "", "-s", "sh -s" },
		{ { (char *)"-s", (char *)"-s", (char *)"", (char *)"x", NULL },
		  "-s",
		  "-s  x",
		  "sh -s  x" },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		pid_t pid = start("/bin/sh", cases[i].argv);
		struct pk_feed *feed = feed_of(pid, NULL);

		assert_feed_text(&feed->own[PK_TEXT_EXE], KNOWN, cases[i].exe);
		assert_feed_text(&feed->own[PK_TEXT_ARGS], KNOWN, cases[i].args);
		assert_feed_text(&feed->own[PK_TEXT_CMDLINE], KNOWN, cases[i].line);
		stop(pid);
		free(feed);
	}
}

/* At the limit a text is known, one byte past it is not; and what is there is no more than fits. */
static void test_long_arguments(void **state)
{
	static const struct {
		size_t args; /* bytes of /proc/PID/cmdline */
		__u32 rest, line;
	} cases[] = {
		{ PK_ARGS_MAX - 100, KNOWN, KNOWN },
		{ PK_ARGS_MAX, KNOWN, KNOWN },
		{ PK_ARGS_MAX + 1, UNKNOWN, UNKNOWN },
		{ PK_ARGS_MAX + 5000, UNKNOWN, UNKNOWN },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		char *arg = calloc(1, cases[i].args);
		struct pk_feed *feed;
		pid_t pid;

		assert_non_null(arg);
		memset(arg, '0', cases[i].args - 9); /* "sleep" NUL ... "1" NUL and its own */
		pid = start("/bin/sleep", (char *[]){ (char *)"sleep", (char *)"1", arg, NULL });
		feed = feed_of(pid, NULL);
		assert_int_equal(feed->own[PK_TEXT_EXE].state, KNOWN);
		assert_int_equal(feed->own[PK_TEXT_ARGS].state, cases[i].rest);
		assert_int_equal(feed->own[PK_TEXT_CMDLINE].state, cases[i].line);
		assert_true(feed->own[PK_TEXT_ARGS].len_bytes <= PK_FEED_TEXT_BYTES);
		if (cases[i].rest == KNOWN)
			assert_int_equal(feed->own[PK_TEXT_ARGS].len_bytes, cases[i].args - 7);
		stop(pid);
		free(feed);
		free(arg);
	}
}

/* Kernel threads have no image and no arguments, and are called what they are called. */
static void test_kernel_thread(void **state)
{
	struct pk_feed *feed;
	struct pk_bank_procs procs;
	const struct pk_bank_proc *thread;

	assert_int_equal(pk_bank_procs_read(NULL, NULL, &procs), 0);
	thread = pk_bank_procs_find(&procs, 2);
	if (!thread || strcmp(thread->name, "kthreadd")) {
		pk_bank_procs_fini(&procs);
		skip();
	}
	pk_bank_procs_fini(&procs);
	feed = feed_of(2, NULL);
	assert_feed_text(&feed->own[PK_TEXT_EXE], MISSING, "");
	assert_feed_text(&feed->own[PK_TEXT_ARGS], MISSING, "");
	assert_feed_text(&feed->own[PK_TEXT_EXEPATH], MISSING, "");
	assert_feed_text(&feed->own[PK_TEXT_CMDLINE], KNOWN, "kthreadd");
	assert_feed_text(&feed->parent[PK_TEXT_EXE], MISSING, "");
	assert_int_equal(feed->name_cnt, 1);
	free(feed);
}

static bool as_seen(void *arg, __u32 pid, char ret_name[PK_COMM_LEN])
{
	if (pid != (__u32)getpid())
		return false;
	strncpy(ret_name, "seen-at-exec", PK_COMM_LEN);
	return true;
}

/* A name that somebody saw at the exec counts, not what the process calls itself. */
static void test_name_at_exec(void **state)
{
	struct pk_feed *feed = feed_of(getpid(), as_seen);

	assert_string_equal(feed->names[0], "seen-at-exec");
	assert_feed_text(&feed->own[PK_TEXT_NAME], KNOWN, "seen-at-exec");
	free(feed);
}

/* One that is gone: nothing is known, nothing is invented. */
static void test_gone(void **state)
{
	const struct pk_bank_proc gone = { .pid = 4194304, .ppid = 4194303, .name = "gone" };
	const struct pk_bank_procs none = { 0 };
	struct pk_feed *feed = malloc(sizeof(*feed));

	assert_non_null(feed);
	pk_bank_feed_fill(feed, &none, &gone);
	assert_int_equal(feed->name_cnt, 1);
	assert_feed_text(&feed->own[PK_TEXT_EXEPATH], MISSING, "");
	assert_feed_text(&feed->parent[PK_TEXT_CMDLINE], MISSING, "");
	free(feed);
}

/* Ancestors beyond what a feed holds, and a circle, which /proc read at two moments can show. */
static void test_many_ancestors(void **state)
{
	struct pk_bank_proc items[40];
	struct pk_bank_procs procs = { .items = items, .cnt = PK_ARRAY_SIZE(items) };
	struct pk_feed *feed = malloc(sizeof(*feed));

	assert_non_null(feed);
	for (__u32 i = 0; i < PK_ARRAY_SIZE(items); i++) {
		items[i] = (struct pk_bank_proc){ .pid = 5000000 + i, .ppid = 5000000 + i - 1 };
		snprintf(items[i].name, sizeof(items[i].name), "p%u", i);
	}
	pk_bank_feed_fill(feed, &procs, &items[39]);
	assert_int_equal(feed->name_cnt, PK_FEED_NAMES);
	assert_string_equal(feed->names[0], "p39");
	assert_string_equal(feed->names[PK_FEED_NAMES - 1], "p8");
	items[0].ppid = items[2].pid;
	pk_bank_feed_fill(feed, &procs, &items[2]);
	assert_int_equal(feed->name_cnt, PK_FEED_NAMES);
	assert_string_equal(feed->names[3], "p2");
	free(feed);
}

static void test_parse_stat(void **state)
{
	static const char odd[] = "12 (a) b (c) R 34 1 1 0";
	static const char longest[] = "12 (123456789012345678) R 34 1";
	static const char *const bad[] = {
		"", "12 R 3", "12 (a", "12 )a( R 3", "12 (a) R", "12 (a)"
	};
	struct pk_bank_proc proc;

	assert_int_equal(pk_bank_parse_stat(odd, strlen(odd), &proc), 0);
	assert_string_equal(proc.name, "a) b (c");
	assert_int_equal(proc.ppid, 34);
	assert_int_equal(pk_bank_parse_stat(longest, strlen(longest), &proc), 0);
	assert_string_equal(proc.name, "123456789012345");
	for (size_t i = 0; i < PK_ARRAY_SIZE(bad); i++)
		assert_int_equal(pk_bank_parse_stat(bad[i], strlen(bad[i]), &proc), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),          cmocka_unit_test(test_empty_arguments),
		cmocka_unit_test(test_long_arguments), cmocka_unit_test(test_kernel_thread),
		cmocka_unit_test(test_name_at_exec),   cmocka_unit_test(test_gone),
		cmocka_unit_test(test_many_ancestors), cmocka_unit_test(test_parse_stat),
	};

	return cmocka_run_group_tests_name("bank_feed", tests, NULL, NULL);
}
