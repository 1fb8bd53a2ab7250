/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts: a rule that matched an event, as Falco's JSON or as a line for the eye. Also output templates:
 * "%proc.name opened %fd.name" with the event's values put in.
 */
#ifndef PK_SINKS_ALERT_H
#define PK_SINKS_ALERT_H

#include "plan/field.h"
#include "rules/rules.h"
#include "stream/stream.h"

struct pk_alert {
	const struct pk_rule *rule;
	const struct pk_view *view;
	enum pk_verdict verdict; /* what happened to the event */
	__u64 repeat_cnt; /* earlier ones of the same (rule, process, object) that were not shown */
	pk_value_fn *get; /* the event's values */
	void *get_arg;
};

/* ---- templates ---- */

#define PK_MAX_TEMPLATE_WIDTH 1024u

struct pk_template;

/*
 * Parses an output template: text, %field, %field[arg], %20field, %tolower(field) and the other
 * transformers of conditions, and %% for a '%'. Unknown fields and bad syntax become diagnostics at
 * their place, inside `text`'s positions. NULL: said why, or ctx->err.
 * The template points into the arena of `ctx` and must not outlive it.
 */
struct pk_template *pk_template_new(struct pk_rules_ctx *ctx, const struct pk_rules_text *text);
void pk_template_free(struct pk_template *tmpl);

/* Appends the text with values, as the event has them: any bytes. What is missing or unknown is <NA>.
 * -ENOMEM, -EFBIG past PK_MAX_BUF_BYTES, what `get` returned; then `out` is as before. */
int pk_template_render(const struct pk_template *tmpl, pk_value_fn *get, void *arg,
		       struct pk_buf *out);

/* ---- sinks ---- */

enum pk_alert_format {
	PK_ALERT_TEXT = 0,
	PK_ALERT_JSON,
};

struct pk_alert_sink;

/* Writes to `fd` (stays the caller's) whenever 64 KiB wait, and on flush. -ENOMEM */
int pk_alert_sink_new(int fd, enum pk_alert_format format, bool color,
		      struct pk_alert_sink **ret_sink);

/* Takes one alert. `tmpl` is the rule's. -errno of writing, -ENOMEM, -EFBIG. */
int pk_alert_sink_add(struct pk_alert_sink *sink, const struct pk_alert *alert,
		      const struct pk_template *tmpl);
int pk_alert_sink_flush(struct pk_alert_sink *sink);
void pk_alert_sink_free(struct pk_alert_sink *sink);

PK_DEFINE_CLEANUP(struct pk_alert_sink *, pk_alert_sink_free);
PK_DEFINE_CLEANUP(struct pk_template *, pk_template_free);

#endif
