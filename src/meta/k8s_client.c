// SPDX-License-Identifier: Apache-2.0
/*
 * The thread goes round: list if there is no place to watch from, watch, and when that ended by a failure,
 * wait. A wait grows until a watch has told something; a list that came in does not count, or a server that
 * refuses each watch would be asked for lists without a pause.
 */
#include "meta/k8s_client.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>

#include "meta/k8s_backoff.h"
#include "meta/k8s_http.h"
#include "meta/k8s_items.h"
#include "meta/k8s_url.h"

struct pk_k8s {
	struct pk_k8s_options options;
	struct pk_k8s_pods *pods;
	struct pk_k8s_http *http;
	int event_fd;
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* of the next three */
	pthread_cond_t stop_cond;
	bool stopped;
	struct pk_k8s_status status;
	/* the thread's */
	struct pk_k8s_backoff backoff;
	char version[PK_K8S_VERSION_BYTES]; /* to watch from; "": list */
	bool exact; /* the next list must not come from a cache: what that had was too old */
	bool token_retried;   /* since the last success */
	uint32_t fails_cnt;   /* of the API, since the last success */
	uint64_t changed_cnt; /* of the store, when its change was last told */
	/* of the request under way */
	struct pk_k8s_parts *parts;
	struct pk_k8s_response response;
	bool told; /* the watch told something */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- status ---- */

const char *pk_k8s_phase_name(enum pk_k8s_phase phase)
{
	static const char *const names[] = {
		[PK_K8S_STARTING] = "starting",
		[PK_K8S_WATCHING] = "watching",
		[PK_K8S_KUBELET] = "kubelet",
		[PK_K8S_AWAY] = "away",
	};

	return (unsigned int)phase < PK_ARRAY_SIZE(names) ? names[phase] : "unknown";
}

static void notify(struct pk_k8s *k8s)
{
	uint64_t one = 1;

	/* full means that it is readable */
	while (write(k8s->event_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void set_phase(struct pk_k8s *k8s, enum pk_k8s_phase phase)
{
	bool changed;

	pthread_mutex_lock(&k8s->lock);
	changed = k8s->status.phase != phase;
	k8s->status.phase = phase;
	pthread_mutex_unlock(&k8s->lock);
	if (changed)
		notify(k8s);
}

static void count(struct pk_k8s *k8s, uint64_t *counter, uint64_t more)
{
	if (!more)
		return;
	pthread_mutex_lock(&k8s->lock);
	*counter += more;
	k8s->status.contact_ns = clock_ns(CLOCK_REALTIME);
	pthread_mutex_unlock(&k8s->lock);
}

static void tell_changes(struct pk_k8s *k8s)
{
	struct pk_k8s_pods_stats stats;

	pk_k8s_pods_get_stats(k8s->pods, &stats);
	if (stats.changed_cnt == k8s->changed_cnt)
		return;
	k8s->changed_cnt = stats.changed_cnt;
	notify(k8s);
}

static void copy_reason(const struct pk_k8s *k8s, int err, char ret_reason[PK_K8S_REASON_BYTES])
{
	const char *reason = k8s->response.reason;

	snprintf(ret_reason, PK_K8S_REASON_BYTES, "%s", reason[0] ? reason : strerror(-err));
}

static void note_failure(struct pk_k8s *k8s, int err)
{
	struct pk_k8s_status *status = &k8s->status;

	pthread_mutex_lock(&k8s->lock);
	status->error_ns = clock_ns(CLOCK_REALTIME);
	status->error = err;
	status->http_status = k8s->response.status == 200 ? 0 : k8s->response.status;
	copy_reason(k8s, err, status->reason);
	status->failure_cnt++;
	status->stale_cnt += err == -ESTALE;
	pthread_mutex_unlock(&k8s->lock);
}

/* It was asked, or is not asked any more. */
static void note_kubelet(struct pk_k8s *k8s, int err)
{
	struct pk_k8s_status *status = &k8s->status;
	bool failed;

	pthread_mutex_lock(&k8s->lock);
	failed = status->kubelet_reason[0];
	status->kubelet_reason[0] = '\0';
	if (err) {
		copy_reason(k8s, err, status->kubelet_reason);
		status->failure_cnt++;
	}
	pthread_mutex_unlock(&k8s->lock);
	if (err && !failed)
		notify(k8s);
}

/* ---- requests ---- */

static int on_part(void *arg, const char *data, size_t len, uint32_t flags)
{
	struct pk_k8s *k8s = arg;

	return pk_k8s_json_pod(k8s->pods, data, len, flags);
}

static int on_list(void *arg, const char *data, size_t len)
{
	struct pk_k8s *k8s = arg;

	return pk_k8s_parts_add_list(k8s->parts, data, len);
}

static int on_error_event(struct pk_k8s *k8s, const struct pk_k8s_event *event)
{
	memcpy(k8s->response.reason, event->reason, sizeof(event->reason));
	k8s->response.status = event->code;
	return event->code == 410 ? -ESTALE : -EREMOTEIO;
}

static int on_event(void *arg, const char *data, size_t len, uint32_t flags)
{
	struct pk_k8s *k8s = arg;
	struct pk_k8s_event event;
	int err = pk_k8s_json_event(k8s->pods, data, len, flags, &event);

	if (err)
		return err;
	if (event.kind == PK_K8S_EVENT_ERROR)
		return on_error_event(k8s, &event);
	if (event.version[0])
		memcpy(k8s->version, event.version, sizeof(k8s->version));
	k8s->told = true;
	return 0;
}

static int on_lines(void *arg, const char *data, size_t len)
{
	struct pk_k8s *k8s = arg;
	uint64_t part_cnt = k8s->parts->part_cnt, refused_cnt = k8s->parts->refused_cnt;
	int err = pk_k8s_parts_add_lines(k8s->parts, data, len);

	count(k8s, &k8s->status.event_cnt, k8s->parts->part_cnt - part_cnt);
	count(k8s, &k8s->status.refused_cnt, k8s->parts->refused_cnt - refused_cnt);
	tell_changes(k8s);
	return err;
}

static void on_watch_begin(void *arg)
{
	struct pk_k8s *k8s = arg;

	count(k8s, &k8s->status.watch_cnt, 1);
	note_kubelet(k8s, 0);
	set_phase(k8s, PK_K8S_WATCHING);
}

/* One list, or a page of it: its pods are in the store, its head in ret_head. */
static int get_list(struct pk_k8s *k8s, const char *url, const char *ca_path,
		    struct pk_k8s_list_head *ret_head)
{
	pk_k8s_parts_cleanup struct pk_k8s_parts parts;
	struct pk_k8s_request request = {
		.url = url,
		.token_path = k8s->options.token_path,
		.ca_path = ca_path,
		.connect_ms = k8s->options.connect_ms,
		.silence_ms = k8s->options.silence_ms,
		.total_ms = k8s->options.list_ms,
		.on_body = on_list,
		.arg = k8s,
	};
	int err;

	pk_k8s_parts_init(&parts, &pk_k8s_want_pod, on_part, k8s);
	k8s->parts = &parts;
	err = pk_k8s_http_get(k8s->http, &request, &k8s->response);
	count(k8s, &k8s->status.refused_cnt, parts.refused_cnt);
	if (!err)
		err = pk_k8s_json_list_head(parts.head.data, parts.head.len_bytes, ret_head);
	k8s->parts = NULL;
	return err;
}

static int get_page(struct pk_k8s *k8s, struct pk_k8s_list_head *head)
{
	const struct pk_k8s_options *options = &k8s->options;
	pk_buf_cleanup struct pk_buf url = PK_BUF_INIT;
	int err = pk_k8s_url_page(&url, options->api_url, options->node, options->page_cnt,
				  head->next, k8s->exact);

	return err ?: get_list(k8s, url.data, options->ca_path, head);
}

static int list(struct pk_k8s *k8s)
{
	pk_cleanup(pk_free_p) struct pk_k8s_list_head *head = calloc(1, sizeof(*head));
	int err;

	if (!head)
		return -ENOMEM;
	pk_k8s_pods_begin(k8s->pods);
	do {
		err = get_page(k8s, head);
	} while (!err && head->next[0]);
	tell_changes(k8s);
	if (err == -EPROTO && k8s->response.status == 410)
		return -ESTALE; /* between two pages */
	if (!err && !head->version[0])
		err = -EBADMSG;
	if (err)
		return err;
	pk_k8s_pods_end(k8s->pods);
	memcpy(k8s->version, head->version, sizeof(k8s->version));
	k8s->exact = false;
	pthread_mutex_lock(&k8s->lock);
	k8s->status.synced = true;
	pthread_mutex_unlock(&k8s->lock);
	count(k8s, &k8s->status.list_cnt, 1);
	tell_changes(k8s);
	return 0;
}

static int list_kubelet(struct pk_k8s *k8s)
{
	pk_cleanup(pk_free_p) struct pk_k8s_list_head *head = calloc(1, sizeof(*head));
	pk_buf_cleanup struct pk_buf url = PK_BUF_INIT;
	int err = head ? 0 : -ENOMEM;

	if (!err)
		err = pk_k8s_url_kubelet(&url, k8s->options.kubelet_url);
	if (err)
		return err;
	pk_k8s_pods_begin(k8s->pods);
	err = get_list(k8s, url.data, k8s->options.kubelet_ca_path, head);
	if (err)
		return err;
	pk_k8s_pods_end(k8s->pods);
	/* the kubelet calls static pods otherwise: the API server is to be asked for all of them */
	k8s->version[0] = '\0';
	pthread_mutex_lock(&k8s->lock);
	k8s->status.synced = true;
	pthread_mutex_unlock(&k8s->lock);
	count(k8s, &k8s->status.kubelet_cnt, 1);
	tell_changes(k8s);
	return 0;
}

static uint32_t random_number(void)
{
	uint32_t number = 0;

	/* without entropy all that is lost is that agents come back at different times */
	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != sizeof(number))
		number = (uint32_t)clock_ns(CLOCK_MONOTONIC);
	return number;
}

/* Until it ends: 0 if that was in order. */
static int run_watch(struct pk_k8s *k8s, const char *url, uint32_t seconds)
{
	pk_k8s_parts_cleanup struct pk_k8s_parts parts;
	struct pk_k8s_response response;
	struct pk_k8s_request request = {
		.url = url,
		.token_path = k8s->options.token_path,
		.ca_path = k8s->options.ca_path,
		.connect_ms = k8s->options.connect_ms,
		.total_ms = seconds * 1000 + k8s->options.watch_grace_ms,
		.on_begin = on_watch_begin,
		.on_body = on_lines,
		.arg = k8s,
	};
	int err;

	pk_k8s_parts_init(&parts, &pk_k8s_want_event, on_event, k8s);
	k8s->parts = &parts;
	k8s->response = (struct pk_k8s_response){ 0 };
	err = pk_k8s_http_get(k8s->http, &request, &response);
	k8s->parts = NULL;
	/* an error among the events says more than that reading was given up for it */
	if (!k8s->response.status)
		k8s->response = response;
	return err == -EPROTO && response.status == 410 ? -ESTALE : err;
}

static int watch(struct pk_k8s *k8s)
{
	uint32_t seconds = k8s->options.watch_s + random_number() % (k8s->options.watch_s / 2 + 1);
	pk_buf_cleanup struct pk_buf url = PK_BUF_INIT;
	uint64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
	int err = pk_k8s_url_watch(&url, k8s->options.api_url, k8s->options.node, seconds,
				   k8s->version);

	if (err)
		return err;
	k8s->told = false;
	err = run_watch(k8s, url.data, seconds);
	if (!err && !k8s->told &&
	    clock_ns(CLOCK_MONOTONIC) - begun_ns < k8s->options.steady_ms * 1000000ull)
		err = -EPIPE;
	if (k8s->told || !err) {
		pk_k8s_backoff_reset(&k8s->backoff);
		k8s->fails_cnt = 0;
		k8s->token_retried = false;
	}
	if (err == -ESTALE) {
		k8s->version[0] = '\0';
		k8s->exact = true;
	}
	return err;
}

/* ---- the thread ---- */

static bool is_stopped(struct pk_k8s *k8s)
{
	bool stopped;

	pthread_mutex_lock(&k8s->lock);
	stopped = k8s->stopped;
	pthread_mutex_unlock(&k8s->lock);
	return stopped;
}

static void wait_ms(struct pk_k8s *k8s, uint32_t ms)
{
	uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + ms * 1000000ull;
	struct timespec until = {
		.tv_sec = (time_t)(until_ns / 1000000000u),
		.tv_nsec = (long)(until_ns % 1000000000u),
	};

	pthread_mutex_lock(&k8s->lock);
	while (!k8s->stopped &&
	       pthread_cond_timedwait(&k8s->stop_cond, &k8s->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&k8s->lock);
}

/* A token that was rotated meanwhile is tried at once, but once only. */
static bool has_new_token(struct pk_k8s *k8s, int err)
{
	if (err != -EPROTO || k8s->response.status != 401 || k8s->token_retried ||
	    !pk_k8s_http_token_changed(k8s->http, k8s->options.token_path))
		return false;
	k8s->token_retried = true;
	return true;
}

/* A watch that breaks off is no news when the next one stands at once. */
static bool is_away(struct pk_k8s *k8s)
{
	struct pk_k8s_status status;

	pk_k8s_get_status(k8s, &status);
	return k8s->fails_cnt > 1 || !status.synced;
}

static void on_failure(struct pk_k8s *k8s, int err)
{
	uint32_t ms = pk_k8s_backoff_next(&k8s->backoff, random_number());

	note_failure(k8s, err);
	if (has_new_token(k8s, err))
		return;
	if (k8s->response.retry_after_s * 1000 > ms)
		ms = k8s->response.retry_after_s * 1000;
	k8s->fails_cnt++;
	if (err != -ESTALE && k8s->options.kubelet_url &&
	    k8s->fails_cnt >= k8s->options.kubelet_after) {
		err = list_kubelet(k8s);
		note_kubelet(k8s, err);
		if (!err)
			ms = k8s->options.kubelet_ms;
		set_phase(k8s, err ? PK_K8S_AWAY : PK_K8S_KUBELET);
	} else if (err != -ESTALE && is_away(k8s)) {
		set_phase(k8s, PK_K8S_AWAY);
	}
	wait_ms(k8s, ms);
}

static void *client_thread(void *arg)
{
	struct pk_k8s *k8s = arg;

	while (!is_stopped(k8s)) {
		int err = k8s->version[0] ? 0 : list(k8s);

		if (!err)
			err = watch(k8s);
		if (err && err != -ECANCELED)
			on_failure(k8s, err);
	}
	return NULL;
}

/* ---- what others call ---- */

static void set_default(uint32_t *number, uint32_t value)
{
	if (!*number)
		*number = value;
}

static void set_defaults(struct pk_k8s_options *options)
{
	if (!options->token_path)
		options->token_path = PK_K8S_TOKEN_PATH;
	if (!options->ca_path)
		options->ca_path = PK_K8S_CA_PATH;
	if (!options->kubelet_ca_path)
		options->kubelet_ca_path = options->ca_path;
	set_default(&options->backoff_min_ms, 1000);
	set_default(&options->backoff_max_ms, 60000);
	set_default(&options->connect_ms, 10000);
	set_default(&options->silence_ms, 30000);
	set_default(&options->list_ms, 120000);
	set_default(&options->watch_s, 300);
	set_default(&options->watch_grace_ms, 30000);
	set_default(&options->steady_ms, 1000);
	set_default(&options->kubelet_ms, 15000);
	set_default(&options->kubelet_after, 3);
	set_default(&options->page_cnt, 250);
}

static bool is_https(const char *url)
{
	return !strncmp(url, "https://", 8) && url[8];
}

static void init_locks(struct pk_k8s *k8s)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&k8s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&k8s->stop_cond, &attr);
	pthread_condattr_destroy(&attr);
}

/* Signals are for other threads. */
static int start(struct pk_k8s *k8s)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&k8s->thread, NULL, client_thread, k8s);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

int pk_k8s_new(const struct pk_k8s_options *options, struct pk_k8s_pods *pods,
	       struct pk_k8s **ret_k8s)
{
	pk_cleanup(pk_k8s_free_p) struct pk_k8s *k8s = NULL;
	int err;

	if (!options->api_url || !is_https(options->api_url) || !options->node ||
	    !options->node[0] || (options->kubelet_url && !is_https(options->kubelet_url)))
		return -EINVAL;
	k8s = calloc(1, sizeof(*k8s));
	if (!k8s)
		return -ENOMEM;
	init_locks(k8s);
	k8s->options = *options;
	set_defaults(&k8s->options);
	k8s->backoff.min_ms = k8s->options.backoff_min_ms;
	k8s->backoff.max_ms = k8s->options.backoff_max_ms;
	k8s->pods = pods;
	k8s->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = k8s->event_fd < 0 ? -errno : pk_k8s_http_new(&k8s->http);
	if (!err)
		err = start(k8s);
	if (err)
		return err;
	k8s->running = true;
	*ret_k8s = pk_take_ptr(k8s);
	return 0;
}

void pk_k8s_free(struct pk_k8s *k8s)
{
	if (!k8s)
		return;
	if (k8s->running) {
		pthread_mutex_lock(&k8s->lock);
		k8s->stopped = true;
		pthread_cond_broadcast(&k8s->stop_cond);
		pthread_mutex_unlock(&k8s->lock);
		pk_k8s_http_stop(k8s->http);
		pthread_join(k8s->thread, NULL);
	}
	pk_k8s_http_free(k8s->http);
	pk_close_p(&k8s->event_fd);
	pthread_cond_destroy(&k8s->stop_cond);
	pthread_mutex_destroy(&k8s->lock);
	free(k8s);
}

int pk_k8s_get_fd(const struct pk_k8s *k8s)
{
	return k8s->event_fd;
}

bool pk_k8s_take_change(struct pk_k8s *k8s)
{
	uint64_t cnt;
	ssize_t got;

	do {
		got = read(k8s->event_fd, &cnt, sizeof(cnt));
	} while (got < 0 && errno == EINTR);
	return got > 0;
}

void pk_k8s_get_status(struct pk_k8s *k8s, struct pk_k8s_status *ret_status)
{
	pthread_mutex_lock(&k8s->lock);
	*ret_status = k8s->status;
	pthread_mutex_unlock(&k8s->lock);
}
