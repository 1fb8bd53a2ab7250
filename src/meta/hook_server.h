/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's side of meta/hook_wire.h: a socket for this user alone, and what hooks say, checked. Nothing here waits: it
 * lives in a loop that has other things to do.
 */
#ifndef PK_META_HOOK_SERVER_H
#define PK_META_HOOK_SERVER_H

#include <stdint.h>

#include "base/cleanup.h"
#include "event.h"

#define PK_MAX_HOOK_CONNS 64u

struct pk_hook_message {
	const struct pk_container_event *event; /* checked; a container with an id */
	uint32_t hook_pid; /* of who says so; 0: it has none in this pid namespace */
	int pidfd;         /* of what is a process; stays the server's */
};

/* What is answered: 0 or -errno. */
typedef int pk_hook_fn(void *arg, const struct pk_hook_message *message);

struct pk_hook_server;

/*
 * Listens at `path`; its directory is made, and a socket that nobody listens at any more is replaced. -EADDRINUSE:
 * another agent does; -ENAMETOOLONG; -ENOMEM; other -errno.
 */
int pk_hook_server_new(const char *path, pk_hook_fn *fn, void *arg,
		       struct pk_hook_server **ret_server);
/* Removes the socket as well, if it is still its own. */
void pk_hook_server_free(struct pk_hook_server *server);

/* Becomes readable when a hook is there. */
int pk_hook_server_get_fd(const struct pk_hook_server *server);

/* It is: answers all who have said something. */
void pk_hook_server_read(struct pk_hook_server *server);

/* Once a second: those who say nothing for PK_HOOK_TIMEOUT_MS are sent away. */
void pk_hook_server_tick(struct pk_hook_server *server);

struct pk_hook_server_stats {
	uint64_t told_cnt;    /* messages that were taken */
	uint64_t refused_cnt; /* of the wrong user, malformed, or that `fn` did not take */
};

void pk_hook_server_get_stats(const struct pk_hook_server *server,
			      struct pk_hook_server_stats *ret_stats);

PK_DEFINE_CLEANUP(struct pk_hook_server *, pk_hook_server_free);

#endif
