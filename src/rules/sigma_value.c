/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of Sigma: wildcards and escapes, and the modifiers that change the text itself (windash, wide,
 * base64, base64offset). A backslash takes away the meaning of * and ? and of another backslash; before
 * anything else it is an ordinary character.
 */
#include "rules/sigma_internal.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

/* A value read: bytes, and which of them are wildcards. */
struct parsed {
	struct pk_buf bytes;
	struct pk_buf wild; /* a byte each: 1 is a wildcard */
};

static void parsed_fini(struct parsed *parsed)
{
	pk_buf_fini(&parsed->bytes);
	pk_buf_fini(&parsed->wild);
}

static int add(struct parsed *parsed, char c, bool wild)
{
	int err = 0;

	/* ** is * */
	if (wild && c == '*' && parsed->wild.len_bytes &&
	    parsed->wild.data[parsed->wild.len_bytes - 1] &&
	    parsed->bytes.data[parsed->bytes.len_bytes - 1] == '*')
		return 0;
	err = pk_buf_add_char(&parsed->bytes, c);
	return err ? err : pk_buf_add_char(&parsed->wild, wild);
}

static int parse(const char *text, size_t len, struct parsed *parsed)
{
	int err = 0;

	for (size_t i = 0; i < len && !err; i++) {
		bool special = text[i] == '*' || text[i] == '?';

		if (text[i] == '\\' && i + 1 < len &&
		    (text[i + 1] == '*' || text[i + 1] == '?' || text[i + 1] == '\\')) {
			err = add(parsed, text[++i], false);
			continue;
		}
		err = add(parsed, text[i], special);
	}
	return err;
}

static bool has_wildcards(const struct parsed *parsed)
{
	return parsed->wild.len_bytes &&
	       memchr(parsed->wild.data, 1, parsed->wild.len_bytes) != NULL;
}

/* What stands between the stars at its ends, as a glob if there are wildcards in it. */
static int to_pattern(struct pk_sigma_rule *rule, const struct parsed *parsed,
		      enum pk_sigma_match match, struct pk_sigma_pattern *pattern)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	const char *bytes = parsed->bytes.data;
	const char *wild = parsed->wild.data;
	size_t from = 0, to = parsed->bytes.len_bytes;
	int err = 0;

	pattern->any_before = match == PK_SIGMA_CONTAINS || match == PK_SIGMA_ENDS;
	pattern->any_behind = match == PK_SIGMA_CONTAINS || match == PK_SIGMA_STARTS;
	if (from < to && wild[from] && bytes[from] == '*') {
		pattern->any_before = true;
		from++;
	}
	if (from < to && wild[to - 1] && bytes[to - 1] == '*') {
		pattern->any_behind = true;
		to--;
	}
	pattern->glob = from < to && memchr(wild + from, 1, to - from);
	if (pattern->glob && pattern->any_before)
		err = pk_buf_add_char(&text, '*');
	for (size_t i = from; i < to && !err; i++) {
		if (pattern->glob && !wild[i] && strchr("*?[]\\", bytes[i]))
			err = pk_buf_add_char(&text, '\\');
		if (!err)
			err = pk_buf_add_char(&text, bytes[i]);
	}
	if (!err && pattern->glob && pattern->any_behind)
		err = pk_buf_add_char(&text, '*');
	if (err)
		return err;
	pattern->len = text.len_bytes;
	pattern->text = pk_rules_copy(rule->ctx, text.data, text.len_bytes);
	return pattern->text ? 0 : -ENOMEM;
}

static bool keep(struct pk_sigma_rule *rule, const struct parsed *parsed,
		 const struct pk_sigma_item *item, const struct pk_yaml_node *value,
		 struct pk_sigma_patterns *list)
{
	struct pk_sigma_pattern pattern = { .node = value };
	int err;

	if (list->cnt >= PK_MAX_LIST_ITEMS) {
		pk_sigma_fail(rule, value, NULL, "more than %u values", PK_MAX_LIST_ITEMS);
		return false;
	}
	err = to_pattern(rule, parsed, item->match, &pattern);
	if (!err)
		err = pk_buf_add(&list->items, &pattern, sizeof(pattern));
	if (err) {
		rule->ctx->err = err;
		return false;
	}
	list->cnt++;
	if (pattern.len <= PK_MAX_STRING_BYTES)
		return true;
	pk_sigma_fail(rule, value, NULL, "value of %zu bytes; the limit is %u", pattern.len,
		      PK_MAX_STRING_BYTES);
	return false;
}

/* ---- windash ---- */

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_';
}

/* Dashes that begin an option, a letter behind and none before, as each of the others in turn. */
static int put_dashed(const struct parsed *from, const char *dash, struct parsed *to)
{
	const char *bytes = from->bytes.data;
	size_t len = from->bytes.len_bytes;
	int err = 0;

	for (size_t i = 0; i < len && !err; i++) {
		bool option = !from->wild.data[i] && (bytes[i] == '-' || bytes[i] == '/') &&
			      i + 1 < len && is_word(bytes[i + 1]) &&
			      (!i || !is_word(bytes[i - 1]));

		if (!option) {
			err = add(to, bytes[i], from->wild.data[i]);
			continue;
		}
		for (const char *c = dash; *c && !err; c++)
			err = add(to, *c, false);
	}
	return err;
}

static bool keep_dashed(struct pk_sigma_rule *rule, const struct parsed *parsed,
			const struct pk_sigma_item *item, const struct pk_yaml_node *value,
			struct pk_sigma_patterns *list)
{
	/* hyphen, slash, en dash, em dash, horizontal bar */
	static const char *const dashes[] = { "-", "/", "\xe2\x80\x93", "\xe2\x80\x94",
					      "\xe2\x80\x95" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(dashes); i++) {
		pk_cleanup(parsed_fini) struct parsed one = { PK_BUF_INIT, PK_BUF_INIT };
		int err = put_dashed(parsed, dashes[i], &one);

		if (err) {
			rule->ctx->err = err;
			return false;
		}
		/* without a dash there is only itself */
		if (i && one.bytes.len_bytes == parsed->bytes.len_bytes &&
		    (!one.bytes.data || !parsed->bytes.data ||
		     !memcmp(one.bytes.data, parsed->bytes.data, one.bytes.len_bytes)))
			continue;
		if (!keep(rule, &one, item, value, list))
			return false;
	}
	return true;
}

/* ---- encodings ---- */

/* UTF-16, the low byte first; outside of ASCII by its code point. */
static int widen(const char *text, size_t len, struct pk_buf *out)
{
	int err = 0;

	for (size_t i = 0; i < len && !err; i++) {
		unsigned char c = (unsigned char)text[i];
		unsigned int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
		uint32_t code = more == 3 ? c & 7u : more == 2 ? c & 15u : more ? c & 31u : c;
		uint16_t units[2];
		size_t cnt = 1;

		for (; more && i + 1 < len; more--)
			code = code << 6 | ((unsigned char)text[++i] & 63u);
		units[0] = (uint16_t)code;
		if (code > 0xffff) {
			units[0] = (uint16_t)(0xd800 + ((code - 0x10000) >> 10));
			units[1] = (uint16_t)(0xdc00 + (code & 0x3ff));
			cnt = 2;
		}
		for (size_t unit = 0; unit < cnt && !err; unit++) {
			err = pk_buf_add_char(out, (char)(units[unit] & 0xff));
			if (!err)
				err = pk_buf_add_char(out, (char)(units[unit] >> 8));
		}
	}
	return err;
}

static int encode(const char *bytes, size_t len, struct pk_buf *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	int err = 0;

	for (size_t i = 0; i < len && !err; i += 3) {
		unsigned int left = len - i < 3 ? (unsigned int)(len - i) : 3;
		uint32_t group = (uint32_t)(unsigned char)bytes[i] << 16;
		char four[4];

		if (left > 1)
			group |= (uint32_t)(unsigned char)bytes[i + 1] << 8;
		if (left > 2)
			group |= (unsigned char)bytes[i + 2];
		for (unsigned int digit = 0; digit < 4; digit++)
			four[digit] = digits[group >> (18 - 6 * digit) & 63];
		for (unsigned int digit = left + 1; digit < 4; digit++)
			four[digit] = '=';
		err = pk_buf_add(out, four, sizeof(four));
	}
	return err;
}

/* Digits that what stands before or behind would change, by how far into a group of three it is. */
static const size_t offset_cut_before[] = { 0, 2, 3 };
static const size_t offset_cut_behind[] = { 0, 3, 2 };

static int encode_at(const struct pk_buf *bytes, size_t offset, struct parsed *to)
{
	pk_buf_cleanup struct pk_buf shifted = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf digits = PK_BUF_INIT;
	size_t cut_behind = offset_cut_behind[(offset + bytes->len_bytes) % 3];
	int err = pk_buf_add(&shifted, "  ", offset);

	if (!err)
		err = pk_buf_add(&shifted, bytes->data, bytes->len_bytes);
	if (!err)
		err = encode(shifted.data, shifted.len_bytes, &digits);
	for (size_t i = offset_cut_before[offset]; i + cut_behind < digits.len_bytes && !err; i++)
		err = add(to, digits.data[i], false);
	return err;
}

static bool keep_encoded(struct pk_sigma_rule *rule, const struct parsed *parsed,
			 const struct pk_sigma_item *item, const struct pk_yaml_node *value,
			 struct pk_sigma_patterns *list)
{
	pk_buf_cleanup struct pk_buf bytes = PK_BUF_INIT;
	int err;

	if (has_wildcards(parsed)) {
		pk_sigma_fail(rule, value, NULL,
			      "wildcards cannot be encoded in base64; write \\* and \\? for the "
			      "characters");
		return false;
	}
	err = item->wide ? widen(parsed->bytes.data, parsed->bytes.len_bytes, &bytes) :
			   pk_buf_add(&bytes, parsed->bytes.data, parsed->bytes.len_bytes);
	for (size_t offset = 0; offset < (item->base64offset ? 3 : 1) && !err; offset++) {
		pk_cleanup(parsed_fini) struct parsed one = { PK_BUF_INIT, PK_BUF_INIT };

		if (item->base64offset) {
			err = encode_at(&bytes, offset, &one);
		} else {
			pk_buf_cleanup struct pk_buf digits = PK_BUF_INIT;

			err = encode(bytes.data, bytes.len_bytes, &digits);
			for (size_t i = 0; i < digits.len_bytes && !err; i++)
				err = add(&one, digits.data[i], false);
		}
		if (!err && !keep(rule, &one, item, value, list))
			return false;
	}
	if (err)
		rule->ctx->err = err;
	return !err;
}

bool pk_sigma_value(struct pk_sigma_rule *rule, const struct pk_sigma_item *item,
		    const struct pk_yaml_node *value, struct pk_sigma_patterns *list)
{
	pk_cleanup(parsed_fini) struct parsed parsed = { PK_BUF_INIT, PK_BUF_INIT };
	int err = parse(value->text.data, value->text.len_bytes, &parsed);

	if (err) {
		rule->ctx->err = err;
		return false;
	}
	if (item->base64 || item->base64offset)
		return keep_encoded(rule, &parsed, item, value, list);
	if (item->windash)
		return keep_dashed(rule, &parsed, item, value, list);
	return keep(rule, &parsed, item, value, list);
}
