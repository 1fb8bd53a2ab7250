// SPDX-License-Identifier: Apache-2.0
/*
 * Conditions are graphs: each part is looked at once, with the first rule that has it.
 */
#include "cli/rules_links.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "plan/set.h"
#include "rules/diag.h"

/* What is done with a link itself; any other operation follows it. */
#define LINK_KINDS                                                         \
	(PK_FIELD_KIND(PK_EVENT_RENAME) | PK_FIELD_KIND(PK_EVENT_UNLINK) | \
	 PK_FIELD_KIND(PK_EVENT_LINK) | PK_FIELD_KIND(PK_EVENT_SYMLINK) |  \
	 PK_FIELD_KIND(PK_EVENT_MKDIR) | PK_FIELD_KIND(PK_EVENT_RMDIR) |   \
	 PK_FIELD_KIND(PK_EVENT_MKNOD) | PK_FIELD_KIND(PK_EVENT_CHOWN))

struct search {
	struct pk_rules *rules;
	const struct pk_bound *bound;
	struct pk_set seen;
	uint64_t kinds; /* of the rule at work */
	int err;
};

static bool same_pointer(const void *item, const void *wanted)
{
	return item == wanted;
}

/* Paths that the kernel tells. */
static bool has_paths(const struct pk_field *field)
{
	return field && (!strcmp(field->name, "fd.name") || !strcmp(field->name, "proc.exepath") ||
			 !strcmp(field->name, "proc.pexepath"));
}

/* Equal to a path, or below one. */
static bool of_path(enum pk_rules_op op)
{
	return op == PK_RULES_OP_EQ || op == PK_RULES_OP_IN || op == PK_RULES_OP_INTERSECTS ||
	       op == PK_RULES_OP_STARTSWITH || op == PK_RULES_OP_PMATCH;
}

/* Whether there is a link before the path's last part; it is known that there is one in it. */
static bool link_before_end(const char *path)
{
	char before[PATH_MAX], real[PATH_MAX];
	size_t len = strlen(path);

	memcpy(before, path, len + 1);
	while (len > 1 && before[len - 1] == '/')
		before[--len] = '\0';
	while (len && before[len - 1] != '/')
		before[--len] = '\0';
	while (len > 1 && before[len - 1] == '/')
		before[--len] = '\0';
	return realpath(before, real) && strcmp(before, real);
}

static void look_at(struct search *search, const struct pk_value_text *text,
		    const struct pk_rules_value *value)
{
	char path[PATH_MAX], real[PATH_MAX + 1];
	size_t len = text->len;
	bool slash;

	if (!len || text->data[0] != '/' || len >= sizeof(path) || memchr(text->data, '\0', len))
		return;
	memcpy(path, text->data, len);
	path[len] = '\0';
	slash = len > 1 && path[len - 1] == '/';
	if (!realpath(path, real))
		return; /* not there, or not for us to see */
	if (slash && real[1])
		memcpy(real + strlen(real), "/", 2);
	if (!strcmp(path, real))
		return;
	if (!slash && !(search->kinds & ~LINK_KINDS) && !link_before_end(path))
		return; /* it may be about the link itself */
	pk_diag_add(&search->rules->ctx, PK_DIAG_WARNING, value->pos, value->span_bytes, real,
		    "on this host '%.256s' leads elsewhere, through a symbolic link, and what is "
		    "compared with it is where a file really is",
		    path);
}

static void visit(struct search *search, const struct pk_rules_node *node)
{
	uint64_t hash = pk_hash_mix(1, (uintptr_t)node);
	const struct pk_atom *atom;

	if (search->err || pk_set_find(&search->seen, hash, node, same_pointer))
		return;
	search->err = pk_set_reserve(&search->seen);
	if (search->err)
		return;
	pk_set_add(&search->seen, hash, (void *)node);
	for (size_t i = 0; i < node->children_cnt; i++)
		visit(search, node->children[i]);
	atom = node->kind == PK_RULES_NODE_CHECK ? pk_bound_atom(search->bound, node) : NULL;
	if (!atom || !atom->plain || !atom->texts || !has_paths(atom->field) ||
	    !of_path(node->check.op))
		return;
	for (size_t i = 0; i < atom->cnt && i < node->check.values.cnt; i++)
		look_at(search, &atom->texts[i], &node->check.values.items[i]);
}

int pk_rules_warn_links(struct pk_rules *rules, const struct pk_bound *bound,
			const struct pk_plan *plan)
{
	struct search search = { .rules = rules, .bound = bound };

	for (size_t i = 0; i < rules->cnt; i++) {
		const struct pk_rule *rule = rules->items[i];

		if (!rule->enabled || rule->action == PK_RULES_ACTION_ALERT)
			continue;
		search.kinds = plan->plan_rules[i].kinds;
		visit(&search, rule->condition);
	}
	pk_set_fini(&search.seen);
	return search.err;
}
