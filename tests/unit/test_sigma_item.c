/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

static void modifiers(void **state)
{
	assert_mistake(PROCESS("        Image|endwith: /a\n"),
		       "unknown modifier 'endwith'; did you mean 'endswith'?");
	assert_mistake(PROCESS("        Image|contains|endswith: /a\n"),
		       "'endswith' does not go with the modifier before it");
	assert_mistake(PROCESS("        Image|i: /a\n"), "i, m and s go with 're'");
	assert_mistake(PROCESS("        Image|re|windash: a\n"), "what changes the text goes with");
	assert_mistake(PROCESS("        Image|base64|base64offset|contains: a\n"), "are two ways");
	assert_mistake(PROCESS("        Image|base64|windash|contains: a\n"),
		       "'windash' does not go with 'base64'");
	assert_mistake(PROCESS("        Image|re|cased: a\n"), "'cased' is about texts");
	assert_left_out(PROCESS("        Image|expand: '%x%'\n"), "'expand' is not done here");
	assert_left_out(PROCESS("        Image|utf16be|base64: a\n"), "'utf16be' is not done here");
	assert_left_out(PROCESS("        Image|wide: a\n"), "texts of two bytes a character");
	assert_left_out(PROCESS("        Image|hour: 3\n"), "'hour' is not done here");
}

static void fields(void **state)
{
	assert_left_out(PROCESS("        Nonsense: a\n"),
			"no field 'Nonsense' of events from this log source is known\n");
	assert_left_out(PROCESS("        Commandline: a\n"),
			"no field 'Commandline' of events from this "
			"log source is known; did you mean "
			"'CommandLine'?\n");
	assert_left_out(PROCESS("        Hashes: a\n"), "no event has 'Hashes': binaries are not");
	assert_process(PROCESS("        ParentImage|endswith: /a\n"), "proc.pexepath iendswith /a");
	assert_process(PROCESS("        ParentCommandLine|contains: a\n"),
		       "proc.pexeline icontains a");
	assert_process(PROCESS("        User: root\n"), "user.name iequals root");
}

#define AUDIT(detection) SIGMA("service: auditd", detection)

static void arguments(void **state)
{
	assert_tree(AUDIT("    s:\n        type: EXECVE\n        a0: cat\n        a2|contains: x\n"
			  "    condition: s\n"),
		    "(evt.type = execve and (proc.exe iequals cat and proc.args[1] icontains x))");
	assert_left_out(AUDIT("    s:\n        type: EXECVE\n        a99: x\n    condition: s\n"),
			"no field 'a99'");
	assert_left_out(AUDIT("    s:\n        type: EXECVE\n        a01: x\n    condition: s\n"),
			"no field 'a01'");
}

static void words(void **state)
{
	assert_tree(AUDIT("    s:\n        type: EXECVE\n    k:\n        '|all':\n"
			  "            - truncate\n            - '-s'\n    condition: s and k\n"),
		    "(evt.type = execve and proc.exeline icontains allof (truncate, -s))");
	assert_tree(AUDIT("    s:\n        type: EXECVE\n    k:\n        - a\n        - b\n"
			  "    condition: s and k\n"),
		    "(evt.type = execve and proc.exeline icontains anyof (a, b))");
	assert_left_out(AUDIT("    k:\n        - a\n    condition: k\n"),
			"words are looked for in");
	assert_left_out(SIGMA("category: process_creation", "    k: [a]\n    condition: k\n"),
			"words are looked for in");
}

/* What one kind of event has and another has not is missing there. */
static void missing(void **state)
{
	assert_tree(SIGMA("category: network_connection",
			  "    s:\n        DestinationHostname: a\n    condition: s\n"),
		    "((evt.type = connect and (fd.type = ipv4 or fd.type = ipv6)) and "
		    "fd.sip.name iequals a)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modifiers), cmocka_unit_test(fields),  cmocka_unit_test(arguments),
		cmocka_unit_test(words),     cmocka_unit_test(missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
