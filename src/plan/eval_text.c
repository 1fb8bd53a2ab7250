// SPDX-License-Identifier: Apache-2.0
/*
 * Comparisons of two texts. Either may be a part of the whole text, with its beginning or its end cut
 * off: what the part settles is answered, the rest is unknown.
 */
#include <fnmatch.h>
#include <string.h>

#include "plan/bind_internal.h"
#include "rules/limits.h"

static enum pk_truth truth(bool is_true)
{
	return is_true ? PK_TRUE : PK_FALSE;
}

static bool starts(struct pk_value_text text, struct pk_value_text with)
{
	return text.len >= with.len && (!with.len || !memcmp(text.data, with.data, with.len));
}

static bool ends(struct pk_value_text text, struct pk_value_text with)
{
	return text.len >= with.len &&
	       (!with.len || !memcmp(text.data + text.len - with.len, with.data, with.len));
}

static bool has(struct pk_value_text text, struct pk_value_text part)
{
	return !part.len || (text.len && memmem(text.data, text.len, part.data, part.len));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool has_icase(struct pk_value_text text, struct pk_value_text part)
{
	for (size_t at = 0; at + part.len <= text.len; at++) {
		size_t i = 0;

		while (i < part.len && lower(text.data[at + i]) == lower(part.data[i]))
			i++;
		if (i == part.len)
			return true;
	}
	return false;
}

static bool cut_end(const struct pk_text_side *side)
{
	return side->partial && !side->cut_front;
}

static bool cut_front(const struct pk_text_side *side)
{
	return side->partial && side->cut_front;
}

/* What `part` is a part of can be `whole`. */
static bool can_be(const struct pk_text_side *part, struct pk_value_text whole)
{
	if (cut_front(part))
		return ends(whole, part->text);
	return starts(whole, part->text);
}

static enum pk_truth equal(const struct pk_text_side *left, const struct pk_text_side *right)
{
	if (!left->partial && !right->partial)
		return truth(left->text.len == right->text.len && starts(left->text, right->text));
	if (left->partial && right->partial)
		return PK_UNKNOWN;
	if (left->partial)
		return can_be(left, right->text) ? PK_UNKNOWN : PK_FALSE;
	return can_be(right, left->text) ? PK_UNKNOWN : PK_FALSE;
}

static enum pk_truth starts_with(const struct pk_text_side *left, struct pk_value_text with)
{
	if (cut_front(left))
		return with.len ? PK_UNKNOWN : PK_TRUE;
	if (starts(left->text, with))
		return PK_TRUE;
	return cut_end(left) && starts(with, left->text) ? PK_UNKNOWN : PK_FALSE;
}

static enum pk_truth ends_with(const struct pk_text_side *left, struct pk_value_text with)
{
	if (cut_end(left))
		return with.len ? PK_UNKNOWN : PK_TRUE;
	if (ends(left->text, with))
		return PK_TRUE;
	return cut_front(left) && ends(with, left->text) ? PK_UNKNOWN : PK_FALSE;
}

static enum pk_truth contains(const struct pk_text_side *left, bool found)
{
	if (found)
		return PK_TRUE;
	return left->partial ? PK_UNKNOWN : PK_FALSE;
}

/* By bytes, as strcmp(). */
static enum pk_truth order(enum pk_rules_op op, const struct pk_text_side *left,
			   const struct pk_text_side *right)
{
	size_t len = left->text.len < right->text.len ? left->text.len : right->text.len;
	int cmp = len ? memcmp(left->text.data, right->text.data, len) : 0;

	if (cut_front(left) || cut_front(right))
		return PK_UNKNOWN;
	if (!cmp) { /* one is the other's beginning */
		if ((left->partial && left->text.len <= right->text.len) ||
		    (right->partial && right->text.len <= left->text.len))
			return PK_UNKNOWN;
		cmp = (left->text.len > right->text.len) - (left->text.len < right->text.len);
	}
	switch (op) {
	case PK_RULES_OP_LT:
		return truth(cmp < 0);
	case PK_RULES_OP_LE:
		return truth(cmp <= 0);
	case PK_RULES_OP_GT:
		return truth(cmp > 0);
	default:
		return truth(cmp >= 0);
	}
}

static enum pk_truth matches(const struct pk_text_side *left, const struct pk_pattern *pattern)
{
	int part;

	if (!left->partial)
		return truth(pk_pattern_match(pattern, left->text.data, left->text.len));
	if (left->cut_front)
		return PK_UNKNOWN;
	part = pk_pattern_match_part(pattern, left->text.data, left->text.len);
	return part < 0 ? PK_UNKNOWN : truth(part > 0);
}

/* ---- pmatch: parts of a path ---- */

/* The next part of a path; empty ones are passed over. False: no more. */
static bool next_part(struct pk_value_text *path, struct pk_value_text *ret_part)
{
	size_t len = 0;

	while (path->len && *path->data == '/') {
		path->data++;
		path->len--;
	}
	while (len < path->len && path->data[len] != '/')
		len++;
	*ret_part = (struct pk_value_text){ path->data, len };
	path->data += len;
	path->len -= len;
	return len > 0;
}

static bool part_matches(struct pk_value_text part, struct pk_value_text pattern)
{
	char text[PK_PATH_MAX + 1];
	char glob[PK_MAX_STRING_BYTES + 1];

	if (part.len == pattern.len && !memcmp(part.data, pattern.data, part.len))
		return true;
	if (part.len >= sizeof(text) || pattern.len >= sizeof(glob))
		return false;
	memcpy(glob, pattern.data, pattern.len);
	glob[pattern.len] = '\0';
	if (!strpbrk(glob, "*?["))
		return false;
	memcpy(text, part.data, part.len);
	text[part.len] = '\0';
	return fnmatch(glob, text, 0) == 0;
}

/* The parts of `prefix` are the first ones of `left`. */
static enum pk_truth path_starts(const struct pk_text_side *left, struct pk_value_text prefix)
{
	struct pk_value_text path = left->text;
	struct pk_value_text part;
	struct pk_value_text wanted;

	if (cut_front(left))
		return next_part(&prefix, &wanted) ? PK_UNKNOWN : PK_TRUE;
	while (next_part(&prefix, &wanted)) {
		bool has_part = next_part(&path, &part);

		if (cut_end(left) && !path.len) /* this part may go on */
			return PK_UNKNOWN;
		if (!has_part || !part_matches(part, wanted))
			return PK_FALSE;
	}
	return PK_TRUE;
}

bool pk_eval_needs_pattern(enum pk_rules_op op)
{
	return op == PK_RULES_OP_GLOB || op == PK_RULES_OP_IGLOB || op == PK_RULES_OP_REGEX ||
	       (op >= PK_RULES_OP_IEQ && op <= PK_RULES_OP_SEARCH);
}

enum pk_truth pk_eval_text(enum pk_rules_op op, const struct pk_text_side *left,
			   const struct pk_text_side *right, const struct pk_pattern *pattern)
{
	switch (op) {
	case PK_RULES_OP_EQ:
	case PK_RULES_OP_IN:
	case PK_RULES_OP_INTERSECTS:
		return equal(left, right);
	case PK_RULES_OP_NE:
		return pk_truth_not(equal(left, right));
	case PK_RULES_OP_LT:
	case PK_RULES_OP_LE:
	case PK_RULES_OP_GT:
	case PK_RULES_OP_GE:
		return order(op, left, right);
	default:
		break;
	}
	if (right->partial) /* any text could stand there */
		return PK_UNKNOWN;
	switch (op) {
	case PK_RULES_OP_CONTAINS:
	case PK_RULES_OP_BCONTAINS:
		return contains(left, has(left->text, right->text));
	case PK_RULES_OP_ICONTAINS:
		return contains(left, has_icase(left->text, right->text));
	case PK_RULES_OP_STARTSWITH:
	case PK_RULES_OP_BSTARTSWITH:
		return starts_with(left, right->text);
	case PK_RULES_OP_ENDSWITH:
		return ends_with(left, right->text);
	case PK_RULES_OP_PMATCH:
		return path_starts(left, right->text);
	default:
		return pattern ? matches(left, pattern) : PK_FALSE;
	}
}
