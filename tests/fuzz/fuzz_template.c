/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output templates: refused with a reason, or they print whatever the values are, the same each time.
 */
#include <string.h>

#include "fuzz.h"
#include "rules/diag.h"
#include "sinks/alert.h"

/* A value that follows from the field's name alone. */
static int get(void *arg, const struct pk_field *field, const char *field_arg,
	       struct pk_value *ret_value)
{
	static const struct pk_value_text texts[] = { { "L2V0Yy9Y\n", 8 },
						      { "\xff\033[31m", 6 },
						      { "", 0 } };
	size_t len = strlen(field->name) + (field_arg ? strlen(field_arg) : 0);

	*ret_value = (struct pk_value){
		.state = (enum pk_value_state)(len % 4 > 2 ? 2 : len % 4),
		.type = field->type,
		.text = texts[len % 3],
		.num.u = len * 0x123456789abcdefull,
		.addr_cnt = len % 3,
		.list_cnt = field->type == PK_FIELD_LIST ? len % 3 : 0,
	};
	memcpy(ret_value->list, texts, sizeof(texts));
	return 0;
}

static void check_diags(const struct pk_rules_ctx *ctx)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	for (const struct pk_diag *diag = ctx->diags.first; diag; diag = diag->next)
		fuzz_check(pk_diag_print(ctx, diag, &buf) == 0);
	fuzz_check(fuzz_is_harmless_text(buf.data, buf.len_bytes));
}

static void check_render(const struct pk_template *tmpl)
{
	pk_buf_cleanup struct pk_buf once = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf twice = PK_BUF_INIT;

	fuzz_check(pk_template_render(tmpl, get, NULL, &once) == 0);
	fuzz_check(pk_template_render(tmpl, get, NULL, &twice) == 0);
	fuzz_check(once.len_bytes == twice.len_bytes);
	fuzz_check(!once.len_bytes || !memcmp(once.data, twice.data, once.len_bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	struct pk_rules_ctx ctx = { .arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES) };
	struct pk_rules_pos pos = { 0 };
	struct pk_rules_text text;
	struct pk_template *tmpl;

	if (memchr(data, '\0', size))
		return 0;
	fuzz_check(pk_rules_sources_add(&ctx.sources, &ctx.arena, "output", (const char *)data,
					size, &pos.file_idx) == 0);
	pk_rules_draft_mark(&draft, pos, 0);
	pk_rules_draft_add(&draft, (const char *)data, size);
	fuzz_check(pk_rules_draft_finish(&draft, &ctx.arena, &text) == 0);
	tmpl = pk_template_new(&ctx, &text);
	fuzz_check(!ctx.err);
	fuzz_check((tmpl != NULL) == (ctx.diags.errors_cnt == 0));
	check_diags(&ctx);
	if (tmpl)
		check_render(tmpl);
	pk_template_free(tmpl);
	pk_arena_fini(&ctx.arena);
	return 0;
}
