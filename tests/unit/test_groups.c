/* SPDX-License-Identifier: Apache-2.0 */
#include "emit/groups.h"
#include "test.h"

static const struct pk_range one_two = { 1, 2 };
static const struct pk_range two = { 2, 2 };
static const struct pk_range apart[] = { { 4, 4 }, { 9, 9 } };

#define KEY(s, r, n)                                                               \
	{                                                                          \
		.slot = (s), .slot2 = PK_SLOT_CNT, .ranges = (r), .range_cnt = (n) \
	}

static const struct pk_lit keys[] = {
	KEY(0, &one_two, 1),
	KEY(0, &two, 1),
	KEY(0, apart, 2),
	KEY(5, &two, 1),
};

static void make(uint16_t slot, struct pk_groups *ret_groups)
{
	static struct pk_judged judged[4];
	static const uint32_t items[] = { 0, 1, 2, 3 };
	const struct pk_circuit circuit = { judged, 4 };

	for (size_t i = 0; i < 4; i++)
		judged[i].key = &keys[i];
	assert_int_equal(pk_groups_make(&circuit, items, 4, slot, ret_groups), 0);
}

static void test_classes_with_the_same_rules_share_a_group(void **state)
{
	struct pk_groups groups;

	make(0, &groups);
	assert_int_equal(groups.cnt, 3);
	assert_int_equal(groups.entry_cnt, 4);
	assert_int_equal(groups.entries[0].lo, 1);
	assert_int_equal(groups.groups[groups.entries[0].group].cnt, 1);
	assert_int_equal(groups.entries[1].lo, 2);
	assert_int_equal(groups.groups[groups.entries[1].group].cnt, 2);
	assert_int_equal(groups.entries[2].lo, 4);
	assert_int_equal(groups.entries[3].hi, 9);
	assert_int_equal(groups.entries[2].group, groups.entries[3].group);
	assert_int_equal(groups.groups[groups.entries[3].group].items[0], 2);
	pk_groups_fini(&groups);
}

static void test_other_slots_are_left_out(void **state)
{
	struct pk_groups groups;

	make(5, &groups);
	assert_int_equal(groups.cnt, 1);
	assert_int_equal(groups.groups[0].items[0], 3);
	pk_groups_fini(&groups);
	make(6, &groups);
	assert_int_equal(groups.entry_cnt, 0);
	pk_groups_fini(&groups);
}

static void test_class_cnt(void **state)
{
	assert_int_equal(pk_lit_class_cnt(&keys[0]), 2);
	assert_int_equal(pk_lit_class_cnt(&keys[2]), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes_with_the_same_rules_share_a_group),
		cmocka_unit_test(test_other_slots_are_left_out),
		cmocka_unit_test(test_class_cnt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
