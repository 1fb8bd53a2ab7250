// SPDX-License-Identifier: Apache-2.0
/*
 * Lists of calls.
 */
#include "import/calls.h"

#define PREFIX "list:"
#define LOST_MAX 8u

void pk_import_calls_fini(struct pk_import_calls *calls)
{
	pk_import_filter_fini(&calls->filter);
}

static const struct pk_yaml_node *find_list(const struct pk_yaml_node *lists, const char *name)
{
	if (!lists || lists->kind != PK_YAML_SEQUENCE)
		return NULL;
	for (const struct pk_yaml_pair *pair = lists->first; pair; pair = pair->next) {
		const struct pk_yaml_node *its = pk_yaml_get(pair->value, "name");

		if (its && pk_yaml_is(its, name))
			return pair->value;
	}
	return NULL;
}

/* Several names of one event are one; several events have no common arguments. */
static void add(struct pk_import_calls *calls, const struct pk_import_hook *hook,
		const struct pk_import_hook *before, size_t taken)
{
	if (!taken) {
		calls->hook = *hook;
		pk_import_text_str(&calls->filter.condition, hook->condition);
		return;
	}
	if (hook == before)
		return;
	if (taken == 1)
		calls->hook = (struct pk_import_hook){ .names = "",
						       .note = calls->hook.note,
						       .off = calls->hook.off };
	calls->hook.off |= hook->off;
	if (!calls->hook.note)
		calls->hook.note = hook->note;
	pk_import_text_str(&calls->filter.condition, ")\nor (");
	pk_import_text_str(&calls->filter.condition, hook->condition);
}

static void wrap(struct pk_import_text *text)
{
	pk_import_text_cleanup struct pk_import_text whole = PK_IMPORT_TEXT_INIT;
	struct pk_import_text bare = *text;

	pk_import_text_str(&whole, "((");
	pk_import_text_append(&whole, text);
	pk_import_text_str(&whole, "))");
	*text = whole;
	whole = bare;
}

static bool read_values(struct pk_import_calls *calls, const struct pk_yaml_node *values)
{
	const struct pk_import_hook *before = NULL;
	size_t taken = 0, lost = 0;

	for (const struct pk_yaml_pair *pair = values->first; pair; pair = pair->next) {
		const struct pk_import_hook *hook =
			pk_import_hook_function(pair->value->text.data,
						pair->value->text.len_bytes);

		if (pair->value->kind != PK_YAML_SCALAR || !hook || !hook->condition) {
			if (lost++ < LOST_MAX)
				pk_import_filter_lose(&calls->filter, "no event stands for",
						      pair->value);
			continue;
		}
		add(calls, hook, before, taken);
		taken += hook != before;
		before = hook;
	}
	if (taken > 1)
		wrap(&calls->filter.condition);
	if (lost > LOST_MAX)
		pk_import_filter_lose(&calls->filter, "nor for others of the list", NULL);
	if (lost)
		calls->filter.off |= PK_IMPORT_NARROWER;
	return taken;
}

bool pk_import_calls_read(struct pk_import_calls *calls, const struct pk_yaml_node *lists,
			  const struct pk_yaml_node *name)
{
	const struct pk_yaml_node *list = NULL, *values, *type;

	if (!strncmp(name->text.data, PREFIX, strlen(PREFIX)))
		list = find_list(lists, name->text.data + strlen(PREFIX));
	if (!list)
		return pk_import_filter_lose(&calls->filter, "there is no list", name);
	values = pk_yaml_get(list, "values");
	type = pk_yaml_get(list, "type");
	if (type && type->kind == PK_YAML_SCALAR && !strncmp(type->text.data, "generated", 9))
		return pk_import_filter_lose(
			&calls->filter,
			"all functions of a kind, as the kernel has them, are no events:", type);
	if (!values || values->kind != PK_YAML_SEQUENCE || !values->cnt)
		return pk_import_filter_lose(&calls->filter, "nothing is in the list", name);
	return read_values(calls, values);
}

const struct pk_yaml_node *pk_import_calls_asked(const struct pk_yaml_node *selectors)
{
	const struct pk_yaml_node *args, *op, *values;

	if (!selectors || selectors->kind != PK_YAML_SEQUENCE || selectors->cnt != 1)
		return NULL;
	args = pk_yaml_get(selectors->first->value, "matchArgs");
	if (!args || args->kind != PK_YAML_SEQUENCE || args->cnt != 1)
		return NULL;
	op = pk_yaml_get(args->first->value, "operator");
	values = pk_yaml_get(args->first->value, "values");
	if (!op || !(pk_import_is(op, "InMap") || pk_import_is(op, "Equal")) || !values ||
	    values->kind != PK_YAML_SEQUENCE || values->cnt != 1 ||
	    values->first->value->kind != PK_YAML_SCALAR)
		return NULL;
	return values->first->value;
}
