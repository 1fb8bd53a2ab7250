/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

#define ANY "detection:\n    s:\n        Image: /a\n    condition: s\n"

static void others(void **state)
{
	assert_left_out("title: T\nlogsource: {product: windows, category: process_creation}\n" ANY,
			"its log source is not provided: it is about another system");
	assert_left_out("title: T\nlogsource: {product: linux, service: sshd}\n" ANY,
			"its log source is not provided: it is about the log of a service");
	assert_left_out("title: T\nlogsource: {product: linux}\n" ANY,
			"its log source is not provided: it is about lines of any log");
	assert_left_out("title: T\nlogsource: {category: proxy}\n" ANY,
			"its log source is not provided: no events of the kernel");
	assert_mistake("title: T\nlogsource: {category: [a]}\n" ANY, "'category' takes a text");
	assert_mistake("title: T\nlogsource: linux\n" ANY, "a Sigma rule has a 'logsource'");
	assert_mistake("title: T\n" ANY, "a Sigma rule has a 'logsource'");
}

static void ours(void **state)
{
	/* of any system */
	assert_process("title: T\nlogsource: {category: process_creation}\n" ANY,
		       "proc.exepath iequals /a");
	assert_process(SIGMA("category: auditd",
			     "    s: {type: EXECVE, a1: b}\n    condition: s\n"),
		       "proc.args[0] iequals b");
	assert_process("title: T\nlogsource: {product: Linux, category: Process_Creation}\n" ANY,
		       "proc.exepath iequals /a");
	assert_tree(SIGMA("category: file_delete",
			  "    s:\n        TargetFilename: /a\n    condition: s\n"),
		    "(evt.type = unlink and fd.name iequals /a)");
}

/* Written, made, renamed to. */
static void files(void **state)
{
	assert_tree(
		SIGMA("category: file_event",
		      "    s:\n        TargetFilename: /a\n    condition: s\n"),
		"(((evt.type = open and (evt.is_open_write = true or evt.is_open_create = true)) "
		"and fd.name iequals /a) or ((evt.type = symlink or evt.type = mknod) and "
		"fd.name iequals /a) or ((evt.type = rename or evt.type = link) and "
		"evt.arg.newpath iequals /a))");
}

/* Numbers of its events are settled by the kind of event. */
static void sysmon(void **state)
{
	assert_process("title: T\nlogsource: {category: process_creation, service: sysmon}\n" ANY,
		       "proc.exepath iequals /a");
	assert_process(PROCESS("        EventID: 1\n        Image: /a\n"),
		       "proc.exepath iequals /a");
	assert_left_out(PROCESS("        EventID: 4688\n        Image: /a\n"),
			"it is true of no event");
	assert_process(SIGMA("service: sysmon",
			     "    s: {EventID: 1}\n    t: {Image: /a}\n    condition: s and t\n"),
		       "proc.exepath iequals /a");
	assert_tree(SIGMA("service: sysmon",
			  "    s: {EventID: 23, TargetFilename: /a}\n    condition: s\n"),
		    "(evt.type = unlink and fd.name iequals /a)");
	assert_left_out(SIGMA("service: sysmon",
			      "    s: {EventID: 9, Image: /a}\n    condition: s\n"),
			"it is true of no event");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others),
		cmocka_unit_test(ours),
		cmocka_unit_test(files),
		cmocka_unit_test(sysmon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
