// SPDX-License-Identifier: Apache-2.0
/*
 * What one side of a comparison is worth: a field's value, or what transformers make of values.
 * Missing in, missing out; unknown in, unknown out.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "plan/bind_internal.h"

#define NUMBER_BYTES 24u

static int copy_text(struct pk_eval_env *env, const char *data, size_t len,
		     struct pk_value_text *ret_text)
{
	char *copy = pk_arena_copy(&env->arena, data, len);

	if (!copy)
		return -ENOMEM;
	*ret_text = (struct pk_value_text){ copy, len };
	return 0;
}

static int buf_text(struct pk_eval_env *env, const struct pk_buf *buf,
		    struct pk_value_text *ret_text)
{
	return copy_text(env, buf->data ? buf->data : "", buf->len_bytes, ret_text);
}

static int addr_text(struct pk_eval_env *env, const uint8_t addr[16],
		     struct pk_value_text *ret_text)
{
	static const uint8_t v4_prefix[12] = { [10] = 0xff, [11] = 0xff };
	char text[INET6_ADDRSTRLEN] = "";

	if (!memcmp(addr, v4_prefix, sizeof(v4_prefix)))
		inet_ntop(AF_INET, addr + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, addr, text, sizeof(text));
	return copy_text(env, text, strlen(text), ret_text);
}

static int list_text(struct pk_eval_env *env, const struct pk_value *value,
		     struct pk_value_text *ret_text)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	int err = 0;

	for (uint32_t i = 0; i < value->list_cnt && !err; i++) {
		if (i)
			err = pk_buf_add_char(&buf, ',');
		if (!err)
			err = pk_buf_add(&buf, value->list[i].data, value->list[i].len);
	}
	return err ? err : buf_text(env, &buf, ret_text);
}

int pk_eval_as_text(struct pk_eval_env *env, const struct pk_value *value,
		    struct pk_value_text *ret_text)
{
	char number[NUMBER_BYTES];
	int len;

	if (value->list_cnt && (!pk_type_is_text(value->type) || !value->text.len))
		return list_text(env, value, ret_text);
	switch (value->type) {
	case PK_FIELD_TEXT:
	case PK_FIELD_LIST:
		*ret_text = value->text;
		return 0;
	case PK_FIELD_ADDR:
	case PK_FIELD_NET:
		return addr_text(env, value->addr[0], ret_text);
	case PK_FIELD_BOOL:
		return copy_text(env, value->num.u ? "true" : "false", value->num.u ? 4 : 5,
				 ret_text);
	case PK_FIELD_INT:
		len = snprintf(number, sizeof(number), "%" PRId64, value->num.i);
		return copy_text(env, number, (size_t)len, ret_text);
	case PK_FIELD_UINT:
	case PK_FIELD_TIME:
		break;
	}
	len = snprintf(number, sizeof(number), "%" PRIu64, value->num.u);
	return copy_text(env, number, (size_t)len, ret_text);
}

/* ---- one text to another ---- */

typedef int text_fn(struct pk_eval_env *env, struct pk_value_text text,
		    struct pk_value_text *ret_text);

static int change_case(struct pk_eval_env *env, struct pk_value_text text, char first, char last,
		       struct pk_value_text *ret_text)
{
	char *copy = pk_arena_copy(&env->arena, text.data, text.len);

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < text.len; i++) {
		if (copy[i] >= first && copy[i] <= last)
			copy[i] = (char)(copy[i] ^ 0x20);
	}
	*ret_text = (struct pk_value_text){ copy, text.len };
	return 0;
}

static int to_lower(struct pk_eval_env *env, struct pk_value_text text,
		    struct pk_value_text *ret_text)
{
	return change_case(env, text, 'A', 'Z', ret_text);
}

static int to_upper(struct pk_eval_env *env, struct pk_value_text text,
		    struct pk_value_text *ret_text)
{
	return change_case(env, text, 'a', 'z', ret_text);
}

static int base_name(struct pk_eval_env *env, struct pk_value_text text,
		     struct pk_value_text *ret_text)
{
	const char *slash = text.len ? memrchr(text.data, '/', text.len) : NULL;
	size_t skip = slash ? (size_t)(slash + 1 - text.data) : 0;

	(void)env;
	*ret_text = (struct pk_value_text){ text.data + skip, text.len - skip };
	return 0;
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Decodes, as Falco's b64 does. What is no base64 gives NULL: there is no value. */
static int from_base64(struct pk_eval_env *env, struct pk_value_text text,
		       struct pk_value_text *ret_text)
{
	char *bytes = pk_arena_alloc(&env->arena, text.len / 4 * 3 + 3);
	uint32_t bits = 0;
	uint32_t bits_cnt = 0;
	size_t len = 0;

	if (!bytes)
		return -ENOMEM;
	*ret_text = (struct pk_value_text){ 0 };
	while (text.len && text.data[text.len - 1] == '=')
		text.len--;
	if (text.len % 4 == 1)
		return 0;
	for (size_t i = 0; i < text.len; i++) {
		int digit = base64_digit(text.data[i]);

		if (digit < 0)
			return 0;
		bits = bits << 6 | (uint32_t)digit;
		bits_cnt += 6;
		if (bits_cnt >= 8) {
			bits_cnt -= 8;
			bytes[len++] = (char)(bits >> bits_cnt);
		}
	}
	*ret_text = (struct pk_value_text){ bytes, len };
	return 0;
}

/* On the text, or on each of several. */
static int apply(struct pk_eval_env *env, text_fn *fn, struct pk_value *value)
{
	int err = 0;

	if (value->type == PK_FIELD_TEXT && value->text.data)
		err = fn(env, value->text, &value->text);
	for (uint32_t i = 0; i < value->list_cnt && !err; i++)
		err = fn(env, value->list[i], &value->list[i]);
	if (!err && value->type == PK_FIELD_TEXT && !value->list_cnt && !value->text.data)
		value->state = PK_VALUE_MISSING;
	value->type = value->list_cnt && value->type == PK_FIELD_LIST ? PK_FIELD_LIST :
									PK_FIELD_TEXT;
	return err;
}

/* A part of a text is enough for some. */
static void forget_part(const struct pk_side *side, struct pk_value *value)
{
	bool keeps = side->transformer == PK_RULES_TRANSFORMER_TOLOWER ||
		     side->transformer == PK_RULES_TRANSFORMER_TOUPPER;

	if (!value->partial || value->list_cnt || keeps)
		return;
	if (side->transformer == PK_RULES_TRANSFORMER_BASENAME && value->cut_front &&
	    value->text.len && memchr(value->text.data, '/', value->text.len)) {
		value->partial = false;
		return;
	}
	*value = (struct pk_value){ .state = PK_VALUE_UNKNOWN, .type = side->type };
}

static void length(struct pk_value *value)
{
	uint64_t len = value->type == PK_FIELD_LIST ? value->list_cnt : value->text.len;

	*value = (struct pk_value){ .state = PK_VALUE_KNOWN, .type = PK_FIELD_UINT, .num.u = len };
}

/* ---- several to one ---- */

/* Adds one argument to a text; a list's items each. */
static int add_part(struct pk_eval_env *env, const struct pk_side *part, const char *between,
		    struct pk_buf *buf, struct pk_value *ret_value)
{
	struct pk_value_text text;
	int err;

	if (part->kind == PK_RULES_EXPR_LIST) {
		for (size_t i = 0; i < part->args_cnt; i++) {
			err = i ? pk_buf_add_str(buf, between) : 0;
			if (!err)
				err = add_part(env, part->args[i], between, buf, ret_value);
			if (err || ret_value->state != PK_VALUE_KNOWN)
				return err;
		}
		return 0;
	}
	err = pk_eval_side(env, part, ret_value);
	if (err || ret_value->state != PK_VALUE_KNOWN)
		return err;
	if (ret_value->partial) {
		ret_value->state = PK_VALUE_UNKNOWN;
		return 0;
	}
	err = pk_eval_as_text(env, ret_value, &text);
	return err ? err : pk_buf_add(buf, text.data, text.len);
}

static int put_together(struct pk_eval_env *env, const struct pk_side *side,
			struct pk_value *ret_value)
{
	bool join = side->transformer == PK_RULES_TRANSFORMER_JOIN;
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	struct pk_value_text between = { "", 0 };
	struct pk_value value = { .state = PK_VALUE_KNOWN };
	int err = 0;

	if (join) {
		err = pk_eval_side(env, side->args[0], &value);
		if (!err)
			err = pk_eval_as_text(env, &value, &between);
		if (!err) /* behind literals stands a NUL; behind others not */
			err = copy_text(env, between.data, between.len, &between);
	}
	for (size_t i = join; i < side->args_cnt && !err && value.state == PK_VALUE_KNOWN; i++)
		err = add_part(env, side->args[i], between.data, &buf, &value);
	*ret_value = (struct pk_value){ .state = value.state, .type = PK_FIELD_TEXT };
	return err ? err : buf_text(env, &buf, &ret_value->text);
}

static int eval_getopt(struct pk_eval_env *env, const struct pk_side *side,
		       struct pk_value *ret_value)
{
	struct pk_value value;
	const char *long_options = side->args_cnt > 2 ? side->args[2]->text.data : NULL;
	int err = pk_eval_side(env, side->args[0], &value);

	if (!err)
		forget_part(side, &value);
	if (err || value.state != PK_VALUE_KNOWN) {
		*ret_value = (struct pk_value){ .state = value.state, .type = side->type };
		return err;
	}
	pk_eval_getopt(&value, side->args[1]->text.data, long_options, side->field_arg, ret_value);
	return 0;
}

static int eval_one(struct pk_eval_env *env, const struct pk_side *side, struct pk_value *ret_value)
{
	int err = pk_eval_side(env, side->args[0], ret_value);

	if (err || side->transformer == PK_RULES_TRANSFORMER_VAL)
		return err;
	if (ret_value->state == PK_VALUE_KNOWN)
		forget_part(side, ret_value);
	if (ret_value->state != PK_VALUE_KNOWN) {
		ret_value->type = side->type;
		ret_value->ranged = false;
		return 0;
	}
	switch (side->transformer) {
	case PK_RULES_TRANSFORMER_TOLOWER:
		return apply(env, to_lower, ret_value);
	case PK_RULES_TRANSFORMER_TOUPPER:
		return apply(env, to_upper, ret_value);
	case PK_RULES_TRANSFORMER_BASENAME:
		return apply(env, base_name, ret_value);
	case PK_RULES_TRANSFORMER_B64:
		return apply(env, from_base64, ret_value);
	default:
		length(ret_value);
		return 0;
	}
}

int pk_eval_side(struct pk_eval_env *env, const struct pk_side *side, struct pk_value *ret_value)
{
	switch (side->kind) {
	case PK_RULES_EXPR_FIELD:
		return env->get(env->get_arg, side->field, side->field_arg, ret_value);
	case PK_RULES_EXPR_VALUE:
		*ret_value = (struct pk_value){ .state = PK_VALUE_KNOWN,
						.type = PK_FIELD_TEXT,
						.text = side->text };
		return 0;
	case PK_RULES_EXPR_TRANSFORMER:
		if (side->transformer == PK_RULES_TRANSFORMER_GETOPT)
			return eval_getopt(env, side, ret_value);
		if (side->transformer == PK_RULES_TRANSFORMER_JOIN ||
		    side->transformer == PK_RULES_TRANSFORMER_CONCAT)
			return put_together(env, side, ret_value);
		return eval_one(env, side, ret_value);
	case PK_RULES_EXPR_LIST:
		break;
	}
	return -EINVAL;
}
