/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What picket oci-hook tells picket run of containers that are about to start. In: messages of hooks (meta/hook_server.h). Out:
 * the stream knows the container, and with it the rules, before the hook is answered.
 */
#ifndef PK_CLI_RUN_HOOK_H
#define PK_CLI_RUN_HOOK_H

#include "base/cleanup.h"
#include "meta/attribution.h"
#include "stream/live.h"

struct pk_run_hook;

/*
 * Listens at `path`; NULL: at the default, where it is no error if that cannot be done. `attribution` and `live` stay the
 * caller's. Prints what is wrong; `ret_hook` is NULL if nobody listens. -errno.
 */
int pk_run_hook_new(const char *path, struct pk_attribution *attribution, struct pk_live *live,
		    struct pk_run_hook **ret_hook);
void pk_run_hook_free(struct pk_run_hook *hook);

/* Becomes readable when a hook is there; -1: nobody listens. */
int pk_run_hook_get_fd(const struct pk_run_hook *hook);

/* It is. */
void pk_run_hook_read(struct pk_run_hook *hook);

/* Once a second. `hook` may be NULL. */
void pk_run_hook_tick(struct pk_run_hook *hook);

PK_DEFINE_CLEANUP(struct pk_run_hook *, pk_run_hook_free);

#endif
