/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files to a compiled rule set, as all commands need it. In: files and directories, in the order given.
 * Out: everything that judges and prints. What is wrong is printed to standard error, all of it at
 * once, here and nowhere else. Nothing is kept between calls, so rules can be loaded again and again.
 */
#ifndef PK_CLI_RULES_FILES_H
#define PK_CLI_RULES_FILES_H

#include <argp.h>

#include "base/cleanup.h"
#include "cli/enforce.h"
#include "plan/plan.h"
#include "sinks/alert.h"

struct pk_ruleset {
	struct pk_rules *rules;
	struct pk_bound *bound;
	struct pk_plan *plan;
	struct pk_template **templates; /* of outputs, one a rule of rules->items */
	size_t template_cnt;
};

/* Rules that are no file of their own; `path` is what messages call them. */
struct pk_ruleset_text {
	const char *path;
	const char *data;
	size_t len;
};

struct pk_ruleset_options {
	struct pk_plan_options plan;
	bool notes; /* print notes too: unused macros and lists */
	bool again; /* there are rules in force: a pipe, which is read once, is refused with -ESPIPE */
	bool links; /* look paths of rules that deny or kill up on this host: rules_links.h */
	const struct pk_ruleset_text *texts; /* read after the files */
	size_t texts_cnt;
	const struct pk_enforce *enforce; /* NULL: none */
};

/*
 * Loads and compiles. A directory stands for its files *.yaml and *.yml in alphabetical order, not those of
 * directories below. -EBADMSG: the rules are wrong; -ENOENT, other -errno of reading; -EMFILE, -EFBIG:
 * limits of src/rules/limits.h; -ENOMEM. All of that has been printed.
 */
int pk_ruleset_load(const char *const *paths, size_t cnt, const struct pk_ruleset_options *options,
		    struct pk_ruleset **ret_ruleset);
void pk_ruleset_free(struct pk_ruleset *ruleset);

/* Index of the rule with this name, or -1; then *ret_suggestion (may be NULL) is the nearest or NULL. */
long pk_ruleset_find(const struct pk_ruleset *ruleset, const char *name,
		     const char **ret_suggestion);

/* Prints findings to standard error: errors, warnings, and notes if asked for. */
void pk_ruleset_print_diags(const struct pk_rules_ctx *ctx, bool notes);

/* --backend, --degrade, --i-know as an argp child; its input is a struct pk_plan_options. */
extern const struct argp pk_plan_argp;
#define PK_PLAN_OPTIONS_INIT \
	((struct pk_plan_options){ .backend = PK_BACKEND_LSM, .generation = 1 })

PK_DEFINE_CLEANUP(struct pk_ruleset *, pk_ruleset_free);

#endif
