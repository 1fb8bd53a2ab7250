/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of the protocol buffers wire format as a few requests and answers of containerd and CRI-O take:
 * https://protobuf.dev/programming-guides/encoding. Bytes read are hostile.
 */
#ifndef PK_META_PROTOBUF_H
#define PK_META_PROTOBUF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "stream/record.h"

#define PK_MAX_PROTOBUF_FIELDS 65536u /* of one message */

/* One field of a message. */
struct pk_pb_field {
	uint32_t number;
	bool is_bytes;        /* text, bytes or a message: `bytes`; else `value` */
	uint64_t value;       /* varint and fixed ones */
	struct pk_text bytes; /* within the message */
};

/* Takes the next field off `message`. 1; 0: the end; -EBADMSG. */
int pk_pb_next(struct pk_text *message, struct pk_pb_field *ret_field);

/* -ENOMEM */
int pk_pb_add_text(struct pk_buf *buf, uint32_t number, const char *text);

#endif
