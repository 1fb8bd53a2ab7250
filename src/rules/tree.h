/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syntax tree of a condition. Nodes live in the arena of the rule set and are never changed
 * once it is loaded. A macro is one sub-tree that all who name it point to, so what looks like a
 * tree is a graph without cycles: walk it by node where size matters, `weight` says what walking
 * it as a tree would cost.
 * Fields are names only; what they are is decided by who binds them.
 */
#ifndef PK_RULES_TREE_H
#define PK_RULES_TREE_H

#include "base/buf.h"
#include "rules/source.h"

enum pk_rules_op {
	PK_RULES_OP_EXISTS = 0, /* no right side */
	PK_RULES_OP_EQ,         /* = and == */
	PK_RULES_OP_NE,
	PK_RULES_OP_LT, /* these four: a number or an expression */
	PK_RULES_OP_LE,
	PK_RULES_OP_GT,
	PK_RULES_OP_GE,
	PK_RULES_OP_CONTAINS,
	PK_RULES_OP_ICONTAINS,
	PK_RULES_OP_BCONTAINS,
	PK_RULES_OP_STARTSWITH,
	PK_RULES_OP_BSTARTSWITH,
	PK_RULES_OP_ENDSWITH,
	PK_RULES_OP_IEQ, /* these four only Sigma has: letters of either case; a regex anywhere */
	PK_RULES_OP_ISTARTSWITH,
	PK_RULES_OP_IENDSWITH,
	PK_RULES_OP_SEARCH,
	PK_RULES_OP_GLOB,
	PK_RULES_OP_IGLOB,
	PK_RULES_OP_REGEX,
	PK_RULES_OP_IN, /* these three: values or an expression */
	PK_RULES_OP_INTERSECTS,
	PK_RULES_OP_PMATCH,
	PK_RULES_OP_CNT,
};

/* "startswith oneof (a, b)": how a text operator is asked of several values. */
enum pk_rules_quantor {
	PK_RULES_QUANTOR_NONE = 0,
	PK_RULES_QUANTOR_ONEOF,
	PK_RULES_QUANTOR_ANYOF,
	PK_RULES_QUANTOR_ALLOF,
};

enum pk_rules_transformer {
	PK_RULES_TRANSFORMER_TOLOWER = 0,
	PK_RULES_TRANSFORMER_TOUPPER,
	PK_RULES_TRANSFORMER_B64,
	PK_RULES_TRANSFORMER_BASENAME,
	PK_RULES_TRANSFORMER_LEN,
	PK_RULES_TRANSFORMER_JOIN,
	PK_RULES_TRANSFORMER_CONCAT,
	PK_RULES_TRANSFORMER_GETOPT,
	PK_RULES_TRANSFORMER_VAL, /* the field itself; on the right side only */
	PK_RULES_TRANSFORMER_CNT,
};

struct pk_rules_value {
	const char *data; /* escapes resolved, NUL behind it, none within */
	uint32_t len_bytes;
	uint32_t span_bytes;
	struct pk_rules_pos pos; /* in a list's item where it came from one */
	bool quoted;
};

struct pk_rules_values {
	const struct pk_rules_value *items;
	size_t cnt;
};

enum pk_rules_expr_kind {
	PK_RULES_EXPR_FIELD,
	PK_RULES_EXPR_TRANSFORMER,
	PK_RULES_EXPR_VALUE, /* number or quoted text, as argument of a transformer */
	PK_RULES_EXPR_LIST,  /* of the three above, as argument of a transformer */
};

struct pk_rules_expr {
	enum pk_rules_expr_kind kind;
	struct pk_rules_pos pos;
	uint32_t span_bytes;
	const char *field;     /* FIELD: "proc.aname" */
	const char *field_arg; /* FIELD: "2"; TRANSFORMER: what stood in [] behind it; or NULL */
	bool arg_quoted;
	enum pk_rules_transformer transformer;
	struct pk_rules_value value;       /* VALUE */
	const struct pk_rules_expr **args; /* TRANSFORMER, LIST */
	size_t args_cnt;
};

struct pk_rules_check {
	const struct pk_rules_expr *left;
	enum pk_rules_op op;
	enum pk_rules_quantor quantor;
	struct pk_rules_pos op_pos;
	uint32_t op_span_bytes;
	const struct pk_rules_expr *right; /* an expression, or NULL and then: */
	struct pk_rules_values values;     /* one for =, contains and so on; any number for in */
};

enum pk_rules_node_kind {
	PK_RULES_NODE_AND,
	PK_RULES_NODE_OR,
	PK_RULES_NODE_NOT,
	PK_RULES_NODE_CHECK,
	PK_RULES_NODE_MACRO, /* a name that nobody resolved; never in a loaded rule set */
};

struct pk_rules_node {
	enum pk_rules_node_kind kind;
	uint32_t weight; /* nodes below and this one, macros counted each time */
	uint32_t depth;  /* of the tree, 1 for a check */
	uint32_t span_bytes;
	struct pk_rules_pos pos;
	const char *macro; /* the macro whose whole condition this is, or NULL; MACRO: the name */
	struct pk_rules_check check;
	const struct pk_rules_node **children; /* AND, OR: two or more; NOT: one */
	size_t children_cnt;
};

/* As it is written in a condition. */
const char *pk_rules_op_name(enum pk_rules_op op);
const char *pk_rules_quantor_name(enum pk_rules_quantor quantor); /* "" for none */
const char *pk_rules_transformer_name(enum pk_rules_transformer transformer);

/* Whether the operator takes a list of values, and whether it may have a quantor. */
bool pk_rules_op_takes_list(enum pk_rules_op op);
bool pk_rules_op_takes_quantor(enum pk_rules_op op);

/*
 * The condition as text that parses to the same tree, macros put in: "(a.b = c and not d.e exists)".
 * -ENOMEM, -EFBIG past PK_MAX_BUF_BYTES.
 */
int pk_rules_node_print(const struct pk_rules_node *node, struct pk_buf *buf);

#endif
