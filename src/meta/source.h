/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runtimes say of a container, in their own words, into a draft. Each function takes one foreign
 * document, hostile; what it does not say stays as it was.
 */
#ifndef PK_META_SOURCE_H
#define PK_META_SOURCE_H

#include "meta/draft.h"
#include "meta/json_read.h"

/* An OCI bundle's config.json: mounts, privileges, namespaces; and by its annotations, names of containerd's CRI
 * plugin, CRI-O and Kubernetes. -ENOMEM */
int pk_source_oci_config(struct json_object *config, struct pk_draft *draft);

/* runc's state.json, crun's status: start, and where the bundle is. "": it does not say; else borrowed. */
const char *pk_source_runc_state(struct json_object *state, struct pk_draft *draft);
const char *pk_source_crun_status(struct json_object *status, struct pk_draft *draft);

/* containers.json of containers/storage (podman, CRI-O): name, image, image id of the container `id`. -ENOENT: it
 * is not there; -ENOMEM */
int pk_source_storage(struct json_object *containers, const char *id, struct pk_draft *draft);

/* What Docker's API and Podman's answer to GET /containers/ID/json. -EBADMSG: it is none of those; -ENOMEM */
int pk_source_docker(struct json_object *answer, struct pk_draft *draft);

/* Podman names its images' digests: what /images/ID/json answers, Docker too. -ENOMEM */
int pk_source_docker_image(struct json_object *answer, struct pk_draft *draft);

#endif
