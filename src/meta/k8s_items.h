/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts JSON that comes in pieces into parts: the lines of a watch, the items of a list. Each goes through
 * the filter (k8s_filter.h) as it comes, so that a list may be of any size. What is too long or makes no
 * sense is left out and counted; the parts around it are not harmed.
 */
#ifndef PK_META_K8S_ITEMS_H
#define PK_META_K8S_ITEMS_H

#include "meta/k8s_filter.h"

/* What a list says besides its items. */
#define PK_MAX_K8S_HEAD_BYTES (64u << 10)

/* A part, filtered; `flags` are PK_K8S_CUT_*. 0, -EBADMSG: it is counted; other errors end the cutting. */
typedef int pk_k8s_part_fn(void *arg, const char *data, size_t len, uint32_t flags);

struct pk_k8s_parts {
	struct pk_k8s_filter filter;
	pk_k8s_part_fn *fn;
	void *arg;
	uint64_t part_cnt; /* handed over and taken */
	uint64_t refused_cnt;
	/* of a list */
	struct pk_buf head; /* the document with an empty list of items */
	char key[8];        /* the last string of the outermost object */
	size_t key_len;
	uint32_t depth;
	bool in_string, escaped;
	bool in_items;
};

void pk_k8s_parts_init(struct pk_k8s_parts *parts, const struct pk_k8s_want *want,
		       pk_k8s_part_fn *fn, void *arg);
void pk_k8s_parts_fini(struct pk_k8s_parts *parts);
#define pk_k8s_parts_cleanup pk_cleanup(pk_k8s_parts_fini)

/* A part is a line that is not empty, once its newline has come. Errors of `fn`, -ENOMEM. */
int pk_k8s_parts_add_lines(struct pk_k8s_parts *parts, const char *data, size_t len);

/* A part is an object in the outermost object's "items". Errors of `fn`; -EBADMSG: something else than
 * objects stands there; -EFBIG: the head is too long; -ENOMEM. */
int pk_k8s_parts_add_list(struct pk_k8s_parts *parts, const char *data, size_t len);

#endif
