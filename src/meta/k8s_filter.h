/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Out of a pod's JSON, as it comes in pieces, only what Picket asks for; the rest is never kept. Whoever may
 * make a pod decides how big it is: with this, that costs neither memory nor the facts of the pod. What
 * comes out is JSON for a parser, with the same members in the same order.
 *
 * Strings and brackets are told apart, nothing more: malformed text gives an error or malformed text.
 */
#ifndef PK_META_K8S_FILTER_H
#define PK_META_K8S_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Of one pod or line as it comes. etcd keeps 1.5 MiB an object, of which JSON may make six times that. */
#define PK_MAX_K8S_LINE (16u << 20)
/* Of one member that is kept, as it is written; what is longer is left out, and flagged. */
#define PK_MAX_K8S_LEAF_BYTES 4096u
#define PK_MAX_K8S_LABEL_BYTES 2048u
#define PK_MAX_K8S_ARRAY_BYTES (128u << 10) /* statuses of containers, owners */
/* Of all of them: more than they can come to, unless they are repeated. */
#define PK_MAX_K8S_KEPT_BYTES (1u << 20)

#define PK_K8S_FILTER_LEVELS 6u
#define PK_K8S_FILTER_KEY_BYTES 512u

/* What is wanted of an object. */
struct pk_k8s_want {
	const char *key;                  /* NULL: any */
	const struct pk_k8s_want *wanted; /* of the object that it is; NULL: all of it */
	uint32_t want_cnt;
	uint32_t max;       /* members taken; 0: any number */
	uint32_t max_bytes; /* of a value that is copied */
	uint32_t cut_flag;  /* PK_K8S_CUT_*: when members or one's value are left out */
};

extern const struct pk_k8s_want pk_k8s_want_pod;
extern const struct pk_k8s_want pk_k8s_want_event; /* of a watch, with a pod or a Status in it */

struct pk_k8s_filter {
	const struct pk_k8s_want *root;
	struct pk_buf out;
	const struct pk_k8s_want *levels[PK_K8S_FILTER_LEVELS]; /* objects being gone through */
	uint32_t cnts[PK_K8S_FILTER_LEVELS];                    /* members taken */
	uint32_t level_cnt;
	uint32_t state;
	const struct pk_k8s_want *want; /* of the member at hand */
	char key[PK_K8S_FILTER_KEY_BYTES];
	size_t key_len;
	bool key_cut;
	bool in_string, escaped;
	bool begun; /* the value that is copied or skipped */
	uint32_t depth;
	size_t leaf_at; /* where in `out` it begins */
	size_t raw_bytes;
	uint32_t flags;
	int err;
};

#define PK_K8S_FILTER_INIT(want) ((struct pk_k8s_filter){ .root = (want) })

/* Errors are kept until the end. */
void pk_k8s_filter_add(struct pk_k8s_filter *filter, const char *data, size_t len);

/* The text is whole: it is in filter->out, PK_K8S_CUT_* in filter->flags. -EBADMSG: it is not; -EFBIG:
 * PK_MAX_K8S_LINE or PK_MAX_K8S_KEPT_BYTES; -ENOMEM. */
int pk_k8s_filter_end(struct pk_k8s_filter *filter);

/* For the next text. */
void pk_k8s_filter_reset(struct pk_k8s_filter *filter);
void pk_k8s_filter_fini(struct pk_k8s_filter *filter);

#endif
