// SPDX-License-Identifier: Apache-2.0
/*
 * evt.time and the like. Records have the time since boot; the stream's start says when that was.
 */
#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "stream/facts_internal.h"

#define NS_PER_S UINT64_C(1000000000)

static size_t format_time(uint32_t id, const struct tm *tm, char *text, size_t size)
{
	switch (id) {
	case PK_FIELD_EVT_TIME_ISO8601:
		return strftime(text, size, "%Y-%m-%dT%H:%M:%S", tm);
	case PK_FIELD_EVT_DATETIME:
	case PK_FIELD_EVT_DATETIME_S:
		return strftime(text, size, "%Y-%m-%d %H:%M:%S", tm);
	default:
		return strftime(text, size, "%H:%M:%S", tm);
	}
}

static int put_time(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	uint64_t now_ns = ctx->view.event->time_ns + (uint64_t)ctx->view.context->clock_offset_ns;
	time_t seconds = (time_t)(now_ns / NS_PER_S);
	bool utc = id == PK_FIELD_EVT_TIME_ISO8601;
	char text[64];
	struct tm tm;
	int err;

	if (!(utc ? gmtime_r(&seconds, &tm) : localtime_r(&seconds, &tm)))
		return -EINVAL;
	pk_buf_clear(&ctx->buf);
	err = pk_buf_add(&ctx->buf, text, format_time(id, &tm, text, sizeof(text)));
	if (!err && id != PK_FIELD_EVT_TIME_S && id != PK_FIELD_EVT_DATETIME_S)
		err = pk_facts_printf(&ctx->buf, ".%09" PRIu64 "%s", now_ns % NS_PER_S,
				      utc ? "+0000" : "");
	return err ? err : pk_facts_put_buf(ctx, value);
}

static void put_number(const struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	uint64_t raw = ctx->view.event->time_ns + (uint64_t)ctx->view.context->clock_offset_ns;
	uint64_t rel = ctx->view.event->time_ns - ctx->first_ns;

	switch (id) {
	case PK_FIELD_EVT_RAWTIME:
		pk_facts_put_uint(value, raw);
		break;
	case PK_FIELD_EVT_RAWTIME_S:
		pk_facts_put_uint(value, raw / NS_PER_S);
		break;
	case PK_FIELD_EVT_RAWTIME_NS:
		pk_facts_put_uint(value, raw % NS_PER_S);
		break;
	case PK_FIELD_EVT_RELTIME:
		pk_facts_put_uint(value, rel);
		break;
	case PK_FIELD_EVT_RELTIME_S:
		pk_facts_put_uint(value, rel / NS_PER_S);
		break;
	default:
		pk_facts_put_uint(value, rel % NS_PER_S);
		break;
	}
}

int pk_facts_time_by_id(struct pk_facts_ctx *ctx, uint32_t id, struct pk_value *value)
{
	switch (id) {
	case PK_FIELD_EVT_TIME:
	case PK_FIELD_EVT_TIME_S:
	case PK_FIELD_EVT_TIME_ISO8601:
	case PK_FIELD_EVT_DATETIME:
	case PK_FIELD_EVT_DATETIME_S:
		return put_time(ctx, id, value);
	default:
		put_number(ctx, id, value);
		return 0;
	}
}
