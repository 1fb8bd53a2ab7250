/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The maps that hold compiled rules: two banks, one in force, one being built or empty. User space
 * makes the inner maps to measure and puts them in; programs only read. Facts of processes and what
 * rules remember (tags, limits) are written by both.
 */
#ifndef PK_TABLES_H
#define PK_TABLES_H

#include "kernel.h"
#include "event.h"
#include "judge.h"

/*
 * Outer maps: key: bank. An empty slot: the rule set has nothing of the kind. Inner maps are copies of
 * the prototypes but for their number of entries.
 */
#define PK_BANK_MAP(name, inner_type, inner_flags, key_bytes, value_bytes) \
	struct {                                                           \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);                  \
		__uint(max_entries, PK_BANKS);                             \
		__type(key, __u32);                                        \
		__array(                                                   \
			values, struct {                                   \
				__uint(type, inner_type);                  \
				__uint(map_flags, inner_flags);            \
				__uint(max_entries, 1);                    \
				__uint(key_size, key_bytes);               \
				__uint(value_size, value_bytes);           \
			});                                                \
	} name SEC(".maps") __weak

/* Texts equal to a literal. Key: struct pk_exact_head and the text, zero-padded. */
PK_BANK_MAP(pk_exact32, BPF_MAP_TYPE_HASH, 0, 32, sizeof(struct pk_exact_value));
PK_BANK_MAP(pk_exact64, BPF_MAP_TYPE_HASH, 0, 64, sizeof(struct pk_exact_value));
PK_BANK_MAP(pk_exact128, BPF_MAP_TYPE_HASH, 0, 128, sizeof(struct pk_exact_value));
PK_BANK_MAP(pk_exact256, BPF_MAP_TYPE_HASH, 0, 256, sizeof(struct pk_exact_value));
/* Texts that begin with a literal. Key: struct pk_prefix_key. */
PK_BANK_MAP(pk_prefixes, BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC, sizeof(struct pk_prefix_key),
	    sizeof(struct pk_prefix_value));
/* Networks. Key: struct pk_addr_key. */
PK_BANK_MAP(pk_networks, BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC, sizeof(struct pk_addr_key),
	    sizeof(struct pk_prefix_value));
/* Files that literal paths name. Key: struct pk_ident_key. Filled further while running. */
PK_BANK_MAP(pk_idents, BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, sizeof(struct pk_ident_key),
	    sizeof(struct pk_prefix_value));
/* Automata, by number. */
PK_BANK_MAP(pk_dfas, BPF_MAP_TYPE_ARRAY, BPF_F_INNER_MAP, 4, sizeof(struct pk_dfa));
/* Key 0. */
PK_BANK_MAP(pk_plans, BPF_MAP_TYPE_ARRAY, 0, 4, sizeof(struct pk_plan_table));
/* Key: index of the rule. */
PK_BANK_MAP(pk_rule_entries, BPF_MAP_TYPE_ARRAY, BPF_F_INNER_MAP, 4, sizeof(struct pk_rule_entry));

#endif
