/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several patterns' automata made one deterministic automaton: subset construction. A state of it is a
 * set of nodes: those that can be reached by some text. What was found is reported where it is found
 * (hit rows) and not remembered, else a set of n words to be contained had 2^n states.
 *
 * Always: a set is sorted and without doubles; it leaves out nodes that are in every set; a NEXT node
 * in it waits for the byte behind, and then the set's last member tells what stood before.
 */
#include "plan/dfa.h"

#include <string.h>

#define POOL_MAX (1u << 22)  /* members of all sets */
#define STEPS_MAX (1u << 26) /* nodes looked at */
#define TABLE_SLOTS (2 * PK_DFA_STATES)
#define ROW_SLOTS (2 * PK_DFA_ROWS)
#define BESIDE_ID 0xfffffff0u /* | PK_BESIDE_*: what stood before */
#define START 1u

struct dfa_set {
	uint32_t first; /* in pool */
	uint32_t cnt;
	uint32_t hash;
};

struct build {
	struct pk_dfa_nodes nodes;
	struct pk_dfa *dfa;
	uint32_t state_max;
	struct dfa_set sets[PK_DFA_STATES]; /* by state */
	uint16_t table[TABLE_SLOTS];        /* states by hash; 0: empty */
	uint16_t row_table[ROW_SLOTS];      /* rows by hash; 0: empty */
	uint32_t *pool;
	uint32_t pool_cnt;
	uint32_t pool_cap;
	uint32_t *seen; /* by node: `round` of when it was last put */
	uint32_t round;
	uint32_t *todo;
	struct pk_dfa_list from; /* the set that is left, and what the byte behind adds to it */
	struct pk_dfa_list to;
	struct pk_dfa_list begun[256]; /* by class: where the nodes in every set go */
	uint64_t steps;
};

static void build_free(struct build *build)
{
	if (!build)
		return;
	pk_dfa_nodes_fini(&build->nodes);
	for (size_t i = 0; i < PK_ARRAY_SIZE(build->begun); i++)
		free(build->begun[i].ids);
	free(build->pool);
	free(build->seen);
	free(build->todo);
	free(build->from.ids);
	free(build->to.ids);
	free(build);
}

PK_DEFINE_CLEANUP(struct build *, build_free);

static int build_new(const struct pk_pattern *const *patterns, size_t cnt, struct pk_dfa *dfa,
		     struct build **ret_build)
{
	pk_cleanup(build_free_p) struct build *build = calloc(1, sizeof(*build));
	size_t node_cnt;
	int err;

	if (!build)
		return -ENOMEM;
	err = pk_dfa_nodes_init(&build->nodes, patterns, cnt);
	if (err)
		return err;
	node_cnt = build->nodes.cnt;
	build->dfa = dfa;
	build->state_max = PK_DFA_CELLS / build->nodes.class_cnt;
	if (build->state_max > PK_DFA_STATES)
		build->state_max = PK_DFA_STATES;
	build->pool_cap = 1024;
	build->pool = calloc(build->pool_cap, sizeof(*build->pool));
	build->seen = calloc(node_cnt + 1, sizeof(*build->seen));
	build->todo = calloc(node_cnt + 1, sizeof(*build->todo));
	/* and one for BESIDE_ID */
	build->from.ids = calloc(node_cnt + 2, sizeof(*build->from.ids));
	build->to.ids = calloc(node_cnt + 2, sizeof(*build->to.ids));
	if (!build->pool || !build->seen || !build->todo || !build->from.ids || !build->to.ids)
		return -ENOMEM;
	*ret_build = pk_take_ptr(build);
	return 0;
}

/* ---- sets ---- */

static bool is_new(struct build *build, uint32_t id)
{
	if (build->seen[id] == build->round)
		return false;
	build->seen[id] = build->round;
	return true;
}

/* Adds to `list` what `id` leads to without a byte. `next`: kind of the byte behind; 0: not known. */
static void put(struct build *build, struct pk_dfa_list *list, uint32_t id, unsigned int prev,
		unsigned int next)
{
	uint32_t todo_cnt = 0;

	if (is_new(build, id))
		build->todo[todo_cnt++] = id;
	while (todo_cnt > 0) {
		uint32_t at = build->todo[--todo_cnt];
		const struct pk_dfa_node *node = &build->nodes.nodes[at];
		bool waits = node->kind == PK_NFA_KIND_NEXT && !next;

		build->steps++;
		if (waits || node->kind < PK_NFA_KIND_SPLIT) {
			if (!node->always)
				list->ids[list->cnt++] = at;
			continue;
		}
		if (node->kind != PK_NFA_KIND_SPLIT &&
		    !(node->arg & (node->kind == PK_NFA_KIND_PREV ? prev : next)))
			continue;
		if (is_new(build, node->out))
			build->todo[todo_cnt++] = node->out;
		if (node->kind == PK_NFA_KIND_SPLIT && is_new(build, node->out2))
			build->todo[todo_cnt++] = node->out2;
	}
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t first = *(const uint32_t *)a;
	uint32_t second = *(const uint32_t *)b;

	return (first > second) - (first < second);
}

/* Sorts a set and adds what stood before, if a node waits for what comes behind. */
static void finish_set(struct build *build, struct pk_dfa_list *list, unsigned int prev)
{
	bool waits = false;

	for (uint32_t i = 0; i < list->cnt; i++)
		waits |= build->nodes.nodes[list->ids[i]].kind == PK_NFA_KIND_NEXT;
	if (list->cnt > 1)
		qsort(list->ids, list->cnt, sizeof(*list->ids), compare_ids);
	if (waits)
		list->ids[list->cnt++] = BESIDE_ID | prev;
}

static uint32_t hash_ids(const struct pk_dfa_list *list)
{
	uint64_t hash = 0x9e3779b97f4a7c15ull;

	for (uint32_t i = 0; i < list->cnt; i++)
		hash = (hash ^ list->ids[i]) * 0xff51afd7ed558ccdull;
	return (uint32_t)(hash >> 32);
}

static int keep_set(struct build *build, const struct pk_dfa_list *list, struct dfa_set *ret_set)
{
	if (build->pool_cap - build->pool_cnt < list->cnt) {
		uint32_t cap = 2 * build->pool_cap + list->cnt;
		uint32_t *pool;

		if (build->pool_cnt + list->cnt > POOL_MAX)
			return -E2BIG;
		pool = reallocarray(build->pool, cap, sizeof(*pool));
		if (!pool)
			return -ENOMEM;
		build->pool = pool;
		build->pool_cap = cap;
	}
	ret_set->first = build->pool_cnt;
	ret_set->cnt = list->cnt;
	ret_set->hash = hash_ids(list);
	if (list->cnt)
		memcpy(build->pool + build->pool_cnt, list->ids, list->cnt * sizeof(*list->ids));
	build->pool_cnt += list->cnt;
	return 0;
}

/* ---- rows ---- */

/* The row with these bits; row 0 is empty. */
static int find_row(struct build *build, const uint64_t bits[PK_DFA_WORDS], uint16_t *ret_row)
{
	struct pk_dfa *dfa = build->dfa;
	uint64_t hash = 0;
	uint32_t slot;

	for (size_t i = 0; i < PK_DFA_WORDS; i++)
		hash = (hash ^ bits[i]) * 0xff51afd7ed558ccdull;
	*ret_row = 0;
	if (!memcmp(bits, dfa->rows[0], sizeof(dfa->rows[0])))
		return 0;
	slot = (uint32_t)(hash >> 32) % ROW_SLOTS;
	for (; build->row_table[slot]; slot = (slot + 1) % ROW_SLOTS) {
		*ret_row = build->row_table[slot];
		if (!memcmp(bits, dfa->rows[*ret_row], sizeof(dfa->rows[0])))
			return 0;
	}
	if (dfa->row_cnt == PK_DFA_ROWS)
		return -E2BIG;
	*ret_row = (uint16_t)dfa->row_cnt++;
	build->row_table[slot] = *ret_row;
	memcpy(dfa->rows[*ret_row], bits, sizeof(dfa->rows[0]));
	return 0;
}

static void set_bit(const struct build *build, uint32_t id, uint64_t bits[PK_DFA_WORDS])
{
	uint16_t pattern = build->nodes.nodes[id].pattern;

	bits[pattern / 64] |= 1ull << (pattern % 64);
}

static int find_hit_row(struct build *build, uint32_t state, const struct pk_dfa_list *list)
{
	uint64_t bits[PK_DFA_WORDS] = { 0 };

	for (uint32_t i = 0; i < list->cnt && list->ids[i] < BESIDE_ID; i++) {
		if (build->nodes.nodes[list->ids[i]].kind == PK_NFA_KIND_HIT)
			set_bit(build, list->ids[i], bits);
	}
	return find_row(build, bits, &build->dfa->hit[state]);
}

/* ---- states ---- */

/* The state that is the set build->to. */
static int find_state(struct build *build, uint32_t *ret_state)
{
	const struct pk_dfa_list *list = &build->to;
	uint32_t hash = hash_ids(list);
	uint32_t slot = hash % TABLE_SLOTS;
	uint32_t state;
	int err;

	*ret_state = 0;
	if (list->cnt == 0 && build->nodes.always.cnt == 0)
		return 0;
	for (; build->table[slot]; slot = (slot + 1) % TABLE_SLOTS) {
		const struct dfa_set *set = &build->sets[build->table[slot]];

		if (set->hash == hash && set->cnt == list->cnt &&
		    !memcmp(build->pool + set->first, list->ids, list->cnt * sizeof(*list->ids))) {
			*ret_state = build->table[slot];
			return 0;
		}
	}
	state = build->dfa->state_cnt;
	if (state >= build->state_max)
		return -E2BIG;
	err = keep_set(build, list, &build->sets[state]);
	if (!err)
		err = find_hit_row(build, state, list);
	if (err)
		return err;
	build->table[slot] = (uint16_t)state;
	build->dfa->state_cnt++;
	*ret_state = state;
	return 0;
}

/* build->from: the state's set, and what is reached in it now that the byte behind is known. What is
 * behind *ret_own_cnt is of the latter. */
static void look_ahead(struct build *build, uint32_t state, unsigned int next,
		       uint32_t *ret_own_cnt)
{
	const struct dfa_set *set = &build->sets[state];
	const uint32_t *ids = build->pool + set->first;
	uint32_t cnt = set->cnt;
	unsigned int prev;

	build->from.cnt = 0;
	build->steps += cnt;
	*ret_own_cnt = cnt;
	if (cnt == 0)
		return;
	memcpy(build->from.ids, ids, cnt * sizeof(*ids));
	build->from.cnt = cnt;
	if (ids[cnt - 1] < BESIDE_ID)
		return;
	prev = ids[--cnt] & 0xf;
	build->from.cnt = cnt;
	*ret_own_cnt = cnt;
	build->round++;
	for (uint32_t i = 0; i < cnt; i++)
		build->seen[ids[i]] = build->round;
	for (uint32_t i = 0; i < cnt; i++) {
		const struct pk_dfa_node *node = &build->nodes.nodes[ids[i]];

		if (node->kind == PK_NFA_KIND_NEXT && (node->arg & next))
			put(build, &build->from, node->out, prev, next);
	}
}

/* build->to: the set that follows on a byte of this class. */
static void step(struct build *build, uint32_t state, uint32_t byte_class)
{
	const struct pk_dfa_list *begun = &build->begun[byte_class];
	uint8_t byte = build->nodes.sample[byte_class];
	unsigned int kind = pk_nfa_beside(byte);
	uint32_t own_cnt;

	look_ahead(build, state, kind, &own_cnt);
	build->round++;
	build->to.cnt = 0;
	for (uint32_t i = 0; i < begun->cnt; i++) {
		build->seen[begun->ids[i]] = build->round;
		build->to.ids[build->to.cnt++] = begun->ids[i];
	}
	build->steps += begun->cnt;
	for (uint32_t i = 0; i < build->from.cnt; i++) {
		uint32_t id = build->from.ids[i];
		const struct pk_dfa_node *node = &build->nodes.nodes[id];

		/* found before this byte, and not yet reported: no state is asked before the first */
		if (node->kind == PK_NFA_KIND_HIT && (state == START || i >= own_cnt))
			put(build, &build->to, id, kind, 0);
		else if (pk_dfa_node_takes(node, byte))
			put(build, &build->to, node->out, kind, 0);
	}
	finish_set(build, &build->to, kind);
}

static int find_final_row(struct build *build, uint32_t state)
{
	uint64_t bits[PK_DFA_WORDS] = { 0 };
	uint32_t own_cnt;

	look_ahead(build, state, PK_BESIDE_EDGE, &own_cnt);
	for (uint32_t i = 0; i < build->from.cnt; i++) {
		uint8_t kind = build->nodes.nodes[build->from.ids[i]].kind;

		if (kind == PK_NFA_KIND_MATCH ||
		    (kind == PK_NFA_KIND_HIT && (state == START || i >= own_cnt)))
			set_bit(build, build->from.ids[i], bits);
	}
	return find_row(build, bits, &build->dfa->final[state]);
}

/* Where the nodes in every set go, by class. */
static int find_begun(struct build *build)
{
	const struct pk_dfa_nodes *nodes = &build->nodes;

	for (uint32_t class_idx = 0; class_idx < nodes->class_cnt; class_idx++) {
		uint8_t byte = nodes->sample[class_idx];
		struct pk_dfa_list *begun = &build->begun[class_idx];

		build->round++;
		build->to.cnt = 0;
		for (uint32_t i = 0; i < nodes->always.cnt; i++) {
			const struct pk_dfa_node *node = &nodes->nodes[nodes->always.ids[i]];

			if (pk_dfa_node_takes(node, byte))
				put(build, &build->to, node->out, pk_nfa_beside(byte), 0);
		}
		if (build->to.cnt == 0)
			continue;
		begun->ids = calloc(build->to.cnt, sizeof(*begun->ids));
		if (!begun->ids)
			return -ENOMEM;
		memcpy(begun->ids, build->to.ids, build->to.cnt * sizeof(*begun->ids));
		begun->cnt = build->to.cnt;
	}
	return 0;
}

static int begin(struct build *build)
{
	struct pk_dfa *dfa = build->dfa;
	struct dfa_set *set = &build->sets[START];
	int err = find_begun(build);

	if (err)
		return err;
	memcpy(dfa->class_of, build->nodes.class_of, sizeof(dfa->class_of));
	dfa->class_cnt = (uint16_t)build->nodes.class_cnt;
	dfa->state_cnt = START + 1;
	dfa->row_cnt = 1;
	build->round++;
	build->to.cnt = 0;
	for (uint32_t i = 0; i < build->nodes.start_cnt; i++)
		put(build, &build->to, build->nodes.starts[i], PK_BESIDE_EDGE, 0);
	finish_set(build, &build->to, PK_BESIDE_EDGE);
	err = keep_set(build, &build->to, set);
	if (err)
		return err;
	build->table[set->hash % TABLE_SLOTS] = START;
	return find_hit_row(build, START, &build->to);
}

static int fill_state(struct build *build, uint32_t state)
{
	struct pk_dfa *dfa = build->dfa;
	uint16_t *next = &dfa->next[state * dfa->class_cnt];

	for (uint32_t byte_class = 0; byte_class < dfa->class_cnt; byte_class++) {
		uint32_t target;
		int err;

		step(build, state, byte_class);
		if (build->steps > STEPS_MAX)
			return -E2BIG;
		err = find_state(build, &target);
		if (err)
			return err;
		next[byte_class] = (uint16_t)(target | (dfa->hit[target] ? PK_DFA_HIT : 0));
	}
	return find_final_row(build, state);
}

int pk_dfa_build(const struct pk_pattern *const *patterns, size_t cnt, struct pk_dfa *ret_dfa)
{
	pk_cleanup(build_free_p) struct build *build = NULL;
	int err;

	memset(ret_dfa, 0, sizeof(*ret_dfa));
	if (cnt > 64u * PK_DFA_WORDS)
		return -E2BIG;
	err = build_new(patterns, cnt, ret_dfa, &build);
	if (err)
		return err;
	ret_dfa->word_cnt = (uint16_t)((cnt + 63) / 64);
	err = begin(build);
	for (uint32_t state = START; !err && state < ret_dfa->state_cnt; state++)
		err = fill_state(build, state);
	return err;
}

void pk_dfa_run(const struct pk_dfa *dfa, const char *data, size_t len, uint64_t *bits)
{
	uint32_t state = START;

	for (size_t i = 0; i < len; i++) {
		uint32_t cell = dfa->next[state * dfa->class_cnt + dfa->class_of[(uint8_t)data[i]]];

		state = cell & ~PK_DFA_HIT;
		for (size_t word = 0; (cell & PK_DFA_HIT) && word < PK_DFA_WORDS; word++)
			bits[word] |= dfa->rows[dfa->hit[state]][word];
		if (state == 0)
			return;
	}
	for (size_t word = 0; word < PK_DFA_WORDS; word++)
		bits[word] |= dfa->rows[dfa->final[state]][word];
}
