/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the rule language share: rules from texts, and what was said about them.
 */
#ifndef PK_TESTS_RULES_H
#define PK_TESTS_RULES_H

#include "rules/parse.h"
#include "rules/rules.h"
#include "test.h"

#include <errno.h>
#include <stdio.h>

/* A rule with what each needs, around a condition. */
#define RULE(name, condition) \
	"- rule: " name "\n  desc: d\n  output: o\n  priority: INFO\n  condition: " condition "\n"

struct loaded {
	struct pk_rules_loader *loader;
	struct pk_rules *rules; /* NULL: refused */
	struct pk_buf said;     /* all diagnostics as printed */
};

static inline void loaded_fini(struct loaded *loaded)
{
	pk_rules_free(loaded->rules);
	pk_rules_loader_free(loaded->loader);
	pk_buf_fini(&loaded->said);
}
#define loaded_cleanup pk_cleanup(loaded_fini)

static inline void say(struct pk_buf *buf, const struct pk_rules_ctx *ctx)
{
	for (const struct pk_diag *diag = ctx->diags.first; diag; diag = diag->next)
		assert_int_equal(pk_diag_print(ctx, diag, buf), 0);
	assert_int_equal(pk_buf_add_char(buf, '\0'), 0);
}

/* Files "f0", "f1" ... */
static inline struct loaded load_files(const struct pk_rules_options *options,
				       const char *const *texts, size_t cnt)
{
	struct loaded loaded = { 0 };
	int err;

	assert_int_equal(pk_rules_loader_new(options, &loaded.loader), 0);
	for (size_t i = 0; i < cnt; i++) {
		char path[32];

		snprintf(path, sizeof(path), "f%zu", i);
		assert_int_equal(pk_rules_load_text(loaded.loader, path, texts[i],
						    strlen(texts[i])),
				 0);
	}
	err = pk_rules_finish(loaded.loader, &loaded.rules);
	assert_true(err == 0 || err == -EBADMSG);
	say(&loaded.said, err ? pk_rules_loader_get_ctx(loaded.loader) : &loaded.rules->ctx);
	return loaded;
}

static inline struct loaded load(const char *text)
{
	return load_files(NULL, &text, 1);
}

/* Loaded, and nothing worse than a note was said. */
static inline void assert_clean(const struct loaded *loaded)
{
	if (strstr(loaded->said.data, ": error: ") || strstr(loaded->said.data, ": warning: "))
		fail_msg("%s", loaded->said.data);
	assert_non_null(loaded->rules);
}

static inline void assert_said(const struct loaded *loaded, const char *text)
{
	if (!strstr(loaded->said.data, text))
		fail_msg("not said: %s\nbut: %s", text, loaded->said.data);
}

static inline void assert_refused(const struct loaded *loaded, const char *text)
{
	assert_null(loaded->rules);
	assert_said(loaded, text);
}

static inline const struct pk_rule *rule_of(const struct loaded *loaded, const char *name)
{
	if (!loaded->rules)
		fail_msg("%s", loaded->said.data);
	for (size_t i = 0; i < loaded->rules->cnt; i++) {
		if (!strcmp(loaded->rules->items[i]->name, name))
			return loaded->rules->items[i];
	}
	fail_msg("no rule %s", name);
	return NULL;
}

static inline void assert_condition(const struct loaded *loaded, const char *name,
				    const char *expected)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	assert_int_equal(pk_rules_node_print(rule_of(loaded, name)->condition, &buf), 0);
	assert_int_equal(pk_buf_add_char(&buf, '\0'), 0);
	assert_string_equal(buf.data, expected);
}

/* A condition by itself: what it prints as, or what is said. */
static inline void parse_alone(const char *text, struct pk_buf *printed, struct pk_buf *said)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	struct pk_rules_ctx *ctx = calloc(1, sizeof(*ctx));
	struct pk_rules_parse_env env = { .ctx = ctx };
	const struct pk_rules_node *node;
	struct pk_rules_pos pos = { 0 };
	struct pk_rules_text whole;

	assert_non_null(ctx);
	ctx->arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES);
	assert_int_equal(pk_rules_sources_add(&ctx->sources, &ctx->arena, "c", text, strlen(text),
					      &pos.file_idx),
			 0);
	pk_rules_draft_mark(&draft, pos, 0);
	pk_rules_draft_add(&draft, text, strlen(text));
	assert_int_equal(pk_rules_draft_finish(&draft, &ctx->arena, &whole), 0);
	node = pk_rules_parse(&env, &whole);
	assert_int_equal(ctx->err, 0);
	assert_true((node != NULL) == (ctx->diags.errors_cnt == 0));
	if (node)
		assert_int_equal(pk_rules_node_print(node, printed), 0);
	assert_int_equal(pk_buf_add_char(printed, '\0'), 0);
	say(said, ctx);
	pk_arena_fini(&ctx->arena);
	free(ctx);
}

/* What ends with a zero byte, or nothing. */
static inline const char *text_of(const struct pk_buf *buf)
{
	return buf->data ? buf->data : "";
}

static inline void assert_parses(const char *text, const char *expected)
{
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf said = PK_BUF_INIT;

	parse_alone(text, &printed, &said);
	if (strcmp(text_of(&printed), expected))
		fail_msg("%s\ngave: %s\n%s", text, text_of(&printed), text_of(&said));
}

static inline void assert_fails(const char *text, const char *expected)
{
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf said = PK_BUF_INIT;

	parse_alone(text, &printed, &said);
	if (!strstr(text_of(&said), expected))
		fail_msg("%s\ngave: %s\nsaid: %s", text, text_of(&printed), text_of(&said));
}

/* `cnt` times `part`, to be freed. */
static inline char *repeated(const char *part, size_t cnt)
{
	size_t len = strlen(part);
	char *text = calloc(cnt + 1, len ? len : 1);

	assert_non_null(text);
	for (size_t i = 0; i < cnt; i++)
		memcpy(text + i * len, part, len);
	return text;
}

#endif
