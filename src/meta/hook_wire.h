/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What picket oci-hook says to the agent, over a Unix socket of the type SOCK_SEQPACKET: one message, one answer.
 *
 * The message is a head and a PK_EVENT_CONTAINER record behind it (bpf/event.h), in state PK_CONTAINER_RESOLVING; with it goes
 * one descriptor, a pidfd of the container's first process. head.cgroup_id of the record is that process's cgroup as
 * the hook sees it, 0 if it does not: it counts only where the agent cannot see for itself.
 */
#ifndef PK_META_HOOK_WIRE_H
#define PK_META_HOOK_WIRE_H

#include <assert.h>

#include "event.h"

#define PK_HOOK_SOCKET "/run/picket/agent.sock"
#define PK_HOOK_TIMEOUT_MS 2000u

#define PK_HOOK_MAGIC 0x484b4350u /* "PCKH" in little-endian */

struct pk_hook_head {
	__u32 magic;
	__u16 wire_version; /* PK_WIRE_VERSION */
	__u16 head_bytes;
};

struct pk_hook_answer {
	__u32 magic;
	__s32 err; /* 0: the rules in force know the container; -errno: not so */
};

#define PK_MAX_HOOK_BYTES (sizeof(struct pk_hook_head) + PK_RECORD_MAX)

static_assert(sizeof(struct pk_hook_head) == 8, "wire");
static_assert(sizeof(struct pk_hook_answer) == 8, "wire");

#endif
