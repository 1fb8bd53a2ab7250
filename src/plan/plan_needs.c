/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to be known of an event before it can be judged: from the literals that its circuits
 * hold.
 */
#include <string.h>

#include "plan/plan_internal.h"

/* Texts, as bits. */
static void add_event_class(struct pk_needs *needs, const struct pk_lit *lit)
{
	if (lit->slot == PK_SLOT_LOCAL)
		needs->flags |= PK_NEED_LOCAL;
	else if (lit->slot == PK_SLOT_REMOTE)
		needs->flags |= PK_NEED_REMOTE;
	else if (lit->slot >= PK_SLOT_PREFIX)
		needs->prefix |= 1u << (lit->slot - PK_SLOT_PREFIX + PK_TEXT_FD_NAME);
	else
		needs->exact |= 1u << (lit->slot - PK_SLOT_EXACT + PK_TEXT_FD_NAME);
}

static void add_process_class(struct pk_needs *needs, const struct pk_index_lit *lit)
{
	if (lit->lit.slot >= PK_SLOT_PREFIX_OWN)
		needs->prefix |= 1u << lit->text;
	else
		needs->exact |= 1u << lit->text;
}

static void add_pattern(const struct pk_index_lit *lit, struct pk_needs *needs)
{
	needs->dfa |= 1u << lit->text;
	needs->dfas |= 1ull << (lit->entries[0]->dfa - 1);
}

/* Facts of the process go to `process`, the others to `event`. */
static void add_lit(const struct pk_index_lit *lit, struct pk_needs *event,
		    struct pk_needs *process)
{
	switch (lit->lit.kind) {
	case PK_LIT_CLS:
		if (lit->lit.slot2 == PK_SLOT_ID)
			event->flags |= PK_NEED_IDENT;
		if (lit->lit.slot >= PK_SLOT_EVENT)
			add_event_class(event, &lit->lit);
		else
			add_process_class(process, lit);
		return;
	case PK_LIT_BIT:
		if (lit->how == PK_INDEX_CONTAINER) {
			event->flags |= PK_NEED_CONTAINER;
			return;
		}
		if (lit->lit.word < PK_WORD_EVENT)
			event->flags |= PK_NEED_PROC_BITS;
		if (lit->how == PK_INDEX_ANC)
			process->exact |= 1u << PK_TEXT_NAME;
		else if (lit->lit.word >= PK_WORD_EVENT)
			add_pattern(lit, event);
		else
			add_pattern(lit, process);
		return;
	case PK_LIT_NUM:
		event->nums |= 1ull << lit->lit.num;
		return;
	}
}

void pk_planner_add_texts(const struct pk_index_lit *lit, struct pk_needs *needs)
{
	struct pk_needs all = { 0 };
	struct pk_needs process = { 0 };

	add_lit(lit, &all, &process);
	needs->exact |= all.exact;
	needs->prefix |= all.prefix;
	needs->dfa |= all.dfa;
	needs->dfas |= all.dfas;
}

static bool is_ancestors(const struct pk_index_lit *lit)
{
	uint16_t slot = lit->lit.slot;

	if (lit->lit.kind == PK_LIT_BIT)
		return lit->lit.word >= PK_WORD_PARENT && lit->lit.word < PK_WORD_EVENT;
	return lit->lit.kind == PK_LIT_CLS && slot < PK_SLOT_EVENT && slot != PK_SLOT_NAME &&
	       (slot < PK_SLOT_EXACT_OWN || slot >= PK_SLOT_PREFIX_PARENT ||
		(slot >= PK_SLOT_EXACT_PARENT && slot < PK_SLOT_PREFIX_OWN));
}

/* Kinds with a hook where facts are missing, but the event can still be denied: kernel/points.h. */
static bool has_pre(uint32_t kind)
{
	const uint64_t kinds = PK_FIELD_KIND(PK_EVENT_EXEC) | PK_FIELD_KIND(PK_EVENT_OPEN) |
			       PK_FIELD_KIND(PK_EVENT_ACCEPT) | PK_FIELD_KIND(PK_EVENT_OPEN_TREE) |
			       PK_FIELD_KIND(PK_EVENT_FSMOUNT) | PK_FIELD_KIND(PK_EVENT_FSCONFIG) |
			       PK_FIELD_KIND(PK_EVENT_MOUNT_SETATTR) |
			       PK_FIELD_KIND(PK_EVENT_SETNS) | PK_FIELD_KIND(PK_EVENT_UNSHARE) |
			       PK_FIELD_KIND(PK_EVENT_KEYCTL) | PK_FIELD_KIND(PK_EVENT_PERF_EVENT) |
			       PK_FIELD_KIND(PK_EVENT_IO_URING) |
			       PK_FIELD_KIND(PK_EVENT_USERFAULTFD) | PK_FIELD_KIND(PK_EVENT_MEMFD);

	return kinds >> kind & 1;
}

static void add_for_kinds(struct pk_plan_table *table, const struct pk_index_lit *lit)
{
	for (uint32_t kind = 0; kind < PK_KINDS; kind++) {
		struct pk_needs *pre = &table->pre[kind];

		if (!(lit->kinds >> kind & 1))
			continue;
		add_lit(lit, &table->kinds[kind], &table->process);
		if (lit->how == PK_INDEX_CONTAINER)
			table->container_kinds |= 1ull << kind;
		if (is_ancestors(lit))
			table->ancestry |= 1ull << kind;
		if (lit->lit.kind == PK_LIT_NUM &&
		    (lit->lit.num == PK_NUM_TAGS || lit->lit.num == PK_NUM_CTAGS))
			table->tag_kinds |= 1ull << kind;
		if (has_pre(kind) && (lit->pre_kinds >> kind & 1))
			add_lit(lit, pre, pre);
	}
}

static void add_flags(const struct pk_planner *planner, uint32_t kind)
{
	struct pk_plan_table *table = &planner->plan->table;
	const struct pk_circuit *circuit = &planner->plan->circuits[kind];

	if (circuit->cnt)
		table->kinds[kind].flags |= PK_NEED_JUDGE;
	for (size_t i = 0; i < circuit->cnt; i++) {
		if (circuit->judged[i].action == PK_RULES_ACTION_ALERT)
			continue;
		table->kinds[kind].flags |= PK_NEED_STOP;
		if (has_pre(kind))
			table->pre[kind].flags |= PK_NEED_JUDGE | PK_NEED_STOP;
	}
}

static bool mentions(const struct pk_rules_text *text, const char *field)
{
	return text->len_bytes && memmem(text->data, text->len_bytes, field, strlen(field));
}

/* Texts that the kernel side reads only where they are asked for: by what user space finishes, and by outputs. */
static void add_asked(struct pk_planner *planner)
{
	struct pk_plan_table *table = &planner->plan->table;
	bool env = false, raw = false;
	size_t cnt;
	struct pk_atom *const *atoms = pk_bound_atoms(planner->bound, &cnt);

	for (size_t i = 0; i < cnt; i++) {
		const char *name = atoms[i]->field ? atoms[i]->field->name : "";

		env |= !strcmp(name, "proc.env");
		raw |= !strcmp(name, "fd.nameraw");
	}
	for (size_t i = 0; i < planner->rules->cnt; i++) {
		const struct pk_rule *rule = planner->rules->items[i];

		env |= mentions(&rule->output, "proc.env");
		raw |= mentions(&rule->output, "fd.nameraw");
	}
	if (env)
		table->kinds[PK_EVENT_EXEC].exact |= 1u << PK_TEXT_ENV;
	if (raw)
		table->kinds[PK_EVENT_OPEN].exact |= 1u << PK_TEXT_ASKED;
}

void pk_planner_needs(struct pk_planner *planner)
{
	add_asked(planner);
	for (size_t i = 0; i < planner->index.lit_cnt; i++) {
		const struct pk_index_lit *lit = planner->index.lits[i];

		if (lit->kinds && !lit->why)
			add_for_kinds(&planner->plan->table, lit);
	}
	for (uint32_t kind = 0; kind < PK_KINDS; kind++)
		add_flags(planner, kind);
}
