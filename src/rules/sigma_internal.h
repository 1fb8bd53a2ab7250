/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sigma*.c share: sigma.c (documents), sigma_condition.c (conditions), sigma_selection.c
 * (selections), sigma_item.c (fields and their modifiers), sigma_value.c (values to patterns),
 * sigma_check.c (patterns to comparisons), sigma_number.c (the same of numbers), sigma_source.c (log sources and
 * fields), sigma_calls.c (numbers of system calls), sigma_node.c (trees).
 *
 * A rule is built once for each kind of event that its log source stands for (a view), since the same field is
 * another one there; what a view settles is folded. NULL from a function that builds: said why, or out of
 * memory.
 */
#ifndef PK_RULES_SIGMA_INTERNAL_H
#define PK_RULES_SIGMA_INTERNAL_H

#include "rules/sigma.h"

/* ---- sigma_source.c ---- */

enum pk_sigma_type {
	PK_SIGMA_TEXT = 0,
	PK_SIGMA_PATH, /* text that is a path with its links resolved */
	PK_SIGMA_DIR, /* the same of a directory: the field has a slash at its end, the value may not */
	PK_SIGMA_NUMBER, /* decimal, or 0x */
	PK_SIGMA_LOGIN,  /* number; if nobody logged in: 4294967295 or "unset" in rules */
	PK_SIGMA_HEX,    /* hexadecimal, with or without 0x */
	PK_SIGMA_ADDR,   /* `field` is of addresses, `net` the same of networks */
	PK_SIGMA_CONST,  /* settled by the view: one of `words` */
	PK_SIGMA_EVENT,  /* name of the system call */
};

struct pk_sigma_field {
	const char *name;  /* Sigma's */
	const char *field; /* ours; NULL: settled */
	const char *arg;   /* in [] behind it, or NULL */
	enum pk_sigma_type type;
	const char *net;
	const char *const *words; /* CONST, ended by NULL */
};

/* One record type of a log source (or its only one): auditd has several of an event. */
struct pk_sigma_record {
	const char *type; /* what "type" says; NULL: the log source has no types */
	const struct pk_sigma_field *fields;
	size_t fields_cnt;
	bool arguments; /* aN are arguments of a program */
};

/* What events of a view have in common: one of each group holds. */
struct pk_sigma_guard {
	const char *field, *value; /* ended by a NULL field */
	unsigned int group;        /* in ascending order */
	bool negated;              /* none of the group */
};

/* The events that a log source stands for, of one sort. */
struct pk_sigma_view {
	const struct pk_sigma_guard *guard;
	const struct pk_sigma_record *const *records; /* ended by NULL */
};

struct pk_sigma_source {
	const struct pk_sigma_view *views;
	size_t views_cnt;
	bool typed;    /* records have types; the first view's first record is of an execution */
	bool keywords; /* are looked for in command lines, if the rule is about executions */
};

struct pk_sigma_logsource {
	const char *category, *product, *service; /* NULL: not given */
};

/* NULL: none of ours, and *ret_why (static) says why. */
const struct pk_sigma_source *pk_sigma_source_find(const struct pk_sigma_logsource *logsource,
						   const char **ret_why);

/* The field of one kind of record; `room` holds what is not in a table. NULL: it has none. */
const struct pk_sigma_field *pk_sigma_field_find(const struct pk_sigma_record *record,
						 const char *name, struct pk_sigma_field *room);

/* Whether records of this type are made of events here: auditd's. */
bool pk_sigma_type_known(const char *type);

/* Whether any record of the source has it. */
bool pk_sigma_source_knows(const struct pk_sigma_source *source, const char *name);

/* The field (static) that any record has with other capitals, or NULL: names are cased. */
const char *pk_sigma_source_spelt(const struct pk_sigma_source *source, const char *name);

/* Why a field is known and has no event behind it (static); NULL: nobody knows it. */
const char *pk_sigma_field_why(const char *name);

/* ---- sigma_calls.c ---- */

/* Name (static) of the system call of this number, in decimal; NULL: no event is of it, or it is none. */
const char *pk_sigma_call(const char *text);

/* ---- a rule being made ---- */

struct pk_sigma_selection {
	const char *name;
	const struct pk_yaml_node *name_node;
	const struct pk_yaml_node *node;
	const struct pk_rules_node *tree; /* of the view at work; NULL: not made yet */
	bool used;
};

struct pk_sigma_rule {
	struct pk_rules_loader *loader;
	struct pk_rules_ctx *ctx;
	const struct pk_yaml_node *root;
	const struct pk_yaml_node *title; /* where to say what concerns the whole */
	const struct pk_sigma_source *source;
	const struct pk_sigma_view *view;
	const struct pk_sigma_record
		*record; /* of the map at work; NULL: the first that has the field */
	struct pk_sigma_selection *selections;
	size_t selections_cnt;
	bool executes; /* some map is about records of type EXECVE */
	bool failed;   /* an error was told */
	bool left_out; /* why was told */
	const struct pk_yaml_node
		*never; /* a type of record that no event has; NULL: none asked for */
};

/* A mistake; and what is right but cannot be had. The first of a rule is told. */
void pk_sigma_fail(struct pk_sigma_rule *rule, const struct pk_yaml_node *node,
		   const char *suggestion, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void pk_sigma_leave_out(struct pk_sigma_rule *rule, const struct pk_yaml_node *node,
			const char *format, ...) __attribute__((format(printf, 3, 4)));

static inline bool pk_sigma_given_up(const struct pk_sigma_rule *rule)
{
	return rule->failed || rule->left_out || rule->ctx->err;
}

/* ---- sigma_node.c ---- */

/* Conditions that are settled; never part of a finished tree. */
extern const struct pk_rules_node pk_sigma_true, pk_sigma_false;

/* AND, OR of any number, none being true or false; what is settled is folded. */
const struct pk_rules_node *pk_sigma_group(struct pk_sigma_rule *rule, enum pk_rules_node_kind kind,
					   const struct pk_rules_node *const *items, size_t cnt,
					   const struct pk_yaml_node *at);
const struct pk_rules_node *pk_sigma_not(struct pk_sigma_rule *rule,
					 const struct pk_rules_node *child,
					 const struct pk_yaml_node *at);

/* A literal of a comparison, at the place of `node`. The text is not copied. */
struct pk_rules_value pk_sigma_value_at(const char *text, size_t len,
					const struct pk_yaml_node *node);

/* A comparison with literals; copies `values`. */
const struct pk_rules_node *pk_sigma_compare(struct pk_sigma_rule *rule,
					     const struct pk_sigma_field *field,
					     enum pk_rules_op op, enum pk_rules_quantor quantor,
					     const struct pk_rules_value *values, size_t cnt,
					     const struct pk_yaml_node *at);

/* Two fields, in lower case if `icase`. */
const struct pk_rules_node *pk_sigma_compare_fields(struct pk_sigma_rule *rule,
						    const struct pk_sigma_field *left,
						    const struct pk_sigma_field *right,
						    enum pk_rules_op op, bool icase,
						    const struct pk_yaml_node *at);

/* ---- sigma_condition.c ---- */

/* The condition of the view at work. */
const struct pk_rules_node *pk_sigma_condition(struct pk_sigma_rule *rule,
					       const struct pk_yaml_node *condition);

/* ---- sigma_selection.c ---- */

const struct pk_rules_node *pk_sigma_selection(struct pk_sigma_rule *rule,
					       struct pk_sigma_selection *selection);

/* ---- sigma_item.c: one line of a map ---- */

enum pk_sigma_match {
	PK_SIGMA_EQUALS = 0,
	PK_SIGMA_CONTAINS,
	PK_SIGMA_STARTS,
	PK_SIGMA_ENDS,
	PK_SIGMA_RE,
	PK_SIGMA_CIDR,
	PK_SIGMA_EXISTS,
	PK_SIGMA_FIELDREF, /* with the first four: `ref_match` */
	PK_SIGMA_LT,
	PK_SIGMA_LE,
	PK_SIGMA_GT,
	PK_SIGMA_GE,
};

struct pk_sigma_item {
	const struct pk_yaml_node *key; /* NULL: keywords */
	char *name;                     /* of the field; "": keywords */
	enum pk_sigma_match match;
	enum pk_sigma_match ref_match;
	bool all, cased, windash, negated;
	bool base64, base64offset, wide;
	bool re_icase, re_multiline, re_dotall;
	const struct pk_yaml_node *values;
};

const struct pk_rules_node *pk_sigma_item(struct pk_sigma_rule *rule,
					  const struct pk_yaml_node *key,
					  const struct pk_yaml_node *values);

/* A list of texts that stands for itself: words anywhere in the record. */
const struct pk_rules_node *pk_sigma_keywords(struct pk_sigma_rule *rule,
					      const struct pk_yaml_node *values);

/* ---- sigma_value.c: values to patterns ---- */

/* What a value asks of a text: up to three parts with wildcards at the ends, or anything in between. */
struct pk_sigma_pattern {
	const char *text; /* glob: with escapes as of globs; else the bytes themselves */
	size_t len;
	bool glob;       /* wildcards within */
	bool any_before; /* not glob: * at its beginning, at its end */
	bool any_behind;
	const struct pk_yaml_node *node;
};

struct pk_sigma_patterns {
	struct pk_buf items; /* of struct pk_sigma_pattern */
	size_t cnt;
};

static inline struct pk_sigma_pattern *pk_sigma_patterns_get(const struct pk_sigma_patterns *list)
{
	return (struct pk_sigma_pattern *)list->items.data;
}

/* Appends what one value stands for: several with windash and base64offset. false: said why. */
bool pk_sigma_value(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
		    const struct pk_yaml_node *value, struct pk_sigma_patterns *list);

/* ---- sigma_check.c ---- */

/* A field with the values of an item. */
const struct pk_rules_node *pk_sigma_check(struct pk_sigma_rule *rule,
					   const struct pk_sigma_item *item,
					   const struct pk_sigma_field *field);

/* ---- sigma_number.c ---- */

/* A field of numbers with one value. */
const struct pk_rules_node *pk_sigma_number(struct pk_sigma_rule *rule,
					    const struct pk_sigma_item *item,
					    const struct pk_sigma_field *field,
					    const struct pk_yaml_node *node);

/* ---- sigma_keep.c ---- */

/* Puts a rule, whole but for its name and its output, among the others. */
void pk_sigma_keep(struct pk_sigma_rule *rule, struct pk_rule *out);

#endif
