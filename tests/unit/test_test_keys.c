// SPDX-License-Identifier: Apache-2.0
#include "cli/test_keys.h"

#include "stream/names.h"
#include "yaml_node.h"

struct numbers {
	uint16_t a;
	uint32_t b;
	uint64_t c;
};

static const struct pk_keys_number table[] = {
	{ "a", PK_KEYS_DECIMAL, offsetof(struct numbers, a), 2 },
	{ "b", PK_KEYS_DECIMAL, offsetof(struct numbers, b), 4 },
	{ "c", PK_KEYS_HEX, offsetof(struct numbers, c), 8 },
	{ NULL },
};

static void values(void **state)
{
	yaml_cleanup struct yaml yaml = yaml_read("text: hello\nempty: ''\nyes: true\nno: false\n"
						  "number: 18446744073709551615\n");
	struct pk_keys keys;
	struct pk_text text;
	uint64_t number;

	pk_keys_init(&keys, yaml.ctx, yaml.root, "thing");
	assert_true(pk_keys_text(&keys, "text", &text));
	assert_text(text, "hello");
	assert_true(pk_keys_text(&keys, "empty", &text));
	assert_text(text, "");
	assert_false(pk_keys_text(&keys, "none", &text));
	assert_true(pk_keys_flag(&keys, "yes"));
	assert_false(pk_keys_flag(&keys, "no"));
	assert_false(pk_keys_flag(&keys, "none"));
	assert_true(pk_keys_number(&keys, "number", PK_KEYS_DECIMAL, &number));
	assert_true(number == UINT64_MAX);
	pk_keys_end(&keys);
	assert_yaml_clean(&yaml);
}

static void unknown_key(void **state)
{
	yaml_cleanup struct yaml yaml = yaml_read("name: a\nnmae: b\n");
	struct pk_keys keys;

	pk_keys_init(&keys, yaml.ctx, yaml.root, "thing");
	assert_non_null(pk_keys_take(&keys, "name"));
	pk_keys_end(&keys);
	assert_yaml_said(&yaml, "unknown key 'nmae' in 'thing'");
	assert_string_equal(yaml.ctx->diags.first->suggestion, "name");
	assert_int_equal(yaml.ctx->diags.first->line, 2);
}

static void no_mapping(void **state)
{
	yaml_cleanup struct yaml yaml = yaml_read("[a, b]");
	struct pk_keys keys;

	pk_keys_init(&keys, yaml.ctx, yaml.root, "thing");
	assert_null(pk_keys_take(&keys, "a"));
	pk_keys_end(&keys);
	assert_yaml_said(&yaml, "'thing' wants keys");
	pk_keys_init(&keys, yaml.ctx, NULL, "thing");
	assert_null(pk_keys_take(&keys, "a"));
	pk_keys_end(&keys);
	assert_int_equal(yaml.ctx->diags.errors_cnt, 1);
}

static void many_keys(void **state)
{
	for (unsigned int cnt = PK_MAX_KEYS; cnt <= PK_MAX_KEYS + 1; cnt++) {
		pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
		struct pk_keys keys;

		for (unsigned int i = 0; i < cnt; i++) {
			char line[32];

			snprintf(line, sizeof(line), "k%u: 1\n", i);
			assert_int_equal(pk_buf_add_str(&text, line), 0);
		}
		assert_int_equal(pk_buf_add_char(&text, '\0'), 0);
		yaml_cleanup struct yaml yaml = yaml_read(text.data);
		pk_keys_init(&keys, yaml.ctx, yaml.root, "thing");
		assert_int_equal(yaml.ctx->diags.errors_cnt, cnt > PK_MAX_KEYS);
		assert_true((pk_keys_take(&keys, "k63") != NULL) == (cnt == PK_MAX_KEYS));
	}
}

static void numbers(void **state)
{
	yaml_cleanup struct yaml yaml = yaml_read("a: 65535\nb: 4294967295\nc: ff\n");
	yaml_cleanup struct yaml large = yaml_read("a: 65536\nb: 4294967296\nc: xyz\n");
	struct numbers got = { 1, 2, 3 };
	struct pk_keys keys;

	pk_keys_init(&keys, yaml.ctx, yaml.root, "thing");
	pk_keys_numbers(&keys, table, &got);
	assert_yaml_clean(&yaml);
	assert_int_equal(got.a, 65535);
	assert_true(got.b == UINT32_MAX);
	assert_int_equal(got.c, 255);

	got = (struct numbers){ 1, 2, 3 };
	pk_keys_init(&keys, large.ctx, large.root, "thing");
	pk_keys_numbers(&keys, table, &got);
	assert_int_equal(large.ctx->diags.errors_cnt, 3);
	assert_yaml_said(&large, "'a' is too large");
	assert_yaml_said(&large, "'c' wants a hexadecimal number");
	assert_int_equal(got.a, 1);
	assert_int_equal(got.b, 2);
	assert_int_equal(got.c, 3);
}

static void forms(void **state)
{
	static const struct {
		const char *text;
		enum pk_keys_form form;
		bool good;
		uint64_t number;
	} cases[] = {
		{ "0", PK_KEYS_DECIMAL, true, 0 },
		{ "", PK_KEYS_DECIMAL, false, 0 },
		{ "-1", PK_KEYS_DECIMAL, false, 0 },
		{ "1 ", PK_KEYS_DECIMAL, false, 0 },
		{ "18446744073709551616", PK_KEYS_DECIMAL, false, 0 },
		{ "0755", PK_KEYS_OCTAL, true, 0755 },
		{ "0788", PK_KEYS_OCTAL, false, 0 },
		{ "0x1f", PK_KEYS_HEX, true, 31 },
		{ "000001ffffffffff", PK_KEYS_HEX, true, 0x1ffffffffff },
		{ "8:1", PK_KEYS_DEVICE, true, 8u << 20 | 1 },
		{ "8", PK_KEYS_DEVICE, false, 0 },
		{ ":", PK_KEYS_DEVICE, false, 0 },
		{ "4096:1", PK_KEYS_DEVICE, false, 0 },
		{ "1:1048576", PK_KEYS_DEVICE, false, 0 },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(cases); i++) {
		uint64_t number = 77;

		assert_int_equal(pk_keys_parse(cases[i].text, strlen(cases[i].text), cases[i].form,
					       &number),
				 cases[i].good);
		assert_true(number == (cases[i].good ? cases[i].number : 77));
	}
}

static void words(void **state)
{
	yaml_cleanup struct yaml yaml = yaml_read("family: ipv4\nother: ipv5\n");
	struct pk_keys keys;
	uint32_t number = 0;

	pk_keys_init(&keys, yaml.ctx, yaml.root, "thing");
	assert_true(pk_keys_word(&keys, "family", pk_family_name, 64, &number));
	assert_int_equal(number, 2);
	assert_false(pk_keys_word(&keys, "none", pk_family_name, 64, &number));
	assert_yaml_clean(&yaml);
	assert_false(pk_keys_word(&keys, "other", pk_family_name, 64, &number));
	assert_yaml_said(&yaml, "unknown other 'ipv5'");
	assert_non_null(yaml.ctx->diags.first->suggestion);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),     cmocka_unit_test(unknown_key),
		cmocka_unit_test(no_mapping), cmocka_unit_test(many_keys),
		cmocka_unit_test(numbers),    cmocka_unit_test(forms),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
