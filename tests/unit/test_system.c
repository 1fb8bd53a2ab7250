// SPDX-License-Identifier: Apache-2.0
/*
 * The table of kinds: whole, and in step with the fields that conditions ask.
 */
#include "stream/system.h"

#include <string.h>

#include "base/cleanup.h"
#include "stream/names.h"
#include "test.h"

static bool is_object(const char *object)
{
	const char *name;

	for (unsigned int i = 0; (name = pk_system_object(i)); i++) {
		if (!strcmp(name, object))
			return true;
	}
	return false;
}

static void a_shape_a_kind(void **state)
{
	for (__u32 kind = 0; kind < PK_KIND_MAX + 3; kind++) {
		bool wanted = kind >= PK_EVENT_DO_MOUNT && kind < PK_EVENT_SENSOR_MAX &&
			      kind != PK_EVENT_DUP;

		assert_int_equal(pk_system_shape(kind) != NULL, wanted);
	}
	assert_null(pk_system_shape(~0u));
}

static void names_are_distinct(void **state)
{
	for (__u32 kind = PK_EVENT_DO_MOUNT; kind < PK_EVENT_SENSOR_MAX; kind++) {
		const struct pk_system_shape *shape = pk_system_shape(kind);
		const char *names[PK_SYS_ARGS + 2] = { NULL };

		if (!shape)
			continue;
		names[0] = shape->text;
		names[1] = shape->text2;
		assert_true(is_object(shape->object));
		for (unsigned int i = 0; i < PK_SYS_ARGS; i++) {
			const struct pk_system_arg *arg = &shape->args[i];

			names[i + 2] = arg->name;
			assert_int_equal(arg->name != NULL, arg->form != PK_SYSTEM_NONE);
			assert_int_equal(arg->form == PK_SYSTEM_BITS ||
						 arg->form == PK_SYSTEM_SYMBOL,
					 arg->symbols != NULL);
		}
		for (size_t i = 0; i < PK_ARRAY_SIZE(names); i++)
			for (size_t k = 0; k < i; k++)
				assert_true(!names[i] || !names[k] || strcmp(names[i], names[k]));
	}
}

/* A condition can ask for each text and number of a kind, or it is not worth gathering. */
static void fields_ask_for_them(void **state)
{
	size_t cnt;
	const struct pk_field *fields = pk_fields_get(&cnt);

	for (__u32 kind = PK_EVENT_DO_MOUNT; kind < PK_EVENT_SENSOR_MAX; kind++) {
		const struct pk_system_shape *shape = pk_system_shape(kind);
		__u32 texts = 0;
		__u64 nums = 0;

		if (!shape)
			continue; /* dup, of another shape */
		for (size_t i = 0; i < cnt; i++) {
			const struct pk_field_source *source = pk_field_source(&fields[i], kind);

			if (!source)
				continue;
			if (source->how == PK_SOURCE_TEXT && source->whose == PK_WHOSE_EVENT)
				texts |= 1u << source->id;
			else if (source->how >= PK_SOURCE_NUM)
				nums |= 1ull << source->id;
		}
		if (shape->has_path && !(texts & 1u << PK_TEXT_FD_NAME))
			fail_msg("%s: path", pk_event_kind_name(kind));
		if (shape->text && !(texts & 1u << PK_TEXT_TARGET))
			fail_msg("%s: text", pk_event_kind_name(kind));
		if ((shape->text2 || shape->path2) && !(texts & 1u << PK_TEXT_NAME2))
			fail_msg("%s: text2 or path2", pk_event_kind_name(kind));
		assert_false(shape->text2 && shape->path2);
		if (shape->args[0].name && !(nums & 1ull << PK_NUM_ARG0))
			fail_msg("%s: arg", pk_event_kind_name(kind));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shape_a_kind),
		cmocka_unit_test(names_are_distinct),
		cmocka_unit_test(fields_ask_for_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
