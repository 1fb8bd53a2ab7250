// SPDX-License-Identifier: Apache-2.0
/*
 * Whether the parts are JSON is for the parser to say: here only strings and brackets are told apart.
 */
#include "meta/k8s_items.h"

#include <errno.h>
#include <string.h>

void pk_k8s_parts_init(struct pk_k8s_parts *parts, const struct pk_k8s_want *want,
		       pk_k8s_part_fn *fn, void *arg)
{
	*parts = (struct pk_k8s_parts){
		.filter = PK_K8S_FILTER_INIT(want),
		.fn = fn,
		.arg = arg,
	};
}

void pk_k8s_parts_fini(struct pk_k8s_parts *parts)
{
	pk_k8s_filter_fini(&parts->filter);
	pk_buf_fini(&parts->head);
}

static int end_part(struct pk_k8s_parts *parts)
{
	struct pk_k8s_filter *filter = &parts->filter;
	int err = pk_k8s_filter_end(filter);

	if (!err)
		err = parts->fn(parts->arg, filter->out.data, filter->out.len_bytes, filter->flags);
	if (err == -EBADMSG || err == -EFBIG) {
		parts->refused_cnt++;
		err = 0;
	} else if (!err) {
		parts->part_cnt++;
	}
	pk_k8s_filter_reset(filter);
	return err;
}

int pk_k8s_parts_add_lines(struct pk_k8s_parts *parts, const char *data, size_t len)
{
	while (len) {
		const char *newline = memchr(data, '\n', len);
		size_t part = newline ? (size_t)(newline - data) : len;
		int err = 0;

		pk_k8s_filter_add(&parts->filter, data, part);
		if (!newline)
			return 0;
		if (parts->filter.raw_bytes || parts->filter.err)
			err = end_part(parts);
		if (err)
			return err;
		data += part + 1;
		len -= part + 1;
	}
	return 0;
}

/* ---- lists ---- */

static int keep_head(struct pk_k8s_parts *parts, char c)
{
	if (parts->head.len_bytes == PK_MAX_K8S_HEAD_BYTES)
		return -EFBIG;
	return pk_buf_add_char(&parts->head, c);
}

/* Inside an item: strings and brackets, until the one that ends it. */
static void item_byte(struct pk_k8s_parts *parts, char c)
{
	if (parts->in_string) {
		if (!parts->escaped && c == '"')
			parts->in_string = false;
		parts->escaped = !parts->escaped && c == '\\';
		return;
	}
	if (c == '"')
		parts->in_string = true;
	else if (c == '{' || c == '[')
		parts->depth++;
	else if (c == '}' || c == ']')
		parts->depth--;
}

/* The bytes of `data` that belong to the item at hand go through the filter: how many. */
static size_t item_bytes(struct pk_k8s_parts *parts, const char *data, size_t len, int *err)
{
	size_t i = 0;

	while (i < len && parts->depth > 2)
		item_byte(parts, data[i++]);
	pk_k8s_filter_add(&parts->filter, data, i);
	*err = parts->depth > 2 ? 0 : end_part(parts);
	return i;
}

/* Between items. */
static int gap_byte(struct pk_k8s_parts *parts, char c)
{
	switch (c) {
	case '{':
		parts->depth = 3;
		pk_k8s_filter_add(&parts->filter, &c, 1);
		return 0;
	case ']':
		parts->depth = 1;
		parts->in_items = false;
		return keep_head(parts, c);
	case ',':
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		return 0;
	default:
		return -EBADMSG;
	}
}

static void head_string_byte(struct pk_k8s_parts *parts, char c)
{
	if (!parts->escaped && c == '"')
		parts->in_string = false;
	else if (parts->depth == 1 && parts->key_len < sizeof(parts->key))
		parts->key[parts->key_len++] = c;
	parts->escaped = !parts->escaped && c == '\\';
}

static int head_byte(struct pk_k8s_parts *parts, char c)
{
	bool is_items = parts->depth == 1 && parts->key_len == 5 && !memcmp(parts->key, "items", 5);

	if (parts->in_string) {
		head_string_byte(parts, c);
	} else if (c == '"') {
		parts->in_string = true;
		parts->key_len = 0;
	} else if (c == '{' || c == '[') {
		parts->in_items = c == '[' && is_items;
		parts->depth++;
		parts->key_len = 0;
	} else if ((c == '}' || c == ']') && parts->depth > 0) {
		parts->depth--;
	}
	return keep_head(parts, c);
}

int pk_k8s_parts_add_list(struct pk_k8s_parts *parts, const char *data, size_t len)
{
	int err = 0;

	for (size_t i = 0; i < len && !err;) {
		if (!parts->in_items)
			err = head_byte(parts, data[i++]);
		else if (parts->depth > 2)
			i += item_bytes(parts, data + i, len - i, &err);
		else
			err = gap_byte(parts, data[i++]);
	}
	return err;
}
