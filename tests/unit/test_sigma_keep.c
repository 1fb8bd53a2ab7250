/* SPDX-License-Identifier: Apache-2.0 */
#include "sigma.h"

#define HEAD(title, more) "title: " title "\n" more "logsource: {category: process_creation}\n"
#define BODY "detection:\n    s:\n        Image: /a\n    condition: s\n"

static void names(void **state)
{
	static const char *const texts[] = { HEAD("T", "id: i1\n") BODY, HEAD("T", "id: i2\n") BODY,
					     HEAD("T", "") BODY };
	loaded_cleanup struct loaded loaded = load_files(NULL, texts, 3);

	assert_clean(&loaded);
	assert_int_equal(loaded.rules->cnt, 3);
	assert_string_equal(loaded.rules->items[0]->name, "T");
	assert_string_equal(loaded.rules->items[1]->name, "T [i2]");
	assert_string_equal(loaded.rules->items[2]->name, "T [2]");
}

static void ids(void **state)
{
	static const char *const texts[] = { HEAD("T", "id: i1\n") BODY,
					     HEAD("U", "id: i1\n") BODY };
	loaded_cleanup struct loaded loaded = load_files(NULL, texts, 2);

	assert_said(&loaded,
		    "f1:2:5: warning: rule is not loaded: it has the id of the one at f0:1");
	assert_int_equal(loaded.rules->cnt, 1);
	assert_int_equal(loaded.rules->left_out_cnt, 1);
}

/* Who wrote it and which one it is stand in what is told. */
static void output(void **state)
{
	loaded_cleanup struct loaded loaded =
		load(HEAD("T", "id: i1\nauthor: A % B\nstatus: test\nlevel: high\n") BODY);
	const struct pk_rule *rule;

	assert_clean(&loaded);
	rule = loaded.rules->items[0];
	assert_non_null(strstr(rule->output.data, " | author=A \xef\xbc\x85 B id=i1"));
	assert_string_equal(rule->sigma->id, "i1");
	assert_string_equal(rule->sigma->author, "A % B");
	assert_string_equal(rule->sigma->status, "test");
	assert_string_equal(rule->sigma->level, "high");
}

/* Rules of Falco's change what is no condition. */
static void changed(void **state)
{
	static const char *const off[] = { HEAD("T", "") BODY, "- rule: T\n  enabled: false\n" };
	static const char *const more[] = {
		HEAD("T", "") BODY, "- rule: T\n  condition: or a.b = c\n  append: true\n"
	};
	static const char *const deny[] = { HEAD("T", "") BODY,
					    "- rule: T\n  action: deny\n  override:\n    action: "
					    "replace\n" };

	{
		loaded_cleanup struct loaded loaded = load_files(NULL, off, 2);

		assert_clean(&loaded);
		assert_false(loaded.rules->items[0]->enabled);
	}
	{
		loaded_cleanup struct loaded loaded = load_files(NULL, more, 2);

		assert_refused(&loaded, "'T' is a rule of Sigma");
	}
	{
		loaded_cleanup struct loaded loaded = load_files(NULL, deny, 2);

		assert_clean(&loaded);
		assert_int_equal(loaded.rules->items[0]->action, PK_RULES_ACTION_DENY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(ids),
		cmocka_unit_test(output),
		cmocka_unit_test(changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
