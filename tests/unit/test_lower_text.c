/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparisons of texts: which slot, which classes, which bits. Slots by number: 0 to 7 names, 8 on equal
 * to, 16 on begins with, 24 on of the parent; 32 on equal to, 40 on begins with, of the event.
 */
#include "gate_text.h"

#define NAME PK_EVENT_OPEN

static void test_equal(void **state)
{
	assert_lowered(NAME, "proc.name = sh", "c0{1}");
	assert_lowered(NAME, "proc.pname = sh", "c1{1}");
	assert_lowered(NAME, "proc.exepath = /x", "c9{1}");
	assert_lowered(NAME, "proc.pexepath = /x", "c15{1}");
	assert_lowered(NAME, "fd.name = /x", "c36{1}");
	assert_lowered(NAME, "fd.filename = x", "c38{1}");
	assert_lowered(NAME, "proc.name in (b, a, b)", "c0{1-2}");
	assert_lowered(NAME, "proc.name in ()", "none");
	assert_lowered(NAME, "proc.name = ''", "c0{1}");
}

/* Missing makes "!=" false, and "not" of "=" true. */
static void test_not_equal(void **state)
{
	assert_lowered(NAME, "proc.name != sh", "ne c0{1}");
	assert_lowered(NAME, "not proc.name = sh", "not c0{1}");
	assert_lowered(NAME, "proc.name exists", "c0{0-2147483647}");
}

static void test_ancestors(void **state)
{
	assert_lowered(NAME, "proc.aname[0] = sh", "c0{1}");
	assert_lowered(NAME, "proc.aname[1] = sh", "c1{1}");
	assert_lowered(NAME, "proc.aname[7] = sh", "c7{1}");
	assert_lowered(NAME, "proc.aname[8] = sh", "?");
	assert_lowered(NAME, "proc.aname in (sh, bash)", "b32.0");
	assert_lowered(NAME, "proc.aname exists", "c1{0-2147483647}");
	assert_left("proc.aname != sh",
		    "the kernel only knows which names there are among all ancestors");
	assert_left("proc.aname[2] startswith s",
		    "the kernel compares ancestors' names as a whole");
	assert_left("proc.aname contains s", "the kernel compares ancestors' names as a whole");
}

static void test_begins(void **state)
{
	assert_lowered(NAME, "fd.name startswith /etc", "c44{1}");
	assert_lowered(NAME, "proc.name startswith s", "c20{1}");
	assert_lowered(NAME, "proc.pname startswith s", "c28{1}");
	/* "/etc" is the first of three classes, those that begin with it follow */
	assert_lowered(NAME,
		       "fd.name startswith /etc and (proc.pid = 1 or fd.name startswith /etc/a or "
		       "fd.name startswith /etc/b)",
		       "(c44{1-3} & (n5{1} | c44{2} | c44{3}))");
	assert_lowered(NAME, "fd.name startswith allof (/etc, /etc/a)", "(c44{1-2} & c44{2})");
	assert_lowered(NAME, "fd.name startswith oneof (/a, /b)", "c44{1-2}");
}

static void test_below(void **state)
{
	assert_lowered(NAME, "fd.name pmatch (/etc)", "(c44{1} | c36{1})");
	assert_lowered(NAME, "fd.name pmatch (etc//)", "(c44{1} | c36{1})");
	assert_lowered(NAME, "fd.name pmatch (/)", "c36{0-2147483647}");
	assert_left("evt.type = open and fd.name pmatch (/e*)",
		    "the kernel has no patterns of a path's parts");
	assert_left("proc.cmdline pmatch (/etc)", "the kernel matches paths of files only");
	/* not a path: "nginx" is not "/nginx", which pmatch takes for the same */
	assert_left("evt.type = add_key and evt.arg.description pmatch (nginx)",
		    "the kernel matches paths of files only");
	assert_lowered(PK_EVENT_RENAME, "evt.arg.newpath pmatch (/etc)", "(c47{1} | c39{1})");
}

static void test_patterns(void **state)
{
	assert_lowered(NAME, "fd.name contains x", "b34.0");
	assert_lowered(NAME, "proc.cmdline endswith x", "b0.0");
	assert_lowered(NAME, "proc.pcmdline endswith x", "b16.0");
	/* one of a list is one bit; what has wildcards within multiplies states, and has its own */
	assert_lowered(NAME, "fd.name contains anyof (x, y)", "b34.0");
	/* the same list, asked in two ways */
	assert_lowered(NAME, "fd.name icontains anyof (x, y) and fd.name endswith anyof (x, y)",
		       "(b34.0 & b34.1)");
	assert_lowered(NAME, "fd.name glob anyof ('a*b', 'c*d')", "(b34.0 | b34.1)");
	assert_lowered(NAME, "fd.name contains allof (x, y)", "(b34.0 & b34.1)");
	assert_lowered(NAME, "fd.name contains ''", "c36{0-2147483647}");
}

/* Files of rules that stop are known by themselves too: in slot 54. "!=" goes by the name. */
/* Texts that only automata are run over: all by patterns. */
static void test_lines(void **state)
{
	assert_lowered(NAME, "proc.exeline = x", "b0.0");
	assert_lowered(NAME, "proc.exeline in (x, y)", "b0.0");
	assert_lowered(NAME, "proc.exeline startswith x", "b0.0");
	assert_lowered(NAME, "proc.pexeline contains x", "b16.0");
	assert_lowered(NAME, "proc.exeline exists", "?");
	assert_lowered(NAME, "proc.exeline != x", "?");
	assert_lowered(NAME, "proc.args[0] = x", "b0.0");
	assert_lowered(NAME, "proc.args[0] exists", "b0.0");
	assert_lowered(NAME, "proc.args[0] != x", "(not b0.0 & b0.1)");
	assert_lowered(NAME, "proc.args[0] = x or proc.args[1] = x", "(b0.0 | b0.1)");
	assert_lowered(NAME, "proc.args[0] regex '^x'", "?");
	assert_lowered(NAME, "proc.args[63] = x", "b0.0");
	assert_lowered(NAME, "proc.args[64] = x", "?");
}

static void test_files_by_identity(void **state)
{
	assert_lowered_with(NAME, "evt.type = open and fd.name = /x", "  action: deny\n",
			    "c36/54{1}");
	assert_lowered_with(NAME, "evt.type = open and fd.name = /x", "  action: kill\n",
			    "c36/54{1}");
	assert_lowered_with(NAME, "evt.type = open and fd.name != /x", "  action: deny\n",
			    "ne c36{1}");
	assert_lowered_with(NAME, "evt.type = open and fd.directory = /x", "  action: deny\n",
			    "c37{1}");
	assert_lowered_with(PK_EVENT_MKDIR, "evt.type = mkdir and fd.name = /x", "  action: deny\n",
			    "c36{1}");
}

/* What fits is asked of the kernel all the same. */
static void test_one_too_long(void **state)
{
	pk_buf_cleanup struct pk_buf condition = PK_BUF_INIT;
	char *name = repeated("x", PK_EXACT_BYTES_MAX + 1);

	gate_put(&condition, "fd.name in (/short, ");
	assert_int_equal(pk_buf_add_str(&condition, name), 0);
	gate_put(&condition, ")");
	assert_int_equal(pk_buf_add_char(&condition, '\0'), 0);
	assert_lowered(NAME, condition.data, "(? | c36{1})");
	free(name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_equal),        cmocka_unit_test(test_not_equal),
		cmocka_unit_test(test_ancestors),    cmocka_unit_test(test_begins),
		cmocka_unit_test(test_below),        cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_lines),        cmocka_unit_test(test_files_by_identity),
		cmocka_unit_test(test_one_too_long),
	};

	return cmocka_run_group_tests_name("lower_text", tests, NULL, NULL);
}
