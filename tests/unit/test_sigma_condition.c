/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

#define COND(condition)                                                                    \
	SIGMA("category: process_creation",                                                \
	      "    a_1:\n        Image: /1\n    a_2:\n        Image: /2\n    a_3:\n"       \
	      "        Image: /3\n    b:\n        Image: /b\n    _c:\n        Image: /c\n" \
	      "    condition: " condition "\n")
#define A1 "proc.exepath = /1"
#define A2 "proc.exepath = /2"
#define A3 "proc.exepath = /3"
#define B "proc.exepath iequals /b"

static void words(void **state)
{
	assert_process(COND("a_1 and not b"), "(" A1 " and not " B ")");
	assert_process(COND("a_1 or a_2 and b"), "(" A1 " or (" A2 " and " B "))");
	assert_process(COND("(a_1 OR a_2) AND b"), "((" A1 " or " A2 ") and " B ")");
	assert_process(COND("not not a_1"), A1);
	assert_process(COND("not (a_1 or a_2)"), "not (" A1 " or " A2 ")");
}

static void so_many(void **state)
{
	assert_process(COND("1 of a_*"), "(" A1 " or " A2 " or " A3 ")");
	assert_process(COND("any of a_*"), "(" A1 " or " A2 " or " A3 ")");
	assert_process(COND("all of a_*"), "(" A1 " and " A2 " and " A3 ")");
	assert_process(COND("all of them"), "(" A1 " and " A2 " and " A3 " and " B ")");
	assert_process(COND("not 1 of a_* and b"), "(not (" A1 " or " A2 " or " A3 ") and " B ")");
	assert_process(COND("2 of a_*"),
		       "((" A3 " and (" A2 " or " A1 ")) or (" A2 " and " A1 "))");
	assert_process(COND("3 of a_*"), "(" A1 " and " A2 " and " A3 ")");
	assert_process(COND("1 of *1"), A1);
	assert_left_out(COND("4 of a_*"), "it is true of no event");
}

/* Names by their beginning; those with "_" are asked for by name only. */
static void names(void **state)
{
	assert_process(COND("1 of a_"), "(" A1 " or " A2 " or " A3 ")");
	assert_process(COND("1 of a_1"), A1);
	assert_process(COND("all of *"), "(" A1 " and " A2 " and " A3 " and " B ")");
	assert_process(COND("1 of _*"), "proc.exepath iequals /c");
}

/* A filter that is not there takes nothing out. */
static void no_filter(void **state)
{
	static const char *const conditions[] = {
		COND("b and not 1 of filter_*"),
		COND("b and not all of filter_* and not any of other*"),
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(conditions); i++) {
		loaded_cleanup struct loaded loaded = load(conditions[i]);

		assert_said(&loaded, "warning: no selection in 'detection' is called like "
				     "'filter_*': nothing is taken out by it");
		assert_non_null(loaded.rules);
		assert_int_equal(loaded.rules->cnt, 1);
	}
	assert_mistake(COND("b and not (1 of filter_*)"), "is called like 'filter_*'");
	assert_mistake(COND("b and not not 1 of filter_*"), "is called like 'filter_*'");
}

static void lists(void **state)
{
	assert_process(COND("[a_1 and b, a_2]"), "((" A1 " and " B ") or " A2 ")");
	assert_mistake(COND("[]"), "a list without conditions");
	assert_mistake(COND("[[a]]"), "a condition is a text");
	assert_mistake(COND(""), "a condition is a text");
}

static void mistakes(void **state)
{
	assert_mistake(COND("a_4"), "no selection 'a_4' in 'detection'; did you mean 'a_1'?");
	assert_mistake(COND("1 of x*"), "no selection in 'detection' is called like 'x*'");
	assert_mistake(COND("1 of"), "'of' is followed by");
	assert_mistake(COND("(a_1"), "no ')' for this '('");
	assert_mistake(COND("a_1)"), "expected 'and', 'or' or the end");
	assert_mistake(COND("a_1 b"), "expected 'and', 'or' or the end");
	assert_mistake(COND("a_1 and"), "expected a selection");
	assert_mistake(COND("0 of a_*"), "no selection '0'");
	/* the place */
	assert_mistake(COND("a_1 and zzz"), "f0:16:24: error: ");
}

static void several_events(void **state)
{
	assert_left_out(COND("a_1 | count() by x > 3"), "it counts events");
	assert_left_out(COND("a_1 near b"), "it is about several events");
	assert_left_out(SIGMA("category: process_creation",
			      "    a:\n        Image: /a\n    timeframe: 5m\n    condition: a\n"),
			"it is about a span of time");
}

static char *nested(size_t cnt)
{
	struct pk_buf text = PK_BUF_INIT;

	pk_buf_add_str(&text, SIGMA("category: process_creation",
				    "    a:\n        Image: /a\n    condition: "));
	for (size_t i = 0; i < cnt; i++)
		pk_buf_add_char(&text, '(');
	pk_buf_add_char(&text, 'a');
	for (size_t i = 0; i < cnt; i++)
		pk_buf_add_char(&text, ')');
	pk_buf_add(&text, "\n", 2);
	return text.data;
}

static void depth(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_cleanup(pk_free_p) char *text = nested(PK_MAX_NESTING + over);
		loaded_cleanup struct loaded loaded = load(text);

		if (over)
			assert_refused(&loaded, "more than 256 parentheses");
		else
			assert_clean(&loaded);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),          cmocka_unit_test(so_many),
		cmocka_unit_test(names),          cmocka_unit_test(no_filter),
		cmocka_unit_test(lists),          cmocka_unit_test(mistakes),
		cmocka_unit_test(several_events), cmocka_unit_test(depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
