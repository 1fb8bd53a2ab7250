// SPDX-License-Identifier: Apache-2.0
/*
 * Binding: what is shared, what literals become, what is refused and where.
 */
#include "bound.h"
#include "plan/pattern.h"

static void refused(const char *condition, const char *said)
{
	bound_cleanup struct bound bound = bind_condition(condition);

	if (bound.bound)
		fail_msg("%s was taken", condition);
	assert_said(&bound.loaded, said);
}

static void taken(const char *condition)
{
	bound_cleanup struct bound bound = bind_condition(condition);

	if (!bound.bound)
		fail_msg("%s", bound.loaded.said.data);
}

static const struct pk_atom *only_atom(const struct bound *bound)
{
	size_t cnt;
	struct pk_atom *const *atoms = pk_bound_atoms(bound->bound, &cnt);

	assert_int_equal(cnt, 1);
	return atoms[0];
}

static size_t atoms_cnt(const char *condition)
{
	bound_cleanup struct bound bound = bind_condition(condition);
	size_t cnt;

	assert_non_null(bound.bound);
	pk_bound_atoms(bound.bound, &cnt);
	return cnt;
}

static void test_shared(void **state)
{
	assert_int_equal(atoms_cnt("proc.name = a or not (proc.name = a and fd.num = 1)"), 2);
	assert_int_equal(atoms_cnt("proc.name in (a, b) or proc.name in (a, b)"), 1);
	assert_int_equal(atoms_cnt("proc.name in (a, b) or proc.name in (b, a)"), 2);
	assert_int_equal(atoms_cnt("proc.name in (ab, c) or proc.name in (a, bc)"), 2);
	assert_int_equal(atoms_cnt("proc.aname[1] = a or proc.aname[2] = a or proc.aname = a"), 3);
	assert_int_equal(atoms_cnt("proc.name = a or proc.name contains a"), 2);
	assert_int_equal(atoms_cnt("proc.name startswith oneof (a, b) or "
				   "proc.name startswith allof (a, b)"),
			 2);
	assert_int_equal(atoms_cnt("tolower(proc.name) = a or toupper(proc.name) = a"), 2);
	assert_int_equal(atoms_cnt("proc.name = val(proc.pname) or proc.name = val(proc.pname)"),
			 1);
}

static void test_atom_of_node(void **state)
{
	bound_cleanup struct bound bound = bind_condition("proc.name = a and proc.name = a");
	const struct pk_rules_node *node = bound.loaded.rules->items[0]->condition;

	assert_int_equal(node->kind, PK_RULES_NODE_AND);
	assert_ptr_equal(pk_bound_atom(bound.bound, node->children[0]), only_atom(&bound));
	assert_ptr_equal(pk_bound_atom(bound.bound, node->children[1]), only_atom(&bound));
	assert_null(pk_bound_atom(bound.bound, node));
}

static void test_texts(void **state)
{
	bound_cleanup struct bound bound = bind_condition("proc.args bcontains 4142ff");
	const struct pk_atom *atom = only_atom(&bound);

	assert_true(atom->plain);
	assert_string_equal(atom->field->name, "proc.args");
	assert_int_equal(atom->cnt, 1);
	assert_int_equal(atom->texts[0].len, 3);
	assert_memory_equal(atom->texts[0].data, "AB\xff", 3);
	assert_non_null(atom->patterns[0]);
	assert_true(pk_pattern_match(atom->patterns[0], "xAB\xffy", 5));
}

static void test_numbers(void **state)
{
	bound_cleanup struct bound a = bind_condition("evt.rawres in (-1, 0x10, +7)");
	bound_cleanup struct bound b = bind_condition("user.uid in (0, 4294967295, -1)");
	bound_cleanup struct bound c = bind_condition("evt.is_open_read = true");
	const struct pk_atom *atom = only_atom(&a);

	assert_int_equal(atom->ints[0], -1);
	assert_int_equal(atom->ints[1], 16);
	assert_int_equal(atom->ints[2], 7);
	atom = only_atom(&b);
	assert_int_equal(atom->uints[1], 4294967295);
	assert_int_equal(atom->uints[2], 4294967295);
	assert_int_equal(only_atom(&c)->uints[0], 1);
	taken("evt.rawres = -9223372036854775808 or evt.rawres = 9223372036854775807");
	refused("evt.rawres = 9223372036854775808", "'9223372036854775808' is too large a number");
	refused("evt.rawres = -9223372036854775809", "is too large a number");
	refused("proc.pid = 99999999999999999999999", "is not a number");
	refused("proc.pid > 1.5", "'1.5' is not a number");
	refused("proc.pid = 12x", "'12x' is not a number");
	refused("proc.pid = ''", "'' is not a number");
	refused("proc.pid = 0x", "'0x' is not a number");
	refused("evt.is_open_read = yes", "'yes' is neither true nor false");
	refused("fd.sport = no-such-service", "no port and no service's name");
}

static void test_addresses(void **state)
{
	bound_cleanup struct bound a = bind_condition("fd.snet in (10.1.2.3/8, '2001:db8::/33')");
	bound_cleanup struct bound b = bind_condition("fd.sip = 127.0.0.1");
	static const uint8_t ten[16] = { [10] = 0xff, [11] = 0xff, [12] = 10 };
	const struct pk_atom *atom = only_atom(&a);

	assert_int_equal(atom->nets[0].bits, 104);
	assert_memory_equal(atom->nets[0].addr, ten, 16);
	assert_int_equal(atom->nets[1].bits, 33);
	assert_int_equal(only_atom(&b)->nets[0].bits, 128);
	taken("fd.net = 10.0.0.0/255.0.0.0 or fd.net = 0.0.0.0/0 or fd.net = '::/0'");
	refused("fd.net = 10.0.0.1", "did you mean '10.0.0.1/32'?");
	refused("fd.net = '::1'", "did you mean '::1/128'?");
	refused("fd.net = 10.0.0.0/33", "not a network");
	refused("fd.net = 10.0.0.0/", "not a network");
	refused("fd.net = '::/129'", "not a network");
	refused("fd.net = 10.0.0.0/255.0.255.0", "not a network");
	refused("fd.sip = 10.0.0.0/8", "is a network");
	refused("fd.sip = localhost", "'localhost' is not an address");
}

static void test_operators(void **state)
{
	refused("proc.pid contains 1", "'contains' cannot be asked of a number");
	refused("fd.sip startswith 10", "'startswith' cannot be asked of an address");
	refused("evt.is_open_read > 1", "'>' cannot be asked of true or false");
	refused("proc.pid glob 1*", "'glob' cannot be asked of a number");
	refused("proc.name = val(proc.pid)",
		"this is a number; what it is compared with is a text");
	refused("proc.pid = tolower(proc.name)", "this is a text");
	refused("tolower(proc.pid) = 1", "tolower() takes a text, and this is none");
	refused("getopt(proc.args, proc.name) = 1", "takes its options as a quoted text");
	refused("proc.args bcontains 123", "two digits make a byte");
	refused("proc.args bcontains zz", "'zz' is not hexadecimal");
	refused("proc.name regex \"a(\"", "this regex is wrong at its byte");
	taken("proc.name < 5 and proc.duration <= 5000000 and len(proc.args) > 3");
	taken("join(',', (proc.name, proc.pid)) = 'a,1' and proc.pid = val(proc.ppid)");
}

static void test_place(void **state)
{
	bound_cleanup struct bound bound =
		bind_text("- list: l\n  items: [1, x]\n" RULE("r", "proc.pid in (l)"));

	assert_null(bound.bound);
	assert_said(&bound.loaded, "f0:2:14: error: 'x' is not a number");
}

static void test_several_mistakes(void **state)
{
	bound_cleanup struct bound bound =
		bind_text(RULE("a", "proc.pid = x") RULE("b", "fd.sip = y or proc.pid = x"));

	assert_null(bound.bound);
	assert_said(&bound.loaded, "'x' is not a number");
	assert_said(&bound.loaded, "'y' is not an address");
}

static void test_long_name(void **state)
{
	bound_cleanup struct bound a = bind_condition("proc.name = abcdefghijklmnop");
	bound_cleanup struct bound b = bind_condition("proc.name != abcdefghijklmnop or "
						      "proc.name = abcdefghijklmno");

	assert_non_null(a.bound);
	assert_said(&a.loaded, "warning: 'abcdefghijklmnop' is never equal");
	assert_non_null(b.bound);
	assert_null(strstr(b.loaded.said.data, "warning"));
}

static void test_many(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	size_t cnt;

	for (int i = 0; i < 3000; i++) {
		char rule[256];

		snprintf(rule, sizeof(rule), RULE("r%d", "proc.name = n%d and fd.name = /f%d"), i,
			 i, i / 2);
		assert_int_equal(pk_buf_add_str(&text, rule), 0);
	}
	assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
	bound_cleanup struct bound bound = bind_text(text.data);
	assert_non_null(bound.bound);
	pk_bound_atoms(bound.bound, &cnt);
	assert_int_equal(cnt, 4500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared),    cmocka_unit_test(test_atom_of_node),
		cmocka_unit_test(test_texts),     cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_operators),
		cmocka_unit_test(test_place),     cmocka_unit_test(test_several_mistakes),
		cmocka_unit_test(test_long_name), cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
