/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks runtimes about containers, in a thread of its own, so that no reader of events ever waits for a runtime. First
 * what they keep on disk, which takes microseconds, then their API. A container that is not known there yet is
 * asked for again a few times, then let be.
 */
#ifndef PK_META_RESOLVER_H
#define PK_META_RESOLVER_H

#include "base/cleanup.h"
#include "meta/question.h"
#include "stream/record.h"

#define PK_MAX_QUESTIONS 4096u /* waiting at once */

struct pk_resolver_options {
	const char *root;              /* goes before the paths of files and sockets; NULL: "" */
	const char *docker_socket;     /* NULL: /run/docker.sock */
	const char *podman_socket;     /* NULL: /run/podman/podman.sock */
	const char *containerd_socket; /* NULL: /run/containerd/containerd.sock */
	const char *crio_socket;       /* NULL: /run/crio/crio.sock */
	unsigned int timeout_ms;       /* of one request; 0: 2,000 */
};

struct pk_resolver;

/* Texts of `options` are copied. -ENOMEM, -errno of the thread. */
int pk_resolver_new(const struct pk_resolver_options *options, struct pk_resolver **ret_resolver);
/* Ends the thread; a request under way is waited for. */
void pk_resolver_free(struct pk_resolver *resolver);

/* `container` and `cgroup` are what is known already: they are copied. -EAGAIN: PK_MAX_QUESTIONS wait; -ENOMEM */
int pk_resolver_ask(struct pk_resolver *resolver, const struct pk_question *question,
		    const struct pk_container *container, struct pk_text cgroup);

/* The next PK_EVENT_CONTAINER record, to be freed by the caller; NULL: none. About one container there may be several,
 * the last in state PK_CONTAINER_RESOLVED. */
struct pk_event *pk_resolver_take(struct pk_resolver *resolver);

/* An eventfd, readable when something may be taken. */
int pk_resolver_get_fd(const struct pk_resolver *resolver);

PK_DEFINE_CLEANUP(struct pk_resolver *, pk_resolver_free);

#endif
