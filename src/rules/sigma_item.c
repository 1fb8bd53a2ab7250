/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of a map: FIELD|modifier|modifier: values. And lists of words without a field.
 */
#include "rules/sigma_internal.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "rules/suggest.h"

enum modifier_kind {
	MATCH,
	FLAG,
	NOT_HERE,
};

struct modifier {
	const char *name;
	enum modifier_kind kind;
	enum pk_sigma_match match;
	size_t flag;     /* offset of a bool in struct pk_sigma_item */
	const char *why; /* NOT_HERE */
};

#define M(n, m)                                          \
	{                                                \
		.name = (n), .kind = MATCH, .match = (m) \
	}
#define F(n, member)                                                                      \
	{                                                                                 \
		.name = (n), .kind = FLAG, .flag = offsetof(struct pk_sigma_item, member) \
	}
#define N(n, w)                                           \
	{                                                 \
		.name = (n), .kind = NOT_HERE, .why = (w) \
	}

#define NO_PARTS_OF_TIME "events are not compared by parts of the time"

static const struct modifier modifiers[] = {
	M("contains", PK_SIGMA_CONTAINS),
	M("startswith", PK_SIGMA_STARTS),
	M("endswith", PK_SIGMA_ENDS),
	M("re", PK_SIGMA_RE),
	M("cidr", PK_SIGMA_CIDR),
	M("exists", PK_SIGMA_EXISTS),
	M("fieldref", PK_SIGMA_FIELDREF),
	M("lt", PK_SIGMA_LT),
	M("lte", PK_SIGMA_LE),
	M("gt", PK_SIGMA_GT),
	M("gte", PK_SIGMA_GE),
	F("all", all),
	F("cased", cased),
	F("windash", windash),
	F("neq", negated),
	F("base64", base64),
	F("base64offset", base64offset),
	F("wide", wide),
	F("utf16le", wide),
	F("i", re_icase),
	F("ignorecase", re_icase),
	F("m", re_multiline),
	F("multiline", re_multiline),
	F("s", re_dotall),
	F("dotall", re_dotall),
	N("utf16", "texts with a byte order mark do not stand in arguments"),
	N("utf16be", "texts with the high byte first do not stand in arguments"),
	N("expand", "placeholders have to be filled in before"),
	N("minute", NO_PARTS_OF_TIME),
	N("hour", NO_PARTS_OF_TIME),
	N("day", NO_PARTS_OF_TIME),
	N("week", NO_PARTS_OF_TIME),
	N("month", NO_PARTS_OF_TIME),
	N("year", NO_PARTS_OF_TIME),
};

static const struct modifier *find_modifier(const char *name, size_t len, const char **ret_near)
{
	struct pk_suggest suggest = PK_SUGGEST_INIT(name, len);

	for (size_t i = 0; i < PK_ARRAY_SIZE(modifiers); i++) {
		if (strlen(modifiers[i].name) == len && !memcmp(modifiers[i].name, name, len))
			return &modifiers[i];
		pk_suggest_offer(&suggest, modifiers[i].name);
	}
	*ret_near = suggest.best;
	return NULL;
}

static bool set_match(struct pk_sigma_rule *rule, struct pk_sigma_item *item,
		      const struct modifier *modifier)
{
	enum pk_sigma_match match = modifier->match;

	if (item->match == PK_SIGMA_EQUALS) {
		item->match = match;
		return true;
	}
	if (match == PK_SIGMA_FIELDREF && item->match <= PK_SIGMA_ENDS) {
		item->ref_match = item->match;
		item->match = match;
		return true;
	}
	if (item->match == PK_SIGMA_FIELDREF && match <= PK_SIGMA_ENDS &&
	    item->ref_match == PK_SIGMA_EQUALS) {
		item->ref_match = match;
		return true;
	}
	pk_sigma_fail(rule, item->key, NULL, "'%s' does not go with the modifier before it",
		      modifier->name);
	return false;
}

static bool set_modifier(struct pk_sigma_rule *rule, struct pk_sigma_item *item, const char *name,
			 size_t len)
{
	const char *near = NULL;
	const struct modifier *modifier = find_modifier(name, len, &near);

	if (!modifier) {
		pk_sigma_fail(rule, item->key, near, "unknown modifier '%.*s'",
			      (int)(len < 64 ? len : 64), name);
		return false;
	}
	switch (modifier->kind) {
	case MATCH:
		return set_match(rule, item, modifier);
	case FLAG:
		*(bool *)((char *)item + modifier->flag) = true;
		return true;
	case NOT_HERE:
		break;
	}
	pk_sigma_leave_out(rule, item->key, "'%s' is not done here: %s", modifier->name,
			   modifier->why);
	return false;
}

/* Modifiers that mean nothing together. */
static bool check_together(struct pk_sigma_rule *rule, const struct pk_sigma_item *item)
{
	bool flags = item->re_icase || item->re_multiline || item->re_dotall;
	bool encoded = item->base64 || item->base64offset;
	const char *what = NULL;

	if (flags && item->match != PK_SIGMA_RE)
		what = "i, m and s go with 're'";
	else if ((encoded || item->windash || item->wide) && item->match > PK_SIGMA_ENDS)
		what = "what changes the text goes with 'contains', 'startswith', 'endswith' or alone";
	else if (item->base64 && item->base64offset)
		what = "'base64' and 'base64offset' are two ways";
	else if (item->windash && encoded)
		what = "'windash' does not go with 'base64'";
	else if (item->cased && item->match > PK_SIGMA_ENDS && item->match != PK_SIGMA_FIELDREF)
		what = "'cased' is about texts";
	if (what) {
		pk_sigma_fail(rule, item->key, NULL, "%s", what);
		return false;
	}
	if (item->wide && !encoded) {
		pk_sigma_leave_out(rule, item->key,
				   "texts of two bytes a character do not stand in arguments and "
				   "names of files");
		return false;
	}
	return true;
}

/* "FIELD|a|b" */
static bool read_key(struct pk_sigma_rule *rule, const struct pk_yaml_node *key,
		     struct pk_sigma_item *item)
{
	const char *text = key->text.data;
	size_t len = strcspn(text, "|");

	item->key = key;
	item->name = pk_rules_copy(rule->ctx, text, len);
	if (!item->name)
		return false;
	for (text += len; *text == '|'; text += len) {
		text++;
		len = strcspn(text, "|");
		if (!set_modifier(rule, item, text, len))
			return false;
	}
	/* encoded texts stand somewhere in a longer one */
	if (item->base64offset && item->match == PK_SIGMA_EQUALS)
		item->match = PK_SIGMA_CONTAINS;
	return check_together(rule, item);
}

static bool check_values(struct pk_sigma_rule *rule, const struct pk_sigma_item *item)
{
	const struct pk_yaml_node *values = item->values;

	if (values->kind == PK_YAML_SEQUENCE && !values->cnt)
		pk_sigma_fail(rule, values, NULL, "a list without values");
	else if (values->kind == PK_YAML_MAPPING)
		pk_sigma_fail(rule, values, NULL, "a value is a text, a number or a list of them");
	else
		return true;
	return false;
}

/* In the view at work, of the record at work. */
static const struct pk_sigma_field *find_field(const struct pk_sigma_rule *rule, const char *name,
					       struct pk_sigma_field *room)
{
	const struct pk_sigma_field *field = NULL;

	if (rule->record)
		return pk_sigma_field_find(rule->record, name, room);
	for (size_t i = 0; rule->view->records[i] && !field; i++)
		field = pk_sigma_field_find(rule->view->records[i], name, room);
	return field;
}

/* The command line, of executions. */
static const struct pk_rules_node *command_line(struct pk_sigma_rule *rule,
						const struct pk_sigma_item *item)
{
	static const struct pk_sigma_field line = { "",  "proc.exeline", NULL, PK_SIGMA_TEXT, NULL,
						    NULL };

	if (!rule->source->keywords || !rule->executes) {
		pk_sigma_leave_out(rule, item->values,
				   "words are looked for in whole lines of a log, and events of "
				   "the kernel are none; only those of auditd's EXECVE have a text");
		return NULL;
	}
	if (strcmp(rule->view->records[0]->type, "EXECVE") != 0)
		return &pk_sigma_false;
	return pk_sigma_check(rule, item, &line);
}

static void leave_out_field(struct pk_sigma_rule *rule, const struct pk_sigma_item *item)
{
	const char *why = pk_sigma_field_why(item->name);
	const char *spelt = pk_sigma_source_spelt(rule->source, item->name);

	if (why) {
		pk_sigma_leave_out(rule, item->key, "no event has '%.64s': %s", item->name, why);
		return;
	}
	pk_sigma_leave_out(rule, item->key,
			   "no field '%.64s' of events from this log source is known%s%s%s",
			   item->name, spelt ? "; did you mean '" : "", spelt ? spelt : "",
			   spelt ? "'?" : "");
}

const struct pk_rules_node *pk_sigma_item(struct pk_sigma_rule *rule,
					  const struct pk_yaml_node *key,
					  const struct pk_yaml_node *values)
{
	struct pk_sigma_item item = { .values = values };
	const struct pk_sigma_field *field;
	struct pk_sigma_field room;

	if (!read_key(rule, key, &item) || !check_values(rule, &item))
		return NULL;
	if (!*item.name) {
		if (item.match == PK_SIGMA_EQUALS)
			item.match = PK_SIGMA_CONTAINS;
		return command_line(rule, &item);
	}
	field = find_field(rule, item.name, &room);
	if (field)
		return pk_sigma_check(rule, &item, field);
	if (!pk_sigma_source_knows(rule->source, item.name)) {
		leave_out_field(rule, &item);
		return NULL;
	}
	/* missing there: equal to null, and to nothing else */
	if (pk_yaml_is_null(values) && values->kind == PK_YAML_SCALAR)
		return &pk_sigma_true;
	if (item.match == PK_SIGMA_EXISTS && pk_yaml_is(values, "false"))
		return &pk_sigma_true;
	return &pk_sigma_false;
}

const struct pk_rules_node *pk_sigma_keywords(struct pk_sigma_rule *rule,
					      const struct pk_yaml_node *values)
{
	struct pk_sigma_item item = { .values = values, .match = PK_SIGMA_CONTAINS };

	return check_values(rule, &item) ? command_line(rule, &item) : NULL;
}
