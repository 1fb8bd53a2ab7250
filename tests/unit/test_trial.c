/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trials on the kernel the tests run on, with whatever privileges there are: the results
 * hang together, and nothing stays behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/probe.h"

static unsigned int count_entries(const char *path, const char *prefix)
{
	pk_cleanup(pk_closedir_p) DIR *dir = NULL;
	const struct dirent *entry;
	unsigned int cnt = 0;

	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		cnt += !strncmp(entry->d_name, prefix, strlen(prefix));
	return cnt;
}

static void test_results_hang_together(void **state)
{
	struct pk_probe *probe = calloc(1, sizeof(*probe));
	int i;

	assert_non_null(probe);
	assert_int_equal(pk_probe_run(probe), 0);
	for (i = 0; i < PK_PROBE_FEATURE_MAX; i++) {
		const struct pk_probe_result *result = &probe->features[i];
		bool ok = result->state == PK_PROBE_OK;

		assert_true(result->err >= 0);
		assert_int_equal(ok, result->err == 0);
		assert_int_equal(ok, result->stage == PK_PROBE_STAGE_NONE);
	}
	free(probe);
}

static void test_short_question_agrees(void **state)
{
	struct pk_probe *probe = calloc(1, sizeof(*probe));
	const char *reason;
	int err;

	assert_non_null(probe);
	assert_int_equal(pk_probe_run(probe), 0);
	err = pk_probe_lsm();
	assert_true(err <= 0);
	if (pk_probe_backend(probe, &reason) == PK_BACKEND_LSM)
		assert_int_equal(err, 0);
	if (probe->features[PK_PROBE_LSM].state == PK_PROBE_REFUSED)
		assert_int_equal(err, -probe->features[PK_PROBE_LSM].err);
	free(probe);
}

static void test_nothing_stays(void **state)
{
	struct pk_probe *probe = calloc(1, sizeof(*probe));
	unsigned int fd_cnt = count_entries("/proc/self/fd", "");

	assert_non_null(probe);
	assert_int_equal(pk_probe_run(probe), 0);
	pk_probe_lsm();
	assert_int_equal(count_entries("/proc/self/fd", ""), fd_cnt);
	if (!probe->cgroup2.err) {
		char name[32];

		snprintf(name, sizeof(name), "picket-probe-%d", getpid());
		assert_int_equal(count_entries(probe->cgroup2.path, name), 0);
	}
	free(probe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results_hang_together),
		cmocka_unit_test(test_short_question_agrees),
		cmocka_unit_test(test_nothing_stays),
	};

	return cmocka_run_group_tests_name("trial", tests, NULL, NULL);
}
