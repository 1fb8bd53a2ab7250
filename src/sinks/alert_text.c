// SPDX-License-Identifier: Apache-2.0
/*
 * An alert for the eye, one line: local time, priority, what became of the event, the rule, its
 * output. Nothing that the observed process or the rule file chose reaches the terminal unfiltered.
 */
#include <stdio.h>
#include <string.h>

#include "sinks/alert_parts.h"
#include "sinks/json_writer.h"
#include "sinks/text.h"

#define PRIORITY_COLUMNS 13 /* "Informational" */
#define WORD_COLUMNS 7

#define DIM "2"
#define BOLD "1"
#define LOUD "1;31"

/* One line being built; the first error sticks and the line is dropped. */
struct line {
	struct pk_buf *out;
	bool color;
	int err;
};

static void put(struct line *line, const char *text)
{
	if (!line->err)
		line->err = pk_buf_add_str(line->out, text);
}

static void put_visible(struct line *line, const char *data, size_t len)
{
	if (!line->err)
		line->err = pk_text_visible(line->out, data, len);
}

static void put_padded(struct line *line, const char *text, int columns)
{
	char padded[32];

	snprintf(padded, sizeof(padded), "%-*s", columns, text);
	put(line, padded);
}

static void color(struct line *line, const char *code)
{
	if (!line->color)
		return;
	put(line, "\033[");
	put(line, code);
	put(line, "m");
}

static void plain(struct line *line)
{
	color(line, "0");
}

static const char *priority_color(enum pk_rules_priority priority)
{
	static const char *const colors[PK_RULES_PRIORITY_CNT] = {
		[PK_RULES_EMERGENCY] = LOUD,     [PK_RULES_ALERT] = LOUD,
		[PK_RULES_CRITICAL] = LOUD,      [PK_RULES_ERROR] = "31",
		[PK_RULES_WARNING] = "33",       [PK_RULES_NOTICE] = "36",
		[PK_RULES_INFORMATIONAL] = "32", [PK_RULES_DEBUG] = DIM,
	};

	return colors[priority];
}

/* An event that a rule would have stopped, and that was not, says so. */
static const char *word(const struct pk_alert *alert)
{
	switch (alert->verdict) {
	case PK_VERDICT_DENIED:
		return "DENIED";
	case PK_VERDICT_KILLED:
		return "KILLED";
	case PK_VERDICT_SPARED:
		return "SPARED";
	default:
		return alert->rule->action == PK_RULES_ACTION_ALERT ? "alert" : "ALLOWED";
	}
}

static void put_time(struct line *line, const struct pk_alert *alert)
{
	char text[PK_ALERT_CLOCK_BYTES + 6];
	char *p = text;
	__s64 second;
	__u32 rest;

	pk_alert_split_time(pk_alert_time_ns(alert), &second, &rest);
	p = pk_alert_put_local_clock(p, second);
	*p++ = '.';
	p = pk_jw_padded(p, rest / 1000000, 3);
	*p = '\0';
	color(line, DIM);
	put(line, text);
	plain(line);
	put(line, " ");
}

static void put_head(struct line *line, const struct pk_alert *alert)
{
	const char *what = word(alert);
	bool loud = alert->verdict != PK_VERDICT_ALLOWED;

	put_time(line, alert);
	color(line, priority_color(alert->rule->priority));
	put_padded(line, pk_rules_priority_name(alert->rule->priority), PRIORITY_COLUMNS);
	plain(line);
	put(line, " ");
	if (loud)
		color(line, LOUD);
	put_padded(line, what, WORD_COLUMNS);
	if (loud)
		plain(line);
	put(line, " ");
	color(line, BOLD);
	put_visible(line, alert->rule->name, strlen(alert->rule->name));
	plain(line);
	put(line, ": ");
}

static void put_repeats(struct line *line, __u64 cnt)
{
	char text[64];

	if (!cnt)
		return;
	snprintf(text, sizeof(text), " [%llu more like it before]", (unsigned long long)cnt);
	color(line, DIM);
	put(line, text);
	plain(line);
}

int pk_alert_render_text(struct pk_alert_style *style, const struct pk_alert *alert,
			 const struct pk_template *tmpl, struct pk_buf *out)
{
	struct line line = { .out = out, .color = style->color };
	size_t start = out->len_bytes;

	put_head(&line, alert);
	pk_buf_clear(&style->scratch);
	if (!line.err)
		line.err = pk_template_render(tmpl, alert->get, alert->get_arg, &style->scratch);
	put_visible(&line, style->scratch.data, style->scratch.len_bytes);
	put_repeats(&line, alert->repeat_cnt);
	put(&line, "\n");
	if (line.err)
		out->len_bytes = start;
	return line.err;
}
