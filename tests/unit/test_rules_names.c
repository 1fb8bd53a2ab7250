/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "rules/names.h"

static void finds(void **state)
{
	struct pk_rules_names *names = calloc(1, sizeof(*names));
	struct pk_arena arena = PK_ARENA_INIT(1u << 24);
	static char text[20000][8];

	for (size_t i = 0; i < 20000; i++) {
		snprintf(text[i], sizeof(text[i]), "n%zu", i);
		assert_null(pk_rules_names_get(names, text[i], strlen(text[i])));
		assert_int_equal(pk_rules_names_add(names, &arena, text[i], strlen(text[i]),
						    text[i]),
				 0);
	}
	for (size_t i = 0; i < 20000; i++)
		assert_ptr_equal(pk_rules_names_get(names, text[i], strlen(text[i])), text[i]);
	assert_null(pk_rules_names_get(names, "n", 1));
	assert_null(pk_rules_names_get(names, "", 0));
	pk_arena_fini(&arena);
	free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
