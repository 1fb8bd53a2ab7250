// SPDX-License-Identifier: Apache-2.0
/*
 * An alert as one line of JSON: Falco's members as Falco writes them, so that what reads its alerts
 * reads ours, then our own. docs/alerts.md has the table, docs/alert.schema.json the schema.
 * Always valid UTF-8 JSON, whatever the observed process chose.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/cleanup.h"
#include "sinks/alert_parts.h"
#include "sinks/json_parts.h"

/* One alert being written. */
struct alert_job {
	struct pk_json_job json; /* the writer, and what pk_json_time() wants */
	struct pk_alert_style *style;
	const struct pk_alert *alert;
	const struct pk_template *tmpl;
};

/* ---- ids ---- */

static int take_random(struct pk_alert_style *style, unsigned char *bytes, size_t cnt)
{
	while (style->random_left < cnt) {
		ssize_t got = getrandom(style->random, sizeof(style->random), 0);

		if (got < 0 && errno != EINTR)
			return -errno;
		style->random_left = got < 0 ? 0 : (size_t)got;
	}
	style->random_left -= cnt;
	memcpy(bytes, style->random + style->random_left, cnt);
	return 0;
}

/* A random UUID, version 4 of RFC 9562. */
static int put_uuid(struct alert_job *job)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[16] = { 0 };
	struct pk_jw *w = &job->json.w;
	int err = take_random(job->style, bytes, sizeof(bytes));

	if (err)
		return err;
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	pk_jw_lit(w, "{\"uuid\":\"");
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*w->p++ = '-';
		*w->p++ = digits[bytes[i] >> 4];
		*w->p++ = digits[bytes[i] & 0xf];
	}
	*w->p++ = '"';
	return 0;
}

/* ---- output and its fields ---- */

/* "14:00:00.123456789: Critical text": local time, as Falco has it. */
static int put_output(struct alert_job *job)
{
	struct pk_buf *scratch = &job->style->scratch;
	const char *priority = pk_rules_priority_name(job->alert->rule->priority);
	char clock[PK_ALERT_CLOCK_BYTES + 16];
	char *p = clock;
	__s64 second;
	__u32 rest;
	int err;

	pk_alert_split_time(pk_alert_time_ns(job->alert), &second, &rest);
	p = pk_alert_put_local_clock(p, second);
	*p++ = '.';
	p = pk_jw_padded(p, rest, 9);
	*p++ = ':';
	*p++ = ' ';
	pk_buf_clear(scratch);
	err = pk_buf_add(scratch, clock, (size_t)(p - clock));
	if (!err)
		err = pk_buf_add_str(scratch, priority);
	if (!err)
		err = pk_buf_add_char(scratch, ' ');
	if (!err)
		err = pk_template_render(job->tmpl, job->alert->get, job->alert->get_arg, scratch);
	if (err)
		return err;
	pk_jw_lit(&job->json.w, ",\"output\":");
	pk_jw_string(&job->json.w, scratch->data, scratch->len_bytes);
	return 0;
}

static void put_s64(struct pk_jw *w, __s64 number)
{
	if (number < 0)
		*w->p++ = '-';
	pk_jw_u64(w, number < 0 ? -(__u64)number : (__u64)number);
}

static void put_list(struct pk_jw *w, const struct pk_value *value)
{
	size_t array = pk_jw_open(w);

	for (uint32_t i = 0; i < value->list_cnt; i++) {
		*w->p++ = ',';
		pk_jw_string(w, value->list[i].data, value->list[i].len);
	}
	pk_jw_close_array(w, array);
}

static int put_printed(struct alert_job *job, const struct pk_template_field *field,
		       const struct pk_value *value)
{
	struct pk_buf *scratch = &job->style->scratch;
	int err;

	pk_buf_clear(scratch);
	err = pk_template_print_value(field->field, value, scratch);
	if (!err)
		pk_jw_string(&job->json.w, scratch->data, scratch->len_bytes);
	return err;
}

static int put_value(struct alert_job *job, const struct pk_template_field *field,
		     const struct pk_value *value)
{
	struct pk_jw *w = &job->json.w;

	if (value->state != PK_VALUE_KNOWN) {
		pk_jw_lit(w, "null");
		return 0;
	}
	if (pk_template_is_list(value)) {
		put_list(w, value);
		return 0;
	}
	switch (value->type) {
	case PK_FIELD_INT:
		put_s64(w, value->num.i);
		return 0;
	case PK_FIELD_UINT:
	case PK_FIELD_TIME:
		pk_jw_u64(w, value->num.u);
		return 0;
	case PK_FIELD_BOOL:
		if (value->num.u)
			pk_jw_lit(w, "true");
		else
			pk_jw_lit(w, "false");
		return 0;
	case PK_FIELD_TEXT:
		pk_jw_string(w, value->text.data, value->text.len);
		return 0;
	default:
		return put_printed(job, field, value);
	}
}

static int put_field(struct alert_job *job, const struct pk_template_field *field)
{
	struct pk_jw *w = &job->json.w;
	struct pk_value value = { .state = PK_VALUE_MISSING, .type = field->field->type };
	int err;

	*w->p++ = ',';
	pk_jw_string(w, field->key, strlen(field->key));
	*w->p++ = ':';
	if (pk_template_is_time(field->field)) {
		put_s64(w, pk_alert_time_ns(job->alert));
		return 0;
	}
	err = job->alert->get(job->alert->get_arg, field->field, field->field_arg, &value);
	return err ? err : put_value(job, field, &value);
}

static bool has_field(const struct pk_template_field *fields, size_t cnt, const char *name)
{
	for (size_t i = 0; i < cnt; i++) {
		if (!strcmp(fields[i].key, name))
			return true;
	}
	return false;
}

/* What tells where it was, of what happened in a container, though the output does not ask. */
static int put_container(struct alert_job *job, const struct pk_template_field *fields, size_t cnt)
{
	static const char *const names[] = {
		"container.id",        "container.name", "container.image.repository",
		"container.image.tag", "k8s.ns.name",    "k8s.pod.name"
	}; /* of a pod */
	const struct pk_view *view = job->alert->view;
	size_t name_cnt;
	int err = 0;

	if (!view->container || !pk_container_is_one(view->container))
		return 0;
	name_cnt = PK_ARRAY_SIZE(names) - (pk_container_has_pod(view->container) ? 0 : 2);
	for (size_t i = 0; i < name_cnt && !err; i++) {
		const struct pk_template_field field = {
			.field = pk_field_find(names[i], NULL, NULL),
			.key = names[i],
		};

		if (!has_field(fields, cnt, names[i]))
			err = put_field(job, &field);
	}
	return err;
}

/* evt.time is always there. Whatever form a time has in the text, here it is nanoseconds. */
static int put_fields(struct alert_job *job)
{
	struct pk_jw *w = &job->json.w;
	size_t cnt;
	const struct pk_template_field *fields = pk_template_get_fields(job->tmpl, &cnt);
	size_t object;
	int err = 0;

	pk_jw_lit(w, ",\"output_fields\":");
	object = pk_jw_open(w);
	pk_jw_lit(w, ",\"evt.time\":");
	put_s64(w, pk_alert_time_ns(job->alert));
	for (size_t i = 0; i < cnt && !err; i++) {
		if (strcmp(fields[i].key, "evt.time") != 0)
			err = put_field(job, &fields[i]);
	}
	if (!err)
		err = put_container(job, fields, cnt);
	pk_jw_close_object(w, object);
	return err;
}

/* ---- tags ---- */

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once. At most PK_MAX_TAGS. */
static int put_tags(struct alert_job *job)
{
	const struct pk_rule *rule = job->alert->rule;
	pk_cleanup(pk_free_p) const char **tags = calloc(rule->tags_cnt + 1, sizeof(*tags));
	struct pk_jw *w = &job->json.w;
	size_t array;

	if (!tags)
		return -ENOMEM;
	if (rule->tags_cnt)
		memcpy(tags, rule->tags, rule->tags_cnt * sizeof(*tags));
	qsort(tags, rule->tags_cnt, sizeof(*tags), compare);
	pk_jw_lit(w, ",\"tags\":");
	array = pk_jw_open(w);
	for (size_t i = 0; i < rule->tags_cnt; i++) {
		if (i && !strcmp(tags[i], tags[i - 1]))
			continue;
		*w->p++ = ',';
		pk_jw_string(w, tags[i], strlen(tags[i]));
	}
	pk_jw_close_array(w, array);
	return 0;
}

/* ---- one alert ---- */

static void put_member(struct pk_jw *w, const char *name, const char *text)
{
	if (!text)
		return;
	*w->p++ = ',';
	pk_jw_string(w, name, strlen(name));
	*w->p++ = ':';
	pk_jw_string(w, text, strlen(text));
}

/* Who wrote the rule, and which one it is. */
static void put_sigma(struct pk_jw *w, const struct pk_rule_sigma *sigma)
{
	size_t object;

	pk_jw_lit(w, ",\"sigma\":");
	object = pk_jw_open(w);
	put_member(w, "id", sigma->id);
	put_member(w, "author", sigma->author);
	put_member(w, "level", sigma->level);
	put_member(w, "status", sigma->status);
	pk_jw_close_object(w, object);
}

static void put_rule(struct alert_job *job)
{
	const struct pk_context *context = job->alert->view->context;
	const struct pk_rule *rule = job->alert->rule;
	struct pk_jw *w = &job->json.w;

	pk_jw_lit(w, ",\"time\":");
	pk_json_time(&job->json);
	pk_jw_lit(w, ",\"hostname\":");
	pk_jw_string(w, context->hostname, context->hostname_bytes);
	pk_jw_lit(w, ",\"source\":");
	pk_jw_string(w, rule->source, strlen(rule->source));
	pk_jw_lit(w, ",\"rule\":");
	pk_jw_string(w, rule->name, strlen(rule->name));
	pk_json_field_name(w, "priority", pk_rules_priority_name(rule->priority));
	if (rule->sigma)
		put_sigma(w, rule->sigma);
}

/* All before the event, whose line is rendered behind it as it is. */
static int put_head(struct alert_job *job)
{
	const struct pk_alert *alert = job->alert;
	struct pk_jw *w = &job->json.w;
	int err = put_uuid(job);

	if (err)
		return err;
	put_rule(job);
	err = put_output(job);
	if (!err)
		err = put_fields(job);
	if (!err)
		err = put_tags(job);
	if (err)
		return err;
	pk_json_field_name(w, "action", pk_rules_action_name(alert->rule->action));
	pk_json_field_name(w, "verdict", pk_verdict_name(alert->verdict));
	if (alert->repeat_cnt)
		pk_jw_field_u64(w, "repeats", alert->repeat_cnt);
	if (w->invalid_utf8)
		pk_jw_field_true(w, "invalid_utf8");
	pk_jw_lit(w, ",\"event\":");
	return 0;
}

int pk_alert_render_json(struct pk_alert_style *style, const struct pk_alert *alert,
			 const struct pk_template *tmpl, struct pk_buf *out)
{
	struct alert_job job = {
		.json = { .json = &style->json, .view = alert->view },
		.style = style,
		.alert = alert,
		.tmpl = tmpl,
	};
	size_t start = out->len_bytes;
	int err = pk_jw_begin(&job.json.w, out);

	if (!err)
		err = put_head(&job);
	if (!err)
		err = pk_jw_end(&job.json.w);
	if (!err)
		err = pk_json_render(&style->json, alert->view, out);
	if (!err) {
		out->len_bytes--; /* its newline */
		err = pk_buf_add_str(out, "}\n");
	}
	if (err)
		out->len_bytes = start;
	return err;
}
