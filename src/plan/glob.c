/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Globs to states, with the meaning of fnmatch() without flags in the C locale: `*` and `?` take any
 * byte, '/' and a leading '.' too; [set], [!set], [^set]; a backslash takes the next byte as it
 * is; '[' without its end is itself. Refused: what fnmatch() would let match nothing at all.
 */
#include <string.h>

#include "plan/nfa.h"

struct glob {
	const char *text;
	size_t len;
	bool icase;
	const char *reason;
	size_t reason_at;
};

enum part_kind {
	PART_CHAR,
	PART_ANY,
	PART_STAR,
	PART_SET
};

struct part {
	uint8_t kind;
	uint8_t byte;
	struct pk_byte_set set;
};

static uint8_t fold(const struct glob *glob, char c)
{
	if (glob->icase && c >= 'A' && c <= 'Z')
		return (uint8_t)(c - 'A' + 'a');
	return (uint8_t)c;
}

static int refuse(struct glob *glob, size_t at, const char *reason)
{
	glob->reason = reason;
	glob->reason_at = at;
	return -EINVAL;
}

/* The text's letters are compared as small ones: a capital is in the set if its small one is. */
static void set_capitals(struct pk_byte_set *set)
{
	for (unsigned int upper = 'A'; upper <= 'Z'; upper++) {
		set->bits[upper >> 6] &= ~(1ull << (upper & 63));
		if (pk_byte_set_has(set, upper - 'A' + 'a'))
			pk_byte_set_add(set, upper);
	}
}

/* [:name:] at `*at` within a set. 0: there is none; 1: taken; -EINVAL. */
static int read_class(struct glob *glob, size_t *at, struct pk_byte_set *set)
{
	const char *text = glob->text + *at;
	size_t left = glob->len - *at;
	const char *end;
	struct pk_byte_set members = { 0 };

	if (left < 4 || text[0] != '[' || !memchr(":.=", text[1], 3))
		return 0;
	end = memmem(text + 2, left - 2, (char[]){ text[1], ']' }, 2);
	if (!end)
		return 0;
	if (text[1] != ':')
		return refuse(glob, *at, "collating elements ([.x.], [=x=]) are not supported");
	if (!pk_byte_set_add_class(&members, text + 2, (size_t)(end - text) - 2))
		return refuse(glob, *at, "there is no class of this name");
	if (glob->icase)
		pk_byte_set_fold(&members);
	for (size_t i = 0; i < PK_ARRAY_SIZE(set->bits); i++)
		set->bits[i] |= members.bits[i];
	*at += (size_t)(end - text) + 2;
	return 1;
}

/* One byte of a set, a backslash before it or not. False: the glob ends. */
static bool read_member(const struct glob *glob, size_t *at, uint8_t *ret_byte)
{
	if (*at < glob->len && glob->text[*at] == '\\')
		++*at;
	if (*at >= glob->len)
		return false;
	*ret_byte = fold(glob, glob->text[(*at)++]);
	return true;
}

static bool is_range(const struct glob *glob, size_t at)
{
	return at + 1 < glob->len && glob->text[at] == '-' && glob->text[at + 1] != ']';
}

/* A set behind '['. 1: taken; 0: it has no end; -EINVAL. */
static int read_set(struct glob *glob, size_t *at, struct pk_byte_set *ret_set)
{
	struct pk_byte_set set = { 0 };
	size_t pos = *at;
	bool negated = pos < glob->len && (glob->text[pos] == '!' || glob->text[pos] == '^');
	size_t first = pos += negated;

	while (pos < glob->len && (glob->text[pos] != ']' || pos == first)) {
		uint8_t low, high;
		int got = read_class(glob, &pos, &set);

		if (got < 0)
			return got;
		if (got)
			continue;
		if (!read_member(glob, &pos, &low))
			return 0;
		high = low;
		if (is_range(glob, pos)) {
			pos++;
			if (!read_member(glob, &pos, &high))
				return 0;
		}
		pk_byte_set_add_range(&set, low, high);
	}
	if (pos == glob->len)
		return 0;
	if (glob->icase)
		set_capitals(&set);
	if (negated)
		pk_byte_set_invert(&set);
	*at = pos + 1;
	*ret_set = set;
	return 1;
}

static int read_part(struct glob *glob, size_t *at, struct part *part)
{
	size_t start = (*at)++;
	int got;

	*part = (struct part){ .kind = PART_CHAR, .byte = (uint8_t)glob->text[start] };
	switch (glob->text[start]) {
	case '*':
		part->kind = PART_STAR;
		return 0;
	case '?':
		part->kind = PART_ANY;
		return 0;
	case '\\':
		if (*at == glob->len)
			return refuse(glob, start, "there is nothing behind the last backslash");
		part->byte = (uint8_t)glob->text[(*at)++];
		return 0;
	case '[':
		got = read_set(glob, at, &part->set);
		if (got > 0)
			part->kind = PART_SET;
		return got < 0 ? got : 0;
	default:
		return 0;
	}
}

static uint32_t add_part(struct pk_nfa *nfa, const struct part *part, bool icase, uint32_t out)
{
	struct pk_byte_set any = { 0 };

	switch (part->kind) {
	case PART_STAR:
		/* at its end: matches whatever follows */
		if (out == PK_NFA_MATCH || out == PK_NFA_HIT)
			return PK_NFA_HIT;
		return pk_nfa_add_anything(nfa, out);
	case PART_ANY:
		pk_byte_set_invert(&any);
		return pk_nfa_add_set(nfa, &any, out);
	case PART_SET:
		return pk_nfa_add_set(nfa, &part->set, out);
	default:
		return pk_nfa_add_char(nfa, part->byte, icase, out);
	}
}

int pk_glob_compile(struct pk_nfa *nfa, unsigned int flags, const char *text, size_t len,
		    const char **reterr_reason, size_t *reterr_at)
{
	struct glob glob = { .text = text, .len = len, .icase = flags & PK_PATTERN_ICASE };
	pk_cleanup(pk_free_p) struct part *parts = calloc(len + 1, sizeof(*parts));
	uint32_t out = PK_NFA_MATCH;
	size_t cnt = 0;

	if (!parts)
		return -ENOMEM;
	for (size_t at = 0; at < len;) {
		int err = read_part(&glob, &at, &parts[cnt]);

		if (err) {
			*reterr_reason = glob.reason;
			*reterr_at = glob.reason_at;
			return err;
		}
		/* ** is * */
		if (parts[cnt].kind != PART_STAR || cnt == 0 || parts[cnt - 1].kind != PART_STAR)
			cnt++;
	}
	while (cnt > 0 && !nfa->err)
		out = add_part(nfa, &parts[--cnt], glob.icase, out);
	nfa->start = out;
	return nfa->err;
}
