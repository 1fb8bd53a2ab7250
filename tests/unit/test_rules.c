/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <unistd.h>

static void from_a_file(void **state)
{
	char path[] = "/tmp/picket-test-rules-XXXXXX";
	struct pk_rules_loader *loader = NULL;
	struct pk_rules *rules = NULL;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, RULE("r", "a.b exists"), strlen(RULE("r", "a.b exists"))),
			 strlen(RULE("r", "a.b exists")));
	close(fd);
	assert_int_equal(pk_rules_loader_new(NULL, &loader), 0);
	assert_int_equal(pk_rules_load(loader, "/nonexistent"), -ENOENT);
	assert_int_equal(pk_rules_load(loader, "/"), -EISDIR);
	assert_int_equal(pk_rules_load(loader, path), 0);
	assert_int_equal(pk_rules_finish(loader, &rules), 0);
	pk_rules_loader_free(loader);
	unlink(path);
	assert_int_equal(rules->cnt, 1);
	assert_string_equal(rules->items[0]->output.data, "o");
	assert_string_equal(rules->ctx.sources.files[rules->items[0]->pos.file_idx]->path, path);
	pk_rules_free(rules);
}

static void nothing_of_a_bad_file(void **state)
{
	static const char *const texts[] = { RULE("r", "a.b exists"), RULE("s", "a.b ~ c") };
	loaded_cleanup struct loaded loaded = load_files(NULL, texts, 2);

	assert_refused(&loaded, "f1:5:18: error: ");
}

static char *many_rules(size_t cnt)
{
	struct pk_buf text = PK_BUF_INIT;
	char line[160];

	for (size_t i = 0; i < cnt; i++) {
		snprintf(line, sizeof(line), RULE("r%zu", "a.b = x%zu"), i, i);
		assert_int_equal(pk_buf_add_str(&text, line), 0);
	}
	pk_buf_add_char(&text, '\0');
	return text.data;
}

static void rules_limit(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		char *text = many_rules(PK_MAX_RULES + over);
		loaded_cleanup struct loaded loaded = load(text);

		if (over)
			assert_refused(&loaded, "more than 65536 rules");
		else
			assert_int_equal(loaded.rules->cnt, PK_MAX_RULES);
		free(text);
	}
}

static void empty(void **state)
{
	loaded_cleanup struct loaded loaded = load("");

	assert_clean(&loaded);
	assert_int_equal(loaded.rules->cnt, 0);
	pk_rules_free(NULL);
	pk_rules_loader_free(NULL);
}

static void names(void **state)
{
	assert_string_equal(pk_rules_priority_name(PK_RULES_CRITICAL), "Critical");
	assert_string_equal(pk_rules_action_name(PK_RULES_ACTION_DENY), "deny");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_a_file), cmocka_unit_test(nothing_of_a_bad_file),
		cmocka_unit_test(rules_limit), cmocka_unit_test(empty),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
