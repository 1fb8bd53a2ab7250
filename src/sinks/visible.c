// SPDX-License-Identifier: Apache-2.0
/*
 * Text that an observed process chose, made fit for a terminal: nothing in it acts, hides or
 * reorders what stands around it.
 */
#include <stdbool.h>
#include <stdio.h>

#include "base/utf8.h"
#include "sinks/text.h"

/* Controls, and characters that hide, reorder or break the text around them. */
static bool is_invisible(unsigned int code)
{
	static const struct {
		unsigned int first;
		unsigned int last;
	} ranges[] = {
		{ 0x0, 0x1f },      { 0x7f, 0x9f },     { 0xad, 0xad },       { 0x61c, 0x61c },
		{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },   { 0x2060, 0x206f },
		{ 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
	};

	if (code >= 0x20 && code < 0x7f)
		return false;
	for (size_t i = 0; i < PK_ARRAY_SIZE(ranges); i++) {
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	}
	return false;
}

static int add_escape(struct pk_buf *out, unsigned int code)
{
	char text[16];

	if (code == '\n' || code == '\t' || code == '\r')
		snprintf(text, sizeof(text), "\\%c", code == '\n' ? 'n' : code == '\t' ? 't' : 'r');
	else if (code < 0x80)
		snprintf(text, sizeof(text), "\\x%02x", code);
	else
		snprintf(text, sizeof(text), "\\u{%x}", code);
	return pk_buf_add_str(out, text);
}

int pk_text_visible(struct pk_buf *out, const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *)data;
	int err = 0;

	for (size_t i = 0; i < len && !err;) {
		size_t bytes = pk_utf8_check(p + i, len - i);
		unsigned int code = bytes ? pk_utf8_decode(p + i, bytes) : 0;
		char text[8];

		if (!bytes) {
			snprintf(text, sizeof(text), "\\x%02x", p[i]);
			err = pk_buf_add_str(out, text);
			bytes = 1;
		} else if (is_invisible(code)) {
			err = add_escape(out, code);
		} else {
			err = pk_buf_add(out, p + i, bytes);
		}
		i += bytes;
	}
	return err;
}
