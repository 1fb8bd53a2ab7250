/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "alerts.h"

/* Parts as "text|{key}|{20:key}"; transformers by their names. */
static void describe(const struct pk_side *side, struct pk_buf *out)
{
	char text[64];

	switch (side->kind) {
	case PK_RULES_EXPR_FIELD:
		pk_buf_add_str(out, side->field->name);
		if (side->field_arg) {
			snprintf(text, sizeof(text), "[%s]", side->field_arg);
			pk_buf_add_str(out, text);
		}
		return;
	case PK_RULES_EXPR_VALUE:
		pk_buf_add_char(out, '\'');
		pk_buf_add(out, side->text.data, side->text.len);
		pk_buf_add_char(out, '\'');
		return;
	case PK_RULES_EXPR_TRANSFORMER:
		pk_buf_add_str(out, pk_rules_transformer_name(side->transformer));
		break;
	case PK_RULES_EXPR_LIST:
		break;
	}
	pk_buf_add_char(out, '(');
	for (size_t i = 0; i < side->args_cnt; i++) {
		if (i)
			pk_buf_add_char(out, ',');
		describe(side->args[i], out);
	}
	pk_buf_add_char(out, ')');
}

static void expect(const char *text, const char *expected)
{
	pk_buf_cleanup struct pk_buf out = PK_BUF_INIT;
	made_cleanup struct made made = make(text);
	const struct pk_template_part *parts;
	size_t cnt;

	if (!made.tmpl)
		fail_msg("%s\n%s", text, made.said.data);
	parts = (const struct pk_template_part *)made.tmpl->parts.data;
	cnt = made.tmpl->parts.len_bytes / sizeof(*parts);
	for (size_t i = 0; i < cnt; i++) {
		char width[16];

		if (i)
			pk_buf_add_char(&out, '|');
		pk_buf_add(&out, parts[i].text.data, parts[i].text.len);
		if (!parts[i].side)
			continue;
		snprintf(width, sizeof(width), parts[i].width ? "{%u:" : "{", parts[i].width);
		pk_buf_add_str(&out, width);
		describe(parts[i].side, &out);
		pk_buf_add_char(&out, '}');
	}
	pk_buf_add_char(&out, '\0');
	assert_string_equal(out.data, expected);
}

/* Said, in this order and nothing else: lines "f:1:COLUMN: error: ...". */
static void refuse(const char *text, const char *const *said, size_t cnt)
{
	made_cleanup struct made made = make(text);
	const char *p = made.said.data;

	if (made.tmpl)
		fail_msg("not refused: %s", text);
	if (made.ctx->diags.cnt != cnt)
		fail_msg("%zu, not %zu: %s", made.ctx->diags.cnt, cnt, made.said.data);
	for (size_t i = 0; i < cnt; i++) {
		const char *found = strstr(p, said[i]);

		if (!found)
			fail_msg("not said: %s\nbut: %s", said[i], made.said.data);
		p = found + 1;
	}
}

#define REFUSE(text, ...)                                  \
	refuse(text, (const char *const[]){ __VA_ARGS__ }, \
	       PK_ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

static void warns(const char *text, const char *parts, const char *said)
{
	made_cleanup struct made made = make(text);

	expect(text, parts);
	assert_int_equal(made.ctx->diags.warnings_cnt, 1);
	if (!strstr(made.said.data, said))
		fail_msg("not said: %s\nbut: %s", said, made.said.data);
}

static void test_parts(void **state)
{
	expect("just text", "just text");
	expect("%proc.name", "{proc.name}");
	expect("a %proc.name b %fd.name", "a |{proc.name}| b |{fd.name}");
	expect("%proc.name%fd.name", "{proc.name}|{fd.name}");
	expect("(file=%fd.name)", "(file=|{fd.name}|)");
	expect("flags=%evt.arg.flags,", "flags=|{evt.arg.flags}|,");
	expect("100%% of %proc.name", "100%| of |{proc.name}");
	expect("%%%proc.name%%", "%|{proc.name}|%");
}

static void test_ends(void **state)
{
	/* a field ends where its name can not go on */
	expect("by %proc.name.", "by |{proc.name}|.");
	expect("%proc.name: %fd.name;", "{proc.name}|: |{fd.name}|;");
	expect("%proc.name/%proc.name-x", "{proc.name}|/|{proc.name}|-x");
	expect("%proc.name]", "{proc.name}|]");
	/* the longest that is one */
	expect("%evt.time.s %evt.time", "{evt.time.s}| |{evt.time}");
	expect("%evt.time.", "{evt.time}|.");
}

static void test_shorter(void **state)
{
	warns("%proc.names x", "{proc.name}|s x",
	      "f:1:2: warning: read as the field 'proc.name' and "
	      "then 's' as it is");
	warns("a %fd.name.bak", "a |{fd.name}|.bak", "f:1:4: warning");
	warns("%proc.name[2]", "{proc.name}|[2]", "then '[2]' as it is");
	warns("%proc.aname[x]", "{proc.aname}|[x]", "f:1:2: warning");
	expect("%proc.name[%proc.pid]", "{proc.name}|[|{proc.pid}|]");
	expect("%proc.aname[2", "{proc.aname}|[2");
}

static void test_arguments(void **state)
{
	expect("%proc.aname[2]", "{proc.aname[2]}");
	expect("%proc.aname", "{proc.aname}");
	expect("%proc.aname[2][3]", "{proc.aname[2]}|[3]");
	expect("%proc.env[LD_PRELOAD]x", "{proc.env[LD_PRELOAD]}|x");
	expect("%proc.env[\"a b\"]x", "{proc.env[a b]}|x");
	expect("%proc.acmdline[1]", "{proc.acmdline[1]}");
}

static void test_star(void **state)
{
	expect("*%proc.name", "{proc.name}");
	expect("*text", "text");
	expect("**text", "*text");
	expect("text *%proc.name", "text *|{proc.name}");
	expect(" * %proc.name ", " |{proc.name}");
}

static void test_blanks(void **state)
{
	expect("  %proc.name did\n  it \n", "{proc.name}| did\n  it");
}

static void test_width(void **state)
{
	expect("%20proc.name|", "{20:proc.name}||");
	expect("%0proc.name", "{proc.name}");
	expect("%1024proc.name", "{1024:proc.name}");
	expect("%8toupper(proc.name)", "{8:toupper(proc.name)}");
	REFUSE("a %1025proc.name", "f:1:4: error: width of more than 1024 characters");
	REFUSE("%99999999999999999999proc.name", "f:1:2: error: width");
}

static void test_transformers(void **state)
{
	expect("%tolower(proc.name)", "{tolower(proc.name)}");
	expect("%toupper( proc.aname[2] ).", "{toupper(proc.aname[2])}|.");
	expect("%b64(proc.cmdline)%basename(fd.name)", "{b64(proc.cmdline)}|{basename(fd.name)}");
	expect("%getopt(proc.cmdline, \"ab:\")[b]", "{getopt(proc.cmdline,'ab:')}");
	expect("%len(proc.tags) %len(fd.name)", "{len(proc.tags)}| |{len(fd.name)}");
	expect("%tolower(basename(b64(fd.name)))", "{tolower(basename(b64(fd.name)))}");
	expect("%join(\", \", (proc.name, proc.pid, 7))", "{join(', ',(proc.name,proc.pid,'7'))}");
	expect("%concat(proc.name, \"-\", proc.pid)", "{concat(proc.name,'-',proc.pid)}");
	expect("%concat((proc.name, len(fd.name)))", "{concat((proc.name,len(fd.name)))}");
}

static void test_container_info(void **state)
{
	expect("x (%container.info)", "x (|{container.info}|)");
	expect("%container.info", "{container.info}");
}

static void test_unknown(void **state)
{
	REFUSE("by %proc.nmae.",
	       "f:1:5: error: unknown field 'proc.nmae'; did you mean 'proc.name'?");
	REFUSE("%nosuch.field %proc.name %other.one[x]",
	       "f:1:2: error: unknown field 'nosuch.field'",
	       "f:1:27: error: unknown field 'other.one[x]'");
	REFUSE("%proc.acmdline", "unknown field 'proc.acmdline'");
	REFUSE("%evt.arg.flag", "unknown field 'evt.arg.flag'");
	REFUSE("%toupper(proc.nmae)",
	       "f:1:10: error: unknown field 'proc.nmae'; did you mean 'proc.name'?");
	REFUSE("x %len(proc.name[1])", "f:1:8: error: unknown field 'proc.name[1]'");
	/* the place is underlined */
	REFUSE("by %proc.nmae.", "|     ^~~~~~~~~");
}

static void test_syntax(void **state)
{
	REFUSE("50%", "f:1:3: error: nothing behind this '%'");
	REFUSE("%12", "nothing behind this '%'");
	REFUSE("50% of it", "f:1:3: error: neither a field nor a transformer behind this '%'");
	REFUSE("%d", "neither a field");
	REFUSE("%name %pid", "f:1:1: error: neither", "f:1:7: error: neither");
	REFUSE("%tolwer(proc.name)",
	       "f:1:2: error: unknown transformer 'tolwer'; did you mean 'tolower'?");
	REFUSE("%toupper(proc.name", "f:1:9: error: no ')' for this '('");
	REFUSE("%toupper()", "error: expected a field");
	REFUSE("%toupper(proc.name, fd.name) %proc.nmae", "toupper() takes one field",
	       "unknown field 'proc.nmae'");
	REFUSE("%val(proc.name)", "val() only stands alone");
	REFUSE("", "empty output");
	REFUSE(" \n ", "empty output");
}

static void test_types(void **state)
{
	REFUSE("a %toupper(proc.pid)", "f:1:12: error: toupper() takes a text, and this is none");
	REFUSE("%tolower(len(proc.name))", "f:1:10: error: tolower() takes a text");
	REFUSE("%b64(evt.time)", "b64() takes a text");
	REFUSE("%len(proc.pid)", "len() takes a text");
	REFUSE("%getopt(proc.pid, \"ab\")", "getopt() takes a text");
	REFUSE("%getopt(proc.cmdline, proc.name)",
	       "f:1:23: error: getopt() takes its options as a quoted text");
}

static void test_many_mistakes(void **state)
{
	char text[3 * 1000 + 1];
	struct made made;

	for (size_t i = 0; i < 1000; i++)
		memcpy(text + 3 * i, "%x ", 4);
	made = make(text);
	assert_null(made.tmpl);
	assert_int_equal(made.ctx->diags.cnt, PK_MAX_DIAGS_PER_CONDITION);
	made_fini(&made);
}

static void test_fields(void **state)
{
	static const char *const keys[] = { "proc.name", "proc.aname[2]", "proc.aname[3]",
					    "fd.name", "proc.aname" };
	made_cleanup struct made made = make(
		"%proc.name %proc.aname[2] %proc.name %proc.aname[3] %proc.aname[2] "
		"%toupper(fd.name) %fd.name %proc.aname");
	size_t cnt;
	const struct pk_template_field *fields = pk_template_get_fields(made.tmpl, &cnt);

	assert_int_equal(cnt, PK_ARRAY_SIZE(keys));
	for (size_t i = 0; i < cnt; i++)
		assert_string_equal(fields[i].key, keys[i]);
}

static void test_none(void **state)
{
	made_cleanup struct made made = make("no fields");
	size_t cnt = 1;

	pk_template_get_fields(made.tmpl, &cnt);
	assert_int_equal(cnt, 0);
	pk_template_free(NULL);
}

/* A context that failed already says nothing more and makes nothing. */
static void test_failed(void **state)
{
	struct pk_rules_text text = { .data = "x", .len_bytes = 1 };
	made_cleanup struct made made = make("x");

	made.ctx->err = -ENOMEM;
	assert_null(pk_template_new(made.ctx, &text));
	made.ctx->err = 0;
	made.ctx->arena.max_bytes = 0;
	assert_null(pk_template_new(made.ctx, &text));
	assert_int_equal(made.ctx->err, -ENOMEM);
	assert_int_equal(made.ctx->diags.cnt, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),          cmocka_unit_test(test_ends),
		cmocka_unit_test(test_shorter),        cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_star),           cmocka_unit_test(test_blanks),
		cmocka_unit_test(test_width),          cmocka_unit_test(test_transformers),
		cmocka_unit_test(test_container_info), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_syntax),         cmocka_unit_test(test_types),
		cmocka_unit_test(test_many_mistakes),  cmocka_unit_test(test_fields),
		cmocka_unit_test(test_none),           cmocka_unit_test(test_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
