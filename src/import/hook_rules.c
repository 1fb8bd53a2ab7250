// SPDX-License-Identifier: Apache-2.0
/*
 * Selectors are tried in order and the first that selects acts. So those that follow one another and want the
 * same are one rule, true if any of them selects and none before them does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "import/policy.h"

struct hook_work {
	struct pk_import_policy *policy;
	const struct pk_import_hook *hook;
	unsigned int off;      /* of the scene */
	const char *condition; /* of the event */
	const char *label;
	struct pk_import_selector selectors[PK_MAX_IMPORT_SELECTORS];
	size_t cnt;
	size_t groups; /* rules so far */
};

struct group {
	size_t from, to;
	unsigned int off;
	bool always; /* whatever the event is */
	bool settled;
	enum pk_rules_action action;
	struct pk_import_text condition;
};

static void free_work(struct hook_work **work)
{
	for (size_t i = 0; *work && i < (*work)->cnt; i++)
		pk_import_selector_fini(&(*work)->selectors[i]);
	free(*work);
}

static void fini_group(struct group *group)
{
	pk_import_text_fini(&group->condition);
}

static unsigned int turned(unsigned int off)
{
	return (off & PK_IMPORT_BROADER ? PK_IMPORT_NARROWER : 0) |
	       (off & PK_IMPORT_NARROWER ? PK_IMPORT_BROADER : 0);
}

/* ---- the condition ---- */

static void put_any(struct pk_import_text *text, const struct hook_work *work, size_t from,
		    size_t to)
{
	size_t cnt = 0;

	for (size_t i = from; i < to; i++)
		cnt += work->selectors[i].fits;
	for (size_t i = from, put = 0; i < to; i++) {
		const struct pk_import_filter *filter = &work->selectors[i].filter;

		if (!work->selectors[i].fits)
			continue;
		pk_import_text_str(text, put++ ? "\nor " : "");
		pk_import_text_str(text, cnt > 1 ? "(" : "");
		pk_import_text_append(text, &filter->condition);
		pk_import_text_str(text, cnt > 1 ? ")" : "");
	}
}

/* What of the selectors of this group, and of those before it, is as it should be. */
static void weigh(struct group *group, const struct hook_work *work)
{
	group->settled = true;
	for (size_t i = 0; i < group->to; i++) {
		const struct pk_import_selector *selector = &work->selectors[i];

		if (!selector->fits && i < group->from)
			group->off |= PK_IMPORT_BROADER;
		if (!selector->fits)
			continue;
		group->off |= i < group->from ? turned(selector->filter.off) : selector->filter.off;
		if (i < group->from)
			continue;
		group->settled &= selector->filter.settles;
		group->always |= pk_import_text_is_empty(&selector->filter.condition);
	}
	group->off |= work->off;
	if (!group->settled)
		group->off |= work->hook->off;
}

static bool any_fits(const struct hook_work *work, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (work->selectors[i].fits)
			return true;
	}
	return false;
}

static void put_condition(struct group *group, const struct hook_work *work)
{
	struct pk_import_text *text = &group->condition;

	pk_import_text_str(text, work->condition);
	if (!pk_import_text_is_empty(&work->policy->scope)) {
		pk_import_text_str(text, "\nand ");
		pk_import_text_append(text, &work->policy->scope);
	}
	if (!group->always) {
		bool several = group->to - group->from > 1;

		pk_import_text_str(text, several ? "\nand (" : "\nand ");
		put_any(text, work, group->from, group->to);
		pk_import_text_str(text, several ? ")" : "");
	}
	if (any_fits(work, 0, group->from)) {
		pk_import_text_str(text, "\nand not (");
		put_any(text, work, 0, group->from);
		pk_import_text_str(text, ")");
	}
}

/* ---- the rule ---- */

static int put_name(struct pk_import_text *name, const struct hook_work *work)
{
	struct pk_import *import = work->policy->import;
	const char *what = strchr(work->label, ' ');
	char suffix[32] = "";

	pk_import_text_append(name, &work->policy->name);
	pk_import_text_str(name, " ");
	what = what ? what + 1 : work->label;
	pk_import_text_plain(name, what, strlen(what), 120);
	for (unsigned int i = 2; !name->err; i++) {
		size_t len = name->buf.len_bytes;

		pk_import_text_str(name, suffix);
		if (name->err)
			break;
		if (!pk_rules_names_get(&import->names, name->buf.data, name->buf.len_bytes)) {
			char *copy = pk_rules_copy(import->ctx, name->buf.data,
						   name->buf.len_bytes);

			return copy ? pk_rules_names_add(&import->names, &import->ctx->arena, copy,
							 name->buf.len_bytes, copy) :
				      -ENOMEM;
		}
		name->buf.len_bytes = len;
		snprintf(suffix, sizeof(suffix), " %u", i);
	}
	return name->err;
}

/* `name` and `label` are plain, so quotes need no thought. */
static void put_rule(struct pk_import_text *text, const struct hook_work *work,
		     const struct group *group, const struct pk_import_text *name)
{
	const struct pk_import_selector *first = &work->selectors[group->from];
	enum pk_rules_action action = group->action;

	pk_import_text_str(text, "- rule: \"");
	pk_import_text_append(text, name);
	pk_import_text_str(text, "\"\n  desc: \"Imported from Tetragon: ");
	pk_import_text_append(text, &work->policy->name);
	pk_import_text_str(text, ", ");
	pk_import_text_plain(text, work->label, strlen(work->label), 160);
	pk_import_text_str(text, "\"\n  condition: ");
	pk_import_text_folded(text, &group->condition, 13, 4);
	pk_import_text_str(text, "\n  output: \"");
	pk_import_text_append(text, &work->policy->name);
	pk_import_text_str(text,
			   ": %evt.type by %proc.exepath (command=%proc.cmdline user=%user.uid"
			   " container=%container.id) %evt.args\"\n  priority: ");
	pk_import_text_str(text, action == PK_RULES_ACTION_ALERT ? "NOTICE" : "WARNING");
	pk_import_text_str(text, "\n  tags: [tetragon]\n");
	if (action != PK_RULES_ACTION_ALERT) {
		pk_import_text_str(text, "  action: ");
		pk_import_text_str(text, pk_rules_action_name(action));
		pk_import_text_str(text, "\n");
	}
	if (first->limit[0]) {
		pk_import_text_str(text, "  limit: ");
		pk_import_text_str(text, first->limit);
		pk_import_text_str(text, "\n");
	}
}

static void say(struct pk_import_policy *policy, const char *why, const char *more, size_t len)
{
	pk_import_text_cleanup struct pk_import_text line = PK_IMPORT_TEXT_INIT;

	pk_import_text_str(&line, why);
	pk_import_text_add(&line, more, len);
	pk_import_text_str(&line, "\n");
	pk_import_policy_left_out(policy, &line);
}

/* A rule that acts must not act on more than the policy does, and must be taken. */
static int settle(struct pk_import_text *rule, const struct hook_work *work, struct group *group,
		  const struct pk_import_text *name)
{
	static const char only_alerts[] =
		"what the policy does besides: this rule only alerts, since ";
	pk_import_text_cleanup struct pk_import_text why = PK_IMPORT_TEXT_INIT;
	int err;

	if (group->action != PK_RULES_ACTION_ALERT && group->off & PK_IMPORT_BROADER) {
		say(work->policy, only_alerts, "it is true of more than the policy", 34);
		group->action = PK_RULES_ACTION_ALERT;
	}
	put_rule(rule, work, group, name);
	err = pk_import_accept(rule, &why);
	if (err != -EBADMSG || group->action == PK_RULES_ACTION_ALERT) {
		if (err == -EBADMSG)
			say(work->policy, "all of it: ", why.buf.data, why.buf.len_bytes);
		return err;
	}
	say(work->policy, only_alerts, why.buf.data, why.buf.len_bytes);
	pk_buf_clear(&rule->buf);
	pk_buf_clear(&why.buf);
	group->action = PK_RULES_ACTION_ALERT;
	put_rule(rule, work, group, name);
	err = pk_import_accept(rule, &why);
	if (err == -EBADMSG)
		say(work->policy, "all of it: ", why.buf.data, why.buf.len_bytes);
	return err;
}

static bool same_text(const struct pk_import_text *a, const struct pk_import_text *b)
{
	return a->buf.len_bytes == b->buf.len_bytes && a->buf.len_bytes &&
	       !memcmp(a->buf.data, b->buf.data, a->buf.len_bytes);
}

static void say_notes(const struct hook_work *work, const struct group *group)
{
	struct pk_import_policy *policy = work->policy;
	pk_import_text_cleanup struct pk_import_text note = PK_IMPORT_TEXT_INIT;

	if (work->hook->note && !group->settled) {
		pk_import_text_str(&note, work->hook->note);
		pk_import_text_str(&note, "\n");
		if (work->hook->off)
			pk_import_policy_left_out(policy, &note);
		else
			pk_import_policy_differs(policy, &note);
	}
	if (work->hook->exec && memmem(group->condition.buf.data, group->condition.buf.len_bytes,
				       "proc.pexepath", 13)) {
		pk_buf_clear(&note.buf);
		pk_import_text_str(&note,
				   "who executes is asked for as the parent of what is executed\n");
		pk_import_policy_differs(policy, &note);
	}
	for (size_t i = group->from; i < group->to; i++) {
		const struct pk_import_selector *selector = &work->selectors[i];

		pk_import_policy_left_out(policy, &selector->filter.lost);
		if (selector->actions_lost)
			pk_import_policy_left_out(policy, &selector->notes);
		else if (i == group->from || !same_text(&selector->notes, &selector[-1].notes))
			pk_import_policy_differs(policy, &selector->notes);
	}
}

static int write_group(struct hook_work *work, struct group *group)
{
	struct pk_import_policy *policy = work->policy;
	pk_import_text_cleanup struct pk_import_text rule = PK_IMPORT_TEXT_INIT;
	pk_import_text_cleanup struct pk_import_text name = PK_IMPORT_TEXT_INIT;
	int err;

	weigh(group, work);
	put_condition(group, work);
	say_notes(work, group);
	if (policy->import->cnt.rules + policy->rules >= PK_MAX_IMPORT_RULES) {
		say(policy, "all of it: more rules than one file can have", "", 0);
		return 0;
	}
	err = put_name(&name, work);
	if (!err)
		err = settle(&rule, work, group, &name);
	if (err)
		return err == -EBADMSG ? 0 : err;
	pk_import_text_append(&policy->body, &rule);
	policy->rules++;
	work->groups++;
	return 0;
}

/* ---- selectors ---- */

static int read_selectors(struct hook_work *work, const struct pk_import_scene *scene,
			  const struct pk_yaml_node *selectors)
{
	if (!selectors || selectors->kind != PK_YAML_SEQUENCE || !selectors->cnt) {
		pk_import_selector_read(&work->selectors[work->cnt++], scene, NULL);
		return 0;
	}
	for (const struct pk_yaml_pair *pair = selectors->first; pair; pair = pair->next) {
		if (work->cnt == PK_MAX_IMPORT_SELECTORS)
			return -E2BIG;
		pk_import_selector_read(&work->selectors[work->cnt++], scene, pair->value);
	}
	return 0;
}

/* Selectors without a condition: said where they stand. */
static void say_unfit(const struct hook_work *work, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		char which[64];

		if (work->selectors[i].fits)
			continue;
		snprintf(which, sizeof(which), "selector %zu", i);
		pk_import_policy_comment(work->policy, "  no rule for: ", which, strlen(which));
		pk_import_policy_left_out(work->policy, &work->selectors[i].filter.lost);
	}
}

static int write_groups(struct hook_work *work)
{
	int err = 0;

	for (size_t i = 0; i < work->cnt && !err;) {
		pk_cleanup(fini_group) struct group group = { .from = i, .to = i + 1 };
		bool silent = work->selectors[i].silent;

		group.action = work->selectors[i].action;
		if (!work->selectors[i].fits) {
			say_unfit(work, i, i + 1);
			i++;
			continue;
		}
		while (group.to < work->cnt && work->selectors[group.to].fits &&
		       pk_import_selector_same(&work->selectors[i], &work->selectors[group.to]))
			group.to++;
		i = group.to;
		if (silent) {
			for (size_t j = group.from; j < group.to; j++)
				pk_import_policy_left_out(work->policy,
							  &work->selectors[j].filter.lost);
			weigh(&group, work);
		} else {
			err = write_group(work, &group);
		}
		if (group.always)
			break; /* nobody is left for those behind it */
	}
	return err;
}

int pk_import_policy_hook(struct pk_import_policy *policy, const struct pk_import_scene *scene,
			  const char *condition, const char *label,
			  const struct pk_yaml_node *selectors)
{
	pk_cleanup(free_work) struct hook_work *work = calloc(1, sizeof(*work));

	if (!work)
		return -ENOMEM;
	work->policy = policy;
	work->hook = scene->hook;
	work->off = scene->off;
	work->condition = condition;
	work->label = label;
	if (read_selectors(work, scene, selectors)) {
		say(policy, "all of it: too many selectors", "", 0);
		return 0;
	}
	return write_groups(work);
}
