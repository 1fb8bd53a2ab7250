// SPDX-License-Identifier: Apache-2.0
/*
 * Names of hosts that rules ask for, and their addresses. In: the comparisons of a rule set. The thread writes
 * under the lock, look-ups read under it; resolving itself holds no lock.
 */
#include "stream/hosts.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "plan/field_id.h"

#define AGAIN_S 30
#define FIRST_WAIT_NS 1000000000ll

struct host {
	char *name;
	uint8_t addrs[PK_MAX_HOST_ADDRS][16];
	size_t cnt;
};

struct pk_hosts {
	struct host *items;
	size_t cnt;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* a round is over, or it ends */
	bool asked_once, ends;
	uint32_t owners; /* whoever made it, and the thread: a look-up can take its time */
};

static void unref(struct pk_hosts *hosts)
{
	bool last;

	pthread_mutex_lock(&hosts->lock);
	last = !--hosts->owners;
	pthread_mutex_unlock(&hosts->lock);
	if (!last)
		return;
	pthread_cond_destroy(&hosts->changed);
	pthread_mutex_destroy(&hosts->lock);
	for (size_t i = 0; i < hosts->cnt; i++)
		free(hosts->items[i].name);
	free(hosts->items);
	free(hosts);
}

static void add_addr(struct host *host, const struct sockaddr *address)
{
	uint8_t *to = host->addrs[host->cnt];

	if (host->cnt == PK_MAX_HOST_ADDRS)
		return;
	memset(to, 0, 16);
	if (address->sa_family == AF_INET) {
		memset(to + 10, 0xff, 2);
		memcpy(to + 12, &((const struct sockaddr_in *)address)->sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		memcpy(to, &((const struct sockaddr_in6 *)address)->sin6_addr, 16);
	} else {
		return;
	}
	host->cnt++;
}

static void resolve(struct pk_hosts *hosts, struct host *host)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;

	if (getaddrinfo(host->name, NULL, &hints, &found) || !found)
		return;
	pthread_mutex_lock(&hosts->lock);
	host->cnt = 0;
	for (const struct addrinfo *one = found; one; one = one->ai_next)
		add_addr(host, one->ai_addr);
	pthread_mutex_unlock(&hosts->lock);
	freeaddrinfo(found);
}

static void *run(void *arg)
{
	struct pk_hosts *hosts = arg;
	struct timespec until;

	pthread_mutex_lock(&hosts->lock);
	while (!hosts->ends) {
		pthread_mutex_unlock(&hosts->lock);
		for (size_t i = 0; i < hosts->cnt && !hosts->ends; i++)
			resolve(hosts, &hosts->items[i]);
		pthread_mutex_lock(&hosts->lock);
		hosts->asked_once = true;
		pthread_cond_broadcast(&hosts->changed);
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += AGAIN_S;
		while (!hosts->ends &&
		       !pthread_cond_timedwait(&hosts->changed, &hosts->lock, &until))
			continue;
	}
	pthread_mutex_unlock(&hosts->lock);
	unref(hosts);
	return NULL;
}

static bool is_host_field(const struct pk_field *field)
{
	return field && (field->id == PK_FIELD_FD_CIP_NAME || field->id == PK_FIELD_FD_SIP_NAME ||
			 field->id == PK_FIELD_FD_LIP_NAME || field->id == PK_FIELD_FD_RIP_NAME);
}

static int add_name(struct pk_hosts *hosts, const struct pk_value_text *text)
{
	pk_cleanup(pk_free_p) char *name = NULL;
	struct host *items;

	for (size_t i = 0; i < hosts->cnt; i++) {
		if (strlen(hosts->items[i].name) == text->len &&
		    !memcmp(hosts->items[i].name, text->data, text->len))
			return 0;
	}
	if (!text->len || text->len > 253 || hosts->cnt == PK_MAX_HOST_NAMES)
		return 0;
	name = strndup(text->data, text->len);
	items = name ? realloc(hosts->items, (hosts->cnt + 1) * sizeof(*items)) : NULL;
	if (!items)
		return -ENOMEM;
	hosts->items = items;
	hosts->items[hosts->cnt++] = (struct host){ .name = pk_take_ptr(name) };
	return 0;
}

static int collect(struct pk_hosts *hosts, const struct pk_bound *bound)
{
	size_t cnt;
	struct pk_atom *const *atoms = pk_bound_atoms(bound, &cnt);
	int err = 0;

	for (size_t i = 0; i < cnt && !err; i++) {
		const struct pk_atom *atom = atoms[i];

		if (!is_host_field(atom->field) || !atom->texts)
			continue;
		for (size_t j = 0; j < atom->cnt && !err; j++)
			err = add_name(hosts, &atom->texts[j]);
	}
	return err;
}

static int start(struct pk_hosts *hosts)
{
	struct timespec until;
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_t thread;
	int err;

	/* signals are for the main thread */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	hosts->owners++;
	err = pthread_create(&thread, &attr, run, hosts);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (err) {
		hosts->owners--;
		return -err;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += FIRST_WAIT_NS / 1000000000;
	pthread_mutex_lock(&hosts->lock);
	while (!hosts->asked_once && !pthread_cond_timedwait(&hosts->changed, &hosts->lock, &until))
		continue;
	pthread_mutex_unlock(&hosts->lock);
	return 0;
}

PK_DEFINE_CLEANUP(struct pk_hosts *, pk_hosts_free);

int pk_hosts_new(const struct pk_bound *bound, struct pk_hosts **ret_hosts)
{
	pk_cleanup(pk_hosts_free_p) struct pk_hosts *hosts = calloc(1, sizeof(*hosts));
	pthread_condattr_t attr;
	int err;

	if (!hosts)
		return -ENOMEM;
	hosts->owners = 1;
	pthread_mutex_init(&hosts->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&hosts->changed, &attr);
	pthread_condattr_destroy(&attr);
	err = collect(hosts, bound);
	if (!err && hosts->cnt)
		err = start(hosts);
	if (err)
		return err;
	*ret_hosts = hosts->cnt ? pk_take_ptr(hosts) : NULL;
	return 0;
}

void pk_hosts_free(struct pk_hosts *hosts)
{
	if (!hosts)
		return;
	pthread_mutex_lock(&hosts->lock);
	hosts->ends = true;
	pthread_cond_broadcast(&hosts->changed);
	pthread_mutex_unlock(&hosts->lock);
	unref(hosts);
}

void pk_hosts_get(struct pk_hosts *hosts, const uint8_t addr[16], struct pk_value *value)
{
	pthread_mutex_lock(&hosts->lock);
	for (size_t i = 0; i < hosts->cnt && value->list_cnt < PK_VALUE_LIST_MAX; i++) {
		const struct host *host = &hosts->items[i];

		for (size_t j = 0; j < host->cnt; j++) {
			if (memcmp(host->addrs[j], addr, 16))
				continue;
			value->list[value->list_cnt++] =
				(struct pk_value_text){ host->name, strlen(host->name) };
			break;
		}
	}
	pthread_mutex_unlock(&hosts->lock);
}
