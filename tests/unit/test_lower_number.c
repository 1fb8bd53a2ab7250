/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparisons of numbers, names that stand for numbers, and addresses: which number, mask and ranges.
 */
#include "gate_text.h"

#define OPEN PK_EVENT_OPEN
#define CONNECT PK_EVENT_CONNECT

static void test_ranges(void **state)
{
	assert_lowered(OPEN, "user.uid = 5", "n0{5}");
	assert_lowered(OPEN, "user.uid != 5", "ne n0{5}");
	assert_lowered(OPEN, "user.uid < 5", "n0{0-4}");
	assert_lowered(OPEN, "user.uid <= 5", "n0{0-5}");
	assert_lowered(OPEN, "user.uid > 5", "n0{6-}");
	assert_lowered(OPEN, "user.uid >= 5", "n0{5-}");
	assert_lowered(OPEN, "user.uid in (7, 1, 0, 2, 7)", "n0{0-2,7}");
	assert_lowered(OPEN, "user.uid exists", "n0{0-}");
	assert_lowered(OPEN, "user.uid in ()", "none");
}

/* What is never negative in the kernel. */
static void test_signs(void **state)
{
	assert_lowered(OPEN, "proc.pid < 0", "none");
	assert_lowered(OPEN, "proc.pid > -5", "n5{0-}");
	assert_lowered(OPEN, "proc.pid != -5", "n5{0-}");
	assert_lowered(OPEN, "proc.pid in (-1, 3)", "n5{3}");
	/* 32 bits with a sign */
	assert_lowered(OPEN, "user.loginuid = -1", "n4&4294967295{4294967295}");
	assert_lowered(OPEN, "user.loginuid < 1", "n4&4294967295{0,2147483648-4294967295}");
	assert_lowered(OPEN, "user.loginuid >= 0", "n4&4294967295{0-2147483647}");
}

static void test_truths(void **state)
{
	planned_cleanup struct planned both = plan_text(
		RULE("a", "evt.type = open and proc.is_exe_from_memfd = true")
			RULE("b", "evt.type = open and proc.is_exe_from_memfd != false")
				RULE("c", "evt.type = open and proc.is_exe_from_memfd = false"));
	const struct pk_gate *a = judged_of(&both, OPEN, 0)->gate;
	const struct pk_gate *c = judged_of(&both, OPEN, 2)->gate;

	assert_ptr_equal(a, judged_of(&both, OPEN, 1)->gate);
	assert_int_equal(a->lit->num, PK_NUM_EXE_FLAGS);
	assert_int_equal(a->lit->num, c->lit->num);
	assert_int_equal(a->lit->mask, c->lit->mask);
	assert_true(a->lit->ne != c->lit->ne);
	assert_lowered(OPEN, "proc.is_exe_from_memfd in (true, false)", "n14{0-}");
}

static void test_ports(void **state)
{
	assert_lowered(CONNECT, "fd.lport = 80", "n29{80}");
	assert_lowered(CONNECT, "fd.rport = 80", "n30{80}");
	assert_lowered(CONNECT, "fd.port = 80", "(n29{80} | n30{80})");
	assert_lowered(CONNECT, "fd.port != 80",
		       "(not n29{80} & not n30{80} & (n29{0-} | n30{0-}))");
	assert_lowered(OPEN, "fd.port = 80", "none");
}

static void test_names(void **state)
{
	assert_lowered(OPEN, "fd.type = directory", "n22&61440{16384}");
	assert_lowered(CONNECT, "fd.l4proto = tcp", "n28{6}");
	assert_lowered(CONNECT, "fd.l4proto exists", "n28{0-}");
	/* O_RDONLY is two bits without a value, O_CREAT a bit */
	assert_lowered(OPEN, "evt.arg.flags contains O_CREAT", "n20&64{64}");
	assert_lowered(OPEN, "evt.arg.flags contains O_RDONLY", "n20&3{0}");
	assert_lowered(OPEN, "evt.arg.flags contains no_such", "none");
	assert_left("evt.type = open and evt.arg.flags = O_CREAT",
		    "the kernel only finds single names in a list of names");
}

static void test_tags(void **state)
{
	static const char tags[] = "  tag: a\n- rule: s\n  desc: d\n  output: o\n  priority: INFO\n"
				   "  condition: evt.type = mkdir\n  tag: b\n";

	assert_lowered_with(OPEN, "proc.tag = b", tags, "n16&2{1-}");
	assert_lowered_with(OPEN, "proc.tag in (a, b)", tags, "n16&3{1-}");
	assert_lowered_with(OPEN, "proc.tag != b", tags, "(n16{1-} & not n16&2{1-})");
	assert_lowered_with(OPEN, "proc.tag exists", tags, "n16{1-}");
	assert_lowered_with(OPEN, "container.tag = a", tags, "n17&1{1-}");
	assert_lowered_with(OPEN, "proc.tag = nobody", tags, "none");
}

/* Networks are numbered so that those within one follow it. */
static void test_addresses(void **state)
{
	assert_lowered(CONNECT, "fd.rip = 10.0.0.1", "c53{1}");
	assert_lowered(CONNECT, "fd.lnet = 10.0.0.0/8", "c52{1}");
	assert_lowered(CONNECT, "fd.rnet != 10.0.0.0/8", "ne c53{1}");
	assert_lowered(CONNECT, "fd.ip = 10.0.0.1", "(c52{1} | c53{1})");
	assert_lowered(CONNECT, "fd.rnet = 10.0.0.0/8 and (proc.pid = 1 or fd.rnet = 10.1.0.0/16)",
		       "(c53{1-2} & (n5{1} | c53{2}))");
	assert_lowered(CONNECT, "fd.rip exists", "c53{0-2147483647}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),    cmocka_unit_test(test_signs),
		cmocka_unit_test(test_truths),    cmocka_unit_test(test_ports),
		cmocka_unit_test(test_names),     cmocka_unit_test(test_tags),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests_name("lower_number", tests, NULL, NULL);
}
