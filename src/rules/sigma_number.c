/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A field that is a number with one value of a rule, as a comparison.
 */
#include "rules/sigma_internal.h"

#include <string.h>

#include "base/cleanup.h"

/* An id of a user or group, of which a name is known without looking it up. */
static bool is_root(const struct pk_sigma_field *field, const struct pk_yaml_node *node)
{
	return pk_yaml_is(node, "root") && (!strncmp(field->field, "user.", strlen("user.")) ||
					    !strncmp(field->field, "group.", strlen("group.")));
}

/* A number as the binder reads it; false: it is none. */
static bool number_of(struct pk_sigma_rule *rule, const struct pk_sigma_field *field,
		      const struct pk_yaml_node *node, struct pk_rules_value *ret_value)
{
	const char *text = node->text.data;
	size_t len = node->text.len_bytes;
	bool prefixed = len > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
	bool hex = prefixed || field->type == PK_SIGMA_HEX;
	const char *digits = prefixed ? text + 2 : text + (!hex && (*text == '-'));
	char *copy;

	if (is_root(field, node)) {
		*ret_value = pk_sigma_value_at("0", 1, node);
		return true;
	}
	if (!*digits || digits[strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789")])
		return false;
	copy = pk_rules_alloc(rule->ctx, len + 3);
	if (!copy)
		return false;
	snprintf(copy, len + 3, "%s%s", hex ? "0x" : "", hex ? digits : text);
	*ret_value = pk_sigma_value_at(copy, strlen(copy), node);
	return true;
}

static enum pk_rules_op number_op(enum pk_sigma_match match)
{
	switch (match) {
	case PK_SIGMA_LT:
		return PK_RULES_OP_LT;
	case PK_SIGMA_LE:
		return PK_RULES_OP_LE;
	case PK_SIGMA_GT:
		return PK_RULES_OP_GT;
	case PK_SIGMA_GE:
		return PK_RULES_OP_GE;
	default:
		return PK_RULES_OP_EQ;
	}
}

/* Nobody logged in: auditd writes the unsigned number, or a word where it is told to interpret. */
static bool is_unset(const struct pk_sigma_item *item, const struct pk_sigma_field *field,
		     const struct pk_yaml_node *node)
{
	return field->type == PK_SIGMA_LOGIN &&
	       (item->match == PK_SIGMA_EQUALS || item->match == PK_SIGMA_LT) &&
	       (pk_yaml_is(node, "4294967295") || pk_yaml_is(node, "unset") ||
		pk_yaml_is(node, "-1"));
}

/* A session begins with its login, so either is unset if the other is. "Less than unset" is set. */
static const struct pk_rules_node *compare_unset(struct pk_sigma_rule *rule,
						 const struct pk_sigma_item *item,
						 const struct pk_sigma_field *field,
						 const struct pk_yaml_node *node)
{
	struct pk_sigma_field login = { .name = field->name,
					.field = "user.loginuid",
					.type = PK_SIGMA_LOGIN };
	bool set = item->match == PK_SIGMA_LT && !pk_yaml_is(node, "-1");
	struct pk_rules_value value = set ? pk_sigma_value_at("0", 1, node) :
					    pk_sigma_value_at("-1", 2, node);

	return pk_sigma_compare(rule, &login, set ? PK_RULES_OP_GE : PK_RULES_OP_EQ,
				PK_RULES_QUANTOR_NONE, &value, 1, node);
}

const struct pk_rules_node *pk_sigma_number(struct pk_sigma_rule *rule,
					    const struct pk_sigma_item *item,
					    const struct pk_sigma_field *field,
					    const struct pk_yaml_node *node)
{
	struct pk_rules_value value;

	if (is_unset(item, field, node))
		return compare_unset(rule, item, field, node);
	if (pk_yaml_is(node, "*") && item->match == PK_SIGMA_EQUALS)
		return pk_sigma_compare(rule, field, PK_RULES_OP_EXISTS, PK_RULES_QUANTOR_NONE,
					NULL, 0, node);
	/* an argument of a call is digits; what else is asked for is about another record */
	if (field->type == PK_SIGMA_HEX && node->text.data[0] &&
	    node->text.data[strspn(node->text.data, "0123456789abcdefABCDEFx*?")])
		return &pk_sigma_false;
	if (item->match == PK_SIGMA_CONTAINS || item->match == PK_SIGMA_STARTS ||
	    item->match == PK_SIGMA_ENDS || strpbrk(node->text.data, "*?")) {
		pk_sigma_leave_out(rule, node,
				   "'%.64s' is a number, and no part of one is compared",
				   field->name);
		return NULL;
	}
	if (!number_of(rule, field, node, &value)) {
		if (!rule->ctx->err)
			pk_sigma_leave_out(rule, node,
					   "'%.64s' is compared as a whole number, and '%.64s' is "
					   "none",
					   field->name, node->text.data);
		return NULL;
	}
	return pk_sigma_compare(rule, field, number_op(item->match), PK_RULES_QUANTOR_NONE, &value,
				1, node);
}
