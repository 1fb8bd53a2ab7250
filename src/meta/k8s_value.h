/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of the k8s.* fields: PK_FIELD_K8S_NS_NAME and those behind it.
 */
#ifndef PK_META_K8S_VALUE_H
#define PK_META_K8S_VALUE_H

#include "base/arena.h"
#include "meta/container.h"
#include "plan/field.h"

/* Of a container, which it is; `value` is MISSING so far. Texts are the container's or live in `arena`. -ENOMEM */
int pk_k8s_value(const struct pk_container *container, const struct pk_field *field,
		 const char *field_arg, struct pk_arena *arena, struct pk_value *value);

/* Does only the API server tell its value? Where nobody asks it, the field of a pod stays unknown. */
bool pk_k8s_value_is_told(const struct pk_field *field);

#endif
