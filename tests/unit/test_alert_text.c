/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "alerts.h"

static struct alerted alerted;

static void start(bool color, const char *output)
{
	setenv("TZ", "XXX-1", 1);
	tzset();
	alerted_init(&alerted, true, color, output);
}

static int stop(void **state)
{
	alerted_fini(&alerted);
	return 0;
}

static void expect(const char *expected)
{
	assert_int_equal(alerted_run(&alerted), 0);
	if (alerted.out.len_bytes != strlen(expected) ||
	    memcmp(alerted.out.data, expected, strlen(expected)) != 0)
		fail_msg("gave: %.*s\nnot:  %s", (int)alerted.out.len_bytes, alerted.out.data,
			 expected);
}

static void test_plain(void **state)
{
	start(false, "%proc.name read %fd.name");
	give_text(&alerted.values, "proc.name", "bash");
	expect("15:00:00.123 Critical      alert   Read a secret: bash read <NA>\n");
	alerted.rule.priority = PK_RULES_INFORMATIONAL;
	alerted.repeat_cnt = 3;
	expect("15:00:00.123 Informational alert   Read a secret: bash read <NA> "
	       "[3 more like it before]\n");
}

static void test_verdicts(void **state)
{
	start(false, "x");
	alerted.verdict = PK_VERDICT_DENIED;
	expect("15:00:00.123 Critical      DENIED  Read a secret: x\n");
	alerted.verdict = PK_VERDICT_KILLED;
	expect("15:00:00.123 Critical      KILLED  Read a secret: x\n");
	alerted.verdict = PK_VERDICT_SPARED;
	expect("15:00:00.123 Critical      SPARED  Read a secret: x\n");
	/* a rule that denies, and an event that went through */
	alerted.verdict = PK_VERDICT_ALLOWED;
	alerted.rule.action = PK_RULES_ACTION_DENY;
	expect("15:00:00.123 Critical      ALLOWED Read a secret: x\n");
}

static void test_colors(void **state)
{
	static const char *const colors[PK_RULES_PRIORITY_CNT] = { "1;31", "1;31", "1;31", "31",
								   "33",   "36",   "32",   "2" };

	start(true, "x");
	for (int i = 0; i < PK_RULES_PRIORITY_CNT; i++) {
		char expected[256];

		alerted.rule.priority = (enum pk_rules_priority)i;
		snprintf(expected, sizeof(expected),
			 "\033[2m15:00:00.123\033[0m \033[%sm%-13s\033[0m alert   "
			 "\033[1mRead a secret\033[0m: x\n",
			 colors[i], pk_rules_priority_name((enum pk_rules_priority)i));
		expect(expected);
	}
	alerted.rule.priority = PK_RULES_NOTICE;
	alerted.verdict = PK_VERDICT_DENIED;
	alerted.repeat_cnt = 1;
	expect("\033[2m15:00:00.123\033[0m \033[36mNotice       \033[0m \033[1;31mDENIED \033[0m "
	       "\033[1mRead a secret\033[0m: x\033[2m [1 more like it before]\033[0m\n");
}

/* Nothing acts on the terminal, nothing begins a second line. */
static void test_hostile(void **state)
{
	start(true, "%proc.name\n\033[2Jx");
	alerted.rule.name = "r\n\033[31m";
	give_bytes(&alerted.values, "proc.name", "a\n\033[31m\xff\xe2\x80\xae\0z", 13);
	assert_int_equal(alerted_run(&alerted), 0);
	assert_true(buf_has(&alerted.out, "\033[1mr\\n\\x1b[31m\033[0m: "
					  "a\\n\\x1b[31m\\xff\\u{202e}\\x00z\\n\\x1b[2Jx\n"));
	assert_ptr_equal(memchr(alerted.out.data, '\n', alerted.out.len_bytes),
			 alerted.out.data + alerted.out.len_bytes - 1);
}

static void test_large(void **state)
{
	pk_cleanup(pk_free_p) char *large = malloc(10240);

	assert_non_null(large);
	memset(large, '\033', 10240);
	start(false, "%fd.name");
	give_bytes(&alerted.values, "fd.name", large, 10240);
	assert_int_equal(alerted_run(&alerted), 0);
	assert_true(alerted.out.len_bytes > 40960);
	assert_null(memchr(alerted.out.data, '\033', alerted.out.len_bytes));
}

static void test_failed(void **state)
{
	start(false, "%proc.name");
	alerted.values.err = -ENOMEM;
	assert_int_equal(alerted_run(&alerted), -ENOMEM);
	assert_int_equal(alerted.out.len_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_plain, stop),
		cmocka_unit_test_teardown(test_verdicts, stop),
		cmocka_unit_test_teardown(test_colors, stop),
		cmocka_unit_test_teardown(test_hostile, stop),
		cmocka_unit_test_teardown(test_large, stop),
		cmocka_unit_test_teardown(test_failed, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
