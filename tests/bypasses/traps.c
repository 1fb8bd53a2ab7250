// SPDX-License-Identifier: Apache-2.0
/*
 * Arguments in memory that is not there yet. The kernel takes the first part of one, stops at a page that
 * userfaultfd holds back, and while it waits the first part is changed, or taken away: whoever reads the argument
 * afterwards finds another one than the kernel worked with. Nothing is left to chance here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP
#define PAGE 4096u

enum what_then {
	CHANGED = 0,
	GONE = 1, /* the page with the first part is given back */
};

struct trap {
	int fd;
	char *pages;
	const char *head; /* of `after`'s length */
	const char *after;
	size_t head_len;
	const char *tail;
	size_t tail_len;
	enum what_then then;
	pthread_t thread;
};

static void *serve(void *arg)
{
	static char page[PAGE] __attribute__((aligned(PAGE)));
	struct trap *trap = arg;
	struct pollfd wait = { .fd = trap->fd, .events = POLLIN };
	struct uffdio_copy copy = { .dst = (__u64)(trap->pages + PAGE),
				    .src = (__u64)page,
				    .len = PAGE };
	struct uffd_msg msg;

	memcpy(page, trap->tail, trap->tail_len);
	if (poll(&wait, 1, 20000) != 1 || read(trap->fd, &msg, sizeof(msg)) != sizeof(msg))
		return NULL;
	if (trap->then == GONE)
		madvise(trap->pages, PAGE, MADV_DONTNEED);
	else
		memcpy(trap->pages + PAGE - trap->head_len, trap->after, trap->head_len);
	ioctl(trap->fd, UFFDIO_COPY, &copy);
	return NULL;
}

/* The address of the argument. The kernel reads words: head_len is a multiple of 8. */
static void *spring(struct trap *trap)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .range = { .len = PAGE },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };

	trap->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	pk_bypass_need(trap->fd, "userfaultfd");
	pk_bypass_need(ioctl(trap->fd, UFFDIO_API, &api), "userfaultfd");
	trap->pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	if (trap->pages == MAP_FAILED)
		pk_bypass_unable("memory", errno);
	memcpy(trap->pages + PAGE - trap->head_len, trap->head, trap->head_len);
	range.range.start = (__u64)(trap->pages + PAGE);
	pk_bypass_need(ioctl(trap->fd, UFFDIO_REGISTER, &range), "userfaultfd");
	if (pthread_create(&trap->thread, NULL, serve, trap))
		pk_bypass_unable("a thread", EAGAIN);
	return trap->pages + PAGE - trap->head_len;
}

static struct trap path_trap(const char *head, const char *after, const char *tail)
{
	return (struct trap){ .head = head,
			      .after = after,
			      .head_len = strlen(head),
			      .tail = tail,
			      .tail_len = strlen(tail) + 1 };
}

static long open_trapped(const struct pk_bypass *b)
{
	struct trap trap = path_trap(TOP "/trapped/", TOP "/decoyed/", "file");

	trap.then = (enum what_then)b->how;
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, spring(&trap), O_RDONLY | O_CLOEXEC));
}

/* 16 bytes before the page: /bypass/names/un|link */
static long unlink_trapped(const struct pk_bypass *b)
{
	struct trap trap = path_trap("/bypass/names/un", "/bypass/names/no", "link");

	trap.then = (enum what_then)b->how;
	return PK_SYS(SYS_unlinkat, AT_FDCWD, spring(&trap), 0);
}

static long rename_trapped(const struct pk_bypass *b)
{
	struct trap trap = path_trap("/bypass/names/ke", "/bypass/names/no", "pt");

	trap.then = (enum what_then)b->how;
	return PK_SYS(SYS_renameat, AT_FDCWD, spring(&trap), AT_FDCWD, TOP "/out/kept");
}

static long connect_trapped(const struct pk_bypass *b)
{
	struct pk_addr real = pk_bypass_host(PK_BYPASS_TCP);
	struct pk_addr decoy = pk_bypass_host(PK_BYPASS_TCP_FREE);
	struct trap trap = { .head = (const char *)&real.in,
			     .after = (const char *)&decoy.in,
			     .head_len = 8,
			     .tail = "\0\0\0\0\0\0\0",
			     .tail_len = 8 };
	void *addr = spring(&trap);

	(void)b;
	return PK_SYS(SYS_connect, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), addr,
		      sizeof(real.in));
}

static long exec_trapped(const struct pk_bypass *b)
{
	struct trap trap = path_trap(TOP "/trapped/", TOP "/decoyed/", "prog");
	const char *path = spring(&trap);
	int pid = vfork(), status;

	(void)b;
	if (!pid) {
		execve(path, pk_bypass_runs, pk_bypass_no_env);
		_exit(errno == EPERM ? 43 : 44);
	}
	status = pk_bypass_wait(pid);
	return status == 43 ? -EPERM : status ? -ECANCELED : 0;
}

/* Memory of a file that was never touched: at the beginning of the call it is not there. */
static void *untouched(const char *text)
{
	char *page;
	int fd = open(TOP "/out", O_TMPFILE | O_RDWR, 0600);

	pk_bypass_need(fd, "a file");
	if (pwrite(fd, text, strlen(text), 0) < 0 || ftruncate(fd, PAGE))
		pk_bypass_unable("a file", errno);
	page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		pk_bypass_unable("a mapping", errno);
	close(fd);
	return page;
}

static long open_untouched(const struct pk_bypass *b)
{
	(void)b;
	return pk_bypass_read(
		PK_SYS(SYS_openat, AT_FDCWD, untouched(TOP "/secret/file"), O_RDONLY | O_CLOEXEC));
}

static long unlink_untouched(const struct pk_bypass *b)
{
	return PK_SYS(SYS_unlinkat, AT_FDCWD, untouched(b->path), 0);
}

static long exec_untouched(const struct pk_bypass *b)
{
	(void)b;
	return PK_SYS(SYS_execve, untouched(TOP "/bin/f"), pk_bypass_runs, pk_bypass_no_env);
}

static long args_untouched(const struct pk_bypass *b)
{
	char *args[] = { "x", PK_BYPASS_IMAGE, "word", untouched("forbidden-word"), NULL };

	(void)b;
	return PK_SYS(SYS_execve, TOP "/bin/g", args, pk_bypass_no_env);
}

static const struct pk_bypass table[] = {
	{ "fault-open", "secret opened", TOP "/trapped/file", open_trapped },
	{ "fault-open-gone", "secret opened", TOP "/trapped/file", open_trapped, .how = GONE },
	{ "fault-unlink", "name removed", TOP "/names/unlink", unlink_trapped, PK_BYPASS_GONE,
	  TOP "/names/unlink" },
	{ "fault-unlink-gone", "name removed", TOP "/names/unlink", unlink_trapped, PK_BYPASS_GONE,
	  TOP "/names/unlink", .how = GONE },
	{ "fault-rename", "name moved", TOP "/names/kept", rename_trapped, PK_BYPASS_GONE,
	  TOP "/names/kept", TOP "/out/kept" },
	{ "fault-connect", "port reached", "7201", connect_trapped, PK_BYPASS_STREAM,
	  .port = PK_BYPASS_TCP },
	{ "fault-exec", "program run", TOP "/trapped/prog", exec_trapped },
	{ "untouched-open", "secret opened", TOP "/secret/file", open_untouched },
	{ "untouched-unlink", "name removed", TOP "/names/unlink", unlink_untouched, PK_BYPASS_GONE,
	  TOP "/names/unlink" },
	{ "untouched-exec", "program run", TOP "/bin/f", exec_untouched },
	{ "untouched-args", "word in arguments", NULL, args_untouched },
};

const struct pk_bypass_group pk_bypass_traps = PK_BYPASS_GROUP(table);
