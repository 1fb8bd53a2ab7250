/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns over bytes: what contains, icontains, startswith, endswith, glob, iglob and regex ask. A
 * pattern is compiled to a nondeterministic automaton; user space runs that (linear time, no
 * backtracking), the kernel runs a deterministic one made of several (struct pk_dfa).
 */
#ifndef PK_PLAN_PATTERN_H
#define PK_PLAN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "judge.h"

enum pk_pattern_kind {
	PK_PATTERN_EQUAL = 0,
	PK_PATTERN_CONTAINS,
	PK_PATTERN_STARTS,
	PK_PATTERN_ENDS,
	PK_PATTERN_GLOB,  /* * ? [set]; the whole text; as fnmatch() without flags does in Falco */
	PK_PATTERN_REGEX, /* RE2's syntax without what is not regular; the whole text, as in Falco */
};
#define PK_PATTERN_ICASE (1u << 0)  /* ASCII letters of either case are the same */
#define PK_PATTERN_SEARCH (1u << 1) /* regex: anywhere in the text (Sigma) */

#define PK_MAX_PATTERN_STATES 65536u /* of one pattern's automaton */
#define PK_MAX_REPEAT 1000u          /* x{n,m}: as RE2 */

struct pk_pattern;

/*
 * `text` may hold any bytes. -EINVAL: `reterr_text` (static or at most PK_PATTERN_ERROR_MAX bytes,
 * written there) says why, *reterr_at at which byte; -E2BIG: more than PK_MAX_PATTERN_STATES; -ENOMEM.
 */
#define PK_PATTERN_ERROR_MAX 128u
int pk_pattern_new(enum pk_pattern_kind kind, unsigned int flags, const char *text, size_t len,
		   struct pk_pattern **ret_pattern, char reterr_text[PK_PATTERN_ERROR_MAX],
		   size_t *reterr_at);
void pk_pattern_free(struct pk_pattern *pattern);

/* Whether it is a regular expression that can be made, as what pk_rules_options wants. */
bool pk_pattern_regex_known(void *arg, const char *text, size_t len,
			    char why[PK_PATTERN_ERROR_MAX]);

/* Whether it matches. Linear in len * states at worst; allocates nothing; thread-safe. */
bool pk_pattern_match(const struct pk_pattern *pattern, const char *data, size_t len);

/* Whether its value is settled by the first `len` bytes of a longer text: 1 matches whatever follows, 0
 * cannot match, -1 depends. */
int pk_pattern_match_part(const struct pk_pattern *pattern, const char *data, size_t len);

/* States of its automaton: what it costs. */
size_t pk_pattern_state_cnt(const struct pk_pattern *pattern);

/*
 * What goes together into one automaton. Floats: it begins with a loop, so that nothing a text begins with settles
 * it (*a, *a*); the others end their part of an automaton's run at the first byte that is not theirs. Remembers: it has to know,
 * while it waits for a next part, that an earlier one was seen (a*b, *a*b*).
 *
 * Those that float and do not remember add up. Those that do not float add up among each other, and multiply
 * the states of those that float. Two that float and remember multiply each other's, and everybody's.
 */
bool pk_pattern_floats(const struct pk_pattern *pattern);
bool pk_pattern_remembers(const struct pk_pattern *pattern);

/* Matches what one of them does. -E2BIG: too many states together; -ENOMEM. */
int pk_pattern_new_any(const struct pk_pattern *const *patterns, size_t cnt,
		       struct pk_pattern **ret_pattern);

/*
 * Of a text whose parts have NULs between (and none behind the last): its part `idx`, from 0, is there and
 * matches; `pattern` NULL: is there. -ENOTSUP: the pattern asks what stands beside a place;
 * -E2BIG, -ENOMEM.
 */
int pk_pattern_new_part(const struct pk_pattern *pattern, unsigned int idx,
			struct pk_pattern **ret_pattern);

/*
 * Makes one deterministic automaton of `cnt` patterns (at most 64 * PK_DFA_WORDS); pattern i sets
 * bit i of its rows (word i / 64). Fills everything in *ret_dfa but `text`, `word` and `kinds`; clears it
 * first. Patterns that need only be seen somewhere (contains, regex with SEARCH) set their bit in hit
 * rows, the rest in final rows; a pattern whose bit was set by a hit row needs no final one.
 * -E2BIG: more states, cells or rows than struct pk_dfa has: the caller tries fewer patterns; -ENOMEM.
 */
int pk_dfa_build(const struct pk_pattern *const *patterns, size_t cnt, struct pk_dfa *ret_dfa);

/* Runs it as the kernel does: ORs the bits found into `bits` (PK_DFA_WORDS words). For tests. */
void pk_dfa_run(const struct pk_dfa *dfa, const char *data, size_t len, uint64_t *bits);

PK_DEFINE_CLEANUP(struct pk_pattern *, pk_pattern_free);

#endif
