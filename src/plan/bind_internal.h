/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bind*.c makes and eval*.c reads: conditions bound to fields.
 */
#ifndef PK_PLAN_BIND_INTERNAL_H
#define PK_PLAN_BIND_INTERNAL_H

#include "base/arena.h"
#include "plan/eval.h"
#include "plan/pattern.h"
#include "rules/names.h"

/* One side of a comparison: a field, or a transformer with what it is given. */
struct pk_side {
	enum pk_rules_expr_kind kind;
	enum pk_field_type type; /* of its value */
	const struct pk_field *field;
	const char *field_arg; /* TRANSFORMER: what stands in [] behind it */
	enum pk_rules_transformer transformer;
	struct pk_value_text text; /* VALUE */
	const struct pk_side *const *args;
	size_t args_cnt;
};

/* What the left side is compared with: literals, or what the right side gave. */
struct pk_operands {
	const struct pk_value_text *texts;
	const int64_t *ints;
	const uint64_t *uints;
	const struct pk_net *nets;
	const struct pk_pattern *const *patterns; /* NULL: made when they are needed */
	size_t cnt;
	bool partial; /* texts: the only one is a part */
	bool cut_front;
	bool incomplete; /* there are more than these */
};

struct pk_bound_atom {
	struct pk_atom atom; /* first: what others see */
	const struct pk_side *left;
	const struct pk_side *right; /* NULL: literals */
	struct pk_operands literals;
	bool ne_is_none; /* "!=" of several values: true when none is equal; else when one is not */
	bool failed;     /* a diagnostic says why */
	struct pk_bound_atom *next;
	uint64_t stamp; /* memo, of the pk_bound_eval() numbered so */
	enum pk_truth memo;
};

struct pk_bound_node {
	const struct pk_rules_node *node; /* NULL: free slot */
	struct pk_bound_atom *atom;       /* CHECK */
	uint64_t stamp;
	enum pk_truth memo;
};

struct pk_bound {
	struct pk_rules *rules;
	struct pk_arena arena;
	struct pk_rules_names atoms_by_key;
	struct pk_bound_atom *first, **last;
	struct pk_atom **atoms; /* all that did not fail */
	size_t atoms_cnt;
	struct pk_bound_node *nodes; /* open addressing; capacity a power of two */
	size_t nodes_cnt, nodes_cap;
	uint64_t stamp;
	bool failed;
};

static inline bool pk_type_is_text(enum pk_field_type type)
{
	return type == PK_FIELD_TEXT || type == PK_FIELD_LIST;
}

static inline bool pk_type_is_addr(enum pk_field_type type)
{
	return type == PK_FIELD_ADDR || type == PK_FIELD_NET;
}

struct pk_bound_node *pk_bound_find_node(const struct pk_bound *bound,
					 const struct pk_rules_node *node);

/* bind_value.c: converts the literals of `bound_atom` to the type of its left side and compiles their
 * patterns. -EBADMSG: a diagnostic says what is wrong; -ENOMEM. */
int pk_bind_literals(struct pk_bound *bound, struct pk_bound_atom *atom);

/* bind_net.c: "10.0.0.0/8", "::1/128"; "10.0.0.1". False: it is none. */
bool pk_net_parse(const char *text, struct pk_net *ret_net);
bool pk_addr_parse(const char *text, uint8_t ret_addr[16]);

/* eval_text.c: one text with one operand. `partial`: the text is a part, its front or its end cut. */
struct pk_text_side {
	struct pk_value_text text;
	bool partial;
	bool cut_front;
};
enum pk_truth pk_eval_text(enum pk_rules_op op, const struct pk_text_side *left,
			   const struct pk_text_side *right, const struct pk_pattern *pattern);
/* Whether evaluating `op` needs a pattern. */
bool pk_eval_needs_pattern(enum pk_rules_op op);
/* Makes one; NULL in *ret_pattern: the text is no pattern. -ENOMEM */
int pk_eval_make_pattern(enum pk_rules_op op, struct pk_value_text text,
			 struct pk_pattern **ret_pattern);

/* eval_number.c */
enum pk_truth pk_eval_number(const struct pk_bound_atom *atom, const struct pk_value *left,
			     const struct pk_operands *right);
enum pk_truth pk_eval_addr(const struct pk_bound_atom *atom, const struct pk_value *left,
			   const struct pk_operands *right);

/* eval_transform.c: a side's value. Texts that are put together live in `arena`. */
struct pk_eval_env {
	struct pk_arena arena;
	pk_value_fn *get;
	void *get_arg;
};
int pk_eval_side(struct pk_eval_env *env, const struct pk_side *side, struct pk_value *ret_value);
/* The value as one text: numbers in decimal, lists with commas. */
int pk_eval_as_text(struct pk_eval_env *env, const struct pk_value *value,
		    struct pk_value_text *ret_text);

/* eval_getopt.c: options in a command line. `key` NULL: a list of those found. */
void pk_eval_getopt(const struct pk_value *value, const char *options, const char *long_options,
		    const char *key, struct pk_value *ret_value);

#endif
