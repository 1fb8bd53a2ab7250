// SPDX-License-Identifier: Apache-2.0
/*
 * Fields of the event itself. Events are operations that were done, so results are constants: the
 * fields that ask for them are answered without looking at anything.
 */
#include <stdint.h>

#include "base/cleanup.h"
#include "plan/field_table.h"

#define NAME(name)         \
	{                  \
		name, 0, 0 \
	}
#define CALLS(kind, ...) S_KIND(kind, ((const struct pk_symbol[]){ __VA_ARGS__, { NULL, 0, 0 } }))
/* The first name is the usual one: it stands in output. */
#define CALLS_OF_OPERATIONS                                                                        \
	CALLS(EXEC, NAME("execve"), NAME("execveat")),                                             \
		CALLS(FORK, NAME("clone"), NAME("clone3"), NAME("fork"), NAME("vfork")),           \
		CALLS(OPEN, NAME("openat"), NAME("open"), NAME("openat2"), NAME("creat"),          \
		      NAME("open_by_handle_at")),                                                  \
		CALLS(RENAME, NAME("rename"), NAME("renameat"), NAME("renameat2")),                \
		CALLS(UNLINK, NAME("unlink"), NAME("unlinkat")),                                   \
		CALLS(LINK, NAME("link"), NAME("linkat")),                                         \
		CALLS(SYMLINK, NAME("symlink"), NAME("symlinkat")),                                \
		CALLS(MKDIR, NAME("mkdir"), NAME("mkdirat")),                                      \
		CALLS(RMDIR, NAME("rmdir"), NAME("unlinkat")),                                     \
		CALLS(MKNOD, NAME("mknod"), NAME("mknodat")),                                      \
		CALLS(CHMOD, NAME("chmod"), NAME("fchmod"), NAME("fchmodat"), NAME("fchmodat2")),  \
		CALLS(CHOWN, NAME("chown"), NAME("lchown"), NAME("fchown"), NAME("fchownat")),     \
		CALLS(TRUNCATE, NAME("truncate"), NAME("ftruncate")),                              \
		CALLS(CONNECT, NAME("connect")), CALLS(BIND, NAME("bind")),                        \
		CALLS(LISTEN, NAME("listen")), CALLS(ACCEPT, NAME("accept"), NAME("accept4")),     \
		CALLS(SEND, NAME("sendto"), NAME("sendmsg"), NAME("sendmmsg")),                    \
		CALLS(DO_MOUNT, NAME("mount")), CALLS(UMOUNT, NAME("umount2"), NAME("umount")),    \
		CALLS(MOVE_MOUNT, NAME("move_mount")), CALLS(OPEN_TREE, NAME("open_tree")),        \
		CALLS(FSMOUNT, NAME("fsmount")), CALLS(FSCONFIG, NAME("fsconfig")),                \
		CALLS(MOUNT_SETATTR, NAME("mount_setattr")),                                       \
		CALLS(PIVOT_ROOT, NAME("pivot_root")), CALLS(CHROOT, NAME("chroot")),              \
		CALLS(SETUID, NAME("setuid"), NAME("setreuid"), NAME("setresuid"),                 \
		      NAME("setfsuid")),                                                           \
		CALLS(SETGID, NAME("setgid"), NAME("setregid"), NAME("setresgid"),                 \
		      NAME("setfsgid"), NAME("setgroups")),                                        \
		CALLS(CAPSET, NAME("capset")),                                                     \
		CALLS(PTRACE, NAME("ptrace"), NAME("process_vm_readv"), NAME("process_vm_writev"), \
		      NAME("pidfd_getfd")),                                                        \
		CALLS(KILL, NAME("kill"), NAME("tkill"), NAME("tgkill"), NAME("rt_sigqueueinfo"),  \
		      NAME("rt_tgsigqueueinfo"), NAME("pidfd_send_signal")),                       \
		CALLS(SETNS, NAME("setns")), CALLS(UNSHARE, NAME("unshare")),                      \
		CALLS(USERNS, NAME("userns_create")),                                              \
		CALLS(KEYCTL, NAME("keyctl"), NAME("add_key"), NAME("request_key")),               \
		CALLS(PRCTL, NAME("prctl")), CALLS(SECCOMP, NAME("seccomp")),                      \
		CALLS(MODULE, NAME("finit_module"), NAME("init_module")),                          \
		CALLS(KEXEC, NAME("kexec_load"), NAME("kexec_file_load")),                         \
		CALLS(BPF, NAME("bpf")), CALLS(PERF_EVENT, NAME("perf_event_open")),               \
		CALLS(IO_URING, NAME("io_uring_setup")), CALLS(USERFAULTFD, NAME("userfaultfd")),  \
		CALLS(MEMFD, NAME("memfd_create")), CALLS(MMAP, NAME("mmap"), NAME("mmap2")),      \
		CALLS(MPROTECT, NAME("mprotect"), NAME("pkey_mprotect")),                          \
		CALLS(DUP, NAME("dup"), NAME("dup2"), NAME("dup3"), NAME("fcntl")),                \
		CALLS(PERSONALITY, NAME("personality")), CALLS(SYSLOG, NAME("syslog")),            \
		CALLS(SETXATTR, NAME("setxattr"), NAME("lsetxattr"), NAME("fsetxattr"),            \
		      NAME("setxattrat")),                                                         \
		CALLS(REMOVEXATTR, NAME("removexattr"), NAME("lremovexattr"),                      \
		      NAME("fremovexattr"), NAME("removexattrat")),                                \
		CALLS(SETTIME, NAME("clock_settime"), NAME("settimeofday"), NAME("stime"),         \
		      NAME("adjtimex"), NAME("clock_adjtime")),                                    \
		CALLS(DELETE_MODULE, NAME("delete_module")), CALLS(SET_NAME, NAME("prctl")),       \
		CALLS(IOCTL, NAME("ioctl")), CALLS(SYSINFO, NAME("sysinfo")),                      \
		CALLS(SOCKET, NAME("socket")), CALLS(REQUEST_MODULE, NAME("request_module"))

#define CALL_KINDS (ALL_KINDS & ~EXIT)

#define ONE_EVENT "an event of ours is a whole call: its beginning and its end are not told apart"
#define NO_COUNTERS "Picket keeps no such statistics"
#define NO_DATA "contents that are read and written are not looked at"
#define NO_PLUGINS "there are no plugins"

static const struct pk_field fields[] = {
	HAS("evt.num", UINT, NONE, EVENT, ALL_KINDS, EVT_NUM,
	    FROM(S_RANGE(ALL_KINDS, 1, INT64_MAX)),
	    "number of the event among those that were judged in user space, from 1"),
	HAS("evt.time", TEXT, NONE, EVENT, ALL_KINDS, EVT_TIME, USER,
	    "local time of day, with nanoseconds"),
	HAS("evt.time.s", TEXT, NONE, EVENT, ALL_KINDS, EVT_TIME_S, USER, "local time of day"),
	HAS("evt.time.iso8601", TEXT, NONE, EVENT, ALL_KINDS, EVT_TIME_ISO8601, USER,
	    "time as ISO 8601 writes it, in UTC, with nanoseconds"),
	HAS("evt.datetime", TEXT, NONE, EVENT, ALL_KINDS, EVT_DATETIME, USER,
	    "local date and time, with nanoseconds"),
	HAS("evt.datetime.s", TEXT, NONE, EVENT, ALL_KINDS, EVT_DATETIME_S, USER,
	    "local date and time"),
	HAS("evt.rawtime", TIME, NONE, EVENT, ALL_KINDS, EVT_RAWTIME, USER,
	    "nanoseconds since 1970"),
	HAS("evt.rawtime.s", TIME, NONE, EVENT, ALL_KINDS, EVT_RAWTIME_S, USER,
	    "whole seconds since 1970"),
	HAS("evt.rawtime.ns", TIME, NONE, EVENT, ALL_KINDS, EVT_RAWTIME_NS, USER,
	    "nanoseconds behind the whole second"),
	HAS("evt.reltime", TIME, NONE, EVENT, ALL_KINDS, EVT_RELTIME, USER,
	    "nanoseconds since the first event"),
	HAS("evt.reltime.s", TIME, NONE, EVENT, ALL_KINDS, EVT_RELTIME_S, USER,
	    "whole seconds since the first event"),
	HAS("evt.reltime.ns", TIME, NONE, EVENT, ALL_KINDS, EVT_RELTIME_NS, USER,
	    "nanoseconds behind the whole second since the first event"),
	HAS("evt.type", TEXT, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(CALLS_OF_OPERATIONS, CALLS(EXIT, NAME("procexit"))),
	    "what was done, by the name of any system call that does it: openat is true of creat too"),
	HAS("evt.dir", TEXT, NONE, EVENT, ALL_KINDS, BY_SOURCE, FROM(S_CONST(ALL_KINDS, "<")),
	    "always `<`, the end of a call"),
	HAS("evt.category", TEXT, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_CONST(PROCESS_KINDS, "process"), S_CONST(FILE_KINDS | ATTRIBUTE_KINDS, "file"),
		 S_CONST(SEND, "IO"), S_CONST(NET_KINDS, "net"), S_CONST(CHROOT, "process"),
		 S_CONST(MOUNT_KINDS, "file"), S_CONST(SETUID | SETGID, "user"),
		 S_CONST(KILL, "signal"), S_CONST(SECCOMP | KEYCTL, "other"),
		 S_CONST(PRIVILEGE_KINDS, "process"), S_CONST(MEMORY_KINDS | MEMFD, "memory"),
		 S_CONST(KERNEL_KINDS, "other")),
	    "process, file, net; IO for datagrams that are sent; mounts are file, chroot is process; "
	    "of privileges user, signal, process, other; of memory memory; of the kernel other"),
	HAS("evt.source", TEXT, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_CONST(ALL_KINDS, "syscall")), "always syscall"),
	HAS("evt.res", TEXT, NONE, EVENT, CALL_KINDS, BY_SOURCE,
	    FROM(S_CONST(CALL_KINDS, "SUCCESS")), "always SUCCESS"),
	HAS("evt.rawres", INT, NONE, EVENT, CALL_KINDS, BY_SOURCE,
	    FROM(S_NUM(DUP, ARG0), S_RANGE(FD_KINDS, 0, INT32_MAX), S_RANGE(FORK, 1, INT32_MAX),
		 S_RANGE(SEND | PRCTL | KEYCTL | PTRACE | SECCOMP | BPF | MMAP | SETTIME, 0,
			 INT64_MAX),
		 S_RANGE(CALL_KINDS, 0, 0)),
	    "what the call returned: 0, or known to be 0 or more; dup: the new descriptor"),
	HAS("evt.failed", BOOL, NONE, EVENT, CALL_KINDS, BY_SOURCE,
	    FROM(S_CONST(CALL_KINDS, "false")), "always false"),
	HAS("evt.args", TEXT, NONE, EVENT, ALL_KINDS, EVT_ARGS, USER,
	    "the event's own facts as name=value, blanks between"),
	HAS("evt.info", TEXT, NONE, EVENT, ALL_KINDS, EVT_INFO, USER, "evt.args"),
	HAS("evt.hostname", TEXT, NONE, EVENT, ALL_KINDS, EVT_HOSTNAME, USER,
	    "name of the host when Picket began"),
	HAS("evt.is_open_read", BOOL, NONE, EVENT, OPEN, BY_SOURCE,
	    FROM(S_BOOL(OPEN, FLAGS, 3, pk_symbols_reading)), "opened to be read"),
	HAS("evt.is_open_write", BOOL, NONE, EVENT, OPEN, BY_SOURCE,
	    FROM(S_BOOL(OPEN, FLAGS, 3, pk_symbols_writing)), "opened to be written"),
	HAS("evt.is_open_create", BOOL, NONE, EVENT, OPEN, BY_SOURCE,
	    FROM(S_BOOL(OPEN, FILE_FLAGS, PK_FILE_CREATED, NULL)), "the open created the file"),
	HAS("evt.is_open_exec", BOOL, NONE, EVENT, OPEN, EVT_IS_OPEN_EXEC, USER,
	    "the open created the file, and somebody may execute it"),
	HAS("evt.is_io", BOOL, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_CONST(SEND, "true"), S_CONST(ALL_KINDS, "false")), "datagrams that are sent"),
	HAS("evt.is_io_read", BOOL, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_CONST(ALL_KINDS, "false")), "always false: reads are not seen"),
	HAS("evt.is_io_write", BOOL, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_CONST(SEND, "true"), S_CONST(ALL_KINDS, "false")),
	    "datagrams that are sent; other writes are not seen"),
	HAS("evt.io_dir", TEXT, NONE, EVENT, SEND, BY_SOURCE, FROM(S_CONST(SEND, "write")),
	    "always write"),
	HAS("evt.is_wait", BOOL, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_CONST(ALL_KINDS, "false")), "always false"),
	HAS("evt.is_syslog", BOOL, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_CONST(ALL_KINDS, "false")), "always false: writes are not seen"),
	HAS("evt.is_async", BOOL, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_CONST(ALL_KINDS, "false")), "always false"),
	HAS("evt.count", UINT, NONE, EVENT, ALL_KINDS, BY_SOURCE, FROM(S_RANGE(ALL_KINDS, 1, 1)),
	    "always 1"),
	HAS("evt.count.exit", UINT, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_RANGE(ALL_KINDS, 1, 1)), "always 1"),
	HAS("evt.count.error", UINT, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_RANGE(ALL_KINDS, 0, 0)), "always 0"),
	HAS("evt.count.error.file", UINT, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_RANGE(ALL_KINDS, 0, 0)), "always 0"),
	HAS("evt.count.error.net", UINT, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_RANGE(ALL_KINDS, 0, 0)), "always 0"),
	HAS("evt.count.error.memory", UINT, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_RANGE(ALL_KINDS, 0, 0)), "always 0"),
	HAS("evt.count.error.other", UINT, NONE, EVENT, ALL_KINDS, BY_SOURCE,
	    FROM(S_RANGE(ALL_KINDS, 0, 0)), "always 0"),
	NOT("evt.type.is", UINT, KEY, "compare evt.type instead", "1 for one kind of event"),
	NOT("evt.cpu", INT, NONE, "not part of an event", "processor that it happened on"),
	NOT("evt.arg", TEXT, KEY, "none of the operations that are seen has this argument",
	    "argument of the call, by name or number; see evt.arg.*"),
	NOT("evt.rawarg", INT, KEY, "compare evt.arg.* instead",
	    "argument of the call as a number"),
	NOT("evt.abspath", TEXT, KEY, "fs.path.* and fd.name are absolute already",
	    "absolute path of an argument"),
	NOT("evt.buffer", TEXT, NONE, NO_DATA, "data that was read or written"),
	NOT("evt.buflen", UINT, NONE, NO_DATA, "length of that data"),
	NOT("evt.buflen.in", UINT, NONE, NO_DATA, "length of data that was read"),
	NOT("evt.buflen.out", UINT, NONE, NO_DATA, "length of data that was written"),
	NOT("evt.buflen.file", UINT, NONE, NO_DATA, "the same for files"),
	NOT("evt.buflen.file.in", UINT, NONE, NO_DATA, "the same for files, read"),
	NOT("evt.buflen.file.out", UINT, NONE, NO_DATA, "the same for files, written"),
	NOT("evt.buflen.net", UINT, NONE, NO_DATA, "the same for sockets"),
	NOT("evt.buflen.net.in", UINT, NONE, NO_DATA, "the same for sockets, read"),
	NOT("evt.buflen.net.out", UINT, NONE, NO_DATA, "the same for sockets, written"),
	NOT("evt.latency", TIME, NONE, ONE_EVENT, "how long the call took"),
	NOT("evt.latency.s", TIME, NONE, ONE_EVENT, "the same, whole seconds"),
	NOT("evt.latency.ns", TIME, NONE, ONE_EVENT, "the same, nanoseconds behind them"),
	NOT("evt.latency.quantized", UINT, NONE, ONE_EVENT, "the same on a coarse scale"),
	NOT("evt.latency.human", TEXT, NONE, ONE_EVENT, "the same to be read"),
	NOT("evt.wait_latency", TIME, NONE, ONE_EVENT, "how long a waiting call waited"),
	NOT("evt.deltatime", TIME, NONE, NO_COUNTERS, "time since the event before"),
	NOT("evt.deltatime.s", TIME, NONE, NO_COUNTERS, "the same, whole seconds"),
	NOT("evt.deltatime.ns", TIME, NONE, NO_COUNTERS, "the same, nanoseconds behind them"),
	NOT("evt.outputtime", TEXT, NONE, "only Falco's other tools have it", "time as printed"),
	NOT("evt.count.procinfo", UINT, NONE, NO_COUNTERS, "1 for statistics of processes"),
	NOT("evt.count.threadinfo", UINT, NONE, NO_COUNTERS, "1 for statistics of threads"),
	NOT("evt.pluginname", TEXT, NONE, NO_PLUGINS, "plugin that gave the event"),
	NOT("evt.plugininfo", TEXT, NONE, NO_PLUGINS, "the plugin's summary of the event"),
	NOT("evt.asynctype", TEXT, NONE, NO_PLUGINS, "type of an event out of order"),
	NOT("evt.infra.docker.name", TEXT, NONE, "Docker's own events are not read",
	    "what Docker did"),
	NOT("evt.infra.docker.container.id", TEXT, NONE, "Docker's own events are not read",
	    "to which container"),
	NOT("evt.infra.docker.container.name", TEXT, NONE, "Docker's own events are not read",
	    "its name"),
	NOT("evt.infra.docker.container.image", TEXT, NONE, "Docker's own events are not read",
	    "its image"),
	HAS("syscall.type", TEXT, NONE, EVENT, CALL_KINDS, BY_SOURCE, FROM(CALLS_OF_OPERATIONS),
	    "evt.type of system calls"),
	NOT("util.cnt", UINT, NONE, NO_COUNTERS, "a number that grows"),
};

const struct pk_field_table pk_fields_evt = { fields, PK_ARRAY_SIZE(fields) };
