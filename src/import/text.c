// SPDX-License-Identifier: Apache-2.0
/*
 * Quoting and folding.
 */
#include "import/text.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/utf8.h"
#include "rules/limits.h"

#define LINE_MAX_COLUMNS 110u

void pk_import_text_fini(struct pk_import_text *text)
{
	pk_buf_fini(&text->buf);
}

void pk_import_text_add(struct pk_import_text *text, const char *data, size_t len)
{
	if (!text->err)
		text->err = pk_buf_add(&text->buf, data, len);
}

void pk_import_text_str(struct pk_import_text *text, const char *str)
{
	pk_import_text_add(text, str, strlen(str));
}

void pk_import_text_number(struct pk_import_text *text, int64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, number);

	pk_import_text_add(text, digits, (size_t)len);
}

void pk_import_text_append(struct pk_import_text *text, const struct pk_import_text *other)
{
	if (!text->err)
		text->err = other->err;
	pk_import_text_add(text, other->buf.data, other->buf.len_bytes);
}

/* Line ends of Unicode, what turns the direction of text around, marks that have no width. */
static bool is_hidden(unsigned int code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad ||
	       (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || (code >= 0xfe00 && code <= 0xfe0f) ||
	       code == 0xfeff || (code >= 0xfff0 && code <= 0xffff) || (code & 0xfffe) == 0xfffe ||
	       code >= 0xe0000;
}

bool pk_import_text_can_quote(const char *data, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)data;
	size_t step;

	if (!len || len > PK_MAX_STRING_BYTES / 2)
		return false;
	for (size_t i = 0; i < len; i += step) {
		step = pk_utf8_check(bytes + i, len - i);
		if (!step || is_hidden(pk_utf8_decode(bytes + i, step)))
			return false;
	}
	return true;
}

/* Backslashes and quotes by their numbers: a quote behind any backslash does not close. */
void pk_import_text_quoted(struct pk_import_text *text, const char *data, size_t len)
{
	pk_import_text_str(text, "\"");
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\\')
			pk_import_text_str(text, "\\x5c");
		else if (data[i] == '"')
			pk_import_text_str(text, "\\x22");
		else
			pk_import_text_add(text, data + i, 1);
	}
	pk_import_text_str(text, "\"");
}

/* Length of what ends at the next place where the line may be broken. */
static size_t next_word(const char *data, size_t len)
{
	const char *end = memchr(data, '\n', len);

	return end ? (size_t)(end - data) : len;
}

void pk_import_text_folded(struct pk_import_text *text, const struct pk_import_text *condition,
			   unsigned int column, unsigned int indent)
{
	const char *data = condition->buf.data;
	size_t len = condition->buf.len_bytes;
	size_t at_column = column + 1;

	if (!text->err)
		text->err = condition->err;
	pk_import_text_str(text, "'");
	for (size_t at = 0, word; at < len; at += word + 1) {
		word = next_word(data + at, len - at);
		if (at && at_column + word + 1 > LINE_MAX_COLUMNS) {
			pk_import_text_str(text, "\n");
			for (unsigned int i = 0; i < indent; i++)
				pk_import_text_str(text, " ");
			at_column = indent;
		} else if (at) {
			pk_import_text_str(text, " ");
			at_column++;
		}
		for (size_t i = 0; i < word; i++) {
			pk_import_text_add(text, data + at + i, 1);
			if (data[at + i] == '\'')
				pk_import_text_str(text, "'");
		}
		at_column += word;
	}
	pk_import_text_str(text, "'");
}

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-' || c == '/' || c == ':' || c == ' ' || c == '[' ||
	       c == ']';
}

void pk_import_text_plain(struct pk_import_text *text, const char *data, size_t len,
			  size_t max_bytes)
{
	for (size_t i = 0; i < len && i < max_bytes; i++)
		pk_import_text_add(text, is_plain((unsigned char)data[i]) ? data + i : "_", 1);
}

void pk_import_text_visible(struct pk_import_text *text, const char *data, size_t len,
			    size_t max_bytes)
{
	for (size_t i = 0; i < len && i < max_bytes; i++)
		pk_import_text_add(text, data[i] >= 0x20 && data[i] < 0x7f ? data + i : "?", 1);
	if (len > max_bytes)
		pk_import_text_str(text, "...");
}
