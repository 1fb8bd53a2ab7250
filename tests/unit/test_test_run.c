// SPDX-License-Identifier: Apache-2.0
#include "cli/test_run.h"

#include <errno.h>

#include "scratch_files.h"

static const struct pk_test_options defaults = {
	.plan = { .backend = PK_BACKEND_LSM, .generation = 1 },
};

/* Two rules; what follows "tests:". */
#define FILE_OF(tests)                                                           \
	"rules: |\n"                                                             \
	"  - {rule: passwd, desc: d, output: o, priority: INFO, action: deny,\n" \
	"     condition: evt.type = unlink and fd.name = /etc/passwd}\n"         \
	"  - {rule: etc, desc: d, output: o, priority: INFO,\n"                  \
	"     condition: evt.type = unlink and fd.name startswith /etc/}\n"      \
	"tests:\n" tests
#define PASSWD "event: {type: unlink, file: {path: /etc/passwd}}\n"

static void run(const char *text, struct captured *captured, struct pk_test_counts *counts)
{
	int err;

	*counts = (struct pk_test_counts){ 0 };
	scratch_file("t.yaml", text);
	capture_begin(captured);
	err = pk_test_run("t.yaml", &defaults, counts);
	capture_end(captured);
	assert_int_equal(err, 0);
}

static void passes(const char *text)
{
	captured_cleanup struct captured captured;
	struct pk_test_counts counts;

	run(text, &captured, &counts);
	if (counts.failed_cnt || counts.passed_cnt != 1)
		fail_msg("%s%s", captured.out.data, captured.err.data);
	assert_int_equal(captured.err.len_bytes, 0);
	assert_has(&captured.out, "ok   t.yaml: x\n");
}

static void fails(const char *text, const char *said)
{
	captured_cleanup struct captured captured;
	struct pk_test_counts counts;

	run(text, &captured, &counts);
	assert_int_equal(counts.passed_cnt, 0);
	assert_int_equal(counts.failed_cnt, 1);
	assert_has(&captured.out, "FAIL t.yaml:7: x\n");
	assert_has(strstr(captured.out.data, said) ? &captured.out : &captured.err, said);
}

static void good(void **state)
{
	passes(FILE_OF("  - name: x\n    " PASSWD "    expect: [passwd, etc]\n"));
	passes(FILE_OF("  - name: x\n    " PASSWD "    expect: [{etc: alert}, {passwd: deny}]\n"
		       "    verdict: denied\n"));
	passes(FILE_OF("  - name: x\n    event: {type: unlink, file: {path: /a}}\n"));
	passes(FILE_OF("  - name: x\n    event: {type: unlink, file: {path: /a}}\n"
		       "    expect: []\n    unknown:\n    verdict: allowed\n"));
}

static void differences(void **state)
{
	fails(FILE_OF("  - name: x\n    " PASSWD), "t.yaml:7: + not expected: passwd");
	fails(FILE_OF("  - name: x\n    " PASSWD "    expect: [etc]\n"),
	      "t.yaml:9: + not expected: passwd");
	fails(FILE_OF("  - name: x\n    event: {type: unlink, file: {path: /a}}\n"
		      "    expect: [etc]\n"),
	      "t.yaml:9: - expected: etc");
	fails(FILE_OF("  - name: x\n    " PASSWD "    expect: [etc, {passwd: kill}]\n"),
	      "- passwd: expected to kill, but it would deny");
	fails(FILE_OF("  - name: x\n    " PASSWD "    expect: [etc, passwd]\n"
		      "    verdict: allowed\n"),
	      "t.yaml:10: verdict: expected allowed, got denied");
	fails(FILE_OF("  - name: x\n    " PASSWD "    expect: [etc, passwd]\n"
		      "    unknown: [etc]\n"),
	      "- expected unknown: etc");
}

static void mistakes(void **state)
{
	fails(FILE_OF("  - name: x\n    " PASSWD "    expect: [etc, paswd]\n"),
	      "did you mean 'passwd'");
	fails(FILE_OF("  - name: x\n    " PASSWD "    expect: etc\n"), "expected a list");
	fails(FILE_OF("  - name: x\n    " PASSWD "    expects: [etc]\n"), "unknown key 'expects'");
	fails(FILE_OF("  - name: x\n    expect: [etc]\n"), "which 'event'?");
	fails(FILE_OF("  - name: x\n    event: {type: unlikn}\n"), "did you mean 'unlink'");
	fails(FILE_OF("  - name: x\n    steps: []\n"), "'steps' wants a list");
	fails(FILE_OF("  - name: x\n    " PASSWD "    expect: [etc, passwd]\n    verdict: no\n"),
	      "unknown verdict 'no'");
}

/* One wrong test does not keep the others from running. */
static void counting(void **state)
{
	captured_cleanup struct captured captured;
	struct pk_test_counts counts;

	run(FILE_OF("  - {name: a, event: {type: mkdir}}\n"
		    "  - {name: b, event: {type: nosuch}}\n"
		    "  - {name: c, event: {type: mkdir}, expect: [etc]}\n"
		    "  - {name: d, event: {type: mkdir}}\n"),
	    &captured, &counts);
	assert_int_equal(counts.passed_cnt, 2);
	assert_int_equal(counts.failed_cnt, 2);
}

static void steps(void **state)
{
	passes(FILE_OF("  - name: x\n    steps:\n"
		       "      - event: {type: mkdir, process: {pid: 9}}\n"
		       "      - " PASSWD "        expect: [etc, passwd]\n"));
	fails(FILE_OF("  - name: x\n    steps:\n"
		      "      - event: {type: mkdir}\n"
		      "      - " PASSWD),
	      "t.yaml:10: + not expected: etc");
}

static void many_steps(void **state)
{
	for (unsigned int cnt = PK_MAX_TEST_STEPS; cnt <= PK_MAX_TEST_STEPS + 1; cnt++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

		assert_int_equal(pk_buf_add_str(&text, FILE_OF("  - name: x\n    steps:\n")), 0);
		for (unsigned int i = 0; i < cnt; i++)
			assert_int_equal(pk_buf_add_str(&text, "      - event: {type: mkdir}\n"),
					 0);
		assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
		if (cnt <= PK_MAX_TEST_STEPS)
			passes(text.data);
		else
			fails(text.data, "'steps' wants a list of 1 to");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),     cmocka_unit_test(differences),
		cmocka_unit_test(mistakes), cmocka_unit_test(counting),
		cmocka_unit_test(steps),    cmocka_unit_test(many_steps),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
