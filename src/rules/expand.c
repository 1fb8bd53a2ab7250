/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each list becomes text once, with the lists named in it; a condition copies that.
 */
#include "rules/expand.h"

#include <string.h>

#include "base/cleanup.h"
#include "rules/suggest.h"

enum {
	UNSEEN = 0,
	VISITING,
	DONE,
	FAILED
};

struct expander {
	struct pk_rules_loader *loader;
	const struct pk_rules_text *text;
	struct pk_rules_draft *draft;
	size_t at;
	size_t to;
	bool in_values;  /* within the parentheses behind an operator */
	bool drop_comma; /* an empty list was first: the comma behind it goes too */
};

static bool is_delimiter(char c)
{
	return c == '\0' || strchr(" \t\r\n(),=", c);
}

static bool is_full(const struct pk_rules_draft *draft)
{
	return draft->err || draft->data.len_bytes > PK_MAX_CONDITION_BYTES;
}

/* Behind the quoted text that starts at `at`. */
static size_t quoted_end(const struct expander *expander, size_t at)
{
	size_t end = pk_rules_lex_quoted_end(expander->text->data, at, expander->to);

	return end < expander->to ? end + 1 : expander->to;
}

/* A list whose name has blanks or commas in it can only be found by trying. */
static struct pk_rules_list_def *find_odd(const struct expander *expander, size_t *ret_len)
{
	const char *text = expander->text->data + expander->at;
	struct pk_rules_list_def *def = expander->loader->lists;

	for (; def && expander->loader->odd_lists_cnt; def = def->next) {
		size_t len = strlen(def->name);

		if (len <= expander->to - expander->at && !memcmp(text, def->name, len) &&
		    (expander->at + len == expander->to || is_delimiter(text[len]))) {
			*ret_len = len;
			return def;
		}
	}
	return NULL;
}

/* The list that is named here; the length of the word either way. */
static struct pk_rules_list_def *find_list(const struct expander *expander, size_t *ret_len)
{
	const char *text = expander->text->data + expander->at;
	struct pk_rules_list_def *def;
	size_t len = 0;

	def = find_odd(expander, ret_len);
	if (def)
		return def;
	while (expander->at + len < expander->to && !is_delimiter(text[len]))
		len++;
	*ret_len = len;
	return pk_rules_names_get(&expander->loader->list_names, text, len);
}

/* "in NAME" without parentheses is left to the parser, which knows that it means the list. */
static bool follows_operator(const struct pk_rules_draft *draft)
{
	static const char *const words[] = {
		"in", "intersects", "pmatch", "oneof", "anyof", "allof"
	};
	const char *data = draft->data.data;
	size_t end = draft->data.len_bytes;
	size_t start;

	while (end > 0 && pk_rules_lex_is_blank(data[end - 1]))
		end--;
	start = end;
	while (start > 0 && data[start - 1] >= 'a' && data[start - 1] <= 'z')
		start--;
	if (start == 0 || !pk_rules_lex_is_blank(data[start - 1]))
		return false;
	for (size_t i = 0; i < PK_ARRAY_SIZE(words); i++) {
		if (strlen(words[i]) == end - start && !memcmp(words[i], data + start, end - start))
			return true;
	}
	return false;
}

/* Nothing stands for an empty list, and one comma beside it goes. */
static void add_nothing(struct expander *expander)
{
	struct pk_rules_draft *draft = expander->draft;
	size_t end = draft->data.len_bytes;

	while (end > 0 && pk_rules_lex_is_blank(draft->data.data[end - 1]))
		end--;
	if (end > 0 && draft->data.data[end - 1] == ',')
		pk_rules_draft_cut(draft, end - 1);
	else
		expander->drop_comma = true;
}

/* A value that is nearly a list's name was likely meant to be one. */
static void check_value(struct expander *expander, size_t len)
{
	struct pk_rules_loader *loader = expander->loader;
	const char *word = expander->text->data + expander->at;
	struct pk_suggest suggest = PK_SUGGEST_INIT(word, len);

	if (!expander->in_values || len < 6 || !memchr(word, '_', len))
		return;
	if (pk_rules_names_get(&loader->macro_names, word, len))
		return;
	loader->suggestions_spent += loader->lists_cnt;
	if (loader->suggestions_spent > PK_RULES_MAX_SUGGESTIONS)
		return;
	for (const struct pk_rules_list_def *def = loader->lists; def; def = def->next)
		pk_suggest_offer(&suggest, def->name);
	if (suggest.best)
		pk_diag_add_text(&loader->ctx, PK_DIAG_WARNING, expander->text, expander->at,
				 expander->at + len, suggest.best,
				 "'%.*s' is no list and is taken as it is",
				 len < 64 ? (int)len : 64, word);
}

static void add_word(struct expander *expander)
{
	size_t start = expander->at;
	size_t len;
	struct pk_rules_list_def *def = find_list(expander, &len);
	const struct pk_rules_text *text;

	if (!def)
		check_value(expander, len);

	/* a list that names itself means the word */
	if (def && (def->state == VISITING || follows_operator(expander->draft))) {
		if (def->state == VISITING)
			def->used = true;
		def = NULL;
	}
	expander->at += len;
	if (!def) {
		pk_rules_draft_add_text(expander->draft, expander->text, start, expander->at);
		return;
	}
	def->used = true;
	text = pk_rules_expand_list(expander->loader, def);
	if (text && text->len_bytes)
		pk_rules_draft_add_text(expander->draft, text, 0, text->len_bytes);
	else if (text)
		add_nothing(expander);
}

static void add_char(struct expander *expander)
{
	char c = expander->text->data[expander->at];

	if (expander->drop_comma && !pk_rules_lex_is_blank(c)) {
		expander->drop_comma = false;
		if (c == ',') {
			expander->at++;
			return;
		}
	}
	if (c == '(' || c == ')')
		expander->in_values = c == '(' && follows_operator(expander->draft);
	pk_rules_draft_add_text(expander->draft, expander->text, expander->at, expander->at + 1);
	expander->at++;
}

void pk_rules_expand(struct pk_rules_loader *loader, const struct pk_rules_text *text, size_t from,
		     size_t to, struct pk_rules_draft *draft)
{
	struct expander expander = {
		.loader = loader,
		.text = text,
		.draft = draft,
		.at = from,
		.to = to,
	};
	bool at_start = true;

	while (expander.at < to && !is_full(draft)) {
		char c = text->data[expander.at];
		size_t start = expander.at;

		if (c == '"' || c == '\'') {
			expander.at = quoted_end(&expander, start);
			pk_rules_draft_add_text(draft, text, start, expander.at);
			at_start = false;
		} else if (at_start && !is_delimiter(c)) {
			add_word(&expander);
			at_start = false;
		} else {
			add_char(&expander);
			at_start = is_delimiter(c);
		}
	}
}

static bool needs_quotes(const struct pk_rules_text *text)
{
	if (!text->len_bytes)
		return true;
	return text->data[0] != '"' && text->data[0] != '\'' &&
	       strpbrk(text->data, " \t\n") != NULL;
}

void pk_rules_expand_item(struct pk_rules_loader *loader, const struct pk_yaml_node *item,
			  struct pk_rules_draft *draft)
{
	const struct pk_rules_text *text = &item->text;
	size_t from = 0;

	if (!needs_quotes(text)) {
		pk_rules_expand(loader, text, 0, text->len_bytes, draft);
		return;
	}
	pk_rules_draft_mark(draft, item->pos, item->span_bytes);
	pk_rules_draft_add(draft, "\"", 1);
	for (size_t i = 0; i < text->len_bytes; i++) {
		if (text->data[i] == '\\' && i + 1 < text->len_bytes) {
			i++; /* an escape of the condition's stays one */
			continue;
		}
		if (text->data[i] != '"')
			continue;
		pk_rules_draft_add_text(draft, text, from, i);
		pk_rules_draft_mark(draft, pk_rules_text_pos(text, i), 1);
		pk_rules_draft_add(draft, "\\", 1);
		from = i;
	}
	pk_rules_draft_add_text(draft, text, from, text->len_bytes);
	pk_rules_draft_mark(draft, pk_rules_text_pos(text, text->len_bytes), 1);
	pk_rules_draft_add(draft, "\"", 1);
}

/* Whether the item names a list that is being put together further out. */
static bool closes_circle(struct pk_rules_loader *loader, const struct pk_rules_list_def *def,
			  const struct pk_yaml_node *item)
{
	const struct pk_rules_list_def *named =
		pk_rules_names_get(&loader->list_names, item->text.data, item->text.len_bytes);

	if (!named || named == def || named->state != VISITING)
		return false;
	pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, item, NULL,
		     "lists '%.64s' and '%.64s' contain each other", def->name, named->name);
	return true;
}

static bool add_items(struct pk_rules_loader *loader, struct pk_rules_list_def *def,
		      struct pk_rules_draft *draft)
{
	size_t cnt = 0;

	for (const struct pk_rules_part *part = def->parts; part; part = part->next) {
		const struct pk_yaml_pair *pair = part->node->first;

		for (; pair && !is_full(draft); pair = pair->next) {
			size_t before = draft->data.len_bytes;

			if (closes_circle(loader, def, pair->value))
				return false;
			if (++cnt > PK_MAX_LIST_ITEMS) {
				pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, pair->value, NULL,
					     "list of more than %u items", PK_MAX_LIST_ITEMS);
				return false;
			}
			if (before) {
				pk_rules_draft_mark(draft, pair->value->pos, 1);
				pk_rules_draft_add(draft, ", ", 2);
			}
			pk_rules_expand_item(loader, pair->value, draft);
			if (before && draft->data.len_bytes == before + 2)
				pk_rules_draft_cut(draft, before); /* an empty list was named */
		}
	}
	return true;
}

const struct pk_rules_text *pk_rules_expand_list(struct pk_rules_loader *loader,
						 struct pk_rules_list_def *def)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	int err;

	if (def->state == DONE)
		return &def->text;
	if (def->state == FAILED)
		return NULL;
	if (loader->list_depth == PK_MAX_MACRO_DEPTH) {
		pk_diag_add(&loader->ctx, PK_DIAG_ERROR, def->pos, def->span_bytes, NULL,
			    "lists within lists more than %u deep", PK_MAX_MACRO_DEPTH);
		def->state = FAILED;
		return NULL;
	}
	def->state = VISITING;
	loader->list_depth++;
	pk_rules_draft_mark(&draft, def->pos, def->span_bytes);
	if (!add_items(loader, def, &draft)) {
		def->state = FAILED;
		loader->list_depth--;
		return NULL;
	}
	loader->list_depth--;
	err = pk_rules_draft_finish(&draft, &loader->ctx.arena, &def->text);
	if (err)
		loader->ctx.err = err;
	def->state = err ? FAILED : DONE;
	return err ? NULL : &def->text;
}
