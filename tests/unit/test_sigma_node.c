/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

/* What is settled is folded away, wherever it stands. */
static void folded(void **state)
{
#define NET(condition)                                                                     \
	SIGMA("category: network_connection",                                              \
	      "    in:\n        Initiated: 'false'\n    out:\n        Initiated: 'true'\n" \
	      "    p:\n        ProcessId: 5\n    condition: " condition "\n")
#define CONNECT "(evt.type = connect and (fd.type = ipv4 or fd.type = ipv6))"
#define ACCEPT "(evt.type = accept and (fd.type = ipv4 or fd.type = ipv6))"
	assert_tree(NET("out"), CONNECT);
	assert_tree(NET("not out"), ACCEPT);
	assert_tree(NET("in or out"), "(" CONNECT " or " ACCEPT ")");
	assert_tree(NET("out and p or in and not in"), "(" CONNECT " and proc.pid = 5)");
	assert_tree(NET("not (in or p)"), "(" CONNECT " and not proc.pid = 5)");
	assert_left_out(NET("in and out"), "it is true of no event");
}

static void places(void **state)
{
	loaded_cleanup struct loaded loaded = load(PROCESS("        Image: [/a, /b]\n"));
	const struct pk_rules_node *check;

	assert_clean(&loaded);
	check = loaded.rules->items[0]->condition->children[1];
	assert_int_equal(check->kind, PK_RULES_NODE_CHECK);
	/* a list's second value */
	assert_int_equal(check->check.values.items[1].pos.offset_bytes -
				 check->check.values.items[0].pos.offset_bytes,
			 4);
	assert_int_equal(loaded.rules->items[0]->condition->weight, 3);
	assert_int_equal(loaded.rules->items[0]->condition->depth, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folded),
		cmocka_unit_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
