/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the loader knows while it reads: definitions as they stand after every file so far, with
 * conditions still text. Visibility: a macro or a list sees only what was first defined before it
 * was last changed; rules see all.
 */
#ifndef PK_RULES_DEFS_H
#define PK_RULES_DEFS_H

#include "rules/names.h"
#include "rules/parse.h"
#include "rules/rules.h"
#include "rules/yaml.h"

/* A sequence of YAML, and the ones appended to it. */
struct pk_rules_part {
	const struct pk_yaml_node *node;
	struct pk_rules_part *next;
};

struct pk_rules_list_def {
	const char *name;
	struct pk_rules_pos pos;
	uint32_t span_bytes;
	uint32_t idx;        /* by first definition */
	uint32_t visibility; /* items may name lists with a lower idx */
	struct pk_rules_part *parts;
	struct pk_rules_text text; /* what stands for it in a condition */
	uint8_t state;
	bool used;
	struct pk_rules_list_def *next;
};

struct pk_rules_unknown {
	const struct pk_rules_expr *field;
	const char *suggestion;
	bool *reported; /* shared by all who know of it */
	struct pk_rules_unknown *next;
};

struct pk_rules_macro_def {
	const char *name;
	struct pk_rules_pos pos;
	uint32_t span_bytes;
	uint32_t idx;
	uint32_t visibility;
	struct pk_rules_text condition;
	const struct pk_rules_node *tree;
	struct pk_rules_unknown *unknown; /* fields nobody knows, its macros' too */
	uint32_t depth;
	uint8_t state;
	bool used;
	struct pk_rules_macro_def *next;
};

struct pk_rules_exception {
	const char *name;
	const struct pk_yaml_node *name_node;
	const struct pk_yaml_node *fields;
	const struct pk_yaml_node *comps; /* NULL: the default */
	struct pk_rules_part *values;
	struct pk_rules_exception *next;
};

struct pk_rules_rule_def {
	struct pk_rule rule;
	struct pk_rules_exception *exceptions;
	bool skipped; /* of a source that is not ours */
	struct pk_rules_rule_def *next;
};

struct pk_rules_loader {
	struct pk_rules_ctx ctx;
	struct pk_rules_options options;
	struct pk_rules_names rule_names, macro_names, list_names;
	struct pk_rules_rule_def *rules, *last_rule;
	struct pk_rules_macro_def *macros, *last_macro;
	struct pk_rules_list_def *lists, *last_list;
	size_t rules_cnt, macros_cnt, lists_cnt;
	struct pk_rules_values_cache *cache;
	struct pk_rules_names sigma_ids; /* rules of Sigma by id */
	uint32_t sigma_collection; /* 1 + the file that has a document for others to build on */
	size_t left_out_cnt;       /* rules that are right and not loaded */
	size_t odd_lists_cnt;      /* whose names have blanks or the like */
	unsigned int macro_depth;
	unsigned int list_depth;    /* lists within lists, while they are put together */
	uint64_t suggestions_spent; /* names compared so far */
};

/* Names that may be compared for suggestions in one load; beyond, there are none. */
#define PK_RULES_MAX_SUGGESTIONS (20u << 20)

/* Appends a part; -ENOMEM goes to ctx->err. */
void pk_rules_part_add(struct pk_rules_ctx *ctx, struct pk_rules_part **parts,
		       const struct pk_yaml_node *node);

#endif
