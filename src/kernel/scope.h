/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command in a cgroup of its own, so that events can be told to be its own: picket run -- COMMAND.
 */
#ifndef PK_KERNEL_SCOPE_H
#define PK_KERNEL_SCOPE_H

#include <linux/types.h>
#include <sys/types.h>

#include "base/cleanup.h"

struct pk_scope;

/*
 * Makes a cgroup below the caller's own (or below the root of the hierarchy, where that is not
 * possible) on the cgroup v2 mounted at `cgroup2_path`. -errno of mkdir() or open().
 */
int pk_scope_new(const char *cgroup2_path, struct pk_scope **ret_scope);

/*
 * Starts `argv` (NULL-terminated, found on PATH) in the cgroup, stopped before its exec until
 * pk_scope_release(). -errno of fork() or of entering the cgroup.
 */
int pk_scope_spawn(struct pk_scope *scope, char *const *argv);

/* Lets the command run. -errno of its exec when that fails; then it has exited with 127 or 126. */
int pk_scope_release(struct pk_scope *scope);

pid_t pk_scope_get_pid(const struct pk_scope *scope);

/* Becomes readable when the command has exited; stays the scope's. */
int pk_scope_get_pidfd(const struct pk_scope *scope);

/* File descriptor of the cgroup's directory; stays the scope's. */
int pk_scope_get_cgroup_fd(const struct pk_scope *scope);
__u64 pk_scope_get_cgroup_id(const struct pk_scope *scope);
const char *pk_scope_get_path(const struct pk_scope *scope);

/* Waits for the command: exit status as a shell gives it, 128 + signal. -errno of waiting. */
int pk_scope_wait(struct pk_scope *scope);

/*
 * Removes the cgroup; what the command left running is moved to the parent cgroup first. A
 * command that was never released is ended.
 */
void pk_scope_free(struct pk_scope *scope);

PK_DEFINE_CLEANUP(struct pk_scope *, pk_scope_free);

#endif
