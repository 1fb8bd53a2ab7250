// SPDX-License-Identifier: Apache-2.0
/* Processes that say they are another: by what they are called, by arguments, by what the kernel is told. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP

static long imposter(const char *path, char *name, char *word, char *first, char *second)
{
	char *args[] = { name, PK_BYPASS_IMAGE, word, first, second, NULL };

	return PK_SYS(SYS_execve, path, args, pk_bypass_no_env);
}

/* prctl(PR_SET_NAME), as the thread's name of who may */
static long by_thread_name(const struct pk_bypass *b)
{
	(void)b;
	return imposter(TOP "/bin/imposter", "imposter", "open-as", "good", TOP "/named/file");
}

static long by_argument(const struct pk_bypass *b)
{
	return imposter(TOP "/bin/imposter", b->how ? TOP "/bin/good" : "good", "open",
			(char *)b->arg, NULL);
}

/* A link that is called as who may */
static long by_link(const struct pk_bypass *b)
{
	return imposter(TOP "/links/good", "good", "open", (char *)b->arg, NULL);
}

/* A copy elsewhere that is called as who may */
static long by_copy(const struct pk_bypass *b)
{
	unlink(TOP "/own/good");
	pk_bypass_copy(TOP "/bin/imposter", TOP "/own/good");
	return imposter(TOP "/own/good", "good", "open", (char *)b->arg, NULL);
}

static long by_exe_file(const struct pk_bypass *b)
{
	(void)b;
	return imposter(TOP "/bin/imposter", "imposter", "other-exe", TOP "/bin/good",
			TOP "/only/file");
}

static const struct pk_bypass table[] = {
	{ "name-prctl", "opened by another name", TOP "/named/file", by_thread_name },
	{ "name-argv0", "opened by another name", TOP "/named/file", by_argument,
	  .arg = TOP "/named/file" },
	{ "name-link", "opened by another name", TOP "/named/file", by_link,
	  .arg = TOP "/named/file" },
	{ "name-copy", "opened by another name", TOP "/named/file", by_copy,
	  .arg = TOP "/named/file" },
	{ "program-argv0", "opened by another program", TOP "/only/file", by_argument,
	  .arg = TOP "/only/file", .how = 1 },
	{ "program-link", "opened by another program", TOP "/only/file", by_link,
	  .arg = TOP "/only/file" },
	{ "program-copy", "opened by another program", TOP "/only/file", by_copy,
	  .arg = TOP "/only/file" },
	{ "program-exe-file", "opened by another program", TOP "/only/file", by_exe_file },
};

const struct pk_bypass_group pk_bypass_names = PK_BYPASS_GROUP(table);
