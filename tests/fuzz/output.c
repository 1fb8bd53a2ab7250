/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of what the sinks wrote: a strict JSON reader, and a look for control characters.
 */
#include <string.h>

#include "base/utf8.h"
#include "fuzz.h"

#define MAX_DEPTH 16

struct reader {
	const unsigned char *p;
	const unsigned char *end;
	int depth;
};

static bool read_value(struct reader *r);

static bool take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != (unsigned char)c)
		return false;
	r->p++;
	return true;
}

static bool take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
		return false;
	r->p += len;
	return true;
}

static bool is_hex(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool read_escape(struct reader *r)
{
	if (r->end - r->p < 1)
		return false;
	if (*r->p != 'u')
		return memchr("\"\\bfnrt", *r->p, 7) && r->p++;
	r->p++;
	for (int i = 0; i < 4; i++, r->p++) {
		if (r->p == r->end || !is_hex(*r->p))
			return false;
	}
	return true;
}

static bool read_string(struct reader *r)
{
	if (!take(r, '"'))
		return false;
	while (r->p < r->end && *r->p != '"') {
		size_t bytes = pk_utf8_check(r->p, (size_t)(r->end - r->p));

		if (!bytes || *r->p < 0x20 || *r->p == 0x7f)
			return false;
		if (bytes == 2 && r->p[0] == 0xc2 && r->p[1] < 0xa0)
			return false;
		if (*r->p == '\\') {
			r->p++;
			if (!read_escape(r))
				return false;
			continue;
		}
		r->p += bytes;
	}
	return take(r, '"');
}

static bool read_number(struct reader *r)
{
	const unsigned char *start;

	take(r, '-');
	start = r->p;
	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return r->p > start && (*start != '0' || r->p == start + 1);
}

static bool read_members(struct reader *r, char close, bool named)
{
	if (take(r, close))
		return true;
	do {
		if (named && (!read_string(r) || !take(r, ':')))
			return false;
		if (!read_value(r))
			return false;
	} while (take(r, ','));
	return take(r, close);
}

static bool read_value(struct reader *r)
{
	bool ok;

	if (r->p == r->end || ++r->depth > MAX_DEPTH)
		return false;
	if (*r->p == '"')
		ok = read_string(r);
	else if (take(r, '{'))
		ok = read_members(r, '}', true);
	else if (take(r, '['))
		ok = read_members(r, ']', false);
	else
		ok = take_word(r, "true") || read_number(r);
	r->depth--;
	return ok;
}

bool fuzz_is_json_lines(const char *data, size_t len)
{
	struct reader r = { .p = (const unsigned char *)data,
			    .end = (const unsigned char *)data + len };

	while (r.p < r.end) {
		if (*r.p != '{' || !read_value(&r) || !take(&r, '\n'))
			return false;
	}
	return true;
}

bool fuzz_is_harmless_text(const char *data, size_t len)
{
	const unsigned char *p = (const unsigned char *)data;

	for (size_t i = 0; i < len;) {
		size_t bytes = pk_utf8_check(p + i, len - i);

		if (!bytes || (p[i] < 0x20 && p[i] != '\n') || p[i] == 0x7f)
			return false;
		if (bytes == 2 && p[i] == 0xc2 && p[i + 1] < 0xa0)
			return false;
		i += bytes;
	}
	return len == 0 || data[len - 1] == '\n';
}
