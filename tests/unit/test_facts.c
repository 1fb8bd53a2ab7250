// SPDX-License-Identifier: Apache-2.0
/*
 * Values of fields from records: who acts, what it does, what is missing and what is not known.
 */
#include "stream/facts.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "samples.h"
#include "test.h"

#define PID_INIT 1u
#define PID_SSHD 300u
#define PID_BASH 1200u
#define PID_LS 1201u

static struct {
	struct pk_tree *tree;
	struct pk_context context;
	struct pk_facts_ctx *ctx;
	struct pk_record record;
	const struct pk_container *container; /* of who acts; NULL: unknown */
	const char *const *tags;
	size_t tag_cnt;
} now;

static int setup(void **state)
{
	memset(&now, 0, sizeof(now));
	assert_int_equal(pk_tree_new(&now.tree), 0);
	assert_int_equal(pk_facts_ctx_new(&now.ctx), 0);
	now.context.host_mnt_ns = SAMPLE_HOST_MNT_NS;
	now.context.clock_offset_ns = (__s64)(SAMPLE_REALTIME_NS - SAMPLE_BOOTTIME_NS);
	setenv("TZ", "UTC", 1);
	return 0;
}

static int teardown(void **state)
{
	pk_facts_ctx_free(now.ctx);
	pk_tree_free(now.tree);
	return 0;
}

/* The record happens. */
static void happen(void)
{
	const struct pk_event *event = &now.record.u.event;
	struct pk_view view = { .event = event,
				.tree = now.tree,
				.context = &now.context,
				.container = now.container };

	pk_record_finish(&now.record);
	assert_int_equal(pk_record_check(event, event->size_bytes), 0);
	pk_tree_update(now.tree, event);
	view.process = pk_tree_get(now.tree, event->exec_id, event->pid);
	view.parent = pk_tree_get(now.tree, event->parent_exec_id, event->ppid);
	pk_facts_ctx_set(now.ctx, &view, now.tags, now.tag_cnt);
}

static struct pk_value get(const char *name, const char *arg)
{
	const struct pk_field *field = pk_field_find(name, arg, NULL);
	struct pk_value value;

	if (!field)
		fail_msg("no field %s", name);
	assert_int_equal(pk_facts_get(now.ctx, field, arg, &value), 0);
	assert_int_equal(value.type, field->type);
	return value;
}

static void is_text(const char *name, const char *expected)
{
	struct pk_value value = get(name, NULL);

	if (value.state != PK_VALUE_KNOWN || value.text.len != strlen(expected) ||
	    memcmp(value.text.data, expected, value.text.len) != 0)
		fail_msg("%s is %d '%.*s', not '%s'", name, value.state, (int)value.text.len,
			 value.text.len ? value.text.data : "", expected);
}

static void is_text_at(const char *name, const char *arg, const char *expected)
{
	struct pk_value value = get(name, arg);

	if (value.state != PK_VALUE_KNOWN || value.text.len != strlen(expected) ||
	    memcmp(value.text.data, expected, value.text.len) != 0)
		fail_msg("%s[%s] is %d '%.*s', not '%s'", name, arg, value.state,
			 (int)value.text.len, value.text.len ? value.text.data : "", expected);
}

static void is_number(const char *name, int64_t expected)
{
	struct pk_value value = get(name, NULL);

	if (value.state != PK_VALUE_KNOWN || value.num.i != expected)
		fail_msg("%s is %d %lld, not %lld", name, value.state, (long long)value.num.i,
			 (long long)expected);
}

static void is_state(const char *name, enum pk_value_state expected)
{
	if (get(name, NULL).state != expected)
		fail_msg("%s is %d", name, get(name, NULL).state);
}

static void is_missing(const char *name)
{
	is_state(name, PK_VALUE_MISSING);
}

static void is_unknown(const char *name)
{
	is_state(name, PK_VALUE_UNKNOWN);
}

static void run(__u32 pid, __u32 ppid, const char *exe, const char *args, size_t len)
{
	sample_exec(&now.record, pid, ppid, exe, args, len);
	happen();
}
#define RUN(pid, ppid, exe, args) run(pid, ppid, exe, args, sizeof(args))

/* init, sshd, bash, ls */
static void run_family(void)
{
	sample_exec(&now.record, PID_INIT, 0, "/sbin/init", "/sbin/init", 11);
	now.record.u.event.parent_exec_id = 0;
	happen();
	RUN(PID_SSHD, PID_INIT, "/usr/sbin/sshd", "sshd: user");
	RUN(PID_BASH, PID_SSHD, "/bin/bash", "-bash\0--login");
	RUN(PID_LS, PID_BASH, "/bin/ls", "ls\0-l\0my file");
}

static void test_process(void **state)
{
	run_family();
	is_text("proc.name", "ls");
	is_text("proc.exe", "ls");
	is_text("proc.exepath", "/bin/ls");
	is_text("proc.args", "-l my file");
	is_text("proc.cmdline", "ls -l my file");
	is_text("proc.exeline", "ls -l my file");
	is_text_at("proc.args", "0", "-l");
	is_text_at("proc.args", "1", "my file");
	assert_int_equal(get("proc.args", "2").state, PK_VALUE_MISSING);
	is_number("proc.cmdnargs", 2);
	is_number("proc.cmdlenargs", 9);
	is_text("proc.cwd", "/home/user/");
	is_number("proc.pid", PID_LS);
	is_number("proc.ppid", PID_BASH);
	is_number("proc.vpid", PID_LS);
	is_number("proc.sid", PID_BASH);
	is_number("proc.tty", 136 << 20 | 2);
	is_number("user.uid", 1000);
	is_number("group.gid", 1000);
	is_number("user.loginuid", 1000);
	is_number("proc.is_sid_leader", 0);
	is_number("proc.is_pgid_leader", 1);
	is_text("proc.sname", "bash");
	is_text("proc.sid.exepath", "/bin/bash");
	is_number("thread.ismain", 1);
	is_number("proc.is_exe_from_memfd", 0);
	is_number("proc.exe_ino", 262145);
	is_missing("proc.script");
	is_text("evt.type", "execve");
	is_text("evt.arg.exe", "ls");
	is_text("evt.arg.filename", "/bin/ls");
}

static void test_ancestors(void **state)
{
	struct pk_value value;

	run_family();
	is_text("proc.pname", "bash");
	is_text("proc.pexe", "-bash");
	is_text("proc.pexepath", "/bin/bash");
	is_text("proc.pcmdline", "bash --login");
	is_text_at("proc.aname", "0", "ls");
	is_text_at("proc.aname", "1", "bash");
	is_text_at("proc.aname", "2", "sshd");
	is_text_at("proc.aname", "3", "init");
	assert_int_equal(get("proc.aname", "4").state, PK_VALUE_MISSING);
	is_text_at("proc.aexe", "2", "sshd: user");
	is_text_at("proc.aexepath", "3", "/sbin/init");
	is_text_at("proc.acmdline", "1", "bash --login");
	assert_int_equal(get("proc.apid", "2").num.i, PID_SSHD);
	assert_int_equal(get("proc.apid", "0").num.i, PID_LS);
	value = get("proc.aname", NULL);
	assert_int_equal(value.list_cnt, 3);
	assert_memory_equal(value.list[2].data, "init", 4);
	assert_false(value.partial);
	value = get("proc.apid", NULL);
	assert_int_equal(value.list_cnt, 3);
	assert_memory_equal(value.list[1].data, "300", 3);
}

static void test_unknown_ancestors(void **state)
{
	struct pk_value value;

	RUN(PID_BASH, PID_SSHD, "/bin/bash", "-bash");
	is_unknown("proc.pname");
	assert_int_equal(get("proc.aname", "2").state, PK_VALUE_UNKNOWN);
	is_unknown("proc.aname");
	RUN(PID_LS, PID_BASH, "/bin/ls", "ls");
	value = get("proc.aname", NULL);
	assert_int_equal(value.state, PK_VALUE_KNOWN);
	assert_int_equal(value.list_cnt, 1);
	assert_true(value.partial);
}

static void test_no_parent(void **state)
{
	sample_exec(&now.record, PID_INIT, 0, "/sbin/init", "/sbin/init", 11);
	now.record.u.event.parent_exec_id = 0;
	happen();
	is_missing("proc.pname");
	is_missing("proc.pexe");
	is_missing("proc.aname");
	is_missing("proc.pvpid");
	is_missing("proc.ppid.duration");
}

/* Nothing but the record is known. */
static void test_stranger(void **state)
{
	sample_file(&now.record, PK_EVENT_OPEN, 77, "/etc/passwd");
	now.record.u.event.exec_id = 0;
	happen();
	is_unknown("proc.name");
	is_unknown("proc.exe");
	is_unknown("proc.exepath");
	is_unknown("proc.args");
	is_unknown("proc.cmdline");
	is_unknown("proc.sid");
	is_unknown("thread.cap_effective");
	is_unknown("proc.duration");
	is_unknown("proc.pid.ts");
	is_unknown("proc.cwd");
	is_unknown("proc.script");
	is_unknown("proc.tag");
	is_number("proc.pid", 77);
	is_text("fd.name", "/etc/passwd");
	is_missing("fd.sip");
	is_missing("evt.arg.oldpath");
	is_unknown("container.id");
}

/* container.id in front of what a file is called. */
static void test_names_in_containers(void **state)
{
	struct pk_container web = { .state = PK_CONTAINER_RESOLVED,
				    .id = { "0123456789abcdef0123456789abcdef", 32 } };

	RUN(PID_BASH, PID_INIT, "/bin/bash", "bash");
	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/etc/passwd");
	happen();
	is_unknown("fd.containername");
	now.container = &web;
	happen();
	is_text("fd.containername", "0123456789ab:/etc/passwd");
	is_text("fd.containerdirectory", "0123456789ab:/etc");
	now.container = &pk_container_host;
	happen();
	is_text("fd.containername", "host:/etc/passwd");
	sample_init(&now.record, PK_EVENT_CONNECT, PID_BASH);
	happen();
	is_missing("fd.containerdirectory");
}

/* The name is the one at the exec, whatever a thread calls itself; a fork inherits it. */
static void test_name(void **state)
{
	RUN(PID_BASH, PID_INIT, "/bin/bash", "-bash");
	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/etc/passwd");
	memcpy(now.record.u.event.comm, "kworker\0", 8);
	happen();
	is_text("proc.name", "bash");
	is_text("proc.cmdline", "bash");
	sample_fork(&now.record, PID_BASH, PID_LS);
	memcpy(now.record.u.event.comm, "other\0\0", 7);
	happen();
	is_text("proc.name", "bash");
	is_text("evt.type", "clone");
	sample_file(&now.record, PK_EVENT_OPEN, PID_LS, "/etc/passwd");
	now.record.u.event.exec_id = now.record.u.event.exec_id;
	happen();
	is_text("proc.name", "bash");
}

static void test_cut_arguments(void **state)
{
	static char args[3000];
	struct pk_value value;

	memset(args, 'a', sizeof(args));
	args[1] = '\0';
	args[sizeof(args) - 1] = '\0';
	run(PID_BASH, PID_INIT, "/bin/bash", args, sizeof(args));
	value = get("proc.args", NULL);
	assert_int_equal(value.text.len, sizeof(args) - 3);
	assert_false(value.partial);
	/* the tree keeps a part */
	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/etc/passwd");
	happen();
	value = get("proc.args", NULL);
	assert_int_equal(value.state, PK_VALUE_KNOWN);
	assert_int_equal(value.text.len, PK_TREE_ARGS_MAX - 2);
	assert_true(value.partial);
	assert_false(value.cut_front);
	assert_true(get("proc.cmdline", NULL).partial);
	is_text("proc.exe", "a");
	is_unknown("proc.cmdnargs");
	assert_true(get("proc.args", "0").partial);
	assert_int_equal(get("proc.args", "1").state, PK_VALUE_UNKNOWN);
}

static void test_unreadable_arguments(void **state)
{
	sample_exec(&now.record, PID_BASH, PID_INIT, "/bin/bash", "", 0);
	now.record.u.exec.exec_flags |= PK_EXEC_ARGS_UNREADABLE;
	happen();
	is_unknown("proc.exe");
	is_unknown("proc.args");
	assert_true(get("proc.cmdline", NULL).partial);
	is_text("proc.cmdline", "bash");
	sample_exec(&now.record, PID_BASH, PID_INIT, "/bin/bash", "", 0);
	happen();
	is_text("proc.exe", "");
	is_text("proc.args", "");
	is_text("proc.cmdline", "bash");
}

static void test_caps(void **state)
{
	sample_exec(&now.record, PID_BASH, PID_INIT, "/bin/bash", "bash", 5);
	now.record.u.exec.cap_effective = 1ull << CAP_CHOWN | 1ull << CAP_BPF;
	now.record.u.exec.cap_permitted = 0;
	now.record.u.exec.login_uid = ~0u;
	now.record.u.exec.exec_flags |= PK_EXEC_MEMFD;
	happen();
	is_text("thread.cap_effective", "CAP_CHOWN CAP_BPF");
	is_text("evt.arg.cap_effective", "CAP_CHOWN|CAP_BPF");
	is_text("thread.cap_permitted", "");
	is_number("user.loginuid", -1);
	is_text("user.loginname", "<NA>");
	is_number("proc.is_exe_from_memfd", 1);
	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/etc/passwd");
	happen();
	is_text("thread.cap_effective", "CAP_CHOWN CAP_BPF");
	is_number("proc.is_exe_from_memfd", 1);
	is_missing("evt.arg.cap_effective");
}

static void test_script(void **state)
{
	sample_exec(&now.record, PID_BASH, PID_INIT, "/bin/bash", "/bin/bash\0./x.sh", 17);
	sample_path(&now.record, &now.record.u.exec.script, "/home/user/x.sh");
	happen();
	is_text("proc.script", "/home/user/x.sh");
	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/etc/passwd");
	happen();
	is_text("proc.script", "/home/user/x.sh");
	is_text("proc.exepath", "/bin/bash");
}

/* Its path was not found: not known, at the exec and later. */
static void test_script_without_path(void **state)
{
	sample_exec(&now.record, PID_BASH, PID_INIT, "/bin/bash", "/bin/bash\0./x.sh", 17);
	now.record.u.exec.exec_flags |= PK_EXEC_SCRIPT;
	happen();
	is_unknown("proc.script");
	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/etc/passwd");
	happen();
	is_unknown("proc.script");
}

static void test_users(void **state)
{
	const struct passwd *root = getpwuid(0);

	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/etc/passwd");
	now.record.u.event.euid = 0;
	now.record.u.event.egid = 4000000000u;
	happen();
	if (root) {
		is_text("user.name", root->pw_name);
		is_text("user.homedir", root->pw_dir);
		is_text("user.shell", root->pw_shell);
	}
	is_text("group.name", "<NA>");
	is_number("group.gid", 4000000000);
	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/etc/passwd");
	now.record.u.event.euid = 256 * 1000000; /* the same slot */
	happen();
	is_text("user.name", "<NA>");
}

static void test_open(void **state)
{
	struct pk_value value;

	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/etc/ssh/sshd_config");
	now.record.u.file.open_flags = O_RDWR | O_APPEND | O_SYNC | O_CLOEXEC;
	now.record.u.file.inode.mode = S_IFREG | 0644;
	happen();
	is_text("fd.name", "/etc/ssh/sshd_config");
	is_text("fd.directory", "/etc/ssh");
	is_text("fd.filename", "sshd_config");
	is_text("fs.path.name", "/etc/ssh/sshd_config");
	is_text("evt.arg.name", "/etc/ssh/sshd_config");
	is_text("evt.arg.flags", "O_RDWR|O_APPEND|O_SYNC|O_CLOEXEC");
	is_text("fd.type", "file");
	is_text("fd.typechar", "f");
	is_number("evt.is_open_read", 1);
	is_number("evt.is_open_write", 1);
	is_number("evt.is_open_create", 0);
	is_number("evt.is_open_exec", 0);
	is_missing("evt.arg.mode");
	is_text("evt.res", "SUCCESS");
	is_text("evt.dir", "<");
	is_number("evt.failed", 0);
	is_text("evt.category", "file");
	value = get("fd.num", NULL);
	assert_int_equal(value.state, PK_VALUE_UNKNOWN);
	assert_true(value.ranged);
	assert_int_equal(value.min, 0);
	value = get("evt.type", NULL);
	assert_int_equal(value.list_cnt, 5);
	is_text("evt.type", "openat");

	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/x");
	now.record.u.file.open_flags = O_WRONLY | O_CREAT;
	now.record.u.file.file_flags = PK_FILE_CREATED;
	now.record.u.file.mode = 0755;
	happen();
	is_number("evt.is_open_read", 0);
	is_number("evt.is_open_create", 1);
	is_number("evt.is_open_exec", 1);
	is_text("evt.arg.mode", "0755");
	is_text("fd.directory", "/");
	is_text("fd.filename", "x");
	is_text("evt.arg.flags", "O_WRONLY|O_CREAT");
}

static void test_parts_of_paths(void **state)
{
	struct pk_value value;

	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "lib/very/deep");
	now.record.u.file.path.flags = PK_PATH_TRUNCATED | PK_PATH_OUTSIDE;
	happen();
	value = get("fd.name", NULL);
	assert_true(value.partial && value.cut_front);
	assert_true(get("fd.directory", NULL).partial);
	assert_false(get("fd.filename", NULL).partial);
	is_text("fd.filename", "deep");
	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "");
	happen();
	is_unknown("fd.name");
	is_unknown("fd.filename");
}

static void test_other_files(void **state)
{
	sample_file(&now.record, PK_EVENT_RENAME, PID_BASH, "/a");
	sample_path(&now.record, &now.record.u.file.path2, "/b");
	now.record.u.file.open_flags = 1;
	happen();
	is_text("evt.arg.oldpath", "/a");
	is_text("evt.arg.newpath", "/b");
	is_text("fs.path.source", "/a");
	is_text("fs.path.target", "/b");
	is_text("evt.arg.flags", "RENAME_NOREPLACE");
	is_missing("fs.path.name");
	is_missing("evt.is_open_write");

	sample_file(&now.record, PK_EVENT_SYMLINK, PID_BASH, "/link");
	sample_str(&now.record, &now.record.u.file.target, "../etc/shadow");
	happen();
	is_text("evt.arg.target", "../etc/shadow");
	is_text("evt.arg.linkpath", "/link");
	is_text("fs.path.source", "../etc/shadow");
	is_text("fs.path.target", "/link");
	is_text("fd.typechar", "f");

	sample_file(&now.record, PK_EVENT_CHMOD, PID_BASH, "/a");
	now.record.u.file.mode = 04700;
	happen();
	is_text("evt.arg.mode", "S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID");
	is_text("evt.arg.filename", "/a");

	sample_file(&now.record, PK_EVENT_CHOWN, PID_BASH, "/a");
	now.record.u.file.inode.uid = 33;
	happen();
	is_text("evt.arg.uid", "www-data");
	is_text("evt.arg.path", "/a");

	sample_file(&now.record, PK_EVENT_MKDIR, PID_BASH, "/d");
	happen();
	is_text("fd.type", "directory");
	is_number("evt.rawres", 0);
}

static void connect_to(__u32 kind, __u32 family)
{
	struct pk_net_event *net = &now.record.u.net;

	sample_init(&now.record, kind, PID_BASH);
	net->family = family;
	net->sock_type = SOCK_STREAM;
	net->protocol = IPPROTO_TCP;
	net->remote_port = 443;
	net->net_flags = PK_NET_HAS_REMOTE;
	inet_pton((int)family, family == AF_INET ? "1.2.3.4" : "2001:db8::1", net->remote_addr);
}

static void test_connect(void **state)
{
	struct pk_value value;

	connect_to(PK_EVENT_CONNECT, AF_INET);
	happen();
	is_number("fd.sport", 443);
	is_number("fd.rport", 443);
	is_missing("fd.lport");
	is_missing("fd.cip");
	value = get("fd.sip", NULL);
	assert_int_equal(value.addr_cnt, 1);
	assert_memory_equal(value.addr[0], "\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4", 16);
	assert_int_equal(get("fd.ip", NULL).addr_cnt, 1);
	assert_int_equal(get("fd.port", NULL).list_cnt, 1);
	is_text("fd.name", "->1.2.3.4:443");
	assert_true(get("fd.name", NULL).cut_front);
	is_text("fd.type", "ipv4");
	is_text("fd.typechar", "4");
	is_text("fd.sockfamily", "ip");
	is_text("fd.l4proto", "tcp");
	is_number("fd.is_server", 0);
	is_missing("fd.directory");

	/* not chosen yet */
	connect_to(PK_EVENT_CONNECT, AF_INET);
	now.record.u.net.net_flags |= PK_NET_HAS_LOCAL;
	happen();
	is_missing("fd.lip");
	is_missing("fd.lport");
	assert_int_equal(get("fd.ip", NULL).addr_cnt, 1);
	now.record.u.net.local_port = 7;
	happen();
	is_missing("fd.cip");
	is_number("fd.cport", 7);

	connect_to(PK_EVENT_CONNECT, AF_INET6);
	now.record.u.net.net_flags |= PK_NET_HAS_LOCAL;
	now.record.u.net.local_port = 40000;
	now.record.u.net.protocol = 200;
	inet_pton(AF_INET6, "::1", now.record.u.net.local_addr);
	happen();
	is_text("fd.name", "::1:40000->2001:db8::1:443");
	is_number("fd.cport", 40000);
	assert_int_equal(get("fd.ip", NULL).addr_cnt, 2);
	assert_int_equal(get("fd.port", NULL).list_cnt, 2);
	is_text("fd.l4proto", "<NA>");
	is_text("fd.typechar", "6");
	is_text("evt.arg.tuple", "::1:40000->2001:db8::1:443");
}

static void test_server(void **state)
{
	connect_to(PK_EVENT_ACCEPT, AF_INET);
	now.record.u.net.net_flags |= PK_NET_HAS_LOCAL;
	now.record.u.net.local_port = 22;
	inet_pton(AF_INET, "10.0.0.1", now.record.u.net.local_addr);
	happen();
	is_text("fd.name", "1.2.3.4:443->10.0.0.1:22");
	is_number("fd.sport", 22);
	is_number("fd.cport", 443);
	is_number("fd.is_server", 1);

	connect_to(PK_EVENT_LISTEN, AF_INET);
	now.record.u.net.net_flags = PK_NET_HAS_LOCAL;
	now.record.u.net.local_port = 22;
	now.record.u.net.backlog = 128;
	happen();
	is_text("fd.name", "0.0.0.0:22");
	is_text("evt.arg.backlog", "128");
	is_missing("fd.cport");
	is_missing("fd.rip");
}

static void test_unix(void **state)
{
	sample_init(&now.record, PK_EVENT_CONNECT, PID_BASH);
	now.record.u.net.family = AF_UNIX;
	sample_str(&now.record, &now.record.u.net.sun_path, "docker.sock");
	sample_path(&now.record, &now.record.u.net.path, "/run/docker.sock");
	happen();
	is_text("fd.name", "/run/docker.sock");
	is_text("fd.type", "unix");
	is_text("fd.typechar", "u");
	is_missing("fd.sip");
	is_missing("fd.sport");
	sample_init(&now.record, PK_EVENT_CONNECT, PID_BASH);
	now.record.u.net.family = AF_UNIX;
	sample_str(&now.record, &now.record.u.net.sun_path, "abstract");
	happen();
	is_text("fd.name", "abstract");
	sample_init(&now.record, PK_EVENT_CONNECT, PID_BASH);
	now.record.u.net.family = AF_UNIX;
	happen();
	is_missing("fd.name");
}

static void test_time(void **state)
{
	RUN(PID_BASH, PID_INIT, "/bin/bash", "bash");
	memcpy(now.context.hostname, "web1", 4);
	now.context.hostname_bytes = 4;
	is_text("evt.hostname", "web1");
	is_text("evt.time", "14:00:00.123456789");
	is_text("evt.time.s", "14:00:00");
	is_text("evt.time.iso8601", "2026-11-23T14:00:00.123456789+0000");
	is_text("evt.datetime", "2026-11-23 14:00:00.123456789");
	is_text("evt.datetime.s", "2026-11-23 14:00:00");
	is_number("evt.rawtime", SAMPLE_REALTIME_NS);
	is_number("evt.rawtime.s", SAMPLE_REALTIME_NS / 1000000000);
	is_number("evt.rawtime.ns", 123456789);
	is_number("evt.reltime", 0);
	is_number("evt.num", 1);
	sample_file(&now.record, PK_EVENT_OPEN, 100, "/etc/passwd");
	now.record.u.event.time_ns += 1500000000;
	now.record.u.event.exec_id = sample_exec_id(100, SAMPLE_BOOTTIME_NS);
	happen();
	is_number("evt.reltime", 1500000000);
	is_number("evt.reltime.s", 1);
	is_number("evt.reltime.ns", 500000000);
	is_number("evt.num", 2);
	is_number("proc.duration", 1500000000);
	is_number("proc.pid.ts", SAMPLE_REALTIME_NS);
}

static void test_tags(void **state)
{
	static const char *const names[] = { "a", "b", "c" };
	struct pk_judgement judgement = { .generation = 1, .tags = 5, .container_tags = 0 };
	struct pk_value value;

	now.tags = names;
	now.tag_cnt = 3;
	sample_file(&now.record, PK_EVENT_OPEN, PID_BASH, "/etc/passwd");
	assert_int_equal(pk_record_add(&now.record, &now.record.u.event.judgement, &judgement,
				       sizeof(judgement)),
			 0);
	happen();
	value = get("proc.tag", NULL);
	assert_int_equal(value.list_cnt, 2);
	assert_memory_equal(value.list[1].data, "c", 1);
	is_missing("container.tag");
}

static void test_args(void **state)
{
	sample_file(&now.record, PK_EVENT_RENAME, PID_BASH, "/a");
	sample_path(&now.record, &now.record.u.file.path2, "/b");
	happen();
	is_text("evt.args", "oldpath=/a newpath=/b flags=");
	is_text("evt.info", "oldpath=/a newpath=/b flags=");
}

static int take(void *ctx, const void *record, size_t len)
{
	size_t cnt;
	const struct pk_field *fields = pk_fields_get(&cnt);
	const struct pk_event *event = record;

	memcpy(&now.record, record, len);
	now.record.len_bytes = len;
	if (event->kind == PK_EVENT_NONE || event->kind >= PK_EVENT_SENSOR_MAX) {
		pk_tree_update(now.tree, event);
		return 0;
	}
	happen();
	for (size_t i = 0; i < cnt; i++) {
		const char *arg = fields[i].arg == PK_ARG_INDEX ? "1" : NULL;
		bool has_it = fields[i].kinds & PK_FIELD_KIND(event->kind);
		struct pk_value value;

		assert_int_equal(pk_facts_get(now.ctx, &fields[i], arg, &value), 0);
		if (!has_it && value.state != PK_VALUE_MISSING)
			fail_msg("%s of %u", fields[i].name, event->kind);
		if (value.state == PK_VALUE_KNOWN && value.type == PK_FIELD_TEXT)
			assert_non_null(value.text.data);
	}
	return 0;
}

/* Every field of every kind of event. */
static void test_all(void **state)
{
	assert_int_equal(samples_emit(take, NULL), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_process),     TEST(test_ancestors),     TEST(test_unknown_ancestors),
		TEST(test_no_parent),   TEST(test_stranger),      TEST(test_names_in_containers),
		TEST(test_name),        TEST(test_cut_arguments), TEST(test_unreadable_arguments),
		TEST(test_caps),        TEST(test_script),        TEST(test_script_without_path),
		TEST(test_users),       TEST(test_open),          TEST(test_parts_of_paths),
		TEST(test_other_files), TEST(test_connect),       TEST(test_server),
		TEST(test_unix),        TEST(test_time),          TEST(test_tags),
		TEST(test_args),        TEST(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
