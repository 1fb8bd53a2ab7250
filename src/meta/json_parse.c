// SPDX-License-Identifier: Apache-2.0
/*
 * What the tree would take is told by the text's punctuation, before json-c sees it.
 */
#include "meta/json_parse.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static void tokener_free_p(struct json_tokener **tokener)
{
	if (*tokener)
		json_tokener_free(*tokener);
}

/* Counts what opens something, and what separates values, outside of strings. Other quotes than JSON's, which
 * json-c takes around keys even when it is strict, would hide things from it. -EFBIG, -EBADMSG. */
static int measure(const char *text, size_t len)
{
	size_t nested = 0, values = 1;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (c == '\'')
			return -EBADMSG;
		else if (c == '{' || c == '[')
			nested++;
		else if (c == ',')
			values++;
		if (nested > PK_MAX_JSON_NESTED || nested + values > PK_MAX_JSON_VALUES)
			return -EFBIG;
	}
	return 0;
}

int pk_json_parse_text(const char *text, size_t len, int depth, struct json_object **ret_object)
{
	pk_cleanup(tokener_free_p) struct json_tokener *tokener = NULL;
	pk_json_cleanup struct json_object *object = NULL;
	int err = measure(text, len);

	if (err)
		return err;
	tokener = json_tokener_new_ex(depth);
	if (!tokener)
		return -ENOMEM;
	/* no comments, for the same reason */
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	object = json_tokener_parse_ex(tokener, text, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success || !object)
		return -EBADMSG;
	for (size_t i = json_tokener_get_parse_end(tokener); i < len; i++) {
		if (!text[i] || !strchr(" \t\r\n", text[i]))
			return -EBADMSG;
	}
	*ret_object = pk_take_ptr(object);
	return 0;
}
