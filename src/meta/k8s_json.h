/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the API server and the kubelet say, from JSON: a pod, the event of a watch, the head of a list, the
 * reason of a refusal. The text is foreign: its length and depth are bounded, names that occur twice count as
 * they did last, and whatever has another type than it should is not there.
 */
#ifndef PK_META_K8S_JSON_H
#define PK_META_K8S_JSON_H

#include <stddef.h>

#include "meta/k8s_pods.h"

#define PK_MAX_K8S_JSON_DEPTH 64
#define PK_MAX_K8S_JSON_BYTES (1u << 20) /* of one text */

#define PK_K8S_VERSION_BYTES 64u    /* of a resourceVersion, its NUL included */
#define PK_K8S_CONTINUE_BYTES 4096u /* of a list's continuation */
#define PK_K8S_REASON_BYTES 256u

enum pk_k8s_event_kind {
	PK_K8S_EVENT_OTHER = 0, /* a type that is not known, or no pod */
	PK_K8S_EVENT_PUT = 1,   /* added or modified */
	PK_K8S_EVENT_DELETED = 2,
	PK_K8S_EVENT_BOOKMARK = 3,
	PK_K8S_EVENT_ERROR = 4,
};

struct pk_k8s_event {
	enum pk_k8s_event_kind kind;
	char version[PK_K8S_VERSION_BYTES]; /* "": not told */
	int code;                           /* of an error, as HTTP has it; 0: not told */
	char reason[PK_K8S_REASON_BYTES];   /* of an error */
};

struct pk_k8s_list_head {
	char version[PK_K8S_VERSION_BYTES];
	char next[PK_K8S_CONTINUE_BYTES]; /* "": that was the last page */
};

/*
 * Each is given a whole text. -EBADMSG: no JSON object, too deep, too long; -ENOMEM. `flags` are those of
 * the filter that the text has gone through (k8s_filter.h), or 0.
 */

/* Puts a pod into the store, whose errors are counted there. */
int pk_k8s_json_pod(struct pk_k8s_pods *pods, const char *data, size_t len, uint32_t flags);

/* Puts or deletes what a line of a watch says. */
int pk_k8s_json_event(struct pk_k8s_pods *pods, const char *data, size_t len, uint32_t flags,
		      struct pk_k8s_event *ret_event);

/* -EBADMSG also: a version or continuation that is too long, or not of printable ASCII. */
int pk_k8s_json_list_head(const char *data, size_t len, struct pk_k8s_list_head *ret_head);

/* The message of the Status that came instead of what was asked for. */
int pk_k8s_json_reason(const char *data, size_t len, char ret_reason[PK_K8S_REASON_BYTES]);

#endif
