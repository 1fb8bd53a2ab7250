// SPDX-License-Identifier: Apache-2.0
/*
 * Values of fields. What a field's source says of the kernel side says as well what its value is made
 * of: a number, a text, a constant. The other fields have a number of their own (field_id.h).
 */
#include "stream/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stream/facts_internal.h"

int pk_facts_ctx_new(struct pk_facts_ctx **ret_ctx)
{
	pk_cleanup(pk_facts_ctx_free_p) struct pk_facts_ctx *ctx = calloc(1, sizeof(*ctx));
	int err;

	if (!ctx)
		return -ENOMEM;
	ctx->arena = PK_ARENA_INIT(PK_MAX_FACTS_BYTES);
	err = pk_users_new(&ctx->users);
	if (err)
		return err;
	*ret_ctx = pk_take_ptr(ctx);
	return 0;
}

void pk_facts_ctx_free(struct pk_facts_ctx *ctx)
{
	if (!ctx)
		return;
	pk_arena_fini(&ctx->arena);
	pk_buf_fini(&ctx->buf);
	pk_users_free(ctx->users);
	free(ctx);
}

void pk_facts_ctx_set_hosts(struct pk_facts_ctx *ctx, struct pk_hosts *hosts)
{
	ctx->hosts = hosts;
}

void pk_facts_ctx_set(struct pk_facts_ctx *ctx, const struct pk_view *view,
		      const char *const *tag_names, size_t tag_cnt)
{
	ctx->view = *view;
	ctx->tag_names = tag_names;
	ctx->tag_cnt = tag_cnt;
	if (ctx->arena.used_bytes)
		pk_arena_fini(&ctx->arena);
	if (!ctx->event_cnt++)
		ctx->first_ns = view->event->time_ns;
}

/* ---- by source ---- */

static void put_calls(const struct pk_symbol *symbols, struct pk_value *value)
{
	for (; symbols->name && value->list_cnt < PK_VALUE_LIST_MAX; symbols++)
		value->list[value->list_cnt++] = (struct pk_value_text){ symbols->name,
									 strlen(symbols->name) };
	value->state = PK_VALUE_KNOWN;
	value->text = value->list[0];
}

static void put_constant(const char *text, struct pk_value *value)
{
	if (value->type == PK_FIELD_BOOL)
		pk_facts_put_bool(value, !strcmp(text, "true"));
	else
		pk_facts_put_str(value, text);
}

static void put_range(const struct pk_field_source *source, struct pk_value *value)
{
	if (source->min != source->max) {
		pk_facts_put_unknown(value);
		value->ranged = true;
		value->min = source->min;
		value->max = source->max;
	} else if (value->type == PK_FIELD_INT) {
		pk_facts_put_int(value, source->min);
	} else {
		pk_facts_put_uint(value, (uint64_t)source->min);
	}
}

static const char *symbol_of(const struct pk_symbol *symbols, uint64_t number)
{
	for (; symbols && symbols->name; symbols++) {
		if (symbols->value == number)
			return symbols->name;
	}
	return NULL;
}

static int put_bits(struct pk_facts_ctx *ctx, const struct pk_field_source *source, uint64_t number,
		    struct pk_value *value)
{
	int err = 0;

	pk_buf_clear(&ctx->buf);
	for (const struct pk_symbol *symbol = source->symbols; symbol->name && !err; symbol++) {
		uint64_t mask = symbol->mask ? symbol->mask : symbol->value;

		if ((number & mask) != symbol->value)
			continue;
		if (ctx->buf.len_bytes)
			err = pk_buf_add_str(&ctx->buf, source->text);
		if (!err)
			err = pk_buf_add_str(&ctx->buf, symbol->name);
	}
	return err ? err : pk_facts_put_buf(ctx, value);
}

static void put_tags(const struct pk_facts_ctx *ctx, uint64_t bits, struct pk_value *value)
{
	for (size_t i = 0; i < ctx->tag_cnt && i < 64; i++) {
		if (bits & 1ull << i)
			value->list[value->list_cnt++] = (struct pk_value_text){
				ctx->tag_names[i], strlen(ctx->tag_names[i])
			};
	}
	value->state = value->list_cnt ? PK_VALUE_KNOWN : PK_VALUE_MISSING;
	if (value->list_cnt)
		value->text = value->list[0];
}

static int put_number(struct pk_facts_ctx *ctx, const struct pk_field_source *source,
		      struct pk_value *value)
{
	uint64_t number;
	const char *symbol;

	value->state = pk_facts_number(ctx, source->id, &number);
	if (value->state != PK_VALUE_KNOWN)
		return 0;
	if (source->mask)
		number &= source->mask;
	switch (source->how) {
	case PK_SOURCE_BOOL:
		pk_facts_put_bool(value, source->symbols ?
						 symbol_of(source->symbols, number) != NULL :
						 number != 0);
		return 0;
	case PK_SOURCE_SYMBOL:
		symbol = symbol_of(source->symbols, number);
		pk_facts_put_str(value, symbol ? symbol : "<NA>");
		return 0;
	case PK_SOURCE_BITS:
		return put_bits(ctx, source, number, value);
	case PK_SOURCE_TAG:
		put_tags(ctx, number, value);
		return 0;
	case PK_SOURCE_INT32:
		pk_facts_put_int(value, (int32_t)number);
		return 0;
	default:
		pk_facts_put_uint(value, number); /* the same bits as num.i */
		return 0;
	}
}

static int by_source(struct pk_facts_ctx *ctx, const struct pk_field_source *source,
		     const char *field_arg, struct pk_value *value)
{
	switch (source->how) {
	case PK_SOURCE_KIND:
		put_calls(source->symbols, value);
		return 0;
	case PK_SOURCE_CONST:
		put_constant(source->text, value);
		return 0;
	case PK_SOURCE_RANGE:
		put_range(source, value);
		return 0;
	case PK_SOURCE_TEXT:
		return pk_facts_text(ctx, source, field_arg, value);
	case PK_SOURCE_ADDR:
		pk_facts_addr(ctx, source->end, value);
		return 0;
	case PK_SOURCE_PORT:
		return pk_facts_port(ctx, source->end, value);
	case PK_SOURCE_USER:
		return -EINVAL;
	default:
		return put_number(ctx, source, value);
	}
}

int pk_facts_get(void *arg, const struct pk_field *field, const char *field_arg,
		 struct pk_value *ret_value)
{
	struct pk_facts_ctx *ctx = arg;
	const struct pk_field_source *source = pk_field_source(field, ctx->view.event->kind);

	*ret_value = (struct pk_value){ .state = PK_VALUE_MISSING, .type = field->type };
	if (!source)
		return 0;
	if (source->how == PK_SOURCE_USER || field->id == PK_FIELD_EVT_NUM)
		return pk_facts_by_id(ctx, field, field_arg, ret_value);
	return by_source(ctx, source, field_arg, ret_value);
}
