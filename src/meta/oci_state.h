/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an OCI runtime hands to its hooks: the state of the container that is being made (the runtime specification's
 * "State"), and what its bundle says besides.
 */
#ifndef PK_META_OCI_STATE_H
#define PK_META_OCI_STATE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "meta/draft.h"

#define PK_MAX_OCI_STATE_BYTES (1u << 20)

struct pk_oci_state {
	uint32_t pid;                           /* in the runtime's pid namespace */
	char id[PK_MAX_CONTAINER_ID_BYTES + 1]; /* no '/', no '.' in front: may be part of a path */
	char bundle[PATH_MAX];                  /* absolute */
};

/* `text` is hostile. -EBADMSG: it is no JSON, or says not all of it; -EFBIG past PK_MAX_OCI_STATE_BYTES; -ENOMEM */
int pk_oci_state_parse(const char *text, size_t len, struct pk_oci_state *ret_state);

/*
 * The container's facts as far as its bundle and containers/storage tell: into `draft`, which is to be new. `root` goes
 * before each path. -ENOENT: the bundle has no config.json that can be read and understood; -ENOMEM
 */
int pk_oci_state_facts(const char *root, const struct pk_oci_state *state, struct pk_draft *draft);

#endif
