// SPDX-License-Identifier: Apache-2.0
/*
 * The reference evaluator: each operator, each transformer, missing and unknown values, parts of texts.
 */
#include "bound.h"

#define FACTS(...) (&(struct facts){ .facts = { __VA_ARGS__ } })
#define NOTHING (&(struct facts){ 0 })

static void yes(const char *condition, struct facts *facts)
{
	assert_truth(condition, facts, PK_TRUE);
}

static void no(const char *condition, struct facts *facts)
{
	assert_truth(condition, facts, PK_FALSE);
}

static void perhaps(const char *condition, struct facts *facts)
{
	assert_truth(condition, facts, PK_UNKNOWN);
}

static void test_missing(void **state)
{
	static const char *const conditions[] = {
		"proc.name = a",
		"proc.name != a",
		"proc.name contains ''",
		"proc.name in ()",
		"proc.name exists",
		"proc.pid > 0",
		"fd.sip != 1.2.3.4",
		"fd.net != 1.2.3.4/8",
		"tolower(proc.name) != a",
		"len(proc.name) >= 0",
		"proc.name glob *",
		"proc.name pmatch (/)",
		"proc.name = val(proc.name)",
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(conditions); i++)
		no(conditions[i], NOTHING);
	yes("not proc.name = a", NOTHING);
	yes("not proc.name != a", NOTHING);
	yes("not proc.name exists", NOTHING);
}

static void test_unknown(void **state)
{
	struct facts *facts = FACTS({ "proc.name", unknown_value() },
				    { "fd.name", text_value("f") }, { "proc.pid", unknown_value() },
				    { "fd.sip", unknown_value() });

	yes("proc.name exists", facts);
	perhaps("proc.name = a", facts);
	perhaps("proc.name != a", facts);
	perhaps("not proc.name = a", facts);
	perhaps("proc.pid < 5", facts);
	perhaps("fd.sip = 1.2.3.4", facts);
	perhaps("tolower(proc.name) = a", facts);
	perhaps("fd.name = val(proc.name)", facts);
	no("proc.name = a and fd.name = g", facts);
	perhaps("proc.name = a and fd.name = f", facts);
	yes("proc.name = a or fd.name = f", facts);
	perhaps("proc.name = a or fd.name = g", facts);
	perhaps("not (proc.name = a and not fd.name = g)", facts);
}

static void test_texts(void **state)
{
	struct facts *facts = FACTS({ "fd.name", text_value("/etc/Passwd") });

	yes("fd.name = /etc/Passwd", facts);
	yes("fd.name == '/etc/Passwd'", facts);
	no("fd.name = /etc/passwd", facts);
	yes("fd.name != /etc", facts);
	yes("fd.name contains Pass", facts);
	no("fd.name contains pass", facts);
	yes("fd.name contains ''", facts);
	yes("fd.name icontains pASS", facts);
	no("fd.name icontains passwords", facts);
	yes("fd.name bcontains 2f50", facts);
	yes("fd.name bstartswith 2f65", facts);
	no("fd.name bstartswith 65", facts);
	yes("fd.name startswith /etc/", facts);
	no("fd.name startswith /etc/Passwd0", facts);
	yes("fd.name endswith wd", facts);
	no("fd.name endswith 'x/etc/Passwd'", facts);
	yes("fd.name in (a, /etc/Passwd)", facts);
	no("fd.name in ()", facts);
	yes("fd.name intersects (a, /etc/Passwd)", facts);
	yes("fd.name > 5", FACTS({ "fd.name", text_value("6") }));
	no("fd.name < 5", FACTS({ "fd.name", text_value("6") }));
}

static void test_patterns(void **state)
{
	struct facts *facts = FACTS({ "fd.name", text_value("/etc/ssh/sshd_config") });

	yes("fd.name glob '/etc/*'", facts);
	yes("fd.name glob '/etc/ss[h]/sshd?config'", facts);
	no("fd.name glob '*/ssh'", facts);
	no("fd.name glob '/ETC/*'", facts);
	yes("fd.name iglob '/ETC/*'", facts);
	yes("fd.name regex '/etc/[a-z]+/.*'", facts);
	no("fd.name regex '/etc'", facts);
}

static void test_pmatch(void **state)
{
	struct facts *facts = FACTS({ "fd.name", text_value("/var/run/docker") });

	yes("fd.name pmatch (/var/run)", facts);
	yes("fd.name pmatch (/var/run/)", facts);
	yes("fd.name pmatch (/var/run/docker)", facts);
	no("fd.name pmatch (/var/run/docker/x)", facts);
	no("fd.name pmatch (/var/ru)", facts);
	no("fd.name pmatch ()", facts);
	yes("fd.name pmatch (/x, /var//run)", facts);
	yes("fd.name pmatch (/)", facts);
	yes("fd.name pmatch (/v*/run)", facts);
	no("fd.name pmatch (/*/docker)", facts);
}

static void test_quantors(void **state)
{
	struct facts *facts = FACTS({ "proc.name", text_value("nginx") });

	yes("proc.name = oneof (a, nginx)", facts);
	no("proc.name = allof (a, nginx)", facts);
	yes("proc.name startswith anyof (a, ng)", facts);
	yes("proc.name contains allof (n, gi, x)", facts);
	no("proc.name contains allof (n, y)", facts);
	yes("proc.name != allof (a, b)", facts);
	no("proc.name != allof (a, nginx)", facts);
	yes("proc.name != oneof (a, nginx)", facts);
	yes("proc.name glob oneof (a*, n*)", facts);
}

static void test_numbers(void **state)
{
	struct facts *facts = FACTS({ "evt.rawres", int_value(-2) }, { "proc.pid", int_value(7) },
				    { "user.uid", uint_value(PK_FIELD_UINT, 4294967295) },
				    { "evt.is_open_read", uint_value(PK_FIELD_BOOL, 1) });

	yes("evt.rawres < 0", facts);
	yes("evt.rawres = -2", facts);
	yes("evt.rawres != 0x2", facts);
	no("evt.rawres >= 0", facts);
	yes("evt.rawres <= -2", facts);
	yes("evt.rawres > -3", facts);
	yes("proc.pid in (1, 7)", facts);
	no("proc.pid in (1, 2)", facts);
	yes("proc.pid = allof (7, 7)", facts);
	yes("user.uid = -1", facts);
	yes("user.uid > 5", facts);
	yes("evt.is_open_read = true", facts);
	no("evt.is_open_read != true", facts);
	no("evt.is_open_read = false", facts);
}

static void test_ranges(void **state)
{
	struct facts *facts = FACTS({ "fd.num", range_value(0, INT32_MAX) },
				    { "evt.rawres", range_value(3, 3) });

	yes("fd.num >= 0", facts);
	no("fd.num < 0", facts);
	no("fd.num = -1", facts);
	yes("fd.num != -1", facts);
	perhaps("fd.num = 0", facts);
	perhaps("fd.num > 0", facts);
	yes("fd.num > -1", facts);
	perhaps("fd.num in (-1, 2)", facts);
	no("fd.num in (-1, -2)", facts);
	yes("fd.num <= 2147483647", facts);
	perhaps("fd.num < 2147483647", facts);
	yes("evt.rawres = 3", facts);
	no("evt.rawres != 3", facts);
	yes("fd.num exists", facts);
}

static struct pk_value addr_value(const uint8_t v4[4])
{
	struct pk_value value = { .state = PK_VALUE_KNOWN, .type = PK_FIELD_ADDR, .addr_cnt = 1 };

	memset(value.addr[0] + 10, 0xff, 2);
	memcpy(value.addr[0] + 12, v4, 4);
	return value;
}

static void test_addresses(void **state)
{
	static const uint8_t one[] = { 10, 1, 2, 3 };
	static const uint8_t two[] = { 127, 0, 0, 1 };
	struct pk_value both = addr_value(one);
	struct facts *facts;

	both.addr_cnt = 2;
	memcpy(both.addr[1], addr_value(two).addr[0], 16);
	facts = FACTS({ "fd.sip", addr_value(one) }, { "fd.snet", addr_value(one) },
		      { "fd.ip", both }, { "fd.net", both }, { "fd.cip", addr_value(one) });
	yes("fd.sip = 10.1.2.3", facts);
	yes("fd.sip != '::1'", facts);
	no("fd.sip = '::1'", facts);
	yes("fd.snet = 10.0.0.0/8", facts);
	no("fd.snet in (11.0.0.0/8, 10.1.2.4/31)", facts);
	yes("fd.snet in (11.0.0.0/8, 10.1.2.2/31)", facts);
	yes("fd.ip = 127.0.0.1", facts);
	yes("fd.ip = 10.1.2.3", facts);
	no("fd.ip != 127.0.0.1", facts);
	yes("fd.ip != 127.0.0.2", facts);
	yes("fd.net = 127.0.0.0/8", facts);
	no("fd.net != 127.0.0.0/8", facts);
	yes("fd.net != 192.168.0.0/16", facts);
	yes("fd.sip = val(fd.cip)", facts);
	yes("fd.net in (1.0.0.0/8, 127.0.0.0/8)", facts);
}

static void test_several_values(void **state)
{
	struct facts *facts = FACTS({ "proc.aname", list_value(PK_FIELD_TEXT, "bash,sshd") },
				    { "evt.type", list_value(PK_FIELD_TEXT, "openat,open") },
				    { "proc.apid", list_value(PK_FIELD_INT, "7,1") },
				    { "fd.port", list_value(PK_FIELD_INT, "40000,22") },
				    { "fd.types", list_value(PK_FIELD_LIST, "file,ipv4") });

	yes("proc.aname = sshd", facts);
	no("proc.aname = init", facts);
	yes("proc.aname != sshd", facts); /* bash is not */
	yes("proc.aname startswith ba", facts);
	yes("proc.aname in (x, bash)", facts);
	yes("evt.type = open", facts);
	no("evt.type != open", facts); /* none must be */
	yes("evt.type != creat", facts);
	yes("evt.type in (open, creat)", facts);
	yes("proc.apid = 1", facts);
	yes("proc.apid > 6", facts);
	yes("fd.port = 22", facts);
	no("fd.port != 22", facts);
	yes("fd.port != 23", facts);
	yes("fd.types in (file, ipv4, ipv6)", facts);
	no("fd.types in (file)", facts);
	yes("fd.types intersects (file)", facts);
	no("fd.types intersects (unix)", facts);
}

static void test_more_values(void **state)
{
	struct pk_value ancestors = list_value(PK_FIELD_TEXT, "bash,sshd");
	struct facts *facts;

	ancestors.partial = true;
	facts = FACTS({ "proc.aname", ancestors });
	yes("proc.aname = sshd", facts);
	perhaps("proc.aname = init", facts);
	yes("proc.aname != sshd", facts);
}

static void test_cut_end(void **state)
{
	struct facts *facts = FACTS({ "proc.args", part_value("-c echo", false) });

	yes("proc.args contains echo", facts);
	perhaps("proc.args contains ls", facts);
	perhaps("proc.args icontains LS", facts);
	yes("proc.args startswith '-c'", facts);
	no("proc.args startswith '-d'", facts);
	perhaps("proc.args startswith '-c echo hi'", facts);
	perhaps("proc.args endswith echo", facts);
	yes("proc.args endswith ''", facts);
	no("proc.args = '-d'", facts);
	no("proc.args = '-c'", facts);
	perhaps("proc.args = '-c echo hi'", facts);
	yes("proc.args != '-d'", facts);
	perhaps("proc.args in ('-d', '-c echo x')", facts);
	yes("proc.args glob '-c*'", facts);
	no("proc.args glob '-d*'", facts);
	perhaps("proc.args glob '*x'", facts);
	yes("proc.args regex '(?s)-c.*'", facts);
	perhaps("proc.args regex '-c.*'", facts); /* a line feed may follow */
	perhaps("len(proc.args) > 3", facts);
	yes("toupper(proc.args) contains ECHO", facts);
	perhaps("b64(proc.args) = x", facts);
	yes("proc.args < 5", facts);
	perhaps("concat(proc.args, 'x') contains c", facts);
}

static void test_cut_front(void **state)
{
	struct facts *facts = FACTS({ "fd.name", part_value("dir/file", true) });

	yes("fd.name contains dir", facts);
	perhaps("fd.name contains /a/", facts);
	perhaps("fd.name startswith /etc", facts);
	yes("fd.name endswith /file", facts);
	no("fd.name endswith /other", facts);
	perhaps("fd.name endswith /x/dir/file", facts);
	no("fd.name = /etc/passwd", facts);
	perhaps("fd.name = /x/dir/file", facts);
	perhaps("fd.name glob '*file'", facts);
	perhaps("fd.name pmatch (/x)", facts);
	yes("basename(fd.name) = file", facts);
	no("basename(fd.name) = other", facts);
	perhaps("fd.name < 5", facts);
}

static void test_cut_path(void **state)
{
	struct facts *facts = FACTS({ "fd.name", part_value("/var/ru", false) });

	yes("fd.name pmatch (/var)", facts);
	perhaps("fd.name pmatch (/var/run)", facts);
	no("fd.name pmatch (/etc)", facts);
}

static void test_transformers(void **state)
{
	struct facts *facts =
		FACTS({ "proc.name", text_value("Bash") }, { "fd.name", text_value("/a/b/c.txt") },
		      { "proc.args", text_value("aGVsbG8=") }, { "proc.pid", int_value(12) },
		      { "fd.types", list_value(PK_FIELD_LIST, "a,b,c") });

	yes("tolower(proc.name) = bash", facts);
	yes("toupper(proc.name) = BASH", facts);
	yes("toupper(tolower(proc.name)) contains AS", facts);
	yes("basename(fd.name) = c.txt", facts);
	yes("basename(proc.name) = Bash", facts);
	yes("b64(proc.args) = hello", facts);
	no("b64(fd.name) != hello", facts); /* it is no base64: there is no value */
	no("b64(fd.name) exists", facts);
	yes("len(proc.name) = 4", facts);
	yes("len(fd.types) = 3", facts);
	yes("join('-', (proc.name, proc.pid, 'x', 5)) = Bash-12-x-5", facts);
	yes("join('', ()) = ''", facts);
	no("join('-', (proc.name, proc.pname)) exists", facts);
	yes("concat(proc.name, '/', proc.pid) = Bash/12", facts);
	yes("concat((proc.name, proc.pid)) = Bash12", facts);
	yes("toupper(fd.types) intersects (B)", facts);
}

static void test_getopt(void **state)
{
	struct facts *facts =
		FACTS({ "proc.args", text_value("-lt 80 --exec=/bin/sh -p9 host -v -- -x") });

	yes("getopt(proc.args, 'lt:p:vx') intersects (v)", facts);
	yes("getopt(proc.args, 'lt:p:vx') intersects (l)", facts);
	no("getopt(proc.args, 'lt:p:vx') intersects (x)", facts);
	no("getopt(proc.args, 'lt:p:') intersects (v)", facts);
	yes("getopt(proc.args, 'lt:')[t] = 80", facts);
	yes("getopt(proc.args, 'p:')[p] = 9", facts);
	yes("getopt(proc.args, 'v')[v] exists", facts);
	no("getopt(proc.args, 'q')[q] exists", facts);
	yes("getopt(proc.args, '', 'exec:,listen')[exec] = /bin/sh", facts);
	no("getopt(proc.args, '', 'exec:,listen')[listen] exists", facts);
}

static void test_right_side(void **state)
{
	struct facts *facts =
		FACTS({ "proc.name", text_value("sh") }, { "proc.pname", text_value("SH") },
		      { "proc.exepath", text_value("/bin/sh") }, { "proc.pid", int_value(4) },
		      { "proc.vpid", int_value(4) }, { "proc.ppid", int_value(5) },
		      { "fd.types", list_value(PK_FIELD_LIST, "x,sh") },
		      { "fd.name", text_value("*/s?") }, { "fd.directory", text_value("(") });

	no("proc.name = val(proc.pname)", facts);
	yes("proc.name = tolower(proc.pname)", facts);
	yes("proc.exepath endswith val(proc.name)", facts);
	yes("proc.pid = val(proc.vpid)", facts);
	yes("proc.pid < val(proc.ppid)", facts);
	yes("proc.name in val(fd.types)", facts);
	no("proc.pname in val(fd.types)", facts);
	yes("proc.exepath glob val(fd.name)", facts);
	no("proc.exepath regex val(fd.directory)", facts); /* no pattern: nothing is like it */
	no("proc.name = val(proc.cwd)", facts);
	yes("proc.exepath pmatch val(proc.exepath)", facts);
}

/* Falco's macro that is never true, and shared conditions that are asked once. */
static void test_sharing(void **state)
{
	const char *text = "- macro: m\n  condition: (proc.name = a or proc.pname = b)\n" RULE(
		"r", "(m and fd.num = 1) or (m and fd.num = 2) or not m");
	bound_cleanup struct bound bound = bind_text(text);
	struct facts *facts = FACTS({ "proc.name", text_value("c") },
				    { "proc.pname", text_value("d") });
	enum pk_truth truth;

	assert_non_null(bound.bound);
	assert_int_equal(pk_bound_eval(bound.bound, bound.loaded.rules->items[0]->condition,
				       get_fact, facts, &truth),
			 0);
	assert_int_equal(truth, PK_TRUE);
	assert_int_equal(facts->asked_cnt, 2);
	/* the next call asks anew */
	facts->facts[0].value = text_value("a");
	assert_int_equal(pk_bound_eval(bound.bound, bound.loaded.rules->items[0]->condition,
				       get_fact, facts, &truth),
			 0);
	assert_int_equal(truth, PK_FALSE);
}

static int fail_to_get(void *arg, const struct pk_field *field, const char *field_arg,
		       struct pk_value *ret_value)
{
	return -ENOMEM;
}

static void test_errors(void **state)
{
	bound_cleanup struct bound bound =
		bind_condition("not (proc.name = a or b64(proc.exe) = b)");
	enum pk_truth truth;

	assert_int_equal(pk_bound_eval(bound.bound, bound.loaded.rules->items[0]->condition,
				       fail_to_get, NULL, &truth),
			 -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing),      cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_texts),        cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_pmatch),       cmocka_unit_test(test_quantors),
		cmocka_unit_test(test_numbers),      cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_addresses),    cmocka_unit_test(test_several_values),
		cmocka_unit_test(test_more_values),  cmocka_unit_test(test_cut_end),
		cmocka_unit_test(test_cut_front),    cmocka_unit_test(test_cut_path),
		cmocka_unit_test(test_transformers), cmocka_unit_test(test_getopt),
		cmocka_unit_test(test_right_side),   cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
