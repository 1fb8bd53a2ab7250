/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparisons of texts: equal to (exact index), begins with (prefix index), and patterns
 * (automata).
 */
#include "plan/lower.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Whose text it is, and where the answers stand. */
struct place {
	uint32_t text;
	bool any; /* any ancestor */
	uint16_t exact;
	uint16_t prefix; /* PK_SLOT_CNT: not looked up */
	uint16_t word;   /* first word of its pool; PK_WORD_CNT: none */
	bool ident;
};

static bool place_ancestor(struct place *place, const char *arg)
{
	unsigned long depth = arg ? strtoul(arg, NULL, 10) : 0; /* the binder checked the digits */

	place->any = !arg;
	place->exact = PK_SLOT_NAME + 1;
	place->prefix = PK_SLOT_CNT;
	place->word = PK_WORD_CNT;
	if (!arg)
		return true;
	if (depth >= PK_NAME_DEPTH)
		return false;
	place->exact = (uint16_t)(PK_SLOT_NAME + depth);
	if (depth == 0) {
		place->prefix = PK_SLOT_PREFIX_OWN + PK_TEXT_NAME;
		place->word = PK_WORD_OWN;
	} else if (depth == 1) {
		place->prefix = PK_SLOT_PREFIX_PARENT + PK_TEXT_NAME;
		place->word = PK_WORD_PARENT;
	}
	return true;
}

static bool find_place(const struct pk_field_source *source, const char *arg,
		       enum pk_lower_ident ident, struct place *ret_place)
{
	uint16_t text = (uint16_t)source->id;
	struct place place = { .text = text };
	uint16_t behind_name = (uint16_t)(text - PK_TEXT_EXE);

	switch (source->whose) {
	case PK_WHOSE_EVENT:
		place.exact = (uint16_t)(PK_SLOT_EXACT + text - PK_TEXT_FD_NAME);
		place.prefix = (uint16_t)(PK_SLOT_PREFIX + text - PK_TEXT_FD_NAME);
		place.word = PK_WORD_EVENT;
		place.ident = ident == PK_IDENT_FILE && text == PK_TEXT_FD_NAME;
		break;
	case PK_WHOSE_OWN:
		place.exact = text == PK_TEXT_NAME ? PK_SLOT_NAME :
						     (uint16_t)(PK_SLOT_EXACT_OWN + behind_name);
		place.prefix = (uint16_t)(PK_SLOT_PREFIX_OWN + text);
		place.ident = ident == PK_IDENT_EXE && text == PK_TEXT_EXEPATH;
		place.word = PK_WORD_OWN;
		break;
	case PK_WHOSE_PARENT:
		place.exact = text == PK_TEXT_NAME ? PK_SLOT_NAME + 1 :
						     (uint16_t)(PK_SLOT_EXACT_PARENT + behind_name);
		place.prefix = (uint16_t)(PK_SLOT_PREFIX_PARENT + text);
		place.word = PK_WORD_PARENT;
		break;
	case PK_WHOSE_ANCESTOR:
		if (text != PK_TEXT_NAME || !place_ancestor(&place, arg))
			return false;
		break;
	}
	*ret_place = place;
	return true;
}

static const struct pk_gate *exists(struct pk_lower *lower, const struct place *place)
{
	static const struct pk_range any = { 0, PK_MAX_CLS };

	return pk_lower_lit(lower, &(struct pk_index_lit){ .text = place->text,
							   .lit = { .kind = PK_LIT_CLS,
								    .slot = place->exact,
								    .slot2 = PK_SLOT_CNT,
								    .ranges = &any,
								    .range_cnt = 1 } });
}

/* Entries of one index; `left_out`: one is too long for the kernel. */
static struct pk_index_entry **list_entries(struct pk_lower *lower, const struct place *place,
					    enum pk_index_how how,
					    const struct pk_value_text *texts, size_t cnt,
					    size_t *ret_cnt, bool *ret_left_out)
{
	static const size_t max[] = {
		[PK_INDEX_EXACT] = PK_EXACT_BYTES_MAX, [PK_INDEX_PREFIX] = PK_PREFIX_BYTES_MAX
	};
	struct pk_index_entry **entries = calloc(cnt + 1, sizeof(struct pk_index_entry *));

	*ret_cnt = 0;
	*ret_left_out = false;
	for (size_t i = 0; entries && i < cnt; i++) {
		if (texts[i].len > max[how]) {
			*ret_left_out = true;
			continue;
		}
		entries[*ret_cnt] = pk_index_entry(lower->index,
						   &(struct pk_index_entry){ .how = how,
									     .text = place->text,
									     .data = texts[i].data,
									     .len = texts[i].len });
		if (!entries[(*ret_cnt)++]) {
			free(entries);
			return NULL;
		}
	}
	if (!entries)
		lower->err = -ENOMEM;
	return entries;
}

/* Is one of the texts, or begins with one. */
static const struct pk_gate *one_of(struct pk_lower *lower, const struct place *place,
				    enum pk_index_how how, const struct pk_value_text *texts,
				    size_t cnt)
{
	struct pk_index_lit wanted = { .how = how, .text = place->text };
	const struct pk_gate *gate;
	bool left_out;
	pk_cleanup(pk_free_p) struct pk_index_entry **entries =
		list_entries(lower, place, how, texts, cnt, &wanted.entry_cnt, &left_out);

	if (!entries)
		return NULL;
	wanted.entries = entries;
	wanted.lit = (struct pk_lit){ .kind = PK_LIT_CLS,
				      .slot = how == PK_INDEX_EXACT ? place->exact : place->prefix,
				      .slot2 = PK_SLOT_CNT };
	if (how == PK_INDEX_EXACT && place->ident)
		wanted.lit.slot2 = PK_SLOT_ID;
	if (place->any) {
		wanted.how = PK_INDEX_ANC;
		wanted.lit = (struct pk_lit){ .kind = PK_LIT_BIT, .slot2 = PK_SLOT_CNT };
	}
	gate = wanted.entry_cnt ? pk_lower_lit(lower, &wanted) :
				  pk_gates_constant(lower->gates, PK_GATE_FALSE);
	if (!left_out)
		return gate;
	return pk_gates_op2(lower->gates, PK_GATE_OR, gate,
			    pk_lower_unknown(lower, "a text is longer than the kernel compares"));
}

/* Missing makes "!=" false: a literal of its own, and not a negation. */
static const struct pk_gate *not_equal(struct pk_lower *lower, const struct pk_atom *atom,
				       const struct place *place)
{
	struct place by_name = *place;
	const struct pk_gate *equal;

	if (place->any)
		return pk_lower_unknown(
			lower, "the kernel only knows which names there are among all ancestors");
	by_name.ident = false;
	equal = one_of(lower, &by_name, PK_INDEX_EXACT, atom->texts, atom->cnt);
	if (equal && equal->kind == PK_GATE_LIT) {
		struct pk_index_lit wanted = *pk_index_lit_of(equal->lit);

		wanted.lit.ne = true;
		return pk_lower_lit(lower, &wanted);
	}
	return pk_gates_op2(lower->gates, PK_GATE_AND, exists(lower, place),
			    pk_gates_not(lower->gates, equal));
}

static const struct pk_gate *begins(struct pk_lower *lower, const struct pk_atom *atom,
				    const struct place *place)
{
	const struct pk_gate *gate;

	if (place->prefix == PK_SLOT_CNT)
		return pk_lower_unknown(lower, "the kernel compares ancestors' names as a whole");
	if (atom->check->quantor != PK_RULES_QUANTOR_ALLOF)
		return one_of(lower, place, PK_INDEX_PREFIX, atom->texts, atom->cnt);
	gate = pk_gates_constant(lower->gates, PK_GATE_TRUE);
	for (size_t i = 0; i < atom->cnt; i++)
		gate = pk_gates_op2(lower->gates, PK_GATE_AND, gate,
				    one_of(lower, place, PK_INDEX_PREFIX, &atom->texts[i], 1));
	return gate;
}

/* The parts of a path with one slash before each and one more at the end. NULL: no memory. */
static char *normal_path(struct pk_arena *arena, const struct pk_value_text *text, size_t *ret_len)
{
	char *path = pk_arena_alloc(arena, text->len + 3);
	size_t len = 0;

	if (!path)
		return NULL;
	path[len++] = '/';
	for (size_t i = 0; i < text->len; i++) {
		if (text->data[i] != '/' || path[len - 1] != '/')
			path[len++] = text->data[i];
	}
	if (path[len - 1] != '/')
		path[len++] = '/';
	*ret_len = len;
	return path;
}

/* Is the path itself, or lies below it. */
static const struct pk_gate *below(struct pk_lower *lower, const struct place *place,
				   const struct pk_value_text *text)
{
	struct pk_value_text path;
	const struct pk_gate *both[2];

	if (text->len && (memchr(text->data, '*', text->len) ||
			  memchr(text->data, '?', text->len) || memchr(text->data, '[', text->len)))
		return pk_lower_unknown(lower, "the kernel has no patterns of a path's parts");
	path.data = normal_path(lower->arena, text, &path.len);
	if (!path.data) {
		lower->err = -ENOMEM;
		return NULL;
	}
	if (path.len == 1)
		return exists(lower, place);
	both[0] = one_of(lower, place, PK_INDEX_PREFIX, &path, 1);
	path.len--;
	both[1] = one_of(lower, place, PK_INDEX_EXACT, &path, 1);
	return pk_gates_op(lower->gates, PK_GATE_OR, both, 2);
}

static const struct pk_gate *path_match(struct pk_lower *lower, const struct pk_atom *atom,
					const struct place *place)
{
	const struct pk_gate *gate = pk_gates_constant(lower->gates, PK_GATE_FALSE);

	if (place->text != PK_TEXT_FD_NAME && place->text != PK_TEXT_FD_DIR &&
	    place->text != PK_TEXT_NAME2 && place->text != PK_TEXT_CWD &&
	    place->text != PK_TEXT_EXEPATH)
		return pk_lower_unknown(lower, "the kernel matches paths of files only");
	for (size_t i = 0; i < atom->cnt && gate; i++)
		gate = pk_gates_op2(lower->gates, PK_GATE_OR, gate,
				    below(lower, place, &atom->texts[i]));
	return gate;
}

/* One pattern's bit. */
static const struct pk_gate *pattern_bit(struct pk_lower *lower, const struct pk_atom *atom,
					 const struct place *place, size_t i)
{
	struct pk_index_entry *entry;

	if (!atom->texts[i].len && atom->check->op != PK_RULES_OP_GLOB &&
	    atom->check->op != PK_RULES_OP_IGLOB && atom->check->op != PK_RULES_OP_REGEX)
		return exists(lower, place); /* nothing is in any text */
	entry = pk_index_entry(lower->index,
			       &(struct pk_index_entry){ .how = PK_INDEX_PATTERN,
							 .text = place->text,
							 .op = atom->check->op,
							 .data = atom->texts[i].data,
							 .len = atom->texts[i].len,
							 .pattern = atom->patterns[i] });
	if (!entry)
		return NULL;
	return pk_lower_lit(lower, &(struct pk_index_lit){ .how = PK_INDEX_PATTERN,
							   .text = place->text,
							   .entries = &entry,
							   .entry_cnt = 1,
							   .lit = { .kind = PK_LIT_BIT,
								    .slot2 = PK_SLOT_CNT,
								    .word = place->word } });
}

static const struct pk_gate *patterns(struct pk_lower *lower, const struct pk_atom *atom,
				      const struct place *place)
{
	bool all = atom->check->quantor == PK_RULES_QUANTOR_ALLOF;
	enum pk_gate_kind kind = all ? PK_GATE_AND : PK_GATE_OR;
	const struct pk_gate *gate = pk_gates_constant(lower->gates,
						       all ? PK_GATE_TRUE : PK_GATE_FALSE);

	if (place->word == PK_WORD_CNT)
		return pk_lower_unknown(lower, "the kernel compares ancestors' names as a whole");
	if (!atom->patterns)
		return pk_lower_unknown(lower, "the kernel does not order texts");
	for (size_t i = 0; i < atom->cnt && gate; i++)
		gate = pk_gates_op2(lower->gates, kind, gate, pattern_bit(lower, atom, place, i));
	return gate;
}

const struct pk_gate *pk_lower_text(struct pk_lower *lower, const struct pk_atom *atom,
				    const struct pk_field_source *source, enum pk_lower_ident ident)
{
	struct place place;

	if (!find_place(source, atom->field_arg, ident, &place))
		return pk_lower_unknown(lower, "so distant an ancestor is not looked at");
	switch (atom->check->op) {
	case PK_RULES_OP_EXISTS:
		return exists(lower, &place);
	case PK_RULES_OP_EQ:
	case PK_RULES_OP_IN:
	case PK_RULES_OP_INTERSECTS:
		if (atom->check->quantor == PK_RULES_QUANTOR_ALLOF && atom->cnt > 1)
			return pk_lower_unknown(lower, "equal to several texts at once");
		return one_of(lower, &place, PK_INDEX_EXACT, atom->texts, atom->cnt);
	case PK_RULES_OP_NE:
		return not_equal(lower, atom, &place);
	case PK_RULES_OP_STARTSWITH:
	case PK_RULES_OP_BSTARTSWITH:
		return begins(lower, atom, &place);
	case PK_RULES_OP_PMATCH:
		if (place.prefix == PK_SLOT_CNT)
			return pk_lower_unknown(lower, "the kernel matches paths of files only");
		return path_match(lower, atom, &place);
	default:
		return patterns(lower, atom, &place);
	}
}
