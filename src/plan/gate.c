/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hash-consing: a gate is looked up by its kind and its children's (or literal's) addresses
 * before it is made. Children stand in the order of their cost, so that what is cheap is asked
 * first, and equal sets are equal lists.
 */
#include "plan/gate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024u

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
	return hash ^ (hash >> 29);
}

static uint64_t hash_of(const struct pk_gate *gate)
{
	uint64_t hash = mix(gate->kind, (uintptr_t)gate->lit);

	for (uint32_t i = 0; i < gate->child_cnt; i++)
		hash = mix(hash, gate->children[i]->id);
	return hash;
}

static bool same(const struct pk_gate *a, const struct pk_gate *b)
{
	return a->kind == b->kind && a->lit == b->lit && a->child_cnt == b->child_cnt &&
	       (!a->child_cnt ||
		!memcmp(a->children, b->children, a->child_cnt * sizeof(*a->children)));
}

/* Where it is, or the free place where it belongs. */
static uint32_t find_slot(const struct pk_gates *gates, const struct pk_gate *gate)
{
	uint32_t at = (uint32_t)hash_of(gate) & (gates->slot_cnt - 1);

	while (gates->slots[at] && !same(gates->slots[at], gate))
		at = (at + 1) & (gates->slot_cnt - 1);
	return at;
}

static int grow(struct pk_gates *gates)
{
	struct pk_gates bigger = { .slot_cnt = gates->slot_cnt ? gates->slot_cnt * 2 :
								 FIRST_SLOTS };

	bigger.slots = calloc(bigger.slot_cnt, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < gates->slot_cnt; i++) {
		if (gates->slots[i])
			bigger.slots[find_slot(&bigger, gates->slots[i])] = gates->slots[i];
	}
	free(gates->slots);
	gates->slots = bigger.slots;
	gates->slot_cnt = bigger.slot_cnt;
	return 0;
}

static const struct pk_gate *fail(struct pk_gates *gates, int err)
{
	if (!gates->err)
		gates->err = err;
	return NULL;
}

static uint32_t cost_of(const struct pk_gate *gate)
{
	uint64_t cost = gate->kind == PK_GATE_LIT || gate->kind == PK_GATE_NOT_LIT;

	for (uint32_t i = 0; i < gate->child_cnt; i++)
		cost += gate->children[i]->cost;
	return cost > UINT32_MAX ? UINT32_MAX : (uint32_t)cost;
}

static bool unknown_of(const struct pk_gate *gate)
{
	if (gate->kind == PK_GATE_UNKNOWN || gate->kind == PK_GATE_LIT ||
	    gate->kind == PK_GATE_NOT_LIT)
		return true;
	for (uint32_t i = 0; i < gate->child_cnt; i++) {
		if (gate->children[i]->can_be_unknown)
			return true;
	}
	return false;
}

/* The one like `wanted`, made if there is none. The children are copied then. */
static const struct pk_gate *intern(struct pk_gates *gates, const struct pk_gate *wanted)
{
	struct pk_gate *gate;
	uint32_t at;

	if ((uint64_t)gates->cnt * 2 >= gates->slot_cnt && grow(gates))
		return fail(gates, -ENOMEM);
	at = find_slot(gates, wanted);
	if (gates->slots[at])
		return gates->slots[at];
	if (gates->cnt >= PK_MAX_CIRCUIT)
		return fail(gates, -E2BIG);
	gate = pk_arena_alloc(gates->arena, sizeof(*gate));
	if (!gate)
		return fail(gates, -ENOMEM);
	*gate = *wanted;
	if (gate->child_cnt) {
		size_t bytes = gate->child_cnt * sizeof(*gate->children);

		gate->children = pk_arena_alloc(gates->arena, bytes);
		if (!gate->children)
			return fail(gates, -ENOMEM);
		memcpy(gate->children, wanted->children, bytes);
	}
	gate->id = gates->cnt++;
	gate->cost = cost_of(gate);
	gate->can_be_unknown = unknown_of(gate);
	gates->slots[at] = gate;
	return gate;
}

int pk_gates_init(struct pk_gates *gates, struct pk_arena *arena)
{
	*gates = (struct pk_gates){ .arena = arena };
	for (enum pk_gate_kind kind = PK_GATE_FALSE; kind <= PK_GATE_UNKNOWN; kind++)
		gates->constants[kind] = intern(gates, &(struct pk_gate){ .kind = kind });
	if (gates->err)
		pk_gates_fini(gates);
	return gates->err;
}

void pk_gates_fini(struct pk_gates *gates)
{
	free(gates->slots);
	free(gates->scratch);
	gates->slots = NULL;
	gates->scratch = NULL;
	gates->slot_cnt = 0;
}

const struct pk_gate *pk_gates_constant(struct pk_gates *gates, enum pk_gate_kind kind)
{
	return gates->constants[kind];
}

const struct pk_gate *pk_gates_lit(struct pk_gates *gates, const struct pk_lit *lit, bool negated)
{
	return intern(gates, &(struct pk_gate){ .kind = negated ? PK_GATE_NOT_LIT : PK_GATE_LIT,
						.lit = lit });
}

static int push(struct pk_gates *gates, const struct pk_gate *gate)
{
	if (gates->scratch_cnt == gates->scratch_cap) {
		size_t cap = gates->scratch_cap ? gates->scratch_cap * 2 : 64;
		const struct pk_gate **bigger = reallocarray(gates->scratch, cap,
							     sizeof(*gates->scratch));

		if (!bigger) {
			fail(gates, -ENOMEM);
			return -ENOMEM;
		}
		gates->scratch = bigger;
		gates->scratch_cap = cap;
	}
	gates->scratch[gates->scratch_cnt++] = gate;
	return 0;
}

/* Adds a child to those on the scratch stack. 1: it settles the whole. */
static int push_child(struct pk_gates *gates, enum pk_gate_kind kind, const struct pk_gate *child)
{
	enum pk_gate_kind settles = kind == PK_GATE_AND ? PK_GATE_FALSE : PK_GATE_TRUE;
	enum pk_gate_kind neutral = kind == PK_GATE_AND ? PK_GATE_TRUE : PK_GATE_FALSE;

	if (!child)
		return -ENOMEM;
	if (child->kind == settles)
		return 1;
	if (child->kind == neutral)
		return 0;
	if (child->kind != kind)
		return push(gates, child);
	for (uint32_t i = 0; i < child->child_cnt; i++) {
		if (push(gates, child->children[i]))
			return -ENOMEM;
	}
	return 0;
}

static int by_cost(const void *a, const void *b)
{
	const struct pk_gate *x = *(const struct pk_gate *const *)a;
	const struct pk_gate *y = *(const struct pk_gate *const *)b;

	if (x->cost != y->cost)
		return x->cost < y->cost ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static const struct pk_gate *make(struct pk_gates *gates, enum pk_gate_kind kind, size_t base)
{
	const struct pk_gate **all = gates->scratch + base;
	size_t cnt = gates->scratch_cnt - base;
	size_t kept = 0;

	if (cnt == 0)
		return gates->constants[kind == PK_GATE_AND ? PK_GATE_TRUE : PK_GATE_FALSE];
	if (cnt > UINT32_MAX)
		return fail(gates, -E2BIG);
	qsort(all, cnt, sizeof(*all), by_cost);
	for (size_t i = 0; i < cnt; i++) {
		if (!kept || all[kept - 1] != all[i])
			all[kept++] = all[i];
	}
	if (kept == 1)
		return all[0];
	return intern(gates, &(struct pk_gate){
				     .kind = kind, .children = all, .child_cnt = (uint32_t)kept });
}

const struct pk_gate *pk_gates_op(struct pk_gates *gates, enum pk_gate_kind kind,
				  const struct pk_gate *const *children, size_t cnt)
{
	size_t base = gates->scratch_cnt;
	const struct pk_gate *gate;

	for (size_t i = 0; i < cnt; i++) {
		int got = push_child(gates, kind, children[i]);

		if (got) {
			gates->scratch_cnt = base;
			if (got < 0)
				return fail(gates, got);
			return gates->constants[kind == PK_GATE_AND ? PK_GATE_FALSE : PK_GATE_TRUE];
		}
	}
	gate = make(gates, kind, base);
	gates->scratch_cnt = base;
	return gate;
}

const struct pk_gate *pk_gates_op2(struct pk_gates *gates, enum pk_gate_kind kind,
				   const struct pk_gate *a, const struct pk_gate *b)
{
	const struct pk_gate *both[2] = { a, b };

	return pk_gates_op(gates, kind, both, 2);
}

const struct pk_gate *pk_gates_not(struct pk_gates *gates, const struct pk_gate *gate)
{
	enum pk_gate_kind kind;
	const struct pk_gate *result;
	size_t base = gates->scratch_cnt;

	if (!gate)
		return NULL;
	if (gate->kind <= PK_GATE_UNKNOWN) {
		static const enum pk_gate_kind other[] = { PK_GATE_TRUE, PK_GATE_FALSE,
							   PK_GATE_UNKNOWN };

		return gates->constants[other[gate->kind]];
	}
	if (gate->lit)
		return pk_gates_lit(gates, gate->lit, gate->kind == PK_GATE_LIT);
	kind = gate->kind == PK_GATE_AND ? PK_GATE_OR : PK_GATE_AND;
	for (uint32_t i = 0; i < gate->child_cnt; i++) {
		const struct pk_gate *child = pk_gates_not(gates, gate->children[i]);

		if (!child || push_child(gates, kind, child) < 0)
			return NULL;
	}
	result = make(gates, kind, base);
	gates->scratch_cnt = base;
	return result;
}

void pk_gates_forget(struct pk_gates *gates, const struct pk_lit *lit)
{
	for (int negated = 0; negated < 2; negated++) {
		struct pk_gate wanted = { .kind = negated ? PK_GATE_NOT_LIT : PK_GATE_LIT,
					  .lit = lit };
		struct pk_gate *gate = gates->slots[find_slot(gates, &wanted)];

		/* it keeps its literal, so that it is still found at its hash, as another kind */
		if (gate)
			gate->kind = PK_GATE_UNKNOWN;
	}
}
