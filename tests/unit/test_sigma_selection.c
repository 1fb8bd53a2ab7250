/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

static void maps(void **state)
{
	assert_process(PROCESS("        Image: /a\n        CommandLine: b\n"),
		       "(proc.exepath iequals /a and proc.exeline iequals b)");
	assert_process(PROCESS("        - Image: /a\n        - CommandLine: b\n"),
		       "(proc.exepath iequals /a or proc.exeline iequals b)");
	assert_process(PROCESS("        - Image: /a\n          CommandLine: b\n"),
		       "(proc.exepath iequals /a and proc.exeline iequals b)");
	assert_mistake(PROCESS("        - Image: /a\n        - b\n"), "a list has maps or words");
	assert_mistake(PROCESS("        {}\n"), "a map without fields");
	assert_mistake(PROCESS("        null\n"), "a selection is a map or a list");
	assert_mistake(PROCESS("        []\n"), "a list without values");
}

#define AUDIT(lines) SIGMA("service: auditd", "    s:\n" lines "    condition: s\n")

/* The type of a record says what its fields are. */
static void types(void **state)
{
	assert_tree(AUDIT("        type: SYSCALL\n        exe: /a\n"),
		    "(evt.type = execve and proc.exepath iequals /a)");
	assert_left_out(AUDIT("        type: ADD_USER\n"),
			"no event of the kernel is behind records of type 'ADD_USER'");
	assert_left_out(AUDIT("        type: EXECVE\n        name: /a\n"),
			"it is true of no event");
}

/* Without a call's name records of calls are those of executions. */
static void calls(void **state)
{
	loaded_cleanup struct loaded loaded =
		load(AUDIT("        type: SYSCALL\n        SYSCALL: [CONNECT, bind]\n"));
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;

	assert_clean(&loaded);
	assert_int_equal(pk_rules_node_print(loaded.rules->items[0]->condition, &printed), 0);
	assert_int_equal(pk_buf_add_char(&printed, '\0'), 0);
	assert_non_null(strstr(printed.data, "evt.type in (connect, bind)"));
	assert_left_out(AUDIT("        type: SYSCALL\n        SYSCALL: 'conn*'\n"),
			"a system call is asked for by its whole name");
}

static void paths(void **state)
{
	loaded_cleanup struct loaded loaded = load(AUDIT("        type: PATH\n        name: /a\n"));
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;

	assert_clean(&loaded);
	assert_int_equal(pk_rules_node_print(loaded.rules->items[0]->condition, &printed), 0);
	assert_int_equal(pk_buf_add_char(&printed, '\0'), 0);
	assert_non_null(strstr(printed.data, "fd.name iequals /a"));
	assert_non_null(strstr(printed.data, "evt.arg.newpath iequals /a"));
	assert_non_null(strstr(printed.data, "proc.exepath iequals /a"));
	assert_null(strstr(printed.data, "execve and (evt.type"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps),
		cmocka_unit_test(types),
		cmocka_unit_test(calls),
		cmocka_unit_test(paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
