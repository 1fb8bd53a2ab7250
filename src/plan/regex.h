/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions in RE2's syntax, inside src/plan/: text to tree (regex.c, regex_set.c), tree to
 * states (regex_emit.c). What is meant differently from RE2, all because texts are bytes here:
 *
 *   .  [^x] \D \S \W   take one byte, also one of a character of several bytes, also one that is not
 *                      UTF-8; RE2 takes one character of valid UTF-8
 *   (?i)               ASCII letters only
 *   [a-z]              with ends beyond ASCII: refused, as are such members of a negated set, \p{..}
 *                      and all of Unicode's classes; [é] is fine
 *
 * Refused because no automaton can: backreferences. Refused as in RE2: look-around, possessive and
 * stacked repetition, names used twice. Lazy repetition is the same language and taken as such.
 */
#ifndef PK_PLAN_REGEX_H
#define PK_PLAN_REGEX_H

#include "base/arena.h"
#include "plan/nfa.h"

#define PK_MAX_REGEX_DEPTH 250u       /* groups within groups */
#define PK_MAX_REGEX_BYTES (1u << 16) /* of its text */
#define PK_MAX_REGEX_TREE_BYTES (64u << 20)

enum pk_regex_kind {
	PK_REGEX_EMPTY = 0,
	PK_REGEX_BYTE,
	PK_REGEX_SET,
	PK_REGEX_CAT, /* children, one behind the other */
	PK_REGEX_ALT, /* one of the children */
	PK_REGEX_REPEAT,
	PK_REGEX_PREV, /* `mask`: as PK_NFA_KIND_PREV, NEXT */
	PK_REGEX_NEXT,
};

#define PK_REGEX_ENDLESS UINT32_MAX

struct pk_regex_node {
	enum pk_regex_kind kind;
	uint8_t byte;
	uint8_t mask;
	uint32_t min; /* REPEAT */
	uint32_t max; /* or PK_REGEX_ENDLESS */
	struct pk_byte_set set;
	struct pk_regex_node *last; /* child; each child's `before` is the one before it */
	struct pk_regex_node *before;
};

#define PK_REGEX_ICASE (1u << 0)
#define PK_REGEX_DOT_NL (1u << 1)
#define PK_REGEX_MULTI (1u << 2)

struct pk_regex_name;

struct pk_regex_parser {
	const char *text;
	size_t len;
	size_t at;
	unsigned int flags;
	unsigned int depth;
	bool quoted; /* between \Q and \E */
	struct pk_arena *arena;
	struct pk_regex_name *names;
	int err;
	const char *reason; /* -EINVAL: why, and where */
	size_t reason_at;
};

/* Notes the first error; gives NULL. */
void *pk_regex_refuse(struct pk_regex_parser *parser, size_t at, const char *reason);
struct pk_regex_node *pk_regex_node_new(struct pk_regex_parser *parser, enum pk_regex_kind kind);
void pk_regex_add_child(struct pk_regex_node *node, struct pk_regex_node *child);
/* A character as its UTF-8 bytes. NULL: error noted. */
struct pk_regex_node *pk_regex_char(struct pk_regex_parser *parser, uint32_t code);
/* The character at parser->at, which goes on. A byte that is not UTF-8: false, and the byte. */
bool pk_regex_next_char(struct pk_regex_parser *parser, uint32_t *ret_code);
/* The character of an escape, parser->at behind its backslash. False: error noted. */
bool pk_regex_escape(struct pk_regex_parser *parser, uint32_t *ret_code);
/* \d \s \w and their opposites: adds it, if `letter` is one of them. */
bool pk_regex_perl_class(char letter, struct pk_byte_set *set);

/* A set, parser->at behind its '['. NULL: error noted. */
struct pk_regex_node *pk_regex_parse_set(struct pk_regex_parser *parser);

/* The tree of a whole expression, in parser->arena. NULL: parser->err. */
struct pk_regex_node *pk_regex_parse(struct pk_regex_parser *parser);

/* States for it, before `out`. Errors: nfa->err. */
uint32_t pk_regex_emit(struct pk_nfa *nfa, const struct pk_regex_node *root, uint32_t out);

/* All of it. As pk_pattern_new(). */
int pk_regex_compile(struct pk_nfa *nfa, unsigned int flags, const char *text, size_t len,
		     const char **reterr_reason, size_t *reterr_at);

#endif
