/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file of rule tests: rules, events, and which rules are to match. In: its path. Out: a line a test on
 * standard output, counts. docs/rules.md has the format.
 */
#ifndef PK_CLI_TEST_RUN_H
#define PK_CLI_TEST_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/enforce.h"
#include "plan/plan.h"

#define PK_MAX_TEST_STEPS 1024u /* of one test */

struct pk_test_options {
	struct pk_plan_options plan;
	struct pk_enforce enforce;
	bool quiet; /* print failures only */
};

struct pk_test_counts {
	size_t passed_cnt;
	size_t failed_cnt;
};

/*
 * Runs all tests of a file and adds to the counts. A test that is itself wrong has failed. -EBADMSG: the file
 * or its rules are wrong as a whole, and no test was run; -errno of reading it; -ENOMEM. All of
 * that has been printed.
 */
int pk_test_run(const char *path, const struct pk_test_options *options,
		struct pk_test_counts *counts);

#endif
