/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long to wait before trying again: twice as long each time up to a bound, and of that a random part,
 * so that the agents of a thousand nodes do not come back all at once.
 */
#ifndef PK_META_K8S_BACKOFF_H
#define PK_META_K8S_BACKOFF_H

#include <stdint.h>

struct pk_k8s_backoff {
	uint32_t min_ms, max_ms;
	uint32_t next_ms; /* 0: from the beginning */
};

/* Between half of what is due and all of it; `random` any number. */
static inline uint32_t pk_k8s_backoff_next(struct pk_k8s_backoff *backoff, uint32_t random)
{
	uint32_t due_ms = backoff->next_ms ? backoff->next_ms : backoff->min_ms;

	if (due_ms > backoff->max_ms)
		due_ms = backoff->max_ms;
	backoff->next_ms = due_ms > backoff->max_ms / 2 ? backoff->max_ms : due_ms * 2;
	return due_ms - random % (due_ms / 2 + 1);
}

static inline void pk_k8s_backoff_reset(struct pk_k8s_backoff *backoff)
{
	backoff->next_ms = 0;
}

#endif
