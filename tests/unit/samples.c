/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records to test with. Every function of the table below adds one record to the stream.
 */
#include "samples.h"

#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define MS 1000000ull
#define PID_INIT 1u
#define PID_SSHD 300u
#define PID_BASH 1200u
#define PID_LS 1201u
#define PID_BOX 1300u

__u64 sample_exec_id(__u32 pid, __u64 start_ns)
{
	return start_ns ^ (__u64)pid << 42;
}

/* Every sample process starts at its own time, none on a clock tick. */
static __u64 exec_id(__u32 pid)
{
	return pid ? sample_exec_id(pid, 10 * MS * pid + 1) : 0;
}

void sample_init(struct pk_record *record, __u32 kind, __u32 pid)
{
	struct pk_event *head = &record->u.event;

	pk_record_init(record, kind);
	head->hook = PK_HOOK_PROCESS_EXEC;
	head->time_ns = SAMPLE_BOOTTIME_NS;
	head->exec_id = exec_id(pid);
	head->parent_exec_id = exec_id(PID_INIT);
	head->cgroup_id = 4711;
	head->pid = pid;
	head->tid = pid;
	head->ppid = PID_INIT;
	head->ns_pid = pid;
	head->uid = 1000;
	head->gid = 1000;
	head->euid = 1000;
	head->egid = 1000;
	head->mnt_ns = SAMPLE_HOST_MNT_NS;
	memcpy(head->comm, "bash", 5);
}

void sample_str(struct pk_record *record, struct pk_str *str, const char *text)
{
	int err = pk_record_add(record, str, text, strlen(text));

	assert(!err);
	(void)err;
}

void sample_path(struct pk_record *record, struct pk_path *path, const char *name)
{
	sample_str(record, &path->name, name);
	path->flags = PK_PATH_HOST_NS;
}

static void sample_inode(struct pk_inode *inode, __u32 mode)
{
	*inode = (struct pk_inode){
		.ino = 262145, .dev = SAMPLE_DEV_ROOT, .mode = mode, .nlink = 1
	};
}

void sample_start(struct pk_record *record)
{
	struct pk_start_event *start = &record->u.start;

	pk_record_init(record, PK_EVENT_START);
	start->head.time_ns = SAMPLE_BOOTTIME_NS;
	start->realtime_ns = SAMPLE_REALTIME_NS;
	start->host_mnt_ns = SAMPLE_HOST_MNT_NS;
	start->wire_version = PK_WIRE_VERSION;
	start->backend = PK_BACKEND_LSM;
	sample_str(record, &start->hostname, "host");
	sample_str(record, &start->boot_id, "01234567-89ab-cdef-0123-456789abcdef");
	sample_str(record, &start->kernel, "6.1.0");
	sample_str(record, &start->version, "0.1.0");
}

void sample_mount(struct pk_record *record, __u32 dev, const char *root, const char *point,
		  __u32 flags)
{
	pk_record_init(record, PK_EVENT_MOUNT);
	record->u.event.time_ns = SAMPLE_BOOTTIME_NS;
	record->u.mount.dev = dev;
	record->u.mount.mount_flags = flags;
	sample_str(record, &record->u.mount.root, root);
	sample_str(record, &record->u.mount.point, point);
}

/* `args` of `args_bytes` with the NULs in it; PK_EVENT_PROC has the same body. */
static void fill_exec(struct pk_record *record, __u32 ppid, const char *exe, const char *args,
		      size_t args_bytes)
{
	struct pk_exec_event *exec = &record->u.exec;
	const char *name = strrchr(exe, '/');

	exec->head.ppid = ppid;
	exec->head.parent_exec_id = exec_id(ppid);
	memset(exec->head.comm, 0, PK_COMM_LEN);
	if (name)
		strncpy(exec->head.comm, name + 1, PK_COMM_LEN - 1);
	sample_path(record, &exec->exe, exe);
	sample_inode(&exec->exe_inode, S_IFREG | 0755);
	sample_str(record, &exec->filename, exe);
	sample_path(record, &exec->cwd, "/home/user");
	pk_record_add(record, &exec->args, args, args_bytes);
	exec->args_bytes = (__u32)args_bytes;
	exec->login_uid = 1000;
	exec->session_id = 3;
	exec->tty = 136u << 20 | 2u;
	exec->suid = exec->head.euid;
	exec->sgid = exec->head.egid;
	exec->fsuid = exec->head.euid;
	exec->fsgid = exec->head.egid;
	exec->sid = PID_BASH;
	exec->pgid = exec->head.pid;
	exec->pid_ns = 4026531836u;
	exec->net_ns = 4026531840u;
	exec->user_ns = 4026531837u;
	exec->cgroup_ns = 4026531835u;
}

void sample_exec(struct pk_record *record, __u32 pid, __u32 ppid, const char *exe, const char *args,
		 size_t args_bytes)
{
	sample_init(record, PK_EVENT_EXEC, pid);
	fill_exec(record, ppid, exe, args, args_bytes);
}

void sample_fork(struct pk_record *record, __u32 pid, __u32 child_pid)
{
	sample_init(record, PK_EVENT_FORK, pid);
	record->u.fork.child_exec_id = exec_id(child_pid);
	record->u.fork.child_parent_exec_id = exec_id(pid);
	record->u.fork.child_pid = child_pid;
	record->u.fork.child_ns_pid = child_pid;
	record->u.fork.child_ppid = pid;
}

void sample_exit(struct pk_record *record, __u32 pid, __u32 status)
{
	sample_init(record, PK_EVENT_EXIT, pid);
	record->u.exit.status = status;
	record->u.exit.user_ns = 2 * MS;
	record->u.exit.system_ns = MS;
	record->u.exit.cpu_ns = 3 * MS + 17;
	record->u.exit.max_rss_kib = 3344;
	record->u.exit.minor_faults = 120;
	record->u.exit.major_faults = 1;
}

void sample_file(struct pk_record *record, __u32 kind, __u32 pid, const char *name)
{
	sample_init(record, kind, pid);
	sample_path(record, &record->u.file.path, name);
	sample_inode(&record->u.file.inode, S_IFREG | 0644);
	record->u.file.mode = 0600;
}

/* ---- the stream ---- */

static void proc_init(struct pk_record *record)
{
	sample_init(record, PK_EVENT_PROC, PID_INIT);
	record->u.event.parent_exec_id = 0;
	fill_exec(record, 0, "/usr/lib/systemd/systemd", "/sbin/init", 11);
	record->u.event.exec_id = sample_exec_id(PID_INIT, 10 * MS); /* as /proc tells it */
}

static void proc_sshd(struct pk_record *record)
{
	sample_init(record, PK_EVENT_PROC, PID_SSHD);
	fill_exec(record, PID_INIT, "/usr/sbin/sshd", "sshd: user", 11);
}

static void mount_root(struct pk_record *record)
{
	sample_mount(record, SAMPLE_DEV_ROOT, "/", "/", PK_MOUNT_FIRST);
}

static void mount_box(struct pk_record *record)
{
	sample_mount(record, SAMPLE_DEV_BOX, "/", "/var/lib/boxes/1/merged", 0);
}

static void fork_bash(struct pk_record *record)
{
	sample_fork(record, PID_SSHD, PID_BASH);
	memcpy(record->u.event.comm, "sshd", 5);
}

static void exec_bash(struct pk_record *record)
{
	sample_exec(record, PID_BASH, PID_SSHD, "/usr/bin/bash", "-bash", 6);
}

static void fork_ls(struct pk_record *record)
{
	sample_fork(record, PID_BASH, PID_LS);
	record->u.event.ppid = PID_SSHD;
	record->u.event.parent_exec_id = exec_id(PID_SSHD);
}

static void fork_clone_parent(struct pk_record *record)
{
	sample_fork(record, PID_LS, PID_LS + 1);
	record->u.fork.child_ppid = PID_BASH;
	record->u.fork.child_parent_exec_id = exec_id(PID_BASH);
	record->u.fork.child_ns_pid = 7;
}

static void exec_ls(struct pk_record *record)
{
	sample_exec(record, PID_LS, PID_BASH, "/usr/bin/ls", "ls\0-la\0/tmp", 12);
}

static void exec_everything(struct pk_record *record)
{
	struct pk_exec_event *exec = &record->u.exec;

	sample_exec(record, PID_LS, PID_BASH, "/usr/bin/python3", "./x.py\0a b\0\0it's\0\xff\x01\0",
		    20);
	exec->head.tid = PID_LS + 5;
	exec->head.euid = 0;
	exec->head.egid = 0;
	exec->head.flags = PK_FLAG_COMPAT | PK_FLAG_IO_URING | PK_FLAG_FACTS_LOST;
	exec->exec_flags = PK_EXEC_ARGS_TRUNCATED | PK_EXEC_SCRIPT | PK_EXEC_SECURE;
	exec->args_bytes = 9000;
	exec->cap_permitted = 0x1ffffffffffull;
	exec->cap_effective = 0x400;
	exec->cap_inheritable = 1;
	exec->login_uid = ~0u;
	exec->session_id = ~0u;
	exec->suid = 5;
	exec->sgid = 6;
	exec->fsuid = 7;
	exec->fsgid = 8;
	sample_path(record, &exec->script, "/jail/home/user/x.py");
	exec->script.root_off = 5;
	exec->script.flags |= PK_PATH_DELETED;
	exec->cwd.flags |= PK_PATH_DELETED | PK_PATH_OUTSIDE;
	exec->exe.flags |= PK_PATH_TRUNCATED;
	exec->script_ino = 99;
	exec->script_dev = SAMPLE_DEV_ROOT;
}

static void exec_memfd(struct pk_record *record)
{
	struct pk_exec_event *exec = &record->u.exec;

	sample_exec(record, PID_LS, PID_BASH, "/memfd:x", "", 0);
	exec->exe.flags = PK_PATH_PSEUDO | PK_PATH_UNREADABLE;
	exec->exec_flags = PK_EXEC_MEMFD | PK_EXEC_DELETED | PK_EXEC_ARGS_UNREADABLE;
	exec->cwd.name.len = 0;
}

/* No real path has all the marks at once. */
#define ALL_MARKS                                                                 \
	(PK_PATH_TRUNCATED | PK_PATH_OUTSIDE | PK_PATH_PSEUDO | PK_PATH_DELETED | \
	 PK_PATH_ARGUMENT | PK_PATH_UNREADABLE)

static void exec_marked(struct pk_record *record)
{
	struct pk_exec_event *exec = &record->u.exec;

	sample_exec(record, PID_LS, PID_BASH, "/bin/sh", "x", 1);
	sample_path(record, &exec->script, "/x");
	exec->exe.flags = exec->script.flags = exec->cwd.flags = ALL_MARKS;
}

static void exec_box(struct pk_record *record)
{
	struct pk_exec_event *exec = &record->u.exec;

	sample_exec(record, PID_BOX, PID_INIT, "/bin/app", "app", 4);
	exec->head.mnt_ns = SAMPLE_BOX_MNT_NS;
	exec->head.cgroup_id = SAMPLE_BOX_CGROUP;
	exec->head.ns_pid = 1;
	exec->exe.flags = 0;
	exec->cwd.flags = 0;
	exec->exe_inode.dev = SAMPLE_DEV_BOX;
	exec->tty = 0;
}

static void open_box(struct pk_record *record)
{
	sample_file(record, PK_EVENT_OPEN, PID_BOX, "/etc/passwd");
	record->u.event.mnt_ns = SAMPLE_BOX_MNT_NS;
	record->u.event.cgroup_id = SAMPLE_BOX_CGROUP;
	record->u.event.ns_pid = 1;
	record->u.file.path.flags = 0;
	record->u.file.inode.dev = SAMPLE_DEV_BOX;
}

static void open_create(struct pk_record *record)
{
	sample_file(record, PK_EVENT_OPEN, PID_BASH, "/tmp/new \"file\"\n\x1b[31m\\\xc3\xa9");
	record->u.file.file_flags = PK_FILE_CREATED | PK_FILE_TMPFILE;
	record->u.file.open_flags = O_RDWR | O_CREAT | O_EXCL | O_TRUNC | O_SYNC | O_CLOEXEC;
}

static void open_unknown(struct pk_record *record)
{
	sample_init(record, PK_EVENT_OPEN, 9999);
	record->u.event.exec_id = 0;
	record->u.event.ppid = 0;
	record->u.event.cgroup_id = 0;
	record->u.file.path.flags = PK_PATH_UNREADABLE;
	record->u.file.open_flags = ~0u;
}

static void rename_file(struct pk_record *record)
{
	sample_file(record, PK_EVENT_RENAME, PID_BASH, "/tmp/a");
	sample_path(record, &record->u.file.path2, "/tmp/b");
	record->u.file.open_flags = RENAME_NOREPLACE;
}

static void rename_marked(struct pk_record *record)
{
	struct pk_file_event *file = &record->u.file;

	sample_file(record, PK_EVENT_RENAME, PID_BOX, "/x/a");
	sample_path(record, &file->path2, "/x/b");
	file->inode.dev = SAMPLE_DEV_BOX;
	file->path.flags = PK_PATH_ARGUMENT;
	file->path2.flags = PK_PATH_OUTSIDE | PK_PATH_DELETED | PK_PATH_TRUNCATED;
}

static void rename_box(struct pk_record *record)
{
	struct pk_file_event *file = &record->u.file;

	sample_file(record, PK_EVENT_RENAME, PID_BOX, "/x/a");
	sample_path(record, &file->path2, "/x/b");
	file->inode.dev = SAMPLE_DEV_BOX;
	file->path.flags = 0;
	file->path2.flags = 0;
}

static void rename_all_marked(struct pk_record *record)
{
	rename_file(record);
	record->u.file.path.flags = record->u.file.path2.flags = ALL_MARKS;
}

static void unlink_file(struct pk_record *record)
{
	sample_file(record, PK_EVENT_UNLINK, PID_BASH, "/tmp/b");
}

static void link_file(struct pk_record *record)
{
	sample_file(record, PK_EVENT_LINK, PID_BASH, "/tmp/b");
	sample_path(record, &record->u.file.path2, "/tmp/c");
}

static void symlink_file(struct pk_record *record)
{
	sample_file(record, PK_EVENT_SYMLINK, PID_BASH, "/tmp/s");
	sample_str(record, &record->u.file.target, "../etc/passwd");
	sample_inode(&record->u.file.inode, S_IFLNK | 0777);
}

static void mkdir_file(struct pk_record *record)
{
	sample_file(record, PK_EVENT_MKDIR, PID_BASH, "/tmp/d");
	sample_inode(&record->u.file.inode, S_IFDIR | 0700);
}

static void rmdir_file(struct pk_record *record)
{
	sample_file(record, PK_EVENT_RMDIR, PID_BASH, "/tmp/d");
	record->u.file.path.flags |= PK_PATH_DELETED;
}

static void mknod_file(struct pk_record *record)
{
	sample_file(record, PK_EVENT_MKNOD, PID_BASH, "/tmp/null");
	sample_inode(&record->u.file.inode, S_IFCHR | 0666);
	record->u.file.inode.rdev = 1u << 20 | 3u;
}

static void chmod_file(struct pk_record *record)
{
	sample_file(record, PK_EVENT_CHMOD, PID_BASH, "/tmp/b");
	record->u.file.mode = 04755;
}

static void chown_file(struct pk_record *record)
{
	sample_file(record, PK_EVENT_CHOWN, PID_BASH, "/tmp/b");
	record->u.file.inode.uid = 1000;
	record->u.file.old_gid = 50;
}

static void truncate_file(struct pk_record *record)
{
	sample_file(record, PK_EVENT_TRUNCATE, PID_BASH, "/tmp/b");
	record->u.file.size_bytes = 4096;
}

static void net_init(struct pk_record *record, __u32 kind, __u32 family, __u32 type, __u32 protocol)
{
	struct pk_net_event *net = &record->u.net;

	sample_init(record, kind, PID_BASH);
	net->family = family;
	net->sock_type = type;
	net->protocol = protocol;
	net->net_ns = 4026531840u;
	net->sock_ino = 5555;
}

static void connect_ipv4(struct pk_record *record)
{
	struct pk_net_event *net = &record->u.net;

	net_init(record, PK_EVENT_CONNECT, AF_INET, SOCK_STREAM, IPPROTO_TCP);
	net->net_flags = PK_NET_HAS_LOCAL | PK_NET_HAS_REMOTE;
	inet_pton(AF_INET, "10.0.0.7", net->local_addr);
	inet_pton(AF_INET, "192.0.2.255", net->remote_addr);
	net->local_port = 40000;
	net->remote_port = 443;
}

static void connect_unix(struct pk_record *record)
{
	net_init(record, PK_EVENT_CONNECT, AF_UNIX, SOCK_STREAM, 0);
	sample_str(record, &record->u.net.sun_path, "../run/app.sock");
	sample_path(record, &record->u.net.path, "/run/app.sock");
}

static void connect_abstract(struct pk_record *record)
{
	struct pk_net_event *net = &record->u.net;

	net_init(record, PK_EVENT_CONNECT, AF_UNIX, SOCK_SEQPACKET, 0);
	net->net_flags = PK_NET_ABSTRACT;
	pk_record_add(record, &net->sun_path, "name\0with", 9);
}

static void connect_unresolved(struct pk_record *record)
{
	net_init(record, PK_EVENT_CONNECT, AF_UNIX, SOCK_STREAM, 0);
	sample_str(record, &record->u.net.sun_path, "./sock");
}

static void connect_jailed(struct pk_record *record)
{
	net_init(record, PK_EVENT_CONNECT, AF_UNIX, SOCK_STREAM, 0);
	sample_path(record, &record->u.net.path, "/jail/run/app.sock");
	record->u.net.path.root_off = 5;
}

static void connect_marked(struct pk_record *record)
{
	connect_unix(record);
	record->u.net.path.flags = ALL_MARKS;
}

static void bind_ipv6(struct pk_record *record)
{
	struct pk_net_event *net = &record->u.net;

	net_init(record, PK_EVENT_BIND, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	net->net_flags = PK_NET_HAS_LOCAL;
	inet_pton(AF_INET6, "2001:db8::1:0:0:1", net->local_addr);
	net->local_port = 53;
}

static void bind_unnamed(struct pk_record *record)
{
	net_init(record, PK_EVENT_BIND, AF_UNIX, SOCK_DGRAM, 0);
	record->u.net.net_flags = PK_NET_UNNAMED;
}

static void bind_netlink(struct pk_record *record)
{
	net_init(record, PK_EVENT_BIND, AF_NETLINK, SOCK_RAW, 15);
}

static void bind_odd(struct pk_record *record)
{
	net_init(record, PK_EVENT_BIND, 250, 77, 0);
}

static void listen_any(struct pk_record *record)
{
	struct pk_net_event *net = &record->u.net;

	net_init(record, PK_EVENT_LISTEN, AF_INET6, SOCK_STREAM, IPPROTO_TCP);
	net->net_flags = PK_NET_HAS_LOCAL;
	net->local_port = 8080;
	net->backlog = -1;
}

static void accept_mapped(struct pk_record *record)
{
	struct pk_net_event *net = &record->u.net;

	net_init(record, PK_EVENT_ACCEPT, AF_INET6, SOCK_STREAM, IPPROTO_TCP);
	net->net_flags = PK_NET_HAS_LOCAL | PK_NET_HAS_REMOTE;
	inet_pton(AF_INET6, "::1", net->local_addr);
	inet_pton(AF_INET6, "::ffff:192.0.2.1", net->remote_addr);
}

static void send_odd_protocol(struct pk_record *record)
{
	struct pk_net_event *net = &record->u.net;

	net_init(record, PK_EVENT_SEND, AF_INET, SOCK_RAW, 89);
	net->net_flags = PK_NET_HAS_REMOTE;
	inet_pton(AF_INET, "224.0.0.5", net->remote_addr);
}

static void dup_connected(struct pk_record *record)
{
	struct pk_net_event *net = &record->u.net;

	net_init(record, PK_EVENT_DUP, AF_INET, SOCK_STREAM, IPPROTO_TCP);
	net->net_flags = PK_NET_HAS_LOCAL | PK_NET_HAS_REMOTE;
	inet_pton(AF_INET, "192.0.2.7", net->local_addr);
	inet_pton(AF_INET, "203.0.113.9", net->remote_addr);
	net->local_port = 40000;
	net->remote_port = 443;
	net->new_fd = 1;
}

static void exit_code(struct pk_record *record)
{
	sample_exit(record, PID_LS, 2u << 8);
}

static void exit_signal(struct pk_record *record)
{
	sample_exit(record, PID_BOX, 11 | 0x80);
}

static void exit_odd_signal(struct pk_record *record)
{
	sample_exit(record, PID_BASH, 50);
}

static void clock_set(struct pk_record *record)
{
	sample_start(record);
	record->u.start.start_flags = PK_START_CLOCK;
	record->u.start.backend = PK_BACKEND_TRACEPOINT;
	record->u.start.realtime_ns += 3600 * 1000 * MS;
}

static void lost(struct pk_record *record)
{
	pk_record_init(record, PK_EVENT_LOST);
	record->u.event.time_ns = SAMPLE_BOOTTIME_NS;
	record->u.lost.cnt = 12;
	record->u.lost.total_cnt = 345;
	record->u.lost.lost_hook = PK_HOOK_FILE_OPEN;
	record->u.lost.reason = PK_LOSS_RING;
}

static void stop(struct pk_record *record)
{
	pk_record_init(record, PK_EVENT_STOP);
	record->u.event.time_ns = SAMPLE_BOOTTIME_NS;
	record->u.stop.produced_cnt = 100;
	record->u.stop.delivered_cnt = 88;
	record->u.stop.lost_cnt = 12;
	record->u.stop.facts_lost_cnt = 3;
}

static void repeats(struct pk_record *record)
{
	pk_record_init(record, PK_EVENT_REPEATS);
	record->u.event.time_ns = SAMPLE_BOOTTIME_NS;
	record->u.event.exec_id = sample_exec_id(PID_BASH, 40 * MS);
	record->u.event.pid = PID_BASH;
	record->u.event.verdict = PK_VERDICT_DENIED;
	record->u.repeats.cnt = 17;
	record->u.repeats.rule_idx = 2;
	record->u.repeats.generation = 1;
	sample_str(record, &record->u.repeats.rule, "No \"secrets\"");
}

static void repeats_unnamed(struct pk_record *record)
{
	pk_record_init(record, PK_EVENT_REPEATS);
	record->u.event.time_ns = SAMPLE_BOOTTIME_NS;
	record->u.repeats.cnt = 1;
}

const struct pk_container sample_box = {
	.state = PK_CONTAINER_RESOLVED,
	.runtime = PK_RUNTIME_PODMAN,
	.known = 0xfff,
	.flags = PK_CONTAINER_IS_PRIVILEGED,
	.outer_id = { "outer", 5 },
	.start_ns = SAMPLE_REALTIME_NS - 60000 * MS,
	.id = { "8a1f30c7b2d94e65a0c1d2e3f405162738495a6b7c8d9e0f1a2b3c4d5e6f7081", 64 },
	.name = { "web\n1", 5 },
	.image = { "docker.io/library/nginx:1.25", 28 },
	.repository = { "docker.io/library/nginx", 23 },
	.tag = { "1.25", 4 },
	.ip = { "10.88.0.7", 9 },
	.labels = { "app\0web\0", 8 },
	.mounts = { "/srv\0/data\0\0ro\0rprivate\0", 25 },
	.pod_uid = { "4c1f0a52-0d3c-4d6e-9f57-2b8d1d3f7a10", 36 },
	.pod_name = { "web-7d9c5-x2x", 13 },
	.pod_namespace = { "shop", 4 },
	.sandbox_id = { "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0", 64 },
	.pod_ip = { "10.88.0.7", 9 },
	.pod_node = { "node-1", 6 },
	.pod_labels = { "app\0web\0", 8 },
	.pod_owner_kind = { "ReplicaSet", 10 },
	.pod_owner_name = { "web-7d9c5", 9 },
	.pod_deployment = { "web", 3 },
};

static void container_host(struct pk_record *record)
{
	pk_container_to_record(&pk_container_host, 4711, (struct pk_text){ "/user.slice", 11 },
			       record);
	record->u.event.time_ns = SAMPLE_BOOTTIME_NS;
}

static void container_box(struct pk_record *record)
{
	static const char path[] = "/machine.slice/libpod-box.scope";

	pk_container_to_record(&sample_box, SAMPLE_BOX_CGROUP,
			       (struct pk_text){ path, sizeof(path) - 1 }, record);
	record->u.event.time_ns = SAMPLE_BOOTTIME_NS;
}

/* The runtime, on its way into the container. */
static void open_helper(struct pk_record *record)
{
	sample_file(record, PK_EVENT_OPEN, PID_BASH, "/etc/hosts");
	record->u.event.cgroup_id = SAMPLE_BOX_CGROUP;
}

/* Before the processes end that do it. */
static int emit_system(pk_emit_fn *emit, void *ctx, struct pk_record *record, size_t step)
{
	int err = 0;

	for (__u32 kind = PK_EVENT_DO_MOUNT; kind < PK_EVENT_SENSOR_MAX && !err; kind++) {
		if (kind == PK_EVENT_DUP)
			continue; /* of another shape: dup_connected() */
		for (__u32 which = 0; which < SAMPLE_SYSTEM_CNT && !err; which++) {
			sample_system(record, kind, which);
			record->u.event.time_ns += step * MS;
			err = emit(ctx, &record->u, pk_record_finish(record));
		}
	}
	return err;
}

int samples_emit(pk_emit_fn *emit, void *ctx)
{
	static void (*const makers[])(struct pk_record * record) = {
		sample_start,
		mount_root,
		mount_box,
		container_host,
		container_box,
		proc_init,
		proc_sshd,
		fork_bash,
		exec_bash,
		fork_ls,
		exec_ls,
		fork_clone_parent,
		exec_everything,
		exec_memfd,
		exec_marked,
		rename_all_marked,
		connect_jailed,
		connect_marked,
		exec_box,
		open_box,
		open_create,
		open_unknown,
		rename_file,
		rename_marked,
		rename_box,
		unlink_file,
		link_file,
		symlink_file,
		mkdir_file,
		rmdir_file,
		mknod_file,
		chmod_file,
		chown_file,
		truncate_file,
		connect_ipv4,
		connect_unix,
		connect_abstract,
		connect_unresolved,
		bind_ipv6,
		bind_unnamed,
		bind_netlink,
		bind_odd,
		listen_any,
		accept_mapped,
		send_odd_protocol,
		dup_connected,
		exit_code,
		exit_signal,
		exit_odd_signal,
		clock_set,
		lost,
		repeats,
		repeats_unnamed,
		open_helper,
		stop,
	};
	pk_cleanup(pk_free_p) struct pk_record *record = malloc(sizeof(*record));
	int err = 0;

	assert(record);
	for (size_t i = 0; i < PK_ARRAY_SIZE(makers) && !err; i++) {
		if (makers[i] == exit_code)
			err = emit_system(emit, ctx, record, i);
		if (err)
			break;
		makers[i](record);
		record->u.event.time_ns += i * MS;
		if (record->u.event.kind == PK_EVENT_START)
			record->u.start.realtime_ns += i * MS;
		err = emit(ctx, &record->u, pk_record_finish(record));
	}
	return err;
}
