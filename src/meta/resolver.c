// SPDX-License-Identifier: Apache-2.0
/*
 * Three lists of jobs: new ones, to be looked up on disk; then those for an API; and those that wait to be tried
 * again. Disk always goes first: a runtime that hangs holds up nobody but its own containers.
 */
#include "meta/resolver.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "meta/api.h"
#include "meta/disk.h"

struct job {
	struct job *next;
	struct pk_question question;
	struct pk_draft draft;
	struct pk_text cgroup; /* the draft's */
	unsigned int try_cnt;
	bool disk_said; /* something */
	bool told;      /* what the disk said */
	uint64_t due_ns;
};

struct answer {
	struct answer *next;
	struct pk_event *record;
};

struct list {
	struct job *first, **last;
};

struct pk_resolver {
	char root[PATH_MAX];
	struct pk_api *api; /* of the thread */
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool stop;
	int event_fd;
	uint32_t job_cnt;
	struct list fresh, asking, waiting; /* under the mutex */
	struct answer *first_answer, **last_answer;
	struct pk_record record; /* of the thread */
};

static const unsigned int delays_ms[] = { 20, 100, 500, 2000, 8000 };

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- lists ---- */

static void list_init(struct list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

static void list_add(struct list *list, struct job *job)
{
	job->next = NULL;
	*list->last = job;
	list->last = &job->next;
}

static struct job *list_take(struct list *list)
{
	struct job *job = list->first;

	if (!job)
		return NULL;
	list->first = job->next;
	if (!list->first)
		list->last = &list->first;
	return job;
}

/* The first that is due, or NULL and when the next will be. */
static struct job *list_take_due(struct list *list, uint64_t now, uint64_t *ret_next_ns)
{
	*ret_next_ns = UINT64_MAX;
	for (struct job **link = &list->first; *link; link = &(*link)->next) {
		struct job *job = *link;

		if (job->due_ns > now) {
			if (job->due_ns < *ret_next_ns)
				*ret_next_ns = job->due_ns;
			continue;
		}
		*link = job->next;
		if (!*link)
			list->last = link;
		return job;
	}
	return NULL;
}

static void job_free(struct job *job)
{
	if (!job)
		return;
	pk_draft_fini(&job->draft);
	free(job);
}
PK_DEFINE_CLEANUP(struct job *, job_free);

static void list_free(struct list *list)
{
	struct job *job;

	while ((job = list_take(list)))
		job_free(job);
}

/* ---- answers ---- */

/* Without memory the container stays as it is known. */
static void tell(struct pk_resolver *resolver, struct job *job, uint32_t state)
{
	pk_cleanup(pk_free_p) struct answer *answer = calloc(1, sizeof(*answer));
	size_t len;

	job->draft.container.state = state;
	len = pk_container_to_record(pk_draft_get(&job->draft), job->question.cgroup_id,
				     job->cgroup, &resolver->record);
	if (!answer)
		return;
	answer->record = malloc(len);
	if (!answer->record)
		return;
	memcpy(answer->record, &resolver->record.u, len);
	pthread_mutex_lock(&resolver->mutex);
	*resolver->last_answer = answer;
	resolver->last_answer = &answer->next;
	pthread_mutex_unlock(&resolver->mutex);
	answer = NULL;
	eventfd_write(resolver->event_fd, 1);
}

/* ---- looking up ---- */

static void put_off(struct pk_resolver *resolver, struct job *job)
{
	job->due_ns = now_ns() + delays_ms[job->try_cnt++] * UINT64_C(1000000);
	pthread_mutex_lock(&resolver->mutex);
	list_add(&resolver->waiting, job);
	pthread_mutex_unlock(&resolver->mutex);
}

/* Nobody will tell more. */
static void settle(struct pk_resolver *resolver, struct job *job)
{
	tell(resolver, job, PK_CONTAINER_RESOLVED);
	pthread_mutex_lock(&resolver->mutex);
	resolver->job_cnt--;
	pthread_mutex_unlock(&resolver->mutex);
	job_free(job);
}

static void on_fresh(struct pk_resolver *resolver, struct job *job)
{
	if (!pk_disk_read(resolver->root, &job->question, &job->draft))
		job->disk_said = true;
	/* runtimes do not tell of a pod's sandbox as of a container */
	if (!(job->draft.container.flags & PK_CONTAINER_SANDBOX) &&
	    pk_api_knows(resolver->api, job->draft.container.runtime)) {
		if (job->disk_said && !job->told)
			tell(resolver, job, PK_CONTAINER_RESOLVING);
		job->told = job->disk_said;
		pthread_mutex_lock(&resolver->mutex);
		list_add(&resolver->asking, job);
		pthread_mutex_unlock(&resolver->mutex);
		return;
	}
	if (job->disk_said || job->try_cnt == PK_ARRAY_SIZE(delays_ms))
		settle(resolver, job);
	else
		put_off(resolver, job);
}

static void on_asking(struct pk_resolver *resolver, struct job *job)
{
	int err = pk_api_ask(resolver->api, &job->question, &job->draft);

	if (!err || job->try_cnt == PK_ARRAY_SIZE(delays_ms))
		settle(resolver, job);
	else
		put_off(resolver, job);
}

/* ---- the thread ---- */

static void wait_until(struct pk_resolver *resolver, uint64_t ns)
{
	struct timespec until = { .tv_sec = (time_t)(ns / 1000000000u),
				  .tv_nsec = (long)(ns % 1000000000u) };

	if (ns == UINT64_MAX)
		pthread_cond_wait(&resolver->wake, &resolver->mutex);
	else
		pthread_cond_timedwait(&resolver->wake, &resolver->mutex, &until);
}

/* The next thing to do; NULL: end. */
static struct job *next_job(struct pk_resolver *resolver, bool *ret_fresh)
{
	struct job *job = NULL;
	uint64_t next_ns = UINT64_MAX;

	pthread_mutex_lock(&resolver->mutex);
	while (!resolver->stop) {
		*ret_fresh = true;
		job = list_take(&resolver->fresh);
		if (!job)
			job = list_take_due(&resolver->waiting, now_ns(), &next_ns);
		if (!job) {
			*ret_fresh = false;
			job = list_take(&resolver->asking);
		}
		if (job)
			break;
		wait_until(resolver, next_ns);
	}
	pthread_mutex_unlock(&resolver->mutex);
	return job;
}

static void *work(void *arg)
{
	struct pk_resolver *resolver = arg;
	struct job *job;
	bool fresh;

	while ((job = next_job(resolver, &fresh))) {
		if (fresh)
			on_fresh(resolver, job);
		else
			on_asking(resolver, job);
	}
	return NULL;
}

/* Signals are for the thread that waits for them. */
static int start_thread(struct pk_resolver *resolver)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&resolver->thread, NULL, work, resolver);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	resolver->has_thread = !err;
	return -err;
}

/* ---- for the reader ---- */

static int init_wake(struct pk_resolver *resolver)
{
	pthread_condattr_t attr;
	int err = pthread_condattr_init(&attr);

	if (err)
		return -err;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	err = pthread_cond_init(&resolver->wake, &attr);
	pthread_condattr_destroy(&attr);
	return -err;
}

int pk_resolver_new(const struct pk_resolver_options *options, struct pk_resolver **ret_resolver)
{
	pk_cleanup(pk_resolver_free_p) struct pk_resolver *resolver = calloc(1, sizeof(*resolver));
	const char *root = options->root ? options->root : "";
	int err;

	if (!resolver)
		return -ENOMEM;
	resolver->event_fd = -1;
	pthread_mutex_init(&resolver->mutex, NULL);
	list_init(&resolver->fresh);
	list_init(&resolver->asking);
	list_init(&resolver->waiting);
	resolver->last_answer = &resolver->first_answer;
	err = init_wake(resolver);
	if (err)
		return err;
	if (strlen(root) >= sizeof(resolver->root))
		return -ENAMETOOLONG;
	memcpy(resolver->root, root, strlen(root) + 1);
	err = pk_api_new(options, &resolver->api);
	if (err)
		return err;
	resolver->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (resolver->event_fd < 0)
		return -errno;
	err = start_thread(resolver);
	if (err)
		return err;
	*ret_resolver = pk_take_ptr(resolver);
	return 0;
}

void pk_resolver_free(struct pk_resolver *resolver)
{
	struct pk_event *record;

	if (!resolver)
		return;
	if (resolver->has_thread) {
		pthread_mutex_lock(&resolver->mutex);
		resolver->stop = true;
		pthread_cond_signal(&resolver->wake);
		pthread_mutex_unlock(&resolver->mutex);
		pthread_join(resolver->thread, NULL);
	}
	while ((record = pk_resolver_take(resolver)))
		free(record);
	list_free(&resolver->fresh);
	list_free(&resolver->asking);
	list_free(&resolver->waiting);
	pk_api_free(resolver->api);
	pk_close_p(&resolver->event_fd);
	pthread_cond_destroy(&resolver->wake);
	pthread_mutex_destroy(&resolver->mutex);
	free(resolver);
}

/* What is known goes into the draft, which the sources then add to. */
static int fill_job(struct job *job, const struct pk_container *container, struct pk_text cgroup)
{
	struct pk_draft *draft = &job->draft;
	struct pk_container *c = &draft->container;
	char *path;
	int err;

	pk_draft_init(draft);
	c->runtime = job->question.runtime;
	c->known = container->known;
	err = pk_draft_text(draft, &c->id, container->id.data, container->id.len);
	if (!err && container->name.len)
		err = pk_draft_text(draft, &c->name, container->name.data, container->name.len);
	if (!err && container->outer_id.len)
		err = pk_draft_text(draft, &c->outer_id, container->outer_id.data,
				    container->outer_id.len);
	if (!err && container->pod_uid.len)
		err = pk_draft_text(draft, &c->pod_uid, container->pod_uid.data,
				    container->pod_uid.len);
	if (err)
		return err;
	path = pk_arena_copy(&draft->arena, cgroup.data, cgroup.len);
	job->cgroup = (struct pk_text){ path, cgroup.len };
	return path ? 0 : -ENOMEM;
}

int pk_resolver_ask(struct pk_resolver *resolver, const struct pk_question *question,
		    const struct pk_container *container, struct pk_text cgroup)
{
	pk_cleanup(job_free_p) struct job *job = calloc(1, sizeof(*job));
	int err;

	if (!job)
		return -ENOMEM;
	job->question = *question;
	err = fill_job(job, container, cgroup);
	if (err)
		return err;
	pthread_mutex_lock(&resolver->mutex);
	if (resolver->job_cnt < PK_MAX_QUESTIONS) {
		resolver->job_cnt++;
		list_add(&resolver->fresh, pk_take_ptr(job));
		pthread_cond_signal(&resolver->wake);
	}
	pthread_mutex_unlock(&resolver->mutex);
	return job ? -EAGAIN : 0;
}

struct pk_event *pk_resolver_take(struct pk_resolver *resolver)
{
	struct pk_event *record = NULL;
	struct answer *answer;

	pthread_mutex_lock(&resolver->mutex);
	answer = resolver->first_answer;
	if (answer) {
		resolver->first_answer = answer->next;
		if (!resolver->first_answer)
			resolver->last_answer = &resolver->first_answer;
		record = answer->record;
	}
	pthread_mutex_unlock(&resolver->mutex);
	free(answer);
	return record;
}

int pk_resolver_get_fd(const struct pk_resolver *resolver)
{
	return resolver->event_fd;
}
