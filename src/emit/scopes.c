/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that require a fact of the container, by its bit. In the container at hand nearly none of those
 * bits can be true, so that words without any are passed over with one test for 64 of them, and bytes for
 * 8:
 *
 *         if word of c is 0: goto next word
 *         if byte of it is 0: goto next byte
 *         rules of these 8 bits
 *     next byte: ...
 *
 * When a chunk is full, the tests that are open are closed, and opened again in the next one.
 */
#include "emit/program.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

struct scoped {
	uint32_t bit; /* from PK_WORD_CONTAINER on */
	uint32_t item;
};

struct scopes {
	struct pk_program *program;
	uint32_t word, byte;         /* numbers of what is open, from PK_WORD_CONTAINER on */
	uint32_t word_end, byte_end; /* labels; PK_LABEL_NONE: nothing is open */
};

static int by_bit(const void *a, const void *b)
{
	const struct scoped *x = a;
	const struct scoped *y = b;

	if (x->bit != y->bit)
		return x->bit < y->bit ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

static void close_byte(struct scopes *scopes)
{
	if (scopes->byte_end != PK_LABEL_NONE)
		pk_coder_bind(&pk_program_last(scopes->program)->coder, scopes->byte_end, false);
	scopes->byte_end = PK_LABEL_NONE;
}

static void close_word(struct scopes *scopes)
{
	close_byte(scopes);
	if (scopes->word_end != PK_LABEL_NONE)
		pk_coder_bind(&pk_program_last(scopes->program)->coder, scopes->word_end, false);
	scopes->word_end = PK_LABEL_NONE;
}

/* Where it is 0, control goes to the label that is returned. */
static uint32_t open_part(struct pk_program_chunk *chunk, uint8_t size, size_t off)
{
	uint32_t end = pk_coder_label(&chunk->coder);

	pk_coder_load(&chunk->coder, size, BPF_REG_0, BPF_REG_7, off);
	pk_coder_if(&chunk->coder, BPF_JEQ, BPF_REG_0, 0, size == BPF_DW, end);
	chunk->path_cnt++;
	return end;
}

static void open_for(struct scopes *scopes, uint32_t bit)
{
	struct pk_program_chunk *chunk = pk_program_last(scopes->program);
	size_t off = PK_JUDGE_OFF(c) + (PK_WORD_CONTAINER + bit / 64) * sizeof(uint64_t);
	uint32_t byte = bit % 64 / 8;

	if (scopes->word_end == PK_LABEL_NONE) {
		scopes->word = bit / 64;
		scopes->word_end = open_part(chunk, BPF_DW, off);
	}
	if (scopes->byte_end == PK_LABEL_NONE) {
		scopes->byte = bit / 8;
		if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
			byte = 7 - byte;
		scopes->byte_end = open_part(chunk, BPF_B, off + byte);
	}
}

static void add_rule(struct scopes *scopes, const struct scoped *scoped)
{
	struct pk_program *program = scopes->program;
	const struct pk_judged *judged = &program->circuit->judged[scoped->item];

	if (scoped->bit / 64 != scopes->word)
		close_word(scopes);
	if (scoped->bit / 8 != scopes->byte)
		close_byte(scopes);
	for (int fresh = 0; fresh < 2 && !program->err; fresh++) {
		struct pk_program_chunk *chunk = pk_program_last(program);
		struct pk_coder_mark mark = pk_coder_mark(&chunk->coder);
		size_t path_cnt = chunk->path_cnt;
		struct scopes before = *scopes;

		open_for(scopes, scoped->bit);
		pk_program_rule(program, chunk, NULL, judged);
		if (pk_program_fits(chunk, 0))
			return;
		if (chunk->coder.err || fresh) {
			program->err = chunk->coder.err ? chunk->coder.err : -E2BIG;
			return;
		}
		pk_coder_rewind(&chunk->coder, mark);
		chunk->path_cnt = path_cnt;
		*scopes = before;
		close_word(scopes);
		pk_program_tail(program, chunk, program->cnt);
		pk_program_open(program);
	}
}

void pk_program_scopes(struct pk_program *program, const uint32_t *items, size_t cnt)
{
	struct scopes scopes = { .program = program,
				 .word_end = PK_LABEL_NONE,
				 .byte_end = PK_LABEL_NONE };
	pk_cleanup(pk_free_p) struct scoped *all = calloc(cnt + 1, sizeof(*all));

	if (!all) {
		program->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < cnt; i++) {
		const struct pk_lit *scope = program->circuit->judged[items[i]].scope;

		all[i] = (struct scoped){ (scope->word - PK_WORD_CONTAINER) * 64u + scope->bit,
					  items[i] };
	}
	qsort(all, cnt, sizeof(*all), by_bit);
	for (size_t i = 0; i < cnt && !program->err; i++)
		add_rule(&scopes, &all[i]);
	close_word(&scopes);
}
