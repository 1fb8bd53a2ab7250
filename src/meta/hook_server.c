// SPDX-License-Identifier: Apache-2.0
/*
 * A connection is one message, one answer, and closed. Full: the one that has been there longest makes room.
 */
#include "meta/hook_server.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "meta/hook_wire.h"
#include "meta/pidfd.h"
#include "stream/record.h"

#define BATCH 16   /* events and new connections of one look */
#define FDS_MAX 4u /* that a message may bring; more are cut off by the kernel */

struct conn {
	int fd; /* -1: free */
	uint64_t since_ms;
	uint32_t pid;
};

struct pk_hook_server {
	struct sockaddr_un address;
	dev_t dev;
	ino_t ino; /* of the socket; 0: none was made */
	int listen_fd;
	int epoll_fd;
	bool paused; /* no descriptor was free: on with the next tick */
	pk_hook_fn *fn;
	void *arg;
	struct pk_hook_server_stats stats;
	struct conn conns[PK_MAX_HOOK_CONNS];
	_Alignas(8) char message[PK_MAX_HOOK_BYTES];
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- one message ---- */

static void close_fds(int fds[FDS_MAX], size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		close(fds[i]);
}

/* The descriptors that came with it: all are the caller's. */
static size_t take_fds(struct msghdr *message, int ret_fds[FDS_MAX])
{
	size_t cnt = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t bytes = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i + sizeof(int) <= bytes && cnt < FDS_MAX; i += sizeof(int))
			memcpy(&ret_fds[cnt++], CMSG_DATA(c) + i, sizeof(int));
	}
	return cnt;
}

/* `len` bytes of message[] are a head and a record of a container. */
static int check(const struct pk_hook_server *server, size_t len)
{
	const struct pk_hook_head *head = (const struct pk_hook_head *)server->message;
	const struct pk_container_event *event = (const struct pk_container_event *)(head + 1);

	if (len < sizeof(*head) + sizeof(event->head) || head->magic != PK_HOOK_MAGIC ||
	    head->head_bytes != sizeof(*head))
		return -EBADMSG;
	if (head->wire_version != PK_WIRE_VERSION)
		return -EPROTONOSUPPORT;
	if (pk_record_check(event, len - sizeof(*head)) || event->head.kind != PK_EVENT_CONTAINER ||
	    event->state != PK_CONTAINER_RESOLVING || !event->id.len)
		return -EBADMSG;
	return 0;
}

static int handle(struct pk_hook_server *server, const struct conn *conn, size_t len,
		  const int *fds, size_t fd_cnt)
{
	struct pk_hook_message message = {
		.event = (const struct pk_container_event *)(server->message +
							     sizeof(struct pk_hook_head)),
		.hook_pid = conn->pid,
	};
	int err = check(server, len);

	if (err)
		return err;
	if (fd_cnt != 1)
		return -EBADMSG;
	message.pidfd = fds[0];
	return server->fn(server->arg, &message);
}

static void answer(struct pk_hook_server *server, const struct conn *conn, int err)
{
	struct pk_hook_answer text = { .magic = PK_HOOK_MAGIC, .err = err };

	if (err)
		server->stats.refused_cnt++;
	else
		server->stats.told_cnt++;
	/* a few bytes into an empty socket: they go at once, or nobody waits for them */
	(void)!send(conn->fd, &text, sizeof(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void conn_close(struct conn *conn)
{
	close(conn->fd); /* and so out of the epoll */
	conn->fd = -1;
}

static void conn_read(struct pk_hook_server *server, struct conn *conn)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * FDS_MAX)];
	} control;
	struct iovec part = { server->message, sizeof(server->message) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t got = recvmsg(conn->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fds[FDS_MAX];
	size_t fd_cnt;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0) {
		fd_cnt = take_fds(&message, fds);
		if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
			answer(server, conn, -EMSGSIZE);
		else
			answer(server, conn, handle(server, conn, (size_t)got, fds, fd_cnt));
		close_fds(fds, fd_cnt);
	}
	conn_close(conn);
}

/* ---- connections ---- */

static struct conn *free_conn(struct pk_hook_server *server)
{
	struct conn *oldest = &server->conns[0];

	for (size_t i = 0; i < PK_MAX_HOOK_CONNS; i++) {
		struct conn *conn = &server->conns[i];

		if (conn->fd < 0)
			return conn;
		if (conn->since_ms < oldest->since_ms)
			oldest = conn;
	}
	conn_close(oldest);
	return oldest;
}

static int watch(struct pk_hook_server *server, int fd, struct conn *conn)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = conn };

	return epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* It would stay readable without a descriptor to take it with. */
static void pause_listening(struct pk_hook_server *server)
{
	server->paused = !epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, server->listen_fd, NULL);
}

/* False: there is none. What it says has mostly come by now. */
static bool accept_conn(struct pk_hook_server *server)
{
	int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct conn *conn;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			pause_listening(server);
		return false;
	}
	conn = free_conn(server);
	*conn = (struct conn){ .fd = fd, .since_ms = now_ms() };
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.uid != geteuid()) {
		answer(server, conn, -EPERM);
		conn_close(conn);
		return true;
	}
	conn->pid = peer.pid > 0 ? (uint32_t)peer.pid : 0;
	if (watch(server, fd, conn))
		conn_close(conn);
	else
		conn_read(server, conn);
	return true;
}

void pk_hook_server_read(struct pk_hook_server *server)
{
	struct epoll_event events[BATCH];
	int cnt = epoll_wait(server->epoll_fd, events, BATCH, 0);

	for (int i = 0; i < cnt; i++) {
		struct conn *conn = events[i].data.ptr;

		if (conn && conn->fd >= 0)
			conn_read(server, conn);
	}
	/* after those: a new one may take the place of an old one, whose event would pass for its own */
	for (int i = 0; i < BATCH && accept_conn(server); i++)
		;
}

void pk_hook_server_tick(struct pk_hook_server *server)
{
	uint64_t now = now_ms();

	for (size_t i = 0; i < PK_MAX_HOOK_CONNS; i++) {
		struct conn *conn = &server->conns[i];

		if (conn->fd >= 0 && now - conn->since_ms >= PK_HOOK_TIMEOUT_MS)
			conn_close(conn);
	}
	if (server->paused)
		server->paused = watch(server, server->listen_fd, NULL) != 0;
}

int pk_hook_server_get_fd(const struct pk_hook_server *server)
{
	return server->epoll_fd;
}

void pk_hook_server_get_stats(const struct pk_hook_server *server,
			      struct pk_hook_server_stats *ret_stats)
{
	*ret_stats = server->stats;
}

/* ---- setting up ---- */

/* The directory that the path is in, not those above. */
static int make_dir(const char *path)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	memcpy(dir, path, strlen(path) + 1);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = '\0';
	return mkdir(dir, 0755) && errno != EEXIST ? -errno : 0;
}

/* A socket that nobody listens at any more. */
static bool is_left(const struct sockaddr_un *address)
{
	pk_cleanup(pk_close_p) int fd = socket(AF_UNIX,
					       SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	return fd >= 0 && !lstat(address->sun_path, &st) && S_ISSOCK(st.st_mode) &&
	       connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
	       errno == ECONNREFUSED;
}

static int bind_to(struct pk_hook_server *server)
{
	const struct sockaddr *address = (const struct sockaddr *)&server->address;
	struct stat st;

	/* the file gets the descriptor's mode: there is no moment at which others may connect */
	if (fchmod(server->listen_fd, 0600))
		return -errno;
	if (bind(server->listen_fd, address, sizeof(server->address))) {
		if (errno != EADDRINUSE)
			return -errno;
		if (!is_left(&server->address))
			return -EADDRINUSE;
		if (unlink(server->address.sun_path) ||
		    bind(server->listen_fd, address, sizeof(server->address)))
			return -errno;
	}
	if (lstat(server->address.sun_path, &st))
		return -errno;
	server->dev = st.st_dev;
	server->ino = st.st_ino;
	return listen(server->listen_fd, PK_MAX_HOOK_CONNS) ? -errno : 0;
}

int pk_hook_server_new(const char *path, pk_hook_fn *fn, void *arg,
		       struct pk_hook_server **ret_server)
{
	pk_cleanup(pk_hook_server_free_p) struct pk_hook_server *server = calloc(1,
										 sizeof(*server));
	int err;

	if (!server)
		return -ENOMEM;
	server->listen_fd = server->epoll_fd = -1;
	server->fn = fn;
	server->arg = arg;
	for (size_t i = 0; i < PK_MAX_HOOK_CONNS; i++)
		server->conns[i].fd = -1;
	if (strlen(path) >= sizeof(server->address.sun_path))
		return -ENAMETOOLONG;
	server->address.sun_family = AF_UNIX;
	memcpy(server->address.sun_path, path, strlen(path) + 1);
	server->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server->listen_fd < 0 || server->epoll_fd < 0)
		return -errno;
	err = make_dir(path);
	err = err ?: bind_to(server);
	err = err ?: watch(server, server->listen_fd, NULL);
	if (err)
		return err;
	*ret_server = pk_take_ptr(server);
	return 0;
}

void pk_hook_server_free(struct pk_hook_server *server)
{
	struct stat st;

	if (!server)
		return;
	if (server->ino && !lstat(server->address.sun_path, &st) && st.st_ino == server->ino &&
	    st.st_dev == server->dev)
		unlink(server->address.sun_path);
	for (size_t i = 0; i < PK_MAX_HOOK_CONNS; i++)
		pk_close_p(&server->conns[i].fd);
	pk_close_p(&server->listen_fd);
	pk_close_p(&server->epoll_fd);
	free(server);
}
