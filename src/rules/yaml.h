/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML to a tree whose scalars know where each of their bytes stands in the file, also within
 * folded and quoted ones. In: a file of pk_rules_sources. Out: its documents.
 * An alias points to the node it names and is not a copy, and what a file would grow to with
 * copies is bounded (PK_MAX_YAML_NODES). No node contains itself.
 */
#ifndef PK_RULES_YAML_H
#define PK_RULES_YAML_H

#include "rules/diag.h"

enum pk_yaml_kind {
	PK_YAML_SCALAR,
	PK_YAML_SEQUENCE,
	PK_YAML_MAPPING,
};

struct pk_yaml_pair {
	const struct pk_yaml_node *key; /* NULL in a sequence */
	const struct pk_yaml_node *value;
	struct pk_yaml_pair *next;
};

struct pk_yaml_node {
	enum pk_yaml_kind kind;
	bool quoted; /* SCALAR: in quotes or a block, so never null */
	uint32_t weight;
	uint32_t span_bytes;
	struct pk_rules_pos pos;
	struct pk_rules_text text;  /* SCALAR */
	struct pk_yaml_pair *first; /* SEQUENCE, MAPPING */
	struct pk_yaml_pair *last;
	size_t cnt;
};

/*
 * Calls `document` with each document's root. Mistakes of YAML become diagnostics, and reading
 * ends there: what follows a mistake of that kind cannot be trusted. -EBADMSG after saying so;
 * ctx->err when that is set.
 */
int pk_yaml_read(struct pk_rules_ctx *ctx, uint32_t file_idx,
		 void (*document)(void *arg, const struct pk_yaml_node *root), void *arg);

/* A scalar without a value: nothing, ~ or null. */
bool pk_yaml_is_null(const struct pk_yaml_node *node);

/* The value of a key, or NULL. */
const struct pk_yaml_node *pk_yaml_get(const struct pk_yaml_node *mapping, const char *key);

/* Whether it is a scalar with exactly this text. */
bool pk_yaml_is(const struct pk_yaml_node *node, const char *text);

/* A finding about a node: all of a scalar, the first line of anything else. */
void pk_yaml_diag(struct pk_rules_ctx *ctx, enum pk_diag_severity severity,
		  const struct pk_yaml_node *node, const char *suggestion, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

#endif
