// SPDX-License-Identifier: Apache-2.0
/*
 * --enforce as it is written, and what cannot be. What becomes of rules is in test_rules_files.c.
 */
#include "cli/enforce.h"

#include "base/cleanup.h"
#include "misused.h"

#define MAX_WORDS ((int)PK_MAX_ENFORCE + 3)

static error_t hand_on(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
}

static void parse(struct pk_enforce *enforce, const char *const *words)
{
	static const struct argp_child children[] = { { .argp = &pk_enforce_argp }, { 0 } };
	static const struct argp argp = { .parser = hand_on, .children = children };
	static char *argv[MAX_WORDS];
	int argc = 0;

	argv[argc++] = (char *)"picket check";
	while (*words && argc < MAX_WORDS - 1)
		argv[argc++] = (char *)*words++;
	argv[argc] = NULL;
	*enforce = (struct pk_enforce){ 0 };
	assert_int_equal(argp_parse(&argp, argc, argv, 0, NULL, enforce), 0);
}

static void parse_words(const void *words)
{
	struct pk_enforce enforce;

	parse(&enforce, words);
}

static void right(void **state)
{
	struct pk_enforce enforce;

	parse(&enforce, (const char *const[]){ "--enforce=a", "--enforce", "bc=kill",
					       "--enforce=d=deny", NULL });
	assert_int_equal(enforce.cnt, 3);
	assert_int_equal(enforce.items[0].tag_bytes, 1);
	assert_int_equal(enforce.items[0].action, PK_RULES_ACTION_DENY);
	assert_memory_equal(enforce.items[1].tag, "bc=", 3);
	assert_int_equal(enforce.items[1].tag_bytes, 2);
	assert_int_equal(enforce.items[1].action, PK_RULES_ACTION_KILL);
	assert_int_equal(enforce.items[2].action, PK_RULES_ACTION_DENY);
}

static void wrong(void **state)
{
	static const char *const words[] = { "--enforce=", "--enforce==kill", "--enforce=a=alert",
					     "--enforce=a=", "--enforce=a=kills" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(words); i++)
		assert_misused(parse_words, (const char *const[]){ words[i], NULL },
			       "it is TAG, TAG=deny or TAG=kill");
}

static void too_many(void **state)
{
	const char *words[PK_MAX_ENFORCE + 2] = { NULL };
	struct pk_enforce enforce;

	for (size_t i = 0; i < PK_MAX_ENFORCE; i++)
		words[i] = "--enforce=a";
	parse(&enforce, words);
	assert_int_equal(enforce.cnt, PK_MAX_ENFORCE);
	words[PK_MAX_ENFORCE] = "--enforce=a";
	assert_misused(parse_words, words, "--enforce: more than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right),
		cmocka_unit_test(wrong),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
