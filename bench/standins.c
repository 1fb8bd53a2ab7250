// SPDX-License-Identifier: Apache-2.0
/*
 * Stand-ins for containers that live for a moment, one after the other: a cgroup called like a container's, a process that
 * is born in it and opens a file, and both are gone.
 *
 *   bench_standins CGROUP COUNT FILE [SOCKET]
 *
 * CGROUP is the cgroup that they are made in; in cgroup v1 the process is moved there before it does anything. With SOCKET each is told of to the agent there before its
 * process opens the file, as picket oci-hook does. Prints one line of JSON.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "meta/container.h"
#include "meta/hook_client.h"
#include "meta/hook_wire.h"

struct standins {
	const char *dir, *file, *socket;
	bool is_v1;
	unsigned long told_cnt, refused_cnt, failed_cnt;
	struct pk_record record;
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void tell(struct standins *s, const char *id, int pidfd)
{
	static const char mounts[] = "/etc\0/mnt\0\0ro\0rprivate";
	const struct pk_container container = { .state = PK_CONTAINER_RESOLVING,
						.known = PK_CONTAINER_MOUNTS,
						.runtime = PK_RUNTIME_DOCKER,
						.id = { id, strlen(id) },
						.mounts = { mounts, sizeof(mounts) } };

	pk_container_to_record(&container, 0, (struct pk_text){ "", 0 }, &s->record);
	if (pk_hook_client_tell(s->socket, &s->record, pidfd, PK_HOOK_TIMEOUT_MS))
		s->refused_cnt++;
	else
		s->told_cnt++;
}

static bool move(pid_t pid, int cgroup_fd)
{
	pk_cleanup(pk_close_p) int procs = openat(cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	return procs >= 0 && dprintf(procs, "%d", pid) > 0;
}

/* The process, which waits until the write end of `gate` is closed. */
static pid_t start(const struct standins *s, int cgroup_fd, const int gate[2], int *ret_pidfd)
{
	struct clone_args args = { .flags = (s->is_v1 ? 0 : CLONE_INTO_CGROUP) | CLONE_PIDFD,
				   .pidfd = (uintptr_t)ret_pidfd,
				   .exit_signal = SIGCHLD,
				   .cgroup = s->is_v1 ? 0 : (unsigned int)cgroup_fd };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	char byte;

	if (pid)
		return pid;
	close(gate[1]);
	(void)!read(gate[0], &byte, 1);
	_exit(open(s->file, O_RDONLY | O_CLOEXEC) < 0);
}

static bool live(struct standins *s, const char *path, const char *id)
{
	pk_cleanup(pk_close_p) int cgroup_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pk_cleanup(pk_close_p) int pidfd = -1;
	int gate[2], status = -1;
	pid_t pid;

	if (cgroup_fd < 0 || pipe2(gate, O_CLOEXEC))
		return false;
	pid = start(s, cgroup_fd, gate, &pidfd);
	if (pid > 0 && s->is_v1 && !move(pid, cgroup_fd))
		s->failed_cnt++;
	if (pid > 0 && s->socket)
		tell(s, id, pidfd);
	close(gate[0]);
	close(gate[1]);
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

static void one(struct standins *s, unsigned long i)
{
	char id[65], path[512];

	snprintf(id, sizeof(id), "%032x%016x%016lx", 0x5174d1, (unsigned int)getpid(), i);
	snprintf(path, sizeof(path), "%s/docker-%s.scope", s->dir, id);
	if (mkdir(path, 0755) || !live(s, path, id))
		s->failed_cnt++;
	while (rmdir(path) && errno == EBUSY)
		usleep(100);
}

int main(int argc, char **argv)
{
	static struct standins s;
	struct statfs fs;
	unsigned long cnt;
	double begin = now_s();

	if (argc < 4 || argc > 5) {
		fprintf(stderr, "usage: bench_standins CGROUP COUNT FILE [SOCKET]\n");
		return 2;
	}
	s.dir = argv[1];
	s.file = argv[3];
	s.socket = argv[4];
	s.is_v1 = !statfs(s.dir, &fs) && fs.f_type == CGROUP_SUPER_MAGIC;
	cnt = strtoul(argv[2], NULL, 10);
	for (unsigned long i = 0; i < cnt; i++)
		one(&s, i);
	printf("{\"count\":%lu,\"failed\":%lu,\"told\":%lu,\"refused\":%lu,\"seconds\":%.3f}\n",
	       cnt, s.failed_cnt, s.told_cnt, s.refused_cnt, now_s() - begin);
	return s.failed_cnt != 0;
}
