/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "did you mean": the nearest of the words offered, by insertions, deletions, changes and swaps of
 * neighbours. In: a word that nobody knows, then the known ones. Out: the nearest, if near enough.
 */
#ifndef PK_RULES_SUGGEST_H
#define PK_RULES_SUGGEST_H

#include <stddef.h>

#define PK_MAX_SUGGEST_BYTES 64u /* longer words get no suggestion */

struct pk_suggest {
	const char *word;
	size_t len_bytes;
	const char *best; /* borrowed from the offers; NULL: none near enough */
	size_t best_distance;
};

#define PK_SUGGEST_INIT(w, len) ((struct pk_suggest){ .word = (w), .len_bytes = (len) })

/* Keeps `name` if it is nearer than what was offered before. The word itself is not kept. */
void pk_suggest_offer(struct pk_suggest *suggest, const char *name);

/* Shorthand: the nearest of an array of words, or NULL. */
const char *pk_suggest_from(const char *word, size_t len, const char *const *names, size_t cnt);

#endif
