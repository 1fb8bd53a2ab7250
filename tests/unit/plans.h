/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans from texts of rules, and what was said about them.
 */
#ifndef PK_TESTS_PLANS_H
#define PK_TESTS_PLANS_H

#include "plan/plan.h"
#include "rules.h"

struct planned {
	struct loaded loaded;
	struct pk_bound *bound;
	struct pk_plan *plan; /* NULL: refused */
	struct pk_buf said;   /* all diagnostics, those of loading too */
	int err;
};

static inline void planned_fini(struct planned *planned)
{
	pk_plan_free(planned->plan);
	pk_bound_free(planned->bound);
	loaded_fini(&planned->loaded);
	pk_buf_fini(&planned->said);
}
#define planned_cleanup pk_cleanup(planned_fini)

static inline struct planned plan_with(const char *text, struct pk_plan_options plan_options)
{
	const struct pk_rules_options options = { .field_known = pk_field_known };
	struct planned planned = { .loaded = load_files(&options, &text, 1) };

	if (!planned.loaded.rules)
		fail_msg("%s", planned.loaded.said.data);
	planned.err = pk_bound_new(planned.loaded.rules, &planned.bound);
	if (!planned.err)
		planned.err = pk_plan_new(planned.loaded.rules, planned.bound, &plan_options,
					  &planned.plan);
	say(&planned.said, &planned.loaded.rules->ctx);
	return planned;
}

static inline struct planned plan_text(const char *text)
{
	struct planned planned =
		plan_with(text,
			  (struct pk_plan_options){ .backend = PK_BACKEND_LSM, .generation = 1 });

	if (planned.err)
		fail_msg("%d %s", planned.err, planned.said.data);
	return planned;
}

static inline void assert_planned_said(const struct planned *planned, const char *text)
{
	if (!strstr(planned->said.data, text))
		fail_msg("not said: %s\nbut: %s", text, planned->said.data);
}

/* The circuit of the only rule on a kind; NULL: never. */
static inline const struct pk_judged *judged_of(const struct planned *planned, uint32_t kind,
						uint32_t rule)
{
	const struct pk_circuit *circuit = &planned->plan->circuits[kind];

	for (size_t i = 0; i < circuit->cnt; i++) {
		if (circuit->judged[i].rule_idx == rule)
			return &circuit->judged[i];
	}
	return NULL;
}

#endif
