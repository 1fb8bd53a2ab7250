/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

static void shapes(void **state)
{
	assert_process(PROCESS("        Image: /bin/dd\n"), "proc.exepath iequals /bin/dd");
	assert_process(PROCESS("        Image: '*/dd'\n"), "proc.exepath iendswith /dd");
	assert_process(PROCESS("        Image: '/bin/*'\n"), "proc.exepath istartswith /bin/");
	assert_process(PROCESS("        Image: '**dd*'\n"), "proc.exepath icontains dd");
	assert_process(PROCESS("        Image: '/b*/d?'\n"), "proc.exepath iglob /b*/d?");
	assert_process(PROCESS("        Image|contains: 'b*d'\n"), "proc.exepath iglob *b*d*");
	assert_process(PROCESS("        Image|startswith: 'b?'\n"), "proc.exepath iglob b?*");
	assert_process(PROCESS("        Image|endswith: '?d'\n"), "proc.exepath iglob *?d");
	assert_process(PROCESS("        Image: '*'\n"), "proc.exepath exists");
	assert_process(PROCESS("        Image: ''\n"), "proc.exepath = \"\"");
}

static void escapes(void **state)
{
	/* a star, a question mark, a backslash; before anything else it is one itself */
	assert_process(PROCESS("        CommandLine: 'a\\*b'\n"), "proc.exeline iequals a*b");
	assert_process(PROCESS("        CommandLine: 'a\\?'\n"), "proc.exeline iequals a?");
	assert_process(PROCESS("        CommandLine: 'a\\\\*'\n"), "proc.exeline istartswith a\\");
	assert_process(PROCESS("        CommandLine: 'a\\b'\n"), "proc.exeline iequals a\\b");
	/* what only globs have is taken as it is */
	assert_process(PROCESS("        CommandLine: '[a]*b'\n"), "proc.exeline iglob \\[a\\]*b");
	assert_process(PROCESS("        CommandLine: 'x*\\*y'\n"), "proc.exeline iglob x*\\*y");
}

static void no_letters(void **state)
{
	/* nothing to fold: the tables of whole texts do */
	assert_process(PROCESS("        Image: /1/2\n"), "proc.exepath = /1/2");
	assert_process(PROCESS("        Image: [/1, /2]\n"), "proc.exepath in (/1, /2)");
	assert_process(PROCESS("        Image|startswith: /1\n"), "proc.exepath startswith /1");
}

static void windash(void **state)
{
	assert_process(PROCESS("        CommandLine|windash|contains: ' -a'\n"),
		       "proc.exeline icontains anyof (\" -a\", \" /a\", \" \xe2\x80\x93"
		       "a\", "
		       "\" \xe2\x80\x94"
		       "a\", \" \xe2\x80\x95"
		       "a\")");
	/* a dash within a word is none of an option */
	assert_process(PROCESS("        CommandLine|windash|contains: 'x-a'\n"),
		       "proc.exeline icontains x-a");
}

static void base64(void **state)
{
	assert_process(PROCESS("        CommandLine|base64|contains: foobar\n"),
		       "proc.exeline icontains Zm9vYmFy");
	assert_process(PROCESS("        CommandLine|base64: fo\n"),
		       "proc.exeline iequals \"Zm8=\"");
	assert_process(PROCESS("        CommandLine|base64offset|contains: 'bash'\n"),
		       "proc.exeline icontains anyof (YmFza, Jhc2, iYXNo)");
	assert_process(PROCESS("        CommandLine|cased|wide|base64offset|contains: 'ab'\n"),
		       "proc.exeline contains anyof (YQBiA, EAYg, hAGIA)");
	assert_mistake(PROCESS("        CommandLine|base64|contains: 'a*'\n"),
		       "wildcards cannot be encoded in base64");
}

static void limits(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		static char text[PK_MAX_STRING_BYTES + 1024];
		char value[PK_MAX_STRING_BYTES + 2];

		memset(value, 'x', sizeof(value));
		value[PK_MAX_STRING_BYTES + over] = '\0';
		snprintf(text, sizeof(text), PROCESS("        Image: %s\n"), value);
		if (over) {
			assert_mistake(text, "value of 4097 bytes; the limit is 4096");
		} else {
			loaded_cleanup struct loaded loaded = load(text);

			assert_clean(&loaded);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),  cmocka_unit_test(escapes), cmocka_unit_test(no_letters),
		cmocka_unit_test(windash), cmocka_unit_test(base64),  cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
