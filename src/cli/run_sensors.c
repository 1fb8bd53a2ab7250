// SPDX-License-Identifier: Apache-2.0
/*
 * A kernel that refuses is asked why, once it has refused.
 */
#include "cli/run_sensors.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "cli/commands.h"
#include "kernel/probe.h"
#include "stream/names.h"

static int load_failed(const char *what, int err)
{
	static struct pk_probe probe;
	const char *reason;

	if (!pk_probe_run(&probe) && pk_probe_backend(&probe, &reason) == PK_BACKEND_NONE)
		pk_error("sensors: cannot load '%s': %s: %s; 'picket doctor' says more", what,
			 strerror(-err), reason);
	else if (err == -EACCES || err == -EINVAL || err == -E2BIG)
		pk_error("sensors: the kernel refused '%s': %s: see 'picket doctor'; PICKET_DEBUG=1 "
			 "shows the kernel's reason",
			 what, strerror(-err));
	else
		pk_error(
			"sensors: cannot load '%s': %s: see 'picket doctor' for what this kernel allows",
			what, strerror(-err));
	return PK_EXIT_REFUSED;
}

static void warn_missing(const struct pk_sensors *sensors)
{
	__u64 missing;
	int err;

	missing = pk_sensors_get_missing(sensors, &err);
	for (__u32 kind = 0; kind < PK_EVENT_SENSOR_MAX; kind++)
		if (missing & PK_KIND_BIT(kind))
			pk_warning("sensors: %s events will be missing: %s",
				   pk_event_kind_name(kind),
				   err == -ENOENT ? "no cgroup v2 is mounted" : strerror(-err));
}

int pk_run_sensors_new(const struct pk_sensors_options *wanted, struct pk_sensors **ret_sensors)
{
	const char *what = NULL;
	int err;

	if (pk_probe_pid_ns_differs()) {
		pk_error(
			"sensors: cannot be used in a pid namespace of its own, where /proc does not name the "
			"processes that the kernel tells of: start Picket in the host's (containers: "
			"--pid=host; Kubernetes: hostPID: true)");
		return PK_EXIT_REFUSED;
	}
	err = pk_sensors_new(wanted, ret_sensors, &what);
	if (err)
		return load_failed(what, err);
	warn_missing(*ret_sensors);
	return PK_EXIT_OK;
}
