/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of findings, and how one is shown.
 */
#include "rules/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

#define MESSAGE_BYTES 1024
#define SHOWN_BYTES 160u /* of a long line, around the place */

void *pk_rules_alloc(struct pk_rules_ctx *ctx, size_t bytes)
{
	void *piece = pk_arena_alloc(&ctx->arena, bytes);

	if (!piece && !ctx->err)
		ctx->err = -ENOMEM;
	return piece;
}

char *pk_rules_copy(struct pk_rules_ctx *ctx, const char *data, size_t len)
{
	char *copy = pk_arena_copy(&ctx->arena, data, len);

	if (!copy && !ctx->err)
		ctx->err = -ENOMEM;
	return copy;
}

static void count(struct pk_diags *diags, enum pk_diag_severity severity)
{
	switch (severity) {
	case PK_DIAG_ERROR:
		diags->errors_cnt++;
		break;
	case PK_DIAG_WARNING:
		diags->warnings_cnt++;
		break;
	case PK_DIAG_NOTE:
		diags->notes_cnt++;
		break;
	}
}

/* Control characters and what is not UTF-8 become '?'. */
static void make_harmless(char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		size_t bytes = pk_utf8_check((const unsigned char *)text + i, len - i);
		unsigned int code = bytes ? pk_utf8_decode((const unsigned char *)text + i, bytes) :
					    0;

		if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
			memset(text + i, '?', bytes ? bytes : 1);
		}
		i += bytes ? bytes : 1;
	}
}

static void append(struct pk_diags *diags, struct pk_diag *diag)
{
	if (diags->last)
		diags->last->next = diag;
	else
		diags->first = diag;
	diags->last = diag;
	diags->cnt++;
}

static bool is_said(const struct pk_diags *diags, enum pk_diag_severity severity,
		    struct pk_rules_pos pos)
{
	for (const struct pk_diag *diag = diags->first; diag; diag = diag->next) {
		if (diag->severity == severity && diag->pos.file_idx == pos.file_idx &&
		    diag->pos.offset_bytes == pos.offset_bytes)
			return true;
	}
	return false;
}

static void __attribute__((format(printf, 6, 0)))
add(struct pk_rules_ctx *ctx, enum pk_diag_severity severity, struct pk_rules_pos pos,
    uint32_t span_bytes, const char *suggestion, const char *format, va_list args)
{
	char message[MESSAGE_BYTES];
	struct pk_diag *diag;

	if (ctx->one_a_place && is_said(&ctx->diags, severity, pos))
		return;
	count(&ctx->diags, severity);
	/* what refuses the rules is never dropped for the sake of warnings */
	if (ctx->diags.cnt >= PK_MAX_DIAGS &&
	    (severity != PK_DIAG_ERROR || ctx->diags.errors_cnt > PK_MAX_DIAGS))
		return;
	vsnprintf(message, sizeof(message), format, args);
	make_harmless(message);
	diag = pk_rules_alloc(ctx, sizeof(*diag));
	if (!diag)
		return;
	diag->severity = severity;
	diag->pos = pos;
	diag->span_bytes = span_bytes ? span_bytes : 1;
	diag->path = ctx->sources.files[pos.file_idx]->path;
	pk_rules_sources_place(&ctx->sources, pos, &diag->line, &diag->column);
	diag->message = pk_rules_copy(ctx, message, strlen(message));
	if (suggestion)
		diag->suggestion = pk_rules_copy(ctx, suggestion, strlen(suggestion));
	if (diag->message)
		append(&ctx->diags, diag);
}

void pk_diag_add(struct pk_rules_ctx *ctx, enum pk_diag_severity severity, struct pk_rules_pos pos,
		 uint32_t span_bytes, const char *suggestion, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(ctx, severity, pos, span_bytes, suggestion, format, args);
	va_end(args);
}

void pk_diag_add_text(struct pk_rules_ctx *ctx, enum pk_diag_severity severity,
		      const struct pk_rules_text *text, size_t from, size_t to,
		      const char *suggestion, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(ctx, severity, pk_rules_text_pos(text, from), pk_rules_text_span(text, from, to),
	    suggestion, format, args);
	va_end(args);
}

static int compare(const void *a, const void *b)
{
	const struct pk_diag *left = *(const struct pk_diag *const *)a;
	const struct pk_diag *right = *(const struct pk_diag *const *)b;

	if (left->pos.file_idx != right->pos.file_idx)
		return left->pos.file_idx < right->pos.file_idx ? -1 : 1;
	if (left->pos.offset_bytes != right->pos.offset_bytes)
		return left->pos.offset_bytes < right->pos.offset_bytes ? -1 : 1;
	return strcmp(left->message, right->message);
}

int pk_diags_sort(struct pk_diags *diags)
{
	pk_cleanup(pk_free_p) struct pk_diag **items = NULL;
	size_t cnt = 0;

	if (diags->cnt < 2)
		return 0;
	items = calloc(diags->cnt, sizeof(struct pk_diag *));
	if (!items)
		return -ENOMEM;
	for (struct pk_diag *diag = diags->first; diag; diag = diag->next)
		items[cnt++] = diag;
	qsort(items, cnt, sizeof(*items), compare);
	diags->first = diags->last = NULL;
	diags->cnt = 0;
	for (size_t i = 0; i < cnt; i++) {
		items[i]->next = NULL;
		append(diags, items[i]);
	}
	return 0;
}

/* The part of a long line that is shown, starting and ending with whole characters. */
static void choose_part(const char *line, size_t len, size_t before, size_t *ret_from,
			size_t *ret_to)
{
	size_t from = before > SHOWN_BYTES / 2 && len > SHOWN_BYTES ? before - SHOWN_BYTES / 2 : 0;
	size_t to = len - from > SHOWN_BYTES ? from + SHOWN_BYTES : len;

	while (from > 0 && from < before && (line[from] & 0xc0) == 0x80)
		from++;
	while (to < len && to > before && (line[to] & 0xc0) == 0x80)
		to--;
	*ret_from = from;
	*ret_to = to;
}

static int add_line(struct pk_buf *buf, const char *line, size_t from, size_t to)
{
	pk_cleanup(pk_free_p) char *copy = strndup(line + from, to - from);

	if (!copy)
		return -ENOMEM;
	for (char *c = copy; *c; c++) {
		if (*c == '\t')
			*c = ' ';
	}
	make_harmless(copy);
	return pk_buf_add_str(buf, copy);
}

/* As many characters as bytes [from, to) have. */
static size_t columns(const char *line, size_t from, size_t to)
{
	size_t cnt = 0;

	while (from < to) {
		size_t bytes = pk_utf8_check((const unsigned char *)line + from, to - from);

		from += bytes ? bytes : 1;
		cnt++;
	}
	return cnt;
}

static int add_repeated(struct pk_buf *buf, char c, size_t cnt)
{
	int err = pk_buf_reserve(buf, cnt);

	if (!err && cnt) {
		memset(buf->data + buf->len_bytes, c, cnt);
		buf->len_bytes += cnt;
	}
	return err;
}

static int add_source(const struct pk_rules_ctx *ctx, const struct pk_diag *diag,
		      struct pk_buf *buf)
{
	char margin[32];
	size_t len, before, from, to, end;
	const char *line = pk_rules_sources_line(&ctx->sources, diag->pos, &len, &before);
	size_t marks;
	int err;

	choose_part(line, len, before, &from, &to);
	end = diag->span_bytes < to - before ? before + diag->span_bytes : to;
	marks = columns(line, before, end);
	snprintf(margin, sizeof(margin), "%5u | ", diag->line);
	err = pk_buf_add_str(buf, margin);
	if (!err)
		err = add_line(buf, line, from, to);
	if (!err)
		err = pk_buf_add_str(buf, "\n      | ");
	if (!err)
		err = add_repeated(buf, ' ', columns(line, from, before));
	if (!err)
		err = pk_buf_add_char(buf, '^');
	if (!err)
		err = add_repeated(buf, '~', marks ? marks - 1 : 0);
	return err ? err : pk_buf_add_char(buf, '\n');
}

int pk_diag_print(const struct pk_rules_ctx *ctx, const struct pk_diag *diag, struct pk_buf *buf)
{
	static const char *const words[] = {
		[PK_DIAG_ERROR] = "error",
		[PK_DIAG_WARNING] = "warning",
		[PK_DIAG_NOTE] = "note",
	};
	pk_cleanup(pk_free_p) char *head = NULL;
	int err;

	if (asprintf(&head, "%s:%u:%u: %s: %s%s%s%s", diag->path, diag->line, diag->column,
		     words[diag->severity], diag->message,
		     diag->suggestion ? "; did you mean '" : "",
		     diag->suggestion ? diag->suggestion : "", diag->suggestion ? "'?" : "") < 0) {
		head = NULL;
		return -ENOMEM;
	}
	make_harmless(head);
	err = pk_buf_add_str(buf, head);
	if (!err)
		err = pk_buf_add_char(buf, '\n');
	return err ? err : add_source(ctx, diag, buf);
}
