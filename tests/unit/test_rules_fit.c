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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_and_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
