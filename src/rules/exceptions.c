/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions as they are given: name, fields, comps, values, checked for form.
 */
#include "rules/collect.h"

#include <string.h>

#include "base/cleanup.h"
#include "rules/suggest.h"

static const char *const exception_keys[] = { "name", "fields", "comps", "values" };

static void check_keys(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node)
{
	for (const struct pk_yaml_pair *pair = node->first; pair; pair = pair->next) {
		bool known = false;

		for (size_t i = 0; i < PK_ARRAY_SIZE(exception_keys) && !known; i++)
			known = pk_yaml_is(pair->key, exception_keys[i]);
		if (!known)
			pk_yaml_diag(ctx, PK_DIAG_WARNING, pair->key,
				     pk_suggest_from(pair->key->text.data,
						     pair->key->text.len_bytes, exception_keys,
						     PK_ARRAY_SIZE(exception_keys)),
				     "unknown key '%.64s' in an exception", pair->key->text.data);
	}
}

static bool is_text(const struct pk_yaml_node *node)
{
	return node->kind == PK_YAML_SCALAR && node->text.len_bytes;
}

static bool check_op(struct pk_rules_ctx *ctx, const struct pk_yaml_node *node)
{
	enum pk_rules_quantor quantor;
	enum pk_rules_op op;

	if (node->kind == PK_YAML_SCALAR && pk_rules_parse_op(node->text.data, &op, &quantor))
		return true;
	pk_yaml_diag(ctx, PK_DIAG_ERROR, node,
		     node->kind == PK_YAML_SCALAR ?
			     pk_rules_suggest_op(node->text.data, node->text.len_bytes) :
			     NULL,
		     "'comps' takes comparison operators, such as in or startswith");
	return false;
}

static bool check_fields(struct pk_rules_ctx *ctx, const struct pk_yaml_node *fields)
{
	const struct pk_yaml_pair *pair = fields->first;

	if (is_text(fields))
		return true;
	if (fields->kind == PK_YAML_SEQUENCE && fields->cnt) {
		while (pair && is_text(pair->value))
			pair = pair->next;
		if (!pair)
			return true;
		fields = pair->value;
	}
	pk_yaml_diag(ctx, PK_DIAG_ERROR, fields, NULL,
		     "'fields' takes a field or a sequence of fields");
	return false;
}

static bool check_comps(struct pk_rules_ctx *ctx, const struct pk_yaml_node *fields,
			const struct pk_yaml_node *comps)
{
	bool fine = true;

	if (fields->kind == PK_YAML_SCALAR)
		return check_op(ctx, comps);
	if (comps->kind != PK_YAML_SEQUENCE || comps->cnt != fields->cnt) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, comps, NULL,
			     "'comps' takes as many operators as there are fields: %zu",
			     fields->cnt);
		return false;
	}
	for (const struct pk_yaml_pair *pair = comps->first; pair; pair = pair->next) {
		if (!check_op(ctx, pair->value))
			fine = false;
	}
	return fine;
}

static bool check_sequence(struct pk_rules_ctx *ctx, const struct pk_yaml_node *values)
{
	if (!values || values->kind == PK_YAML_SEQUENCE || pk_yaml_is_null(values))
		return true;
	pk_yaml_diag(ctx, PK_DIAG_ERROR, values, NULL, "'values' takes a sequence");
	return false;
}

static struct pk_rules_exception *find(struct pk_rules_rule_def *def, const char *name)
{
	struct pk_rules_exception *exception = def->exceptions;

	while (exception && strcmp(exception->name, name))
		exception = exception->next;
	return exception;
}

static bool add_new(struct pk_rules_loader *loader, struct pk_rules_rule_def *def,
		    const struct pk_yaml_node *node, const struct pk_yaml_node *name)
{
	struct pk_rules_ctx *ctx = &loader->ctx;
	const struct pk_yaml_node *fields = pk_yaml_get(node, "fields");
	const struct pk_yaml_node *comps = pk_yaml_get(node, "comps");
	const struct pk_yaml_node *values = pk_yaml_get(node, "values");
	struct pk_rules_exception **end = &def->exceptions;
	struct pk_rules_exception *exception;
	size_t cnt = 0;
	bool fine;

	if (comps && pk_yaml_is_null(comps))
		comps = NULL;
	if (!fields) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, name, NULL, "exception without 'fields'");
		return false;
	}
	fine = check_fields(ctx, fields) && (!comps || check_comps(ctx, fields, comps));
	if (!check_sequence(ctx, values) || !fine)
		return false;
	for (; *end; end = &(*end)->next)
		cnt++;
	if (cnt == PK_MAX_EXCEPTIONS) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, name, NULL, "more than %u exceptions of a rule",
			     PK_MAX_EXCEPTIONS);
		return false;
	}
	exception = pk_rules_alloc(ctx, sizeof(*exception));
	if (!exception)
		return false;
	exception->name = name->text.data;
	exception->name_node = name;
	exception->fields = fields;
	exception->comps = comps;
	if (values && values->kind == PK_YAML_SEQUENCE)
		pk_rules_part_add(ctx, &exception->values, values);
	*end = exception;
	return true;
}

/* Values for an exception there is already. */
static bool add_values(struct pk_rules_ctx *ctx, struct pk_rules_exception *exception,
		       const struct pk_yaml_node *node)
{
	const struct pk_yaml_node *values = pk_yaml_get(node, "values");
	const struct pk_yaml_node *fields = pk_yaml_get(node, "fields");
	const struct pk_yaml_node *comps = pk_yaml_get(node, "comps");

	if (fields || comps) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, fields ? fields : comps, NULL,
			     "only 'values' can be appended to exception '%.64s'", exception->name);
		return false;
	}
	if (!check_sequence(ctx, values))
		return false;
	if (values && values->kind == PK_YAML_SEQUENCE)
		pk_rules_part_add(ctx, &exception->values, values);
	return true;
}

static bool collect_one(struct pk_rules_loader *loader, struct pk_rules_rule_def *def,
			const struct pk_yaml_node *node, bool append)
{
	const struct pk_yaml_node *name = pk_yaml_get(node, "name");
	struct pk_rules_exception *exception;

	if (node->kind != PK_YAML_MAPPING || !name || !is_text(name)) {
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, node, NULL,
			     "an exception is a mapping with a 'name'");
		return false;
	}
	check_keys(&loader->ctx, node);
	exception = append ? find(def, name->text.data) : NULL;
	return exception ? add_values(&loader->ctx, exception, node) :
			   add_new(loader, def, node, name);
}

bool pk_rules_collect_exceptions(struct pk_rules_loader *loader, struct pk_rules_rule_def *def,
				 const struct pk_yaml_node *node, enum pk_rules_change change)
{
	bool append = change == PK_RULES_CHANGE_APPEND;
	bool fine = true;

	if (pk_yaml_is_null(node) && !append) {
		def->exceptions = NULL;
		return true;
	}
	if (node->kind != PK_YAML_SEQUENCE) {
		pk_yaml_diag(&loader->ctx, PK_DIAG_ERROR, node, NULL,
			     "'exceptions' takes a sequence");
		return false;
	}
	if (!append)
		def->exceptions = NULL;
	for (const struct pk_yaml_pair *pair = node->first; pair; pair = pair->next) {
		if (!collect_one(loader, def, pair->value, append))
			fine = false;
	}
	return fine;
}
