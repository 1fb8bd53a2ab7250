/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the store of pods (k8s_pods.h) knows of a container's pod, added to what is known of the container.
 */
#ifndef PK_META_POD_FACTS_H
#define PK_META_POD_FACTS_H

#include "base/buf.h"
#include "meta/container.h"
#include "meta/k8s_pods.h"

/* By the pod's uid, else by the container's id. NULL: not known. To be given back with pk_k8s_pod_unref(). */
const struct pk_k8s_pod *pk_pod_facts_find(struct pk_k8s_pods *pods,
					   const struct pk_container *container);

/*
 * Texts are the pod's, labels those that are put into `labels`; what the runtime said of the pod's name is
 * replaced. The container's name and image are added where the runtime has said none. Labels that are cut or do not fit (PK_MAX_CONTAINER_POD_LABELS_BYTES) are left out and flagged. -ENOMEM:
 * the container is as before.
 */
int pk_pod_facts_add(const struct pk_k8s_pod *pod, struct pk_buf *labels,
		     struct pk_container *container);

/* Is what such an addition may change the same in both? */
bool pk_pod_facts_same(const struct pk_container *a, const struct pk_container *b);

#endif
