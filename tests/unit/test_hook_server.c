// SPDX-License-Identifier: Apache-2.0
/*
 * Hooks that say what they should, those that say something else, and those that say nothing; and who may.
 */
#include "meta/hook_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include "hooks.h"
#include "meta/pidfd.h"
#include "test.h"

struct heard {
	unsigned int cnt;
	uint64_t cgroup_id;
	uint32_t hook_pid, pid;
	char id[160];
	int answer;
};

static struct heard heard;

static int hear(void *arg, const struct pk_hook_message *message)
{
	struct heard *h = arg;
	struct pk_text id = pk_record_text(message->event, message->event->id);

	h->cnt++;
	h->cgroup_id = message->event->head.cgroup_id;
	h->hook_pid = message->hook_pid;
	h->pid = 0;
	pk_pidfd_pid(message->pidfd, &h->pid);
	snprintf(h->id, sizeof(h->id), "%.*s", (int)id.len, id.data);
	return h->answer;
}

static struct pk_hook_server *start(void)
{
	struct pk_hook_server *server = NULL;

	heard = (struct heard){ 0 };
	assert_int_equal(pk_hook_server_new(socket_path(), hear, &heard, &server), 0);
	return server;
}

static int connect_one(void)
{
	struct sockaddr_un address = socket_address();
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* The bytes and `fd_cnt` descriptors of this process. */
static void send_bytes(int fd, const void *bytes, size_t len, size_t fd_cnt)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(8 * sizeof(int))];
	} control = { 0 };
	struct iovec part = { (void *)bytes, len };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	int own = pk_pidfd_open((uint32_t)getpid());

	assert_true(own >= 0);
	if (fd_cnt) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(fd_cnt * sizeof(int));
		CMSG_FIRSTHDR(&message)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&message)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&message)->cmsg_len = CMSG_LEN(fd_cnt * sizeof(int));
		for (size_t i = 0; i < fd_cnt; i++)
			memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)) + i * sizeof(int), &own,
			       sizeof(own));
	}
	assert_int_equal(sendmsg(fd, &message, MSG_NOSIGNAL), len);
	close(own);
}

static void serve(struct pk_hook_server *server)
{
	struct pollfd wait = { .fd = pk_hook_server_get_fd(server), .events = POLLIN };

	while (poll(&wait, 1, 0) == 1)
		pk_hook_server_read(server);
}

/* 1: the connection was closed without one. */
static int answer_of(int fd)
{
	struct pk_hook_answer answer;
	ssize_t got = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);

	if (!got)
		return 1;
	assert_int_equal(got, sizeof(answer));
	assert_int_equal(answer.magic, PK_HOOK_MAGIC);
	return answer.err;
}

static int ask(struct pk_hook_server *server, const void *bytes, size_t len, size_t fd_cnt)
{
	pk_cleanup(pk_close_p) int fd = connect_one();

	send_bytes(fd, bytes, len, fd_cnt);
	serve(server);
	return answer_of(fd);
}

struct message {
	struct pk_hook_head head;
	struct pk_record record;
};

static void make_message(struct message *message, const char *id)
{
	message->head = (struct pk_hook_head){ .magic = PK_HOOK_MAGIC,
					       .wire_version = PK_WIRE_VERSION,
					       .head_bytes = sizeof(message->head) };
	make_record(&message->record, id);
}

static size_t message_bytes(const struct message *message)
{
	return sizeof(message->head) + message->record.len_bytes;
}

static void told(void **state)
{
	pk_cleanup(pk_hook_server_free_p) struct pk_hook_server *server = start();
	static struct message message;
	struct pk_hook_server_stats stats;
	struct stat st;

	assert_int_equal(stat(socket_path(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	make_message(&message, "box");
	assert_int_equal(ask(server, &message, message_bytes(&message), 1), 0);
	assert_int_equal(heard.cnt, 1);
	assert_string_equal(heard.id, "box");
	assert_int_equal(heard.cgroup_id, 99);
	assert_int_equal(heard.hook_pid, getpid());
	assert_int_equal(heard.pid, getpid());
	heard.answer = -ESTALE;
	assert_int_equal(ask(server, &message, message_bytes(&message), 1), -ESTALE);
	pk_hook_server_get_stats(server, &stats);
	assert_int_equal(stats.told_cnt, 1);
	assert_int_equal(stats.refused_cnt, 1);
}

static size_t open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t cnt = 0;

	while (readdir(dir))
		cnt++;
	closedir(dir);
	return cnt;
}

static void malformed(void **state)
{
	pk_cleanup(pk_hook_server_free_p) struct pk_hook_server *server = start();
	static struct message good, bad;
	static char big[PK_MAX_HOOK_BYTES + 8];
	size_t len, fds = open_fds();

	make_message(&good, "box");
	len = message_bytes(&good);
	for (size_t cut = 1; cut < len; cut += 7)
		assert_int_equal(ask(server, &good, cut, 1), -EBADMSG);
	bad = good;
	bad.head.magic++;
	assert_int_equal(ask(server, &bad, len, 1), -EBADMSG);
	bad = good;
	bad.head.wire_version++;
	assert_int_equal(ask(server, &bad, len, 1), -EPROTONOSUPPORT);
	bad = good;
	bad.record.u.event.kind = PK_EVENT_EXEC;
	assert_int_equal(ask(server, &bad, len, 1), -EBADMSG);
	bad = good;
	bad.record.u.container.state = PK_CONTAINER_HOST;
	assert_int_equal(ask(server, &bad, len, 1), -EBADMSG);
	bad = good;
	bad.record.u.container.mounts.off = 0xfff0;
	bad.record.u.container.mounts.len = 0xfff0;
	assert_int_equal(ask(server, &bad, len, 1), -EBADMSG);
	make_message(&bad, "");
	assert_int_equal(ask(server, &bad, message_bytes(&bad), 1), -EBADMSG);
	/* one descriptor, no less and no more; nothing past the limit */
	assert_int_equal(ask(server, &good, len, 0), -EBADMSG);
	assert_int_equal(ask(server, &good, len, 2), -EBADMSG);
	assert_int_equal(ask(server, &good, len, 8), -EMSGSIZE);
	assert_int_equal(ask(server, big, sizeof(big), 1), -EMSGSIZE);
	assert_int_equal(heard.cnt, 0);
	assert_int_equal(ask(server, &good, len, 1), 0);
	/* those that came are closed */
	assert_int_equal(open_fds(), fds);
}

/* Connections that say nothing: the new ones go before the old ones, and none stays for long. */
static void silent(void **state)
{
	pk_cleanup(pk_hook_server_free_p) struct pk_hook_server *server = start();
	int fds[PK_MAX_HOOK_CONNS + 1];
	static struct message message;

	for (size_t i = 0; i < PK_ARRAY_SIZE(fds); i++) {
		fds[i] = connect_one();
		serve(server);
	}
	assert_int_equal(answer_of(fds[0]), 1);
	make_message(&message, "late");
	send_bytes(fds[PK_MAX_HOOK_CONNS], &message, message_bytes(&message), 1);
	serve(server);
	assert_int_equal(answer_of(fds[PK_MAX_HOOK_CONNS]), 0);
	pk_hook_server_tick(server);
	send_bytes(fds[1], &message, message_bytes(&message), 1);
	serve(server);
	assert_int_equal(answer_of(fds[1]), 0);
	usleep((PK_HOOK_TIMEOUT_MS + 10) * 1000);
	pk_hook_server_tick(server);
	assert_int_equal(answer_of(fds[2]), 1);
	for (size_t i = 0; i < PK_ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

/* Another user, who could open the file. */
static void other_user(void **state)
{
	pk_cleanup(pk_hook_server_free_p) struct pk_hook_server *server = NULL;
	int status = -1;
	pid_t child;

	if (geteuid())
		skip();
	server = start();
	assert_int_equal(chmod(root, 0755), 0);
	assert_int_equal(chmod(socket_path(), 0666), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		struct sockaddr_un address = socket_address();
		struct pk_hook_answer answer = { 0 };
		int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

		if (setuid(65534) || connect(fd, (struct sockaddr *)&address, sizeof(address)))
			_exit(2);
		_exit(recv(fd, &answer, sizeof(answer), 0) == sizeof(answer) &&
				      answer.err == -EPERM ?
			      0 :
			      1);
	}
	for (int i = 0; i < 500 && !waitpid(child, &status, WNOHANG); i++) {
		serve(server);
		usleep(10000);
	}
	assert_int_equal(status, 0);
	assert_int_equal(heard.cnt, 0);
}

/* One agent at a place; the socket of one that is gone is no obstacle, what is none is left alone. */
static void places(void **state)
{
	pk_cleanup(pk_hook_server_free_p) struct pk_hook_server *server = start();
	struct pk_hook_server *second = NULL;
	struct sockaddr_un address;
	char path[200];
	struct stat st;
	int fd;

	assert_int_equal(pk_hook_server_new(socket_path(), hear, &heard, &second), -EADDRINUSE);
	pk_hook_server_free(pk_take_ptr(server));
	assert_true(stat(socket_path(), &st) && errno == ENOENT);
	/* one that died */
	address = socket_address();
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	server = start();
	/* somebody put another one there: it is not ours to remove */
	assert_int_equal(unlink(socket_path()), 0);
	write_file("/run/agent.sock", "");
	pk_hook_server_free(pk_take_ptr(server));
	assert_int_equal(stat(socket_path(), &st), 0);
	assert_int_equal(pk_hook_server_new(socket_path(), hear, &heard, &second), -EADDRINUSE);
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(pk_hook_server_new(path, hear, &heard, &second), -ENAMETOOLONG);
	assert_int_equal(pk_hook_server_new("/nosuch/dir/sock", hear, &heard, &second), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(told, setup, teardown),
		cmocka_unit_test_setup_teardown(malformed, setup, teardown),
		cmocka_unit_test_setup_teardown(silent, setup, teardown),
		cmocka_unit_test_setup_teardown(other_user, setup, teardown),
		cmocka_unit_test_setup_teardown(places, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
