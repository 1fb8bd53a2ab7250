/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kind of event settles is asked of the reference evaluator; the rest goes to the file
 * of its kind of source.
 */
#include "plan/lower.h"

#include <errno.h>
#include <string.h>

const struct pk_gate *pk_lower_unknown(struct pk_lower *lower, const char *why)
{
	if (!lower->why)
		lower->why = why;
	return pk_gates_constant(lower->gates, PK_GATE_UNKNOWN);
}

const struct pk_gate *pk_lower_lit(struct pk_lower *lower, const struct pk_index_lit *wanted)
{
	const struct pk_index_lit *lit = pk_index_lit(lower->index, wanted);

	return lit ? pk_gates_lit(lower->gates, &lit->lit, false) : NULL;
}

const struct pk_gate *pk_lower_num(struct pk_lower *lower, uint32_t num, uint64_t mask, bool ne,
				   const struct pk_range *ranges, size_t cnt)
{
	return pk_lower_lit(lower, &(struct pk_index_lit){ .lit = { .kind = PK_LIT_NUM,
								    .ne = ne,
								    .slot2 = PK_SLOT_CNT,
								    .num = (uint16_t)num,
								    .mask = mask,
								    .ranges = ranges,
								    .range_cnt = cnt } });
}

static int get_given(void *arg, const struct pk_field *field, const char *field_arg,
		     struct pk_value *ret_value)
{
	(void)field;
	(void)field_arg;
	*ret_value = *(const struct pk_value *)arg;
	return 0;
}

static enum pk_truth ask(struct pk_lower *lower, const struct pk_atom *atom, struct pk_value *value)
{
	enum pk_truth truth = PK_UNKNOWN;
	int err = pk_atom_eval(atom, get_given, value, &truth);

	if (err && !lower->err)
		lower->err = err;
	return truth;
}

static const struct pk_gate *of_truth(struct pk_lower *lower, enum pk_truth truth)
{
	static const enum pk_gate_kind kinds[] = { PK_GATE_FALSE, PK_GATE_UNKNOWN, PK_GATE_TRUE };

	if (truth == PK_UNKNOWN)
		return pk_lower_unknown(lower, "the kernel only knows a range for it");
	return pk_gates_constant(lower->gates, kinds[truth]);
}

enum pk_truth pk_lower_ask_text(struct pk_lower *lower, const struct pk_atom *atom,
				const char *text)
{
	struct pk_value value = { .state = PK_VALUE_KNOWN,
				  .type = PK_FIELD_TEXT,
				  .text = { text, strlen(text) } };

	return ask(lower, atom, &value);
}

/* All names of the operation are true of it. */
static const struct pk_gate *lower_kind(struct pk_lower *lower, const struct pk_atom *atom,
					const struct pk_field_source *source)
{
	struct pk_value value = { .state = PK_VALUE_KNOWN, .type = PK_FIELD_TEXT };

	for (const struct pk_symbol *s = source->symbols; s->name; s++) {
		if (value.list_cnt == PK_VALUE_LIST_MAX)
			break;
		value.list[value.list_cnt++] = (struct pk_value_text){ s->name, strlen(s->name) };
	}
	if (value.list_cnt)
		value.text = value.list[0];
	return of_truth(lower, ask(lower, atom, &value));
}

static const struct pk_gate *lower_constant(struct pk_lower *lower, const struct pk_atom *atom,
					    const struct pk_field_source *source)
{
	struct pk_value value = { .state = PK_VALUE_KNOWN, .type = atom->field->type };

	if (atom->field->type == PK_FIELD_BOOL)
		value.num.u = !strcmp(source->text, "true");
	else
		value.text = (struct pk_value_text){ source->text, strlen(source->text) };
	return of_truth(lower, ask(lower, atom, &value));
}

static const struct pk_gate *lower_range(struct pk_lower *lower, const struct pk_atom *atom,
					 const struct pk_field_source *source)
{
	struct pk_value value = { .state = PK_VALUE_UNKNOWN,
				  .type = atom->field->type,
				  .ranged = true,
				  .min = source->min,
				  .max = source->max };

	if (atom->check->op == PK_RULES_OP_EXISTS)
		return pk_gates_constant(lower->gates, PK_GATE_TRUE);
	return of_truth(lower, ask(lower, atom, &value));
}

/* A bit that user space has found, computed sides and all. */
static const struct pk_gate *lower_container(struct pk_lower *lower, const struct pk_atom *atom)
{
	/* a list that nobody has put anything into, as rules have them to be filled */
	if (atom->plain && !atom->cnt && atom->check->op == PK_RULES_OP_IN)
		return pk_gates_constant(lower->gates, PK_GATE_FALSE);
	return pk_lower_lit(lower, &(struct pk_index_lit){ .lit = { .kind = PK_LIT_BIT,
								    .slot = PK_SLOT_CNT,
								    .slot2 = PK_SLOT_CNT },
							   .how = PK_INDEX_CONTAINER,
							   .text = PK_TEXT_CNT,
							   .atom = atom });
}

static const struct pk_gate *lower_by_source(struct pk_lower *lower, const struct pk_atom *atom,
					     const struct pk_field_source *source,
					     enum pk_lower_ident ident)
{
	switch (source->how) {
	case PK_SOURCE_KIND:
		return lower_kind(lower, atom, source);
	case PK_SOURCE_CONST:
		return lower_constant(lower, atom, source);
	case PK_SOURCE_RANGE:
		return lower_range(lower, atom, source);
	case PK_SOURCE_TEXT:
		return pk_lower_text(lower, atom, source, ident);
	case PK_SOURCE_NUM:
	case PK_SOURCE_INT32:
	case PK_SOURCE_BOOL:
	case PK_SOURCE_PORT:
		return pk_lower_number(lower, atom, source);
	case PK_SOURCE_SYMBOL:
	case PK_SOURCE_BITS:
	case PK_SOURCE_TAG:
		return pk_lower_names(lower, atom, source);
	case PK_SOURCE_ADDR:
		return pk_lower_addr(lower, atom, source);
	case PK_SOURCE_USER:
		break;
	}
	return pk_lower_unknown(lower, "the kernel side does not have this field");
}

const struct pk_lowered *pk_lower_atom(struct pk_lower *lower, struct pk_atom *atom,
				       const struct pk_field_source *source,
				       enum pk_lower_ident ident)
{
	struct pk_lowered *lowered;

	for (lowered = atom->user; lowered; lowered = lowered->next) {
		if (lowered->source == source && lowered->ident == ident)
			return lowered;
	}
	lowered = pk_arena_alloc(lower->arena, sizeof(*lowered));
	if (!lowered) {
		lower->err = -ENOMEM;
		return NULL;
	}
	lower->why = NULL;
	if (pk_atom_of_container(atom))
		lowered->gate = lower_container(lower, atom);
	else if (!atom->plain)
		lowered->gate = pk_lower_unknown(
			lower, "what is compared is computed, which the kernel does not do");
	else
		lowered->gate = lower_by_source(lower, atom, source, ident);
	if (!lowered->gate || lower->err)
		return NULL;
	lowered->source = source;
	lowered->ident = ident;
	lowered->why = lower->why;
	lowered->next = atom->user;
	atom->user = lowered;
	return lowered;
}
