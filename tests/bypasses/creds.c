// SPDX-License-Identifier: Apache-2.0
/* Credentials are each thread's own: rules go by those of the thread that acts. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP

static long open_it(void)
{
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, TOP "/user/file", O_RDONLY | O_CLOEXEC));
}

struct thread_job {
	long user; /* -1: stays who it is */
	long result;
};

/* The bare call: the library's would change all threads. */
static void *open_as(void *arg)
{
	struct thread_job *job = arg;

	if (job->user >= 0)
		pk_bypass_need(PK_SYS(SYS_setresuid, -1, job->user, -1), "setresuid");
	job->result = open_it();
	return NULL;
}

/* A thread changes its user alone, and the process as a whole is still root. */
static long in_a_thread(const struct pk_bypass *b)
{
	struct thread_job job = { .user = PK_BYPASS_USER };
	pthread_t thread;

	(void)b;
	if (pthread_create(&thread, NULL, open_as, &job))
		pk_bypass_unable("a thread", EAGAIN);
	pthread_join(thread, NULL);
	return job.result;
}

/* The other way round: the first thread has become another user, the helper did not. */
static long by_a_helper(const struct pk_bypass *b)
{
	struct thread_job job = { .user = -1 };
	pthread_t thread;

	(void)b;
	/* the thread is begun by one who is the other user already, and goes back by its saved one */
	pk_bypass_need(PK_SYS(SYS_setresuid, -1, 1000, -1), "setresuid");
	job.user = PK_BYPASS_USER;
	if (PK_SYS(SYS_setresuid, -1, 0, -1))
		pk_bypass_unable("to be root again", errno);
	if (pthread_create(&thread, NULL, open_as, &job))
		pk_bypass_unable("a thread", EAGAIN);
	pk_bypass_need(PK_SYS(SYS_setresuid, -1, 1000, -1), "setresuid");
	pthread_join(thread, NULL);
	return job.result;
}

/* Only the user for files, which the effective one does not show. */
static long as_file_user(const struct pk_bypass *b)
{
	(void)b;
	syscall(SYS_setfsuid, PK_BYPASS_USER);
	return open_it();
}

static const struct pk_bypass table[] = {
	{ "creds-thread", "opened by user", TOP "/user/file", in_a_thread },
	{ "creds-helper", "opened by user", TOP "/user/file", by_a_helper },
	{ "creds-fsuid", "opened by user", TOP "/user/file", as_file_user },
};

const struct pk_bypass_group pk_bypass_creds = PK_BYPASS_GROUP(table);
