/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Have rule files changed? Watches the directories that they are in, so that a file that an editor or a
 * ConfigMap replaces, or that is not there for a moment, is seen coming back.
 */
#ifndef PK_CLI_RULES_WATCH_H
#define PK_CLI_RULES_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct pk_rules_watch;

/* Files and directories as given to -r. What cannot be watched is not, and warned about. -ENOMEM */
int pk_rules_watch_new(const char *const *paths, size_t cnt, struct pk_rules_watch **ret_watch);
void pk_rules_watch_free(struct pk_rules_watch *watch);

/* Readable when something happened; -1: nothing is watched. */
int pk_rules_watch_get_fd(const struct pk_rules_watch *watch);

/* Reads what happened: whether it may concern a rule file. */
bool pk_rules_watch_changed(struct pk_rules_watch *watch);

PK_DEFINE_CLEANUP(struct pk_rules_watch *, pk_rules_watch_free);

#endif
