// SPDX-License-Identifier: Apache-2.0
/*
 * The sink of alerts: lines wait in a buffer until it is large or somebody flushes. And what both
 * formats share: time, verdicts, what is kept from alert to alert.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "sinks/alert_parts.h"
#include "sinks/json_writer.h"

#define FLUSH_BYTES 65536u
#define KEEP_BYTES (256u << 10) /* memory kept after an unusually long line */

void pk_alert_split_time(__s64 ns, __s64 *ret_second, __u32 *ret_rest_ns)
{
	__s64 second = ns / 1000000000;
	__s64 rest = ns % 1000000000;

	if (rest < 0) {
		rest += 1000000000;
		second--;
	}
	*ret_second = second;
	*ret_rest_ns = (__u32)rest;
}

/* Both are hostile: the sum may wrap. */
__s64 pk_alert_time_ns(const struct pk_alert *alert)
{
	return (__s64)(alert->view->event->time_ns + (__u64)alert->view->context->clock_offset_ns);
}

char *pk_alert_put_clock(char *p, const struct tm *tm)
{
	p = pk_jw_padded(p, (__u32)tm->tm_hour, 2);
	*p++ = ':';
	p = pk_jw_padded(p, (__u32)tm->tm_min, 2);
	*p++ = ':';
	return pk_jw_padded(p, (__u32)tm->tm_sec, 2);
}

char *pk_alert_put_local_clock(char *p, __s64 second)
{
	time_t time = (time_t)second;
	struct tm tm = { 0 };

	localtime_r(&time, &tm);
	return pk_alert_put_clock(p, &tm);
}

void pk_alert_style_init(struct pk_alert_style *style, bool color)
{
	*style = (struct pk_alert_style){ .color = color };
	pk_json_init(&style->json);
}

void pk_alert_style_fini(struct pk_alert_style *style)
{
	pk_json_fini(&style->json);
	pk_buf_fini(&style->scratch);
}

/* ---- the sink ---- */

struct pk_alert_sink {
	struct pk_alert_style style;
	struct pk_buf out;
	enum pk_alert_format format;
	int fd;
};

int pk_alert_sink_new(int fd, enum pk_alert_format format, bool color,
		      struct pk_alert_sink **ret_sink)
{
	struct pk_alert_sink *sink = calloc(1, sizeof(*sink));

	if (!sink)
		return -ENOMEM;
	sink->fd = fd;
	sink->format = format;
	pk_alert_style_init(&sink->style, color);
	*ret_sink = sink;
	return 0;
}

void pk_alert_sink_free(struct pk_alert_sink *sink)
{
	if (!sink)
		return;
	pk_alert_style_fini(&sink->style);
	pk_buf_fini(&sink->out);
	free(sink);
}

int pk_alert_sink_flush(struct pk_alert_sink *sink)
{
	int err = pk_buf_write(&sink->out, sink->fd);

	if (err)
		return err;
	pk_buf_shrink(&sink->out, KEEP_BYTES);
	pk_buf_shrink(&sink->style.scratch, KEEP_BYTES);
	return 0;
}

int pk_alert_sink_add(struct pk_alert_sink *sink, const struct pk_alert *alert,
		      const struct pk_template *tmpl)
{
	int err = sink->format == PK_ALERT_JSON ?
			  pk_alert_render_json(&sink->style, alert, tmpl, &sink->out) :
			  pk_alert_render_text(&sink->style, alert, tmpl, &sink->out);

	if (err || sink->out.len_bytes < FLUSH_BYTES)
		return err;
	return pk_alert_sink_flush(sink);
}
