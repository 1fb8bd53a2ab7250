/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One selector of a hook: its filters as one condition, and what it wants done.
 */
#ifndef PK_IMPORT_SELECTOR_H
#define PK_IMPORT_SELECTOR_H

#include "import/filter.h"
#include "rules/rules.h"

/* Where arguments stand, and what may be in lists. */
struct pk_import_scene {
	const struct pk_import_hook *hook;
	unsigned int first;              /* index of its first argument */
	const struct pk_yaml_node *args; /* of the hook; may be NULL */
	unsigned int off;                /* besides the hook's: PK_IMPORT_BROADER, _NARROWER */
	bool allows;                     /* what it returns decides: 0 lets the operation go on */
	bool monitor;                    /* policy-mode: monitor */
	bool calls_settled;              /* matchArgs said which calls, which is the hook now */
};

struct pk_import_selector {
	struct pk_import_filter filter; /* all filters together */
	bool fits;                      /* it has a condition; not: filter.lost has the reason */
	enum pk_rules_action action;
	bool silent;    /* NoPost, and nothing is done: who it selects is passed over */
	char limit[48]; /* "1 per 1m", or empty */
	struct pk_import_text notes; /* lines: how what is done differs */
	bool actions_lost;           /* some of those are about what is not done */
};

void pk_import_selector_fini(struct pk_import_selector *selector);

/* `node` NULL: a hook without selectors, which takes all. */
void pk_import_selector_read(struct pk_import_selector *selector,
			     const struct pk_import_scene *scene, const struct pk_yaml_node *node);

/* Whether both want the same done. */
bool pk_import_selector_same(const struct pk_import_selector *a,
			     const struct pk_import_selector *b);

#endif
