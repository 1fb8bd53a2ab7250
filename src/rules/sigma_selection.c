/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Selections: a map is all of its lines, a list of maps any of them, a list of texts words.
 */
#include "rules/sigma_internal.h"

#include <string.h>

#include "base/cleanup.h"

static const struct pk_rules_node *build_lines(struct pk_sigma_rule *rule,
					       const struct pk_yaml_node *map)
{
	pk_cleanup(pk_free_p) const struct pk_rules_node **items =
		calloc(map->cnt + 1, sizeof(struct pk_rules_node *));
	size_t cnt = 0;

	if (!items) {
		rule->ctx->err = -ENOMEM;
		return NULL;
	}
	for (const struct pk_yaml_pair *pair = map->first; pair; pair = pair->next) {
		items[cnt] = pk_sigma_item(rule, pair->key, pair->value);
		if (!items[cnt++])
			return NULL;
	}
	return pk_sigma_group(rule, PK_RULES_NODE_AND, items, cnt, map);
}

/*
 * A record of any call, with no name of one: it is taken for an execution's, since that is what auditd is
 * set up to log, and each open of each process is not.
 */
static bool is_any_call(const struct pk_sigma_rule *rule, const struct pk_yaml_node *map)
{
	return !strcmp(rule->record->type, "SYSCALL") && rule->view != rule->source->views &&
	       !pk_yaml_get(map, "SYSCALL") && !pk_yaml_get(map, "syscall");
}

/* Of the record at work, unless the map is about another type. */
static const struct pk_rules_node *build_record(struct pk_sigma_rule *rule,
						const struct pk_yaml_node *map)
{
	const struct pk_rules_node *type = NULL;

	for (const struct pk_yaml_pair *pair = map->first; pair && !type; pair = pair->next) {
		if (pk_yaml_is(pair->key, "type"))
			type = pk_sigma_item(rule, pair->key, pair->value);
	}
	if (!type || type == &pk_sigma_false)
		return type;
	return is_any_call(rule, map) ? &pk_sigma_false : build_lines(rule, map);
}

/* A map that says which type of record it is about: once for each type that it allows. */
static const struct pk_rules_node *build_records(struct pk_sigma_rule *rule,
						 const struct pk_yaml_node *map)
{
	const struct pk_rules_node *items[8];
	size_t cnt = 0;

	for (size_t i = 0; rule->view->records[i] && cnt < PK_ARRAY_SIZE(items); i++) {
		rule->record = rule->view->records[i];
		items[cnt] = build_record(rule, map);
		rule->record = NULL;
		if (!items[cnt++])
			return NULL;
	}
	return pk_sigma_group(rule, PK_RULES_NODE_OR, items, cnt, map);
}

static const struct pk_rules_node *build_map(struct pk_sigma_rule *rule,
					     const struct pk_yaml_node *map)
{
	if (!map->cnt) {
		pk_sigma_fail(rule, map, NULL, "a map without fields");
		return NULL;
	}
	if (rule->source->typed && pk_yaml_get(map, "type"))
		return build_records(rule, map);
	return build_lines(rule, map);
}

static const struct pk_rules_node *build_maps(struct pk_sigma_rule *rule,
					      const struct pk_yaml_node *list)
{
	pk_cleanup(pk_free_p) const struct pk_rules_node **items =
		calloc(list->cnt + 1, sizeof(struct pk_rules_node *));
	size_t cnt = 0;

	if (!items) {
		rule->ctx->err = -ENOMEM;
		return NULL;
	}
	for (const struct pk_yaml_pair *pair = list->first; pair; pair = pair->next) {
		if (pair->value->kind != PK_YAML_MAPPING) {
			pk_sigma_fail(rule, pair->value, NULL,
				      "a list has maps or words, not both");
			return NULL;
		}
		items[cnt] = build_map(rule, pair->value);
		if (!items[cnt++])
			return NULL;
	}
	return pk_sigma_group(rule, PK_RULES_NODE_OR, items, cnt, list);
}

static const struct pk_rules_node *build(struct pk_sigma_rule *rule,
					 const struct pk_yaml_node *node)
{
	if (node->kind == PK_YAML_MAPPING)
		return build_map(rule, node);
	if (node->kind == PK_YAML_SEQUENCE && node->first &&
	    node->first->value->kind == PK_YAML_MAPPING)
		return build_maps(rule, node);
	if (node->kind == PK_YAML_SEQUENCE || !pk_yaml_is_null(node))
		return pk_sigma_keywords(rule, node);
	pk_sigma_fail(rule, node, NULL, "a selection is a map or a list");
	return NULL;
}

const struct pk_rules_node *pk_sigma_selection(struct pk_sigma_rule *rule,
					       struct pk_sigma_selection *selection)
{
	selection->used = true;
	if (!selection->tree)
		selection->tree = build(rule, selection->node);
	return selection->tree;
}
