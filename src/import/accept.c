// SPDX-License-Identifier: Apache-2.0
/*
 * Asks the compiler of rules.
 */
#include <errno.h>
#include <string.h>

#include "import/import.h"
#include "plan/plan.h"

static int compile(struct pk_rules *rules)
{
	const struct pk_plan_options options = { .backend = PK_BACKEND_LSM, .generation = 1 };
	struct pk_bound *bound = NULL;
	struct pk_plan *plan = NULL;
	int err = pk_bound_new(rules, &bound);

	if (!err)
		err = pk_plan_new(rules, bound, &options, &plan);
	for (size_t i = 0; !err && i < rules->cnt; i++)
		err = plan->plan_rules[i].never ? -ENOENT : 0;
	pk_plan_free(plan);
	pk_bound_free(bound);
	return err;
}

/* Up to what the user can do on the command line of the commands that take rules. */
static void tell(const struct pk_rules_ctx *ctx, struct pk_import_text *why)
{
	for (const struct pk_diag *diag = ctx->diags.first; diag; diag = diag->next) {
		const char *end = strstr(diag->message, "; ");

		if (diag->severity != PK_DIAG_ERROR)
			continue;
		pk_import_text_visible(why, diag->message,
				       end ? (size_t)(end - diag->message) : strlen(diag->message),
				       400);
		return;
	}
}

int pk_import_accept(const struct pk_import_text *rule, struct pk_import_text *reterr_why)
{
	const struct pk_rules_options known = { .field_known = pk_field_known };
	struct pk_rules_loader *loader = NULL;
	struct pk_rules *rules = NULL;
	int err = rule->err ? rule->err : pk_rules_loader_new(&known, &loader);

	if (!err)
		err = pk_rules_load_text(loader, "import", rule->buf.data, rule->buf.len_bytes);
	if (!err)
		err = pk_rules_finish(loader, &rules);
	if (!err)
		err = compile(rules);
	if (err == -EBADMSG)
		tell(rules ? &rules->ctx : pk_rules_loader_get_ctx(loader), reterr_why);
	else if (err == -E2BIG || err == -EFBIG)
		pk_import_text_str(reterr_why, "it is too large");
	else if (err == -ENOENT)
		pk_import_text_str(reterr_why, "no event has all that it asks for");
	if (err == -E2BIG || err == -EFBIG || err == -ENOENT)
		err = -EBADMSG;
	pk_rules_free(rules);
	pk_rules_loader_free(loader);
	return err;
}
