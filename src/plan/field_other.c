// SPDX-License-Identifier: Apache-2.0
/*
 * Fields of pods. The names are known, so that rule files load; no event has them yet.
 */
#include "base/cleanup.h"
#include "plan/field_table.h"

#define NO_PODS "pods are not named yet"

static const struct pk_field fields[] = {
	NOT("k8s.pod.name", TEXT, NONE, NO_PODS, "name of the pod"),
	NOT("k8s.pod.id", TEXT, NONE, NO_PODS, "older name of k8s.pod.uid"),
	NOT("k8s.pod.uid", TEXT, NONE, NO_PODS, "id of the pod"),
	NOT("k8s.pod.sandbox_id", TEXT, NONE, NO_PODS, "short id of the sandbox of the pod"),
	NOT("k8s.pod.full_sandbox_id", TEXT, NONE, NO_PODS, "id of the sandbox of the pod in full"),
	NOT("k8s.pod.label", TEXT, KEY, NO_PODS, "one label of the pod"),
	NOT("k8s.pod.labels", TEXT, NONE, NO_PODS, "all labels of the pod"),
	NOT("k8s.pod.ip", TEXT, NONE, NO_PODS, "address of the pod"),
	NOT("k8s.pod.cni.json", TEXT, NONE, NO_PODS, "result of the network plugin of the pod"),
	NOT("k8s.ns.name", TEXT, NONE, NO_PODS, "namespace of the pod"),
	NOT("k8s.ns.id", TEXT, NONE, NO_PODS, "id of the namespace"),
	NOT("k8s.ns.label", TEXT, KEY, NO_PODS, "one label of the namespace"),
	NOT("k8s.ns.labels", TEXT, NONE, NO_PODS, "all labels of the namespace"),
	NOT("k8s.rc.name", TEXT, NONE, NO_PODS, "name of the replication controller"),
	NOT("k8s.rc.id", TEXT, NONE, NO_PODS, "id of the replication controller"),
	NOT("k8s.rc.label", TEXT, KEY, NO_PODS, "one label of the replication controller"),
	NOT("k8s.rc.labels", TEXT, NONE, NO_PODS, "all labels of the replication controller"),
	NOT("k8s.rs.name", TEXT, NONE, NO_PODS, "name of the replica set"),
	NOT("k8s.rs.id", TEXT, NONE, NO_PODS, "id of the replica set"),
	NOT("k8s.rs.label", TEXT, KEY, NO_PODS, "one label of the replica set"),
	NOT("k8s.rs.labels", TEXT, NONE, NO_PODS, "all labels of the replica set"),
	NOT("k8s.svc.name", TEXT, NONE, NO_PODS, "name of the service"),
	NOT("k8s.svc.id", TEXT, NONE, NO_PODS, "id of the service"),
	NOT("k8s.svc.label", TEXT, KEY, NO_PODS, "one label of the service"),
	NOT("k8s.svc.labels", TEXT, NONE, NO_PODS, "all labels of the service"),
	NOT("k8s.deployment.name", TEXT, NONE, NO_PODS, "name of the deployment"),
	NOT("k8s.deployment.id", TEXT, NONE, NO_PODS, "id of the deployment"),
	NOT("k8s.deployment.label", TEXT, KEY, NO_PODS, "one label of the deployment"),
	NOT("k8s.deployment.labels", TEXT, NONE, NO_PODS, "all labels of the deployment"),
};

const struct pk_field_table pk_fields_other = { fields, PK_ARRAY_SIZE(fields) };
