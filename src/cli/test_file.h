/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of rule tests, read: its rules loaded, its tests found. In: a path. Out: YAML nodes that src/cli/test_run.c
 * runs, and the rule set they are about.
 */
#ifndef PK_CLI_TEST_FILE_H
#define PK_CLI_TEST_FILE_H

#include "cli/enforce.h"
#include "cli/rules_files.h"
#include "rules/yaml.h"

struct pk_test_file {
	const char *path; /* borrowed */
	struct pk_rules_ctx ctx;
	uint32_t file_idx;
	const struct pk_yaml_node *root;
	const struct pk_yaml_node *tests; /* a sequence */
	struct pk_ruleset *ruleset;
};

/*
 * Reads the file and loads its rules: "rules" is a path, rules as a block of text, or a list of both; paths are
 * relative to the file. Enforce may be NULL. -EBADMSG: something is wrong with it; -errno of reading; -ENOMEM. Printed.
 */
int pk_test_file_new(const char *path, const struct pk_plan_options *plan,
		     const struct pk_enforce *enforce, struct pk_test_file **ret_file);
void pk_test_file_free(struct pk_test_file *file);

PK_DEFINE_CLEANUP(struct pk_test_file *, pk_test_file_free);

#endif
