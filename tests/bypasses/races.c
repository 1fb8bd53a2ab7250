// SPDX-License-Identifier: Apache-2.0
/*
 * Arguments that another thread changes all the time, so that what the kernel takes is now the one and now the
 * other. Both are tried until each was taken often enough: alerts and effects must be the same in number.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bypass.h"

#define ENOUGH 10u
#define RACE_NS 4000000000ull
#define TOP PK_BYPASS_TOP

/* A text that changes in one byte, so that it is always the one or the other. */
struct flip {
	volatile char *byte;
	char one, other;
	atomic_bool over;
	pthread_t thread;
};

static void *flip_always(void *arg)
{
	struct flip *flip = arg;

	while (!atomic_load(&flip->over)) {
		*flip->byte = flip->other;
		sched_yield();
		*flip->byte = flip->one;
		sched_yield();
	}
	return NULL;
}

static void begin(struct flip *flip)
{
	if (pthread_create(&flip->thread, NULL, flip_always, flip))
		pk_bypass_unable("a thread", EAGAIN);
}

static void end(struct flip *flip)
{
	atomic_store(&flip->over, true);
	pthread_join(flip->thread, NULL);
}

/* once() gives what the kernel said; what it does when the harmless text was taken is no effect. */
static long insist(struct flip *flip, long (*once)(void *arg), void *arg)
{
	unsigned int refused = 0, others = 0;
	__u64 until = pk_bypass_now_ns() + RACE_NS;
	long result, last = 0;

	begin(flip);
	while (pk_bypass_now_ns() < until) {
		unsigned int before = pk_bypass_effects();

		result = once(arg);
		if (result == -EPERM)
			refused++;
		else if (result < 0)
			last = result;
		else if (pk_bypass_effects() == before)
			others++;
		if (others >= ENOUGH && refused + pk_bypass_effects() >= ENOUGH)
			break;
	}
	end(flip);
	if (last)
		return last;
	return refused ? -EPERM : 0;
}

static long open_once(void *arg)
{
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, arg, O_RDONLY | O_CLOEXEC));
}

static long open_raced(const struct pk_bypass *b)
{
	char path[] = TOP "/race/d";
	struct flip flip = { .byte = &path[sizeof(path) - 2], .one = 's', .other = 'd' };

	(void)b;
	return insist(&flip, open_once, path);
}

static long how_once(void *arg)
{
	return pk_bypass_read(
		PK_SYS(SYS_openat2, AT_FDCWD, TOP "/write/file", arg, sizeof(struct open_how)));
}

/* The flags of openat2() are in memory too. */
static long how_raced(const struct pk_bypass *b)
{
	struct open_how how = { .flags = O_RDWR };
	struct flip flip = { .byte = (volatile char *)&how.flags,
			     .one = O_RDWR,
			     .other = O_WRONLY };

	(void)b;
	/* both are to write: what the rule asks for is the second */
	return insist(&flip, how_once, &how);
}

struct target {
	struct pk_addr addr;
	int type;
};

/* A connection to the harmless port, which nobody listens on, is refused by it. */
static long connect_once(void *arg)
{
	struct target *target = arg;
	int fd = socket(AF_INET, target->type | SOCK_CLOEXEC, 0);
	struct pk_addr peer = { .len = sizeof(peer.in) };
	long result = PK_SYS(SYS_connect, fd, &target->addr.any, sizeof(target->addr.in));

	if (!result && !getpeername(fd, &peer.any, &peer.len) &&
	    ntohs(peer.in.sin_port) == PK_BYPASS_TCP)
		pk_bypass_effect();
	close(fd);
	return result == -ECONNREFUSED ? 0 : result;
}

static long connect_raced(const struct pk_bypass *b)
{
	struct target target = { pk_bypass_host(PK_BYPASS_TCP), SOCK_STREAM };
	struct flip flip = { .byte = (volatile char *)&target.addr.in.sin_port + 1,
			     .one = (char)(PK_BYPASS_TCP & 0xff),
			     .other = (char)(PK_BYPASS_TCP_FREE & 0xff) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	(void)b;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	pk_bypass_need(bind(fd, &target.addr.any, target.addr.len), "a receiver");
	pk_bypass_need(listen(fd, 4096), "a receiver");
	return insist(&flip, connect_once, &target);
}

static int receiver_of_datagrams(void)
{
	struct pk_addr addr = pk_bypass_host(PK_BYPASS_UDP);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	pk_bypass_need(bind(fd, &addr.any, addr.len), "a receiver");
	return fd;
}

struct mail {
	struct pk_addr addr;
	int receiver;
};

static long send_once(void *arg)
{
	struct mail *mail = arg;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	long result = PK_SYS(SYS_sendto, fd, "x", 1, 0, &mail->addr.any, sizeof(mail->addr.in));
	char byte;

	if (result == 1 && recv(mail->receiver, &byte, 1, 0) == 1)
		pk_bypass_effect();
	close(fd);
	return result < 0 ? result : 0;
}

static long send_raced(const struct pk_bypass *b)
{
	struct mail mail = { pk_bypass_host(PK_BYPASS_UDP), receiver_of_datagrams() };
	struct flip flip = { .byte = (volatile char *)&mail.addr.in.sin_port + 1,
			     .one = (char)(PK_BYPASS_UDP & 0xff),
			     .other = (char)(PK_BYPASS_UDP_FREE & 0xff) };

	(void)b;
	return insist(&flip, send_once, &mail);
}

struct program {
	const char *path;
	char *const *args;
};

/* The child has this process's memory, so the thread changes what its exec is given. */
static long exec_once(void *arg)
{
	const struct program *program = arg;
	int pid = vfork(), status;

	if (!pid) {
		execve(program->path, program->args, pk_bypass_no_env);
		_exit(errno == EPERM ? 43 : 44);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	if (WIFSIGNALED(status))
		kill(getpid(), WTERMSIG(status));
	return WEXITSTATUS(status) == 43 ? -EPERM : WEXITSTATUS(status) ? -ECANCELED : 0;
}

static long exec_raced(const struct pk_bypass *b)
{
	static char path[] = TOP "/bin/f";
	static char *const args[] = { "x", PK_BYPASS_IMAGE, "which", NULL };
	struct program program = { path, args };
	struct flip flip = { .byte = &path[sizeof(path) - 2], .one = 'f', .other = 'g' };

	(void)b;
	return insist(&flip, exec_once, &program);
}

static long args_raced(const struct pk_bypass *b)
{
	static char word[] = "forbidden-word";
	static char *const args[] = { "x", PK_BYPASS_IMAGE, "word", word, NULL };
	struct program program = { TOP "/bin/g", args };
	struct flip flip = { .byte = &word[sizeof(word) - 2], .one = 'd', .other = 't' };

	(void)b;
	return insist(&flip, exec_once, &program);
}

static const struct pk_bypass table[] = {
	{ "race-open", "secret opened", TOP "/race/s", open_raced, .races = true },
	{ "race-open-flags", "opened to read and write", TOP "/write/file", how_raced,
	  .races = true },
	{ "race-connect", "port reached", "7201", connect_raced, PK_BYPASS_SAID, .races = true },
	{ "race-send", "datagram sent", "7211", send_raced, .races = true },
	{ "race-exec", "program run", TOP "/bin/f", exec_raced, .races = true },
	{ "race-args", "word in arguments", NULL, args_raced, .races = true },
};

const struct pk_bypass_group pk_bypass_races = PK_BYPASS_GROUP(table);
