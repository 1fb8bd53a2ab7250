/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "imported.h"

#define SCOPED(scope) POLICY("p", scope "  kprobes: [{call: sys_mkdir}]\n")
#define MKDIR "evt.type = mkdir and "

static void test_pods(void **state)
{
	becomes(SCOPED("  podSelector: {}\n"), MKDIR "k8s.pod.uid exists");
	becomes(SCOPED("  podSelector: {matchLabels: {app: web, a.b/c: x y}}\n"), MKDIR
		"k8s.pod.uid exists and k8s.pod.label[app] = \"web\" and k8s.pod.label[a.b/c] = \"x y\"");
	becomes(SCOPED("  podSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': prod}}\n"),
		MKDIR "k8s.pod.uid exists and k8s.ns.name = \"prod\"");
	becomes(SCOPED("  podSelector: {matchExpressions: [{key: a, operator: NotIn, values: [x, z]}, "
		       "{key: b, operator: Exists}, {key: c, operator: DoesNotExist}]}\n"),
		MKDIR "k8s.pod.uid exists and not k8s.pod.label[a] in (\"x\", \"z\") and "
		      "k8s.pod.label[b] exists and not k8s.pod.label[c] exists");
	has_none(SCOPED("  podSelector: {matchLabels: {'a]b': x}}\n"), "selected by 'a]b'");
	has_none(SCOPED("  podSelector: {matchLabels: {a: [x]}}\n"),
		 "a value that cannot be asked for");
	has_none(
		SCOPED("  podSelector: {matchExpressions: [{key: a, operator: Gt, values: [1]}]}\n"),
		"by operator 'Gt'");
	has_none(
		SCOPED("  podSelector: {matchExpressions: [{key: a, operator: In, values: [x, \"\\n\"]}]}\n"),
		"selected by 'a'");
}

static void test_containers_and_hosts(void **state)
{
	becomes(SCOPED("  containerSelector: {matchExpressions: [{key: name, operator: In, values: [main]}]}\n"),
		MKDIR "container.id != host and container.name = \"main\"");
	becomes(SCOPED("  containerSelector: {matchLabels: {repo: docker.io/nginx}}\n"),
		MKDIR "container.id != host and container.image.repository = \"docker.io/nginx\"");
	has_none(SCOPED("  containerSelector: {matchLabels: {colour: red}}\n"),
		 "selected by 'colour'");
	becomes(SCOPED("  hostSelector: {}\n"), MKDIR "container.id = host");
	has_none(SCOPED("  hostSelector: {matchLabels: {a: b}}\n"), "by hostSelector");
	has_none(SCOPED("  hostSelector: {}\n  podSelector: {}\n"), "by hostSelector");
}

static void test_namespaces(void **state)
{
	becomes("kind: TracingPolicyNamespaced\nmetadata: {name: p, namespace: prod}\n"
		"spec: {kprobes: [{call: sys_mkdir}]}\n",
		MKDIR "k8s.ns.name = \"prod\"");
	becomes("kind: TracingPolicyNamespaced\nspec: {kprobes: [{call: sys_mkdir}]}\n",
		MKDIR "k8s.ns.name = \"default\"");
	has_none("kind: TracingPolicyNamespaced\nmetadata: {name: p, namespace: [a]}\n"
		 "spec: {kprobes: [{call: sys_mkdir}]}\n",
		 "a namespace that cannot be asked for");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pods),
		cmocka_unit_test(test_containers_and_hosts),
		cmocka_unit_test(test_namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
