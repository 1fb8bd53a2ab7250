/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

#include <sys/syscall.h>

#include "rules/sigma_internal.h"

static void numbers(void **state)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", __NR_execve);
	assert_string_equal(pk_sigma_call(text), "execve");
	snprintf(text, sizeof(text), "%d", __NR_io_uring_setup);
	assert_string_equal(pk_sigma_call(text), "io_uring_setup");
	snprintf(text, sizeof(text), "%d", __NR_getpid);
	assert_null(pk_sigma_call(text)); /* no event */
	assert_null(pk_sigma_call("99999"));
	assert_null(pk_sigma_call("9999"));
	assert_null(pk_sigma_call("execve"));
	assert_null(pk_sigma_call("1x"));
	assert_null(pk_sigma_call(""));
}

/* In rules. */
static void asked(void **state)
{
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;
	loaded_cleanup struct loaded loaded = { 0 };
	char text[512];

	snprintf(text, sizeof(text),
		 SIGMA("service: auditd", "    s: {type: SYSCALL, syscall: [%d, PTRACE, '%d']}\n"
					  "    condition: s\n"),
		 __NR_prctl, __NR_bpf);
	loaded = load(text);
	assert_clean(&loaded);
	assert_int_equal(pk_rules_node_print(loaded.rules->items[0]->condition, &printed), 0);
	assert_int_equal(pk_buf_add_char(&printed, '\0'), 0);
	assert_non_null(strstr(printed.data, "evt.type in (prctl, ptrace, bpf)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
