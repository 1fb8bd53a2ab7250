/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sigma rules: a front end of its own that makes the same syntax trees as conditions do. In: a YAML
 * document that is a mapping. Out: a rule whose condition is ready, or why there is none.
 *
 * A mistake is an error. What is right and asks for something that no event here can answer (another log
 * source, an aggregation) is a warning, and the rule is left out: others go on.
 * docs/sigma.md says what each field and modifier means.
 */
#ifndef PK_RULES_SIGMA_H
#define PK_RULES_SIGMA_H

#include "rules/defs.h"

/* Whether a document is meant for Sigma, right or wrong: entries of Falco's stand in sequences. */
bool pk_sigma_is(const struct pk_yaml_node *root);

/* Takes in one document. */
void pk_sigma_collect(struct pk_rules_loader *loader, const struct pk_yaml_node *root);

#endif
