// SPDX-License-Identifier: Apache-2.0
/*
 * From the parts of a template and an event's values to text. In: whatever the observed process
 * chose, any bytes; out: the same bytes. Making them harmless is up to who prints them.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"
#include "sinks/alert_parts.h"
#include "sinks/json_writer.h"

#define MISSING "<NA>"
#define EVAL_MAX_BYTES (16u << 20) /* of what the transformers of one text make */

/* ---- numbers, times, addresses ---- */

static int add_decimal(struct pk_buf *out, const struct pk_value *value)
{
	char text[32];

	if (value->type == PK_FIELD_INT)
		snprintf(text, sizeof(text), "%" PRId64, value->num.i);
	else
		snprintf(text, sizeof(text), "%" PRIu64, value->num.u);
	return pk_buf_add_str(out, text);
}

/* How the fields of time that are not plain numbers look. */
static const struct time_shape {
	const char *field;
	char between; /* date and time; NUL: no date */
	bool utc;
	bool fraction; /* nanoseconds */
} time_shapes[] = {
	{ "evt.time", '\0', false, true },       { "evt.time.s", '\0', false, false },
	{ "evt.time.iso8601", 'T', true, true }, { "evt.datetime", ' ', false, true },
	{ "evt.datetime.s", ' ', false, false },
};

/* Any 64 bits of nanoseconds are a date between 1677 and 2262. */
static int add_shaped(struct pk_buf *out, const struct time_shape *shape, __s64 ns)
{
	char date[16], fraction[16], clock[PK_ALERT_CLOCK_BYTES];
	struct tm tm = { 0 };
	time_t time;
	__s64 second;
	__u32 rest;
	int err = 0;

	pk_alert_split_time(ns, &second, &rest);
	time = (time_t)second;
	if (shape->utc)
		gmtime_r(&time, &tm);
	else
		localtime_r(&time, &tm);
	snprintf(date, sizeof(date), "%04u-%02u-%02u%c", (unsigned int)(tm.tm_year + 1900) % 10000,
		 (unsigned int)(tm.tm_mon + 1) % 100, (unsigned int)tm.tm_mday % 100,
		 shape->between);
	snprintf(fraction, sizeof(fraction), ".%09u%s", rest, shape->utc ? "Z" : "");
	pk_alert_put_clock(clock, &tm);
	if (shape->between)
		err = pk_buf_add_str(out, date);
	if (!err)
		err = pk_buf_add(out, clock, sizeof(clock));
	if (!err && shape->fraction)
		err = pk_buf_add_str(out, fraction);
	return err;
}

static const struct time_shape *find_shape(const struct pk_field *field)
{
	for (size_t i = 0; field && i < PK_ARRAY_SIZE(time_shapes); i++) {
		if (!strcmp(field->name, time_shapes[i].field))
			return &time_shapes[i];
	}
	return NULL;
}

bool pk_template_is_time(const struct pk_field *field)
{
	return find_shape(field) != NULL;
}

static int add_time(struct pk_buf *out, const struct pk_field *field, const struct pk_value *value)
{
	const struct time_shape *shape = find_shape(field);

	return shape ? add_shaped(out, shape, (__s64)value->num.u) : add_decimal(out, value);
}

static int add_address(struct pk_buf *out, const uint8_t address[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	size_t start = out->len_bytes;
	struct pk_jw w;
	int err = pk_jw_begin(&w, out);

	if (err)
		return err;
	if (memcmp(address, mapped, sizeof(mapped)) == 0)
		pk_jw_ipv4(&w, address + 12);
	else
		pk_jw_ipv6(&w, address);
	err = pk_jw_end(&w);
	if (err)
		return err;
	/* without the quotes */
	out->len_bytes -= 2;
	memmove(out->data + start, out->data + start + 1, out->len_bytes - start);
	return 0;
}

static int add_addresses(struct pk_buf *out, const struct pk_value *value)
{
	uint32_t cnt = value->addr_cnt < 2 ? 1 : 2;
	int err = 0;

	for (uint32_t i = 0; i < cnt && !err; i++) {
		if (i)
			err = pk_buf_add_char(out, ',');
		if (!err)
			err = add_address(out, value->addr[i]);
	}
	return err;
}

/* ---- values ---- */

static int add_list(struct pk_buf *out, const struct pk_value *value)
{
	int err = pk_buf_add_char(out, '(');

	for (uint32_t i = 0; i < value->list_cnt && !err; i++) {
		if (i)
			err = pk_buf_add_char(out, ',');
		if (!err)
			err = pk_buf_add(out, value->list[i].data, value->list[i].len);
	}
	return err ? err : pk_buf_add_char(out, ')');
}

int pk_template_print_value(const struct pk_field *field, const struct pk_value *value,
			    struct pk_buf *out)
{
	if (value->state != PK_VALUE_KNOWN)
		return pk_buf_add_str(out, MISSING);
	if (pk_template_is_list(value))
		return add_list(out, value);
	switch (value->type) {
	case PK_FIELD_INT:
	case PK_FIELD_UINT:
		return add_decimal(out, value);
	case PK_FIELD_BOOL:
		return pk_buf_add_str(out, value->num.u ? "true" : "false");
	case PK_FIELD_ADDR:
	case PK_FIELD_NET:
		return add_addresses(out, value);
	case PK_FIELD_TIME:
		return add_time(out, field, value);
	case PK_FIELD_TEXT:
	case PK_FIELD_LIST:
		break;
	}
	return pk_buf_add(out, value->text.data, value->text.len);
}

/* ---- the whole text ---- */

/* Fills up with blanks, or cuts, to `width` characters; a byte that is not UTF-8 counts as one. */
static int fit(struct pk_buf *out, size_t start, uint32_t width)
{
	uint32_t cnt = 0;
	size_t at = start;
	int err = 0;

	while (at < out->len_bytes && cnt < width) {
		size_t bytes = pk_utf8_check((const unsigned char *)out->data + at,
					     out->len_bytes - at);

		at += bytes ? bytes : 1;
		cnt++;
	}
	out->len_bytes = at;
	for (; cnt < width && !err; cnt++)
		err = pk_buf_add_char(out, ' ');
	return err;
}

static int render_part(struct pk_eval_env *env, const struct pk_template_part *part,
		       struct pk_buf *out)
{
	struct pk_value value = { 0 };
	size_t start = out->len_bytes;
	int err;

	if (!part->side)
		return pk_buf_add(out, part->text.data, part->text.len);
	value.type = part->side->type;
	err = pk_eval_side(env, part->side, &value);
	if (!err)
		err = pk_template_print_value(part->side->field, &value, out);
	return err || !part->width ? err : fit(out, start, part->width);
}

int pk_template_render(const struct pk_template *tmpl, pk_value_fn *get, void *arg,
		       struct pk_buf *out)
{
	const struct pk_template_part *parts = (const struct pk_template_part *)tmpl->parts.data;
	size_t cnt = tmpl->parts.len_bytes / sizeof(*parts);
	struct pk_eval_env env = {
		.arena = PK_ARENA_INIT(EVAL_MAX_BYTES),
		.get = get,
		.get_arg = arg,
	};
	size_t start = out->len_bytes;
	int err = 0;

	for (size_t i = 0; i < cnt && !err; i++)
		err = render_part(&env, &parts[i], out);
	pk_arena_fini(&env.arena);
	if (err)
		out->len_bytes = start;
	return err;
}
