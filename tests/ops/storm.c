// SPDX-License-Identifier: Apache-2.0
/* As many events as can be, in a row: nothing is logged, the count is all that matters. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ops.h"

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static int report(const char *what, unsigned long done, double start)
{
	printf("{\"storm\":\"%s\",\"done\":%lu,\"seconds\":%.3f}\n", what, done, seconds() - start);
	return 0;
}

int pk_storm_exec(unsigned long cnt)
{
	char *args[] = { "ops", "--child", "42", NULL }, *env[] = { NULL };
	double start = seconds();
	volatile unsigned long done; /* across vfork() */
	int pid, status;

	for (done = 0; done < cnt; done++) {
		pid = vfork();
		if (!pid) {
			execve("/proc/self/exe", args, env);
			_exit(PK_EXIT_FAILED);
		}
		if (pid < 0)
			pk_log_die("cannot fork: %s", strerror(errno));
		if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
		    WEXITSTATUS(status) != PK_EXIT_CHILD)
			pk_log_die("cannot execute this program again");
	}
	return report("exec", done, start);
}

int pk_storm_open(unsigned long cnt, const char *path)
{
	double start = seconds();
	unsigned long done;
	int fd;

	for (done = 0; done < cnt; done++) {
		fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			pk_log_die("cannot open '%s': %s", path, strerror(errno));
		close(fd);
	}
	return report("open", done, start);
}
