/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of keys, and what may stand together in one entry.
 */
#include "rules/item.h"

#include <string.h>

#include "base/cleanup.h"
#include "rules/suggest.h"
#include "rules/words.h"

#define KINDS_CNT 5
#define IN(kind) (1u << PK_RULES_KEY_##kind)

enum {
	APPENDABLE = 1u << PK_RULES_CHANGE_APPEND,
	REPLACEABLE = 1u << PK_RULES_CHANGE_REPLACE,
	BOTH = APPENDABLE | REPLACEABLE,
};

static const struct {
	const char *name;
	unsigned int kinds;
	unsigned int changes;
} keys[PK_RULES_KEY_CNT] = {
	[PK_RULES_KEY_RULE] = { "rule", IN(RULE), 0 },
	[PK_RULES_KEY_MACRO] = { "macro", IN(MACRO), 0 },
	[PK_RULES_KEY_LIST] = { "list", IN(LIST), 0 },
	[PK_RULES_KEY_ENGINE_VERSION] = { "required_engine_version", IN(ENGINE_VERSION), 0 },
	[PK_RULES_KEY_PLUGIN_VERSIONS] = { "required_plugin_versions", IN(PLUGIN_VERSIONS), 0 },
	[PK_RULES_KEY_DESC] = { "desc", IN(RULE), BOTH },
	[PK_RULES_KEY_CONDITION] = { "condition", IN(RULE) | IN(MACRO), BOTH },
	[PK_RULES_KEY_OUTPUT] = { "output", IN(RULE), BOTH },
	[PK_RULES_KEY_PRIORITY] = { "priority", IN(RULE), REPLACEABLE },
	[PK_RULES_KEY_SOURCE] = { "source", IN(RULE), 0 },
	[PK_RULES_KEY_TAGS] = { "tags", IN(RULE), BOTH },
	[PK_RULES_KEY_ENABLED] = { "enabled", IN(RULE), REPLACEABLE },
	[PK_RULES_KEY_EXCEPTIONS] = { "exceptions", IN(RULE), BOTH },
	[PK_RULES_KEY_WARN_EVTTYPES] = { "warn_evttypes", IN(RULE), REPLACEABLE },
	[PK_RULES_KEY_SKIP_UNKNOWN] = { "skip-if-unknown-filter", IN(RULE), REPLACEABLE },
	[PK_RULES_KEY_CAPTURE] = { "capture", IN(RULE), REPLACEABLE },
	[PK_RULES_KEY_CAPTURE_DURATION] = { "capture_duration", IN(RULE), REPLACEABLE },
	[PK_RULES_KEY_ITEMS] = { "items", IN(LIST), BOTH },
	[PK_RULES_KEY_ACTION] = { "action", IN(RULE), REPLACEABLE },
	[PK_RULES_KEY_ON_UNKNOWN] = { "on_unknown", IN(RULE), REPLACEABLE },
	[PK_RULES_KEY_TAG] = { "tag", IN(RULE), REPLACEABLE },
	[PK_RULES_KEY_LIMIT] = { "limit", IN(RULE), REPLACEABLE },
	[PK_RULES_KEY_APPEND] = { "append", IN(RULE) | IN(MACRO) | IN(LIST), 0 },
	[PK_RULES_KEY_OVERRIDE] = { "override", IN(RULE) | IN(MACRO) | IN(LIST), 0 },
};

const char *pk_rules_key_name(enum pk_rules_key key)
{
	return keys[key].name;
}

static bool is_ours(int key)
{
	return key >= PK_RULES_KEY_ACTION && key <= PK_RULES_KEY_LIMIT;
}

static int find_key(const struct pk_yaml_node *node)
{
	for (int i = 0; i < PK_RULES_KEY_CNT; i++) {
		if (pk_yaml_is(node, keys[i].name))
			return i;
	}
	return -1;
}

static const char *suggest_key(const struct pk_yaml_node *node, unsigned int kind)
{
	struct pk_suggest suggest = PK_SUGGEST_INIT(node->text.data, node->text.len_bytes);

	for (int i = 0; i < PK_RULES_KEY_CNT; i++) {
		if (keys[i].kinds & kind)
			pk_suggest_offer(&suggest, keys[i].name);
	}
	return suggest.best;
}

/* Unknown keys are passed over as Falco does, except where a slip would disarm a rule. */
static void refuse_key(struct pk_rules_ctx *ctx, const struct pk_rules_item *item,
		       const struct pk_yaml_node *key)
{
	const char *suggestion = suggest_key(key, 1u << item->kind);
	enum pk_diag_severity severity = PK_DIAG_WARNING;

	for (int i = PK_RULES_KEY_ACTION; suggestion && i <= PK_RULES_KEY_LIMIT; i++) {
		if (!strcmp(suggestion, keys[i].name))
			severity = PK_DIAG_ERROR;
	}
	pk_yaml_diag(ctx, severity, key, suggestion, "unknown key '%.64s' in a %s", key->text.data,
		     keys[item->kind].name);
}

static void take_key(struct pk_rules_ctx *ctx, struct pk_rules_item *item,
		     const struct pk_yaml_pair *pair)
{
	int key = find_key(pair->key);

	if (key < 0) {
		refuse_key(ctx, item, pair->key);
	} else if (!(keys[key].kinds & 1u << item->kind)) {
		pk_yaml_diag(ctx, is_ours(key) || key < KINDS_CNT ? PK_DIAG_ERROR : PK_DIAG_WARNING,
			     pair->key, NULL, "'%s' means nothing in a %s", keys[key].name,
			     keys[item->kind].name);
	} else if (!item->keys[key]) { /* given twice: said by who read the YAML */
		item->keys[key] = pair->key;
		item->values[key] = pair->value;
	}
}

static bool find_kind(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
		      struct pk_rules_item *item)
{
	const char *suggestion = NULL;

	for (int i = 0; i < KINDS_CNT; i++) {
		const struct pk_yaml_node *value = pk_yaml_get(node, keys[i].name);

		if (!value)
			continue;
		item->kind = (enum pk_rules_key)i;
		item->name = value;
		return true;
	}
	if (node->first)
		suggestion = suggest_key(node->first->key, (1u << KINDS_CNT) - 1);
	if (node->first && node->first->key->kind == PK_YAML_SCALAR)
		/* what a misspelt rule says would silently not be watched */
		pk_yaml_diag(ctx, suggestion ? PK_DIAG_ERROR : PK_DIAG_WARNING, node->first->key,
			     suggestion, "no rule, macro, list or required version in this entry");
	else
		pk_yaml_diag(ctx, PK_DIAG_WARNING, node, NULL, "empty entry");
	return false;
}

static bool read_name(struct pk_rules_ctx *ctx, const struct pk_rules_item *item)
{
	struct pk_rules_text text;

	if (item->kind > PK_RULES_KEY_LIST)
		return true;
	if (!pk_rules_read_text(ctx, item->name, keys[item->kind].name, &text))
		return false;
	if (text.len_bytes <= PK_MAX_RULE_NAME_BYTES)
		return true;
	pk_yaml_diag(ctx, PK_DIAG_ERROR, item->name, NULL, "name of %zu bytes; the limit is %u",
		     text.len_bytes, PK_MAX_RULE_NAME_BYTES);
	return false;
}

static void read_change(struct pk_rules_ctx *ctx, struct pk_rules_item *item,
			const struct pk_yaml_pair *pair)
{
	static const char *const words[] = { "append", "replace" };
	int key = find_key(pair->key);
	enum pk_rules_change change = PK_RULES_CHANGE_NONE;

	if (key < 0 || !(keys[key].kinds & 1u << item->kind) || !keys[key].changes) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, pair->key,
			     suggest_key(pair->key, 1u << item->kind),
			     "'%.64s' cannot be overridden in a %s", pair->key->text.data,
			     keys[item->kind].name);
		return;
	}
	if (pk_yaml_is(pair->value, "append"))
		change = PK_RULES_CHANGE_APPEND;
	else if (pk_yaml_is(pair->value, "replace"))
		change = PK_RULES_CHANGE_REPLACE;
	if (!(keys[key].changes & 1u << change)) {
		bool is_text = pair->value->kind == PK_YAML_SCALAR;

		pk_yaml_diag(ctx, PK_DIAG_ERROR, pair->value,
			     is_text && !change ?
				     pk_suggest_from(pair->value->text.data,
						     pair->value->text.len_bytes, words, 2) :
				     NULL,
			     "'%s' can be overridden with %s", keys[key].name,
			     keys[key].changes == BOTH ? "append or replace" : "replace only");
		return;
	}
	if (!item->values[key]) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, pair->key, NULL,
			     "'override' names '%s', which is not given", keys[key].name);
		return;
	}
	item->changes[key] = change;
}

/* With "override", whatever it could name must be named. What went wrong is said already. */
static void check_named(struct pk_rules_ctx *ctx, const struct pk_rules_item *item)
{
	const struct pk_yaml_node *node = item->values[PK_RULES_KEY_OVERRIDE];

	for (int i = 0; i < PK_RULES_KEY_CNT; i++) {
		if (!item->values[i] || !keys[i].changes || pk_yaml_get(node, keys[i].name))
			continue;
		pk_yaml_diag(ctx, PK_DIAG_ERROR, item->keys[i], NULL,
			     "'%s' is given but 'override' does not name it", keys[i].name);
	}
}

static void read_override(struct pk_rules_ctx *ctx, struct pk_rules_item *item)
{
	const struct pk_yaml_node *node = item->values[PK_RULES_KEY_OVERRIDE];

	if (!node)
		return;
	if (node->kind != PK_YAML_MAPPING) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL,
			     "'override' takes a mapping of keys to append or replace");
		return;
	}
	if (item->append)
		pk_yaml_diag(ctx, PK_DIAG_ERROR, item->keys[PK_RULES_KEY_APPEND], NULL,
			     "'append' and 'override' exclude each other");
	item->has_override = node->cnt > 0;
	for (const struct pk_yaml_pair *pair = node->first; pair; pair = pair->next)
		read_change(ctx, item, pair);
	if (item->has_override)
		check_named(ctx, item);
}

bool pk_rules_item_read(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
			struct pk_rules_item *ret_item)
{
	struct pk_rules_item item = { .node = node };

	if (node->kind != PK_YAML_MAPPING) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL,
			     "expected a rule, a macro or a list: a mapping");
		return false;
	}
	if (!find_kind(ctx, node, &item))
		return false;
	for (const struct pk_yaml_pair *pair = node->first; pair; pair = pair->next)
		take_key(ctx, &item, pair);
	if (!read_name(ctx, &item))
		return false;
	if (item.values[PK_RULES_KEY_APPEND])
		pk_rules_read_bool(ctx, item.values[PK_RULES_KEY_APPEND], "append", &item.append);
	read_override(ctx, &item);
	*ret_item = item;
	return true;
}
