// SPDX-License-Identifier: Apache-2.0
/*
 * Fields of the container that the acting process lives in. Outside of any, id, full_id, name and
 * type are "host" and the others are missing. Until the container is resolved, what is not yet known
 * of it is unknown. Of a helper of the runtime (container.is_helper) all of them are missing: it is
 * neither the host's nor the container's.
 */
#include "base/cleanup.h"
#include "plan/field_table.h"

#define NO_CHECKS "health checks and probes are not read"

#define OF(n, t, a, i, d) HAS("container." n, t, a, CONTAINER, ALL_KINDS, CONTAINER_##i, USER, d)

static const struct pk_field fields[] = {
	HAS("container.tag", TEXT, NONE, EVENT, ALL_KINDS, BY_SOURCE, FROM(S_TAG(ALL_KINDS, CTAGS)),
	    "tags that rules gave the container (the process's cgroup): = and in are true of "
	    "any, != if none is equal"),
	OF("id", TEXT, NONE, ID, "first 12 characters of the container's id; host outside of any"),
	OF("full_id", TEXT, NONE, FULL_ID, "the container's id; host outside of any"),
	OF("name", TEXT, NONE, NAME, "what the container is called; host outside of any"),
	OF("type", TEXT, NONE, TYPE,
	   "who made the container: docker, containerd, cri-o, podman, runc (or crun alone), lxc, "
	   "nspawn; host outside of any"),
	OF("image", TEXT, NONE, IMAGE, "image that the container was made of, as it was asked for"),
	OF("image.id", TEXT, NONE, IMAGE_ID, "id of the image, without the hash's name"),
	OF("image.repository", TEXT, NONE, IMAGE_REPOSITORY, "the image without tag and digest"),
	OF("image.tag", TEXT, NONE, IMAGE_TAG,
	   "tag of the image; latest if it was asked for without tag and digest"),
	OF("image.digest", TEXT, NONE, IMAGE_DIGEST,
	   "digest of the image in its repository: sha256:..."),
	OF("privileged", BOOL, NONE, PRIVILEGED, "the container has all rights of the host's root"),
	OF("mounts", TEXT, NONE, MOUNTS,
	   "all mounts: source:destination:mode:rdwr:propagation, commas between"),
	OF("mount", TEXT, KEY, MOUNT,
	   "one mount, all five parts; by number from 0, or by source, a glob"),
	OF("mount.source", TEXT, KEY, MOUNT_SOURCE,
	   "source of a mount; by number, or by destination, a glob"),
	OF("mount.dest", TEXT, KEY, MOUNT_DEST,
	   "destination of a mount; by number, or by source, a glob"),
	OF("mount.mode", TEXT, KEY, MOUNT_MODE, "options of a mount; by number or source"),
	OF("mount.rdwr", TEXT, KEY, MOUNT_RDWR,
	   "true or false: a mount may be written; by number or source"),
	OF("mount.propagation", TEXT, KEY, MOUNT_PROPAGATION,
	   "how a mount passes on mounts below it; by number or source"),
	OF("label", TEXT, KEY, LABEL, "value of one label"),
	OF("labels", TEXT, NONE, LABELS, "all labels: key:value, a comma and a blank between"),
	OF("start_ts", TIME, NONE, START_TS, "when the container began, since the epoch"),
	HAS("container.duration", TIME, NONE, EVENT, ALL_KINDS, CONTAINER_DURATION, USER,
	    "for how long the container has been there"),
	OF("ip", TEXT, NONE, IP, "address of the container in its network, as a text"),
	OF("host_pid", BOOL, NONE, HOST_PID, "it shares the host's pid namespace"),
	OF("host_network", BOOL, NONE, HOST_NETWORK, "it shares the host's network namespace"),
	OF("host_ipc", BOOL, NONE, HOST_IPC, "it shares the host's IPC namespace"),
	OF("info", TEXT, NONE, INFO, "container_id= with the id, container_name= with the name"),
	HAS("container.is_helper", BOOL, NONE, EVENT, ALL_KINDS, CONTAINER_IS_HELPER, USER,
	    "the process is in a container's cgroup and is not the container's: the runtime, between "
	    "joining the container and running its program"),
	NOT("container.healthcheck", TEXT, NONE, NO_CHECKS, "command that checks its health"),
	NOT("container.liveness_probe", TEXT, NONE, NO_CHECKS, "command of its liveness probe"),
	NOT("container.readiness_probe", TEXT, NONE, NO_CHECKS, "command of its readiness probe"),
	NOT("container.cni.json", TEXT, NONE, "what network plugins say is not read",
	    "result of its network plugin"),
	NOT("proc.is_container_healthcheck", BOOL, NONE, NO_CHECKS,
	    "it runs as the health check of a container"),
	NOT("proc.is_container_liveness_probe", BOOL, NONE, NO_CHECKS,
	    "it runs as a liveness probe"),
	NOT("proc.is_container_readiness_probe", BOOL, NONE, NO_CHECKS,
	    "it runs as a readiness probe"),
};

const struct pk_field_table pk_fields_container = { fields, PK_ARRAY_SIZE(fields) };
