/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "render.h"
#include "samples.h"

static struct pk_record record;
static struct render render;

static int setup_with(bool color)
{
	int err = render_init(&render, true, color);

	setenv("TZ", "UTC", 1);
	if (err)
		return err;
	sample_start(&record);
	return render_record(&render, &record);
}

static int setup(void **state)
{
	return setup_with(false);
}

static int setup_color(void **state)
{
	return setup_with(true);
}

static int teardown(void **state)
{
	render_fini(&render);
	return 0;
}

static void expect(const char *expected)
{
	assert_int_equal(render_record(&render, &record), 0);
	assert_buf(&render.out, expected);
}

static void columns(void **state)
{
	sample_exec(&record, 1234, 1, "/usr/bin/ls", "ls\0-la\0/tmp", 12);
	expect("14:00:00.123    1234 ls              exec     /usr/bin/ls -la /tmp\n");
	/* called by another name than its file's; the path of argv[0] says nothing */
	sample_exec(&record, 1234, 1, "/usr/bin/busybox", "cat\0/tmp", 9);
	expect("14:00:00.123    1234 busybox         exec     /usr/bin/busybox (cat) /tmp\n");
	sample_exec(&record, 1234, 1, "/usr/bin/ls", "./ls\0-l", 8);
	expect("14:00:00.123    1234 ls              exec     /usr/bin/ls -l\n");
	sample_exit(&record, 1234567, 0);
	expect("14:00:00.123 1234567 bash            exit     code 0\n");
	sample_exit(&record, 7, 0);
	memcpy(record.u.event.comm, "0123456789abcdef", PK_COMM_LEN);
	expect("14:00:00.123       7 0123456789abcdef exit     code 0\n");
	sample_exit(&record, 7, 9);
	memcpy(record.u.event.comm, "caf\xc3\xa9\0", 6);
	expect("14:00:00.123       7 caf\xc3\xa9            exit     killed by SIGKILL\n");
}

static void stream_lines(void **state)
{
	sample_start(&record);
	expect("# picket 0.1.0 on host, Linux 6.1.0, backend lsm\n");
	pk_record_init(&record, PK_EVENT_LOST);
	record.u.event.time_ns = SAMPLE_BOOTTIME_NS;
	record.u.lost.cnt = 3;
	record.u.lost.total_cnt = 8;
	record.u.lost.lost_hook = PK_HOOK_FILE_OPEN;
	expect("14:00:00.123 *** LOST: 3 events at file_open (ring), 8 in all ***\n");
	record.u.lost.reason = PK_LOSS_READ;
	expect("14:00:00.123 *** LOST: 3 facts at file_open (read), 8 in all ***\n");
	pk_record_init(&record, PK_EVENT_STOP);
	record.u.stop.delivered_cnt = 5;
	expect("# 5 events, 0 lost, 0 with facts missing\n");
	pk_record_init(&record, PK_EVENT_REPEATS);
	record.u.event.pid = 77;
	record.u.event.verdict = PK_VERDICT_DENIED;
	record.u.repeats.cnt = 12;
	record.u.repeats.rule_idx = 3;
	expect("# 12 more of rule 3 by process 77, denied\n");
	sample_str(&record, &record.u.repeats.rule, "No\nescape");
	expect("# 12 more of No\\nescape by process 77, denied\n");
}

static void arguments_are_quoted(void **state)
{
	sample_exec(&record, 7, 1, "/bin/sh", "sh\0-c\0echo a; b\0\0it's", 22);
	expect("14:00:00.123       7 sh              exec     /bin/sh -c 'echo a; b' '' "
	       "'it'\\''s'\n");
}

static void no_escape_reaches_the_terminal(void **state)
{
	sample_file(&record, PK_EVENT_UNLINK, 7,
		    "/a\033[2J\r\n\xc2\x9b"
		    "1m\xe2\x80\xae\xff");
	memcpy(record.u.event.comm, "\033]0;x\007", 7);
	expect("14:00:00.123       7 \\x1b]0;x\\x07    unlink   "
	       "/a\\x1b[2J\\r\\n\\u{9b}1m\\u{202e}\\xff\n");
}

static void every_control_is_visible(void **state)
{
	pk_buf_cleanup struct pk_buf out = PK_BUF_INIT;

	for (int c = 0; c < 256; c++) {
		char byte = (char)c;

		pk_buf_clear(&out);
		assert_int_equal(pk_text_visible(&out, &byte, 1), 0);
		if (c >= 0x20 && c < 0x7f)
			assert_int_equal(out.len_bytes, 1);
		else
			assert_int_equal(out.data[0], '\\');
	}
}

static void addresses(void **state)
{
	struct pk_net_event *net = &record.u.net;

	sample_init(&record, PK_EVENT_ACCEPT, 7);
	net->family = AF_INET6;
	net->sock_type = SOCK_STREAM;
	net->protocol = IPPROTO_TCP;
	net->net_flags = PK_NET_HAS_LOCAL | PK_NET_HAS_REMOTE;
	net->local_addr[15] = 1;
	net->local_port = 80;
	net->remote_port = 65535;
	expect("14:00:00.123       7 bash            accept   tcp [::1]:80 <- [::]:65535\n");
	net->family = AF_INET;
	net->head.kind = PK_EVENT_CONNECT;
	net->net_flags = PK_NET_HAS_REMOTE;
	expect("14:00:00.123       7 bash            connect  tcp -> 0.0.0.0:65535\n");
}

static void colors(void **state)
{
	sample_exit(&record, 7, 1u << 8);
	expect("\033[2m14:00:00.123\033[0m       7 \033[1mbash           \033[0m "
	       "\033[32mexit    \033[0m \033[31mcode 1\033[0m\n");
}

/* Colours come only from us: with them off there is no escape in any sample. */
static void plain_samples(void **state)
{
	assert_int_equal(samples_emit(pk_stream_emit, render.stream), 0);
	assert_null(memchr(render.out.data, '\033', render.out.len_bytes));
	assert_true(buf_has(&render.out, " rename   /tmp/a -> /tmp/b RENAME_NOREPLACE\n"));
	assert_true(buf_has(&render.out, " chown    /tmp/b 0:50 -> 1000:0\n"));
	assert_true(buf_has(&render.out, " truncate /tmp/b to 4096 bytes\n"));
	assert_true(buf_has(&render.out, " connect  unix @name\\x00with\n"));
	assert_true(buf_has(&render.out, "# the clock was set\n"));
}

/* A container, its pod, its runtime. */
static void places(void **state)
{
	pk_container_to_record(&sample_box, 77, (struct pk_text){ "/b", 2 }, &record);
	assert_int_equal(render_record(&render, &record), 0);
	sample_file(&record, PK_EVENT_OPEN, 20, "/x");
	record.u.event.cgroup_id = 77;
	assert_int_equal(render_record(&render, &record), 0);
	assert_true(
		buf_has(&render.out, " [8a1f30c7b2d9 web\\n1 shop/web-7d9c5-x2x, its runtime]\n"));
}

int main(void)
{
#define text_test(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		text_test(columns),
		text_test(stream_lines),
		text_test(arguments_are_quoted),
		text_test(no_escape_reaches_the_terminal),
		text_test(every_control_is_visible),
		text_test(addresses),
		cmocka_unit_test_setup_teardown(colors, setup_color, teardown),
		text_test(plain_samples),
		text_test(places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
