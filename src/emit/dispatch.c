/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keyed rules of one slot. In one chunk:
 *
 *         goto search
 *     b1: rules of a group;  if class is known: goto done
 *     b2: rules of a group;  if class is known: goto done
 *         goto unknown
 *     search: class unknown: goto b1;  binary search: goto its group, or miss
 *
 * An unknown class may be any: all groups are gone through. A rule that stands in several of them
 * is passed over there from the second time on. When the groups need several chunks, `miss` of
 * the first goes straight to the one that has the class, and `done` of each to the last, which
 * goes on with the next slot. A group that is larger than a chunk stands in several, one after
 * the other: `more`.
 */
#include "emit/program.h"

#include <errno.h>
#include <stdlib.h>

#define LINEAR_MAX 3u

/* What one chunk has of the slot's groups. */
struct part {
	size_t chunk;
	uint32_t search, first, done, unknown, miss, more; /* labels */
	size_t from, to;                                   /* entries */
};

struct dispatch {
	struct pk_program *program;
	const struct pk_groups *groups;
	uint16_t slot;
	uint32_t *labels; /* by group: where it stands in the part being filled */
	struct part parts[PK_CHUNKS];
	size_t cnt;
};

static void search(struct dispatch *dispatch, struct pk_coder *coder, size_t from, size_t to,
		   uint32_t miss)
{
	const struct pk_group_entry *entries = dispatch->groups->entries;

	if (to - from > LINEAR_MAX) {
		size_t mid = from + (to - from) / 2;
		uint32_t right = pk_coder_label(coder);

		pk_coder_if(coder, BPF_JGT, BPF_REG_8, entries[mid - 1].hi, false, right);
		search(dispatch, coder, from, mid, miss);
		pk_coder_bind(coder, right, false);
		search(dispatch, coder, mid, to, miss);
		return;
	}
	for (size_t i = from; i < to; i++) {
		uint32_t label = dispatch->labels[entries[i].group];

		if (entries[i].lo == entries[i].hi) {
			pk_coder_if(coder, BPF_JEQ, BPF_REG_8, entries[i].lo, false, label);
			continue;
		}
		pk_coder_if(coder, BPF_JLT, BPF_REG_8, entries[i].lo, false, miss);
		pk_coder_if(coder, BPF_JLE, BPF_REG_8, entries[i].hi, false, label);
	}
	pk_coder_goto(coder, miss);
}

static void open_part(struct dispatch *dispatch, size_t from)
{
	struct pk_program *program = dispatch->program;
	struct part *part = &dispatch->parts[dispatch->cnt++];
	struct pk_coder *coder = &pk_program_last(program)->coder;

	*part = (struct part){ .chunk = program->cnt - 1, .from = from, .to = from };
	part->search = pk_coder_label(coder);
	part->first = pk_coder_label(coder);
	part->done = pk_coder_label(coder);
	part->unknown = pk_coder_label(coder);
	part->miss = pk_coder_label(coder);
	part->more = pk_coder_label(coder);
	for (size_t i = 0; i < dispatch->groups->cnt; i++)
		dispatch->labels[i] = PK_LABEL_NONE;
	pk_coder_load(coder, BPF_W, BPF_REG_8, BPF_REG_7,
		      PK_JUDGE_OFF(cls) + dispatch->slot * sizeof(uint32_t));
	pk_coder_goto(coder, part->search);
	pk_coder_bind(coder, part->first, true);
}

static void close_part(struct dispatch *dispatch)
{
	struct part *part = &dispatch->parts[dispatch->cnt - 1];
	struct pk_coder *coder = &dispatch->program->chunks[part->chunk].coder;

	pk_coder_goto(coder, part->unknown);
	pk_coder_bind(coder, part->search, false);
	pk_coder_if(coder, BPF_JEQ, BPF_REG_8, PK_CLS_UNKNOWN, false, part->first);
	search(dispatch, coder, part->from, part->to, part->miss);
}

/* A rule of a group: not if it was looked at already. */
static void grouped_rule(struct dispatch *dispatch, struct pk_program_chunk *chunk, uint32_t item)
{
	const struct pk_judged *judged = &dispatch->program->circuit->judged[item];
	struct pk_coder *coder = &chunk->coder;
	uint32_t skip = pk_coder_label(coder);

	if (dispatch->program->done[item])
		pk_coder_if(coder, BPF_JEQ, BPF_REG_8, PK_CLS_UNKNOWN, false, skip);
	if (judged->key->slot != dispatch->slot) {
		/* by its second slot: when the first one led to it, it has been looked at */
		uint32_t go_on = pk_coder_label(coder);
		size_t before = coder->jump_cnt;

		pk_logic_class(coder, judged->key, judged->key->slot, skip, go_on, go_on);
		chunk->path_cnt += coder->jump_cnt - before;
		pk_coder_bind(coder, go_on, false);
	}
	pk_program_rule(dispatch->program, chunk, NULL, judged);
	pk_coder_bind(coder, skip, false);
}

/* False: it does not fit into the chunk, which is as before. */
static bool add_group(struct dispatch *dispatch, uint32_t idx, size_t entry_cnt)
{
	const struct pk_group *group = &dispatch->groups->groups[idx];
	struct part *part = &dispatch->parts[dispatch->cnt - 1];
	struct pk_program_chunk *chunk = &dispatch->program->chunks[part->chunk];
	struct pk_coder_mark mark = pk_coder_mark(&chunk->coder);
	size_t path_cnt = chunk->path_cnt;
	uint32_t label = pk_coder_label(&chunk->coder);

	pk_coder_bind(&chunk->coder, label, true);
	for (size_t i = 0; i < group->cnt && pk_program_fits(chunk, entry_cnt); i++)
		grouped_rule(dispatch, chunk, group->items[i]);
	pk_coder_if(&chunk->coder, BPF_JNE, BPF_REG_8, PK_CLS_UNKNOWN, false, part->done);
	if (!pk_program_fits(chunk, entry_cnt)) {
		pk_coder_rewind(&chunk->coder, mark);
		chunk->path_cnt = path_cnt;
		return false;
	}
	dispatch->labels[idx] = label;
	for (size_t i = 0; i < group->cnt; i++)
		dispatch->program->done[group->items[i]] = true;
	return true;
}

/* As many rules of a group as the chunk takes, from *from on; a known class goes on in the next
 * chunk. */
static void add_piece(struct dispatch *dispatch, uint32_t idx, size_t *from)
{
	const struct pk_group *group = &dispatch->groups->groups[idx];
	struct part *part = &dispatch->parts[dispatch->cnt - 1];
	struct pk_program_chunk *chunk = &dispatch->program->chunks[part->chunk];
	uint32_t label = pk_coder_label(&chunk->coder);

	pk_coder_bind(&chunk->coder, label, true);
	for (; *from < group->cnt; ++*from) {
		struct pk_coder_mark mark = pk_coder_mark(&chunk->coder);
		size_t path_cnt = chunk->path_cnt;

		grouped_rule(dispatch, chunk, group->items[*from]);
		if (!pk_program_fits(chunk, 1)) {
			pk_coder_rewind(&chunk->coder, mark);
			chunk->path_cnt = path_cnt;
			break;
		}
		dispatch->program->done[group->items[*from]] = true;
	}
	pk_coder_if(&chunk->coder, BPF_JNE, BPF_REG_8, PK_CLS_UNKNOWN, false,
		    *from < group->cnt ? part->more : part->done);
	dispatch->labels[idx] = label;
}

/* An entry whose group fills more than a chunk. The last chunk begins with its end. */
static void add_large_entry(struct dispatch *dispatch, size_t entry)
{
	struct pk_program *program = dispatch->program;
	uint32_t group = dispatch->groups->entries[entry].group;
	size_t from = 0;

	for (;;) {
		size_t before = from;

		add_piece(dispatch, group, &from);
		dispatch->parts[dispatch->cnt - 1].to = entry + 1;
		if (pk_program_last(program)->coder.err)
			program->err = pk_program_last(program)->coder.err;
		else if (from == before)
			program->err = -E2BIG; /* a single rule is too large */
		if (program->err || from == dispatch->groups->groups[group].cnt)
			break;
		close_part(dispatch);
		if (!pk_program_open(program))
			return;
		open_part(dispatch, entry);
	}
	close_part(dispatch); /* its label is not that of the whole group */
	if (!program->err && pk_program_open(program))
		open_part(dispatch, entry + 1);
}

static bool add_entry(struct dispatch *dispatch, size_t entry)
{
	struct part *part = &dispatch->parts[dispatch->cnt - 1];
	uint32_t group = dispatch->groups->entries[entry].group;

	if (dispatch->labels[group] == PK_LABEL_NONE &&
	    !add_group(dispatch, group, entry - part->from))
		return false;
	part->to = entry + 1;
	return true;
}

/* The ways out of the parts before the last one. */
static void link_parts(struct dispatch *dispatch, bool last)
{
	struct pk_program *program = dispatch->program;
	const struct pk_group_entry *entries = dispatch->groups->entries;
	const struct part *end = &dispatch->parts[dispatch->cnt - 1];

	for (struct part *part = dispatch->parts; part < end; part++) {
		struct pk_program_chunk *chunk = &program->chunks[part->chunk];
		struct pk_coder *coder = &chunk->coder;

		pk_coder_bind(coder, part->miss, false);
		if (part == dispatch->parts) {
			pk_coder_if(coder, BPF_JLE, BPF_REG_8, entries[part->to - 1].hi, false,
				    part->done);
			for (struct part *other = part + 1; other <= end; other++) {
				uint32_t more = pk_coder_label(coder);

				pk_coder_if(coder, BPF_JGT, BPF_REG_8, entries[other->to - 1].hi,
					    false, more);
				pk_program_tail(program, chunk, other->chunk);
				pk_coder_bind(coder, more, false);
			}
		}
		pk_coder_bind(coder, part->done, false);
		if (last)
			pk_coder_goto(coder, chunk->finish);
		else
			pk_program_tail(program, chunk, end->chunk);
		pk_coder_bind(coder, part->more, false);
		pk_coder_bind(coder, part->unknown, false);
		pk_program_tail(program, chunk, part->chunk + 1);
	}
	pk_coder_bind(&program->chunks[end->chunk].coder, end->miss, false);
	pk_coder_bind(&program->chunks[end->chunk].coder, end->done, false);
	pk_coder_bind(&program->chunks[end->chunk].coder, end->more, false);
	pk_coder_bind(&program->chunks[end->chunk].coder, end->unknown, false);
}

static void run(struct dispatch *dispatch, bool last)
{
	struct pk_program *program = dispatch->program;
	struct pk_coder_mark mark = pk_coder_mark(&pk_program_last(program)->coder);
	size_t fresh = 0; /* the chunk was begun for this entry */

	open_part(dispatch, 0);
	for (size_t entry = 0; entry < dispatch->groups->entry_cnt;) {
		if (add_entry(dispatch, entry)) {
			entry++;
			continue;
		}
		if (pk_program_last(program)->coder.err)
			program->err = pk_program_last(program)->coder.err;
		else if (fresh == entry + 1)
			add_large_entry(dispatch, entry);
		if (program->err)
			return;
		if (fresh == entry + 1) {
			fresh = ++entry + 1;
			continue;
		}
		fresh = entry + 1;
		if (dispatch->parts[dispatch->cnt - 1].to == 0) { /* not one fits here */
			pk_coder_rewind(&pk_program_last(program)->coder, mark);
			pk_program_tail(program, pk_program_last(program), program->cnt);
			dispatch->cnt = 0;
		} else {
			close_part(dispatch);
		}
		if (!pk_program_open(program))
			return;
		open_part(dispatch, entry);
	}
	close_part(dispatch);
	link_parts(dispatch, last);
}

void pk_program_slot(struct pk_program *program, const struct pk_groups *groups, uint16_t slot,
		     bool last)
{
	struct dispatch *dispatch = calloc(1, sizeof(*dispatch));

	if (dispatch)
		dispatch->labels = calloc(groups->cnt + 1, sizeof(*dispatch->labels));
	if (!dispatch || !dispatch->labels) {
		free(dispatch);
		program->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < program->circuit->cnt; i++)
		program->done[i] = false;
	dispatch->program = program;
	dispatch->groups = groups;
	dispatch->slot = slot;
	run(dispatch, last);
	free(dispatch->labels);
	free(dispatch);
}
