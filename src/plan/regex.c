/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: text to tree. See regex.h for the language.
 */
#include "plan/regex.h"

#include <string.h>

#include "base/utf8.h"

struct pk_regex_name {
	const char *text;
	size_t len;
	struct pk_regex_name *next;
};

static struct pk_regex_node *parse_alternatives(struct pk_regex_parser *parser);

void *pk_regex_refuse(struct pk_regex_parser *parser, size_t at, const char *reason)
{
	if (!parser->err) {
		parser->err = -EINVAL;
		parser->reason = reason;
		parser->reason_at = at;
	}
	return NULL;
}

struct pk_regex_node *pk_regex_node_new(struct pk_regex_parser *parser, enum pk_regex_kind kind)
{
	struct pk_regex_node *node = pk_arena_alloc(parser->arena, sizeof(*node));

	if (!node) {
		if (!parser->err)
			parser->err = -ENOMEM;
		return NULL;
	}
	node->kind = kind;
	return node;
}

void pk_regex_add_child(struct pk_regex_node *node, struct pk_regex_node *child)
{
	child->before = node->last;
	node->last = child;
}

static bool more(const struct pk_regex_parser *parser)
{
	return parser->at < parser->len;
}

static bool looking_at(const struct pk_regex_parser *parser, const char *what)
{
	size_t len = strlen(what);

	return parser->len - parser->at >= len && memcmp(parser->text + parser->at, what, len) == 0;
}

static bool accept(struct pk_regex_parser *parser, const char *what)
{
	if (!looking_at(parser, what))
		return false;
	parser->at += strlen(what);
	return true;
}

static struct pk_regex_node *set_node(struct pk_regex_parser *parser, const struct pk_byte_set *set)
{
	struct pk_regex_node *node = pk_regex_node_new(parser, PK_REGEX_SET);

	if (node)
		node->set = *set;
	return node;
}

static struct pk_regex_node *byte_node(struct pk_regex_parser *parser, uint8_t byte)
{
	struct pk_regex_node *node = pk_regex_node_new(parser, PK_REGEX_BYTE);

	if (node)
		node->byte = byte;
	return node;
}

static size_t encode(uint32_t code, uint8_t bytes[4])
{
	size_t cnt = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = cnt; i-- > 1; code >>= 6)
		bytes[i] = 0x80 | (code & 0x3f);
	bytes[0] = cnt == 1 ? (uint8_t)code : (uint8_t)((0xf00u >> cnt) | code);
	return cnt;
}

struct pk_regex_node *pk_regex_char(struct pk_regex_parser *parser, uint32_t code)
{
	struct pk_byte_set set = { 0 };
	struct pk_regex_node *cat;
	uint8_t bytes[4];
	size_t cnt = encode(code, bytes);

	if (cnt == 1 && (parser->flags & PK_REGEX_ICASE)) {
		pk_byte_set_add(&set, code);
		pk_byte_set_fold(&set);
		return set_node(parser, &set);
	}
	if (cnt == 1)
		return byte_node(parser, (uint8_t)code);
	cat = pk_regex_node_new(parser, PK_REGEX_CAT);
	for (size_t i = 0; cat && i < cnt; i++) {
		struct pk_regex_node *byte = byte_node(parser, bytes[i]);

		if (!byte)
			return NULL;
		pk_regex_add_child(cat, byte);
	}
	return cat;
}

bool pk_regex_next_char(struct pk_regex_parser *parser, uint32_t *ret_code)
{
	const unsigned char *p = (const unsigned char *)parser->text + parser->at;
	size_t bytes = pk_utf8_check(p, parser->len - parser->at);

	*ret_code = bytes ? pk_utf8_decode(p, bytes) : *p;
	parser->at += bytes ? bytes : 1;
	return bytes != 0;
}

bool pk_regex_perl_class(char letter, struct pk_byte_set *set)
{
	struct pk_byte_set members = { 0 };

	switch (letter | 0x20) {
	case 'd':
		pk_byte_set_add_range(&members, '0', '9');
		break;
	case 's': /* without the vertical tab, which [:space:] has */
		pk_byte_set_add_range(&members, '\t', '\n');
		pk_byte_set_add_range(&members, '\f', '\r');
		pk_byte_set_add(&members, ' ');
		break;
	case 'w':
		pk_byte_set_add_class(&members, "word", 4);
		break;
	default:
		return false;
	}
	if (letter < 'a')
		pk_byte_set_invert(&members);
	for (size_t i = 0; i < PK_ARRAY_SIZE(set->bits); i++)
		set->bits[i] |= members.bits[i];
	return true;
}

/* `^` and `$` and their relatives. */
static struct pk_regex_node *beside(struct pk_regex_parser *parser, enum pk_regex_kind kind,
				    unsigned int mask)
{
	struct pk_regex_node *node = pk_regex_node_new(parser, kind);

	if (node)
		node->mask = (uint8_t)mask;
	return node;
}

/* \b: kinds differ on both sides; \B: they do not. */
static struct pk_regex_node *word_edge(struct pk_regex_parser *parser, bool negated)
{
	unsigned int other = PK_BESIDE_EDGE | PK_BESIDE_NEWLINE | PK_BESIDE_OTHER;
	struct pk_regex_node *alt = pk_regex_node_new(parser, PK_REGEX_ALT);

	for (int word_before = 0; alt && word_before < 2; word_before++) {
		bool word_behind = negated ? word_before : !word_before;
		struct pk_regex_node *cat = pk_regex_node_new(parser, PK_REGEX_CAT);
		struct pk_regex_node *prev = beside(parser, PK_REGEX_PREV,
						    word_before ? PK_BESIDE_WORD : other);
		struct pk_regex_node *next = beside(parser, PK_REGEX_NEXT,
						    word_behind ? PK_BESIDE_WORD : other);

		if (!cat || !prev || !next)
			return NULL;
		pk_regex_add_child(cat, prev);
		pk_regex_add_child(cat, next);
		pk_regex_add_child(alt, cat);
	}
	return alt;
}

static struct pk_regex_node *any(struct pk_regex_parser *parser, bool newline_too)
{
	struct pk_byte_set set = { 0 };

	if (!newline_too)
		pk_byte_set_add(&set, '\n');
	pk_byte_set_invert(&set);
	return set_node(parser, &set);
}

/* Behind a backslash. */
static struct pk_regex_node *parse_escape(struct pk_regex_parser *parser)
{
	struct pk_byte_set set = { 0 };
	uint32_t code;
	char c;

	if (!more(parser))
		return pk_regex_refuse(parser, parser->at - 1,
				       "there is nothing behind the backslash");
	c = parser->text[parser->at];
	if (pk_regex_perl_class(c, &set)) {
		parser->at++;
		return set_node(parser, &set);
	}
	switch (c) {
	case 'A':
		parser->at++;
		return beside(parser, PK_REGEX_PREV, PK_BESIDE_EDGE);
	case 'z':
		parser->at++;
		return beside(parser, PK_REGEX_NEXT, PK_BESIDE_EDGE);
	case 'b':
	case 'B':
		parser->at++;
		return word_edge(parser, c == 'B');
	case 'C':
		parser->at++;
		return any(parser, true);
	case 'Q':
		parser->at++;
		parser->quoted = true;
		return pk_regex_node_new(parser, PK_REGEX_EMPTY);
	default:
		return pk_regex_escape(parser, &code) ? pk_regex_char(parser, code) : NULL;
	}
}

static bool is_name_byte(char c)
{
	return pk_nfa_beside((uint8_t)c) == PK_BESIDE_WORD;
}

/* name> of a group. */
static bool parse_name(struct pk_regex_parser *parser)
{
	size_t start = parser->at;
	struct pk_regex_name *name;

	while (more(parser) && is_name_byte(parser->text[parser->at]))
		parser->at++;
	if (parser->at == start || !looking_at(parser, ">"))
		return pk_regex_refuse(parser, start, "a group's name is letters, digits and _");
	for (name = parser->names; name; name = name->next) {
		if (name->len == parser->at - start &&
		    !memcmp(name->text, parser->text + start, name->len))
			return pk_regex_refuse(parser, start, "another group has this name");
	}
	name = pk_arena_alloc(parser->arena, sizeof(*name));
	if (!name) {
		parser->err = -ENOMEM;
		return false;
	}
	*name = (struct pk_regex_name){ parser->text + start, parser->at - start, parser->names };
	parser->names = name;
	parser->at++;
	return true;
}

/* Flags behind "(?", up to ':' or ')', which stays. */
static bool parse_flags(struct pk_regex_parser *parser)
{
	size_t start = parser->at;
	bool clear = false;
	bool flag_seen = false;

	for (; more(parser); parser->at++) {
		char c = parser->text[parser->at];
		unsigned int flag = c == 'i' ? PK_REGEX_ICASE :
				    c == 's' ? PK_REGEX_DOT_NL :
				    c == 'm' ? PK_REGEX_MULTI :
					       0;

		if (c == '-' && !clear) {
			clear = true;
			flag_seen = false;
			continue;
		}
		/* U: which repetitions are lazy; the language is the same */
		if (!flag && c != 'U')
			break;
		flag_seen = true;
		parser->flags = clear ? parser->flags & ~flag : parser->flags | flag;
	}
	if ((clear && !flag_seen) || !(looking_at(parser, ":") || looking_at(parser, ")")))
		return pk_regex_refuse(parser, start, "after '(?' there are flags of i, m, s, U");
	return true;
}

/* What follows "(?". False: error, or (*ret_done) it was flags for what follows, up to its ')'. */
static bool parse_group_head(struct pk_regex_parser *parser, bool *ret_done)
{
	size_t start = parser->at;

	*ret_done = false;
	if (looking_at(parser, "=") || looking_at(parser, "!") || looking_at(parser, "<=") ||
	    looking_at(parser, "<!"))
		return pk_regex_refuse(parser, start, "look-around is not supported");
	if (looking_at(parser, ">"))
		return pk_regex_refuse(parser, start, "atomic groups are not supported");
	if (accept(parser, "P<") || accept(parser, "<"))
		return parse_name(parser);
	if (!parse_flags(parser))
		return false;
	if (accept(parser, ")")) {
		*ret_done = true;
		return false;
	}
	parser->at++;
	return true;
}

/* Behind '('. */
static struct pk_regex_node *parse_group(struct pk_regex_parser *parser)
{
	size_t start = parser->at - 1;
	unsigned int flags = parser->flags;
	struct pk_regex_node *node;
	bool done = false;

	if (accept(parser, "?") && !parse_group_head(parser, &done))
		return done ? pk_regex_node_new(parser, PK_REGEX_EMPTY) : NULL;
	if (parser->depth == PK_MAX_REGEX_DEPTH)
		return pk_regex_refuse(parser, start, "groups are nested too deeply");
	parser->depth++;
	node = parse_alternatives(parser);
	parser->depth--;
	if (node && !accept(parser, ")"))
		return pk_regex_refuse(parser, start, "this '(' is not closed");
	parser->flags = flags;
	return node;
}

static struct pk_regex_node *parse_char(struct pk_regex_parser *parser)
{
	uint32_t code;

	if (!pk_regex_next_char(parser, &code))
		return byte_node(parser, (uint8_t)code);
	return pk_regex_char(parser, code);
}

static struct pk_regex_node *parse_atom(struct pk_regex_parser *parser)
{
	bool multi = parser->flags & PK_REGEX_MULTI;
	unsigned int edge = PK_BESIDE_EDGE | (multi ? PK_BESIDE_NEWLINE : 0);

	if (parser->quoted)
		return parse_char(parser);
	switch (parser->text[parser->at]) {
	case '(':
		parser->at++;
		return parse_group(parser);
	case '[':
		parser->at++;
		return pk_regex_parse_set(parser);
	case '\\':
		parser->at++;
		return parse_escape(parser);
	case '.':
		parser->at++;
		return any(parser, parser->flags & PK_REGEX_DOT_NL);
	case '^':
		parser->at++;
		return beside(parser, PK_REGEX_PREV, edge);
	case '$':
		parser->at++;
		return beside(parser, PK_REGEX_NEXT, edge);
	case '*':
	case '+':
	case '?':
		return pk_regex_refuse(parser, parser->at, "there is nothing to repeat");
	default:
		return parse_char(parser);
	}
}

static bool parse_number(struct pk_regex_parser *parser, uint32_t *ret_number)
{
	size_t start = parser->at;
	uint32_t number = 0;

	for (; more(parser); parser->at++) {
		char c = parser->text[parser->at];

		if (c < '0' || c > '9')
			break;
		if (number <= PK_MAX_REPEAT)
			number = number * 10 + (uint32_t)(c - '0');
	}
	*ret_number = number;
	return parser->at > start;
}

/* {n}, {n,} or {n,m}; else the brace is a character like others and nothing is taken. */
static bool accept_counts(struct pk_regex_parser *parser, uint32_t *ret_min, uint32_t *ret_max)
{
	size_t start = parser->at;

	if (accept(parser, "{") && parse_number(parser, ret_min)) {
		*ret_max = *ret_min;
		if (accept(parser, ",") && !parse_number(parser, ret_max))
			*ret_max = PK_REGEX_ENDLESS;
		if (accept(parser, "}"))
			return true;
	}
	parser->at = start;
	return false;
}

static bool accept_repeat(struct pk_regex_parser *parser, uint32_t *ret_min, uint32_t *ret_max)
{
	if (parser->quoted)
		return false;
	*ret_min = 0;
	*ret_max = PK_REGEX_ENDLESS;
	if (accept(parser, "*"))
		return true;
	if (accept(parser, "+")) {
		*ret_min = 1;
		return true;
	}
	if (accept(parser, "?")) {
		*ret_max = 1;
		return true;
	}
	return accept_counts(parser, ret_min, ret_max);
}

/* What may stand behind an atom: one repetition, lazy or not. */
static struct pk_regex_node *parse_repeat(struct pk_regex_parser *parser,
					  struct pk_regex_node *atom)
{
	size_t start = parser->at;
	struct pk_regex_node *node;
	uint32_t min, max;

	if (!accept_repeat(parser, &min, &max))
		return atom;
	if (min > PK_MAX_REPEAT || (max != PK_REGEX_ENDLESS && max > PK_MAX_REPEAT))
		return pk_regex_refuse(parser, start, "repeated more than 1000 times");
	if (min > max)
		return pk_regex_refuse(parser, start, "repeated at least more often than at most");
	accept(parser, "?");
	node = pk_regex_node_new(parser, PK_REGEX_REPEAT);
	if (!node)
		return NULL;
	node->min = min;
	node->max = max;
	pk_regex_add_child(node, atom);
	start = parser->at;
	if (accept_repeat(parser, &min, &max))
		return pk_regex_refuse(parser, start, "a repetition is repeated: put it in ( )");
	return node;
}

/* Whether a sequence goes on. \E is taken here: a repetition behind it is of what stands before. */
static bool sequence_goes_on(struct pk_regex_parser *parser)
{
	if (!more(parser))
		return false;
	return parser->quoted || !(looking_at(parser, "|") || looking_at(parser, ")"));
}

static void accept_quote_end(struct pk_regex_parser *parser)
{
	if (parser->quoted && accept(parser, "\\E"))
		parser->quoted = false;
}

static struct pk_regex_node *parse_sequence(struct pk_regex_parser *parser)
{
	struct pk_regex_node *cat = pk_regex_node_new(parser, PK_REGEX_CAT);

	while (cat && sequence_goes_on(parser)) {
		struct pk_regex_node *node = parse_atom(parser);

		accept_quote_end(parser);
		if (node)
			node = parse_repeat(parser, node);
		if (!node)
			return NULL;
		pk_regex_add_child(cat, node);
	}
	return cat;
}

static struct pk_regex_node *parse_alternatives(struct pk_regex_parser *parser)
{
	struct pk_regex_node *first = parse_sequence(parser);
	struct pk_regex_node *alt;

	if (!first || !looking_at(parser, "|"))
		return first;
	alt = pk_regex_node_new(parser, PK_REGEX_ALT);
	if (!alt)
		return NULL;
	pk_regex_add_child(alt, first);
	while (accept(parser, "|")) {
		struct pk_regex_node *next = parse_sequence(parser);

		if (!next)
			return NULL;
		pk_regex_add_child(alt, next);
	}
	return alt;
}

struct pk_regex_node *pk_regex_parse(struct pk_regex_parser *parser)
{
	struct pk_regex_node *root = parse_alternatives(parser);

	if (root && more(parser))
		return pk_regex_refuse(parser, parser->at, "this ')' closes nothing");
	return root;
}
