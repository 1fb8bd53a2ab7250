/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules: defined whole, redefined, switched, appended to or overridden key by key.
 */
#include "rules/collect.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "rules/words.h"

#define OUR_SOURCE "syscall"

static struct pk_rules_rule_def *find_rule(struct pk_rules_loader *loader,
					   const struct pk_rules_item *item)
{
	return pk_rules_names_get(&loader->rule_names, item->name->text.data,
				  item->name->text.len_bytes);
}

struct pk_rules_rule_def *pk_rules_add_rule(struct pk_rules_loader *loader,
					    const struct pk_yaml_node *at, const char *name)
{
	struct pk_rules_rule_def *def;

	if (loader->rules_cnt == PK_MAX_RULES) {
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, at, NULL, "more than %u rules",
			     PK_MAX_RULES);
		return NULL;
	}
	def = pk_rules_alloc(&loader->ctx, sizeof(*def));
	if (!def)
		return NULL;
	loader->rules_cnt++;
	if (pk_rules_names_add(&loader->rule_names, &loader->ctx.arena, name, strlen(name), def)) {
		loader->ctx.err = -ENOMEM;
		return NULL;
	}
	if (loader->last_rule)
		loader->last_rule->next = def;
	else
		loader->rules = def;
	return loader->last_rule = def;
}

/* The source it says, or `fallback`. */
static bool read_source(struct pk_rules_ctx *ctx, const struct pk_rules_item *item,
			const char *fallback, const char **ret_source)
{
	const struct pk_yaml_node *node = item->values[PK_RULES_KEY_SOURCE];

	*ret_source = fallback;
	if (!node || pk_yaml_is_null(node) || pk_yaml_is(node, ""))
		return true;
	if (node->kind != PK_YAML_SCALAR) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL, "'source' takes a text");
		return false;
	}
	*ret_source = node->text.data;
	return true;
}

static bool check_source(struct pk_rules_ctx *ctx, const struct pk_rules_item *item,
			 const struct pk_rules_rule_def *def, const char *source)
{
	if (!def || !strcmp(def->rule.source, source))
		return true;
	pk_yaml_diag(ctx, PK_DIAG_ERROR,
		     item->values[PK_RULES_KEY_SOURCE] ? item->values[PK_RULES_KEY_SOURCE] :
							 item->name,
		     NULL, "rule '%.64s' is of source '%.64s', not '%.64s'", item->name->text.data,
		     def->rule.source, source);
	return false;
}

static bool set_text(struct pk_rules_ctx *ctx, const struct pk_rules_item *item,
		     enum pk_rules_key key, struct pk_rules_text *text)
{
	struct pk_rules_text value;

	if (!pk_rules_read_text(ctx, item->values[key], pk_rules_key_name(key), &value))
		return false;
	if (item->append || item->changes[key] == PK_RULES_CHANGE_APPEND)
		return pk_rules_join(ctx, text, &value, text);
	*text = value;
	return true;
}

/* A description may be empty. */
static bool set_desc(struct pk_rules_ctx *ctx, const struct pk_rules_item *item,
		     struct pk_rules_text *text)
{
	const struct pk_yaml_node *node = item->values[PK_RULES_KEY_DESC];

	if (node->kind == PK_YAML_SCALAR && !node->text.len_bytes) {
		if (item->changes[PK_RULES_KEY_DESC] != PK_RULES_CHANGE_APPEND)
			*text = node->text;
		return true;
	}
	return set_text(ctx, item, PK_RULES_KEY_DESC, text);
}

static bool set_tags(struct pk_rules_ctx *ctx, const struct pk_rules_item *item,
		     struct pk_rule *rule)
{
	if (item->changes[PK_RULES_KEY_TAGS] != PK_RULES_CHANGE_APPEND)
		rule->tags_cnt = 0;
	return pk_rules_read_tags(ctx, item->values[PK_RULES_KEY_TAGS], rule);
}

static bool set_action(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node,
		       struct pk_rule *rule)
{
	rule->action_pos = node->pos;
	rule->action_span_bytes = node->span_bytes;
	return pk_rules_read_action(ctx, node, &rule->action);
}

static bool set_key(struct pk_rules_loader *loader, const struct pk_rules_item *item,
		    enum pk_rules_key key, struct pk_rules_rule_def *def)
{
	struct pk_rules_ctx *ctx = &loader->ctx;
	const struct pk_yaml_node *node = item->values[key];
	struct pk_rule *rule = &def->rule;
	const char *name = pk_rules_key_name(key);

	switch (key) {
	case PK_RULES_KEY_DESC:
		return set_desc(ctx, item, &rule->desc);
	case PK_RULES_KEY_CONDITION:
		return set_text(ctx, item, key, &rule->condition_text);
	case PK_RULES_KEY_OUTPUT:
		return set_text(ctx, item, key, &rule->output);
	case PK_RULES_KEY_PRIORITY:
		return pk_rules_read_priority(ctx, node, &rule->priority);
	case PK_RULES_KEY_TAGS:
		return set_tags(ctx, item, rule);
	case PK_RULES_KEY_ENABLED:
		return pk_rules_read_bool(ctx, node, name, &rule->enabled);
	case PK_RULES_KEY_EXCEPTIONS:
		return pk_rules_collect_exceptions(loader, def, node,
						   item->append ? PK_RULES_CHANGE_APPEND :
								  item->changes[key]);
	case PK_RULES_KEY_WARN_EVTTYPES:
		return pk_rules_read_bool(ctx, node, name, &rule->warn_evttypes);
	case PK_RULES_KEY_SKIP_UNKNOWN:
		return pk_rules_read_bool(ctx, node, name, &rule->skip_if_unknown_filter);
	case PK_RULES_KEY_CAPTURE:
		return pk_rules_read_bool(ctx, node, name, &rule->capture);
	case PK_RULES_KEY_CAPTURE_DURATION:
		return pk_rules_read_number(ctx, node, name, &rule->capture_duration_ms);
	case PK_RULES_KEY_ACTION:
		return set_action(ctx, node, rule);
	case PK_RULES_KEY_ON_UNKNOWN:
		return pk_rules_read_on_unknown(ctx, node, &rule->on_unknown);
	case PK_RULES_KEY_TAG:
		return pk_rules_read_tag(ctx, node, &rule->tag);
	case PK_RULES_KEY_LIMIT:
		return pk_rules_read_limit(ctx, node, &rule->limit);
	default:
		return true;
	}
}

static void set_keys(struct pk_rules_loader *loader, const struct pk_rules_item *item,
		     struct pk_rules_rule_def *def)
{
	for (int i = 0; i < PK_RULES_KEY_CNT; i++) {
		if (item->values[i])
			set_key(loader, item, (enum pk_rules_key)i, def);
	}
}

static bool undefined(struct pk_rules_ctx *ctx, const struct pk_rules_item *item)
{
	pk_yaml_diag(ctx, PK_DIAG_ERROR, item->name, NULL,
		     "nothing to change: no rule '%.64s' is defined before", item->name->text.data);
	return false;
}

/* "append: true" reaches condition and exceptions; the rest Falco passes over. */
static void append_rule(struct pk_rules_loader *loader, const struct pk_rules_item *item,
			struct pk_rules_rule_def *def)
{
	static const enum pk_rules_key reached[] = { PK_RULES_KEY_CONDITION,
						     PK_RULES_KEY_EXCEPTIONS };
	bool any = false;

	for (size_t i = 0; i < PK_ARRAY_SIZE(reached); i++) {
		if (!item->values[reached[i]])
			continue;
		set_key(loader, item, reached[i], def);
		any = true;
	}
	if (!any)
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, item->name, NULL,
			     "'append' needs a 'condition' or 'exceptions' to append");
	for (int i = PK_RULES_KEY_ACTION; i <= PK_RULES_KEY_LIMIT; i++) {
		if (item->values[i])
			pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, item->keys[i], NULL,
				     "'append' does not reach '%s'; use 'override'",
				     pk_rules_key_name((enum pk_rules_key)i));
	}
}

/* Their conditions are no text. */
static bool check_sigma(struct pk_rules_ctx *ctx, const struct pk_rules_item *item,
			const struct pk_rules_rule_def *def)
{
	if (!def->rule.sigma ||
	    (!item->values[PK_RULES_KEY_CONDITION] && !item->values[PK_RULES_KEY_EXCEPTIONS]))
		return true;
	pk_yaml_diag(ctx, PK_DIAG_ERROR, item->name, NULL,
		     "'%.64s' is a rule of Sigma: its condition is changed where it is written",
		     item->name->text.data);
	return false;
}

static void change_rule(struct pk_rules_loader *loader, const struct pk_rules_item *item)
{
	struct pk_rules_rule_def *def = find_rule(loader, item);
	const char *source;

	if (!def && !undefined(&loader->ctx, item))
		return;
	if (!read_source(&loader->ctx, item, def->rule.source, &source) ||
	    !check_source(&loader->ctx, item, def, source) || def->skipped ||
	    !check_sigma(&loader->ctx, item, def))
		return;
	if (item->append)
		append_rule(loader, item, def);
	else
		set_keys(loader, item, def);
}

/* Only "enabled": the rule stays what it is. */
static bool is_switch(const struct pk_rules_item *item)
{
	for (int i = PK_RULES_KEY_DESC; i < PK_RULES_KEY_CNT; i++) {
		if (i != PK_RULES_KEY_ENABLED && i != PK_RULES_KEY_SOURCE && item->values[i])
			return false;
	}
	return item->values[PK_RULES_KEY_ENABLED] != NULL;
}

static void switch_rule(struct pk_rules_loader *loader, const struct pk_rules_item *item)
{
	struct pk_rules_rule_def *def = find_rule(loader, item);

	if (def || undefined(&loader->ctx, item))
		pk_rules_read_bool(&loader->ctx, item->values[PK_RULES_KEY_ENABLED], "enabled",
				   &def->rule.enabled);
}

static void check_complete(struct pk_rules_loader *loader, const struct pk_rules_item *item)
{
	static const enum pk_rules_key needed[] = { PK_RULES_KEY_DESC, PK_RULES_KEY_CONDITION,
						    PK_RULES_KEY_OUTPUT, PK_RULES_KEY_PRIORITY };
	const char *hint = find_rule(loader, item) ?
				   "; to change some keys of a rule, name them in 'override'" :
				   "";

	for (size_t i = 0; i < PK_ARRAY_SIZE(needed); i++) {
		if (item->values[needed[i]])
			continue;
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, item->name, NULL, "rule without '%s'%s",
			     pk_rules_key_name(needed[i]), hint);
	}
}

static void define_rule(struct pk_rules_loader *loader, const struct pk_rules_item *item)
{
	struct pk_rules_rule_def *def = find_rule(loader, item);
	struct pk_rules_rule_def *next;
	const char *source;

	check_complete(loader, item); /* what is there is read all the same */
	if (!read_source(&loader->ctx, item, OUR_SOURCE, &source) ||
	    !check_source(&loader->ctx, item, def, source))
		return;
	if (!def)
		def = pk_rules_add_rule(loader, item->name, item->name->text.data);
	if (!def)
		return;
	next = def->next;
	*def = (struct pk_rules_rule_def){ .next = next };
	def->rule.name = item->name->text.data;
	def->rule.pos = def->rule.action_pos = item->name->pos;
	def->rule.span_bytes = def->rule.action_span_bytes = item->name->span_bytes;
	def->rule.source = source;
	def->rule.enabled = true;
	def->rule.warn_evttypes = true;
	if (!strcmp(source, OUR_SOURCE)) {
		set_keys(loader, item, def);
		return;
	}
	def->skipped = true;
	pk_yaml_diag(&loader->ctx, PK_DIAG_WARNING, item->name, NULL,
		     "rule of source '%.64s' is left out: only '" OUR_SOURCE "' is watched",
		     source);
}

void pk_rules_collect_rule(struct pk_rules_loader *loader, const struct pk_rules_item *item)
{
	if (item->append || item->has_override)
		change_rule(loader, item);
	else if (is_switch(item))
		switch_rule(loader, item);
	else
		define_rule(loader, item);
}
