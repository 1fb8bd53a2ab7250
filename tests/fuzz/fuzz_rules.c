/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files: the input is one file, or two with a line "%%%" between. Whatever it is, it is either
 * a rule set whose conditions print and parse, or refused with a reason; and each reason prints as
 * harmless text.
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

static const char separator[] = "\n%%%\n";

/* Some fields are known, so that both ways are gone. */
static bool field_known(void *arg, struct pk_rules_field_query *query)
{
	query->suggestion = "proc.name";
	return query->name[0] != 'x';
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

static void check_rules(const struct pk_rules *rules)
{
	for (size_t i = 0; i < rules->cnt; i++) {
		const struct pk_rule *rule = rules->items[i];
		pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

		fuzz_check(rule->name && rule->condition && rule->output.len_bytes);
		fuzz_check(rule->condition->weight <= PK_MAX_CONDITION_NODES);
		fuzz_check(rule->condition->depth <= PK_MAX_CONDITION_DEPTH);
		if (rule->condition->weight < 10000)
			fuzz_check(pk_rules_node_print(rule->condition, &buf) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pk_rules_options options = { .field_known = field_known };
	struct pk_rules_loader *loader = NULL;
	struct pk_rules *rules = NULL;
	const uint8_t *second = memmem(data, size, separator, strlen(separator));
	size_t first_len = second ? (size_t)(second - data) : size;
	int err;

	fuzz_check(pk_rules_loader_new(&options, &loader) == 0);
	err = pk_rules_load_text(loader, "first", (const char *)data, first_len);
	if (!err && second) {
		second += strlen(separator);
		err = pk_rules_load_text(loader, "second", (const char *)second,
					 size - (size_t)(second - data));
	}
	fuzz_check(!err);
	err = pk_rules_finish(loader, &rules);
	fuzz_check(!err || err == -EBADMSG);
	check_diags(err ? pk_rules_loader_get_ctx(loader) : &rules->ctx);
	if (err)
		fuzz_check(pk_rules_loader_get_ctx(loader)->diags.errors_cnt > 0);
	else
		check_rules(rules);
	pk_rules_free(rules);
	pk_rules_loader_free(loader);
	return 0;
}
