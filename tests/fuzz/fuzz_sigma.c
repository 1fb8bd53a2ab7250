/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of Sigma: the input is one file. Each document is a rule whose condition prints, is left out with a
 * reason, or refuses the file; never both nothing said and nothing loaded.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "rules/rules.h"

/* libfyaml 0.7.12 loses a buffer now and then when it refuses a file. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

static void check_diags(const struct pk_rules_ctx *ctx)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	for (const struct pk_diag *diag = ctx->diags.first; diag; diag = diag->next) {
		fuzz_check(diag->line > 0 && diag->column > 0 && diag->message[0]);
		fuzz_check(pk_diag_print(ctx, diag, &buf) == 0);
	}
	fuzz_check(fuzz_is_harmless_text(buf.data, buf.len_bytes));
}

static void check_rule(const struct pk_rule *rule)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	fuzz_check(rule->name && rule->condition && rule->output.len_bytes);
	fuzz_check(rule->condition->weight <= PK_MAX_CONDITION_NODES);
	fuzz_check(rule->condition->depth <= PK_MAX_CONDITION_DEPTH);
	/* what is settled is folded away, all of it */
	fuzz_check(rule->condition->kind == PK_RULES_NODE_CHECK || rule->condition->children_cnt);
	if (rule->condition->weight < 10000)
		fuzz_check(pk_rules_node_print(rule->condition, &buf) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_rules_loader *loader = NULL;
	struct pk_rules *rules = NULL;
	int err;

	fuzz_check(pk_rules_loader_new(NULL, &loader) == 0);
	fuzz_check(pk_rules_load_text(loader, "first", (const char *)data, size) == 0);
	err = pk_rules_finish(loader, &rules);
	fuzz_check(!err || err == -EBADMSG);
	check_diags(err ? pk_rules_loader_get_ctx(loader) : &rules->ctx);
	if (err)
		fuzz_check(pk_rules_loader_get_ctx(loader)->diags.errors_cnt > 0);
	else
		fuzz_check(rules->left_out_cnt <= rules->ctx.diags.warnings_cnt);
	for (size_t i = 0; !err && i < rules->cnt; i++)
		check_rule(rules->items[i]);
	pk_rules_free(rules);
	pk_rules_loader_free(loader);
	return 0;
}
