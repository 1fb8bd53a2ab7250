/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "base/log.h"

/* What `level` and `text` put on stderr. */
static size_t logged(enum pk_log_level level, const char *text, char *out, size_t out_bytes)
{
	int saved = dup(STDERR_FILENO);
	size_t len = 0;
	ssize_t got;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
	pk_log(level, "%s", text);
	dup2(saved, STDERR_FILENO);
	close(saved);
	while ((got = read(fds[0], out + len, out_bytes - len)) > 0)
		len += (size_t)got;
	close(fds[0]);
	return len;
}

static void prefixes(void **state)
{
	char out[4096];
	size_t len = logged(PK_LOG_ERROR, "run: cannot", out, sizeof(out));

	assert_int_equal(len, strlen("picket: run: cannot\n"));
	assert_memory_equal(out, "picket: run: cannot\n", len);
	len = logged(PK_LOG_WARNING, "x", out, sizeof(out));
	assert_memory_equal(out, "picket: warning: x\n", len);
}

static void levels(void **state)
{
	char out[4096];

	assert_int_equal(pk_log_get_level(), PK_LOG_INFO);
	assert_int_equal(logged(PK_LOG_DEBUG, "x", out, sizeof(out)), 0);
	pk_log_set_level(PK_LOG_DEBUG);
	assert_true(logged(PK_LOG_DEBUG, "x", out, sizeof(out)) > 0);
	pk_log_set_level(PK_LOG_ERROR);
	assert_int_equal(logged(PK_LOG_WARNING, "x", out, sizeof(out)), 0);
	pk_log_set_level(PK_LOG_INFO);
}

static void hides_controls(void **state)
{
	char out[4096];
	size_t len = logged(PK_LOG_INFO, "a\033[31mb\x7f", out, sizeof(out));

	assert_int_equal(len, strlen("picket: a?[31mb?\n"));
	assert_memory_equal(out, "picket: a?[31mb?\n", len);
}

static void cuts_long_lines(void **state)
{
	char text[5000];
	char out[8192];
	size_t len;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	len = logged(PK_LOG_INFO, text, out, sizeof(out));
	assert_int_equal(len, 2048);
	assert_int_equal(out[len - 1], '\n');
}

static void keeps_errno(void **state)
{
	char out[64];

	errno = ENOSPC;
	logged(PK_LOG_INFO, "x", out, sizeof(out));
	errno = ENOSPC;
	pk_log(PK_LOG_DEBUG, "x");
	assert_int_equal(errno, ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes),       cmocka_unit_test(levels),
		cmocka_unit_test(hides_controls), cmocka_unit_test(cuts_long_lines),
		cmocka_unit_test(keeps_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
