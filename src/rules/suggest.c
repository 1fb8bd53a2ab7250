/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Optimal string alignment distance in three rows. Case does not count between letters; a word
 * that differs in nothing else is half a step away.
 */
#include "rules/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define STEP 2u

static unsigned int change_cost(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b) ? 0 : STEP;
}

static unsigned int min_of(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static unsigned int distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned int rows[3][PK_MAX_SUGGEST_BYTES + 1];
	unsigned int *before = rows[0], *above = rows[1], *row = rows[2];

	memset(rows, 0, sizeof(rows));
	for (size_t j = 0; j <= b_len; j++)
		row[j] = (unsigned int)j * STEP;
	for (size_t i = 1; i <= a_len; i++) {
		unsigned int *spare = before;

		before = above;
		above = row;
		row = spare;
		row[0] = (unsigned int)i * STEP;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = min_of(above[j - 1] + change_cost(a[i - 1], b[j - 1]),
					min_of(above[j], row[j - 1]) + STEP);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = min_of(row[j], before[j - 2] + STEP);
		}
	}
	return row[b_len];
}

/* What is still taken for a slip: a third of the word, three letters at most. */
static unsigned int tolerance(size_t len)
{
	if (len < 3)
		return STEP;
	return STEP * (unsigned int)(len / 3 < 3 ? len / 3 : 3);
}

/* Of two that are as near, one that begins with the word is meant: its end was not typed. */
static bool goes_on_better(const struct pk_suggest *suggest, const char *name)
{
	return !strncmp(name, suggest->word, suggest->len_bytes) &&
	       strncmp(suggest->best, suggest->word, suggest->len_bytes) != 0;
}

void pk_suggest_offer(struct pk_suggest *suggest, const char *name)
{
	size_t len = strlen(name);
	size_t apart = len > suggest->len_bytes ? len - suggest->len_bytes :
						  suggest->len_bytes - len;
	unsigned int found;

	if (!suggest->len_bytes || suggest->len_bytes > PK_MAX_SUGGEST_BYTES ||
	    len > PK_MAX_SUGGEST_BYTES || apart * STEP > tolerance(suggest->len_bytes))
		return;
	if (!apart && !memcmp(suggest->word, name, len))
		return;
	found = distance(suggest->word, suggest->len_bytes, name, len);
	if (!found)
		found = 1;
	/* a word of two letters has nothing left when both are others */
	if (found > tolerance(suggest->len_bytes) || found >= suggest->len_bytes * STEP)
		return;
	if (suggest->best && (found > suggest->best_distance ||
			      (found == suggest->best_distance && !goes_on_better(suggest, name))))
		return;
	suggest->best = name;
	suggest->best_distance = found;
}

const char *pk_suggest_from(const char *word, size_t len, const char *const *names, size_t cnt)
{
	struct pk_suggest suggest = PK_SUGGEST_INIT(word, len);

	for (size_t i = 0; i < cnt; i++)
		pk_suggest_offer(&suggest, names[i]);
	return suggest.best;
}
