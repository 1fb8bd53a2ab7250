/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy on its way to rules: what all of its hooks share, and its output so far.
 */
#ifndef PK_IMPORT_POLICY_H
#define PK_IMPORT_POLICY_H

#include "import/import.h"
#include "import/selector.h"

struct pk_import_policy {
	struct pk_import *import;
	const struct pk_yaml_node *spec;
	struct pk_import_text name;  /* plain */
	struct pk_import_text scope; /* a condition that all its rules have; may be empty */
	struct pk_import_text body;  /* comments and rules */
	bool monitor;
	size_t rules;
	size_t left_out;
};

void pk_import_policy_fini(struct pk_import_policy *policy);
#define pk_import_policy_cleanup pk_cleanup(pk_import_policy_fini)

/* A comment of its own line; foreign text is made visible. */
void pk_import_policy_comment(struct pk_import_policy *policy, const char *what, const char *text,
			      size_t len);
/* The same for each line of `lines`; each is something left out. */
void pk_import_policy_left_out(struct pk_import_policy *policy, const struct pk_import_text *lines);
void pk_import_policy_differs(struct pk_import_policy *policy, const struct pk_import_text *lines);

/* scope.c: podSelector, containerSelector, hostSelector, namespace. False: it cannot be asked for, which is said. */
bool pk_import_policy_scope(struct pk_import_policy *policy, const struct pk_yaml_node *root);

/* hook_rules.c: the rules of one hook. `label` says which it is. -ENOMEM, -EFBIG */
int pk_import_policy_hook(struct pk_import_policy *policy, const struct pk_import_scene *scene,
			  const char *condition, const char *label,
			  const struct pk_yaml_node *selectors);

#endif
