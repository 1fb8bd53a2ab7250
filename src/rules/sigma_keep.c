/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A finished Sigma rule among the others: its name, which no other rule has, and its output, which tells
 * who wrote it (the licence that most Sigma rules are under asks for that).
 */
#include "rules/sigma_internal.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "rules/collect.h"

static bool same_id(const struct pk_rules_rule_def *def, const struct pk_rule *rule)
{
	return def->rule.sigma && def->rule.sigma->id && rule->sigma->id &&
	       !strcasecmp(def->rule.sigma->id, rule->sigma->id);
}

/* false: there is one with this id, or no memory. */
static bool check_id(struct pk_sigma_rule *rule, const struct pk_rule *out)
{
	struct pk_rules_loader *loader = rule->loader;
	const struct pk_rules_rule_def *def;
	uint32_t line, column;
	const char *id = out->sigma->id;

	if (!id)
		return true;
	def = pk_rules_names_get(&loader->sigma_ids, id, strlen(id));
	if (!def || !same_id(def, out))
		return true;
	pk_rules_sources_place(&rule->ctx->sources, def->rule.pos, &line, &column);
	pk_sigma_leave_out(rule, pk_yaml_get(rule->root, "id"),
			   "it has the id of the one at %.256s:%u",
			   rule->ctx->sources.files[def->rule.pos.file_idx]->path, line);
	return false;
}

/* The title; with the id, or a number, if another rule is called so. */
static const char *choose_name(struct pk_sigma_rule *rule, const struct pk_rule *out)
{
	struct pk_rules_names *names = &rule->loader->rule_names;
	const char *title = out->name;
	size_t room = strlen(title) + 64;
	char *name;

	if (!pk_rules_names_get(names, title, strlen(title)))
		return title;
	name = pk_rules_alloc(rule->ctx, room);
	if (!name)
		return NULL;
	if (out->sigma->id) {
		snprintf(name, room, "%s [%.36s]", title, out->sigma->id);
		if (!pk_rules_names_get(names, name, strlen(name)))
			return name;
	}
	for (unsigned int i = 2; i <= PK_MAX_RULES; i++) {
		snprintf(name, room, "%s [%u]", title, i);
		if (!pk_rules_names_get(names, name, strlen(name)))
			return name;
	}
	return NULL;
}

/* A percent sign would begin a field. */
static void add_plain(struct pk_rules_draft *draft, const char *text)
{
	for (; *text; text++) {
		if (*text == '%')
			pk_rules_draft_add(draft, "\xef\xbc\x85", 3);
		else if (*text != '\n' && *text != '\r')
			pk_rules_draft_add(draft, text, 1);
		else
			pk_rules_draft_add(draft, " ", 1);
	}
}

static void add_word(struct pk_rules_draft *draft, const char *text)
{
	pk_rules_draft_add(draft, text, strlen(text));
}

static void write_output(struct pk_sigma_rule *rule, const struct pk_rule *out,
			 struct pk_rules_draft *draft)
{
	pk_rules_draft_mark(draft, rule->title->pos, rule->title->span_bytes);
	add_word(draft, "evt=%evt.type user=%user.name process=%proc.exepath "
			"command=%proc.exeline parent=%proc.pexepath file=%fd.name pid=%proc.pid");
	if (out->sigma->author) {
		add_word(draft, " | author=");
		add_plain(draft, out->sigma->author);
	}
	if (out->sigma->id) {
		add_word(draft, out->sigma->author ? " id=" : " | id=");
		add_plain(draft, out->sigma->id);
	}
}

static bool make_output(struct pk_sigma_rule *rule, struct pk_rule *out)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	int err;

	write_output(rule, out, &draft);
	err = pk_rules_draft_finish(&draft, &rule->ctx->arena, &out->output);
	if (err)
		rule->ctx->err = err;
	return !err;
}

void pk_sigma_keep(struct pk_sigma_rule *rule, struct pk_rule *out)
{
	struct pk_rules_loader *loader = rule->loader;
	struct pk_rules_rule_def *def;

	if (!check_id(rule, out) || !make_output(rule, out))
		return;
	out->name = choose_name(rule, out);
	if (!out->name)
		return;
	def = pk_rules_add_rule(loader, rule->title, out->name);
	if (!def)
		return;
	def->rule = *out;
	if (out->sigma->id &&
	    !pk_rules_names_get(&loader->sigma_ids, out->sigma->id, strlen(out->sigma->id)) &&
	    pk_rules_names_add(&loader->sigma_ids, &rule->ctx->arena, out->sigma->id,
			       strlen(out->sigma->id), def))
		rule->ctx->err = -ENOMEM;
}
