/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with the rules, and where. In: findings of every stage, in any order. Out: a list
 * that the caller prints. Library code prints nothing itself.
 */
#ifndef PK_RULES_DIAG_H
#define PK_RULES_DIAG_H

#include "rules/source.h"

enum pk_diag_severity {
	PK_DIAG_ERROR = 0,   /* the rules are refused */
	PK_DIAG_WARNING = 1, /* loaded, but likely not what was meant */
	PK_DIAG_NOTE = 2,    /* loaded; unused macros and lists */
};

struct pk_diag {
	enum pk_diag_severity severity;
	struct pk_rules_pos pos;
	uint32_t span_bytes;
	const char *path;
	uint32_t line;   /* from 1 */
	uint32_t column; /* from 1, in characters; a tab is one */
	const char *message;
	const char *suggestion; /* what was likely meant; NULL: no idea */
	struct pk_diag *next;
};

struct pk_diags {
	struct pk_diag *first, *last;
	size_t cnt;                                 /* kept */
	size_t errors_cnt, warnings_cnt, notes_cnt; /* seen, kept or not */
};

/* What every stage of loading shares. `err` is what no diagnostic can tell: -ENOMEM and the like;
 * it sticks, and the first one wins. */
struct pk_rules_ctx {
	struct pk_arena arena;
	struct pk_rules_sources sources;
	struct pk_diags diags;
	/* From here on one finding of a severity is enough for a place: stages look at the same again. */
	bool one_a_place;
	int err;
};

/* As pk_arena_alloc(), with -ENOMEM noted in ctx->err. */
void *pk_rules_alloc(struct pk_rules_ctx *ctx, size_t bytes);
char *pk_rules_copy(struct pk_rules_ctx *ctx, const char *data, size_t len);

/* Adds one finding; `suggestion` may be NULL and is copied. Control characters in the message
 * become '?'. */
void pk_diag_add(struct pk_rules_ctx *ctx, enum pk_diag_severity severity, struct pk_rules_pos pos,
		 uint32_t span_bytes, const char *suggestion, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* The same for bytes [from, to) of a text. */
void pk_diag_add_text(struct pk_rules_ctx *ctx, enum pk_diag_severity severity,
		      const struct pk_rules_text *text, size_t from, size_t to,
		      const char *suggestion, const char *format, ...)
	__attribute__((format(printf, 7, 8)));

/* Puts the findings in the order of the files and of the places in them. -ENOMEM */
int pk_diags_sort(struct pk_diags *diags);

/*
 * One finding as text, with the line of the file and the place underlined:
 *   rules.yaml:3:20: error: unknown operator 'contain'; did you mean 'contains'?
 *       3 |   condition: proc.name contain sh
 *         |                        ^~~~~~~
 * Nothing in it can drive a terminal. -ENOMEM, -EFBIG.
 */
int pk_diag_print(const struct pk_rules_ctx *ctx, const struct pk_diag *diag, struct pk_buf *buf);

#endif
