// SPDX-License-Identifier: Apache-2.0
/* Runs the ways of call.h and names them in the log. */
#include "call.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

long pk_sys_result(long result)
{
	return result < 0 ? -errno : result;
}

struct thread_job {
	long (*fn)(const struct pk_call *call);
	const struct pk_call *call;
	long result;
	int tid;
};

static void *thread_main(void *arg)
{
	struct thread_job *job = arg;

	job->tid = syscall(SYS_gettid);
	job->result = job->fn(job->call);
	return NULL;
}

long pk_thread_run(long (*fn)(const struct pk_call *call), const struct pk_call *call, int *ret_tid)
{
	struct thread_job job = { .fn = fn, .call = call };
	pthread_t thread;
	int error;

	error = pthread_create(&thread, NULL, thread_main, &job);
	if (error)
		return -error;
	pthread_join(thread, NULL);
	*ret_tid = job.tid;
	return job.result;
}

static const char *const how_prefix[] = {
	[PK_HOW_DIRECT] = "",
	[PK_HOW_THREAD] = "thread/",
	[PK_HOW_RING] = "io_uring/",
	[PK_HOW_RING_ASYNC] = "io_uring async/",
	[PK_HOW_RING_SQPOLL] = "io_uring sqpoll/",
};

void pk_variants_each(const struct pk_way *ways, size_t way_cnt, pk_variant_fn body, void *arg)
{
	const struct pk_way *way;
	bool first = true;
	char name[96];
	int how;

	for (way = ways; way < ways + way_cnt; way++) {
		if (way->compat && !pk_has_int80()) {
			pk_format(name, sizeof(name), "int80/%s", way->name);
			pk_log_skipped(name, ENOSYS);
			continue;
		}
		for (how = PK_HOW_DIRECT; how <= PK_HOW_RING_SQPOLL; how++) {
			struct pk_variant variant = { .way = way, .how = how, .first = first };

			if ((how >= PK_HOW_RING) != (way->prepare != NULL))
				continue;
			if (how == PK_HOW_THREAD && !way->threaded)
				continue;
			pk_format(variant.name, sizeof(variant.name), "%s%s%s",
				  way->compat ? "int80/" : "", how_prefix[how], way->name);
			body(&variant, arg);
			first = false;
		}
	}
}

long pk_variant_run(struct pk_variant *variant, const struct pk_call *call)
{
	struct io_uring_sqe sqe = {};

	switch (variant->how) {
	case PK_HOW_DIRECT:
		variant->tid = syscall(SYS_gettid);
		return variant->way->run(call);
	case PK_HOW_THREAD:
		return pk_thread_run(variant->way->run, call, &variant->tid);
	default:
		sqe.fd = call->fd;
		variant->way->prepare(&sqe, call);
		return pk_ring_run(variant->how, &sqe);
	}
}

bool pk_variant_log(const struct pk_variant *variant, const char *type, long result)
{
	char name[128];

	if (result < 0) {
		pk_format(name, sizeof(name), "%s: %s", type, variant->name);
		pk_log_skipped(name, -result);
		return false;
	}
	pk_log_begin(type, variant->name);
	if (variant->tid)
		pk_log_int("tid", variant->tid);
	pk_log_bool("compat", variant->way->compat);
	pk_log_bool("io_uring", variant->how >= PK_HOW_RING);
	return true;
}
