/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes in picket run: its options, the client (meta/k8s_client.h) and its store of pods, and what is
 * told when the API server goes away or comes back.
 */
#ifndef PK_CLI_RUN_K8S_H
#define PK_CLI_RUN_K8S_H

#include <argp.h>

#include "meta/k8s_client.h"
#include "meta/k8s_pods.h"

#define PK_RUN_K8S_URL_BYTES 320u

struct pk_run_k8s {
	struct pk_k8s_options options;      /* of --k8s*; without a node nothing is done */
	char api_url[PK_RUN_K8S_URL_BYTES]; /* of the environment */
	struct pk_k8s_pods *pods;           /* NULL: not started */
	struct pk_k8s *k8s;
	enum pk_k8s_phase phase; /* told last */
	bool kubelet_failed;     /* told last */
	uint64_t refused_cnt;    /* that were told last */
};

/* --k8s and what belongs to it, as an argp child; its input is a struct pk_run_k8s. */
extern const struct argp pk_run_k8s_argp;

/* Starts the client if --k8s was given. Errors have been printed. */
int pk_run_k8s_start(struct pk_run_k8s *run);
void pk_run_k8s_fini(struct pk_run_k8s *run);

/* To be watched for input; -1: not started. */
int pk_run_k8s_get_fd(const struct pk_run_k8s *run);

/* It is ready: tells what changed. */
void pk_run_k8s_on_ready(struct pk_run_k8s *run);

/* Now and then: tells of pods that had to be left out, when they have become twice as many. */
void pk_run_k8s_tick(struct pk_run_k8s *run);

/* How it stands, one line without its newline, cut to `bytes`; "" if not started. */
void pk_run_k8s_text(const struct pk_run_k8s *run, char *text, size_t bytes);

#endif
