/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

static void numbers(void **state)
{
	assert_process(PROCESS("        ProcessId: [1, 0x10]\n"),
		       "(proc.pid = 1 or proc.pid = 0x10)");
	assert_process(PROCESS("        ProcessId|gte: 5\n"), "proc.pid >= 5");
	assert_process(PROCESS("        ProcessId|lt: 5\n"), "proc.pid < 5");
	assert_process(PROCESS("        ProcessId|neq: 5\n"), "not proc.pid = 5");
	assert_process(PROCESS("        ProcessId: '*'\n"), "proc.pid exists");
	assert_left_out(PROCESS("        ProcessId: five\n"),
			"'ProcessId' is compared as a whole number, and 'five' is none");
	assert_left_out(PROCESS("        ProcessId|lt: 5.5\n"),
			"'ProcessId' is compared as a whole number, and '5.5' is none");
	assert_left_out(PROCESS("        ProcessId: root\n"), "'ProcessId' is compared as a whole");
	assert_left_out(PROCESS("        ProcessId|contains: 5\n"),
			"'ProcessId' is a number, and no part of one is compared");
	assert_left_out(PROCESS("        Image|gt: 5\n"), "'Image' is no number");
}

#define CALL(lines) \
	SIGMA("service: auditd", "    s:\n        type: SYSCALL\n" lines "    condition: s\n")

/* Who logged in, and that nobody did: in auditd's records, raw and interpreted, and here. */
static void logins(void **state)
{
	assert_process(CALL("        auid: 1000\n"), "user.loginuid = 1000");
	assert_process(CALL("        auid: 4294967295\n"), "user.loginuid = -1");
	assert_process(CALL("        auid: [unset, '-1']\n"),
		       "(user.loginuid = -1 or user.loginuid = -1)");
	assert_process(CALL("        auid|neq: 4294967295\n"), "not user.loginuid = -1");
	assert_process(CALL("        auid|lt: 4294967295\n"), "user.loginuid >= 0");
	assert_process(CALL("        auid|gte: 1000\n"), "user.loginuid >= 1000");
	assert_process(CALL("        ses: 4294967295\n"), "user.loginuid = -1");
	assert_process(CALL("        ses: 3\n"), "proc.sid = 3");
	assert_process(PROCESS("        LogonId: 4294967295\n"), "user.loginuid = -1");
}

static void names_of_users(void **state)
{
	assert_process(CALL("        uid: root\n"), "user.ruid = 0");
	assert_process(CALL("        egid: root\n"), "group.gid = 0");
	assert_left_out(CALL("        uid: daemon\n"),
			"'uid' is compared as a whole number, and 'daemon' is none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(logins),
		cmocka_unit_test(names_of_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
