/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a container, and its form on the wire (struct pk_container_event). Texts are
 * borrowed from whoever filled it: a record, an entry of a table, a builder. Each fact is known, known
 * to be none (its bit in `known` is set and the text is empty) or unknown.
 */
#ifndef PK_META_CONTAINER_H
#define PK_META_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "event.h"
#include "stream/record.h"

#define PK_CONTAINER_SHORT_ID_BYTES 12u

/* Limits, in bytes. A longer text is cut at the end; of labels and mounts what does not fit is left out
 * and flagged. All of them together fit into a record. */
#define PK_MAX_CONTAINER_ID_BYTES 128u
#define PK_MAX_CONTAINER_NAME_BYTES 256u
#define PK_MAX_CONTAINER_IMAGE_BYTES 512u
#define PK_MAX_CONTAINER_CGROUP_BYTES 4096u
#define PK_MAX_CONTAINER_LABEL_BYTES \
	4096u /* key and value of one label; a longer one is left out */
#define PK_MAX_CONTAINER_LABELS_BYTES 16384u
#define PK_MAX_CONTAINER_MOUNTS_BYTES 16384u
#define PK_MAX_CONTAINER_POD_LABELS_BYTES 7168u

struct pk_container {
	uint32_t state;    /* enum pk_container_state */
	uint32_t runtime;  /* enum pk_container_runtime */
	uint32_t known;    /* PK_CONTAINER_NAME, ... */
	uint32_t flags;    /* PK_CONTAINER_IS_PRIVILEGED, ... */
	uint64_t start_ns; /* CLOCK_REALTIME */
	struct pk_text id; /* in full */
	struct pk_text outer_id;
	struct pk_text name;
	struct pk_text image;
	struct pk_text repository;
	struct pk_text tag;
	struct pk_text digest;
	struct pk_text image_id;
	struct pk_text ip;
	struct pk_text pod_uid;
	struct pk_text pod_name;
	struct pk_text pod_namespace;
	struct pk_text sandbox_id;
	struct pk_text labels; /* key, NUL, value, NUL, ... */
	struct pk_text mounts; /* of each: source, destination, mode, "rw" or "ro", propagation; NUL
				* behind each */
	/* what Kubernetes tells of its pod: PK_CONTAINER_POD_TOLD */
	struct pk_text pod_ip;
	struct pk_text pod_node;
	struct pk_text pod_labels; /* as labels */
	struct pk_text pod_owner_kind;
	struct pk_text pod_owner_name;
	struct pk_text pod_deployment;
};

/* What processes outside of any container have, and those of whom nobody knows. */
extern const struct pk_container pk_container_host;
extern const struct pk_container pk_container_unknown;

static inline bool pk_container_is_one(const struct pk_container *container)
{
	return container->state >= PK_CONTAINER_RESOLVING;
}

/* Does it belong to a pod, as far as known? */
static inline bool pk_container_has_pod(const struct pk_container *container)
{
	return pk_container_is_one(container) &&
	       (container->pod_uid.len || container->pod_name.len);
}

/* The first PK_CONTAINER_SHORT_ID_BYTES of an id. */
struct pk_text pk_container_short(struct pk_text id);
struct pk_text pk_container_short_id(const struct pk_container *container);

/* "docker"; "unknown" for numbers without a name. Static. */
const char *pk_container_runtime_name(uint32_t runtime);

/* A checked record's facts, borrowed from it. */
void pk_container_from_record(const struct pk_container_event *event,
			      struct pk_container *ret_container);

/* It is in no pod, whatever was said of one. */
void pk_container_forget_pod(struct pk_container *container);

/* What `container` does not know, and `before` does, is added to it: texts are borrowed from there. */
void pk_container_add(struct pk_container *container, const struct pk_container *before);

/* Fills `record` and finishes it. Texts longer than their limit are cut. Number of bytes. */
size_t pk_container_to_record(const struct pk_container *container, uint64_t cgroup_id,
			      struct pk_text cgroup, struct pk_record *record);

/* Takes the next text, up to its NUL, off `list`. False: there is none. */
bool pk_container_next(struct pk_text *list, struct pk_text *ret_text);

/* Adds packed labels as "key:value, key:value". -ENOMEM */
int pk_container_join_labels(struct pk_text labels, struct pk_buf *buf);

struct pk_container_mount {
	struct pk_text source;
	struct pk_text destination;
	struct pk_text mode;
	struct pk_text propagation;
	bool rw;
};

/* Takes the next mount off `mounts`. False: there is none. */
bool pk_container_next_mount(struct pk_text *mounts, struct pk_container_mount *ret_mount);

/* Value of one label of packed ones. False: there is none of this name. */
bool pk_container_find_label(struct pk_text labels, const char *key, struct pk_text *ret_value);
bool pk_container_label(const struct pk_container *container, const char *key,
			struct pk_text *ret_value);

#endif
