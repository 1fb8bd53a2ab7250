/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest parts of a condition. What a part is depends on what stands before it, so there
 * are no tokens: the parser asks for what may come next.
 */
#ifndef PK_RULES_LEX_H
#define PK_RULES_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct pk_rules_lex {
	const char *data; /* NUL behind the last byte */
	size_t len_bytes;
	size_t at;
};

/* Blanks as conditions have them. */
bool pk_rules_lex_is_blank(char c);

/* Skips blanks; whether there were any. */
bool pk_rules_lex_blank(struct pk_rules_lex *lex);

static inline bool pk_rules_lex_is_end(const struct pk_rules_lex *lex)
{
	return lex->at >= lex->len_bytes;
}

/* The byte ahead; NUL at the end. */
static inline char pk_rules_lex_peek(const struct pk_rules_lex *lex)
{
	return pk_rules_lex_is_end(lex) ? '\0' : lex->data[lex->at];
}

/* Whether `text` is ahead, whatever follows; then it is skipped. */
bool pk_rules_lex_take(struct pk_rules_lex *lex, const char *text);

/* The same for a word that is a word of its own: a blank, a parenthesis or the end behind it. */
bool pk_rules_lex_take_word(struct pk_rules_lex *lex, const char *word);
bool pk_rules_lex_is_word(const struct pk_rules_lex *lex, const char *word);

/* Lengths of what is ahead, 0 if it is not that. */
size_t pk_rules_lex_name(const struct pk_rules_lex *lex);   /* letters, digits, _ */
size_t pk_rules_lex_field(const struct pk_rules_lex *lex);  /* names with dots between */
size_t pk_rules_lex_number(const struct pk_rules_lex *lex); /* 10 -1 1.5 0x1f +1e+3 */
size_t pk_rules_lex_bare(const struct pk_rules_lex *lex);   /* up to a blank or one of ()"'=, */
size_t pk_rules_lex_arg(const struct pk_rules_lex *lex);    /* bare, within [] */
size_t pk_rules_lex_found(const struct pk_rules_lex *lex);  /* to show: a word or one character */

/*
 * A quoted text is ahead: appends what it says to `buf` and goes behind it. -ENOMEM, -EFBIG;
 * -EBADMSG, and lex->at on what is wrong: on the opening quote when no closing one follows, else
 * on the backslash of an escape that means nothing.
 */
int pk_rules_lex_quoted(struct pk_rules_lex *lex, struct pk_buf *buf);

/*
 * Where the quoted text that starts at `at` closes, or `to`. As in Falco, a quote behind any
 * backslash does not close, so a text cannot end in "\\": write \x5c.
 */
size_t pk_rules_lex_quoted_end(const char *data, size_t at, size_t to);

/* Goes on to the next "and", "or" or ")" that is not within parentheses opened on the way. */
void pk_rules_lex_recover(struct pk_rules_lex *lex);

#endif
