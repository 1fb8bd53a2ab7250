/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of keys, from YAML scalars. Each says what is wrong and returns false, and writes its
 * result only on success.
 */
#ifndef PK_RULES_WORDS_H
#define PK_RULES_WORDS_H

#include "rules/rules.h"
#include "rules/yaml.h"

/* Not null, not empty. `what` is the key, for the message. */
bool pk_rules_read_text(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node, const char *what,
			struct pk_rules_text *ret_text);

/* true, yes, on, y and their opposites, in any case, quoted or not. */
bool pk_rules_read_bool(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node, const char *what,
			bool *ret_value);

bool pk_rules_read_number(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			  const char *what, uint64_t *ret_value);

bool pk_rules_read_priority(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			    enum pk_rules_priority *ret_priority);

bool pk_rules_read_action(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			  enum pk_rules_action *ret_action);
bool pk_rules_read_on_unknown(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			      enum pk_rules_on_unknown *ret_on_unknown);

/* NAME [TTL] [on process|tree|container]; a name is letters, digits, '_', '-', '.', 64 at most. */
bool pk_rules_read_tag(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
		       struct pk_rules_tag *ret_tag);

/* N per DURATION; N from 1 to 4294967295. */
bool pk_rules_read_limit(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			 struct pk_rules_limit *ret_limit);

/* 500ms 30s 5m 2h 7d; 1 ms to 365 days. A number or a unit alone is not one. */
bool pk_rules_read_duration(const char *text, size_t len, uint64_t *ret_ns);

/* A sequence of texts; appends to the labels that are there, each once. */
bool pk_rules_read_tags(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			struct pk_rule *rule);

#endif
