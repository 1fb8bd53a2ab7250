/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign text to a json-c tree, bounded in depth and in memory: a few bytes of text ("{},") can take a hundred times as
 * much in the tree.
 */
#ifndef PK_META_JSON_PARSE_H
#define PK_META_JSON_PARSE_H

#include <json-c/json.h>
#include <stddef.h>

#include "base/cleanup.h"

#define PK_MAX_JSON_NESTED 32768u  /* objects and arrays of one text, 800 bytes each and more */
#define PK_MAX_JSON_VALUES 262144u /* values of one text */

static inline void pk_json_put_p(struct json_object **object)
{
	json_object_put(*object);
}
#define pk_json_cleanup pk_cleanup(pk_json_put_p)

/* The whole text, of INT_MAX bytes at most, is one value. -EBADMSG, also of more levels than `depth`; -EFBIG past a limit;
 * -ENOMEM. */
int pk_json_parse_text(const char *text, size_t len, int depth, struct json_object **ret_object);

#endif
