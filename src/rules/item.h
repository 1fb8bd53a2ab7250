/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of a rule file: which keys it has, and what it asks to be done with them. In: a YAML
 * mapping. Out: its values by key, checked for what keys may stand together; not their contents.
 */
#ifndef PK_RULES_ITEM_H
#define PK_RULES_ITEM_H

#include "rules/yaml.h"

enum pk_rules_key {
	PK_RULES_KEY_RULE = 0, /* the first five say what the entry is */
	PK_RULES_KEY_MACRO,
	PK_RULES_KEY_LIST,
	PK_RULES_KEY_ENGINE_VERSION,
	PK_RULES_KEY_PLUGIN_VERSIONS,
	PK_RULES_KEY_DESC,
	PK_RULES_KEY_CONDITION,
	PK_RULES_KEY_OUTPUT,
	PK_RULES_KEY_PRIORITY,
	PK_RULES_KEY_SOURCE,
	PK_RULES_KEY_TAGS,
	PK_RULES_KEY_ENABLED,
	PK_RULES_KEY_EXCEPTIONS,
	PK_RULES_KEY_WARN_EVTTYPES,
	PK_RULES_KEY_SKIP_UNKNOWN,
	PK_RULES_KEY_CAPTURE,
	PK_RULES_KEY_CAPTURE_DURATION,
	PK_RULES_KEY_ITEMS,
	PK_RULES_KEY_ACTION, /* from here on ours */
	PK_RULES_KEY_ON_UNKNOWN,
	PK_RULES_KEY_TAG,
	PK_RULES_KEY_LIMIT,
	PK_RULES_KEY_APPEND, /* from here on: how, not what */
	PK_RULES_KEY_OVERRIDE,
	PK_RULES_KEY_CNT,
};

enum pk_rules_change {
	PK_RULES_CHANGE_NONE = 0,
	PK_RULES_CHANGE_APPEND,
	PK_RULES_CHANGE_REPLACE,
};

struct pk_rules_item {
	enum pk_rules_key kind; /* RULE to PLUGIN_VERSIONS */
	const struct pk_yaml_node *node;
	const struct pk_yaml_node *name;
	const struct pk_yaml_node *keys[PK_RULES_KEY_CNT];   /* where each key stands; NULL: not */
	const struct pk_yaml_node *values[PK_RULES_KEY_CNT]; /* NULL: not there */
	enum pk_rules_change changes[PK_RULES_KEY_CNT];      /* what "override" says */
	bool append;                                         /* "append: true" */
	bool has_override;
};

const char *pk_rules_key_name(enum pk_rules_key key);

/* Says what is wrong. false: so wrong that nothing can be read from it; else going on finds more. */
bool pk_rules_item_read(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			struct pk_rules_item *ret_item);

#endif
