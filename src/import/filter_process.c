// SPDX-License-Identifier: Apache-2.0
/*
 * Filters about who acts: binaries, pids, namespaces, capabilities; and about what a call returned.
 */
#include <strings.h>

#include "base/cleanup.h"
#include "import/filter.h"
#include "plan/field_symbols.h"

static bool is_true(const struct pk_yaml_node *entry, const char *key)
{
	const struct pk_yaml_node *node = pk_yaml_get(entry, key);

	return node && pk_yaml_is(node, "true");
}

/* Sets *ret_negative. */
static bool is_in(const struct pk_yaml_node *entry, bool *ret_negative)
{
	const struct pk_yaml_node *op = pk_yaml_get(entry, "operator");

	*ret_negative = op && pk_import_is(op, "NotIn");
	return op && (*ret_negative || pk_import_is(op, "In"));
}

/* ---- binaries ---- */

/* Who descends from them does too, by the paths of ancestors. */
static bool filter_children(struct pk_import_filter *filter, const char *field,
			    const struct pk_yaml_node *op, const struct pk_yaml_node *values)
{
	pk_import_filter_cleanup struct pk_import_filter above = { 0 };

	if (!pk_import_is(op, "In"))
		return pk_import_filter_lose(filter, "followChildren is for In only", NULL);
	pk_import_text_str(&filter->condition, "(");
	if (!pk_import_filter_text(filter, field, op, values) ||
	    !pk_import_filter_text(&above, "proc.aexepath", op, values))
		return false;
	pk_import_text_str(&filter->condition, "\nor ");
	pk_import_text_append(&filter->condition, &above.condition);
	pk_import_text_str(&filter->condition, ")");
	return true;
}

static bool filter_binaries(struct pk_import_filter *filter, const struct pk_import_hook *hook,
			    const struct pk_yaml_node *entry, bool parent)
{
	const struct pk_yaml_node *op = pk_yaml_get(entry, "operator");
	const struct pk_yaml_node *values = pk_yaml_get(entry, "values");
	const char *field = hook->exec || parent ? "proc.pexepath" : "proc.exepath";

	if (!op || op->kind != PK_YAML_SCALAR)
		return pk_import_filter_lose(filter, "a filter without operator", NULL);
	if (parent && hook->exec)
		return pk_import_filter_lose(
			filter, "of an exec the parent's parent is not known for certain", NULL);
	if (pk_import_is(op, "SubString") || pk_import_is(op, "SubStringIgnCase"))
		return pk_import_filter_lose(filter, "no operator for binaries:", op);
	if (is_true(entry, "followChildren"))
		return filter_children(filter, field, op, values);
	return pk_import_filter_text(filter, field, op, values);
}

/* ---- pids ---- */

struct pids {
	const char *field;
	bool forks;
	bool negative;
};

static bool put_pid(struct pk_import_filter *filter, const void *arg,
		    const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	const struct pids *pids = arg;
	int64_t number;

	if (!pk_import_node_number(value, &number) || number < 0)
		return pk_import_filter_lose(filter, "not a pid:", value);
	pk_import_text_str(piece, pids->field);
	pk_import_text_str(piece, " = ");
	pk_import_text_number(piece, number);
	/* nothing that acts descends from 0 */
	if (!pids->forks || !number)
		return true;
	pk_import_filter_lose(filter, "descendants of the process are not asked for: pid", value);
	filter->off |= pids->negative ? PK_IMPORT_BROADER : PK_IMPORT_NARROWER;
	return true;
}

static bool filter_pids(struct pk_import_filter *filter, const struct pk_yaml_node *entry)
{
	struct pids pids = { .forks = is_true(entry, "followForks") };

	pids.field = is_true(entry, "isNamespacePID") ? "proc.vpid" : "proc.pid";
	if (!is_in(entry, &pids.negative))
		return pk_import_filter_lose(filter, "no operator for pids:",
					     pk_yaml_get(entry, "operator"));
	return pk_import_filter_each(filter, pk_yaml_get(entry, "values"), pids.negative, put_pid,
				     &pids);
}

/* ---- namespaces ---- */

struct namespace
{
	const char *name;
	const char *inode; /* of the first one; NULL: it has no fixed number */
	const char *in_host;
};

#define HOST "container.id = host"
static const struct namespace namespaces[] = {
	{ "Pid", "4026531836", "(" HOST "\nor container.host_pid = true)" },
	{ "PidForChildren", "4026531836", "(" HOST "\nor container.host_pid = true)" },
	{ "Net", NULL, "(" HOST "\nor container.host_network = true)" },
	{ "Ipc", "4026531839", "(" HOST "\nor container.host_ipc = true)" },
	{ "Mnt", NULL, HOST },
	{ "Uts", "4026531838", HOST },
	{ "Cgroup", "4026531835", HOST },
};

static bool put_namespace(struct pk_import_filter *filter, const void *arg,
			  const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	const struct namespace *of = arg;

	if (!pk_yaml_is(value, "host_ns") && !(of->inode && pk_yaml_is(value, of->inode)))
		return pk_import_filter_lose(filter,
					     "only the host's namespaces can be asked for, not",
					     value);
	pk_import_text_str(piece, of->in_host);
	return true;
}

/* The first user namespace is known where one is made. */
static bool filter_user_namespace(struct pk_import_filter *filter,
				  const struct pk_import_hook *hook,
				  const struct pk_yaml_node *values, bool negative)
{
	static const struct namespace first = { "User", "4026531837", "evt.arg.level = 0" };

	if (!strstr(hook->names, " create_user_ns "))
		return pk_import_filter_lose(filter, "the user namespace of a process is not known",
					     NULL);
	return pk_import_filter_each(filter, values, negative, put_namespace, &first);
}

static bool filter_namespaces(struct pk_import_filter *filter, const struct pk_import_hook *hook,
			      const struct pk_yaml_node *entry)
{
	const struct pk_yaml_node *name = pk_yaml_get(entry, "namespace");
	const struct pk_yaml_node *values = pk_yaml_get(entry, "values");
	bool negative;

	if (!name || !is_in(entry, &negative))
		return pk_import_filter_lose(filter, "no operator for namespaces:",
					     pk_yaml_get(entry, "operator"));
	if (pk_yaml_is(name, "User"))
		return filter_user_namespace(filter, hook, values, negative);
	for (size_t i = 0; i < PK_ARRAY_SIZE(namespaces); i++) {
		if (pk_yaml_is(name, namespaces[i].name))
			return pk_import_filter_each(filter, values, negative, put_namespace,
						     &namespaces[i]);
	}
	return pk_import_filter_lose(filter, "no such namespace here:", name);
}

/* ---- capabilities ---- */

static bool put_capability(struct pk_import_filter *filter, const void *arg,
			   const struct pk_yaml_node *value, struct pk_import_text *piece)
{
	for (const struct pk_symbol *symbol = pk_symbols_caps; symbol->name; symbol++) {
		if (!pk_yaml_is(value, symbol->name))
			continue;
		pk_import_text_str(piece, arg);
		pk_import_text_str(piece, " contains ");
		pk_import_text_str(piece, symbol->name);
		return true;
	}
	return pk_import_filter_lose(filter, "no such capability:", value);
}

bool pk_import_filter_capabilities(struct pk_import_filter *filter, const char *field,
				   const struct pk_yaml_node *values, bool negative)
{
	return pk_import_filter_each(filter, values, negative, put_capability, field);
}

static const char *capability_field(const struct pk_yaml_node *type)
{
	if (!type || pk_yaml_is(type, "Effective"))
		return "thread.cap_effective";
	if (pk_yaml_is(type, "Permitted"))
		return "thread.cap_permitted";
	return pk_yaml_is(type, "Inheritable") ? "thread.cap_inheritable" : NULL;
}

/* Capabilities over the host are none outside of its user namespace; where one is made that is known. */
static bool filter_capabilities(struct pk_import_filter *filter, const struct pk_import_hook *hook,
				const struct pk_yaml_node *entry)
{
	const struct pk_yaml_node *type = pk_yaml_get(entry, "type");
	bool by_level = strstr(hook->names, " create_user_ns ") &&
			!is_true(entry, "isNamespaceCapability");
	const char *field = capability_field(type);
	bool negative, done;

	if (!field)
		return pk_import_filter_lose(filter, "no such set of capabilities:", type);
	if (!is_in(entry, &negative))
		return pk_import_filter_lose(filter, "no operator for capabilities:",
					     pk_yaml_get(entry, "operator"));
	if (by_level)
		pk_import_text_str(&filter->condition,
				   negative ? "(evt.arg.level > 0 or " : "(evt.arg.level = 0 and ");
	done = pk_import_filter_each(filter, pk_yaml_get(entry, "values"), negative, put_capability,
				     field);
	if (by_level)
		pk_import_text_str(&filter->condition, ")");
	return done;
}

/* ---- what was returned ---- */

static bool holds(const char *op, int64_t returned, int64_t value)
{
	if (!strcasecmp(op, "Equal") || !strcasecmp(op, "In"))
		return returned == value;
	if (!strcasecmp(op, "NotEqual") || !strcasecmp(op, "NotIn"))
		return returned != value;
	if (!strcasecmp(op, "GT") || !strcasecmp(op, "GreaterThan"))
		return returned > value;
	return (!strcasecmp(op, "LT") || !strcasecmp(op, "LessThan")) && returned < value;
}

/* Events are calls that succeeded: true of what those return, and of nothing that others do, is no filter. */
static bool filter_returned(struct pk_import_filter *filter, const struct pk_yaml_node *entry)
{
	const struct pk_yaml_node *op = pk_yaml_get(entry, "operator");
	const struct pk_yaml_node *values = pk_yaml_get(entry, "values");
	bool fails = true;
	int64_t value;

	if (!op || op->kind != PK_YAML_SCALAR || !values || values->kind != PK_YAML_SEQUENCE)
		return pk_import_filter_lose(filter, "a filter without operator", NULL);
	for (const struct pk_yaml_pair *pair = values->first; pair; pair = pair->next) {
		if (!pk_import_node_number(pair->value, &value))
			return pk_import_filter_lose(filter, "not a number:", pair->value);
		if (holds(op->text.data, 0, value) || holds(op->text.data, 3, value))
			fails = false;
		if (holds(op->text.data, -1, value) || holds(op->text.data, -13, value)) {
			filter->off |= PK_IMPORT_NARROWER;
			pk_import_filter_lose(filter, "calls that failed are no events", NULL);
		}
	}
	if (fails)
		return pk_import_filter_lose(
			filter, "only calls that failed return this, and they are no events", NULL);
	return true;
}

bool pk_import_filter_process(struct pk_import_filter *filter, const struct pk_import_hook *hook,
			      const char *name, const struct pk_yaml_node *entry)
{
	if (entry->kind != PK_YAML_MAPPING)
		return pk_import_filter_lose(filter, "a filter that is no mapping", NULL);
	if (!strcmp(name, "matchBinaries"))
		return filter_binaries(filter, hook, entry, false);
	if (!strcmp(name, "matchParentBinaries"))
		return filter_binaries(filter, hook, entry, true);
	if (!strcmp(name, "matchPIDs"))
		return filter_pids(filter, entry);
	if (!strcmp(name, "matchNamespaces"))
		return filter_namespaces(filter, hook, entry);
	if (!strcmp(name, "matchCapabilities"))
		return filter_capabilities(filter, hook, entry);
	if (!strcmp(name, "matchReturnArgs"))
		return filter_returned(filter, entry);
	return pk_import_filter_lose_text(filter, "what changed since the exec is not kept:", name,
					  strlen(name));
}
