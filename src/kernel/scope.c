// SPDX-License-Identifier: Apache-2.0
/*
 * The command waits on a pipe between fork and exec, so that its exec is the first thing seen;
 * a second pipe, closed by the exec, brings back why an exec failed.
 */
#include "kernel/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct pk_scope {
	char path[PATH_MAX];
	char parent[PATH_MAX];
	int cgroup_fd;
	int pidfd;
	int go_fd;     /* write: run; close: end */
	int failed_fd; /* read: errno of the exec */
	pid_t pid;
	int status; /* -1: not known yet */
	__u64 cgroup_id;
};

static void scope_fds_close(struct pk_scope *scope)
{
	pk_close_p(&scope->go_fd);
	pk_close_p(&scope->failed_fd);
	pk_close_p(&scope->pidfd);
	pk_close_p(&scope->cgroup_fd);
}

/* Write one pid into a cgroup's list of processes. */
static int cgroup_enter(const char *path, const char *pid_text)
{
	char procs[PATH_MAX + 16];
	pk_cleanup(pk_close_p) int fd = -1;

	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	fd = open(procs, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return write(fd, pid_text, strlen(pid_text)) < 0 ? -errno : 0;
}

/* Move everybody who is left to the parent cgroup; bounded, in case they fork faster. */
static void cgroup_empty(const struct pk_scope *scope)
{
	char procs[PATH_MAX + 16];

	snprintf(procs, sizeof(procs), "%s/cgroup.procs", scope->path);
	for (int round = 0; round < 16; round++) {
		pk_cleanup(pk_fclose_p) FILE *file = fopen(procs, "re");
		char line[32];
		int moved = 0;

		if (!file)
			return;
		while (fgets(line, sizeof(line), file))
			moved += !cgroup_enter(scope->parent, line);
		if (!moved)
			return;
	}
}

void pk_scope_free(struct pk_scope *scope)
{
	if (!scope)
		return;
	if (scope->pid > 0 && scope->status < 0) {
		pk_close_p(&scope->go_fd); /* not released: the child exits by itself */
		scope->go_fd = -1;
		pk_scope_wait(scope);
	}
	if (scope->path[0] && rmdir(scope->path) && errno == EBUSY) {
		cgroup_empty(scope);
		/* an exited task can hold the cgroup for a moment after it was reaped */
		for (int i = 0; i < 50 && rmdir(scope->path) && errno == EBUSY; i++)
			usleep(2000);
	}
	scope_fds_close(scope);
	free(scope);
}

/* This process's own cgroup below the mount point, from the v2 line of /proc/self/cgroup. */
static int own_cgroup(const char *cgroup2_path, char *ret_path, size_t size)
{
	pk_cleanup(pk_fclose_p) FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX + 8];

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::", 3))
			continue;
		if (snprintf(ret_path, size, "%s%s", cgroup2_path,
			     strcmp(line + 3, "/") ? line + 3 : "") >= (int)size)
			return -ENAMETOOLONG;
		return 0;
	}
	return -ENOENT;
}

static int cgroup_make(struct pk_scope *scope, const char *parent)
{
	struct stat st;

	if (snprintf(scope->parent, sizeof(scope->parent), "%s", parent) >=
		    (int)sizeof(scope->parent) ||
	    snprintf(scope->path, sizeof(scope->path), "%s/picket-run-%d", parent, getpid()) >=
		    (int)sizeof(scope->path)) {
		scope->path[0] = '\0';
		return -ENAMETOOLONG;
	}
	if (mkdir(scope->path, 0755)) {
		scope->path[0] = '\0';
		return -errno;
	}
	scope->cgroup_fd = open(scope->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (scope->cgroup_fd < 0 || fstat(scope->cgroup_fd, &st))
		return -errno;
	scope->cgroup_id = st.st_ino; /* of kernfs on 64-bit kernels: the cgroup's id */
	return 0;
}

int pk_scope_new(const char *cgroup2_path, struct pk_scope **ret_scope)
{
	pk_cleanup(pk_scope_free_p) struct pk_scope *scope = NULL;
	char own[PATH_MAX];
	int err;

	scope = calloc(1, sizeof(*scope));
	if (!scope)
		return -ENOMEM;
	scope->cgroup_fd = scope->pidfd = scope->go_fd = scope->failed_fd = -1;
	scope->status = -1;
	err = own_cgroup(cgroup2_path, own, sizeof(own));
	if (!err)
		err = cgroup_make(scope, own);
	if (err)
		err = cgroup_make(scope, cgroup2_path);
	if (err)
		return err;
	*ret_scope = pk_take_ptr(scope);
	return 0;
}

/* The command's side: wait for the word, become the command, or say why not. */
static __attribute__((noreturn)) void child_run(int go_fd, int failed_fd, char *const *argv)
{
	sigset_t none;
	char go = 0;
	int err;

	if (read(go_fd, &go, 1) != 1)
		_exit(125);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], argv);
	err = errno;
	if (write(failed_fd, &err, sizeof(err)) < 0)
		_exit(125);
	_exit(err == ENOENT ? 127 : 126);
}

int pk_scope_spawn(struct pk_scope *scope, char *const *argv)
{
	int go[2], failed[2];
	char text[16];
	int err;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(failed, O_CLOEXEC)) {
		err = -errno;
		close(go[0]);
		close(go[1]);
		return err;
	}
	scope->pid = fork();
	if (!scope->pid) {
		close(go[1]);
		child_run(go[0], failed[1], argv);
	}
	err = -errno;
	close(go[0]);
	close(failed[1]);
	scope->go_fd = go[1];
	scope->failed_fd = failed[0];
	if (scope->pid < 0)
		return err;
	scope->pidfd = syscall(SYS_pidfd_open, scope->pid, 0);
	if (scope->pidfd < 0)
		return -errno;
	snprintf(text, sizeof(text), "%d", scope->pid);
	return cgroup_enter(scope->path, text);
}

int pk_scope_release(struct pk_scope *scope)
{
	ssize_t n;
	int err = 0;

	if (write(scope->go_fd, "g", 1) != 1)
		return -errno;
	pk_close_p(&scope->go_fd);
	scope->go_fd = -1;
	do
		n = read(scope->failed_fd, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	return n == sizeof(err) ? -err : 0;
}

pid_t pk_scope_get_pid(const struct pk_scope *scope)
{
	return scope->pid;
}

int pk_scope_get_pidfd(const struct pk_scope *scope)
{
	return scope->pidfd;
}

int pk_scope_get_cgroup_fd(const struct pk_scope *scope)
{
	return scope->cgroup_fd;
}

__u64 pk_scope_get_cgroup_id(const struct pk_scope *scope)
{
	return scope->cgroup_id;
}

const char *pk_scope_get_path(const struct pk_scope *scope)
{
	return scope->path;
}

int pk_scope_wait(struct pk_scope *scope)
{
	int status;

	if (scope->status >= 0)
		return scope->status;
	while (waitpid(scope->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	scope->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return scope->status;
}
