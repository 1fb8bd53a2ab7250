// SPDX-License-Identifier: Apache-2.0
/*
 * evt.args: the arguments that the event has, as "name=value name=value", in the order of the table of
 * fields.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "stream/facts_internal.h"

static const char prefix[] = "evt.arg.";

static int add_one(struct pk_facts_ctx *ctx, const struct pk_field *field, struct pk_buf *buf)
{
	struct pk_value value;
	int err = pk_facts_get(ctx, field, NULL, &value);

	if (err || value.state != PK_VALUE_KNOWN)
		return err;
	if (buf->len_bytes)
		err = pk_buf_add_char(buf, ' ');
	if (!err)
		err = pk_buf_add_str(buf, field->name + sizeof(prefix) - 1);
	if (!err)
		err = pk_buf_add_char(buf, '=');
	if (err)
		return err;
	if (value.type == PK_FIELD_INT)
		return pk_facts_printf(buf, "%" PRId64, value.num.i);
	if (value.type == PK_FIELD_UINT)
		return pk_facts_printf(buf, "%" PRIu64, value.num.u);
	return pk_buf_add(buf, value.text.data, value.text.len);
}

int pk_facts_args(struct pk_facts_ctx *ctx, struct pk_value *value)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	const char *copy;
	size_t cnt;
	const struct pk_field *fields = pk_fields_get(&cnt);
	int err = 0;

	for (size_t i = 0; i < cnt && !err; i++) {
		if (fields[i].kinds && !strncmp(fields[i].name, prefix, sizeof(prefix) - 1))
			err = add_one(ctx, &fields[i], &buf);
	}
	if (err)
		return err;
	copy = pk_arena_copy(&ctx->arena, buf.data ? buf.data : "", buf.len_bytes);
	if (!copy)
		return -ENOMEM;
	pk_facts_put_text(value, (struct pk_text){ copy, buf.len_bytes });
	return 0;
}
