// SPDX-License-Identifier: Apache-2.0
/*
 * The token and the authorities are read anew for each request: both are rotated. libcurl's multi
 * interface is driven here, with one transfer, since it can be woken up.
 */
#include "meta/k8s_http.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "meta/curl.h"

#define REFUSAL_BYTES 4096u /* of a body that comes with another status than 200 */
#define KEEPALIVE_S 30L
#define POLL_MS 60000 /* with no time limit: nothing is looked for then */

struct pk_k8s_http {
	CURLM *multi;
	_Atomic bool stopped;
	char token[PK_MAX_K8S_TOKEN_BYTES + 1]; /* the one sent last */
	/* of the request under way */
	const struct pk_k8s_request *request;
	CURL *easy;
	uint64_t begun_ns;
	uint64_t heard_ns;
	int body_err;
	char refusal[REFUSAL_BYTES];
	size_t refusal_len;
};

static void easy_free_p(CURL **easy)
{
	if (*easy)
		pk_curl_get()->easy_cleanup(*easy);
}

static void slist_free_p(struct curl_slist **list)
{
	if (*list)
		pk_curl_get()->slist_free_all(*list);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int pk_k8s_http_new(struct pk_k8s_http **ret_http)
{
	pk_cleanup(pk_k8s_http_free_p) struct pk_k8s_http *http = calloc(1, sizeof(*http));

	if (!http)
		return -ENOMEM;
	if (!pk_curl_get())
		return -ELIBACC;
	http->multi = pk_curl_get()->multi_init();
	if (!http->multi)
		return -ENOMEM;
	*ret_http = pk_take_ptr(http);
	return 0;
}

void pk_k8s_http_free(struct pk_k8s_http *http)
{
	if (!http)
		return;
	if (http->multi)
		pk_curl_get()->multi_cleanup(http->multi);
	explicit_bzero(http->token, sizeof(http->token));
	free(http);
}

void pk_k8s_http_stop(struct pk_k8s_http *http)
{
	http->stopped = true;
	pk_curl_get()->multi_wakeup(http->multi);
}

/* ---- the token ---- */

/* One line of printable ASCII: anything else would change the request's head. */
static int check_token(char *token, size_t len)
{
	while (len && strchr(" \t\r\n", token[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++) {
		if (token[i] <= ' ' || token[i] > '~')
			return -EBADMSG;
	}
	token[len] = '\0';
	return len ? 0 : -EBADMSG;
}

/* `token` has room for PK_MAX_K8S_TOKEN_BYTES and a NUL. */
static int read_token(const char *path, char *token)
{
	pk_cleanup(pk_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t got = read(fd, token + len, PK_MAX_K8S_TOKEN_BYTES + 1 - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		len += (size_t)got;
		if (len > PK_MAX_K8S_TOKEN_BYTES)
			return -EBADMSG;
		if (!got)
			return check_token(token, len);
	}
}

bool pk_k8s_http_token_changed(struct pk_k8s_http *http, const char *token_path)
{
	char token[PK_MAX_K8S_TOKEN_BYTES + 1];
	bool changed = !read_token(token_path, token) && strcmp(token, http->token) != 0;

	explicit_bzero(token, sizeof(token));
	return changed;
}

/* ---- what libcurl calls ---- */

static bool is_ok(struct pk_k8s_http *http)
{
	long status = 0;

	return !pk_curl_get()->easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status) &&
	       status == 200;
}

static size_t on_header(char *data, size_t size, size_t cnt, void *arg)
{
	struct pk_k8s_http *http = arg;

	http->heard_ns = now_ns();
	/* the empty line behind them */
	if (size * cnt == 2 && data[0] == '\r' && is_ok(http) && http->request->on_begin)
		http->request->on_begin(http->request->arg);
	return size * cnt;
}

static size_t on_body(char *data, size_t size, size_t cnt, void *arg)
{
	struct pk_k8s_http *http = arg;
	size_t len = size * cnt, room = sizeof(http->refusal) - http->refusal_len;

	http->heard_ns = now_ns();
	if (is_ok(http)) {
		http->body_err = http->request->on_body(http->request->arg, data, len);
		return http->body_err ? 0 : len;
	}
	memcpy(http->refusal + http->refusal_len, data, len < room ? len : room);
	http->refusal_len += len < room ? len : room;
	return len;
}

/* ---- a request ---- */

static int set_up(struct pk_k8s_http *http, struct curl_slist **headers)
{
	const struct pk_k8s_request *request = http->request;
	char *line = NULL;
	int err = 0;

	if (asprintf(&line, "Authorization: Bearer %s", http->token) < 0)
		return -ENOMEM;
	*headers = pk_curl_get()->slist_append(NULL, line);
	explicit_bzero(line, strlen(line));
	free(line);
	if (!*headers || !pk_curl_get()->slist_append(*headers, "Accept: application/json"))
		return -ENOMEM;
#define SET(option, value) err |= (int)pk_curl_get()->easy_setopt(http->easy, option, value)
	SET(CURLOPT_URL, request->url);
	SET(CURLOPT_HTTPHEADER, *headers);
	SET(CURLOPT_USERAGENT, "picket/" PK_VERSION);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, http);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, http);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->connect_ms);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S);
	SET(CURLOPT_TCP_KEEPINTVL, KEEPALIVE_S);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CAINFO, request->ca_path);
	SET(CURLOPT_CAPATH, NULL); /* not the host's authorities */
#if LIBCURL_VERSION_NUM >= 0x075500
	SET(CURLOPT_PROTOCOLS_STR, "https");
#else
	SET(CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
	SET(CURLOPT_CA_CACHE_TIMEOUT, 0L);
	SET(CURLOPT_QUICK_EXIT, 1L); /* a name that is being looked up is not waited for */
#endif
#undef SET
	return err ? -ENOMEM : 0;
}

/* Milliseconds until one of the limits; 0: one is over. */
static int time_left_ms(const struct pk_k8s_http *http)
{
	const struct pk_k8s_request *request = http->request;
	uint64_t now = now_ns(), end = now + POLL_MS * 1000000ull;

	if (request->total_ms && http->begun_ns + request->total_ms * 1000000ull < end)
		end = http->begun_ns + request->total_ms * 1000000ull;
	if (request->silence_ms && http->heard_ns + request->silence_ms * 1000000ull < end)
		end = http->heard_ns + request->silence_ms * 1000000ull;
	return end <= now ? 0 : (int)((end - now) / 1000000u) + 1;
}

/* Until the transfer has ended: `ret_code` says how. */
static int transfer(struct pk_k8s_http *http, CURLcode *ret_code)
{
	int running = 1, left, left_ms;
	CURLMsg *msg;

	for (;;) {
		if (http->stopped)
			return -ECANCELED;
		if (pk_curl_get()->multi_perform(http->multi, &running))
			return -ENOMEM;
		msg = pk_curl_get()->multi_info_read(http->multi, &left);
		if (msg && msg->msg == CURLMSG_DONE) {
			*ret_code = msg->data.result;
			return 0;
		}
		if (!running)
			return -EPIPE;
		left_ms = time_left_ms(http);
		if (!left_ms)
			return -ETIMEDOUT;
		if (pk_curl_get()->multi_poll(http->multi, NULL, 0, left_ms, NULL))
			return -ENOMEM;
	}
}

static int error_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return 0;
	case CURLE_OUT_OF_MEMORY:
		return -ENOMEM;
	case CURLE_OPERATION_TIMEDOUT:
		return -ETIMEDOUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_ISSUER_ERROR:
		return -EKEYREJECTED;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return -ECONNREFUSED;
	default:
		return -EPIPE;
	}
}

static void say(struct pk_k8s_response *response, const char *text)
{
	snprintf(response->reason, sizeof(response->reason), "%s", text);
}

/* What came back, once the transfer has ended by itself. */
static int conclude(struct pk_k8s_http *http, CURLcode code, const char *curl_text,
		    struct pk_k8s_response *response)
{
	curl_off_t retry_after_s = 0;
	long status = 0;

	pk_curl_get()->easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
	response->status = (int)status;
	if (http->body_err) {
		say(response, strerror(-http->body_err));
		return http->body_err;
	}
	if (code) {
		say(response, curl_text[0] ? curl_text : pk_curl_get()->easy_strerror(code));
		return error_of(code);
	}
	if (status == 200)
		return 0;
	pk_curl_get()->easy_getinfo(http->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	if (retry_after_s > 0)
		response->retry_after_s = retry_after_s < PK_MAX_K8S_RETRY_AFTER_S ?
						  (uint32_t)retry_after_s :
						  PK_MAX_K8S_RETRY_AFTER_S;
	if (pk_k8s_json_reason(http->refusal, http->refusal_len, response->reason) ||
	    !response->reason[0])
		snprintf(response->reason, sizeof(response->reason), "status %ld", status);
	return -EPROTO;
}

static int prepare(struct pk_k8s_http *http, struct pk_k8s_response *response)
{
	int err = read_token(http->request->token_path, http->token);
	const char *path = http->request->token_path, *what = "token";

	if (!err && access(http->request->ca_path, R_OK)) {
		err = -errno;
		path = http->request->ca_path;
		what = "authorities to trust";
	}
	if (err)
		snprintf(response->reason, sizeof(response->reason), "cannot use %s '%s': %s", what,
			 path, err == -EBADMSG ? "no token in it" : strerror(-err));
	return err;
}

int pk_k8s_http_get(struct pk_k8s_http *http, const struct pk_k8s_request *request,
		    struct pk_k8s_response *ret_response)
{
	pk_cleanup(easy_free_p) CURL *easy = pk_curl_get()->easy_init();
	pk_cleanup(slist_free_p) struct curl_slist *headers = NULL;
	char curl_text[CURL_ERROR_SIZE] = "";
	CURLcode code = CURLE_OK;
	int err;

	*ret_response = (struct pk_k8s_response){ 0 };
	if (!easy)
		return -ENOMEM;
	http->easy = easy;
	http->request = request;
	http->body_err = 0;
	http->refusal_len = 0;
	err = prepare(http, ret_response);
	if (!err)
		err = set_up(http, &headers);
	if (err)
		return err;
	pk_curl_get()->easy_setopt(easy, CURLOPT_ERRORBUFFER, curl_text);
	http->begun_ns = http->heard_ns = now_ns();
	if (pk_curl_get()->multi_add_handle(http->multi, easy))
		return -ENOMEM;
	err = transfer(http, &code);
	if (!err)
		err = conclude(http, code, curl_text, ret_response);
	else
		say(ret_response, err == -ETIMEDOUT ? "no answer in time" : strerror(-err));
	pk_curl_get()->multi_remove_handle(http->multi, easy);
	return err;
}
