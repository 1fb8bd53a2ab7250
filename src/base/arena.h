/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is freed all at once: many small pieces with one owner. Pieces are zeroed, aligned
 * for any type, and stay where they are until pk_arena_fini(). Always: used_bytes <= max_bytes.
 */
#ifndef PK_BASE_ARENA_H
#define PK_BASE_ARENA_H

#include <stddef.h>

struct pk_arena_chunk;

struct pk_arena {
	struct pk_arena_chunk *chunk; /* the one being filled; the others hang off it */
	size_t used_bytes;            /* asked of the system */
	size_t max_bytes;
};

#define PK_ARENA_INIT(max) ((struct pk_arena){ .max_bytes = (max) })

/* Frees every piece and leaves an empty arena with the same limit. */
void pk_arena_fini(struct pk_arena *arena);

/* A zeroed piece of `bytes`, of at least one byte; NULL: no memory, or past max_bytes. */
void *pk_arena_alloc(struct pk_arena *arena, size_t bytes);

/* A copy of `len` bytes with a NUL behind them; NULL as above. */
char *pk_arena_copy(struct pk_arena *arena, const void *data, size_t len);

#endif
