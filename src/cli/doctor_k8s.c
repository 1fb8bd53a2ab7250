// SPDX-License-Identifier: Apache-2.0
/*
 * The client that picket run has, with less patience.
 */
#include "cli/doctor_k8s.h"

#include <poll.h>
#include <time.h>

static int now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)(now.tv_sec % 1000000) * 1000 + (int)(now.tv_nsec / 1000000);
}

int pk_doctor_ask_k8s(struct pk_run_k8s *run, int wait_ms, struct pk_doctor_k8s *ret_k8s)
{
	struct pk_k8s_pods_stats stats;
	int begun_ms = now_ms(), spent_ms = 0, err;

	run->options.kubelet_after = 1;
	run->options.backoff_min_ms = 200;
	err = pk_run_k8s_start(run);
	if (err)
		return err;
	do {
		struct pollfd fd = { .fd = pk_run_k8s_get_fd(run), .events = POLLIN };

		poll(&fd, 1, wait_ms - spent_ms);
		pk_k8s_take_change(run->k8s);
		pk_k8s_get_status(run->k8s, &ret_k8s->status);
		spent_ms = now_ms() - begun_ms;
	} while (!ret_k8s->status.synced && ret_k8s->status.phase != PK_K8S_AWAY && spent_ms >= 0 &&
		 spent_ms < wait_ms);
	pk_k8s_pods_get_stats(run->pods, &stats);
	ret_k8s->pod_cnt = stats.pod_cnt;
	ret_k8s->node = run->options.node;
	ret_k8s->api_url = run->options.api_url;
	return 0;
}
