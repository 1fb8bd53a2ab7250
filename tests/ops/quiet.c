// SPDX-License-Identifier: Apache-2.0
/* What succeeds and is no event: looking, reading, times, O_PATH, plain memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <unistd.h>

#include "ops.h"

static void look(const char *name)
{
	char text[256];
	struct statfs fs;
	struct stat st;

	(void)!access(name, R_OK);
	(void)!stat(name, &st);
	(void)!statfs(name, &fs);
	(void)!readlink("/proc/self/exe", text, sizeof(text));
	(void)!getcwd(text, sizeof(text));
}

static void o_path(const char *name)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_OPENAT,
				    .fd = AT_FDCWD,
				    .addr = (__u64)name,
				    .open_flags = O_PATH };
	long fd;

	close(open(name, O_PATH));
	close(open(".", O_PATH | O_DIRECTORY));
	fd = pk_ring_run(PK_HOW_RING, &sqe);
	if (fd >= 0)
		close(fd);
}

static void set_times(const char *name)
{
	static const struct timeval times[2] = { { .tv_sec = 1 }, { .tv_sec = 2 } };

	(void)!utimes(name, times);
	(void)!utimensat(AT_FDCWD, name, NULL, 0);
}

static void through_descriptor(int fd)
{
	char text[64] = "text";
	void *map;

	(void)!write(fd, text, sizeof(text));
	(void)!pread(fd, text, sizeof(text), 0);
	(void)!fallocate(fd, 0, 0, 8192);
	(void)!fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 4096);
	(void)!fsync(fd);
	(void)!flock(fd, LOCK_EX);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED)
		munmap(map, 4096);
	close(dup(fd));
}

static void anonymous(void)
{
	int pair[2];

	if (!pipe(pair)) {
		close(pair[0]);
		close(pair[1]);
	}
	if (!socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) {
		(void)!write(pair[0], "x", 1);
		close(pair[0]);
		close(pair[1]);
	}
	close(memfd_create("quiet", 0));
	close(eventfd(0, 0));
	close(epoll_create1(0));
	close(inotify_init1(0));
	close(socket(AF_INET, SOCK_STREAM, 0));
	munmap(mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0), 4096);
}

void pk_group_quiet(void)
{
	int fd;

	pk_group_enter("quiet");
	pk_make_file("file", 0644);
	fd = pk_open_file("file", O_RDWR, "prepare");
	pk_log_failed("what is no event: looking, times, reading, writing", pk_at("file"), EPERM);
	look("file");
	o_path("file");
	set_times("file");
	through_descriptor(fd);
	anonymous();
	close(fd);
	pk_group_leave();
}
