/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filters of a selector as conditions. In: nodes of a policy. Out: a part of a condition, or why there is none.
 */
#ifndef PK_IMPORT_FILTER_H
#define PK_IMPORT_FILTER_H

#include "import/hooks.h"
#include "import/text.h"
#include "rules/yaml.h"

struct pk_import_filter {
	struct pk_import_text condition; /* empty: always true */
	struct pk_import_text lost; /* lines: what of the filter is missing, or why there is none */
	unsigned int off;           /* PK_IMPORT_BROADER, _NARROWER */
	bool settles;               /* what the event leaves out does not matter to it */
};

void pk_import_filter_fini(struct pk_import_filter *filter);
#define pk_import_filter_cleanup pk_cleanup(pk_import_filter_fini)

/* Adds a line to `lost`; foreign texts are made visible. False, to be returned. */
bool pk_import_filter_lose(struct pk_import_filter *filter, const char *why,
			   const struct pk_yaml_node *about);
bool pk_import_filter_lose_text(struct pk_import_filter *filter, const char *why, const char *about,
				size_t len);

/* Calls `put` for each value; it writes a condition of one value to `piece`, or loses it. False: none was taken. */
typedef bool pk_import_put_fn(struct pk_import_filter *filter, const void *arg,
			      const struct pk_yaml_node *value, struct pk_import_text *piece);
bool pk_import_filter_each(struct pk_import_filter *filter, const struct pk_yaml_node *values,
			   bool negative, pk_import_put_fn *put, const void *arg);

/* Names of operators and actions go in any case. */
bool pk_import_is(const struct pk_yaml_node *node, const char *word);

/* A decimal, octal or hexadecimal number. */
bool pk_import_number(const char *text, size_t len, int64_t *ret_number);
static inline bool pk_import_node_number(const struct pk_yaml_node *node, int64_t *ret_number)
{
	return node && node->kind == PK_YAML_SCALAR &&
	       pk_import_number(node->text.data, node->text.len_bytes, ret_number);
}

/* "field operator values", with whatever operator of Tetragon's for texts. */
bool pk_import_filter_text(struct pk_import_filter *filter, const char *field,
			   const struct pk_yaml_node *op, const struct pk_yaml_node *values);

/* One entry of matchArgs. */
bool pk_import_filter_arg(struct pk_import_filter *filter, const struct pk_import_arg *arg,
			  const struct pk_yaml_node *op, const struct pk_yaml_node *values);

/* filter_socket.c */
bool pk_import_filter_socket(struct pk_import_filter *filter, enum pk_import_arg_kind kind,
			     const struct pk_yaml_node *op, const struct pk_yaml_node *values);

/* filter_process.c: any of these capabilities */
bool pk_import_filter_capabilities(struct pk_import_filter *filter, const char *field,
				   const struct pk_yaml_node *values, bool negative);
/* one entry of the filter with this name */
bool pk_import_filter_process(struct pk_import_filter *filter, const struct pk_import_hook *hook,
			      const char *name, const struct pk_yaml_node *entry);

#endif
