// SPDX-License-Identifier: Apache-2.0
/* Bytes that are had without read() and write(), and descriptors that another process has. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP
#define LEN (sizeof(PK_BYPASS_SECRET) - 1)

static long secret(void)
{
	return PK_SYS(SYS_openat, AT_FDCWD, TOP "/secret/file", O_RDONLY | O_CLOEXEC);
}

static long take(int fd)
{
	char bytes[64];
	ssize_t len = read(fd, bytes, sizeof(bytes));

	if (len > 0)
		pk_bypass_got(bytes, (size_t)len);
	return 0;
}

static long by_mmap(const struct pk_bypass *b)
{
	long fd = secret();
	void *map;

	(void)b;
	if (fd < 0)
		return fd;
	map = mmap(NULL, LEN, PROT_READ, MAP_PRIVATE, (int)fd, 0);
	if (map != MAP_FAILED)
		pk_bypass_got(map, LEN);
	return 0;
}

static long by_splice(const struct pk_bypass *b)
{
	long fd = secret();
	int fds[2];

	(void)b;
	if (fd < 0)
		return fd;
	pk_bypass_need(pipe(fds), "a pipe");
	pk_bypass_need(splice((int)fd, NULL, fds[1], NULL, LEN, 0), "splice");
	return take(fds[0]);
}

static long by_sendfile(const struct pk_bypass *b)
{
	long fd = secret();
	int fds[2];

	(void)b;
	if (fd < 0)
		return fd;
	pk_bypass_need(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), "sockets");
	pk_bypass_need(sendfile(fds[1], (int)fd, NULL, LEN), "sendfile");
	return take(fds[0]);
}

static long by_copy_file_range(const struct pk_bypass *b)
{
	long fd = secret();
	int copy;

	(void)b;
	if (fd < 0)
		return fd;
	copy = open(TOP "/out", O_TMPFILE | O_RDWR, 0600);
	pk_bypass_need(copy, "a file");
	pk_bypass_need(copy_file_range((int)fd, NULL, copy, NULL, LEN, 0), "copy_file_range");
	lseek(copy, 0, SEEK_SET);
	return take(copy);
}

static long by_preadv2(const struct pk_bypass *b)
{
	char bytes[64];
	struct iovec part = { bytes, sizeof(bytes) };
	long fd = secret(), len;

	(void)b;
	if (fd < 0)
		return fd;
	len = preadv2((int)fd, &part, 1, 0, 0);
	if (len > 0)
		pk_bypass_got(bytes, (size_t)len);
	return 0;
}

static long by_direct_read(const struct pk_bypass *b)
{
	static char bytes[4096] __attribute__((aligned(4096)));
	long fd = PK_SYS(SYS_openat, AT_FDCWD, TOP "/secret/file", O_RDONLY | O_DIRECT), len;

	(void)b;
	if (fd < 0)
		return fd;
	len = read((int)fd, bytes, sizeof(bytes));
	if (len > 0)
		pk_bypass_got(bytes, (size_t)len);
	return 0;
}

/* Changed by a mapping: it is the open to write that a rule is about. */
static long written_by_mmap(const struct pk_bypass *b)
{
	long fd = PK_SYS(SYS_openat, AT_FDCWD, TOP "/write/file", O_RDWR | O_CLOEXEC);
	char *map;

	(void)b;
	if (fd < 0)
		return fd;
	map = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	map[0] = 's';
	pk_bypass_effect();
	return 0;
}

/* ---- descriptors of others ---- */

/* The program that may have the file, with what it says on a pipe. Its child ends with us. */
static int allowed(char *word, char *first, char *second, int input, int output)
{
	char *args[] = { "good", PK_BYPASS_IMAGE, word, first, second, NULL };
	int pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (input >= 0)
			dup2(input, 0);
		if (output >= 0)
			dup2(output, 1);
		execve(TOP "/bin/good", args, pk_bypass_no_env);
		_exit(44);
	}
	pk_bypass_need(pid, "a child");
	return pid;
}

static int receive_fd(int from)
{
	char space[CMSG_SPACE(sizeof(int))], byte;
	struct iovec data = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &data,
			      .msg_iovlen = 1,
			      .msg_control = space,
			      .msg_controllen = sizeof(space) };
	int fd = -1;

	if (recvmsg(from, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static long passed_on(const struct pk_bypass *b)
{
	char number[16];
	int fds[2], fd;

	(void)b;
	pk_bypass_need(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), "sockets");
	pk_format(number, sizeof(number), "%d", fds[1]);
	allowed("pass", number, TOP "/only/file", -1, -1);
	fd = receive_fd(fds[0]);
	pk_bypass_need(fd, "a descriptor");
	return take(fd);
}

static long inherited(const struct pk_bypass *b)
{
	char number[16];
	char *args[] = { "imposter", PK_BYPASS_IMAGE, "inherited", number, NULL };
	int fds[2], fd;

	(void)b;
	pk_bypass_need(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), "sockets");
	pk_format(number, sizeof(number), "%d", fds[1]);
	allowed("pass", number, TOP "/only/file", -1, -1);
	fd = receive_fd(fds[0]);
	pk_bypass_need(fd, "a descriptor");
	pk_format(number, sizeof(number), "%d", fd);
	return PK_SYS(SYS_execve, TOP "/bin/imposter", args, pk_bypass_no_env);
}

/* Starts who holds the file, and waits until it does. Its descriptor's number in *ret_fd. */
static int holder(int *ret_fd)
{
	int input[2], output[2], pid;
	char byte = 0;

	pk_bypass_need(pipe(input), "a pipe");
	pk_bypass_need(pipe(output), "a pipe");
	pid = allowed("hold", TOP "/only/file", NULL, input[0], output[1]);
	if (read(output[0], &byte, 1) != 1)
		pk_bypass_unable("who holds the file", EIO);
	*ret_fd = byte;
	return pid;
}

static long stolen(const struct pk_bypass *b)
{
	int number, pid = holder(&number);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	long fd;

	(void)b;
	pk_bypass_need(pidfd, "pidfd_open");
	fd = PK_SYS(SYS_pidfd_getfd, pidfd, number, 0);
	if (fd >= 0)
		take((int)fd);
	kill(pid, SIGKILL);
	return fd < 0 ? fd : 0;
}

/* Opening it by /proc is an open of one's own. */
static long opened_by_proc(const struct pk_bypass *b)
{
	int number, pid = holder(&number);
	char path[64];
	long fd;

	(void)b;
	pk_format(path, sizeof(path), "/proc/%d/fd/%d", pid, number);
	fd = PK_SYS(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		take((int)fd);
	kill(pid, SIGKILL);
	return fd < 0 ? fd : 0;
}

static long of_memory(const struct pk_bypass *b)
{
	static char here[LEN + 1] = PK_BYPASS_SECRET;
	char bytes[LEN];
	struct iovec local = { bytes, LEN }, remote = { here, LEN };
	int pid = fork();
	long result;

	(void)b;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	result = PK_SYS(SYS_process_vm_readv, pid, &local, 1, &remote, 1, 0);
	if (result == LEN)
		pk_bypass_got(bytes, LEN);
	kill(pid, SIGKILL);
	return result;
}

static long of_proc_mem(const struct pk_bypass *b)
{
	static char here[LEN + 1] = PK_BYPASS_SECRET;
	char bytes[LEN], path[64];
	int pid = fork();
	long fd;

	(void)b;
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	pk_format(path, sizeof(path), "/proc/%d/mem", pid);
	fd = PK_SYS(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && pread((int)fd, bytes, LEN, (off_t)here) == LEN)
		pk_bypass_got(bytes, LEN);
	kill(pid, SIGKILL);
	return fd < 0 ? -EPERM : 0;
}

#define OPENS(id, fn)                                       \
	{                                                   \
		id, "secret opened", TOP "/secret/file", fn \
	}

static const struct pk_bypass table[] = {
	OPENS("read-mmap", by_mmap),
	OPENS("read-splice", by_splice),
	OPENS("read-sendfile", by_sendfile),
	OPENS("read-copy-file-range", by_copy_file_range),
	OPENS("read-preadv2", by_preadv2),
	OPENS("read-direct", by_direct_read),
	{ "write-mmap", "opened to read and write", TOP "/write/file", written_by_mmap },
	{ "fd-passed", "opened by another program", TOP "/only/file", passed_on },
	{ "fd-inherited", "opened by another program", TOP "/only/file", inherited },
	{ "fd-pidfd-getfd", "reached into another process", "pidfd_getfd", stolen },
	{ "fd-proc-fd", "opened by another program", TOP "/only/file", opened_by_proc },
	{ "memory-readv", "reached into another process", "process_vm_readv", of_memory },
	{ "memory-proc-mem", "reached into another process", "mem", of_proc_mem },
};

const struct pk_bypass_group pk_bypass_fds = PK_BYPASS_GROUP(table);
