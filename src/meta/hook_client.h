/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hook's side of meta/hook_wire.h.
 */
#ifndef PK_META_HOOK_CLIENT_H
#define PK_META_HOOK_CLIENT_H

#include <stdint.h>

#include "stream/record.h"

/*
 * Tells the agent at `path` of the container in `record`, whose first process is `pidfd`, and waits for its answer, `timeout_ms`
 * for each step. The agent's answer; -ENOENT, -ECONNREFUSED: no agent is there; -ETIMEDOUT; -EPERM: who listens
 * there is not of this user; -EPROTO: what came is no answer; -ENAMETOOLONG; other -errno.
 */
int pk_hook_client_tell(const char *path, const struct pk_record *record, int pidfd,
			uint32_t timeout_ms);

#endif
