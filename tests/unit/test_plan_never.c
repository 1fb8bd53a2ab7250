// SPDX-License-Identifier: Apache-2.0
#include "plans.h"

static void says(const char *rules, const char *what)
{
	planned_cleanup struct planned planned = plan_text(rules);

	assert_planned_said(&planned, what);
}

static void says_nothing(const char *rules, const char *what)
{
	planned_cleanup struct planned planned = plan_text(rules);

	if (planned.said.data && strstr(planned.said.data, what))
		fail_msg("said: %s", planned.said.data);
}

static void test_fields(void **state)
{
	says(RULE("a", "evt.type = open and proc.vmsize > 4"),
	     "rule 'a' is never true here, because no event has proc.vmsize: Picket does not measure");
	says(RULE("a", "evt.type = open and fd.sport = 1"),
	     "rule 'a' is never true here, because an event 'open' has no fd.sport");
	says(RULE("a", "evt.type = open and evt.res = EPERM"),
	     "rule 'a' is never true here, because of an event 'open' evt.res is always SUCCESS");
	says(RULE("a", "evt.type = open and evt.num = 0"),
	     "rule 'a' is never true here, because of an event 'open' what is asked of evt.num is never so");
}

static void test_types(void **state)
{
	says(RULE("a", "evt.type = read and fd.name = /x"),
	     "rule 'a' is never true here, because no event is of the type 'read'");
	says(RULE("a", "evt.type in (open, read) and fd.name = /x"),
	     "rule 'a' asks for the type 'read', which is never true here");
	says_nothing(RULE("a", "evt.type in (open, openat, openat2, creat, dup3)"), "never true");
}

static void test_empty_lists(void **state)
{
	says("- list: none\n  items: []\n" RULE("a", "evt.type = open and container.id in (none)"),
	     "rule 'a' is never true here, because the list that container.id is compared with is empty");
	says_nothing("- list: none\n  items: []\n" RULE(
			     "a", "evt.type = open and not container.id in (none)"),
		     "never true");
}

/* Each rule is told of, for each comparison. */
static void test_parts(void **state)
{
	says(RULE("a", "evt.type = open and (fd.name = /x or fd.types[1] = file)"),
	     "rule 'a' asks for fd.types, which is never true here, because calls that wait");
	says_nothing(RULE("a", "evt.type = open and fd.name = /x"), "never true");
}

/* What would be told of calls that fail is told, what another alternative makes up for is not. */
static void test_alternatives(void **state)
{
	says(RULE("a",
		  "evt.type = open and (fd.name = /x or (fd.name = /y and evt.res startswith E))"),
	     "rule 'a': this alternative is never true here, because of an event 'open' evt.res is always");
	says_nothing(RULE("a", "evt.type = connect and (evt.rawres >= 0 or evt.res = EINPROGRESS)"),
		     "never true");
	says_nothing(RULE("a",
			  "evt.type = open and (fd.name = /x or (evt.num = 0 and fd.name = /y))"),
		     "never true");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),       cmocka_unit_test(test_types),
		cmocka_unit_test(test_empty_lists),  cmocka_unit_test(test_parts),
		cmocka_unit_test(test_alternatives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
