/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things stand. Rule files are kept as read; a position is a file and a byte in it. A text
 * is what YAML, lists and appending made of pieces of the files, and knows for each of its bytes
 * the position that it came from.
 * Everything lives in the arena of the rule set.
 */
#ifndef PK_RULES_SOURCE_H
#define PK_RULES_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "rules/limits.h"

struct pk_rules_pos {
	uint32_t file_idx;
	uint32_t offset_bytes;
};

struct pk_rules_source {
	const char *path;
	const char *data; /* NUL behind it */
	size_t len_bytes;
	uint32_t *lines; /* offset of each line's first byte */
	size_t lines_cnt;
};

struct pk_rules_sources {
	struct pk_rules_source *files[PK_MAX_RULES_FILES];
	size_t cnt;
};

/* Copies path and data. -ENOMEM; -EMFILE past PK_MAX_RULES_FILES; -EFBIG past
 * PK_MAX_RULES_FILE_BYTES. */
int pk_rules_sources_add(struct pk_rules_sources *sources, struct pk_arena *arena, const char *path,
			 const char *data, size_t len, uint32_t *ret_file_idx);

/* Line and column, both from 1; a column is a character of UTF-8 (a stray byte counts as one). */
void pk_rules_sources_place(const struct pk_rules_sources *sources, struct pk_rules_pos pos,
			    uint32_t *ret_line, uint32_t *ret_column);

/* The line that `pos` is on, without its end; how many bytes before `pos` belong to it. */
const char *pk_rules_sources_line(const struct pk_rules_sources *sources, struct pk_rules_pos pos,
				  size_t *ret_len, size_t *ret_before);

/* Bytes of a text from `at` up to the next piece come from `pos` on, or all from `pos`. */
struct pk_rules_piece {
	uint32_t at;
	uint32_t span_bytes; /* 0: byte for byte; else all of it stands for that many bytes at pos */
	struct pk_rules_pos pos;
};

struct pk_rules_text {
	const char *data; /* NUL behind it, none within */
	size_t len_bytes;
	const struct pk_rules_piece *pieces; /* at least one, the first at 0 */
	size_t pieces_cnt;
};

/* Where byte `at` comes from; `at` may be the length: just behind the last byte. */
struct pk_rules_pos pk_rules_text_pos(const struct pk_rules_text *text, size_t at);

/* How many bytes of the file to underline for [from, to): at least 1. */
uint32_t pk_rules_text_span(const struct pk_rules_text *text, size_t from, size_t to);

/* A text being put together. Errors stick: pk_rules_draft_finish() tells. */
struct pk_rules_draft {
	struct pk_buf data;
	struct pk_buf pieces;
	int err;
};

#define PK_RULES_DRAFT_INIT ((struct pk_rules_draft){ .data = PK_BUF_INIT, .pieces = PK_BUF_INIT })

void pk_rules_draft_fini(struct pk_rules_draft *draft);
#define pk_rules_draft_cleanup pk_cleanup(pk_rules_draft_fini)

/* From here on bytes come from `pos` (span_bytes as in struct pk_rules_piece). */
void pk_rules_draft_mark(struct pk_rules_draft *draft, struct pk_rules_pos pos,
			 uint32_t span_bytes);
void pk_rules_draft_add(struct pk_rules_draft *draft, const char *data, size_t len);

/* Appends [from, to) of another text with its positions. */
void pk_rules_draft_add_text(struct pk_rules_draft *draft, const struct pk_rules_text *text,
			     size_t from, size_t to);

/* Takes away all from byte `len` on. */
void pk_rules_draft_cut(struct pk_rules_draft *draft, size_t len);

/* -ENOMEM, -EFBIG past PK_MAX_BUF_BYTES; then *ret_text is as before. */
int pk_rules_draft_finish(struct pk_rules_draft *draft, struct pk_arena *arena,
			  struct pk_rules_text *ret_text);

#endif
