/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of Sigma to rules.
 */
#include "rules/sigma.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "rules/sigma_internal.h"
#include "rules/suggest.h"
#include "rules/words.h"

#define OUR_SOURCE "syscall"

bool pk_sigma_is(const struct pk_yaml_node *root)
{
	static const char *const keys[] = { "title",       "logsource", "detection",
					    "correlation", "id",        "action" };

	if (root->kind != PK_YAML_MAPPING)
		return false;
	for (size_t i = 0; i < PK_ARRAY_SIZE(keys); i++) {
		if (pk_yaml_get(root, keys[i]))
			return true;
	}
	return false;
}

/* ---- what is said ---- */

void pk_sigma_fail(struct pk_sigma_rule *rule, const struct pk_yaml_node *node,
		   const char *suggestion, const char *format, ...)
{
	char message[512];
	va_list args;

	if (pk_sigma_given_up(rule))
		return;
	rule->failed = true;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	pk_yaml_diag(rule->ctx, PK_DIAG_ERROR, node, suggestion, "%s", message);
}

void pk_sigma_leave_out(struct pk_sigma_rule *rule, const struct pk_yaml_node *node,
			const char *format, ...)
{
	char message[512];
	va_list args;

	if (pk_sigma_given_up(rule))
		return;
	rule->left_out = true;
	rule->loader->left_out_cnt++;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	pk_yaml_diag(rule->ctx, PK_DIAG_WARNING, node, NULL, "rule is not loaded: %s", message);
}

/* ---- keys ---- */

static const struct pk_yaml_node *text_of(struct pk_sigma_rule *rule, const char *key)
{
	const struct pk_yaml_node *node = pk_yaml_get(rule->root, key);

	if (!node || (node->kind == PK_YAML_SCALAR && pk_yaml_is_null(node)))
		return NULL;
	if (node->kind == PK_YAML_SCALAR && node->text.len_bytes)
		return node;
	pk_sigma_fail(rule, node, NULL, "'%s' takes a text", key);
	return NULL;
}

static bool read_title(struct pk_sigma_rule *rule)
{
	rule->title = text_of(rule, "title");
	if (!rule->title) {
		pk_sigma_fail(rule, rule->root, NULL, "a Sigma rule has a 'title'");
		return false;
	}
	if (rule->title->text.len_bytes <= PK_MAX_RULE_NAME_BYTES)
		return true;
	pk_sigma_fail(rule, rule->title, NULL, "title of %zu bytes; the limit is %u",
		      rule->title->text.len_bytes, PK_MAX_RULE_NAME_BYTES);
	return false;
}

/* Collections, correlations and filters: documents that are no rules by themselves. */
static bool is_rule(struct pk_sigma_rule *rule)
{
	const struct pk_yaml_node *action = pk_yaml_get(rule->root, "action");
	const struct pk_yaml_node *correlation = pk_yaml_get(rule->root, "correlation");
	const struct pk_yaml_node *filter = pk_yaml_get(rule->root, "filter");
	uint32_t file_idx = rule->root->pos.file_idx + 1;

	if (action && (pk_yaml_is(action, "global") || pk_yaml_is(action, "repeat") ||
		       pk_yaml_is(action, "reset"))) {
		rule->loader->sigma_collection = file_idx;
		pk_sigma_leave_out(
			rule, action,
			"documents that others of the file build on ('action: %.16s') are "
			"not put together; write each rule out",
			action->text.data);
	} else if (rule->loader->sigma_collection == file_idx) {
		pk_sigma_leave_out(rule, rule->root,
				   "it builds on the document with 'action: global' above");
	} else if (correlation) {
		pk_sigma_leave_out(
			rule, correlation,
			"correlations are about several events, and each is judged alone");
	} else if (filter) {
		pk_sigma_leave_out(
			rule, filter,
			"filters for rules of others are not applied; add to the rule itself");
	}
	return !pk_sigma_given_up(rule);
}

static const char *part_of_source(struct pk_sigma_rule *rule, const struct pk_yaml_node *source,
				  const char *key)
{
	const struct pk_yaml_node *node = pk_yaml_get(source, key);

	if (!node || (node->kind == PK_YAML_SCALAR && pk_yaml_is_null(node)))
		return NULL;
	if (node->kind == PK_YAML_SCALAR)
		return node->text.data;
	pk_sigma_fail(rule, node, NULL, "'%s' takes a text", key);
	return NULL;
}

static bool read_source(struct pk_sigma_rule *rule)
{
	const struct pk_yaml_node *node = pk_yaml_get(rule->root, "logsource");
	struct pk_sigma_logsource source;
	const char *why = NULL;

	if (!node || node->kind != PK_YAML_MAPPING) {
		pk_sigma_fail(rule, node ? node : rule->title, NULL,
			      "a Sigma rule has a 'logsource', a map of product, category, service");
		return false;
	}
	source.category = part_of_source(rule, node, "category");
	source.product = part_of_source(rule, node, "product");
	source.service = part_of_source(rule, node, "service");
	rule->source = pk_sigma_source_find(&source, &why);
	if (!rule->source && why)
		pk_sigma_leave_out(rule, node, "its log source is not provided: %s", why);
	return rule->source && !pk_sigma_given_up(rule);
}

static bool read_level(struct pk_sigma_rule *rule, const struct pk_yaml_node *node,
		       enum pk_rules_priority *ret_priority)
{
	static const char *const names[] = { "critical", "high", "medium", "low", "informational" };
	static const enum pk_rules_priority priorities[] = { PK_RULES_CRITICAL, PK_RULES_ERROR,
							     PK_RULES_WARNING, PK_RULES_NOTICE,
							     PK_RULES_INFORMATIONAL };

	*ret_priority = PK_RULES_NOTICE;
	if (!node)
		return true;
	for (size_t i = 0; i < PK_ARRAY_SIZE(names); i++) {
		if (!strcasecmp(names[i], node->text.data)) {
			*ret_priority = priorities[i];
			return true;
		}
	}
	pk_sigma_fail(rule, node,
		      pk_suggest_from(node->text.data, node->text.len_bytes, names,
				      PK_ARRAY_SIZE(names)),
		      "unknown level '%.64s'", node->text.data);
	return false;
}

/* ---- detection ---- */

/* Whether some map is about records of type EXECVE: words are then looked for in command lines. */
static bool asks_execve(const struct pk_yaml_node *node)
{
	const struct pk_yaml_node *type;

	if (node->kind == PK_YAML_SCALAR)
		return false;
	type = node->kind == PK_YAML_MAPPING ? pk_yaml_get(node, "type") : NULL;
	if (type && type->kind == PK_YAML_SCALAR)
		return !strcasecmp(type->text.data, "EXECVE");
	for (const struct pk_yaml_pair *pair = node->first; pair && node->kind == PK_YAML_SEQUENCE;
	     pair = pair->next) {
		if (pair->value->kind == PK_YAML_MAPPING && asks_execve(pair->value))
			return true;
	}
	return false;
}

/* All but "condition" and "timeframe". */
static bool list_selections(struct pk_sigma_rule *rule, const struct pk_yaml_node *detection)
{
	rule->selections = pk_rules_alloc(rule->ctx, detection->cnt * sizeof(*rule->selections));
	if (!rule->selections)
		return false;
	for (const struct pk_yaml_pair *pair = detection->first; pair; pair = pair->next) {
		struct pk_sigma_selection *selection = &rule->selections[rule->selections_cnt];

		if (pk_yaml_is(pair->key, "condition"))
			continue;
		if (pk_yaml_is(pair->key, "timeframe")) {
			pk_sigma_leave_out(
				rule, pair->key,
				"it is about a span of time ('timeframe'), and each event "
				"is judged alone");
			return false;
		}
		*selection = (struct pk_sigma_selection){ .name = pair->key->text.data,
							  .name_node = pair->key,
							  .node = pair->value };
		rule->selections_cnt++;
		rule->executes |= asks_execve(pair->value);
	}
	if (rule->selections_cnt)
		return true;
	pk_sigma_fail(rule, detection, NULL, "'detection' has no selection");
	return false;
}

/* What all events of the view have in common. */
static const struct pk_rules_node *build_guard(struct pk_sigma_rule *rule,
					       const struct pk_sigma_guard *guard)
{
	const struct pk_rules_node *groups[16];
	size_t cnt = 0;

	while (guard->field && cnt < PK_ARRAY_SIZE(groups)) {
		const struct pk_rules_node *any[16];
		const struct pk_sigma_guard *first = guard;
		size_t any_cnt = 0;

		for (; guard->field && guard->group == first->group && any_cnt < PK_ARRAY_SIZE(any);
		     guard++) {
			const struct pk_sigma_field field = { .field = guard->field };
			const struct pk_rules_value value = {
				.data = guard->value,
				.len_bytes = (uint32_t)strlen(guard->value),
				.pos = rule->title->pos,
				.span_bytes = rule->title->span_bytes,
			};

			any[any_cnt] = pk_sigma_compare(rule, &field, PK_RULES_OP_EQ,
							PK_RULES_QUANTOR_NONE, &value, 1,
							rule->title);
			if (!any[any_cnt++])
				return NULL;
		}
		groups[cnt] = pk_sigma_group(rule, PK_RULES_NODE_OR, any, any_cnt, rule->title);
		if (groups[cnt] && first->negated)
			groups[cnt] = pk_sigma_not(rule, groups[cnt], rule->title);
		if (!groups[cnt++])
			return NULL;
	}
	return pk_sigma_group(rule, PK_RULES_NODE_AND, groups, cnt, rule->title);
}

static const struct pk_rules_node *build_view(struct pk_sigma_rule *rule,
					      const struct pk_sigma_view *view,
					      const struct pk_yaml_node *condition)
{
	const struct pk_rules_node *both[2];

	rule->view = view;
	for (size_t i = 0; i < rule->selections_cnt; i++)
		rule->selections[i].tree = NULL;
	both[1] = pk_sigma_condition(rule, condition);
	if (!both[1] || both[1] == &pk_sigma_false)
		return both[1];
	both[0] = build_guard(rule, view->guard);
	return both[0] ? pk_sigma_group(rule, PK_RULES_NODE_AND, both, 2, condition) : NULL;
}

/* Selections that the condition never names are likely forgotten. */
static void say_unused(struct pk_sigma_rule *rule)
{
	for (size_t i = 0; i < rule->selections_cnt; i++) {
		const struct pk_sigma_selection *selection = &rule->selections[i];

		if (!selection->used)
			pk_yaml_diag(rule->ctx, PK_DIAG_NOTE, selection->name_node, NULL,
				     "selection '%.64s' is used by no condition", selection->name);
	}
}

static const struct pk_rules_node *build(struct pk_sigma_rule *rule,
					 const struct pk_yaml_node *condition)
{
	const struct pk_rules_node *views[8];
	const struct pk_rules_node *tree;

	for (size_t i = 0; i < rule->source->views_cnt; i++) {
		views[i] = build_view(rule, &rule->source->views[i], condition);
		if (!views[i])
			return NULL;
	}
	tree = pk_sigma_group(rule, PK_RULES_NODE_OR, views, rule->source->views_cnt, condition);
	if (!tree)
		return NULL;
	say_unused(rule);
	if (tree == &pk_sigma_false && rule->never)
		pk_sigma_leave_out(rule, rule->never,
				   "no event of the kernel is behind records of type '%.64s'",
				   rule->never->text.data);
	else if (tree == &pk_sigma_false)
		pk_sigma_leave_out(rule, condition, "it is true of no event");
	else if (rule->never)
		pk_yaml_diag(rule->ctx, PK_DIAG_WARNING, rule->never, NULL,
			     "never true: no event of the kernel is behind records of type '%.64s'",
			     rule->never->text.data);
	return tree == &pk_sigma_false ? NULL : tree;
}

static const struct pk_rules_node *read_detection(struct pk_sigma_rule *rule)
{
	const struct pk_yaml_node *detection = pk_yaml_get(rule->root, "detection");
	const struct pk_yaml_node *condition;

	if (!detection || detection->kind != PK_YAML_MAPPING) {
		pk_sigma_fail(rule, detection ? detection : rule->title, NULL,
			      "a Sigma rule has a 'detection', a map of selections and 'condition'");
		return NULL;
	}
	condition = pk_yaml_get(detection, "condition");
	if (!condition) {
		pk_sigma_fail(rule, detection, NULL, "'detection' has no 'condition'");
		return NULL;
	}
	return list_selections(rule, detection) ? build(rule, condition) : NULL;
}

/* ---- the rule ---- */

static const char *copy_of(const struct pk_yaml_node *node)
{
	return node ? node->text.data : NULL;
}

static bool read_meta(struct pk_sigma_rule *rule, struct pk_rule *out)
{
	struct pk_rule_sigma *sigma = pk_rules_alloc(rule->ctx, sizeof(*sigma));
	const struct pk_yaml_node *level = text_of(rule, "level");
	const struct pk_yaml_node *desc = text_of(rule, "description");

	if (!sigma)
		return false;
	sigma->id = copy_of(text_of(rule, "id"));
	sigma->author = copy_of(text_of(rule, "author"));
	sigma->status = copy_of(text_of(rule, "status"));
	sigma->level = copy_of(level);
	out->sigma = sigma;
	out->name = rule->title->text.data;
	out->pos = out->action_pos = rule->title->pos;
	out->span_bytes = out->action_span_bytes = rule->title->span_bytes;
	out->desc = desc ? desc->text : rule->title->text;
	out->condition_text = rule->title->text;
	out->source = OUR_SOURCE;
	out->enabled = true;
	out->warn_evttypes = true;
	return read_level(rule, level, &out->priority) && !pk_sigma_given_up(rule);
}

/* What Picket has of its own: as in other rules. */
static bool read_ours(struct pk_sigma_rule *rule, struct pk_rule *out)
{
	const struct pk_yaml_node *tags = pk_yaml_get(rule->root, "tags");
	const struct pk_yaml_node *action = pk_yaml_get(rule->root, "action");
	const struct pk_yaml_node *on_unknown = pk_yaml_get(rule->root, "on_unknown");
	const struct pk_yaml_node *tag = pk_yaml_get(rule->root, "tag");
	const struct pk_yaml_node *limit = pk_yaml_get(rule->root, "limit");
	bool fine = true;

	if (tags && !(tags->kind == PK_YAML_SCALAR && pk_yaml_is_null(tags)))
		fine &= pk_rules_read_tags(rule->ctx, tags, out);
	if (action) {
		out->action_pos = action->pos;
		out->action_span_bytes = action->span_bytes;
		fine &= pk_rules_read_action(rule->ctx, action, &out->action);
	}
	if (on_unknown)
		fine &= pk_rules_read_on_unknown(rule->ctx, on_unknown, &out->on_unknown);
	if (tag)
		fine &= pk_rules_read_tag(rule->ctx, tag, &out->tag);
	if (limit)
		fine &= pk_rules_read_limit(rule->ctx, limit, &out->limit);
	return fine;
}

void pk_sigma_collect(struct pk_rules_loader *loader, const struct pk_yaml_node *root)
{
	struct pk_sigma_rule rule = { .loader = loader, .ctx = &loader->ctx, .root = root };
	struct pk_rule out = { 0 };

	rule.title = root;
	if (!is_rule(&rule) || !read_title(&rule))
		return;
	if (!read_meta(&rule, &out) || !read_ours(&rule, &out) || !read_source(&rule))
		return;
	out.condition = read_detection(&rule);
	if (out.condition && !pk_sigma_given_up(&rule))
		pk_sigma_keep(&rule, &out);
}
