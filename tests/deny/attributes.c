// SPDX-License-Identifier: Apache-2.0
/* Extended attributes and flags of files, the clock, names of threads, modules that are taken out. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "../ops/system.h"
#include "attempt.h"

#define FILE_PATH PK_DENY_TOP "/attributes"

struct job {
	const struct pk_sys_way *way;
	bool neighbour;
};

#define CALL(nr, nr32, ...) pk_sys_call(job->way, nr, nr32, __VA_ARGS__)
#define TEXT(text) pk_sys_text(job->way, text)
#define BYTES(thing) pk_sys_bytes(job->way, &(thing), sizeof(thing))

static int open_file(void)
{
	int fd = open(FILE_PATH, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		pk_deny_unable("a file", errno);
	return fd;
}

/* Works on file systems without attributes of users, as a tmpfs was for long. */
static const char *name_of(const struct job *job)
{
	return job->neighbour ? "trusted.another" : "trusted.denied";
}

static long do_set(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_setxattr, 226, TEXT(FILE_PATH), TEXT(name_of(job)), TEXT("1"), 1, 0);
}

static long do_set_link(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_lsetxattr, 227, TEXT(FILE_PATH), TEXT(name_of(job)), TEXT("1"), 1, 0);
}

static long do_set_relative(void *arg)
{
	const struct job *job = arg;

	if (chdir(PK_DENY_TOP))
		pk_deny_unable("a directory", errno);
	return CALL(SYS_setxattr, 226, TEXT("./attributes"), TEXT(name_of(job)), TEXT("1"), 1, 0);
}

static long do_set_fd(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_fsetxattr, 228, open_file(), TEXT(name_of(job)), TEXT("1"), 1, 0);
}

static long do_remove(void *arg)
{
	const struct job *job = arg;
	const char *name = job->neighbour ? "trusted.other" : "trusted.kept";

	if (setxattr(FILE_PATH, name, "1", 1, 0))
		pk_deny_unable("an attribute", errno);
	return CALL(SYS_removexattr, 235, TEXT(FILE_PATH), TEXT(name), 0, 0, 0);
}

/* Its NODUMP: what a file system does not know, and nobody misses. */
static long do_flags(void *arg)
{
	const struct job *job = arg;
	int fd = open_file();
	int flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags))
		pk_deny_unable("flags of files", errno);
	flags |= job->neighbour ? FS_NOATIME_FL : FS_NODUMP_FL;
	return CALL(SYS_ioctl, 54, fd, job->way->compat ? FS_IOC32_SETFLAGS : FS_IOC_SETFLAGS,
		    BYTES(flags), 0, 0);
}

/* To what it is. The neighbour is another call. */
static long do_clock(void *arg)
{
	const struct job *job = arg;
	struct timespec now;
	__s32 now32[2];
	__s64 now64[2];

	clock_gettime(CLOCK_REALTIME, &now);
	now64[0] = now32[0] = (__s32)now.tv_sec;
	now64[1] = now32[1] = (__s32)(job->neighbour ? now.tv_nsec : now.tv_nsec / 1000);
	if (job->neighbour)
		return job->way->compat ?
			       CALL(SYS_clock_settime, 264, CLOCK_REALTIME, BYTES(now32), 0, 0, 0) :
			       CALL(SYS_clock_settime, 264, CLOCK_REALTIME, BYTES(now64), 0, 0, 0);
	return job->way->compat ? CALL(SYS_settimeofday, 79, BYTES(now32), 0, 0, 0, 0) :
				  CALL(SYS_settimeofday, 79, BYTES(now64), 0, 0, 0, 0);
}

static long do_name(void *arg)
{
	const struct job *job = arg;
	char name[16];

	/* written here, so that it is in memory: what is not is unknown at the hook */
	strcpy(name, job->neighbour ? "a worker" : "kworker/9:9");
	return CALL(SYS_prctl, 172, PR_SET_NAME, TEXT(name), 0, 0, 0);
}

/* Of setup. It is there once. */
static long do_unload(void *arg)
{
	const struct job *job = arg;

	if (access("/sys/module/dummy", F_OK))
		pk_deny_unable("a module that can be taken out", errno);
	return CALL(SYS_delete_module, 129, TEXT("dummy"), O_NONBLOCK, 0, 0, 0);
}

static const struct {
	const char *name;
	const char *rule;
	long (*attempt)(void *arg);
} attempts[] = {
	{ "setxattr", "no attribute", do_set },
	{ "lsetxattr", "no attribute", do_set_link },
	{ "setxattr, relative", "no attribute", do_set_relative },
	{ "fsetxattr", "no attribute", do_set_fd },
	{ "removexattr", "no removal", do_remove },
	{ "flags of a file", "no flags", do_flags },
	{ "settimeofday", "no time of day", do_clock },
	{ "name of a kernel thread", "no disguise", do_name },
	{ "delete_module", "no unloading", do_unload },
};

void pk_deny_group_attributes(void)
{
	const struct pk_sys_way *way;
	unsigned int i;

	pk_deny_make(FILE_PATH, PK_DENY_FILE);
	for (way = pk_sys_ways; way->name; way++) {
		if (way->compat && !pk_has_int80())
			continue;
		for (i = 0; i < 2 * PK_ARRAY_SIZE(attempts); i++) {
			struct job job = { .way = way, .neighbour = i & 1 };
			struct pk_deny_case c = { .rule = job.neighbour ? NULL :
									  attempts[i / 2].rule,
						  .attempt = attempts[i / 2].attempt,
						  .arg = &job };

			/* its rule is about all of them */
			if ((job.neighbour || way->compat) && c.attempt == do_unload)
				continue;
			pk_format(c.name, sizeof(c.name), "%s%s: %s", attempts[i / 2].name,
				  job.neighbour ? " neighbour" : "", way->name);
			pk_deny_run(&c);
		}
	}
}
