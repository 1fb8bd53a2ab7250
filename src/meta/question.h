/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container to find out about, as the path of its cgroup named it.
 */
#ifndef PK_META_QUESTION_H
#define PK_META_QUESTION_H

#include <stdint.h>

#include "meta/container.h"

#define PK_MAX_NAMESPACE_BYTES 76u /* of containerd */

struct pk_question {
	uint64_t cgroup_id;
	uint32_t runtime; /* enum pk_container_runtime, as far as known */
	uint32_t uid;     /* whose container it is: of user-UID.slice, else 0 */
	char id[PK_MAX_CONTAINER_ID_BYTES + 1]; /* no '/', no '.' in front: may be part of a path */
	char space[PK_MAX_NAMESPACE_BYTES +
		   1]; /* containerd's namespace, likewise; empty: not known */
};

#endif
