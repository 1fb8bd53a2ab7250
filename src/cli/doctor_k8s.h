/* SPDX-License-Identifier: Apache-2.0 */
/*
 * picket doctor --k8s: does the API server answer, and say which pods there are?
 */
#ifndef PK_CLI_DOCTOR_K8S_H
#define PK_CLI_DOCTOR_K8S_H

#include "cli/run_k8s.h"

#define PK_DOCTOR_K8S_MS 15000

struct pk_doctor_k8s {
	const char *node;    /* borrowed */
	const char *api_url; /* borrowed */
	struct pk_k8s_status status;
	size_t pod_cnt;
};

/* Asks with the options in `run`, until there is a list or nobody answers, at most `wait_ms`. Errors have
 * been printed. The caller calls pk_run_k8s_fini(). */
int pk_doctor_ask_k8s(struct pk_run_k8s *run, int wait_ms, struct pk_doctor_k8s *ret_k8s);

#endif
