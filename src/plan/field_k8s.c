// SPDX-License-Identifier: Apache-2.0
/*
 * Fields of the pod that the acting process's container belongs to. Outside of any container, in one that
 * belongs to no pod, and of a runtime's helper they are missing; what is not known yet of a pod, or is known to the
 * API server alone and nobody asks it, is unknown.
 */
#include "base/cleanup.h"
#include "plan/field_table.h"

#define NO_NAMESPACES "namespaces are not watched, only the names that pods give"
#define NO_SERVICES "services are not watched"
#define NO_OWNERS "of what a pod belongs to only the name is known"

#define OF(n, a, i, d) HAS("k8s." n, TEXT, a, CONTAINER, ALL_KINDS, K8S_##i, USER, d)

static const struct pk_field fields[] = {
	OF("ns.name", NONE, NS_NAME, "namespace of the pod"),
	OF("pod.name", NONE, POD_NAME, "name of the pod"),
	OF("pod.uid", NONE, POD_UID,
	   "id of the pod, as its containers' cgroups have it; of static pods the kubelet's"),
	OF("pod.id", NONE, POD_UID, "the same: older name of k8s.pod.uid"),
	OF("pod.sandbox_id", NONE, POD_SANDBOX_ID,
	   "first 12 characters of the id of the pod's sandbox"),
	OF("pod.full_sandbox_id", NONE, POD_FULL_SANDBOX_ID,
	   "id of the pod's sandbox, the container that holds its namespaces"),
	OF("pod.label", KEY, POD_LABEL, "value of one label of the pod; by --k8s"),
	OF("pod.labels", NONE, POD_LABELS,
	   "all labels of the pod: key:value, a comma and a blank between; by --k8s"),
	OF("pod.ip", NONE, POD_IP,
	   "address of the pod, as a text; in the node's network the node's; by --k8s"),
	OF("rs.name", NONE, RS_NAME, "ReplicaSet that made the pod; by --k8s"),
	OF("rc.name", NONE, RC_NAME, "ReplicationController that made the pod; by --k8s"),
	OF("deployment.name", NONE, DEPLOYMENT_NAME,
	   "Deployment of the pod: its ReplicaSet's name without the hash; by --k8s"),
	OF("node.name", NONE, NODE_NAME, "node that the pod runs on; by --k8s"),
	NOT("k8s.pod.cni.json", TEXT, NONE, "what network plugins say is not read",
	    "result of the pod's network plugin"),
	NOT("k8s.ns.id", TEXT, NONE, NO_NAMESPACES, "id of the namespace"),
	NOT("k8s.ns.label", TEXT, KEY, NO_NAMESPACES, "one label of the namespace"),
	NOT("k8s.ns.labels", TEXT, NONE, NO_NAMESPACES, "all labels of the namespace"),
	NOT("k8s.rc.id", TEXT, NONE, NO_OWNERS, "id of the ReplicationController"),
	NOT("k8s.rc.label", TEXT, KEY, NO_OWNERS, "one label of the ReplicationController"),
	NOT("k8s.rc.labels", TEXT, NONE, NO_OWNERS, "all labels of the ReplicationController"),
	NOT("k8s.rs.id", TEXT, NONE, NO_OWNERS, "id of the ReplicaSet"),
	NOT("k8s.rs.label", TEXT, KEY, NO_OWNERS, "one label of the ReplicaSet"),
	NOT("k8s.rs.labels", TEXT, NONE, NO_OWNERS, "all labels of the ReplicaSet"),
	NOT("k8s.svc.name", TEXT, NONE, NO_SERVICES, "name of the service"),
	NOT("k8s.svc.id", TEXT, NONE, NO_SERVICES, "id of the service"),
	NOT("k8s.svc.label", TEXT, KEY, NO_SERVICES, "one label of the service"),
	NOT("k8s.svc.labels", TEXT, NONE, NO_SERVICES, "all labels of the service"),
	NOT("k8s.deployment.id", TEXT, NONE, NO_OWNERS, "id of the Deployment"),
	NOT("k8s.deployment.label", TEXT, KEY, NO_OWNERS, "one label of the Deployment"),
	NOT("k8s.deployment.labels", TEXT, NONE, NO_OWNERS, "all labels of the Deployment"),
};

const struct pk_field_table pk_fields_k8s = { fields, PK_ARRAY_SIZE(fields) };
