/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pods of this node, as the API server or the kubelet told of them last. One thread writes, any
 * number look up: a pod once handed out never changes, and lives until its last reference is given back.
 *
 * Whoever wrote the pod may be hostile: every text and every list is bounded, what is cut or left out is
 * flagged. A text is NUL-terminated besides and has no NUL inside: such a byte becomes 0xff, which is not
 * UTF-8, so that no name can pass for another one that is shorter. All other bytes are as they came.
 *
 * Pods that were deleted stay findable for a while (the last PK_MAX_K8S_GONE): events of their last
 * processes are still on their way, and neither uids nor container ids are used twice.
 */
#ifndef PK_META_K8S_PODS_H
#define PK_META_K8S_PODS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define PK_MAX_K8S_PODS 2048u              /* that are there; a node has 110 by default */
#define PK_MAX_K8S_GONE 256u               /* deleted ones that are remembered */
#define PK_MAX_K8S_STORE_BYTES (16u << 20) /* of all of them */
#define PK_MAX_K8S_LABELS 128u             /* of a pod */
#define PK_MAX_K8S_LABEL_KEY_BYTES 320u    /* Kubernetes allows 253 + 1 + 63; longer: left out */
#define PK_MAX_K8S_LABEL_VALUE_BYTES 256u  /* Kubernetes allows 63; longer: cut */
#define PK_MAX_K8S_CONTAINERS 128u         /* of a pod, those that ran before included */
#define PK_MAX_K8S_TEXT_BYTES 512u         /* any other text; longer: cut */

struct pk_k8s_text {
	const char *data; /* never NULL */
	size_t len;       /* 0: not told */
};

/* What was cut or left out: a text or list so marked is not all there is. */
#define PK_K8S_CUT_TEXT (1u << 0)
#define PK_K8S_CUT_LABELS (1u << 1)
#define PK_K8S_CUT_CONTAINERS (1u << 2)
#define PK_K8S_HOST_NETWORK (1u << 8) /* the pod's address is the node's */

struct pk_k8s_label {
	struct pk_k8s_text key, value;
	bool cut; /* the value */
};

struct pk_k8s_container {
	struct pk_k8s_text id; /* without the runtime's "containerd://" */
	struct pk_k8s_text runtime;
	struct pk_k8s_text name;
	struct pk_k8s_text image;    /* as the status names it */
	struct pk_k8s_text image_id; /* with the digest, as the runtime says it */
};

struct pk_k8s_pod {
	struct pk_k8s_text uid;
	/* The kubelet's own uid of a static pod, which is the one in cgroup paths; else empty. */
	struct pk_k8s_text config_uid;
	struct pk_k8s_text ns;
	struct pk_k8s_text name;
	struct pk_k8s_text ip;
	struct pk_k8s_text node;
	/* Of the owner that is the pod's controller: "ReplicaSet", "DaemonSet", "Job" ... */
	struct pk_k8s_text owner_kind, owner_name;
	/* The Deployment whose ReplicaSet the owner is, by its name without the hash that the pod's
	 * label pod-template-hash repeats; empty where that label is not there. */
	struct pk_k8s_text deployment;
	const struct pk_k8s_label *labels; /* in the order in which they came */
	const struct pk_k8s_container *containers;
	uint32_t label_cnt, container_cnt;
	uint32_t flags;
};

struct pk_k8s_pods_stats {
	uint64_t refused_cnt; /* pods that had no room or no uid */
	uint64_t cut_cnt;     /* pods taken with something cut */
	uint64_t changed_cnt; /* changes so far: the same number, the same answers */
	size_t pod_cnt;       /* that are there */
	size_t gone_cnt;      /* that are remembered */
	size_t bytes;
};

struct pk_k8s_pods;

/* -ENOMEM */
int pk_k8s_pods_new(struct pk_k8s_pods **ret_pods);

/* Pods that somebody still holds live on. NULL is fine. */
void pk_k8s_pods_free(struct pk_k8s_pods *pods);

/*
 * Takes a copy of `pod`, in the place of one of the same uid. A pod that is as it was keeps its place and
 * its address. -EINVAL: no uid. -ENOSPC: PK_MAX_K8S_PODS or PK_MAX_K8S_STORE_BYTES; -ENOMEM. All
 * three are counted, and leave what there was.
 */
int pk_k8s_pods_put(struct pk_k8s_pods *pods, const struct pk_k8s_pod *pod);

/* The pod is gone; it can still be found for a while. */
void pk_k8s_pods_del(struct pk_k8s_pods *pods, const char *uid, size_t len);

/* A list of all pods: begin, put each, end. Those that were not put are gone at the end. Without the
 * end nothing is: a list that broke off takes nothing away. */
void pk_k8s_pods_begin(struct pk_k8s_pods *pods);
void pk_k8s_pods_end(struct pk_k8s_pods *pods);

/*
 * By the pod's uid, or a static pod's config_uid; "_" in `uid` stands for "-", as systemd's cgroup
 * names have it. By the container's whole id. NULL: not known. Give it back with pk_k8s_pod_unref().
 */
const struct pk_k8s_pod *pk_k8s_pods_find(struct pk_k8s_pods *pods, const char *uid, size_t len);
const struct pk_k8s_pod *pk_k8s_pods_find_container(struct pk_k8s_pods *pods, const char *id,
						    size_t len);

/* NULL is fine. From any thread. */
void pk_k8s_pod_unref(const struct pk_k8s_pod *pod);

void pk_k8s_pods_get_stats(struct pk_k8s_pods *pods, struct pk_k8s_pods_stats *ret_stats);

/* Of a container of that id; NULL: not among them. */
const struct pk_k8s_container *pk_k8s_pod_container(const struct pk_k8s_pod *pod, const char *id,
						    size_t len);

/* The value of a label. -ENOENT: the pod has no such label. -EOVERFLOW: not known, since labels were left
 * out or this one was cut. */
int pk_k8s_pod_label(const struct pk_k8s_pod *pod, const char *key, size_t len,
		     struct pk_k8s_text *ret_value);

/* All labels, as "key:value,key:value". -ENOMEM */
int pk_k8s_pod_labels(const struct pk_k8s_pod *pod, struct pk_buf *buf);

static inline void pk_k8s_pod_unref_p(const struct pk_k8s_pod **pod)
{
	pk_k8s_pod_unref(*pod);
}

PK_DEFINE_CLEANUP(struct pk_k8s_pods *, pk_k8s_pods_free);

#endif
