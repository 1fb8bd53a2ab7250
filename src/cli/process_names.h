/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What processes were called at their last exec, as the process tree knows it: a copy, so that another
 * thread can ask while the tree goes on.
 */
#ifndef PK_CLI_PROCESS_NAMES_H
#define PK_CLI_PROCESS_NAMES_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "stream/tree.h"

struct pk_process_names;

/* -ENOMEM */
int pk_process_names_new(const struct pk_tree *tree, struct pk_process_names **ret_names);
void pk_process_names_free(struct pk_process_names *names);

/* A pk_bank_name_fn; `arg` is the names, NULL: none is known. */
bool pk_process_names_get(void *arg, __u32 pid, char ret_name[PK_COMM_LEN]);

PK_DEFINE_CLEANUP(struct pk_process_names *, pk_process_names_free);

#endif
