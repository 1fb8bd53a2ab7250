// SPDX-License-Identifier: Apache-2.0
/* Programs executed. The image is this program, which ends with PK_EXIT_CHILD when it ran. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attempt.h"

#define TOP PK_DENY_TOP
#define DYNAMIC_LINKER "/lib64/ld-linux-x86-64.so.2"

static char *image_args[] = { "prog", "--image-exit", NULL };
static char *no_env[] = { NULL };

static long do_execve(const struct pk_call *c)
{
	return PK_SYS(SYS_execve, c->path, image_args, no_env);
}

static long do_execveat(const struct pk_call *c)
{
	return PK_SYS(SYS_execveat, c->dirfd, c->name, image_args, no_env, 0);
}

static long do_execveat_cwd(const struct pk_call *c)
{
	return PK_SYS(SYS_execveat, AT_FDCWD, c->path, image_args, no_env, 0);
}

static long do_execveat_fd(const struct pk_call *c)
{
	return PK_SYS(SYS_execveat, c->fd, "", image_args, no_env, AT_EMPTY_PATH);
}

static long do_fexecve_path_fd(const struct pk_call *c)
{
	return PK_SYS(SYS_execveat, open(c->path, O_PATH), "", image_args, no_env, AT_EMPTY_PATH);
}

static long do_execve_proc(const struct pk_call *c)
{
	char path[64];

	pk_format(path, sizeof(path), "/proc/self/fd/%d", c->fd);
	return PK_SYS(SYS_execve, path, image_args, no_env);
}

static __u32 args32(void)
{
	__u32 args[3] = { pk_low_str(image_args[0]), pk_low_str(image_args[1]) };

	return pk_low(args, sizeof(args));
}

static long do_execve32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_EXECVE, pk_low_str(c->path), args32(), 0, 0, 0);
}

static long do_execveat32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_EXECVEAT, c->dirfd, pk_low_str(c->name), args32(), 0, 0);
}

static long do_execveat_fd32(const struct pk_call *c)
{
	return pk_int80(PK_NR32_EXECVEAT, c->fd, pk_low_str(""), args32(), 0, AT_EMPTY_PATH);
}

static const struct pk_way exec_ways[] = {
	{ .name = "execve", .run = do_execve, .threaded = true },
	{ .name = "execveat", .run = do_execveat },
	{ .name = "execveat/cwd", .run = do_execveat_cwd },
	{ .name = "execveat/AT_EMPTY_PATH", .run = do_execveat_fd },
	{ .name = "execveat/AT_EMPTY_PATH of O_PATH", .run = do_fexecve_path_fd },
	{ .name = "execve of /proc/self/fd", .run = do_execve_proc },
	{ .name = "execve", .run = do_execve32, .compat = true },
	{ .name = "execveat", .run = do_execveat32, .compat = true },
	{ .name = "execveat/AT_EMPTY_PATH", .run = do_execveat_fd32, .compat = true },
};

static const struct pk_ways ways = PK_WAYS(exec_ways);

/* READS: it is the image's exit code that tells. */
static const struct pk_deny_family exec = {
	.name = "exec",
	.rule = "no exec",
	.dir = TOP "/exec",
	.object = "prog",
	.what = PK_DENY_KEEP,
	.ways = &ways,
	.traits = PK_DENY_FOLLOWS | PK_DENY_IDENTITY | PK_DENY_FD | PK_DENY_READS | PK_DENY_ALONE,
	.fd_flags = O_RDONLY,
};

static const struct pk_deny_family exec_other = {
	.name = "exec neighbour",
	.dir = TOP "/exec",
	.object = "prog.other",
	.what = PK_DENY_KEEP,
	.ways = &ways,
	.traits = PK_DENY_FD | PK_DENY_READS | PK_DENY_ALONE | PK_DENY_NO_FORMS,
	.fd_flags = O_RDONLY,
};

static const struct pk_deny_family exec_elsewhere = {
	.name = "exec neighbour elsewhere",
	.dir = TOP "/elsewhere",
	.object = "prog",
	.what = PK_DENY_KEEP,
	.ways = &ways,
	.traits = PK_DENY_FD | PK_DENY_READS | PK_DENY_ALONE | PK_DENY_NO_FORMS,
	.fd_flags = O_RDONLY,
};

static long exec_path(void *arg)
{
	return PK_SYS(SYS_execve, arg, image_args, no_env);
}

static long exec_script_fd(void *arg)
{
	return PK_SYS(SYS_execveat, open(arg, O_RDONLY), "", image_args, no_env, AT_EMPTY_PATH);
}

static long exec_memfd(void *arg)
{
	char path[64];
	int fd = memfd_create("copy", 0);

	if (fd < 0)
		pk_deny_unable("memfd", errno);
	pk_format(path, sizeof(path), "/proc/self/fd/%d", fd);
	pk_deny_copy(arg, path);
	return PK_SYS(SYS_execveat, fd, "", image_args, no_env, AT_EMPTY_PATH);
}

/* The file is opened and mapped by another program: exec is not what happens to it. */
static long exec_linker(void *arg)
{
	char *args[] = { DYNAMIC_LINKER, arg, NULL };

	if (access(DYNAMIC_LINKER, X_OK))
		pk_deny_unable(DYNAMIC_LINKER, errno);
	PK_SYS(SYS_dup3, open("/dev/null", O_RDWR), 1, 0);
	return PK_SYS(SYS_execve, DYNAMIC_LINKER, args, no_env);
}

static void single(const char *name, const char *rule, long (*run)(void *arg), char *path)
{
	struct pk_deny_case c = { .rule = rule, .attempt = run, .arg = path };

	pk_format(c.name, sizeof(c.name), "%s", name);
	pk_deny_run(&c);
}

void pk_deny_group_exec(void)
{
	pk_deny_family_run(&exec);
	pk_deny_family_run(&exec_other);
	pk_deny_family_run(&exec_elsewhere);
	single("exec: a script whose interpreter is denied", "no exec", exec_path,
	       TOP "/exec/script");
	single("exec: a script by descriptor whose interpreter is denied", "no exec",
	       exec_script_fd, TOP "/exec/script");
	single("exec: a script that is denied", "no script", exec_path, TOP "/exec/banned");
	single("exec: a script that is denied by descriptor", "no script", exec_script_fd,
	       TOP "/exec/banned");
	single("exec neighbour: a script", NULL, exec_path, TOP "/elsewhere/script");
	single("exec: a dynamic program", "no exec", exec_path, TOP "/exec/dynamic");
	single("beyond exec: the file by the dynamic linker", NULL, exec_linker,
	       TOP "/exec/dynamic");
	single("beyond exec: a copy in memory", NULL, exec_memfd, TOP "/exec/prog");
}
