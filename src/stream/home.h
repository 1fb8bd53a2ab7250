/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a process that is in a container's cgroup lives in the container. The runtime joins the cgroup first,
 * and the container's own program is executed last; what is between is a helper, neither the host's nor
 * the container's.
 */
#ifndef PK_STREAM_HOME_H
#define PK_STREAM_HOME_H

#include <stdbool.h>

#include "stream/stream.h"

/* Executed as this event says, a program is not the container's: the process is in the host's mount namespace,
 * or it was alive before the sensors and is a runtime by name. */
bool pk_home_is_host(const struct pk_context *context, const struct pk_event *event);

/* `view` is complete but for is_helper. */
bool pk_home_is_helper(const struct pk_view *view);

#endif
