/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the path of a cgroup says: which runtime made it, for which container and pod. Pure: no file is
 * looked at.
 *
 *   docker       /docker/ID                       docker-ID.scope
 *   containerd   /kubepods/.../podUID/ID          cri-containerd-ID.scope    nerdctl-ID.scope
 *   cri-o        /kubepods/.../podUID/crio-ID     crio-ID.scope
 *   podman       /libpod_parent/libpod-ID         libpod-ID.scope
 *   lxc          /lxc/NAME  /lxc.payload.NAME     nspawn  systemd-nspawn@NAME.service/payload
 *
 * on cgroup v1 and v2, anywhere below other cgroups (nested runtimes), with anything below. Cgroups of
 * runc and crun alone, and of ctr, are called as their user likes: of those the last part is a
 * `candidate`, to be looked for among the runtimes' state directories.
 */
#ifndef PK_META_CGROUP_PATH_H
#define PK_META_CGROUP_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "meta/container.h"

#define PK_MAX_POD_UID_BYTES 63u

struct pk_cgroup_path {
	uint32_t runtime; /* enum pk_container_runtime; UNKNOWN also of a container whose path
				  * does not tell */
	struct pk_text
		id; /* of the innermost container; len 0: it is none, as far as the path tells */
	struct pk_text outer_id; /* of the one around it; len 0: none */
	bool is_monitor;         /* conmon, lxc's monitor: of the runtime, on the host */
	uint32_t pod_uid_bytes;
	char pod_uid[PK_MAX_POD_UID_BYTES + 1]; /* as Kubernetes writes it; empty: none */
	struct pk_text candidate;               /* id is empty: may be one; len 0: cannot */
	struct pk_text candidate_parent;        /* the part above it */
};

/* `path` as /proc/PID/cgroup has it, from the root of the hierarchy; any bytes. Texts point into it. */
void pk_cgroup_path_parse(struct pk_text path, struct pk_cgroup_path *ret_parsed);

#endif
