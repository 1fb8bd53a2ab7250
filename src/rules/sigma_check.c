/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A field with values, as comparisons: those that are asked in the same way become one with a list, so
 * that a list of a thousand names is one thing to what compiles it. Letters of either case are the
 * same unless the item is cased.
 */
#include "rules/sigma_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

/* What an item became so far. */
struct parts {
	struct pk_buf nodes; /* of struct pk_rules_node pointers */
};

static bool add_part(struct pk_sigma_rule *rule, struct parts *parts,
		     const struct pk_rules_node *node)
{
	int err = node ? pk_buf_add(&parts->nodes, &node, sizeof(node)) : 0;

	if (err)
		rule->ctx->err = err;
	return node && !err;
}

static const struct pk_rules_node *join(struct pk_sigma_rule *rule,
					const struct pk_sigma_item *item, const struct parts *parts)
{
	enum pk_rules_node_kind kind = item->all ? PK_RULES_NODE_AND : PK_RULES_NODE_OR;
	const struct pk_rules_node *node;

	node = pk_sigma_group(rule, kind, (const struct pk_rules_node *const *)parts->nodes.data,
			      parts->nodes.len_bytes / sizeof(node), item->values);
	return node && item->negated ? pk_sigma_not(rule, node, item->values) : node;
}

static bool has_letters(const struct pk_sigma_pattern *pattern)
{
	for (size_t i = 0; i < pattern->len; i++) {
		if ((pattern->text[i] | 0x20) >= 'a' && (pattern->text[i] | 0x20) <= 'z')
			return true;
	}
	return false;
}

static enum pk_rules_op op_of(const struct pk_sigma_pattern *pattern, bool cased)
{
	bool plain = cased || !has_letters(pattern);

	if (pattern->glob)
		return cased ? PK_RULES_OP_GLOB : PK_RULES_OP_IGLOB;
	if (!pattern->len && (pattern->any_before || pattern->any_behind))
		return PK_RULES_OP_EXISTS;
	if (pattern->any_before && pattern->any_behind)
		return plain ? PK_RULES_OP_CONTAINS : PK_RULES_OP_ICONTAINS;
	if (pattern->any_behind)
		return plain ? PK_RULES_OP_STARTSWITH : PK_RULES_OP_ISTARTSWITH;
	if (pattern->any_before)
		return plain ? PK_RULES_OP_ENDSWITH : PK_RULES_OP_IENDSWITH;
	return plain ? PK_RULES_OP_EQ : PK_RULES_OP_IEQ;
}

/* ---- texts ---- */

/* All patterns that are asked by `op`, as one comparison. */
static bool add_op(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
		   const struct pk_sigma_field *field, const struct pk_sigma_patterns *patterns,
		   enum pk_rules_op op, struct parts *parts)
{
	struct pk_rules_value *values = pk_rules_alloc(rule->ctx, patterns->cnt * sizeof(*values));
	const struct pk_sigma_pattern *all = pk_sigma_patterns_get(patterns);
	bool listed = op == PK_RULES_OP_EQ && !item->all;
	size_t cnt = 0;

	if (!values)
		return false;
	for (size_t i = 0; i < patterns->cnt; i++) {
		if (op_of(&all[i], item->cased) == op)
			values[cnt++] = pk_sigma_value_at(all[i].text, all[i].len, all[i].node);
	}
	if (!cnt)
		return true;
	if (op == PK_RULES_OP_EXISTS)
		cnt = 0;
	return add_part(rule, parts,
			pk_sigma_compare(rule, field, listed && cnt > 1 ? PK_RULES_OP_IN : op,
					 item->all ? PK_RULES_QUANTOR_ALLOF :
						     PK_RULES_QUANTOR_ANYOF,
					 values, cnt, item->values));
}

/* Directories that are links to others wherever there is systemd: paths here have none left. */
static bool add_linked(struct pk_sigma_rule *rule, struct pk_sigma_patterns *patterns)
{
	static const struct {
		const char *link, *target;
	} linked[] = { { "/var/run/", "/run/" }, { "/var/lock/", "/run/lock/" } };
	size_t cnt = patterns->cnt;

	for (size_t i = 0; i < cnt * PK_ARRAY_SIZE(linked); i++) {
		struct pk_sigma_pattern pattern =
			pk_sigma_patterns_get(patterns)[i / PK_ARRAY_SIZE(linked)];
		const char *link = linked[i % PK_ARRAY_SIZE(linked)].link;
		const char *target = linked[i % PK_ARRAY_SIZE(linked)].target;
		size_t len = strlen(link), target_len = strlen(target);
		char *text;

		if (pattern.any_before || strncasecmp(pattern.text, link, len) != 0)
			continue;
		text = pk_rules_alloc(rule->ctx, pattern.len - len + target_len + 1);
		if (!text)
			return false;
		memcpy(text, target, target_len);
		memcpy(text + target_len, pattern.text + len, pattern.len - len);
		pattern.text = text;
		pattern.len = pattern.len - len + target_len;
		rule->ctx->err = pk_buf_add(&patterns->items, &pattern, sizeof(pattern));
		if (rule->ctx->err)
			return false;
		patterns->cnt++;
	}
	return true;
}

/* The field of a directory ends in a slash, and values do not need to. */
static bool add_slashes(struct pk_sigma_rule *rule, struct pk_sigma_patterns *patterns)
{
	for (size_t i = 0; i < patterns->cnt; i++) {
		struct pk_sigma_pattern *pattern = &pk_sigma_patterns_get(patterns)[i];
		char *text;

		if (pattern->any_behind || !pattern->len || pattern->text[pattern->len - 1] == '/')
			continue;
		text = pk_rules_alloc(rule->ctx, pattern->len + 2);
		if (!text)
			return false;
		memcpy(text, pattern->text, pattern->len);
		text[pattern->len++] = '/';
		pattern->text = text;
	}
	return true;
}

static bool add_texts(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
		      const struct pk_sigma_field *field, struct pk_sigma_patterns *patterns,
		      struct parts *parts)
{
	static const enum pk_rules_op ops[] = {
		PK_RULES_OP_EXISTS,     PK_RULES_OP_EQ,          PK_RULES_OP_IEQ,
		PK_RULES_OP_STARTSWITH, PK_RULES_OP_ISTARTSWITH, PK_RULES_OP_ENDSWITH,
		PK_RULES_OP_IENDSWITH,  PK_RULES_OP_CONTAINS,    PK_RULES_OP_ICONTAINS,
		PK_RULES_OP_GLOB,       PK_RULES_OP_IGLOB,
	};

	if (field->type == PK_SIGMA_PATH && !item->all && !add_linked(rule, patterns))
		return false;
	if (field->type == PK_SIGMA_DIR && !add_slashes(rule, patterns))
		return false;
	for (size_t i = 0; i < PK_ARRAY_SIZE(ops); i++) {
		if (!add_op(rule, item, field, patterns, ops[i], parts))
			return false;
	}
	return true;
}

/* ---- what the view settles ---- */

static bool is_like(const char *word, const struct pk_sigma_pattern *pattern)
{
	size_t len = strlen(word);

	if (pattern->len > len)
		return false;
	for (size_t at = 0; at + pattern->len <= len; at++) {
		if (at && !pattern->any_before)
			return false;
		if ((pattern->any_behind || at + pattern->len == len) &&
		    !strncasecmp(word + at, pattern->text, pattern->len))
			return true;
	}
	return false;
}

static bool add_settled(struct pk_sigma_rule *rule, const struct pk_sigma_field *field,
			const struct pk_sigma_patterns *patterns, struct parts *parts)
{
	for (size_t i = 0; i < patterns->cnt; i++) {
		const struct pk_sigma_pattern *pattern = &pk_sigma_patterns_get(patterns)[i];
		bool like = false;

		if (pattern->glob) {
			pk_sigma_leave_out(rule, pattern->node,
					   "wildcards within a value of '%.64s' are not looked at",
					   field->name);
			return false;
		}
		for (size_t word = 0; field->words[word] && !like; word++)
			like = is_like(field->words[word], pattern);
		if (!strcmp(field->name, "type") && !rule->never &&
		    !pk_sigma_type_known(pattern->text))
			rule->never = pattern->node;
		if (!add_part(rule, parts, like ? &pk_sigma_true : &pk_sigma_false))
			return false;
	}
	return true;
}

/* Names of system calls are written in small letters. Raw records have numbers. */
static bool add_calls(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
		      const struct pk_sigma_field *field, struct pk_sigma_patterns *patterns,
		      struct parts *parts)
{
	struct pk_rules_value *values = pk_rules_alloc(rule->ctx, patterns->cnt * sizeof(*values));

	if (!values)
		return false;
	for (size_t i = 0; i < patterns->cnt; i++) {
		struct pk_sigma_pattern *pattern = &pk_sigma_patterns_get(patterns)[i];
		char *name = pk_rules_copy(rule->ctx, pattern->text, pattern->len);

		if (!name)
			return false;
		if (pattern->glob || pattern->any_before || pattern->any_behind) {
			pk_sigma_leave_out(rule, pattern->node,
					   "a system call is asked for by its whole name");
			return false;
		}
		for (char *c = name; *c; c++) {
			if (*c >= 'A' && *c <= 'Z')
				*c = (char)(*c | 0x20);
		}
		values[i] = pk_sigma_value_at(name, pattern->len, pattern->node);
		if (pk_sigma_call(name))
			values[i] = pk_sigma_value_at(pk_sigma_call(name),
						      strlen(pk_sigma_call(name)), pattern->node);
	}
	return !patterns->cnt ||
	       add_part(rule, parts,
			pk_sigma_compare(rule, field, PK_RULES_OP_IN, PK_RULES_QUANTOR_NONE, values,
					 patterns->cnt, item->values));
}

/* ---- addresses ---- */

/* "10." and "192.168.*" are networks; false: it is no beginning of that kind. */
static bool net_of(struct pk_sigma_rule *rule, const struct pk_yaml_node *node, bool starts,
		   struct pk_rules_value *ret_value)
{
	const char *text = node->text.data;
	size_t len = node->text.len_bytes;
	unsigned int dots = 0;
	char *copy;

	if (len && text[len - 1] == '*')
		len--;
	else if (!starts)
		return false;
	if (!len || text[len - 1] != '.' || strspn(text, "0123456789.") < len)
		return false;
	for (size_t i = 0; i < len; i++)
		dots += text[i] == '.';
	if (dots > 3)
		return false;
	copy = pk_rules_alloc(rule->ctx, len + 16);
	if (!copy)
		return false;
	snprintf(copy, len + 16, "%.*s%s/%u", (int)len, text,
		 dots == 1 ? "0.0.0" :
		 dots == 2 ? "0.0" :
			     "0",
		 8 * dots);
	*ret_value = pk_sigma_value_at(copy, strlen(copy), node);
	return true;
}

static bool is_addr(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static bool add_addr(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
		     const struct pk_sigma_field *field, const struct pk_yaml_node *node,
		     struct parts *parts)
{
	struct pk_sigma_field net = { .name = field->name, .field = field->net };
	struct pk_rules_value value = pk_sigma_value_at(node->text.data, node->text.len_bytes,
							node);
	bool in_net = item->match == PK_SIGMA_CIDR ||
		      net_of(rule, node, item->match == PK_SIGMA_STARTS, &value);

	if (rule->ctx->err)
		return false;
	if (pk_yaml_is(node, "*"))
		return add_part(rule, parts,
				pk_sigma_compare(rule, field, PK_RULES_OP_EXISTS,
						 PK_RULES_QUANTOR_NONE, NULL, 0, node));
	if (!in_net && (item->match != PK_SIGMA_EQUALS || strpbrk(value.data, "*?"))) {
		pk_sigma_leave_out(rule, node,
				   "'%.64s' is an address: whole ones and networks (|cidr) are "
				   "compared",
				   field->name);
		return false;
	}
	if (!in_net && !is_addr(node->text.data)) {
		pk_sigma_leave_out(
			rule, node,
			strchr(node->text.data, '/') ?
				"'%.64s' is an address, and '%.64s' is a network: it would "
				"be asked by |cidr" :
				"'%.64s' is compared as an address, and '%.64s' is none",
			field->name, node->text.data);
		return false;
	}
	return add_part(rule, parts,
			pk_sigma_compare(rule, in_net ? &net : field, PK_RULES_OP_IN,
					 PK_RULES_QUANTOR_NONE, &value, 1, node));
}

/* ---- regular expressions, other fields, presence ---- */

static bool add_regex(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
		      const struct pk_sigma_field *field, const struct pk_yaml_node *node,
		      struct parts *parts)
{
	const struct pk_rules_options *options = &rule->loader->options;
	char why[PK_RULES_REGEX_WHY_BYTES] = "";
	size_t len = node->text.len_bytes;
	struct pk_rules_value value;
	char *text = pk_rules_alloc(rule->ctx, len + 8);
	bool flags = item->re_icase || item->re_multiline || item->re_dotall;

	if (!text)
		return false;
	snprintf(text, len + 8, "%s%s%s%s%s%s", flags ? "(?" : "", item->re_icase ? "i" : "",
		 item->re_multiline ? "m" : "", item->re_dotall ? "s" : "", flags ? ")" : "",
		 node->text.data);
	value = pk_sigma_value_at(text, strlen(text), node);
	if (options->regex_known &&
	    !options->regex_known(options->arg, text, value.len_bytes, why)) {
		pk_sigma_leave_out(rule, node, "its regular expression is none that can be run: %s",
				   why);
		return false;
	}
	return add_part(rule, parts,
			pk_sigma_compare(rule, field, PK_RULES_OP_SEARCH, PK_RULES_QUANTOR_NONE,
					 &value, 1, node));
}

static bool add_other_field(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
			    const struct pk_sigma_field *field, const struct pk_yaml_node *node,
			    struct parts *parts)
{
	static const enum pk_rules_op ops[] = {
		[PK_SIGMA_EQUALS] = PK_RULES_OP_EQ,
		[PK_SIGMA_CONTAINS] = PK_RULES_OP_CONTAINS,
		[PK_SIGMA_STARTS] = PK_RULES_OP_STARTSWITH,
		[PK_SIGMA_ENDS] = PK_RULES_OP_ENDSWITH,
	};
	struct pk_sigma_field room;
	const struct pk_sigma_field *other = NULL;
	bool text = field->type <= PK_SIGMA_DIR;

	for (size_t i = 0; rule->view->records[i] && !other; i++)
		other = pk_sigma_field_find(rule->view->records[i], node->text.data, &room);
	if (!other || !other->field || (other->type <= PK_SIGMA_DIR) != text) {
		pk_sigma_leave_out(rule, node, "'%.64s' is no field that '%.64s' is compared with",
				   node->text.data, field->name);
		return false;
	}
	return add_part(rule, parts,
			pk_sigma_compare_fields(rule, field, other, ops[item->ref_match],
						text && !item->cased, node));
}

static bool add_presence(struct pk_sigma_rule *rule, const struct pk_sigma_field *field,
			 const struct pk_yaml_node *node, bool present, struct parts *parts)
{
	const struct pk_rules_node *exists = &pk_sigma_true;

	if (field->type != PK_SIGMA_CONST)
		exists = pk_sigma_compare(rule, field, PK_RULES_OP_EXISTS, PK_RULES_QUANTOR_NONE,
					  NULL, 0, node);
	if (exists && !present)
		exists = pk_sigma_not(rule, exists, node);
	return add_part(rule, parts, exists);
}

static bool add_exists(struct pk_sigma_rule *rule, const struct pk_sigma_field *field,
		       const struct pk_yaml_node *node, struct parts *parts)
{
	bool yes = !strcasecmp(node->text.data, "true") || !strcasecmp(node->text.data, "yes");

	if (!yes && strcasecmp(node->text.data, "false") != 0 &&
	    strcasecmp(node->text.data, "no") != 0) {
		pk_sigma_fail(rule, node, NULL, "'exists' is true or false");
		return false;
	}
	return add_presence(rule, field, node, yes, parts);
}

/* One value that is no pattern of a text. */
static bool add_value(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
		      const struct pk_sigma_field *field, const struct pk_yaml_node *node,
		      struct parts *parts)
{
	bool text = field->type <= PK_SIGMA_DIR;

	if (item->match == PK_SIGMA_EXISTS)
		return add_exists(rule, field, node, parts);
	if (item->match == PK_SIGMA_FIELDREF && field->field)
		return add_other_field(rule, item, field, node, parts);
	if (item->match == PK_SIGMA_CIDR && field->type != PK_SIGMA_ADDR)
		pk_sigma_leave_out(rule, node, "'%.64s' is no address", field->name);
	else if (item->match == PK_SIGMA_RE && !text)
		pk_sigma_leave_out(rule, node, "'%.64s' is no text for a regular expression",
				   field->name);
	else if (item->match >= PK_SIGMA_LT && (text || field->type == PK_SIGMA_ADDR))
		pk_sigma_leave_out(rule, node, "'%.64s' is no number", field->name);
	else if (item->match == PK_SIGMA_RE)
		return add_regex(rule, item, field, node, parts);
	else if (field->type == PK_SIGMA_ADDR)
		return add_addr(rule, item, field, node, parts);
	else if (field->type >= PK_SIGMA_NUMBER && field->type <= PK_SIGMA_HEX)
		return add_part(rule, parts, pk_sigma_number(rule, item, field, node));
	else
		pk_sigma_leave_out(rule, node, "'%.64s' cannot be asked so", field->name);
	return false;
}

static bool is_pattern(const struct pk_sigma_item *item, const struct pk_sigma_field *field)
{
	return item->match <= PK_SIGMA_ENDS &&
	       (field->type <= PK_SIGMA_DIR || field->type >= PK_SIGMA_CONST);
}

static bool add_node(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
		     const struct pk_sigma_field *field, const struct pk_yaml_node *node,
		     struct pk_sigma_patterns *patterns, struct parts *parts)
{
	if (node->kind != PK_YAML_SCALAR) {
		pk_sigma_fail(rule, node, NULL, "a value is a text, a number or a list of them");
		return false;
	}
	if (pk_yaml_is_null(node))
		return add_presence(rule, field, node, false, parts);
	if (is_pattern(item, field))
		return pk_sigma_value(rule, item, node, patterns);
	return add_value(rule, item, field, node, parts);
}

static bool add_patterns(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
			 const struct pk_sigma_field *field, struct pk_sigma_patterns *patterns,
			 struct parts *parts)
{
	if (field->type == PK_SIGMA_CONST)
		return add_settled(rule, field, patterns, parts);
	if (field->type == PK_SIGMA_EVENT)
		return add_calls(rule, item, field, patterns, parts);
	return add_texts(rule, item, field, patterns, parts);
}

static void patterns_fini(struct pk_sigma_patterns *patterns)
{
	pk_buf_fini(&patterns->items);
}

static void parts_fini(struct parts *parts)
{
	pk_buf_fini(&parts->nodes);
}

/* windash and base64offset with all: each value in any of its forms. */
static const struct pk_rules_node *check_each(struct pk_sigma_rule *rule,
					      const struct pk_sigma_item *item,
					      const struct pk_sigma_field *field)
{
	pk_cleanup(parts_fini) struct parts parts = { PK_BUF_INIT };
	struct pk_sigma_item one = *item;

	one.all = false;
	one.negated = false;
	for (const struct pk_yaml_pair *pair = item->values->first; pair; pair = pair->next) {
		one.values = pair->value;
		if (!add_part(rule, &parts, pk_sigma_check(rule, &one, field)))
			return NULL;
	}
	return join(rule, item, &parts);
}

const struct pk_rules_node *pk_sigma_check(struct pk_sigma_rule *rule,
					   const struct pk_sigma_item *item,
					   const struct pk_sigma_field *field)
{
	pk_cleanup(patterns_fini) struct pk_sigma_patterns patterns = { PK_BUF_INIT, 0 };
	pk_cleanup(parts_fini) struct parts parts = { PK_BUF_INIT };
	const struct pk_yaml_node *values = item->values;
	bool fine = true;

	if (item->all && values->kind == PK_YAML_SEQUENCE && (item->windash || item->base64offset))
		return check_each(rule, item, field);
	if (values->kind != PK_YAML_SEQUENCE)
		fine = add_node(rule, item, field, values, &patterns, &parts);
	for (const struct pk_yaml_pair *pair = values->first;
	     pair && fine && values->kind == PK_YAML_SEQUENCE; pair = pair->next)
		fine = add_node(rule, item, field, pair->value, &patterns, &parts);
	if (!fine || !add_patterns(rule, item, field, &patterns, &parts))
		return NULL;
	return join(rule, item, &parts);
}
