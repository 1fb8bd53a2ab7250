/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event that a test made up, and both ways to judge it: what the kernel side would look up in
 * a plan's tables, and the values that the reference asks for.
 */
#ifndef PK_TESTS_WORLD_H
#define PK_TESTS_WORLD_H

#include "plan/plan.h"
#include "test.h"

#include <stdio.h>

#define WORLD_ANCESTORS 8

struct world_text {
	enum pk_value_state state;
	const char *text;
};

struct world {
	uint32_t kind;
	struct world_text names[WORLD_ANCESTORS]; /* own, parent, ... */
	struct world_text own[PK_TEXT_PROC_CNT];  /* but NAME */
	struct world_text parent[PK_TEXT_PROC_CNT];
	struct world_text event[PK_TEXT_CNT];
	enum pk_value_state num_state[PK_NUM_CNT];
	uint64_t num[PK_NUM_CNT];
	bool has_addr[2];
	uint8_t addr[2][16];
	const char *const *tag_names;
	size_t tag_cnt;
	char buf[4096];
};

/* ---- the kernel's way ---- */

static inline void world_class(const struct pk_plan *plan, uint32_t text,
			       const struct world_text *value, uint32_t *exact, uint32_t *prefix)
{
	size_t len = value->text ? strlen(value->text) : 0;
	size_t best = 0;
	bool found = false;

	if (value->state != PK_VALUE_KNOWN) {
		*exact = value->state == PK_VALUE_MISSING ? PK_CLS_MISSING : PK_CLS_UNKNOWN;
		if (prefix)
			*prefix = *exact;
		return;
	}
	*exact = PK_CLS_OTHER;
	for (size_t i = 0; i < plan->exact_cnt; i++) {
		const struct pk_plan_exact *e = &plan->exact[i];

		if (e->text == text && e->len == len && !memcmp(e->data, value->text, len))
			*exact = e->value.cls;
	}
	if (!prefix)
		return;
	*prefix = PK_CLS_OTHER;
	for (size_t i = 0; i < plan->prefix_cnt; i++) {
		const struct pk_plan_prefix *p = &plan->prefix[i];

		if (p->text == text && p->len <= len && !memcmp(p->data, value->text, p->len) &&
		    (!found || p->len >= best)) {
			best = p->len;
			found = true;
			*prefix = p->value.cls;
		}
	}
}

static inline void world_bits(const struct pk_plan *plan, uint32_t text,
			      const struct world_text *value, struct pk_judge *judge, uint32_t pool)
{
	for (uint32_t d = plan->table.dfa_first[text];
	     d < (uint32_t)plan->table.dfa_first[text] + plan->table.dfa_cnt[text]; d++) {
		const struct pk_dfa *dfa = plan->dfas[d];
		uint64_t bits[PK_DFA_WORDS] = { 0 };

		assert_int_equal(dfa->text, text);
		if (value->state == PK_VALUE_KNOWN)
			pk_dfa_run(dfa, value->text, strlen(value->text), bits);
		for (uint32_t w = 0; w < dfa->word_cnt; w++) {
			judge->t[pool + dfa->word + w] |= bits[w];
			judge->c[pool + dfa->word + w] |= value->state == PK_VALUE_UNKNOWN ?
								  UINT64_MAX :
								  bits[w];
		}
	}
}

static inline void world_names(const struct pk_plan *plan, const struct world *world,
			       struct pk_judge *judge)
{
	for (uint32_t n = 0; n < WORLD_ANCESTORS; n++) {
		world_class(plan, PK_TEXT_NAME, &world->names[n], &judge->cls[PK_SLOT_NAME + n],
			    n < 2 ? &judge->cls[n ? PK_SLOT_PREFIX_PARENT : PK_SLOT_PREFIX_OWN] :
				    NULL);
		if (n < 2)
			world_bits(plan, PK_TEXT_NAME, &world->names[n], judge,
				   n ? PK_WORD_PARENT : PK_WORD_OWN);
		for (size_t i = 0; n && i < plan->exact_cnt; i++) {
			const struct pk_plan_exact *e = &plan->exact[i];

			if (e->text != PK_TEXT_NAME || world->names[n].state != PK_VALUE_KNOWN ||
			    e->value.cls != judge->cls[PK_SLOT_NAME + n])
				continue;
			for (uint32_t w = 0; w < PK_WORDS_ANC; w++) {
				judge->t[PK_WORD_ANC + w] |= e->value.anc[w];
				judge->c[PK_WORD_ANC + w] |= e->value.anc[w];
			}
		}
		if (n && world->names[n].state == PK_VALUE_UNKNOWN)
			judge->c[PK_WORD_ANC] = judge->c[PK_WORD_ANC + 1] = UINT64_MAX;
	}
}

static inline bool world_in_net(const uint8_t addr[16], const struct pk_net *net)
{
	for (uint32_t bit = 0; bit < net->bits; bit++) {
		if ((addr[bit / 8] ^ net->addr[bit / 8]) & (0x80 >> bit % 8))
			return false;
	}
	return true;
}

static inline void world_address(const struct pk_plan *plan, const struct world *world, int end,
				 uint32_t *cls)
{
	uint32_t best = 0;

	*cls = world->has_addr[end] ? PK_CLS_OTHER : PK_CLS_MISSING;
	for (size_t i = 0; i < plan->net_cnt && world->has_addr[end]; i++) {
		if (plan->nets[i].net.bits >= best &&
		    world_in_net(world->addr[end], &plan->nets[i].net)) {
			best = plan->nets[i].net.bits;
			*cls = plan->nets[i].value.cls;
		}
	}
}

static inline void world_judge(const struct pk_plan *plan, const struct world *world,
			       struct pk_judge *judge)
{
	memset(judge, 0, sizeof(*judge));
	for (uint32_t i = 0; i < PK_SLOT_CNT; i++)
		judge->cls[i] = PK_CLS_MISSING;
	world_names(plan, world, judge);
	for (uint32_t text = PK_TEXT_EXE; text < PK_TEXT_PROC_CNT; text++) {
		uint32_t at = text - PK_TEXT_EXE;

		world_class(plan, text, &world->own[text], &judge->cls[PK_SLOT_EXACT_OWN + at],
			    &judge->cls[PK_SLOT_PREFIX_OWN + text]);
		world_class(plan, text, &world->parent[text],
			    &judge->cls[PK_SLOT_EXACT_PARENT + at],
			    &judge->cls[PK_SLOT_PREFIX_PARENT + text]);
		world_bits(plan, text, &world->own[text], judge, PK_WORD_OWN);
		world_bits(plan, text, &world->parent[text], judge, PK_WORD_PARENT);
	}
	for (uint32_t text = PK_TEXT_FD_NAME; text < PK_TEXT_CNT; text++) {
		uint32_t at = text - PK_TEXT_FD_NAME;

		world_class(plan, text, &world->event[text], &judge->cls[PK_SLOT_EXACT + at],
			    &judge->cls[PK_SLOT_PREFIX + at]);
		world_bits(plan, text, &world->event[text], judge, PK_WORD_EVENT);
	}
	for (uint32_t num = 0; num < PK_NUM_CNT; num++) {
		judge->num[num] = world->num[num];
		if (world->num_state[num] == PK_VALUE_KNOWN)
			judge->num_present |= 1ull << num;
		if (world->num_state[num] == PK_VALUE_UNKNOWN)
			judge->num_unknown |= 1ull << num;
	}
	world_address(plan, world, 0, &judge->cls[PK_SLOT_LOCAL]);
	world_address(plan, world, 1, &judge->cls[PK_SLOT_REMOTE]);
}

/* What the tables' rows say of the process's own texts. */
static inline uint64_t world_rows(const struct pk_plan *plan, const struct world *world,
				  const struct pk_judge *judge)
{
	uint64_t kinds = plan->table.always;

	for (size_t i = 0; i < plan->exact_cnt; i++) {
		const struct pk_plan_exact *e = &plan->exact[i];
		uint32_t slot = e->text == PK_TEXT_NAME ? PK_SLOT_NAME :
							  PK_SLOT_EXACT_OWN + e->text - PK_TEXT_EXE;

		if (e->text < PK_TEXT_PROC_CNT && judge->cls[slot] == e->value.cls)
			kinds |= e->value.kinds;
	}
	for (size_t i = 0; i < plan->prefix_cnt; i++) {
		const struct pk_plan_prefix *p = &plan->prefix[i];

		if (p->text < PK_TEXT_PROC_CNT &&
		    judge->cls[PK_SLOT_PREFIX_OWN + p->text] == p->value.cls)
			kinds |= p->value.kinds;
	}
	for (size_t d = 0; d < plan->dfa_cnt; d++) {
		const struct pk_dfa *dfa = plan->dfas[d];

		for (uint32_t w = 0; w < dfa->word_cnt && dfa->text < PK_TEXT_PROC_CNT; w++) {
			if (judge->c[PK_WORD_OWN + dfa->word + w])
				kinds |= dfa->kinds;
		}
	}
	return kinds;
}

/* ---- the reference's way ---- */

static inline void world_give_text(const struct world_text *text, struct pk_value *value)
{
	value->state = text->state;
	if (text->state == PK_VALUE_KNOWN)
		value->text = (struct pk_value_text){ text->text, strlen(text->text) };
}

static inline void world_give_any_name(const struct world *world, struct pk_value *value)
{
	value->state = world->names[1].state == PK_VALUE_MISSING ? PK_VALUE_MISSING :
								   PK_VALUE_KNOWN;
	for (int n = 1; n < WORLD_ANCESTORS; n++) {
		if (world->names[n].state == PK_VALUE_UNKNOWN)
			value->partial = true;
		if (world->names[n].state == PK_VALUE_KNOWN)
			value->list[value->list_cnt++] = (struct pk_value_text){
				world->names[n].text, strlen(world->names[n].text)
			};
	}
	if (value->state == PK_VALUE_KNOWN && !value->list_cnt)
		value->state = PK_VALUE_UNKNOWN;
}

static inline void world_give_source_text(const struct world *world,
					  const struct pk_field_source *source, const char *arg,
					  struct pk_value *value)
{
	bool is_name = source->id == PK_TEXT_NAME;
	unsigned long depth = arg ? strtoul(arg, NULL, 10) : 0;

	if (source->whose == PK_WHOSE_EVENT)
		world_give_text(&world->event[source->id], value);
	else if (source->whose == PK_WHOSE_OWN)
		world_give_text(is_name ? &world->names[0] : &world->own[source->id], value);
	else if (source->whose == PK_WHOSE_PARENT)
		world_give_text(is_name ? &world->names[1] : &world->parent[source->id], value);
	else if (!arg)
		world_give_any_name(world, value);
	else if (depth < WORLD_ANCESTORS)
		world_give_text(&world->names[depth], value);
	else
		value->state = PK_VALUE_MISSING;
}

static inline void world_add_name(struct world *world, const char *name, const char *between)
{
	size_t len = strlen(world->buf);

	snprintf(world->buf + len, sizeof(world->buf) - len, "%s%s", len ? between : "", name);
}

static inline void world_give_names(struct world *world, const struct pk_field_source *source,
				    struct pk_value *value)
{
	uint64_t num = world->num[source->id];

	value->state = world->num_state[source->id];
	world->buf[0] = '\0';
	if (source->mask)
		num &= source->mask;
	for (const struct pk_symbol *s = source->symbols; s && s->name; s++) {
		if (source->how == PK_SOURCE_SYMBOL ?
			    num == s->value && !world->buf[0] :
			    (num & (s->mask ? s->mask : s->value)) == s->value)
			world_add_name(world, s->name, source->text);
	}
	if (source->how == PK_SOURCE_SYMBOL && !world->buf[0])
		world_add_name(world, "<NA>", "");
	value->text = (struct pk_value_text){ world->buf, strlen(world->buf) };
}

static inline void world_give_tags(const struct world *world, const struct pk_field_source *source,
				   struct pk_value *value)
{
	value->state = world->num_state[source->id];
	if (value->state == PK_VALUE_KNOWN && !world->num[source->id])
		value->state = PK_VALUE_MISSING;
	for (size_t i = 0; i < world->tag_cnt; i++) {
		if (world->num[source->id] >> i & 1)
			value->list[value->list_cnt++] = (struct pk_value_text){
				world->tag_names[i], strlen(world->tag_names[i])
			};
	}
}

static inline void world_give_number(const struct world *world,
				     const struct pk_field_source *source, struct pk_value *value)
{
	uint64_t num = world->num[source->id];

	value->state = world->num_state[source->id];
	if (source->mask)
		num &= source->mask;
	if (source->how == PK_SOURCE_INT32) {
		value->num.i = (int32_t)(uint32_t)num;
	} else if (source->how == PK_SOURCE_BOOL) {
		bool is = !source->symbols && num;

		for (const struct pk_symbol *s = source->symbols; s && s->name; s++)
			is = is || num == s->value;
		value->num.u = is;
	} else {
		value->num.u = num;
	}
}

static inline void world_give_ends(struct world *world, const struct pk_field_source *source,
				   struct pk_value *value)
{
	static const uint32_t ports[] = { PK_NUM_LPORT, PK_NUM_RPORT };
	size_t at = 0;

	for (int end = 0; end < 2; end++) {
		if (source->end != PK_END_ANY && source->end != (enum pk_source_end)end)
			continue;
		if (source->how == PK_SOURCE_ADDR && world->has_addr[end]) {
			memcpy(value->addr[value->addr_cnt++], world->addr[end], 16);
		} else if (source->how == PK_SOURCE_PORT &&
			   world->num_state[ports[end]] == PK_VALUE_KNOWN) {
			value->num.i = (int64_t)world->num[ports[end]];
			value->list[value->list_cnt].data = world->buf + at;
			value->list[value->list_cnt++].len = (size_t)sprintf(world->buf + at, "%ld",
									     (long)value->num.i);
			at += 16;
		}
	}
	value->state = value->addr_cnt || value->list_cnt ? PK_VALUE_KNOWN : PK_VALUE_MISSING;
	if (value->list_cnt == 1)
		value->list_cnt = 0;
}

/* A pk_value_fn. What only user space knows is unknown. */
static inline int world_get(void *arg, const struct pk_field *field, const char *field_arg,
			    struct pk_value *ret_value)
{
	struct world *world = arg;
	const struct pk_field_source *source = pk_field_source(field, world->kind);
	struct pk_value value = { .type = field->type, .state = PK_VALUE_KNOWN };

	if (!source) {
		value.state = PK_VALUE_MISSING;
		*ret_value = value;
		return 0;
	}
	switch (source->how) {
	case PK_SOURCE_USER:
		value.state = PK_VALUE_UNKNOWN;
		break;
	case PK_SOURCE_KIND:
		for (const struct pk_symbol *s = source->symbols; s->name; s++)
			value.list[value.list_cnt++] = (struct pk_value_text){ s->name,
									       strlen(s->name) };
		break;
	case PK_SOURCE_CONST:
		value.text = (struct pk_value_text){ source->text, strlen(source->text) };
		if (field->type == PK_FIELD_BOOL)
			value.num.u = !strcmp(source->text, "true");
		break;
	case PK_SOURCE_RANGE:
		value.state = PK_VALUE_UNKNOWN;
		value.ranged = true;
		value.min = source->min;
		value.max = source->max;
		break;
	case PK_SOURCE_TEXT:
		world_give_source_text(world, source, field_arg, &value);
		break;
	case PK_SOURCE_SYMBOL:
	case PK_SOURCE_BITS:
		world_give_names(world, source, &value);
		break;
	case PK_SOURCE_TAG:
		world_give_tags(world, source, &value);
		break;
	case PK_SOURCE_ADDR:
	case PK_SOURCE_PORT:
		world_give_ends(world, source, &value);
		break;
	default:
		world_give_number(world, source, &value);
	}
	*ret_value = value;
	return 0;
}

#endif
