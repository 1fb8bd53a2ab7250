/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hierarchy of cgroups that containers are looked for in. Where a controller that every runtime puts its
 * containers under (pids, memory, devices) is mounted as cgroup v1, also beside v2 ("hybrid"), it is that one:
 * runtimes then may leave v2 alone. Else it is cgroup v2.
 */
#ifndef PK_BASE_CGROUP_TREE_H
#define PK_BASE_CGROUP_TREE_H

#include <linux/limits.h>
#include <stdio.h>

#include "config.h"

struct pk_cgroup_tree {
	char path[PATH_MAX];                  /* where it is mounted */
	enum pk_cgroup_controller controller; /* PK_CGROUP_V2, or whose hierarchy of v1 it is */
	unsigned int id; /* the hierarchy's, as in the lines of /proc/PID/cgroup; 0: v2 */
};

/* This machine's. -ENOENT: none is mounted; -errno of reading /proc/self/mounts and /proc/self/cgroup. */
int pk_cgroup_tree_find(struct pk_cgroup_tree *ret_tree);

/* The same out of the text of a table of mounts (fstab(5)) and of a /proc/PID/cgroup. -ENOENT. */
int pk_cgroup_tree_pick(FILE *mounts, const char *proc_text, struct pk_cgroup_tree *ret_tree);

/* Takes the path in this hierarchy out of the text of /proc/PID/cgroup: in place, without its newline. NULL: it
 * has none. */
char *pk_cgroup_tree_parse_proc(const struct pk_cgroup_tree *tree, char *text);

#endif
