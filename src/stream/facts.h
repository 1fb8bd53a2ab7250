/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of fields from an event of the stream and what is known around it: Falco's names over
 * Picket's records. A pk_value_fn.
 */
#ifndef PK_STREAM_FACTS_H
#define PK_STREAM_FACTS_H

#include "plan/field.h"
#include "stream/stream.h"

/* Whose values; and the memory of texts that had to be put together for the event. */
struct pk_facts_ctx;

/* -ENOMEM */
int pk_facts_ctx_new(struct pk_facts_ctx **ret_ctx);
void pk_facts_ctx_free(struct pk_facts_ctx *ctx);

/* Who knows names of hosts, borrowed; NULL: no address has one. */
struct pk_hosts;
void pk_facts_ctx_set_hosts(struct pk_facts_ctx *ctx, struct pk_hosts *hosts);

/* The event from now on; values got before are void. `tag_names` (by bit, may be NULL) gives proc.tag
 * and container.tag their texts. */
void pk_facts_ctx_set(struct pk_facts_ctx *ctx, const struct pk_view *view,
		      const char *const *tag_names, size_t tag_cnt);

/* A pk_value_fn; `arg` is the ctx. */
int pk_facts_get(void *arg, const struct pk_field *field, const char *field_arg,
		 struct pk_value *ret_value);

PK_DEFINE_CLEANUP(struct pk_facts_ctx *, pk_facts_ctx_free);

#endif
