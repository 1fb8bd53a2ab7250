/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speed of everything in user space behind the ring buffer: records in memory to JSON bytes, on
 * one core. In: nothing. Out: one JSON line a measurement, bytes written go to /dev/null.
 *
 * "exec": execs with five arguments of 20,000 processes. "mix": a process is forked, executes,
 * opens eight files, renames one, connects, and exits.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "sinks/json.h"
#include "stream/stream.h"

#define PROCS_CNT 20000u
#define ROUNDS_CNT 20u
#define FIRST_PID 1000u
#define DEV (8u << 20 | 1u)

static __u64 exec_id(__u32 pid)
{
	return (1000000007ull * pid) ^ (__u64)pid << 42;
}

static void head(struct pk_record *record, __u32 kind, __u32 pid, const char *comm)
{
	struct pk_event *event = &record->u.event;

	pk_record_init(record, kind);
	event->time_ns = 3600000000000ull + 1000ull * pid;
	event->exec_id = exec_id(pid);
	event->parent_exec_id = exec_id(FIRST_PID - 1);
	event->cgroup_id = 12345;
	event->pid = event->tid = event->ns_pid = pid;
	event->ppid = FIRST_PID - 1;
	event->uid = event->gid = event->euid = event->egid = 1000;
	event->mnt_ns = 1;
	snprintf(event->comm, PK_COMM_LEN, "%s", comm);
}

static void path(struct pk_record *record, struct pk_path *ret_path, const char *name)
{
	pk_record_add(record, &ret_path->name, name, strlen(name));
	ret_path->flags = PK_PATH_HOST_NS;
}

static void finish(struct pk_record *record, struct pk_buf *out)
{
	size_t len = pk_record_finish(record);

	if (pk_buf_add(out, &record->u, len) < 0)
		abort();
}

static void start(struct pk_record *record, struct pk_buf *out)
{
	pk_record_init(record, PK_EVENT_START);
	record->u.start.realtime_ns = 1795442400000000000ull;
	record->u.start.host_mnt_ns = 1;
	finish(record, out);
	head(record, PK_EVENT_EXEC, FIRST_PID - 1, "make");
	path(record, &record->u.exec.exe, "/usr/bin/make");
	finish(record, out);
}

static void exec(struct pk_record *record, __u32 pid, struct pk_buf *out)
{
	static const char args[] = "gcc\0-O2\0-c\0src/stream/record.c\0-o\0build/record.o";
	struct pk_exec_event *event = &record->u.exec;

	head(record, PK_EVENT_EXEC, pid, "gcc");
	path(record, &event->exe, "/usr/bin/x86_64-linux-gnu-gcc-12");
	path(record, &event->cwd, "/home/user/src/picket");
	pk_record_add(record, &event->filename, "/usr/bin/gcc", 12);
	pk_record_add(record, &event->args, args, sizeof(args));
	event->args_bytes = sizeof(args);
	event->exe_inode = (struct pk_inode){ 1835023, DEV, S_IFREG | 0755, 0, 0, 1, 0 };
	event->login_uid = 1000;
	event->session_id = 2;
	event->suid = event->sgid = event->fsuid = event->fsgid = 1000;
	event->tty = 136u << 20 | 4u;
	event->sid = event->pgid = pid;
	finish(record, out);
}

static void file(struct pk_record *record, __u32 kind, __u32 pid, const char *name,
		 struct pk_buf *out)
{
	struct pk_file_event *event = &record->u.file;

	head(record, kind, pid, "gcc");
	path(record, &event->path, name);
	if (kind == PK_EVENT_RENAME)
		path(record, &event->path2, "/home/user/src/picket/build/record.o");
	event->inode = (struct pk_inode){ 1835100, DEV, S_IFREG | 0644, 1000, 1000, 1, 0 };
	event->open_flags = kind == PK_EVENT_OPEN ? O_RDONLY | O_CLOEXEC : 0;
	finish(record, out);
}

static void mix(struct pk_record *record, __u32 pid, struct pk_buf *out)
{
	head(record, PK_EVENT_FORK, FIRST_PID - 1, "make");
	record->u.fork.child_exec_id = exec_id(pid);
	record->u.fork.child_parent_exec_id = exec_id(FIRST_PID - 1);
	record->u.fork.child_pid = record->u.fork.child_ns_pid = pid;
	record->u.fork.child_ppid = FIRST_PID - 1;
	finish(record, out);
	exec(record, pid, out);
	for (int i = 0; i < 8; i++)
		file(record, PK_EVENT_OPEN, pid, "/usr/include/x86_64-linux-gnu/bits/types.h", out);
	file(record, PK_EVENT_RENAME, pid, "/home/user/src/picket/build/record.o.tmp", out);
	head(record, PK_EVENT_CONNECT, pid, "gcc");
	record->u.net.family = AF_INET;
	record->u.net.sock_type = SOCK_STREAM;
	record->u.net.protocol = IPPROTO_TCP;
	record->u.net.net_flags = PK_NET_HAS_REMOTE;
	record->u.net.remote_port = 443;
	inet_pton(AF_INET, "192.0.2.10", record->u.net.remote_addr);
	finish(record, out);
	head(record, PK_EVENT_EXIT, pid, "gcc");
	finish(record, out);
}

/* A sink around the JSON sink that counts bytes. */
struct counting_sink {
	struct pk_sink sink;
	struct pk_json json;
	struct pk_buf out;
	__u64 bytes;
	int fd;
};

static int count_flush(struct pk_sink *sink)
{
	struct counting_sink *self = (struct counting_sink *)sink;

	self->bytes += self->out.len_bytes;
	return pk_buf_write(&self->out, self->fd);
}

static int count_event(struct pk_sink *sink, const struct pk_view *view)
{
	struct counting_sink *self = (struct counting_sink *)sink;
	int err = pk_json_render(&self->json, view, &self->out);

	return err || self->out.len_bytes < 65536 ? err : count_flush(sink);
}

/* Of this process: what others do on the core does not count. */
static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static __u64 feed_all(struct pk_stream *stream, const struct pk_buf *records)
{
	__u64 cnt = 0;

	for (size_t off = 0; off < records->len_bytes; cnt++) {
		const struct pk_event *event = (const struct pk_event *)(records->data + off);

		if (pk_stream_feed(stream, event, event->size_bytes) < 0)
			abort();
		off += event->size_bytes;
	}
	return cnt;
}

static void measure(const char *name, const struct pk_buf *records)
{
	static const struct pk_sink_ops ops = { .event = count_event, .flush = count_flush };
	struct counting_sink sink = { .sink.ops = &ops, .fd = open("/dev/null", O_WRONLY) };
	struct pk_stream_options options = { .kinds = PK_KINDS_SENSOR, .sink = &sink.sink };
	pk_cleanup(pk_stream_free_p) struct pk_stream *stream = NULL;
	double begin, elapsed;
	__u64 cnt = 0;

	pk_json_init(&sink.json);
	if (pk_stream_new(&options, &stream) < 0)
		abort();
	feed_all(stream, records);
	count_flush(&sink.sink);
	sink.bytes = 0;
	begin = cpu_seconds();
	for (__u32 i = 0; i < ROUNDS_CNT; i++)
		cnt += feed_all(stream, records);
	pk_stream_flush(stream);
	elapsed = cpu_seconds() - begin;
	printf("{\"bench\":\"pipe\",\"records\":\"%s\",\"events\":%llu,\"events_per_second\":%.0f,"
	       "\"ns_per_event\":%.1f,\"bytes_per_event\":%.1f}\n",
	       name, (unsigned long long)cnt, (double)cnt / elapsed, elapsed * 1e9 / (double)cnt,
	       (double)sink.bytes / (double)cnt);
	pk_json_fini(&sink.json);
	pk_buf_fini(&sink.out);
	close(sink.fd);
}

int main(void)
{
	pk_cleanup(pk_free_p) struct pk_record *record = malloc(sizeof(*record));
	pk_buf_cleanup struct pk_buf execs = PK_BUF_INIT;
	pk_buf_cleanup struct pk_buf mixed = PK_BUF_INIT;

	if (!record)
		return EXIT_FAILURE;
	start(record, &execs);
	start(record, &mixed);
	for (__u32 i = 0; i < PROCS_CNT; i++) {
		exec(record, FIRST_PID + i, &execs);
		if (i < PROCS_CNT / 4)
			mix(record, FIRST_PID + i, &mixed);
	}
	measure("exec", &execs);
	measure("mix", &mixed);
	return EXIT_SUCCESS;
}
