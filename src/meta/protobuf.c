// SPDX-License-Identifier: Apache-2.0
/*
 * Protocol buffers, the wire format.
 */
#include "meta/protobuf.h"

#include <errno.h>
#include <string.h>

enum {
	VARINT = 0,
	FIXED64 = 1,
	BYTES = 2,
	FIXED32 = 5
};

static bool take_varint(struct pk_text *message, uint64_t *ret_value)
{
	*ret_value = 0;
	for (unsigned int shift = 0; shift < 70 && message->len; shift += 7) {
		unsigned char byte = (unsigned char)*message->data;

		message->data++;
		message->len--;
		if (shift < 64)
			*ret_value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool take_bytes(struct pk_text *message, uint64_t len, struct pk_text *ret_bytes)
{
	if (len > message->len)
		return false;
	*ret_bytes = (struct pk_text){ message->data, (size_t)len };
	message->data += len;
	message->len -= (size_t)len;
	return true;
}

int pk_pb_next(struct pk_text *message, struct pk_pb_field *ret_field)
{
	uint64_t key, len;
	bool good;

	if (!message->len)
		return 0;
	*ret_field = (struct pk_pb_field){ 0 };
	if (!take_varint(message, &key) || !(key >> 3) || key >> 3 > UINT32_MAX)
		return -EBADMSG;
	ret_field->number = (uint32_t)(key >> 3);
	switch (key & 7) {
	case VARINT:
		good = take_varint(message, &ret_field->value);
		break;
	case FIXED64:
		good = take_bytes(message, 8, &ret_field->bytes);
		break;
	case FIXED32:
		good = take_bytes(message, 4, &ret_field->bytes);
		break;
	case BYTES:
		ret_field->is_bytes = true;
		good = take_varint(message, &len) && take_bytes(message, len, &ret_field->bytes);
		break;
	default:
		good = false;
		break;
	}
	return good ? 1 : -EBADMSG;
}

static int add_varint(struct pk_buf *buf, uint64_t value)
{
	int err = 0;

	for (; value > 0x7f && !err; value >>= 7)
		err = pk_buf_add_char(buf, (char)(value | 0x80));
	return err ? err : pk_buf_add_char(buf, (char)value);
}

int pk_pb_add_text(struct pk_buf *buf, uint32_t number, const char *text)
{
	int err = add_varint(buf, (uint64_t)number << 3 | BYTES);

	err = err ?: add_varint(buf, strlen(text));
	return err ?: pk_buf_add_str(buf, text);
}
