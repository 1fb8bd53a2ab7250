/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Condition text, part by part. The parts and the escapes are Falco's: what its engine takes, and
 * nothing else.
 */
#include "rules/lex.h"

#include <errno.h>
#include <string.h>

bool pk_rules_lex_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\b';
}

bool pk_rules_lex_blank(struct pk_rules_lex *lex)
{
	size_t start = lex->at;

	while (!pk_rules_lex_is_end(lex) && pk_rules_lex_is_blank(lex->data[lex->at]))
		lex->at++;
	return lex->at > start;
}

static bool is_ahead(const struct pk_rules_lex *lex, const char *text)
{
	size_t len = strlen(text);

	return lex->len_bytes - lex->at >= len && !memcmp(lex->data + lex->at, text, len);
}

bool pk_rules_lex_take(struct pk_rules_lex *lex, const char *text)
{
	if (!is_ahead(lex, text))
		return false;
	lex->at += strlen(text);
	return true;
}

bool pk_rules_lex_is_word(const struct pk_rules_lex *lex, const char *word)
{
	size_t end = lex->at + strlen(word);

	if (!is_ahead(lex, word))
		return false;
	return end == lex->len_bytes || pk_rules_lex_is_blank(lex->data[end]) ||
	       lex->data[end] == '(' || lex->data[end] == ')';
}

bool pk_rules_lex_take_word(struct pk_rules_lex *lex, const char *word)
{
	if (!pk_rules_lex_is_word(lex, word))
		return false;
	lex->at += strlen(word);
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The texts end with NUL, so looking one byte ahead is always fine. */
static size_t name_at(const char *text)
{
	size_t len = 0;

	if (!is_letter(text[0]))
		return 0;
	while (is_letter(text[len]) || is_digit(text[len]) || text[len] == '_')
		len++;
	return len;
}

size_t pk_rules_lex_name(const struct pk_rules_lex *lex)
{
	return name_at(lex->data + lex->at);
}

size_t pk_rules_lex_field(const struct pk_rules_lex *lex)
{
	const char *text = lex->data + lex->at;
	size_t len = name_at(text);
	size_t more;

	if (!len || text[len] != '.' || !name_at(text + len + 1))
		return 0;
	while (text[len] == '.' && (more = name_at(text + len + 1)) > 0)
		len += 1 + more;
	return len;
}

static size_t digits_at(const char *text)
{
	size_t len = 0;

	while (is_digit(text[len]))
		len++;
	return len;
}

size_t pk_rules_lex_number(const struct pk_rules_lex *lex)
{
	const char *text = lex->data + lex->at;
	size_t len = 0;
	size_t more;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && hex_digit(text[2]) >= 0) {
		for (len = 3; hex_digit(text[len]) >= 0; len++)
			;
		return len;
	}
	if (text[0] == '+' || text[0] == '-')
		len++;
	more = digits_at(text + len);
	if (!more)
		return 0;
	len += more;
	if (text[len] == '.')
		len++;
	len += digits_at(text + len);
	if ((text[len] == 'e' || text[len] == 'E') &&
	    (text[len + 1] == '+' || text[len + 1] == '-')) {
		more = digits_at(text + len + 2);
		len += more ? more + 2 : 0;
	}
	return len;
}

size_t pk_rules_lex_bare(const struct pk_rules_lex *lex)
{
	return strcspn(lex->data + lex->at, "()\"'=, \t\n\r\v\f");
}

size_t pk_rules_lex_arg(const struct pk_rules_lex *lex)
{
	return strcspn(lex->data + lex->at, "[]\"' \t\n\r\v\f");
}

size_t pk_rules_lex_found(const struct pk_rules_lex *lex)
{
	size_t len = pk_rules_lex_bare(lex);

	if (len || pk_rules_lex_is_end(lex))
		return len;
	return 1;
}

/* What the escape at `text` (behind the backslash) says; its length, 0: nothing. */
static size_t escape_at(const char *text, char quote, char *ret_char)
{
	static const char letters[] = "bfnrt\\/ ";
	static const char meanings[] = "\b\f\n\r\t\\/\\"; /* "\ " has always been a backslash */
	const char *found = text[0] ? strchr(letters, text[0]) : NULL;
	int high, low;

	if (found) {
		*ret_char = meanings[found - letters];
		return 1;
	}
	if (text[0] == quote) {
		*ret_char = quote;
		return 1;
	}
	if (text[0] != 'x')
		return 0;
	high = hex_digit(text[1]);
	low = high < 0 ? -1 : hex_digit(text[2]);
	if (low < 0)
		return 0;
	*ret_char = (char)(high * 16 + low);
	return *ret_char ? 3 : 0;
}

size_t pk_rules_lex_quoted_end(const char *data, size_t at, size_t to)
{
	char quote = data[at];

	for (at++; at < to; at++) {
		if (data[at] == quote && data[at - 1] != '\\')
			return at;
	}
	return to;
}

int pk_rules_lex_quoted(struct pk_rules_lex *lex, struct pk_buf *buf)
{
	char quote = lex->data[lex->at];
	size_t end = pk_rules_lex_quoted_end(lex->data, lex->at, lex->len_bytes);

	if (end == lex->len_bytes)
		return -EBADMSG;
	lex->at++;
	while (lex->at < end) {
		char c = lex->data[lex->at];
		size_t len = 1;
		int err;

		if (c == '\\') {
			len = escape_at(lex->data + lex->at + 1, quote, &c);
			if (!len)
				return -EBADMSG;
			len++;
		}
		err = pk_buf_add_char(buf, c);
		if (err)
			return err;
		lex->at += len;
	}
	lex->at = end + 1;
	return 0;
}

/* Behind the quoted text ahead; one byte on if it has no end. */
static void skip_quoted(struct pk_rules_lex *lex)
{
	size_t end = pk_rules_lex_quoted_end(lex->data, lex->at, lex->len_bytes);

	lex->at = end < lex->len_bytes ? end + 1 : lex->at + 1;
}

void pk_rules_lex_recover(struct pk_rules_lex *lex)
{
	size_t depth = 0;
	bool at_start = true;

	while (!pk_rules_lex_is_end(lex)) {
		char c = lex->data[lex->at];

		if (c == ')' && !depth)
			return;
		if (at_start && !depth &&
		    (pk_rules_lex_is_word(lex, "and") || pk_rules_lex_is_word(lex, "or")))
			return;
		if (c == '"' || c == '\'') {
			skip_quoted(lex);
			at_start = true;
			continue;
		}
		depth += c == '(';
		depth -= c == ')';
		at_start = pk_rules_lex_is_blank(c) || c == '(' || c == ')';
		lex->at++;
	}
}
