// SPDX-License-Identifier: Apache-2.0
/*
 * Rules on who acts: name, image, parent, ancestors, arguments, user, tags. The attempt is made by
 * an image of this program, which tells by its exit code how it went and by a pipe which process it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"

#define TOP PK_DENY_TOP
#define MARKER TOP "/elsewhere/marker"

/* In the image. */

__attribute__((noreturn)) static void image_open(const char *path)
{
	int pid = getpid(), fd;

	(void)!write(PK_DENY_PID_FD, &pid, sizeof(pid));
	fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
	if (fd >= 0)
		_exit(PK_EXIT_CHILD);
	_exit(errno == EPERM ? PK_DENY_EXIT_EPERM : PK_DENY_EXIT_OTHER);
}

/* Opens it in a descendant, `depth` forks away. Ends as that one did. */
__attribute__((noreturn)) static void image_fork(int depth, const char *path)
{
	int pid, status;

	if (!depth)
		image_open(path);
	pid = fork();
	if (!pid)
		image_fork(depth - 1, path);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		_exit(PK_DENY_EXIT_OTHER);
	if (WIFSIGNALED(status)) { /* as if it were this one */
		signal(WTERMSIG(status), SIG_DFL);
		kill(getpid(), WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

static void image_marker(const char *path)
{
	int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0644);

	_exit(fd < 0 ? PK_DENY_EXIT_OTHER : PK_EXIT_CHILD);
}

void pk_deny_image(int argc, char *argv[])
{
	if (argc >= 3 && !strcmp(argv[1], "--image-open"))
		image_open(argv[2]);
	if (argc >= 4 && !strcmp(argv[1], "--image-fork"))
		image_fork(argv[2][0] - '0', argv[3]);
	if (argc >= 3 && !strcmp(argv[1], "--image-marker"))
		image_marker(argv[2]);
	_exit(PK_EXIT_CHILD); /* --image-exit, and what a script adds */
}

/* In the child that makes the attempt. */

static char *no_env[] = { NULL };

/* arg: the image and its arguments. */
static long execute(void *arg)
{
	char *const *args = arg;

	return PK_SYS(SYS_execve, args[0], args + 1, no_env);
}

#define IMAGE(path, ...) ((void *)(char *[]){ path, __VA_ARGS__, NULL })

static void single(const char *name, const char *rule, long (*run)(void *arg), void *arg)
{
	struct pk_deny_case c = { .rule = rule, .attempt = run, .arg = arg };

	pk_format(c.name, sizeof(c.name), "%s", name);
	pk_deny_run(&c);
}

static void names(void)
{
	static const char rule[] = "no open by name";

	single("proc.name: opens", rule, execute,
	       IMAGE(TOP "/bin/pk-badname", "x", "--image-open", TOP "/facts/name"));
	single("proc.name: its child opens", rule, execute,
	       IMAGE(TOP "/bin/pk-badname", "x", "--image-fork", "1", TOP "/facts/name"));
	single("proc.name neighbour: opens another file", NULL, execute,
	       IMAGE(TOP "/bin/pk-badname", "x", "--image-open", TOP "/elsewhere/file"));
	single("proc.name neighbour: another name", NULL, execute,
	       IMAGE(TOP "/bin/good", "pk-badname", "--image-open", TOP "/facts/name"));
	single("proc.name: executed", "no exec by name", execute,
	       IMAGE(TOP "/bin/pk-badexec", "x", "--image-exit"));
	single("proc.name neighbour: executed with its name as argument", NULL, execute,
	       IMAGE(TOP "/bin/good", "pk-badexec", "--image-exit", "pk-badexec"));
}

static void images(void)
{
	static const char rule[] = "no open by image";

	if (symlink("../bin/evil", TOP "/forms/evil-link"))
		fprintf(stderr, "attempt: cannot make a link: %s\n", strerror(errno));
	single("proc.exepath: opens", rule, execute,
	       IMAGE(TOP "/bin/evil", "x", "--image-open", TOP "/facts/exe"));
	single("proc.exepath: opens, executed by a symlink", rule, execute,
	       IMAGE(TOP "/forms/evil-link", "x", "--image-open", TOP "/facts/exe"));
	single("proc.exepath: opens, executed by ..", rule, execute,
	       IMAGE(TOP "/forms/../bin/evil", "good", "--image-open", TOP "/facts/exe"));
	single("proc.exepath: its grandchild opens", rule, execute,
	       IMAGE(TOP "/bin/evil", "x", "--image-fork", "2", TOP "/facts/exe"));
	single("proc.exepath neighbour: another image", NULL, execute,
	       IMAGE(TOP "/bin/good", TOP "/bin/evil", "--image-open", TOP "/facts/exe"));
	unlink(TOP "/forms/evil-link");
}

static void families(void)
{
	single("proc.pname: opens", "no open by parent", execute,
	       IMAGE(TOP "/bin/pk-parent", "x", "--image-fork", "1", TOP "/facts/parent"));
	single("proc.pname neighbour: the parent opens", NULL, execute,
	       IMAGE(TOP "/bin/pk-parent", "x", "--image-open", TOP "/facts/parent"));
	single("proc.aname: the child opens", "no open by ancestor", execute,
	       IMAGE(TOP "/bin/pk-elder", "x", "--image-fork", "1", TOP "/facts/elder"));
	single("proc.aname: the great-grandchild opens", "no open by ancestor", execute,
	       IMAGE(TOP "/bin/pk-elder", "x", "--image-fork", "3", TOP "/facts/elder"));
	single("proc.aname neighbour: of no such ancestor", NULL, execute,
	       IMAGE(TOP "/bin/good", "x", "--image-fork", "3", TOP "/facts/elder"));
}

static long open_as_user(void *arg)
{
	if (PK_SYS(SYS_setresuid, 4242, 4242, 4242) < 0)
		pk_deny_unable("setresuid", errno);
	return PK_SYS(SYS_openat, AT_FDCWD, TOP "/facts/user", O_RDONLY);
}

static long open_as_effective_user(void *arg)
{
	if (PK_SYS(SYS_setresuid, -1, 4242, -1) < 0)
		pk_deny_unable("setresuid", errno);
	return PK_SYS(SYS_openat, AT_FDCWD, TOP "/facts/user", O_RDONLY);
}

static long open_as_root(void *arg)
{
	return PK_SYS(SYS_openat, AT_FDCWD, TOP "/facts/user", O_RDONLY);
}

static void arguments(void)
{
	static const char rule[] = "no open with arguments";
	struct pk_deny_case c = { .name = "proc.cmdline: an image that is not to run",
				  .rule = "no forbidden argument",
				  .always_kills = true,
				  .attempt = execute,
				  .arg = IMAGE(TOP "/bin/good", "x", "--image-marker", MARKER,
					       "--forbidden"),
				  .watched = { MARKER },
				  .changes = true };

	single("proc.cmdline: opens", rule, execute,
	       IMAGE(TOP "/bin/good", "x", "--image-open", TOP "/facts/words", "--mark-open"));
	single("proc.cmdline neighbour: other arguments", NULL, execute,
	       IMAGE(TOP "/bin/good", "x", "--image-open", TOP "/facts/words", "--mark-ope"));
	pk_deny_make(MARKER, PK_DENY_NOTHING);
	pk_deny_run(&c);
	pk_deny_make(MARKER, PK_DENY_NOTHING);
	pk_format(c.name, sizeof(c.name), "proc.cmdline neighbour: an image that may run");
	c.rule = NULL;
	c.arg = IMAGE(TOP "/bin/good", "x", "--image-marker", MARKER, "--forbid", "den");
	pk_deny_run(&c);
	pk_deny_make(MARKER, PK_DENY_NOTHING);
	single("user.uid: opens", "no open by user", open_as_user, NULL);
	single("user.uid: opens, by effective user", "no open by user", open_as_effective_user,
	       NULL);
	single("user.uid neighbour: another user", NULL, open_as_root, NULL);
}

/* Tags: who opened a file below /deny/drop to write may execute none there. */

static long execute_at(const char *path)
{
	char *args[] = { "x", "--image-exit", NULL };

	return PK_SYS(SYS_execve, path, args, no_env);
}

static void open_or_give_up(const char *path, int flags)
{
	int fd = syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		pk_deny_unable(path, errno);
	close(fd);
}

static long write_and_execute(void *arg)
{
	open_or_give_up(TOP "/drop/new", O_WRONLY | O_CREAT);
	return execute_at(arg);
}

static long read_and_execute(void *arg)
{
	open_or_give_up(TOP "/drop/prog", O_RDONLY);
	return execute_at(arg);
}

static long write_elsewhere_and_execute(void *arg)
{
	open_or_give_up(TOP "/dropped/new", O_WRONLY | O_CREAT);
	return execute_at(arg);
}

/* Ends as the child did, whose attempt it is. */
static long in_child(void *arg, bool write_in_child)
{
	int pid, status;

	if (!write_in_child)
		open_or_give_up(TOP "/drop/new", O_WRONLY | O_CREAT);
	pid = fork();
	if (!pid) {
		long result;

		if (write_in_child) {
			open_or_give_up(TOP "/drop/new", O_WRONLY | O_CREAT);
			_exit(0);
		}
		pk_deny_is_me();
		result = execute_at(arg);
		_exit(result == -EPERM ? PK_DENY_EXIT_EPERM : PK_DENY_EXIT_OTHER);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		pk_deny_unable("a child", errno);
	if (write_in_child)
		return execute_at(arg);
	if (WIFSIGNALED(status))
		kill(getpid(), WTERMSIG(status));
	_exit(WEXITSTATUS(status));
}

static long child_executes(void *arg)
{
	return in_child(arg, false);
}

static long child_writes(void *arg)
{
	return in_child(arg, true);
}

static void tags(void)
{
	static const char rule[] = "no exec of what was dropped";
	char *prog = TOP "/drop/prog";

	single("proc.tag neighbour: nothing was written", NULL, read_and_execute, prog);
	single("proc.tag neighbour: written elsewhere", NULL, write_elsewhere_and_execute, prog);
	single("proc.tag: written and executed", rule, write_and_execute, prog);
	single("proc.tag: written, a child executes", rule, child_executes, prog);
	single("proc.tag neighbour: written, another program executed", NULL, write_and_execute,
	       TOP "/bin/good");
	single("proc.tag neighbour: a child writes, the parent executes", NULL, child_writes, prog);
	single("proc.tag neighbour: another process, afterwards", NULL, read_and_execute, prog);
	unlink(TOP "/drop/new");
	unlink(TOP "/dropped/new");
}

void pk_deny_group_facts(void)
{
	names();
	images();
	families();
	arguments();
	tags();
}
