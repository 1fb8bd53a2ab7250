/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths in rules against this host. fd.name and the paths of programs are where a file really is, so a
 * rule about /var/run/docker.sock, where /var/run is a link to /run, never matches.
 */
#ifndef PK_CLI_RULES_LINKS_H
#define PK_CLI_RULES_LINKS_H

#include "plan/plan.h"

/*
 * Warns of literal paths in rules that deny or kill which are there, but lead through a symbolic link;
 * says where they lead. Warnings go to rules->ctx. -ENOMEM.
 */
int pk_rules_warn_links(struct pk_rules *rules, const struct pk_bound *bound,
			const struct pk_plan *plan);

#endif
