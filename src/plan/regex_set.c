/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of a regular expression, [...], and escapes of characters, which stand in sets and outside.
 */
#include <string.h>

#include "plan/regex.h"

#define LAST_CODE 0x10ffffu

struct set {
	struct pk_byte_set bytes;
	struct pk_regex_node *chars; /* ALT: members beyond ASCII; NULL: none */
	bool negated;
	size_t start; /* where '[' is */
};

static bool more(const struct pk_regex_parser *parser)
{
	return parser->at < parser->len;
}

static char peek(const struct pk_regex_parser *parser)
{
	return more(parser) ? parser->text[parser->at] : '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Digits of \x{...}, with the closing brace. */
static bool braced_hex(struct pk_regex_parser *parser, uint32_t *ret_code)
{
	size_t start = parser->at;
	uint32_t code = 0;

	for (; more(parser) && hex_digit(peek(parser)) >= 0; parser->at++) {
		code = code * 16 + (uint32_t)hex_digit(peek(parser));
		if (code > LAST_CODE)
			return pk_regex_refuse(parser, start, "there is no such character");
	}
	if (parser->at == start || peek(parser) != '}')
		return pk_regex_refuse(parser, start, "expected hexadecimal digits and '}'");
	if (code >= 0xd800 && code <= 0xdfff)
		return pk_regex_refuse(parser, start, "there is no such character");
	parser->at++;
	*ret_code = code;
	return true;
}

/* Behind \x. */
static bool hex(struct pk_regex_parser *parser, uint32_t *ret_code)
{
	size_t start = parser->at;
	uint32_t code = 0;

	if (peek(parser) == '{') {
		parser->at++;
		return braced_hex(parser, ret_code);
	}
	for (int i = 0; i < 2; i++, parser->at++) {
		int digit = hex_digit(peek(parser));

		if (digit < 0)
			return pk_regex_refuse(parser, start, "expected two hexadecimal digits");
		code = code * 16 + (uint32_t)digit;
	}
	*ret_code = code;
	return true;
}

/* \0, \012; \1 to \9 alone would be backreferences. */
static bool octal(struct pk_regex_parser *parser, uint32_t *ret_code)
{
	size_t start = parser->at;
	uint32_t code = (uint32_t)(parser->text[parser->at++] - '0');
	bool two = peek(parser) >= '0' && peek(parser) <= '7';

	if (code > 7 || (code > 0 && !two))
		return pk_regex_refuse(parser, start, "backreferences are not supported");
	for (int i = 0; i < 2 && peek(parser) >= '0' && peek(parser) <= '7'; i++)
		code = code * 8 + (uint32_t)(parser->text[parser->at++] - '0');
	*ret_code = code;
	return true;
}

bool pk_regex_escape(struct pk_regex_parser *parser, uint32_t *ret_code)
{
	static const char letters[] = "afnrtv";
	static const char values[] = "\a\f\n\r\t\v";
	size_t start = parser->at;
	const char *letter;
	char c = peek(parser);

	if (!more(parser))
		return pk_regex_refuse(parser, start, "there is nothing behind the backslash");
	if (c == 'p' || c == 'P')
		return pk_regex_refuse(parser, start,
				       "Unicode classes (\\p) are not supported: texts are bytes");
	if (c == 'Z' || c == 'G')
		return pk_regex_refuse(parser, start, "there is no such anchor: \\A and \\z are");
	if (c >= '0' && c <= '9')
		return octal(parser, ret_code);
	parser->at++;
	if (c == 'x')
		return hex(parser, ret_code);
	letter = c ? strchr(letters, c) : NULL;
	if (letter) {
		*ret_code = (uint32_t)values[letter - letters];
		return true;
	}
	if ((unsigned char)c >= 0x80 || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
		return pk_regex_refuse(parser, start, "there is no such escape");
	*ret_code = (uint32_t)c;
	return true;
}

/* [:name:] or [:^name:] at parser->at. 0: there is none; 1: taken; -1: error noted. */
static int parse_class(struct pk_regex_parser *parser, struct set *set)
{
	const char *text = parser->text + parser->at;
	size_t left = parser->len - parser->at;
	struct pk_byte_set members = { 0 };
	const char *end;
	bool negated;

	if (left < 4 || text[0] != '[' || text[1] != ':')
		return 0;
	end = memmem(text + 2, left - 2, ":]", 2);
	if (!end)
		return 0;
	negated = text[2] == '^';
	text += 2 + negated;
	if (!pk_byte_set_add_class(&members, text, (size_t)(end - text))) {
		pk_regex_refuse(parser, parser->at, "there is no class of this name");
		return -1;
	}
	if (negated)
		pk_byte_set_invert(&members);
	for (size_t i = 0; i < PK_ARRAY_SIZE(members.bits); i++)
		set->bytes.bits[i] |= members.bits[i];
	parser->at = (size_t)(end + 2 - parser->text);
	return 1;
}

/* A character, escaped or not. */
static bool parse_member(struct pk_regex_parser *parser, uint32_t *ret_code)
{
	if (!more(parser))
		return pk_regex_refuse(parser, parser->at, "a set is not closed");
	if (peek(parser) == '\\') {
		parser->at++;
		return pk_regex_escape(parser, ret_code);
	}
	if (!pk_regex_next_char(parser, ret_code))
		return pk_regex_refuse(parser, parser->at - 1, "this is not UTF-8");
	return true;
}

static bool add_char(struct pk_regex_parser *parser, struct set *set, uint32_t code)
{
	struct pk_regex_node *node = pk_regex_char(parser, code);

	if (!set->chars)
		set->chars = pk_regex_node_new(parser, PK_REGEX_ALT);
	if (!node || !set->chars)
		return false;
	pk_regex_add_child(set->chars, node);
	return true;
}

static bool add_range(struct pk_regex_parser *parser, struct set *set, uint32_t first,
		      uint32_t last, size_t at)
{
	if (first > last)
		return pk_regex_refuse(parser, at, "the range's ends are the wrong way round");
	if (last < 0x80) {
		pk_byte_set_add_range(&set->bytes, first, last);
		return true;
	}
	/* up to the last character: all bytes beyond ASCII */
	if (first <= 0x80 && last == LAST_CODE) {
		pk_byte_set_add_range(&set->bytes, first, 0xff);
		return true;
	}
	if (set->negated)
		return pk_regex_refuse(
			parser, at, "characters beyond ASCII in a negated set are not supported");
	if (first != last)
		return pk_regex_refuse(parser, at, "ranges beyond ASCII are not supported");
	return add_char(parser, set, first);
}

static bool parse_range(struct pk_regex_parser *parser, struct set *set)
{
	size_t start = parser->at;
	uint32_t first = 0, last;

	if (!parse_member(parser, &first))
		return false;
	last = first;
	if (parser->len - parser->at >= 2 && peek(parser) == '-' &&
	    parser->text[parser->at + 1] != ']') {
		parser->at++;
		if (!parse_member(parser, &last))
			return false;
	}
	return add_range(parser, set, first, last, start);
}

static bool parse_item(struct pk_regex_parser *parser, struct set *set)
{
	int got = parse_class(parser, set);

	if (got)
		return got > 0;
	if (peek(parser) == '\\' && parser->at + 1 < parser->len &&
	    pk_regex_perl_class(parser->text[parser->at + 1], &set->bytes)) {
		parser->at += 2;
		return true;
	}
	return parse_range(parser, set);
}

static struct pk_regex_node *finish(struct pk_regex_parser *parser, struct set *set)
{
	struct pk_regex_node *node = pk_regex_node_new(parser, PK_REGEX_SET);

	if (!node)
		return NULL;
	if (parser->flags & PK_REGEX_ICASE)
		pk_byte_set_fold(&set->bytes);
	if (set->negated)
		pk_byte_set_invert(&set->bytes);
	node->set = set->bytes;
	if (!set->chars)
		return node;
	pk_regex_add_child(set->chars, node);
	return set->chars;
}

struct pk_regex_node *pk_regex_parse_set(struct pk_regex_parser *parser)
{
	struct set set = { .start = parser->at - 1 };
	size_t first;

	set.negated = peek(parser) == '^';
	parser->at += set.negated;
	first = parser->at;
	while (more(parser) && (peek(parser) != ']' || parser->at == first)) {
		if (!parse_item(parser, &set))
			return NULL;
	}
	if (!more(parser))
		return pk_regex_refuse(parser, set.start, "this '[' is not closed");
	parser->at++;
	return finish(parser, &set);
}
