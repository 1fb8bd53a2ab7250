/* SPDX-License-Identifier: Apache-2.0 */
/*
 * src/rules/limits.h: each limit that no other test of the rule language is at, at it and one past it.
 */
#include "rules.h"

static void add(struct pk_buf *buf, const char *text)
{
	assert_int_equal(pk_buf_add_str(buf, text), 0);
}

/* `format` has one %zu: the number of the piece. */
static void __attribute__((format(printf, 3, 0)))
add_pieces(struct pk_buf *buf, size_t cnt, const char *format)
{
	char piece[256];

	for (size_t i = 0; i < cnt; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(piece, sizeof(piece), format, i);
#pragma GCC diagnostic pop
		add(buf, piece);
	}
}

/* NULL: it is taken, without an error. */
static void says(struct pk_buf *text, const char *expected)
{
	assert_int_equal(pk_buf_add_char(text, '\0'), 0);
	{
		loaded_cleanup struct loaded loaded = load(text->data);

		if (expected)
			assert_refused(&loaded, expected);
		else if (!loaded.rules)
			fail_msg("%s", loaded.said.data);
	}
}

static void macros(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

		add_pieces(&text, PK_MAX_MACROS + over, "- macro: m%zu\n  condition: a.b exists\n");
		says(&text, over ? "more than 65536 macros" : NULL);
	}
}

static void lists(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

		add_pieces(&text, PK_MAX_LISTS + over, "- list: l%zu\n  items: [x]\n");
		says(&text, over ? "more than 65536 lists" : NULL);
	}
}

/* Two lists that are each half as long. */
static void items_of_lists(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

		add(&text, "- list: a\n  items: [");
		add_pieces(&text, PK_MAX_LIST_ITEMS / 2 - 1, "x%zu, ");
		add(&text, "x]\n- list: b\n  items: [");
		add_pieces(&text, PK_MAX_LIST_ITEMS / 2 - 1 + over, "y%zu, ");
		add(&text, "y]\n" RULE("r", "a.b in (a, b)"));
		says(&text, over ? "more than 65536 " : NULL);
	}
}

/* In one file, and appended in steps. */
static void tags(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		pk_buf_cleanup struct pk_buf steps = PK_BUF_INIT;

		add(&text, RULE("r", "a.b exists") "  tags: [");
		add_pieces(&text, PK_MAX_TAGS - 1 + over, "t%zu, ");
		add(&text, "t]\n");
		says(&text, over ? "more than 256 tags" : NULL);
		add(&steps, RULE("r", "a.b exists") "  tags: [t]\n");
		add_pieces(&steps, PK_MAX_TAGS - 1 + over,
			   "- rule: r\n  tags: [t%zu]\n  override: {tags: append}\n");
		says(&steps, over ? "more than 256 tags" : NULL);
	}
}

static void exceptions(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		pk_buf_cleanup struct pk_buf steps = PK_BUF_INIT;

		add(&text, RULE("r", "a.b exists") "  exceptions:\n");
		add_pieces(&text, PK_MAX_EXCEPTIONS + over,
			   "  - {name: e%zu, fields: c.d, values: [x]}\n");
		says(&text, over ? "more than 4096 exceptions of a rule" : NULL);
		add(&steps, RULE("r", "a.b exists") "  exceptions:\n");
		add_pieces(&steps, PK_MAX_EXCEPTIONS - 1,
			   "  - {name: e%zu, fields: c.d, values: [x]}\n");
		add(&steps, "- rule: r\n  exceptions:\n");
		add_pieces(&steps, 1 + over, "  - {name: f%zu, fields: c.d, values: [x]}\n");
		add(&steps, "  override: {exceptions: append}\n");
		says(&steps, over ? "more than 4096 exceptions of a rule" : NULL);
	}
}

static void yaml_anchors(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

		add(&text, "- list: l\n  items: [");
		add_pieces(&text, PK_MAX_YAML_ANCHORS - 1 + over, "&a%zu x, ");
		add(&text, "&a x]\n");
		says(&text, over ? "more than 1024 anchors in a document" : NULL);
	}
}

/* Unknown ones are warned of, and passed over. */
static void yaml_keys(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

		add(&text, RULE("r", "a.b exists"));
		add_pieces(&text, PK_MAX_YAML_KEYS - 5 + over, "  unheard_of_%zu: x\n");
		says(&text, over ? "more than 256 keys in a mapping" : NULL);
	}
}

/* Lists put in, with ", " between the items, so that not a byte is left. */
static void condition_with_lists(void **state)
{
	static const char head[] = "a.b in (", tail[] = ")";
	const size_t item = 100, comma = 2;
	const size_t room = PK_MAX_CONDITION_BYTES - strlen(head) - strlen(tail);
	const size_t cnt = (room + comma) / (item + comma);
	const size_t rest = room - (cnt * (item + comma) - comma);
	char *name = repeated("x", item + rest - 6);

	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

		add(&text, "- list: l\n  items:\n");
		for (size_t i = 0; i < cnt; i++) {
			char line[256];

			snprintf(line, sizeof(line), "  - n%05zu%s%.*s\n", i, over && !i ? "y" : "",
				 (int)(item - 6 + (i ? 0 : rest)), name);
			add(&text, line);
		}
		add(&text, RULE("r", "a.b in (l)"));
		says(&text, over ? "condition of 1048577 bytes" : NULL);
	}
	free(name);
}

/* "not" nests without parentheses; a check is the first level. */
static void depth_by_macros(void **state)
{
	const size_t each = PK_MAX_NESTING - 1, levels = PK_MAX_CONDITION_DEPTH;

	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		size_t depth = 1;

		add(&text, "- macro: m0\n  condition: a.b exists\n");
		for (size_t i = 1; depth < levels + over; i++) {
			size_t more = levels + over - depth < each ? levels + over - depth : each;
			char line[128];

			snprintf(line, sizeof(line), "- macro: m%zu\n  condition: ", i);
			add(&text, line);
			/* (x and (x and (... m))) */
			for (size_t n = 0; n < more; n++)
				add(&text, n % 2 ? "(a.b exists or " : "(c.d exists and ");
			snprintf(line, sizeof(line), "m%zu", i - 1);
			add(&text, line);
			for (size_t n = 0; n < more; n++)
				add(&text, ")");
			add(&text, "\n");
			depth += more;
			if (depth == levels + over) {
				snprintf(line, sizeof(line), RULE("r", "m%zu"), i);
				add(&text, line);
			}
		}
		says(&text, over ? "nested more than 1024 deep" : NULL);
	}
}

/* Each level is two of the one before and one node more. */
static void parts_by_macros(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		char line[128];

		add(&text, "- macro: m0\n  condition: a.b exists\n");
		/* m(n) has 2^(n+1) - 1 parts: m19 has 1,048,575 */
		for (int i = 1; i <= 19 + (int)over; i++) {
			snprintf(line, sizeof(line), "- macro: m%d\n  condition: m%d %s m%d\n", i,
				 i - 1, i % 2 ? "and" : "or", i - 1);
			add(&text, line);
		}
		snprintf(line, sizeof(line), RULE("r", "m%d"), 19 + (int)over);
		add(&text, line);
		says(&text, over ? "condition of more than 1048576 parts" : NULL);
	}
}

static void arguments(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

		add(&text, "concat((");
		add_pieces(&text, PK_MAX_TAGS - 1 + over, "'x%zu', ");
		add(&text, "'x')) = y");
		assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
		{
			pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;
			pk_buf_cleanup struct pk_buf said = PK_BUF_INIT;

			parse_alone(text.data, &printed, &said);
			assert_int_equal(strstr(said.data, "more than 256 arguments") != NULL,
					 over);
		}
	}
}

/* Of one load: kept, and counted past that. */
static void findings(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		size_t kept = 0;

		add_pieces(&text, PK_MAX_DIAGS + over, RULE("r%zu", "a.b ~ c"));
		assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
		{
			loaded_cleanup struct loaded loaded = load(text.data);
			const struct pk_diags *diags =
				&pk_rules_loader_get_ctx(loaded.loader)->diags;

			for (const struct pk_diag *diag = diags->first; diag; diag = diag->next)
				kept++;
			assert_null(loaded.rules);
			assert_int_equal(diags->errors_cnt, PK_MAX_DIAGS + over);
			assert_int_equal(diags->cnt, PK_MAX_DIAGS);
			assert_int_equal(kept, PK_MAX_DIAGS);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macros),          cmocka_unit_test(lists),
		cmocka_unit_test(items_of_lists),  cmocka_unit_test(tags),
		cmocka_unit_test(exceptions),      cmocka_unit_test(yaml_anchors),
		cmocka_unit_test(yaml_keys),       cmocka_unit_test(condition_with_lists),
		cmocka_unit_test(depth_by_macros), cmocka_unit_test(parts_by_macros),
		cmocka_unit_test(arguments),       cmocka_unit_test(findings),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
