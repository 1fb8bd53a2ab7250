/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of alerts share: a few fields, values given by hand, templates from texts.
 * Include once a program: it defines pk_field_find().
 */
#ifndef PK_TESTS_ALERTS_H
#define PK_TESTS_ALERTS_H

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "samples.h"
#include "sinks/alert_parts.h"

/* Fields of every type; what they are called matters only for times. */
static const struct pk_field alert_fields[] = {
	{ .name = "proc.name" },
	{ .name = "proc.cmdline" },
	{ .name = "fd.name" },
	{ .name = "evt.arg.flags" },
	{ .name = "proc.aname", .arg = PK_ARG_OPTIONAL_INDEX },
	{ .name = "proc.env", .arg = PK_ARG_OPTIONAL_KEY },
	{ .name = "proc.acmdline", .arg = PK_ARG_INDEX },
	{ .name = "evt.rawres", .type = PK_FIELD_INT },
	{ .name = "proc.pid", .type = PK_FIELD_UINT },
	{ .name = "evt.is_open_read", .type = PK_FIELD_BOOL },
	{ .name = "fd.sip", .type = PK_FIELD_ADDR },
	{ .name = "fd.cip", .type = PK_FIELD_ADDR },
	{ .name = "fd.net", .type = PK_FIELD_NET },
	{ .name = "evt.time", .type = PK_FIELD_TIME },
	{ .name = "evt.time.s", .type = PK_FIELD_TIME },
	{ .name = "evt.time.iso8601", .type = PK_FIELD_TIME },
	{ .name = "evt.datetime", .type = PK_FIELD_TIME },
	{ .name = "evt.datetime.s", .type = PK_FIELD_TIME },
	{ .name = "proc.duration", .type = PK_FIELD_TIME },
	{ .name = "proc.tags", .type = PK_FIELD_LIST },
	{ .name = "container.info" },
	{ .name = "container.id" },
	{ .name = "container.name" },
	{ .name = "container.image.repository" },
	{ .name = "container.image.tag" },
	{ .name = "k8s.ns.name" },
	{ .name = "k8s.pod.name" },
};

const struct pk_field *pk_field_find(const char *name, const char *arg, const char **ret_suggestion)
{
	if (ret_suggestion)
		*ret_suggestion = !strcmp(name, "proc.nmae") ? "proc.name" : NULL;
	for (size_t i = 0; i < PK_ARRAY_SIZE(alert_fields); i++) {
		const struct pk_field *field = &alert_fields[i];

		if (strcmp(field->name, name) != 0)
			continue;
		if (arg ? field->arg == PK_ARG_NONE :
			  field->arg == PK_ARG_INDEX || field->arg == PK_ARG_KEY)
			return NULL;
		if (arg && field->arg != PK_ARG_OPTIONAL_KEY &&
		    strspn(arg, "0123456789") != strlen(arg))
			return NULL;
		return field;
	}
	return NULL;
}

/* One value, by the field's name and, if it has one, its argument: "proc.aname[2]". */
struct given {
	const char *key;
	struct pk_value value;
};

#define GIVEN_MAX 32u

struct values {
	struct given items[GIVEN_MAX];
	size_t cnt;
	int err; /* what the getter returns */
};

static inline struct pk_value *give(struct values *values, const char *key, enum pk_field_type type)
{
	struct given *given = &values->items[values->cnt++];

	assert_true(values->cnt <= GIVEN_MAX);
	*given = (struct given){ .key = key, .value = { .state = PK_VALUE_KNOWN, .type = type } };
	return &given->value;
}

static inline struct pk_value *give_bytes(struct values *values, const char *key, const char *data,
					  size_t len)
{
	struct pk_value *value = give(values, key, PK_FIELD_TEXT);

	value->text = (struct pk_value_text){ data, len };
	return value;
}

static inline struct pk_value *give_text(struct values *values, const char *key, const char *text)
{
	return give_bytes(values, key, text, strlen(text));
}

static inline void give_number(struct values *values, const char *key, enum pk_field_type type,
			       int64_t number)
{
	give(values, key, type)->num.i = number;
}

static inline void give_list(struct values *values, const char *key, enum pk_field_type type,
			     const char *const *texts, uint32_t cnt)
{
	struct pk_value *value = give(values, key, type);

	value->list_cnt = cnt;
	for (uint32_t i = 0; i < cnt; i++)
		value->list[i] = (struct pk_value_text){ texts[i], strlen(texts[i]) };
}

static inline void set_address(struct pk_value *value, uint32_t idx, const char *text)
{
	uint8_t *address = value->addr[idx];

	if (inet_pton(AF_INET6, text, address) != 1) {
		memset(address, 0, 10);
		memset(address + 10, 0xff, 2);
		assert_int_equal(inet_pton(AF_INET, text, address + 12), 1);
	}
	value->addr_cnt = idx + 1;
}

static inline int values_get(void *arg, const struct pk_field *field, const char *field_arg,
			     struct pk_value *ret_value)
{
	const struct values *values = arg;
	char key[128];

	snprintf(key, sizeof(key), "%s%s%s%s", field->name, field_arg ? "[" : "",
		 field_arg ? field_arg : "", field_arg ? "]" : "");
	*ret_value = (struct pk_value){ .type = field->type };
	for (size_t i = 0; i < values->cnt; i++) {
		if (!strcmp(values->items[i].key, key))
			*ret_value = values->items[i].value;
	}
	return values->err;
}

/* ---- templates ---- */

struct made {
	struct pk_rules_ctx *ctx;
	struct pk_template *tmpl; /* NULL: refused */
	struct pk_buf said;       /* diagnostics as printed, ended by NUL */
};

static inline struct made make(const char *text)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	struct made made = { .ctx = calloc(1, sizeof(*made.ctx)) };
	struct pk_rules_pos pos = { 0 };
	struct pk_rules_text whole;

	assert_non_null(made.ctx);
	made.ctx->arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES);
	assert_int_equal(pk_rules_sources_add(&made.ctx->sources, &made.ctx->arena, "f", text,
					      strlen(text), &pos.file_idx),
			 0);
	pk_rules_draft_mark(&draft, pos, 0);
	pk_rules_draft_add(&draft, text, strlen(text));
	assert_int_equal(pk_rules_draft_finish(&draft, &made.ctx->arena, &whole), 0);
	made.tmpl = pk_template_new(made.ctx, &whole);
	assert_int_equal(made.ctx->err, 0);
	assert_true((made.tmpl != NULL) == (made.ctx->diags.errors_cnt == 0));
	for (const struct pk_diag *diag = made.ctx->diags.first; diag; diag = diag->next)
		assert_int_equal(pk_diag_print(made.ctx, diag, &made.said), 0);
	assert_int_equal(pk_buf_add_char(&made.said, '\0'), 0);
	return made;
}

static inline void made_fini(struct made *made)
{
	pk_template_free(made->tmpl);
	pk_arena_fini(&made->ctx->arena);
	free(made->ctx);
	pk_buf_fini(&made->said);
}
#define made_cleanup pk_cleanup(made_fini)

/* ---- alerts ---- */

/* A stream in which every event of a sensor is an alert of the one rule. */
struct alerted {
	struct pk_sink sink; /* first */
	struct pk_stream *stream;
	struct pk_rule rule;
	struct made made; /* the rule's output */
	struct values values;
	enum pk_verdict verdict;
	__u64 repeat_cnt;
	struct pk_alert_style style;
	bool text;
	struct pk_buf out;                /* of the last alert */
	struct pk_alert_sink *alert_sink; /* takes the alerts instead; borrowed */
};

static int alerted_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct alerted *self = (struct alerted *)sink;
	struct pk_alert alert = {
		.rule = &self->rule,
		.view = view,
		.verdict = self->verdict,
		.repeat_cnt = self->repeat_cnt,
		.get = values_get,
		.get_arg = &self->values,
	};

	if (self->alert_sink)
		return pk_alert_sink_add(self->alert_sink, &alert, self->made.tmpl);
	pk_buf_clear(&self->out);
	return self->text ?
		       pk_alert_render_text(&self->style, &alert, self->made.tmpl, &self->out) :
		       pk_alert_render_json(&self->style, &alert, self->made.tmpl, &self->out);
}

static int alerted_flush(struct pk_sink *sink)
{
	return 0;
}

static const char *const alerted_tags[] = { "network", "host", "T1059", "host" };

/* The rule "Read a secret" with `output`; fails the test if that is refused. */
static inline void alerted_init(struct alerted *self, bool text, bool color, const char *output)
{
	static const struct pk_sink_ops ops = { .event = alerted_event, .flush = alerted_flush };
	struct pk_stream_options options = { .kinds = PK_KINDS_SENSOR, .sink = &self->sink };

	*self = (struct alerted){ .sink = { &ops }, .text = text, .made = make(output) };
	if (!self->made.tmpl)
		fail_msg("%s", self->made.said.data);
	self->rule = (struct pk_rule){
		.name = "Read a secret",
		.source = "syscall",
		.priority = PK_RULES_CRITICAL,
		.tags = (const char **)alerted_tags,
		.tags_cnt = PK_ARRAY_SIZE(alerted_tags),
	};
	pk_alert_style_init(&self->style, color);
	assert_int_equal(pk_stream_new(&options, &self->stream), 0);
}

static inline void alerted_fini(struct alerted *self)
{
	pk_stream_free(self->stream);
	made_fini(&self->made);
	pk_alert_style_fini(&self->style);
	pk_buf_fini(&self->out);
}

/* Feeds a start record and then an open of /etc/shadow. What the sink returned. */
static inline int alerted_run(struct alerted *self)
{
	pk_cleanup(pk_free_p) struct pk_record *record = malloc(sizeof(*record));
	int err;

	assert_non_null(record);
	sample_start(record);
	err = pk_stream_feed(self->stream, &record->u, pk_record_finish(record));
	if (err)
		return err;
	sample_file(record, PK_EVENT_OPEN, 1200, "/etc/shadow");
	return pk_stream_feed(self->stream, &record->u, pk_record_finish(record));
}

#endif
