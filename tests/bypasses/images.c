// SPDX-License-Identifier: Apache-2.0
/*
 * What copies of this program do after they were executed. An effect is a byte into PK_BYPASS_PIPE_FD. They exit
 * with 0, or with the number of an error.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bypass.h"

char *const pk_bypass_runs[] = { "x", PK_BYPASS_IMAGE, "run", NULL };
char *const pk_bypass_no_env[] = { NULL };

static void say(void)
{
	if (write(PK_BYPASS_PIPE_FD, "x", 1) != 1)
		_exit(EIO);
}

static int read_fd(int fd)
{
	char bytes[64];
	ssize_t len;

	if (fd < 0)
		return errno;
	len = read(fd, bytes, sizeof(bytes));
	if (len == sizeof(PK_BYPASS_SECRET) - 1 && !memcmp(bytes, PK_BYPASS_SECRET, (size_t)len))
		say();
	return 0;
}

static int run(char *args[])
{
	(void)args;
	say();
	return 0;
}

/* It says so only if it is the forbidden program. */
static int which(char *args[])
{
	char path[256] = "";

	(void)args;
	if (readlink("/proc/self/exe", path, sizeof(path) - 1) > 0 &&
	    !strcmp(path, PK_BYPASS_TOP "/bin/f"))
		say();
	return 0;
}

/* It says so only if it was given the word. */
static int word(char *args[])
{
	for (; *args; args++) {
		if (strstr(*args, "forbidden-word"))
			say();
	}
	return 0;
}

static int open_path(char *args[])
{
	return read_fd(open(args[0], O_RDONLY));
}

static int read_inherited(char *args[])
{
	return read_fd(atoi(args[0]));
}

/* By another name: NAME PATH. */
static int open_as(char *args[])
{
	if (prctl(PR_SET_NAME, args[0]))
		return errno;
	return open_path(args + 1);
}

/* Opens and gives the descriptor away: SOCKET PATH. */
static int pass(char *args[])
{
	char space[CMSG_SPACE(sizeof(int))] = {}, byte = 'x';
	struct iovec data = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &data,
			      .msg_iovlen = 1,
			      .msg_control = space,
			      .msg_controllen = sizeof(space) };
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
	int fd = open(args[1], O_RDONLY);

	if (fd < 0)
		return errno;
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	return sendmsg(atoi(args[0]), &msg, 0) == 1 ? 0 : errno;
}

/* Opens and keeps it, until its input ends: PATH. The descriptor's number goes to standard output. */
static int hold(char *args[])
{
	int fd = open(args[0], O_RDONLY);
	char byte;

	if (fd < 0)
		return errno;
	byte = (char)fd;
	if (write(STDOUT_FILENO, &byte, 1) != 1)
		return errno;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return 0;
}

/* A mapping of the program's file becomes memory of nobody's with the same content. */
static int unfile(unsigned long from, unsigned long to)
{
	size_t len = to - from;
	void *copy = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return errno;
	memcpy(copy, (const void *)from, len);
	if (mprotect(copy, len, PROT_READ | PROT_WRITE | PROT_EXEC) ||
	    mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)from) == MAP_FAILED)
		return errno;
	return 0;
}

/* Says that it runs another file: EXE PATH. Its own must not be mapped any more. */
static int other_exe(char *args[])
{
	char maps[16384], own[256] = "", *line, *next;
	int fd = open("/proc/self/maps", O_RDONLY), error;
	ssize_t len = 0, got;
	unsigned long from, to;

	while ((got = read(fd, maps + len, sizeof(maps) - 1 - (size_t)len)) > 0)
		len += got;
	close(fd);
	maps[len] = '\0';
	if (readlink("/proc/self/exe", own, sizeof(own) - 1) <= 0)
		return errno;
	for (line = maps; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		from = strtoul(line, &line, 16);
		to = strtoul(line + 1, &line, 16);
		if (!strstr(line, own))
			continue;
		error = unfile(from, to);
		if (error)
			return error;
	}
	fd = open(args[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0))
		return errno;
	return open_path(args + 1);
}

static const struct {
	const char *name;
	int (*run)(char *args[]);
} images[] = {
	{ "run", run },        { "which", which },     { "word", word },
	{ "open", open_path }, { "open-as", open_as }, { "inherited", read_inherited },
	{ "pass", pass },      { "hold", hold },       { "other-exe", other_exe },
};

void pk_bypass_image(int argc, char *argv[])
{
	size_t i;

	/* a script gives its words in one; without any there is nothing more to do than to say that it runs */
	if (argc < 2 || !strcmp(argv[1], PK_BYPASS_IMAGE " run"))
		_exit(run(argv));
	for (i = 0; argc > 2 && i < PK_ARRAY_SIZE(images); i++) {
		if (!strcmp(argv[2], images[i].name))
			_exit(images[i].run(argv + 3));
	}
	_exit(ENOSYS);
}
