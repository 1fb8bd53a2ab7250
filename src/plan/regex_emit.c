/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A regular expression's tree to states, from its end.
 */
#include "plan/regex.h"

/* Repetitions of nothing cost no states, only time. */
#define EMIT_STEPS_MAX (8u * PK_MAX_PATTERN_STATES)

struct emit {
	struct pk_nfa *nfa;
	uint32_t steps;
};

static uint32_t emit_node(struct emit *emit, const struct pk_regex_node *node, uint32_t out);

static uint32_t emit_cat(struct emit *emit, const struct pk_regex_node *node, uint32_t out)
{
	for (const struct pk_regex_node *child = node->last; child; child = child->before)
		out = emit_node(emit, child, out);
	return out;
}

static uint32_t emit_alt(struct emit *emit, const struct pk_regex_node *node, uint32_t out)
{
	uint32_t rest = emit_node(emit, node->last, out);

	for (const struct pk_regex_node *child = node->last->before; child; child = child->before)
		rest = pk_nfa_add_split(emit->nfa, emit_node(emit, child, out), rest);
	return rest;
}

static uint32_t emit_endless(struct emit *emit, const struct pk_regex_node *child, uint32_t out)
{
	bool any = child->kind == PK_REGEX_SET && pk_byte_set_is_full(&child->set);
	uint32_t split;
	uint32_t body;

	if (any && out == PK_NFA_MATCH)
		return PK_NFA_HIT;
	if (any)
		return pk_nfa_add_anything(emit->nfa, out);
	split = pk_nfa_add_split(emit->nfa, out, out);
	body = emit_node(emit, child, split);
	if (!emit->nfa->err)
		emit->nfa->states[split].out = body;
	return split;
}

static uint32_t emit_repeat(struct emit *emit, const struct pk_regex_node *node, uint32_t out)
{
	const struct pk_regex_node *child = node->last;
	uint32_t behind = out;

	if (node->max == PK_REGEX_ENDLESS) {
		/* what matches whatever follows needs no repetition before it */
		if (out != PK_NFA_HIT)
			out = emit_endless(emit, child, out);
	} else if (out != PK_NFA_HIT) {
		for (uint32_t i = node->min; i < node->max && !emit->nfa->err; i++)
			out = pk_nfa_add_split(emit->nfa, emit_node(emit, child, out), behind);
	}
	for (uint32_t i = 0; i < node->min && !emit->nfa->err; i++)
		out = emit_node(emit, child, out);
	return out;
}

static uint32_t emit_node(struct emit *emit, const struct pk_regex_node *node, uint32_t out)
{
	if (emit->steps++ >= EMIT_STEPS_MAX && !emit->nfa->err)
		emit->nfa->err = -E2BIG;
	if (emit->nfa->err)
		return 0;
	switch (node->kind) {
	case PK_REGEX_BYTE:
		return pk_nfa_add_byte(emit->nfa, node->byte, out);
	case PK_REGEX_SET:
		return pk_nfa_add_set(emit->nfa, &node->set, out);
	case PK_REGEX_CAT:
		return emit_cat(emit, node, out);
	case PK_REGEX_ALT:
		return emit_alt(emit, node, out);
	case PK_REGEX_REPEAT:
		return emit_repeat(emit, node, out);
	case PK_REGEX_PREV:
		return pk_nfa_add_beside(emit->nfa, PK_NFA_KIND_PREV, node->mask, out);
	case PK_REGEX_NEXT:
		return pk_nfa_add_beside(emit->nfa, PK_NFA_KIND_NEXT, node->mask, out);
	default:
		return out;
	}
}

uint32_t pk_regex_emit(struct pk_nfa *nfa, const struct pk_regex_node *root, uint32_t out)
{
	struct emit emit = { .nfa = nfa };

	return emit_node(&emit, root, out);
}

static int compile(struct pk_nfa *nfa, unsigned int flags, struct pk_regex_parser *parser)
{
	bool search = flags & PK_PATTERN_SEARCH;
	struct pk_regex_node *root = pk_regex_parse(parser);

	if (!root)
		return parser->err;
	nfa->start = pk_regex_emit(nfa, root, search ? PK_NFA_HIT : PK_NFA_MATCH);
	if (search && nfa->start != PK_NFA_HIT)
		nfa->start = pk_nfa_add_anything(nfa, nfa->start);
	return nfa->err;
}

int pk_regex_compile(struct pk_nfa *nfa, unsigned int flags, const char *text, size_t len,
		     const char **reterr_reason, size_t *reterr_at)
{
	struct pk_arena arena = PK_ARENA_INIT(PK_MAX_REGEX_TREE_BYTES);
	struct pk_regex_parser parser = {
		.text = text,
		.len = len,
		.flags = flags & PK_PATTERN_ICASE ? PK_REGEX_ICASE : 0,
		.arena = &arena,
	};
	int err;

	if (len > PK_MAX_REGEX_BYTES)
		return -E2BIG;
	err = compile(nfa, flags, &parser);
	pk_arena_fini(&arena);
	if (err == -EINVAL) {
		*reterr_reason = parser.reason;
		*reterr_at = parser.reason_at;
	}
	return err;
}
