/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of command lines that end the program.
 */
#ifndef PK_TESTS_MISUSED_H
#define PK_TESTS_MISUSED_H

#include <argp.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch_files.h"

/* Parsing, in a child, ends with status 2 and a message that has `part`. */
static inline void assert_misused(void (*parse)(const void *arg), const void *arg, const char *part)
{
	captured_cleanup struct captured captured;
	int status = 0;
	pid_t pid;

	capture_begin(&captured);
	pid = fork();
	if (!pid) {
		argp_err_exit_status = 2;
		parse(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	capture_end(&captured);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_has(&captured.err, part);
}

#endif
