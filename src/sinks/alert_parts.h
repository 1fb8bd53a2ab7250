/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of alerts: template.c (output text to parts), template_value.c (parts and
 * values to text), alert.c (the sink), alert_json.c and alert_text.c (one line of each format).
 */
#ifndef PK_SINKS_ALERT_PARTS_H
#define PK_SINKS_ALERT_PARTS_H

#include <time.h>

#include "plan/bind_internal.h"
#include "rules/diag.h"
#include "sinks/alert.h"
#include "sinks/json.h"

/* ---- templates ---- */

struct pk_template_part {
	struct pk_value_text text;  /* as it is, when side is NULL */
	const struct pk_side *side; /* in the arena of the rule set */
	uint32_t width;             /* characters; 0: as long as the value */
};

/* A field that the template names, also within transformers; each key once. */
struct pk_template_field {
	const struct pk_field *field;
	const char *field_arg;
	const char *key; /* "proc.aname[2]", as it is written but for quotes */
};

struct pk_template {
	struct pk_buf parts;  /* of struct pk_template_part */
	struct pk_buf fields; /* of struct pk_template_field, in the order of their first use */
};

const struct pk_template_field *pk_template_get_fields(const struct pk_template *tmpl,
						       size_t *ret_cnt);

/* A value as outputs show it, "<NA>" when there is none. `field`: NULL for what a transformer made.
 * -ENOMEM, -EFBIG. */
int pk_template_print_value(const struct pk_field *field, const struct pk_value *value,
			    struct pk_buf *out);

/* Whether it is shown as a list of texts. A field that has several texts and one that stands for
 * them (evt.type) is that one. */
static inline bool pk_template_is_list(const struct pk_value *value)
{
	return value->type == PK_FIELD_LIST || (value->list_cnt && !value->text.len);
}

/* Whether it is the event's own time in some form: evt.time, evt.datetime and so on. */
bool pk_template_is_time(const struct pk_field *field);

/* ---- lines ---- */

/* Nanoseconds since the epoch as whole seconds and the rest, 0 to 999,999,999. */
void pk_alert_split_time(__s64 ns, __s64 *ret_second, __u32 *ret_rest_ns);

/* When the alert's event happened, in nanoseconds since the epoch. */
__s64 pk_alert_time_ns(const struct pk_alert *alert);

/* "HH:MM:SS". Returns the end. */
char *pk_alert_put_clock(char *p, const struct tm *tm);
/* The same in local time. */
char *pk_alert_put_local_clock(char *p, __s64 second);
#define PK_ALERT_CLOCK_BYTES 8u

/* What a sink keeps from alert to alert. */
struct pk_alert_style {
	struct pk_json json;
	struct pk_buf scratch;
	bool color;
	unsigned char random[256]; /* for the ids to come */
	size_t random_left;
};

void pk_alert_style_init(struct pk_alert_style *style, bool color);
void pk_alert_style_fini(struct pk_alert_style *style);

/* Appends one alert and a newline. -ENOMEM, -EFBIG, -errno of getrandom() and of the alert's
 * getter; then `out` is as before. */
int pk_alert_render_json(struct pk_alert_style *style, const struct pk_alert *alert,
			 const struct pk_template *tmpl, struct pk_buf *out);
int pk_alert_render_text(struct pk_alert_style *style, const struct pk_alert *alert,
			 const struct pk_template *tmpl, struct pk_buf *out);

#endif
