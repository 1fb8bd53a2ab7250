// SPDX-License-Identifier: Apache-2.0
/*
 * Filters are all true, or the selector does not select; of its actions the strongest is done.
 */
#include "import/selector.h"

#include <stdio.h>

#include "base/cleanup.h"

void pk_import_selector_fini(struct pk_import_selector *selector)
{
	pk_import_filter_fini(&selector->filter);
	pk_import_text_fini(&selector->notes);
}

static void note(struct pk_import_selector *selector, const char *text,
		 const struct pk_yaml_node *about)
{
	pk_import_text_str(&selector->notes, text);
	if (about && about->kind == PK_YAML_SCALAR) {
		pk_import_text_str(&selector->notes, " ");
		pk_import_text_visible(&selector->notes, about->text.data, about->text.len_bytes,
				       60);
	}
	pk_import_text_str(&selector->notes, "\n");
}

static void lose(struct pk_import_selector *selector, const char *text,
		 const struct pk_yaml_node *about)
{
	note(selector, text, about);
	selector->actions_lost = true;
}

/* ---- filters ---- */

/* Puts a filter behind those before it. */
static bool join(struct pk_import_filter *all, const struct pk_import_filter *one, bool done)
{
	pk_import_text_append(&all->lost, &one->lost);
	if (!done)
		return false;
	if (!pk_import_text_is_empty(&one->condition)) {
		if (!pk_import_text_is_empty(&all->condition))
			pk_import_text_str(&all->condition, "\nand ");
		pk_import_text_append(&all->condition, &one->condition);
	}
	all->off |= one->off;
	all->settles |= one->settles;
	return true;
}

/* The n-th of a list. */
static const struct pk_yaml_node *nth(const struct pk_yaml_node *list, int64_t n)
{
	const struct pk_yaml_pair *pair = list && list->kind == PK_YAML_SEQUENCE && n >= 0 ?
						  list->first :
						  NULL;

	for (; pair && n; n--)
		pair = pair->next;
	return pair ? pair->value : NULL;
}

/* Index of the argument that an entry of matchArgs is about: "index", or, in "args", which of the hook's args. */
static bool arg_index(const struct pk_import_scene *scene, const struct pk_yaml_node *entry,
		      int64_t *ret_index)
{
	const struct pk_yaml_node *index = pk_yaml_get(entry, "index");
	const struct pk_yaml_node *which = nth(pk_yaml_get(entry, "args"), 0);
	const struct pk_yaml_node *arg;

	*ret_index = 0;
	if (index)
		return pk_import_node_number(index, ret_index);
	if (!which)
		return true;
	if (!pk_import_node_number(which, ret_index))
		return false;
	arg = nth(scene->args, *ret_index);
	return !arg || pk_import_node_number(pk_yaml_get(arg, "index"), ret_index);
}

/* Something that the argument leads to, and not the argument. */
static bool is_resolved(const struct pk_import_scene *scene, int64_t index)
{
	static const char *const keys[] = { "resolve", "extractParam", "source" };
	const struct pk_yaml_node *arg;
	int64_t its;

	for (int64_t i = 0; (arg = nth(scene->args, i)); i++) {
		if (!pk_import_node_number(pk_yaml_get(arg, "index"), &its) || its != index)
			continue;
		for (size_t j = 0; j < PK_ARRAY_SIZE(keys); j++) {
			if (pk_yaml_get(arg, keys[j]))
				return true;
		}
	}
	return false;
}

static bool read_arg(struct pk_import_filter *filter, const struct pk_import_scene *scene,
		     const struct pk_yaml_node *entry)
{
	static const struct pk_import_arg none = { 0 };
	const struct pk_import_arg *arg = &none;
	int64_t index;

	if (entry->kind != PK_YAML_MAPPING || !arg_index(scene, entry, &index))
		return pk_import_filter_lose(filter, "a filter without index", NULL);
	if (is_resolved(scene, index))
		return pk_import_filter_lose(filter, "what an argument leads to is not asked for",
					     NULL);
	index -= scene->first;
	if (index >= 0 && index < PK_IMPORT_ARGS)
		arg = &scene->hook->args[index];
	if (pk_import_filter_arg(filter, arg, pk_yaml_get(entry, "operator"),
				 pk_yaml_get(entry, "values")))
		return true;
	pk_import_text_str(&filter->lost, "  (of argument ");
	pk_import_text_number(&filter->lost, index + scene->first);
	pk_import_text_str(&filter->lost, ")\n");
	return false;
}

static bool is_known_filter(const struct pk_yaml_node *key)
{
	static const char *const known[] = {
		"matchPIDs",
		"matchBinaries",
		"matchParentBinaries",
		"matchNamespaces",
		"matchCapabilities",
		"matchReturnArgs",
		"matchNamespaceChanges",
		"matchCapabilityChanges",
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(known); i++) {
		if (pk_yaml_is(key, known[i]))
			return true;
	}
	return false;
}

/* All entries under one key. */
static bool read_filters(struct pk_import_filter *all, const struct pk_import_scene *scene,
			 const struct pk_yaml_pair *under)
{
	bool args = pk_yaml_is(under->key, "matchArgs");

	if (args && scene->calls_settled)
		return true;
	if (!args && !is_known_filter(under->key))
		return pk_import_filter_lose(all, "no such filter here:", under->key);
	if (under->value->kind != PK_YAML_SEQUENCE)
		return pk_import_filter_lose(all, "a filter that is no list:", under->key);
	for (const struct pk_yaml_pair *pair = under->value->first; pair; pair = pair->next) {
		pk_import_filter_cleanup struct pk_import_filter one = { 0 };
		bool done = args ? read_arg(&one, scene, pair->value) :
				   pk_import_filter_process(&one, scene->hook,
							    under->key->text.data, pair->value);

		if (!join(all, &one, done))
			return false;
	}
	return true;
}

/* ---- actions ---- */

static void stronger(struct pk_import_selector *selector, enum pk_rules_action action)
{
	if (action > selector->action)
		selector->action = action;
}

/* Nothing of the call is done, whatever it is made to return; but a hook of the LSM that returns 0 lets it go on. */
static void read_override(struct pk_import_selector *selector, const struct pk_import_scene *scene,
			  const struct pk_yaml_node *entry)
{
	const struct pk_yaml_node *error = pk_yaml_get(entry, "argError");
	int64_t number = 0;

	if (error && !pk_import_node_number(error, &number)) {
		lose(selector, "not done: an argError that is no number:", error);
		return;
	}
	if (!number && scene->allows) {
		lose(selector, "not done: the hook would let it pass, with", error);
		return;
	}
	stronger(selector, PK_RULES_ACTION_DENY);
	if (number != -1)
		note(selector, "the call fails with EPERM (-1), and not with", error);
}

static void read_signal(struct pk_import_selector *selector, const struct pk_yaml_node *entry)
{
	const struct pk_yaml_node *signal = pk_yaml_get(entry, "argSig");
	int64_t number = 0;

	if (signal && pk_import_node_number(signal, &number) && number == 9)
		stronger(selector, PK_RULES_ACTION_KILL);
	else if (number)
		lose(selector, "not done: only SIGKILL (9) is sent, not signal", signal);
}

/* "5", "5s", "1m", "2h": one of the same within it */
static void read_rate(struct pk_import_selector *selector, const struct pk_yaml_node *entry)
{
	const struct pk_yaml_node *rate = pk_yaml_get(entry, "rateLimit");
	size_t len = rate && rate->kind == PK_YAML_SCALAR ? rate->text.len_bytes : 0;
	char unit = 's';
	int64_t number;

	if (!len)
		return;
	if (strchr("smh", rate->text.data[len - 1]))
		unit = rate->text.data[--len];
	if (!pk_import_number(rate->text.data, len, &number) || number < 0 || number > 1000000) {
		lose(selector, "not limited: no time:", rate);
		return;
	}
	if (!number)
		return;
	snprintf(selector->limit, sizeof(selector->limit), "1 per %d%c", (int)number, unit);
	note(selector, "limited for the rule as a whole, not for each thread and its arguments",
	     NULL);
}

static void read_post(struct pk_import_selector *selector, const struct pk_yaml_node *entry)
{
	static const char *const extras[] = { "kernelStackTrace", "userStackTrace", "imaHash" };

	read_rate(selector, entry);
	for (size_t i = 0; i < PK_ARRAY_SIZE(extras); i++) {
		const struct pk_yaml_node *extra = pk_yaml_get(entry, extras[i]);

		if (!extra || !pk_yaml_is(extra, "true"))
			continue;
		pk_import_text_str(&selector->notes, "alerts do not have what is asked for by ");
		pk_import_text_str(&selector->notes, extras[i]);
		pk_import_text_str(&selector->notes, "\n");
	}
}

static void read_action(struct pk_import_selector *selector, const struct pk_import_scene *scene,
			const struct pk_yaml_node *entry, bool *no_post)
{
	const struct pk_yaml_node *name = entry->kind == PK_YAML_MAPPING ?
						  pk_yaml_get(entry, "action") :
						  NULL;

	if (!name || name->kind != PK_YAML_SCALAR) {
		lose(selector, "not done: an action without a name", NULL);
	} else if (pk_import_is(name, "Post")) {
		read_post(selector, entry);
	} else if (pk_import_is(name, "NoPost")) {
		*no_post = true;
	} else if (pk_import_is(name, "Sigkill")) {
		stronger(selector, PK_RULES_ACTION_KILL);
	} else if (pk_import_is(name, "Signal")) {
		read_signal(selector, entry);
	} else if (pk_import_is(name, "Override")) {
		read_override(selector, scene, entry);
	} else if (pk_import_is(name, "NotifyEnforcer") || pk_import_is(name, "NotifyKiller")) {
		if (pk_yaml_get(entry, "argError"))
			read_override(selector, scene, entry);
		read_signal(selector, entry);
	} else {
		lose(selector, "not done: there is no action", name);
	}
}

static void read_actions(struct pk_import_selector *selector, const struct pk_import_scene *scene,
			 const struct pk_yaml_node *actions)
{
	bool no_post = false;

	if (actions->kind != PK_YAML_SEQUENCE) {
		lose(selector, "not done: actions that are no list", NULL);
		return;
	}
	for (const struct pk_yaml_pair *pair = actions->first; pair; pair = pair->next)
		read_action(selector, scene, pair->value, &no_post);
	if (scene->monitor && selector->action != PK_RULES_ACTION_ALERT) {
		selector->action = PK_RULES_ACTION_ALERT;
		note(selector, "the policy's mode is monitor: only alerts", NULL);
	}
	if (no_post && selector->action == PK_RULES_ACTION_ALERT && !selector->actions_lost)
		selector->silent = true;
	else if (no_post)
		note(selector, "alerts as well, in spite of NoPost", NULL);
}

void pk_import_selector_read(struct pk_import_selector *selector,
			     const struct pk_import_scene *scene, const struct pk_yaml_node *node)
{
	selector->fits = true;
	if (node && node->kind != PK_YAML_MAPPING) {
		selector->fits = pk_import_filter_lose(&selector->filter,
						       "a selector that is no mapping", NULL);
		return;
	}
	for (const struct pk_yaml_pair *pair = node ? node->first : NULL; pair; pair = pair->next) {
		if (pk_yaml_is(pair->key, "matchActions"))
			read_actions(selector, scene, pair->value);
		else if (pk_yaml_is(pair->key, "matchReturnActions"))
			lose(selector, "not done: actions on what was returned", NULL);
		else if (!read_filters(&selector->filter, scene, pair))
			selector->fits = false;
	}
}

bool pk_import_selector_same(const struct pk_import_selector *a, const struct pk_import_selector *b)
{
	return a->action == b->action && a->silent == b->silent && !strcmp(a->limit, b->limit);
}
