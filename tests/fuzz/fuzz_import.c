/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of Tetragon: the input is a file. Whatever it is, what comes out is a rule file that is taken, with as
 * many rules as were counted, or a finding says what is wrong; and all of it prints as harmless text.
 */
#include <errno.h>

#include "fuzz.h"
#include "import/import.h"
#include "plan/field.h"
#include "rules/rules.h"

/* libfyaml 0.7.12 loses a buffer now and then when it refuses a file. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

static void check_out(const struct pk_import *import)
{
	const struct pk_rules_options options = { .field_known = pk_field_known };
	struct pk_rules_loader *loader = NULL;
	struct pk_rules *rules = NULL;

	fuzz_check(pk_rules_loader_new(&options, &loader) == 0);
	fuzz_check(pk_rules_load_text(loader, "out", import->out.buf.data,
				      import->out.buf.len_bytes) == 0);
	fuzz_check(pk_rules_finish(loader, &rules) == 0);
	fuzz_check(rules->cnt == import->cnt.rules);
	for (size_t i = 0; i < rules->cnt; i++)
		fuzz_check(rules->items[i]->tags_cnt == 1);
	pk_rules_free(rules);
	pk_rules_loader_free(loader);
}

static void check_findings(const struct pk_rules_ctx *ctx)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	for (const struct pk_diag *diag = ctx->diags.first; diag; diag = diag->next)
		fuzz_check(pk_diag_print(ctx, diag, &buf) == 0);
	fuzz_check(fuzz_is_harmless_text(buf.data, buf.len_bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_rules_ctx *ctx = calloc(1, sizeof(*ctx));
	struct pk_import *import = NULL;
	char *copy = malloc(size + 1);
	uint32_t file_idx;
	int err;

	fuzz_check(ctx && copy);
	memcpy(copy, data, size);
	ctx->arena = PK_ARENA_INIT(PK_MAX_RULES_BYTES);
	fuzz_check(pk_import_new(ctx, &import) == 0);
	pk_import_blank_zeros(copy, size);
	fuzz_check(pk_rules_sources_add(&ctx->sources, &ctx->arena, "policy", copy, size,
					&file_idx) == 0);
	err = pk_import_tetragon(import, file_idx);
	fuzz_check(!err || err == -EBADMSG);
	fuzz_check(!err == !ctx->diags.errors_cnt);
	fuzz_check(fuzz_is_harmless_text(import->out.buf.data, import->out.buf.len_bytes));
	if (import->out.buf.len_bytes)
		check_out(import);
	check_findings(ctx);
	pk_import_free(import);
	pk_arena_fini(&ctx->arena);
	free(ctx);
	free(copy);
	return 0;
}
