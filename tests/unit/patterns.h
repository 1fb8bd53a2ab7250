/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of patterns share: a pattern from a string, and random texts, the same each time.
 */
#ifndef PK_TESTS_PATTERNS_H
#define PK_TESTS_PATTERNS_H

#include "plan/pattern.h"
#include "test.h"

struct source {
	enum pk_pattern_kind kind;
	unsigned int flags;
	const char *text;
};

static uint64_t random_state = 88172645463325252ull;

/* xorshift64 */
static inline size_t pick(size_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % below;
}

/* At most `max` bytes of `alphabet`, and a NUL. */
static inline void random_text(const char *alphabet, size_t max, char *ret_text)
{
	size_t len = pick(max + 1);

	for (size_t i = 0; i < len; i++)
		ret_text[i] = alphabet[pick(strlen(alphabet))];
	ret_text[len] = '\0';
}

/* NULL: -EINVAL. Anything else fails. */
static inline struct pk_pattern *try_pattern(enum pk_pattern_kind kind, unsigned int flags,
					     const char *text)
{
	char error[PK_PATTERN_ERROR_MAX];
	struct pk_pattern *pattern = NULL;
	size_t at = SIZE_MAX;
	int err = pk_pattern_new(kind, flags, text, strlen(text), &pattern, error, &at);

	if (err) {
		assert_int_equal(err, -EINVAL);
		assert_null(pattern);
		assert_in_range(strlen(error), 1, PK_PATTERN_ERROR_MAX - 1);
		assert_in_range(at, 0, strlen(text));
	}
	return pattern;
}

static inline struct pk_pattern *make_pattern(enum pk_pattern_kind kind, unsigned int flags,
					      const char *text)
{
	struct pk_pattern *pattern = try_pattern(kind, flags, text);

	if (!pattern)
		fail_msg("refused: %s", text);
	return pattern;
}

/* Whether it matches, and that a DFA of it alone says the same. */
static inline bool matches(enum pk_pattern_kind kind, unsigned int flags, const char *pattern_text,
			   const char *data, size_t len)
{
	struct pk_pattern *pattern = make_pattern(kind, flags, pattern_text);
	struct pk_dfa *dfa = calloc(1, sizeof(*dfa));
	const struct pk_pattern *patterns[] = { pattern };
	uint64_t bits[PK_DFA_WORDS] = { 0 };
	bool result = pk_pattern_match(pattern, data, len);

	assert_non_null(dfa);
	if (pk_dfa_build(patterns, 1, dfa) == 0) {
		pk_dfa_run(dfa, data, len, bits);
		if (bits[0] != (uint64_t)result)
			fail_msg("%s on %s: %d, DFA %d", pattern_text, data, result, (int)bits[0]);
	}
	free(dfa);
	pk_pattern_free(pattern);
	return result;
}

#endif
