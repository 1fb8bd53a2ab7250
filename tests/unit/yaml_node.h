/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML for tests: a text to a node, and what was said about it.
 */
#ifndef PK_TESTS_YAML_NODE_H
#define PK_TESTS_YAML_NODE_H

#include "rules/yaml.h"
#include "test.h"

struct yaml {
	struct pk_rules_ctx *ctx;
	const struct pk_yaml_node *root;
};

static inline void yaml_on_document(void *arg, const struct pk_yaml_node *root)
{
	((struct yaml *)arg)->root = root;
}

static inline struct yaml yaml_read(const char *text)
{
	struct yaml yaml = { .ctx = calloc(1, sizeof(struct pk_rules_ctx)) };
	uint32_t file_idx;

	assert_non_null(yaml.ctx);
	yaml.ctx->arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES);
	assert_int_equal(pk_rules_sources_add(&yaml.ctx->sources, &yaml.ctx->arena, "t.yaml", text,
					      strlen(text), &file_idx),
			 0);
	assert_int_equal(pk_yaml_read(yaml.ctx, file_idx, yaml_on_document, &yaml), 0);
	assert_non_null(yaml.root);
	return yaml;
}

static inline void yaml_fini(struct yaml *yaml)
{
	if (yaml->ctx)
		pk_arena_fini(&yaml->ctx->arena);
	free(yaml->ctx);
}
#define yaml_cleanup pk_cleanup(yaml_fini)

/* Nothing was said. */
static inline void assert_yaml_clean(const struct yaml *yaml)
{
	if (yaml->ctx->diags.first)
		fail_msg("said: %s", yaml->ctx->diags.first->message);
}

/* Something with `part` in it was said. */
static inline void assert_yaml_said(const struct yaml *yaml, const char *part)
{
	for (const struct pk_diag *diag = yaml->ctx->diags.first; diag; diag = diag->next) {
		if (strstr(diag->message, part))
			return;
	}
	fail_msg("not said: %s; but: %s", part,
		 yaml->ctx->diags.first ? yaml->ctx->diags.first->message : "nothing");
}

#endif
