/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of both sides of meta/hook_wire.h: a directory for the socket, and a container to tell of.
 */
#ifndef PK_TESTS_HOOKS_H
#define PK_TESTS_HOOKS_H

#include <sys/socket.h>
#include <sys/un.h>

#include "meta/container.h"
#include "meta/hook_wire.h"
#include "rooted.h"

static inline const char *socket_path(void)
{
	static char path[96];

	snprintf(path, sizeof(path), "%s/run/agent.sock", root);
	return path;
}

static inline struct sockaddr_un socket_address(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path());
	return address;
}

static inline void make_record(struct pk_record *record, const char *id)
{
	const struct pk_container container = { .state = PK_CONTAINER_RESOLVING,
						.id = { id, strlen(id) } };

	pk_container_to_record(&container, 99, (struct pk_text){ "", 0 }, record);
}

#endif
