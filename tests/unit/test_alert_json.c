/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "alerts.h"
#include "base/utf8.h"

static struct alerted alerted;

static void start(const char *output)
{
	setenv("TZ", "UTC", 1);
	tzset();
	alerted_init(&alerted, false, false, output);
}

static int stop(void **state)
{
	alerted_fini(&alerted);
	return 0;
}

/* The line without its uuid, up to the event. */
static void expect_head(const char *expected)
{
	static const char uuid[] = "{\"uuid\":\"xxxxxxxx-xxxx-4xxx-xxxx-xxxxxxxxxxxx\",";
	size_t from = sizeof(uuid) - 1;
	const char *event;

	assert_int_equal(alerted_run(&alerted), 0);
	event = memmem(alerted.out.data, alerted.out.len_bytes, ",\"event\":{", 10);
	assert_non_null(event);
	if (strlen(expected) != (size_t)(event - alerted.out.data) - from ||
	    memcmp(alerted.out.data + from, expected, strlen(expected)) != 0)
		fail_msg("gave: %.*s\nnot:  %s", (int)(event - alerted.out.data - from),
			 alerted.out.data + from, expected);
}

static void expect_has(const char *part)
{
	assert_int_equal(alerted_run(&alerted), 0);
	if (!buf_has(&alerted.out, part))
		fail_msg("not there: %s\nin: %.*s", part, (int)alerted.out.len_bytes,
			 alerted.out.data);
}

static void test_members(void **state)
{
	start("%proc.name read %fd.name");
	give_text(&alerted.values, "proc.name", "bash");
	give_text(&alerted.values, "fd.name", "/etc/shadow");
	expect_head("\"time\":\"2026-11-23T14:00:00.123456789Z\",\"hostname\":\"host\","
		    "\"source\":\"syscall\",\"rule\":\"Read a secret\",\"priority\":\"Critical\","
		    "\"output\":\"14:00:00.123456789: Critical bash read /etc/shadow\","
		    "\"output_fields\":{\"evt.time\":1795442400123456789,\"proc.name\":\"bash\","
		    "\"fd.name\":\"/etc/shadow\"},\"tags\":[\"T1059\",\"host\",\"network\"],"
		    "\"action\":\"alert\",\"verdict\":\"allowed\"");
}

/* The event is what the sink of events prints, byte for byte. */
static void test_event(void **state)
{
	pk_buf_cleanup struct pk_buf event = PK_BUF_INIT;
	const char *found;

	start("x");
	assert_int_equal(alerted_run(&alerted), 0);
	found = memmem(alerted.out.data, alerted.out.len_bytes, ",\"event\":", 9);
	assert_non_null(found);
	pk_buf_add(&event, found + 9,
		   alerted.out.len_bytes - (size_t)(found + 9 - alerted.out.data));
	assert_true(event.len_bytes > 3);
	assert_memory_equal(event.data + event.len_bytes - 3, "}}\n", 3);
	assert_true(
		buf_has(&event, "{\"time\":\"2026-11-23T14:00:00.123456789Z\",\"type\":\"open\","));
	assert_true(buf_has(&event, "\"path\":\"/etc/shadow\""));
	assert_null(memchr(event.data, '\n', event.len_bytes - 1));
}

static void test_actions(void **state)
{
	start("x");
	alerted.rule.action = PK_RULES_ACTION_DENY;
	alerted.verdict = PK_VERDICT_DENIED;
	alerted.repeat_cnt = 12;
	expect_has(",\"action\":\"deny\",\"verdict\":\"denied\",\"repeats\":12,\"event\":");
	alerted.rule.action = PK_RULES_ACTION_KILL;
	alerted.verdict = PK_VERDICT_KILLED;
	alerted.repeat_cnt = 0;
	expect_has(",\"action\":\"kill\",\"verdict\":\"killed\",\"event\":");
	alerted.verdict = PK_VERDICT_SPARED;
	expect_has(",\"verdict\":\"spared\",");
	alerted.verdict = (enum pk_verdict)77;
	expect_has(",\"verdict\":\"unknown\",");
}

static void test_values(void **state)
{
	static const char *const tags[] = { "a\"", "b" };
	struct pk_value *net;

	start("%evt.rawres %proc.pid %evt.is_open_read %fd.sip %fd.net %proc.duration %proc.tags "
	      "%proc.aname[2] %fd.name %proc.cmdline %evt.time %evt.time.s");
	give_number(&alerted.values, "evt.rawres", PK_FIELD_INT, INT64_MIN);
	give_number(&alerted.values, "proc.pid", PK_FIELD_UINT, -1);
	give_number(&alerted.values, "evt.is_open_read", PK_FIELD_BOOL, 1);
	set_address(give(&alerted.values, "fd.sip", PK_FIELD_ADDR), 0, "10.1.2.3");
	net = give(&alerted.values, "fd.net", PK_FIELD_NET);
	set_address(net, 0, "10.1.2.3");
	set_address(net, 1, "::1");
	give_number(&alerted.values, "proc.duration", PK_FIELD_TIME, 5);
	give_list(&alerted.values, "proc.tags", PK_FIELD_LIST, tags, 2);
	give_text(&alerted.values, "proc.aname[2]", "sshd");
	give(&alerted.values, "fd.name", PK_FIELD_TEXT)->state = PK_VALUE_UNKNOWN;
	give_text(&alerted.values, "evt.time.s", "14:00:00");
	expect_has("\"output_fields\":{\"evt.time\":1795442400123456789,"
		   "\"evt.rawres\":-9223372036854775808,\"proc.pid\":18446744073709551615,"
		   "\"evt.is_open_read\":true,\"fd.sip\":\"10.1.2.3\",\"fd.net\":\"10.1.2.3,::1\","
		   "\"proc.duration\":5,\"proc.tags\":[\"a\\\"\",\"b\"],\"proc.aname[2]\":\"sshd\","
		   "\"fd.name\":null,\"proc.cmdline\":null,\"evt.time.s\":1795442400123456789},");
}

static void test_no_fields(void **state)
{
	start("text");
	alerted.rule.tags_cnt = 0;
	alerted.rule.tags = NULL;
	expect_has("\"output_fields\":{\"evt.time\":1795442400123456789},\"tags\":[],");
}

/* Within a transformer the field itself is given, once. */
static void test_transformed(void **state)
{
	start("%toupper(proc.name) %proc.name %evt.is_open_read");
	give_text(&alerted.values, "proc.name", "bash");
	give_number(&alerted.values, "evt.is_open_read", PK_FIELD_BOOL, 0);
	expect_has("Critical BASH bash false\",\"output_fields\":{\"evt.time\":1795442400123456789,"
		   "\"proc.name\":\"bash\",\"evt.is_open_read\":false},");
}

static void assert_line(const struct pk_buf *line)
{
	const unsigned char *data = (const unsigned char *)line->data;

	for (size_t i = 0; i + 1 < line->len_bytes;) {
		size_t bytes = pk_utf8_check(data + i, line->len_bytes - i);

		assert_true(bytes > 0);
		assert_true(data[i] >= 0x20 && data[i] != 0x7f);
		i += bytes;
	}
	assert_int_equal(data[line->len_bytes - 1], '\n');
}

static void test_hostile(void **state)
{
	static const char name[] = "a\"\\\n\033[31m\xff\xed\xa0\x80\0z";
	pk_cleanup(pk_free_p) char *large = malloc(10240);

	assert_non_null(large);
	memset(large, '\xff', 10240);
	start("%proc.name %fd.name");
	alerted.rule.name = "r\xff\n";
	give_bytes(&alerted.values, "proc.name", name, sizeof(name) - 1);
	give_bytes(&alerted.values, "fd.name", large, 10240);
	expect_has("\"proc.name\":\"a\\\"\\\\\\n\\u001b[31m\\ufffd\\ufffd\\ufffd\\ufffd\\u0000z\"");
	assert_true(buf_has(&alerted.out, "\"rule\":\"r\\ufffd\\n\""));
	assert_true(
		buf_has(&alerted.out, ",\"verdict\":\"allowed\",\"invalid_utf8\":true,\"event\":"));
	assert_line(&alerted.out);
	assert_true(alerted.out.len_bytes > 2 * 6 * 10240);
}

/* Random, of version 4, and never the same. */
static void test_uuid(void **state)
{
	char ids[100][36];

	start("x");
	for (size_t i = 0; i < PK_ARRAY_SIZE(ids); i++) {
		assert_int_equal(alerted_run(&alerted), 0);
		assert_memory_equal(alerted.out.data, "{\"uuid\":\"", 9);
		memcpy(ids[i], alerted.out.data + 9, sizeof(ids[i]));
		for (size_t at = 0; at < sizeof(ids[i]); at++) {
			bool dash = at == 8 || at == 13 || at == 18 || at == 23;

			assert_non_null(
				memchr(dash ? "-" : "0123456789abcdef", ids[i][at], dash ? 1 : 16));
		}
		assert_int_equal(ids[i][14], '4');
		assert_non_null(memchr("89ab", ids[i][19], 4));
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(ids[i], ids[j], sizeof(ids[i]));
	}
}

static void test_hostname(void **state)
{
	pk_cleanup(pk_free_p) struct pk_record *record = calloc(1, sizeof(*record));
	char name[80];
	char expected[100];

	assert_non_null(record);
	memset(name, 'h', sizeof(name));
	start("x");
	pk_record_init(record, PK_EVENT_START);
	pk_record_add(record, &record->u.start.hostname, name, sizeof(name));
	assert_int_equal(pk_stream_feed(alerted.stream, &record->u, pk_record_finish(record)), 0);
	sample_file(record, PK_EVENT_OPEN, 1200, "/etc/shadow");
	assert_int_equal(pk_stream_feed(alerted.stream, &record->u, pk_record_finish(record)), 0);
	snprintf(expected, sizeof(expected), "\"hostname\":\"%.64s\",", name);
	assert_true(buf_has(&alerted.out, expected));
}

/* Before the first start record nothing is known of the host. */
static void test_no_start(void **state)
{
	pk_cleanup(pk_free_p) struct pk_record *record = calloc(1, sizeof(*record));

	assert_non_null(record);
	start("x");
	sample_file(record, PK_EVENT_OPEN, 1200, "/etc/shadow");
	assert_int_equal(pk_stream_feed(alerted.stream, &record->u, pk_record_finish(record)), 0);
	assert_true(buf_has(&alerted.out, "\"hostname\":\"\","));
}

static void test_failed(void **state)
{
	start("%proc.name");
	alerted.values.err = -ENOMEM;
	assert_int_equal(alerted_run(&alerted), -ENOMEM);
	assert_int_equal(alerted.out.len_bytes, 0);
	alerted.values.err = 0;
	expect_has("\"proc.name\":null");
}

static void feed_container(const struct pk_container *container)
{
	static struct pk_record record;
	size_t len = pk_container_to_record(container, 4711, (struct pk_text){ "/b", 2 }, &record);

	assert_int_equal(pk_stream_feed(alerted.stream, &record.u, len), 0);
}

/* Whether the output asks or not. */
static void test_places(void **state)
{
	struct pk_container container = sample_box;

	start("%k8s.pod.name");
	give_text(&alerted.values, "container.id", "8a1f30c7b2d9");
	give_text(&alerted.values, "k8s.ns.name", "shop");
	give_text(&alerted.values, "k8s.pod.name", "web-1");
	feed_container(&container);
	expect_has(
		"\"k8s.pod.name\":\"web-1\",\"container.id\":\"8a1f30c7b2d9\",\"container.name\":"
		"null,\"container.image.repository\":null,\"container.image.tag\":null,"
		"\"k8s.ns.name\":\"shop\"},");
	container.id = (struct pk_text){ "other", 5 };
	container.pod_uid.len = container.pod_name.len = 0;
	feed_container(&container);
	expect_has("\"container.image.tag\":null},");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_members, stop),
		cmocka_unit_test_teardown(test_event, stop),
		cmocka_unit_test_teardown(test_actions, stop),
		cmocka_unit_test_teardown(test_values, stop),
		cmocka_unit_test_teardown(test_no_fields, stop),
		cmocka_unit_test_teardown(test_transformed, stop),
		cmocka_unit_test_teardown(test_hostile, stop),
		cmocka_unit_test_teardown(test_uuid, stop),
		cmocka_unit_test_teardown(test_hostname, stop),
		cmocka_unit_test_teardown(test_no_start, stop),
		cmocka_unit_test_teardown(test_places, stop),
		cmocka_unit_test_teardown(test_failed, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
