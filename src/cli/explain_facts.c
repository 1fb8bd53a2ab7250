// SPDX-License-Identifier: Apache-2.0
/*
 * What the plan says of one rule, gathered for explain.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain.h"
#include "emit/emit.h"
#include "kernel/points.h"
#include "stream/names.h"

#define MAX_KEY_TEXTS 4u
#define MAX_MISSING_NOTES 16u
#define MAX_WALK_NODES 10000u

static const char *const table_names[PK_EXPLAIN_TABLES] = { "exact",     "prefix", "automata",
							    "networks",  "files",  "numbers",
							    "containers" };

const char *pk_explain_table_name(unsigned int bit)
{
	return table_names[bit];
}

/* ---- literals ---- */

struct slot_name {
	uint16_t first, cnt;
	uint32_t table;
	const char *names[8];
};

static const struct slot_name slot_names[] = {
	{ PK_SLOT_NAME,
	  8,
	  PK_EXPLAIN_EXACT,
	  { "proc.name", "proc.pname", "proc.aname[2]", "proc.aname[3]", "proc.aname[4]",
	    "proc.aname[5]", "proc.aname[6]", "proc.aname[7]" } },
	{ PK_SLOT_EXACT_OWN,
	  4,
	  PK_EXPLAIN_EXACT,
	  { "proc.exe", "proc.exepath", "proc.cmdline", "proc.args" } },
	{ PK_SLOT_EXACT_PARENT,
	  4,
	  PK_EXPLAIN_EXACT,
	  { "proc.pexe", "proc.pexepath", "proc.pcmdline", "the parent's arguments" } },
	{ PK_SLOT_PREFIX_OWN,
	  5,
	  PK_EXPLAIN_PREFIX,
	  { "proc.name", "proc.exe", "proc.exepath", "proc.cmdline", "proc.args" } },
	{ PK_SLOT_PREFIX_PARENT,
	  5,
	  PK_EXPLAIN_PREFIX,
	  { "proc.pname", "proc.pexe", "proc.pexepath", "proc.pcmdline",
	    "the parent's arguments" } },
	{ PK_SLOT_EXACT,
	  8,
	  PK_EXPLAIN_EXACT,
	  { "fd.name", "fd.directory", "fd.filename", "the new name", "the target", "proc.cwd",
	    "fd.nameraw", "proc.env" } },
	{ PK_SLOT_ID, 1, PK_EXPLAIN_FILES, { "fd.name" } },
	{ PK_SLOT_PREFIX,
	  8,
	  PK_EXPLAIN_PREFIX,
	  { "fd.name", "fd.directory", "fd.filename", "the new name", "the target", "proc.cwd",
	    "fd.nameraw", "proc.env" } },
	{ PK_SLOT_LOCAL, 1, PK_EXPLAIN_NETWORKS, { "local address" } },
	{ PK_SLOT_REMOTE, 1, PK_EXPLAIN_NETWORKS, { "remote address" } },
};

/* `kind` of event; 0 is none: what the text is of may hang on it. */
static const char *slot_name(uint16_t slot, uint32_t kind, uint32_t *ret_table)
{
	for (size_t i = 0; i < PK_ARRAY_SIZE(slot_names); i++) {
		const struct slot_name *run = &slot_names[i];

		if (slot < run->first || slot >= run->first + run->cnt)
			continue;
		*ret_table = run->table;
		if (kind == PK_EVENT_EXEC && (slot == PK_SLOT_EXACT || slot == PK_SLOT_PREFIX))
			return "proc.script";
		return run->names[slot - run->first];
	}
	*ret_table = 0;
	return "a text";
}

static uint32_t tables_of(const struct pk_lit *lit)
{
	uint32_t table, table2 = 0;

	if (lit->kind == PK_LIT_BIT)
		return lit->word < PK_WORD_CONTAINER ? PK_EXPLAIN_AUTOMATA : PK_EXPLAIN_CONTAINERS;
	if (lit->kind == PK_LIT_NUM)
		return PK_EXPLAIN_NUMBERS;
	slot_name(lit->slot, 0, &table);
	if (lit->slot2 < PK_SLOT_CNT)
		slot_name(lit->slot2, 0, &table2);
	return table | table2;
}

/* Shared gates are walked once: `seen` has a byte for each. */
static uint32_t tables_below(const struct pk_gate *gate, uint8_t *seen)
{
	uint32_t tables = 0;

	if (seen[gate->id])
		return 0;
	seen[gate->id] = 1;
	if (gate->kind == PK_GATE_LIT || gate->kind == PK_GATE_NOT_LIT)
		tables = tables_of(gate->lit);
	for (uint32_t i = 0; i < gate->child_cnt; i++)
		tables |= tables_below(gate->children[i], seen);
	return tables;
}

/* ---- the key, as text ---- */

static bool in_ranges(const struct pk_lit *lit, uint32_t cls)
{
	for (size_t i = 0; i < lit->range_cnt; i++) {
		if (cls >= lit->ranges[i].lo && cls <= lit->ranges[i].hi)
			return true;
	}
	return false;
}

/* Which text a slot's index is about. */
static uint32_t text_of(uint16_t slot)
{
	if (slot < PK_SLOT_EXACT_OWN)
		return PK_TEXT_NAME;
	if (slot < PK_SLOT_EXACT_PARENT)
		return PK_TEXT_EXE + slot - PK_SLOT_EXACT_OWN;
	if (slot < PK_SLOT_PREFIX_OWN)
		return PK_TEXT_EXE + slot - PK_SLOT_EXACT_PARENT;
	if (slot < PK_SLOT_PREFIX_PARENT)
		return slot - PK_SLOT_PREFIX_OWN;
	if (slot < PK_SLOT_EVENT)
		return slot - PK_SLOT_PREFIX_PARENT;
	if (slot < PK_SLOT_PREFIX)
		return PK_TEXT_FD_NAME + slot - PK_SLOT_EXACT;
	if (slot == PK_SLOT_ID)
		return PK_TEXT_FD_NAME;
	return PK_TEXT_FD_NAME + slot - PK_SLOT_PREFIX;
}

static int add_key_text(struct pk_buf *buf, size_t *cnt, const char *data, size_t len)
{
	int err = 0;

	if (++*cnt > MAX_KEY_TEXTS)
		return 0;
	if (*cnt > 1)
		err = pk_buf_add_str(buf, ", ");
	return err ? err : pk_buf_add(buf, data, len);
}

static int add_key_texts(const struct pk_plan *plan, const struct pk_lit *lit, uint32_t table,
			 struct pk_buf *buf, size_t *cnt)
{
	uint32_t text = text_of(lit->slot);
	int err = 0;

	for (size_t i = 0; i < plan->exact_cnt && table == PK_EXPLAIN_EXACT && !err; i++) {
		const struct pk_plan_exact *exact = &plan->exact[i];

		if (exact->text == text && in_ranges(lit, exact->value.cls))
			err = add_key_text(buf, cnt, exact->data, exact->len);
	}
	for (size_t i = 0; i < plan->prefix_cnt && table == PK_EXPLAIN_PREFIX && !err; i++) {
		const struct pk_plan_prefix *prefix = &plan->prefix[i];

		if (prefix->text == text && in_ranges(lit, prefix->value.cls))
			err = add_key_text(buf, cnt, prefix->data, prefix->len);
	}
	return err;
}

/* "fd.name: /etc/shadow, /etc/passwd, ... (12)" */
static int describe_key(const struct pk_plan *plan, const struct pk_lit *lit, uint32_t kind,
			char **ret_key)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	size_t cnt = 0;
	uint32_t table;
	const char *name = slot_name(lit->slot, kind, &table);
	char more[32];
	int err = pk_buf_add_str(&buf, name);

	if (!err)
		err = pk_buf_add_str(&buf, table == PK_EXPLAIN_PREFIX ? " begins with " : " is ");
	if (!err)
		err = add_key_texts(plan, lit, table, &buf, &cnt);
	if (!err && cnt > MAX_KEY_TEXTS) {
		snprintf(more, sizeof(more), " or %zu more", cnt - MAX_KEY_TEXTS);
		err = pk_buf_add_str(&buf, more);
	} else if (!err && !cnt) {
		err = pk_buf_add_str(&buf, table == PK_EXPLAIN_NETWORKS ? "in its networks" :
									  "one of its texts");
	}
	if (err)
		return err;
	*ret_key = strndup(buf.data, buf.len_bytes);
	return *ret_key ? 0 : -ENOMEM;
}

/* "container.image.repository = nginx" */
static int describe_scope(const struct pk_plan *plan, const struct pk_lit *lit, char **ret_key)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	uint32_t bit = (lit->word - PK_WORD_CONTAINER) * 64u + lit->bit;
	struct pk_rules_node node = { .kind = PK_RULES_NODE_CHECK,
				      .check = *plan->containers[bit].atom->check };
	int err = pk_rules_node_print(&node, &buf);

	if (err)
		return err;
	*ret_key = strndup(buf.data, buf.len_bytes);
	return *ret_key ? 0 : -ENOMEM;
}

/* ---- kinds ---- */

/* "file_open" of "pk_f_file_open". */
static const char *hook_name(const struct pk_point *point)
{
	static const char prefix[] = "pk_f_";

	if (!strncmp(point->finish, prefix, sizeof(prefix) - 1))
		return point->finish + sizeof(prefix) - 1;
	return point->finish;
}

/* Points that are entered by the agent itself, for what was there before it. */
static bool is_internal(const struct pk_point *point)
{
	return !strcmp(hook_name(point), "feed") || !strcmp(hook_name(point), "replay");
}

static void find_hooks(struct pk_explain_kind *kind, uint32_t event_kind, enum pk_backend backend)
{
	size_t cnt;
	const struct pk_point *points = pk_points_get(&cnt);

	for (size_t i = 0; i < cnt && kind->hooks_cnt < PK_MAX_EXPLAIN_HOOKS; i++) {
		if (points[i].kind != event_kind || !(points[i].backends & 1u << backend) ||
		    is_internal(&points[i]))
			continue;
		kind->hooks[kind->hooks_cnt++] = hook_name(&points[i]);
		kind->can_deny |= points[i].can_deny;
	}
}

static const struct pk_judged *find_judged(const struct pk_plan *plan, uint32_t kind,
					   uint32_t rule_idx)
{
	const struct pk_circuit *circuit = &plan->circuits[kind];

	for (size_t i = 0; i < circuit->cnt; i++) {
		if (circuit->judged[i].rule_idx == rule_idx)
			return &circuit->judged[i];
	}
	return NULL;
}

static int explain_kind(const struct pk_plan *plan, uint32_t kind, uint32_t rule_idx, uint8_t *seen,
			struct pk_explain *explain)
{
	const struct pk_judged *judged = find_judged(plan, kind, rule_idx);
	struct pk_explain_kind *to = &explain->kinds[explain->kinds_cnt];

	if (!(explain->planned->kinds & PK_KIND_BIT(kind)))
		return 0;
	explain->kinds_cnt++;
	to->name = pk_event_kind_name(kind);
	to->kernel = (explain->planned->kernel_kinds & PK_KIND_BIT(kind)) != 0;
	find_hooks(to, kind, plan->options.backend);
	if (!judged)
		return 0;
	to->insns_cnt = pk_emit_rule_cost(plan, kind, rule_idx);
	explain->tables |= tables_below(judged->gate, seen);
	if (judged->scope)
		return describe_scope(plan, judged->scope, &to->key);
	return judged->key ? describe_key(plan, judged->key, kind, &to->key) : 0;
}

/* ---- notes ---- */

static int explain_note(const struct pk_plan_note *note, struct pk_explain_note *to)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;
	struct pk_rules_node node = { .kind = PK_RULES_NODE_CHECK };
	int err;

	to->text = note->text;
	if (!note->check)
		return 0;
	node.check = *note->check;
	err = pk_rules_node_print(&node, &buf);
	if (err)
		return err;
	to->atom = strndup(buf.data, buf.len_bytes);
	return to->atom ? 0 : -ENOMEM;
}

/* Why a rule is never true: fields in it that no event has, each once. `left` bounds the walk. */
static int explain_missing(struct pk_explain *explain, const struct pk_rules_node *node,
			   size_t *left)
{
	const struct pk_rules_expr *expr = node->check.left;
	const struct pk_field *field = NULL;
	struct pk_explain_note *to = &explain->notes[explain->notes_cnt];
	int err = 0;

	if (!*left || explain->notes_cnt == explain->notes_cap)
		return 0;
	--*left;
	for (size_t i = 0; i < node->children_cnt && !err; i++)
		err = explain_missing(explain, node->children[i], left);
	if (node->kind == PK_RULES_NODE_CHECK && expr->kind == PK_RULES_EXPR_FIELD)
		field = pk_field_find(expr->field, expr->field_arg, NULL);
	if (!field || !field->why_not)
		return err;
	for (size_t i = 0; i < explain->notes_cnt; i++) {
		if (explain->notes[i].atom && !strcmp(explain->notes[i].atom, field->name))
			return 0;
	}
	*to = (struct pk_explain_note){ strdup(field->name), field->why_not };
	explain->notes_cnt++;
	return to->atom ? 0 : -ENOMEM;
}

static int explain_notes(struct pk_explain *explain)
{
	size_t cnt = 0, left = MAX_WALK_NODES;
	int err = 0;

	for (const struct pk_plan_note *note = explain->planned->notes; note; note = note->next)
		cnt++;
	explain->notes_cap = cnt + MAX_MISSING_NOTES;
	explain->notes = calloc(explain->notes_cap, sizeof(*explain->notes));
	if (!explain->notes)
		return -ENOMEM;
	for (const struct pk_plan_note *note = explain->planned->notes; note && !err;
	     note = note->next)
		err = explain_note(note, &explain->notes[explain->notes_cnt++]);
	if (!err && explain->planned->never)
		err = explain_missing(explain, explain->rule->condition, &left);
	return err;
}

int pk_explain_new(const struct pk_ruleset *ruleset, uint32_t rule_idx,
		   struct pk_explain **ret_explain)
{
	const struct pk_plan *plan = ruleset->plan;
	const struct pk_rules *rules = ruleset->rules;
	pk_cleanup(pk_explain_free_p) struct pk_explain *explain = calloc(1, sizeof(*explain));
	pk_cleanup(pk_free_p) uint8_t *seen = calloc(plan->gate_cnt + 1u, 1);
	uint32_t column;
	int err = 0;

	if (!explain || !seen)
		return -ENOMEM;
	explain->rule = rules->items[rule_idx];
	explain->planned = &plan->plan_rules[rule_idx];
	explain->entry = &plan->entries[rule_idx];
	explain->path = rules->ctx.sources.files[explain->rule->pos.file_idx]->path;
	pk_rules_sources_place(&rules->ctx.sources, explain->rule->pos, &explain->line, &column);
	for (uint32_t kind = 0; kind < PK_KINDS && !err; kind++)
		err = explain_kind(plan, kind, rule_idx, seen, explain);
	if (!err)
		err = explain_notes(explain);
	if (err)
		return err;
	*ret_explain = pk_take_ptr(explain);
	return 0;
}

void pk_explain_free(struct pk_explain *explain)
{
	if (!explain)
		return;
	for (size_t i = 0; i < explain->kinds_cnt; i++)
		free(explain->kinds[i].key);
	for (size_t i = 0; i < explain->notes_cnt; i++)
		free(explain->notes[i].atom);
	free(explain->notes);
	free(explain);
}
