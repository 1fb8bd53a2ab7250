/* SPDX-License-Identifier: Apache-2.0 */
/*
 * picket explain: what became of each rule. explain.c finds rules, explain_facts.c asks the plan, explain_text.c and
 * explain_json.c write.
 */
#ifndef PK_CLI_EXPLAIN_H
#define PK_CLI_EXPLAIN_H

#include "cli/rules_files.h"

#define PK_MAX_EXPLAIN_HOOKS 8u

/* Tables that a rule's literals are answered by. */
#define PK_EXPLAIN_EXACT (1u << 0)
#define PK_EXPLAIN_PREFIX (1u << 1)
#define PK_EXPLAIN_AUTOMATA (1u << 2)
#define PK_EXPLAIN_NETWORKS (1u << 3)
#define PK_EXPLAIN_FILES (1u << 4)
#define PK_EXPLAIN_NUMBERS (1u << 5)
#define PK_EXPLAIN_CONTAINERS (1u << 6)
#define PK_EXPLAIN_TABLES 7u

/* A rule on one kind of event. */
struct pk_explain_kind {
	const char *name; /* "open" */
	const char *hooks[PK_MAX_EXPLAIN_HOOKS];
	size_t hooks_cnt;
	bool kernel;   /* decided there alone */
	bool can_deny; /* some of the hooks come before it happens */
	size_t insns_cnt;
	char *key; /* "fd.name in (/etc/shadow)"; NULL: looked at for every such event */
};

struct pk_explain_note {
	char *atom; /* the comparison, or a field; NULL: the rule as a whole */
	const char *text;
};

struct pk_explain {
	const struct pk_rule *rule;
	const struct pk_plan_rule *planned;
	const struct pk_rule_entry *entry;
	const char *path; /* where it stands */
	uint32_t line;
	struct pk_explain_kind kinds[PK_KINDS];
	size_t kinds_cnt;
	struct pk_explain_note *notes;
	size_t notes_cnt, notes_cap;
	uint32_t tables; /* PK_EXPLAIN_* */
};

/* -ENOMEM */
int pk_explain_new(const struct pk_ruleset *ruleset, uint32_t rule_idx,
		   struct pk_explain **ret_explain);
void pk_explain_free(struct pk_explain *explain);

const char *pk_explain_table_name(unsigned int bit);

/* Appends one rule: some lines, or one line of JSON. -ENOMEM, -EFBIG. */
int pk_explain_text(const struct pk_explain *explain, struct pk_buf *out);
int pk_explain_json(const struct pk_explain *explain, struct pk_buf *out);

PK_DEFINE_CLEANUP(struct pk_explain *, pk_explain_free);

#endif
