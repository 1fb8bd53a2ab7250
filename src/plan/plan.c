/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of making a plan, in their order: conditions to circuits; which literals these still
 * hold; numbers for them; checks and refusals; circuits by kind of event; keys; interest; needs.
 */
#include "plan/plan.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/plan_internal.h"

#define PLAN_BYTES_MAX ((size_t)2 << 30)

static_assert(PK_KINDS <= 63, "kinds are bits of 64, the last of which is taken");

static void refuse_all(struct pk_rules *rules, const char *what)
{
	const struct pk_rule *rule = rules->cnt ? rules->items[0] : NULL;

	if (rule)
		pk_diag_add(&rules->ctx, PK_DIAG_ERROR, rule->pos, rule->span_bytes, NULL, "%s",
			    what);
}

/* ---- tags ---- */

static bool find_tag(const struct pk_plan *plan, const char *name, size_t *ret_bit)
{
	for (size_t i = 0; i < plan->tag_cnt; i++) {
		if (!strcmp(plan->tag_names[i], name)) {
			*ret_bit = i;
			return true;
		}
	}
	return false;
}

static bool is_set(const struct pk_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->cnt; i++) {
		const struct pk_rule *rule = rules->items[i];

		if (rule->enabled && rule->tag.name && !strcmp(rule->tag.name, name))
			return true;
	}
	return false;
}

/* The tags of the rules before these keep their bits, also those that nobody sets any more: processes
 * may still have them. */
static int keep_tags(struct pk_plan *plan, const struct pk_plan_options *options)
{
	for (size_t i = 0; i < options->tag_cnt && i < PK_MAX_TAGS_SET; i++) {
		size_t bytes = strlen(options->tag_names[i]) + 1;
		char *copy = pk_arena_alloc(&plan->arena, bytes);

		if (!copy)
			return -ENOMEM;
		memcpy(copy, options->tag_names[i], bytes);
		plan->tag_names[plan->tag_cnt++] = copy;
	}
	return 0;
}

/* A bit for one more tag: a new one, or that of a tag that nobody sets any more. */
static bool add_tag(struct pk_planner *planner, const char *name)
{
	struct pk_plan *plan = planner->plan;

	if (plan->tag_cnt < PK_MAX_TAGS_SET) {
		plan->tag_names[plan->tag_cnt++] = name;
		return true;
	}
	for (size_t i = 0; i < plan->tag_cnt; i++) {
		if (!is_set(planner->rules, plan->tag_names[i])) {
			plan->tag_names[i] = name;
			return true;
		}
	}
	return false;
}

static void collect_tags(struct pk_planner *planner)
{
	struct pk_plan *plan = planner->plan;
	const struct pk_rules *rules = planner->rules;
	size_t bit;

	plan->tag_names = pk_arena_alloc(&plan->arena, PK_MAX_TAGS_SET * sizeof(char *));
	if (!plan->tag_names || keep_tags(plan, &plan->options)) {
		planner->err = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < rules->cnt; i++) {
		const struct pk_rule *rule = rules->items[i];

		if (!rule->enabled || !rule->tag.name || find_tag(plan, rule->tag.name, &bit))
			continue;
		if (!add_tag(planner, rule->tag.name)) {
			pk_diag_add(&planner->rules->ctx, PK_DIAG_ERROR, rule->pos,
				    rule->span_bytes, NULL,
				    "tag '%.64s' is one too many: rules can set %u different ones",
				    rule->tag.name, PK_MAX_TAGS_SET);
			return;
		}
	}
}

/* ---- entries ---- */

static void fill_entries(struct pk_planner *planner)
{
	struct pk_plan *plan = planner->plan;

	for (size_t i = 0; i < planner->rules->cnt; i++) {
		const struct pk_rule *rule = planner->rules->items[i];
		struct pk_rule_entry *entry = &plan->entries[i];
		size_t bit;

		if (!rule->enabled)
			continue;
		if (!pk_rules_tells(rule) && !rule->tag.name)
			pk_diag_add(
				&planner->rules->ctx, PK_DIAG_WARNING, rule->pos, rule->span_bytes,
				NULL,
				"rule '%.64s' does nothing: its limit is none, and it has no tag",
				rule->name);
		entry->action = (__u8)rule->action;
		entry->act_on_unknown = rule->on_unknown == PK_RULES_UNKNOWN_ACT;
		entry->limit_cnt = rule->limit.cnt;
		entry->limit_ns = rule->limit.duration_ns;
		if (rule->tag.name && find_tag(plan, rule->tag.name, &bit)) {
			entry->tag = (__u8)(1 + bit);
			entry->tag_scope = (__u8)rule->tag.scope;
			entry->tag_ttl_ns = rule->tag.ttl_ns;
		}
	}
}

/* ---- literals in use ---- */

struct marks {
	uint32_t *seen[2]; /* by gate: 1 + kind; of all rules, of those that stop */
	uint32_t kind;
};

static void mark_gate(struct marks *marks, const struct pk_gate *gate, bool stops)
{
	if (marks->seen[stops][gate->id] == marks->kind + 1)
		return;
	marks->seen[stops][gate->id] = marks->kind + 1;
	if (gate->lit) {
		pk_index_lit_of(gate->lit)->kinds |= 1ull << marks->kind;
		if (stops)
			pk_index_lit_of(gate->lit)->pre_kinds |= 1ull << marks->kind;
	}
	for (uint32_t i = 0; i < gate->child_cnt; i++)
		mark_gate(marks, gate->children[i], stops);
}

static void mark_lits(struct pk_planner *planner)
{
	pk_cleanup(pk_free_p) uint32_t *all = calloc(planner->gates.cnt + 1, sizeof(*all));
	pk_cleanup(pk_free_p)
		uint32_t *stopping = calloc(planner->gates.cnt + 1, sizeof(*stopping));
	struct marks marks = { .seen = { all, stopping } };

	if (!all || !stopping) {
		planner->err = -ENOMEM;
		return;
	}
	for (marks.kind = PK_EVENT_EXEC; marks.kind < PK_KINDS; marks.kind++) {
		for (size_t i = 0; i < planner->rules->cnt; i++) {
			const struct pk_gate *gate = pk_planner_gate(planner, i, marks.kind);

			if (gate)
				mark_gate(&marks, gate, pk_planner_stops(planner, i));
		}
	}
}

static void number_lits(struct pk_planner *planner)
{
	planner->err = pk_index_finish(&planner->index, planner->plan);
	for (size_t i = 0; i < planner->index.lit_cnt; i++) {
		if (planner->index.lits[i]->why)
			pk_gates_forget(&planner->gates, &planner->index.lits[i]->lit);
	}
}

bool pk_planner_unknown(struct pk_planner *planner, const struct pk_gate *gate)
{
	uint8_t *known = &planner->unknown[gate->id];
	bool unknown = gate->kind == PK_GATE_UNKNOWN;

	if (*known)
		return *known == 2;
	for (uint32_t i = 0; i < gate->child_cnt && !unknown; i++)
		unknown = pk_planner_unknown(planner, gate->children[i]);
	*known = unknown ? 2 : 1;
	return unknown;
}

/* ---- circuits ---- */

static void build_circuit(struct pk_planner *planner, uint32_t kind)
{
	struct pk_plan *plan = planner->plan;
	struct pk_judged *judged;
	size_t cnt = 0;

	for (size_t i = 0; i < planner->rules->cnt; i++) {
		const struct pk_gate *gate = pk_planner_gate(planner, i, kind);

		cnt += gate && gate->kind != PK_GATE_FALSE;
	}
	judged = pk_arena_alloc(&plan->arena, cnt * sizeof(*judged));
	if (!judged) {
		planner->err = -ENOMEM;
		return;
	}
	plan->circuits[kind] = (struct pk_circuit){ judged, cnt };
	for (size_t i = 0; i < planner->rules->cnt; i++) {
		const struct pk_gate *gate = pk_planner_gate(planner, i, kind);

		if (!gate || gate->kind == PK_GATE_FALSE)
			continue;
		((struct pk_gate *)gate)->refs++;
		*judged++ = (struct pk_judged){ .rule_idx = (uint32_t)i,
						.gate = gate,
						.action = plan->entries[i].action,
						.act_on_unknown = plan->entries[i].act_on_unknown };
	}
}

/* Uses of parts by other parts; those by rules are counted with the circuits. */
static void count_refs(struct pk_planner *planner)
{
	for (uint32_t i = 0; i < planner->gates.slot_cnt; i++) {
		const struct pk_gate *gate = planner->gates.slots[i];

		for (uint32_t c = 0; gate && c < gate->child_cnt; c++)
			((struct pk_gate *)gate->children[c])->refs++;
	}
}

static void build(struct pk_planner *planner)
{
	pk_planner_lower(planner);
	if (!planner->err)
		mark_lits(planner);
	if (!planner->err)
		number_lits(planner);
	if (planner->err)
		return;
	planner->unknown = calloc(planner->gates.cnt + 1, sizeof(*planner->unknown));
	if (!planner->unknown) {
		planner->err = -ENOMEM;
		return;
	}
	fill_entries(planner);
	pk_planner_check(planner);
	for (uint32_t kind = 0; kind < PK_KINDS && !planner->err; kind++)
		build_circuit(planner, kind);
	if (planner->err)
		return;
	count_refs(planner);
	pk_planner_keys(planner);
	pk_planner_needs(planner);
	pk_planner_reads(planner);
	pk_planner_interest(planner);
}

static void start(struct pk_planner *planner)
{
	struct pk_plan *plan = planner->plan;
	size_t cnt = planner->rules->cnt;

	planner->err = pk_gates_init(&planner->gates, &plan->arena);
	pk_index_init(&planner->index, &plan->arena);
	plan->entries = pk_arena_alloc(&plan->arena, cnt * sizeof(*plan->entries));
	plan->plan_rules = pk_arena_alloc(&plan->arena, cnt * sizeof(*plan->plan_rules));
	planner->rule_gates = calloc(cnt * PK_KINDS + 1, sizeof(struct pk_gate *));
	if (!plan->entries || !plan->plan_rules || !planner->rule_gates)
		planner->err = -ENOMEM;
	if (!planner->err)
		collect_tags(planner);
	planner->lower = (struct pk_lower){ .arena = &plan->arena,
					    .gates = &planner->gates,
					    .index = &planner->index,
					    .tag_names = plan->tag_names,
					    .tag_cnt = plan->tag_cnt };
}

static void finish(struct pk_planner *planner)
{
	planner->plan->table.generation = planner->plan->options.generation;
	planner->plan->table.rule_cnt = (__u32)planner->rules->cnt;
	planner->plan->gate_cnt = planner->gates.cnt;
	pk_gates_fini(&planner->gates);
	pk_index_fini(&planner->index);
	pk_set_fini(&planner->macros);
	free(planner->rule_gates);
	free(planner->unknown);
}

PK_DEFINE_CLEANUP(struct pk_plan *, pk_plan_free);

int pk_plan_new(struct pk_rules *rules, struct pk_bound *bound,
		const struct pk_plan_options *options, struct pk_plan **ret_plan)
{
	pk_cleanup(pk_plan_free_p) struct pk_plan *plan = calloc(1, sizeof(*plan));
	struct pk_planner planner = { .plan = plan, .rules = rules, .bound = bound };
	struct pk_atom *const *atoms = pk_bound_atoms(bound, &(size_t){ 0 });
	int err;

	if (!plan)
		return -ENOMEM;
	atoms = pk_bound_atoms(bound, &plan->atom_cnt);
	if (plan->atom_cnt > PK_MAX_ATOMS) {
		refuse_all(rules, "all rules together make more than 262144 different comparisons");
		static_assert(PK_MAX_ATOMS == 262144, "said above");
		return -E2BIG;
	}
	for (size_t i = 0; i < plan->atom_cnt; i++)
		atoms[i]->user = NULL;
	plan->arena = PK_ARENA_INIT(PLAN_BYTES_MAX);
	plan->rules = rules;
	plan->bound = bound;
	plan->options = *options;
	start(&planner);
	if (!planner.err)
		build(&planner);
	finish(&planner);
	for (size_t i = 0; i < plan->atom_cnt; i++)
		atoms[i]->user = NULL;
	if (planner.err == -E2BIG)
		refuse_all(rules, "the rules are too large together: too many parts of conditions");
	err = pk_diags_sort(&rules->ctx.diags);
	if (planner.err || err)
		return planner.err ? planner.err : err;
	if (rules->ctx.err)
		return rules->ctx.err;
	if (rules->ctx.diags.errors_cnt)
		return -EBADMSG;
	*ret_plan = pk_take_ptr(plan);
	return 0;
}

void pk_plan_free(struct pk_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->dfa_cnt; i++)
		free(plan->dfas[i]);
	free(plan->dfas);
	pk_arena_fini(&plan->arena);
	free(plan);
}

uint64_t pk_plan_kinds(const struct pk_plan *plan)
{
	const uint64_t always = PK_FIELD_KIND(PK_EVENT_EXEC) | PK_FIELD_KIND(PK_EVENT_FORK) |
				PK_FIELD_KIND(PK_EVENT_EXIT);
	uint64_t kinds = 0;

	for (uint32_t kind = 0; kind < PK_KINDS; kind++) {
		if (plan->circuits[kind].cnt)
			kinds |= PK_FIELD_KIND(kind);
	}
	return kinds & ~always;
}
