/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static struct pk_rules_sources sources;

static void place_is(uint32_t offset, uint32_t line, uint32_t column)
{
	struct pk_rules_pos pos = { 0, offset };
	uint32_t got_line, got_column;

	pk_rules_sources_place(&sources, pos, &got_line, &got_column);
	assert_int_equal(got_line, line);
	assert_int_equal(got_column, column);
}

static void places(void **state)
{
	static const char text[] = "ab\n\xc3\xa4x\r\n\nlast";
	struct pk_arena arena = PK_ARENA_INIT(1u << 20);
	struct pk_rules_pos pos = { 0, 6 };
	size_t len, before;
	uint32_t idx;

	sources.cnt = 0;
	assert_int_equal(pk_rules_sources_add(&sources, &arena, "p", text, strlen(text), &idx), 0);
	place_is(0, 1, 1);
	place_is(2, 1, 3);
	place_is(3, 2, 1);
	place_is(5, 2, 2);
	place_is(8, 3, 1);
	place_is(9, 4, 1);
	place_is(13, 4, 5);
	place_is(4, 2, 1); /* within a character */
	assert_memory_equal(pk_rules_sources_line(&sources, pos, &len, &before), "\xc3\xa4x", 3);
	assert_int_equal(len, 3);
	assert_int_equal(before, 3);
	pk_arena_fini(&arena);
}

static void file_limits(void **state)
{
	struct pk_arena arena = PK_ARENA_INIT(1u << 30);
	char *large = calloc(1, PK_MAX_RULES_FILE_BYTES + 1);
	uint32_t idx;

	sources.cnt = 0;
	memset(large, ' ', PK_MAX_RULES_FILE_BYTES + 1);
	assert_int_equal(pk_rules_sources_add(&sources, &arena, "p", large, PK_MAX_RULES_FILE_BYTES,
					      &idx),
			 0);
	assert_int_equal(pk_rules_sources_add(&sources, &arena, "p", large,
					      PK_MAX_RULES_FILE_BYTES + 1, &idx),
			 -EFBIG);
	free(large);
	for (size_t i = 1; i < PK_MAX_RULES_FILES; i++)
		assert_int_equal(pk_rules_sources_add(&sources, &arena, "p", "", 0, &idx), 0);
	assert_int_equal(pk_rules_sources_add(&sources, &arena, "p", "", 0, &idx), -EMFILE);
	pk_arena_fini(&arena);
}

static void pos_is(const struct pk_rules_text *text, size_t at, uint32_t file, uint32_t offset)
{
	struct pk_rules_pos pos = pk_rules_text_pos(text, at);

	assert_int_equal(pos.file_idx, file);
	assert_int_equal(pos.offset_bytes, offset);
}

static void drafts_keep_positions(void **state)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	pk_rules_draft_cleanup struct pk_rules_draft outer = PK_RULES_DRAFT_INIT;
	struct pk_arena arena = PK_ARENA_INIT(1u << 20);
	struct pk_rules_text text, whole;

	pk_rules_draft_mark(&draft, (struct pk_rules_pos){ 1, 100 }, 0);
	pk_rules_draft_add(&draft, "abc", 3);
	pk_rules_draft_mark(&draft, (struct pk_rules_pos){ 2, 7 }, 5);
	pk_rules_draft_add(&draft, "de", 2);
	assert_int_equal(pk_rules_draft_finish(&draft, &arena, &text), 0);
	assert_string_equal(text.data, "abcde");
	pos_is(&text, 0, 1, 100);
	pos_is(&text, 2, 1, 102);
	pos_is(&text, 3, 2, 7);
	pos_is(&text, 4, 2, 7);
	pos_is(&text, 5, 2, 12);
	assert_int_equal(pk_rules_text_span(&text, 1, 3), 2);
	assert_int_equal(pk_rules_text_span(&text, 3, 4), 5);
	assert_int_equal(pk_rules_text_span(&text, 0, 5), 1); /* two files */
	assert_int_equal(pk_rules_text_span(&text, 2, 2), 1);

	pk_rules_draft_add_text(&outer, &text, 1, 4);
	pk_rules_draft_cut(&outer, 2);
	pk_rules_draft_add_text(&outer, &text, 4, 5);
	assert_int_equal(pk_rules_draft_finish(&outer, &arena, &whole), 0);
	assert_string_equal(whole.data, "bce");
	pos_is(&whole, 0, 1, 101);
	pos_is(&whole, 1, 1, 102);
	pos_is(&whole, 2, 2, 7);
	pk_arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(file_limits),
		cmocka_unit_test(drafts_keep_positions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
