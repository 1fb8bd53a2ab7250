// SPDX-License-Identifier: Apache-2.0
/*
 * The table of fields: every row is whole, names are found and misspelt ones suggested.
 */
#include "plan/field.h"
#include "plan/field_id.h"

#include "rules.h"

static const struct pk_field *get(const char *name)
{
	const struct pk_field *field = pk_field_find(name, NULL, NULL);

	if (!field)
		fail_msg("no field %s", name);
	return field;
}

static void test_rows(void **state)
{
	const uint64_t all = PK_FIELD_KIND(PK_EVENT_SENSOR_MAX) - PK_FIELD_KIND(PK_EVENT_EXEC);
	size_t cnt;
	const struct pk_field *fields = pk_fields_get(&cnt);

	assert_true(cnt > 300);
	for (size_t i = 0; i < cnt; i++) {
		const struct pk_field *field = &fields[i];

		if (!field->desc || !*field->desc || strpbrk(field->desc, "|\n"))
			fail_msg("%s: description", field->name);
		if ((field->kinds == 0) != (field->why_not != NULL) || field->kinds & ~all)
			fail_msg("%s: kinds", field->name);
		if (field->kinds && !field->sources && field->id == PK_FIELD_BY_SOURCE)
			fail_msg("%s: nobody has its value", field->name);
		if (field->id >= PK_FIELD_CNT)
			fail_msg("%s: id", field->name);
	}
}

static void check_source(const struct pk_field *field, const struct pk_field_source *source)
{
	static const uint32_t bounds[] = {
		[PK_SOURCE_TEXT] = PK_TEXT_CNT, [PK_SOURCE_NUM] = PK_NUM_CNT,
		[PK_SOURCE_BOOL] = PK_NUM_CNT,  [PK_SOURCE_SYMBOL] = PK_NUM_CNT,
		[PK_SOURCE_BITS] = PK_NUM_CNT,  [PK_SOURCE_TAG] = PK_NUM_CNT,
		[PK_SOURCE_INT32] = PK_NUM_CNT,
	};
	bool needs_symbols = source->how == PK_SOURCE_KIND || source->how == PK_SOURCE_SYMBOL ||
			     source->how == PK_SOURCE_BITS;

	if (source->how < PK_ARRAY_SIZE(bounds) && bounds[source->how] &&
	    source->id >= bounds[source->how])
		fail_msg("%s: id of a source", field->name);
	if (needs_symbols && (!source->symbols || !source->symbols->name))
		fail_msg("%s: symbols", field->name);
	if (source->how == PK_SOURCE_CONST && !source->text)
		fail_msg("%s: text", field->name);
	if (source->how == PK_SOURCE_RANGE && source->min > source->max)
		fail_msg("%s: range", field->name);
	if (source->how == PK_SOURCE_TEXT &&
	    (source->whose == PK_WHOSE_EVENT) != (source->id >= PK_TEXT_PROC_CNT))
		fail_msg("%s: whose text", field->name);
}

/* A field whose value its sources tell has one for each of its events. */
static void test_sources(void **state)
{
	size_t cnt;
	const struct pk_field *fields = pk_fields_get(&cnt);

	for (size_t i = 0; i < cnt; i++) {
		for (uint32_t kind = 0; kind < PK_KINDS; kind++) {
			const struct pk_field_source *source = pk_field_source(&fields[i], kind);

			if ((source != NULL) != !!(fields[i].kinds & PK_FIELD_KIND(kind)))
				fail_msg("%s: source of %u", fields[i].name, kind);
			if (!source)
				continue;
			check_source(&fields[i], source);
			if (source->how == PK_SOURCE_USER && fields[i].id == PK_FIELD_BY_SOURCE)
				fail_msg("%s: nobody has its value at %u", fields[i].name, kind);
		}
	}
	assert_null(pk_field_source(get("proc.name"), 1000));
}

static void test_find(void **state)
{
	assert_string_equal(get("proc.name")->name, "proc.name");
	assert_int_equal(get("fd.sport")->type, PK_FIELD_INT);
	assert_int_equal(get("fd.snet")->type, PK_FIELD_NET);
	assert_int_equal(get("container.privileged")->type, PK_FIELD_BOOL);
	assert_null(pk_field_find("proc", NULL, NULL));
	assert_null(pk_field_find("", NULL, NULL));
	assert_null(pk_field_find("proc.name ", NULL, NULL));
}

static void test_arguments(void **state)
{
	assert_non_null(pk_field_find("proc.aname", NULL, NULL));
	assert_non_null(pk_field_find("proc.aname", "2", NULL));
	assert_null(pk_field_find("proc.aname", "x", NULL));
	assert_null(pk_field_find("proc.aname", "", NULL));
	assert_null(pk_field_find("proc.aname", "9999999999", NULL));
	assert_null(pk_field_find("proc.name", "1", NULL));
	assert_null(pk_field_find("k8s.pod.label", NULL, NULL));
	assert_non_null(pk_field_find("k8s.pod.label", "app", NULL));
	assert_non_null(pk_field_find("proc.env", NULL, NULL));
	/* two fields of one name */
	assert_int_equal(pk_field_find("proc.args", NULL, NULL)->id, PK_FIELD_BY_SOURCE);
	assert_int_equal(pk_field_find("proc.args", "0", NULL)->id, PK_FIELD_PROC_ARG);
}

static void test_call_arguments(void **state)
{
	const struct pk_field *flags = get("evt.arg.flags");

	assert_ptr_equal(pk_field_find("evt.arg", "flags", NULL), flags);
	assert_true(flags->kinds & PK_FIELD_KIND(PK_EVENT_OPEN));
	/* arguments that others have */
	assert_string_equal(get("evt.arg.quota_fmt")->name, "evt.arg");
	assert_string_equal(get("evt.arg.res_or_fd")->name, "evt.arg");
	assert_int_equal(get("evt.arg.quota_fmt")->kinds, 0);
	assert_string_equal(get("evt.rawarg.res")->name, "evt.rawarg");
	assert_string_equal(pk_field_find("evt.arg", "0", NULL)->name, "evt.arg");
	assert_null(pk_field_find("evt.arg", NULL, NULL));
	assert_null(pk_field_find("evt.arg", "no_such", NULL));
	assert_null(pk_field_find("evt.arg.no_such", NULL, NULL));
	assert_null(pk_field_find("evt.arg.quota_fmt", "1", NULL));
}

static void test_suggestions(void **state)
{
	const char *suggestion = NULL;

	assert_null(pk_field_find("proc.nmae", NULL, &suggestion));
	assert_string_equal(suggestion, "proc.name");
	assert_null(pk_field_find("fd.typ", NULL, &suggestion));
	assert_string_equal(suggestion, "fd.type");
	assert_null(pk_field_find("evt.arg.flag", NULL, &suggestion));
	assert_string_equal(suggestion, "evt.arg.flags");
	assert_null(pk_field_find("something.else.entirely", NULL, &suggestion));
	assert_null(suggestion);
}

static void test_known(void **state)
{
	const struct pk_rules_options options = { .field_known = pk_field_known };
	const char *good = RULE("r", "proc.aname[2] = sh and evt.arg.flags contains O_CREAT");
	const char *bad = RULE("r", "proc.exepth = /bin/sh");
	loaded_cleanup struct loaded a = load_files(&options, &good, 1);
	loaded_cleanup struct loaded b = load_files(&options, &bad, 1);

	assert_clean(&a);
	assert_refused(&b, "unknown field 'proc.exepth'; did you mean 'proc.exepath'?");
}

/* Kinds that the decisions about meaning name. */
static void test_events(void **state)
{
	const struct pk_field_source *source = pk_field_source(get("evt.type"), PK_EVENT_RMDIR);
	bool unlinkat = false;

	for (const struct pk_symbol *symbol = source->symbols; symbol->name; symbol++)
		unlinkat |= !strcmp(symbol->name, "unlinkat");
	assert_true(unlinkat);
	assert_int_equal(pk_field_source(get("fd.sport"), PK_EVENT_CONNECT)->end, PK_END_REMOTE);
	assert_int_equal(pk_field_source(get("fd.sport"), PK_EVENT_ACCEPT)->end, PK_END_LOCAL);
	assert_int_equal(pk_field_source(get("fd.cport"), PK_EVENT_ACCEPT)->end, PK_END_REMOTE);
	assert_null(pk_field_source(get("fd.cport"), PK_EVENT_LISTEN));
	assert_null(pk_field_source(get("fd.name"), PK_EVENT_EXEC));
}

static void test_markdown(void **state)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	size_t cnt;
	const struct pk_field *fields = pk_fields_get(&cnt);

	assert_int_equal(pk_fields_print_markdown(&buf), 0);
	assert_int_equal(pk_buf_add_char(&buf, '\0'), 0);
	for (size_t i = 0; i < cnt; i++) {
		char cell[80];

		snprintf(cell, sizeof(cell), "| `%s", fields[i].name);
		if (!strstr(buf.data, cell))
			fail_msg("%s", fields[i].name);
	}
	assert_non_null(strstr(buf.data, "| `proc.aname([n])` | text | all | yes |"));
	assert_non_null(
		strstr(buf.data,
		       "| `fd.name` | text | files, sockets, setxattr, removexattr, ioctl | yes |"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),           cmocka_unit_test(test_sources),
		cmocka_unit_test(test_find),           cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_call_arguments), cmocka_unit_test(test_suggestions),
		cmocka_unit_test(test_known),          cmocka_unit_test(test_events),
		cmocka_unit_test(test_markdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
