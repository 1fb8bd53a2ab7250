/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A draft that each test begins with.
 */
#ifndef PK_TESTS_DRAFTED_H
#define PK_TESTS_DRAFTED_H

#include "meta/draft.h"

static struct pk_draft draft;

static inline int setup(void **state)
{
	pk_draft_init(&draft);
	return 0;
}

static inline int teardown(void **state)
{
	pk_draft_fini(&draft);
	return 0;
}

#endif
