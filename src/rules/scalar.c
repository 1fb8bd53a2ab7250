/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a scalar's text and its source side by side. Equal bytes go together; at a line break the
 * source has indentation and empty lines where the text has blanks or newlines or nothing.
 */
#include "rules/scalar.h"

#include <string.h>

struct walk {
	const char *text;
	size_t len_bytes;
	size_t at;
	const char *source;
	size_t source_len_bytes;
	size_t source_at;
	size_t indent; /* of a block */
	enum pk_yaml_style style;
	struct pk_rules_pos pos;
	struct pk_rules_draft *draft;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
	return c == '\n' || c == '\r';
}

static struct pk_rules_pos here(const struct walk *walk)
{
	struct pk_rules_pos pos = walk->pos;

	pos.offset_bytes += (uint32_t)walk->source_at;
	return pos;
}

/* `cnt` bytes of the text come from `source_cnt` bytes of the source. */
static void take(struct walk *walk, size_t cnt, size_t source_cnt)
{
	pk_rules_draft_mark(walk->draft, here(walk), cnt == source_cnt ? 0 : (uint32_t)source_cnt);
	pk_rules_draft_add(walk->draft, walk->text + walk->at, cnt);
	walk->at += cnt;
	walk->source_at += source_cnt;
}

static size_t first_indent(const char *text, size_t len)
{
	size_t spaces = 0;

	for (size_t i = 0; i < len; i++) {
		if (is_break(text[i])) {
			spaces = 0;
			continue;
		}
		if (text[i] != ' ')
			return spaces;
		spaces++;
	}
	return spaces;
}

static void skip_indent(struct walk *walk)
{
	size_t skipped = 0;

	while (skipped < walk->indent && walk->source_at < walk->source_len_bytes &&
	       walk->source[walk->source_at] == ' ') {
		walk->source_at++;
		skipped++;
	}
}

static void skip_break(struct walk *walk)
{
	char c = walk->source[walk->source_at++];

	if (c == '\r' && walk->source_at < walk->source_len_bytes &&
	    walk->source[walk->source_at] == '\n')
		walk->source_at++;
}

/*
 * A line of a block ends in the source: the text has a newline, a blank or nothing for it. A blank behind a newline
 * is of the line that follows.
 */
static void cross_block_break(struct walk *walk)
{
	char c = walk->text[walk->at];

	if (c == '\n' || (c == ' ' && walk->at && walk->text[walk->at - 1] != '\n')) {
		pk_rules_draft_mark(walk->draft, here(walk), 1);
		pk_rules_draft_add(walk->draft, walk->text + walk->at, 1);
		walk->at++;
	}
	skip_break(walk);
	skip_indent(walk);
}

/* Whether the source has blanks up to a line break here; then all of it up to the next text. */
static size_t break_len(const struct walk *walk, size_t *ret_breaks_cnt)
{
	size_t at = walk->source_at;
	size_t breaks_cnt = 0;

	while (at < walk->source_len_bytes &&
	       (is_space(walk->source[at]) || is_break(walk->source[at]))) {
		breaks_cnt += walk->source[at] == '\n';
		at++;
	}
	*ret_breaks_cnt = breaks_cnt;
	return breaks_cnt ? at - walk->source_at : 0;
}

/* A line ends within quotes or a plain scalar: one blank, or a newline for each empty line. */
static void cross_flow_break(struct walk *walk, size_t source_cnt, size_t breaks_cnt)
{
	size_t expected = breaks_cnt > 1 ? breaks_cnt - 1 : 1;
	char c = breaks_cnt > 1 ? '\n' : ' ';
	size_t cnt = 0;

	while (cnt < expected && walk->at + cnt < walk->len_bytes &&
	       walk->text[walk->at + cnt] == c)
		cnt++;
	if (cnt)
		take(walk, cnt, source_cnt);
	else
		walk->source_at += source_cnt;
}

/* Bytes of a double-quoted text's escape in the source. */
static size_t escape_len(const struct walk *walk)
{
	size_t left = walk->source_len_bytes - walk->source_at;
	size_t len = 2;

	if (left < 2)
		return left;
	switch (walk->source[walk->source_at + 1]) {
	case 'x':
		len = 4;
		break;
	case 'u':
		len = 6;
		break;
	case 'U':
		len = 10;
		break;
	default:
		break;
	}
	return len < left ? len : left;
}

/* Bytes of the UTF-8 character that an escape made. */
static size_t char_len(const struct walk *walk)
{
	size_t len = 1;

	while (walk->at + len < walk->len_bytes && (walk->text[walk->at + len] & 0xc0) == 0x80)
		len++;
	return len;
}

static void cross_escape(struct walk *walk)
{
	size_t len = escape_len(walk);
	size_t breaks_cnt;

	if (len >= 2 && is_break(walk->source[walk->source_at + 1])) {
		walk->source_at++; /* a line that goes on: no blank for the break */
		walk->source_at += break_len(walk, &breaks_cnt);
		return;
	}
	take(walk, char_len(walk), len);
}

/* One step; whether both sides have more. */
static void step(struct walk *walk)
{
	char c = walk->source[walk->source_at];
	size_t breaks_cnt;
	size_t len;

	if (walk->style == PK_YAML_BLOCK) {
		if (is_break(c))
			cross_block_break(walk);
		else
			take(walk, 1, 1);
		return;
	}
	len = is_space(c) || is_break(c) ? break_len(walk, &breaks_cnt) : 0;
	if (len)
		cross_flow_break(walk, len, breaks_cnt);
	else if (c == '\\' && walk->style == PK_YAML_DOUBLE_QUOTED)
		cross_escape(walk);
	else if (c == '\'' && walk->style == PK_YAML_SINGLE_QUOTED)
		take(walk, 1, walk->source_len_bytes - walk->source_at < 2 ? 1 : 2);
	else
		take(walk, 1, 1);
}

/* The longest run of bytes that are the same on both sides and mean nothing else. */
static size_t same_len(const struct walk *walk)
{
	size_t left = walk->len_bytes - walk->at;
	size_t len = 0;

	if (left > walk->source_len_bytes - walk->source_at)
		left = walk->source_len_bytes - walk->source_at;
	while (len < left) {
		char c = walk->source[walk->source_at + len];

		if (c != walk->text[walk->at + len] || is_space(c) || is_break(c) || c == '\\' ||
		    c == '\'')
			break;
		len++;
	}
	return len;
}

int pk_yaml_map(const char *text, size_t len, const char *source, size_t source_len,
		struct pk_rules_pos pos, enum pk_yaml_style style, struct pk_arena *arena,
		struct pk_rules_text *ret_text)
{
	pk_rules_draft_cleanup struct pk_rules_draft draft = PK_RULES_DRAFT_INIT;
	struct walk walk = {
		.text = text,
		.len_bytes = len,
		.source = source,
		.source_len_bytes = source_len,
		.style = style,
		.pos = pos,
		.draft = &draft,
	};

	if (style == PK_YAML_BLOCK) {
		size_t outer = first_indent(source, source_len);
		size_t inner = first_indent(text, len);

		walk.indent = outer > inner ? outer - inner : 0;
		skip_indent(&walk);
	}
	pk_rules_draft_mark(&draft, here(&walk), 0);
	while (walk.at < len && walk.source_at < source_len && !draft.err) {
		size_t same = same_len(&walk);

		if (same)
			take(&walk, same, same);
		else
			step(&walk);
	}
	if (walk.at < len) {
		pk_rules_draft_mark(&draft, here(&walk), 1);
		pk_rules_draft_add(&draft, text + walk.at, len - walk.at);
	}
	return pk_rules_draft_finish(&draft, arena, ret_text);
}
