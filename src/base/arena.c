/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena is a list of chunks, each twice the size of the one before up to a bound; a piece that
 * does not fit gets a chunk of its own.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CHUNK_BYTES 4096u
#define LARGEST_CHUNK_BYTES (1u << 20)

struct pk_arena_chunk {
	struct pk_arena_chunk *next;
	size_t len_bytes;
	size_t cap_bytes;
	alignas(max_align_t) char data[];
};

void pk_arena_fini(struct pk_arena *arena)
{
	struct pk_arena_chunk *next;

	for (struct pk_arena_chunk *chunk = arena->chunk; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	*arena = PK_ARENA_INIT(arena->max_bytes);
}

static size_t next_cap(const struct pk_arena *arena)
{
	if (!arena->chunk)
		return FIRST_CHUNK_BYTES;
	if (arena->chunk->cap_bytes >= LARGEST_CHUNK_BYTES / 2)
		return LARGEST_CHUNK_BYTES;
	return arena->chunk->cap_bytes * 2;
}

static struct pk_arena_chunk *add_chunk(struct pk_arena *arena, size_t bytes)
{
	size_t cap_bytes = next_cap(arena);
	struct pk_arena_chunk *chunk;

	if (cap_bytes < bytes)
		cap_bytes = bytes;
	if (cap_bytes > arena->max_bytes - arena->used_bytes)
		cap_bytes = bytes;
	if (cap_bytes > arena->max_bytes - arena->used_bytes)
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + cap_bytes);
	if (!chunk)
		return NULL;
	chunk->cap_bytes = cap_bytes;
	chunk->next = arena->chunk;
	arena->chunk = chunk;
	arena->used_bytes += cap_bytes;
	return chunk;
}

void *pk_arena_alloc(struct pk_arena *arena, size_t bytes)
{
	struct pk_arena_chunk *chunk = arena->chunk;
	void *piece;

	if (bytes > arena->max_bytes)
		return NULL;
	bytes = bytes ? (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1) :
			alignof(max_align_t);
	if (!chunk || chunk->cap_bytes - chunk->len_bytes < bytes)
		chunk = add_chunk(arena, bytes);
	if (!chunk)
		return NULL;
	piece = chunk->data + chunk->len_bytes;
	chunk->len_bytes += bytes;
	return piece;
}

char *pk_arena_copy(struct pk_arena *arena, const void *data, size_t len)
{
	char *copy = len < arena->max_bytes ? pk_arena_alloc(arena, len + 1) : NULL;

	if (copy && len)
		memcpy(copy, data, len);
	return copy;
}
