/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "container" of an event in a rule test: where its process is.
 */
#ifndef PK_CLI_TEST_CONTAINER_H
#define PK_CLI_TEST_CONTAINER_H

#include "cli/test_keys.h"
#include "stream/record.h"

/*
 * Makes a PK_EVENT_CONTAINER record of the mapping: id, name, image, runtime, privileged, outer_id as in JSON; `labels`
 * (a mapping), `mounts` (a list of SOURCE:DESTINATION or SOURCE:DESTINATION:ro), `resolving` (what is not said is
 * unknown, instead of none), `helper`, `pod` (a mapping: uid, name, namespace, sandbox_id, ip, node, labels, owner: KIND/NAME,
 * deployment, and `untold`: what only the API server knows is unknown). Mistakes are diagnostics. Length of the record, which names its cgroup; -ENOMEM.
 */
int pk_test_container(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
		      struct pk_record *record, bool *ret_is_helper);

#endif
