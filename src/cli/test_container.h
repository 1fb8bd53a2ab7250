/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container of a test event: "host", "unknown", or keys and values.
 */
#ifndef PK_CLI_TEST_CONTAINER_H
#define PK_CLI_TEST_CONTAINER_H

#include "cli/test_keys.h"
#include "meta/draft.h"

/*
 * Fills the draft, which the caller has initialized and frees. *ret_helper: the process is the runtime's.
 * -EBADMSG: a diagnostic says what is wrong; -ENOMEM.
 */
int pk_test_container(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
		      struct pk_draft *draft, bool *ret_helper);

#endif
