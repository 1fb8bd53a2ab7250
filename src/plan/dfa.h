/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What dfa.c and dfa_prepare.c share: several patterns' automata as one list of nodes, and what the
 * subset construction needs to know of them beforehand.
 */
#ifndef PK_PLAN_DFA_H
#define PK_PLAN_DFA_H

#include "plan/nfa.h"

#define PK_MAX_DFA_NODES 262144u /* of all patterns together */

struct pk_dfa_node {
	uint8_t kind; /* enum pk_nfa_kind */
	uint8_t arg;
	bool always; /* in every set of nodes, so in none of those kept */
	uint16_t pattern;
	uint32_t out;
	uint32_t out2;
	const struct pk_byte_set *set;
};

struct pk_dfa_list {
	uint32_t *ids;
	uint32_t cnt;
};

struct pk_dfa_nodes {
	struct pk_dfa_node *nodes;
	uint32_t cnt;
	uint32_t *starts; /* one a pattern */
	uint32_t start_cnt;
	/* Patterns that may begin anywhere keep the nodes that wait for their beginning in every set. */
	struct pk_dfa_list always;
	bool asks_beside;
	/* bytes that no node tells apart are of one class */
	uint8_t class_of[256];
	uint8_t sample[256]; /* a byte of each class */
	uint32_t class_cnt;
};

/* -E2BIG, -ENOMEM. The patterns must outlive it. */
int pk_dfa_nodes_init(struct pk_dfa_nodes *nodes, const struct pk_pattern *const *patterns,
		      size_t cnt);
void pk_dfa_nodes_fini(struct pk_dfa_nodes *nodes);

static inline bool pk_dfa_node_takes(const struct pk_dfa_node *node, uint8_t byte)
{
	if (node->kind == PK_NFA_KIND_BYTE)
		return node->arg == byte;
	return node->kind == PK_NFA_KIND_SET && pk_byte_set_has(node->set, byte);
}

#endif
