/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions: refused with a reason, or a tree whose text parses to a tree with the same text.
 */
#include <string.h>

#include "fuzz.h"
#include "rules/parse.h"

static void check_diags(const struct pk_rules_ctx *ctx)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	fuzz_check(ctx->diags.errors_cnt > 0);
	for (const struct pk_diag *diag = ctx->diags.first; diag; diag = diag->next)
		fuzz_check(pk_diag_print(ctx, diag, &buf) == 0);
	fuzz_check(fuzz_is_harmless_text(buf.data, buf.len_bytes));
}

/* Whether it parsed; then its text is in `buf`. */
static bool parse(const char *data, size_t len, struct pk_buf *buf)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	struct pk_rules_ctx ctx = { .arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES) };
	struct pk_rules_parse_env env = { .ctx = &ctx };
	const struct pk_rules_node *node;
	struct pk_rules_pos pos = { 0 };
	struct pk_rules_text text;

	fuzz_check(pk_rules_sources_add(&ctx.sources, &ctx.arena, "condition", data, len,
					&pos.file_idx) == 0);
	pk_rules_draft_mark(&draft, pos, 0);
	pk_rules_draft_add(&draft, data, len);
	fuzz_check(pk_rules_draft_finish(&draft, &ctx.arena, &text) == 0);
	node = pk_rules_parse(&env, &text);
	fuzz_check(!ctx.err);
	if (node)
		fuzz_check(pk_rules_node_print(node, buf) == 0 && !ctx.diags.errors_cnt);
	else
		check_diags(&ctx);
	pk_arena_fini(&ctx.arena);
	return node != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	pk_buf_cleanup struct pk_buf once = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf twice = PK_BUF_INIT;

	/* the text of a condition has no zero bytes */
	if (memchr(data, '\0', size) || !parse((const char *)data, size, &once))
		return 0;
	fuzz_check(parse(once.data, once.len_bytes, &twice));
	fuzz_check(once.len_bytes == twice.len_bytes);
	fuzz_check(!memcmp(once.data, twice.data, once.len_bytes));
	return 0;
}
