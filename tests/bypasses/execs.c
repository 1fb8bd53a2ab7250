// SPDX-License-Identifier: Apache-2.0
/* A program that must not run, started in every way there is; programs without a file; long arguments. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP
#define LINKER "/lib64/ld-linux-x86-64.so.2"

static long run(const char *path)
{
	return PK_SYS(SYS_execve, path, pk_bypass_runs, pk_bypass_no_env);
}

static long run_fd(long fd)
{
	return PK_SYS(SYS_execveat, fd, "", pk_bypass_runs, pk_bypass_no_env, AT_EMPTY_PATH);
}

static long by_path(const struct pk_bypass *b)
{
	return run(b->arg);
}

static long by_execveat(const struct pk_bypass *b)
{
	(void)b;
	return PK_SYS(SYS_execveat, open(TOP "/links", O_PATH), "../bin/f", pk_bypass_runs,
		      pk_bypass_no_env, 0);
}

static long by_descriptor(const struct pk_bypass *b)
{
	return run_fd(open(b->arg, b->how));
}

static long by_proc_fd(const struct pk_bypass *b)
{
	char path[64];

	(void)b;
	pk_format(path, sizeof(path), "/proc/self/fd/%d", open(TOP "/bin/f", O_RDONLY));
	return run(path);
}

static long by_bind_mount(const struct pk_bypass *b)
{
	(void)b;
	pk_bypass_own_mounts();
	pk_bypass_need(mount(TOP "/bin", TOP "/mnt", NULL, MS_BIND, NULL), "bind mount");
	return run(TOP "/mnt/f");
}

static long copied(const char *to)
{
	unlink(to);
	pk_bypass_copy(TOP "/bin/f", to);
	return run(to);
}

static long by_copy(const struct pk_bypass *b)
{
	(void)b;
	return copied(TOP "/own/copy");
}

static long by_copy_there(const struct pk_bypass *b)
{
	(void)b;
	return copied(TOP "/out/copy");
}

/* Gone before it begins to run. */
static long of_deleted(const struct pk_bypass *b)
{
	int fd;

	(void)b;
	pk_bypass_copy(TOP "/bin/g", TOP "/out/deleted");
	fd = open(TOP "/out/deleted", O_RDONLY);
	pk_bypass_need(unlink(TOP "/out/deleted"), "unlink");
	return run_fd(fd);
}

static long of_nameless(const struct pk_bypass *b)
{
	char path[64], other[64];
	int fd = open(TOP "/out", O_TMPFILE | O_RDWR, 0700), again;

	(void)b;
	pk_bypass_need(fd, "O_TMPFILE");
	pk_format(path, sizeof(path), "/proc/self/fd/%d", fd);
	pk_bypass_copy(TOP "/bin/g", path);
	again = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	pk_format(other, sizeof(other), "/proc/self/fd/%d", again);
	return run_fd(again);
}

static int memory_file(void)
{
	char path[64];
	int fd = memfd_create("innocent", 0);

	pk_bypass_need(fd, "memfd");
	pk_format(path, sizeof(path), "/proc/self/fd/%d", fd);
	pk_bypass_copy(TOP "/bin/g", path);
	return fd;
}

static long of_memory(const struct pk_bypass *b)
{
	(void)b;
	return run_fd(memory_file());
}

static long of_memory_by_path(const struct pk_bypass *b)
{
	char path[64];

	(void)b;
	pk_format(path, sizeof(path), "/proc/self/fd/%d", memory_file());
	return run(path);
}

/* Another process's memory file, by its /proc. */
static long of_memory_of_another(const struct pk_bypass *b)
{
	char path[64];
	int fd = memory_file(), pid = fork();

	(void)b;
	if (!pid) {
		pk_bypass_is_me();
		pk_format(path, sizeof(path), "/proc/%d/fd/%d", getppid(), fd);
		_exit(run(path) == -EPERM ? 43 : 44);
	}
	return pk_bypass_wait(pid) == 43 ? -EPERM : 0;
}

static long by_linker(const struct pk_bypass *b)
{
	char *args[] = { LINKER, TOP "/bin/f.dyn", "-c", "printf x >&99", NULL };

	(void)b;
	pk_bypass_need(access(LINKER, X_OK), LINKER);
	return PK_SYS(SYS_execve, LINKER, args, pk_bypass_no_env);
}

static long by_interpreter(const struct pk_bypass *b)
{
	char *args[] = { "bash", TOP "/bin/forbidden.sh", NULL };

	(void)b;
	return PK_SYS(SYS_execve, "/bin/bash", args, pk_bypass_no_env);
}

/* Fed to it: no file at all. */
static long by_standard_input(const struct pk_bypass *b)
{
	char *args[] = { "bash", NULL };
	long fd = PK_SYS(SYS_openat, AT_FDCWD, TOP "/bin/forbidden.sh", O_RDONLY);

	(void)b;
	if (fd < 0)
		return fd;
	pk_bypass_need(dup2((int)fd, 0), "standard input");
	return PK_SYS(SYS_execve, "/bin/bash", args, pk_bypass_no_env);
}

/* ---- arguments ---- */

static long with_argument_last(const char *path, size_t before, unsigned int cnt)
{
	char **args = calloc(cnt + 6, sizeof(*args));
	unsigned int i = 0, k;

	args[i++] = "x";
	args[i++] = PK_BYPASS_IMAGE;
	args[i++] = "word";
	for (k = 0; k < cnt; k++) {
		char *filler = malloc(before / cnt + 1);

		memset(filler, 'a', before / cnt);
		filler[before / cnt] = '\0';
		args[i++] = filler;
	}
	args[i] = "forbidden-word";
	return PK_SYS(SYS_execve, path, args, pk_bypass_no_env);
}

static long many_arguments(const struct pk_bypass *b)
{
	(void)b;
	return with_argument_last(TOP "/bin/g", 4000, 1000);
}

static long long_argument(const struct pk_bypass *b)
{
	(void)b;
	return with_argument_last(TOP "/bin/g", 8000, 1);
}

static long beyond_limit(const struct pk_bypass *b)
{
	return with_argument_last(b->arg, 100000, 1);
}

/* Between lines, controls and bytes that are no text. */
static long strange_argument(const struct pk_bypass *b)
{
	char *args[] = { "x", PK_BYPASS_IMAGE,       "word",
			 "",  "\n\033[2K\r\xff\xfe", "a\nforbidden-word\n",
			 NULL };

	(void)b;
	return PK_SYS(SYS_execve, TOP "/bin/g", args, pk_bypass_no_env);
}

/* The kernel puts an empty one in its place. */
static long no_arguments(const struct pk_bypass *b)
{
	char *none[] = { NULL };

	(void)b;
	/* the image does nothing then: that it ran is all there is */
	return PK_SYS(SYS_execve, TOP "/bin/f", none, pk_bypass_no_env);
}

static const struct pk_bypass table[] = {
	{ "exec-symlink", "program run", TOP "/bin/f", by_path, .arg = TOP "/links/prog" },
	{ "exec-hardlink", "program run", TOP "/bin/f", by_path, .arg = TOP "/bin/f.link" },
	{ "exec-dots", "program run", TOP "/bin/f", by_path, .arg = TOP "/links/../bin//./f" },
	{ "exec-execveat", "program run", TOP "/bin/f", by_execveat },
	{ "exec-fexecve", "program run", TOP "/bin/f", by_descriptor, .arg = TOP "/bin/f",
	  .how = O_RDONLY },
	{ "exec-opath", "program run", TOP "/bin/f", by_descriptor, .arg = TOP "/bin/f",
	  .how = O_PATH },
	{ "exec-proc-fd", "program run", TOP "/bin/f", by_proc_fd },
	{ "exec-bind", "program run", TOP "/bin/f", by_bind_mount },
	{ "exec-copy", "program run", TOP "/bin/f", by_copy },
	{ "exec-copy-by-directory", "program run from there", TOP "/out/copy", by_copy_there },
	{ "exec-interpreter-of-script", "program run", TOP "/bin/f", by_path,
	  .arg = TOP "/bin/script" },
	{ "exec-shebang", "script run", TOP "/bin/shebang", by_path, .arg = TOP "/bin/shebang" },
	{ "exec-bash-script", "script opened", TOP "/bin/forbidden.sh", by_interpreter },
	{ "exec-stdin-script", "script opened", TOP "/bin/forbidden.sh", by_standard_input },
	{ "exec-ld-so", "program opened", TOP "/bin/f.dyn", by_linker },
	{ "exec-memfd", "program without a file", NULL, of_memory },
	{ "exec-memfd-path", "program without a file", NULL, of_memory_by_path },
	{ "exec-memfd-of-another", "program without a file", NULL, of_memory_of_another },
	{ "exec-deleted", "program run from there", NULL, of_deleted },
	{ "exec-nameless", "program run from there", NULL, of_nameless },
	{ "args-many", "word in arguments", NULL, many_arguments },
	{ "args-long", "word in arguments", NULL, long_argument },
	{ "args-strange", "word in arguments", NULL, strange_argument },
	{ "args-beyond", "word in arguments", NULL, beyond_limit, .arg = TOP "/bin/g" },
	{ "args-beyond-act", "word in arguments or unknown", NULL, beyond_limit,
	  .arg = TOP "/bin/good" },
	{ "args-none", "program run", TOP "/bin/f", no_arguments },
};

const struct pk_bypass_group pk_bypass_execs = PK_BYPASS_GROUP(table);
