// SPDX-License-Identifier: Apache-2.0
/*
 * One poll() over the listener, a pipe that ends it, and the connections. A connection is read until its
 * head is whole, answered, and then only drained until the other side closes, so that the answer is not
 * lost to a reset.
 */
#include "cli/health.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>

#define PAUSE_MS 20

struct conn {
	int fd; /* -1: free */
	uint64_t until_ms;
	size_t len;
	bool answered;
	char head[PK_MAX_HEALTH_REQUEST_BYTES];
};

struct pk_health {
	int listen_fd;
	int stop_fd;
	uint16_t port;
	uint32_t stall_ms, conn_ms;
	pthread_t thread;
	bool running;
	_Atomic uint64_t beat_ms; /* 0: none yet */
	_Atomic bool ready;
	pthread_mutex_t lock; /* of the note */
	char note[PK_MAX_HEALTH_NOTE_BYTES];
	struct conn conns[PK_MAX_HEALTH_CONNS];
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- the state ---- */

void pk_health_beat(struct pk_health *health)
{
	if (health)
		atomic_store_explicit(&health->beat_ms, now_ms(), memory_order_relaxed);
}

void pk_health_set_ready(struct pk_health *health, bool ready)
{
	if (health)
		health->ready = ready;
}

void pk_health_set_note(struct pk_health *health, const char *note)
{
	if (!health)
		return;
	pthread_mutex_lock(&health->lock);
	snprintf(health->note, sizeof(health->note), "%s", note);
	for (char *p = health->note; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	}
	pthread_mutex_unlock(&health->lock);
}

/* ---- answers ---- */

struct answer {
	int status;
	char body[PK_MAX_HEALTH_NOTE_BYTES + 128];
};

static void say_live(struct pk_health *health, struct answer *answer)
{
	uint64_t beat_ms = health->beat_ms, quiet_ms = beat_ms ? now_ms() - beat_ms : 0;

	answer->status = 200;
	if (!beat_ms) {
		snprintf(answer->body, sizeof(answer->body), "starting\n");
	} else if (quiet_ms <= health->stall_ms) {
		snprintf(answer->body, sizeof(answer->body), "alive\n");
	} else {
		answer->status = 503;
		snprintf(answer->body, sizeof(answer->body),
			 "the reader of events has not moved for %llu s\n",
			 (unsigned long long)quiet_ms / 1000);
	}
}

static void say_ready(struct pk_health *health, struct answer *answer)
{
	bool ready = health->ready;

	answer->status = ready ? 200 : 503;
	pthread_mutex_lock(&health->lock);
	snprintf(answer->body, sizeof(answer->body), "%s\n%s%s",
		 ready ? "ready" : "sensors and rules are not in force", health->note,
		 health->note[0] ? "\n" : "");
	pthread_mutex_unlock(&health->lock);
}

static void refuse(struct answer *answer, int status, const char *why)
{
	answer->status = status;
	snprintf(answer->body, sizeof(answer->body), "%s\n", why);
}

static bool is_path(const char *path, size_t len, const char *wanted)
{
	const char *query = memchr(path, '?', len);

	len = query ? (size_t)(query - path) : len;
	return len == strlen(wanted) && !memcmp(path, wanted, len);
}

/* `line` is the request line: METHOD PATH VERSION. */
static void answer_line(struct pk_health *health, const char *line, size_t len,
			struct answer *answer)
{
	const char *path = memchr(line, ' ', len);
	const char *version = path ? memchr(path + 1, ' ', len - (size_t)(path + 1 - line)) : NULL;
	size_t method_len, path_len;

	if (!version || len - (size_t)(version - line) < 8 || memcmp(version, " HTTP/1.", 8) != 0) {
		refuse(answer, 400, "not HTTP/1");
		return;
	}
	method_len = (size_t)(path - line);
	path_len = (size_t)(version - ++path);
	if (!(method_len == 3 && !memcmp(line, "GET", 3)) &&
	    !(method_len == 4 && !memcmp(line, "HEAD", 4)))
		refuse(answer, 405, "GET or HEAD");
	else if (is_path(path, path_len, "/livez"))
		say_live(health, answer);
	else if (is_path(path, path_len, "/readyz"))
		say_ready(health, answer);
	else
		refuse(answer, 404, "/livez or /readyz");
}

static const char *words_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 431:
		return "Request Header Fields Too Large";
	default:
		return "Service Unavailable";
	}
}

/* A few hundred bytes go into an empty socket at once, or the other side gets none. */
static void send_answer(struct conn *conn, const struct answer *answer)
{
	bool is_head = conn->len >= 5 && !memcmp(conn->head, "HEAD ", 5);
	char text[sizeof(answer->body) + 256];
	int len;

	len = snprintf(
		text, sizeof(text),
		"HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Cache-Control: no-store\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
		answer->status, words_of(answer->status), strlen(answer->body),
		is_head ? "" : answer->body);
	if (send(conn->fd, text, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
	shutdown(conn->fd, SHUT_WR);
}

/* ---- connections ---- */

static void conn_close(struct conn *conn)
{
	close(conn->fd);
	conn->fd = -1;
}

/* The head is whole behind an empty line; answers it, or one that is too long. */
static void conn_answer(struct pk_health *health, struct conn *conn)
{
	const char *end = memmem(conn->head, conn->len, "\r\n\r\n", 4);
	struct answer answer = { 0 };

	if (end) {
		const char *line_end = memmem(conn->head, conn->len, "\r\n", 2);

		answer_line(health, conn->head, (size_t)(line_end - conn->head), &answer);
	} else if (conn->len == sizeof(conn->head)) {
		refuse(&answer, 431, "the request is too long");
	} else {
		return;
	}
	conn->answered = true;
	send_answer(conn, &answer);
}

static void conn_read(struct pk_health *health, struct conn *conn)
{
	char rest[1024];
	ssize_t got;

	if (conn->answered)
		got = recv(conn->fd, rest, sizeof(rest), MSG_DONTWAIT);
	else
		got = recv(conn->fd, conn->head + conn->len, sizeof(conn->head) - conn->len,
			   MSG_DONTWAIT);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		conn_close(conn);
		return;
	}
	if (conn->answered)
		return;
	conn->len += (size_t)got;
	conn_answer(health, conn);
}

/* Full: the one that has been there longest makes room, so that idle connections shut nobody out. */
static struct conn *free_conn(struct pk_health *health)
{
	struct conn *oldest = &health->conns[0];

	for (size_t i = 0; i < PK_MAX_HEALTH_CONNS; i++) {
		struct conn *conn = &health->conns[i];

		if (conn->fd < 0)
			return conn;
		if (conn->until_ms < oldest->until_ms)
			oldest = conn;
	}
	conn_close(oldest);
	return oldest;
}

static void accept_conn(struct pk_health *health)
{
	int fd = accept4(health->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct conn *conn;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
			poll(NULL, 0, PAUSE_MS); /* it stays readable */
		return;
	}
	conn = free_conn(health);
	conn->fd = fd;
	conn->len = 0;
	conn->answered = false;
	conn->until_ms = now_ms() + health->conn_ms;
}

/* ---- the thread ---- */

/* Closes what is over; milliseconds until the next one is, -1: none is there. */
static int time_left_ms(struct pk_health *health)
{
	uint64_t now = now_ms();
	int left = -1;

	for (size_t i = 0; i < PK_MAX_HEALTH_CONNS; i++) {
		struct conn *conn = &health->conns[i];

		if (conn->fd >= 0 && conn->until_ms <= now)
			conn_close(conn);
		if (conn->fd >= 0 && (left < 0 || conn->until_ms - now < (uint64_t)left))
			left = (int)(conn->until_ms - now);
	}
	return left;
}

static void *health_thread(void *arg)
{
	struct pk_health *health = arg;
	struct pollfd fds[PK_MAX_HEALTH_CONNS + 2];

	for (;;) {
		int left_ms = time_left_ms(health);

		fds[0] = (struct pollfd){ .fd = health->stop_fd, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = health->listen_fd, .events = POLLIN };
		for (size_t i = 0; i < PK_MAX_HEALTH_CONNS; i++)
			fds[i + 2] = (struct pollfd){ .fd = health->conns[i].fd, .events = POLLIN };
		if (poll(fds, PK_ARRAY_SIZE(fds), left_ms) < 0 && errno != EINTR)
			return NULL;
		if (fds[0].revents)
			return NULL;
		for (size_t i = 0; i < PK_MAX_HEALTH_CONNS; i++) {
			if (fds[i + 2].fd >= 0 && fds[i + 2].revents)
				conn_read(health, &health->conns[i]);
		}
		if (fds[1].revents)
			accept_conn(health);
	}
}

static int start(struct pk_health *health)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = -pthread_create(&health->thread, NULL, health_thread, health);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	health->running = !err;
	return err;
}

/* ---- setting up ---- */

/* "ADDRESS:PORT" into its parts, which point into `text`. */
static int split(char *text, char **ret_host, char **ret_port)
{
	char *colon = strrchr(text, ':');
	size_t len;

	if (!colon || colon == text || !colon[1] ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon + 1) > 5 ||
	    strtoul(colon + 1, NULL, 10) > 65535)
		return -EINVAL;
	*colon = '\0';
	*ret_port = colon + 1;
	len = strlen(text);
	if (text[0] == '[' && text[len - 1] == ']') {
		text[len - 1] = '\0';
		*ret_host = text + 1;
		return 0;
	}
	*ret_host = text;
	return strchr(text, ':') ? -EINVAL : 0; /* an IPv6 address without its brackets */
}

static int listen_at(struct pk_health *health, const struct addrinfo *info)
{
	pk_cleanup(pk_close_p) int fd = socket(info->ai_family,
					       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char port[8];
	int on = 1;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, info->ai_addr, info->ai_addrlen) || listen(fd, 16) ||
	    getsockname(fd, (struct sockaddr *)&address, &len))
		return -errno;
	if (getnameinfo((struct sockaddr *)&address, len, NULL, 0, port, sizeof(port),
			NI_NUMERICSERV))
		return -EINVAL;
	health->port = (uint16_t)strtoul(port, NULL, 10);
	health->listen_fd = pk_take_fd(fd);
	return 0;
}

static int find_address(const char *where, struct addrinfo **ret_info)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				  .ai_socktype = SOCK_STREAM };
	pk_cleanup(pk_free_p) char *text = strdup(where);
	char *host, *port;
	int err;

	if (!text)
		return -ENOMEM;
	err = split(text, &host, &port);
	return err ? err : getaddrinfo(host, port, &hints, ret_info) ? -EINVAL : 0;
}

int pk_health_check(const char *listen)
{
	struct addrinfo *info = NULL;
	int err = find_address(listen, &info);

	if (!err)
		freeaddrinfo(info);
	return err;
}

static int open_listener(struct pk_health *health, const char *where)
{
	struct addrinfo *info = NULL;
	int err = find_address(where, &info);

	if (err)
		return err;
	err = listen_at(health, info);
	freeaddrinfo(info);
	return err;
}

int pk_health_new(const struct pk_health_options *options, struct pk_health **ret_health)
{
	pk_cleanup(pk_health_free_p) struct pk_health *health = calloc(1, sizeof(*health));
	int err;

	if (!health)
		return -ENOMEM;
	for (size_t i = 0; i < PK_MAX_HEALTH_CONNS; i++)
		health->conns[i].fd = -1;
	health->listen_fd = -1;
	health->stall_ms = options->stall_ms ? options->stall_ms : PK_HEALTH_STALL_MS;
	health->conn_ms = options->conn_ms ? options->conn_ms : PK_HEALTH_CONN_MS;
	pthread_mutex_init(&health->lock, NULL);
	health->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = health->stop_fd < 0 ? -errno : open_listener(health, options->listen);
	if (!err)
		err = start(health);
	if (err)
		return err;
	*ret_health = pk_take_ptr(health);
	return 0;
}

void pk_health_free(struct pk_health *health)
{
	if (!health)
		return;
	if (health->running) {
		eventfd_write(health->stop_fd, 1);
		pthread_join(health->thread, NULL);
	}
	for (size_t i = 0; i < PK_MAX_HEALTH_CONNS; i++)
		pk_close_p(&health->conns[i].fd);
	pk_close_p(&health->listen_fd);
	pk_close_p(&health->stop_fd);
	pthread_mutex_destroy(&health->lock);
	free(health);
}

uint16_t pk_health_get_port(const struct pk_health *health)
{
	return health->port;
}
