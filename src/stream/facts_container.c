// SPDX-License-Identifier: Apache-2.0
/*
 * Fields of the container that the acting process lives in, and of its pod. Of a runtime's helper they are missing.
 */
#include "meta/container_value.h"
#include "stream/facts_internal.h"

int pk_facts_container_by_id(struct pk_facts_ctx *ctx, const struct pk_field *field,
			     const char *field_arg, struct pk_value *value)
{
	const struct pk_view *view = &ctx->view;
	const struct pk_container *container = view->container ? view->container :
								 &pk_container_unknown;

	if (field->id == PK_FIELD_CONTAINER_IS_HELPER) {
		if (container->state == PK_CONTAINER_UNKNOWN)
			pk_facts_put_unknown(value);
		else
			pk_facts_put_bool(value, view->is_helper);
		return 0;
	}
	if (view->is_helper)
		return 0;
	return pk_container_value(container, field, field_arg,
				  view->event->time_ns + (uint64_t)view->context->clock_offset_ns,
				  &ctx->arena, value);
}
