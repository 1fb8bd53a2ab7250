// SPDX-License-Identifier: Apache-2.0
/*
 * Which pods and containers a policy is for.
 */
#include "base/cleanup.h"
#include "import/policy.h"

static bool lose(struct pk_import_policy *policy, const char *why, const struct pk_yaml_node *about)
{
	pk_import_filter_cleanup struct pk_import_filter filter = { 0 };

	pk_import_filter_lose(&filter, why, about);
	pk_import_policy_left_out(policy, &filter.lost);
	return false;
}

static void also(struct pk_import_policy *policy)
{
	if (!pk_import_text_is_empty(&policy->scope))
		pk_import_text_str(&policy->scope, "\nand ");
}

static bool is_label_key(const struct pk_yaml_node *key)
{
	if (key->kind != PK_YAML_SCALAR || !key->text.len_bytes || key->text.len_bytes > 317)
		return false;
	for (size_t i = 0; i < key->text.len_bytes; i++) {
		char c = key->text.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      strchr("._-/", c)))
			return false;
	}
	return true;
}

/* The field that stands for a key; of labels they are made up. */
static bool put_field(struct pk_import_text *text, const struct pk_yaml_node *key, bool container)
{
	static const char *const fields[][3] = {
		{ "name", "container.name", "c" },
		{ "repo", "container.image.repository", "c" },
		{ "io.kubernetes.pod.namespace", "k8s.ns.name", "p" },
		{ "k8s:io.kubernetes.pod.namespace", "k8s.ns.name", "p" },
		{ "io.kubernetes.pod.name", "k8s.pod.name", "p" },
		{ "k8s:io.kubernetes.pod.name", "k8s.pod.name", "p" },
	};

	for (size_t i = 0; i < PK_ARRAY_SIZE(fields); i++) {
		if ((*fields[i][2] == 'c') == container && pk_yaml_is(key, fields[i][0])) {
			pk_import_text_str(text, fields[i][1]);
			return true;
		}
	}
	if (container || !is_label_key(key))
		return false;
	pk_import_text_str(text, "k8s.pod.label[");
	pk_import_text_add(text, key->text.data, key->text.len_bytes);
	pk_import_text_str(text, "]");
	return true;
}

static bool put_label(struct pk_import_policy *policy, const struct pk_yaml_node *key,
		      const struct pk_yaml_node *value, bool container)
{
	also(policy);
	if (!put_field(&policy->scope, key, container))
		return lose(policy, "its pods or containers are selected by", key);
	if (value->kind != PK_YAML_SCALAR ||
	    !pk_import_text_can_quote(value->text.data, value->text.len_bytes))
		return lose(
			policy,
			"its pods or containers are selected by a value that cannot be asked for",
			value);
	pk_import_text_str(&policy->scope, " = ");
	pk_import_text_quoted(&policy->scope, value->text.data, value->text.len_bytes);
	return true;
}

static bool put_expression(struct pk_import_policy *policy, const struct pk_yaml_node *entry,
			   bool container)
{
	const struct pk_yaml_node *key = pk_yaml_get(entry, "key");
	const struct pk_yaml_node *op = pk_yaml_get(entry, "operator");
	pk_import_text_cleanup struct pk_import_text field = PK_IMPORT_TEXT_INIT;
	pk_import_filter_cleanup struct pk_import_filter filter = { 0 };
	bool done;

	if (!key || !op || !put_field(&field, key, container))
		return lose(policy, "its pods or containers are selected by", key);
	pk_import_text_add(&field, "", 1);
	if (field.err)
		return false;
	also(policy);
	if (pk_yaml_is(op, "Exists") || pk_yaml_is(op, "DoesNotExist")) {
		pk_import_text_str(&policy->scope, pk_yaml_is(op, "Exists") ? "" : "not ");
		pk_import_text_str(&policy->scope, field.buf.data);
		pk_import_text_str(&policy->scope, " exists");
		return true;
	}
	if (!pk_yaml_is(op, "In") && !pk_yaml_is(op, "NotIn"))
		return lose(policy, "its pods or containers are selected by operator", op);
	done = pk_import_filter_text(&filter, field.buf.data, op, pk_yaml_get(entry, "values")) &&
	       !filter.off;
	if (!done)
		return lose(policy, "its pods or containers are selected by", key);
	pk_import_text_append(&policy->scope, &filter.condition);
	return true;
}

static bool read_selector(struct pk_import_policy *policy, const struct pk_yaml_node *selector,
			  bool container)
{
	const struct pk_yaml_node *labels = pk_yaml_get(selector, "matchLabels");
	const struct pk_yaml_node *expressions = pk_yaml_get(selector, "matchExpressions");

	/* without anything it selects all of them */
	also(policy);
	pk_import_text_str(&policy->scope,
			   container ? "container.id != host" : "k8s.pod.uid exists");
	for (const struct pk_yaml_pair *pair =
		     labels && labels->kind == PK_YAML_MAPPING ? labels->first : NULL;
	     pair; pair = pair->next) {
		if (!put_label(policy, pair->key, pair->value, container))
			return false;
	}
	for (const struct pk_yaml_pair *pair =
		     expressions && expressions->kind == PK_YAML_SEQUENCE ? expressions->first :
									    NULL;
	     pair; pair = pair->next) {
		if (!put_expression(policy, pair->value, container))
			return false;
	}
	return true;
}

static bool read_namespace(struct pk_import_policy *policy, const struct pk_yaml_node *root)
{
	const struct pk_yaml_node *kind = pk_yaml_get(root, "kind");
	const struct pk_yaml_node *metadata = pk_yaml_get(root, "metadata");
	const struct pk_yaml_node *name = metadata ? pk_yaml_get(metadata, "namespace") : NULL;

	if (!kind || !pk_yaml_is(kind, "TracingPolicyNamespaced"))
		return true;
	if (name && (name->kind != PK_YAML_SCALAR ||
		     !pk_import_text_can_quote(name->text.data, name->text.len_bytes)))
		return lose(policy, "it is for a namespace that cannot be asked for", name);
	also(policy);
	pk_import_text_str(&policy->scope, "k8s.ns.name = ");
	pk_import_text_quoted(&policy->scope, name ? name->text.data : "default",
			      name ? name->text.len_bytes : strlen("default"));
	return true;
}

bool pk_import_policy_scope(struct pk_import_policy *policy, const struct pk_yaml_node *root)
{
	const struct pk_yaml_node *pods = pk_yaml_get(policy->spec, "podSelector");
	const struct pk_yaml_node *containers = pk_yaml_get(policy->spec, "containerSelector");
	const struct pk_yaml_node *hosts = pk_yaml_get(policy->spec, "hostSelector");

	if (!read_namespace(policy, root))
		return false;
	if (hosts && (pods || containers))
		return lose(policy, "it is for hosts and pods at once, by hostSelector", NULL);
	if (hosts) {
		if (hosts->kind == PK_YAML_MAPPING && hosts->cnt)
			return lose(policy, "its hosts are selected by labels, by hostSelector",
				    NULL);
		also(policy);
		pk_import_text_str(&policy->scope, "container.id = host");
	}
	return (!pods || read_selector(policy, pods, false)) &&
	       (!containers || read_selector(policy, containers, true));
}
