/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of CRI (k8s.io/cri-api, runtime.v1) and of containerd's own API, into a draft.
 */
#ifndef PK_META_SOURCE_CRI_H
#define PK_META_SOURCE_CRI_H

#include "meta/draft.h"

/* ContainerStatusResponse. -EBADMSG, -ENOMEM */
int pk_source_cri_status(struct pk_text answer, struct pk_draft *draft);

/* GetContainerResponse of containerd.services.containers.v1. -EBADMSG, -ENOMEM */
int pk_source_containerd(struct pk_text answer, struct pk_draft *draft);

#endif
