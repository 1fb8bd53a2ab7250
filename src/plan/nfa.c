/* SPDX-License-Identifier: Apache-2.0 */
/*
 * States of a pattern's automaton, added from its end.
 */
#include "plan/nfa.h"

#include <string.h>

#define SETS_MAX 65536u

void pk_byte_set_add_range(struct pk_byte_set *set, unsigned int first, unsigned int last)
{
	for (unsigned int byte = first; byte <= last && byte < 256; byte++)
		pk_byte_set_add(set, byte);
}

void pk_byte_set_invert(struct pk_byte_set *set)
{
	for (size_t i = 0; i < PK_ARRAY_SIZE(set->bits); i++)
		set->bits[i] = ~set->bits[i];
}

void pk_byte_set_fold(struct pk_byte_set *set)
{
	for (unsigned int lower = 'a'; lower <= 'z'; lower++) {
		unsigned int upper = lower - 'a' + 'A';

		if (pk_byte_set_has(set, lower))
			pk_byte_set_add(set, upper);
		else if (pk_byte_set_has(set, upper))
			pk_byte_set_add(set, lower);
	}
}

bool pk_byte_set_is_full(const struct pk_byte_set *set)
{
	return (set->bits[0] & set->bits[1] & set->bits[2] & set->bits[3]) == UINT64_MAX;
}

bool pk_byte_set_add_class(struct pk_byte_set *set, const char *name, size_t len)
{
	/* pairs of first and last byte */
	static const struct {
		const char *name;
		const char *ranges;
		size_t len;
	} classes[] = {
		{ "alnum", "09AZaz", 6 },
		{ "alpha", "AZaz", 4 },
		{ "ascii", "\0\x7f", 2 },
		{ "blank", "\t\t  ", 4 },
		{ "cntrl", "\0\x1f\x7f\x7f", 4 },
		{ "digit", "09", 2 },
		{ "graph", "!~", 2 },
		{ "lower", "az", 2 },
		{ "print", " ~", 2 },
		{ "punct", "!/:@[`{~", 8 },
		{ "space", "\t\r  ", 4 },
		{ "upper", "AZ", 2 },
		{ "word", "09AZaz__", 8 },
		{ "xdigit", "09AFaf", 6 },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(classes); i++) {
		if (strlen(classes[i].name) != len || memcmp(classes[i].name, name, len) != 0)
			continue;
		for (size_t at = 0; at < classes[i].len; at += 2)
			pk_byte_set_add_range(set, (uint8_t)classes[i].ranges[at],
					      (uint8_t)classes[i].ranges[at + 1]);
		return true;
	}
	return false;
}

int pk_nfa_init(struct pk_nfa *nfa)
{
	*nfa = (struct pk_nfa){ .state_cap = 16 };
	nfa->states = calloc(nfa->state_cap, sizeof(*nfa->states));
	if (!nfa->states)
		return -ENOMEM;
	nfa->states[PK_NFA_MATCH].kind = PK_NFA_KIND_MATCH;
	nfa->states[PK_NFA_HIT].kind = PK_NFA_KIND_HIT;
	nfa->state_cnt = 2;
	return 0;
}

void pk_nfa_fini(struct pk_nfa *nfa)
{
	free(nfa->states);
	free(nfa->sets);
	*nfa = (struct pk_nfa){ 0 };
}

static uint32_t add(struct pk_nfa *nfa, struct pk_nfa_state state)
{
	struct pk_nfa_state *states;

	if (nfa->err)
		return 0;
	if (nfa->state_cnt == PK_MAX_PATTERN_STATES) {
		nfa->err = -E2BIG;
		return 0;
	}
	if (nfa->state_cnt == nfa->state_cap) {
		states = reallocarray(nfa->states, nfa->state_cap, 2 * sizeof(*states));
		if (!states) {
			nfa->err = -ENOMEM;
			return 0;
		}
		nfa->states = states;
		nfa->state_cap *= 2;
	}
	nfa->states[nfa->state_cnt] = state;
	return nfa->state_cnt++;
}

uint32_t pk_nfa_add_byte(struct pk_nfa *nfa, uint8_t byte, uint32_t out)
{
	return add(nfa, (struct pk_nfa_state){ PK_NFA_KIND_BYTE, byte, 0, out, 0 });
}

/* One of the last ones, or a new one. */
static int find_set(struct pk_nfa *nfa, const struct pk_byte_set *set, uint16_t *ret_idx)
{
	uint32_t first = nfa->set_cnt > 64 ? nfa->set_cnt - 64 : 0;

	for (uint32_t i = nfa->set_cnt; i-- > first;) {
		if (!memcmp(&nfa->sets[i], set, sizeof(*set))) {
			*ret_idx = (uint16_t)i;
			return 0;
		}
	}
	if (nfa->set_cnt == SETS_MAX)
		return -E2BIG;
	if (nfa->set_cnt == nfa->set_cap) {
		uint32_t cap = nfa->set_cap ? 2 * nfa->set_cap : 4;
		struct pk_byte_set *sets = reallocarray(nfa->sets, cap, sizeof(*sets));

		if (!sets)
			return -ENOMEM;
		nfa->sets = sets;
		nfa->set_cap = cap;
	}
	nfa->sets[nfa->set_cnt] = *set;
	*ret_idx = (uint16_t)nfa->set_cnt++;
	return 0;
}

uint32_t pk_nfa_add_set(struct pk_nfa *nfa, const struct pk_byte_set *set, uint32_t out)
{
	uint16_t idx;

	if (nfa->err)
		return 0;
	nfa->err = find_set(nfa, set, &idx);
	if (nfa->err)
		return 0;
	return add(nfa, (struct pk_nfa_state){ PK_NFA_KIND_SET, 0, idx, out, 0 });
}

uint32_t pk_nfa_add_split(struct pk_nfa *nfa, uint32_t out, uint32_t out2)
{
	return add(nfa, (struct pk_nfa_state){ PK_NFA_KIND_SPLIT, 0, 0, out, out2 });
}

uint32_t pk_nfa_add_beside(struct pk_nfa *nfa, enum pk_nfa_kind kind, uint8_t mask, uint32_t out)
{
	nfa->asks_beside = true;
	return add(nfa, (struct pk_nfa_state){ (uint8_t)kind, mask, 0, out, 0 });
}

uint32_t pk_nfa_add_anything(struct pk_nfa *nfa, uint32_t out)
{
	struct pk_byte_set any = { 0 };
	uint32_t split = pk_nfa_add_split(nfa, out, out);
	uint32_t byte;

	pk_byte_set_invert(&any);
	byte = pk_nfa_add_set(nfa, &any, split);
	if (!nfa->err)
		nfa->states[split].out = byte;
	return split;
}

uint32_t pk_nfa_add_char(struct pk_nfa *nfa, uint8_t byte, bool icase, uint32_t out)
{
	bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
	struct pk_byte_set set = { 0 };

	if (!icase || !letter)
		return pk_nfa_add_byte(nfa, byte, out);
	pk_byte_set_add(&set, byte);
	pk_byte_set_fold(&set);
	return pk_nfa_add_set(nfa, &set, out);
}

unsigned int pk_nfa_beside(uint8_t byte)
{
	if (byte == '\n')
		return PK_BESIDE_NEWLINE;
	if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
	    (byte >= 'a' && byte <= 'z'))
		return PK_BESIDE_WORD;
	return PK_BESIDE_OTHER;
}
