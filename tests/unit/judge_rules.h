/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule sets at random, over the fields that judge_model.h has values of, with literals that meet them.
 */
#ifndef PK_TESTS_JUDGE_RULES_H
#define PK_TESTS_JUDGE_RULES_H

#include "judge_model.h"

/* Appends a rule file of `cnt` rules; `depth`: how deep conditions are, 0: one comparison each; `kills`: bit
 * per rule that is to kill; `acts`: ... that does so when it comes out unknown, too. The first ones set
 * model_tags. Draws the same numbers whatever `kills` and `acts` are. `scoped`: all of them require a fact of
 * the container. */
void judge_rules_make(struct pk_buf *buf, struct model_random *random, __u32 cnt, __u32 depth,
		      __u32 kills, __u32 acts, bool scoped);

#endif
