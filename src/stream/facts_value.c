// SPDX-License-Identifier: Apache-2.0
/*
 * Setting values. Each starts as MISSING, with the field's type.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "stream/facts_internal.h"

void pk_facts_put_text(struct pk_value *value, struct pk_text text)
{
	value->state = PK_VALUE_KNOWN;
	value->text = (struct pk_value_text){ text.data, text.len };
}

void pk_facts_put_str(struct pk_value *value, const char *text)
{
	pk_facts_put_text(value, (struct pk_text){ text, strlen(text) });
}

void pk_facts_put_int(struct pk_value *value, int64_t number)
{
	value->state = PK_VALUE_KNOWN;
	value->num.i = number;
}

void pk_facts_put_uint(struct pk_value *value, uint64_t number)
{
	value->state = PK_VALUE_KNOWN;
	value->num.u = number;
}

void pk_facts_put_bool(struct pk_value *value, bool is_true)
{
	pk_facts_put_uint(value, is_true);
}

void pk_facts_put_unknown(struct pk_value *value)
{
	value->state = PK_VALUE_UNKNOWN;
}

int pk_facts_put_buf(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	const char *copy = pk_arena_copy(&ctx->arena, ctx->buf.data, ctx->buf.len_bytes);

	if (!copy)
		return -ENOMEM;
	pk_facts_put_text(value, (struct pk_text){ copy, ctx->buf.len_bytes });
	return 0;
}

int pk_facts_printf(struct pk_buf *buf, const char *format, ...)
{
	char text[256];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(text))
		return -EINVAL;
	return pk_buf_add(buf, text, (size_t)len);
}

void pk_facts_put_path(struct pk_value *value, struct pk_text text, uint32_t path_flags)
{
	if (!text.len) {
		pk_facts_put_unknown(value);
		return;
	}
	pk_facts_put_text(value, text);
	/* both leave the beginning out: the walk goes from the file to the root */
	value->partial = path_flags & (PK_PATH_TRUNCATED | PK_PATH_UNREADABLE);
	value->cut_front = value->partial;
}
