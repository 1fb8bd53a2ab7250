/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading foreign JSON with json-c: bounded in size and depth; whatever has another type than expected is as if
 * it were not there.
 */
#ifndef PK_META_JSON_READ_H
#define PK_META_JSON_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "meta/draft.h"
#include "meta/json_parse.h"

#define PK_MAX_CONTAINER_JSON_BYTES (4u << 20)
#define PK_MAX_CONTAINER_JSON_DEPTH 32
#define PK_MAX_CONTAINER_JSON_ITEMS 4096u /* of one array or object that is gone through */

/* As pk_json_parse_text(). -EFBIG also past PK_MAX_CONTAINER_JSON_BYTES. */
int pk_json_parse(const char *text, size_t len, struct json_object **ret_object);

/* A file's value. As pk_json_slurp() and pk_json_parse(). */
int pk_json_read_file(const char *path, struct json_object **ret_object);

/* A regular file's bytes, with a NUL behind them. -errno: -ELOOP of a symbolic link; -EINVAL of what is no regular file;
 * -EFBIG past `max_bytes`. */
int pk_json_slurp(const char *path, size_t max_bytes, struct pk_buf *ret_text);

/* The member at the end of `path`, keys with dots between; NULL: there is none. Borrowed. */
struct json_object *pk_json_at(struct json_object *object, const char *path);
/* The member called `key`, which may hold dots. */
struct json_object *pk_json_get(struct json_object *object, const char *key);

/* A text, NULL if it is none or is not there; and its length. Borrowed. */
const char *pk_json_text(struct json_object *value, size_t *ret_len);
/* The same by pk_json_at(), "" instead of NULL. */
const char *pk_json_text_at(struct json_object *object, const char *path);

bool pk_json_is_true(struct json_object *value);

/* Sets a text of the draft by pk_json_at() unless there is none or it is empty. -ENOMEM */
int pk_json_draft_text(struct pk_draft *draft, struct pk_text *field, struct json_object *object,
		       const char *path);

/* All members of an object whose values are texts, as labels. Other members are left out. -ENOMEM */
int pk_json_draft_labels(struct pk_draft *draft, struct json_object *object);

#endif
