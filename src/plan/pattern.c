/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns: a literal, a glob or a regular expression made an automaton, and asked.
 */
#include "plan/pattern.h"

#include <string.h>

#include "plan/regex.h"

struct pk_pattern {
	struct pk_nfa nfa;
	/* EQUAL, CONTAINS, STARTS, ENDS with case: the literal, compared without the automaton */
	enum pk_pattern_kind kind;
	char *literal;
	size_t literal_len;
};

static uint32_t add_literal(struct pk_nfa *nfa, const char *text, size_t len, bool icase,
			    uint32_t out)
{
	while (len > 0 && !nfa->err)
		out = pk_nfa_add_char(nfa, (uint8_t)text[--len], icase, out);
	return out;
}

/* `first`: the text begins with the literal; `last`: it ends with it. */
static int compile_literal(struct pk_nfa *nfa, const char *text, size_t len, bool icase, bool first,
			   bool last)
{
	uint32_t out = last && (first || len) ? PK_NFA_MATCH : PK_NFA_HIT;

	nfa->start = add_literal(nfa, text, len, icase, out);
	if (!first && nfa->start != PK_NFA_HIT)
		nfa->start = pk_nfa_add_anything(nfa, nfa->start);
	return nfa->err;
}

static int compile(struct pk_pattern *pattern, unsigned int flags, const char *text, size_t len,
		   const char **reterr_reason, size_t *reterr_at)
{
	struct pk_nfa *nfa = &pattern->nfa;
	bool icase = flags & PK_PATTERN_ICASE;

	if (len >= PK_MAX_PATTERN_STATES)
		return -E2BIG;
	switch (pattern->kind) {
	case PK_PATTERN_GLOB:
		return pk_glob_compile(nfa, flags, text, len, reterr_reason, reterr_at);
	case PK_PATTERN_REGEX:
		return pk_regex_compile(nfa, flags, text, len, reterr_reason, reterr_at);
	default:
		return compile_literal(nfa, text, len, icase,
				       pattern->kind == PK_PATTERN_EQUAL ||
					       pattern->kind == PK_PATTERN_STARTS,
				       pattern->kind == PK_PATTERN_EQUAL ||
					       pattern->kind == PK_PATTERN_ENDS);
	}
}

static int keep_literal(struct pk_pattern *pattern, unsigned int flags, const char *text,
			size_t len)
{
	if (pattern->kind == PK_PATTERN_GLOB || pattern->kind == PK_PATTERN_REGEX ||
	    (flags & PK_PATTERN_ICASE))
		return 0;
	pattern->literal = malloc(len + 1);
	if (!pattern->literal)
		return -ENOMEM;
	if (len)
		memcpy(pattern->literal, text, len);
	pattern->literal_len = len;
	return 0;
}

int pk_pattern_new(enum pk_pattern_kind kind, unsigned int flags, const char *text, size_t len,
		   struct pk_pattern **ret_pattern, char reterr_text[PK_PATTERN_ERROR_MAX],
		   size_t *reterr_at)
{
	pk_cleanup(pk_pattern_free_p) struct pk_pattern *pattern = calloc(1, sizeof(*pattern));
	const char *reason = "";
	int err;

	if (!pattern)
		return -ENOMEM;
	pattern->kind = kind;
	err = pk_nfa_init(&pattern->nfa);
	if (err)
		return err;
	err = compile(pattern, flags, text, len, &reason, reterr_at);
	if (err == -EINVAL)
		snprintf(reterr_text, PK_PATTERN_ERROR_MAX, "%s", reason);
	if (err)
		return err;
	err = keep_literal(pattern, flags, text, len);
	if (err)
		return err;
	*ret_pattern = pk_take_ptr(pattern);
	return 0;
}

int pk_pattern_of_nfa(struct pk_nfa *nfa, struct pk_pattern **ret_pattern)
{
	struct pk_pattern *pattern = nfa->err ? NULL : calloc(1, sizeof(*pattern));
	int err = nfa->err ? nfa->err : pattern ? 0 : -ENOMEM;

	if (err) {
		pk_nfa_fini(nfa);
		return err;
	}
	pattern->nfa = *nfa;
	pattern->kind = PK_PATTERN_REGEX;
	*nfa = (struct pk_nfa){ 0 };
	*ret_pattern = pattern;
	return 0;
}

void pk_pattern_free(struct pk_pattern *pattern)
{
	if (!pattern)
		return;
	pk_nfa_fini(&pattern->nfa);
	free(pattern->literal);
	free(pattern);
}

bool pk_pattern_regex_known(void *arg, const char *text, size_t len, char why[PK_PATTERN_ERROR_MAX])
{
	struct pk_pattern *pattern = NULL;
	size_t at;
	int err = pk_pattern_new(PK_PATTERN_REGEX, PK_PATTERN_SEARCH, text, len, &pattern, why,
				 &at);

	(void)arg;
	if (err == -E2BIG)
		snprintf(why, PK_PATTERN_ERROR_MAX, "it is too large");
	pk_pattern_free(pattern);
	/* no memory is said by who needs it next */
	return !err || err == -ENOMEM;
}

static bool match_literal(const struct pk_pattern *pattern, const char *data, size_t len)
{
	size_t literal_len = pattern->literal_len;

	if (len < literal_len || (pattern->kind == PK_PATTERN_EQUAL && len != literal_len))
		return false;
	if (literal_len == 0)
		return true;
	if (pattern->kind == PK_PATTERN_CONTAINS)
		return memmem(data, len, pattern->literal, literal_len) != NULL;
	if (pattern->kind == PK_PATTERN_ENDS)
		data += len - literal_len;
	return memcmp(data, pattern->literal, literal_len) == 0;
}

bool pk_pattern_match(const struct pk_pattern *pattern, const char *data, size_t len)
{
	if (pattern->literal)
		return match_literal(pattern, data, len);
	return pk_nfa_run(&pattern->nfa, data, len, true) == 1;
}

int pk_pattern_match_part(const struct pk_pattern *pattern, const char *data, size_t len)
{
	return pk_nfa_run(&pattern->nfa, data, len, false);
}

size_t pk_pattern_state_cnt(const struct pk_pattern *pattern)
{
	return pattern->nfa.state_cnt;
}

/* A loop over bytes, and then what the pattern is about. */
static bool loops(const struct pk_nfa *nfa, uint32_t at)
{
	const struct pk_nfa_state *split = &nfa->states[at];

	return split->kind == PK_NFA_KIND_SPLIT &&
	       nfa->states[split->out].kind == PK_NFA_KIND_SET && nfa->states[split->out].out == at;
}

/* Behind `at`, where one alternative of a row of splits begins, the next one's place; 0: it was the last. */
static uint32_t next_start(const struct pk_nfa *nfa, uint32_t at, uint32_t *ret_start)
{
	const struct pk_nfa_state *split = &nfa->states[at];
	bool is_row = split->kind == PK_NFA_KIND_SPLIT && !loops(nfa, at) && split->out2 < at;

	*ret_start = is_row ? split->out : at;
	return is_row ? split->out2 : 0;
}

bool pk_pattern_floats(const struct pk_pattern *pattern)
{
	const struct pk_nfa *nfa = &pattern->nfa;
	bool result = false;

	for (uint32_t at = nfa->start, start; at;) {
		at = next_start(nfa, at, &start);
		result |= loops(nfa, start);
	}
	return result;
}

static bool is_start(const struct pk_nfa *nfa, uint32_t state)
{
	for (uint32_t at = nfa->start, start; at;) {
		at = next_start(nfa, at, &start);
		if (start == state)
			return true;
	}
	return false;
}

bool pk_pattern_remembers(const struct pk_pattern *pattern)
{
	const struct pk_nfa *nfa = &pattern->nfa;

	/* states are added from the end: what leads to a later one is a loop */
	for (uint32_t i = 0; i < nfa->state_cnt; i++) {
		const struct pk_nfa_state *state = &nfa->states[i];

		if (state->kind == PK_NFA_KIND_SPLIT && state->out > i && !is_start(nfa, i))
			return true;
	}
	return false;
}

const struct pk_nfa *pk_pattern_nfa(const struct pk_pattern *pattern)
{
	return &pattern->nfa;
}
