/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "alerts.h"

static struct values values;

static void expect_bytes(const char *text, const char *expected, size_t len)
{
	pk_buf_cleanup struct pk_buf out = PK_BUF_INIT;
	made_cleanup struct made made = make(text);

	if (!made.tmpl)
		fail_msg("%s\n%s", text, made.said.data);
	assert_int_equal(pk_template_render(made.tmpl, values_get, &values, &out), 0);
	if (out.len_bytes != len || memcmp(out.data, expected, len) != 0)
		fail_msg("%s\ngave: %.*s\nnot:  %s", text, (int)out.len_bytes, out.data, expected);
}

static void expect(const char *text, const char *expected)
{
	expect_bytes(text, expected, strlen(expected));
}

static int clear(void **state)
{
	values = (struct values){ 0 };
	setenv("TZ", "UTC", 1);
	tzset();
	return 0;
}

static void test_text(void **state)
{
	give_text(&values, "proc.name", "bash");
	give_text(&values, "fd.name", "/etc/shadow");
	give_text(&values, "proc.aname[2]", "sshd");
	expect("%proc.name read %fd.name.", "bash read /etc/shadow.");
	expect("%proc.aname[2]>%proc.name", "sshd>bash");
	expect("%proc.name %proc.name 100%%", "bash bash 100%");
	expect("nothing", "nothing");
}

static void test_missing(void **state)
{
	give(&values, "fd.name", PK_FIELD_TEXT)->state = PK_VALUE_UNKNOWN;
	give_text(&values, "proc.cmdline", "");
	expect("%proc.name", "<NA>");
	expect("%fd.name", "<NA>");
	expect("a%proc.cmdline.", "a.");
	expect("*%proc.name", "<NA>");
	expect("%proc.aname[7] %evt.rawres", "<NA> <NA>");
	expect("%toupper(proc.name) %len(fd.name) %b64(proc.name)", "<NA> <NA> <NA>");
	expect("%tolower(proc.cmdline)|%len(proc.cmdline)|%b64(proc.cmdline)|%basename(proc.cmdline)|",
	       "|0|||");
}

static void test_numbers(void **state)
{
	give_number(&values, "evt.rawres", PK_FIELD_INT, -13);
	give_number(&values, "proc.pid", PK_FIELD_UINT, -1);
	give_number(&values, "evt.is_open_read", PK_FIELD_BOOL, 1);
	give_number(&values, "proc.duration", PK_FIELD_TIME, 1500);
	expect("%evt.rawres %proc.pid %evt.is_open_read %proc.duration",
	       "-13 18446744073709551615 true 1500");
	clear(NULL);
	give_number(&values, "evt.rawres", PK_FIELD_INT, INT64_MIN);
	give_number(&values, "evt.is_open_read", PK_FIELD_BOOL, 0);
	expect("%evt.rawres %evt.is_open_read", "-9223372036854775808 false");
}

static void test_addresses(void **state)
{
	struct pk_value *net = give(&values, "fd.net", PK_FIELD_NET);

	set_address(give(&values, "fd.sip", PK_FIELD_ADDR), 0, "10.1.2.3");
	set_address(give(&values, "fd.cip", PK_FIELD_ADDR), 0, "2001:db8:0:0::1");
	set_address(net, 0, "127.0.0.1");
	set_address(net, 1, "::1");
	expect("%fd.sip %fd.cip %fd.net", "10.1.2.3 2001:db8::1 127.0.0.1,::1");
}

static void test_times(void **state)
{
	give_number(&values, "evt.time", PK_FIELD_TIME, 1795442400012345678);
	give_number(&values, "evt.time.s", PK_FIELD_TIME, 1795442400012345678);
	give_number(&values, "evt.time.iso8601", PK_FIELD_TIME, 1795442400012345678);
	give_number(&values, "evt.datetime", PK_FIELD_TIME, 1795442400012345678);
	give_number(&values, "evt.datetime.s", PK_FIELD_TIME, 1795442400012345678);
	expect("%evt.time", "14:00:00.012345678");
	expect("%evt.time.s", "14:00:00");
	expect("%evt.time.iso8601", "2026-11-23T14:00:00.012345678Z");
	expect("%evt.datetime|%evt.datetime.s",
	       "2026-11-23 14:00:00.012345678|2026-11-23 14:00:00");
	setenv("TZ", "XXX-3", 1);
	tzset();
	expect("%evt.time.s %evt.time.iso8601", "17:00:00 2026-11-23T14:00:00.012345678Z");
	clear(NULL);
	/* before the epoch */
	give_number(&values, "evt.time", PK_FIELD_TIME, -1);
	expect("%evt.time", "23:59:59.999999999");
}

static void test_lists(void **state)
{
	static const char *const names[] = { "sh", "sshd", "init" };

	give_list(&values, "proc.tags", PK_FIELD_LIST, names, 2);
	give_list(&values, "proc.aname", PK_FIELD_TEXT, names, 3);
	expect("%proc.tags %proc.aname", "(sh,sshd) (sh,sshd,init)");
	expect("%len(proc.tags)", "2");
	expect("%toupper(proc.aname) %basename(proc.tags)", "(SH,SSHD,INIT) (sh,sshd)");
	expect("%join(\"-\", (proc.tags, \"x\"))", "sh,sshd-x");
	clear(NULL);
	give_list(&values, "proc.tags", PK_FIELD_LIST, NULL, 0);
	expect("%proc.tags %len(proc.tags)", "() 0");
	expect("[%join(\"-\", (proc.tags))]", "[]");
}

/* Several texts, and one that stands for them. */
static void test_several(void **state)
{
	static const char *const names[] = { "open", "openat" };

	give_list(&values, "proc.name", PK_FIELD_TEXT, names, 2);
	values.items[0].value.text = (struct pk_value_text){ "openat", 6 };
	expect("%proc.name", "openat");
}

static void test_getopt(void **state)
{
	give_text(&values, "proc.cmdline", "-l -p 80 x");
	expect("%getopt(proc.cmdline, \"lp:\")[p]", "80");
	expect("%getopt(proc.cmdline, \"lp:\")", "(l,p)");
	expect("%getopt(proc.cmdline, \"lp:x\")[x]", "<NA>");
}

static void test_case(void **state)
{
	give_text(&values, "proc.name", "@AZ[`az{09\xc3\x89");
	expect("%tolower(proc.name)", "@az[`az{09\xc3\x89");
	expect("%toupper(proc.name)", "@AZ[`AZ{09\xc3\x89");
	expect("%proc.name", "@AZ[`az{09\xc3\x89"); /* the value is not touched */
}

static void test_base64(void **state)
{
	static const struct {
		const char *text, *decoded;
	} cases[] = {
		{ "Zg==", "f" },
		{ "Zg", "f" },
		{ "Zm8=", "fo" },
		{ "Zm8", "fo" },
		{ "Zm9v", "foo" },
		{ "Zm9vYg==", "foob" },
		{ "+/+/", "\xfb\xff\xbf" },
		{ "Zm9v!", "<NA>" },
		{ "Z", "<NA>" },
		{ "Zm9vY", "<NA>" },
		{ "Zm 9", "<NA>" },
		{ "Z===", "<NA>" },
		{ "", "" },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		clear(NULL);
		give_text(&values, "proc.cmdline", cases[i].text);
		expect("%b64(proc.cmdline)", cases[i].decoded);
	}
}

static void test_basename(void **state)
{
	static const char *const cases[][2] = {
		{ "/usr/bin/sh", "sh" }, { "sh", "sh" }, { "/", "" }, { "a/b/", "" }, { "/x", "x" },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		clear(NULL);
		give_text(&values, "fd.name", cases[i][0]);
		expect("%basename(fd.name)", cases[i][1]);
	}
}

static void test_len(void **state)
{
	give_text(&values, "fd.name", "caf\xc3\xa9");
	expect("%len(fd.name)", "5"); /* bytes */
	clear(NULL);
	give_text(&values, "fd.name", "cut")->partial = true;
	expect("%len(fd.name) %fd.name %toupper(fd.name)", "<NA> cut CUT");
	expect("%concat(fd.name, \"x\")", "<NA>");
}

static void test_join(void **state)
{
	give_text(&values, "proc.name", "bash");
	give_number(&values, "proc.pid", PK_FIELD_UINT, 7);
	set_address(give(&values, "fd.sip", PK_FIELD_ADDR), 0, "10.1.2.3");
	expect("%join(\", \", (proc.name, proc.pid, \"x\", fd.sip))", "bash, 7, x, 10.1.2.3");
	expect("%concat(proc.name, \"[\", proc.pid, \"]\")", "bash[7]");
	expect("%concat((toupper(proc.name), 1.5, fd.sip))", "BASH1.510.1.2.3");
	expect("%toupper(join(proc.name, (\"a\", \"b\")))", "ABASHB");
	expect("%concat(proc.name, fd.name, proc.pid)", "<NA>"); /* one missing: all of it */
	expect("%join(fd.name, (proc.name))", "<NA>");
	expect("%join(\"-\", ())", "");
	expect("%len(concat(proc.name, proc.name))", "8");
}

static void test_nested(void **state)
{
	give_text(&values, "proc.cmdline", "L3Vzci9CSU4vU2g="); /* /usr/BIN/Sh */
	expect("%tolower(basename(b64(proc.cmdline)))", "sh");
}

static void test_width(void **state)
{
	give_text(&values, "proc.name", "caf\xc3\xa9!");
	give_bytes(&values, "fd.name", "\xff\xfe\xc3", 3);
	expect("[%8proc.name]", "[caf\xc3\xa9!   ]");
	expect("[%4proc.name]", "[caf\xc3\xa9]"); /* characters, and none is cut in two */
	expect("[%3proc.name]", "[caf]");
	expect("[%2fd.name]", "[\xff\xfe]");
	expect("[%6proc.cmdline]", "[<NA>  ]");
	expect("[%2toupper(proc.name)]", "[CA]");
}

static void test_hostile(void **state)
{
	pk_cleanup(pk_free_p) char *large = malloc(10240);
	pk_buf_cleanup struct pk_buf expected = PK_BUF_INIT;

	assert_non_null(large);
	memset(large, 'x', 10240);
	large[5000] = '\0';
	give_bytes(&values, "proc.name", "a\n\033[31m\xff\0%proc.pid", 18);
	give_bytes(&values, "fd.name", large, 10240);
	/* as it is: nothing in a value is a template, nothing ends it */
	expect_bytes("<%proc.name>", "<a\n\033[31m\xff\0%proc.pid>", 20);
	pk_buf_add(&expected, large, 10240);
	pk_buf_add(&expected, large, 10240);
	expect_bytes("%fd.name%fd.name", expected.data, expected.len_bytes);
	expect_bytes("%concat(fd.name, tolower(fd.name))", expected.data, expected.len_bytes);
	expect("%len(fd.name)", "10240");
	expect("%5fd.name", "xxxxx");
}

/* What was in the buffer stays, also when a value can not be had. */
static void test_failed(void **state)
{
	pk_buf_cleanup struct pk_buf out = PK_BUF_INIT;
	made_cleanup struct made made = make("a %proc.name %toupper(proc.name)");

	assert_int_equal(pk_buf_add_str(&out, "before"), 0);
	values.err = -ENOMEM;
	assert_int_equal(pk_template_render(made.tmpl, values_get, &values, &out), -ENOMEM);
	assert_buf(&out, "before");
	values.err = 0;
	assert_int_equal(pk_template_render(made.tmpl, values_get, &values, &out), 0);
	assert_buf(&out, "beforea <NA> <NA>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_text, clear),
		cmocka_unit_test_setup(test_missing, clear),
		cmocka_unit_test_setup(test_numbers, clear),
		cmocka_unit_test_setup(test_addresses, clear),
		cmocka_unit_test_setup(test_times, clear),
		cmocka_unit_test_setup(test_lists, clear),
		cmocka_unit_test_setup(test_several, clear),
		cmocka_unit_test_setup(test_getopt, clear),
		cmocka_unit_test_setup(test_case, clear),
		cmocka_unit_test_setup(test_base64, clear),
		cmocka_unit_test_setup(test_basename, clear),
		cmocka_unit_test_setup(test_len, clear),
		cmocka_unit_test_setup(test_join, clear),
		cmocka_unit_test_setup(test_nested, clear),
		cmocka_unit_test_setup(test_width, clear),
		cmocka_unit_test_setup(test_hostile, clear),
		cmocka_unit_test_setup(test_failed, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
