/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule files in memory, positions in them, and texts that remember where their bytes come from.
 */
#include "rules/source.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/utf8.h"

static int index_lines(struct pk_rules_source *source, struct pk_arena *arena)
{
	size_t lines_cnt = 1;

	for (size_t i = 0; i < source->len_bytes; i++)
		lines_cnt += source->data[i] == '\n';
	source->lines = pk_arena_alloc(arena, lines_cnt * sizeof(*source->lines));
	if (!source->lines)
		return -ENOMEM;
	source->lines_cnt = 1;
	for (size_t i = 0; i < source->len_bytes; i++) {
		if (source->data[i] == '\n')
			source->lines[source->lines_cnt++] = (uint32_t)i + 1;
	}
	return 0;
}

int pk_rules_sources_add(struct pk_rules_sources *sources, struct pk_arena *arena, const char *path,
			 const char *data, size_t len, uint32_t *ret_file_idx)
{
	struct pk_rules_source *source;

	if (sources->cnt == PK_MAX_RULES_FILES)
		return -EMFILE;
	if (len > PK_MAX_RULES_FILE_BYTES)
		return -EFBIG;
	source = pk_arena_alloc(arena, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->path = pk_arena_copy(arena, path, strlen(path));
	source->data = pk_arena_copy(arena, data, len);
	source->len_bytes = len;
	if (!source->path || !source->data || index_lines(source, arena))
		return -ENOMEM;
	*ret_file_idx = (uint32_t)sources->cnt;
	sources->files[sources->cnt++] = source;
	return 0;
}

/* The last line that starts at or before `offset`. */
static size_t line_idx(const struct pk_rules_source *source, size_t offset)
{
	size_t low = 0, high = source->lines_cnt;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (source->lines[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static const struct pk_rules_source *source_of(const struct pk_rules_sources *sources,
					       struct pk_rules_pos pos)
{
	assert(pos.file_idx < sources->cnt);
	return sources->files[pos.file_idx];
}

void pk_rules_sources_place(const struct pk_rules_sources *sources, struct pk_rules_pos pos,
			    uint32_t *ret_line, uint32_t *ret_column)
{
	const struct pk_rules_source *source = source_of(sources, pos);
	size_t line = line_idx(source, pos.offset_bytes);
	size_t at = source->lines[line];
	uint32_t column = 1;

	if (line == 0 && source->len_bytes >= 3 && !memcmp(source->data, "\xef\xbb\xbf", 3))
		at = 3; /* a byte order mark is no column */
	while (at < pos.offset_bytes && at < source->len_bytes) {
		size_t bytes = pk_utf8_check((const unsigned char *)source->data + at,
					     source->len_bytes - at);

		at += bytes ? bytes : 1;
		if (at <= pos.offset_bytes)
			column++;
	}
	*ret_line = (uint32_t)line + 1;
	*ret_column = column;
}

const char *pk_rules_sources_line(const struct pk_rules_sources *sources, struct pk_rules_pos pos,
				  size_t *ret_len, size_t *ret_before)
{
	const struct pk_rules_source *source = source_of(sources, pos);
	size_t offset = pos.offset_bytes < source->len_bytes ? pos.offset_bytes : source->len_bytes;
	const char *start = source->data + source->lines[line_idx(source, offset)];
	const char *end = source->data + source->len_bytes;
	const char *newline = memchr(start, '\n', (size_t)(end - start));

	if (newline)
		end = newline;
	if (end > start && end[-1] == '\r')
		end--;
	*ret_len = (size_t)(end - start);
	*ret_before = (size_t)(source->data + offset - start);
	if (*ret_before > *ret_len)
		*ret_before = *ret_len;
	return start;
}

static const struct pk_rules_piece *piece_at(const struct pk_rules_text *text, size_t at)
{
	size_t low = 0, high = text->pieces_cnt;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (text->pieces[middle].at <= at)
			low = middle;
		else
			high = middle;
	}
	return &text->pieces[low];
}

struct pk_rules_pos pk_rules_text_pos(const struct pk_rules_text *text, size_t at)
{
	const struct pk_rules_piece *piece = piece_at(text, at);
	struct pk_rules_pos pos = piece->pos;

	if (!piece->span_bytes)
		pos.offset_bytes += (uint32_t)(at - piece->at);
	else if (at == text->len_bytes)
		pos.offset_bytes += piece->span_bytes;
	return pos;
}

uint32_t pk_rules_text_span(const struct pk_rules_text *text, size_t from, size_t to)
{
	struct pk_rules_pos start = pk_rules_text_pos(text, from);
	const struct pk_rules_piece *last;
	uint32_t end;

	if (to <= from)
		return 1;
	last = piece_at(text, to - 1);
	end = last->pos.offset_bytes;
	end += last->span_bytes ? last->span_bytes : (uint32_t)(to - last->at);
	if (last->pos.file_idx != start.file_idx || end <= start.offset_bytes)
		return 1;
	return end - start.offset_bytes;
}

void pk_rules_draft_fini(struct pk_rules_draft *draft)
{
	pk_buf_fini(&draft->data);
	pk_buf_fini(&draft->pieces);
}

/* Whether `piece` says nothing that `last` does not say. */
static bool goes_on(const struct pk_rules_piece *last, const struct pk_rules_piece *piece)
{
	return !last->span_bytes && !piece->span_bytes && last->at < piece->at &&
	       last->pos.file_idx == piece->pos.file_idx &&
	       last->pos.offset_bytes + (piece->at - last->at) == piece->pos.offset_bytes;
}

void pk_rules_draft_mark(struct pk_rules_draft *draft, struct pk_rules_pos pos, uint32_t span_bytes)
{
	struct pk_rules_piece piece = {
		.at = (uint32_t)draft->data.len_bytes,
		.span_bytes = span_bytes,
		.pos = pos,
	};
	struct pk_rules_piece last;

	if (draft->pieces.len_bytes) {
		memcpy(&last, draft->pieces.data + draft->pieces.len_bytes - sizeof(last),
		       sizeof(last));
		if (goes_on(&last, &piece))
			return;
		if (last.at == piece.at)
			draft->pieces.len_bytes -= sizeof(last);
	}
	if (!draft->err)
		draft->err = pk_buf_add(&draft->pieces, &piece, sizeof(piece));
}

void pk_rules_draft_add(struct pk_rules_draft *draft, const char *data, size_t len)
{
	if (!draft->err)
		draft->err = pk_buf_add(&draft->data, data, len);
}

void pk_rules_draft_add_text(struct pk_rules_draft *draft, const struct pk_rules_text *text,
			     size_t from, size_t to)
{
	const struct pk_rules_piece *piece = piece_at(text, from);
	const struct pk_rules_piece *end = text->pieces + text->pieces_cnt;

	while (from < to) {
		size_t stop = piece + 1 < end && piece[1].at < to ? piece[1].at : to;
		struct pk_rules_pos pos = piece->pos;

		if (!piece->span_bytes)
			pos.offset_bytes += (uint32_t)(from - piece->at);
		pk_rules_draft_mark(draft, pos, piece->span_bytes);
		pk_rules_draft_add(draft, text->data + from, stop - from);
		from = stop;
		piece++;
	}
}

void pk_rules_draft_cut(struct pk_rules_draft *draft, size_t len)
{
	struct pk_rules_piece *pieces = (struct pk_rules_piece *)draft->pieces.data;
	size_t cnt = draft->pieces.len_bytes / sizeof(*pieces);

	if (len >= draft->data.len_bytes)
		return;
	draft->data.len_bytes = len;
	while (cnt > 1 && pieces[cnt - 1].at > len)
		cnt--;
	draft->pieces.len_bytes = cnt * sizeof(*pieces);
}

int pk_rules_draft_finish(struct pk_rules_draft *draft, struct pk_arena *arena,
			  struct pk_rules_text *ret_text)
{
	struct pk_rules_text text = { .len_bytes = draft->data.len_bytes };
	struct pk_rules_piece *pieces;

	if (draft->err)
		return draft->err;
	assert(draft->pieces.len_bytes);
	text.data = pk_arena_copy(arena, draft->data.data, draft->data.len_bytes);
	pieces = pk_arena_alloc(arena, draft->pieces.len_bytes);
	if (!text.data || !pieces)
		return -ENOMEM;
	memcpy(pieces, draft->pieces.data, draft->pieces.len_bytes);
	text.pieces = pieces;
	text.pieces_cnt = draft->pieces.len_bytes / sizeof(*pieces);
	*ret_text = text;
	return 0;
}
