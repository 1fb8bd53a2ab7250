// SPDX-License-Identifier: Apache-2.0
/*
 * Mappings read key by key.
 */
#include "cli/test_keys.h"

#include <assert.h>
#include <string.h>

#include "rules/suggest.h"
#include "rules/words.h"

void pk_keys_init(struct pk_keys *keys, struct pk_rules_ctx *ctx, const struct pk_yaml_node *map,
		  const char *what)
{
	*keys = (struct pk_keys){ .ctx = ctx, .map = map, .what = what };
	if (!map || pk_yaml_is_null(map)) {
		keys->map = NULL;
	} else if (map->kind != PK_YAML_MAPPING) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, map, NULL, "'%s' wants keys and values", what);
		keys->map = NULL;
	} else if (map->cnt > PK_MAX_KEYS) {
		pk_yaml_diag(ctx, PK_DIAG_ERROR, map, NULL, "'%s' has more than %u keys", what,
			     PK_MAX_KEYS);
		keys->map = NULL;
	}
}

const struct pk_yaml_node *pk_keys_take(struct pk_keys *keys, const char *name)
{
	uint64_t bit = 1;

	if (keys->asked_cnt < PK_ARRAY_SIZE(keys->asked))
		keys->asked[keys->asked_cnt++] = name;
	if (!keys->map)
		return NULL;
	for (const struct pk_yaml_pair *pair = keys->map->first; pair; pair = pair->next) {
		if (pk_yaml_is(pair->key, name)) {
			keys->used |= bit;
			return pair->value;
		}
		bit <<= 1;
	}
	return NULL;
}

static const struct pk_yaml_node *take_scalar(struct pk_keys *keys, const char *name)
{
	const struct pk_yaml_node *node = pk_keys_take(keys, name);

	if (node && node->kind != PK_YAML_SCALAR) {
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, NULL, "'%s' wants one value", name);
		return NULL;
	}
	return node;
}

bool pk_keys_text(struct pk_keys *keys, const char *name, struct pk_text *ret_text)
{
	const struct pk_yaml_node *node = take_scalar(keys, name);

	if (!node)
		return false;
	*ret_text = (struct pk_text){ node->text.data, node->text.len_bytes };
	return true;
}

bool pk_keys_flag(struct pk_keys *keys, const char *name)
{
	const struct pk_yaml_node *node = take_scalar(keys, name);
	bool value = false;

	return node && pk_rules_read_bool(keys->ctx, node, name, &value) && value;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

static bool parse_digits(const char *text, size_t len, uint64_t base, uint64_t *ret_number)
{
	uint64_t number = 0;

	for (size_t i = 0; i < len; i++) {
		uint64_t digit = (uint64_t)digit_of(text[i]);

		if (digit >= base || number > (UINT64_MAX - digit) / base)
			return false;
		number = number * base + digit;
	}
	if (!len)
		return false;
	*ret_number = number;
	return true;
}

static bool parse_device(const char *text, size_t len, uint64_t *ret_number)
{
	const char *colon = memchr(text, ':', len);
	uint64_t major, minor;

	if (!colon || !parse_digits(text, (size_t)(colon - text), 10, &major) ||
	    !parse_digits(colon + 1, len - (size_t)(colon - text) - 1, 10, &minor) ||
	    major >= 1u << 12 || minor >= 1u << 20)
		return false;
	*ret_number = major << 20 | minor;
	return true;
}

bool pk_keys_parse(const char *text, size_t len, enum pk_keys_form form, uint64_t *ret_number)
{
	switch (form) {
	case PK_KEYS_OCTAL:
		return parse_digits(text, len, 8, ret_number);
	case PK_KEYS_HEX:
		if (len > 2 && text[0] == '0' && text[1] == 'x')
			return parse_digits(text + 2, len - 2, 16, ret_number);
		return parse_digits(text, len, 16, ret_number);
	case PK_KEYS_DEVICE:
		return parse_device(text, len, ret_number);
	default:
		return parse_digits(text, len, 10, ret_number);
	}
}

static bool number_of(struct pk_keys *keys, const char *name, enum pk_keys_form form, uint64_t max,
		      uint64_t *ret_number)
{
	static const char *const forms[] = { "a number", "an octal number", "a hexadecimal number",
					     "major:minor" };
	const struct pk_yaml_node *node = take_scalar(keys, name);
	uint64_t number;

	if (!node)
		return false;
	if (!pk_keys_parse(node->text.data, node->text.len_bytes, form, &number)) {
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, NULL, "'%s' wants %s", name,
			     forms[form]);
		return false;
	}
	if (number > max) {
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, NULL, "'%s' is too large", name);
		return false;
	}
	*ret_number = number;
	return true;
}

bool pk_keys_number(struct pk_keys *keys, const char *name, enum pk_keys_form form,
		    uint64_t *ret_number)
{
	return number_of(keys, name, form, UINT64_MAX, ret_number);
}

void pk_keys_numbers(struct pk_keys *keys, const struct pk_keys_number *table, void *base)
{
	for (; table->name; table++) {
		char *to = (char *)base + table->offset_bytes;
		uint64_t max = UINT64_MAX >> (64 - 8 * table->size_bytes);
		uint64_t number;
		uint32_t u32;
		uint16_t u16;

		if (!number_of(keys, table->name, table->form, max, &number))
			continue;
		u32 = (uint32_t)number;
		u16 = (uint16_t)number;
		if (table->size_bytes == 8)
			memcpy(to, &number, 8);
		else if (table->size_bytes == 4)
			memcpy(to, &u32, 4);
		else
			memcpy(to, &u16, 2);
	}
}

bool pk_keys_word(struct pk_keys *keys, const char *name, const char *(*name_of)(uint32_t number),
		  uint32_t end, uint32_t *ret_number)
{
	const struct pk_yaml_node *node = take_scalar(keys, name);
	struct pk_suggest suggest;

	if (!node)
		return false;
	suggest = PK_SUGGEST_INIT(node->text.data, node->text.len_bytes);
	for (uint32_t i = 0; i < end; i++) {
		const char *word = name_of(i);

		if (!word)
			continue;
		if (pk_yaml_is(node, word)) {
			*ret_number = i;
			return true;
		}
		pk_suggest_offer(&suggest, word);
	}
	pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, node, suggest.best, "unknown %s '%s'", name,
		     node->text.data);
	return false;
}

void pk_keys_end(struct pk_keys *keys)
{
	uint64_t bit = 1;

	if (!keys->map)
		return;
	for (const struct pk_yaml_pair *pair = keys->map->first; pair; pair = pair->next) {
		bool used = keys->used & bit;

		bit <<= 1;
		if (used)
			continue;
		if (pair->key->kind != PK_YAML_SCALAR) {
			pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, pair->key, NULL, "a key is a word");
			continue;
		}
		pk_yaml_diag(keys->ctx, PK_DIAG_ERROR, pair->key,
			     pk_suggest_from(pair->key->text.data, pair->key->text.len_bytes,
					     keys->asked, keys->asked_cnt),
			     "unknown key '%s' in '%s'", pair->key->text.data, keys->what);
	}
}
