/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "imported.h"

static void test_documents(void **state)
{
	imported_cleanup struct imported imported = import_text("kind: Pod\nmetadata: {name: x}\n---\n" POLICY(
		"one",
		"  kprobes: [{call: sys_mkdir}]\n") "---\n---\n"
						    "kind: List\nitems: [{kind: TracingPolicy, metadata: {name: two}, spec: {lsmhooks: [{hook: file_open}]}}]\n");

	assert_int_equal(imported.err, 0);
	assert_int_equal(imported.import->cnt.policies, 2);
	assert_int_equal(imported.import->cnt.whole, 2);
	has_text(&imported.out, "# passed over: Pod, no TracingPolicy\n");
	has_text(&imported.out, "# ---- one: whole (policy.yaml) ----\n# kprobes[0] sys_mkdir\n");
	has_text(&imported.out, "# ---- two: whole (policy.yaml) ----\n# lsmhooks[0] file_open\n");
}

static void refused(const char *text, const char *why)
{
	imported_cleanup struct imported imported = import_text(text);

	assert_int_equal(imported.err, -EBADMSG);
	has_text(&imported.said, why);
}

static void test_wrong_files(void **state)
{
	refused("", "no TracingPolicy in this file");
	refused("kind: Pod\n", "no TracingPolicy in this file");
	refused("a: [b\n", "error: ");
	refused("- rule: x\n", "a document without kind");
	refused("hello\n", "a document without kind");
	refused("kind: [a]\n", "a document without kind");
	refused("kind: TracingPolicy\nmetadata: {name: x}\n", "a policy without spec");
	refused("kind: TracingPolicy\nspec: 7\n", "a policy without spec");
	refused("kind: TracingPolicy\nspec: \"a\\0b\"\n", "a zero byte in a text");
}

/* What was good before and behind it is kept. */
static void test_partly_wrong(void **state)
{
	imported_cleanup struct imported imported = import_text(
		"kind: TracingPolicy\n---\n" POLICY("p", "  kprobes: [{call: sys_mkdir}]\n"));

	assert_int_equal(imported.err, -EBADMSG);
	assert_int_equal(imported.import->cnt.rules, 1);
}

static void test_what_has_no_event(void **state)
{
	has_none(POLICY("p", "  kprobes: [{call: nosuchfunction}]\n"),
		 "no event of Picket's stands for this");
	has_none(POLICY("p", "  kprobes: [{call: tcp_close}]\n"),
		 "the life of sockets is no event");
	has_none(POLICY("p", "  kprobes: [{}]\n"), "it does not say what it hooks");
	has_none(POLICY("p", "  kprobes: [7]\n"), "it does not say what it hooks");
	has_none(POLICY("p", "  kprobes: [{call: [a]}]\n"), "it does not say what it hooks");
	has_none(POLICY("p", "  uprobes: [{path: /bin/bash, symbols: [main]}]\n"),
		 "functions of programs are no events");
	has_none(POLICY("p", "  tracepoints: [{subsystem: raw_syscalls, event: sys_enter}]\n"),
		 "every system call is no event");
	has_none(POLICY("p", "  tracepoints: [{event: sys_enter}]\n"),
		 "no event of Picket's stands for this");
	has_none(POLICY("p", "  loader: true\n"), "# spec.loader\n#   left out: ");
	has_none(POLICY("p", "  options: []\n"), "the policy hooks nothing");
}

static void test_lists(void **state)
{
#define LISTS "  lists: [{name: a, type: syscalls, values: [sys_mkdir, sys_mkdirat, sys_rmdir]}]\n"
	becomes(POLICY("p", LISTS "  kprobes: [{call: 'list:a'}]\n"),
		"((evt.type = mkdir) or (evt.type = mkdir) or (evt.type = rmdir))");
	becomes(POLICY("p", LISTS
		       "  tracepoints: [{subsystem: raw_syscalls, event: sys_enter, selectors: "
		       "[{matchArgs: [{index: 4, operator: InMap, values: ['list:a']}]}]}]\n"),
		"((evt.type = mkdir) or (evt.type = mkdir) or (evt.type = rmdir))");
	has_none(POLICY("p", LISTS "  kprobes: [{call: 'list:b'}]\n"), "there is no list 'list:b'");
	has_none(POLICY("p", "  kprobes: [{call: 'list:b'}]\n"), "there is no list 'list:b'");
	has_none(
		POLICY("p",
		       "  lists: [{name: a, type: generated_syscalls}]\n  kprobes: [{call: 'list:a'}]\n"),
		"all functions of a kind");
	has_none(POLICY("p",
			"  lists: [{name: a, values: [sys_read]}]\n  kprobes: [{call: 'list:a'}]\n"),
		 "no event stands for 'sys_read'");
}

static void test_list_in_part(void **state)
{
	imported_cleanup struct imported imported = import_text(POLICY(
		"p",
		"  lists: [{name: a, values: [sys_read, sys_mkdir]}]\n  kprobes: [{call: 'list:a'}]\n"));

	assert_int_equal(imported.import->cnt.part, 1);
	has_text(&imported.out, "left out: no event stands for 'sys_read'");
	has_text(&imported.out, "condition: 'evt.type = mkdir'");
}

static void test_monitor(void **state)
{
	imported_cleanup struct imported imported = import_text(POLICY(
		"p",
		"  options: [{name: policy-mode, value: monitor}]\n  kprobes: [{call: sys_mkdir, "
		"selectors: [{matchActions: [{action: Sigkill}]}]}]\n"));

	assert_int_equal(imported.import->cnt.whole, 1);
	has_no_text(&imported.out, "action: kill");
	has_text(&imported.out, "the policy's mode is monitor");
}

/* Texts of a policy mean nothing in the rules but what they are compared with. */
static void test_hostile_texts(void **state)
{
	imported_cleanup struct imported imported = import_text(
		"kind: TracingPolicy\nmetadata:\n  name: \"x\\\"\\n- rule: evil\\n  #%proc.name\"\nspec:\n  kprobes:\n"
		"  - call: \"sys_mkdir\\n- rule: evil\"\n"
		"  - call: security_file_open\n    selectors:\n    - matchArgs:\n      - index: 0\n        operator: In\n"
		"        values: [\"a\\\" or evt.type = open or fd.name = \\\"b\", \"it's\", 'c\\', \"d\\ne\", \"\\u202ef\", \"%g\", \"# h: i\"]\n"
		"  - call: sys_rmdir\n    message: \"\\n- rule: evil\"\n");
	pk_import_text_cleanup struct pk_import_text why = PK_IMPORT_TEXT_INIT;

	assert_int_equal(imported.err, 0);
	assert_int_equal(imported.import->cnt.rules, 2);
	has_no_text(&imported.out, "\n- rule: evil");
	has_text(&imported.out, "- rule: \"x__- rule: evil_  __proc.name security_file_open\"\n");
	has_text(&imported.out, "# kprobes[0] sys_mkdir?- rule: evil\n");
	has_text(&imported.out,
		 "fd.name in (\"a\\x22 or evt.type = open or fd.name = \\x22b\", \"it''s\", "
		 "\"c\\x5c\", \"%g\", \"# h: i\")'");
	has_text(&imported.out, "left out: cannot stand in a condition: 'd?e'");
	has_text(&imported.out, "left out: cannot stand in a condition: '???f'");
	assert_int_equal(pk_import_accept(&imported.import->out, &why), 0);
}

static void test_blanked_zeros(void **state)
{
	char text[] = "a: \"b\\0\"\nc: \"d\\\\0\"\ne: \"f\\\\\\0\"\n\\0\"";

	pk_import_blank_zeros(text, strlen(text));
	assert_string_equal(text, "a: \"b\"  \nc: \"d\\\\0\"\ne: \"f\\\\\"  \n\"  ");
	pk_import_blank_zeros(text, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),     cmocka_unit_test(test_wrong_files),
		cmocka_unit_test(test_partly_wrong),  cmocka_unit_test(test_what_has_no_event),
		cmocka_unit_test(test_lists),         cmocka_unit_test(test_list_in_part),
		cmocka_unit_test(test_monitor),       cmocka_unit_test(test_hostile_texts),
		cmocka_unit_test(test_blanked_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
