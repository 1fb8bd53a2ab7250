/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks how the agent is: right answers, requests that are none, and those who keep connections.
 */
#include "cli/health.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "test.h"

static struct pk_health *start(uint32_t stall_ms, uint32_t conn_ms)
{
	struct pk_health_options options = {
		.listen = "127.0.0.1:0",
		.stall_ms = stall_ms,
		.conn_ms = conn_ms,
	};
	struct pk_health *health = NULL;

	assert_int_equal(pk_health_new(&options, &health), 0);
	return health;
}

static int connect_to(const struct pk_health *health)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(pk_health_get_port(health)),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* All that comes until the other side closes, a NUL behind it. */
static void read_all(int fd, struct pk_buf *ret_text)
{
	ssize_t got;

	do {
		struct pollfd pollfd = { .fd = fd, .events = POLLIN };

		assert_int_equal(poll(&pollfd, 1, 30000), 1);
		assert_int_equal(pk_buf_reserve(ret_text, 4096), 0);
		got = read(fd, ret_text->data + ret_text->len_bytes, 4096);
		ret_text->len_bytes += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	assert_int_equal(pk_buf_add_char(ret_text, '\0'), 0);
}

static void send_all(int fd, const char *text, size_t len)
{
	/* it may have been refused already */
	while (len) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		text += sent;
		len -= (size_t)sent;
	}
}

static void assert_answer(struct pk_health *health, const char *request, int status,
			  const char *part)
{
	pk_cleanup(pk_close_p) int fd = connect_to(health);
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	char line[32];

	send_all(fd, request, strlen(request));
	read_all(fd, &text);
	snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
	if (strncmp(text.data, line, strlen(line)) != 0 || !strstr(text.data, part))
		fail_msg("not %d with '%s': %s", status, part, text.data);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\nUser-Agent: kube-probe/1.30\r\n\r\n"

static void ready(void **state)
{
	pk_cleanup(pk_health_free_p) struct pk_health *health = start(0, 0);

	assert_answer(health, GET("/readyz"), 503, "not in force");
	assert_answer(health, GET("/livez"), 200, "starting");
	pk_health_set_ready(health, true);
	pk_health_beat(health);
	assert_answer(health, GET("/readyz"), 200, "\r\n\r\nready\n");
	assert_answer(health, GET("/readyz?verbose"), 200, "ready\n");
	assert_answer(health, GET("/livez"), 200, "alive");
	pk_health_set_note(health, "kubernetes: away\r\n\033[1m");
	assert_answer(health, GET("/readyz"), 200, "ready\nkubernetes: away???[1m\n");
	pk_health_set_ready(health, false);
	assert_answer(health, GET("/readyz"), 503, "kubernetes: away");
}

static void stalls(void **state)
{
	pk_cleanup(pk_health_free_p) struct pk_health *health = start(1, 0);

	pk_health_beat(health);
	usleep(20000);
	assert_answer(health, GET("/livez"), 503, "has not moved");
	/* what hangs may still be in force */
	pk_health_set_ready(health, true);
	assert_answer(health, GET("/readyz"), 200, "ready");
}

static void requests(void **state)
{
	pk_cleanup(pk_health_free_p) struct pk_health *health = start(0, 0);

	assert_answer(health, "GET /livez HTTP/1.0\r\n\r\n", 200, "starting");
	assert_answer(health, GET("/"), 404, "/livez or /readyz");
	assert_answer(health, GET("/livezz"), 404, "");
	assert_answer(health, GET("/live"), 404, "");
	assert_answer(health, "POST /livez HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 405, "");
	assert_answer(health, "\r\n\r\n", 400, "");
	assert_answer(health, "GET /livez\r\n\r\n", 400, "");
	assert_answer(health, "GET  HTTP/1.1\r\n\r\n", 404, "");
	assert_answer(health, "GET /livez HTTP/2\r\n\r\n", 400, "");
	assert_answer(health, "GET /livez HTTP/1.\n\n\r\n\r\n", 200, "");
	assert_answer(health, "\x16\x03\x01\x02\r\n\r\n", 400, "");
}

static void head(void **state)
{
	pk_cleanup(pk_health_free_p) struct pk_health *health = start(0, 0);
	pk_cleanup(pk_close_p) int fd = connect_to(health);
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	static const char request[] = "HEAD /livez HTTP/1.1\r\n\r\n";

	/* byte by byte, as a slow one may come */
	for (size_t i = 0; i < sizeof(request) - 1; i++)
		send_all(fd, request + i, 1);
	read_all(fd, &text);
	assert_non_null(strstr(text.data, "Content-Length: 9\r\n"));
	assert_string_equal(text.data + strlen(text.data) - 4, "\r\n\r\n");
}

static void assert_long(struct pk_health *health, size_t len, int status)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	pk_buf_add_str(&text, "GET /livez HTTP/1.1\r\nX: ");
	while (text.len_bytes < len - 4)
		pk_buf_add_char(&text, 'x');
	pk_buf_add_str(&text, "\r\n\r\n");
	pk_buf_add_char(&text, '\0');
	assert_answer(health, text.data, status, "");
}

static void long_requests(void **state)
{
	pk_cleanup(pk_health_free_p) struct pk_health *health = start(0, 0);

	assert_long(health, PK_MAX_HEALTH_REQUEST_BYTES, 200);
	assert_long(health, PK_MAX_HEALTH_REQUEST_BYTES + 1, 431);
	assert_long(health, 1u << 20, 431);
}

/* Connections that say nothing are closed, and shut nobody out meanwhile. */
static void idle(void **state)
{
	pk_cleanup(pk_health_free_p) struct pk_health *health = start(0, 3600000);
	int fds[PK_MAX_HEALTH_CONNS * 3];

	for (size_t i = 0; i < PK_ARRAY_SIZE(fds); i++) {
		fds[i] = connect_to(health);
		send_all(fds[i], "GET /", 5);
	}
	assert_answer(health, GET("/livez"), 200, "starting");
	for (size_t i = 0; i < PK_ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static void times_out(void **state)
{
	pk_cleanup(pk_health_free_p) struct pk_health *health = start(0, 30);
	pk_cleanup(pk_close_p) int fd = connect_to(health);
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	send_all(fd, "GET /livez", 10);
	read_all(fd, &text);
	assert_int_equal(strlen(text.data), 0);
}

static void addresses(void **state)
{
	static const char *const wrong[] = {
		"",       ":",     "127.0.0.1", ":8080",           "127.0.0.1:", "127.0.0.1:x",
		"::1:80", "[::1]", "host:80",   "127.0.0.1:65536", "1.2.3:-1",   "[127::x]:1"
	};
	struct pk_health_options options = { 0 };
	pk_cleanup(pk_health_free_p) struct pk_health *first = start(0, 0);
	struct pk_health *health = NULL;
	char taken[32];

	for (size_t i = 0; i < PK_ARRAY_SIZE(wrong); i++) {
		assert_int_equal(pk_health_check(wrong[i]), -EINVAL);
		options.listen = wrong[i];
		if (pk_health_new(&options, &health) != -EINVAL)
			fail_msg("taken: '%s'", wrong[i]);
	}
	snprintf(taken, sizeof(taken), "127.0.0.1:%u", pk_health_get_port(first));
	assert_int_equal(pk_health_check(taken), 0);
	options.listen = taken;
	assert_int_equal(pk_health_new(&options, &health), -EADDRINUSE);
	options.listen = "[::1]:0";
	if (!pk_health_new(&options, &health)) /* where there is IPv6 */
		pk_health_free(health);
	pk_health_free(NULL);
	pk_health_beat(NULL);
	pk_health_set_ready(NULL, true);
	pk_health_set_note(NULL, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ready),         cmocka_unit_test(stalls),
		cmocka_unit_test(requests),      cmocka_unit_test(head),
		cmocka_unit_test(long_requests), cmocka_unit_test(idle),
		cmocka_unit_test(times_out),     cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
