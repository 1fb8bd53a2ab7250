/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of a rule set: bound conditions taken apart into what the kernel's tables answer
 * (classes, bits, numbers) and, for each kind of event, a circuit over those answers. In: rules,
 * bound. Out: the contents of the tables of bpf/judge.h, circuits for src/emit/, and what `picket
 * explain` tells.
 */
#ifndef PK_PLAN_PLAN_H
#define PK_PLAN_PLAN_H

#include "base/arena.h"
#include "plan/eval.h"
#include "plan/pattern.h"

#define PK_MAX_ATOMS 262144u    /* distinct comparisons of a rule set */
#define PK_MAX_CIRCUIT 1048576u /* nodes of all circuits of a kind, shared ones once */

/* A set of numbers: sorted, disjoint, inclusive. */
struct pk_range {
	uint64_t lo, hi;
};

enum pk_lit_kind {
	PK_LIT_CLS = 0, /* cls[slot] (or cls[slot2]) lies in ranges */
	PK_LIT_BIT,     /* bit `bit` of word `word` of t and c */
	PK_LIT_NUM,     /* num[num] & mask lies in ranges */
};

/* Something the tables answer: true, false or unknown. Missing makes it false, `ne` or not. */
struct pk_lit {
	enum pk_lit_kind kind;
	bool ne;       /* there is a value, and it does not lie in ranges (CLS, NUM) */
	uint16_t slot; /* enum pk_slot */
	uint16_t slot2; /* PK_SLOT_ID, or PK_SLOT_CNT: none. Missing there is "no": only slot tells missing */
	uint16_t word, bit;
	uint16_t num; /* enum pk_num */
	uint64_t mask;
	const struct pk_range *ranges;
	size_t range_cnt;
};

enum pk_gate_kind {
	PK_GATE_FALSE = 0,
	PK_GATE_TRUE,
	PK_GATE_UNKNOWN, /* left to user space */
	PK_GATE_LIT,
	PK_GATE_NOT_LIT, /* negation of a literal (not `ne`: missing makes this one true) */
	PK_GATE_AND,
	PK_GATE_OR,
};

/* A node of a circuit: negations stand at literals only, so truth can be asked as "must it be
 * true" and "can it be true", each a plain boolean circuit. Equal nodes are one node (hash-consed
 * per plan). */
struct pk_gate {
	enum pk_gate_kind kind;
	uint32_t id;   /* unique within the plan, from 0 */
	uint32_t refs; /* how many point to it, within its kind's circuits */
	uint32_t cost; /* literals below, shared ones each time, saturating */
	bool can_be_unknown;
	const struct pk_lit *lit;
	const struct pk_gate **children;
	uint32_t child_cnt;
};

/* One rule on one kind of event. */
struct pk_judged {
	uint32_t rule_idx; /* in pk_rules.items and the kernel's table */
	const struct pk_gate *gate;
	uint8_t action; /* enum pk_rules_action */
	bool act_on_unknown;
	/* If not NULL: the rule can only be true if this literal is (it is CLS, not ne, of few
	 * classes): it is looked at only when slot's (or slot2's) class is one of them. */
	const struct pk_lit *key;
	/* If not NULL: the rule can only be true if this one can be (it is BIT, of the container), and
	 * there is no key that tells better: rules of other containers are passed over together. */
	const struct pk_lit *scope;
};

struct pk_circuit {
	const struct pk_judged *judged;
	size_t cnt;
};

struct pk_plan_exact {
	uint32_t text; /* enum pk_text_id */
	const char *data;
	size_t len;
	struct pk_exact_value value;
};

struct pk_plan_prefix {
	uint32_t text;
	const char *data;
	size_t len;
	struct pk_prefix_value value;
};

struct pk_plan_net {
	struct pk_net net;
	struct pk_prefix_value value;
};

/* A comparison of facts of containers, made in user space once a container. */
struct pk_plan_container {
	const struct pk_atom *atom;
	uint32_t bit; /* from PK_WORD_CONTAINER on */
};

/* A literal path of a rule that denies or kills: its file is looked up when the tables are
 * filled. */
struct pk_plan_ident {
	const char *path; /* NUL-terminated */
	uint32_t text;    /* PK_TEXT_FD_NAME or PK_TEXT_EXEPATH */
	struct pk_prefix_value value;
};

/* Why a rule, or an atom of it, is as it is; for explain and for refusals. */
struct pk_plan_note {
	const struct pk_rules_check
		*check; /* the atom that stands in the way; NULL: the rule as a whole */
	const char *text;
	struct pk_plan_note *next;
};

struct pk_plan_rule {
	uint64_t kinds;        /* events it can be true for */
	uint64_t kernel_kinds; /* of those: decided in the kernel alone */
	bool can_deny; /* at every kind of `kinds` there is a hook that can deny, and it is decided there */
	bool never; /* no event of ours can make it true */
	const struct pk_plan_note
		*notes; /* atoms left to user space, and why; why it cannot deny; why never */
};

struct pk_plan_options {
	enum pk_backend backend;
	bool degrade_deny_to_kill; /* --degrade deny=kill: deny rules whose hook cannot deny become kill rules */
	bool i_know;               /* a rule that denies everything to everyone is taken */
	uint32_t generation;
	/* Tags of the rule set before this one, by bit: tags of the same name keep their bits, so
	 * that what is set on processes keeps its meaning. Copied. */
	const char *const *tag_names;
	size_t tag_cnt;
};

struct pk_plan {
	struct pk_arena arena;
	struct pk_rules *rules; /* borrowed */
	struct pk_bound *bound; /* borrowed */
	struct pk_plan_options options;
	struct pk_plan_table table;
	struct pk_plan_exact *exact;
	size_t exact_cnt;
	struct pk_plan_prefix *prefix;
	size_t prefix_cnt;
	struct pk_plan_net *nets;
	size_t net_cnt;
	struct pk_plan_ident *idents;
	size_t ident_cnt;
	struct pk_plan_container *containers; /* by bit */
	size_t container_cnt;
	struct pk_dfa **dfas; /* heap */
	size_t dfa_cnt;
	struct pk_rule_entry *entries;   /* one a rule of rules->items */
	struct pk_plan_rule *plan_rules; /* the same */
	const char **tag_names;          /* by bit */
	size_t tag_cnt;
	struct pk_circuit circuits[PK_KINDS]; /* by enum pk_event_kind */
	/* What of the conditions the process's facts settle: can some rule on kind k still be
	 * true? One gate a kind over process literals only, without the rules that require a
	 * literal of the process's own texts: their interest stands in the tables, but a literal
	 * without ranges is here for each such text: it can be true when the text is unknown.
	 * TRUE: always. */
	const struct pk_gate *interest[PK_KINDS];
	/* The same for what the container's facts settle; FALSE: no rule is about the kind. */
	const struct pk_gate *container_interest[PK_KINDS];
	size_t atom_cnt;
	uint32_t gate_cnt;
};

/*
 * Compiles. Mistakes (a deny rule that cannot deny and so on) become diagnostics of rules->ctx.
 * -EBADMSG: there are errors among them; -ENOMEM; -E2BIG with a diagnostic.
 */
int pk_plan_new(struct pk_rules *rules, struct pk_bound *bound,
		const struct pk_plan_options *options, struct pk_plan **ret_plan);
void pk_plan_free(struct pk_plan *plan);

/* Kinds of event that the rules need sensors for, exec, fork and exit not counted. */
uint64_t pk_plan_kinds(const struct pk_plan *plan);

/*
 * What a container is to the rules: each comparison of its facts, and the kinds of event that some rule
 * can still be true of in it. `get` gives the values (of fields with PK_LIFE_CONTAINER only), `arg` is its
 * own. cgroup_id and flags are left 0. Changes nothing of the plan: may run beside other uses of it.
 * -ENOMEM, or what `get` returned.
 */
int pk_plan_container_eval(const struct pk_plan *plan, pk_value_fn *get, void *arg,
			   struct pk_container_facts *ret_facts);

/*
 * Evaluates a circuit's gate from a filled struct pk_judge, in user space: what the emitted
 * program does, step by step. For tests, where it stands between the reference and the program.
 */
enum pk_truth pk_gate_eval(const struct pk_gate *gate, const struct pk_judge *judge);

#endif
