// SPDX-License-Identifier: Apache-2.0
/*
 * A process lives in a container if its program was executed in one of the container's cgroups, outside of the
 * host's mount namespace. Forks inherit the program, so what the runtime clones into the cgroup stays the
 * runtime's until it executes something there.
 */
#include "stream/home.h"

#include <string.h>

static bool is_runtime(const struct pk_exec_event *exec)
{
	static const char *const names[] = { "runc", "crun", "youki", "conmon" };
	struct pk_text path = pk_record_text(exec, exec->exe.name);
	const char *slash = path.len ? memrchr(path.data, '/', path.len) : NULL;
	const char *name = slash ? slash + 1 : path.data;
	size_t len = path.len - (size_t)(name - path.data);

	if (path.len && memmem(path.data, path.len, "memfd:runc_cloned", 17))
		return true;
	for (size_t i = 0; i < PK_ARRAY_SIZE(names); i++) {
		if (len == strlen(names[i]) && !memcmp(name, names[i], len))
			return true;
	}
	return false;
}

bool pk_home_is_host(const struct pk_context *context, const struct pk_event *event)
{
	if (event->mnt_ns && event->mnt_ns == context->host_mnt_ns)
		return true;
	return event->kind == PK_EVENT_PROC && is_runtime((const struct pk_exec_event *)event);
}

bool pk_home_is_helper(const struct pk_view *view)
{
	const struct pk_image *image = view->process ? view->process->image : NULL;
	const struct pk_event *event = view->event;

	if (!view->container || !pk_container_is_one(view->container))
		return false;
	/* it was the container's before it left */
	if (event->flags & PK_FLAGS_ESCAPE_SO)
		return false;
	if (event->mnt_ns && event->mnt_ns == view->context->host_mnt_ns)
		return true;
	/* before the exec the program is still the old one, but the event is about the new */
	if (event->kind == PK_EVENT_EXEC || !image || !image->home)
		return false;
	return image->home != pk_container_key(view->container);
}
