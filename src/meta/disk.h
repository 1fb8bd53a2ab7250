/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runtimes keep on disk of their containers: state directories of runc and crun, bundles of containerd,
 * podman and CRI-O, and containers/storage.
 */
#ifndef PK_META_DISK_H
#define PK_META_DISK_H

#include "meta/draft.h"
#include "meta/question.h"

/* Whether a container of this id has a state directory; sets question->runtime. A few stat() on /run. `root`
 * goes before each path: "" or a directory. */
bool pk_disk_has(const char *root, struct pk_question *question);

/* Reads what is there. -ENOENT: nothing is; -ENOMEM. Files that cannot be read or understood are passed over. */
int pk_disk_read(const char *root, const struct pk_question *question, struct pk_draft *draft);

/* Of one bundle alone, and what containers/storage has of its container. -ENOENT: there is no config.json that can be read
 * and understood; -ENAMETOOLONG; -ENOMEM. */
int pk_disk_read_bundle(const char *root, const char *bundle, const struct pk_question *question,
			struct pk_draft *draft);

#endif
