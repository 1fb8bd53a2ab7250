/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that becomes a rule file: parts of conditions, scalars and comments of YAML. In: whatever a policy
 * says, which may be hostile. Out: text that means nothing but what was meant. Errors stick.
 */
#ifndef PK_IMPORT_TEXT_H
#define PK_IMPORT_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct pk_import_text {
	struct pk_buf buf;
	int err; /* -ENOMEM, -EFBIG */
};

#define PK_IMPORT_TEXT_INIT ((struct pk_import_text){ .buf = PK_BUF_INIT })

void pk_import_text_fini(struct pk_import_text *text);
#define pk_import_text_cleanup pk_cleanup(pk_import_text_fini)

static inline bool pk_import_text_is_empty(const struct pk_import_text *text)
{
	return !text->buf.len_bytes;
}

void pk_import_text_add(struct pk_import_text *text, const char *data, size_t len);
void pk_import_text_str(struct pk_import_text *text, const char *str);
void pk_import_text_number(struct pk_import_text *text, int64_t number);
void pk_import_text_append(struct pk_import_text *text, const struct pk_import_text *other);

/*
 * In a condition a line end is a blank where a line may be broken; pk_import_text_folded() decides.
 * Whether such a text can be a literal of a condition: UTF-8 without what cannot be seen, and not too long.
 */
bool pk_import_text_can_quote(const char *data, size_t len);
/* The literal, in quotes. The text can be quoted. */
void pk_import_text_quoted(struct pk_import_text *text, const char *data, size_t len);

/* A condition as a YAML scalar in single quotes, lines broken, `indent` blanks before each but the first. */
void pk_import_text_folded(struct pk_import_text *text, const struct pk_import_text *condition,
			   unsigned int column, unsigned int indent);

/* Of foreign text what is letters, digits and . _ - / : [ ] blank, the rest as '_', up to `max_bytes`. */
void pk_import_text_plain(struct pk_import_text *text, const char *data, size_t len,
			  size_t max_bytes);
/* Of foreign text what can be seen, ASCII only, the rest as '?', up to `max_bytes`: for comments. */
void pk_import_text_visible(struct pk_import_text *text, const char *data, size_t len,
			    size_t max_bytes);

#endif
