// SPDX-License-Identifier: Apache-2.0
/*
 * Foreign JSON.
 */
#include "meta/json_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

int pk_json_parse(const char *text, size_t len, struct json_object **ret_object)
{
	if (len > PK_MAX_CONTAINER_JSON_BYTES)
		return -EFBIG;
	return pk_json_parse_text(text, len, PK_MAX_CONTAINER_JSON_DEPTH, ret_object);
}

int pk_json_slurp(const char *path, size_t max_bytes, struct pk_buf *ret_text)
{
	/* whoever may write to the directory chooses what a link leads to: opening a device acts on it */
	pk_cleanup(pk_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY |
							   O_NOFOLLOW);
	struct stat st;
	int err;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	pk_buf_clear(ret_text);
	for (;;) {
		ssize_t got;

		err = pk_buf_reserve(ret_text, 8192);
		if (err)
			return err;
		got = read(fd, ret_text->data + ret_text->len_bytes, 8191);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		ret_text->len_bytes += (size_t)got;
		if (ret_text->len_bytes > max_bytes)
			return -EFBIG;
	}
	ret_text->data[ret_text->len_bytes] = '\0';
	return 0;
}

int pk_json_read_file(const char *path, struct json_object **ret_object)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	int err = pk_json_slurp(path, PK_MAX_CONTAINER_JSON_BYTES, &text);

	return err ? err : pk_json_parse(text.data, text.len_bytes, ret_object);
}

struct json_object *pk_json_get(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value))
		return NULL;
	return value;
}

struct json_object *pk_json_at(struct json_object *object, const char *path)
{
	char key[64];

	while (object && *path) {
		size_t len = strcspn(path, ".");

		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		object = pk_json_get(object, key);
		path += len + (path[len] == '.');
	}
	return object;
}

const char *pk_json_text(struct json_object *value, size_t *ret_len)
{
	if (!json_object_is_type(value, json_type_string))
		return NULL;
	*ret_len = (size_t)json_object_get_string_len(value);
	return json_object_get_string(value);
}

const char *pk_json_text_at(struct json_object *object, const char *path)
{
	size_t len;
	const char *text = pk_json_text(pk_json_at(object, path), &len);

	return text ? text : "";
}

bool pk_json_is_true(struct json_object *value)
{
	return json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}

int pk_json_draft_text(struct pk_draft *draft, struct pk_text *field, struct json_object *object,
		       const char *path)
{
	size_t len;
	const char *text = pk_json_text(pk_json_at(object, path), &len);

	return text && *text ? pk_draft_text(draft, field, text, len) : 0;
}

int pk_json_draft_labels(struct pk_draft *draft, struct json_object *object)
{
	size_t cnt = 0;
	int err = 0;

	if (!json_object_is_type(object, json_type_object))
		return 0;
	json_object_object_foreach(object, key, value)
	{
		size_t len;
		const char *text = pk_json_text(value, &len);

		if (++cnt > PK_MAX_CONTAINER_JSON_ITEMS) {
			draft->container.flags |= PK_CONTAINER_LABELS_CUT;
			break;
		}
		if (text)
			err = pk_draft_label(draft, key, text, len);
		if (err)
			break;
	}
	return err;
}
