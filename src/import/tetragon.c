// SPDX-License-Identifier: Apache-2.0
/*
 * Documents, policies, their hooks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "import/calls.h"
#include "import/policy.h"

#define PLAIN_NAME_BYTES 120u

/* ---- comments ---- */

void pk_import_policy_fini(struct pk_import_policy *policy)
{
	pk_import_text_fini(&policy->name);
	pk_import_text_fini(&policy->scope);
	pk_import_text_fini(&policy->body);
}

void pk_import_policy_comment(struct pk_import_policy *policy, const char *what, const char *text,
			      size_t len)
{
	pk_import_text_str(&policy->body, "# ");
	pk_import_text_str(&policy->body, what);
	pk_import_text_visible(&policy->body, text, len, 400);
	pk_import_text_str(&policy->body, "\n");
}

static size_t comment_lines(struct pk_import_policy *policy, const char *what,
			    const struct pk_import_text *lines)
{
	const char *data = lines->buf.data;
	size_t cnt = 0;

	for (size_t at = 0; at < lines->buf.len_bytes;) {
		const char *end = memchr(data + at, '\n', lines->buf.len_bytes - at);
		size_t len = end ? (size_t)(end - data) - at : lines->buf.len_bytes - at;

		pk_import_policy_comment(policy, data[at] == ' ' ? "            " : what, data + at,
					 len);
		cnt += data[at] != ' ';
		at += len + 1;
	}
	return cnt;
}

void pk_import_policy_left_out(struct pk_import_policy *policy, const struct pk_import_text *lines)
{
	policy->left_out += comment_lines(policy, "  left out: ", lines);
}

void pk_import_policy_differs(struct pk_import_policy *policy, const struct pk_import_text *lines)
{
	comment_lines(policy, "  differs: ", lines);
}

static void left_out(struct pk_import_policy *policy, const char *why)
{
	pk_import_policy_comment(policy, "  left out: ", why, strlen(why));
	policy->left_out++;
}

/* ---- hooks ---- */

struct section {
	const char *key;
	const char *name;  /* the key of what is hooked */
	const char *never; /* why there are no rules for it */
};

static const struct section sections[] = {
	{ "kprobes", "call", NULL },
	{ "fentries", "call", NULL },
	{ "lsmhooks", "hook", NULL },
	{ "tracepoints", "event", NULL },
	{ "uprobes", "path", "functions of programs are no events" },
	{ "usdts", "path", "probes within programs are no events" },
};

static int list_hook(struct pk_import_policy *policy, const struct pk_yaml_node *node,
		     const struct pk_yaml_node *list, const char *label, bool asked)
{
	pk_import_calls_cleanup struct pk_import_calls calls = { 0 };
	struct pk_import_scene scene = { .hook = &calls.hook,
					 .monitor = policy->monitor,
					 .calls_settled = asked };
	bool found = pk_import_calls_read(&calls, pk_yaml_get(policy->spec, "lists"), list);

	pk_import_policy_left_out(policy, &calls.filter.lost);
	if (!found)
		return 0;
	scene.off = calls.filter.off;
	pk_import_text_add(&calls.filter.condition, "", 1);
	if (calls.filter.condition.err)
		return calls.filter.condition.err;
	return pk_import_policy_hook(policy, &scene, calls.filter.condition.buf.data, label,
				     pk_yaml_get(node, "selectors"));
}

static const struct pk_import_hook *find_hook(const struct section *section,
					      const struct pk_yaml_node *node,
					      const struct pk_yaml_node *name,
					      unsigned int *ret_first)
{
	const struct pk_yaml_node *subsystem = pk_yaml_get(node, "subsystem");

	*ret_first = 0;
	if (!strcmp(section->key, "lsmhooks"))
		return pk_import_hook_lsm(name->text.data, name->text.len_bytes);
	if (strcmp(section->key, "tracepoints") != 0)
		return pk_import_hook_function(name->text.data, name->text.len_bytes);
	if (!subsystem || subsystem->kind != PK_YAML_SCALAR)
		return NULL;
	return pk_import_hook_tracepoint(subsystem->text.data, name->text.data, ret_first);
}

static int known_hook(struct pk_import_policy *policy, const struct section *section,
		      const struct pk_yaml_node *node, const struct pk_yaml_node *name,
		      const char *label)
{
	struct pk_import_scene scene = { .monitor = policy->monitor,
					 .args = pk_yaml_get(node, "args") };

	scene.allows = !strcmp(section->key, "lsmhooks") ||
		       !strncmp(name->text.data, "security_", strlen("security_"));
	scene.hook = find_hook(section, node, name, &scene.first);
	if (!scene.hook) {
		left_out(policy, "no event of Picket's stands for this");
		return 0;
	}
	if (!scene.hook->condition) {
		left_out(policy, scene.hook->note);
		return 0;
	}
	return pk_import_policy_hook(policy, &scene, scene.hook->condition, label,
				     pk_yaml_get(node, "selectors"));
}

/* All system calls at once; those of a list, if that is all that is asked. */
static bool is_raw(const struct section *section, const struct pk_yaml_node *node)
{
	const struct pk_yaml_node *subsystem = pk_yaml_get(node, "subsystem");

	return !strcmp(section->key, "tracepoints") && subsystem &&
	       pk_yaml_is(subsystem, "raw_syscalls");
}

static int read_hook(struct pk_import_policy *policy, const struct section *section, size_t idx,
		     const struct pk_yaml_node *node)
{
	const struct pk_yaml_node *name = pk_yaml_get(node, section->name);
	const struct pk_yaml_node *list = NULL;
	char label[256];

	if (!name || name->kind != PK_YAML_SCALAR)
		name = NULL;
	snprintf(label, sizeof(label), "%s[%zu] %.160s", section->key, idx,
		 name ? name->text.data : "?");
	pk_import_policy_comment(policy, "", label, strlen(label));
	if (section->never || !name) {
		left_out(policy, section->never ? section->never : "it does not say what it hooks");
		return 0;
	}
	if (!strncmp(name->text.data, "list:", 5))
		return list_hook(policy, node, name, label, false);
	if (!is_raw(section, node))
		return known_hook(policy, section, node, name, label);
	list = pk_import_calls_asked(pk_yaml_get(node, "selectors"));
	if (list)
		return list_hook(policy, node, list, label, true);
	left_out(policy, "every system call is no event; name those that matter");
	return 0;
}

static int read_section(struct pk_import_policy *policy, const struct section *section)
{
	const struct pk_yaml_node *hooks = pk_yaml_get(policy->spec, section->key);
	size_t idx = 0;
	int err = 0;

	if (!hooks || hooks->kind != PK_YAML_SEQUENCE)
		return 0;
	for (const struct pk_yaml_pair *pair = hooks->first; pair && !err; pair = pair->next)
		err = read_hook(policy, section, idx++, pair->value);
	return err;
}

/* ---- a policy ---- */

static bool is_monitor(const struct pk_yaml_node *options)
{
	if (!options || options->kind != PK_YAML_SEQUENCE)
		return false;
	for (const struct pk_yaml_pair *pair = options->first; pair; pair = pair->next) {
		const struct pk_yaml_node *name = pk_yaml_get(pair->value, "name");
		const struct pk_yaml_node *value = pk_yaml_get(pair->value, "value");

		if (name && value && pk_yaml_is(name, "policy-mode") &&
		    pk_yaml_is(value, "monitor"))
			return true;
	}
	return false;
}

static bool is_known_key(const struct pk_yaml_node *key)
{
	static const char *const known[] = { "options",      "lists",
					     "podSelector",  "containerSelector",
					     "hostSelector", "enforcers",
					     "killers" };

	for (size_t i = 0; i < PK_ARRAY_SIZE(known); i++) {
		if (pk_yaml_is(key, known[i]))
			return true;
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(sections); i++) {
		if (pk_yaml_is(key, sections[i].key))
			return true;
	}
	return false;
}

static int read_spec(struct pk_import_policy *policy, const struct pk_yaml_node *root)
{
	int err = 0;

	policy->monitor = is_monitor(pk_yaml_get(policy->spec, "options"));
	for (const struct pk_yaml_pair *pair = policy->spec->first; pair; pair = pair->next) {
		if (is_known_key(pair->key))
			continue;
		pk_import_policy_comment(policy, "spec.", pair->key->text.data,
					 pair->key->text.len_bytes);
		left_out(policy, "no event of Picket's stands for this");
	}
	if (!pk_import_policy_scope(policy, root))
		return policy->scope.err;
	for (size_t i = 0; i < PK_ARRAY_SIZE(sections) && !err; i++)
		err = read_section(policy, &sections[i]);
	if (!err && !policy->rules && !policy->left_out)
		left_out(policy, "the policy hooks nothing");
	return err;
}

/* What goes before the policy's rules, once they are known. */
static void write_policy(struct pk_import_policy *policy, const struct pk_yaml_node *root)
{
	struct pk_import *import = policy->import;
	struct pk_import_text *out = &import->out;
	const char *path = import->ctx->sources.files[root->pos.file_idx]->path;
	const char *result = !policy->rules ? "no rules" : policy->left_out ? "in part" : "whole";

	pk_import_text_str(out, "# ---- ");
	pk_import_text_append(out, &policy->name);
	pk_import_text_str(out, ": ");
	pk_import_text_str(out, result);
	pk_import_text_str(out, " (");
	pk_import_text_visible(out, path, strlen(path), 200);
	pk_import_text_str(out, ") ----\n");
	pk_import_text_append(out, &policy->body);
	pk_import_text_str(out, "\n");
	import->cnt.policies++;
	import->cnt.whole += policy->rules && !policy->left_out;
	import->cnt.part += policy->rules && policy->left_out;
	import->cnt.rules += policy->rules;
	import->cnt.left_out += policy->left_out;
}

static int read_policy(struct pk_import *import, const struct pk_yaml_node *root)
{
	pk_import_policy_cleanup struct pk_import_policy policy = { .import = import };
	const struct pk_yaml_node *metadata = pk_yaml_get(root, "metadata");
	const struct pk_yaml_node *name = metadata ? pk_yaml_get(metadata, "name") : NULL;
	int err;

	policy.spec = pk_yaml_get(root, "spec");
	if (!policy.spec || policy.spec->kind != PK_YAML_MAPPING) {
		pk_yaml_diag(import->ctx, PK_DIAG_ERROR, root, NULL, "a policy without spec");
		return 0;
	}
	if (name && name->kind == PK_YAML_SCALAR && name->text.len_bytes)
		pk_import_text_plain(&policy.name, name->text.data, name->text.len_bytes,
				     PLAIN_NAME_BYTES);
	else
		pk_import_text_str(&policy.name, "policy");
	err = read_spec(&policy, root);
	if (!err)
		write_policy(&policy, root);
	if (!err)
		err = import->out.err ? import->out.err : policy.body.err;
	return err;
}

/* ---- documents ---- */

struct reading {
	struct pk_import *import;
	size_t policies;
	int err;
};

static void read_document(void *arg, const struct pk_yaml_node *root)
{
	struct reading *reading = arg;
	const struct pk_yaml_node *kind = pk_yaml_get(root, "kind");
	const struct pk_yaml_node *items = pk_yaml_get(root, "items");

	if (reading->err || (root->kind == PK_YAML_SCALAR && pk_yaml_is_null(root)))
		return;
	if (!kind || kind->kind != PK_YAML_SCALAR) {
		pk_yaml_diag(reading->import->ctx, PK_DIAG_ERROR, root, NULL,
			     "a document without kind: no TracingPolicy");
	} else if (pk_yaml_is(kind, "TracingPolicy") ||
		   pk_yaml_is(kind, "TracingPolicyNamespaced")) {
		reading->policies++;
		reading->err = read_policy(reading->import, root);
	} else if (pk_yaml_is(kind, "List") && items && items->kind == PK_YAML_SEQUENCE) {
		for (const struct pk_yaml_pair *pair = items->first; pair; pair = pair->next) {
			const struct pk_yaml_node *its = pk_yaml_get(pair->value, "kind");

			if (its && !pk_yaml_is(its, "List"))
				read_document(arg, pair->value);
		}
	} else {
		pk_import_text_str(&reading->import->out, "# passed over: ");
		pk_import_text_visible(&reading->import->out, kind->text.data, kind->text.len_bytes,
				       80);
		pk_import_text_str(&reading->import->out, ", no TracingPolicy\n\n");
	}
}

/* The quote that closes comes first, and blanks behind it. A backslash before the backslash makes it one to keep. */
void pk_import_blank_zeros(char *data, size_t len)
{
	static const char zero[] = "\\0\"";

	for (char *at = memmem(data, len, zero, 3); at;
	     at = memmem(at + 3, len - (size_t)(at + 3 - data), zero, 3)) {
		const char *before = at;

		while (before > data && before[-1] == '\\')
			before--;
		if ((at - before) % 2 == 0)
			memcpy(at, "\"  ", 3);
	}
}

int pk_import_tetragon(struct pk_import *import, uint32_t file_idx)
{
	struct reading reading = { .import = import };
	size_t errors = import->ctx->diags.errors_cnt;
	int err = pk_yaml_read(import->ctx, file_idx, read_document, &reading);

	if (!err)
		err = reading.err ? reading.err : import->out.err;
	if (!err && !reading.policies && import->ctx->diags.errors_cnt == errors)
		pk_diag_add(import->ctx, PK_DIAG_ERROR, (struct pk_rules_pos){ file_idx, 0 }, 1,
			    NULL, "no TracingPolicy in this file");
	if (!err && import->ctx->diags.errors_cnt != errors)
		err = -EBADMSG;
	return err;
}

int pk_import_new(struct pk_rules_ctx *ctx, struct pk_import **ret_import)
{
	struct pk_import *import = calloc(1, sizeof(*import));

	if (!import)
		return -ENOMEM;
	import->ctx = ctx;
	import->out = PK_IMPORT_TEXT_INIT;
	*ret_import = import;
	return 0;
}

void pk_import_free(struct pk_import *import)
{
	if (!import)
		return;
	pk_import_text_fini(&import->out);
	free(import);
}
