// SPDX-License-Identifier: Apache-2.0
/*
 * A container is known by the cgroup of its first process. Which one that is the kernel says: the process comes as a
 * descriptor, so that neither pid namespaces nor pids that are used again make it another one.
 */
#include "cli/run_hook.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "meta/hook_server.h"
#include "meta/hook_wire.h"
#include "meta/pidfd.h"

struct pk_run_hook {
	struct pk_hook_server *server;
	struct pk_attribution *attribution;
	struct pk_live *live;
	bool said; /* that something was refused */
};

/* Where the agent cannot see it (its cgroup namespace is not the host's), the hook's word counts. */
static int find_cgroup(const struct pk_run_hook *hook, const struct pk_hook_message *message,
		       uint64_t *ret_cgroup_id)
{
	uint32_t pid, now;
	int err = pk_pidfd_pid(message->pidfd, &pid);

	if (err)
		return err;
	*ret_cgroup_id = pk_attribution_cgroup_of(hook->attribution, pid);
	err = pk_pidfd_pid(message->pidfd, &now);
	if (err)
		return err;
	if (!*ret_cgroup_id)
		*ret_cgroup_id = message->event->head.cgroup_id;
	return *ret_cgroup_id ? 0 : -ENOENT;
}

static int take(struct pk_run_hook *hook, const struct pk_hook_message *message)
{
	struct pk_container container;
	uint64_t cgroup_id;
	int err = find_cgroup(hook, message, &cgroup_id);

	if (err)
		return err;
	/* a container that was made without a cgroup of its own shares that of its runtime, which is the host's */
	if (message->hook_pid &&
	    pk_attribution_cgroup_of(hook->attribution, message->hook_pid) == cgroup_id)
		return -EXDEV;
	pk_container_from_record(message->event, &container);
	return pk_live_told(hook->live, cgroup_id, &container);
}

static int on_message(void *arg, const struct pk_hook_message *message)
{
	struct pk_run_hook *hook = arg;
	int err = take(hook, message);

	if (err && !hook->said) {
		hook->said = true;
		pk_warning("oci-hook: a container is not known as it starts: %s; it is looked up "
			   "as without the hook; not said again",
			   err == -EXDEV ? "it has no cgroup of its own" : strerror(-err));
	}
	return err;
}

/* What is wrong at the default place is no reason not to run: not everybody has hooks. */
static int refused(const char *path, int err)
{
	const char *where = path ?: PK_HOOK_SOCKET;

	if (path)
		pk_error("oci-hook: cannot listen at '%s': %s", where, strerror(-err));
	else if (err == -EADDRINUSE)
		pk_info("oci-hook: another picket listens at '%s'", where);
	else
		pk_info("oci-hook: cannot listen at '%s': %s; containers are known when they "
			"have been looked up",
			where, strerror(-err));
	return path ? err : 0;
}

int pk_run_hook_new(const char *path, struct pk_attribution *attribution, struct pk_live *live,
		    struct pk_run_hook **ret_hook)
{
	pk_cleanup(pk_run_hook_free_p) struct pk_run_hook *hook = calloc(1, sizeof(*hook));
	int err;

	*ret_hook = NULL;
	if (!hook)
		return refused(path, -ENOMEM);
	hook->attribution = attribution;
	hook->live = live;
	err = pk_hook_server_new(path ?: PK_HOOK_SOCKET, on_message, hook, &hook->server);
	if (err)
		return refused(path, err);
	*ret_hook = pk_take_ptr(hook);
	return 0;
}

void pk_run_hook_free(struct pk_run_hook *hook)
{
	if (!hook)
		return;
	pk_hook_server_free(hook->server);
	free(hook);
}

int pk_run_hook_get_fd(const struct pk_run_hook *hook)
{
	return hook ? pk_hook_server_get_fd(hook->server) : -1;
}

void pk_run_hook_read(struct pk_run_hook *hook)
{
	pk_hook_server_read(hook->server);
}

void pk_run_hook_tick(struct pk_run_hook *hook)
{
	if (hook)
		pk_hook_server_tick(hook->server);
}
