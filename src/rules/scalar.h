/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the bytes of a YAML scalar stand. In: what the scalar says and the bytes of the file that
 * say it. Out: the same text with positions.
 */
#ifndef PK_RULES_SCALAR_H
#define PK_RULES_SCALAR_H

#include "rules/source.h"

enum pk_yaml_style {
	PK_YAML_PLAIN,
	PK_YAML_SINGLE_QUOTED,
	PK_YAML_DOUBLE_QUOTED,
	PK_YAML_BLOCK, /* literal and folded */
};

/*
 * `source` are the bytes of the file from `pos` on: within the quotes, or from the first line of a
 * block. Line breaks, indentation and escapes may differ, the rest must be the same; where it is
 * not, positions stay near and never leave the bytes given. -ENOMEM, -EFBIG.
 */
int pk_yaml_map(const char *text, size_t len, const char *source, size_t source_len,
		struct pk_rules_pos pos, enum pk_yaml_style style, struct pk_arena *arena,
		struct pk_rules_text *ret_text);

#endif
