// SPDX-License-Identifier: Apache-2.0
/*
 * Literals of a comparison: checked, converted to what the left side is, patterns compiled. What is
 * wrong is told at the literal's place.
 */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "plan/bind_internal.h"

#define COMM_MAX (PK_COMM_LEN - 1u)

static int refuse(struct pk_bound *bound, const struct pk_rules_value *value,
		  const char *suggestion, const char *what)
{
	pk_diag_add(&bound->rules->ctx, PK_DIAG_ERROR, value->pos, value->span_bytes, suggestion,
		    "'%.64s' is %s", value->data, what);
	return -EBADMSG;
}

/* Decimal or 0x, with a sign. False: it is no such number, or does not fit. */
static bool parse_number(const char *text, bool *ret_negative, uint64_t *ret_number)
{
	bool negative = *text == '-';
	const char *digits = text + (negative || *text == '+');
	int base = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') ? 16 : 10;
	const char *all = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	uint64_t number = 0;

	if (base == 16)
		digits += 2;
	if (!*digits || digits[strspn(digits, all)])
		return false;
	for (; *digits; digits++) {
		unsigned int digit = (unsigned int)(*digits <= '9' ? *digits - '0' :
								     (*digits | 0x20) - 'a' + 10);

		if (__builtin_mul_overflow(number, (uint64_t)base, &number) ||
		    __builtin_add_overflow(number, (uint64_t)digit, &number))
			return false;
	}
	*ret_negative = negative;
	*ret_number = number;
	return true;
}

static bool is_port(const struct pk_bound_atom *atom)
{
	const struct pk_field *field = atom->left->field;

	return field && field->sources && field->sources->how == PK_SOURCE_PORT;
}

static bool find_service(const char *name, int64_t *ret_port)
{
	const struct servent *service = getservbyname(name, NULL);

	if (!service)
		return false;
	*ret_port = (uint16_t)((uint16_t)service->s_port << 8 | (uint16_t)service->s_port >> 8);
	return true;
}

static int to_int(struct pk_bound *bound, const struct pk_bound_atom *atom,
		  const struct pk_rules_value *value, int64_t *ret_int)
{
	bool negative;
	uint64_t number;

	if (!parse_number(value->data, &negative, &number)) {
		if (is_port(atom) && find_service(value->data, ret_int))
			return 0;
		return refuse(bound, value, NULL,
			      is_port(atom) ? "no port and no service's name" : "not a number");
	}
	if (number > (uint64_t)INT64_MAX + negative)
		return refuse(bound, value, NULL, "too large a number");
	*ret_int = negative ? (int64_t)(0 - number) : (int64_t)number;
	return 0;
}

/* A negative number stands for the 32-bit one of the same bits: user.uid = -1. */
static int to_uint(struct pk_bound *bound, const struct pk_rules_value *value, uint64_t *ret_uint)
{
	bool negative;
	uint64_t number;

	if (!parse_number(value->data, &negative, &number))
		return refuse(bound, value, NULL, "not a number");
	if (negative && number > (uint64_t)INT32_MAX + 1)
		return refuse(bound, value, NULL, "a negative number; this one never is");
	*ret_uint = negative ? (uint32_t)(0 - number) : number;
	return 0;
}

static int to_bool(struct pk_bound *bound, const struct pk_rules_value *value, uint64_t *ret_uint)
{
	bool is_true = !strcmp(value->data, "true");

	if (!is_true && strcmp(value->data, "false") != 0)
		return refuse(bound, value, NULL, "neither true nor false");
	*ret_uint = is_true;
	return 0;
}

static int to_net(struct pk_bound *bound, const struct pk_bound_atom *atom,
		  const struct pk_rules_value *value, struct pk_net *ret_net)
{
	char whole[80];

	if (atom->left->type == PK_FIELD_ADDR) {
		ret_net->bits = 128;
		if (pk_addr_parse(value->data, ret_net->addr))
			return 0;
		if (pk_net_parse(value->data, ret_net))
			return refuse(bound, value, NULL,
				      "a network; this field is compared with addresses, ask the "
				      "one that ends with net");
		return refuse(bound, value, NULL, "not an address");
	}
	if (pk_net_parse(value->data, ret_net))
		return 0;
	if (!pk_addr_parse(value->data, ret_net->addr))
		return refuse(bound, value, NULL, "not a network such as 10.0.0.0/8");
	snprintf(whole, sizeof(whole), "%.64s/%s", value->data,
		 strchr(value->data, ':') ? "128" : "32");
	return refuse(bound, value, whole, "an address, and here a network is needed");
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int to_bytes(struct pk_bound *bound, const struct pk_rules_value *value,
		    struct pk_value_text *ret_text)
{
	size_t len = value->len_bytes / 2;
	char *bytes = pk_arena_alloc(&bound->arena, len);

	if (!bytes)
		return -ENOMEM;
	if (value->len_bytes % 2)
		return refuse(bound, value, NULL, "not hexadecimal: two digits make a byte");
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(value->data[2 * i]);
		int low = hex_digit(value->data[2 * i + 1]);

		if (high < 0 || low < 0)
			return refuse(bound, value, NULL, "not hexadecimal");
		bytes[i] = (char)(high << 4 | low);
	}
	*ret_text = (struct pk_value_text){ bytes, len };
	return 0;
}

/* A name that is longer than the kernel keeps is never seen. */
static void warn_long_name(struct pk_bound *bound, const struct pk_bound_atom *atom,
			   const struct pk_rules_value *value)
{
	const struct pk_field *field = atom->left->field;
	enum pk_rules_op op = atom->atom.check->op;

	if (!field || !field->sources || field->sources->how != PK_SOURCE_TEXT ||
	    field->sources->id != PK_TEXT_NAME || value->len_bytes <= COMM_MAX)
		return;
	if (op == PK_RULES_OP_EQ || op == PK_RULES_OP_IN || op == PK_RULES_OP_INTERSECTS)
		pk_diag_add(&bound->rules->ctx, PK_DIAG_WARNING, value->pos, value->span_bytes,
			    NULL,
			    "'%.64s' is never equal: names of processes have %u bytes at most",
			    value->data, COMM_MAX);
}

static int to_text(struct pk_bound *bound, const struct pk_bound_atom *atom,
		   const struct pk_rules_value *value, struct pk_value_text *ret_text)
{
	enum pk_rules_op op = atom->atom.check->op;

	if (op == PK_RULES_OP_BCONTAINS || op == PK_RULES_OP_BSTARTSWITH)
		return to_bytes(bound, value, ret_text);
	warn_long_name(bound, atom, value);
	*ret_text = (struct pk_value_text){ value->data, value->len_bytes };
	return 0;
}

/* ---- patterns ---- */

static bool pattern_of(enum pk_rules_op op, enum pk_pattern_kind *ret_kind, unsigned int *ret_flags)
{
	*ret_flags = 0;
	switch (op) {
	case PK_RULES_OP_ICONTAINS:
		*ret_flags = PK_PATTERN_ICASE;
		__attribute__((fallthrough));
	case PK_RULES_OP_CONTAINS:
	case PK_RULES_OP_BCONTAINS:
		*ret_kind = PK_PATTERN_CONTAINS;
		return true;
	case PK_RULES_OP_IEQ:
		*ret_flags = PK_PATTERN_ICASE;
		*ret_kind = PK_PATTERN_EQUAL;
		return true;
	case PK_RULES_OP_ISTARTSWITH:
		*ret_flags = PK_PATTERN_ICASE;
		__attribute__((fallthrough));
	case PK_RULES_OP_STARTSWITH:
	case PK_RULES_OP_BSTARTSWITH:
		*ret_kind = PK_PATTERN_STARTS;
		return true;
	case PK_RULES_OP_IENDSWITH:
		*ret_flags = PK_PATTERN_ICASE;
		__attribute__((fallthrough));
	case PK_RULES_OP_ENDSWITH:
		*ret_kind = PK_PATTERN_ENDS;
		return true;
	case PK_RULES_OP_IGLOB:
		*ret_flags = PK_PATTERN_ICASE;
		__attribute__((fallthrough));
	case PK_RULES_OP_GLOB:
		*ret_kind = PK_PATTERN_GLOB;
		return true;
	case PK_RULES_OP_SEARCH:
		*ret_flags = PK_PATTERN_SEARCH;
		__attribute__((fallthrough));
	case PK_RULES_OP_REGEX:
		*ret_kind = PK_PATTERN_REGEX;
		return true;
	default:
		return false;
	}
}

int pk_eval_make_pattern(enum pk_rules_op op, struct pk_value_text text,
			 struct pk_pattern **ret_pattern)
{
	char why[PK_PATTERN_ERROR_MAX];
	enum pk_pattern_kind kind;
	unsigned int flags;
	size_t at;
	int err;

	*ret_pattern = NULL;
	if (!pattern_of(op, &kind, &flags))
		return 0;
	err = pk_pattern_new(kind, flags, text.data, text.len, ret_pattern, why, &at);
	return err == -ENOMEM ? err : 0;
}

static int make_pattern(struct pk_bound *bound, const struct pk_bound_atom *atom, size_t i,
			struct pk_pattern **ret_pattern)
{
	const struct pk_rules_check *check = atom->atom.check;
	const struct pk_value_text *text = &atom->literals.texts[i];
	const struct pk_rules_value *value = &check->values.items[i];
	char why[PK_PATTERN_ERROR_MAX] = "";
	enum pk_pattern_kind kind;
	unsigned int flags;
	size_t at = 0;
	int err;

	if (!pattern_of(check->op, &kind, &flags))
		return -EINVAL;
	err = pk_pattern_new(kind, flags, text->data, text->len, ret_pattern, why, &at);
	if (!err || err == -ENOMEM)
		return err;
	if (err == -E2BIG)
		return refuse(bound, value, NULL, "too large a pattern");
	pk_diag_add(&bound->rules->ctx, PK_DIAG_ERROR, value->pos, value->span_bytes, NULL,
		    "this %s is wrong at its byte %zu: %.100s", pk_rules_op_name(check->op), at + 1,
		    why);
	return -EBADMSG;
}

static int compile_patterns(struct pk_bound *bound, struct pk_bound_atom *atom)
{
	size_t cnt = atom->literals.cnt;
	struct pk_pattern **patterns;
	enum pk_pattern_kind kind;
	unsigned int flags;
	int err = 0;

	if (!pattern_of(atom->atom.check->op, &kind, &flags))
		return 0;
	patterns = pk_arena_alloc(&bound->arena, cnt * sizeof(struct pk_pattern *));
	if (!patterns)
		return -ENOMEM;
	atom->literals.patterns = (const struct pk_pattern *const *)patterns;
	atom->atom.patterns = (const struct pk_pattern **)patterns;
	for (size_t i = 0; i < cnt && !err; i++)
		err = make_pattern(bound, atom, i, &patterns[i]);
	return err;
}

/* ---- all of an atom's ---- */

static int convert_texts(struct pk_bound *bound, struct pk_bound_atom *atom)
{
	const struct pk_rules_values *values = &atom->atom.check->values;
	struct pk_value_text *texts = pk_arena_alloc(&bound->arena, values->cnt * sizeof(*texts));
	int err = texts ? 0 : -ENOMEM;

	for (size_t i = 0; i < values->cnt && !err; i++)
		err = to_text(bound, atom, &values->items[i], &texts[i]);
	atom->literals.texts = texts;
	return err ? err : compile_patterns(bound, atom);
}

static int convert_ints(struct pk_bound *bound, struct pk_bound_atom *atom)
{
	const struct pk_rules_values *values = &atom->atom.check->values;
	int64_t *ints = pk_arena_alloc(&bound->arena, values->cnt * sizeof(*ints));
	int err = ints ? 0 : -ENOMEM;

	for (size_t i = 0; i < values->cnt && !err; i++)
		err = to_int(bound, atom, &values->items[i], &ints[i]);
	atom->literals.ints = ints;
	return err;
}

static int convert_uints(struct pk_bound *bound, struct pk_bound_atom *atom)
{
	const struct pk_rules_values *values = &atom->atom.check->values;
	uint64_t *uints = pk_arena_alloc(&bound->arena, values->cnt * sizeof(*uints));
	int err = uints ? 0 : -ENOMEM;

	for (size_t i = 0; i < values->cnt && !err; i++) {
		if (atom->left->type == PK_FIELD_BOOL)
			err = to_bool(bound, &values->items[i], &uints[i]);
		else
			err = to_uint(bound, &values->items[i], &uints[i]);
	}
	atom->literals.uints = uints;
	return err;
}

static int convert_nets(struct pk_bound *bound, struct pk_bound_atom *atom)
{
	const struct pk_rules_values *values = &atom->atom.check->values;
	struct pk_net *nets = pk_arena_alloc(&bound->arena, values->cnt * sizeof(*nets));
	int err = nets ? 0 : -ENOMEM;

	for (size_t i = 0; i < values->cnt && !err; i++)
		err = to_net(bound, atom, &values->items[i], &nets[i]);
	atom->literals.nets = nets;
	return err;
}

int pk_bind_literals(struct pk_bound *bound, struct pk_bound_atom *atom)
{
	int err;

	atom->literals.cnt = atom->atom.check->values.cnt;
	if (pk_type_is_text(atom->left->type))
		err = convert_texts(bound, atom);
	else if (pk_type_is_addr(atom->left->type))
		err = convert_nets(bound, atom);
	else if (atom->left->type == PK_FIELD_INT)
		err = convert_ints(bound, atom);
	else
		err = convert_uints(bound, atom);
	atom->atom.texts = atom->literals.texts;
	atom->atom.ints = atom->literals.ints;
	atom->atom.uints = atom->literals.uints;
	atom->atom.nets = atom->literals.nets;
	atom->atom.cnt = atom->literals.cnt;
	return err;
}
