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

/* A rule and an event around values given by hand. */
struct alerted {
	struct pk_record record;
	struct pk_rule rule;
	struct pk_context context;
	struct pk_view view;
	struct pk_alert alert;
	struct values values;
};

#endif
