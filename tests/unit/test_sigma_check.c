/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

static void lists(void **state)
{
	assert_process(PROCESS("        Image|endswith: [/a, /b]\n"),
		       "proc.exepath iendswith anyof (/a, /b)");
	assert_process(PROCESS("        CommandLine|contains|all: [a, b]\n"),
		       "proc.exeline icontains allof (a, b)");
	/* one comparison for each way of asking */
	assert_process(PROCESS("        Image: [/a, '*/b', '/c*']\n"),
		       "(proc.exepath iequals /a or proc.exepath istartswith /c or "
		       "proc.exepath iendswith /b)");
	assert_process(PROCESS("        CommandLine|all: ['*a*', 'b*']\n"),
		       "(proc.exeline istartswith b and proc.exeline icontains a)");
}

static void cases(void **state)
{
	assert_process(PROCESS("        Image|cased: /A\n"), "proc.exepath = /A");
	assert_process(PROCESS("        Image|cased: [/A, /B]\n"), "proc.exepath in (/A, /B)");
	assert_process(PROCESS("        Image|cased|endswith: /A\n"), "proc.exepath endswith /A");
	assert_process(PROCESS("        Image|startswith|cased: /A\n"),
		       "proc.exepath startswith /A");
	assert_process(PROCESS("        Image|contains|cased: A\n"), "proc.exepath contains A");
	assert_process(PROCESS("        Image|cased: 'A*B'\n"), "proc.exepath glob A*B");
}

static void nothing(void **state)
{
	assert_process(PROCESS("        Image: null\n"), "not proc.exepath exists");
	assert_process(PROCESS("        Image:\n"), "not proc.exepath exists");
	assert_process(PROCESS("        Image: [null, /a]\n"),
		       "(not proc.exepath exists or proc.exepath iequals /a)");
	assert_process(PROCESS("        Image|exists: true\n"), "proc.exepath exists");
	assert_process(PROCESS("        Image|exists: no\n"), "not proc.exepath exists");
	assert_mistake(PROCESS("        Image|exists: maybe\n"), "'exists' is true or false");
}

static void expressions(void **state)
{
	assert_process(PROCESS("        CommandLine|re: 'a[0-9]'\n"), "proc.exeline search a[0-9]");
	assert_process(PROCESS("        CommandLine|re|i|m|s: 'a.b'\n"),
		       "proc.exeline search \"(?ims)a.b\"");
	assert_process(PROCESS("        CommandLine|re: [a, b]\n"),
		       "(proc.exeline search a or proc.exeline search b)");
}

static void other_fields(void **state)
{
	assert_process(PROCESS("        Image|fieldref: ParentImage\n"),
		       "tolower(proc.exepath) = tolower(proc.pexepath)");
	assert_process(PROCESS("        CommandLine|cased|fieldref|contains: Image\n"),
		       "proc.exeline contains val(proc.exepath)");
	assert_process(PROCESS("        CommandLine|endswith|fieldref: Image\n"),
		       "tolower(proc.exeline) endswith tolower(proc.exepath)");
	assert_left_out(PROCESS("        Image|fieldref: Nothing\n"),
			"'Nothing' is no field that 'Image' is compared with");
	assert_left_out(PROCESS("        Image|fieldref: ProcessId\n"),
			"'ProcessId' is no field that 'Image' is compared with");
}

#define NET(lines) SIGMA("category: network_connection", "    s:\n" lines "    condition: s\n")

static void assert_connect(const char *text, const char *expected)
{
	loaded_cleanup struct loaded loaded = load(text);
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;

	assert_clean(&loaded);
	assert_int_equal(pk_rules_node_print(loaded.rules->items[0]->condition, &printed), 0);
	assert_int_equal(pk_buf_add_char(&printed, '\0'), 0);
	if (!strstr(printed.data, expected))
		fail_msg("%s is not in %s", expected, printed.data);
}

static void addresses(void **state)
{
	assert_connect(NET("        DestinationIp: 10.0.0.1\n"), "fd.sip in (10.0.0.1)");
	assert_connect(NET("        DestinationIp|cidr: 10.0.0.0/8\n"), "fd.snet in (10.0.0.0/8)");
	assert_connect(NET("        DestinationIp|startswith: '10.'\n"), "fd.snet in (10.0.0.0/8)");
	assert_connect(NET("        DestinationIp: '192.168.*'\n"), "fd.snet in (192.168.0.0/16)");
	assert_connect(NET("        DestinationIp: 172.16.5.*\n"), "fd.snet in (172.16.5.0/24)");
	assert_left_out(NET("        DestinationIp|endswith: '.1'\n"),
			"'DestinationIp' is an address");
	assert_left_out(NET("        DestinationIp: 10.0.0.0/8\n"),
			"'DestinationIp' is an address, and '10.0.0.0/8' is a network: it would be "
			"asked by |cidr");
	assert_left_out(NET("        DestinationIp: localhost\n"),
			"'DestinationIp' is compared as an address, and 'localhost' is none");
	assert_left_out(NET("        DestinationIp: '1*.2'\n"), "'DestinationIp' is an address");
	assert_left_out(NET("        Image|cidr: 10.0.0.0/8\n"), "'Image' is no address");
	assert_left_out(NET("        DestinationIp|re: a\n"), "'DestinationIp' is no text");
}

static void settled(void **state)
{
	/* which end it is decides which events are left */
	assert_tree(
		NET("        Initiated: 'true'\n        DestinationPort: 80\n"),
		"((evt.type = connect and (fd.type = ipv4 or fd.type = ipv6)) and fd.sport = 80)");
	assert_tree(
		NET("        Initiated: FALSE\n        DestinationPort: 80\n"),
		"((evt.type = accept and (fd.type = ipv4 or fd.type = ipv6)) and fd.sport = 80)");
	assert_left_out(NET("        Initiated: maybe\n"), "it is true of no event");
	assert_left_out(NET("        Initiated: 't*r*e'\n"), "wildcards within a value of");
}

static void links(void **state)
{
	/* paths have no links left: /var/run is one to /run */
	assert_process(PROCESS("        Image|startswith: /var/run/x\n"),
		       "proc.exepath istartswith anyof (/var/run/x, /run/x)");
	/* a directory ends in a slash here, and not in rules */
	assert_process(PROCESS("        CurrentDirectory: /tmp\n"), "proc.cwd iequals /tmp/");
	assert_process(PROCESS("        CurrentDirectory: /tmp/\n"), "proc.cwd iequals /tmp/");
	assert_process(PROCESS("        CurrentDirectory|startswith: /tmp\n"),
		       "proc.cwd istartswith /tmp");
}

static void wrong_kinds(void **state)
{
	assert_mistake(PROCESS("        Image: [[a]]\n"), "a value is a text, a number or a list");
	assert_mistake(PROCESS("        Image: {a: b}\n"), "a value is a text, a number or a list");
	assert_mistake(PROCESS("        Image: []\n"), "a list without values");
}

/* Each value in any of its forms, and all of them. */
static void all_dashed(void **state)
{
	loaded_cleanup struct loaded loaded =
		load(PROCESS("        CommandLine|windash|contains|all: [' -a', ' -b']\n"));
	const struct pk_rules_node *node;

	assert_clean(&loaded);
	node = loaded.rules->items[0]->condition;
	assert_int_equal(node->kind, PK_RULES_NODE_AND);
	node = node->children[1];
	assert_int_equal(node->kind, PK_RULES_NODE_AND);
	assert_int_equal(node->children_cnt, 2);
	assert_int_equal(node->children[0]->check.values.cnt, 5);
	assert_int_equal(node->children[0]->check.quantor, PK_RULES_QUANTOR_ANYOF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),        cmocka_unit_test(cases),
		cmocka_unit_test(nothing),      cmocka_unit_test(expressions),
		cmocka_unit_test(other_fields), cmocka_unit_test(addresses),
		cmocka_unit_test(settled),      cmocka_unit_test(links),
		cmocka_unit_test(wrong_kinds),  cmocka_unit_test(all_dashed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
