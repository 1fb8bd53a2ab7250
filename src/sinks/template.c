// SPDX-License-Identifier: Apache-2.0
/*
 * Output templates. In: the text of a rule's `output`. Out: parts that are text as it is, and parts
 * that are a field's or a transformer's value; or every mistake, at its place.
 *
 * As Falco's engine has it: a '%' begins a width, then a field or a transformer, and as much of the
 * text belongs to that as still makes one. So "%fd.name." ends before the last dot. A '*' at the
 * beginning says that values may be missing, which they always may. "%%", a '%' to be printed, is ours.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/parse_internal.h"
#include "sinks/alert_parts.h"

/* One template being read. */
struct job {
	struct pk_rules_ctx *ctx;
	struct pk_rules_parser parser;
	struct pk_template *tmpl;
	size_t text_from; /* of the text not yet made a part */
};

/* ---- what was found ---- */

/* "proc.aname[2]", the name as it is written. */
static char *make_key(struct job *job, const char *name, const char *field_arg)
{
	size_t name_len = strlen(name);
	size_t arg_len = field_arg ? strlen(field_arg) : 0;
	char *key = pk_rules_alloc(job->ctx, name_len + arg_len + 3);

	if (!key)
		return NULL;
	memcpy(key, name, name_len);
	if (field_arg) {
		key[name_len] = '[';
		memcpy(key + name_len + 1, field_arg, arg_len);
		key[name_len + 1 + arg_len] = ']';
	}
	return key;
}

static int add_field(struct job *job, const struct pk_template_field *field)
{
	size_t cnt;
	const struct pk_template_field *fields = pk_template_get_fields(job->tmpl, &cnt);

	for (size_t i = 0; i < cnt; i++) {
		if (!strcmp(fields[i].key, field->key))
			return 0;
	}
	return pk_buf_add(&job->tmpl->fields, field, sizeof(*field));
}

static bool keep(struct job *job, int err)
{
	if (err)
		job->ctx->err = err;
	return !err;
}

static bool add_part(struct job *job, const struct pk_template_part *part)
{
	return keep(job, pk_buf_add(&job->tmpl->parts, part, sizeof(*part)));
}

/* The text before `to`, if there is any. */
static bool add_text(struct job *job, size_t to)
{
	struct pk_template_part part = {
		.text = { job->parser.lex.data + job->text_from, to - job->text_from },
	};

	return to == job->text_from || add_part(job, &part);
}

static struct pk_side *new_field(struct job *job, const struct pk_field *field, const char *name,
				 const char *field_arg)
{
	struct pk_side *side = pk_rules_alloc(job->ctx, sizeof(*side));
	struct pk_template_field named = {
		.field = field,
		.field_arg = field_arg,
		.key = make_key(job, name, field_arg),
	};

	if (!side || !named.key)
		return NULL;
	side->kind = PK_RULES_EXPR_FIELD;
	side->type = field->type;
	side->field = field;
	side->field_arg = field_arg;
	return keep(job, add_field(job, &named)) ? side : NULL;
}

/* ---- fields ---- */

/* The argument in [] behind a field, and its end; NULL: there is none, or it is not one. */
static char *read_arg(struct job *job, size_t at, size_t *ret_end)
{
	pk_buf_cleanup struct pk_buf quoted = PK_BUF_INIT;
	struct pk_rules_lex lex = job->parser.lex;
	const char *data;
	size_t len;
	int err = 0;

	lex.at = at;
	if (!pk_rules_lex_take(&lex, "["))
		return NULL;
	len = pk_rules_lex_arg(&lex);
	data = lex.data + lex.at;
	if (len) {
		lex.at += len;
	} else if (pk_rules_lex_peek(&lex) == '"' || pk_rules_lex_peek(&lex) == '\'') {
		err = pk_rules_lex_quoted(&lex, &quoted);
		data = quoted.data;
		len = quoted.len_bytes;
	}
	if (err || !len || len > PK_MAX_STRING_BYTES || !pk_rules_lex_take(&lex, "]"))
		return NULL;
	*ret_end = lex.at;
	return pk_rules_copy(job->ctx, data, len);
}

/* The longest beginning of `name` that is a field by itself; *len is its length. */
static const struct pk_field *find_shorter(char *name, size_t *len)
{
	const struct pk_field *field;

	for (size_t cut = *len; cut > 2; cut--) {
		char saved = name[cut];

		name[cut] = '\0';
		field = pk_field_find(name, NULL, NULL);
		name[cut] = saved;
		if (field) {
			*len = cut;
			return field;
		}
	}
	return NULL;
}

static void warn_shorter(struct job *job, size_t from, size_t len, size_t to)
{
	const char *text = job->parser.lex.data + from;
	size_t rest = to - from - len;

	pk_diag_add_text(job->ctx, PK_DIAG_WARNING, job->parser.text, from, to, NULL,
			 "read as the field '%.*s' and then '%.*s' as it is", (int)len, text,
			 (int)(rest < 64 ? rest : 64), text + len);
}

/* A field is ahead, `len` bytes of name. NULL: said why not. */
static const struct pk_side *parse_field(struct job *job, size_t len)
{
	struct pk_rules_lex *lex = &job->parser.lex;
	size_t from = lex->at;
	size_t end = from + len;
	char *name = len <= PK_MAX_STRING_BYTES ? pk_rules_copy(job->ctx, lex->data + from, len) :
						  NULL;
	char *arg = read_arg(job, from + len, &end);
	const char *suggestion = NULL;
	const struct pk_field *field = name ? pk_field_find(name, arg, &suggestion) : NULL;
	size_t taken = len;

	if (job->ctx->err)
		return NULL;
	if (field) {
		lex->at = end;
		return new_field(job, field, name, arg);
	}
	field = name ? find_shorter(name, &taken) : NULL;
	lex->at = field ? from + taken : end;
	if (field) {
		warn_shorter(job, from, taken, end);
		name[taken] = '\0';
		return new_field(job, field, name, NULL);
	}
	pk_rules_parser_fail(&job->parser, from, end, suggestion, "unknown field '%.*s%s%.64s%s'",
			     (int)(len < 64 ? len : 64), lex->data + from, arg ? "[" : "",
			     arg ? arg : "", arg ? "]" : "");
	return NULL;
}

/* ---- transformers ---- */

/* Called by the parser for each field within a transformer. */
static bool on_field(void *arg, const struct pk_rules_expr *expr)
{
	struct job *job = arg;
	const char *suggestion = NULL;

	if (pk_field_find(expr->field, expr->field_arg, &suggestion))
		return true;
	pk_diag_add(job->ctx, PK_DIAG_ERROR, expr->pos, expr->span_bytes, suggestion,
		    "unknown field '%.64s%s%.64s%s'", expr->field, expr->field_arg ? "[" : "",
		    expr->field_arg ? expr->field_arg : "", expr->field_arg ? "]" : "");
	return false;
}

static const struct pk_side *bind(struct job *job, const struct pk_rules_expr *expr);

static bool bind_args(struct job *job, const struct pk_rules_expr *expr, struct pk_side *side)
{
	const struct pk_side **args = pk_rules_alloc(job->ctx, expr->args_cnt * sizeof(*args));

	if (!args)
		return false;
	side->args = args;
	for (; side->args_cnt < expr->args_cnt; side->args_cnt++) {
		args[side->args_cnt] = bind(job, expr->args[side->args_cnt]);
		if (!args[side->args_cnt])
			return false;
	}
	return true;
}

static bool refuse(struct job *job, const struct pk_rules_expr *expr,
		   const struct pk_rules_expr *arg, const char *reason)
{
	job->parser.mistakes_cnt++;
	pk_diag_add(job->ctx, PK_DIAG_ERROR, arg->pos, arg->span_bytes, NULL, "%s() %s",
		    pk_rules_transformer_name(expr->transformer), reason);
	return false;
}

/* getopt() reads its options once: they have to be there. */
static bool check_getopt(struct job *job, const struct pk_rules_expr *expr)
{
	for (size_t i = 1; i < expr->args_cnt; i++) {
		if (expr->args[i]->kind != PK_RULES_EXPR_VALUE)
			return refuse(job, expr, expr->args[i],
				      "takes its options as a quoted text");
	}
	return true;
}

/* Whether the arguments will do, and the type of what comes out. As conditions have it. */
static bool check_types(struct job *job, const struct pk_rules_expr *expr, struct pk_side *side)
{
	bool text = pk_type_is_text(side->args[0]->type);

	side->type = PK_FIELD_TEXT;
	switch (expr->transformer) {
	case PK_RULES_TRANSFORMER_JOIN:
	case PK_RULES_TRANSFORMER_CONCAT:
		return true;
	case PK_RULES_TRANSFORMER_LEN:
		side->type = PK_FIELD_UINT;
		break;
	case PK_RULES_TRANSFORMER_GETOPT:
		if (!expr->field_arg)
			side->type = PK_FIELD_LIST;
		if (!check_getopt(job, expr))
			return false;
		break;
	default:
		break;
	}
	return text || refuse(job, expr, expr->args[0], "takes a text, and this is none");
}

static const struct pk_side *bind_field(struct job *job, const struct pk_rules_expr *expr)
{
	const struct pk_field *field = pk_field_find(expr->field, expr->field_arg, NULL);

	assert(field); /* on_field() asked already */
	return new_field(job, field, expr->field, expr->field_arg);
}

/* What the rule language read, ready to be evaluated. NULL: said why not. */
static const struct pk_side *bind(struct job *job, const struct pk_rules_expr *expr)
{
	struct pk_side *side;

	if (expr->kind == PK_RULES_EXPR_FIELD)
		return bind_field(job, expr);
	side = pk_rules_alloc(job->ctx, sizeof(*side));
	if (!side)
		return NULL;
	side->kind = expr->kind;
	if (expr->kind == PK_RULES_EXPR_VALUE) {
		side->type = PK_FIELD_TEXT;
		side->text = (struct pk_value_text){ expr->value.data, expr->value.len_bytes };
		return side;
	}
	if (!bind_args(job, expr, side))
		return NULL;
	side->type = PK_FIELD_LIST;
	if (expr->kind == PK_RULES_EXPR_LIST)
		return side;
	side->transformer = expr->transformer;
	side->field_arg = expr->field_arg;
	return check_types(job, expr, side) ? side : NULL;
}

/* ---- what stands behind a '%' ---- */

/* Digits ahead; false: said why they will not do. */
static bool parse_width(struct job *job, uint32_t *ret_width)
{
	struct pk_rules_lex *lex = &job->parser.lex;
	size_t from = lex->at;
	uint32_t width = 0;

	for (; pk_rules_lex_peek(lex) >= '0' && pk_rules_lex_peek(lex) <= '9'; lex->at++) {
		if (width <= PK_MAX_TEMPLATE_WIDTH)
			width = width * 10 + (uint32_t)(pk_rules_lex_peek(lex) - '0');
	}
	*ret_width = width;
	if (width <= PK_MAX_TEMPLATE_WIDTH)
		return true;
	pk_rules_parser_fail(&job->parser, from, lex->at, NULL, "width of more than %u characters",
			     PK_MAX_TEMPLATE_WIDTH);
	return false;
}

static void fail_nothing(struct job *job, size_t percent)
{
	struct pk_rules_lex *lex = &job->parser.lex;

	if (pk_rules_lex_is_end(lex))
		pk_rules_parser_fail(
			&job->parser, percent, lex->at, NULL,
			"nothing behind this '%%'; a '%%' to be printed is written '%%%%'");
	else
		pk_rules_parser_fail(
			&job->parser, percent, lex->at + 1, NULL,
			"neither a field nor a transformer behind this '%%'; a '%%' to be printed "
			"is written '%%%%'");
}

/* Behind the '%' at `percent`. False: said why not, the rest can be read on. */
static bool parse_value(struct job *job, size_t percent)
{
	struct pk_rules_parser *parser = &job->parser;
	struct pk_rules_lex *lex = &parser->lex;
	struct pk_template_part part = { 0 };
	const struct pk_rules_expr *expr;
	size_t len;

	if (!parse_width(job, &part.width))
		return false;
	len = pk_rules_lex_field(lex);
	if (pk_rules_parser_is_transformer(parser)) {
		parser->nesting = 0;
		expr = pk_rules_parse_expr(parser, false);
		part.side = expr ? bind(job, expr) : NULL;
	} else if (len) {
		part.side = parse_field(job, len);
	} else {
		fail_nothing(job, percent);
	}
	return part.side && add_part(job, &part);
}

static void parse_parts(struct job *job)
{
	struct pk_rules_lex *lex = &job->parser.lex;

	while (!job->ctx->err) {
		size_t percent = lex->at + strcspn(lex->data + lex->at, "%");

		if (percent >= lex->len_bytes)
			break;
		lex->at = percent + 1;
		if (pk_rules_lex_take(lex, "%")) {
			add_text(job, percent + 1);
		} else {
			add_text(job, percent);
			parse_value(job, percent);
		}
		job->text_from = lex->at;
	}
	lex->at = lex->len_bytes;
	add_text(job, lex->len_bytes);
}

/* ---- the template ---- */

static struct pk_template *parse(struct pk_rules_ctx *ctx, const struct pk_rules_text *text,
				 const char *data, size_t len)
{
	pk_cleanup(pk_template_free_p) struct pk_template *tmpl = calloc(1, sizeof(*tmpl));
	struct pk_rules_parse_env env = { .ctx = ctx, .field = on_field };
	struct job job = { .ctx = ctx, .tmpl = tmpl };

	if (!tmpl) {
		ctx->err = -ENOMEM;
		return NULL;
	}
	env.arg = &job;
	job.parser = (struct pk_rules_parser){ .env = &env, .text = text };
	job.parser.lex = (struct pk_rules_lex){ .data = data, .len_bytes = len };
	pk_rules_lex_blank(&job.parser.lex);
	if (pk_rules_lex_is_end(&job.parser.lex))
		pk_rules_parser_fail(&job.parser, 0, text->len_bytes, NULL, "empty output");
	pk_rules_lex_take(&job.parser.lex, "*");
	job.text_from = job.parser.lex.at;
	parse_parts(&job);
	return ctx->err || job.parser.mistakes_cnt ? NULL : pk_take_ptr(tmpl);
}

struct pk_template *pk_template_new(struct pk_rules_ctx *ctx, const struct pk_rules_text *text)
{
	size_t len = text->len_bytes;
	const char *data;

	if (ctx->err)
		return NULL;
	/* blanks around belong to how YAML folds, not to the text */
	while (len && pk_rules_lex_is_blank(text->data[len - 1]))
		len--;
	/* the lexer wants a NUL where the text ends */
	data = pk_rules_copy(ctx, text->data, len);
	return data ? parse(ctx, text, data, len) : NULL;
}

void pk_template_free(struct pk_template *tmpl)
{
	if (!tmpl)
		return;
	pk_buf_fini(&tmpl->parts);
	pk_buf_fini(&tmpl->fields);
	free(tmpl);
}

const struct pk_template_field *pk_template_get_fields(const struct pk_template *tmpl,
						       size_t *ret_cnt)
{
	*ret_cnt = tmpl->fields.len_bytes / sizeof(struct pk_template_field);
	return (const struct pk_template_field *)tmpl->fields.data;
}
