/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Macros, lists and required versions, and which function takes which entry.
 */
#include "rules/collect.h"

#include <errno.h>
#include <string.h>

#include "rules/words.h"

/* Plugins whose fields are built in here. */
#define BUILT_IN_PLUGIN "container"

void pk_rules_part_add(struct pk_rules_ctx *ctx, struct pk_rules_part **parts,
		       const struct pk_yaml_node *node)
{
	struct pk_rules_part *part = pk_rules_alloc(ctx, sizeof(*part));

	if (!part)
		return;
	part->node = node;
	while (*parts)
		parts = &(*parts)->next;
	*parts = part;
}

bool pk_rules_join(struct pk_rules_ctx *ctx, const struct pk_rules_text *first,
		   const struct pk_rules_text *second, struct pk_rules_text *ret_text)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	int err;

	if (!first->len_bytes) {
		*ret_text = *second;
		return true;
	}
	pk_rules_draft_add_text(&draft, first, 0, first->len_bytes);
	pk_rules_draft_mark(&draft, pk_rules_text_pos(second, 0), 1);
	pk_rules_draft_add(&draft, " ", 1);
	pk_rules_draft_add_text(&draft, second, 0, second->len_bytes);
	err = pk_rules_draft_finish(&draft, &ctx->arena, ret_text);
	if (err)
		ctx->err = err;
	return !err;
}

/* Names that a condition cannot spell are let through, as Falco does. */
static void check_spelling(struct pk_rules_ctx *ctx, const struct pk_rules_item *item)
{
	const struct pk_rules_text *name = &item->name->text;
	struct pk_rules_lex lex = { .data = name->data, .len_bytes = name->len_bytes };

	if (pk_rules_lex_name(&lex) == name->len_bytes)
		return;
	pk_yaml_diag(ctx, PK_DIAG_WARNING, item->name, NULL,
		     "a %s's name is letters, digits and '_', with a letter first",
		     pk_rules_key_name(item->kind));
}

static bool must_exist(struct pk_rules_ctx *ctx, const struct pk_rules_item *item)
{
	pk_yaml_diag(ctx, PK_DIAG_ERROR, item->name, NULL,
		     "nothing to append to: no %s '%.64s' is defined before",
		     pk_rules_key_name(item->kind), item->name->text.data);
	return false;
}

static struct pk_rules_macro_def *new_macro(struct pk_rules_loader *loader,
					    const struct pk_rules_item *item)
{
	struct pk_rules_macro_def *def;
	const struct pk_rules_text *name = &item->name->text;

	if (loader->macros_cnt == PK_MAX_MACROS) {
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, item->name, NULL, "more than %u macros",
			     PK_MAX_MACROS);
		return NULL;
	}
	def = pk_rules_alloc(&loader->ctx, sizeof(*def));
	if (!def)
		return NULL;
	def->name = name->data;
	def->idx = (uint32_t)loader->macros_cnt++;
	if (pk_rules_names_add(&loader->macro_names, &loader->ctx.arena, name->data,
			       name->len_bytes, def)) {
		loader->ctx.err = -ENOMEM;
		return NULL;
	}
	if (loader->last_macro)
		loader->last_macro->next = def;
	else
		loader->macros = def;
	return loader->last_macro = def;
}

static void collect_macro(struct pk_rules_loader *loader, const struct pk_rules_item *item)
{
	struct pk_rules_ctx *ctx = &loader->ctx;
	const struct pk_yaml_node *condition = item->values[PK_RULES_KEY_CONDITION];
	bool append = item->append ||
		      item->changes[PK_RULES_KEY_CONDITION] == PK_RULES_CHANGE_APPEND;
	struct pk_rules_macro_def *def = pk_rules_names_get(&loader->macro_names,
							    item->name->text.data,
							    item->name->text.len_bytes);
	struct pk_rules_text text;

	if (!condition) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, item->name, NULL, "macro without 'condition'");
		return;
	}
	if (!pk_rules_read_text(ctx, condition, "condition", &text))
		return;
	if (append && !def && !must_exist(ctx, item))
		return;
	if (!def)
		def = new_macro(loader, item);
	if (!def)
		return;
	check_spelling(ctx, item);
	if (append)
		pk_rules_join(ctx, &def->condition, &text, &def->condition);
	else
		def->condition = text;
	def->visibility = (uint32_t)loader->macros_cnt;
	def->pos = item->name->pos;
	def->span_bytes = item->name->span_bytes;
}

static struct pk_rules_list_def *new_list(struct pk_rules_loader *loader,
					  const struct pk_rules_item *item)
{
	struct pk_rules_list_def *def;
	const struct pk_rules_text *name = &item->name->text;

	if (loader->lists_cnt == PK_MAX_LISTS) {
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, item->name, NULL, "more than %u lists",
			     PK_MAX_LISTS);
		return NULL;
	}
	def = pk_rules_alloc(&loader->ctx, sizeof(*def));
	if (!def)
		return NULL;
	def->name = name->data;
	def->idx = (uint32_t)loader->lists_cnt++;
	if (strpbrk(name->data, " \t\r\n(),='\""))
		loader->odd_lists_cnt++;
	if (pk_rules_names_add(&loader->list_names, &loader->ctx.arena, name->data, name->len_bytes,
			       def)) {
		loader->ctx.err = -ENOMEM;
		return NULL;
	}
	if (loader->last_list)
		loader->last_list->next = def;
	else
		loader->lists = def;
	return loader->last_list = def;
}

static bool check_items(struct pk_rules_ctx *ctx, const struct pk_yaml_node *items)
{
	bool fine = true;

	if (items->kind != PK_YAML_SEQUENCE) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, items, NULL, "'items' takes a sequence");
		return false;
	}
	for (const struct pk_yaml_pair *pair = items->first; pair; pair = pair->next) {
		const struct pk_yaml_node *value = pair->value;

		if (value->kind != PK_YAML_SCALAR) {
			pk_yaml_diag(ctx, PK_DIAG_ERROR, value, NULL,
				     "an item of a list is a text or a number");
			fine = false;
		} else if (value->text.len_bytes > PK_MAX_STRING_BYTES) {
			pk_yaml_diag(ctx, PK_DIAG_ERROR, value, NULL,
				     "item of %zu bytes; the limit is %u", value->text.len_bytes,
				     PK_MAX_STRING_BYTES);
			fine = false;
		}
	}
	return fine;
}

static void collect_list(struct pk_rules_loader *loader, const struct pk_rules_item *item)
{
	struct pk_rules_ctx *ctx = &loader->ctx;
	const struct pk_yaml_node *items = item->values[PK_RULES_KEY_ITEMS];
	bool append = item->append || item->changes[PK_RULES_KEY_ITEMS] == PK_RULES_CHANGE_APPEND;
	struct pk_rules_list_def *def = pk_rules_names_get(&loader->list_names,
							   item->name->text.data,
							   item->name->text.len_bytes);

	if (!items) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, item->name, NULL, "list without 'items'");
		return;
	}
	if (!check_items(ctx, items) || (append && !def && !must_exist(ctx, item)))
		return;
	if (!def)
		def = new_list(loader, item);
	if (!def)
		return;
	check_spelling(ctx, item);
	if (!append)
		def->parts = NULL;
	pk_rules_part_add(ctx, &def->parts, items);
	def->visibility = (uint32_t)loader->lists_cnt;
	def->pos = item->name->pos;
	def->span_bytes = item->name->span_bytes;
}

/* "26", "0.26.0"; the minor number. */
static bool read_version(const struct pk_yaml_node *node, unsigned int *ret_major,
			 unsigned int *ret_minor)
{
	unsigned int numbers[3] = { 0 };
	const char *text = node->text.data;
	size_t cnt = 0;

	if (node->kind != PK_YAML_SCALAR || !node->text.len_bytes)
		return false;
	do {
		size_t digits = strspn(text, "0123456789");

		if (!digits || digits > 6 || cnt == 3)
			return false;
		for (; digits; digits--)
			numbers[cnt] = numbers[cnt] * 10 + (unsigned int)(*text++ - '0');
		cnt++;
	} while (*text == '.' && text++);
	/* a pre-release or a build behind three numbers */
	if (*text && !(cnt == 3 && (*text == '-' || *text == '+')))
		return false;
	*ret_major = cnt == 1 ? 0 : numbers[0];
	*ret_minor = cnt == 1 ? numbers[0] : numbers[1];
	return cnt == 1 || cnt == 3;
}

static void collect_engine_version(struct pk_rules_loader *loader, const struct pk_rules_item *item)
{
	unsigned int major, minor;

	if (!read_version(item->name, &major, &minor))
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, item->name, NULL,
			     "a version is a number or three with dots, such as 0.26.0");
	else if (major > 0 || minor > PK_RULES_ENGINE_MINOR)
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, item->name, NULL,
			     "these rules need engine %u.%u.0; this one reads those of 0.%u.0",
			     major, minor, PK_RULES_ENGINE_MINOR);
}

static void check_plugin(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node)
{
	const struct pk_yaml_node *name = pk_yaml_get(node, "name");
	const struct pk_yaml_node *version = pk_yaml_get(node, "version");
	unsigned int major, minor;

	if (!name || !version || name->kind != PK_YAML_SCALAR || !name->text.len_bytes) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, node, NULL,
			     "a required plugin has a 'name' and a 'version'");
		return;
	}
	if (!read_version(version, &major, &minor)) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, version, NULL,
			     "a version is a number or three with dots, such as 0.4.0");
		return;
	}
	if (!pk_yaml_is(name, BUILT_IN_PLUGIN))
		pk_yaml_diag(ctx, PK_DIAG_WARNING, name, NULL,
			     "there are no plugins here: nothing comes from '%.64s'",
			     name->text.data);
}

static void collect_plugin_versions(struct pk_rules_loader *loader,
				    const struct pk_rules_item *item)
{
	const struct pk_yaml_node *node = item->name;

	if (node->kind != PK_YAML_SEQUENCE) {
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, node, NULL,
			     "'required_plugin_versions' takes a sequence");
		return;
	}
	for (const struct pk_yaml_pair *pair = node->first; pair; pair = pair->next)
		check_plugin(&loader->ctx, pair->value);
}

static void collect_item(struct pk_rules_loader *loader, const struct pk_yaml_node *node)
{
	struct pk_rules_item item;

	if (!pk_rules_item_read(&loader->ctx, node, &item))
		return;
	switch (item.kind) {
	case PK_RULES_KEY_RULE:
		pk_rules_collect_rule(loader, &item);
		break;
	case PK_RULES_KEY_MACRO:
		collect_macro(loader, &item);
		break;
	case PK_RULES_KEY_LIST:
		collect_list(loader, &item);
		break;
	case PK_RULES_KEY_ENGINE_VERSION:
		collect_engine_version(loader, &item);
		break;
	default:
		collect_plugin_versions(loader, &item);
		break;
	}
}

/* What files are taken for those of rules, by a key that they have. */
static const char *what_else(const struct pk_yaml_node *root)
{
	const struct pk_yaml_node *kind = pk_yaml_get(root, "kind");

	if (kind &&
	    (pk_yaml_is(kind, "TracingPolicy") || pk_yaml_is(kind, "TracingPolicyNamespaced")))
		return "this is a policy of Tetragon: 'picket import tetragon FILE' prints the rules that "
		       "it is";
	if (kind && pk_yaml_get(root, "apiVersion"))
		return "this is an object of Kubernetes; rules that it holds have to be put into a file of "
		       "their own";
	if (pk_yaml_get(root, "customRules"))
		return "these are values of a Helm chart; the rules below 'customRules' have to be put into "
		       "files of their own";
	if (pk_yaml_get(root, "tests"))
		return "these are tests of rules: 'picket test FILE' runs them";
	return "rules are a sequence: each entry starts with '- '";
}

void pk_rules_collect(struct pk_rules_loader *loader, const struct pk_yaml_node *root)
{
	if (pk_yaml_is_null(root))
		return;
	if (root->kind != PK_YAML_SEQUENCE) {
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, root, NULL, "%s",
			     root->kind == PK_YAML_MAPPING ?
				     what_else(root) :
				     "rules are a sequence: each entry starts with '- '");
		return;
	}
	for (const struct pk_yaml_pair *pair = root->first; pair && !loader->ctx.err;
	     pair = pair->next)
		collect_item(loader, pair->value);
}
