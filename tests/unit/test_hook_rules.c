/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "imported.h"

#define BINARY(path) "matchBinaries: [{operator: In, values: [" path "]}]"
#define A "{" BINARY("/a") "}"
#define B "{" BINARY("/b") "}"
#define KILL_B "{" BINARY("/b") ", matchActions: [{action: Sigkill}]}"
#define PASS_A "{" BINARY("/a") ", matchActions: [{action: NoPost}]}"
#define KILL_ALL "{matchActions: [{action: Sigkill}]}"
#define IS_A "proc.exepath = \"/a\""
#define IS_B "proc.exepath = \"/b\""

static void test_no_selector_takes_all(void **state)
{
	becomes(KPROBE("sys_mkdir", ""), "evt.type = mkdir");
	becomes(POLICY("p", "  kprobes:\n  - call: sys_mkdir\n"), "evt.type = mkdir");
}

static void test_the_same_done_is_one_rule(void **state)
{
	becomes(KPROBE("sys_mkdir", A ", " B), "evt.type = mkdir and ((" IS_A ") or (" IS_B "))");
	becomes(KPROBE("sys_mkdir", A ", {}"), "evt.type = mkdir");
}

/* The first selector that selects acts, so a later one does not. */
static void test_order(void **state)
{
	imported_cleanup struct imported imported = import_text(KPROBE("sys_mkdir", A ", " KILL_B));

	assert_int_equal(imported.import->cnt.rules, 2);
	has_text(&imported.out, "'evt.type = mkdir and " IS_A "'");
	has_text(&imported.out, "'evt.type = mkdir and " IS_B " and not (" IS_A ")'");
	has_text(&imported.out, "- rule: \"p sys_mkdir 2\"");
}

static void test_behind_all(void **state)
{
	imported_cleanup struct imported imported =
		import_text(KPROBE("sys_mkdir", KILL_ALL ", " A));

	assert_int_equal(imported.import->cnt.rules, 1);
	has_no_text(&imported.out, "/a");
}

static void test_passed_over(void **state)
{
	becomes(KPROBE("sys_mkdir", PASS_A ", " KILL_ALL), "evt.type = mkdir and not (" IS_A ")");
	becomes(KPROBE("sys_mkdir", PASS_A ", {}"), "evt.type = mkdir and not (" IS_A ")");
}

/* Whom an earlier selector would have spared must not be killed. */
static void test_an_exception_that_is_lost(void **state)
{
	imported_cleanup struct imported imported = import_text(
		KPROBE("sys_mkdir",
		       "{matchMoon: [{}], matchActions: [{action: NoPost}]}, " KILL_ALL));

	assert_int_equal(imported.import->cnt.rules, 1);
	has_no_text(&imported.out, "action: kill");
	has_text(&imported.out, "this rule only alerts, since it is true of more than the policy");
}

static void test_what_would_be_refused(void **state)
{
	imported_cleanup struct imported all = import_text(KPROBE("security_file_open", KILL_ALL));
	imported_cleanup struct imported children = import_text(
		KPROBE("sys_mkdir",
		       "{matchBinaries: [{operator: In, values: [/a], followChildren: true}], "
		       "matchActions: [{action: Override, argError: -1}]}"));
	imported_cleanup struct imported over = import_text(KPROBE("sys_clone", KILL_ALL));

	has_no_text(&all.out, "action: kill");
	has_text(&all.out, "would kill every open of every process");
	has_no_text(&children.out, "action: deny");
	has_text(&children.out, "must be decided in the kernel");
	has_no_text(&over.out, "action: kill");
	has_text(&over.out, "have happened when they are seen");
	assert_int_equal(all.import->cnt.part, 1);
}

static void test_names_are_there_once(void **state)
{
	static const char *const texts[] = { KPROBE("sys_mkdir", ""), KPROBE("sys_mkdir", ""),
					     KPROBE("sys_mkdir", A ", " KILL_B) };
	imported_cleanup struct imported imported = import_texts(texts, 3);

	assert_int_equal(imported.import->cnt.rules, 4);
	has_text(&imported.out, "- rule: \"p sys_mkdir\"\n");
	has_text(&imported.out, "- rule: \"p sys_mkdir 2\"\n");
	has_text(&imported.out, "- rule: \"p sys_mkdir 3\"\n");
	has_text(&imported.out, "- rule: \"p sys_mkdir 4\"\n");
}

static void test_many_selectors(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	for (size_t cnt = PK_MAX_IMPORT_SELECTORS; cnt <= PK_MAX_IMPORT_SELECTORS + 1; cnt++) {
		struct imported imported;

		pk_buf_clear(&text);
		assert_int_equal(pk_buf_add_str(&text,
						POLICY("p", "  kprobes:\n  - call: sys_mkdir\n"
							    "    selectors:\n")),
				 0);
		for (size_t i = 0; i < cnt; i++)
			assert_int_equal(pk_buf_add_str(&text, "    - " A "\n"), 0);
		assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
		imported = import_text(text.data);
		assert_int_equal(imported.import->cnt.rules, cnt == PK_MAX_IMPORT_SELECTORS);
		if (cnt > PK_MAX_IMPORT_SELECTORS)
			has_text(&imported.out, "left out: all of it: too many selectors");
		imported_fini(&imported);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_selector_takes_all),
		cmocka_unit_test(test_the_same_done_is_one_rule),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_behind_all),
		cmocka_unit_test(test_passed_over),
		cmocka_unit_test(test_an_exception_that_is_lost),
		cmocka_unit_test(test_what_would_be_refused),
		cmocka_unit_test(test_names_are_there_once),
		cmocka_unit_test(test_many_selectors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
