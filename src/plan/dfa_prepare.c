/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several patterns' automata put side by side for the subset construction.
 */
#include <string.h>

#include "plan/dfa.h"

static void copy_states(struct pk_dfa_nodes *nodes, const struct pk_nfa *nfa, uint16_t pattern)
{
	uint32_t first = nodes->cnt;

	for (uint32_t i = 0; i < nfa->state_cnt; i++) {
		const struct pk_nfa_state *state = &nfa->states[i];
		struct pk_dfa_node *node = &nodes->nodes[nodes->cnt++];

		node->kind = state->kind;
		node->arg = state->arg;
		node->pattern = pattern;
		node->out = first + state->out;
		node->out2 = first + state->out2;
		if (state->kind == PK_NFA_KIND_SET)
			node->set = &nfa->sets[state->set];
	}
	nodes->starts[nodes->start_cnt++] = first + nfa->start;
	nodes->asks_beside |= nfa->asks_beside;
}

/* Whether it begins with any bytes: pk_nfa_add_anything(). */
static bool begins_anywhere(const struct pk_dfa_nodes *nodes, uint32_t start)
{
	const struct pk_dfa_node *split = &nodes->nodes[start];
	const struct pk_dfa_node *any;

	if (split->kind != PK_NFA_KIND_SPLIT)
		return false;
	any = &nodes->nodes[split->out];
	return any->kind == PK_NFA_KIND_SET && any->out == start && pk_byte_set_is_full(any->set);
}

/* Marks what `start` leads to whatever stands beside. `seen`: a byte a node; `todo` as many. */
static void mark_always(struct pk_dfa_nodes *nodes, uint32_t start, uint8_t *seen, uint32_t *todo)
{
	uint32_t todo_cnt = 0;

	seen[start] = 1;
	todo[todo_cnt++] = start;
	while (todo_cnt > 0) {
		uint32_t id = todo[--todo_cnt];
		struct pk_dfa_node *node = &nodes->nodes[id];

		if (node->kind == PK_NFA_KIND_BYTE || node->kind == PK_NFA_KIND_SET) {
			node->always = true;
			nodes->always.ids[nodes->always.cnt++] = id;
		}
		if (node->kind != PK_NFA_KIND_SPLIT)
			continue;
		if (!seen[node->out])
			todo[todo_cnt++] = node->out;
		seen[node->out] = 1;
		if (!seen[node->out2])
			todo[todo_cnt++] = node->out2;
		seen[node->out2] = 1;
	}
}

static int find_always(struct pk_dfa_nodes *nodes)
{
	pk_cleanup(pk_free_p) uint8_t *seen = calloc(nodes->cnt, sizeof(*seen));
	pk_cleanup(pk_free_p) uint32_t *todo = calloc(nodes->cnt, sizeof(*todo));

	if (!seen || !todo)
		return -ENOMEM;
	for (uint32_t i = 0; i < nodes->start_cnt; i++) {
		uint32_t at = nodes->starts[i];

		/* any of several is a row of splits */
		while (nodes->nodes[at].kind == PK_NFA_KIND_SPLIT && !begins_anywhere(nodes, at) &&
		       nodes->nodes[at].out2 < at) {
			if (begins_anywhere(nodes, nodes->nodes[at].out))
				mark_always(nodes, nodes->nodes[at].out, seen, todo);
			at = nodes->nodes[at].out2;
		}
		if (begins_anywhere(nodes, at))
			mark_always(nodes, at, seen, todo);
	}
	return 0;
}

/* Splits classes that have bytes within `set` and without. */
static void refine(struct pk_dfa_nodes *nodes, const struct pk_byte_set *set)
{
	int renamed[256][2];
	uint32_t cnt = 0;

	memset(renamed, 0xff, sizeof(renamed));
	for (unsigned int byte = 0; byte < 256; byte++) {
		int *name = &renamed[nodes->class_of[byte]][pk_byte_set_has(set, byte)];

		if (*name < 0) {
			*name = (int)cnt;
			nodes->sample[cnt++] = (uint8_t)byte;
		}
		nodes->class_of[byte] = (uint8_t)*name;
	}
	nodes->class_cnt = cnt;
}

static void refine_beside(struct pk_dfa_nodes *nodes)
{
	struct pk_byte_set words = { 0 };
	struct pk_byte_set newlines = { 0 };

	pk_byte_set_add_class(&words, "word", 4);
	refine(nodes, &words);
	pk_byte_set_add(&newlines, '\n');
	refine(nodes, &newlines);
}

static void find_classes(struct pk_dfa_nodes *nodes, const struct pk_pattern *const *patterns,
			 size_t cnt)
{
	struct pk_byte_set singles = { 0 };

	nodes->class_cnt = 1;
	for (size_t i = 0; i < cnt; i++) {
		const struct pk_nfa *nfa = pk_pattern_nfa(patterns[i]);

		for (uint32_t set = 0; set < nfa->set_cnt; set++)
			refine(nodes, &nfa->sets[set]);
	}
	for (uint32_t i = 0; i < nodes->cnt; i++) {
		if (nodes->nodes[i].kind == PK_NFA_KIND_BYTE)
			pk_byte_set_add(&singles, nodes->nodes[i].arg);
	}
	for (unsigned int byte = 0; byte < 256; byte++) {
		struct pk_byte_set one = { 0 };

		if (!pk_byte_set_has(&singles, byte))
			continue;
		pk_byte_set_add(&one, byte);
		refine(nodes, &one);
	}
	if (nodes->asks_beside)
		refine_beside(nodes);
}

int pk_dfa_nodes_init(struct pk_dfa_nodes *nodes, const struct pk_pattern *const *patterns,
		      size_t cnt)
{
	size_t node_cnt = 0;
	int err;

	*nodes = (struct pk_dfa_nodes){ 0 };
	for (size_t i = 0; i < cnt; i++)
		node_cnt += pk_pattern_nfa(patterns[i])->state_cnt;
	if (node_cnt > PK_MAX_DFA_NODES)
		return -E2BIG;
	nodes->nodes = calloc(node_cnt + 1, sizeof(*nodes->nodes));
	nodes->starts = calloc(cnt + 1, sizeof(*nodes->starts));
	nodes->always.ids = calloc(node_cnt + 1, sizeof(*nodes->always.ids));
	if (!nodes->nodes || !nodes->starts || !nodes->always.ids) {
		pk_dfa_nodes_fini(nodes);
		return -ENOMEM;
	}
	for (size_t i = 0; i < cnt; i++)
		copy_states(nodes, pk_pattern_nfa(patterns[i]), (uint16_t)i);
	err = find_always(nodes);
	if (err) {
		pk_dfa_nodes_fini(nodes);
		return err;
	}
	find_classes(nodes, patterns, cnt);
	return 0;
}

void pk_dfa_nodes_fini(struct pk_dfa_nodes *nodes)
{
	free(nodes->nodes);
	free(nodes->starts);
	free(nodes->always.ids);
	*nodes = (struct pk_dfa_nodes){ 0 };
}
