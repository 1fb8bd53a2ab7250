/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps a store of pods (k8s_pods.h) up to date, in a thread of its own: lists the pods of this node at the
 * API server and watches them from there on. What ends is begun again where it stood; where the API server no
 * longer knows that place, with a list. If it cannot be reached, the kubelet is asked for its pods now and
 * then, if there is one to ask; else what is known stays, and the status says so.
 */
#ifndef PK_META_K8S_CLIENT_H
#define PK_META_K8S_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "meta/k8s_json.h"
#include "meta/k8s_pods.h"

#define PK_K8S_TOKEN_PATH "/var/run/secrets/kubernetes.io/serviceaccount/token"
#define PK_K8S_CA_PATH "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"

/* Texts are borrowed and must outlive the client. */
struct pk_k8s_options {
	const char *api_url; /* "https://HOST:PORT" */
	const char *node;
	const char *token_path;      /* NULL: PK_K8S_TOKEN_PATH */
	const char *ca_path;         /* NULL: PK_K8S_CA_PATH */
	const char *kubelet_url;     /* NULL: none */
	const char *kubelet_ca_path; /* NULL: as ca_path */
	/* 0: the number behind it */
	uint32_t backoff_min_ms; /* 1,000: before the second attempt */
	uint32_t backoff_max_ms; /* 60,000 */
	uint32_t connect_ms;     /* 10,000 */
	uint32_t silence_ms;     /* 30,000: of a list */
	uint32_t list_ms;        /* 120,000: for a page of a list */
	uint32_t watch_s;        /* 300: a watch lasts this long, up to half as much more */
	uint32_t watch_grace_ms; /* 30,000: it is ended from here if it lasts longer */
	uint32_t steady_ms;      /* 1,000: a watch that ends sooner, with nothing, is a failure */
	uint32_t kubelet_ms;     /* 15,000: between lists of the kubelet */
	uint32_t kubelet_after;  /* 3: failures of the API before the kubelet is asked */
	uint32_t page_cnt;       /* 250: pods a page */
};

enum pk_k8s_phase {
	PK_K8S_STARTING = 0, /* nothing is known yet */
	PK_K8S_WATCHING = 1, /* by the API server: up to date */
	PK_K8S_KUBELET = 2,  /* from the kubelet: a little late */
	PK_K8S_AWAY = 3,     /* neither answers, twice by now: what is known may be out of date */
};

struct pk_k8s_status {
	enum pk_k8s_phase phase;
	bool synced;         /* a list has come in, some time */
	uint64_t contact_ns; /* CLOCK_REALTIME: when one of them last told something; 0: never */
	/* Of the API server's last error. */
	uint64_t error_ns; /* CLOCK_REALTIME; 0: there was none */
	int error;         /* -errno of pk_k8s_http_get(), and -ESTALE: to be listed again */
	int http_status;   /* 0: none came */
	char reason[PK_K8S_REASON_BYTES]; /* foreign text */
	/* Why the kubelet did not tell its pods either; foreign text. "": it did, or was not asked. */
	char kubelet_reason[PK_K8S_REASON_BYTES];
	uint64_t list_cnt, watch_cnt; /* that came in; that began */
	uint64_t kubelet_cnt;         /* lists of the kubelet that came in */
	uint64_t event_cnt;
	uint64_t failure_cnt; /* of both */
	uint64_t stale_cnt;   /* watches whose place was not known any more */
	uint64_t refused_cnt; /* pods and events that made no sense */
};

struct pk_k8s;

/* Starts. `pods` stays the caller's and must outlive it. -EINVAL: no api_url or node, or not https;
 * -ELIBACC: no libcurl; -ENOMEM, -errno of the thread. */
int pk_k8s_new(const struct pk_k8s_options *options, struct pk_k8s_pods *pods,
	       struct pk_k8s **ret_k8s);

/* Stops at once. NULL is fine. */
void pk_k8s_free(struct pk_k8s *k8s);

/* Readable when the phase or the store has changed, or the kubelet has begun to fail, since pk_k8s_take_change(). */
int pk_k8s_get_fd(const struct pk_k8s *k8s);
bool pk_k8s_take_change(struct pk_k8s *k8s); /* whether there was one */

/* From any thread. */
void pk_k8s_get_status(struct pk_k8s *k8s, struct pk_k8s_status *ret_status);

const char *pk_k8s_phase_name(enum pk_k8s_phase phase);

/*
 * The API server as the environment of a pod names it (KUBERNETES_SERVICE_HOST and _PORT), into `ret_url`.
 * -ENOENT: they are not set; -EINVAL: they are no host and port.
 */
int pk_k8s_api_url(char *ret_url, size_t bytes);

PK_DEFINE_CLEANUP(struct pk_k8s *, pk_k8s_free);

#endif
