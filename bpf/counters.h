/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The books: what was made and what got lost, by hook.
 */
#ifndef PK_COUNTERS_H
#define PK_COUNTERS_H

#include "maps.h"

static __always_inline void pk_count_lost(__u32 hook, __u32 reason)
{
	__u32 zero = 0;
	struct pk_counters *c = bpf_map_lookup_elem(&pk_counter_map, &zero);

	if (c && hook < PK_HOOK_CNT && reason < 8)
		c->lost[hook][reason]++;
}

static __always_inline void pk_count_produced(__u32 hook)
{
	__u32 zero = 0;
	struct pk_counters *c = bpf_map_lookup_elem(&pk_counter_map, &zero);

	if (c && hook < PK_HOOK_CNT)
		c->produced[hook]++;
}

#endif
