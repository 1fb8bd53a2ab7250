// SPDX-License-Identifier: Apache-2.0
#include "cli/rules_fit.h"

#include "plans.h"

/* Rules without a key on one kind of event. */
static int fit(size_t cnt, uint32_t *ret_kind)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	char line[256];

	for (size_t i = 0; i < cnt; i++) {
		snprintf(line, sizeof(line),
			 RULE("r%zu", "evt.type = mkdir and user.uid > %zu and proc.pid < %zu and "
				      "proc.ppid != %zu and group.gid != %zu"),
			 i, i, i + 5, i, i);
		assert_int_equal(pk_buf_add_str(&text, line), 0);
	}
	pk_buf_add_char(&text, '\0');
	{
		planned_cleanup struct planned planned = plan_text(text.data);

		return pk_rules_fit(planned.plan, ret_kind);
	}
}

static void few_and_many(void **state)
{
	uint32_t kind = 0;

	assert_int_equal(fit(0, &kind), 0);
	assert_int_equal(fit(2000, &kind), 0);
	assert_int_equal(kind, 0);
	assert_int_equal(fit(25000, &kind), -E2BIG);
	assert_int_equal(kind, PK_EVENT_MKDIR);
}

/* Each asks for a path of its own and denies: it is found by the path and by the file's identity. */
static void a_fleet_that_denies(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	uint32_t kind = 0;
	char line[320];

	for (int i = 0; i < 10000; i++) {
		snprintf(line, sizeof(line),
			 RULE("r%d",
			      "evt.type in (open, openat, openat2) and fd.name = /srv/app-%d/data "
			      "and proc.name = worker-%d") "  action: deny\n",
			 i, i, i);
		assert_int_equal(pk_buf_add_str(&text, line), 0);
	}
	pk_buf_add_char(&text, '\0');
	{
		planned_cleanup struct planned planned = plan_text(text.data);

		assert_int_equal(planned.plan->ident_cnt, 10000);
		assert_int_equal(pk_rules_fit(planned.plan, &kind), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_and_many),
		cmocka_unit_test(a_fleet_that_denies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
