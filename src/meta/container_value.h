/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of the container.* and k8s.* fields out of a container alone, no event needed: PK_FIELD_CONTAINER_ID to
 * PK_FIELD_CONTAINER_INFO, PK_FIELD_K8S_NS_NAME to PK_FIELD_K8S_NODE_NAME.
 */
#ifndef PK_META_CONTAINER_VALUE_H
#define PK_META_CONTAINER_VALUE_H

#include "base/arena.h"
#include "meta/container.h"
#include "plan/field.h"

/*
 * `container`: one, pk_container_host or pk_container_unknown. `now_ns` (CLOCK_REALTIME) is for
 * container.duration. Texts are the container's or live in `arena`. -ENOMEM; -EINVAL: the field is none of
 * these.
 */
int pk_container_value(const struct pk_container *container, const struct pk_field *field,
		       const char *field_arg, uint64_t now_ns, struct pk_arena *arena,
		       struct pk_value *ret_value);

#endif
