/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <sys/syscall.h>

#include "kernel/syscalls.h"

#include <stdbool.h>

static void test_native_and_compat(void **state)
{
	static __u8 calls[2][PK_SYSCALL_MAX];

	memset(calls, 0xff, sizeof(calls));
	pk_syscalls_fill(calls);
	assert_int_equal(calls[0][SYS_openat], PK_CALL_OPENAT);
	assert_int_equal(calls[0][SYS_connect], PK_CALL_CONNECT);
	assert_int_equal(calls[0][SYS_getpid], PK_CALL_NONE);
	assert_int_equal(calls[0][PK_SYSCALL_MAX - 1], PK_CALL_NONE);
	/* of i386: open, unlink, socketcall, chown32; getpid is nothing */
	assert_int_equal(calls[1][5], PK_CALL_OPEN);
	assert_int_equal(calls[1][10], PK_CALL_UNLINK);
	assert_int_equal(calls[1][102], PK_CALL_SOCKETCALL);
	assert_int_equal(calls[1][212], PK_CALL_CHOWN);
	assert_int_equal(calls[1][20], PK_CALL_NONE);
}

/* Each call that is told apart can be reached from both tables, but for those that are 32-bit only. */
static void test_every_call_has_a_number(void **state)
{
	static __u8 calls[2][PK_SYSCALL_MAX];
	unsigned int found[2][PK_CALL_MAX] = { 0 };

	pk_syscalls_fill(calls);
	for (int table = 0; table < 2; table++)
		for (int nr = 0; nr < PK_SYSCALL_MAX; nr++) {
			assert_true(calls[table][nr] < PK_CALL_MAX);
			found[table][calls[table][nr]]++;
		}
	for (int call = PK_CALL_NONE + 1; call < PK_CALL_MAX; call++) {
		bool compat_only = call == PK_CALL_SOCKETCALL || call == PK_CALL_OLDUMOUNT ||
				   call == PK_CALL_CLOCK_SETTIME32 || call == PK_CALL_STIME;

		if (call == PK_CALL_SYSTEM)
			continue; /* no call, but where those of the system begin */
		assert_int_equal(found[1][call] > 0, call != PK_CALL_KEXEC_FILE);
		assert_int_equal(found[0][call] > 0, !compat_only);
	}
	assert_int_equal(found[0][PK_CALL_SYSTEM] + found[1][PK_CALL_SYSTEM], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_native_and_compat),
		cmocka_unit_test(test_every_call_has_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
