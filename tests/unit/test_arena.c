/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/arena.h"

static void pieces_are_zeroed_and_apart(void **state)
{
	struct pk_arena arena = PK_ARENA_INIT(1u << 20);
	char *last = NULL;

	for (size_t i = 0; i < 2000; i++) {
		char *piece = pk_arena_alloc(&arena, i % 100);

		assert_non_null(piece);
		assert_ptr_not_equal(piece, last);
		assert_int_equal((uintptr_t)piece % 16, 0);
		for (size_t j = 0; j < i % 100; j++)
			assert_int_equal(piece[j], 0);
		memset(piece, 'x', i % 100);
		last = piece;
	}
	assert_true(arena.used_bytes <= arena.max_bytes);
	pk_arena_fini(&arena);
	assert_null(arena.chunk);
}

static void limit(void **state)
{
	struct pk_arena arena = PK_ARENA_INIT(10000);

	assert_null(pk_arena_alloc(&arena, 10001));
	assert_null(pk_arena_alloc(&arena, SIZE_MAX));
	assert_null(pk_arena_copy(&arena, "", SIZE_MAX));
	assert_non_null(pk_arena_alloc(&arena, 9984));
	assert_null(pk_arena_alloc(&arena, 4096));
	pk_arena_fini(&arena);
	assert_non_null(pk_arena_alloc(&arena, 9984));
	pk_arena_fini(&arena);
}

static void copies(void **state)
{
	struct pk_arena arena = PK_ARENA_INIT(10000);

	assert_string_equal(pk_arena_copy(&arena, "abcdef", 3), "abc");
	assert_string_equal(pk_arena_copy(&arena, NULL, 0), "");
	pk_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_and_apart),
		cmocka_unit_test(limit),
		cmocka_unit_test(copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
