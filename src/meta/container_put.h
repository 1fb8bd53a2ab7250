/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts as values of fields: what src/meta/container_value.c and k8s_value.c share.
 */
#ifndef PK_META_CONTAINER_PUT_H
#define PK_META_CONTAINER_PUT_H

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "meta/container.h"
#include "plan/field.h"

static inline void pk_container_put(struct pk_value *value, struct pk_text text)
{
	value->state = PK_VALUE_KNOWN;
	value->text = (struct pk_value_text){ text.data, text.len };
}

/* A copy. -ENOMEM */
static inline int pk_container_put_buf(struct pk_value *value, const struct pk_buf *buf,
				       struct pk_arena *arena)
{
	const char *copy = pk_arena_copy(arena, buf->data, buf->len_bytes);

	if (!copy)
		return -ENOMEM;
	pk_container_put(value, (struct pk_text){ copy, buf->len_bytes });
	return 0;
}

#endif
