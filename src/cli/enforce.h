/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option --enforce: rules with a tag that only alert deny or kill instead. Of all commands that read rules.
 */
#ifndef PK_CLI_ENFORCE_H
#define PK_CLI_ENFORCE_H

#include <argp.h>
#include <stddef.h>

#include "rules/rules.h"

#define PK_MAX_ENFORCE 16u /* times that the option is given */

/* Tags are texts of argv, not ended by NUL. */
struct pk_enforce {
	struct {
		const char *tag;
		size_t tag_bytes;
		enum pk_rules_action action; /* PK_RULES_ACTION_DENY or _KILL */
	} items[PK_MAX_ENFORCE];
	size_t cnt;
};

/* Its input is a struct pk_enforce. Mistakes end the program with a message and exit status 2. */
extern const struct argp pk_enforce_argp;

/* Of rules that are all loaded. A tag that no rule has is told: -EBADMSG, as somebody relies on it. -ENOMEM. */
int pk_enforce_apply(const struct pk_enforce *enforce, struct pk_rules_loader *loader);

#endif
