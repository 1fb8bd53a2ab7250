/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether rules fit into the kernel's programs, asked before the kernel is.
 */
#ifndef PK_CLI_RULES_FIT_H
#define PK_CLI_RULES_FIT_H

#include "plan/plan.h"

/* What to do about rules that do not. */
#define PK_RULES_FIT_ADVICE                                                                    \
	"use fewer, or let each ask for a name or path of its own, by which the kernel finds " \
	"it; 'picket explain' says what each costs"

/* 0; -E2BIG, and *reterr_kind is the kind of event whose rules are too large together; -ENOMEM. */
int pk_rules_fit(const struct pk_plan *plan, uint32_t *reterr_kind);

#endif
