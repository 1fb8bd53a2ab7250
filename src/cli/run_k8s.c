// SPDX-License-Identifier: Apache-2.0
/*
 * Changes are told when the phase changes, not for each attempt: a server that is away for a night is one
 * line.
 */
#include "cli/run_k8s.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"

enum {
	OPT_K8S = 0x400,
	OPT_API,
	OPT_CA,
	OPT_TOKEN,
	OPT_KUBELET,
	OPT_KUBELET_CA,
};

static const struct argp_option options[] = {
	{ "k8s", OPT_K8S, "NODE", 0, "know the pods of this node of a Kubernetes cluster", 0 },
	{ "k8s-api", OPT_API, "URL", 0, "API server (default: as a pod's environment names it)",
	  0 },
	{ "k8s-ca", OPT_CA, "FILE", 0, "authorities to trust (default: the service account's)", 0 },
	{ "k8s-token", OPT_TOKEN, "FILE", 0, "token to show (default: the service account's)", 0 },
	{ "k8s-kubelet", OPT_KUBELET, "URL", 0,
	  "kubelet to ask while the API server is away (default: none)", 0 },
	{ "k8s-kubelet-ca", OPT_KUBELET_CA, "FILE", 0,
	  "authorities to trust for the kubelet (default: as for the API server)", 0 },
	{ 0 },
};

/* An option that without --k8s would do nothing. */
static bool is_any_given(const struct pk_k8s_options *given)
{
	return given->api_url || given->ca_path || given->token_path || given->kubelet_url ||
	       given->kubelet_ca_path;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct pk_run_k8s *run = state->input;

	switch (key) {
	case OPT_K8S:
		if (!arg[0])
			argp_error(state, "--k8s '': it is the node's name");
		run->options.node = arg;
		return 0;
	case OPT_API:
	case OPT_KUBELET:
		if (strncmp(arg, "https://", 8) != 0 || !arg[8])
			argp_error(state, "%s '%s': it is https://HOST:PORT",
				   key == OPT_API ? "--k8s-api" : "--k8s-kubelet", arg);
		if (key == OPT_API)
			run->options.api_url = arg;
		else
			run->options.kubelet_url = arg;
		return 0;
	case OPT_CA:
		run->options.ca_path = arg;
		return 0;
	case OPT_TOKEN:
		run->options.token_path = arg;
		return 0;
	case OPT_KUBELET_CA:
		run->options.kubelet_ca_path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!run->options.node && is_any_given(&run->options))
			argp_error(state, "--k8s-* say how to ask for pods, not of which node: "
					  "--k8s NODE is missing");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp pk_run_k8s_argp = { .options = options, .parser = parse_option };

/* From the environment, if no option says otherwise. */
static int find_api(struct pk_run_k8s *run)
{
	int err;

	if (run->options.api_url)
		return 0;
	err = pk_k8s_api_url(run->api_url, sizeof(run->api_url));
	if (err == -ENOENT)
		pk_error("k8s: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: "
			 "outside of a pod give the API server with --k8s-api URL");
	else if (err)
		pk_error("k8s: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no host and "
			 "port: give the API server with --k8s-api URL");
	run->options.api_url = run->api_url;
	return err;
}

int pk_run_k8s_start(struct pk_run_k8s *run)
{
	int err;

	if (!run->options.node)
		return 0;
	err = find_api(run);
	if (err)
		return err;
	err = pk_k8s_pods_new(&run->pods);
	if (!err)
		err = pk_k8s_new(&run->options, run->pods, &run->k8s);
	if (err)
		pk_error("k8s: cannot begin: %s",
			 err == -ELIBACC ? "libcurl.so.4 cannot be loaded: install libcurl4" :
					   strerror(-err));
	return err;
}

void pk_run_k8s_fini(struct pk_run_k8s *run)
{
	pk_k8s_free(run->k8s);
	pk_k8s_pods_free(run->pods);
	run->k8s = NULL;
	run->pods = NULL;
}

int pk_run_k8s_get_fd(const struct pk_run_k8s *run)
{
	return run->k8s ? pk_k8s_get_fd(run->k8s) : -1;
}

static size_t pod_cnt(const struct pk_run_k8s *run)
{
	struct pk_k8s_pods_stats stats;

	pk_k8s_pods_get_stats(run->pods, &stats);
	return stats.pod_cnt;
}

static void tell_phase(const struct pk_run_k8s *run, const struct pk_k8s_status *status)
{
	if (status->phase == PK_K8S_WATCHING)
		pk_info("k8s: %zu pods on node '%s'; watching", pod_cnt(run), run->options.node);
	else if (status->phase == PK_K8S_KUBELET)
		pk_warning(
			"k8s: cannot ask the API server '%s': %s; pods are taken from the kubelet",
			run->options.api_url, status->reason);
	else if (status->phase == PK_K8S_AWAY)
		pk_warning("k8s: cannot ask the API server '%s': %s; %s", run->options.api_url,
			   status->reason,
			   status->synced ? "the pods that are known stay" :
					    "no pods are known; trying again");
}

void pk_run_k8s_on_ready(struct pk_run_k8s *run)
{
	struct pk_k8s_status status;
	bool kubelet_failed;

	pk_k8s_take_change(run->k8s);
	pk_k8s_get_status(run->k8s, &status);
	kubelet_failed = status.kubelet_reason[0];
	if (status.phase != run->phase)
		tell_phase(run, &status);
	if (kubelet_failed && !run->kubelet_failed)
		pk_warning("k8s: cannot ask the kubelet '%s': %s", run->options.kubelet_url,
			   status.kubelet_reason);
	run->phase = status.phase;
	run->kubelet_failed = kubelet_failed;
}

static uint64_t refused_cnt(const struct pk_run_k8s *run)
{
	struct pk_k8s_pods_stats stats;
	struct pk_k8s_status status;

	pk_k8s_get_status(run->k8s, &status);
	pk_k8s_pods_get_stats(run->pods, &stats);
	return status.refused_cnt + stats.refused_cnt;
}

void pk_run_k8s_tick(struct pk_run_k8s *run)
{
	uint64_t cnt = run->k8s ? refused_cnt(run) : 0;

	if (!cnt || cnt < run->refused_cnt * 2)
		return;
	run->refused_cnt = cnt;
	pk_warning("k8s: %llu pods or events so far were left out: past the limits of %u pods and "
		   "%u MiB, or not what they should be",
		   (unsigned long long)cnt, PK_MAX_K8S_PODS, PK_MAX_K8S_STORE_BYTES >> 20);
}

/* "12 s ago" */
static void say_since(uint64_t then_ns, char text[32])
{
	struct timespec now;
	uint64_t now_ns;

	clock_gettime(CLOCK_REALTIME, &now);
	now_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	if (!then_ns)
		snprintf(text, 32, "never");
	else
		snprintf(text, 32, "%llu s ago",
			 now_ns > then_ns ? (unsigned long long)(now_ns - then_ns) / 1000000000u :
					    0ull);
}

void pk_run_k8s_text(const struct pk_run_k8s *run, char *text, size_t bytes)
{
	struct pk_k8s_status status;
	char since[32];

	text[0] = '\0';
	if (!run->k8s)
		return;
	pk_k8s_get_status(run->k8s, &status);
	say_since(status.contact_ns, since);
	snprintf(text, bytes, "kubernetes: %s, %zu pods, last told %s%s%s",
		 pk_k8s_phase_name(status.phase), pod_cnt(run), since,
		 status.phase >= PK_K8S_KUBELET ? ": " : "",
		 status.phase >= PK_K8S_KUBELET ? status.reason : "");
}
