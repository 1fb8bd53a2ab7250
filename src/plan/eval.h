/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference: what a condition's value is, in user space, straight from the syntax tree. It finishes
 * what the kernel left unknown, judges recordings and rule tests, and is the oracle that emitted
 * programs are held against. It shares no table with them.
 *
 * Kleene logic over true, false, unknown. A comparison of a missing value is false, "!=" too;
 * "exists" tells. Semantics of operators are Falco's (docs/rules.md has the differences).
 */
#ifndef PK_PLAN_EVAL_H
#define PK_PLAN_EVAL_H

#include "plan/field.h"
#include "rules/tree.h"

enum pk_truth {
	PK_FALSE = 0,
	PK_UNKNOWN = 1,
	PK_TRUE = 2,
};

static inline enum pk_truth pk_truth_not(enum pk_truth t)
{
	return (enum pk_truth)(2 - (int)t);
}

/*
 * A condition made ready to be evaluated: literals converted, patterns compiled, fields found. Also the
 * second half of binding: finds mistakes that need types (a number for a text, a bad network, a bad
 * regex), as diagnostics in `ctx` at the place of the literal.
 */
struct pk_bound;

/* One comparison, bound. What the compiler of plans reads. */
struct pk_atom {
	const struct pk_rules_check *check;
	const struct pk_field
		*field; /* of the left side; NULL: the left side is a transformer or such */
	const char *field_arg;
	bool plain; /* left is a field and right are literals: the kernel may be able to answer */
	/* literals, converted to the field's type; by the field's type one of: */
	const struct pk_value_text *texts; /* as many as check->values.cnt */
	const int64_t *ints;               /* INT */
	const uint64_t *uints;             /* UINT, TIME, BOOL */
	const struct pk_net *nets;         /* ADDR, NET */
	size_t cnt;
	const struct pk_pattern *
		*patterns; /* glob, iglob, regex, contains family: compiled; else NULL */
	void *user;        /* the compiler's own */
};

struct pk_net {
	uint8_t addr[16]; /* IPv4 as ::ffff:a.b.c.d */
	uint32_t bits;    /* 0 to 128 */
};

/*
 * Binds all conditions of a rule set. -EBADMSG: there are errors among the diagnostics in
 * rules->ctx.diags; -ENOMEM. The result borrows from `rules`.
 */
int pk_bound_new(struct pk_rules *rules, struct pk_bound **ret_bound);
void pk_bound_free(struct pk_bound *bound);

/* Takes rules that cannot be bound out of a rule set that is refused anyway, so that later stages can look
 * at the others. Says nothing that was said already (pk_rules_ctx.one_a_place). -ENOMEM */
int pk_bound_filter(struct pk_rules *rules);

/* The atom of a CHECK node: the same one for nodes that ask the same (same field, argument, operator,
 * quantor, literals). */
struct pk_atom *pk_bound_atom(const struct pk_bound *bound, const struct pk_rules_node *check);

/* All distinct atoms. */
struct pk_atom *const *pk_bound_atoms(const struct pk_bound *bound, size_t *ret_cnt);

/* Is all that it asks of the event a fact of the container: fields with PK_LIFE_CONTAINER and no other? */
bool pk_atom_of_container(const struct pk_atom *atom);

/* One atom's value. -ENOMEM or what `get` returned. */
int pk_atom_eval(const struct pk_atom *atom, pk_value_fn *get, void *arg, enum pk_truth *ret);

/* A condition's value; short circuit; each shared node and atom is evaluated once per call. */
int pk_bound_eval(struct pk_bound *bound, const struct pk_rules_node *condition, pk_value_fn *get,
		  void *arg, enum pk_truth *ret);

#endif
