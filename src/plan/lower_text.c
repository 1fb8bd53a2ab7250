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

#define MAX_PART 64u /* arguments that the kernel tells apart */

/* Whose text it is, and where the answers stand. */
struct place {
	uint32_t text;
	bool any; /* any ancestor */
	uint16_t exact;
	uint16_t prefix; /* PK_SLOT_CNT: not looked up */
	uint16_t word;   /* first word of its pool; PK_WORD_CNT: none */
	bool ident;
	bool path;     /* always absolute */
	uint32_t part; /* ARGV: which argument, from 0 */
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

/* Other names are as the caller wrote them: what a key is called, where a mount comes from. */
static bool is_path(const struct pk_field_source *source)
{
	const uint64_t found = PK_FIELD_KIND(PK_EVENT_RENAME) | PK_FIELD_KIND(PK_EVENT_LINK) |
			       PK_FIELD_KIND(PK_EVENT_MOVE_MOUNT) |
			       PK_FIELD_KIND(PK_EVENT_PIVOT_ROOT);

	switch (source->id) {
	case PK_TEXT_FD_NAME:
	case PK_TEXT_FD_DIR:
	case PK_TEXT_CWD:
	case PK_TEXT_EXEPATH:
		return true;
	case PK_TEXT_NAME2:
		return !(source->kinds & ~found);
	default:
		return false;
	}
}

static bool find_place(const struct pk_field_source *source, const char *arg,
		       enum pk_lower_ident ident, struct place *ret_place)
{
	uint16_t text = (uint16_t)source->id;
	struct place place = { .text = text, .path = is_path(source) };
	uint16_t behind_name = (uint16_t)(text - PK_TEXT_EXE);

	/* the first one behind argv[0] is proc.args[0]; the binder checked the digits */
	if (text == PK_TEXT_ARGV && arg)
		place.part = (uint32_t)strtoul(arg, NULL, 10) + 1;
	if (place.part > MAX_PART)
		return false;

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

	if (!place->path)
		return pk_lower_unknown(lower, "the kernel matches paths of files only");
	for (size_t i = 0; i < atom->cnt && gate; i++)
		gate = pk_gates_op2(lower->gates, PK_GATE_OR, gate,
				    below(lower, place, &atom->texts[i]));
	return gate;
}

/* ---- patterns ---- */

/* States of those that go into one automaton together; what is longer becomes several bits. */
#define ANY_STATES 768u
/* Of all: beyond it a list would take the automata away from all others. */
#define LIST_STATES (8 * ANY_STATES)

/* A text that only automata are run over. */
static bool is_line(uint32_t text)
{
	return text == PK_TEXT_EXELINE || text == PK_TEXT_ARGV;
}

/* Keeps what was made; -E2BIG and -ENOTSUP are no errors, and give NULL. */
static const struct pk_pattern *keep(struct pk_lower *lower, int err, struct pk_pattern **made)
{
	if (!err)
		return pk_index_keep_pattern(lower->index, *made);
	if (err == -ENOMEM)
		lower->err = err;
	return NULL;
}

/* Which operator's pattern stands for a comparison that has tables elsewhere. */
static int make_plain(enum pk_rules_op op, const struct pk_value_text *text,
		      struct pk_pattern **ret_pattern)
{
	bool starts = op == PK_RULES_OP_STARTSWITH || op == PK_RULES_OP_BSTARTSWITH;
	char why[PK_PATTERN_ERROR_MAX];
	size_t at;

	return pk_pattern_new(starts ? PK_PATTERN_STARTS : PK_PATTERN_EQUAL, 0, text->data,
			      text->len, ret_pattern, why, &at);
}

/* The pattern of value `i`, as the place's automata need it. NULL: it cannot be had, or lower->err. */
static const struct pk_pattern *pattern_for(struct pk_lower *lower, const struct pk_atom *atom,
					    const struct place *place, size_t i)
{
	const struct pk_pattern *pattern = atom->patterns ? atom->patterns[i] : NULL;
	struct pk_pattern *made = NULL;
	int err;

	if (!pattern) {
		err = make_plain(atom->check->op, &atom->texts[i], &made);
		pattern = keep(lower, err, &made);
	}
	if (!pattern || place->text != PK_TEXT_ARGV)
		return pattern;
	err = pk_pattern_new_part(pattern, place->part, &made);
	return keep(lower, err, &made);
}

/* The bit of one pattern. `data` tells it from others of the same operator. */
static const struct pk_gate *bit_of(struct pk_lower *lower, const struct place *place, uint32_t op,
				    const struct pk_value_text *data,
				    const struct pk_pattern *pattern)
{
	struct pk_index_entry *entry =
		pk_index_entry(lower->index, &(struct pk_index_entry){ .how = PK_INDEX_PATTERN,
								       .text = place->text,
								       .op = op,
								       .bits = place->part,
								       .data = data->data,
								       .len = data->len,
								       .pattern = pattern });

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

/* Nothing is in any text: true wherever there is one. */
static bool is_nothing(const struct pk_atom *atom, size_t i)
{
	switch (atom->check->op) {
	case PK_RULES_OP_CONTAINS:
	case PK_RULES_OP_ICONTAINS:
	case PK_RULES_OP_BCONTAINS:
	case PK_RULES_OP_STARTSWITH:
	case PK_RULES_OP_BSTARTSWITH:
	case PK_RULES_OP_ISTARTSWITH:
	case PK_RULES_OP_ENDSWITH:
	case PK_RULES_OP_IENDSWITH:
		return !atom->texts[i].len;
	default:
		return false;
	}
}

static const struct pk_gate *text_exists(struct pk_lower *lower, const struct place *place)
{
	static const struct pk_value_text nothing = { "", 0 };
	struct pk_pattern *made = NULL;
	const struct pk_pattern *pattern;

	if (place->text != PK_TEXT_ARGV)
		return exists(lower, place);
	pattern = keep(lower, pk_pattern_new_part(NULL, place->part, &made), &made);
	if (!pattern)
		return lower->err ?
			       NULL :
			       pk_lower_unknown(lower, "so distant an argument is not looked at");
	return bit_of(lower, place, PK_RULES_OP_EXISTS, &nothing, pattern);
}

static const struct pk_gate *pattern_bit(struct pk_lower *lower, const struct pk_atom *atom,
					 const struct place *place, size_t i)
{
	const struct pk_pattern *pattern;

	if (is_nothing(atom, i))
		return text_exists(lower, place);
	pattern = pattern_for(lower, atom, place, i);
	if (!pattern)
		return lower->err || lower->index->err ?
			       NULL :
			       pk_lower_unknown(lower, "its pattern does not fit into the kernel's "
						       "automata");
	return bit_of(lower, place, atom->check->op, &atom->texts[i], pattern);
}

/* Values [from, to) as one: what they are, and the operator of lists. */
static const struct pk_gate *any_bit(struct pk_lower *lower, const struct pk_atom *atom,
				     const struct place *place, const struct pk_pattern **patterns,
				     size_t from, size_t to)
{
	struct pk_value_text data = { 0 };
	struct pk_pattern *made = NULL;
	const struct pk_pattern *pattern;
	char *key;

	if (to - from == 1)
		return pattern_bit(lower, atom, place, from);
	for (size_t i = from; i < to; i++)
		data.len += atom->texts[i].len + 1;
	key = pk_arena_alloc(lower->arena, data.len);
	if (!key) {
		lower->err = -ENOMEM;
		return NULL;
	}
	data.data = key;
	for (size_t i = from; i < to; i++) {
		memcpy(key, atom->texts[i].data, atom->texts[i].len);
		key += atom->texts[i].len + 1; /* and a NUL, which is in none */
	}
	pattern = keep(lower, pk_pattern_new_any(&patterns[from], to - from, &made), &made);
	if (!pattern)
		return lower->err || lower->index->err ?
			       NULL :
			       pk_lower_unknown(lower, "the list does not fit into the kernel's "
						       "automata");
	return bit_of(lower, place, atom->check->op + PK_RULES_OP_CNT, &data, pattern);
}

/* Patterns with something between wildcards multiply what an automaton needs: each has its own bit. */
static bool goes_together(const struct pk_atom *atom)
{
	enum pk_rules_op op = atom->check->op;

	return op != PK_RULES_OP_GLOB && op != PK_RULES_OP_IGLOB && op != PK_RULES_OP_REGEX &&
	       op != PK_RULES_OP_SEARCH && op != PK_RULES_OP_BCONTAINS &&
	       op != PK_RULES_OP_BSTARTSWITH;
}

/* One of a list: as few bits as its length allows. */
static const struct pk_gate *any_of(struct pk_lower *lower, const struct pk_atom *atom,
				    const struct place *place)
{
	const struct pk_gate *gate = pk_gates_constant(lower->gates, PK_GATE_FALSE);
	pk_cleanup(pk_free_p) const struct pk_pattern **patterns =
		calloc(atom->cnt + 1, sizeof(struct pk_pattern *));
	size_t all = 0, states = 0, from = 0;

	if (!patterns) {
		lower->err = -ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < atom->cnt; i++) {
		if (is_nothing(atom, i))
			return text_exists(lower, place);
		patterns[i] = pattern_for(lower, atom, place, i);
		if (!patterns[i])
			return lower->err || lower->index->err ?
				       NULL :
				       pk_lower_unknown(lower, "a pattern does not fit into the "
							       "kernel's automata");
		all += pk_pattern_state_cnt(patterns[i]);
	}
	if (all > LIST_STATES)
		return pk_lower_unknown(lower,
					"so long a list does not fit into the kernel's automata");
	for (size_t i = 0; i < atom->cnt && gate; i++) {
		states += pk_pattern_state_cnt(patterns[i]);
		if (i + 1 < atom->cnt &&
		    states + pk_pattern_state_cnt(patterns[i + 1]) <= ANY_STATES)
			continue;
		gate = pk_gates_op2(lower->gates, PK_GATE_OR, gate,
				    any_bit(lower, atom, place, patterns, from, i + 1));
		from = i + 1;
		states = 0;
	}
	return gate;
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
	if (!atom->patterns && !is_line(place->text))
		return pk_lower_unknown(lower, "the kernel does not order texts");
	if (!all && atom->cnt > 1 && goes_together(atom))
		return any_of(lower, atom, place);
	for (size_t i = 0; i < atom->cnt && gate; i++)
		gate = pk_gates_op2(lower->gates, kind, gate, pattern_bit(lower, atom, place, i));
	return gate;
}

/* A text without tables of its own: everything by patterns. */
static const struct pk_gate *line(struct pk_lower *lower, const struct pk_atom *atom,
				  const struct place *place)
{
	switch (atom->check->op) {
	case PK_RULES_OP_EXISTS:
		if (place->text == PK_TEXT_EXELINE)
			return pk_lower_unknown(lower, "that there are arguments is not looked up");
		return text_exists(lower, place);
	case PK_RULES_OP_NE:
		if (place->text == PK_TEXT_EXELINE)
			return pk_lower_unknown(lower, "the kernel has patterns of this text only");
		return pk_gates_op2(lower->gates, PK_GATE_AND, text_exists(lower, place),
				    pk_gates_not(lower->gates, patterns(lower, atom, place)));
	case PK_RULES_OP_LT:
	case PK_RULES_OP_LE:
	case PK_RULES_OP_GT:
	case PK_RULES_OP_GE:
		return pk_lower_unknown(lower, "the kernel does not order texts");
	case PK_RULES_OP_PMATCH:
		return pk_lower_unknown(lower, "the kernel matches paths of files only");
	default:
		return patterns(lower, atom, place);
	}
}

const struct pk_gate *pk_lower_text(struct pk_lower *lower, const struct pk_atom *atom,
				    const struct pk_field_source *source, enum pk_lower_ident ident)
{
	struct place place;

	if (!find_place(source, atom->field_arg, ident, &place))
		return pk_lower_unknown(lower, "so distant an ancestor is not looked at");
	if (is_line(place.text))
		return line(lower, atom, &place);
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
