/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Macros are parsed when first named, in their order; a rule's tree points into theirs.
 */
#include "rules/compile.h"

#include <string.h>

#include "rules/expand.h"
#include "rules/parse_internal.h"
#include "rules/suggest.h"

enum {
	UNSEEN = 0,
	VISITING,
	DONE,
	FAILED
};

static bool may_suggest(struct pk_rules_loader *loader, size_t names_cnt)
{
	loader->suggestions_spent += names_cnt;
	return loader->suggestions_spent <= PK_RULES_MAX_SUGGESTIONS;
}

static bool visible(const struct pk_rules_owner *owner, const struct pk_rules_macro_def *def)
{
	return !owner->macro || def->idx < owner->macro->visibility;
}

static void fail_macro(const struct pk_rules_owner *owner, const struct pk_rules_text *text,
		       size_t from, size_t to, const struct pk_rules_macro_def *later)
{
	struct pk_rules_loader *loader = owner->loader;
	struct pk_suggest suggest = PK_SUGGEST_INIT(text->data + from, to - from);
	int len = to - from < 64 ? (int)(to - from) : 64;
	const char *name = text->data + from;

	if (later) {
		pk_diag_add_text(&loader->ctx, PK_DIAG_ERROR, text, from, to, NULL,
				 "macro '%.*s' is defined after this one, which only sees earlier "
				 "ones",
				 len, name);
		return;
	}
	if (pk_rules_names_get(&loader->list_names, name, to - from)) {
		pk_diag_add_text(&loader->ctx, PK_DIAG_ERROR, text, from, to, NULL,
				 "'%.*s' is a list; here a macro or a field is expected", len,
				 name);
		return;
	}
	if (may_suggest(loader, loader->macros_cnt)) {
		for (struct pk_rules_macro_def *def = loader->macros; def; def = def->next) {
			if (visible(owner, def))
				pk_suggest_offer(&suggest, def->name);
		}
	}
	pk_diag_add_text(&loader->ctx, PK_DIAG_ERROR, text, from, to, suggest.best,
			 "unknown macro '%.*s'", len, name);
}

static void compile_macro(struct pk_rules_loader *loader, struct pk_rules_macro_def *def);

/* Unknown fields are told apart by where they stand. */
static void add_unknown(struct pk_rules_owner *owner, struct pk_rules_unknown *unknown)
{
	struct pk_rules_unknown **end = &owner->unknown;
	struct pk_rules_unknown *copy;
	size_t cnt = 0;

	while (*end && (*end)->field != unknown->field && cnt++ < PK_MAX_DIAGS_PER_CONDITION)
		end = &(*end)->next;
	if (*end)
		return;
	copy = pk_rules_alloc(&owner->loader->ctx, sizeof(*copy));
	if (!copy)
		return;
	copy->field = unknown->field;
	copy->suggestion = unknown->suggestion;
	copy->reported = unknown->reported;
	*end = copy;
}

static const struct pk_rules_node *on_macro(void *arg, const struct pk_rules_text *text,
					    size_t from, size_t to)
{
	struct pk_rules_owner *owner = arg;
	struct pk_rules_loader *loader = owner->loader;
	struct pk_rules_macro_def *def = pk_rules_names_get(&loader->macro_names, text->data + from,
							    to - from);

	if (!def || !visible(owner, def)) {
		fail_macro(owner, text, from, to, def);
		return NULL;
	}
	def->used = true;
	if (def->state == VISITING) {
		pk_diag_add_text(&loader->ctx, PK_DIAG_ERROR, text, from, to, NULL,
				 "macro '%.64s' contains itself", def->name);
		return NULL;
	}
	compile_macro(loader, def);
	if (!def->tree)
		return NULL;
	if (def->depth >= PK_MAX_MACRO_DEPTH) {
		pk_diag_add_text(&loader->ctx, PK_DIAG_ERROR, text, from, to, NULL,
				 "macros within macros more than %u deep", PK_MAX_MACRO_DEPTH);
		return NULL;
	}
	if (def->depth + 1 > owner->depth)
		owner->depth = def->depth + 1;
	for (struct pk_rules_unknown *unknown = def->unknown; unknown; unknown = unknown->next)
		add_unknown(owner, unknown);
	return def->tree;
}

static bool on_list(void *arg, const struct pk_rules_text *text, size_t from, size_t to,
		    struct pk_rules_values *ret_values)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	struct pk_rules_owner *owner = arg;
	struct pk_rules_loader *loader = owner->loader;
	struct pk_rules_parse_env env = { .ctx = &loader->ctx, .cache = loader->cache };
	struct pk_rules_parser parser = { .env = &env };
	struct pk_suggest suggest = PK_SUGGEST_INIT(text->data + from, to - from);
	struct pk_rules_list_def *def = pk_rules_names_get(&loader->list_names, text->data + from,
							   to - from);
	const struct pk_rules_text *items = def ? pk_rules_expand_list(loader, def) : NULL;
	struct pk_rules_text whole;

	if (!def) {
		if (may_suggest(loader, loader->lists_cnt)) {
			for (def = loader->lists; def; def = def->next)
				pk_suggest_offer(&suggest, def->name);
		}
		pk_diag_add_text(&loader->ctx, PK_DIAG_ERROR, text, from, to, suggest.best,
				 "unknown list '%.*s'; values stand in parentheses",
				 to - from < 64 ? (int)(to - from) : 64, text->data + from);
		return false;
	}
	if (!items)
		return false;
	def->used = true;
	pk_rules_draft_mark(&draft, pk_rules_text_pos(text, from), 1);
	pk_rules_draft_add(&draft, "(", 1);
	pk_rules_draft_add_text(&draft, items, 0, items->len_bytes);
	pk_rules_draft_mark(&draft, pk_rules_text_pos(text, from), 1);
	pk_rules_draft_add(&draft, ")", 1);
	loader->ctx.err = pk_rules_draft_finish(&draft, &loader->ctx.arena, &whole);
	if (loader->ctx.err)
		return false;
	parser.text = &whole;
	parser.lex = (struct pk_rules_lex){ .data = whole.data, .len_bytes = whole.len_bytes };
	return pk_rules_parse_values(&parser, ret_values);
}

static bool on_field(void *arg, const struct pk_rules_expr *field)
{
	struct pk_rules_owner *owner = arg;
	const struct pk_rules_options *options = &owner->loader->options;
	struct pk_rules_field_query query = { field->field, field->field_arg, NULL };
	struct pk_rules_unknown unknown = { .field = field };

	if (!options->field_known || options->field_known(options->arg, &query))
		return true;
	if (query.suggestion)
		unknown.suggestion = pk_rules_copy(&owner->loader->ctx, query.suggestion,
						   strlen(query.suggestion));
	unknown.reported = pk_rules_alloc(&owner->loader->ctx, sizeof(*unknown.reported));
	if (unknown.reported)
		add_unknown(owner, &unknown);
	return true; /* whether it matters is up to the rule */
}

const struct pk_rules_node *pk_rules_compile_text(struct pk_rules_owner *owner,
						  const struct pk_rules_text *text)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	struct pk_rules_ctx *ctx = &owner->loader->ctx;
	struct pk_rules_parse_env env = {
		.ctx = ctx,
		.cache = owner->loader->cache,
		.arg = owner,
		.macro = on_macro,
		.list = on_list,
		.field = on_field,
	};
	struct pk_rules_text expanded;
	int err;

	pk_rules_draft_mark(&draft, pk_rules_text_pos(text, 0), 0);
	pk_rules_expand(owner->loader, text, 0, text->len_bytes, &draft);
	err = pk_rules_draft_finish(&draft, &ctx->arena, &expanded);
	if (err) {
		ctx->err = err;
		return NULL;
	}
	return pk_rules_parse(&env, &expanded);
}

static void compile_macro(struct pk_rules_loader *loader, struct pk_rules_macro_def *def)
{
	struct pk_rules_owner owner = { .loader = loader, .macro = def };
	struct pk_rules_node *tree;

	if (def->state != UNSEEN)
		return;
	if (loader->macro_depth == PK_MAX_MACRO_DEPTH) {
		pk_diag_add(&loader->ctx, PK_DIAG_ERROR, def->pos, def->span_bytes, NULL,
			    "macros within macros more than %u deep", PK_MAX_MACRO_DEPTH);
		def->state = FAILED;
		return;
	}
	def->state = VISITING;
	loader->macro_depth++;
	/* the tree is still ours alone here */
	tree = (struct pk_rules_node *)pk_rules_compile_text(&owner, &def->condition);
	loader->macro_depth--;
	def->state = tree ? DONE : FAILED;
	def->unknown = owner.unknown;
	def->depth = owner.depth;
	if (tree && !tree->macro)
		tree->macro = def->name;
	def->tree = tree;
}

static void fail_field(struct pk_rules_loader *loader, const struct pk_rules_unknown *unknown)
{
	const struct pk_rules_expr *field = unknown->field;

	if (*unknown->reported)
		return;
	*unknown->reported = true;
	pk_diag_add(&loader->ctx, PK_DIAG_ERROR, field->pos, field->span_bytes, unknown->suggestion,
		    "unknown field '%.64s%s%.64s%s'", field->field, field->field_arg ? "[" : "",
		    field->field_arg ? field->field_arg : "", field->field_arg ? "]" : "");
}

static void compile_rule(struct pk_rules_loader *loader, struct pk_rules_rule_def *def)
{
	struct pk_rules_owner owner = { .loader = loader };
	struct pk_rule *rule = &def->rule;

	if (rule->sigma || !rule->condition_text.len_bytes)
		return; /* is compiled; its key was refused */
	rule->condition = pk_rules_compile_text(&owner, &rule->condition_text);
	rule->condition = pk_rules_compile_exceptions(&owner, def, rule->condition);
	if (!owner.unknown)
		return;
	if (rule->skip_if_unknown_filter) {
		def->skipped = true;
		pk_diag_add(&loader->ctx, PK_DIAG_WARNING, rule->pos, rule->span_bytes, NULL,
			    "rule is left out, as it asks to be: field '%.64s' is unknown",
			    owner.unknown->field->field);
		return;
	}
	for (struct pk_rules_unknown *unknown = owner.unknown; unknown; unknown = unknown->next)
		fail_field(loader, unknown);
}

static void say_unused(struct pk_rules_loader *loader)
{
	for (struct pk_rules_macro_def *def = loader->macros; def; def = def->next) {
		if (!def->used)
			pk_diag_add(&loader->ctx, PK_DIAG_NOTE, def->pos, def->span_bytes, NULL,
				    "macro '%.64s' is used by no rule", def->name);
	}
	for (struct pk_rules_list_def *def = loader->lists; def; def = def->next) {
		if (!def->used)
			pk_diag_add(&loader->ctx, PK_DIAG_NOTE, def->pos, def->span_bytes, NULL,
				    "list '%.64s' is used by no rule", def->name);
	}
}

void pk_rules_compile(struct pk_rules_loader *loader)
{
	int *err = &loader->ctx.err;

	for (struct pk_rules_list_def *def = loader->lists; def && !*err; def = def->next)
		pk_rules_expand_list(loader, def);
	for (struct pk_rules_macro_def *def = loader->macros; def && !*err; def = def->next)
		compile_macro(loader, def);
	for (struct pk_rules_rule_def *def = loader->rules; def && !*err; def = def->next) {
		if (!def->skipped)
			compile_rule(loader, def);
	}
	/* what is refused anyway may well have been the use */
	if (!*err && !loader->ctx.diags.errors_cnt)
		say_unused(loader);
}
