// SPDX-License-Identifier: Apache-2.0
/*
 * Calls that are held up between what they were given and what they do: by a file system of the caller's own, a
 * peer that does not answer, a tracer, a filter that asks another thread. Meanwhile the argument is changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/fuse.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bypass.h"

#define TOP PK_BYPASS_TOP
#define FUSE_FILE 2u

/* ---- a file system that takes its time ---- */

static void reply(int fd, const struct fuse_in_header *in, const void *body, size_t len)
{
	struct fuse_out_header out = { .len = (__u32)(sizeof(out) + len), .unique = in->unique };
	struct iovec parts[2] = { { &out, sizeof(out) }, { (void *)body, len } };

	(void)!writev(fd, parts, len ? 2 : 1);
}

static void refuse(int fd, const struct fuse_in_header *in)
{
	struct fuse_out_header out = { .len = sizeof(out), .error = -ENOSYS, .unique = in->unique };

	(void)!write(fd, &out, sizeof(out));
}

static struct fuse_attr attr_of(__u64 node)
{
	return (struct fuse_attr){ .ino = node,
				   .size = node == FUSE_FILE ? sizeof(PK_BYPASS_SECRET) - 1 : 0,
				   .mode = node == FUSE_FILE ? S_IFREG | 0644 : S_IFDIR | 0755,
				   .nlink = 1 };
}

/* Until the argument was changed. */
static void hold_up(atomic_int *stage)
{
	int i;

	atomic_store(stage, 1);
	for (i = 0; i < 2000 && atomic_load(stage) != 2; i++)
		usleep(1000);
}

static void answer(int fd, const struct fuse_in_header *in, atomic_int *stage)
{
	static const struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
						   .minor = 31,
						   .max_write = 4096 };
	struct fuse_entry_out entry = { .nodeid = FUSE_FILE, .attr = attr_of(FUSE_FILE) };
	struct fuse_attr_out attr = { .attr = attr_of(in->nodeid) };
	struct fuse_open_out opened = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_INIT:
		reply(fd, in, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		reply(fd, in, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		reply(fd, in, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		hold_up(stage);
		reply(fd, in, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		reply(fd, in, PK_BYPASS_SECRET, sizeof(PK_BYPASS_SECRET) - 1);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		break;
	default:
		refuse(fd, in);
	}
}

__attribute__((noreturn)) static void serve(int fd, atomic_int *stage)
{
	static char buffer[FUSE_MIN_READ_BUFFER * 2];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (read(fd, buffer, sizeof(buffer)) < (ssize_t)sizeof(struct fuse_in_header))
			_exit(0);
		answer(fd, (const struct fuse_in_header *)buffer, stage);
	}
}

struct change {
	atomic_int *stage;
	volatile char *byte;
	char to;
};

static void *change_then(void *arg)
{
	struct change *change = arg;
	int i;

	for (i = 0; i < 5000 && atomic_load(change->stage) != 1; i++)
		usleep(1000);
	*change->byte = change->to;
	atomic_store(change->stage, 2);
	return NULL;
}

static void *shared_page(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		pk_bypass_unable("memory", errno);
	return page;
}

static long open_held_up(const struct pk_bypass *b)
{
	static char path[] = TOP "/fuse/s";
	struct change change = { shared_page(), &path[sizeof(path) - 2], 'd' };
	char options[128];
	pthread_t thread;
	int fd, pid;

	(void)b;
	pk_bypass_own_mounts();
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	pk_bypass_need(fd, "/dev/fuse");
	pk_format(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	pk_bypass_need(mount("slow", TOP "/fuse", "fuse", MS_NOSUID | MS_NODEV, options), "FUSE");
	pid = fork();
	if (!pid)
		serve(fd, change.stage);
	if (pid < 0 || pthread_create(&thread, NULL, change_then, &change))
		pk_bypass_unable("a thread", errno);
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

/* ---- a peer that does not answer ---- */

static atomic_int slow_stage;

/* Takes what waits off the queue, so that the next attempt of the kernel's gets through. */
static void *let_in(void *arg)
{
	struct pk_addr *addr = ((void **)arg)[0];
	int fd = *(int *)((void **)arg)[1];

	usleep(300000);
	addr->in.sin_port = htons(PK_BYPASS_TCP_FREE);
	atomic_store(&slow_stage, 1);
	for (;;)
		close(accept(fd, NULL, NULL));
	return NULL;
}

static long connect_held_up(const struct pk_bypass *b)
{
	struct pk_addr any = pk_bypass_host(PK_BYPASS_SLOW), addr = any, peer = any;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, i;
	void *given[] = { &addr, &fd };
	pthread_t thread;
	long result;

	(void)b;
	any.in.sin_addr.s_addr = htonl(INADDR_ANY);
	peer.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	pk_bypass_need(bind(fd, &any.any, any.len), "a receiver");
	pk_bypass_need(listen(fd, 0), "a receiver");
	for (i = 0; i < 3; i++)
		connect(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), &peer.any,
			peer.len);
	if (pthread_create(&thread, NULL, let_in, given))
		pk_bypass_unable("a thread", EAGAIN);
	result = PK_SYS(SYS_connect, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), &addr.any,
			addr.len);
	if (!result && atomic_load(&slow_stage))
		pk_bypass_effect();
	return result;
}

/* ---- a tracer ---- */

/* The traced one opens the harmless file, as far as it knows. */
__attribute__((noreturn)) static void be_traced(const char *path)
{
	long result;

	pk_bypass_need(ptrace(PTRACE_TRACEME, 0, 0, 0), "to be traced");
	raise(SIGSTOP);
	result = pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
	_exit(result == -EPERM ? 43 : result ? 44 : 0);
}

/* Stops at the beginning of openat(), gives it the secret's name, and its own back at the end. */
static int trace(int pid, unsigned long byte)
{
	bool inside = false;
	int status;

	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		long word = ptrace(PTRACE_PEEKDATA, pid, byte, 0);

		if (WSTOPSIG(status) == SIGTRAP) {
			inside = !inside;
			word = (word & ~0xffl) | (inside ? 's' : 'd');
			ptrace(PTRACE_POKEDATA, pid, byte, word);
		}
		ptrace(PTRACE_SYSCALL, pid, 0, 0);
	}
	return status;
}

static long open_traced(const struct pk_bypass *b)
{
	static char path[64] = TOP "/race/d";
	int pid = fork(), status;

	(void)b;
	if (!pid) {
		pk_bypass_is_me();
		be_traced(path);
	}
	if (pid < 0)
		pk_bypass_unable("a child", errno);
	status = trace(pid, (unsigned long)&path[sizeof(TOP "/race/d") - 2]);
	if (WIFSIGNALED(status))
		kill(getpid(), WTERMSIG(status));
	return WEXITSTATUS(status) == 43 ? -EPERM : WEXITSTATUS(status) ? -ECANCELED : 0;
}

/* ---- a filter that asks ---- */

struct notice {
	int listener;
	volatile char *byte;
};

static void *let_pass(void *arg)
{
	struct notice *notice = arg;
	struct seccomp_notif request = {};
	struct seccomp_notif_resp response = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	while (__atomic_load_n(&notice->listener, __ATOMIC_SEQ_CST) < 0)
		usleep(1000);
	if (ioctl(notice->listener, SECCOMP_IOCTL_NOTIF_RECV, &request))
		return NULL;
	*notice->byte = 's';
	response.id = request.id;
	ioctl(notice->listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
	return NULL;
}

static int ask_about_openat(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { PK_ARRAY_SIZE(code), code };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
			    &program);
}

static long open_asked_about(const struct pk_bypass *b)
{
	static char path[] = TOP "/race/d";
	static struct notice notice = { -1, NULL };
	pthread_t thread;
	int fd;

	(void)b;
	notice.byte = &path[sizeof(path) - 2];
	/* begun before: the filter is the calling thread's alone */
	if (pthread_create(&thread, NULL, let_pass, &notice))
		pk_bypass_unable("a thread", EAGAIN);
	fd = ask_about_openat();
	pk_bypass_need(fd, "a filter that asks");
	__atomic_store_n(&notice.listener, fd, __ATOMIC_SEQ_CST);
	return pk_bypass_read(PK_SYS(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
}

static const struct pk_bypass table[] = {
	{ "delay-fuse", "secret opened", TOP "/fuse/s", open_held_up },
	{ "delay-connect", "slow port reached", "7221", connect_held_up },
	{ "delay-ptrace", "secret opened", TOP "/race/s", open_traced },
	{ "delay-seccomp", "secret opened", TOP "/race/s", open_asked_about },
};

const struct pk_bypass_group pk_bypass_delays = PK_BYPASS_GROUP(table);
