// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel writes a process's number into what it says of the descriptor: "Pid:", 0 if it has none here, -1 if it has
 * ended.
 */
#include "meta/pidfd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

int pk_pidfd_open(uint32_t pid)
{
	long fd = syscall(SYS_pidfd_open, (pid_t)pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

int pk_pidfd_pid(int fd, uint32_t *ret_pid)
{
	pk_cleanup(pk_fclose_p) FILE *file = NULL;
	char name[64], line[128];
	long pid;

	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	file = fopen(name, "re");
	if (!file)
		return errno == ENOENT ? -EBADF : -errno;
	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "Pid:", 4) != 0)
			continue;
		pid = strtol(line + 4, NULL, 10);
		if (pid <= 0)
			return pid ? -ESRCH : -EXDEV;
		*ret_pid = (uint32_t)pid;
		return 0;
	}
	return -EBADF;
}
