/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scene of one rule test: which processes there are, and what time it is. In: events as YAML, in the
 * words of docs/events.md (a printed event can be pasted). Out: records, as sensors would have made them.
 * The same test makes the same records on every machine.
 */
#ifndef PK_CLI_TEST_SCENE_H
#define PK_CLI_TEST_SCENE_H

#include "base/cleanup.h"
#include "rules/yaml.h"
#include "stream/record.h"

#define PK_MAX_SCENE_PROCS 256u

struct pk_scene;

/* Where records go stays the caller's. Emits the stream's beginning. -ENOMEM; what `emit` returned. */
int pk_scene_new(struct pk_rules_ctx *ctx, pk_emit_fn *emit, void *arg,
		 struct pk_scene **ret_scene);
void pk_scene_free(struct pk_scene *scene);

/*
 * Makes one event: `event` is a mapping with "type", "process", and so on. Emits its processes, where they
 * are new, and returns the event's own record for the caller to emit: the scene's, until the next call.
 * -EBADMSG: said in the diagnostics; -ENOMEM; what `emit` returned.
 */
int pk_scene_play(struct pk_scene *scene, const struct pk_yaml_node *event,
		  const struct pk_event **ret_event);

PK_DEFINE_CLEANUP(struct pk_scene *, pk_scene_free);

#endif
