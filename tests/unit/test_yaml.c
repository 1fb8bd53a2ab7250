/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

static void refuses(const char *text, const char *expected)
{
	loaded_cleanup struct loaded loaded = load(text);

	assert_refused(&loaded, expected);
}

static void accepts(const char *text)
{
	loaded_cleanup struct loaded loaded = load(text);

	assert_clean(&loaded);
}

static void broken(void **state)
{
	refuses("- rule: \"x\n", "f0:1:");
	refuses("- rule: [x\n", ": error: YAML: ");
	refuses("a: b\na: c\n", "f0:2:1: error: key 'a' given a second time");
	refuses("- action: b\n  action: c\n", "f0:2:3: error: key 'action' given a second time");
	refuses("- ? [a]\n  : b\n", "f0:1:5: error: a key must be a text");
	refuses("- *x\n", ": error: ");
	refuses("%YAML 1.3\n---\n", "f0:1:1: error: a YAML directive");
	refuses("%YAML 1.2 x\n---\n", "f0:1:1: error: a YAML directive");
	refuses("%YAML 1.2", "f0:1:1: error: a YAML directive");
	refuses("%YAML 1.2\n%YAML 1.2\n---\n", "f0:2:1: error: a YAML directive");
	refuses("%TAG ! tag:x\n---\n", "f0:1:1: error: a YAML directive");
	refuses("# x\n%YAML 1.2\n---\n", "f0:2:1: error: a YAML directive");
	refuses("- a: \x01\n", "f0:1:6: error: a control character");
	refuses("- a: \xff\n", "f0:1:6: error: not UTF-8");
	refuses("- macro: m\n  condition: \"a\\0b\"\n", "f0:2:15: error: a zero byte");
	refuses("a: b\n", "f0:1:1: error: rules are a sequence");
	refuses("a\n", "f0:1:1: error: rules are a sequence");
	refuses("kind: TracingPolicy\n", "f0:1:1: error: this is a policy of Tetragon");
	refuses("apiVersion: v1\nkind: ConfigMap\n", "f0:1:1: error: this is an object of Kube");
	refuses("customRules: {a: b}\n", "f0:1:1: error: these are values of a Helm chart");
	refuses("rules: a\ntests: []\n", "f0:1:1: error: these are tests of rules");
}

static void version(void **state)
{
	accepts("%YAML 1.2\n---\n- macro: m\n  condition: a.b exists\n");
	accepts("\xef\xbb\xbf%YAML 1.2\n---\n- macro: m\n  condition: a.b exists\n");
	refuses("\xef\xbb\xbf%FOO\n---\n", ": error: a YAML directive");
	accepts("%YAML 1.1 \r\n---\n- macro: m\n  condition: a.b exists\n");
}

/* The first value counts, with all that is in it. */
static void key_again(void **state)
{
	loaded_cleanup struct loaded loaded = load(
		RULE("r", "a.b exists") "  tags: [t]\n  tags: {x: [y], x: z}\n"
					"  condition: c.d exists\n  enabled: true\n");

	assert_said(&loaded, "f0:7:3: warning: key 'tags' given a second time: the first counts");
	assert_said(&loaded, "f0:7:18: warning: key 'x' given a second time: the first counts");
	assert_said(&loaded, "f0:8:3: warning: key 'condition' given a second time");
	assert_condition(&loaded, "r", "a.b exists");
	assert_int_equal(loaded.rules->items[0]->tags_cnt, 1);
}

static void zero_byte(void **state)
{
	struct pk_rules_loader *loader = NULL;
	struct pk_rules *rules = NULL;

	assert_int_equal(pk_rules_loader_new(NULL, &loader), 0);
	assert_int_equal(pk_rules_load_text(loader, "f", "- \0", 3), 0);
	assert_int_equal(pk_rules_finish(loader, &rules), -EBADMSG);
	pk_rules_loader_free(loader);
}

static void fine(void **state)
{
	accepts("");
	accepts("# nothing\n");
	accepts("---\n...\n---\n- macro: m\n  condition: b.c exists\n");
}

/* What libfyaml (0.7.12) gives of such a block is longer than its text. */
static void folded_with_empty_lines(void **state)
{
	accepts("- macro: m\n  condition: >-\n    a.b = c\n\n     and d.e = f\n- list: l\n  items: []\n");
	accepts("- macro: m\n  condition: >\n    (a.b = c\n\n      and d.e = f)\n\n\n      or g.h = i\n"
		"- list: l\n  items: []\n");
}

static void documents_and_aliases(void **state)
{
	loaded_cleanup struct loaded loaded =
		load("- list: &n l\n  items: &i [x, y]\n- list: k\n  items: *i\n---\n" RULE(
			"r", "a.b in (k) and c.d in (l)"));

	assert_clean(&loaded);
	assert_condition(&loaded, "r", "(a.b in (x, y) and c.d in (x, y))");
}

static void alias_bomb(void **state)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	char line[128];

	pk_buf_add_str(&text, "- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 9; i++) {
		snprintf(line, sizeof(line),
			 "- &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i,
			 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
		pk_buf_add_str(&text, line);
	}
	pk_buf_add_char(&text, '\0');
	refuses(text.data, "more than 4194304 nodes of YAML");
}

static void nesting_limit(void **state)
{
	for (size_t over = 0; over <= 1; over++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		char *open = repeated("[", PK_MAX_YAML_NESTING + over);
		char *close = repeated("]", PK_MAX_YAML_NESTING + over);

		pk_buf_add_str(&text, open);
		pk_buf_add_str(&text, close);
		pk_buf_add_char(&text, '\0');
		refuses(text.data,
			over ? "more than 64 levels of YAML" : "expected a rule, a macro");
		free(open);
		free(close);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken),
		cmocka_unit_test(zero_byte),
		cmocka_unit_test(version),
		cmocka_unit_test(key_again),
		cmocka_unit_test(fine),
		cmocka_unit_test(folded_with_empty_lines),
		cmocka_unit_test(documents_and_aliases),
		cmocka_unit_test(alias_bomb),
		cmocka_unit_test(nesting_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
