/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives the Kubernetes client for tests/k8s/run.py: k8s_drive OPTION=VALUE...
 *
 * Options: api, kubelet, node, token, ca, kubelet_ca and the numbers of struct pk_k8s_options. Prints, whenever
 * something has changed and at least every 20 ms, one JSON line with the status and the pods asked for by
 * uid=UID and container=ID. Ends when its standard input does.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "meta/k8s_client.h"

#define MAX_ASKED 16

struct asked {
	const char *text;
	bool container;
};

static const struct {
	const char *name;
	size_t at;
} numbers[] = {
#define NUMBER(name)                                         \
	{                                                    \
#name, offsetof(struct pk_k8s_options, name) \
	}
	NUMBER(backoff_min_ms), NUMBER(backoff_max_ms), NUMBER(connect_ms),     NUMBER(silence_ms),
	NUMBER(list_ms),        NUMBER(watch_s),        NUMBER(watch_grace_ms), NUMBER(steady_ms),
	NUMBER(kubelet_ms),     NUMBER(kubelet_after),  NUMBER(page_cnt),
};

static struct asked asked[MAX_ASKED];
static size_t asked_cnt;

static bool set_text(struct pk_k8s_options *options, const char *name, const char *value)
{
	const char **text = !strcmp(name, "api")        ? &options->api_url :
			    !strcmp(name, "kubelet")    ? &options->kubelet_url :
			    !strcmp(name, "node")       ? &options->node :
			    !strcmp(name, "token")      ? &options->token_path :
			    !strcmp(name, "ca")         ? &options->ca_path :
			    !strcmp(name, "kubelet_ca") ? &options->kubelet_ca_path :
							  NULL;

	if (text)
		*text = value;
	return text;
}

static bool set_option(struct pk_k8s_options *options, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return false;
	*value++ = '\0';
	if ((!strcmp(word, "uid") || !strcmp(word, "container")) && asked_cnt < MAX_ASKED) {
		asked[asked_cnt++] = (struct asked){ value, word[0] == 'c' };
		return true;
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(numbers); i++) {
		if (!strcmp(word, numbers[i].name)) {
			*(uint32_t *)((char *)options + numbers[i].at) =
				(uint32_t)strtoul(value, NULL, 10);
			return true;
		}
	}
	return set_text(options, word, value);
}

/* As JSON, every byte that is not plain as \u00XX: Python reads latin-1. */
static void print_text(const char *name, struct pk_k8s_text text)
{
	printf(",\"%s\":\"", name);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];

		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void print_pod(const struct pk_k8s_pod *pod, const struct asked *key)
{
	const struct pk_k8s_container *container =
		key->container ? pk_k8s_pod_container(pod, key->text, strlen(key->text)) : NULL;
	pk_buf_cleanup struct pk_buf labels = PK_BUF_INIT;

	if (pk_k8s_pod_labels(pod, &labels))
		abort();
	printf("{\"flags\":%u", pod->flags);
	print_text("uid", pod->uid);
	print_text("ns", pod->ns);
	print_text("name", pod->name);
	print_text("ip", pod->ip);
	print_text("node", pod->node);
	print_text("owner", pod->owner_name);
	print_text("deployment", pod->deployment);
	print_text("labels", (struct pk_k8s_text){ labels.data, labels.len_bytes });
	if (container)
		print_text("container", container->name);
	putchar('}');
}

static void print_pods(struct pk_k8s_pods *pods)
{
	printf(",\"pods\":{");
	for (size_t i = 0; i < asked_cnt; i++) {
		const char *text = asked[i].text;
		pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod =
			asked[i].container ? pk_k8s_pods_find_container(pods, text, strlen(text)) :
					     pk_k8s_pods_find(pods, text, strlen(text));

		printf("%s\"%s\":", i ? "," : "", text);
		if (pod)
			print_pod(pod, &asked[i]);
		else
			printf("null");
	}
	putchar('}');
}

static void print(struct pk_k8s *k8s, struct pk_k8s_pods *pods)
{
	struct pk_k8s_pods_stats stats;
	struct pk_k8s_status status;

	pk_k8s_get_status(k8s, &status);
	pk_k8s_pods_get_stats(pods, &stats);
	printf("{\"phase\":\"%s\",\"synced\":%s,\"error\":%d,\"http\":%d",
	       pk_k8s_phase_name(status.phase), status.synced ? "true" : "false", -status.error,
	       status.http_status);
	print_text("reason", (struct pk_k8s_text){ status.reason, strlen(status.reason) });
	print_text("kubelet_reason",
		   (struct pk_k8s_text){ status.kubelet_reason, strlen(status.kubelet_reason) });
#define COUNT(name) printf(",\"" #name "\":%" PRIu64, (uint64_t)status.name##_cnt)
	COUNT(list);
	COUNT(watch);
	COUNT(kubelet);
	COUNT(event);
	COUNT(failure);
	COUNT(stale);
	COUNT(refused);
#undef COUNT
	printf(",\"contact\":%s", status.contact_ns ? "true" : "false");
	printf(",\"pod_cnt\":%zu,\"gone_cnt\":%zu,\"store_refused\":%" PRIu64, stats.pod_cnt,
	       stats.gone_cnt, stats.refused_cnt);
	print_pods(pods);
	puts("}");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	pk_cleanup(pk_k8s_pods_free_p) struct pk_k8s_pods *pods = NULL;
	pk_cleanup(pk_k8s_free_p) struct pk_k8s *k8s = NULL;
	struct pk_k8s_options options = { 0 };
	int err;

	for (int i = 1; i < argc; i++) {
		if (!set_option(&options, argv[i])) {
			fprintf(stderr, "k8s_drive: what is '%s'?\n", argv[i]);
			return 2;
		}
	}
	err = pk_k8s_pods_new(&pods);
	if (!err)
		err = pk_k8s_new(&options, pods, &k8s);
	if (err) {
		fprintf(stderr, "k8s_drive: %s\n", strerror(-err));
		return 1;
	}
	for (;;) {
		struct pollfd fds[] = { { .fd = 0, .events = POLLIN },
					{ .fd = pk_k8s_get_fd(k8s), .events = POLLIN } };

		print(k8s, pods);
		if (poll(fds, 2, 20) < 0 || fds[0].revents)
			return 0;
		pk_k8s_take_change(k8s);
	}
}
