/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What needs no server: tokens, files that are not there, nobody who listens, being stopped. The rest is
 * tested against a server: tests/k8s.
 */
#include "meta/k8s_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "scratch_files.h"

static int on_body(void *arg, const char *data, size_t len)
{
	return 0;
}

static int get(struct pk_k8s_http *http, const char *url, uint32_t total_ms,
	       struct pk_k8s_response *response)
{
	struct pk_k8s_request request = {
		.url = url,
		.token_path = "token",
		.ca_path = "ca",
		.total_ms = total_ms,
		.on_body = on_body,
	};

	return pk_k8s_http_get(http, &request, response);
}

/* A socket that listens and never says anything. */
static int listener(char *ret_url, size_t bytes)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(ret_url, bytes, "https://127.0.0.1:%u/", ntohs(address.sin_port));
	return fd;
}

static void tokens(void **state)
{
	static const char *const wrong[] = { "", "\n", "a b", "a\nX-Header: b", "a\tb", "\xc3\xa9" };
	pk_cleanup(pk_k8s_http_free_p) struct pk_k8s_http *http = NULL;
	struct pk_k8s_response response;
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;

	assert_int_equal(pk_k8s_http_new(&http), 0);
	scratch_file("ca", "");
	for (size_t i = 0; i < PK_ARRAY_SIZE(wrong); i++) {
		scratch_file("token", wrong[i]);
		assert_int_equal(get(http, "https://127.0.0.1:9/", 1000, &response), -EBADMSG);
		assert_false(pk_k8s_http_token_changed(http, "token"));
		assert_non_null(strstr(response.reason, "'token'"));
	}
	for (unsigned int i = 0; i < PK_MAX_K8S_TOKEN_BYTES; i++)
		pk_buf_add_char(&text, 't');
	pk_buf_add(&text, "", 1);
	scratch_file("token", text.data);
	assert_true(pk_k8s_http_token_changed(http, "token"));
	text.data[PK_MAX_K8S_TOKEN_BYTES] = 't';
	pk_buf_add(&text, "", 1);
	scratch_file("token", text.data);
	assert_false(pk_k8s_http_token_changed(http, "token"));
	assert_int_equal(remove("token"), 0);
	assert_int_equal(get(http, "https://127.0.0.1:9/", 1000, &response), -ENOENT);
	scratch_file("token", "abc\n");
	assert_int_equal(remove("ca"), 0);
	assert_int_equal(get(http, "https://127.0.0.1:9/", 1000, &response), -ENOENT);
	assert_non_null(strstr(response.reason, "'ca'"));
}

static void rotated(void **state)
{
	pk_cleanup(pk_k8s_http_free_p) struct pk_k8s_http *http = NULL;
	struct pk_k8s_response response;

	assert_int_equal(pk_k8s_http_new(&http), 0);
	scratch_file("ca", "");
	scratch_file("token", "one\n");
	get(http, "https://127.0.0.1:9/", 1000, &response);
	assert_false(pk_k8s_http_token_changed(http, "token"));
	scratch_file("token", "one");
	assert_false(pk_k8s_http_token_changed(http, "token"));
	scratch_file("token", "two");
	assert_true(pk_k8s_http_token_changed(http, "token"));
}

/* No server, no TLS, no file: none gets the token. */
static void refused(void **state)
{
	static const char *const urls[] = { "http://127.0.0.1:9/", "file:///etc/passwd",
					    "ftp://127.0.0.1/", "nonsense://x/" };
	pk_cleanup(pk_k8s_http_free_p) struct pk_k8s_http *http = NULL;
	pk_cleanup(pk_close_p) int fd = -1;
	struct pk_k8s_response response;
	char url[64];

	assert_int_equal(pk_k8s_http_new(&http), 0);
	scratch_file("ca", "");
	scratch_file("token", "t");
	for (size_t i = 0; i < PK_ARRAY_SIZE(urls); i++) {
		assert_int_equal(get(http, urls[i], 1000, &response), -ECONNREFUSED);
		assert_int_not_equal(strlen(response.reason), 0);
	}
	fd = listener(url, sizeof(url));
	close(pk_take_fd(fd));
	assert_int_not_equal(get(http, url, 5000, &response), 0);
	assert_int_equal(response.status, 0);
}

/* A file of authorities without any trusts nobody. */
static void silent(void **state)
{
	pk_cleanup(pk_k8s_http_free_p) struct pk_k8s_http *http = NULL;
	pk_cleanup(pk_close_p) int fd = -1;
	struct pk_k8s_response response;
	char url[64];
	int err;

	assert_int_equal(pk_k8s_http_new(&http), 0);
	scratch_file("token", "t");
	scratch_file("ca", "");
	fd = listener(url, sizeof(url));
	err = get(http, url, 100, &response);
	assert_true(err == -ETIMEDOUT || err == -EKEYREJECTED);
}

static void *stop(void *arg)
{
	usleep(50000);
	pk_k8s_http_stop(arg);
	return NULL;
}

static void stopped(void **state)
{
	pk_cleanup(pk_k8s_http_free_p) struct pk_k8s_http *http = NULL;
	pk_cleanup(pk_close_p) int fd = -1;
	struct pk_k8s_response response;
	pthread_t thread;
	char url[64];

	assert_int_equal(pk_k8s_http_new(&http), 0);
	scratch_file("token", "t");
	assert_int_equal(symlink("/etc/ssl/certs/ca-certificates.crt", "link"), 0);
	if (access("link", R_OK))
		skip();
	assert_int_equal(rename("link", "ca"), 0);
	fd = listener(url, sizeof(url));
	assert_int_equal(pthread_create(&thread, NULL, stop, http), 0);
	assert_int_equal(get(http, url, 0, &response), -ECANCELED);
	pthread_join(thread, NULL);
	assert_int_equal(get(http, url, 0, &response), -ECANCELED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens), cmocka_unit_test(rotated), cmocka_unit_test(refused),
		cmocka_unit_test(silent), cmocka_unit_test(stopped),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
